package space

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/key"
	"kith/internal/oplog"
)

const incarnations = 2

// describe writes everything that a state says about the people of a scene, for comparing.
func describe(s *scene, state *State) string {
	if state == nil {
		return "no space"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "closed %v", state.Closed)
	for n := range s.devices {
		member, ok := state.Member(person(n))
		fmt.Fprintf(&out, "\nperson %d: %v role %d tenure %.4s generation %d since %d ends", n, ok, member.Role, member.Tenure, member.Generation, member.since)
		for lane := oplog.Control; lane <= oplog.Content; lane++ {
			for i := range incarnations {
				last, ended := state.End(person(n), lane, s.log(n, i, lane).ID())
				fmt.Fprintf(&out, " %d.%d:%v:%d", lane, i, ended, last)
			}
		}
	}
	for _, e := range state.Epochs() {
		fmt.Fprintf(&out, "\nepoch %.2x by %.2x rank %d for %d", e.Rotate.Epoch[0], e.Author[0], e.rank, len(e.For))
		later := slices.Clone(e.later)
		slices.SortFunc(later, func(a, b EpochReader) int { return bytes.Compare(a.Person[:], b.Person[:]) })
		for _, r := range later {
			fmt.Fprintf(&out, " later %.2x:%d", r.Person[0], r.Generation)
		}
	}
	for _, e := range state.Open(one) {
		fmt.Fprintf(&out, "\nopen %.2x", e.Rotate.Epoch[0])
	}
	for n := range s.devices {
		for seq := uint64(1); seq <= 3; seq++ {
			if state.Erased(person(n), s.log(n, 0, content).ID(), seq) {
				fmt.Fprintf(&out, "\nerased %d of person %d", seq, n)
			}
		}
	}
	return out.String()
}

// drawHistory makes operations of the owner, members and strangers, with Lamport times, cuts and targets of their
// choice, and content entries in between.
func drawHistory(rt *rapid.T, s *scene) []oplog.Verified {
	s.restart()
	people := len(s.devices)
	var entries []oplog.Verified
	for n := 1; n < people-1; n++ {
		entries = append(entries, s.write(0, 0, uint64(n+1), s.add(n, 1)))
	}
	number := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(rt, name) }
	cut := func(of int) []CutPoint {
		var list []CutPoint
		for lane := oplog.Control; lane <= oplog.Content; lane++ {
			for i := range incarnations {
				if number(0, 2, "named") > 0 {
					list = append(list, s.cutAt(of, i, lane, uint64(number(0, 4, "cut"))))
				}
			}
		}
		return list
	}
	for range number(4, 20, "operations") {
		author := number(0, people-1, "author")
		if number(0, 2, "owner") == 0 {
			author = 0
		}
		incarnation, lamport, target := number(0, incarnations-1, "incarnation"), uint64(number(1, 20, "lamport")), number(0, people-1, "target")
		var op Operation
		switch kind := number(0, 11, "kind"); kind {
		case 0, 1:
			op = s.add(target, uint64(number(1, 2, "generation")))
		case 2, 3:
			op = s.remove(target, cut(target)...)
		case 4:
			op = s.setRole(target, Role(number(1, 4, "role")), cut(target)...)
		case 5, 6:
			op = &Leave{Cut: append(cut(author), cut(target)...)}
		case 7, 8, 9:
			var parents, readers []int
			for n := range 4 {
				if number(0, 3, "parent") == 0 {
					parents = append(parents, n)
				}
			}
			for n := range people {
				if n == 0 || number(0, 2, "reader") > 0 {
					readers = append(readers, n)
				}
			}
			id := number(4, 9, "epoch")
			op = rotate(id, parents, readers...)
		case 10:
			op = &Erase{Targets: []Target{{Log: s.log(target, 0, content).ID(), Seq: uint64(number(1, 3, "seq"))}}}
		default:
			if number(0, 9, "rare") == 0 {
				op = []Operation{&Close{Tenure: s.begin.ID()}, s.create, &Remove{Person: person(target)}}[number(0, 2, "which")]
			} else {
				entries = append(entries, s.say(author, incarnation, lamport))
				continue
			}
		}
		entries = append(entries, s.write(author, incarnation, lamport, op))
	}
	return entries
}

