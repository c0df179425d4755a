package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// A bit that the disk flips in a stored entry is noticed when the entry is read or served, and never passed on. The
// payload, or the entry, is missing from then on, until it is stored again.
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
		if served, err := db.Runs(t.Context(), ada.head.Log.ID(), oplog.Range{First: 1, Last: uint64(len(want))}, 1<<20); err != nil || servesOther(served, want) {
			t.Errorf("%d runs served, %v", len(served), err)
		}
		if lacks(t, db, space.id, e) {
			noticed++
		}
		heals(t, db, ada, e, want)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if noticed != rounds {
		t.Errorf("%d of %d damaged entries were noticed", noticed, rounds)
	}
}

// servesOther tells whether runs hold anything that was not written.
func servesOther(runs []oplog.Run, want map[uint64]oplog.Verified) bool {
	for _, run := range runs {
		for i, raw := range run.Entries {
			e := want[run.First+uint64(i)]
			if !bytes.Equal(raw.Header, e.Raw().Header) || raw.Payload != nil && !bytes.Equal(raw.Payload, e.Payload()) {
				return true
			}
		}
	}
	return false
}

// lacks tells whether the entry, or its payload, is known to be missing.
func lacks(t *testing.T, db *DB, space key.SpaceID, e oplog.Verified) bool {
	t.Helper()
	logs, err := db.Logs(t.Context(), space)
	if err != nil || len(logs) != 1 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	missing, err := db.MissingPayloads(t.Context(), 10, space)
	if err != nil {
		t.Fatal(err)
	}
	gap := !slices.ContainsFunc(logs[0].Held, func(r oplog.Range) bool { return r.First <= e.Seq() && e.Seq() <= r.Last })
	if !gap && len(missing) == 0 {
		return false
	}
	if gap && len(missing) > 0 || len(missing) > 0 && (len(missing) != 1 || missing[0].Range != oplog.Range{First: e.Seq(), Last: e.Seq()}) {
		t.Errorf("entry %d was damaged; missing is %v, held %v", e.Seq(), missing, logs[0].Held)
	}
	return true
}

// heals stores a damaged entry again, after which everything is as it was.
func heals(t *testing.T, db *DB, by *author, e oplog.Verified, want map[uint64]oplog.Verified) {
	t.Helper()
	update(t, db, func(tx ingest.Tx) error {
		record, _, err := tx.Log(e.Header().Log)
		if err != nil {
			return err
		}
		held := slices.ContainsFunc(record.Held, func(r oplog.Range) bool { return r.First <= e.Seq() && e.Seq() <= r.Last })
		if !held {
			err = tx.Append(by.person, []oplog.Verified{e}, false)
		} else {
			_, err = tx.Fill(e, false)
		}
		if err != nil {
			return err
		}
		text := "another"
		if e.Seq()%2 == 1 {
			text = fmt.Sprintf("post number %d", e.Seq()/2)
		}
		return tx.Project(ingest.Item{Entry: &e, Author: by.person, Content: content.Post{Text: text}})
	})
	if err := db.Check(t.Context()); err != nil {
		t.Errorf("after it was stored again: %v", err)
	}
	logs, err := db.Logs(t.Context(), by.id)
	if err != nil || len(logs) != 1 || logs[0].Head != by.head || len(logs[0].Held) != 1 {
		t.Errorf("the log is %+v, %v", logs, err)
	}
	page, err := db.Feed(t.Context(), FeedQuery{Limit: 2 * len(want)})
	if err != nil || len(page.Posts) != len(want) {
		t.Errorf("%d posts in the feed, %v", len(page.Posts), err)
	}
	served, err := db.Runs(t.Context(), e.Header().Log, oplog.Range{First: e.Seq(), Last: e.Seq()}, 1)
	if err != nil || len(served) != 1 || len(served[0].Entries) != 2 || servesOther(served, want) {
		t.Errorf("%d runs served, %v", len(served), err)
	}
	for i := range served[0].Entries {
		if served[0].Entries[i].Payload == nil {
			t.Error("a payload is still missing")
		}
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
