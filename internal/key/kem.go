package key

import (
	"crypto/hpke"
	"errors"
	"fmt"
)

const (
	// SealPublicSize is the length of a SealPublic: an X-Wing public key.
	SealPublicSize = 1216
	// SealOverhead is what sealing adds: 1,120 bytes of encapsulated key and a 16-byte tag.
	SealOverhead = 1136
	// SealSuite numbers the one suite there is so far: X-Wing, HKDF-SHA256, ChaCha20-Poly1305. It is
	// stored beside every seal, so that another can follow.
	SealSuite = 1
	// seedSize is the length of the secrets from which keys are derived.
	seedSize = 32
)

// ErrOpen says that something sealed is not for this key, or was altered.
var ErrOpen = errors.New("key: cannot be opened with this key")

// SealPublic is the X-Wing public key to which secrets are sealed; SealPublicSize bytes.
type SealPublic []byte

// Check tells whether the bytes are a public key at all.
func (p SealPublic) Check() error {
	if len(p) != SealPublicSize {
		return fmt.Errorf("key: a sealing key has %d bytes, not %d", SealPublicSize, len(p))
	}
	if _, err := hpke.MLKEM768X25519().NewPublicKey(p); err != nil {
		return fmt.Errorf("key: sealing key: %w", err)
	}
	return nil
}

// Seal encrypts a short secret so that only the holder of the private key can open it, and only with the
// same info. The result is SealOverhead bytes longer than the plaintext.
func (p SealPublic) Seal(info, plaintext []byte) ([]byte, error) {
	public, err := hpke.MLKEM768X25519().NewPublicKey(p)
	if err != nil {
		return nil, fmt.Errorf("key: sealing key: %w", err)
	}
	return hpke.Seal(public, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, plaintext)
}

// Opener opens what was sealed to one public key.
type Opener interface {
	SealPublic() SealPublic
	Open(info, sealed []byte) ([]byte, error)
}

// sealKey is the private side of a SealPublic.
type sealKey struct{ private hpke.PrivateKey }

func newSealKey(seed []byte) sealKey {
	return sealKey{must(hpke.MLKEM768X25519().DeriveKeyPair(seed))}
}

func (k sealKey) public() SealPublic { return k.private.PublicKey().Bytes() }

func (k sealKey) open(info, sealed []byte) ([]byte, error) {
	plain, err := hpke.Open(k.private, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), info, sealed)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}