// The same operations give the same state in any order, whether or not what is beyond a cut is among them; and it is
// the state that a plain reading of the rules gives.
func TestFoldConverges(t *testing.T) {
	s := newScene(t, 5, HistoryAll)
	histories, removed, left, beyond, epochs := 0, 0, 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawHistory(rt, s)
		state := s.fold(entries...)
		want := describe(s, state)
		shuffled := slices.Clone(entries)
		for range 3 {
			rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			if got := describe(s, s.fold(shuffled...)); got != want {
				rt.Fatalf("shuffled:\n%s\nwant\n%s", got, want)
			}
		}
		var kept []oplog.Verified
		for _, e := range entries {
			by, _ := s.speaks(e.Log().Device, e.Log().ID(), e.Seq())
			if state.MayWrite(by, e.Log().Lane, e.Log().ID(), e.Seq()) {
				kept = append(kept, e)
			} else {
				beyond++
			}
		}
		if got := describe(s, s.fold(kept...)); got != want {
			rt.Fatalf("without what is beyond the ends:\n%s\nwant\n%s", got, want)
		}
		if got := plainFold(s, entries); got != plainly(s, state) {
			rt.Fatalf("folded to\n%s\nplainly\n%s", plainly(s, state), got)
		}
		histories++
		epochs += len(state.Epochs())
		for n := range s.devices {
			if m, ok := state.Member(person(n)); ok && m.Role == 0 {
				if state.removed[person(n)] {
					removed++
				} else {
					left++
				}
			}
		}
	})
	if removed < histories/4 || left < histories/20 || beyond < histories/2 || epochs < histories/4 {
		t.Errorf("in %d histories only %d removed, %d left, %d entries beyond, %d epochs", histories, removed, left, beyond, epochs)
	}
}

// home is a store that takes what its state allows and drops what has ended, as every home does.
type home struct {
	s       *scene
	entries map[oplog.EntryID]oplog.Verified
}

func (h *home) state() *State {
	list := make([]oplog.Verified, 0, len(h.entries))
	for _, e := range h.entries {
		list = append(list, e)
	}
	return Fold(h.s.id, list, h.s.speaks)
}

// offer takes entries in the order given and reports whether anything changed.
func (h *home) offer(entries []oplog.Verified) bool {
	changed := false
	for _, e := range entries {
		if _, held := h.entries[e.ID()]; held {
			continue
		}
		by, _ := h.s.speaks(e.Log().Device, e.Log().ID(), e.Seq())
		if state := h.state(); state != nil && !state.MayWrite(by, e.Log().Lane, e.Log().ID(), e.Seq()) {
			continue
		} else if state == nil && e.ID() != h.s.begin.ID() {
			continue
		}
		h.entries[e.ID()] = e
		changed = true
		state := h.state()
		for id, held := range h.entries {
			by, _ := h.s.speaks(held.Log().Device, held.Log().ID(), held.Seq())
			if !state.MayWrite(by, held.Log().Lane, held.Log().ID(), held.Seq()) {
				delete(h.entries, id)
			}
		}
	}
	return changed
}

// Two homes that hear of the same operations in different orders, one by one, refusing and dropping as they go, hold
// the same entries in the end. Without that, their digests would differ for ever.
func TestStoresConverge(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	dropped := 0
	rapid.Check(t, func(rt *rapid.T) {
		entries := append([]oplog.Verified{s.begin}, drawHistory(rt, s)...)
		entries[0] = s.begin // the history begins the scene anew
		var homes [2]home
		for i := range homes {
			homes[i] = home{s, map[oplog.EntryID]oplog.Verified{s.begin.ID(): s.begin}}
			rand.Shuffle(len(entries), func(a, b int) { entries[a], entries[b] = entries[b], entries[a] })
			homes[i].offer(entries)
		}
		// What one refused while it did not know enough, the other or the author offers again.
		for round := 0; ; round++ {
			a, b := homes[0].offer(entries), homes[1].offer(entries)
			if !a && !b {
				break
			}
			if round > 2*len(entries) {
				rt.Fatal("the homes go on for ever")
			}
		}
		if len(homes[0].entries) != len(homes[1].entries) {
			rt.Fatalf("one holds %d entries, the other %d", len(homes[0].entries), len(homes[1].entries))
		}
		for id := range homes[0].entries {
			if _, ok := homes[1].entries[id]; !ok {
				rt.Fatal("the homes hold different entries")
			}
		}
		if a, b := describe(s, homes[0].state()), describe(s, homes[1].state()); a != b {
			rt.Fatalf("%s\nand\n%s", a, b)
		}
		dropped += len(entries) - len(homes[0].entries)
	})
	if dropped < atLeast(50) {
		t.Errorf("only %d entries were refused", dropped)
	}
}

