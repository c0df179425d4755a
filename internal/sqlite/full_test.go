package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
)

// limitPages lets the database grow by so many pages and no more, as a full disk would; negative takes the limit
// away.
func limitPages(t *testing.T, db *DB, more int64) {
	t.Helper()
	c := <-db.writing
	defer func() { db.writing <- c }()
	pages, err := c.integer("PRAGMA page_count")
	if err != nil {
		t.Fatal(err)
	}
	if more < 0 {
		more = 1 << 30
	}
	if err := c.run(fmt.Sprintf("PRAGMA max_page_count = %d", pages+more)); err != nil {
		t.Fatal(err)
	}
}

// Wherever in a write the disk is full, the error says so, nothing of the write is there, nothing else is damaged,
// and the same write goes through when there is room again.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada := space.author()
	before := ada.write(content.Post{Text: "before"})
	put(t, db, before)
	var runs []written
	for n := range 12 {
		runs = append(runs, ada.write(content.Post{Text: fmt.Sprintf("%1000d", n), Photos: []content.Photo{photo(uint64(n))}}, content.Card{Name: "Ada"}))
	}
	write := func() error {
		return db.Update(context.Background(), func(tx ingest.Tx) error {
			for _, w := range runs {
				if err := w.put(tx); err != nil {
					return err
				}
			}
			return tx.PutRecord("large", "one", make([]byte, 10_000))
		})
	}
	full := 0
	for room := int64(0); ; room++ {
		limitPages(t, db, room)
		err := write()
		if err == nil {
			break
		}
		full++
		if !errors.Is(err, ErrFull) {
			t.Fatalf("with room for %d pages: %v; want ErrFull", room, err)
		}
		if err := db.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		page, err := db.Feed(t.Context(), FeedQuery{Limit: 10})
		if err != nil || len(page.Posts) != 1 || page.Posts[0].ID != before.entries[0].ID() {
			t.Fatalf("the feed has %d posts, %v", len(page.Posts), err)
		}
		view(t, db, func(r ingest.Reader) error {
			record, _, err := r.Log(ada.head.Log.ID())
			if record.Head != before.entries[0].Head() {
				t.Fatalf("the log is at %d", record.Head.Seq)
			}
			return err
		})
	}
	if full < 10 {
		t.Errorf("the disk was full only %d times", full)
	}
	limitPages(t, db, -1)
	put(t, db, ada.write(content.Post{Text: "after"}))
	page, err := db.Feed(t.Context(), FeedQuery{Limit: 100})
	if err != nil || len(page.Posts) != 14 {
		t.Errorf("%d posts, %v", len(page.Posts), err)
	}
}
