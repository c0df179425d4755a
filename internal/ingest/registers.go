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

// lamport is the Lamport time that the next entry in a space comes after. In one's own space it is that of all one's own
// spaces, because the newest register counts in whichever it is.
func (w *Writing) lamport(id key.SpaceID) (uint64, error) {
	lamport, err := w.work.reader.Lamport(id)
	if err != nil {
		return 0, err
	}
	s, err := w.work.space(id)
	if err != nil || s.state == nil || s.state.Create.Kind != space.Own {
		return lamport, err
	}
	all, err := w.work.reader.OwnLamport(w.author.Person)
	return max(lamport, all), err
}
