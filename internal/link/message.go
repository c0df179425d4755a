package link

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"kith/internal/canon"
	"kith/internal/identity"
	"kith/internal/invite"
	"kith/internal/key"
)

const (
	// NonceSize of each side.
	NonceSize = 32
	// MaxName, in bytes, of a device.
	MaxName = 120
	// MaxSpaces bounds the spaces that a new device is told of: as many as an offer may name. The own space has them all.
	MaxSpaces = 1024
	// MaxPeers bounds the devices of others whose addresses it is told, and MaxAddresses those of each.
	MaxPeers     = 512
	MaxAddresses = 4
	// Digits of the number that is compared.
	Digits = 6
)

// State is the old device's answer.
type State uint64

// The answers.
const (
	Reveal  State = 1 // to Knock: show your keys
	Waiting State = 2 // the person has not said so far that the numbers are the same
	Done    State = 3 // let in; Welcome follows
	Used    State = 4 // by another device
	Expired State = 5
	Refused State = 6 // the person said that the numbers differ, or took the code back
	Unknown State = 7 // no such code, or the secret is not proven
)

// Knock is the first message of the new device.
type Knock struct {
	_          struct{} `cbor:",toarray"`
	Link       invite.ID
	Commitment [32]byte // to its Introduction
	Proof      [32]byte // see Proof
}

// Introduction is what the new device shows next: its keys. Nonce is random.
type Introduction struct {
	_           struct{} `cbor:",toarray"`
	Nonce       [NonceSize]byte
	Certificate identity.Certificate
	Name        string // what the machine is called, at most MaxName bytes
}

// Answer is what the old device sends: to Knock, and to an Introduction once or, after Waiting, again when it is decided.
type Answer struct {
	_       struct{} `cbor:",toarray"`
	State   State
	Nonce   [NonceSize]byte // of the old device; zero unless State is Reveal
	Welcome *Welcome        // with Done
}

// Welcome is what a new device needs to begin: who the person is, and where everything is.
type Welcome struct {
	_        struct{} `cbor:",toarray"`
	Identity []invite.Run
	Own      key.SpaceID
	Wall     key.SpaceID
	Card     []byte // a content.Card, encoded
	Spaces   []Space
	Peers    []Peer
}

// Space is a space that the person is in, and whose it is.
type Space struct {
	_     struct{} `cbor:",toarray"`
	ID    key.SpaceID
	Owner key.PersonID
}

// Peer is a device of somebody whom the person shares a space with, and where it was last reached.
type Peer struct {
	_         struct{} `cbor:",toarray"`
	Key       key.PeerKey
	Addresses []string
}

// NewNonce makes a nonce.
func NewNonce() (nonce [NonceSize]byte) {
	rand.Read(nonce[:])
	return nonce
}

// SecretID names a link without giving its secret away: SHA-256("kith link v1" ‖ secret) cut to 16 bytes.
func SecretID(secret invite.Secret) invite.ID {
	sum := sha256.Sum256(append([]byte("kith link v1"), secret[:]...))
	return invite.ID(sum[:16])
}

// Commit is SHA-256("kith link introduction v1" ‖ the introduction, encoded).
func (i *Introduction) Commit() ([32]byte, error) {
	raw, err := canon.Marshal(i)
	if err != nil {
		return [32]byte{}, fmt.Errorf("link: encode introduction: %w", err)
	}
	return sha256.Sum256(append([]byte("kith link introduction v1"), raw...)), nil
}

// Proof is HMAC-SHA256(secret, "kith link proof v1" ‖ new peer ‖ old peer ‖ commitment).
func Proof(secret invite.Secret, newPeer, oldPeer key.PeerKey, commitment [32]byte) [32]byte {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte("kith link proof v1"))
	mac.Write(newPeer[:])
	mac.Write(oldPeer[:])
	mac.Write(commitment[:])
	return [32]byte(mac.Sum(nil))
}

// CheckProof tells whether a Knock proves to hold the secret.
func CheckProof(k *Knock, secret invite.Secret, newPeer, oldPeer key.PeerKey) bool {
	want := Proof(secret, newPeer, oldPeer, k.Commitment)
	return hmac.Equal(want[:], k.Proof[:])
}

// Number is what both devices show: six digits of HMAC-SHA256(secret, "kith link number v1" ‖ new peer ‖ old peer ‖ old
// nonce ‖ commitment), its first 8 bytes as a big-endian number modulo 1,000,000. The commitment is to the new device's keys.
func Number(secret invite.Secret, newPeer, oldPeer key.PeerKey, oldNonce, commitment [32]byte) string {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte("kith link number v1"))
	mac.Write(newPeer[:])
	mac.Write(oldPeer[:])
	mac.Write(oldNonce[:])
	mac.Write(commitment[:])
	n := binary.BigEndian.Uint64(mac.Sum(nil)) % 1_000_000
	return fmt.Sprintf("%0*d", Digits, n)
}

// Return asks what has become of a person. Who asks proves who they are by their network key. A device of which the other
// home may not have heard shows the identity log that lets it in.
type Return struct {
	_        struct{} `cbor:",toarray"`
	Person   key.PersonID
	Identity []invite.Run
}

// Returned answers: nothing, if the person is not known here or has nothing to do with the asking key.
type Returned struct {
	_        struct{} `cbor:",toarray"`
	Identity []invite.Run
	// The rest is for devices of now, and for the recovery key: spaces that the person shares with this home, the
	// person's wall and card as they are known here, and who helps.
	Spaces []Space
	Wall   key.SpaceID
	Card   []byte
	Peers  []Peer // where others whom the person shares a space with were last reached
	// Who answers: their identity log, so that the device can connect to them.
	Helper         key.PersonID
	HelperIdentity []invite.Run
}
