package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
)

// Speaker tells which person a device spoke for at a place in its log, if for any.
type Speaker func(device key.DeviceID, log oplog.LogID, seq uint64) (key.PersonID, bool)

type (
	rightOf  = tenure.Tenure[key.PersonID]
	rightful = tenure.Op[key.PersonID]
)

// step is an operation in its entry, with the person who speaks.
type step struct {
	entry *oplog.Verified
	by    key.PersonID
	op    Operation
	id    oplog.EntryID // the entry's; of what is said again, the one that it had
}

// Fold reads the operations of a space. It passes over what is malformed or not authorised, and returns nil where the
// create is not among the entries. Which operations count is decided by the rule of package tenure; neither their order
// nor the times that they claim plays a part.
func Fold(id key.SpaceID, entries []oplog.Verified, speaks Speaker) *State {
	return new(Folder).Fold(id, entries, speaks)
}

// Fold is Fold of the package, and remembers what it decoded.
func (f *Folder) Fold(id key.SpaceID, entries []oplog.Verified, speaks Speaker) *State {
	state := &State{
		ID:   id,
		of:   make(map[key.PersonID][]*rightOf),
		role: make(map[key.PersonID]Role), generations: make(map[oplog.EntryID]uint64),
		epochs: make(map[oplog.EpochID]*Epoch), erased: make(map[place][]erasure),
		held: make(map[EnderID]struct{}, len(entries)),
	}
	steps := state.read(f, entries, speaks)
	if !state.begin(steps) {
		return nil
	}
	ops := make([]rightful, len(steps))
	for i, s := range steps {
		ops[i] = state.Create.rightful(s)
	}
	owner := tenure.Grant[key.PersonID]{Subject: state.Create.Owner, Role: uint64(OwnerRole)}
	result := tenure.Fold(owner, ops, tenure.Bounds{Subjects: MaxMembers})
	state.settle(result)
	state.settleForks(steps)
	var asks []asked
	for i, t := range result.Of {
		if t == nil {
			continue
		}
		state.apply(steps[i], t)
		if ask, ok := steps[i].op.(*Ask); ok {
			asks = append(asks, asked{ask.Person, t.Rank, steps[i].entry.Seq(), steps[i].id})
		}
	}
	state.settleAsked(asks)
	return state
}

// read decodes the operations that somebody speaks.
func (s *State) read(f *Folder, entries []oplog.Verified, speaks Speaker) []step {
	steps := make([]step, 0, len(entries))
	for i := range entries {
		entry := &entries[i]
		if entry.IsZero() || entry.Log().Space != s.ID || entry.Header().Kind != oplog.KindControl {
			continue
		}
		s.held[enderID(entry.ID())] = struct{}{}
		by, ok := speaks(entry.Log().Device, entry.LogID(), entry.Seq())
		if !ok {
			continue
		}
		switch op := f.decode(entry).(type) {
		case nil:
		case *Restate:
			if op.said == nil {
				continue
			}
			was := &op.said.entry
			s.held[enderID(was.ID())] = struct{}{}
			// Only what the same person wrote.
			if author, ok := speaks(was.Log().Device, was.LogID(), was.Seq()); ok && author == by {
				steps = append(steps, step{entry, by, op.said.op, was.ID()})
			}
		default:
			steps = append(steps, step{entry, by, op, entry.ID()})
		}
	}
	return once(steps)
}

// begin finds the create: of several entries with the one statement, the first by sequence number and EntryID.
func (s *State) begin(steps []step) bool {
	var first *oplog.Verified
	for _, at := range steps {
		create, ok := at.op.(*Create)
		if !ok || create.Owner != at.by || tenure.Under(at.entry.Log()) != (tenure.Name{}) || key.SpaceOf(at.entry.Payload()) != s.ID {
			continue
		}
		if first == nil || earlier(at.entry, first) {
			first, s.Create, s.Entry = at.entry, *create, at.entry.ID()
		}
	}
	return first != nil
}

func earlier(a, b *oplog.Verified) bool {
	x, y := a.ID(), b.ID()
	return cmp.Or(cmp.Compare(a.Seq(), b.Seq()), bytes.Compare(x[:], y[:])) < 0
}

// settle takes over the tenures and who is out.
func (s *State) settle(result *tenure.Result[key.PersonID]) {
	for _, t := range result.Tenures {
		s.of[t.Subject] = append(s.of[t.Subject], t)
		s.role[t.Subject] = max(s.role[t.Subject], Role(t.Now()))
	}
	s.enders = result.Enders
	for _, e := range result.Enders {
		if e.Applies {
			s.out = append(s.out, enderID(e.ID))
		}
	}
	slices.SortFunc(s.out, func(a, b EnderID) int { return bytes.Compare(a[:], b[:]) })
	s.out = slices.Compact(s.out)
}

// apply does what a counting operation does beside granting and ending tenures.
func (s *State) apply(at step, by *rightOf) {
	switch op := at.op.(type) {
	case *Add:
		s.generations[at.id] = op.Generation
	case *Close:
		s.Closed = true
	case *Rotate:
		s.rotate(op, at, by)
	case *Erase:
		power := by.Within(uint64(s.Create.power()), at.entry.LogID(), at.entry.Seq())
		for _, target := range op.Targets {
			where := place{target.Log, target.Seq, target.ID}
			s.erased[where] = append(s.erased[where], erasure{by, power})
		}
	}
}

// rotate starts an epoch. If two rotations claim one epoch ID, the senior tenure's counts, so that nobody can put their
// own in the place of an epoch that others write under.
func (s *State) rotate(op *Rotate, at step, by *rightOf) {
	id := at.id
	if known := s.epochs[op.Epoch]; known != nil && cmp.Or(cmp.Compare(known.by.Rank, by.Rank), bytes.Compare(known.Entry[:], id[:])) <= 0 {
		return
	}
	s.epochs[op.Epoch] = &Epoch{Rotate: *op, Entry: id, Author: at.by, by: by, lamport: at.entry.Header().Lamport}
}

func enderID(id oplog.EntryID) EnderID { return EnderID(id[:8]) }
