package ingest

import (
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// targetOf is what an item hangs under; false for what stands by itself.
func targetOf(item content.Item) (oplog.EntryID, bool) {
	switch item := item.(type) {
	case content.Comment:
		return item.Post, true
	case content.Reaction:
		return item.Target, true
	case content.Edit:
		return item.Target, true
	}
	return oplog.EntryID{}, false
}

// drop erases a held entry, and what hangs under it: the earlier words of an edit's post must not outlive it, nor the
// comments that quote it. Whoever asked for it, which is zero for what only goes with it, need not have known of them.
func (w *work) drop(space key.SpaceID, at Place, by key.PersonID) error {
	erased, held, err := w.tx.Erase(space, at.Log, at.Seq)
	if err != nil || !held {
		return err
	}
	erased.By = by
	w.commit.Erased = append(w.commit.Erased, erased)
	return w.dropUnder(space, erased.ID)
}

// dropUnder erases what hangs under an entry. What hangs under that goes with it: reactions to comments, and their
// edits.
func (w *work) dropUnder(space key.SpaceID, id oplog.EntryID) error {
	places, err := w.tx.Under(space, id)
	if err != nil {
		return err
	}
	for _, place := range places {
		if err := w.drop(space, place, key.PersonID{}); err != nil {
			return err
		}
	}
	return nil
}
