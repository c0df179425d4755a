package invite

import (
	"fmt"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

const (
	// maxAbout bounds what a place tells of a group, encoded: its picture (16 KiB), its rules and its name.
	maxAbout = 32 << 10
	// MaxProof bounds the runs of a farewell: a removal and the appointments that it rests on.
	MaxProof = 64
)

// Place tells of a space that somebody may come into.
type Place struct {
	_ struct{} `cbor:",toarray"`
	// Create is the payload of the create statement: it proves the SpaceID, which is its hash, the kind and the owner.
	Create  []byte
	About   []byte // a content.About, encoded; empty where the space says nothing of itself
	Members uint64 // how many are in it, the inviter says
}

// NewPlace tells of a space. about may be nil.
func NewPlace(create *space.Create, about *content.About, members int) (*Place, error) {
	payload, err := space.Encode(create)
	if err != nil {
		return nil, err
	}
	place := &Place{Create: payload, Members: uint64(members)}
	if about != nil {
		if place.About, err = content.Encode(*about); err != nil {
			return nil, err
		}
	}
	return place, nil
}

// Read opens a place: which space it is, its create statement, and what it says of itself, which has no name where it says
// nothing. The error is ErrProtocol.
func (p *Place) Read() (key.SpaceID, *space.Create, content.About, error) {
	id := key.SpaceOf(p.Create)
	op, err := space.Decode(p.Create)
	if err != nil {
		return id, nil, content.About{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	create, ok := op.(*space.Create)
	if !ok || len(p.About) > maxAbout {
		return id, nil, content.About{}, fmt.Errorf("%w: a place without a create statement, or with %d bytes about it", ErrProtocol, len(p.About))
	}
	if len(p.About) == 0 {
		return id, create, content.About{}, nil
	}
	item, err := content.Decode(p.About)
	if err != nil {
		return id, nil, content.About{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	about, ok := item.(content.About)
	if !ok {
		return id, nil, content.About{}, fmt.Errorf("%w: a place that says something else", ErrProtocol)
	}
	return id, create, about, nil
}

// Offer is what one home tells another of one space: that the receiver was let in (Place is set), that the receiver is out
// (Proof is set), or that the sender does not want to be in it (No is set).
type Offer struct {
	_     struct{} `cbor:",toarray"`
	Space key.SpaceID
	Place *Place
	// Proof is, where somebody was removed, the removal and the appointments that its author's right rests on: runs of the
	// space's control lane. The receiver verifies and folds them.
	Proof []Run
	// Authors are the identity logs of those who wrote the proof.
	Authors []Author
	No      bool
}

// Author is somebody's identity log in a message.
type Author struct {
	_        struct{} `cbor:",toarray"`
	Person   key.PersonID
	Identity []Run
}

// ReadProof takes the runs out of a farewell, those of identity logs first. They are still to be verified. The error is
// ErrProtocol.
func (o *Offer) ReadProof() ([]oplog.Run, error) {
	if len(o.Authors) > MaxProof {
		return nil, fmt.Errorf("%w: %d authors", ErrProtocol, len(o.Authors))
	}
	var all []oplog.Run
	for i := range o.Authors {
		runs, err := ReadRuns(o.Authors[i].Person.IdentitySpace(), o.Authors[i].Identity, MaxIdentityRuns)
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	runs, err := ReadRuns(o.Space, o.Proof, MaxProof)
	return append(all, runs...), err
}

// Reply is the answer to an Offer.
type Reply uint64

// The replies.
const (
	Taken    Reply = 1 // heard; the home expects the space, or took the proof
	Asked    Reply = 2 // heard; its owner is asked
	Declined Reply = 3 // its owner does not want to be in this space
	Passed   Reply = 4 // not from you: no friend, or too many
)

// OfferReply answers an Offer.
type OfferReply struct {
	_     struct{} `cbor:",toarray"`
	Reply Reply
}

// WireRuns puts runs of a control lane into the form in which they travel in messages.
func WireRuns(runs []oplog.Run) []Run {
	var list []Run
	for _, run := range runs {
		list = append(list, wireRun(run))
	}
	return list
}

// ReadRuns takes runs of a space's control lane out of a message. They are still to be verified. The error is
// ErrProtocol.
func ReadRuns(id key.SpaceID, wire []Run, most int) ([]oplog.Run, error) {
	if len(wire) > most {
		return nil, fmt.Errorf("%w: %d runs", ErrProtocol, len(wire))
	}
	var runs []oplog.Run
	for i := range wire {
		run, err := wire[i].read(id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

func wireRun(run oplog.Run) Run {
	wire := Run{Device: run.Log.Device, Incarnation: run.Log.Incarnation, First: run.First, Signature: run.Signature}
	for _, entry := range run.Entries {
		wire.Headers = append(wire.Headers, entry.Header)
		wire.Payloads = append(wire.Payloads, entry.Payload)
	}
	return wire
}

func (wire *Run) read(id key.SpaceID) (oplog.Run, error) {
	if len(wire.Headers) != len(wire.Payloads) || len(wire.Headers) > oplog.MaxRunEntries {
		return oplog.Run{}, fmt.Errorf("%w: a run of %d headers and %d payloads", ErrProtocol, len(wire.Headers), len(wire.Payloads))
	}
	run := oplog.Run{
		Log:   oplog.Log{Space: id, Device: wire.Device, Incarnation: wire.Incarnation, Lane: oplog.Control},
		First: wire.First, Signature: wire.Signature,
	}
	for i := range wire.Headers {
		run.Entries = append(run.Entries, oplog.Raw{Header: wire.Headers[i], Payload: wire.Payloads[i]})
	}
	return run, nil
}
