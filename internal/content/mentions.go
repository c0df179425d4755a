package content

import (
	"slices"

	"kith/internal/key"
)

// Naming is an item in which people are named: in its text stands "@" and a name, and beside the text who is meant.
type Naming interface {
	Item
	// Named lists them.
	Named() []key.PersonID
}

// Names tells whether a person is named in an item.
func Names(item Item, person key.PersonID) bool {
	naming, ok := item.(Naming)
	return ok && slices.Contains(naming.Named(), person)
}
