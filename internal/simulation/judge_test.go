package simulation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// watch checks, after each chapter, what must hold at every moment.
func (w *world) watch() {
	for _, h := range w.up() {
		for _, r := range w.spaces {
			state, err := h.gate.State(context.Background(), r.id)
			if err != nil {
				continue
			}
			if h.honest() && !h.peers.Directory.Removed() { // a device that knows it was removed keeps what it has
				w.watchCuts(h, r, state)
			}
			if r.create.History == space.HistoryJoining {
				w.watchKeys(h, r, state)
			}
			w.note("%s has %s: %s", h.name, r.name, w.short(state, h, r))
		}
	}
}

// watchCuts checks that nothing beyond a log's end is kept.
func (w *world) watchCuts(h *home, r *room, state *space.State) {
	for _, record := range h.logs(r.id) {
		last, ended := state.End(record.Author, record.Log)
		if ended {
			w.check(cutsHold, record.Head.Seq <= last, "%s holds entry %d of log %v of %s, which ends at %d",
				h.name, record.Head.Seq, record.Log.ID(), w.name(record.Author), last)
		}
	}
}

// watchKeys checks that, in a space where nobody reads back, nobody has a key that was not made for them.
func (w *world) watchKeys(h *home, r *room, state *space.State) {
	for _, epoch := range state.Epochs() {
		if epoch.Author == h.who.id {
			continue
		}
		made := slices.ContainsFunc(epoch.For, func(reader space.EpochReader) bool { return reader.Person == h.who.id })
		held, history := h.hasKey(r.id, epoch.Rotate.Epoch)
		w.check(beforeJoining, !held || made, "%s has the key of %v in %s, which was not made for them", h.name, epoch.Rotate.Epoch, r.name)
		w.check(beforeJoining, !history, "%s has the history key of %v in %s", h.name, epoch.Rotate.Epoch, r.name)
	}
}

// describe is what a space folds to, in words.
func (w *world) describe(state *space.State) string {
	var text strings.Builder
	for _, person := range w.people {
		fmt.Fprintf(&text, "%s %v; ", person.name, state.Role(person.id))
	}
	fmt.Fprintf(&text, "closed %v; epochs", state.Closed)
	epochs := state.Epochs()
	slices.SortFunc(epochs, func(a, b space.Epoch) int { return bytes.Compare(a.Entry[:], b.Entry[:]) })
	for _, e := range epochs {
		fmt.Fprintf(&text, " %x by %s", e.Rotate.Epoch[:3], w.name(e.Author))
	}
	return text.String()
}

// leftOut tells whether a log is not compared: the villain forked it, or nobody can settle it.
func (w *world) leftOut(log oplog.LogID) bool { return w.forked[log] || w.frozen[log] }

// holdings lists the heads of a space, and of these people's identity logs. The villain's forked logs are left out, and
// what skip, which may be nil, says.
func (w *world) holdings(h *home, r *room, people []key.PersonID, skip func(ingest.LogRecord) bool) []string {
	var list []string
	for _, part := range append([]key.SpaceID{r.id}, identitySpaces(people)...) {
		for _, record := range h.logs(part) {
			if record.Head.Seq == 0 || w.leftOut(record.Log.ID()) || skip != nil && skip(record) {
				continue
			}
			whole := ""
			if len(record.Held) != 1 || record.Held[0] != (oplog.Range{First: 1, Last: record.Head.Seq}) {
				whole = fmt.Sprintf(" with gaps, only %v", record.Held)
			}
			list = append(list, fmt.Sprintf("log %v of %s, lane %d, up to %d, %x%s", record.Log.ID(), w.name(record.Author),
				record.Log.Lane, record.Head.Seq, record.Head.ID[:4], whole))
		}
	}
	slices.Sort(list)
	return list
}

func identitySpaces(people []key.PersonID) []key.SpaceID {
	list := make([]key.SpaceID, len(people))
	for i, person := range people {
		list[i] = person.IdentitySpace()
	}
	return list
}

// short is a digest of what a home has of a space, for the trace.
func (w *world) short(state *space.State, h *home, r *room) string {
	keys := 0
	for _, e := range state.Epochs() {
		if held, _ := h.hasKey(r.id, e.Rotate.Epoch); held {
			keys++
		}
	}
	sum := sha256.Sum256([]byte(w.describe(state) + strings.Join(w.holdings(h, r, state.People(), nil), "\n")))
	return fmt.Sprintf("%x with %d keys", sum[:6], keys)
}

