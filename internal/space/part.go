package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// MaxAsked bounds the people who ask to join a space, and whose identities its homes therefore pass on.
const MaxAsked = 300

// asked is an operation that says that somebody wants to join.
type asked struct {
	person key.PersonID
	rank   int // of the tenure that it was written under
	seq    uint64
	id     oplog.EntryID
}

// settleAsked keeps who asks to join and never was in the space: the first MaxAsked by the seniority of whoever wrote it
// down, then by sequence number and EntryID, so that every home comes to the same.
func (s *State) settleAsked(all []asked) {
	slices.SortFunc(all, func(a, b asked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.seq, b.seq), bytes.Compare(a.id[:], b.id[:]))
	})
	s.asked = make(map[key.PersonID]bool)
	for _, a := range all {
		if len(s.asked) < MaxAsked && len(s.of[a.person]) == 0 {
			s.asked[a.person] = true
		}
	}
}

// Asked tells whether somebody asked to join, and never was in the space.
func (s *State) Asked(person key.PersonID) bool { return s.asked[person] }

// Was tells whether somebody is or was in the space.
func (s *State) Was(person key.PersonID) bool { return len(s.of[person]) > 0 }

// Governs tells whether one member may take another out of the space, or change their role: with the role that governs the
// space, in a tenure that is senior to every tenure of theirs in force.
func (s *State) Governs(by, person key.PersonID) bool {
	if by == person || s.Role(person) == 0 {
		return false
	}
	rank := -1
	for _, t := range s.of[by] {
		if Role(t.Now()) >= s.Power() {
			rank = t.Rank
			break
		}
	}
	if rank < 0 {
		return false
	}
	for _, t := range s.of[person] {
		if t.Now() > 0 && t.Rank < rank {
			return false
		}
	}
	return true
}
