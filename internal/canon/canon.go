// Package canon is the one way in which kith writes a structure as bytes: deterministic CBOR
// (RFC 8949, section 4.2.1, "core deterministic encoding").
//
// Everything that is hashed or signed is written by Marshal and read by Unmarshal. Unmarshal
// refuses bytes that Marshal would not have written, so that a structure has exactly one
// encoding and nobody can make two hashes for one meaning. Content inside an encrypted payload
// is read by UnmarshalOpen instead: it may carry fields that a later version added.
package canon

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

const (
	// maxNesting bounds recursion while decoding; our deepest structure, an identity operation
	// holding a person key holding seals, has four levels.
	maxNesting = 8
	// maxElements bounds arrays and maps. The longest array that we write is a frontier: a space
	// of 1,000 members with a few logs each.
	maxElements = 16384
)

// ErrNotCanonical says that the bytes decode, but are not the bytes that Marshal writes.
var ErrNotCanonical = errors.New("canon: not the canonical encoding")

var (
	encoding = must(encOptions().EncMode())
	strict   = must(decOptions(cbor.ExtraDecErrorUnknownField).DecMode())
	open     = must(decOptions(cbor.ExtraDecErrorNone).DecMode())
)

func encOptions() cbor.EncOptions {
	options := cbor.CoreDetEncOptions()
	options.NilContainers = cbor.NilContainerAsEmpty // one encoding for "no elements"
	return options
}

func decOptions(extra cbor.ExtraDecErrorCond) cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       maxElements,
		UTF8:              cbor.UTF8RejectInvalid,
		ExtraReturnErrors: extra,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("canon: options: %v", err)) //nolint:forbidigo // options are constants; tests would see it
	}
	return v
}

// Marshal writes v canonically. It fails only for types that CBOR cannot hold.
func Marshal(v any) ([]byte, error) { return encoding.Marshal(v) }

// Unmarshal reads data into v and refuses anything but the canonical encoding of what it read:
// no trailing bytes, unknown fields, tags, indefinite lengths or longer forms of a number.
func Unmarshal(data []byte, v any) error {
	if err := strict.Unmarshal(data, v); err != nil {
		return err
	}
	again, err := encoding.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return ErrNotCanonical
	}
	return nil
}

// UnmarshalOpen reads data into v and passes over fields that v does not have. The same bounds on
// nesting and lengths hold. Use it only where the bytes are already fixed by a hash.
func UnmarshalOpen(data []byte, v any) error { return open.Unmarshal(data, v) }
