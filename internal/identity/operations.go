package identity

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
)

const (
	// MaxDevices bounds the devices of a person over a lifetime; each costs about 2.6 KB in the log.
	MaxDevices = 64
	// MaxActive bounds the devices at a time, because the key that follows on a removal is sealed to each, at 1.2 KB,
	// and the removal has to fit into one entry.
	MaxActive = 24
	// MaxCut bounds the logs that the removal of a device may name: one for each space and lane that it wrote. It is
	// what is left of an entry beside the new key.
	MaxCut = 1250
)

// ErrMalformed says that bytes are no identity operation.
var ErrMalformed = errors.New("identity: malformed")

// The numbers of the operations.
const (
	opFound  = 1
	opAdd    = 2
	opRemove = 3
	opResign = 4
)

// Operation is one of Found, AddDevice, RemoveDevice and Resign.
type Operation interface {
	number() uint64
	check(person key.PersonID) error
}

// Certificate names a device and its keys. Both proofs are over "person ‖ device ‖ network ‖ sealing key".
type Certificate struct {
	_            struct{} `cbor:",toarray"`
	Device       key.DeviceID
	Network      key.PeerKey
	Seal         key.SealPublic // key.SealPublicSize bytes
	Proof        key.Signature  // by the device's signing key
	NetworkProof key.Signature  // by the device's network key
}

// SealedSeed is a person key's seed sealed to one device; key.SealedSeedSize bytes.
type SealedSeed struct {
	_      struct{} `cbor:",toarray"`
	Device key.DeviceID
	Sealed []byte
}

// Generation publishes a person key.
type Generation struct {
	_        struct{} `cbor:",toarray"`
	Number   uint64   // from 1
	Suite    uint64   // key.SealSuite
	Public   key.SealPublic
	ToRoot   []byte
	ToDevice []SealedSeed
	Previous []byte // the generation before, under this one; empty for the first
}

// CutPoint is where a log ends: entries beyond Seq do not count.
type CutPoint = tenure.CutPoint

// Found begins an identity: the first operation, signed by the root.
type Found struct {
	_        struct{}     `cbor:",toarray"`
	Root     key.DeviceID // the root's public signing key; PersonID is its hash
	RootSeal key.SealPublic
	Recovery key.PeerKey // the network key under which the person would come back
	// RecoveryProof is by the recovery key, so that nobody claims another machine's as theirs. It is over what a
	// certificate's proofs are over, with the root in the place of the device.
	RecoveryProof key.Signature
	Device        Certificate
	Key           Generation
}

// AddDevice lets in a further device. Key is the newest person key's seed for it, and Number its generation. For a device
// that is one already it hands on a newer generation.
type AddDevice struct {
	_      struct{} `cbor:",toarray"`
	Device Certificate
	Number uint64
	Key    []byte
}

// RemoveDevice shuts a device out: what it wrote beyond the cut does not count, and the person key changes. The key
// counts also where the device has left by itself, was removed before, or outranks the author.
type RemoveDevice struct {
	_      struct{} `cbor:",toarray"`
	Device key.DeviceID
	Cut    []CutPoint
	Key    Generation
}

// Resign takes the author itself out of the person's devices. Another device has to change the person key after it.
type Resign struct {
	_   struct{} `cbor:",toarray"`
	Cut []CutPoint
}

type frame struct {
	_    struct{} `cbor:",toarray"`
	Op   uint64
	Body cbor.RawMessage
}

// Encode writes an operation as the payload of an entry.
func Encode(op Operation) ([]byte, error) {
	body, err := canon.Marshal(op)
	if err != nil {
		return nil, fmt.Errorf("identity: encode: %w", err)
	}
	return canon.Marshal(frame{Op: op.number(), Body: body})
}

