package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

func TestEraseTellsWhatItTook(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada, bob := space.author(), space.author()
	post := ada.write(content.Post{Text: "one", Photos: []content.Photo{photo(1), photo(2)}}, content.Post{Text: "two", Photos: []content.Photo{photo(2)}})
	comment := bob.write(content.Comment{Post: post.entries[0].ID(), Text: "a comment"})
	put(t, db, post, comment)
	erase := func(e oplog.Verified) (erased ingest.Erased, held bool) {
		t.Helper()
		update(t, db, func(tx ingest.Tx) (err error) {
			erased, held, err = tx.Erase(space.id, e.Header().Log, e.Seq())
			return err
		})
		return erased, held
	}
	got, held := erase(comment.entries[0])
	if want := (ingest.Erased{ID: comment.entries[0].ID(), Author: bob.person, Kind: content.KindComment, Parent: post.entries[0].ID()}); !held || !reflect.DeepEqual(got, want) {
		t.Errorf("Erase = %+v, %v; want %+v", got, held, want)
	}
	got, held = erase(post.entries[0])
	// Photo 2 is in the other post as well.
	want := ingest.Erased{ID: post.entries[0].ID(), Author: ada.person, Kind: content.KindPost, Refs: got.Refs}
	if refs := setOf(got.Refs); !held || !reflect.DeepEqual(got, want) ||
		!reflect.DeepEqual(refs, setOf([]blob.Ref{testRef(1, 1), testRef(1, 2), testRef(1, 3)})) {
		t.Errorf("Erase = %+v, %v", got, held)
	}
	got, held = erase(post.entries[0]) // again
	if want := (ingest.Erased{ID: post.entries[0].ID(), Author: ada.person}); !held || !reflect.DeepEqual(got, want) {
		t.Errorf("Erase = %+v, %v; want %+v", got, held, want)
	}
	later := bob.write(content.Comment{Post: post.entries[1].ID(), Text: "later"})
	if got, held := erase(later.entries[0]); held || !reflect.DeepEqual(got, ingest.Erased{}) {
		t.Errorf("Erase of what is not here = %+v, %v", got, held)
	}
	put(t, db, later)
	for _, gone := range []oplog.Verified{post.entries[0], comment.entries[0], later.entries[0]} {
		view(t, db, func(r ingest.Reader) error {
			e, found, err := r.Entry(gone.Header().Log, gone.Seq())
			if err != nil || !found || e.Payload() != nil || e.ID() != gone.ID() {
				t.Errorf("the erased entry is %v, %v, with a payload of %d bytes", found, err, len(e.Payload()))
			}
			return nil
		})
	}
}

func TestTheOneBeforeCountsAgain(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada, bob := space.author(), space.author()
	post := ada.write(content.Post{Text: "one"})
	id := post.entries[0].ID()
	bob.head.Lamport = 10
	runs := []written{post}
	for _, emoji := range []string{"👍", "🎉", "❤️"} {
		runs = append(runs, bob.write(content.Reaction{Target: id, Emoji: emoji}, content.Card{Name: emoji}))
	}
	put(t, db, runs[0], runs[2], runs[3], runs[1])
	check := func(want string) {
		t.Helper()
		reactions, err := db.Reactions(t.Context(), []oplog.EntryID{id})
		if list := reactions[id]; err != nil || want == "" != (len(list) == 0) || want != "" && list[0].Emoji != want {
			t.Errorf("reactions %v, %v; want %s", list, err, want)
		}
		card, _, err := db.CardIn(t.Context(), bob.person, space.id)
		if err != nil || card.Name != want {
			t.Errorf("card %v, %v; want %s", card, err, want)
		}
	}
	check("❤️")
	for _, step := range []struct {
		erase int
		want  string
	}{{3, "🎉"}, {1, "🎉"}, {2, ""}} {
		update(t, db, func(tx ingest.Tx) error {
			for _, e := range runs[step.erase].entries {
				if _, _, err := tx.Erase(space.id, e.Header().Log, e.Seq()); err != nil {
					return err
				}
			}
			return nil
		})
		check(step.want)
	}
}

