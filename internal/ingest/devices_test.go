package ingest_test

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// own makes the person's own space.
func (p *person) own() key.SpaceID {
	p.t.Helper()
	var id key.SpaceID
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) (err error) {
		id, err = w.Create(space.NewCreate(space.Own, p.id, space.HistoryAll))
		return err
	}))
	return id
}

// record is what the person's home holds of a register.
func (p *person) record(collection, id string) string {
	p.t.Helper()
	var value string
	_, err := p.db.Get(p.t.Context(), sqlite.Shared(collection), id, &value)
	must(p.t, err)
	return value
}

// links makes a home of a further device of the person's, which has taken the identity log.
func (p *person) links() *person {
	p.t.Helper()
	d := &person{t: p.t, id: p.id, device: key.NewDevice(), keys: p.keys}
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) error {
		me, err := w.Person(p.id)
		if err != nil {
			return err
		}
		keys, err := me.OpenKeys(p.device)
		if err != nil {
			return err
		}
		op, err := me.Admit(identity.Certify(p.id, d.device), keys)
		if err != nil {
			return err
		}
		return w.Identify(op)
	}))
	var err error
	d.db, err = sqlite.Open(p.t.Context(), filepath.Join(p.t.TempDir(), "kith.db"), sqlite.Options{})
	must(p.t, err)
	p.t.Cleanup(func() { must(p.t, d.db.Close()) })
	d.gate = ingest.New(d.db, func(c ingest.Commit) { d.commits = append(d.commits, c) }, time.Now)
	d.gate.Speak(ingest.Author{Person: d.id, Device: d.device})
	for range 2 {
		d.takes(p.runs(p.id.IdentitySpace())...)
	}
	return d
}

// removes shuts a device out, with what is here of it as the cut.
func (p *person) removes(d *person) {
	p.t.Helper()
	must(p.t, p.gate.Publish(p.t.Context(), func(w *ingest.Writing) error {
		me, err := w.Person(p.id)
		if err != nil {
			return err
		}
		keys, err := me.OpenKeys(p.device)
		if err != nil {
			return err
		}
		logs, err := w.Tx().LogsOf(d.device.ID())
		if err != nil {
			return err
		}
		var cut []identity.CutPoint
		for _, log := range logs {
			record, _, err := w.Tx().Log(log.ID())
			if err != nil {
				return err
			}
			cut = append(cut, identity.CutPoint{Log: log.ID(), Seq: record.Head.Seq})
		}
		op, err := me.Shut(d.device.ID(), cut, keys)
		if err != nil {
			return err
		}
		return w.Identify(op)
	}))
}

// Only what the owner writes into their own space, in their own home, becomes a record.
func TestRegistersCountInTheOwnSpaceAlone(t *testing.T) {
	ada, eve := newPerson(t), newPerson(t)
	own, wall := ada.own(), ada.wall()
	set := func(value string) content.Item {
		return content.Register{Collection: "friends", ID: "x", Value: []byte(`"` + value + `"`)}
	}
	ada.writes(own, set("mine"))
	if got := ada.record("friends", "x"); got != "mine" {
		t.Fatalf("the record is %q", got)
	}
	ada.writes(wall, set("on my wall"))
	ada.writes(own, content.Post{Text: "a post in the own space"})
	if got := ada.record("friends", "x"); got != "mine" || len(ada.reads()) != 0 {
		t.Errorf("the record is %q, the feed %q", got, ada.reads())
	}
	// Eve makes Ada a member of Eve's own space, and of her wall, and writes registers there.
	theirs := eve.own()
	eve.adds(theirs, ada)
	eve.writes(theirs, set("by Eve"))
	ada.meets(eve)
	ada.syncs(eve, theirs)
	// Ada makes Eve a member of hers, by mistake.
	ada.adds(own, eve)
	eve.syncs(ada, own)
	eve.writes(own, set("by Eve, in Ada's"))
	ada.syncs(eve, own)
	if got := ada.record("friends", "x"); got != "mine" {
		t.Errorf("Eve wrote %q", got)
	}
	if got := eve.record("friends", "x"); got == "mine" {
		t.Error("Ada's register became a record of Eve's")
	}
}

