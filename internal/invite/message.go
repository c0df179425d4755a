package invite

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"kith/internal/canon"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

const (
	// NonceSize of each side's contribution to the proof.
	NonceSize = 32
	// maxMessage holds an introduction: an identity log of some devices (2.5 KB each) and a card (16 KiB).
	maxMessage = 256 << 10
	// MaxIdentityRuns bounds the runs of an identity log in an introduction.
	MaxIdentityRuns = 64
	proofSize       = sha256.Size
)

// ErrProtocol says that the other side does not keep to the handshake.
var ErrProtocol = errors.New("invite: the other side does not keep to the handshake")

// Step is what the invited asks for.
type Step uint64

// The steps.
const (
	Look   Step = 1 // who invites?
	Accept Step = 2 // here I am; be friends, or let me in
)

// State is the inviter's answer.
type State uint64

// The answers.
const (
	Open    State = 1 // to Look: it can be accepted
	Waiting State = 2 // to Accept: the inviter has not said yes so far
	Done    State = 3 // friends, or a member
	Used    State = 4 // by somebody else
	Expired State = 5
	Revoked State = 6
	Refused State = 7
	Unknown State = 8 // no such invite, or the proof does not hold
	Friends State = 9 // it is for friends of the inviter, and the invited is none
)

// Introduction tells who somebody is.
type Introduction struct {
	_        struct{} `cbor:",toarray"`
	Person   key.PersonID
	Wall     key.SpaceID
	Card     []byte // a content.Card, encoded
	Identity []Run  // the identity log
}

// Run is an oplog.Run of a control lane on the wire: of an identity log, or of a space that the message names.
type Run struct {
	_           struct{} `cbor:",toarray"`
	Device      key.DeviceID
	Incarnation oplog.Incarnation
	First       uint64
	Headers     [][]byte
	Payloads    [][]byte
	Signature   key.Signature
}

// Hello is the first message of each side.
type Hello struct {
	_     struct{} `cbor:",toarray"`
	Nonce [NonceSize]byte
}

// Ask is what the invited sends next. Who is nil with Look.
type Ask struct {
	_      struct{} `cbor:",toarray"`
	Invite ID
	Step   Step
	Proof  []byte // HMAC-SHA256 under the secret; see Proof
	Who    *Introduction
}

// Answer is what the inviter sends, once for Look, and for Accept once or, after Waiting, again when it is decided.
// Who is set with Open, Waiting and Done; so is Place, where the invite leads into a space.
type Answer struct {
	_     struct{} `cbor:",toarray"`
	State State
	LetIn bool // an Accept needs no further yes
	Who   *Introduction
	Place *Place
}

// NewHello makes a Hello with a fresh nonce.
func NewHello() Hello {
	var h Hello
	rand.Read(h.Nonce[:])
	return h
}

// Proof is HMAC-SHA256(secret, "kith invite proof v1" ‖ step ‖ invited peer ‖ inviting peer ‖ invited nonce ‖
// inviting nonce ‖ SHA-256(introduction)), 32 bytes.
func Proof(secret Secret, step Step, invited, inviting key.PeerKey, invitedNonce, invitingNonce [NonceSize]byte, who *Introduction) ([]byte, error) {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte("kith invite proof v1"))
	mac.Write([]byte{byte(step)})
	mac.Write(invited[:])
	mac.Write(inviting[:])
	mac.Write(invitedNonce[:])
	mac.Write(invitingNonce[:])
	raw, err := canon.Marshal(who)
	if err != nil {
		return nil, fmt.Errorf("invite: encode introduction: %w", err)
	}
	sum := sha256.Sum256(raw)
	mac.Write(sum[:])
	return mac.Sum(nil), nil
}

// CheckProof tells whether an Ask proves to hold the secret.
func CheckProof(ask *Ask, secret Secret, invited, inviting key.PeerKey, invitedNonce, invitingNonce [NonceSize]byte) bool {
	want, err := Proof(secret, ask.Step, invited, inviting, invitedNonce, invitingNonce, ask.Who)
	return err == nil && hmac.Equal(want, ask.Proof)
}

// Write sends a message: its length (4 B, big-endian) and its canonical encoding.
func Write(w io.Writer, message any) error {
	raw, err := canon.Marshal(message)
	if err != nil {
		return fmt.Errorf("invite: encode: %w", err)
	}
	if len(raw) > maxMessage {
		return fmt.Errorf("invite: a message of %d bytes", len(raw))
	}
	framed := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(raw)), uint32(len(raw)))
	if _, err := w.Write(append(framed, raw...)); err != nil {
		return fmt.Errorf("invite: write: %w", err)
	}
	return nil
}

// Read receives a message; the size is checked before anything is allocated. Errors: ErrProtocol, or the reader's.
func Read(r io.Reader, message any) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return fmt.Errorf("invite: read: %w", err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxMessage {
		return fmt.Errorf("%w: a message of %d bytes", ErrProtocol, n)
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(r, raw); err != nil {
		return fmt.Errorf("invite: read: %w", err)
	}
	if err := canon.Unmarshal(raw, message); err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return nil
}

// Introduce makes an introduction.
func Introduce(person key.PersonID, wall key.SpaceID, card content.Card, identity []oplog.Run) (*Introduction, error) {
	encoded, err := content.Encode(card)
	if err != nil {
		return nil, err
	}
	who := &Introduction{Person: person, Wall: wall, Card: encoded}
	who.Identity = WireRuns(identity)
	return who, nil
}

// Read opens an introduction: the card, checked, and the runs of the identity log, still to be verified.
func (who *Introduction) Read() (content.Card, []oplog.Run, error) {
	item, err := content.Decode(who.Card)
	if err != nil {
		return content.Card{}, nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	card, ok := item.(content.Card)
	if !ok {
		return content.Card{}, nil, fmt.Errorf("%w: an introduction without a card", ErrProtocol)
	}
	runs, err := ReadRuns(who.Person.IdentitySpace(), who.Identity, MaxIdentityRuns)
	if err != nil {
		return content.Card{}, nil, err
	}
	return card, runs, nil
}
