package sqlite

import (
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

func TestKeys(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	full := seal.NewEpoch()
	short, err := seal.FromSecrets(full.ID(), full.Secrets()[:32])
	if err != nil {
		t.Fatal(err)
	}
	keys := func() []*seal.Epoch {
		t.Helper()
		var list []*seal.Epoch
		view(t, db, func(r ingest.Reader) (err error) {
			list, err = r.EpochKeys(space.id)
			return err
		})
		return list
	}
	if got := keys(); len(got) != 0 {
		t.Fatalf("%d keys of an unknown space", len(got))
	}
	for _, step := range []struct {
		put     *seal.Epoch
		history bool
	}{{short, false}, {full, true}, {short, true}} {
		update(t, db, func(tx ingest.Tx) error { return tx.PutEpochKey(space.id, step.put) })
		got := keys()
		if len(got) != 1 || got[0].ID() != full.ID() || got[0].HasHistory() != step.history {
			t.Fatalf("keys = %v, with history %v; want it %v", got, got[0].HasHistory(), step.history)
		}
	}
	if string(keys()[0].Secrets()) != string(full.Secrets()) {
		t.Error("the key is not the one that was put")
	}
}

func TestUnlock(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	one, two := ada.write(content.Post{Text: "one"}, content.Post{Text: "two"}), ada.write(content.Post{Text: "three"})
	other := newRoom(t)
	erased := ada.write(content.Post{Text: "erased"})
	without := []oplog.Verified{ada.write(content.Post{Text: "gone"}).entries[0].WithoutPayload()}
	update(t, db, func(tx ingest.Tx) error {
		for _, entries := range [][]oplog.Verified{one.entries, two.entries, erased.entries, without} {
			if err := tx.Append(ada.person, entries, true); err != nil {
				return err
			}
		}
		_, held, err := tx.Erase(space.id, ada.head.Log.ID(), erased.entries[0].Seq())
		if !held {
			t.Error("a locked entry could not be erased")
		}
		return err
	})
	update(t, db, func(tx ingest.Tx) error {
		for _, nothing := range []struct {
			space key.SpaceID
			epoch oplog.EpochID
		}{{other.id, space.epoch.ID()}, {space.id, other.epoch.ID()}} {
			if got, err := tx.Unlock(nothing.space, nothing.epoch, 10); err != nil || len(got) != 0 {
				t.Errorf("Unlock = %v, %v; want nothing", got, err)
			}
		}
		var got []ingest.Locked
		for _, want := range []int{2, 1, 0} {
			more, err := tx.Unlock(space.id, space.epoch.ID(), 2)
			if err != nil || len(more) != want {
				t.Errorf("%d entries, %v; want %d", len(more), err, want)
			}
			got = append(got, more...)
		}
		for i, want := range append(one.entries[:2:2], two.entries...) {
			if !sameEntry(got[i].Entry, want) || got[i].Author != ada.person {
				t.Errorf("entry %d is not the one that was locked", i)
			}
		}
		for i, item := range append(one.items, two.items...) {
			if err := tx.Project(ingest.Item{Entry: &got[i].Entry, Author: ada.person, Content: item}); err != nil {
				return err
			}
		}
		return nil
	})
	page, err := db.Feed(t.Context(), FeedQuery{Limit: 10})
	if err != nil || len(page.Posts) != 3 {
		t.Errorf("%d posts, %v", len(page.Posts), err)
	}
}

func TestOwnLogs(t *testing.T) {
	db := openTest(t)
	ada := newRoom(t).author()
	content, control := ada.head.Log, ada.newLog(oplog.Control).head.Log
	check := func(want ...bool) {
		t.Helper()
		update(t, db, func(tx ingest.Tx) error {
			for i, log := range []oplog.Log{content, control} {
				got, found, err := tx.OwnLog(log.Space, log.Lane)
				if err != nil || found != want[i] || found && got != log {
					t.Errorf("OwnLog = %v, %v, %v; want %v", got, found, err, want[i])
				}
			}
			return nil
		})
	}
	check(false, false)
	update(t, db, func(tx ingest.Tx) error { return tx.SetOwnLog(ada.newLog(oplog.Content).head.Log) })
	update(t, db, func(tx ingest.Tx) error { return tx.SetOwnLog(content) })
	check(true, false)
	update(t, db, func(tx ingest.Tx) error { return tx.SetOwnLog(control) })
	check(true, true)
	if err := db.ForgetOwnLogs(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(false, false)
}
