package blob

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"
)

// KeySize is the length of a [Key] in bytes: an age file key, 128 random bits from which HKDF derives the
// 256-bit keys of cipher and HMAC together with a nonce of the blob's own.
const KeySize = 16

// Key opens one blob. It is a secret: it can't be compared with ==, and printing, formatting or logging it
// gives "redacted". Only MarshalBinary shows its bytes, for package content, which puts it into an encrypted
// post. The zero Key opens nothing.
type Key struct {
	_ [0]func() // no ==
	b [KeySize]byte
}

const redacted = "redacted"

// MarshalBinary returns the 16 secret bytes. Use it only to put them into something that is encrypted.
func (k Key) MarshalBinary() ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("blob key: the zero key can't be written")
	}
	return k.b[:], nil
}

// UnmarshalBinary reads exactly 16 bytes that are not all zero.
func (k *Key) UnmarshalBinary(data []byte) error {
	if len(data) != KeySize {
		return fmt.Errorf("blob key: %d bytes, want %d", len(data), KeySize)
	}
	var parsed Key
	copy(parsed.b[:], data)
	if parsed.IsZero() {
		return errors.New("blob key: all bytes are zero")
	}
	*k = parsed
	return nil
}

// IsZero reports whether k is the zero Key.
func (k Key) IsZero() bool { return k.b == [KeySize]byte{} }

// String returns "redacted".
func (k Key) String() string { return redacted }

// Format writes "redacted" whatever the verb, so that %x and %d show nothing either.
func (k Key) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue returns "redacted".
func (k Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// stanzaType names the stanza that stands for "the key is elsewhere".
const stanzaType = "kith-blob-1"

// carrier is the age recipient and identity that carries the file key outside the file.
type carrier struct{ key Key }

// Wrap keeps the key and leaves an empty stanza in the file.
func (c *carrier) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	if err := c.key.UnmarshalBinary(fileKey); err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: stanzaType}}, nil
}

// Unwrap returns the key if the file has our stanza and nothing else; age then checks the key against the
// header's HMAC.
func (c *carrier) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanzaType ||
		len(stanzas[0].Args) != 0 || len(stanzas[0].Body) != 0 {
		return nil, age.ErrIncorrectIdentity
	}
	return c.key.MarshalBinary()
}