// refer makes the referee, who is shown everything that any honest home holds: operations first, then content, as far as
// those who are in hold it, because nobody takes content from the home of who is out.
func (w *world) refer() *home {
	referee := w.addHome(nil, 0)
	var places []key.SpaceID
	for _, p := range w.people {
		places = append(places, p.id.IdentitySpace())
	}
	for _, r := range w.spaces {
		places = append(places, r.id)
	}
	for _, lane := range []oplog.Lane{oplog.Control, oplog.Content} {
		var runs []oplog.Run
		for _, h := range w.up() {
			if h.honest() && !h.out {
				for _, place := range places {
					if lane == oplog.Control || referee.isMember(place, h.who.id) {
						runs = append(runs, w.runsOf(h, place, lane)...)
					}
				}
			}
		}
		w.show(referee, runs)
	}
	return referee
}

// runsOf is what a home holds of a space in a lane. The villain's forked logs are left out.
func (w *world) runsOf(h *home, place key.SpaceID, lane oplog.Lane) []oplog.Run {
	var runs []oplog.Run
	for _, record := range h.logs(place) {
		if w.leftOut(record.Log.ID()) || record.Log.Lane != lane {
			continue
		}
		for _, held := range record.Held {
			more, err := h.db.Runs(context.Background(), record.Log.ID(), held, 1<<24)
			w.must(err)
			runs = append(runs, more...)
		}
	}
	return runs
}

// show gives runs to a home, in any order, until it takes nothing more.
func (w *world) show(h *home, runs []oplog.Run) {
	ctx := context.Background()
	for changed := true; changed; {
		changed = false
		w.dice.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
		verdicts, err := h.gate.Ingest(ctx, runs)
		w.must(err)
		for _, v := range verdicts {
			changed = changed || v.New > 0
		}
		h.settleDown()
		h.drain(ctx)
	}
}

// members lists the homes that have to agree on a space: the honest ones, whose person is in it and whose device was
// not removed.
func (w *world) members(r *room, state *space.State) []*home {
	var list []*home
	for _, h := range w.up() {
		if h.honest() && !h.out && state.Role(h.who.id) != 0 {
			list = append(list, h)
		}
	}
	if len(list) > 1 && !slices.ContainsFunc(list, func(h *home) bool { return h.device != list[0].device }) {
		return nil // copies of one folder have one address, so that they hear of one another from others alone
	}
	return list
}

// settled tells whether the members' homes have the same of every space, and all keys that they may have.
func (w *world) settled() bool {
	ctx := context.Background()
	for _, r := range w.spaces {
		// Who is in is the matter of those who know most: nobody who is in lacks an operation that another has.
		for _, h := range w.up() {
			state, err := h.gate.State(ctx, r.id)
			if err != nil || !h.honest() || h.out || !w.isIn(h, r, state) {
				continue
			}
			for _, other := range w.up() {
				if state.Role(other.who.id) == 0 || !other.honest() || other.out {
					continue
				}
				theirs, err := other.gate.State(ctx, r.id)
				if err != nil {
					w.unsettled = fmt.Sprintf("%s has nothing of %s", other.name, r.name)
					return false
				}
				if a, b := w.holdings(h, r, state.People(), nil), w.holdings(other, r, theirs.People(), nil); !slices.Equal(a, b) {
					w.unsettled = fmt.Sprintf("%s and %s differ in %s: %s", h.name, other.name, r.name, difference(a, b))
					return false
				}
				for _, e := range state.Epochs() {
					may, _ := theirs.MayHold(other.who.id, e.Rotate.Epoch)
					mine, _ := h.hasKey(r.id, e.Rotate.Epoch)
					if has, _ := other.hasKey(r.id, e.Rotate.Epoch); may && mine && !has {
						w.unsettled = fmt.Sprintf("%s has no key of %x in %s, and %s has", other.name, e.Rotate.Epoch[:4], r.name, h.name)
						return false
					}
				}
			}
		}
	}
	return true
}

// isIn tells whether a home is in a space as far as those see it whom it takes for members. Who was removed may not know.
func (w *world) isIn(h *home, r *room, state *space.State) bool {
	return state.Role(h.who.id) != 0 && !slices.ContainsFunc(w.up(), func(other *home) bool {
		if state.Role(other.who.id) == 0 || !other.honest() || other.out {
			return false
		}
		theirs, err := other.gate.State(context.Background(), r.id)
		return err == nil && theirs.Role(h.who.id) == 0
	})
}

