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

// Epochs lists all epochs, the oldest first as far as their authors say.
func (s *State) Epochs() []Epoch {
	list := make([]Epoch, 0, len(s.epochs))
	for _, e := range s.epochs {
		list = append(list, *e)
	}
	slices.SortFunc(list, func(a, b Epoch) int {
		return cmp.Or(cmp.Compare(a.lamport, b.lamport), bytes.Compare(a.Entry[:], b.Entry[:]))
	})
	return list
}

// Out lists the departures that a rotation has to name: the operations that ended or lowered somebody.
func (s *State) Out() []EnderID { return slices.Clone(s.out) }

// Writable picks the epoch to write under: the first of Open. It is false where a rotation has to come first.
func (s *State) Writable(generation func(key.PersonID) uint64) (Epoch, bool) {
	open := s.Open(generation)
	if len(open) == 0 {
		return Epoch{}, false
	}
	return open[0], true
}

// Open lists the epochs that may be written under: those whose author is a member and knew of every departure, which
// were made for members alone, with the generations that their person keys have now, and for all of them but
// newcomers who may be handed the key: where newcomers read back, those whom adds in force brought with the present
// generation.
//
// The first is the one to prefer: one that none of the others follows, then the senior tenure's, then the one with
// the least entry ID. Who lacks its key, because its author hands it to nobody, can take the next.
func (s *State) Open(generation func(key.PersonID) uint64) []Epoch {
	var open []Epoch
	followed := make(map[oplog.EpochID]bool)
	for _, e := range s.epochs {
		if s.isOpen(e, generation) {
			open = append(open, *e)
			for _, parent := range e.Parents {
				followed[parent] = true
			}
		}
	}
	slices.SortFunc(open, func(a, b Epoch) int {
		return cmp.Or(
			compareBool(followed[a.Rotate.Epoch], followed[b.Rotate.Epoch]),
			cmp.Compare(a.by.Rank, b.by.Rank),
			bytes.Compare(a.Entry[:], b.Entry[:]),
		)
	})
	return open
}

func (s *State) isOpen(e *Epoch, generation func(key.PersonID) uint64) bool {
	if s.role[e.Author] == 0 || !covers(e.Rotate.Out, s.out) {
		return false
	}
	madeFor := make(map[key.PersonID]bool, len(e.For))
	for _, reader := range e.For {
		if s.role[reader.Person] == 0 || generation(reader.Person) != reader.Generation {
			return false
		}
		madeFor[reader.Person] = true
	}
	for person, role := range s.role {
		if role != 0 && !madeFor[person] && (s.Create.History != HistoryAll || !s.cameWith(person, generation(person))) {
			return false
		}
	}
	return true
}

// covers tells whether an ascending list has everything of another.
func covers(list, all []EnderID) bool {
	i := 0
	for _, id := range list {
		if i < len(all) && id == all[i] {
			i++
		}
	}
	return i == len(all)
}

// cameWith tells whether the person was added, and every add in force names this generation of their person key: under
// an older one they may have been handed keys that a device has which is no longer theirs.
func (s *State) cameWith(person key.PersonID, generation uint64) bool {
	came := false
	for _, t := range s.of[person] {
		named, added := s.generations[t.Grant]
		if !added || t.Now() == 0 {
			continue
		}
		if named != generation {
			return false
		}
		came = true
	}
	return came
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

// MayHold tells whether the person may be handed the epoch's key, and whether with its history key. Only a member of
// now may. Those whom the epoch was made for may; where newcomers read back, the others too, as soon as every departure
// that the epoch's author knew of is here. Without that a home that has not heard of a removal would hand the key to
// whoever was removed.
func (s *State) MayHold(person key.PersonID, id oplog.EpochID) (key, history bool) {
	e := s.epochs[id]
	if e == nil || s.role[person] == 0 {
		return false, false
	}
	madeFor := slices.ContainsFunc(e.For, func(r EpochReader) bool { return r.Person == person })
	if s.Create.History != HistoryAll {
		return madeFor, false
	}
	may := madeFor || !slices.ContainsFunc(e.Rotate.Out, func(id EnderID) bool {
		_, here := s.held[id]
		return !here
	})
	return may, may
}
