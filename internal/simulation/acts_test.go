package simulation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// act is something that people do. It reports false where whoever was picked cannot do it.
type act struct {
	kind   string
	weight int
	do     func(*world, *home, *room, *space.State) bool
}

var acts = []act{
	{"post", 40, (*world).doPost},
	{"add", 14, (*world).doAdd},
	{"remove", 12, (*world).doRemove},
	{"set role", 12, (*world).doSetRole},
	{"leave", 5, (*world).doLeave},
	{"hand over", 5, (*world).doHandOver},
	{"close", 1, (*world).doClose},
	{"erase", 5, (*world).doErase},
	{"link a device", 2, (*world).doLink},
	{"remove a device", 2, (*world).doUnlink},
}

// act lets somebody do something.
func (w *world) act() {
	for range 4 { // who is picked may not be able to
		h, ok := pick(w, w.up())
		r, _ := pick(w, w.spaces)
		if !ok {
			return
		}
		state, err := h.gate.State(context.Background(), r.id)
		if err != nil {
			continue // they have not got it so far
		}
		total := 0
		for _, a := range acts {
			total += a.weight
		}
		n := w.dice.IntN(total)
		for _, a := range acts {
			if n -= a.weight; n < 0 {
				if a.do(w, h, r, state) {
					w.count(a.kind)
					w.now++
					return
				}
				break
			}
		}
	}
}

// declined tells an answer of the gate that is a no from an error of the store.
func (w *world) declined(err error) bool {
	for _, no := range []error{ingest.ErrNotMember, ingest.ErrNoKey, ingest.ErrUnknownSpace, ingest.ErrUnknownAuthor, ingest.ErrClosed, ingest.ErrRemoved} {
		if errors.Is(err, no) {
			return true
		}
	}
	w.must(err)
	return false
}

func (w *world) doPost(h *home, r *room, state *space.State) bool {
	if state.Closed || state.Role(h.who.id) < state.Create.Post {
		return false
	}
	p, err := h.publish(r, fmt.Sprintf("%s, chapter %d, number %d", h.name, w.chapter, len(w.posts)))
	if w.declined(err) {
		w.note("%s cannot post in %s: %v", h.name, r.name, err)
		return false
	}
	w.note("%s posts %v in %s under epoch %v", h.name, p.id, r.name, p.epoch)
	return true
}

// operate writes an operation on a space as the home's person.
func (h *home) operate(r *room, op space.Operation) ([]oplog.Verified, bool) {
	var entries []oplog.Verified
	err := h.gate.Publish(context.Background(), func(w *ingest.Writing) (err error) {
		entries, err = w.Operate(r.id, op)
		return err
	})
	if h.w.declined(err) {
		h.w.note("%s cannot do %T in %s: %v", h.name, op, r.name, err)
		return nil, false
	}
	h.settleDown()
	return entries, true
}