// Decode reads an operation of the person's log and checks all of it that needs no other entry: sizes, keys
// and the certificate's proofs. The error is ErrMalformed.
func Decode(person key.PersonID, payload []byte) (Operation, error) {
	var f frame
	if err := canon.Unmarshal(payload, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var op Operation
	switch f.Op {
	case opFound:
		op = new(Found)
	case opAdd:
		op = new(AddDevice)
	case opRemove:
		op = new(RemoveDevice)
	case opResign:
		op = new(Resign)
	default:
		return nil, fmt.Errorf("%w: operation %d", ErrMalformed, f.Op)
	}
	if err := canon.Unmarshal(f.Body, op); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := op.check(person); err != nil {
		return nil, err
	}
	return op, nil
}

func (*Found) number() uint64        { return opFound }
func (*AddDevice) number() uint64    { return opAdd }
func (*RemoveDevice) number() uint64 { return opRemove }
func (*Resign) number() uint64       { return opResign }

func (op *Found) check(person key.PersonID) error {
	if key.PersonOf(op.Root) != person {
		return fmt.Errorf("%w: the root is another person's", ErrMalformed)
	}
	if err := op.RootSeal.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	root := Certificate{Device: op.Root, Network: op.Recovery, Seal: op.RootSeal}
	if !op.Recovery.Verify(key.DomainRecovery, root.text(person), op.RecoveryProof) {
		return fmt.Errorf("%w: the recovery network key has not agreed", ErrMalformed)
	}
	if op.Key.Number != 1 || len(op.Key.Previous) != 0 {
		return fmt.Errorf("%w: a first person key of generation %d", ErrMalformed, op.Key.Number)
	}
	if err := op.Key.check(); err != nil {
		return err
	}
	return op.Device.check(person)
}

func (op *AddDevice) check(person key.PersonID) error {
	if len(op.Key) != key.SealedSeedSize || op.Number == 0 {
		return fmt.Errorf("%w: a sealed person key of %d bytes", ErrMalformed, len(op.Key))
	}
	return op.Device.check(person)
}

func (op *RemoveDevice) check(key.PersonID) error {
	if op.Key.Number < 2 || len(op.Key.Previous) != key.SealedPreviousSize {
		return fmt.Errorf("%w: a removal with person key %d", ErrMalformed, op.Key.Number)
	}
	if err := checkCut(op.Cut); err != nil {
		return err
	}
	return op.Key.check()
}

func (op *Resign) check(key.PersonID) error { return checkCut(op.Cut) }

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

func (g *Generation) check() error {
	if g.Suite != key.SealSuite || len(g.ToRoot) != key.SealedSeedSize || len(g.ToDevice) > MaxActive {
		return fmt.Errorf("%w: person key %d", ErrMalformed, g.Number)
	}
	for _, to := range g.ToDevice {
		if len(to.Sealed) != key.SealedSeedSize {
			return fmt.Errorf("%w: a sealed person key of %d bytes", ErrMalformed, len(to.Sealed))
		}
	}
	if err := g.Public.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func (c *Certificate) check(person key.PersonID) error {
	if key.PersonOf(c.Device) == person {
		return fmt.Errorf("%w: the root as a device", ErrMalformed)
	}
	if err := c.Seal.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	text := c.text(person)
	if !key.Verify(c.Device, key.DomainCert, text, c.Proof) || !c.Network.Verify(key.DomainCert, text, c.NetworkProof) {
		return fmt.Errorf("%w: the device %v has not agreed to its certificate", ErrMalformed, c.Device)
	}
	return nil
}

func (c *Certificate) text(person key.PersonID) []byte {
	text := append([]byte(nil), person[:]...)
	text = append(text, c.Device[:]...)
	text = append(text, c.Network[:]...)
	return append(text, c.Seal...)
}

// Certify makes the certificate by which a device joins a person.
func Certify(person key.PersonID, d *key.Device) Certificate {
	c := Certificate{Device: d.ID(), Network: d.Peer(), Seal: d.SealPublic()}
	text := c.text(person)
	c.Proof = d.Sign(key.DomainCert, text)
	c.NetworkProof = d.SignNetwork(key.DomainCert, text)
	return c
}
