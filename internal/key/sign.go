package key

import (
	"crypto"
	"crypto/ed25519"
	"fmt"
	"io"
)

// SignatureSize is the length of a Signature in bytes.
const SignatureSize = ed25519.SignatureSize

// Signature is an Ed25519ctx signature.
type Signature [SignatureSize]byte

// Domain separates what signatures are made for (RFC 8032: the context of Ed25519ctx). It is 1 to 255
// bytes long.
type Domain string

// The domains in use. A new purpose takes a new one.
const (
	DomainRun    Domain = "kith run v1"         // the head of a run of entries
	DomainCert   Domain = "kith certificate v1" // a device's own agreement to its certificate
	DomainWire   Domain = "kith wire v1"        // a fact told to one peer in one session
	DomainInvite Domain = "kith invite v1"      // steps of the invite handshake
	// DomainRecovery is for a recovery network key's agreement to the identity that names it.
	DomainRecovery Domain = "kith recovery v1"
)

// check refuses the empty domain above all: with it, the signature would be plain Ed25519, which the transport makes.
func (d Domain) check() error {
	if d == "" || len(d) > 255 {
		return fmt.Errorf("a signature for a domain of %d bytes", len(d))
	}
	return nil
}

// Signer signs as one device, or as a person's root.
type Signer interface {
	ID() DeviceID
	Sign(domain Domain, message []byte) Signature
}

// Verify tells whether sig is the signature of message by the holder of id for the domain. The rule is
// that of crypto/ed25519: cofactorless, S below the group's order, the bytes of R as they would be encoded; a public
// key that is not canonical or of small order is taken as it is.
func Verify(id DeviceID, domain Domain, message []byte, sig Signature) bool {
	if domain.check() != nil {
		return false
	}
	return ed25519.VerifyWithOptions(id[:], message, sig[:], &ed25519.Options{Context: string(domain)}) == nil
}

// Verify tells the same for a network key.
func (id PeerKey) Verify(domain Domain, message []byte, sig Signature) bool {
	return Verify(DeviceID(id), domain, message, sig)
}

func sign(private ed25519.PrivateKey, domain Domain, message []byte) Signature {
	context := string(must(domain, domain.check()))
	return Signature(must(private.Sign(nil, message, &ed25519.Options{Context: context})))
}

// networkSigner is the network key as the transport wants it: plain Ed25519 over whatever TLS or Noise
// asks to have signed.
type networkSigner struct{ private secret[ed25519.PrivateKey] }

var _ crypto.Signer = (*networkSigner)(nil)

func (n *networkSigner) Public() crypto.PublicKey { return n.private().Public() }

func (n *networkSigner) Sign(_ io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	return n.private().Sign(nil, message, opts)
}
