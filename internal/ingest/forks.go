package ingest

import (
	"context"
	"errors"
	"slices"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/tenure"
)

// Disputed finds, of heads that somebody else shows of logs that are here, those of another branch than the one held, where it
// is for this home to say which is to stay. Of such a log everything is wanted up to the place given, so that the entry is
// found at which the branches part.
func (p *Pipeline) Disputed(ctx context.Context, theirs []oplog.Head) (map[oplog.LogID]uint64, error) {
	return viewed(p, ctx, func(w *work) (map[oplog.LogID]uint64, error) {
		out := make(map[oplog.LogID]uint64)
		for i := range theirs {
			id := theirs[i].Log.ID()
			record, known, err := w.reader.Log(id)
			if err != nil {
				return nil, err
			}
			if !known {
				continue
			}
			_, may, err := w.maySettle(&record)
			if err != nil {
				return nil, err
			}
			if !may {
				continue
			}
			if other, err := w.otherBranch(&record, &theirs[i]); err != nil {
				return nil, err
			} else if other {
				out[id] = min(theirs[i].Seq, record.Head.Seq)
			}
		}
		return out, nil
	})
}

// otherBranch tells whether a head is of another branch than what is held. Of one beyond what is held, or behind a gap, that
// shows only when what leads to it was refused.
func (w *work) otherBranch(record *LogRecord, their *oplog.Head) (bool, error) {
	if holds(record.Held, their.Seq) {
		ours, _, err := w.reader.Entry(record.Log.ID(), their.Seq)
		if err != nil || ours.ID() != their.ID {
			return err == nil, err
		}
		if len(record.Held) == 1 {
			return false, nil
		}
	}
	s, err := w.space(record.Log.Space)
	if err != nil || s.state == nil {
		return false, err
	}
	if _, _, settled := s.state.Settled(record.Author, record.Log); settled {
		return false, nil
	}
	return w.reader.Forked(record.Log.ID())
}

// maySettle tells whether it is for this home to say which branch of a forked log is to stay: of a log that its own device
// writes; or of one by a device that cannot say so itself, where the person here is the same, or governs.
func (w *work) maySettle(record *LogRecord) (own, may bool, err error) {
	w.p.mu.RLock()
	me := w.p.author
	w.p.mu.RUnlock()
	if me.Device == nil || record.Author.IsZero() || record.Log.Space == record.Author.IdentitySpace() {
		return false, false, nil
	}
	s, err := w.space(record.Log.Space)
	if err != nil || s.state == nil || !s.state.MaySettle(me.Person, record.Author, record.Log) {
		return false, false, err
	}
	if mine, err := w.person(me.Person); err != nil || mine == nil || !speaks(mine, me.Device.ID()) {
		return false, false, err
	}
	if record.Log.Device == me.Device.ID() {
		return true, true, nil
	}
	author, err := w.person(record.Author)
	if err != nil || author == nil {
		return false, false, err
	}
	able := speaks(author, record.Log.Device) && s.state.Role(record.Author) != 0 && s.state.MaySettle(record.Author, record.Author, record.Log)
	return false, !able, nil
}

// speaks tells whether a device is its person's now.
func speaks(person *identity.Person, id key.DeviceID) bool {
	device, known := person.Device(id)
	return known && !device.Removed
}

// settle decides about a fork that a run has just shown, if it is for this home to decide. In a log of this device the other
// branch stays, which others hold: it was written by a copy of this folder that may be gone, whereas what is in ours we can
// say again. It reports true where that was done, so that the run can be taken. Elsewhere what is held here stays.
//
// It waits for the entry at which the branches part, which names the same one before it as ours does.
func (w *work) settle(record LogRecord, run *prepared, theirs *oplog.Verified) (gaveUp bool, err error) {
	own, may, err := w.maySettle(&record)
	if err != nil || !may || !holds(record.Held, theirs.Seq()) {
		return false, err
	}
	ours, _, err := w.reader.Entry(run.log, theirs.Seq())
	if err != nil || ours.ID() == theirs.ID() || ours.Header().Prev != theirs.Header().Prev || isCreate(&ours) || isCreate(theirs) {
		return false, err
	}
	s, err := w.space(record.Log.Space)
	if err != nil {
		return false, err
	}
	at, _, settled := s.state.Settled(record.Author, record.Log)
	if settled && at == theirs.Seq() {
		return false, nil // whoever showed it has not heard
	}
	if !own || settled { // in the second case there are three branches, and the log will end
		word := &space.Settle{Log: run.log, Seq: ours.Seq(), Entry: ours.ID()}
		writing := &Writing{work: w, author: w.p.author}
		if writing.Me() == record.Author {
			return false, writing.under(record.Log, []space.Operation{word})
		}
		_, err := writing.Operate(record.Log.Space, word)
		return false, ignoreRefusal(err)
	}
	word := &space.Settle{Log: run.log, Seq: theirs.Seq(), Entry: theirs.ID()}
	// From here on this device writes in a new log.
	if log, ok, err := w.tx.OwnLog(record.Log.Space, record.Log.Lane); err != nil {
		return false, err
	} else if ok && log == record.Log {
		if err := w.tx.DropOwnLog(record.Log.Space, record.Log.Lane); err != nil {
			return false, err
		}
	}
	if err := w.giveUp(record, theirs.Seq(), word); err != nil {
		return false, ignoreRefusal(err)
	}
	return true, nil
}

