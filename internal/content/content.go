package content

import (
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"kith/internal/blob"
	"kith/internal/canon"
	"kith/internal/oplog"
)

// Kind numbers a kind of content. Numbers are never used again.
type Kind uint64

// The kinds.
const (
	KindCard     Kind = 1
	KindPost     Kind = 2
	KindComment  Kind = 3
	KindReaction Kind = 4
	KindEdit     Kind = 5
	KindRegister Kind = 6
	KindAbout    Kind = 8
	KindAsking   Kind = 9
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
	switch f.Kind {
	case 0:
		return nil, fmt.Errorf("%w: no kind", ErrMalformed)
	case KindCard:
		return decode[Card](f.Body)
	case KindPost:
		return decode[Post](f.Body)
	case KindComment:
		return decode[Comment](f.Body)
	case KindReaction:
		return decode[Reaction](f.Body)
	case KindEdit:
		return decode[Edit](f.Body)
	case KindRegister:
		return decode[Register](f.Body)
	case KindAbout:
		return decode[About](f.Body)
	case KindAsking:
		return decode[Asking](f.Body)
	default:
		return Unknown{f.Kind}, nil
	}
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

// UnmarshalCBOR reads a comment. By itself the decoder would fill up an ID that is too short, and cut one that is too
// long.
func (c *Comment) UnmarshalCBOR(raw []byte) error {
	var w struct {
		Post []byte `cbor:"1,keyasint"`
		Text string `cbor:"2,keyasint"`
	}
	if err := canon.UnmarshalOpen(raw, &w); err != nil {
		return err
	}
	c.Text = w.Text
	return readID(&c.Post, w.Post)
}

// UnmarshalCBOR reads a reaction, with the same care.
func (r *Reaction) UnmarshalCBOR(raw []byte) error {
	var w struct {
		Target []byte `cbor:"1,keyasint"`
		Emoji  string `cbor:"2,keyasint"`
	}
	if err := canon.UnmarshalOpen(raw, &w); err != nil {
		return err
	}
	r.Emoji = w.Emoji
	return readID(&r.Target, w.Target)
}

func readID(id *oplog.EntryID, raw []byte) error {
	if len(raw) != len(id) {
		return fmt.Errorf("an entry ID of %d bytes", len(raw))
	}
	copy(id[:], raw)
	return nil
}
