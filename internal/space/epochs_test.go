package space

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/key"
	"kith/internal/oplog"
)

// epochOf is the number of the epoch to write under, or -1.
func epochOf(state *State, generation func(key.PersonID) uint64) int {
	e, ok := state.Writable(generation)
	if !ok {
		return -1
	}
	return int(e.Rotate.Epoch[0]) - 0x90
}

func TestWritable(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	add1, add2 := s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))
	first := s.write(0, 0, 4, rotate(1, nil, 0, 1, 2))
	second := s.write(1, 0, 5, rotate(2, []int{1}, 0, 1, 2))
	remove := s.write(0, 0, 9, s.remove(2))
	two := func(p key.PersonID) uint64 {
		if p == person(1) {
			return 2
		}
		return 1
	}
	for name, c := range map[string]struct {
		entries    []oplog.Verified
		generation func(key.PersonID) uint64
		want       int
	}{
		"no epoch":                    {[]oplog.Verified{add1, add2}, one, -1},
		"one for all":                 {[]oplog.Verified{add1, add2, first}, one, 1},
		"the one that follows":        {[]oplog.Verified{add1, add2, first, second}, one, 2},
		"a reader is gone":            {[]oplog.Verified{add1, add2, first, second, remove}, one, -1},
		"a reader has a new key":      {[]oplog.Verified{add1, add2, first}, two, -1},
		"nobody's keys are known":     {[]oplog.Verified{add1, add2, first}, func(key.PersonID) uint64 { return 0 }, -1},
		"after a new rotation":        {[]oplog.Verified{add1, add2, first, second, remove, s.write(0, 0, 10, knowing(rotate(3, []int{2}, 0, 1), remove))}, one, 3},
		"one that had not heard":      {[]oplog.Verified{add1, add2, first, second, remove, s.write(0, 0, 14, rotate(7, []int{2}, 0, 1))}, one, -1},
		"one that knows too much":     {[]oplog.Verified{add1, add2, s.write(0, 0, 15, knowing(rotate(8, nil, 0, 1), remove))}, one, 8},
		"the parent, where the child": {[]oplog.Verified{add1, add2, first, s.write(1, 0, 11, rotate(4, []int{1}, 0, 1, 2, 3))}, one, 1},
		"for somebody never added":    {[]oplog.Verified{add1, s.write(0, 0, 12, rotate(5, nil, 0, 1, 3))}, one, -1},
		"without the owner":           {[]oplog.Verified{add1, s.write(1, 0, 13, rotate(6, nil, 1))}, one, -1},
	} {
		state := s.fold(c.entries...)
		if got := epochOf(state, c.generation); got != c.want {
			t.Errorf("%s: epoch %d, want %d", name, got, c.want)
		}
	}
}

// An add needs no rotation: the newcomer is handed the key. From then on their removal closes the epoch.
func TestAddedLater(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	first := s.write(0, 0, 2, rotate(1, nil, 0))
	add := s.write(0, 0, 3, s.add(1, 1))
	if got := epochOf(s.fold(first, add), one); got != 1 {
		t.Fatalf("after an add: epoch %d", got)
	}
	if k, h := s.fold(first, add).MayHold(person(1), epochID(1)); !k || !h {
		t.Error("a newcomer may not be handed the key")
	}
	remove := s.write(0, 0, 4, s.remove(1))
	if got := epochOf(s.fold(first, add, remove), one); got != -1 {
		t.Errorf("after the removal of who was handed the key: epoch %d", got)
	}
	// Also where the rotation, made by somebody who had not heard of the add, comes later in the order.
	late := s.write(0, 0, 6, rotate(2, nil, 0))
	if got := epochOf(s.fold(add, late), one); got != 2 {
		t.Errorf("epoch %d", got)
	}
	if got := epochOf(s.fold(add, late, s.write(0, 0, 7, s.remove(1))), one); got != -1 {
		t.Errorf("after the removal: epoch %d", got)
	}
	// The person key that they were added with has changed: the key may have been sealed to the old one. To be added with
	// the new one does not help, as they have the right of the first add as well.
	changed := func(p key.PersonID) uint64 { return map[bool]uint64{true: 2, false: 1}[p == person(1)] }
	for name, entries := range map[string][]oplog.Verified{"as before": {first, add}, "and added anew": {first, add, s.write(0, 0, 9, s.add(1, 2))}} {
		if got := epochOf(s.fold(entries...), changed); got != -1 {
			t.Errorf("with a new person key, %s: epoch %d", name, got)
		}
	}
	if got := epochOf(s.fold(first, s.write(0, 0, 10, s.add(1, 2))), changed); got != 1 {
		t.Errorf("added with the new person key: epoch %d", got)
	}
	// Promoted by somebody who names no generation: not handed the key before a rotation was made for them.
	if got := epochOf(s.fold(first, s.write(0, 0, 11, s.setRole(2, Writer))), one); got != -1 {
		t.Errorf("let in without a generation: epoch %d", got)
	}
}

