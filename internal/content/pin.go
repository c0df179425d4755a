package content

import (
	"fmt"

	"kith/internal/blob"
	"kith/internal/oplog"
)

// How a pin holds a post.
const (
	PinNone         = 0 // it is taken off
	PinTop          = 1 // above the others
	PinAnnouncement = 2 // above the others until one has confirmed that one read it
)

// Pin puts a post of a group above the others there. Only what admins say counts; of theirs the newest.
type Pin struct {
	Post oplog.EntryID `cbor:"1,keyasint,omitzero"`
	How  uint          `cbor:"2,keyasint,omitempty"`
}

// Confirmation says that its author has read an announcement.
type Confirmation struct {
	Post oplog.EntryID `cbor:"1,keyasint,omitzero"`
}

// Kind is KindPin.
func (Pin) Kind() Kind { return KindPin }

// Kind is KindConfirmation.
func (Confirmation) Kind() Kind { return KindConfirmation }

// Refs is empty.
func (Pin) Refs() []blob.Ref { return nil }

// Refs is empty.
func (Confirmation) Refs() []blob.Ref { return nil }

func (p Pin) check() error {
	if p.Post.IsZero() || p.How > PinAnnouncement {
		return fmt.Errorf("%w: a pin of nothing, or in the way %d", ErrMalformed, p.How)
	}
	return nil
}

func (c Confirmation) check() error {
	if c.Post.IsZero() {
		return fmt.Errorf("%w: a confirmation of nothing", ErrMalformed)
	}
	return nil
}

func (p Pin) under() oplog.EntryID { return p.Post }

func (c Confirmation) under() oplog.EntryID { return c.Post }

func (p Pin) divide() (string, oplog.EntryID, Pin) {
	rest := p
	rest.Post = oplog.EntryID{}
	return "", p.Post, rest
}

func (p Pin) join(_ string, under oplog.EntryID) Pin {
	p.Post = under
	return p
}

func (c Confirmation) divide() (string, oplog.EntryID, Confirmation) {
	return "", c.Post, Confirmation{}
}

func (c Confirmation) join(_ string, under oplog.EntryID) Confirmation {
	c.Post = under
	return c
}
