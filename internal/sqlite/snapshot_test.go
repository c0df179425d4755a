package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"kith/internal/content"
)

// A copy that is made while somebody writes is one moment: every log in it is whole up to its head.
func TestSnapshotWhileWriting(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() {
		for ctx.Err() == nil {
			put(t, db, ada.write(content.Post{Text: "text"}))
		}
	})
	for i := range 3 {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := db.Snapshot(t.Context(), path, map[string]string{"mark": "copied"}); err != nil {
			t.Fatal(err)
		}
		copied := openAt(t, path)
		if err := copied.Check(t.Context()); err != nil {
			t.Errorf("copy %d: %v", i, err)
		}
		if value, err := copied.Meta(t.Context(), "mark"); err != nil || value != "copied" {
			t.Errorf("the mark is %q, %v", value, err)
		}
	}
	stop()
	wait.Wait()
	if value, err := db.Meta(t.Context(), "mark"); err != nil || value != "" {
		t.Errorf("the original has the mark %q, %v", value, err)
	}
}

func TestSnapshotLeavesOutSessionsAndWhatWasErased(t *testing.T) {
	db := openTest(t)
	secret := sha256.Sum256([]byte("a browser"))
	if err := db.SaveAccessSession(t.Context(), secret, "a browser of old", "", time.Now(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := db.Put(t.Context(), "notes", "one", "a word that was deleted"); err != nil {
		t.Fatal(err)
	}
	if err := db.Delete(t.Context(), "notes", "one"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Snapshot(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range [][]byte{secret[:], []byte("a browser of old"), []byte("a word that was deleted")} {
		if bytes.Contains(raw, gone) {
			t.Errorf("the copy holds %q", gone)
		}
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != fileMode {
		t.Errorf("the copy: %v, %v", info.Mode(), err)
	}
	if names, err := os.ReadDir(filepath.Dir(path)); err != nil || len(names) != 1 {
		t.Errorf("beside the copy: %v, %v", names, err)
	}
	n := 0
	err = db.AccessSessions(t.Context(), func([sha256.Size]byte, string, string, time.Time, time.Time) error { n++; return nil })
	if err != nil || n != 1 {
		t.Errorf("the original has %d sessions, %v", n, err)
	}
}

func TestSnapshotThatFailsLeavesNothing(t *testing.T) {
	db := openTest(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Snapshot(ctx, path, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Snapshot(t.Context(), path, nil); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file is %q now, %v", text, err)
	}
}
