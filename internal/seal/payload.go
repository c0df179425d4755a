package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"kith/internal/blob"
	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

const (
	payloadSuite = 1 // HKDF-SHA256, ChaCha20-Poly1305, padded
	saltSize     = 32
	// MaxRefs bounds the blobs that one entry names: 20 photos in three sizes, and some.
	MaxRefs = 128
	// MaxPlaintext is what fits into oplog.MaxPayload with MaxRefs refs, the frame and the padding.
	MaxPlaintext = 48 << 10
)

// ErrPayload says that an encrypted payload does not have the form of one.
var ErrPayload = errors.New("seal: malformed payload")

// envelope is an encrypted payload: a canonical CBOR array of these fields.
type envelope struct {
	_          struct{} `cbor:",toarray"`
	Suite      uint64
	Refs       []blob.Ref // in the clear, so that a keeper can hold and collect them
	Salt       []byte     // saltSize random bytes; without them the ciphertext can never be opened again
	Commitment []byte     // 32 bytes that bind the ciphertext to one key
	Ciphertext []byte     // padded plaintext and a 16-byte tag
}

// Payload encrypts a plaintext for the entry with this header. The key is HKDF-SHA256(E, salt,
// space ‖ log ‖ seq), used once; header and refs are associated data.
func Payload(e *Epoch, space key.SpaceID, header oplog.Header, refs []blob.Ref, plaintext []byte) ([]byte, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	return payload(e, space, header, refs, plaintext, salt)
}

// payload is Payload with the salt given, for test vectors.
func payload(e *Epoch, space key.SpaceID, header oplog.Header, refs []blob.Ref, plaintext, salt []byte) ([]byte, error) {
	if len(plaintext) > MaxPlaintext || len(refs) > MaxRefs {
		return nil, fmt.Errorf("seal: %d bytes and %d refs are more than an entry holds", len(plaintext), len(refs))
	}
	env := envelope{Suite: payloadSuite, Refs: refs, Salt: salt}
	aead, commitment := payloadCipher(e, env.Salt, space, header)
	env.Commitment = commitment
	ad, err := payloadAD(space, header, refs)
	if err != nil {
		return nil, err
	}
	env.Ciphertext = aead.Seal(nil, make([]byte, chacha20poly1305.NonceSize), pad(plaintext), ad)
	return canon.Marshal(&env)
}

// OpenPayload decrypts what Payload encrypted, for the same space and header. The refs are those that the
// author named in the clear.
func OpenPayload(e *Epoch, space key.SpaceID, header oplog.Header, payload []byte) (plaintext []byte, refs []blob.Ref, err error) {
	env, err := decodeEnvelope(payload)
	if err != nil {
		return nil, nil, err
	}
	aead, commitment := payloadCipher(e, env.Salt, space, header)
	if subtle.ConstantTimeCompare(commitment, env.Commitment) != 1 {
		return nil, nil, fmt.Errorf("%w: payload of entry %d", ErrWrongKey, header.Seq)
	}
	ad, err := payloadAD(space, header, env.Refs)
	if err != nil {
		return nil, nil, err
	}
	padded, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), env.Ciphertext, ad)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: payload of entry %d", ErrWrongKey, header.Seq)
	}
	plaintext, err = unpad(padded)
	if err != nil {
		return nil, nil, err
	}
	return plaintext, env.Refs, nil
}

// Refs lists the blobs that an encrypted payload names; it needs no key.
func Refs(payload []byte) ([]blob.Ref, error) {
	env, err := decodeEnvelope(payload)
	return env.Refs, err
}

func decodeEnvelope(payload []byte) (envelope, error) {
	var env envelope
	if err := canon.Unmarshal(payload, &env); err != nil {
		return envelope{}, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if env.Suite != payloadSuite || len(env.Salt) != saltSize || len(env.Commitment) != CommitmentSize || len(env.Refs) > MaxRefs {
		return envelope{}, fmt.Errorf("%w: suite %d, salt of %d bytes, %d refs", ErrPayload, env.Suite, len(env.Salt), len(env.Refs))
	}
	return env, nil
}

func payloadCipher(e *Epoch, salt []byte, space key.SpaceID, header oplog.Header) (aead cipherAEAD, commitment []byte) {
	place := append(space[:], header.Log[:]...)
	place = binary.BigEndian.AppendUint64(place, header.Seq)
	out := derive(e.key(), salt, "kith payload v1", place, chacha20poly1305.KeySize+CommitmentSize)
	return newCipher(out[:chacha20poly1305.KeySize]), out[chacha20poly1305.KeySize:]
}

func payloadAD(space key.SpaceID, header oplog.Header, refs []blob.Ref) ([]byte, error) {
	ad, err := header.AssociatedData(space)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		ad = append(ad, ref[:]...)
	}
	return ad, nil
}

type cipherAEAD = cipher.AEAD

func newCipher(secret []byte) cipherAEAD {
	return must(chacha20poly1305.New(secret))
}

// derive is HKDF-SHA256 (RFC 5869) with info = context ‖ place.
func derive(secret, salt []byte, context string, place []byte, size int) []byte {
	return must(hkdf.Key(sha256.New, secret, salt, context+string(place), size))
}

// must is for calls that fail for no argument that they are given in this package: lengths are constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic("seal: " + err.Error()) //nolint:forbidigo // a defect of this package, which no caller could handle
	}
	return v
}
