package key

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

// SealedSeedSize is the length of a person key's seed sealed to a device or to the root.
const SealedSeedSize = seedSize + SealOverhead

// SealedPreviousSize is the length of a person key's seed sealed under the generation that follows it.
const SealedPreviousSize = seedSize + chacha20poly1305.Overhead

// PersonKey is one generation of the key that a person's devices share. Space keys are sealed to it.
type PersonKey struct {
	person     PersonID
	generation uint64
	keys       secret[*personKeys]
}

type personKeys struct {
	seed [seedSize]byte
	seal sealKey
}

// NewPersonKey makes a generation, numbered from 1.
func NewPersonKey(person PersonID, generation uint64) *PersonKey {
	var seed [seedSize]byte
	rand.Read(seed[:])
	return personKey(person, generation, seed)
}

func personKey(person PersonID, generation uint64, seed [seedSize]byte) *PersonKey {
	return &PersonKey{person: person, generation: generation, keys: hide(&personKeys{
		seed: seed,
		seal: newSealKey(expand(seed[:], "kith person sealing v1")),
	})}
}

// Generation numbers the key, from 1.
func (k *PersonKey) Generation() uint64 { return k.generation }

// Person is whose key it is.
func (k *PersonKey) Person() PersonID { return k.person }

// SealPublic is the public key of this generation.
func (k *PersonKey) SealPublic() SealPublic { return k.keys().seal.public() }

// Open opens what was sealed to this generation.
func (k *PersonKey) Open(info, sealed []byte) ([]byte, error) {
	return k.keys().seal.open(info, sealed)
}

// SealTo seals the seed for a device or for the root; SealedSeedSize bytes.
func (k *PersonKey) SealTo(to SealPublic) ([]byte, error) {
	return to.Seal(seedInfo(k.person, k.generation), k.keys().seed[:])
}

// OpenPersonKey opens a seed that SealTo sealed and checks it against the published key.
func OpenPersonKey(by Opener, person PersonID, generation uint64, public SealPublic, sealed []byte) (*PersonKey, error) {
	plain, err := by.Open(seedInfo(person, generation), sealed)
	if err != nil {
		return nil, err
	}
	if len(plain) != seedSize {
		return nil, ErrOpen
	}
	k := personKey(person, generation, [seedSize]byte(plain))
	if string(k.SealPublic()) != string(public) {
		return nil, ErrOpen
	}
	return k, nil
}

// SealPrevious encrypts the seed of the generation before under this one, so that whoever holds the newest
// key can open what was sealed to any earlier one. SealedPreviousSize bytes; the cipher key is used for this one message.
func (k *PersonKey) SealPrevious(before *PersonKey) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSize)
	return k.previousCipher().Seal(nil, nonce, before.keys().seed[:], seedInfo(k.person, before.generation))
}

// OpenPrevious opens what SealPrevious wrote. Whoever knows the published key of that generation compares it with
// the result's.
func (k *PersonKey) OpenPrevious(sealed []byte) (*PersonKey, error) {
	if k.generation < 2 {
		return nil, ErrOpen
	}
	nonce := make([]byte, chacha20poly1305.NonceSize)
	plain, err := k.previousCipher().Open(nil, nonce, sealed, seedInfo(k.person, k.generation-1))
	if err != nil || len(plain) != seedSize {
		return nil, ErrOpen
	}
	return personKey(k.person, k.generation-1, [seedSize]byte(plain)), nil
}

func (k *PersonKey) previousCipher() cipher.AEAD {
	return must(chacha20poly1305.New(expand(k.keys().seed[:], "kith person previous v1")))
}

func seedInfo(person PersonID, generation uint64) []byte {
	info := append([]byte("kith person key v1"), person[:]...)
	return binary.BigEndian.AppendUint64(info, generation)
}
