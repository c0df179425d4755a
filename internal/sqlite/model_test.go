package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
)

// fact is an item as a plain reading has it.
type fact struct {
	Item
	lamport uint64
	order   int64
}

func (f *fact) newer(other *fact) bool {
	return cmp.Or(cmp.Compare(f.lamport, other.lamport), bytes.Compare(f.ID[:], other.ID[:])) > 0
}

// world is everything that was written, and what became of it.
type world struct {
	rooms   []*room
	authors []*author // by person, then room
	facts   []*fact
	erased  map[oplog.EntryID]bool
	here    map[blob.Ref]bool
}

const people = 3

// writeWorld lets three people write into two rooms: comments and reactions also to what is in the other room, with
// clocks that jump, and some erases.
func writeWorld(t *rapid.T) (w *world, runs []written, erases []*fact) {
	w = &world{erased: make(map[oplog.EntryID]bool), here: make(map[blob.Ref]bool)}
	for range 2 {
		w.rooms = append(w.rooms, newRoom(noTest{}))
	}
	for range people {
		first := w.rooms[0].author()
		second := *first
		second.room = w.rooms[1]
		w.authors = append(w.authors, first, (&second).newLog(oplog.Content))
	}
	// Not drawn by rapid: their order decides ties, which nothing here depends on.
	for range rapid.IntRange(1, 14).Draw(t, "runs") {
		a := w.authors[rapid.IntRange(0, len(w.authors)-1).Draw(t, "author")]
		a.clock = testTime.Add(time.Duration(rapid.IntRange(-5, 3).Draw(t, "clock")) * time.Hour)
		items := make([]content.Item, rapid.IntRange(1, 3).Draw(t, "items"))
		for i := range items {
			items[i] = w.draw(t)
		}
		run := a.write(items...)
		runs = append(runs, run)
		for i := range run.entries {
			e := &run.entries[i]
			h := e.Header()
			w.facts = append(w.facts, &fact{Item: Item{
				ID: e.ID(), Log: h.Log, In: e.Log(), Seq: h.Seq, Space: a.id, Author: a.person, Content: items[i], Received: testTime,
			}, lamport: h.Lamport, order: order(h.Time, testTime.Unix(), h.Lamport)})
			w.facts[len(w.facts)-1].At = time.Unix(min(h.Time, testTime.Unix()), 0)
		}
	}
	for _, f := range w.facts {
		if rapid.IntRange(0, 5).Draw(t, "erase") == 0 {
			erases = append(erases, f)
			w.erased[f.ID] = true
		}
	}
	return w, runs, erases
}

func (w *world) draw(t *rapid.T) content.Item {
	target := oplog.EntryID{1} // of an entry that never comes
	if n := len(w.facts); n > 0 && rapid.IntRange(0, 9).Draw(t, "stray") > 0 {
		target = w.facts[rapid.IntRange(0, n-1).Draw(t, "target")].ID
	}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return content.Card{Name: rapid.SampledFrom([]string{"Ada", "Bob"}).Draw(t, "name"), About: rapid.SampledFrom([]string{"", "about"}).Draw(t, "about")}
	case 1:
		post := content.Post{Text: "some text"}
		for range rapid.IntRange(0, 2).Draw(t, "photos") {
			post.Photos = append(post.Photos, photo(rapid.Uint64Range(0, 3).Draw(t, "photo")))
		}
		return post
	case 2:
		return content.Comment{Post: target, Text: "a comment"}
	default:
		return content.Reaction{Target: target, Emoji: rapid.SampledFrom([]string{"", "👍", "🎉"}).Draw(t, "emoji")}
	}
}

// The read models are those of a plain reading of everything that was written, in whatever order it arrives, in
// whatever transactions, locked at first or not, projected twice, erased before or after.
func TestReadModelsDoNotDependOnTheOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, runs, erases := writeWorld(t)
		db := openRapid(t, filepath.Join(tempDir(t), "kith.db"))
		// What is to happen, as steps that can come in any order.
		var steps []func(tx ingest.Tx) error
		for _, run := range runs {
			if rapid.IntRange(0, 3).Draw(t, "locked") > 0 {
				steps = append(steps, run.put)
				continue
			}
			steps = append(steps, func(tx ingest.Tx) error {
				return tx.Append(run.author, run.entries, true)
			})
		}
		for _, f := range erases {
			steps = append(steps, func(tx ingest.Tx) error {
				_, _, err := tx.Erase(f.Space, f.Log, f.Seq)
				return err
			})
		}
		for _, f := range w.facts {
			if rapid.IntRange(0, 5).Draw(t, "meddle") == 0 {
				steps = append(steps, func(tx ingest.Tx) error {
					for _, room := range w.rooms {
						if room.id == f.Space {
							continue // a member of the other room has no say in this one
						}
						if _, held, err := tx.Erase(room.id, f.Log, f.Seq); held || err != nil {
							t.Errorf("Erase from another space = %v, %v", held, err)
						}
					}
					return nil
				})
			}
		}
		for n := range uint64(4) {
			for class := uint64(1); class <= 2; class++ {
				if rapid.Bool().Draw(t, "here") {
					ref := testRef(n, class)
					w.here[ref] = true
					steps = append(steps, func(tx ingest.Tx) error { return tx.(*Tx).MarkBlob(ref, true) })
				}
			}
		}
		steps = rapid.Permutation(steps).Draw(t, "order")
		for len(steps) > 0 {
			n := rapid.IntRange(1, len(steps)).Draw(t, "transaction")
			batch(t, db, steps[:n]...)
			steps = steps[n:]
		}
		items := make(map[oplog.EntryID]content.Item)
		for _, f := range w.facts {
			items[f.ID] = f.Content
		}
		batch(t, db, func(tx ingest.Tx) error {
			for _, room := range w.rooms {
				waiting, err := tx.Unlock(room.id, room.epoch.ID(), 1000)
				if err != nil {
					return err
				}
				for i := range waiting {
					e := &waiting[i].Entry
					if w.erased[e.ID()] {
						t.Error("an erased entry was still locked")
					}
					if err := tx.Project(ingest.Item{Entry: e, Author: waiting[i].Author, Content: items[e.ID()]}); err != nil {
						return err
					}
				}
			}
			// Again, all of it: nothing changes, and what was erased stays erased.
			for _, run := range runs {
				for i := range run.items {
					if err := tx.Project(ingest.Item{Entry: &run.entries[i], Author: run.author, Content: run.items[i]}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		w.check(t, db)
		if err := db.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func batch(t *rapid.T, db *DB, steps ...func(ingest.Tx) error) {
	err := db.Update(context.Background(), func(tx ingest.Tx) error {
		for _, step := range steps {
			if err := step(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
