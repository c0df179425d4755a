package key

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tyler-smith/go-bip39"
)

const (
	// wordsEntropy is 128 bits: twelve words, as many as people copy without giving up.
	wordsEntropy = 128
	// WordCount is how many words a person keeps.
	WordCount = 12
)

// ErrWords says that a text is not a set of recovery words; the wrapped text says what is wrong with it.
var ErrWords = errors.New("key: not recovery words")

// Words are the recovery words of a person (BIP-39, English): the one secret a human keeps.
type Words struct{ list secret[[]string] }

// NewWords makes fresh recovery words from 128 random bits.
func NewWords() Words {
	entropy := make([]byte, wordsEntropy/8)
	rand.Read(entropy)
	list := strings.Fields(must(bip39.NewMnemonic(entropy)))
	return Words{hide(list)}
}

// ParseWords reads words as a person types them: any case, any spacing. The last word holds a checksum of four bits,
// so that 15 of 16 slips are noticed. The error is ErrWords; it says where the slip is and holds no word.
func ParseWords(s string) (Words, error) {
	list := strings.Fields(strings.ToLower(s))
	if len(list) != WordCount {
		return Words{}, fmt.Errorf("%w: %d words, and there should be %d", ErrWords, len(list), WordCount)
	}
	for i, word := range list {
		if _, ok := bip39.GetWordIndex(word); !ok {
			return Words{}, fmt.Errorf("%w: word %d is not in the list", ErrWords, i+1)
		}
	}
	if !bip39.IsMnemonicValid(strings.Join(list, " ")) {
		return Words{}, fmt.Errorf("%w: each word exists, but together they do not fit; two may be swapped", ErrWords)
	}
	return Words{hide(list)}, nil
}

// Reveal gives the words themselves, to be shown to their owner and to nobody else.
func (w Words) Reveal() []string {
	if w.list == nil {
		return nil
	}
	return slices.Clone(w.list())
}

// Root is the key that a person is: made from the words, used when a person begins, recovers, or loses a
// device, and forgotten in between.
type Root struct{ keys secret[*rootKeys] }

type rootKeys struct {
	signing ed25519.PrivateKey
	network ed25519.PrivateKey
	seal    sealKey
}

// Root derives the root key. The words are stretched as BIP-39 says (PBKDF2-HMAC-SHA512, 2,048 rounds, no
// passphrase), and HKDF-SHA256 (RFC 5869) separates the three keys.
func (w Words) Root() *Root {
	stretched := bip39.NewSeed(strings.Join(w.Reveal(), " "), "")
	return &Root{hide(&rootKeys{
		signing: ed25519.NewKeyFromSeed(expand(stretched, "kith root signing v1")),
		network: ed25519.NewKeyFromSeed(expand(stretched, "kith root network v1")),
		seal:    newSealKey(expand(stretched, "kith root sealing v1")),
	})}
}

func expand(secret []byte, info string) []byte {
	return must(hkdf.Key(sha256.New, secret, nil, info, seedSize))
}

// Person is who this root is.
func (r *Root) Person() PersonID { return PersonOf(r.ID()) }

// ID is the root public signing key.
func (r *Root) ID() DeviceID { return DeviceID(r.keys().signing.Public().(ed25519.PublicKey)) }

// Network is the public network key under which a recovering person meets friends' homes.
func (r *Root) Network() PeerKey { return PeerKey(r.keys().network.Public().(ed25519.PublicKey)) }

// SealPublic is the key to which person keys are sealed for the root.
func (r *Root) SealPublic() SealPublic { return r.keys().seal.public() }

// SignNetwork signs with the network key, to prove that the root holds it.
func (r *Root) SignNetwork(domain Domain, message []byte) Signature {
	return sign(r.keys().network, domain, message)
}

// Transport is the network key for the transport's handshakes.
func (r *Root) Transport() crypto.Signer { return &networkSigner{hide(r.keys().network)} }

// Sign signs as the root.
func (r *Root) Sign(domain Domain, message []byte) Signature {
	return sign(r.keys().signing, domain, message)
}

// Open opens what was sealed to the root.
func (r *Root) Open(info, sealed []byte) ([]byte, error) { return r.keys().seal.open(info, sealed) }
