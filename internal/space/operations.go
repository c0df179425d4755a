package space

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/tenure"
)

const (
	// MaxMembers bounds the members of a space, now or earlier. A space is a circle of people, not a public; and a
	// rotation, which names at 37 bytes each who is in and at 9 bytes each why others are out, has to fit into one entry.
	MaxMembers = 1500
	// MaxCut bounds the logs of one person that a cut names: devices × incarnations × lanes.
	MaxCut = 512
	// MaxAfter bounds the operations that an add, a role or a handing over overrides: how often the same person was
	// removed or lowered, left and came back.
	MaxAfter = 128
	// MaxEnders bounds the departures that a rotation names. With one for each of MaxMembers, and parents, a rotation
	// has room; Encode refuses one that has not.
	MaxEnders = 4096
	// MaxParents bounds the epochs that a rotation follows on: more than one only after concurrent rotations.
	MaxParents = 16
	// MaxTargets bounds the entries that one erase names: a post and what its author wrote under it.
	MaxTargets = 256
)

var (
	// ErrMalformed says that bytes are no operation on a space.
	ErrMalformed = errors.New("space: malformed")
	// ErrTooLarge says that an operation does not fit into an entry.
	ErrTooLarge = errors.New("space: too large for an entry")
)

// Kind is what a space is for.
type Kind uint64

// The kinds of space.
const (
	Wall     Kind = 1 // a person's posts to their friends
	Audience Kind = 2 // a person's posts to some
	Group    Kind = 3
	Chat     Kind = 4
	Own      Kind = 5 // a person's own devices
)

// Role is what a member may do.
type Role uint64

// The roles. Zero is nobody.
const (
	Reader    Role = 1 // reads
	Writer    Role = 2 // an ordinary member
	Admin     Role = 3
	OwnerRole Role = 4
)

// History is what newcomers may read of the time before them.
type History uint64

// The choices of history.
const (
	HistoryAll     History = 1
	HistoryJoining History = 2
)

// The numbers of the operations.
const (
	opCreate = 1 + iota
	opAdd
	opRemove
	opRole
	opLeave
	opHandOver
	opClose
	opAsk
	opGrantKeeper
	opRevokeKeeper
	opRotate
	opMerge
	opErase
	opSettle
	opRestate
)

// Operation is one of the operations below.
type Operation interface {
	number() uint64
	check() error
}

// Create states what the space is. The hash of its payload is the SpaceID.
type Create struct {
	_       struct{} `cbor:",toarray"`
	Nonce   [16]byte
	Kind    Kind
	Owner   key.PersonID
	History History
	// Post and Invite are the least roles that may write content and bring in members.
	Post   Role
	Invite Role
	// Publish is the least role whose posts are shown. Whoever may write content at all may comment and react.
	Publish Role
}

// CutPoint is where a log ends: entries beyond Seq do not count.
type CutPoint = tenure.CutPoint

// Add makes somebody a member. Generation is that of their person key, as the author knew it: the keys of the space
// that are handed to them are sealed to it. After, here and below, names the operations that ended or lowered this person
// earlier, which this one overrides. An add that does not name a removal is one that had not heard of it.
type Add struct {
	_          struct{} `cbor:",toarray"`
	Person     key.PersonID
	Role       Role
	Generation uint64
	After      []oplog.EntryID
}

// Remove ends somebody's membership. Logs of theirs that the cut does not name end before their first entry.
type Remove struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Cut    []CutPoint
}

// SetRole promotes or demotes: it grants the role, and beyond the cut leaves none that is higher.
type SetRole struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Role   Role
	Cut    []CutPoint
	After  []oplog.EntryID
}

// Leave ends the author's own membership.
type Leave struct {
	_   struct{} `cbor:",toarray"`
	Cut []CutPoint
}

// HandOver makes another person the owner, for good, and the author an admin. The cut is where the author's logs as
// owner end. After names operations against either of the two.
type HandOver struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Cut    []CutPoint
	After  []oplog.EntryID
}

// Close ends the space: nobody writes in it any more. What others wrote before they heard of it is still taken.
type Close struct {
	_ struct{} `cbor:",toarray"`
}

// Ask is a wish to join.
type Ask struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
}

// GrantKeeper lets a machine hold the space without its keys.
type GrantKeeper struct {
	_       struct{} `cbor:",toarray"`
	Keeper  key.PeerKey
	Quota   uint64 // bytes
	Expires int64  // seconds since 1970
}

