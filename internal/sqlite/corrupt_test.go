package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
)

// A bit that the disk flips in a stored entry is noticed when the entry is read or served, and never passed on.
func TestFlippedBitsAreNotServed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada := space.author()
	var runs []written
	for n := range 200 {
		runs = append(runs, ada.write(content.Post{Text: fmt.Sprintf("post number %d", n)}, content.Post{Text: "another"}))
	}
	put(t, db, runs...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[uint64]oplog.Verified)
	for _, w := range runs {
		for _, e := range w.entries {
			want[e.Seq()] = e
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	noticed := 0
	for range rounds {
		damaged := bytes.Clone(whole)
		// Within a header, a payload or the ID of some entry.
		e := want[1+random.Uint64N(uint64(len(want)))]
		where := bytes.Index(damaged, e.Raw().Header)
		length := len(e.Raw().Header)
		if random.IntN(2) == 0 {
			where, length = bytes.Index(damaged, e.Payload()), len(e.Payload())
		}
		if where < 0 {
			t.Fatal("an entry is not in the file as it is")
		}
		damaged[where+random.IntN(length)] ^= 1 << random.IntN(8)
		copied := filepath.Join(dir, "damaged.db")
		if err := os.WriteFile(copied, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(t.Context(), copied, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Check(t.Context()); !errors.Is(err, ErrCorrupt) {
			t.Errorf("Check = %v, want ErrCorrupt", err)
		}
		err = db.View(context.Background(), func(r ingest.Reader) error {
			for seq := range uint64(len(want)) {
				got, found, err := r.Entry(ada.head.Log.ID(), seq+1)
				if err != nil {
					if !errors.Is(err, ErrCorrupt) || seq+1 != e.Seq() {
						t.Errorf("entry %d, while %d is damaged: %v", seq+1, e.Seq(), err)
					}
					noticed++
				} else if !found || !sameEntry(got, want[seq+1]) {
					t.Errorf("entry %d is not as it was", seq+1)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		served, err := db.Runs(t.Context(), ada.head.Log.ID(), oplog.Range{First: 1, Last: e.Seq()}, 1<<20)
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%d runs served, %v; want ErrCorrupt", len(served), err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if noticed != rounds {
		t.Errorf("%d of %d damaged entries were noticed", noticed, rounds)
	}
}

// A page of rubbish anywhere is an error or goes unused, and never a crash.
func TestRubbishPages(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada := space.author()
	for n := range 100 {
		put(t, db, ada.write(content.Post{Text: "text", Photos: []content.Photo{photo(uint64(n))}}, content.Card{Name: "Ada"}, content.Reaction{Target: oplog.EntryID{1}, Emoji: "👍"}))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	const page = 4096
	for at := 0; at+page <= len(whole); at += page {
		damaged := bytes.Clone(whole)
		for i := range page / 8 {
			damaged[at+random.IntN(page)] = byte(random.Uint32() >> (i % 24))
		}
		copied := filepath.Join(dir, "damaged.db")
		os.Remove(copied + "-wal")
		if err := os.WriteFile(copied, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(t.Context(), copied, Options{Check: at%(2*page) == 0})
		if err != nil {
			continue
		}
		ctx := t.Context()
		db.Feed(ctx, FeedQuery{Limit: 1000})
		db.WantedBlobs(ctx, 1000)
		db.Logs(ctx, space.id)
		db.Runs(ctx, ada.head.Log.ID(), oplog.Range{First: 1, Last: 1000}, 1<<20)
		db.Reactions(ctx, []oplog.EntryID{{1}})
		db.Update(ctx, func(tx ingest.Tx) error {
			_, err := tx.Truncate(space.id, ada.head.Log.ID(), 50)
			return err
		})
		db.Close()
	}
}
