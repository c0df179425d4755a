package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/terms"
)

// Whoever searches may go away at any moment, as every letter that is typed makes the search before pointless; and a home
// may be closed while it puts things into the index. The connections are as good as before.
func TestConnectionsOutliveSearchesThatAreGivenUp(t *testing.T) {
	db := openTest(t)
	room := newRoom(t)
	ada := room.author()
	dice := rand.New(rand.NewPCG(3, 4))
	for n := range 12 {
		var items []content.Item
		for range 200 {
			items = append(items, content.Post{Text: fmt.Sprintf("lake %d word%d", dice.IntN(2000), dice.IntN(50)) + strings.Repeat(" more", n%3)})
		}
		put(t, db, ada.write(items...))
	}
	checkIndex(t, db)
	q := terms.Parse("lake more wor")
	given := 0
	for n := range 400 {
		ctx, cancel := context.WithCancel(t.Context())
		after := time.Duration(dice.IntN(1500)) * time.Microsecond
		timer := time.AfterFunc(after, cancel)
		_, err := db.Search(ctx, Search{Kind: content.KindPost, Words: q.Words(), Limit: 500})
		timer.Stop()
		cancel()
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("search %d, given up after %v: %v", n, after, err)
			}
			given++
		}
	}
	for n := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		w := ada.write(content.Post{Text: fmt.Sprint("another lake ", n)})
		put(t, db, w)
		timer := time.AfterFunc(time.Duration(dice.IntN(900))*time.Microsecond, cancel)
		err := db.update(ctx, func(tx *Tx) error {
			if err := tx.index(db.next - 1); err != nil {
				return err
			}
			_, _, err := tx.Erase(room.id, ada.head.Log.ID(), uint64(1+dice.IntN(2400)))
			return err
		})
		timer.Stop()
		cancel()
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("write %d: %v", n, err)
			}
			given++
		}
	}
	t.Log(given, "given up")
	for range readers {
		c := <-db.reading
		defer func() { db.reading <- c }()
		if err := c.run("SELECT count(*) FROM items"); err != nil {
			t.Error(err)
		}
	}
	update(t, db, func(ingest.Tx) error { return nil })
}
