package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// RefSize is the length of a [Ref] in bytes; its text form is twice as long.
const RefSize = sha256.Size

// manifestDomain keeps a manifest's hash apart from every other SHA-256 in the protocol.
const manifestDomain = "kith blob manifest v1\x00"

// Ref is the address of a blob: the hash of its manifest. The zero Ref addresses nothing.
type Ref [RefSize]byte

// refOf hashes the encoding of a manifest.
func refOf(manifest []byte) Ref {
	h := sha256.New()
	h.Write([]byte(manifestDomain))
	h.Write(manifest)
	var r Ref
	h.Sum(r[:0])
	return r
}

// ParseRef reads the text form of a ref: exactly 64 lowercase hexadecimal digits.
func ParseRef(s string) (Ref, error) {
	var r Ref
	err := r.UnmarshalText([]byte(s))
	return r, err
}

// String returns the text form: 64 lowercase hexadecimal digits, safe in URLs and as a file name on every
// system.
func (r Ref) String() string { return hex.EncodeToString(r[:]) }

// IsZero reports whether r is the zero Ref.
func (r Ref) IsZero() bool { return r == Ref{} }

// MarshalText returns the text form.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the text form. Uppercase digits are refused, so that one ref has one text.
func (r *Ref) UnmarshalText(text []byte) error {
	if len(text) != 2*RefSize {
		return fmt.Errorf("blob ref: %d characters, want %d", len(text), 2*RefSize)
	}
	var parsed Ref
	if _, err := hex.Decode(parsed[:], text); err != nil {
		return fmt.Errorf("blob ref: %w", err)
	}
	if parsed.String() != string(text) {
		return fmt.Errorf("blob ref: uppercase digits in %q", text)
	}
	*r = parsed
	return nil
}

// MarshalBinary returns the 32 bytes of the ref.
func (r Ref) MarshalBinary() ([]byte, error) { return r[:], nil }

// UnmarshalBinary reads exactly 32 bytes.
func (r *Ref) UnmarshalBinary(data []byte) error {
	if len(data) != RefSize {
		return fmt.Errorf("blob ref: %d bytes, want %d", len(data), RefSize)
	}
	copy(r[:], data)
	return nil
}