func TestTruncateTakesBackWhatWasProjected(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	one := ada.write(content.Post{Text: "one"})
	two := ada.write(content.Post{Text: "two", Photos: []content.Photo{photo(1)}}, content.Card{Name: "Ada"}, content.Comment{Post: one.entries[0].ID(), Text: "x"})
	locked := ada.write(content.Post{Text: "locked"})
	put(t, db, one, two)
	update(t, db, func(tx ingest.Tx) error { return tx.Append(ada.person, locked.entries, true) })
	truncate := func(space key.SpaceID, log oplog.LogID, seq uint64) (gone []ingest.Erased) {
		t.Helper()
		update(t, db, func(tx ingest.Tx) (err error) {
			gone, err = tx.Truncate(space, log, seq)
			return err
		})
		return gone
	}
	log := ada.head.Log.ID()
	for name, gone := range map[string][]ingest.Erased{
		"an unknown log": truncate(space.id, oplog.LogID{1}, 0),
		"another space":  truncate(key.SpaceID{1}, log, 0),
		"nothing beyond": truncate(space.id, log, 5),
	} {
		if len(gone) > 0 {
			t.Errorf("%s: dropped %v", name, gone)
		}
	}
	gone := truncate(space.id, log, 1)
	if len(gone) != 4 || gone[0].Kind != content.KindPost || len(gone[0].Refs) != 3 || gone[1].Kind != content.KindCard ||
		gone[2].Parent != one.entries[0].ID() || gone[3].Kind != 0 || gone[3].ID != locked.entries[0].ID() {
		t.Errorf("Truncate = %+v", gone)
	}
	update(t, db, func(tx ingest.Tx) error {
		if list, err := tx.Unlock(space.id, space.epoch.ID(), 10); err != nil || len(list) > 0 {
			t.Errorf("Unlock = %v, %v", list, err)
		}
		return nil
	})
	page, err := db.Feed(t.Context(), FeedQuery{Limit: 10})
	if err != nil || len(page.Posts) != 1 || page.Posts[0].ID != one.entries[0].ID() {
		t.Errorf("feed %v, %v", page.Posts, err)
	}
	put(t, db, two) // they may come again
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Nothing of an erased post is on the disk afterwards, in none of the files.
func TestErasedTextIsGoneFromTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada := space.author()
	secret := func(n int) string { return fmt.Sprintf("canary %04d sings", n) }
	var runs []written
	for n := range 400 {
		// Some grow the rows that are there: entries that were locked at first.
		w := ada.write(content.Post{Text: fmt.Sprintf("%s %s", secret(n), bytes.Repeat([]byte("la "), n%90))})
		runs = append(runs, w)
		if n%3 > 0 {
			put(t, db, w)
			continue
		}
		update(t, db, func(tx ingest.Tx) error { return tx.Append(w.author, w.entries, true) })
	}
	update(t, db, func(tx ingest.Tx) error {
		waiting, err := tx.Unlock(space.id, space.epoch.ID(), 1000)
		for i := range waiting {
			if err == nil {
				e := &waiting[i].Entry
				err = tx.Project(ingest.Item{Entry: e, Author: ada.person, Content: runs[e.Seq()-1].items[0]})
			}
		}
		return err
	})
	onDisk := func(what []byte) (found bool) {
		t.Helper()
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(raw, what)
		}
		return found
	}
	gone := func(n int) bool {
		// The ciphertext, and the salt in it, are as bad as the text.
		payload := runs[n].entries[0].Payload()
		return !onDisk([]byte(secret(n))) && !onDisk(payload[8:40]) && !onDisk(payload[len(payload)-32:])
	}
	for n := range runs {
		if n%7 == 0 && gone(n) {
			t.Fatalf("canary %d is not on the disk in the first place", n)
		}
	}
	reading := make(chan struct{})
	go db.View(context.Background(), func(r ingest.Reader) error { // holds the write-ahead log
		_, err := r.Lamport(space.id)
		close(reading)
		time.Sleep(300 * time.Millisecond)
		return err
	})
	<-reading
	update(t, db, func(tx ingest.Tx) error {
		for n := range runs {
			if n%7 == 0 {
				if _, _, err := tx.Erase(space.id, ada.head.Log.ID(), uint64(n+1)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	deadline := time.Now().Add(30 * time.Second)
	for n := range runs {
		for n%7 == 0 && !gone(n) {
			if time.Now().After(deadline) {
				t.Fatalf("canary %d is still on the disk", n)
			}
			time.Sleep(50 * time.Millisecond)
		}
		if n%7 > 0 && gone(n) {
			t.Fatalf("canary %d, which was not erased, is gone", n)
		}
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
