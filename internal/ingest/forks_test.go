package ingest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// copied is a second home on a copy of the person's folder, which does not know of the first.
func (p *person) copied() *person {
	t := p.t
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "kith.db")
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(p.path + suffix)
		if os.IsNotExist(err) {
			continue
		}
		must(t, err)
		must(t, os.WriteFile(path+suffix, raw, 0o600))
	}
	twin := &person{t: t, id: p.id, device: p.device, keys: p.keys, identity: p.identity, path: path}
	var err error
	twin.db, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, twin.db.Close()) })
	twin.gate = ingest.New(twin.db, func(c ingest.Commit) { twin.commits = append(twin.commits, c) }, twin.now)
	twin.gate.Speak(ingest.Author{Person: p.id, Device: p.device})
	return twin
}

// heads lists what a home holds of a space, for comparison.
func (p *person) heads(id key.SpaceID) oplog.Frontier {
	p.t.Helper()
	heads, err := p.db.Heads(p.t.Context(), id)
	must(p.t, err)
	return heads
}

// meet lets homes exchange everything until nothing is new.
func meet(id key.SpaceID, homes ...*person) {
	for range 4 {
		for _, from := range homes {
			for _, to := range homes {
				if _, err := from.gate.State(from.t.Context(), id); from != to && err == nil {
					to.takes(from.runs(id)...)
					to.takesKeys(from, id)
				}
			}
		}
	}
}

func TestAForkOfContentIsSettled(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Writer)
	ada.writes(group, content.Post{Text: "before"})
	ben.meets(ada)
	meet(group, ada, ben)
	twin := ada.copied()
	ada.writes(group, content.Post{Text: "here 1"}, content.Post{Text: "here 2"})
	post := twin.writes(group, content.Post{Text: "there"})[0]
	twin.writes(group, content.Comment{Post: post.ID(), Text: "to myself"})
	ben.takes(ada.runs(group)...)
	// Only through Ben do the two hear of one another.
	meet(group, twin, ben)
	meet(group, ben, ada)
	meet(group, twin, ben)
	want := []string{"before", "here 1", "here 2", "there"}
	for _, p := range []*person{ada, ben, twin} {
		got := p.reads()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if a, b := p.heads(group).Digest(), ben.heads(group).Digest(); a != b {
			t.Error("they do not hold the same")
		}
	}
	// Everybody goes on.
	ada.writes(group, content.Post{Text: "after, here"})
	twin.writes(group, content.Post{Text: "after, there"})
	meet(group, ada, ben)
	meet(group, twin, ben)
	meet(group, ada, ben)
	if got := ben.reads(); len(got) != 6 {
		t.Errorf("Ben reads %q", got)
	}
}

func TestAForkOfOperationsIsSettled(t *testing.T) {
	ada, ben, cleo, dan := newPerson(t), newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Writer)
	ben.meets(ada)
	meet(group, ada, ben)
	twin := ada.copied()
	for _, p := range []*person{cleo, dan} {
		for _, home := range []*person{ada, twin, ben} {
			home.meets(p)
		}
		p.meets(ada)
		p.meets(ben)
	}
	ada.appoints(group, cleo, space.Writer)
	twin.appoints(group, dan, space.Writer)
	meet(group, ada, ben, cleo)
	meet(group, twin, dan)
	cleo.writes(group, content.Post{Text: "Cleo was let in here"})
	dan.writes(group, content.Post{Text: "Dan was let in there"})
	meet(group, ada, ben, cleo)
	meet(group, twin, dan)
	meet(group, twin, ben)
	meet(group, ben, ada, cleo, dan)
	meet(group, twin, ben)
	for _, p := range []*person{ada, ben, cleo, dan, twin} {
		state, err := p.gate.State(t.Context(), group)
		must(t, err)
		for _, who := range []*person{ben, cleo, dan} {
			if state.Role(who.id) != space.Writer {
				t.Errorf("a role is %v", state.Role(who.id))
			}
		}
		if got := p.reads(); len(got) != 2 {
			t.Errorf("somebody reads %q", got)
		}
		if a, b := p.heads(group).Digest(), ben.heads(group).Digest(); a != b {
			t.Error("they do not hold the same")
		}
	}
}