// cutOf is where somebody's logs end, as far as the home holds them.
func (h *home) cutOf(r *room, who *person) ([]space.CutPoint, map[oplog.LogID]uint64) {
	var list []space.CutPoint
	cut := make(map[oplog.LogID]uint64)
	for _, record := range h.logs(r.id) {
		if record.Author == who.id && record.Head.Seq > 0 {
			list = append(list, space.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
			cut[record.Log.ID()] = record.Head.Seq
		}
	}
	return list, cut
}

func (w *world) doAdd(h *home, r *room, state *space.State) bool {
	who, _ := pick(w, w.people)
	role := space.Writer
	if w.roll(3) {
		role = space.Admin
	}
	if r.create.Kind != space.Group && r.create.Kind != space.Chat {
		role = space.Writer
	}
	if state.Role(who.id) != 0 || state.Closed {
		return false
	}
	person, err := h.gate.Person(context.Background(), who.id)
	w.must(err)
	role = min(role, max(state.Role(h.who.id), space.Writer))
	op := &space.Add{Person: who.id, Role: role, Generation: person.Generation(), After: state.After(role, who.id)}
	if state.Role(h.who.id) < state.Needs(op) {
		return false
	}
	entries, ok := h.operate(r, op)
	if !ok {
		return false
	}
	w.sponsor(r, h, who, entries[0])
	w.note("%s adds %s to %s as %v", h.name, who.name, r.name, role)
	return true
}

func (w *world) doRemove(h *home, r *room, state *space.State) bool {
	who, _ := pick(w, w.people)
	list, cut := h.cutOf(r, who)
	op := &space.Remove{Person: who.id, Cut: list}
	if state.Closed || who == h.who || state.Role(who.id) == 0 || state.Role(h.who.id) < state.Needs(op) || state.Role(who.id) == space.OwnerRole {
		return false
	}
	entries, ok := h.operate(r, op)
	if !ok {
		return false
	}
	removal := &entries[0]
	w.end(ender{room: r, target: who, cut: cut, by: h, log: removal.LogID(), seq: removal.Seq(), id: removal.ID()})
	w.note("%s removes %s from %s", h.name, who.name, r.name)
	return true
}

func (w *world) doSetRole(h *home, r *room, state *space.State) bool {
	who, _ := pick(w, w.people)
	role := []space.Role{space.Reader, space.Writer, space.Admin}[w.dice.IntN(3)]
	if r.create.Kind != space.Group && r.create.Kind != space.Chat {
		role = min(role, space.Writer)
	}
	list, cut := h.cutOf(r, who)
	op := &space.SetRole{Person: who.id, Role: role, Cut: list, After: state.After(role, who.id)}
	if state.Closed || who == h.who || state.Role(who.id) == 0 || state.Role(who.id) == space.OwnerRole || state.Role(h.who.id) < max(role, state.Needs(op)) {
		return false
	}
	entries, ok := h.operate(r, op)
	if !ok {
		return false
	}
	w.sponsor(r, h, who, entries[0])
	w.end(ender{room: r, target: who, cut: cut, stays: true})
	w.note("%s makes %s %v in %s", h.name, who.name, role, r.name)
	return true
}

func (w *world) doLeave(h *home, r *room, state *space.State) bool {
	if state.Closed || state.Role(h.who.id) == 0 || state.Role(h.who.id) == space.OwnerRole {
		return false
	}
	list, cut := h.cutOf(r, h.who)
	if _, ok := h.operate(r, &space.Leave{Cut: list}); !ok {
		return false
	}
	w.end(ender{room: r, target: h.who, cut: cut})
	w.note("%s leaves %s", h.name, r.name)
	return true
}

func (w *world) doHandOver(h *home, r *room, state *space.State) bool {
	who, _ := pick(w, w.people)
	list, cut := h.cutOf(r, h.who)
	op := &space.HandOver{Person: who.id, Cut: list, After: state.After(space.OwnerRole, who.id, h.who.id)}
	if state.Closed || who == h.who || state.Role(who.id) == 0 || state.Role(h.who.id) < state.Needs(op) {
		return false
	}
	if r.create.Kind != space.Group && r.create.Kind != space.Chat {
		return false
	}
	entries, ok := h.operate(r, op)
	if !ok {
		return false
	}
	w.sponsor(r, h, who, entries[0])
	w.sponsor(r, h, h.who, entries[0])
	w.end(ender{room: r, target: h.who, cut: cut, stays: true})
	w.note("%s hands %s over to %s", h.name, r.name, who.name)
	return true
}

func (w *world) doClose(h *home, r *room, state *space.State) bool {
	op := &space.Close{}
	if state.Closed || state.Role(h.who.id) < state.Needs(op) {
		return false
	}
	if _, ok := h.operate(r, op); !ok {
		return false
	}
	w.note("%s closes %s", h.name, r.name)
	return true
}

func (w *world) doErase(h *home, r *room, state *space.State) bool {
	var candidates []*post
	for _, p := range w.posts {
		if p.room != r || p.erased || p.by.who != h.who {
			continue
		}
		if held, _ := h.holds(p.log, p.seq, p.id); held {
			candidates = append(candidates, p)
		}
	}
	p, ok := pick(w, candidates)
	if !ok || state.Closed || state.Role(h.who.id) == 0 {
		return false
	}
	if _, ok := h.operate(r, &space.Erase{Targets: []space.Target{{Log: p.log, Seq: p.seq, ID: p.id}}}); !ok {
		return false
	}
	p.erased = true
	w.note("%s erases %v", h.name, p.id)
	return true
}

// doLink lets a person link a further device.
func (w *world) doLink(h *home, _ *room, _ *space.State) bool {
	number := 0
	for _, other := range w.homes {
		if other.who == h.who && !other.twin {
			number++
		}
	}
	if number == mostDevices || len(w.homes) == mostHomes || h.out {
		return false
	}
	return w.link(h, number)
}

func (w *world) link(by *home, number int) bool {
	ctx := context.Background()
	me, err := by.gate.Person(ctx, by.who.id)
	w.must(err)
	keys, err := me.OpenKeys(by.device)
	if err != nil || len(keys) == 0 {
		return false // removed, and a new key was made that is not for this device
	}
	device := by.who.devices[number]
	sealed, err := keys[len(keys)-1].SealTo(device.SealPublic())
	w.must(err)
	if !by.identify(&identity.AddDevice{Device: identity.Certify(by.who.id, device), Number: uint64(len(keys)), Key: sealed}) {
		return false
	}
	h := w.addHome(by.who, number)
	h.linkedBy = by
	for _, person := range w.people {
		w.carryIdentity(by, h, person)
	}
	for _, r := range w.spaces {
		h.await(r.id, h.who.id)
	}
	by.backup = "" // who is restored to a time before this has lost it, if nobody else had heard
	w.note("%s links %s", by.name, h.name)
	return true
}

// carryIdentity copies the identity log of somebody, as the flow that links devices does.
func (w *world) carryIdentity(from, to *home, who *person) {
	ctx := context.Background()
	var runs []oplog.Run
	for _, record := range from.logs(who.id.IdentitySpace()) {
		more, err := from.db.Runs(ctx, record.Log.ID(), oplog.Range{First: 1, Last: record.Head.Seq}, 1<<20)
		w.must(err)
		runs = append(runs, more...)
	}
	for range 3 { // what was pending is offered again
		_, err := to.gate.Ingest(ctx, runs)
		w.must(err)
	}
	to.settleDown()
}

// identify writes an operation into the home's person's identity log. It reports false where it does not count.
func (h *home) identify(op identity.Operation) bool {
	ctx := context.Background()
	payload, err := identity.Encode(op)
	h.w.must(err)
	id := h.who.id.IdentitySpace()
	if h.identityLog.Space != id {
		h.identityLog = oplog.Log{Space: id, Device: h.device.ID(), Lane: oplog.Control}
		rand.Read(h.identityLog.Incarnation[:])
	}
	head := oplog.Head{Log: h.identityLog}
	for _, record := range h.logs(id) {
		if record.Log == h.identityLog {
			head = record.Head
		}
	}
	var lamport uint64
	h.w.must(h.db.View(ctx, func(r ingest.Reader) (err error) {
		lamport, err = r.Lamport(id)
		return err
	}))
	entries, err := oplog.Compose(h.device, head, lamport, h.now(), []oplog.Draft{{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)}})
	h.w.must(err)
	run, err := oplog.RunOf(entries)
	h.w.must(err)
	verdicts, err := h.gate.Ingest(ctx, []oplog.Run{run})
	h.w.must(err)
	h.settleDown()
	return verdicts[0].Code == ingest.Accepted
}