// Whoever an admin let in beyond the cut was handed the key by homes that had not heard of the removal. So were those
// whom one removal lets stay and another does not. Every departure closes the epochs whose authors had not heard of it.
func TestDeparturesCloseEpochs(t *testing.T) {
	s := newGroup(t, 6)
	admin := s.add(1, 1)
	admin.Role = Admin
	base := []oplog.Verified{s.write(0, 0, 2, admin), s.write(0, 0, 3, s.add(2, 1)), s.write(1, 0, 4, s.add(3, 1)), s.write(1, 0, 5, s.add(4, 1))}
	lenient := s.write(0, 0, 6, s.remove(1, s.cutAt(1, 0, control, 2)))
	knows := s.write(2, 0, 7, knowing(rotate(1, nil, 0, 2), lenient))
	if got := epochOf(s.fold(append(base, lenient, knows)...), one); got != 1 {
		t.Fatalf("epoch %d", got)
	}
	strict := s.write(0, 1, 6, s.remove(1, s.cutAt(1, 0, control, 1)))
	state := s.fold(append(base, lenient, knows, strict)...)
	if got := epochOf(state, one); got != -1 || state.Role(person(4)) != 0 {
		t.Errorf("person 4, who may hold the key, is out, and the epoch %d open", got)
	}
	both := s.write(2, 0, 9, knowing(rotate(2, []int{1}, 0, 2, 3), lenient, strict))
	if got := epochOf(s.fold(append(base, lenient, knows, strict, both)...), one); got != 2 {
		t.Errorf("epoch %d", got)
	}
	// An admin who is lowered is a departure, too; a promotion is none.
	lowered := s.write(0, 0, 10, s.setRole(1, Writer))
	if out := s.fold(append(base, lowered)...).Out(); len(out) != 1 {
		t.Errorf("%d departures", len(out))
	}
	if out := s.fold(append(base, s.write(0, 0, 11, s.setRole(2, Admin)), s.write(0, 0, 12, s.remove(5)))...).Out(); len(out) != 0 {
		t.Errorf("%d departures", len(out))
	}
}

// Whoever made an epoch has its key, for whomever they say it is.
func TestAuthorsGone(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	trap := s.write(1, 0, 4, rotate(1, nil, 0, 2))
	if got := epochOf(s.fold(append(base, trap)...), one); got != 1 {
		t.Errorf("epoch %d", got)
	}
	remove := s.write(0, 0, 5, s.remove(1, s.cutAt(1, 0, control, 1)))
	state := s.fold(append(base, trap, remove)...)
	if _, known := state.Epoch(epochID(1)); !known || epochOf(state, one) != -1 {
		t.Errorf("the epoch of a removed author: %d", epochOf(state, one))
	}
	// The same with a Lamport time beyond the removal's, but within the cut.
	s.restart()
	base = []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	trap = s.write(1, 0, 900, rotate(1, nil, 0, 2))
	remove = s.write(0, 0, 5, s.remove(1, s.cutAt(1, 0, control, 1)))
	state = s.fold(append(base, trap, remove)...)
	if _, known := state.Epoch(epochID(1)); !known || epochOf(state, one) != -1 {
		t.Errorf("dated later: %d", epochOf(state, one))
	}
}

