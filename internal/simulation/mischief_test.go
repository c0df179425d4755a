package simulation

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
	"kith/internal/seal"
	"kith/internal/space"
)

// wrapping is what the villain's home does when it is asked for keys.
type wrapping int

const (
	honestly    wrapping = iota
	withholding          // it hands out none
	spoiling             // it changes a byte
	swapping             // it hands out the key of another epoch under the name of the one asked for
)

// villainous is the villain's home as others see it.
type villainous struct {
	replicate.Local
	how wrapping
}

// door puts the villain in front of their home's doors.
func (w *world) door(h *home, local replicate.Local) replicate.Local {
	if h.honest() || w.evilWrap == honestly {
		return local
	}
	return &villainous{local, w.evilWrap}
}

func (v *villainous) Seal(ctx context.Context, id key.SpaceID, epochs []oplog.EpochID) ([]replicate.SealedKey, error) {
	keys, err := v.Local.Seal(ctx, id, epochs)
	switch v.how {
	case withholding:
		return nil, err
	case spoiling:
		for i := range keys {
			keys[i].Sealed = bytes.Clone(keys[i].Sealed)
			keys[i].Sealed[len(keys[i].Sealed)/2] ^= 1
		}
	case swapping:
		for i := range keys {
			keys[i].Sealed = keys[(i+1)%len(keys)].Sealed
			if len(keys) == 1 {
				keys[i].Sealed = keys[i].Sealed[1:]
			}
		}
	}
	return keys, err
}

// trick is something that the villain tries against the home of a victim. It reports false where it cannot be tried.
type trick struct {
	kind string
	do   func(w *world, v, victim *home, r *room) bool
}

var tricks = []trick{
	{"forgery", (*world).forge},
	{"replay into another log", (*world).replay},
	{"replay of a wrap", (*world).replayWrap},
	{"stolen payload", (*world).steal},
	{"entry beyond the cut", (*world).writeOn},
	{"fork", (*world).fork},
	{"operation without the right", (*world).usurp},
}

// mischief lets the villain try something, now and then.
func (w *world) mischief() {
	for range 2 {
		var own, victims []*home
		for _, h := range w.up() {
			if h.honest() {
				victims = append(victims, h)
			} else if !h.out {
				own = append(own, h)
			}
		}
		v, ok := pick(w, own)
		victim, found := pick(w, victims)
		r, _ := pick(w, w.spaces)
		if !ok || !found {
			return
		}
		trick := tricks[w.dice.IntN(len(tricks))]
		if trick.do(w, v, victim, r) {
			w.count("attack: " + trick.kind)
			w.note("%s tries against %s: %s in %s", v.name, victim.name, trick.kind, r.name)
		}
		v.settleDown()
		victim.settleDown()
	}
}

// give puts a run through a home's gate.
func (w *world) give(h *home, runs ...oplog.Run) []ingest.Verdict {
	verdicts, err := h.gate.Ingest(context.Background(), runs)
	w.must(err)
	h.settleDown()
	return verdicts
}

// someRun picks a run that a home holds of a space.
func (w *world) someRun(h *home, r *room) (oplog.Run, bool) {
	var logs []ingest.LogRecord
	for _, record := range h.logs(r.id) {
		if len(record.Held) > 0 {
			logs = append(logs, record)
		}
	}
	record, ok := pick(w, logs)
	if !ok {
		return oplog.Run{}, false
	}
	runs, err := h.db.Runs(context.Background(), record.Log.ID(), record.Held[0], 1<<20)
	w.must(err)
	run, ok := pick(w, runs)
	run.Entries = slices.Clone(run.Entries)
	return run, ok
}

// forge changes something in a run that somebody wrote.
func (w *world) forge(v, victim *home, r *room) bool {
	run, ok := w.someRun(v, r)
	if !ok {
		return false
	}
	last := &run.Entries[len(run.Entries)-1]
	how := w.dice.IntN(3)
	switch {
	case how == 0 && len(last.Payload) > 0:
		last.Payload = bytes.Clone(last.Payload)
		last.Payload[w.dice.IntN(len(last.Payload))] ^= 4
	case how == 1:
		run.First++
	default:
		last.Header = bytes.Clone(last.Header)
		last.Header[w.dice.IntN(len(last.Header))] ^= 1
	}
	verdict := w.give(victim, run)[0]
	w.check(noForgery, verdict.Code == ingest.Rejected, "%s finds a changed run %v (%v)", victim.name, verdict.Code, verdict.Reason)
	return true
}

