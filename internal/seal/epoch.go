package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/crypto/chacha20poly1305"

	"kith/internal/oplog"
)

const (
	secretSize = 32
	// CommitmentSize is the length of a Commitment.
	CommitmentSize = sha256.Size
	// SealedParentSize is the length of one parent epoch sealed under a history key: both secrets and a tag.
	SealedParentSize = 2*secretSize + chacha20poly1305.Overhead
)

// Commitment is SHA-256(context ‖ epoch ID ‖ secret): it binds a rotation to its secrets and tells nothing of
// them.
type Commitment [CommitmentSize]byte

// ErrWrongKey says that a key or ciphertext is not what its commitment or tag says.
var ErrWrongKey = errors.New("seal: not the right key, or altered")

// Epoch is a space key. It may lack the history key. It is immutable and safe for concurrent use.
type Epoch struct {
	id oplog.EpochID
	// secrets is a function, of which fmt and every encoder show an address at most.
	secrets func() *epochSecrets
}

type epochSecrets struct {
	key     [secretSize]byte
	history *[secretSize]byte
}

func newEpoch(id oplog.EpochID, secrets *epochSecrets) *Epoch {
	return &Epoch{id: id, secrets: func() *epochSecrets { return secrets }}
}

func (e *Epoch) key() []byte                { return e.secrets().key[:] }
func (e *Epoch) history() *[secretSize]byte { return e.secrets().history }

// NewEpoch makes a fresh epoch with both secrets.
func NewEpoch() *Epoch {
	secrets := &epochSecrets{history: new([secretSize]byte)}
	rand.Read(secrets.key[:])
	rand.Read(secrets.history[:])
	var id oplog.EpochID
	rand.Read(id[:])
	return newEpoch(id, secrets)
}

// ID names the epoch.
func (e *Epoch) ID() oplog.EpochID { return e.id }

// HasHistory tells whether the epoch opens the ones before it.
func (e *Epoch) HasHistory() bool { return e.history() != nil }

// Commitments are those that the epoch's rotation publishes. The second is zero where there is no history
// key.
func (e *Epoch) Commitments() (key, history Commitment) {
	key = commit("kith epoch key v1", e.id, e.key())
	if e.HasHistory() {
		history = commit("kith epoch history v1", e.id, e.history()[:])
	}
	return key, history
}

// Matches tells whether the epoch's secrets are those committed to. A missing history key is no mismatch.
func (e *Epoch) Matches(key, history Commitment) bool {
	k, h := e.Commitments()
	ok := subtle.ConstantTimeCompare(k[:], key[:]) == 1
	return ok && (!e.HasHistory() || subtle.ConstantTimeCompare(h[:], history[:]) == 1)
}

func commit(context string, id oplog.EpochID, secret []byte) Commitment {
	h := sha256.New()
	h.Write([]byte(context))
	h.Write(id[:])
	h.Write(secret)
	return Commitment(h.Sum(nil))
}

// SealParent encrypts the secrets of an earlier epoch under this one's history key; SealedParentSize bytes.
// Both must have their history keys.
func (e *Epoch) SealParent(parent *Epoch) ([]byte, error) {
	if !e.HasHistory() || !parent.HasHistory() {
		return nil, fmt.Errorf("seal: epoch %v or its parent %v is without its history key", e.id, parent.id)
	}
	aead, ad := e.parentCipher(parent.id)
	return aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), parent.Secrets(), ad), nil
}

// OpenParent opens what SealParent wrote.
func (e *Epoch) OpenParent(parent oplog.EpochID, sealed []byte) (*Epoch, error) {
	if !e.HasHistory() {
		return nil, fmt.Errorf("%w: epoch %v is without its history key", ErrWrongKey, e.id)
	}
	aead, ad := e.parentCipher(parent)
	plain, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), sealed, ad)
	if err != nil || len(plain) != 2*secretSize {
		return nil, fmt.Errorf("%w: parent %v of epoch %v", ErrWrongKey, parent, e.id)
	}
	return FromSecrets(parent, plain)
}

// parentCipher derives a key that encrypts exactly one message, so that its nonce may be zero.
func (e *Epoch) parentCipher(parent oplog.EpochID) (cipherAEAD, []byte) {
	ad := append(e.id[:], parent[:]...)
	return newCipher(derive(e.history()[:], nil, "kith epoch parent v1", parent[:], chacha20poly1305.KeySize)), ad
}

// Secrets gives E, or E ‖ H where the history key is there: 32 or 64 bytes. It is for the store and for
// wraps, and for nothing else.
func (e *Epoch) Secrets() []byte {
	out := bytes.Clone(e.key())
	if e.HasHistory() {
		out = append(out, e.history()[:]...)
	}
	return out
}

// FromSecrets reads what Secrets wrote. The error is ErrWrongKey.
func FromSecrets(id oplog.EpochID, secrets []byte) (*Epoch, error) {
	own := new(epochSecrets)
	switch len(secrets) {
	case secretSize:
	case 2 * secretSize:
		own.history = (*[secretSize]byte)(bytes.Clone(secrets[secretSize:]))
	default:
		return nil, fmt.Errorf("%w: secrets of %d bytes", ErrWrongKey, len(secrets))
	}
	copy(own.key[:], secrets)
	return newEpoch(id, own), nil
}

// String names the epoch without its secrets.
func (e Epoch) String() string { return "epoch " + e.id.String() }

// Format writes what String gives, whatever the verb: Stringer alone would not keep %d and %#v off the secrets.
func (e Epoch) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.String()) }

// LogValue names the epoch without its secrets.
func (e Epoch) LogValue() slog.Value { return slog.StringValue(e.String()) }
