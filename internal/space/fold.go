package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Speaker tells which person a device spoke for at a place in its log, if for any.
type Speaker func(device key.DeviceID, log oplog.LogID, seq uint64) (key.PersonID, bool)

// step is an operation in its entry, with the person who speaks.
type step struct {
	entry *oplog.Verified
	by    key.PersonID
	op    Operation
}

// Fold reads the operations of a space. It passes over what is malformed or not authorised, and returns nil where
// the create is not among the entries.
//
// Operations count in the order of their Lamport times, ties by entry ID. The order alone does not decide, because an
// author chooses their Lamport times: what somebody wrote beyond the cut of their removal counts for nothing, wherever
// it stands, so that it makes no difference whether such entries are here.
func Fold(id key.SpaceID, entries []oplog.Verified, speaks Speaker) *State {
	steps := read(id, entries, speaks)
	creates := make(map[oplog.EntryID]bool)
	begin := -1
	for i, s := range steps {
		create, ok := s.op.(*Create)
		if ok && create.Owner == s.by && key.SpaceOf(s.entry.Payload()) == id {
			creates[s.entry.ID()] = true
			if begin < 0 {
				begin = i
			}
		}
	}
	if begin < 0 {
		return nil
	}
	// The owner's operations depend on nobody else's. They come first, alone, for what they say of everybody's end.
	owners := newState(id, steps[begin], creates)
	for _, s := range steps[begin+1:] {
		if s.by == owners.Create.Owner {
			owners.apply(s)
		}
	}
	state := newState(id, steps[begin], creates)
	for person, member := range owners.members {
		state.ends[person] = member.Cut
		state.removed[person] = member.Role == 0
	}
	for _, s := range steps {
		state.control[s.entry.LogID()] = true
	}
	for _, s := range steps[begin+1:] {
		state.apply(s)
	}
	return state
}

// read decodes the operations and brings them into their order.
func read(id key.SpaceID, entries []oplog.Verified, speaks Speaker) []step {
	var steps []step
	for i := range entries {
		entry := &entries[i]
		if entry.IsZero() || entry.Log().Space != id || entry.Header().Kind != oplog.KindControl {
			continue
		}
		by, ok := speaks(entry.Log().Device, entry.LogID(), entry.Seq())
		if !ok {
			continue
		}
		if op, err := Decode(entry.Payload()); err == nil {
			steps = append(steps, step{entry, by, op})
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		x, y := a.entry.ID(), b.entry.ID()
		return cmp.Or(cmp.Compare(a.entry.Header().Lamport, b.entry.Header().Lamport), bytes.Compare(x[:], y[:]))
	})
	return steps
}

// Mentioned lists the people whom the operations name as owner or member: those whose identity logs are needed
// to fold them, and perhaps more. Each is listed once.
func Mentioned(entries []oplog.Verified) []key.PersonID {
	seen := make(map[key.PersonID]bool)
	var list []key.PersonID
	for i := range entries {
		op, err := Decode(entries[i].Payload())
		if err != nil {
			continue
		}
		var person key.PersonID
		switch op := op.(type) {
		case *Create:
			person = op.Owner
		case *Add:
			person = op.Person
		default:
			continue
		}
		if !seen[person] {
			seen[person] = true
			list = append(list, person)
		}
	}
	return list
}

func newState(id key.SpaceID, first step, creates map[oplog.EntryID]bool) *State {
	create := *first.op.(*Create)
	entry := first.entry.ID()
	return &State{
		ID: id, Create: create, Entry: entry, creates: creates,
		members: map[key.PersonID]*Member{create.Owner: {Person: create.Owner, Role: OwnerRole, Tenure: entry}},
		epochs:  make(map[oplog.EpochID]*Epoch),
		erased:  make(map[place][]erasure),
		ends:    make(map[key.PersonID]map[oplog.LogID]uint64),
		removed: make(map[key.PersonID]bool),
		control: make(map[oplog.LogID]bool),
	}
}