// replay passes a run off as one of another space, another device or the other lane.
func (w *world) replay(v, victim *home, r *room) bool {
	run, ok := w.someRun(v, r)
	if !ok {
		return false
	}
	switch other, _ := pick(w, w.spaces); {
	case other != r:
		run.Log.Space = other.id
	case w.roll(2):
		run.Log.Lane = 3 - run.Log.Lane
	default:
		run.Log.Device = v.device.ID()
		run.Log.Incarnation[15] ^= 1
	}
	verdict := w.give(victim, run)[0]
	w.check(noReplay, verdict.Code == ingest.Rejected, "%s finds a replayed run %v (%v)", victim.name, verdict.Code, verdict.Reason)
	return true
}

// replayWrap shows a key that was sealed to one person, for one epoch of one space, to others, as another.
func (w *world) replayWrap(v, victim *home, r *room) bool {
	ctx := context.Background()
	state, err := v.gate.State(ctx, r.id)
	if err != nil {
		return false
	}
	var epochs []oplog.EpochID
	for _, e := range state.Epochs() {
		if held, _ := v.hasKey(r.id, e.Rotate.Epoch); held {
			epochs = append(epochs, e.Rotate.Epoch)
		}
	}
	epoch, ok := pick(w, epochs)
	someone, _ := pick(w, w.up())
	if !ok || someone == v {
		return false
	}
	wraps, err := v.peers.Local(someone.device.Peer()).Seal(ctx, r.id, []oplog.EpochID{epoch})
	w.must(err)
	if len(wraps) == 0 {
		return false
	}
	door := victim.peers.Local(v.device.Peer())
	try := func(space key.SpaceID, wrap replicate.SealedKey) {
		verdicts, err := door.Open(ctx, space, []replicate.SealedKey{wrap})
		w.must(err)
		w.check(noReplay, verdicts[0] != replicate.Accepted, "%s takes a wrap that was made for %s, or for another epoch", victim.name, someone.name)
	}
	if someone.who != victim.who {
		try(r.id, wraps[0])
	}
	for _, e := range state.Epochs() {
		if e.Rotate.Epoch != epoch {
			other := wraps[0]
			other.Epoch = e.Rotate.Epoch
			try(r.id, other)
		}
	}
	for _, other := range w.spaces {
		if other != r {
			try(other.id, wraps[0])
		}
	}
	return true
}

// ownLog finds a log that the villain's device writes in a space; with fresh, the name of another under the same right.
func (w *world) ownLog(v *home, r *room, lane oplog.Lane, fresh bool) (oplog.Head, bool) {
	var heads []oplog.Head
	for _, record := range v.logs(r.id) {
		if record.Log.Device == v.device.ID() && (fresh || record.Log.Lane == lane && !w.forked[record.Log.ID()]) {
			heads = append(heads, record.Head)
		}
	}
	head, ok := pick(w, heads)
	if ok && fresh {
		log := head.Log
		log.Lane = lane
		rand.Read(log.Incarnation[8:])
		head = oplog.Head{Log: log}
	}
	return head, ok
}

// compose writes one entry as the villain, past their own gate.
func (w *world) compose(v *home, head oplog.Head, draft oplog.Draft) oplog.Run {
	var lamport uint64
	w.must(v.db.View(context.Background(), func(r ingest.Reader) (err error) {
		lamport, err = r.Lamport(head.Log.Space)
		return err
	}))
	if w.roll(4) {
		lamport = 0 // dated back as far as the log allows
	}
	entries, err := oplog.Compose(v.device, head, lamport, v.now(), []oplog.Draft{draft})
	w.must(err)
	run, err := oplog.RunOf(entries)
	w.must(err)
	return run
}

// item drafts content under a key that the villain has.
func (w *world) item(v *home, r *room, text string) (oplog.Draft, bool) {
	state, err := v.gate.State(context.Background(), r.id)
	if err != nil {
		return oplog.Draft{}, false
	}
	for _, e := range state.Epochs() {
		epoch, err := v.gate.Key(context.Background(), r.id, e.Rotate.Epoch)
		w.must(err)
		if epoch == nil {
			continue
		}
		plain, err := content.Encode(content.Post{Text: text})
		w.must(err)
		return oplog.Draft{Kind: oplog.KindContent, Epoch: epoch.ID(), Payload: func(h oplog.Header) ([]byte, error) {
			return seal.Payload(epoch, r.id, h, nil, plain)
		}}, true
	}
	return oplog.Draft{}, false
}