// Of concurrent rotations the owner's is preferred, then that of whoever was added first, then the least entry ID.
func TestTies(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(2, 1)), s.write(0, 0, 3, s.add(1, 1))}
	ofOwner := s.write(0, 0, 20, rotate(1, nil, 0, 1, 2))
	ofSenior := s.write(2, 0, 15, rotate(2, nil, 0, 1, 2))
	ofJunior := s.write(1, 0, 4, rotate(3, nil, 0, 1, 2))
	again := s.write(1, 1, 4, rotate(4, nil, 0, 1, 2))
	if got := epochOf(s.fold(append(base, ofJunior, ofSenior, ofOwner)...), one); got != 1 {
		t.Errorf("owner, senior, junior: epoch %d", got)
	}
	if got := epochOf(s.fold(append(base, ofJunior, ofSenior)...), one); got != 2 {
		t.Errorf("senior, junior: epoch %d", got)
	}
	for i := range 8 { // whichever has the least entry ID
		junior := s.write(1, 10+i, 4, rotate(5, nil, 0, 1, 2))
		if got := epochOf(s.fold(append(base, junior, ofSenior)...), one); got != 2 {
			t.Errorf("senior, junior %d: epoch %d", i, got)
		}
		senior := s.write(2, 10+i, 15, rotate(6, nil, 0, 1, 2))
		if got := epochOf(s.fold(append(base, senior, ofOwner)...), one); got != 1 {
			t.Errorf("owner, senior %d: epoch %d", i, got)
		}
	}
	a, b := ofJunior.ID(), again.ID()
	want := 3
	if slices.Compare(b[:], a[:]) < 0 {
		want = 4
	}
	if got := epochOf(s.fold(append(base, ofJunior, again)...), one); got != want {
		t.Errorf("two of one author: epoch %d, want %d", got, want)
	}
	// All of them may be written under, for whoever lacks the key of the first.
	var all []int
	for _, e := range s.fold(append(base, ofJunior, ofSenior, ofOwner)...).Open(one) {
		all = append(all, int(e.Rotate.Epoch[0])-0x90)
	}
	if !slices.Equal(all, []int{1, 2, 3}) {
		t.Errorf("open %v", all)
	}
}

// Nobody takes over an epoch by publishing another under its ID, dated before.
func TestEpochsAreNotTakenOver(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	of := func(entry oplog.Verified, rest ...oplog.Verified) oplog.Verified {
		state := s.fold(append(append(slices.Clone(base), entry), rest...)...)
		e, ok := state.Epoch(epochID(1))
		if !ok || len(state.Epochs()) != 1 {
			t.Fatal("no epoch, or two")
		}
		for _, v := range append(rest, entry) {
			if v.ID() == e.Entry {
				return v
			}
		}
		t.Fatal("an epoch out of nothing")
		return oplog.Verified{}
	}
	owners := s.write(0, 0, 30, rotate(1, nil, 0, 1, 2))
	stolen := s.write(2, 0, 4, rotate(1, nil, 0, 2))
	if got := of(stolen, owners); got.ID() != owners.ID() {
		t.Error("the owner's epoch was taken over")
	}
	seniors := s.write(1, 0, 30, rotate(1, nil, 0, 1, 2))
	if got := of(stolen, seniors); got.ID() != seniors.ID() {
		t.Error("a senior's epoch was taken over")
	}
	if got := of(stolen); got.ID() != stolen.ID() {
		t.Error("alone, a junior's counts")
	}
	// Of one author's two, the one with the least entry ID.
	later := s.write(2, 0, 6, rotate(1, nil, 0, 1))
	a, b := later.ID(), stolen.ID()
	if got := of(later, stolen); (got.ID() == stolen.ID()) != (bytes.Compare(b[:], a[:]) < 0) {
		t.Error("two homes could see two epochs")
	}
}

