package ingest

import (
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/space"
)

// mayBeHere tells whether an item of a kind belongs into a kind of space at all: registers into the own space of whose
// home this is, and nothing else there. So nobody writes into what another person's devices agree on, whatever space
// they own or are members of.
func (w *work) mayBeHere(s *spaceState, author key.PersonID, kind content.Kind) bool {
	own := s.state.Create.Kind == space.Own
	if kind != content.KindRegister {
		return !own
	}
	w.p.mu.RLock()
	defer w.p.mu.RUnlock()
	return own && author == s.state.Create.Owner && author == w.p.author.Person
}