// doUnlink lets a person remove a younger device of theirs. Its home goes on as if nothing had happened: it was stolen.
func (w *world) doUnlink(h *home, _ *room, _ *space.State) bool {
	ctx := context.Background()
	me, err := h.gate.Person(ctx, h.who.id)
	w.must(err)
	mine := slices.IndexFunc(h.who.devices, func(d *key.Device) bool { return d == h.device })
	var younger []*home
	for _, other := range w.homes {
		if other.who == h.who && other.device != h.device && !other.out && slices.Index(h.who.devices, other.device) > mine {
			if d, ok := me.Device(other.device.ID()); ok && !d.Removed {
				younger = append(younger, other)
			}
		}
	}
	lost, ok := pick(w, younger)
	keys, err := me.OpenKeys(h.device)
	if !ok || h.out || err != nil || len(keys) == 0 {
		return false
	}
	before := keys[len(keys)-1]
	fresh := key.NewPersonKey(h.who.id, before.Generation()+1)
	generation := identity.Generation{
		Number: fresh.Generation(), Suite: key.SealSuite, Public: fresh.SealPublic(), Previous: fresh.SealPrevious(before),
	}
	generation.ToRoot, err = fresh.SealTo(me.RootSeal)
	w.must(err)
	for _, d := range me.Devices() {
		if d.Device != lost.device.ID() {
			sealed, err := fresh.SealTo(d.Seal)
			w.must(err)
			generation.ToDevice = append(generation.ToDevice, identity.SealedSeed{Device: d.Device, Sealed: sealed})
		}
	}
	op := &identity.RemoveDevice{Device: lost.device.ID(), Key: generation}
	cut := make(map[oplog.LogID]uint64)
	places := []key.SpaceID{h.who.id.IdentitySpace()}
	for _, r := range w.spaces {
		places = append(places, r.id)
	}
	for _, place := range places {
		for _, record := range h.logs(place) {
			if record.Log.Device == lost.device.ID() && record.Head.Seq > 0 {
				op.Cut = append(op.Cut, identity.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
				cut[record.Log.ID()] = record.Head.Seq
			}
		}
	}
	if !h.identify(op) {
		return false
	}
	for _, other := range w.homes {
		other.out = other.out || other.device == lost.device // copies of its folder too
	}
	w.orphans(h)
	w.end(ender{target: h.who, device: lost, cut: cut})
	w.note("%s removes the device %s", h.name, lost.name)
	return true
}

// orphans marks the homes that a removed device had linked without the remover's knowledge: they are nobody's.
func (w *world) orphans(by *home) {
	me, err := by.gate.Person(context.Background(), by.who.id)
	w.must(err)
	for _, h := range w.homes { // who links comes before who is linked
		if h.linkedBy == nil || !h.linkedBy.out || h.out || h.who != by.who {
			continue
		}
		if d, ok := me.Device(h.device.ID()); !ok || d.Removed {
			w.note("%s is nobody's, because %s, which linked it, was removed", h.name, h.linkedBy.name)
			h.out = true
		}
	}
}

// found makes the spaces of the village.
func (w *world) found(n int) {
	for i := range n {
		by := w.homes[w.dice.IntN(len(w.people))]
		kind := []space.Kind{space.Group, space.Group, space.Chat, space.Wall}[w.dice.IntN(4)]
		history := []space.History{space.HistoryAll, space.HistoryAll, space.HistoryJoining}[w.dice.IntN(3)]
		r := &room{name: fmt.Sprintf("%s's %s", by.who.name, []string{"first", "second", "third"}[i]), by: by.who}
		r.create = space.NewCreate(kind, by.who.id, history)
		if kind != space.Wall {
			r.create.Invite = []space.Role{space.Writer, space.Admin, space.Admin}[w.dice.IntN(3)]
		}
		w.must(by.gate.Publish(context.Background(), func(writing *ingest.Writing) (err error) {
			r.id, err = writing.Create(r.create)
			return err
		}))
		by.settleDown()
		w.spaces = append(w.spaces, r)
		for _, h := range w.homes {
			if h != by {
				h.await(r.id, by.who.id)
			}
		}
		w.note("%s begins %s, kind %d, history %d", by.name, r.name, kind, history)
	}
}