func TestTips(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	tips := func(entries ...oplog.Verified) []int {
		var list []int
		for _, e := range s.fold(append(entries, add)...).Tips() {
			list = append(list, int(e.Rotate.Epoch[0])-0x90)
		}
		slices.Sort(list)
		return list
	}
	e1 := s.write(0, 0, 3, rotate(1, nil, 0))
	e2 := s.write(0, 0, 4, rotate(2, []int{1}, 0, 1))
	e3 := s.write(1, 0, 4, rotate(3, []int{1}, 0, 1))
	e4 := s.write(0, 0, 6, rotate(4, []int{2, 3}, 0, 1))
	for _, c := range []struct {
		entries []oplog.Verified
		want    []int
	}{{nil, nil}, {[]oplog.Verified{e1}, []int{1}}, {[]oplog.Verified{e1, e2, e3}, []int{2, 3}}, {[]oplog.Verified{e4, e3, e2, e1}, []int{4}}} {
		if got := tips(c.entries...); !slices.Equal(got, c.want) {
			t.Errorf("tips %v, want %v", got, c.want)
		}
	}
	state := s.fold(add, e1, e2, e3, e4)
	var order []int
	for _, e := range state.Epochs() {
		order = append(order, int(e.Rotate.Epoch[0])-0x90)
	}
	if len(order) != 4 || order[0] != 1 || order[3] != 4 {
		t.Errorf("order %v", order)
	}
	if _, ok := state.Epoch(epochID(9)); ok {
		t.Error("an epoch that nobody started")
	}
}

func TestMayHold(t *testing.T) {
	for _, history := range []History{HistoryAll, HistoryJoining} {
		s := newScene(t, 4, history)
		add1 := s.write(0, 0, 2, s.add(1, 1))
		e1 := s.write(0, 0, 3, rotate(1, nil, 0, 1))
		add2 := s.write(0, 0, 4, s.add(2, 1))
		e2 := s.write(0, 0, 5, rotate(2, []int{1}, 0, 1, 2))
		remove := s.write(0, 0, 6, s.remove(1))
		state := s.fold(add1, e1, add2, e2, remove)
		all := history == HistoryAll
		for _, c := range []struct{ person, epoch int }{{0, 1}, {0, 2}, {2, 1}, {2, 2}, {1, 1}, {1, 2}, {3, 1}, {2, 7}} {
			madeFor := c.person == 0 && c.epoch < 3 || c.person == 2 && c.epoch == 2
			member := c.person == 0 || c.person == 2
			k, h := state.MayHold(person(c.person), epochID(c.epoch))
			if wantKey := member && c.epoch < 3 && (all || madeFor); k != wantKey || h != (wantKey && all) {
				t.Errorf("history %d: person %d, epoch %d: %v, %v", history, c.person, c.epoch, k, h)
			}
		}
		// A home that has the rotation and not the removal that it names hands the key to those alone whom it was made for.
		e3 := s.write(0, 0, 7, knowing(rotate(3, []int{2}, 0, 2), remove))
		late := s.fold(add1, e1, add2, e2, e3)
		for n, want := range []bool{true, false, true, false} {
			if k, _ := late.MayHold(person(n), epochID(3)); k != want {
				t.Errorf("history %d: a home that lags hands the key to person %d: %v", history, n, k)
			}
		}
		add3 := s.write(0, 0, 8, s.add(3, 1))
		if k, _ := s.fold(add1, e1, add2, e2, e3, add3, remove).MayHold(person(3), epochID(3)); k != all {
			t.Errorf("history %d: a newcomer gets the key, where the removal is known: %v", history, k)
		}
		if k, _ := s.fold(add1, e1, add2, e2, e3, add3).MayHold(person(3), epochID(3)); k {
			t.Errorf("history %d: a newcomer gets the key from a home that lags", history)
		}
	}
}

