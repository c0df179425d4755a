package p2p

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	lcrypto "github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"pgregory.net/rapid"
)

func TestPeerKeyAndPeerIDNameTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := PeerKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		pub, err := lcrypto.UnmarshalEd25519PublicKey(key[:])
		if err != nil {
			t.Fatal(err)
		}
		if id, err := peer.IDFromPublicKey(pub); err != nil || id != key.id() {
			t.Fatalf("libp2p calls %s %s, %v", key, id, err)
		}
		back, ok := keyOf(key.id())
		if !ok || back != key {
			t.Fatalf("%s became %s, %v", key, back, ok)
		}
	})
}

func TestOtherKindsOfPeersHaveNoKey(t *testing.T) {
	_, rsa, err := lcrypto.GenerateRSAKeyPair(2048, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, secp, err := lcrypto.GenerateSecp256k1Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, pub := range map[string]lcrypto.PubKey{"RSA": rsa, "secp256k1": secp} {
		id, err := peer.IDFromPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		if key, ok := keyOf(id); ok {
			t.Errorf("%s peer has key %s", name, key)
		}
	}
	for _, id := range []peer.ID{"", "x", peer.ID(bytes.Repeat([]byte{0xff}, 100))} {
		if key, ok := keyOf(id); ok {
			t.Errorf("garbage %q has key %s", id, key)
		}
	}
}

func TestSigningKeySignsAsTheIdentity(t *testing.T) {
	signer, self := newIdentity(t)
	key, err := newSigningKey(signer)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := key.Sign([]byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := key.GetPublic().Verify([]byte("hello"), sig); !ok || err != nil {
		t.Fatalf("signature does not verify: %v", err)
	}
	id, err := peer.IDFromPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if id != self.id() {
		t.Fatalf("libp2p sees %s, the key is %s", id, self)
	}
}

func TestSigningKeyRawIsAStableSecretAndNotThePrivateKey(t *testing.T) {
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	raws := make([][]byte, 2)
	for i := range raws {
		key, err := newSigningKey(secretless{priv})
		if err != nil {
			t.Fatal(err)
		}
		if raws[i], err = key.Raw(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(raws[0], raws[1]) {
		t.Error("differs from one start to the next")
	}
	if bytes.Contains(priv, raws[0][:8]) || bytes.Contains(raws[0], priv[:8]) {
		t.Error("gives the private key away")
	}
	other, err := newSigningKey(must(newIdentity(t)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := other.Raw()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(raw, raws[0]) {
		t.Error("is the same for another key")
	}
	raw[0] ^= 1
	if again, err := other.Raw(); err != nil || bytes.Equal(raw, again) {
		t.Error("can be changed from outside")
	}
}

func must(s crypto.Signer, _ PeerKey) crypto.Signer { return s }

func TestSigningKeyEquals(t *testing.T) {
	signer, _ := newIdentity(t)
	a, err := newSigningKey(signer)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newSigningKey(signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newSigningKey(must(newIdentity(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !a.Equals(b) || a.Equals(c) || a.Equals(a.GetPublic()) {
		t.Error("compares wrongly")
	}
}

// lying signs with another key than it shows.
type lying struct {
	secretless
	shown ed25519.PublicKey
}

func (l lying) Public() crypto.PublicKey { return l.shown }

// broken cannot sign.
type broken struct{ ed25519.PublicKey }

var errBroken = errors.New("smart card removed")

func (b broken) Public() crypto.PublicKey { return b.PublicKey }
func (b broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errBroken
}

func TestStartRefusesABadIdentity(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, self := newIdentity(t)
	for name, signer := range map[string]crypto.Signer{
		"none":   nil,
		"ECDSA":  ec,
		"broken": broken{self[:]},
		"lying":  lying{good.(secretless), make(ed25519.PublicKey, ed25519.PublicKeySize)},
		"short":  broken{make(ed25519.PublicKey, 5)},
	} {
		h, err := Start(t.Context(), Config{Identity: signer, Gate: newFriends()})
		if err == nil {
			t.Errorf("%s: started", name)
			_ = h.Close()
		}
		if name == "broken" && !errors.Is(err, errBroken) {
			t.Errorf("the signer's own error is lost: %v", err)
		}
	}
}