func (s *State) apply(at step) {
	if s.Closed || !s.counts(at.by, at.entry.LogID(), at.entry.Seq()) {
		return
	}
	switch op := at.op.(type) {
	case *Add, *Remove, *SetRole, *Close:
		if at.by == s.Create.Owner {
			s.govern(op, at.entry.ID())
		}
	case *Leave:
		if at.by != s.Create.Owner {
			s.leave(s.members[at.by], op.Cut)
		}
	case *Rotate:
		s.rotate(op, at)
	case *Erase:
		for _, target := range op.Targets {
			where := place{target.Log, target.Seq}
			s.erased[where] = append(s.erased[where], erasure{at.by, at.by == s.Create.Owner})
		}
	}
}

// govern applies an operation that only the owner may do, and only by right of the create.
func (s *State) govern(op Operation, entry oplog.EntryID) {
	switch op := op.(type) {
	case *Add:
		if s.creates[op.Tenure] && op.Role < OwnerRole {
			s.add(op, entry)
		}
	case *Remove:
		if member := s.members[op.Person]; s.creates[op.Tenure] && member != nil && op.Person != s.Create.Owner {
			member.Role = 0
			member.Cut = merge(member.Cut, op.Cut)
		}
	case *SetRole:
		member := s.members[op.Person]
		if !s.creates[op.Tenure] || member == nil || member.Role == 0 || op.Person == s.Create.Owner || op.Role == OwnerRole {
			return
		}
		if member.Role >= s.Create.Post && op.Role < s.Create.Post {
			member.left = merge(member.left, op.Cut)
		}
		member.Role = op.Role
	case *Close:
		s.Closed = s.creates[op.Tenure]
	}
}

func (s *State) add(op *Add, entry oplog.EntryID) {
	member := s.members[op.Person]
	if member == nil {
		if len(s.members) >= MaxMembers {
			return
		}
		member = &Member{Person: op.Person}
		s.members[op.Person] = member
	}
	if member.Role != 0 {
		return // adds are idempotent
	}
	s.tenures++
	member.Role, member.Tenure, member.Generation, member.since = op.Role, entry, op.Generation, s.tenures
	for _, epoch := range s.epochs {
		epoch.later = append(epoch.later, EpochReader{Person: op.Person, Generation: op.Generation})
	}
}

// leave ends a membership by the member's own wish.
func (s *State) leave(member *Member, cut []CutPoint) {
	if member.Role != 0 {
		member.Role = 0
		member.left = merge(member.left, cut)
	}
}

// merge adds a cut to what earlier ones said: the lesser end of a log counts.
func merge(ends map[oplog.LogID]uint64, cut []CutPoint) map[oplog.LogID]uint64 {
	if ends == nil {
		ends = make(map[oplog.LogID]uint64, len(cut))
	}
	for _, point := range cut {
		if end, named := ends[point.Log]; !named || point.Seq < end {
			ends[point.Log] = point.Seq
		}
	}
	return ends
}

// rotate starts an epoch. If two rotations claim one epoch ID, the senior author's counts, so that nobody can put
// their own in the place of an epoch that others write under.
func (s *State) rotate(op *Rotate, at step) {
	author := s.members[at.by]
	if author.Role != 0 && author.Role < s.Create.Post {
		return
	}
	if known := s.epochs[op.Epoch]; known != nil && known.rank <= author.since {
		return
	}
	s.rotations++
	e := &Epoch{Rotate: *op, Entry: at.entry.ID(), Author: at.by, rank: author.since, order: s.rotations}
	madeFor := make(map[key.PersonID]bool, len(e.For))
	for _, reader := range e.For {
		madeFor[reader.Person] = true
	}
	for _, member := range s.members {
		if member.Role != 0 && !madeFor[member.Person] {
			e.later = append(e.later, EpochReader{Person: member.Person, Generation: member.Generation})
		}
	}
	s.epochs[op.Epoch] = e
}

// counts tells whether an operation of the person at this place counts, as far as the operations before it tell.
func (s *State) counts(by key.PersonID, log oplog.LogID, seq uint64) bool {
	if by == s.Create.Owner {
		return true
	}
	member := s.members[by]
	if member == nil {
		return false
	}
	if end, named := s.ends[by][log]; named {
		return seq <= end
	}
	if s.removed[by] {
		return false
	}
	if end, named := member.left[log]; named && member.Role == 0 {
		return seq <= end
	}
	return member.Role != 0
}
