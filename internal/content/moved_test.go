package content

import (
	"reflect"
	"testing"

	"kith/internal/oplog"
)

func TestMoved(t *testing.T) {
	old, now, other := oplog.EntryID{1}, oplog.EntryID{2}, oplog.EntryID{3}
	to := map[oplog.EntryID]oplog.EntryID{old: now}
	for _, c := range []struct{ item, want Item }{
		{Comment{Post: old, Text: "a"}, Comment{Post: now, Text: "a"}},
		{Comment{Post: other, Text: "a"}, Comment{Post: other, Text: "a"}},
		{Comment{Post: other, Answers: old, Text: "a"}, Comment{Post: other, Answers: now, Text: "a"}},
		{Reaction{Target: old, Emoji: "b"}, Reaction{Target: now, Emoji: "b"}},
		{Edit{Target: old, Text: "c"}, Edit{Target: now, Text: "c"}},
		{Message{Text: "d", Reply: old}, Message{Text: "d", Reply: now}},
		{Post{Text: "e"}, Post{Text: "e"}},
	} {
		if got := Moved(c.item, to); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v became %+v", c.item, got)
		}
	}
}

// Whatever hangs under something goes along with it when that is written again.
func TestEverythingThatHangsMoves(t *testing.T) {
	now := oplog.EntryID{2}
	for name, item := range samples() {
		under, hangs := Under(item)
		if !hangs {
			continue
		}
		if moved, _ := Under(Moved(item, map[oplog.EntryID]oplog.EntryID{under: now})); moved != now {
			t.Errorf("%s stays under what is gone", name)
		}
	}
}
