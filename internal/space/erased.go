package space

import (
	"iter"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Erasure is a wish to erase what stands in a place. Whether it counts, for the author of the entry there, Erased tells.
type Erasure struct {
	Log oplog.LogID
	Seq uint64
	By  key.PersonID
}

// Erasures lists the wishes of all counting erases, in no particular order.
func (s *State) Erasures() iter.Seq[Erasure] {
	return func(yield func(Erasure) bool) {
		for at, wishes := range s.erased {
			for _, wish := range wishes {
				if !yield(Erasure{Log: at.log, Seq: at.seq, By: wish.by.Subject}) {
					return
				}
			}
		}
	}
}
