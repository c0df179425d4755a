package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

func update(t testing.TB, db *DB, do func(ingest.Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *DB, do func(ingest.Reader) error) {
	t.Helper()
	if err := db.View(context.Background(), do); err != nil {
		t.Fatal(err)
	}
}

// sameEntry compares all of an entry that is stored.
func sameEntry(a, b oplog.Verified) bool {
	return a.ID() == b.ID() && a.Log() == b.Log() && reflect.DeepEqual(a.Raw(), b.Raw()) && reflect.DeepEqual(a.Signature(), b.Signature())
}

func TestEntriesComeBackAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada, bob := space.author(), space.author()
	runs := []written{
		ada.write(content.Post{Text: "one"}, content.Post{Text: "two"}),
		bob.write(content.Post{Text: "three"}),
		ada.write(content.Post{Text: "four"}, content.Post{Text: "five"}, content.Post{Text: "six"}),
	}
	runs[1].entries[0] = runs[1].entries[0].WithoutPayload()
	check := func(r ingest.Reader) {
		t.Helper()
		for _, w := range runs {
			for _, want := range w.entries {
				got, found, err := r.Entry(want.Header().Log, want.Seq())
				if err != nil || !found || !sameEntry(got, want) {
					t.Errorf("Entry(%v, %d) = %v, %v", want.Log(), want.Seq(), found, err)
				}
				log, seq, found, err := r.Locate(want.ID())
				if err != nil || !found || log != want.Header().Log || seq != want.Seq() {
					t.Errorf("Locate(%v) = %v, %d, %v, %v", want.ID(), log, seq, found, err)
				}
			}
		}
		record, found, err := r.Log(ada.head.Log.ID())
		want := ingest.LogRecord{Log: ada.head.Log, Author: ada.person, Head: ada.head, Held: []oplog.Range{{First: 1, Last: 5}}}
		if err != nil || !found || !reflect.DeepEqual(record, want) {
			t.Errorf("Log = %+v, %v, %v; want %+v", record, found, err, want)
		}
		if n, err := r.Lamport(space.id); err != nil || n != 5 {
			t.Errorf("Lamport = %d, %v; want 5", n, err)
		}
		for _, seq := range []uint64{0, 6, oplog.MaxSeq} {
			if _, found, err := r.Entry(ada.head.Log.ID(), seq); found || err != nil {
				t.Errorf("Entry(%d) = %v, %v; want none", seq, found, err)
			}
		}
		if _, found, err := r.Entry(oplog.LogID{1}, 1); found || err != nil {
			t.Errorf("an entry of an unknown log: %v, %v", found, err)
		}
		if _, found, err := r.Log(oplog.LogID{1}); found || err != nil {
			t.Errorf("an unknown log: %v, %v", found, err)
		}
		if _, _, found, err := r.Locate(oplog.EntryID{1}); found || err != nil {
			t.Errorf("an unknown entry: %v, %v", found, err)
		}
		if n, err := r.Lamport(key.SpaceID{1}); n != 0 || err != nil {
			t.Errorf("Lamport of an unknown space = %d, %v", n, err)
		}
	}
	update(t, db, func(tx ingest.Tx) error {
		for _, w := range runs {
			if err := tx.Append(w.author, w.entries, false); err != nil {
				return err
			}
		}
		check(tx)
		return nil
	})
	view(t, db, func(r ingest.Reader) error { check(r); return nil })
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	view(t, db, func(r ingest.Reader) error { check(r); return nil })
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada, bob := space.author(), space.author()
	first := ada.write(content.Post{Text: "one"})
	put(t, db, first)
	second, third := ada.write(content.Post{Text: "two"}, content.Post{Text: "three"}), bob.write(content.Card{Name: "Bob"})
	broken := errors.New("broken")
	for range 2 {
		err := db.Update(t.Context(), func(tx ingest.Tx) error {
			for _, w := range []written{second, third} {
				if err := w.put(tx); err != nil {
					t.Fatal(err)
				}
			}
			if err := tx.PutRecord("a", "b", 1); err != nil {
				t.Fatal(err)
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatalf("Update = %v, want the function's error", err)
		}
		view(t, db, func(r ingest.Reader) error {
			if record, _, _ := r.Log(ada.head.Log.ID()); record.Head != first.entries[0].Head() {
				t.Errorf("the log is at %v", record.Head)
			}
			if _, found, _ := r.Log(bob.head.Log.ID()); found {
				t.Error("a log is left over")
			}
			if n, _ := r.Lamport(space.id); n != 1 {
				t.Errorf("Lamport = %d", n)
			}
			return nil
		})
		if found, _ := db.Get(t.Context(), "a", "b", new(int)); found {
			t.Error("a record is left over")
		}
	}
	put(t, db, second, third)
	cards, err := db.Cards(t.Context(), []key.PersonID{bob.person, ada.person})
	if err != nil || !reflect.DeepEqual(cards, map[key.PersonID]content.Card{bob.person: {Name: "Bob"}}) {
		t.Errorf("Cards = %v, %v", cards, err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAPanicRollsBackAndFreesTheWriter(t *testing.T) {
	db := openTest(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		db.Update(t.Context(), func(tx ingest.Tx) error {
			if err := tx.PutRecord("a", "b", 1); err != nil {
				t.Fatal(err)
			}
			panic("a fault of the caller")
		})
	}()
	if found, err := db.Get(t.Context(), "a", "b", new(int)); found || err != nil {
		t.Errorf("Get = %v, %v; want nothing", found, err)
	}
	if err := db.Put(t.Context(), "a", "b", 2); err != nil {
		t.Error(err)
	}
}

func TestAppendRefusesWhatIsHeldOrDoesNotFit(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada, bob := space.author(), space.author()
	one, two := ada.write(content.Post{Text: "one"}, content.Post{Text: "two"}), ada.write(content.Post{Text: "three"})
	put(t, db, one)
	tests := map[string]struct {
		author  key.PersonID
		entries []oplog.Verified
	}{
		"held":           {ada.person, one.entries[1:]},
		"held in part":   {ada.person, append(one.entries[1:2:2], two.entries...)},
		"not in a row":   {ada.person, []oplog.Verified{two.entries[0], one.entries[0]}},
		"another author": {bob.person, two.entries},
		"not verified":   {ada.person, []oplog.Verified{{}}},
		"two logs":       {ada.person, append(two.entries[:1:1], bob.write(content.Post{Text: "x"}).entries...)},
	}
	for name, test := range tests {
		err := db.Update(t.Context(), func(tx ingest.Tx) error { return tx.Append(test.author, test.entries, false) })
		if err == nil {
			t.Errorf("%s: appended", name)
		}
	}
	put(t, db, two)
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestLanes(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	control := ada.newLog(oplog.Control)
	first, second := control.operate(oplog.KindControl, "create", "add"), control.operate(oplog.KindControl, "rotate")
	identity := ada.newLog(oplog.Control)
	identity.head.Log.Space = ada.person.IdentitySpace()
	found := identity.operate(oplog.KindIdentity, "found")
	put(t, db, second, ada.write(content.Post{Text: "one"}), found, first)
	view(t, db, func(r ingest.Reader) error {
		for id, want := range map[key.SpaceID][]oplog.Verified{
			space.id:                   append(first.entries[:2:2], second.entries...),
			ada.person.IdentitySpace(): found.entries,
			{9}:                        nil,
		} {
			got, err := r.Lane(id)
			if err != nil {
				return err
			}
			held := make(map[oplog.EntryID]oplog.Verified)
			for _, entry := range got {
				held[entry.ID()] = entry
			}
			if len(got) != len(want) || len(held) != len(want) {
				t.Errorf("%d entries, want %d", len(got), len(want))
			}
			for _, entry := range want {
				if !sameEntry(held[entry.ID()], entry) {
					t.Errorf("entry %d is not as it was", entry.Seq())
				}
			}
		}
		return nil
	})
	people, err := db.Identities(t.Context())
	if err != nil || !reflect.DeepEqual(people, []key.PersonID{ada.person}) {
		t.Errorf("Identities = %v, %v", people, err)
	}
}

func TestEvidence(t *testing.T) {
	db := openTest(t)
	ada := newRoom(t).author()
	copied := *ada
	ours, theirs := ada.write(content.Post{Text: "one"}).entries[0], copied.write(content.Post{Text: "another"}).entries[0]
	log := ada.head.Log
	update(t, db, func(tx ingest.Tx) error { return tx.PutEvidence(log, ours, theirs) })
	update(t, db, func(tx ingest.Tx) error { return tx.PutEvidence(log, theirs, ours) }) // one is enough
	for name, pair := range map[string][2]oplog.Verified{"the same entry": {ours, ours}, "not verified": {ours, {}}, "neighbours": {ours, ada.write(content.Post{Text: "two"}).entries[0]}} {
		if err := db.Update(t.Context(), func(tx ingest.Tx) error { return tx.PutEvidence(log, pair[0], pair[1]) }); err == nil {
			t.Errorf("%s: kept as evidence", name)
		}
	}
	stray := copied.write(content.Post{Text: "after another"}).entries[0]
	for _, pair := range [][2]oplog.Verified{{ours, stray}, {stray, ours}} {
		update(t, db, func(tx ingest.Tx) error { return tx.PutEvidence(log, pair[0], pair[1]) })
	}
	forks, err := db.Forks(t.Context())
	if err != nil || len(forks) != 1 || forks[0].Log != log || forks[0].Ours.ID() != ours.ID() || forks[0].Theirs.ID() != theirs.ID() ||
		*forks[0].Theirs.Signature() != *theirs.Signature() {
		t.Errorf("Forks = %+v, %v", forks, err)
	}
}

// What a transaction appended is among the logs that it lists, and what it cut off is not.
func TestATransactionListsItsOwnLogs(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	first := ada.write(content.Post{Text: "one"}, content.Post{Text: "two"})
	update(t, db, func(tx ingest.Tx) error {
		if err := first.put(tx); err != nil {
			return err
		}
		for _, last := range []uint64{2, 1} {
			if _, err := tx.Truncate(space.id, ada.head.Log.ID(), last); err != nil {
				return err
			}
			logs, err := tx.Logs(space.id)
			if err != nil {
				return err
			}
			if len(logs) != 1 || logs[0].Head.Seq != last || !reflect.DeepEqual(logs[0].Held, []oplog.Range{{First: 1, Last: last}}) {
				t.Errorf("cut off after %d, the transaction lists %+v", last, logs)
			}
		}
		return nil
	})
}
