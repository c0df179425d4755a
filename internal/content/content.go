package content

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/blob"
	"kith/internal/canon"
)

// ErrMalformed says that a plaintext is not a valid item: its author is at fault.
var ErrMalformed = errors.New("content: malformed")

// Item is one of the kinds above, or Unknown.
type Item interface {
	// Kind tells which.
	Kind() Kind
	// Refs lists the blobs that belong to the item, so that the envelope can name them in the clear.
	Refs() []blob.Ref
	// check tells whether the item is within its limits.
	check() error
}

// Unknown is an item of a kind that this version does not know. Its entry is kept and passed on; Encode refuses it,
// because it holds no more than the kind.
type Unknown struct{ kind Kind }

// Kind is the number that the author gave.
func (u Unknown) Kind() Kind { return u.kind }

// Refs is empty: what it names is not known.
func (Unknown) Refs() []blob.Ref { return nil }

func (u Unknown) check() error {
	return fmt.Errorf("%w: kind %d is not known here", ErrMalformed, u.kind)
}

type frame struct {
	_    struct{} `cbor:",toarray"`
	Kind Kind
	Body cbor.RawMessage
}

// Encode writes an item, after the same checks that its readers will make. The error is ErrMalformed.
func Encode(item Item) ([]byte, error) {
	if err := item.check(); err != nil {
		return nil, err
	}
	body, err := canon.Marshal(item)
	if err != nil {
		return nil, fmt.Errorf("content: encode kind %d: %w", item.Kind(), err)
	}
	return canon.Marshal(frame{Kind: item.Kind(), Body: body})
}

// Decode reads an item and checks its limits. The error is ErrMalformed.
func Decode(plaintext []byte) (Item, error) {
	var f frame
	if err := canon.UnmarshalOpen(plaintext, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if f.Kind == 0 {
		return nil, fmt.Errorf("%w: no kind", ErrMalformed)
	}
	k, known := kinds[f.Kind]
	if !known {
		return Unknown{f.Kind}, nil
	}
	if err := k.checkIDs(f.Body); err != nil {
		return nil, fmt.Errorf("%w: kind %d: %w", ErrMalformed, f.Kind, err)
	}
	return k.decode(f.Body)
}

func decode[T Item](body []byte) (Item, error) {
	var item T
	if err := canon.UnmarshalOpen(body, &item); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := item.check(); err != nil {
		return nil, err
	}
	return item, nil
}