// RevokeKeeper ends a grant.
type RevokeKeeper struct {
	_      struct{} `cbor:",toarray"`
	Keeper key.PeerKey
}

// EnderID is the first 8 bytes of the EntryID of an operation that ended or lowered somebody.
type EnderID [8]byte

// EpochReader is somebody whom an epoch was made for: a person, by one generation of their key.
type EpochReader struct {
	_          struct{} `cbor:",toarray"`
	Person     key.PersonID
	Generation uint64
}

// Rotate starts an epoch. Out names, ascending, the departures that its author knew of: every operation that ended or
// lowered somebody. Whoever knows of another may not write under the epoch.
type Rotate struct {
	_                 struct{} `cbor:",toarray"`
	Epoch             oplog.EpochID
	Parents           []oplog.EpochID
	SealedParents     [][]byte // the secrets of each parent under this epoch's history key
	For               []EpochReader
	Out               []EnderID
	KeyCommitment     seal.Commitment
	HistoryCommitment seal.Commitment
}

// Merge names heads in the entry's deps and says nothing else.
type Merge struct {
	_ struct{} `cbor:",toarray"`
}

// Target is an entry to erase.
type Target struct {
	_   struct{} `cbor:",toarray"`
	Log oplog.LogID
	Seq uint64
	ID  oplog.EntryID
}

// Erase asks every home to drop the payloads of entries. It counts if the author of the erase wrote them, or
// has power over who did; see State.Erased.
type Erase struct {
	_       struct{} `cbor:",toarray"`
	Targets []Target
}

type frame struct {
	_    struct{} `cbor:",toarray"`
	Op   uint64
	Body cbor.RawMessage
}

// Encode writes an operation as the payload of an entry. Errors: ErrMalformed, ErrTooLarge.
func Encode(op Operation) ([]byte, error) {
	if err := op.check(); err != nil {
		return nil, err
	}
	body, err := canon.Marshal(op)
	if err != nil {
		return nil, fmt.Errorf("space: encode: %w", err)
	}
	payload, err := canon.Marshal(frame{Op: op.number(), Body: body})
	if err == nil && len(payload) > oplog.MaxPayload {
		return nil, fmt.Errorf("%w: operation %d of %d bytes", ErrTooLarge, op.number(), len(payload))
	}
	return payload, err
}

