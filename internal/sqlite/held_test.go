package sqlite

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
)

// history is a log with its runs, all of it.
type history struct {
	*author
	entries []oplog.Verified // entries[i] is number i+1
	runs    []oplog.Range
}

// newHistory writes a log in runs of these lengths.
func newHistory(space *room, lengths ...int) *history {
	h := &history{author: space.author()}
	for _, n := range lengths {
		items := make([]content.Item, n)
		for i := range items {
			items[i] = content.Post{Text: "some text"}
		}
		first := uint64(len(h.entries) + 1)
		h.entries = append(h.entries, h.write(items...).entries...)
		h.runs = append(h.runs, oplog.Range{First: first, Last: uint64(len(h.entries))})
	}
	return h
}

// ranges writes a set of numbers as a sorted list of ranges that do not touch.
func ranges(set map[uint64]bool) []oplog.Range {
	var list []oplog.Range
	for _, seq := range slices.Sorted(maps.Keys(set)) {
		if n := len(list); n > 0 && list[n-1].Last+1 == seq {
			list[n-1].Last = seq
		} else {
			list = append(list, oplog.Range{First: seq, Last: seq})
		}
	}
	return list
}

var errRollback = errors.New("rolled back by the test")

// A log's record is that of a plain set, whatever pieces of it come in whatever order, roll back, or are cut off.
func TestHeldRangesAreExact(t *testing.T) {
	space := newRoom(t)
	logs := []*history{newHistory(space, 1, 3, 7, 2, 12, 1, 1, 4), newHistory(space, 1, 3, 5, 4, 2)} // heads with the same Lamport times
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(tempDir(t), "kith.db")
		db := openRapid(t, path)
		held := []map[uint64]bool{{}, {}}
		for range rapid.IntRange(1, 12).Draw(t, "transactions") {
			now := []map[uint64]bool{maps.Clone(held[0]), maps.Clone(held[1])}
			commit := rapid.IntRange(0, 3).Draw(t, "commit") > 0
			err := db.Update(context.Background(), func(tx ingest.Tx) error {
				for range rapid.IntRange(1, 4).Draw(t, "steps") {
					i := rapid.IntRange(0, 1).Draw(t, "log")
					if err := step(t, tx, logs[i], now[i]); err != nil {
						return err
					}
					checkRecord(t, tx, logs[i], now[i])
				}
				if !commit {
					return errRollback
				}
				return nil
			})
			if commit && err != nil || !commit && !errors.Is(err, errRollback) {
				t.Fatal(err)
			}
			if commit {
				held = now
			}
			if err := db.View(context.Background(), func(r ingest.Reader) error {
				for i := range logs {
					checkRecord(t, r, logs[i], held[i])
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
		checkPages(t, db, logs, held)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db = openRapid(t, path)
		if err := db.View(context.Background(), func(r ingest.Reader) error {
			for i := range logs {
				checkRecord(t, r, logs[i], held[i])
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// step appends a piece of the log that is not held, or cuts the log.
func step(t *rapid.T, tx ingest.Tx, h *history, held map[uint64]bool) error {
	last := uint64(len(h.entries))
	if rapid.IntRange(0, 6).Draw(t, "cut") == 0 {
		seq := rapid.Uint64Range(0, last).Draw(t, "keep")
		gone, err := tx.Truncate(h.id, h.head.Log.ID(), seq)
		if err != nil {
			return err
		}
		n := 0
		for at := range maps.Clone(held) {
			if at > seq {
				delete(held, at)
				n++
			}
		}
		if len(gone) != n {
			t.Fatalf("Truncate dropped %d entries, want %d", len(gone), n)
		}
		return nil
	}
	first := rapid.Uint64Range(1, last).Draw(t, "first")
	end := rapid.Uint64Range(first, min(first+8, last)).Draw(t, "last")
	for first <= end && held[first] {
		first++
	}
	stop := first
	for stop <= end && !held[stop] {
		held[stop] = true
		stop++
	}
	return tx.Append(h.person, h.entries[first-1:stop-1], false)
}

func checkRecord(t *rapid.T, r ingest.Reader, h *history, held map[uint64]bool) {
	record, found, err := r.Log(h.head.Log.ID())
	if err != nil {
		t.Fatal(err)
	}
	want := ranges(held)
	if !slices.Equal(record.Held, want) {
		t.Fatalf("held %v, want %v", record.Held, want)
	}
	for _, entry := range h.entries {
		got, here, err := r.Entry(h.head.Log.ID(), entry.Seq())
		if err != nil || here != held[entry.Seq()] || here && !sameEntry(got, entry) {
			t.Fatalf("Entry(%d) = %v, %v; want %v", entry.Seq(), here, err, held[entry.Seq()])
		}
		if _, _, here, err := r.Locate(entry.ID()); err != nil || here != held[entry.Seq()] {
			t.Fatalf("Locate(%d) = %v, %v; want %v", entry.Seq(), here, err, held[entry.Seq()])
		}
	}
	if !found {
		if len(want) > 0 {
			t.Fatal("the log is not known")
		}
		return
	}
	head := oplog.Head{Log: h.head.Log}
	if n := len(want); n > 0 {
		head = h.entries[want[n-1].Last-1].Head()
	}
	if record.Head != head || record.Author != h.person || record.Log != h.head.Log {
		t.Fatalf("the head is %v, want %v", record.Head, head)
	}
}

// What was cut off is not made part of a segment again by what comes after it.
func TestAppendBehindACut(t *testing.T) {
	db := openTest(t)
	h := newHistory(newRoom(t), 6)
	update(t, db, func(tx ingest.Tx) error { return tx.Append(h.person, h.entries[:2], false) })
	update(t, db, func(tx ingest.Tx) error {
		if _, err := tx.Truncate(h.id, h.head.Log.ID(), 1); err != nil {
			return err
		}
		return tx.Append(h.person, h.entries[2:], false)
	})
	view(t, db, func(r ingest.Reader) error {
		record, _, err := r.Log(h.head.Log.ID())
		if want := []oplog.Range{{First: 1, Last: 1}, {First: 3, Last: 6}}; err != nil || !slices.Equal(record.Held, want) {
			t.Errorf("held %v, %v; want %v", record.Held, err, want)
		}
		if _, found, err := r.Entry(h.head.Log.ID(), 2); found || err != nil {
			t.Errorf("the entry that was cut off: %v, %v", found, err)
		}
		return nil
	})
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// openRapid opens a database for one round of a property.
func openRapid(t *rapid.T, path string) *DB {
	db, err := Open(context.Background(), path, Options{Now: func() time.Time { return testTime }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// tempDir is a folder for one round of a property.
func tempDir(t *rapid.T) string {
	dir, err := os.MkdirTemp("", "kith-sqlite-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