// What a removed device wrote beyond its cut goes, in every space and whatever came first; what it wrote before stays.
func TestARemovedDeviceIsCutEverywhere(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	own, wall := ada.own(), ada.wall()
	ada.adds(wall, ben)
	laptop := ada.links()
	laptop.syncs(ada, own)
	laptop.syncs(ada, wall)
	laptop.writes(wall, content.Post{Text: "before"})
	laptop.writes(own, content.Register{Collection: "names", ID: "x", Value: []byte(`"before"`)})
	ada.syncs(laptop, own)
	ada.syncs(laptop, wall)
	// Unseen by Ada, the laptop goes on: it posts, adds somebody, and changes a name.
	thief := newPerson(t)
	laptop.writes(wall, content.Post{Text: "after"})
	laptop.adds(wall, thief)
	laptop.writes(own, content.Register{Collection: "names", ID: "x", Value: []byte(`"after"`)})
	stolen := append(laptop.runs(wall), laptop.runs(own)...)
	ada.removes(laptop)
	ada.writes(wall, content.Post{Text: "from the desk"})
	honest := append(ada.runs(wall), ada.runs(own)...)

	for seed := range uint64(10) {
		dice := rand.New(rand.NewPCG(seed, 3))
		cleo := newPerson(t)
		all := append(slices.Clone(stolen), honest...)
		for range 4 { // what is pending is offered again
			dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, run := range all {
				cleo.takes(run)
			}
		}
		for _, id := range []key.SpaceID{wall, own, ada.id.IdentitySpace()} {
			got, err := cleo.db.Heads(t.Context(), id)
			must(t, err)
			want, err := ada.db.Heads(t.Context(), id)
			must(t, err)
			if got.Digest() != want.Digest() {
				t.Fatalf("seed %d: homes hold different things of %v", seed, id)
			}
		}
		state, err := cleo.gate.State(t.Context(), wall)
		must(t, err)
		if state.Role(thief.id) != 0 {
			t.Fatalf("seed %d: the thief let somebody in", seed)
		}
	}

	// Ada's own home, which had taken some of it before it knew: the same.
	ada.takes(stolen...)
	if got := ada.reads(); !slices.Equal(got, []string{"from the desk", "before"}) && !slices.Equal(got, []string{"before", "from the desk"}) {
		t.Errorf("Ada reads %q", got)
	}
	if got := ada.record("names", "x"); got != "before" {
		t.Errorf("the name is %q", got)
	}
	// The laptop hears of it: it can write no more, and keeps what it has.
	laptop.takes(ada.runs(ada.id.IdentitySpace())...)
	err := laptop.gate.Publish(t.Context(), func(*ingest.Writing) error { return nil })
	if !errors.Is(err, ingest.ErrRemoved) {
		t.Errorf("the laptop writes: %v", err)
	}
	if got := laptop.record("names", "x"); got != "after" || !slices.Contains(laptop.reads(), "before") {
		t.Errorf("the laptop has lost what it had: %q, %q", got, laptop.reads())
	}
}

// The root writes in a log of its own each time, as this home's person and nobody else's.
func TestOperationsOnOnesIdentity(t *testing.T) {
	words := key.NewWords()
	root := words.Root()
	entries, _, err := identity.Begin(root, key.NewDevice(), time.Now())
	must(t, err)
	back := newPerson(t) // a home with a device of its own, which becomes the root's person
	run, err := oplog.RunOf(entries)
	must(t, err)
	back.takes(run)
	back.gate.Speak(ingest.Author{Person: root.Person(), Device: back.device})
	must(t, back.gate.Publish(t.Context(), func(w *ingest.Writing) error {
		for range 2 {
			me, err := w.Person(root.Person())
			if err != nil {
				return err
			}
			keys, err := me.OpenKeysAsRoot(root)
			if err != nil {
				return err
			}
			device := back.device
			if _, mine := me.Device(device.ID()); mine {
				device = key.NewDevice()
			}
			op, err := me.Admit(identity.Certify(me.ID, device), keys)
			if err != nil {
				return err
			}
			if err := w.IdentifyAsRoot(root, op); err != nil {
				return err
			}
			if err := w.IdentifyAsRoot(key.NewWords().Root(), op); !errors.Is(err, ingest.ErrNotMember) {
				t.Errorf("another root writes: %v", err)
			}
		}
		return nil
	}))
	me, err := back.gate.Person(t.Context(), root.Person())
	must(t, err)
	if n := len(me.Devices()); n != 3 {
		t.Errorf("there are %d devices", n)
	}
	if _, err := me.OpenKeys(back.device); err != nil {
		t.Errorf("the new device has no keys: %v", err)
	}
	if _, err := me.OpenKeysAsRoot(key.NewWords().Root()); err == nil {
		t.Error("another root opens the keys")
	}
	logs, err := back.db.Logs(t.Context(), root.Person().IdentitySpace())
	must(t, err)
	if len(logs) != 3 {
		t.Errorf("the root wrote %d logs", len(logs))
	}
}
