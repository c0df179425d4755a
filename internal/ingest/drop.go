package ingest

import (
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// drop erases a held entry, and what hangs under it: the earlier words of an edit's post must not outlive it, nor the
// comments that quote it. Whoever asked for it, which is zero for what only goes with it, need not have known of them.
func (w *work) drop(id key.SpaceID, at Place, by key.PersonID) error {
	erased, held, err := w.tx.Erase(id, at.Log, at.Seq)
	if err != nil || !held {
		return err
	}
	erased.By = by
	w.commit.Erased = append(w.commit.Erased, erased)
	return w.dropUnder(id, erased.ID)
}

// dropUnder erases what hangs under an entry. What hangs under that goes with it: reactions to comments, and their
// edits.
func (w *work) dropUnder(id key.SpaceID, under oplog.EntryID) error {
	places, err := w.tx.Under(id, under)
	if err != nil {
		return err
	}
	for _, place := range places {
		if err := w.drop(id, place, key.PersonID{}); err != nil {
			return err
		}
	}
	return nil
}

// eraseAsked carries out the erases among the operations that arrived. Where others arrived that may have given somebody
// the right to an erase, all of the space are looked at again.
func (w *work) eraseAsked(id key.SpaceID) error {
	s, err := w.space(id)
	if err != nil || s.state == nil {
		return err
	}
	rights := len(w.commit.Identity) > 0
	for i := range w.commit.Entries {
		entry := &w.commit.Entries[i]
		if entry.Log().Space != id || entry.Header().Kind != oplog.KindControl {
			continue
		}
		op, err := space.Decode(entry.Payload())
		if err != nil {
			continue
		}
		switch op := op.(type) {
		case *space.Erase:
			record, _, err := w.reader.Log(entry.LogID())
			if err != nil {
				return err
			}
			for _, target := range op.Targets {
				if err := w.erase(s, Place{target.Log, target.Seq}, record.Author); err != nil {
					return err
				}
			}
		case *space.Rotate:
		default:
			rights = true
		}
	}
	if !rights {
		return nil
	}
	for wish := range s.state.Erasures() {
		if err := w.erase(s, Place{wish.Log, wish.Seq}, wish.By); err != nil {
			return err
		}
	}
	return nil
}

// erase drops what stands in a place, if it is here, and somebody who may has asked for it.
func (w *work) erase(s *spaceState, at Place, by key.PersonID) error {
	record, known, err := w.reader.Log(at.Log)
	if err != nil || !known || record.Log.Space != s.state.ID || record.Log.Lane != oplog.Content {
		return err
	}
	if !holds(record.Held, at.Seq) {
		return nil // dropped when it arrives
	}
	entry, _, err := w.reader.Entry(at.Log, at.Seq)
	if err != nil || !s.state.Erased(record.Author, record.Log, at.Seq, entry.ID()) {
		return err // not theirs to erase, or another entry
	}
	if gone, err := w.tx.IsErased(s.state.ID, entry.ID()); err != nil || gone {
		return err
	}
	return w.drop(s.state.ID, at, by)
}
