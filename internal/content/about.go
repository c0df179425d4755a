package content

import (
	"fmt"

	"kith/internal/blob"
	"kith/internal/key"
)

const (
	// MaxRules, in bytes, of what a group says of itself: a page of text.
	MaxRules = 8000
	// MaxPlaces of somebody who asks to join: where their home was seen, one at home, one outside, one through a relay.
	MaxPlaces = 3
	// MaxPlace bounds a packed address: one through a relay has about 90 bytes.
	MaxPlace = 120
)

// About is what a group says of itself: everybody in it sees this, and nobody else. Only what its admins say counts; of
// theirs the newest.
type About struct {
	Name    string `cbor:"1,keyasint"`
	Text    string `cbor:"2,keyasint,omitempty"` // what the group is for, and its rules
	Picture []byte `cbor:"3,keyasint,omitempty"` // a JPEG of 160 × 160 px, or nothing
}

// Asking is about a person who asks to join: who they are, as whoever invited them heard it from them, and where their
// home was seen, so that any member's home can bring them the answer. With Answered it is the word of somebody who may let
// people in that the matter is settled: who is not in then was not let in. Of a person the newest counts. The yes is an
// operation on the space.
type Asking struct {
	Person   key.PersonID `cbor:"1,keyasint"`
	Name     string       `cbor:"2,keyasint,omitempty"`
	Picture  []byte       `cbor:"3,keyasint,omitempty"` // a JPEG of 160 × 160 px, or nothing
	Places   [][]byte     `cbor:"4,keyasint,omitempty"` // addresses, packed by the transport, at most MaxPlaces of MaxPlace bytes
	Answered bool         `cbor:"5,keyasint,omitempty"`
}

// Kind is KindAbout.
func (About) Kind() Kind { return KindAbout }

// Kind is KindAsking.
func (Asking) Kind() Kind { return KindAsking }

// Refs is empty: the picture is inside.
func (About) Refs() []blob.Ref { return nil }

// Refs is empty: the picture is inside.
func (Asking) Refs() []blob.Ref { return nil }

func (a About) check() error {
	if a.Name == "" || len(a.Picture) > MaxPicture {
		return fmt.Errorf("%w: a group with a name of %d and a picture of %d bytes", ErrMalformed, len(a.Name), len(a.Picture))
	}
	return firstError(checkText("name", a.Name, MaxName), checkText("rules", a.Text, MaxRules))
}

func (a Asking) check() error {
	if a.Person.IsZero() || !a.Answered && a.Name == "" || len(a.Picture) > MaxPicture {
		return fmt.Errorf("%w: a request of nobody, or with a picture of %d bytes", ErrMalformed, len(a.Picture))
	}
	if len(a.Places) > MaxPlaces {
		return fmt.Errorf("%w: a request with %d addresses", ErrMalformed, len(a.Places))
	}
	for _, place := range a.Places {
		if len(place) == 0 || len(place) > MaxPlace {
			return fmt.Errorf("%w: an address of %d bytes", ErrMalformed, len(place))
		}
	}
	return checkText("name", a.Name, MaxName)
}
