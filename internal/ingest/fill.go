package ingest

import "kith/internal/oplog"

// fill puts payloads to entries that are held without: they never came, or the disk damaged them. The entries, by index
// in the run, are the very ones that are held, so that nobody has to be asked again whether they may be here. It tells
// how many there were.
func (w *work) fill(record LogRecord, run *prepared, bare []int) (filled int, err error) {
	for _, i := range bare {
		entry := &run.entries[i]
		did, err := w.fillOne(record, run, i)
		if err != nil {
			return filled, err
		}
		if did {
			filled++
			w.commit.Entries = append(w.commit.Entries, *entry)
		}
	}
	return filled, nil
}

func (w *work) fillOne(record LogRecord, run *prepared, i int) (bool, error) {
	entry := &run.entries[i]
	if entry.Log().Lane == oplog.Control {
		did, err := w.tx.Fill(*entry, false)
		switch {
		case err != nil || !did:
			return false, err
		case entry.Header().Kind == oplog.KindIdentity:
			w.changedPerson(record.Author)
		default:
			w.changedSpace(entry.Log().Space)
		}
		return true, nil
	}
	s, err := w.space(entry.Log().Space)
	if err != nil || s.state == nil || s.state.Erased(record.Author, record.Log, entry.Seq(), entry.ID()) {
		return false, err
	}
	locked := w.isLocked(s, run, i)
	if did, err := w.tx.Fill(*entry, locked); err != nil || !did {
		return false, err
	}
	return true, w.project(s, record.Author, entry, run.opened[i].content)
}
