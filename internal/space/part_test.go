package space

import (
	"slices"
	"testing"

	"kith/internal/oplog"
)

// Who asks is part of the unit of sync, and has no right to anything.
func TestAsk(t *testing.T) {
	s := newGroup(t, 6)
	add := s.write(0, 0, 2, s.add(1, 1))
	ask := s.write(1, 0, 3, &Ask{Person: person(2)})
	strangers := s.write(3, 0, 4, &Ask{Person: person(4)})
	state := s.fold(add, ask, strangers)
	if !state.Asked(person(2)) || state.Asked(person(4)) || state.Asked(person(1)) {
		t.Errorf("asked: %v %v %v", state.Asked(person(2)), state.Asked(person(4)), state.Asked(person(1)))
	}
	if state.Was(person(2)) || state.Role(person(2)) != 0 || state.MayWrite(person(2), s.log(2, 0, oplog.Content), 1) {
		t.Error("who asks has a right")
	}
	if got := len(state.People()); got != 3 {
		t.Errorf("%d people, want the owner, the member and who asks", got)
	}
	state = s.fold(add, ask, s.write(0, 0, 5, s.add(2, 1)))
	if state.Asked(person(2)) || !state.Was(person(2)) || len(state.People()) != 3 {
		t.Error("who was let in still asks")
	}
}

func TestGoverns(t *testing.T) {
	s := newGroup(t, 6)
	early := s.write(0, 0, 2, s.add(2, 1)) // before anybody was made an admin
	admin := func(p int) *Add { op := s.add(p, 1); op.Role = Admin; return op }
	base := []oplog.Verified{early, s.write(0, 0, 3, admin(1)), s.write(0, 0, 4, admin(3)), s.write(1, 0, 5, s.add(4, 1))}
	state := s.fold(base...)
	for _, c := range []struct {
		by, person int
		ok         bool
	}{
		{0, 1, true}, {0, 2, true}, {0, 0, false}, {1, 2, true}, {1, 4, true}, {1, 0, false}, {1, 1, false},
		{1, 3, true}, {3, 1, false}, // of two admins the earlier one
		{3, 2, true}, {3, 4, true}, {2, 4, false}, {4, 2, false}, {5, 2, false}, {0, 5, false},
	} {
		if got := state.Governs(person(c.by), person(c.person)); got != c.ok {
			t.Errorf("person %d governs person %d: %v", c.by, c.person, got)
		}
		after := s.fold(append(slices.Clone(base), s.write(c.by, 9, 9, s.remove(c.person)))...)
		if state.Role(person(c.person)) != 0 && (after.Role(person(c.person)) == 0) != c.ok {
			t.Errorf("person %d removes person %d: role %d", c.by, c.person, after.Role(person(c.person)))
		}
	}
}
