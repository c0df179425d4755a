package invite

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"kith/internal/key"
)

const (
	version = 1
	// SecretSize is 128 bits, used once.
	SecretSize = 16
	// MaxAddresses in a code: one at home, one outside, one through a relay.
	MaxAddresses = 3
	// MaxAddress bounds a packed address: an address through a relay has about 90 bytes.
	MaxAddress = 120
	// fixedSize is what every code has: version, length, person, peer, secret, expiry, number of addresses, check.
	fixedSize    = 1 + 2 + key.IDSize + key.IDSize + SecretSize + 5 + 1 + checkSize
	maxSize      = fixedSize + MaxAddresses*(1+MaxAddress)
	checkSize    = 4
	maxPasted    = 64 << 10
	standardLink = "http://127.0.0.1:7480/join#"
	// leadsToSpace is the bit beside the number of addresses that tells an invite into a space.
	leadsToSpace = 0x80
)

var (
	// ErrNone says that a text holds no invite at all.
	ErrNone = errors.New("invite: no invite in this text")
	// ErrGarbled says that a text holds an invite of which something is missing or changed.
	ErrGarbled = errors.New("invite: incomplete or changed on the way")
	// ErrNewer says that the invite was made by a later version.
	ErrNewer = errors.New("invite: made by a newer version")
)

// Secret proves that somebody holds an invite.
type Secret [SecretSize]byte

// ID names an invite without giving its secret away: SHA-256("kith invite v1" ‖ secret) cut to 16 bytes.
type ID [16]byte

// NewSecret makes a fresh secret.
func NewSecret() Secret {
	var s Secret
	rand.Read(s[:])
	return s
}

// ID names the invite.
func (s Secret) ID() ID {
	sum := sha256.Sum256(append([]byte("kith invite v1"), s[:]...))
	return ID(sum[:16])
}

// String keeps the secret out of logs.
func (Secret) String() string { return "redacted" }

// Code is an invite.
type Code struct {
	Person    key.PersonID
	Peer      key.PeerKey
	Secret    Secret
	Expires   time.Time // to the second
	Space     bool      // it leads into a space, a group; else to a friendship
	Addresses [][]byte  // packed by the transport, at most MaxAddresses of MaxAddress bytes
}

// Form is the text form of a code. What is passed on for another purpose than an invite has the same fields in a form of
// its own, so that neither is taken for the other.
type Form struct {
	Prefix string // before the letters
	Domain string // hashed into the check; empty for an invite
}

// Invitation is the form of an invite.
var Invitation = Form{Prefix: "kith1-"}

// String writes the code as an invite.
func (c Code) String() string { return Invitation.Write(c) }

// Parse finds an invite in a text; see Form.Parse.
func Parse(text string) (Code, error) { return Invitation.Parse(text) }

// Write writes the code as text: the prefix and base64url (RFC 4648) without padding of
//
//	version (1 B) ‖ length of everything (2 B) ‖ person (32 B) ‖ peer (32 B) ‖ secret (16 B) ‖ expiry, seconds
//	since 1970 (5 B) ‖ number of addresses, plus 128 if it leads into a space (1 B) ‖ each: length (1 B), address ‖
//	check (4 B)
//
// with numbers big-endian; the check is the start of the SHA-256 of the domain and all before it. An invite with two plain
// addresses has about 110 bytes and 155 characters.
func (f Form) Write(c Code) string {
	raw := make([]byte, 0, maxSize)
	raw = append(raw, version, 0, 0)
	raw = append(raw, c.Person[:]...)
	raw = append(raw, c.Peer[:]...)
	raw = append(raw, c.Secret[:]...)
	var expiry [8]byte
	binary.BigEndian.PutUint64(expiry[:], uint64(c.Expires.Unix()))
	raw = append(raw, expiry[3:]...)
	raw = append(raw, 0)
	count := &raw[len(raw)-1]
	for _, address := range c.Addresses {
		if len(address) <= MaxAddress && *count < MaxAddresses {
			raw = append(raw, byte(len(address)))
			raw = append(raw, address...)
			*count++
		}
	}
	if c.Space {
		*count |= leadsToSpace
	}
	binary.BigEndian.PutUint16(raw[1:], uint16(len(raw)+checkSize))
	return f.Prefix + base64.RawURLEncoding.EncodeToString(append(raw, f.check(raw)...))
}

