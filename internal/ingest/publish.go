package ingest

import (
	"context"
	"errors"
	"fmt"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
	"kith/internal/tenure"
)

// Author is who this home writes as.
type Author struct {
	Person key.PersonID
	Device *key.Device
}

// ErrNobody says that this home has no person so far: the first run is not finished.
var ErrNobody = errors.New("ingest: nobody to write as")

// Speak sets who this home writes as. It is called once, before the first write.
func (p *Pipeline) Speak(author Author) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.author = author
}

// Writing is one act of publishing: everything that is written through it is stored in one transaction, together
// with whatever Also does.
type Writing struct {
	work   *work
	author Author
}

// Publish runs write in one transaction. When it returns without an error, all that was written is durable.
func (p *Pipeline) Publish(ctx context.Context, write func(*Writing) error) error {
	p.mu.RLock()
	author := p.author
	p.mu.RUnlock()
	if author.Device == nil {
		return ErrNobody
	}
	return p.update(ctx, true, func(w *work) error {
		person, err := w.person(author.Person)
		if err != nil {
			return err
		}
		if person != nil {
			if device, known := person.Device(author.Device.ID()); known && device.Removed {
				return ErrRemoved
			}
		}
		return write(&Writing{work: w, author: author})
	})
}

// Me is who is written as.
func (w *Writing) Me() key.PersonID { return w.author.Person }

// Tx is the transaction, for what the caller keeps beside entries.
func (w *Writing) Tx() Tx { return w.work.tx }

// Identity stores the first entries of our own identity log, which Begin of package identity made.
func (w *Writing) Identity(entries []oplog.Verified) error {
	id, err := w.work.authoriseIdentity(entries)
	if err != nil {
		return err
	}
	w.work.changedPerson(id)
	w.work.commit.Entries = append(w.work.commit.Entries, entries...)
	return w.work.tx.Append(id, entries, false)
}

// Create begins a space that we own, with its first key.
func (w *Writing) Create(create *space.Create) (key.SpaceID, error) {
	payload, err := space.Encode(create)
	if err != nil {
		return key.SpaceID{}, err
	}
	id := key.SpaceOf(payload)
	if _, err := w.compose(id, oplog.Control, space.OwnerRole, []oplog.Draft{controlDraft(payload)}); err != nil {
		return key.SpaceID{}, err
	}
	if err := w.work.tx.HoldSpace(id, create.Kind, create.Owner); err != nil {
		return key.SpaceID{}, err
	}
	_, err = w.writableEpoch(id)
	return id, err
}

// Operate writes operations on a space, as one run, by whatever right of ours suffices for all of them. Errors:
// ErrUnknownSpace; ErrNotMember where we have no such right; ErrClosed, and ErrRemoved where it is our device that may
// write no more. A closed space can still be left, and what is ours there erased.
func (w *Writing) Operate(id key.SpaceID, ops ...space.Operation) ([]oplog.Verified, error) {
	state, err := w.State(id)
	if err != nil {
		return nil, err
	}
	var needs space.Role
	var drafts []oplog.Draft
	leaving, others := false, false
	for _, op := range ops {
		payload, err := space.Encode(op)
		if err != nil {
			return nil, err
		}
		drafts = append(drafts, controlDraft(payload))
		needs = max(needs, state.Needs(op))
		switch op.(type) {
		case *space.Leave:
			leaving = true
		case *space.Erase: // of what others wrote, perhaps
			needs = max(needs, min(state.Role(w.author.Person), state.Power()))
		default:
			others = true
		}
	}
	if state.Closed && others {
		return nil, ErrClosed
	}
	if leaving {
		// What is written under a junior right leaves the senior ones in force.
		if err := w.toMostSenior(state); err != nil {
			return nil, err
		}
	}
	return w.compose(id, oplog.Control, needs, drafts)
}

