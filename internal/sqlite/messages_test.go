package sqlite

import (
	"slices"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// unreadSeqs lists the places of unread messages in one log.
func unreadSeqs(t *testing.T, db *DB, space key.SpaceID, me key.PersonID, marks map[oplog.LogID]uint64, log oplog.LogID) (seqs []uint64) {
	t.Helper()
	list, err := db.Unread(t.Context(), space, me, marks, time.Time{}, time.Now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range list {
		if u.Log == log {
			seqs = append(seqs, u.Seq)
		}
	}
	slices.Sort(seqs)
	return seqs
}

// Unread is what is beyond the mark of its log, whenever it came: also what was written before and came later.
func TestUnread(t *testing.T) {
	db, ada := openTest(t), newRoom(t).author()
	first := ada.write(content.Card{Name: "Ada"}, content.Message{Text: "one"}, content.Message{Sets: true, Fades: 60})
	second := ada.write(content.Message{Text: "two", Fades: 3600}, content.Message{Photos: []content.Photo{photo(1)}})
	third := ada.write(content.Message{Text: "three", Fades: 1}, content.Reaction{Target: second.entries[0].ID(), Emoji: "a"})
	log := first.entries[0].LogID()
	put(t, db, third)
	put(t, db, first)
	if got := unreadSeqs(t, db, ada.id, key.PersonID{9}, nil, log); !slices.Contains(got, 2) || slices.Contains(got, 4) {
		t.Errorf("with a gap: %v", got)
	}
	put(t, db, second)
	later := time.Now().Add(24 * time.Hour)
	for mark, want := range map[uint64][]uint64{0: {2, 5}, 2: {5}, 3: {5}, 4: {5}, 5: nil, 7: nil, 100: nil} {
		list, err := db.Unread(t.Context(), ada.id, key.PersonID{9}, map[oplog.LogID]uint64{log: mark}, time.Time{}, later, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, u := range list {
			got = append(got, u.Seq)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("beyond %d when the others have faded: %v, want %v", mark, got, want)
		}
	}
	if got := unreadSeqs(t, db, ada.id, ada.person, nil, log); len(got) != 0 {
		t.Errorf("one's own: %v", got)
	}
	if list, err := db.Unread(t.Context(), ada.id, key.PersonID{9}, nil, later, later, 100); err != nil || len(list) != 0 {
		t.Errorf("since tomorrow: %v, %v", list, err)
	}
}

// What fades is listed when its time is over, and forgotten with the message.
func TestFading(t *testing.T) {
	db, ada := openTest(t), newRoom(t).author()
	w := ada.write(content.Message{Text: "soon", Fades: 1}, content.Message{Text: "late", Fades: content.MaxFading}, content.Message{Text: "stays"},
		content.Message{Sets: true, Fades: 1})
	put(t, db, w)
	at, found, err := db.NextFading(t.Context())
	if err != nil || !found {
		t.Fatal(err, found)
	}
	if early, err := db.Faded(t.Context(), at.Add(-time.Second), 10); err != nil || len(early) != 0 {
		t.Errorf("too early: %v, %v", early, err)
	}
	due, err := db.Faded(t.Context(), at, 10)
	if err != nil || len(due) != 1 || due[0].Content.(content.Message).Text != "soon" {
		t.Fatalf("due are %+v, %v", due, err)
	}
	err = db.update(t.Context(), func(tx *Tx) error {
		_, _, err := tx.Erase(ada.id, due[0].Log, due[0].Seq)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := db.Faded(t.Context(), at.Add(2*content.MaxFading*time.Second), 10); err != nil || len(all) != 1 {
		t.Errorf("after that: %+v, %v", all, err)
	}
	set, found, err := db.TimeSet(t.Context(), []key.SpaceID{ada.id, {7}})
	if err != nil || !found || set.Content.(content.Message).Fades != 1 {
		t.Errorf("the time set: %+v, %v, %v", set, found, err)
	}
	list, err := db.Messages(t.Context(), []key.SpaceID{{7}, ada.id}, Cursor{}, 2)
	if err != nil || len(list) != 2 || !list[0].Place.Before(list[1].Place) || list[0].Content.(content.Message).Text != "stays" {
		t.Errorf("the newest two: %+v, %v", list, err)
	}
	list, err = db.Messages(t.Context(), []key.SpaceID{ada.id}, list[0].Place, 2)
	if err != nil || len(list) != 1 || list[0].Content.(content.Message).Text != "late" {
		t.Errorf("before these: %+v, %v", list, err)
	}
}