// judge checks, when all is healed, what has to have come of it.
func (w *world) judge() {
	ctx := context.Background()
	w.rights = ""
	w.findFrozen()
	referee := w.refer()
	defer referee.close()
	for _, r := range w.spaces {
		if w.lost[r] {
			w.agreed[r] = nil
			continue
		}
		truth, err := referee.gate.State(ctx, r.id)
		if err != nil {
			continue // nobody but the villain was ever in it
		}
		w.note("%s: %s", r.name, w.describe(truth))
		for _, p := range w.people {
			w.rights += fmt.Sprintf("%s %v in %s; ", p.name, truth.Role(p.id), r.name)
		}
		members := w.members(r, truth)
		w.agreed[r] = members
		for _, h := range members {
			if w.judgeState(h, r, referee, truth, members[0]) {
				w.judgePosts(h, r, members)
			}
		}
		w.judgeOuts(r, truth)
		w.judgeRemovals(r, referee, truth)
	}
	restored := slices.ContainsFunc(w.homes, func(h *home) bool { return h.restored })
	for _, h := range w.up() {
		forks, err := h.db.Forks(ctx)
		w.must(err)
		for _, f := range forks {
			if !w.forked[f.Log.ID()] && !w.isVillains(f.Log) && !w.doubled[f.Log.Device] {
				w.fail(restores, "%s has proof that the log %v of an honest home forked", h.name, f.Log.ID())
			}
		}
		if restored {
			w.checked[restores] = true
		}
	}
}

func (w *world) isVillains(log oplog.Log) bool {
	if w.villain == nil {
		return false
	}
	return slices.ContainsFunc(w.villain.devices, func(d *key.Device) bool { return d.ID() == log.Device })
}

// judgeState compares a member's home with the referee and with another member's.
func (w *world) judgeState(h *home, r *room, referee *home, truth *space.State, other *home) bool {
	state, err := h.gate.State(context.Background(), r.id)
	if err != nil {
		w.check(converges, false, "%s, who is in %s, has nothing of it: %v", h.name, r.name, err)
		return false
	}
	ours, theirs := w.describe(state), w.describe(truth)
	w.check(converges, ours == theirs, "%s sees %s as %s, and the referee as %s", h.name, r.name, ours, theirs)
	// The referee may know more of those who are out, because it was shown their homes too, and of the villain, who may
	// show different homes different things.
	var members []key.PersonID
	for _, member := range truth.Members() {
		if w.villain == nil || member.Person != w.villain.id {
			members = append(members, member.Person)
		}
	}
	gone := func(record ingest.LogRecord) bool {
		return record.Log.Lane == oplog.Content && truth.Role(record.Author) == 0
	}
	for _, pair := range []struct {
		with   *home
		people []key.PersonID
		skip   func(ingest.LogRecord) bool
	}{{referee, members, gone}, {other, truth.People(), nil}} {
		mine, theirs := w.holdings(h, r, pair.people, pair.skip), w.holdings(pair.with, r, pair.people, pair.skip)
		if !slices.Equal(mine, theirs) {
			w.check(converges, false, "in %s, %s and %s do not hold the same: %s", r.name, h.name, pair.with.name, difference(mine, theirs))
			return false
		}
	}
	return true
}

// difference tells how two lists differ.
func difference(ours, theirs []string) string {
	var text []string
	for _, line := range ours {
		if !slices.Contains(theirs, line) {
			text = append(text, "only the first: "+line)
		}
	}
	for _, line := range theirs {
		if !slices.Contains(ours, line) {
			text = append(text, "only the second: "+line)
		}
	}
	return strings.Join(text, "; ")
}

// judgePosts checks that a member's home has every acknowledged post, and can read what its person may.
func (w *world) judgePosts(h *home, r *room, members []*home) {
	state, err := h.gate.State(context.Background(), r.id)
	w.must(err)
	for _, p := range w.posts {
		if p.room != r || p.lost || w.frozen[p.log] {
			continue
		}
		held, payload := h.holds(p.log, p.seq, p.id)
		if !held && w.doubled[p.by.device.ID()] {
			w.judgeAgain(h, r, state, p)
			continue
		}
		if !held {
			w.check(nothingLost, w.excused(p), "%s does not hold the post %v (%q) in %s", h.name, p.id, p.text, r.name)
			continue
		}
		w.checked[nothingLost] = true
		if p.erased {
			continue
		}
		w.check(nothingLost, payload, "%s lost the payload of the post %v (%q)", h.name, p.id, p.text)
		w.judgeReading(h, r, state, p, members)
	}
}

// judgeAgain checks that a post which stood in a branch that was given up was written again.
func (w *world) judgeAgain(h *home, r *room, state *space.State, p *post) {
	again := p.silent || p.erased || h.shows(r, p)
	if again {
		w.count("post said again after a fork")
		w.checked[saidAgain] = true
		return
	}
	w.check(saidAgain, state.Closed || w.ended(r, p.by) || w.excused(p) || w.rightsChanged(p), "%s does not show the post %v (%q) of a forked log in %s",
		h.name, p.id, p.text, r.name)
}