// isCreate tells whether an entry may be the one that a space began with, about which nobody decides.
func isCreate(entry *oplog.Verified) bool {
	return entry.Seq() == 1 && entry.Log().Lane == oplog.Control && tenure.Under(entry.Log()) == (tenure.Name{})
}

// ignoreRefusal passes over what we may not write, or not now.
func ignoreRefusal(err error) error {
	for _, refusal := range []error{ErrNotMember, ErrNoKey, ErrClosed, ErrRemoved, space.ErrTooLarge} {
		if errors.Is(err, refusal) {
			return nil
		}
	}
	return err
}

// giveUp drops what this device wrote in a log from an entry on, and says it again: operations under the IDs that they had,
// content as new. The word that settles it, if there is one to write, comes last, so that nobody drops what was not said again.
func (w *work) giveUp(record LogRecord, from uint64, word *space.Settle) error {
	id := record.Log.Space
	writing := &Writing{work: w, author: w.p.author}
	var lost []oplog.Verified
	for _, held := range record.Held {
		if !(held.First <= from && from <= held.Last) {
			continue // what is behind a gap may be of the other branch
		}
		for seq := from; seq <= held.Last; seq++ {
			entry, here, err := w.reader.Entry(record.Log.ID(), seq)
			if err != nil {
				return err
			}
			if here && entry.Payload() != nil {
				lost = append(lost, entry)
			}
		}
	}
	var ops []space.Operation
	if record.Log.Lane == oplog.Content {
		// Who may write here no more has lost the right to what nobody else holds.
		if err := writing.publishAgain(id, lost); err != nil && !errors.Is(err, ErrNotMember) && !errors.Is(err, ErrClosed) {
			return err
		}
	} else {
		for i := range lost {
			if op, err := space.RestateOf(&lost[i]); err == nil {
				ops = append(ops, op)
			}
		}
	}
	if word != nil {
		ops = append(ops, word)
	}
	if err := writing.under(record.Log, ops); err != nil {
		return err
	}
	if err := w.truncate(record, from-1); err != nil {
		return err
	}
	w.settledIn(id)
	return nil
}

func (w *work) settledIn(id key.SpaceID) {
	if !slices.Contains(w.commit.Settled, id) {
		w.commit.Settled = append(w.commit.Settled, id)
	}
}

// runOfWords bounds the operations in one run of those about a forked log.
const runOfWords = 4

// under writes operations about a forked log of ours in a new log, under the tenure that it was written under: what it said
// again counts by the right that it had. What does not fit into an entry is left out.
func (w *Writing) under(forked oplog.Log, ops []space.Operation) error {
	log := oplog.Log{Space: forked.Space, Device: w.author.Device.ID(), Lane: oplog.Control, Incarnation: tenure.NewIncarnation(tenure.Under(forked))}
	head := oplog.Head{Log: log}
	var drafts []oplog.Draft
	for _, op := range ops {
		payload, err := space.Encode(op)
		if errors.Is(err, space.ErrTooLarge) {
			continue
		}
		if err != nil {
			return err
		}
		drafts = append(drafts, controlDraft(payload))
	}
	for len(drafts) > 0 {
		n := min(len(drafts), runOfWords)
		lamport, err := w.lamport(log.Space)
		if err != nil {
			return err
		}
		entries, err := oplog.Compose(w.author.Device, head, lamport, w.work.p.now(), drafts[:n])
		if err != nil {
			return err
		}
		w.work.changedSpace(log.Space)
		w.work.commit.Entries = append(w.work.commit.Entries, entries...)
		if err := w.work.tx.Append(w.author.Person, entries, false); err != nil {
			return err
		}
		head, drafts = entries[len(entries)-1].Head(), drafts[n:]
	}
	return nil
}

