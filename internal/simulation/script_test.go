package simulation

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// variant is a way of living the same seed.
type variant struct {
	live   bool   // by sessions over lines instead of couriers
	salt   uint64 // other identifiers and keys, the same dice
	steady bool   // clocks are right
	single bool   // no folder goes on twice
}

// live runs one seed from beginning to end.
func live(t *testing.T, seed uint64, v variant) *world {
	w := &world{
		seed: seed, live: v.live, salt: v.salt, steady: v.steady, single: v.single, healed: -1,
		dice:   rand.New(rand.NewPCG(seed, 0x6b697468)),
		forked: map[oplog.LogID]bool{}, doubled: map[key.DeviceID]bool{}, lost: map[*room]bool{}, checked: map[string]bool{}, events: map[string]int{},
		agreed: map[*room][]*home{}, sponsors: map[*room]map[*person][]*person{},
	}
	all := people(t)
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		var err error
		if w.dir, err = os.MkdirTemp("", "kith-village-"); err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(w.dir)
		defer func() {
			if cause := recover(); cause != nil {
				broke, ok := cause.(broken)
				if !ok {
					panic(cause)
				}
				w.fail("the simulation itself", "%v", broke.err)
			}
			w.stop()
		}()
		w.reseed()
		w.people = all[:2+w.dice.IntN(mostPeople-1)]
		w.story()
	})
	return w
}

// stop ends whatever still runs.
func (w *world) stop() {
	if w.net != nil {
		w.net.close()
	}
	for _, h := range w.homes {
		h.close()
	}
}

// story is the life of the village.
func (w *world) story() {
	for _, p := range w.people {
		w.addHome(p, 0)
	}
	if len(w.people) > 2 && w.roll(3) {
		w.villain = w.people[len(w.people)-1]
		w.evilWrap = wrapping(w.dice.IntN(int(swapping) + 1))
		w.note("%s is up to no good", w.villain.name)
	}
	if w.live {
		w.net = &network{w: w, lines: make(map[[2]*home]*line)}
	}
	w.found(1 + w.dice.IntN(2))
	w.gather()
	for _, p := range w.people {
		for n := 1; n < mostDevices && len(w.homes) < mostHomes && w.roll(4); n++ {
			w.link(w.homeOf(p), n)
		}
	}
	chapters := 5 + w.dice.IntN(6)
	for w.chapter = 1; w.chapter <= chapters; w.chapter++ {
		w.reseed()
		for range 1 + w.dice.IntN(5) {
			w.act()
		}
		if w.villain != nil {
			w.mischief()
		}
		w.move()
		w.misfortune()
		w.clone()
		w.watch()
	}
	w.reseed()
	w.heal()
	w.judge()
	w.chapter++
	w.epilogue()
}

// gather lets those who began the spaces bring in the first members.
func (w *world) gather() {
	for _, r := range w.spaces {
		for range len(w.people) {
			h := w.homeOf(r.by)
			state, err := h.gate.State(context.Background(), r.id)
			w.must(err)
			if w.doAdd(h, r, state) {
				w.count("add")
			}
		}
		if !w.live {
			for _, h := range w.homes {
				if h.who != r.by {
					w.carry(w.homeOf(r.by), h, carrying{whole: true, keys: true})
				}
			}
		}
	}
}

func (w *world) homeOf(p *person) *home {
	for _, h := range w.homes {
		if h.who == p {
			return h
		}
	}
	return nil
}

// move lets couriers go, as far as homes are not cut off.
func (w *world) move() {
	if w.live {
		w.net.connect()
		time.Sleep(calm)
		synctest.Wait()
		return
	}
	homes := w.up()
	for range len(homes) * 2 {
		from, to := homes[w.dice.IntN(len(homes))], homes[w.dice.IntN(len(homes))]
		if from == to || w.apart(from, to) {
			continue
		}
		w.carry(from, to, carrying{whole: w.roll(3), keys: w.roll(2)})
	}
}

const (
	// calm is how long sessions get before the next chapter: enough to settle, broken lines included.
	calm = 30 * time.Second
	// patience is how long a healed network may take until everybody has everything.
	patience = 60 * time.Second
	// look is how often it is looked whether they have.
	look = 500 * time.Millisecond
)

// apart tells whether the network is split between two homes in this chapter.
func (w *world) apart(a, b *home) bool { return w.side[a] != w.side[b] }

// split draws which home is on which side of the network's rift, if there is one.
func (w *world) split() {
	w.side = make(map[*home]int)
	if w.roll(2) {
		return
	}
	w.count("partition")
	for _, h := range w.homes {
		w.side[h] = w.dice.IntN(2)
	}
}

// misfortune lets things go wrong.
func (w *world) misfortune() {
	if w.roll(2) {
		w.split()
	}
	if h, ok := pick(w, w.up()); ok && w.roll(3) {
		w.count("crash")
		w.note("%s crashes", h.name)
		w.off(h)
		h.crash()
		h.open()
	}
	if h, ok := pick(w, w.up()); ok && w.roll(3) {
		skew := time.Duration(w.dice.IntN(731)-365) * 24 * time.Hour
		if !w.steady {
			w.count("clock jump")
			h.skew = skew
			w.note("the clock of %s is off by %v", h.name, h.skew)
		}
	}
	if h, ok := pick(w, w.up()); ok && w.roll(4) {
		h.keep()
		w.note("%s makes a backup", h.name)
	}
	if h, ok := pick(w, w.up()); ok && h.backup != "" && w.roll(2) {
		noticed := !w.roll(3) || !h.honest() || w.single
		w.count("backup restored")
		w.note("%s is restored from a backup; it notices: %v", h.name, noticed)
		if !noticed {
			w.count("backup restored, unnoticed")
			w.doubled[h.device.ID()] = true
		}
		w.off(h)
		h.restore(noticed)
		h.settleDown()
		w.mourn()
	}
}

// clone copies somebody's folder, now and then, and lets both go on. Two at a time under one network key could not both keep
// their sessions, so it is for couriers.
func (w *world) clone() {
	h, ok := pick(w, w.up())
	if !ok || w.live || !w.roll(6) || !h.honest() || h.out || len(w.homes) == mostHomes || w.single {
		return
	}
	w.count("folder copied, both go on")
	w.doubled[h.device.ID()] = true
	twin := h.double()
	w.note("%s goes on as a copy of %s", twin.name, h.name)
}

// off takes a home off the network before its process ends. Its lines come back with the next chapter.
func (w *world) off(h *home) {
	if w.live {
		w.net.leave(h)
	}
}

// healLive lets sessions bring everything to everybody, and measures how long they take.
func (w *world) healLive() {
	w.side = nil
	w.net.connect()
	began := time.Now()
	for !w.settled() {
		if time.Since(began) >= patience {
			w.check(heals, false, "after %v: %s", patience, w.unsettled)
			return
		}
		time.Sleep(look)
		synctest.Wait()
	}
	took := time.Since(began)
	w.checked[heals] = true
	w.healed = max(w.healed, took)
	time.Sleep(2 * time.Second) // what is still under way arrives
	synctest.Wait()
}

// heal brings everything to everybody.
func (w *world) heal() {
	if w.live {
		w.healLive()
		return
	}
	w.side = nil
	for round := 0; ; round++ {
		changed := false
		for _, from := range w.up() {
			for _, to := range w.up() {
				if from != to && w.carry(from, to, carrying{whole: true, keys: true}) {
					changed = true
				}
			}
		}
		if !changed {
			break
		}
		if round == 50 {
			w.fail(converges, "couriers still carry news after %d rounds", round)
			break
		}
	}
}
