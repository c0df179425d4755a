package content

import (
	"encoding/json"
	"fmt"
	"strings"

	"kith/internal/blob"
)

const (
	// MaxCollection, in bytes, of the name of a collection: a word or two.
	MaxCollection = 32
	// MaxRegisterID, in bytes, holds any identifier as text.
	MaxRegisterID = 120
	// MaxValue, in bytes, of a register's value: a card with its picture as JSON, and what else is noted of a friend. It
	// fits into one entry.
	MaxValue = 40 << 10
)

// Register is one value that a person's own devices agree on: a name in a collection, and a JSON value. It lives in the
// person's own space, and of all that were written under one name the newest counts: by Lamport time, ties by entry
// ID. One without a value says that there is none any more.
type Register struct {
	Collection string `cbor:"1,keyasint"` // lower-case letters and "-", 1 to MaxCollection bytes
	ID         string `cbor:"2,keyasint"` // 1 to MaxRegisterID bytes
	Value      []byte `cbor:"3,keyasint,omitempty"`
}

// Kind is KindRegister.
func (Register) Kind() Kind { return KindRegister }

// Refs is empty: a register holds no files.
func (Register) Refs() []blob.Ref { return nil }

func (r Register) check() error {
	if r.Collection == "" || len(r.Collection) > MaxCollection || strings.Trim(r.Collection, "abcdefghijklmnopqrstuvwxyz-") != "" {
		return fmt.Errorf("%w: a register in a collection whose name has %d bytes", ErrMalformed, len(r.Collection))
	}
	if r.ID == "" || len(r.Value) > MaxValue {
		return fmt.Errorf("%w: a register with a name of %d and a value of %d bytes", ErrMalformed, len(r.ID), len(r.Value))
	}
	if len(r.Value) > 0 && !json.Valid(r.Value) {
		return fmt.Errorf("%w: a register whose value is not JSON", ErrMalformed)
	}
	return checkText("name of a register", r.ID, MaxRegisterID)
}