// plainly is the part of a state that plainFold reads too.
func plainly(s *scene, state *State) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "closed %v", state.Closed)
	for n := range s.devices {
		fmt.Fprintf(&out, "\nperson %d role %d:", n, state.Role(person(n)))
		for lane := oplog.Control; lane <= oplog.Content; lane++ {
			for i := range incarnations {
				for seq := uint64(1); seq <= 6; seq++ {
					fmt.Fprintf(&out, " %v", state.MayWrite(person(n), lane, s.log(n, i, lane).ID(), seq))
				}
			}
		}
	}
	ids := []string{}
	for _, e := range state.Epochs() {
		ids = append(ids, fmt.Sprintf("\nepoch %.2x by %.2x of %d", e.Rotate.Epoch[0], e.Author[0], len(e.For)))
	}
	slices.Sort(ids)
	for _, id := range ids {
		out.WriteString(id)
	}
	return out.String()
}

// plainFold reads the rules slowly: it goes through the operations in order believing what the time before told about
// removals, and goes on until nothing changes.
func plainFold(s *scene, entries []oplog.Verified) string {
	type fact struct {
		entry oplog.Verified
		by    int
		op    Operation
	}
	var facts []fact
	for _, e := range append([]oplog.Verified{s.begin}, entries...) {
		if e.Header().Kind != oplog.KindControl {
			continue
		}
		for n, d := range s.devices {
			if d.ID() == e.Log().Device {
				op, err := Decode(e.Payload())
				if err != nil {
					panic(err)
				}
				facts = append(facts, fact{e, n, op})
			}
		}
	}
	slices.SortFunc(facts, func(a, b fact) int {
		if x, y := a.entry.Header().Lamport, b.entry.Header().Lamport; x != y {
			return int(x) - int(y)
		}
		x, y := a.entry.ID(), b.entry.ID()
		return bytes.Compare(x[:], y[:])
	})
	type end = map[oplog.LogID]uint64
	lower := func(ends map[int]end, n int, cut []CutPoint) {
		if ends[n] == nil {
			ends[n] = end{}
		}
		for _, c := range cut {
			if have, ok := ends[n][c.Log]; !ok || c.Seq < have {
				ends[n][c.Log] = c.Seq
			}
		}
	}
	index := make(map[key.PersonID]int)
	for n := range s.devices {
		index[person(n)] = n
	}
	believedEnds, believedOut := map[int]end{}, map[int]bool{}
	for {
		role, since := map[int]Role{0: OwnerRole}, map[int]int{}
		ends, leaves, out := map[int]end{}, map[int]end{}, map[int]bool{}
		type epoch struct{ by, rank, readers int }
		epochs := map[oplog.EpochID]epoch{}
		tenures, begun, closed := 0, false, false
		tenureOf := func(op Operation) oplog.EntryID {
			switch op := op.(type) {
			case *Add:
				return op.Tenure
			case *Remove:
				return op.Tenure
			case *SetRole:
				return op.Tenure
			case *Close:
				return op.Tenure
			}
			return oplog.EntryID{}
		}
		rightful := map[oplog.EntryID]bool{}
		for _, f := range facts {
			if _, ok := f.op.(*Create); ok && f.by == 0 {
				rightful[f.entry.ID()] = true
			}
		}
		for _, f := range facts {
			if _, ok := f.op.(*Create); ok {
				begun = begun || f.by == 0
				continue
			}
			if !begun || closed {
				continue
			}
			log, seq := f.entry.Log().ID(), f.entry.Seq()
			if f.by != 0 {
				r, known := role[f.by]
				last, named := believedEnds[f.by][log]
				lastLeft, namedLeft := leaves[f.by][log]
				switch {
				case !known:
					continue
				case named:
					if seq > last {
						continue
					}
				case believedOut[f.by]:
					continue
				case r == 0 && (!namedLeft || seq > lastLeft):
					continue
				}
				switch op := f.op.(type) {
				case *Leave:
					if r != 0 {
						role[f.by] = 0
						lower(leaves, f.by, op.Cut)
					}
				case *Rotate:
					e, known := epochs[op.Epoch]
					if (r == 0 || r >= Writer) && (!known || since[f.by] < e.rank) {
						epochs[op.Epoch] = epoch{f.by, since[f.by], len(op.For)}
					}
				}
				continue
			}
			switch op := f.op.(type) {
			case *Add:
				n := index[op.Person]
				if rightful[tenureOf(op)] && role[n] == 0 {
					tenures++
					role[n], since[n], out[n] = op.Role, tenures, false
				}
			case *Remove:
				n := index[op.Person]
				if _, known := role[n]; rightful[tenureOf(op)] && known && n != 0 {
					role[n], out[n] = 0, true
					lower(ends, n, op.Cut)
				}
			case *SetRole:
				n := index[op.Person]
				if rightful[tenureOf(op)] && role[n] != 0 && n != 0 && op.Role != OwnerRole {
					if role[n] >= Writer && op.Role < Writer {
						lower(leaves, n, op.Cut)
					}
					role[n] = op.Role
				}
			case *Close:
				closed = rightful[tenureOf(op)]
			case *Rotate:
				if e, known := epochs[op.Epoch]; !known || 0 < e.rank {
					epochs[op.Epoch] = epoch{0, 0, len(op.For)}
				}
			}
		}
		// The owner's adds while a member is in do not end an earlier removal: whether somebody is out is a matter of
		// the owner's operations alone.
		out = ownersOut(s, func(yield func(int, Operation, oplog.EntryID)) {
			begun, closed := false, false
			for _, f := range facts {
				if _, ok := f.op.(*Create); ok {
					begun = begun || f.by == 0
				}
				if c, ok := f.op.(*Close); ok && begun && f.by == 0 && rightful[c.Tenure] {
					closed = true
				}
				if begun && !closed && f.by == 0 && rightful[tenureOf(f.op)] {
					yield(f.by, f.op, f.entry.ID())
				}
			}
		})
		if fmt.Sprint(ends) != fmt.Sprint(believedEnds) || fmt.Sprint(out) != fmt.Sprint(believedOut) {
			believedEnds, believedOut = ends, out
			continue
		}
		var text bytes.Buffer
		fmt.Fprintf(&text, "closed %v", closed)
		for n := range s.devices {
			r, known := role[n]
			fmt.Fprintf(&text, "\nperson %d role %d:", n, r)
			for lane := oplog.Control; lane <= oplog.Content; lane++ {
				for i := range incarnations {
					log := s.log(n, i, lane).ID()
					for seq := uint64(1); seq <= 6; seq++ {
						may := known
						last, named := ends[n][log]
						if named {
							may = may && seq <= last
						} else if out[n] {
							may = false
						}
						if lane == oplog.Content && n != 0 {
							if lastLeft, namedLeft := leaves[n][log]; namedLeft {
								may = may && seq <= lastLeft
							} else if !named {
								may = may && r >= Writer
							}
						}
						fmt.Fprintf(&text, " %v", may)
					}
				}
			}
		}
		ids := []string{}
		for id, e := range epochs {
			by := person(e.by)
			ids = append(ids, fmt.Sprintf("\nepoch %.2x by %.2x of %d", id[0], by[0], e.readers))
		}
		slices.Sort(ids)
		for _, id := range ids {
			text.WriteString(id)
		}
		return text.String()
	}
}

// ownersOut lists who is out by the owner's adds and removals alone.
func ownersOut(s *scene, each func(func(int, Operation, oplog.EntryID))) map[int]bool {
	in, out := map[int]bool{0: true}, map[int]bool{}
	index := make(map[key.PersonID]int)
	for n := range s.devices {
		index[person(n)] = n
	}
	each(func(_ int, op Operation, _ oplog.EntryID) {
		switch op := op.(type) {
		case *Add:
			if n := index[op.Person]; op.Role < OwnerRole && n != 0 {
				in[n], out[n] = true, false
			}
		case *Remove:
			if n := index[op.Person]; in[n] && n != 0 {
				out[n] = true
			}
		}
	})
	return out
}

// atLeast is how many cases of a kind a whole run has to meet, fewer where it is shortened.
func atLeast(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
