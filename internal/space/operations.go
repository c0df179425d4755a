package space

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

const (
	// MaxMembers bounds the members of a space, now or earlier. A space is a circle of people, not a public; and a
	// rotation, which names them all at 37 bytes each, has to fit into one entry.
	MaxMembers = 1500
	// MaxCut bounds the logs of one person that a cut names: devices × incarnations × lanes.
	MaxCut = 512
	// MaxParents bounds the epochs that a rotation follows on: more than one only after concurrent rotations.
	MaxParents = 16
	// MaxTargets bounds the entries that one erase names: a post and what its author wrote under it.
	MaxTargets = 256
)

// ErrMalformed says that bytes are no operation on a space.
var ErrMalformed = errors.New("space: malformed")

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
}

// CutPoint is where a log ends: entries beyond Seq do not count.
type CutPoint struct {
	_   struct{} `cbor:",toarray"`
	Log oplog.LogID
	Seq uint64
}

// Add makes somebody a member. Generation is that of their person key, as the author knew it: the keys of the space
// that are handed to them are sealed to it. Tenure, here and below, is the entry that gave the author the right: the
// appointment, or the create for the owner.
type Add struct {
	_          struct{} `cbor:",toarray"`
	Person     key.PersonID
	Role       Role
	Generation uint64
	Tenure     oplog.EntryID
}

// Remove ends somebody's membership. Logs of theirs that the cut does not name end before their first entry.
type Remove struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Cut    []CutPoint
	Tenure oplog.EntryID
}

// SetRole promotes or demotes; a demotion carries a cut.
type SetRole struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Role   Role
	Cut    []CutPoint
	Tenure oplog.EntryID
}

// Leave ends the author's own membership.
type Leave struct {
	_   struct{} `cbor:",toarray"`
	Cut []CutPoint
}

// HandOver makes another person the owner, for good.
type HandOver struct {
	_      struct{} `cbor:",toarray"`
	Person key.PersonID
	Cut    []CutPoint
	Tenure oplog.EntryID
}

// Close ends the space: nothing is written in it any more.
type Close struct {
	_      struct{} `cbor:",toarray"`
	Tenure oplog.EntryID
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
	Tenure  oplog.EntryID
}

// RevokeKeeper ends a grant.
type RevokeKeeper struct {
	_      struct{} `cbor:",toarray"`
	Keeper key.PeerKey
	Tenure oplog.EntryID
}

// EpochReader is somebody whom an epoch was made for: a person, by one generation of their key.
type EpochReader struct {
	_          struct{} `cbor:",toarray"`
	Person     key.PersonID
	Generation uint64
}

// Rotate starts an epoch.
type Rotate struct {
	_                 struct{} `cbor:",toarray"`
	Epoch             oplog.EpochID
	Parents           []oplog.EpochID
	SealedParents     [][]byte // the secrets of each parent under this epoch's history key
	For               []EpochReader
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
// is the owner.
type Erase struct {
	_       struct{} `cbor:",toarray"`
	Targets []Target
}

type frame struct {
	_    struct{} `cbor:",toarray"`
	Op   uint64
	Body cbor.RawMessage
}

// Encode writes an operation as the payload of an entry.
func Encode(op Operation) ([]byte, error) {
	if err := op.check(); err != nil {
		return nil, err
	}
	body, err := canon.Marshal(op)
	if err != nil {
		return nil, fmt.Errorf("space: encode: %w", err)
	}
	return canon.Marshal(frame{Op: op.number(), Body: body})
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
}

// NewCreate states a new space with a random nonce.
func NewCreate(kind Kind, owner key.PersonID, history History) *Create {
	c := &Create{Kind: kind, Owner: owner, History: history, Post: Writer, Invite: OwnerRole}
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

func (op *Create) check() error {
	if op.Kind < Wall || op.Kind > Own || op.History < HistoryAll || op.History > HistoryJoining {
		return fmt.Errorf("%w: a space of kind %d with history %d", ErrMalformed, op.Kind, op.History)
	}
	return errors.Join(checkRole(op.Post), checkRole(op.Invite))
}

func (op *Add) check() error      { return checkRole(op.Role) }
func (op *Remove) check() error   { return checkCut(op.Cut) }
func (op *SetRole) check() error  { return errors.Join(checkRole(op.Role), checkCut(op.Cut)) }
func (op *Leave) check() error    { return checkCut(op.Cut) }
func (op *HandOver) check() error { return checkCut(op.Cut) }
func (*Close) check() error       { return nil }
func (*Ask) check() error         { return nil }

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
