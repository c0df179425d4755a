package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Epoch finds a published epoch.
func (s *State) Epoch(id oplog.EpochID) (Epoch, bool) {
	e := s.epochs[id]
	if e == nil {
		return Epoch{}, false
	}
	return *e, true
}

// Epochs lists all epochs, in the order in which they count.
func (s *State) Epochs() []Epoch {
	list := make([]Epoch, 0, len(s.epochs))
	for _, e := range s.epochs {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b Epoch) int { return cmp.Compare(a.order, b.order) })
	return list
}

// Writable picks the epoch to write under: the first of Open. It is false where a rotation has to come first.
func (s *State) Writable(generation func(key.PersonID) uint64) (Epoch, bool) {
	open := s.Open(generation)
	if len(open) == 0 {
		return Epoch{}, false
	}
	return open[0], true
}

// Open lists the epochs that may be written under: those of which everybody who has or may have the key is still a
// member with that generation of their person key: its author, those whom it was made for, and those who were added
// later and handed it. Where newcomers do not read back, nobody is handed it later, and it may be written under only
// while it was made for all members.
//
// The first is the one to prefer: one that none of the others follows, then the senior author's, then the one with
// the least entry ID. Who lacks its key, because its author hands it to nobody, can take the next.
func (s *State) Open(generation func(key.PersonID) uint64) []Epoch {
	var open []Epoch
	followed := make(map[oplog.EpochID]bool)
	for _, e := range s.epochs {
		if s.allStillHere(e, generation) {
			open = append(open, *e)
			for _, parent := range e.Parents {
				followed[parent] = true
			}
		}
	}
	slices.SortFunc(open, func(a, b Epoch) int {
		return cmp.Or(
			compareBool(followed[a.Rotate.Epoch], followed[b.Rotate.Epoch]),
			cmp.Compare(a.rank, b.rank),
			bytes.Compare(a.Entry[:], b.Entry[:]),
		)
	})
	return open
}

func (s *State) allStillHere(e *Epoch, generation func(key.PersonID) uint64) bool {
	if s.Role(e.Author) == 0 {
		return false
	}
	for _, reader := range e.For {
		if s.Role(reader.Person) == 0 || generation(reader.Person) != reader.Generation {
			return false
		}
	}
	for _, reader := range e.later {
		here := s.Role(reader.Person) != 0
		if s.Create.History == HistoryAll {
			if !here || generation(reader.Person) != reader.Generation {
				return false
			}
		} else if here {
			return false
		}
	}
	return true
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// Tips lists the epochs that no other follows: the parents of the next rotation.
func (s *State) Tips() []Epoch {
	followed := make(map[oplog.EpochID]bool)
	for _, e := range s.epochs {
		for _, parent := range e.Parents {
			followed[parent] = true
		}
	}
	var tips []Epoch
	for _, e := range s.Epochs() {
		if !followed[e.Rotate.Epoch] {
			tips = append(tips, e)
		}
	}
	return tips
}

// MayHold tells whether the person may be handed the epoch's key, and whether with its history key: a member of
// now may, where newcomers read back or the epoch was made for them.
func (s *State) MayHold(person key.PersonID, id oplog.EpochID) (key, history bool) {
	e := s.epochs[id]
	if e == nil || s.Role(person) == 0 {
		return false, false
	}
	if s.Create.History == HistoryAll {
		return true, true
	}
	return slices.ContainsFunc(e.For, func(r EpochReader) bool { return r.Person == person }), false
}
