package sqlite

import (
	"cmp"
	"fmt"
	"slices"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Erase drops an entry's payload and everything that was projected from it. Where the entry is not held it reports
// false and remembers the place, so that the payload is dropped when the entry arrives. A log of another space is
// left alone.
func (tx *Tx) Erase(space key.SpaceID, log oplog.LogID, seq uint64) (ingest.Erased, bool, error) {
	l, err := tx.logByID(log)
	if err != nil {
		return ingest.Erased{}, false, err
	}
	if l != nil && l.log.Space != space {
		return ingest.Erased{}, false, nil
	}
	no := int64(0)
	if l != nil {
		if no, err = tx.number(l.no, seq); err != nil {
			return ingest.Erased{}, false, err
		}
	}
	if no == 0 {
		spaceNo, err := tx.ensureSpace(space)
		if err != nil {
			return ingest.Erased{}, false, err
		}
		return ingest.Erased{}, false, tx.c.run("INSERT OR IGNORE INTO erased (log, seq, space) VALUES (?, ?, ?)", log[:], int64(seq), spaceNo)
	}
	gone, err := tx.unproject(no, l)
	if err != nil {
		return ingest.Erased{}, false, err
	}
	tx.erased[no] = true
	tx.scrub = true
	return gone, true, tx.c.run("UPDATE entries SET payload = NULL, erased = 1 WHERE no = ?", no)
}

// unproject drops everything that follows from an entry, and tells what that was.
func (tx *Tx) unproject(no int64, l *logName) (ingest.Erased, error) {
	v, err := tx.entry(no, l)
	if err != nil {
		return ingest.Erased{}, err
	}
	gone := ingest.Erased{ID: v.ID(), Author: l.person}
	if epoch := v.Header().Epoch; !epoch.IsZero() {
		err := tx.c.run("DELETE FROM locked WHERE epoch = (SELECT no FROM epochs WHERE space = ? AND id = ?) AND entry = ?", l.space, epoch[:], no)
		if err != nil {
			return ingest.Erased{}, err
		}
	}
	row := itemRow{entry: no}
	found, err := tx.scanItem(&row)
	if err != nil {
		return ingest.Erased{}, err
	}
	if !found {
		return gone, nil
	}
	if gone.Author, err = tx.personID(row.author); err != nil {
		return ingest.Erased{}, err
	}
	gone.Kind = row.kind
	if row.body.parent != nil {
		gone.Parent = *row.body.parent
	}
	if gone.Refs, err = tx.dropFiles(no); err != nil {
		return ingest.Erased{}, err
	}
	if err := tx.dropTags(no); err != nil {
		return ingest.Erased{}, err
	}
	if err := tx.unindex(&row); err != nil {
		return ingest.Erased{}, err
	}
	if err := tx.dropNews(no); err != nil {
		return ingest.Erased{}, err
	}
	if err := tx.c.run("DELETE FROM fading WHERE entry = ?", no); err != nil {
		return ingest.Erased{}, err
	}
	if err := tx.c.run("DELETE FROM items WHERE entry = ?", no); err != nil {
		return ingest.Erased{}, err
	}
	if row.replaces() && !row.older {
		return gone, tx.restore(&row)
	}
	return gone, nil
}

// scanItem reads the row of an item by its entry's number.
func (tx *Tx) scanItem(row *itemRow) (bool, error) {
	var bad error
	found, err := tx.c.one("SELECT kind, space, author, older, text, extra, parent_id FROM items WHERE entry = ?", func(r *sqlite.Stmt) {
		row.kind, row.space, row.author, row.older = content.Kind(r.ColumnInt64(0)), r.ColumnInt64(1), r.ColumnInt64(2), r.ColumnBool(3)
		row.body, bad = scanBody(r, 4)
	}, row.entry)
	return found, cmp.Or(err, bad)
}

// Truncate drops every entry of the log beyond seq, with all that was projected from them, and tells what each was.
func (tx *Tx) Truncate(space key.SpaceID, log oplog.LogID, seq uint64) ([]ingest.Erased, error) {
	name, err := tx.logByID(log)
	if err != nil || name == nil || name.log.Space != space {
		return nil, err
	}
	l, err := tx.openLog(name)
	if err != nil {
		return nil, err
	}
	var beyond []segment
	err = tx.c.each(selectSegment+"WHERE log = ? AND first + count - 1 > ? ORDER BY first", func(row *sqlite.Stmt) error {
		beyond = append(beyond, scanSegment(row, l.no))
		return nil
	}, l.no, int64(seq))
	if err != nil || len(beyond) == 0 {
		return nil, err
	}
	var gone []ingest.Erased
	for i := range beyond {
		more, err := tx.cutSegment(l, &beyond[i], seq)
		if err != nil {
			return nil, err
		}
		gone = append(gone, more...)
	}
	tx.tail, l.segments, l.changed = segment{}, nil, true
	tx.scrub = true
	l.held = slices.DeleteFunc(l.held, func(r oplog.Range) bool { return r.First > seq })
	if n := len(l.held); n > 0 {
		l.held[n-1].Last = min(l.held[n-1].Last, seq)
	}
	return gone, tx.moveHead(l)
}

// moveHead makes the last entry that is held the head.
func (tx *Tx) moveHead(l *openLog) error {
	l.head = oplog.Head{Log: l.log}
	n := len(l.held)
	if n == 0 {
		return nil
	}
	last, found, err := tx.Entry(l.id, l.held[n-1].Last)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: entry %d of log %v is held and not there", ErrCorrupt, l.held[n-1].Last, l.log)
	}
	l.head = last.Head()
	return nil
}

// cutSegment drops what of a segment lies beyond seq.
func (tx *Tx) cutSegment(l *openLog, s *segment, seq uint64) ([]ingest.Erased, error) {
	var gone []ingest.Erased
	for at := max(s.first, seq+1); at <= s.last(); at++ {
		erased, err := tx.unproject(s.number(at), l.logName)
		if err != nil {
			return nil, err
		}
		if err := tx.c.run("DELETE FROM entries WHERE no = ?", s.number(at)); err != nil {
			return nil, err
		}
		gone = append(gone, erased)
	}
	if s.first > seq {
		return gone, tx.c.run("DELETE FROM segments WHERE log = ? AND first = ?", s.log, int64(s.first))
	}
	// What is left of a run has lost its head.
	return gone, tx.c.run("UPDATE segments SET count = ?, lamport = NULL WHERE log = ? AND first = ?", int64(seq-s.first+1), s.log, int64(s.first))
}
