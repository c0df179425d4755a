package p2p

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	lcrypto "github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/crypto/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// PeerKey is the Ed25519 public network key of a peer: 32 bytes, RFC 8032.
type PeerKey [ed25519.PublicKeySize]byte

// String returns the key as 64 hexadecimal digits.
func (k PeerKey) String() string { return hex.EncodeToString(k[:]) }

// idPrefix begins libp2p's name for a peer with an Ed25519 key: an identity multihash (0x00)
// of 36 bytes (0x24), which are a protobuf of the key's type (field 1, Ed25519 = 1) and of its
// 32 bytes (field 2). See https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md.
const idPrefix = "\x00\x24\x08\x01\x12\x20"

// id returns libp2p's name for the peer.
func (k PeerKey) id() peer.ID { return peer.ID(idPrefix + string(k[:])) }

// keyOf returns the network key behind libp2p's name for a peer. It reports false for peers
// with another kind of key: such a peer is never kith.
func keyOf(id peer.ID) (PeerKey, bool) {
	pub, err := id.ExtractPublicKey()
	if err != nil || pub.Type() != pb.KeyType_Ed25519 {
		return PeerKey{}, false
	}
	raw, err := pub.Raw()
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return PeerKey{}, false
	}
	return PeerKey(raw), true
}

// rawDomain is what is signed to derive the secret that Raw returns. No other signature of
// the network key begins like this: those of TLS and Noise have prefixes of their own, and
// libp2p's records start with a length.
const rawDomain = "kith p2p: secret for QUIC stateless reset and address tokens, v1"

// signingKey lets libp2p use a key that only signs. It implements lcrypto.PrivKey.
type signingKey struct {
	signer crypto.Signer
	pub    lcrypto.PubKey
	raw    [sha256.Size]byte
}

// newSigningKey wraps the identity. It signs once, to see that the signer works and for Raw.
func newSigningKey(signer crypto.Signer) (*signingKey, error) {
	public, ok := signer.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("p2p: the identity must be an Ed25519 key, not %T", signer.Public())
	}
	pub, err := lcrypto.UnmarshalEd25519PublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("p2p: identity: %w", err)
	}
	k := &signingKey{signer: signer, pub: pub}
	sig, err := k.Sign([]byte(rawDomain))
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(public, []byte(rawDomain), sig) {
		return nil, fmt.Errorf("p2p: the identity's signature does not verify under its own public key")
	}
	k.raw = sha256.Sum256(sig)
	return k, nil
}

// Sign signs a message with Ed25519.
func (k *signingKey) Sign(message []byte) ([]byte, error) {
	sig, err := k.signer.Sign(nil, message, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("p2p: sign with the network key: %w", err)
	}
	return sig, nil
}

// GetPublic returns the public half.
func (k *signingKey) GetPublic() lcrypto.PubKey { return k.pub }

// Type says that this is an Ed25519 key.
func (k *signingKey) Type() pb.KeyType { return pb.KeyType_Ed25519 }

// Raw does not return the private key, which is out of reach. libp2p calls Raw for two
// secrets that need only be stable over restarts and unknown to others: QUIC's stateless
// reset key and its address token key. So Raw returns the SHA-256 of the signature of
// rawDomain. Ed25519 signatures are deterministic (RFC 8032, section 5.1.6) and nobody
// without the private key can compute one, so 32 bytes of it serve as such a secret.
func (k *signingKey) Raw() ([]byte, error) { return append([]byte(nil), k.raw[:]...), nil }

// Equals reports whether the other key is a private key with the same public half.
func (k *signingKey) Equals(other lcrypto.Key) bool {
	priv, ok := other.(lcrypto.PrivKey)
	return ok && k.pub.Equals(priv.GetPublic())
}