// steal publishes somebody else's ciphertext as the villain's own.
func (w *world) steal(v, victim *home, r *room) bool {
	var loot oplog.Draft
	for _, p := range w.posts {
		if p.room != r || p.by.who == v.who {
			continue
		}
		w.must(v.db.View(context.Background(), func(reader ingest.Reader) error {
			entry, held, err := reader.Entry(p.log, p.seq)
			if held && err == nil && entry.Payload() != nil {
				loot = oplog.Draft{Kind: oplog.KindContent, Epoch: p.epoch, Payload: oplog.Plain(entry.Payload())}
			}
			return err
		}))
	}
	head, ok := w.ownLog(v, r, oplog.Content, true)
	if loot.Payload == nil || !ok {
		return false
	}
	run := w.compose(v, head, loot)
	w.give(v, run)
	w.give(victim, run)
	entries, err := oplog.Verify(&run, oplog.EntryID{})
	w.must(err)
	for _, h := range []*home{v, victim} {
		_, shown, err := h.db.Item(context.Background(), entries[0].ID())
		w.must(err)
		w.check(noReplay, !shown, "%s shows a stolen payload", h.name)
	}
	return true
}

// writeOn writes in a log of the villain's that the victim knows to have ended.
func (w *world) writeOn(v, victim *home, r *room) bool {
	state, err := victim.gate.State(context.Background(), r.id)
	if err != nil {
		return false
	}
	for _, lane := range []oplog.Lane{oplog.Content, oplog.Control} {
		head, ok := w.ownLog(v, r, lane, false)
		if !ok {
			continue
		}
		last, ended := state.End(v.who.id, head.Log)
		if !ended {
			continue
		}
		draft, ok := w.item(v, r, "still here")
		if lane == oplog.Control {
			payload, err := space.Encode(&space.Merge{})
			w.must(err)
			draft, ok = oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(payload)}, true
		}
		if !ok {
			continue
		}
		w.give(v, w.compose(v, head, draft))
		runs, err := v.db.Runs(context.Background(), head.Log.ID(), oplog.Range{First: last + 1, Last: head.Seq + 1}, 1<<20)
		w.must(err)
		for _, run := range runs {
			if run.Last() <= last {
				continue
			}
			verdict := w.give(victim, run)[0]
			w.check(cutsHold, verdict.Code != ingest.Accepted, "%s takes entry %d of a log of %s that ends at %d", victim.name, run.Last(), v.name, last)
		}
		return true
	}
	return false
}

// fork shows two homes two different entries for one place in a log.
func (w *world) fork(v, victim *home, r *room) bool {
	head, ok := w.ownLog(v, r, oplog.Content, true)
	one, have := w.item(v, r, fmt.Sprintf("to %s", victim.name))
	if !ok || !have {
		return false
	}
	two, _ := w.item(v, r, "to everybody else")
	w.forked[head.Log.ID()] = true
	w.give(victim, w.compose(v, head, one))
	other, _ := pick(w, w.up())
	w.give(other, w.compose(v, head, two))
	return true
}

// usurp writes an operation that the villain may have no right to.
func (w *world) usurp(v, victim *home, r *room) bool {
	head, ok := w.ownLog(v, r, oplog.Control, false)
	if !ok {
		if head, ok = w.ownLog(v, r, oplog.Control, true); !ok {
			return false
		}
	}
	who, _ := pick(w, w.people)
	var op space.Operation
	switch w.dice.IntN(6) {
	case 0:
		op = &space.Add{Person: who.id, Role: space.Admin, Generation: 1}
	case 1:
		op = &space.Remove{Person: who.id}
	case 2:
		op = &space.SetRole{Person: who.id, Role: space.Role(1 + w.dice.IntN(3))}
	case 3:
		op = &space.HandOver{Person: v.who.id}
	case 4:
		op = &space.Close{}
	case 5:
		op = w.badRotation(v, r, who)
	}
	payload, err := space.Encode(op)
	w.must(err)
	run := w.compose(v, head, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(payload)})
	w.give(v, run)
	w.give(victim, run)
	entries, err := oplog.Verify(&run, oplog.EntryID{})
	w.must(err)
	// If the villain does have the right, it counts.
	switch op.(type) {
	case *space.Add:
		w.sponsor(r, v, who, entries[0])
	case *space.Remove, *space.SetRole:
		w.end(ender{room: r, target: who})
		w.sponsor(r, v, who, entries[0])
	case *space.HandOver:
		w.end(ender{room: r, target: v.who})
	}
	return true
}

// badRotation is a new key that is made for somebody who may be out, and whose commitments fit nothing.
func (w *world) badRotation(v *home, r *room, who *person) space.Operation {
	rotation := &space.Rotate{For: []space.EpochReader{{Person: v.who.id, Generation: 1}, {Person: who.id, Generation: 1}}}
	if who == v.who {
		rotation.For = rotation.For[:1]
	}
	rand.Read(rotation.Epoch[:])
	rand.Read(rotation.KeyCommitment[:])
	rand.Read(rotation.HistoryCommitment[:])
	return rotation
}
