package ingest

import (
	"context"
	"errors"
	"fmt"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/tenure"
)

// maxPasses bounds how often a batch is gone through: each time, what was accepted may let in what waited for it. Somebody
// who chains more than that is asked again by the sync.
const maxPasses = 8

// Ingest takes runs from another home and answers each, in the order in which they were given. The runs may be of
// several spaces and identity logs; within the batch, identity counts first, then control, then content, and what waits
// for something else in the batch is looked at again. An error is ours, and leaves the store as it was.
func (p *Pipeline) Ingest(ctx context.Context, runs []oplog.Run) ([]Verdict, error) {
	batch, err := p.prepare(ctx, runs)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(runs))
	err = p.update(ctx, false, func(w *work) error {
		for pass, more := 0, true; more && pass < maxPasses; pass++ {
			more = false
			for i := range batch {
				run := &batch[i]
				if run.done {
					continue
				}
				verdict, err := w.acceptOrReject(run)
				if err != nil {
					return err
				}
				verdicts[run.index] = verdict
				run.done = verdict.Code != Pending
				more = more || verdict.Code == Accepted && run.entries[0].Log().Lane == oplog.Control
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return verdicts, nil
}

func (w *work) acceptOrReject(run *prepared) (Verdict, error) {
	if run.err != nil {
		return Verdict{Code: Rejected, Reason: run.err}, nil
	}
	return w.accept(run)
}

// accept puts one verified run through the rest of the gate.
func (w *work) accept(run *prepared) (Verdict, error) {
	record, known, err := w.reader.Log(run.log)
	if err != nil {
		return Verdict{}, err
	}
	fresh, bare, conflict, err := w.compare(record, run.entries)
	if err != nil {
		return Verdict{}, err
	}
	if conflict != nil {
		gaveUp, err := w.settle(record, run, conflict)
		if err != nil {
			return Verdict{}, err
		}
		if gaveUp {
			return w.accept(run)
		}
		return forked(conflict), nil
	}
	filled, err := w.fill(record, run, bare)
	if err != nil {
		return Verdict{}, err
	}
	if len(fresh) == 0 && filled > 0 {
		return Verdict{Code: Accepted, New: filled}, nil
	}
	if len(fresh) == 0 {
		return Verdict{Code: Duplicate}, nil
	}
	author, err := w.authorise(run, record, known)
	switch {
	case errors.Is(err, ErrUnknownAuthor), errors.Is(err, ErrUnknownSpace), errors.Is(err, errNotYetMember):
		return Verdict{Code: Pending, Reason: err}, nil
	case errors.Is(err, ErrNotMember):
		return Verdict{Code: Rejected, Reason: err}, nil
	case err != nil:
		return Verdict{}, err
	}
	switch void, err := w.void(author, run, &record, fresh); {
	case errors.Is(err, errBehindGap):
		return Verdict{Code: Pending, Reason: err}, nil
	case err != nil || void != nil:
		return forked(void), err
	}
	stored := filled
	for _, piece := range fresh {
		if err := w.append(author, run, piece); err != nil {
			return Verdict{}, err
		}
		stored += piece.end - piece.start
	}
	return Verdict{Code: Accepted, New: stored}, nil
}

func forked(at *oplog.Verified) Verdict {
	if at == nil {
		return Verdict{}
	}
	return Verdict{Code: Forked, Reason: fmt.Errorf("%w: entry %d of log %v", ErrForked, at.Seq(), at.LogID())}
}

// piece is a stretch of a run's entries, by index.
type piece struct{ start, end int }

// compare finds which entries of a run are new, which are held without the payload that the run has (by index), and the
// first that contradicts what is held: another entry in its place, or a neighbour that names another one.
func (w *work) compare(record LogRecord, entries []oplog.Verified) (fresh []piece, bare []int, conflict *oplog.Verified, err error) {
	for i := range entries {
		entry := &entries[i]
		if holds(record.Held, entry.Seq()) {
			mine, _, err := w.reader.Entry(record.Log.ID(), entry.Seq())
			if err != nil {
				return nil, nil, nil, err
			}
			if mine.ID() != entry.ID() {
				return nil, nil, entry, w.evidence(mine, *entry)
			}
			if mine.Payload() == nil && entry.Payload() != nil {
				bare = append(bare, i)
			}
			continue
		}
		if n := len(fresh); n > 0 && fresh[n-1].end == i {
			fresh[n-1].end++
		} else {
			fresh = append(fresh, piece{i, i + 1})
		}
	}
	if len(fresh) == 0 {
		return nil, bare, nil, nil
	}
	// Where the run meets what is held, the chain must hold across the seam.
	first, last := &entries[0], &entries[len(entries)-1]
	if first.Seq() > 1 && holds(record.Held, first.Seq()-1) {
		before, _, err := w.reader.Entry(record.Log.ID(), first.Seq()-1)
		if err != nil {
			return nil, nil, nil, err
		}
		if !first.Follows(&before) {
			return nil, nil, first, w.evidence(before, *first)
		}
	}
	if holds(record.Held, last.Seq()+1) {
		after, _, err := w.reader.Entry(record.Log.ID(), last.Seq()+1)
		if err != nil {
			return nil, nil, nil, err
		}
		if !after.Follows(last) {
			return nil, nil, last, w.evidence(after, *last)
		}
	}
	return fresh, bare, nil, nil
}

func (w *work) evidence(ours, theirs oplog.Verified) error {
	return w.tx.PutEvidence(ours.Log(), ours, theirs)
}

func holds(held []oplog.Range, seq uint64) bool {
	for _, r := range held {
		if seq >= r.First && seq <= r.Last {
			return true
		}
	}
	return false
}

// errNotYetMember is ErrNotMember for somebody who may become one when more of the control lane is here.
var errNotYetMember = errors.New("ingest: the author is not known as a member so far")

// authorise answers whether the run's log may be written here, and by whom: the first phase, before anything is
// decrypted.
func (w *work) authorise(run *prepared, record LogRecord, known bool) (key.PersonID, error) {
	first, last := &run.entries[0], &run.entries[len(run.entries)-1]
	if first.Header().Kind == oplog.KindIdentity {
		return w.authoriseIdentity(run.entries)
	}
	s, err := w.space(spaceOf(run.entries))
	if err != nil {
		return key.PersonID{}, err
	}
	if s.state == nil {
		return w.authoriseCreate(first)
	}
	author, err := w.author(s, record, known, first.Log().Device)
	if err != nil {
		return key.PersonID{}, err
	}
	if !author.MayWrite(first.Log().Device, run.log, last.Seq()) {
		return key.PersonID{}, fmt.Errorf("%w: device %v was removed", ErrNotMember, first.Log().Device)
	}
	if !s.state.MayWrite(author.ID, first.Log(), last.Seq()) {
		if s.state.Knows(author.ID, first.Log()) {
			return key.PersonID{}, fmt.Errorf("%w: entry %d of log %v", ErrNotMember, last.Seq(), run.log)
		}
		return key.PersonID{}, errNotYetMember
	}
	return author.ID, nil
}

func (w *work) author(s *spaceState, record LogRecord, known bool, device key.DeviceID) (*identity.Person, error) {
	var person *identity.Person
	var err error
	if known {
		person, err = w.person(record.Author)
	} else {
		person, err = w.speaker(s, device)
	}
	if err == nil && person == nil {
		err = fmt.Errorf("%w: device %v", ErrUnknownAuthor, device)
	}
	return person, err
}

// authoriseCreate lets in the first run of a space: it must begin with the statement that the space is named
// after, in a log of its owner.
func (w *work) authoriseCreate(first *oplog.Verified) (key.PersonID, error) {
	op, err := space.Decode(first.Payload())
	create, ok := op.(*space.Create)
	if err != nil || !ok || key.SpaceOf(first.Payload()) != first.Log().Space || tenure.Under(first.Log()) != (tenure.Name{}) {
		return key.PersonID{}, fmt.Errorf("%w: %v", ErrUnknownSpace, first.Log().Space)
	}
	owner, err := w.person(create.Owner)
	if err != nil {
		return key.PersonID{}, err
	}
	if owner == nil {
		return key.PersonID{}, fmt.Errorf("%w: owner of a space", ErrUnknownAuthor)
	}
	if !owner.MayWrite(first.Log().Device, first.Log().ID(), first.Seq()) {
		return key.PersonID{}, fmt.Errorf("%w: device %v is not the owner's", ErrNotMember, first.Log().Device)
	}
	return owner.ID, w.tx.HoldSpace(first.Log().Space, create.Kind, create.Owner)
}

// authoriseIdentity lets in a run of an identity log: by the root, whose key the person is named after, or by a
// device that the operations so far have let in.
func (w *work) authoriseIdentity(entries []oplog.Verified) (key.PersonID, error) {
	id := key.PersonID(spaceOf(entries))
	device := entries[0].Log().Device
	for i := range entries {
		if entries[i].Header().Kind != oplog.KindIdentity {
			return key.PersonID{}, fmt.Errorf("%w: a control entry in an identity log", ErrNotMember)
		}
		if _, err := identity.Decode(id, entries[i].Payload()); err != nil {
			return key.PersonID{}, fmt.Errorf("%w: %w", ErrNotMember, err)
		}
	}
	if key.PersonOf(device) == id {
		return id, nil
	}
	person, err := w.person(id)
	if err != nil {
		return key.PersonID{}, err
	}
	if person == nil {
		return key.PersonID{}, fmt.Errorf("%w: device %v", ErrUnknownAuthor, device)
	}
	last := &entries[len(entries)-1]
	if _, isDevice := person.Device(device); !isDevice {
		return key.PersonID{}, fmt.Errorf("%w: device %v", ErrUnknownAuthor, device)
	}
	if end, ended := person.End(last.Log()); ended && last.Seq() > end {
		return key.PersonID{}, fmt.Errorf("%w: device %v was removed", ErrNotMember, device)
	}
	return id, nil
}

// append stores a stretch of new entries and does what they ask for.
func (w *work) append(author key.PersonID, run *prepared, at piece) error {
	entries := run.entries[at.start:at.end]
	switch {
	case entries[0].Header().Kind == oplog.KindIdentity:
		w.changedPerson(author)
	case entries[0].Log().Lane == oplog.Control:
		w.changedSpace(spaceOf(entries))
	default:
		return w.appendContent(author, run, at)
	}
	w.commit.Entries = append(w.commit.Entries, entries...)
	return w.tx.Append(author, entries, false)
}

// appendContent stores content entries, split where some are locked or erased and their neighbours are not.
func (w *work) appendContent(author key.PersonID, run *prepared, at piece) error {
	s, err := w.space(spaceOf(run.entries))
	if err != nil {
		return err
	}
	start := at.start
	flush := func(end int, locked bool) error {
		if end == start {
			return nil
		}
		entries := run.entries[start:end]
		start = end
		w.commit.Entries = append(w.commit.Entries, entries...)
		return w.tx.Append(author, entries, locked)
	}
	wasLocked := false
	var gone []oplog.EntryID
	for i := at.start; i < at.end; i++ {
		entry := &run.entries[i]
		if s.state.Erased(author, entry.Log(), entry.Seq(), entry.ID()) {
			// The store is to know that this payload is not missing but unwanted.
			if _, _, err := w.tx.Erase(s.state.ID, run.log, entry.Seq()); err != nil {
				return err
			}
			*entry = entry.WithoutPayload()
			if run.opened != nil {
				run.opened[i] = opened{done: true}
			}
			gone = append(gone, entry.ID())
		}
		locked := w.isLocked(s, run, i)
		if locked != wasLocked {
			if err := flush(i, wasLocked); err != nil {
				return err
			}
			wasLocked = locked
		}
	}
	if err := flush(at.end, wasLocked); err != nil {
		return err
	}
	for i := at.start; i < at.end; i++ {
		if err := w.project(s, author, &run.entries[i], run.opened[i].content); err != nil {
			return err
		}
	}
	for _, id := range gone {
		if err := w.dropUnder(s.state.ID, id); err != nil { // the newest come first: comments before their post
			return err
		}
	}
	return nil
}

// isLocked tells whether an entry waits for its key. One whose key arrived since the run was prepared is opened
// here.
func (w *work) isLocked(s *spaceState, run *prepared, i int) bool {
	if run.opened == nil {
		run.opened = make([]opened, len(run.entries))
	}
	if run.opened[i].done || run.entries[i].Payload() == nil {
		return false
	}
	epoch := s.keys[run.entries[i].Header().Epoch]
	if epoch == nil {
		return true
	}
	run.opened[i] = open(epoch, &run.entries[i])
	return false
}
