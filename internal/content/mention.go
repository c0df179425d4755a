package content

import (
	"fmt"
	"slices"

	"kith/internal/key"
)

const (
	// MaxMentions is how many people one text can mention.
	MaxMentions = 10
	// MaxCalled, in bytes, of the name by which somebody is mentioned: shorter than MaxName, so that the largest post with all of
	// them fits into an entry.
	MaxCalled = 100
)

// Mention says who is meant by a name in a text: where the text has "@" and the name, that is this person. Only people who
// can see the text are mentioned; a reader shows no more than the name of anybody else.
type Mention struct {
	Person []byte `cbor:"1,keyasint"` // a PersonID, 32 bytes
	Name   string `cbor:"2,keyasint"` // as it stands in the text behind the "@", 1 to MaxCalled bytes
}

// Who is the person.
func (m Mention) Who() key.PersonID {
	var id key.PersonID
	copy(id[:], m.Person)
	return id
}

// Named lists who is mentioned in a post.
func (p Post) Named() []key.PersonID { return named(p.Mentions) }

// Named lists who is mentioned in a comment.
func (c Comment) Named() []key.PersonID { return named(c.Mentions) }

func named(mentions []Mention) (people []key.PersonID) {
	for _, m := range mentions {
		people = append(people, m.Who())
	}
	return people
}

func checkMentions(mentions []Mention) error {
	if len(mentions) > MaxMentions {
		return fmt.Errorf("%w: %d mentions", ErrMalformed, len(mentions))
	}
	for i, m := range mentions {
		if len(m.Person) != len(key.PersonID{}) || m.Who().IsZero() || m.Name == "" {
			return fmt.Errorf("%w: a mention of a person of %d and a name of %d bytes", ErrMalformed, len(m.Person), len(m.Name))
		}
		if slices.ContainsFunc(mentions[:i], func(other Mention) bool { return other.Name == m.Name }) {
			return fmt.Errorf("%w: two people are mentioned by one name", ErrMalformed)
		}
		if err := checkText("name of somebody mentioned", m.Name, MaxCalled); err != nil {
			return err
		}
	}
	return nil
}