// judgeReading checks that a post can be read where its key may be, if any honest member's home has the key.
func (w *world) judgeReading(h *home, r *room, state *space.State, p *post, members []*home) {
	epoch, ok := state.Epoch(p.epoch)
	if !ok {
		return // its rotation was cut off with its author
	}
	may := r.create.History == space.HistoryAll || epoch.Author == h.who.id || slices.ContainsFunc(epoch.For, func(reader space.EpochReader) bool {
		return reader.Person == h.who.id
	})
	someone := slices.ContainsFunc(members, func(other *home) bool {
		held, history := other.hasKey(r.id, p.epoch)
		return held && (history || r.create.History == space.HistoryJoining)
	})
	if allowed, _ := state.MayHold(h.who.id, p.epoch); may && someone && !allowed {
		// It names a departure that was void and is dropped everywhere, so that nobody can tell it from one not heard of.
		w.count("key that nobody may hand on after a void departure")
		may = false
	}
	if !may || !someone {
		return
	}
	held, _ := h.hasKey(r.id, p.epoch)
	w.check(readable, held, "%s has no key for the post %v (%q) in %s", h.name, p.id, p.text, r.name)
	if w.evilWrap != honestly {
		w.check(wrapsMadeGood, held, "%s has no key for the post %v", h.name, p.id)
	}
	if held && !p.silent {
		item, found, err := h.db.Item(context.Background(), p.id)
		w.must(err)
		shown := textOf(item.Content)
		w.check(readable, found && shown == p.text, "%s shows the post %v as %q, and not %q", h.name, p.id, shown, p.text)
	}
}

// judgeOuts checks that whoever was out when a post was written never came to its key.
func (w *world) judgeOuts(r *room, truth *space.State) {
	for _, p := range w.posts {
		if p.room != r {
			continue
		}
		for _, person := range p.outs {
			if truth.Role(person.id) != 0 || w.granted(r, person, p.at) {
				continue
			}
			for _, h := range w.up() {
				if h.who == person {
					held, _ := h.hasKey(r.id, p.epoch)
					w.check(outsReadNot, !held, "%s has the key of %q, written by %s when %s was out of %s", h.name, p.text, p.by.name, person.name, r.name)
				}
			}
		}
		for _, h := range p.outDevices {
			if h.up {
				held, _ := h.hasKey(r.id, p.epoch)
				w.check(deviceOut, !held, "the removed device %s has the key of %q, written by %s", h.name, p.text, p.by.name)
			}
		}
	}
}

// granted tells whether somebody was given a role in the space after a moment.
func (w *world) granted(r *room, who *person, since int) bool {
	return slices.ContainsFunc(w.grants, func(g grant) bool { return g.room == r && g.who == who && g.at > since })
}

// anyKey tells whether one of the homes has the key of an epoch that may be written under.
func (w *world) anyKey(r *room, homes []*home) bool {
	ctx := context.Background()
	for _, h := range homes {
		state, err := h.gate.State(ctx, r.id)
		w.must(err)
		for _, e := range state.Open(func(id key.PersonID) uint64 {
			person, err := h.gate.Person(ctx, id)
			w.must(err)
			return person.Generation()
		}) {
			if held, _ := h.hasKey(r.id, e.Rotate.Epoch); held {
				return true
			}
		}
	}
	return false
}

// keyPatience is longer than a home waits for a key before it begins an epoch of its own.
const keyPatience = 11 * time.Minute

// epilogue lets one of each space's members write, and then all of them: under one epoch.
func (w *world) epilogue() {
	w.reseed()
	for _, r := range w.spaces {
		var writers []*home
		for _, h := range w.agreed[r] {
			state, err := h.gate.State(context.Background(), r.id)
			if err == nil && !state.Closed && state.Role(h.who.id) >= state.Create.Post {
				writers = append(writers, h)
			}
		}
		first, ok := pick(w, writers)
		if !ok {
			continue
		}
		p, err := first.publish(r, "the first of the last")
		if errors.Is(err, ingest.ErrNoKey) && !w.anyKey(r, w.agreed[r]) {
			// Its author keeps it, or lost it with a folder that was restored.
			w.count("nobody honest has a key to write with")
			for range 2 { // the clock may be put back once meanwhile
				time.Sleep(keyPatience)
				if p, err = first.publish(r, "the first of the last, after a while"); err == nil {
					break
				}
			}
		}
		if err != nil {
			w.check(oneEpoch, false, "%s, a member, cannot write in %s in the end: %v", first.name, r.name, err)
			continue
		}
		w.note("%s writes %v in %s under %v", first.name, p.id, r.name, p.epoch)
		w.heal()
		for _, h := range writers {
			last, err := h.publish(r, "the last of "+h.name)
			if err != nil {
				w.check(oneEpoch, false, "%s, a member, cannot write in %s in the end: %v", h.name, r.name, err)
				continue
			}
			w.check(oneEpoch, last.epoch == p.epoch, "%s writes in %s under %v, and %s under %v", first.name, r.name, p.epoch, h.name, last.epoch)
		}
	}
	w.heal()
	w.judge()
}