// publishAgain writes content again. What refers to what is written again refers to the new entry.
func (w *Writing) publishAgain(id key.SpaceID, lost []oplog.Verified) error {
	moved := make(map[oplog.EntryID]oplog.EntryID)
	for i := range lost {
		entry := &lost[i]
		s, err := w.work.space(id)
		if err != nil {
			return err
		}
		epoch := s.keys[entry.Header().Epoch]
		if epoch == nil || s.state.Erased(w.author.Person, entry.Log(), entry.Seq(), entry.ID()) {
			continue
		}
		item := open(epoch, entry).content
		if item == nil {
			continue
		}
		again, err := w.Items(id, content.Moved(item, moved))
		if err != nil {
			return err
		}
		moved[entry.ID()] = again[0].ID()
	}
	return nil
}

// errBehindGap says that an entry of a forked log cannot be told to be of the branch that stays before those in front of it are here.
var errBehindGap = errors.New("ingest: behind a gap of a forked log")

// void finds the first of a run's new entries that is of a branch which was given up.
func (w *work) void(author key.PersonID, run *prepared, record *LogRecord, fresh []piece) (*oplog.Verified, error) {
	if run.entries[0].Header().Kind == oplog.KindIdentity {
		return nil, nil
	}
	s, err := w.space(spaceOf(run.entries))
	if err != nil || s.state == nil {
		return nil, err
	}
	at, stays, settled := s.state.Settled(author, run.entries[0].Log())
	if !settled {
		return nil, nil
	}
	for _, part := range fresh {
		for i := part.start; i < part.end; i++ {
			if isVoid(&run.entries[i], at, stays) {
				return &run.entries[i], nil
			}
		}
		if first := run.entries[part.start].Seq(); first > at+1 && !holds(record.Held, first-1) {
			return nil, errBehindGap
		}
	}
	return nil, nil
}

// isVoid tells whether an entry cannot be of the branch that stays.
func isVoid(entry *oplog.Verified, at uint64, stays oplog.EntryID) bool {
	switch {
	case stays.IsZero():
		return entry.Seq() >= at
	case entry.Seq() == at:
		return entry.ID() != stays
	default:
		return entry.Seq() == at+1 && entry.Header().Prev != stays
	}
}

// dropBranches drops what is held of branches that were given up. What this device wrote there it says again; where it
// cannot write just now, because a key has not come, it keeps what it has until it can.
func (w *work) dropBranches(id key.SpaceID) error {
	s, err := w.space(id)
	if err != nil || s.state == nil {
		return err
	}
	logs, err := w.reader.Logs(id)
	if err != nil {
		return err
	}
	for _, record := range logs {
		from, err := w.wrongFrom(s, &record)
		if err != nil {
			return err
		}
		if from == 0 {
			continue
		}
		own, _, err := w.maySettle(&record)
		if err != nil {
			return err
		}
		if own {
			if err := ignoreRefusal(w.giveUp(record, from, nil)); err != nil {
				return err
			}
			continue
		}
		if err := w.truncate(record, from-1); err != nil {
			return err
		}
		w.settledIn(id)
	}
	return nil
}

// wrongFrom is the first held entry of a log that is not of the branch that stays; 0 for none.
func (w *work) wrongFrom(s *spaceState, record *LogRecord) (uint64, error) {
	at, stays, settled := s.state.Settled(record.Author, record.Log)
	if !settled {
		return 0, nil
	}
	if stays.IsZero() {
		if record.Head.Seq < at {
			return 0, nil
		}
		return at, nil
	}
	for seq := at; seq <= record.Head.Seq; seq++ {
		if !holds(record.Held, seq) {
			if seq <= at {
				continue
			}
			return seq, nil // what is behind a gap may be of the other branch; if not, it comes again
		}
		if seq > at+1 {
			return 0, nil
		}
		entry, _, err := w.reader.Entry(record.Log.ID(), seq)
		if err != nil {
			return 0, err
		}
		if isVoid(&entry, at, stays) {
			return seq, nil
		}
	}
	return 0, nil
}
