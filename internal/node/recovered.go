package node

import (
	"slices"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
)

// recoveredIn finds, among new entries, those by which a root lets in a further device: people who came back with their
// recovery words.
func recoveredIn(entries []oplog.Verified) []key.PersonID {
	var list []key.PersonID
	for i := range entries {
		entry := &entries[i]
		person := key.PersonID(entry.Log().Space)
		if entry.Header().Kind != oplog.KindIdentity || key.PersonOf(entry.Log().Device) != person || slices.Contains(list, person) {
			continue
		}
		op, err := identity.Decode(person, entry.Payload())
		if err != nil {
			continue
		}
		if _, adds := op.(*identity.AddDevice); adds {
			list = append(list, person)
		}
	}
	return list
}