// Decode reads an operation and checks its bounds. The error is ErrMalformed.
func Decode(payload []byte) (Operation, error) {
	var f frame
	if err := canon.Unmarshal(payload, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	make, ok := operations[f.Op]
	if !ok {
		return nil, fmt.Errorf("%w: operation %d", ErrMalformed, f.Op)
	}
	op := make()
	if err := canon.Unmarshal(f.Body, op); err != nil {
		return nil, fmt.Errorf("%w: operation %d: %w", ErrMalformed, f.Op, err)
	}
	if err := op.check(); err != nil {
		return nil, err
	}
	return op, nil
}

var operations = map[uint64]func() Operation{
	opCreate:       func() Operation { return new(Create) },
	opAdd:          func() Operation { return new(Add) },
	opRemove:       func() Operation { return new(Remove) },
	opRole:         func() Operation { return new(SetRole) },
	opLeave:        func() Operation { return new(Leave) },
	opHandOver:     func() Operation { return new(HandOver) },
	opClose:        func() Operation { return new(Close) },
	opAsk:          func() Operation { return new(Ask) },
	opGrantKeeper:  func() Operation { return new(GrantKeeper) },
	opRevokeKeeper: func() Operation { return new(RevokeKeeper) },
	opRotate:       func() Operation { return new(Rotate) },
	opMerge:        func() Operation { return new(Merge) },
	opErase:        func() Operation { return new(Erase) },
	opSettle:       func() Operation { return new(Settle) },
	opRestate:      func() Operation { return new(Restate) },
}

// NewCreate states a new space with a random nonce.
func NewCreate(kind Kind, owner key.PersonID, history History) *Create {
	c := &Create{Kind: kind, Owner: owner, History: history, Post: Writer, Invite: OwnerRole, Publish: Writer}
	if kind.oneOwner() {
		c.Publish = OwnerRole
	}
	rand.Read(c.Nonce[:])
	return c
}

func (*Create) number() uint64       { return opCreate }
func (*Add) number() uint64          { return opAdd }
func (*Remove) number() uint64       { return opRemove }
func (*SetRole) number() uint64      { return opRole }
func (*Leave) number() uint64        { return opLeave }
func (*HandOver) number() uint64     { return opHandOver }
func (*Close) number() uint64        { return opClose }
func (*Ask) number() uint64          { return opAsk }
func (*GrantKeeper) number() uint64  { return opGrantKeeper }
func (*RevokeKeeper) number() uint64 { return opRevokeKeeper }
func (*Rotate) number() uint64       { return opRotate }
func (*Merge) number() uint64        { return opMerge }
func (*Erase) number() uint64        { return opErase }
func (*Settle) number() uint64       { return opSettle }
func (*Restate) number() uint64      { return opRestate }

func (op *Create) check() error {
	if op.Kind < Wall || op.Kind > Own || op.History < HistoryAll || op.History > HistoryJoining {
		return fmt.Errorf("%w: a space of kind %d with history %d", ErrMalformed, op.Kind, op.History)
	}
	return errors.Join(checkRole(op.Post), checkRole(op.Invite), checkRole(op.Publish))
}

func (op *Add) check() error    { return errors.Join(checkRole(op.Role), checkAfter(op.After)) }
func (op *Remove) check() error { return checkCut(op.Cut) }
func (op *Leave) check() error  { return checkCut(op.Cut) }
func (*Close) check() error     { return nil }
func (*Ask) check() error       { return nil }

func (op *SetRole) check() error {
	return errors.Join(checkRole(op.Role), checkCut(op.Cut), checkAfter(op.After))
}

func (op *HandOver) check() error { return errors.Join(checkCut(op.Cut), checkAfter(op.After)) }

func (op *GrantKeeper) check() error {
	if op.Expires < 0 {
		return fmt.Errorf("%w: a grant until %d", ErrMalformed, op.Expires)
	}
	return nil
}

func (*RevokeKeeper) check() error { return nil }

func (op *Rotate) check() error {
	if op.Epoch.IsZero() || len(op.Parents) > MaxParents || len(op.SealedParents) != len(op.Parents) || len(op.For) == 0 || len(op.For) > MaxMembers {
		return fmt.Errorf("%w: a rotation with %d parents for %d people", ErrMalformed, len(op.Parents), len(op.For))
	}
	if len(op.Out) > MaxEnders {
		return fmt.Errorf("%w: a rotation after %d departures", ErrMalformed, len(op.Out))
	}
	for i := 1; i < len(op.Out); i++ {
		if bytes.Compare(op.Out[i-1][:], op.Out[i][:]) >= 0 {
			return fmt.Errorf("%w: the departures before a rotation are not in order", ErrMalformed)
		}
	}
	if slices.Contains(op.Parents, op.Epoch) {
		return fmt.Errorf("%w: epoch %v as its own parent", ErrMalformed, op.Epoch)
	}
	for _, sealed := range op.SealedParents {
		if len(sealed) != seal.SealedParentSize {
			return fmt.Errorf("%w: a sealed parent of %d bytes", ErrMalformed, len(sealed))
		}
	}
	return nil
}

func (*Merge) check() error { return nil }

func (op *Erase) check() error {
	if len(op.Targets) == 0 || len(op.Targets) > MaxTargets {
		return fmt.Errorf("%w: an erase of %d entries", ErrMalformed, len(op.Targets))
	}
	for _, target := range op.Targets {
		if target.Seq == 0 || target.Seq > oplog.MaxSeq {
			return fmt.Errorf("%w: an erase of entry %d", ErrMalformed, target.Seq)
		}
	}
	return nil
}

func checkRole(r Role) error {
	if r < Reader || r > OwnerRole {
		return fmt.Errorf("%w: role %d", ErrMalformed, r)
	}
	return nil
}

func checkCut(cut []CutPoint) error {
	if len(cut) > MaxCut {
		return fmt.Errorf("%w: a cut of %d logs", ErrMalformed, len(cut))
	}
	for _, point := range cut {
		if point.Seq > oplog.MaxSeq {
			return fmt.Errorf("%w: a cut at %d", ErrMalformed, point.Seq)
		}
	}
	return nil
}

func checkAfter(after []oplog.EntryID) error {
	if len(after) > MaxAfter {
		return fmt.Errorf("%w: after %d operations", ErrMalformed, len(after))
	}
	return nil
}
