package key

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// IDSize is the length in bytes of a PersonID, DeviceID, PeerKey and SpaceID.
const IDSize = 32

type (
	// PersonID is SHA-256("kith person v1" ‖ root public signing key): the words alone name the person.
	PersonID [IDSize]byte
	// DeviceID is a device's Ed25519 public signing key. The root key of a person takes this form too
	// where it writes into the person's identity log.
	DeviceID [IDSize]byte
	// PeerKey is a device's Ed25519 public network key, from which the transport derives its peer ID.
	PeerKey [IDSize]byte
	// SpaceID is SHA-256("kith space v1" ‖ create statement).
	SpaceID [IDSize]byte
)

// ErrBadID says that a text is not an identifier in the form that String writes.
var ErrBadID = errors.New("key: not an identifier")

var text = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (id PersonID) String() string { return text.EncodeToString(id[:]) }
func (id DeviceID) String() string { return text.EncodeToString(id[:]) }
func (id PeerKey) String() string  { return text.EncodeToString(id[:]) }
func (id SpaceID) String() string  { return text.EncodeToString(id[:]) }

// IsZero tells whether the identifier is unset.
func (id PersonID) IsZero() bool { return id == PersonID{} }

// IsZero tells whether the identifier is unset.
func (id SpaceID) IsZero() bool { return id == SpaceID{} }

// IdentitySpace is the pseudo-space in which the person's identity log is kept and replicated.
func (id PersonID) IdentitySpace() SpaceID { return SpaceID(id) }

// ParsePersonID reads what PersonID.String wrote: 52 characters of lower-case base32 (RFC 4648).
func ParsePersonID(s string) (PersonID, error) { return parse[PersonID](s) }

// ParseSpaceID reads what SpaceID.String wrote.
func ParseSpaceID(s string) (SpaceID, error) { return parse[SpaceID](s) }

// ParseDeviceID reads what DeviceID.String wrote.
func ParseDeviceID(s string) (DeviceID, error) { return parse[DeviceID](s) }

func parse[T ~[IDSize]byte](s string) (T, error) {
	var id [IDSize]byte
	raw, err := text.DecodeString(strings.TrimSpace(s))
	if err != nil || len(raw) != IDSize {
		return T{}, fmt.Errorf("%w: %.64q", ErrBadID, s)
	}
	copy(id[:], raw)
	if text.EncodeToString(id[:]) != strings.TrimSpace(s) {
		return T{}, fmt.Errorf("%w: %.64q", ErrBadID, s)
	}
	return T(id), nil
}

// PersonOf names the person with this root public signing key.
func PersonOf(root DeviceID) PersonID {
	return PersonID(hash("kith person v1", root[:]))
}

// SpaceOf names the space with this create statement.
func SpaceOf(statement []byte) SpaceID {
	return SpaceID(hash("kith space v1", statement))
}

func hash(domain string, parts ...[]byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(domain))
	for _, part := range parts {
		h.Write(part)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
