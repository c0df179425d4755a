package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestBatch(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	const n = maxOpenFiles + 10
	var sealed []Sealed
	b := s.NewBatch()
	for i := range n {
		plain := []byte(fmt.Sprintf("photo %d", i))
		one, err := b.Seal(ctx, bytes.NewReader(plain), int64(len(plain)))
		if err != nil {
			t.Fatal(err)
		}
		sealed = append(sealed, one)
		if whole, _ := s.Whole(one.Manifest.Ref()); whole {
			t.Fatal("whole before Commit")
		}
	}
	if err := b.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	for i, one := range sealed {
		mustRead(t, s, one, []byte(fmt.Sprintf("photo %d", i)))
	}
	if got := files(t, dir); len(got) != n {
		t.Errorf("%d files for %d blobs", len(got), n)
	}
	if err := b.Discard(); err != nil {
		t.Errorf("discard after commit: %v", err)
	}
	if _, err := b.Seal(ctx, bytes.NewReader(nil), 0); !errors.Is(err, ErrClosed) {
		t.Errorf("seal after commit: %v", err)
	}
	if err := errors.Join(b.Commit(ctx)); !errors.Is(err, ErrClosed) {
		t.Errorf("second commit: %v", err)
	}
	if err := b.Finish(sealed[0].Manifest.Ref()); !errors.Is(err, ErrClosed) {
		t.Errorf("finish after commit: %v", err)
	}
	mustRead(t, s, sealed[0], []byte("photo 0"))
}

func TestBatchDiscardAndFailuresLeaveNothing(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	b := s.NewBatch()
	for range 3 {
		if _, err := b.Seal(ctx, bytes.NewReader(make([]byte, 100_000)), 100_000); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Seal(ctx, bytes.NewReader(nil), 5); !errors.Is(err, ErrLength) {
		t.Fatalf("short source: %v", err)
	}
	if _, err := b.Seal(ctx, bytes.NewReader(nil), MaxFileSize+1); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("huge file: %v", err)
	}
	if err := b.Discard(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left after Discard: %v", got)
	}
	c := s.NewBatch()
	if _, err := c.Seal(ctx, bytes.NewReader(make([]byte, 10)), 10); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.Commit(ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("commit with an ended context: %v", err)
	}
	if _, err := s.Seal(ended, bytes.NewReader(make([]byte, 10)), 10); !errors.Is(err, context.Canceled) {
		t.Fatalf("seal with an ended context: %v", err)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left after a failed commit: %v", got)
	}
}

// A commit that can't place its files (here the folder's name is taken by a file) takes back what it placed.
func TestBatchCommitFailsHalfway(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := openStore(t, dir)
	b := s.NewBatch()
	shards := make(map[string]bool)
	var last string
	for len(shards) < 3 {
		one, err := b.Seal(ctx, bytes.NewReader(make([]byte, 10)), 10)
		if err != nil {
			t.Fatal(err)
		}
		last = shardOf(one.Manifest.Ref())
		shards[last] = true
	}
	if err := os.WriteFile(filepath.Join(dir, last), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(ctx); err == nil {
		t.Fatal("commit succeeded without a folder")
	}
	if got := files(t, dir); len(got) != 1 || got[0] != last {
		t.Errorf("left after a failed commit: %v", got)
	}
}