// Parse finds the code in a text: the code itself, a link, or a whole message around it, with white space in the
// middle if a mail program broke the line. Errors: ErrNone, ErrGarbled, ErrNewer.
func (f Form) Parse(text string) (Code, error) {
	if len(text) > maxPasted {
		return Code{}, fmt.Errorf("%w: a text of %d bytes", ErrNone, len(text))
	}
	_, after, found := strings.Cut(text, f.Prefix)
	if !found {
		return Code{}, ErrNone
	}
	head, err := decodeLetters(after, 3)
	if err != nil {
		return Code{}, err
	}
	if head[0] != version {
		return Code{}, fmt.Errorf("%w: %d", ErrNewer, head[0])
	}
	size := int(binary.BigEndian.Uint16(head[1:]))
	if size < fixedSize || size > maxSize {
		return Code{}, fmt.Errorf("%w: a length of %d bytes", ErrGarbled, size)
	}
	raw, err := decodeLetters(after, size)
	if err != nil {
		return Code{}, err
	}
	body := raw[:size-checkSize]
	if !bytes.Equal(f.check(body), raw[size-checkSize:]) {
		return Code{}, fmt.Errorf("%w: the check does not fit", ErrGarbled)
	}
	return decode(body[3:])
}

func (f Form) check(body []byte) []byte {
	sum := sha256.Sum256(append([]byte(f.Domain), body...))
	return sum[:checkSize]
}

// In tells whether a text holds what looks like a code of this form.
func (f Form) In(text string) bool { return strings.Contains(text, f.Prefix) }

// decodeLetters decodes the first size bytes of base64url in a text, passing over white space.
func decodeLetters(text string, size int) ([]byte, error) {
	want := base64.RawURLEncoding.EncodedLen(size)
	letters := make([]byte, 0, want+3)
	for i := 0; i < len(text) && len(letters) < want; i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			letters = append(letters, c)
		}
	}
	if len(letters) < want {
		return nil, fmt.Errorf("%w: it ends too early", ErrGarbled)
	}
	raw := make([]byte, size)
	// The last letter may carry bits of the next byte when only the head is wanted.
	if _, err := base64.RawURLEncoding.Decode(raw, letters); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	return raw, nil
}

// decode reads what stands between the length and the check.
func decode(body []byte) (Code, error) {
	var c Code
	body = body[copy(c.Person[:], body):]
	body = body[copy(c.Peer[:], body):]
	body = body[copy(c.Secret[:], body):]
	var expiry [8]byte
	body = body[copy(expiry[3:], body):]
	c.Expires = time.Unix(int64(binary.BigEndian.Uint64(expiry[:])), 0)
	c.Space = body[0]&leadsToSpace != 0
	count := int(body[0] &^ leadsToSpace)
	body = body[1:]
	if count > MaxAddresses {
		return Code{}, fmt.Errorf("%w: %d addresses", ErrGarbled, count)
	}
	for range count {
		if len(body) == 0 || len(body) < 1+int(body[0]) || body[0] > MaxAddress {
			return Code{}, fmt.Errorf("%w: addresses", ErrGarbled)
		}
		c.Addresses = append(c.Addresses, bytes.Clone(body[1:1+body[0]]))
		body = body[1+body[0]:]
	}
	if len(body) != 0 {
		return Code{}, fmt.Errorf("%w: %d bytes too many", ErrGarbled, len(body))
	}
	return c, nil
}

// LinkOf is the code as an address of the receiver's own page on the standard port. The code stands behind "#", so that
// a browser does not send it anywhere.
func LinkOf(code string) string { return standardLink + code }
