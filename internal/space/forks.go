package space

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// A log forks when one device writes in two copies of a folder that do not know of one another. Nobody but its author can
// tell which of the two entries for one place is to stay; so nobody guesses. The author's home, when it sees the other branch,
// gives up its own, says so, and says again what stood in it.

// Settle says which entry stands in a place of a forked log of the author's, or of somebody whom they govern. Entries of
// other branches are dropped and refused everywhere.
type Settle struct {
	_     struct{} `cbor:",toarray"`
	Log   oplog.LogID
	Seq   uint64
	Entry oplog.EntryID
}

// Restate says an operation again that the author's person wrote in a branch that was given up. It counts as if it had been
// written where the restatement stands, by the right of that place and no other, but keeps the EntryID that it had: whom it
// added keeps the tenure that their logs name, and an epoch stays the one that others wrote under.
type Restate struct {
	_           struct{} `cbor:",toarray"`
	Device      key.DeviceID
	Incarnation oplog.Incarnation
	Header      []byte
	Payload     []byte

	said *said // what it says, once a Folder has decoded it; nil: nothing
}

// said is what a restatement says.
type said struct {
	entry oplog.Verified
	op    Operation
}

func (op *Settle) check() error {
	if op.Seq == 0 || op.Seq > oplog.MaxSeq || op.Entry.IsZero() {
		return fmt.Errorf("%w: entry %d settled", ErrMalformed, op.Seq)
	}
	return nil
}

func (op *Restate) check() error {
	if len(op.Header) == 0 || len(op.Payload) == 0 {
		return fmt.Errorf("%w: a restatement of nothing", ErrMalformed)
	}
	return nil
}

// RestateOf says an operation of a space again. What is a restatement already is said as it was.
func RestateOf(entry *oplog.Verified) (Operation, error) {
	op, err := Decode(entry.Payload())
	if err != nil {
		return nil, err
	}
	switch op.(type) {
	case *Restate, *Settle:
		return op, nil
	case *Create:
		return nil, fmt.Errorf("%w: a create said again", ErrMalformed)
	}
	log := entry.Log()
	again := &Restate{Device: log.Device, Incarnation: log.Incarnation, Header: entry.Raw().Header, Payload: entry.Payload()}
	again.read(log.Space)
	return again, nil
}

// read finds what the restatement says: an operation in a control log of the space. That the header was signed is not asked:
// whoever restates has the right to the operation, or it does not count.
func (op *Restate) read(space key.SpaceID) {
	log := oplog.Log{Space: space, Device: op.Device, Incarnation: op.Incarnation, Lane: oplog.Control}
	place, ok := oplog.PlaceOf(op.Header)
	if !ok {
		return
	}
	run := oplog.Run{Log: log, First: place, Entries: []oplog.Raw{{Header: op.Header, Payload: op.Payload}}}
	entries, err := oplog.Verify(&run, sha256.Sum256(op.Header))
	if err != nil || entries[0].Header().Kind != oplog.KindControl {
		return
	}
	inner, err := Decode(op.Payload)
	if err != nil {
		return
	}
	switch inner.(type) {
	case *Create, *Settle, *Restate:
		return
	}
	op.said = &said{entry: entries[0], op: inner}
}

// inner is the operation itself, or what it says again.
func inner(op Operation) Operation {
	if again, ok := op.(*Restate); ok && again.said != nil {
		return again.said.op
	}
	return op
}

// once keeps, of steps with one ID, the one in the entry of that ID, or else that in the least entry: an operation may be
// said again where it stands already, and by two copies of a home.
func once(steps []step) []step {
	again := false
	best := make(map[oplog.EntryID]int, len(steps))
	for i := range steps {
		if at, known := best[steps[i].id]; known {
			again = true
			if !steps[i].before(&steps[at]) {
				continue
			}
		}
		best[steps[i].id] = i
	}
	if !again {
		return steps
	}
	kept := steps[:0:0]
	for i := range steps {
		if best[steps[i].id] == i {
			kept = append(kept, steps[i])
		}
	}
	return kept
}

func (s *step) before(other *step) bool {
	a, b := s.entry.ID(), other.entry.ID()
	if (a == s.id) != (b == other.id) {
		return a == s.id
	}
	return bytes.Compare(a[:], b[:]) < 0
}

// settlement is a Settle that its author had the right to write.
type settlement struct {
	by    *rightOf
	power bool // they govern the space
	seq   uint64
	entry oplog.EntryID
}

// settleForks notes who settled what. Leaves of one's own void no settlement: in one of the branches the author may have left.
func (s *State) settleForks(steps []step) {
	s.forks = make(map[oplog.LogID][]settlement)
	for _, at := range steps {
		op, ok := at.op.(*Settle)
		if !ok || at.entry.LogID() == op.Log {
			continue
		}
		log, seq := at.entry.LogID(), at.entry.Seq()
		t := s.under(at.by, at.entry.Log())
		if t == nil || !t.WithinByOthers(uint64(Reader), log, seq) {
			continue
		}
		power := t.WithinByOthers(uint64(s.Create.power()), log, seq)
		s.forks[op.Log] = append(s.forks[op.Log], settlement{t, power, op.Seq, op.Entry})
	}
}

// Settled tells what was said of a fork in a log of the author's: the place, and the entry that stands there; a zero entry if
// the log ends before the place. It does where more than one place was named, or more than one entry: each of several copies
// gave way to another, and said again what it had. False: nobody said anything who may. That is who has the tenure of the log,
// or a senior one: the author, or somebody with the role that governs the space.
func (s *State) Settled(author key.PersonID, log oplog.Log) (at uint64, stays oplog.EntryID, settled bool) {
	list := s.forks[log.ID()]
	if len(list) == 0 {
		return 0, stays, false
	}
	t := s.under(author, log)
	if t == nil {
		return 0, stays, false
	}
	for _, f := range list {
		switch {
		case f.by != t && (f.by.Rank > t.Rank || f.by.Subject != author && !f.power):
		case !settled:
			at, stays, settled = f.seq, f.entry, true
		case f.seq != at || f.entry != stays:
			at, stays = min(at, f.seq), oplog.EntryID{}
		}
	}
	return at, stays, settled
}

// MaySettle tells whether a person may say which branch of a log of the author's is to stay: their own log, under the tenure
// that it is written under, which their own leaves do not take away for this; or another's, where they govern.
func (s *State) MaySettle(by, author key.PersonID, log oplog.Log) bool {
	t := s.under(author, log)
	if t == nil {
		return false
	}
	if by == author {
		_, ended := t.LastByOthers(uint64(Reader), oplog.LogID{})
		return !ended
	}
	return slices.ContainsFunc(s.of[by], func(mine *rightOf) bool {
		return mine.Rank < t.Rank && Role(mine.Now()) >= s.Create.power()
	})
}
