package space

import (
	"testing"

	"kith/internal/oplog"
)

// branches writes two entries for one place at the end of an author's control log.
func (s *scene) branches(author, incarnation int, one, two Operation) (first, second oplog.Verified) {
	s.t.Helper()
	log := s.log(author, incarnation, oplog.Control).ID()
	before := s.heads[log]
	first = s.write(author, incarnation, 20, one)
	s.heads[log] = before
	return first, s.write(author, incarnation, 21, two)
}

func (s *scene) settle(entry oplog.Verified) *Settle {
	return &Settle{Log: entry.LogID(), Seq: entry.Seq(), Entry: entry.ID()}
}

func (s *scene) restate(entry oplog.Verified) Operation {
	s.t.Helper()
	op, err := RestateOf(&entry)
	if err != nil {
		s.t.Fatal(err)
	}
	return op
}

func TestWhatIsSaidAgainKeepsItsName(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	kept, given := s.branches(0, 0, s.add(1, 1), s.add(2, 1))
	again := s.write(0, 5, 30, s.restate(given))
	word := s.write(0, 5, 31, s.settle(kept))
	s.as(2, given)
	posts := s.log(2, 0, content)
	for name, entries := range map[string][]oplog.Verified{
		"where the branch was never seen": {kept, again, word},
		"where it still is":               {kept, given, again, word},
		"in another order":                {word, again, given, kept},
	} {
		state := s.fold(entries...)
		if state.Role(person(1)) != Writer || state.Role(person(2)) != Writer {
			t.Errorf("%s: roles %v and %v", name, state.Role(person(1)), state.Role(person(2)))
		}
		if !state.MayWrite(person(2), posts, 1) {
			t.Errorf("%s: the log under the tenure is not accepted", name)
		}
		at, stays, settled := state.Settled(person(0), given.Log())
		if !settled || at != kept.Seq() || stays != kept.ID() {
			t.Errorf("%s: settled %v at %d", name, settled, at)
		}
	}
	if state := s.fold(kept, word); state.Role(person(2)) != 0 {
		t.Error("what was not said again counts")
	}
	// A removal of the restated add holds.
	if state := s.fold(kept, again, word, s.write(0, 6, 40, s.remove(2))); state.Role(person(2)) != 0 {
		t.Error("who was added again cannot be removed")
	}
}

// Saying something again gives no right that its author has not got there.
func TestNobodySaysAgainWhatTheyMayNot(t *testing.T) {
	s := newGroup(t, 5)
	admin := s.add(1, 1)
	admin.Role = Admin
	appointed := s.write(0, 0, 2, admin)
	reader := s.write(0, 0, 3, &Add{Person: person(2), Role: Reader, Generation: 1})
	s.as(2, reader)
	spy := s.add(4, 1)
	old := s.write(1, 0, 4, spy)
	base := []oplog.Verified{appointed, reader}
	removal := s.write(0, 0, 9, s.remove(1))
	for name, entries := range map[string][]oplog.Verified{
		"a removed admin":             {removal, s.write(1, 3, 10, s.restate(old))},
		"somebody else":               {s.write(0, 3, 11, s.restate(old)), removal},
		"a reader what a writer may":  {s.write(2, 3, 12, s.restate(s.write(2, 2, 5, spy)))},
		"a stranger":                  {s.write(3, 3, 13, s.restate(s.write(3, 2, 5, spy)))},
		"an operation of other bytes": {s.write(1, 4, 14, &Restate{Device: s.devices[1].ID(), Header: old.Raw().Header, Payload: []byte{1}})},
	} {
		if state := s.fold(append(entries, base...)...); state.Role(person(4)) != 0 {
			t.Errorf("%s let somebody in", name)
		}
	}
	if state := s.fold(append(base, s.write(1, 5, 15, s.restate(old)))...); state.Role(person(4)) != Writer {
		t.Error("the admin cannot say their own again")
	}
}

func TestWhoSettles(t *testing.T) {
	s := newGroup(t, 4)
	admin := s.add(1, 1)
	admin.Role = Admin
	base := []oplog.Verified{s.write(0, 0, 2, admin), s.write(0, 0, 3, s.add(2, 1))}
	one := s.say(2, 0, 5)
	log := one.Log()
	word := &Settle{Log: log.ID(), Seq: 1, Entry: one.ID()}
	for n, may := range []bool{true, true, true, false} {
		state := s.fold(append(base, s.write(n, 7, 9, word))...)
		if _, stays, settled := state.Settled(person(2), log); settled != may || may && stays != one.ID() {
			t.Errorf("person %d settles: %v", n, settled)
		}
	}
	// A writer says nothing about others' logs, nor a removed author about their own.
	owners := s.log(0, 0, content)
	state := s.fold(append(base, s.write(2, 8, 9, &Settle{Log: owners.ID(), Seq: 1, Entry: one.ID()}))...)
	if _, _, settled := state.Settled(person(0), owners); settled {
		t.Error("a writer settles the owner's log")
	}
	state = s.fold(append(base, s.write(2, 7, 10, word), s.write(0, 0, 11, s.remove(2)))...)
	if _, _, settled := state.Settled(person(2), log); settled {
		t.Error("who is out settles")
	}
	// A leave does not take the word away; contradictory words end the log before both.
	left := append(base, s.write(2, 7, 12, word), s.write(2, 3, 13, &Leave{}))
	if _, _, settled := s.fold(left...).Settled(person(2), log); !settled {
		t.Error("a leave voids a settlement")
	}
	other := s.write(2, 9, 14, &Settle{Log: log.ID(), Seq: 3, Entry: oplog.EntryID{9}})
	if at, stays, _ := s.fold(append(left, other)...).Settled(person(2), log); at != 1 || !stays.IsZero() {
		t.Errorf("two words: at %d, %v", at, stays)
	}
}
