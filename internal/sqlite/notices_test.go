package sqlite

import (
	"testing"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// The newest word is the one with the greatest Lamport time, in whatever order the words arrive.
func TestNoticesNewestFirst(t *testing.T) {
	for _, backwards := range []bool{false, true} {
		db, ada := openTest(t), newRoom(t).author()
		first := ada.write(content.About{Name: "one", Text: "rules", Picture: []byte{1}})
		second := ada.write(content.About{Name: "two"}, content.Asking{Person: key.PersonID{7}, Name: "Cleo", Places: [][]byte{{1, 2}}})
		third := ada.write(content.Asking{Person: key.PersonID{7}, Answered: true}, content.Card{Name: "Ada"})
		all := []written{first, second, third}
		if backwards {
			all = []written{third, second, first}
		}
		for _, w := range all {
			put(t, db, w)
		}
		abouts, err := db.Abouts(t.Context(), ada.id)
		if err != nil || len(abouts) != 2 || abouts[0].Content.(content.About).Name != "two" || abouts[1].Content.(content.About).Text != "rules" {
			t.Fatalf("backwards %v: %+v, %v", backwards, abouts, err)
		}
		if item := abouts[1]; item.In != first.entries[0].Log() || item.Author != ada.person || item.Seq != 1 {
			t.Errorf("the first is %+v", item)
		}
		askings, err := db.Askings(t.Context(), ada.id)
		if err != nil || len(askings) != 2 || !askings[0].Content.(content.Asking).Answered || askings[1].Content.(content.Asking).Name != "Cleo" {
			t.Fatalf("backwards %v: %+v, %v", backwards, askings, err)
		}
		if none, err := db.Abouts(t.Context(), key.SpaceID{9}); err != nil || len(none) != 0 {
			t.Errorf("elsewhere: %+v, %v", none, err)
		}
		if writers, err := db.Writers(t.Context(), ada.id); err != nil || !writers[ada.person] || len(writers) != 1 {
			t.Errorf("writers: %v, %v", writers, err)
		}
	}
}

// A group's feed has what was posted there by everybody; a person's wall has what they posted outside of groups.
func TestFeedsOfGroupsAndWalls(t *testing.T) {
	db, wall := openTest(t), newRoom(t).author()
	elsewhere := *wall
	elsewhere.room = newRoom(t)
	group := elsewhere.newLog(oplog.Content)
	put(t, db, wall.write(content.Post{Text: "on the wall"}))
	put(t, db, group.write(content.Post{Text: "in the group"}, content.Post{Text: "there again"}))
	if err := db.update(t.Context(), func(tx *Tx) error { return tx.HoldSpace(group.id, space.Group, group.person) }); err != nil {
		t.Fatal(err)
	}
	texts := func(query FeedQuery) (list []string) {
		for {
			query.Limit = 1
			page, err := db.Feed(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Posts {
				list = append(list, item.Content.(content.Post).Text)
			}
			if query.After = page.Next; query.After.IsZero() {
				return list
			}
		}
	}
	if got := texts(FeedQuery{Space: group.id}); len(got) != 2 || got[0] == "on the wall" || got[1] == "on the wall" {
		t.Errorf("the group has %q", got)
	}
	if got := texts(FeedQuery{Author: wall.person}); len(got) != 1 || got[0] != "on the wall" {
		t.Errorf("the wall has %q", got)
	}
	if got := texts(FeedQuery{}); len(got) != 3 {
		t.Errorf("everything is %q", got)
	}
	if got := texts(FeedQuery{Space: key.SpaceID{8}}); len(got) != 0 {
		t.Errorf("a space that is not here has %q", got)
	}
}
