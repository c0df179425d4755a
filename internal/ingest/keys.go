package ingest

import (
	"context"
	"fmt"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// AddKey takes a key of a space that somebody handed us. It is checked against the commitments of its epoch's
// rotation, which has to be here. What waited for it is decrypted, and the keys before it are opened where it
// has the history key. Errors: ErrUnknownSpace, ErrWrongKey.
func (p *Pipeline) AddKey(ctx context.Context, id key.SpaceID, epoch *seal.Epoch) error {
	return p.update(ctx, false, func(w *work) error {
		s, err := w.space(id)
		if err != nil {
			return err
		}
		if s.state == nil {
			return ErrUnknownSpace
		}
		published, ok := s.state.Epoch(epoch.ID())
		if !ok || !epoch.Matches(published.KeyCommitment, published.HistoryCommitment) {
			return fmt.Errorf("%w: %v", ErrWrongKey, epoch.ID())
		}
		if err := w.putKey(s, epoch); err != nil {
			return err
		}
		return w.openParents(id)
	})
}

// putKey keeps a key, in the store and in this transaction's view of the space, and decrypts what waited for it.
func (w *work) putKey(s *spaceState, epoch *seal.Epoch) error {
	if held := s.keys[epoch.ID()]; held != nil && (held.HasHistory() || !epoch.HasHistory()) {
		return nil
	}
	if err := w.tx.PutEpochKey(s.state.ID, epoch); err != nil {
		return err
	}
	w.commit.Keys = append(w.commit.Keys, s.state.ID)
	w.p.mu.Lock()
	delete(w.p.waiting, s.state.ID)
	w.p.mu.Unlock()
	s = w.own(s)
	s.keys[epoch.ID()] = epoch
	return w.unlock(s, epoch.ID())
}

// keyPatience is how long a home that wants to write waits for the key of an epoch that is open. Any member who holds it
// hands it over within seconds of being on; where all who did are gone, or keep it to themselves, or have come back from a
// copy of their folder in which it is not, nobody would ever write again. So the home starts an epoch of its own then, which
// is no less safe: it is for the members of now.
const keyPatience = 10 * time.Minute

// waitedForKey tells whether this home has wanted to write in a space for long and lacked every key that it could write
// under. The first time, and after a key has come, the time begins anew.
func (p *Pipeline) waitedForKey(id key.SpaceID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	since, waiting := p.waiting[id]
	if !waiting || now.Before(since) { // or the clock was put back
		p.waiting[id] = now
		return false
	}
	if now.Sub(since) < keyPatience {
		return false
	}
	delete(p.waiting, id)
	return true
}

// own gives this transaction a copy of a space's state that it may change.
func (w *work) own(s *spaceState) *spaceState {
	if w.spaces[s.state.ID] == s && w.staleSpaces[s.state.ID] {
		return s
	}
	mine := &spaceState{state: s.state, mentioned: s.mentioned, keys: make(map[oplog.EpochID]*seal.Epoch, len(s.keys)+1)}
	for id, epoch := range s.keys {
		mine.keys[id] = epoch
	}
	w.spaces[s.state.ID] = mine
	w.staleSpaces[s.state.ID] = true
	return mine
}

// openParents follows the history keys that are here to the epochs before.
func (w *work) openParents(id key.SpaceID) error {
	for {
		s, err := w.space(id)
		if err != nil || s.state == nil {
			return err
		}
		opened := false
		for _, published := range s.state.Epochs() {
			child := s.keys[published.Epoch]
			if child == nil || !child.HasHistory() {
				continue
			}
			for i, parentID := range published.Parents {
				if held := s.keys[parentID]; held != nil && held.HasHistory() {
					continue
				}
				parent, err := child.OpenParent(parentID, published.SealedParents[i])
				if err != nil {
					continue // its author sealed something else; the key may still come from another member
				}
				known, ok := s.state.Epoch(parentID)
				if !ok || !parent.Matches(known.KeyCommitment, known.HistoryCommitment) {
					continue
				}
				if err := w.putKey(s, parent); err != nil {
					return err
				}
				opened = true
			}
			if opened {
				break // the space's state was replaced; look at it afresh
			}
		}
		if !opened {
			return nil
		}
	}
}
