package oracle

import (
	"kith/internal/oplog"
	"kith/internal/tenure"
)

// Home is a store that takes what its fold allows and drops what has ended, as every home does.
type Home[S tenure.Subject] struct {
	Root   tenure.Grant[S]
	Bounds tenure.Bounds
	held   []tenure.Op[S]
}

// Held is what the home holds.
func (h *Home[S]) Held() []tenure.Op[S] { return h.held }

// Offer offers operations one by one, in the order given, and reports whether anything changed.
func (h *Home[S]) Offer(ops []tenure.Op[S]) bool {
	changed := false
	result := tenure.Fold(h.Root, h.held, h.Bounds)
	for i := range ops {
		if h.holds(ops[i].ID) || !accepts(result, &ops[i]) {
			continue
		}
		changed = true
		h.held = append(h.held, ops[i])
		for {
			result = tenure.Fold(h.Root, h.held, h.Bounds)
			kept := h.held[:0:0]
			for k := range h.held {
				if accepts(result, &h.held[k]) {
					kept = append(kept, h.held[k])
				}
			}
			if len(kept) == len(h.held) {
				break
			}
			h.held = kept
		}
	}
	return changed
}

func (h *Home[S]) holds(id oplog.EntryID) bool {
	for i := range h.held {
		if h.held[i].ID == id {
			return true
		}
	}
	return false
}

// accepts tells whether an entry is to be held: its tenure is there, and no senior ended its log before.
func accepts[S tenure.Subject](result *tenure.Result[S], op *tenure.Op[S]) bool {
	for _, t := range result.Tenures {
		if t.Subject == op.Author && t.Name == op.Under {
			return t.WithinByOthers(1, op.Log, op.Seq)
		}
	}
	return false
}

// Settle offers the operations to homes, to each in its own order, until none changes any more. It is false where that
// does not end. No home may hold what another does not in the end.
func Settle[S tenure.Subject](ops []tenure.Op[S], shuffle func([]tenure.Op[S]), homes ...*Home[S]) bool {
	for range len(ops) + 3 {
		changed := false
		for _, h := range homes {
			shuffle(ops)
			changed = h.Offer(ops) || changed
		}
		if !changed {
			return true
		}
	}
	return false
}