// toMostSenior sees to it that what is written next in the control lane is under our most senior tenure.
func (w *Writing) toMostSenior(state *space.State) error {
	log, ok, err := w.work.tx.OwnLog(state.ID, oplog.Control)
	if err != nil || !ok {
		return err
	}
	if name, member := state.TenureFor(w.author.Person, space.Reader); member && name != tenure.Under(log) {
		return w.work.tx.DropOwnLog(state.ID, oplog.Control)
	}
	return nil
}

func controlDraft(payload []byte) oplog.Draft {
	return oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(payload)}
}

// Items writes content into a space, as one run under the space's present key. If the key has to change first, it
// does. Errors: ErrUnknownSpace, ErrNotMember, ErrClosed, ErrRemoved, ErrNoKey, content.ErrMalformed.
func (w *Writing) Items(id key.SpaceID, items ...content.Item) ([]oplog.Verified, error) {
	epoch, err := w.writableEpoch(id)
	if err != nil {
		return nil, err
	}
	drafts := make([]oplog.Draft, len(items))
	for i, item := range items {
		plaintext, err := content.Encode(item)
		if err != nil {
			return nil, err
		}
		refs := item.Refs()
		drafts[i] = oplog.Draft{Kind: oplog.KindContent, Epoch: epoch.ID(), Payload: func(header oplog.Header) ([]byte, error) {
			return seal.Payload(epoch, id, header, refs, plaintext)
		}}
	}
	s, err := w.work.space(id)
	if err != nil {
		return nil, err
	}
	entries, err := w.compose(id, oplog.Content, roleForAll(&s.state.Create, items), drafts)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if err := w.work.project(s, w.author.Person, &entries[i], items[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// State is the folded state of a space as this transaction sees it.
func (w *Writing) State(id key.SpaceID) (*space.State, error) {
	s, err := w.work.space(id)
	if err != nil {
		return nil, err
	}
	if s.state == nil {
		return nil, ErrUnknownSpace
	}
	return s.state, nil
}

// Person is a folded identity as this transaction sees it; nil if it is not here.
func (w *Writing) Person(id key.PersonID) (*identity.Person, error) { return w.work.person(id) }

// compose writes drafts, which need a role, as one run at the end of our log in the lane, and stores it.
func (w *Writing) compose(id key.SpaceID, lane oplog.Lane, needs space.Role, drafts []oplog.Draft) ([]oplog.Verified, error) {
	head, deps, err := w.head(id, lane, needs)
	if err != nil {
		return nil, err
	}
	if len(deps) > 0 {
		drafts[0].Deps = append(drafts[0].Deps, deps...)
	}
	lamport, err := w.lamport(id)
	if err != nil {
		return nil, err
	}
	entries, err := oplog.Compose(w.author.Device, head, lamport, w.work.p.now(), drafts)
	if err != nil {
		return nil, err
	}
	if lane == oplog.Control {
		w.work.changedSpace(id)
	}
	w.work.commit.Entries = append(w.work.commit.Entries, entries...)
	return entries, w.work.tx.Append(w.author.Person, entries, false)
}

// head finds the end of our log in the lane. Where the tenure under which the log is written does not suffice, or not any
// more, or the folder is a restored one, a new log begins, under our most senior tenure that does. Its first entry names
// the last one known of the log before.
func (w *Writing) head(id key.SpaceID, lane oplog.Lane, needs space.Role) (oplog.Head, []oplog.EntryID, error) {
	var before []oplog.EntryID
	me, err := w.work.person(w.author.Person)
	if err != nil {
		return oplog.Head{}, nil, err
	}
	if me != nil {
		if device, ok := me.Device(w.author.Device.ID()); !ok || device.Removed {
			return oplog.Head{}, nil, ErrRemoved
		}
	}
	s, err := w.work.space(id)
	if err != nil {
		return oplog.Head{}, nil, err
	}
	log, ok, err := w.work.tx.OwnLog(id, lane)
	if err != nil {
		return oplog.Head{}, nil, err
	}
	if ok {
		record, held, err := w.work.reader.Log(log.ID())
		if err != nil {
			return oplog.Head{}, nil, err
		}
		if !held {
			record.Head = oplog.Head{Log: log}
		}
		if s.state == nil {
			return record.Head, nil, nil
		}
		_, _, forked := s.state.Settled(w.author.Person, log)
		if !forked && s.state.Suffices(w.author.Person, log, record.Head.Seq+1, needs) {
			return record.Head, nil, nil
		}
		if record.Head.Seq > 0 {
			before = append(before, record.Head.ID)
		}
	}
	var name tenure.Name // of the create
	if s.state != nil {
		if name, ok = s.state.TenureFor(w.author.Person, needs); !ok {
			return oplog.Head{}, nil, fmt.Errorf("%w: in a role that may do this", ErrNotMember)
		}
	}
	log = oplog.Log{Space: id, Device: w.author.Device.ID(), Lane: lane, Incarnation: tenure.NewIncarnation(name)}
	return oplog.Head{Log: log}, before, w.work.tx.SetOwnLog(log)
}

// writableEpoch gives the key to write with. If everybody whom the present keys were made for is not still here,
// it starts a new epoch, for the members of now.
func (w *Writing) writableEpoch(id key.SpaceID) (*seal.Epoch, error) {
	s, err := w.work.space(id)
	if err != nil {
		return nil, err
	}
	if s.state == nil {
		return nil, ErrUnknownSpace
	}
	if s.state.Role(w.author.Person) == 0 {
		return nil, fmt.Errorf("%w: of this space", ErrNotMember)
	}
	if s.state.Closed {
		return nil, ErrClosed
	}
	open := s.state.Open(w.work.generation)
	for _, published := range open {
		// A member who keeps the key of their own rotation to themselves stops nobody: the next one serves.
		if epoch := s.keys[published.Epoch]; epoch != nil {
			return epoch, nil
		}
	}
	if len(open) > 0 && !w.work.p.waitedForKey(id) {
		return nil, ErrNoKey
	}
	return w.rotate(id, s)
}

func (w *Writing) rotate(id key.SpaceID, s *spaceState) (*seal.Epoch, error) {
	epoch := seal.NewEpoch()
	keyCommitment, historyCommitment := epoch.Commitments()
	rotation := &space.Rotate{
		Epoch: epoch.ID(), Out: s.state.Out(), KeyCommitment: keyCommitment, HistoryCommitment: historyCommitment,
	}
	for _, tip := range s.state.Tips() {
		parent := s.keys[tip.Epoch]
		if parent == nil || !parent.HasHistory() || len(rotation.Parents) == space.MaxParents {
			continue
		}
		sealed, err := epoch.SealParent(parent)
		if err != nil {
			return nil, err
		}
		rotation.Parents = append(rotation.Parents, tip.Epoch)
		rotation.SealedParents = append(rotation.SealedParents, sealed)
	}
	for _, member := range s.state.Members() {
		rotation.For = append(rotation.For, space.EpochReader{
			Person: member.Person, Generation: w.work.generation(member.Person),
		})
	}
	if _, err := w.Operate(id, rotation); err != nil {
		return nil, err
	}
	if err := w.work.tx.PutEpochKey(id, epoch); err != nil {
		return nil, err
	}
	// The operation made the folded state stale; it is loaded again with the new key.
	if _, err := w.work.space(id); err != nil {
		return nil, err
	}
	return epoch, nil
}

// Forget drops what this home holds of an entry, and of what hangs under it, without asking any other home to: what was to be
// here for a time only. Nothing happens where it is not here.
func (w *Writing) Forget(id key.SpaceID, at Place) error {
	record, known, err := w.Tx().Log(at.Log)
	if err != nil || !known || record.Log.Space != id || !holds(record.Held, at.Seq) {
		return err
	}
	entry, _, err := w.Tx().Entry(at.Log, at.Seq)
	if err != nil {
		return err
	}
	if gone, err := w.Tx().IsErased(id, entry.ID()); err != nil || gone {
		return err
	}
	return w.work.drop(id, at, key.PersonID{})
}