// Where newcomers do not read back, nothing is written that a member cannot read: an add asks for a rotation.
func TestJoiningNeedsARotation(t *testing.T) {
	s := newScene(t, 3, HistoryJoining)
	e1 := s.write(0, 0, 2, rotate(1, nil, 0))
	add := s.write(0, 0, 3, s.add(1, 1))
	if got := epochOf(s.fold(e1), one); got != 1 {
		t.Errorf("before: epoch %d", got)
	}
	if got := epochOf(s.fold(e1, add), one); got != -1 {
		t.Errorf("after an add: epoch %d", got)
	}
	e2 := s.write(0, 0, 4, rotate(2, []int{1}, 0, 1))
	if got := epochOf(s.fold(e1, add, e2), one); got != 2 {
		t.Errorf("after the rotation: epoch %d", got)
	}
	// An epoch whose author had not heard of a removal is closed, whoever has its key.
	remove := s.write(0, 0, 5, s.remove(1))
	if got := epochOf(s.fold(e1, add, remove), one); got != -1 {
		t.Errorf("after the newcomer was removed: epoch %d", got)
	}
}

// Many rotations at once: every home picks the same one, and nobody who is out has or may have its key.
func TestConcurrentRotations(t *testing.T) {
	s := newScene(t, 5, HistoryAll)
	rotations, written := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s.restart()
		number := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(rt, name) }
		var entries []oplog.Verified
		for n := 1; n < 5; n++ {
			entries = append(entries, s.write(0, 0, uint64(n+1), s.add(n, 1)))
		}
		out := number(0, 4, "out")
		var gone *oplog.Verified
		for id := range number(5, 15, "rotations") {
			author := number(0, 4, "author")
			readers := []int{0}
			for n := 1; n < 5; n++ {
				if number(0, 3, "reader") > 0 {
					readers = append(readers, n)
				}
			}
			var parents []int
			for p := range id {
				if number(0, 4, "parent") == 0 {
					parents = append(parents, p)
				}
			}
			op := rotate(id, parents, readers...)
			if gone != nil && number(0, 2, "knows") > 0 {
				knowing(op, *gone)
			}
			entries = append(entries, s.write(author, 0, uint64(number(1, 12, "lamport")), op))
			rotations++
			if gone == nil && out > 0 && number(0, 3, "now") == 0 {
				e := s.write(0, 0, uint64(number(6, 14, "when")), s.remove(out, s.cutAt(out, 0, control, uint64(number(0, 3, "cut")))))
				gone = &e
				entries = append(entries, e)
			}
		}
		if gone == nil {
			out = 0
		}
		state := s.fold(entries...)
		best, ok := state.Writable(one)
		shuffled := slices.Clone(entries)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if other, otherOK := s.fold(shuffled...).Writable(one); ok != otherOK || ok && other.Entry != best.Entry {
			rt.Fatal("two homes write under two epochs")
		}
		if !ok {
			return
		}
		written++
		for _, e := range state.Open(one) {
			if out == 0 {
				continue
			}
			if e.Author == person(out) || slices.ContainsFunc(e.For, func(r EpochReader) bool { return r.Person == person(out) }) {
				rt.Fatalf("person %d is out and reads epoch %.2x", out, e.Rotate.Epoch[0])
			}
			if k, _ := state.MayHold(person(out), e.Rotate.Epoch); k {
				rt.Fatalf("person %d is out and may be handed epoch %.2x", out, e.Rotate.Epoch[0])
			}
			// Whoever may have been handed it by a home that had not heard of the removal keeps it closed.
			if !slices.Contains(e.Rotate.Out, enderID(gone.ID())) {
				rt.Fatalf("epoch %.2x was made by somebody who had not heard of the removal", e.Rotate.Epoch[0])
			}
		}
	})
	if rotations < atLeast(500) || written < atLeast(20) {
		t.Errorf("%d rotations, %d times something to write under", rotations, written)
	}
}
