package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"zombiezen.com/go/sqlite"

	"kith/internal/ingest"
	"kith/internal/oplog"
)

const (
	// maxHot bounds the logs whose state the writer keeps in memory between transactions.
	maxHot = 1024
	// maxHotRanges bounds the ranges of such a log, so that one log full of gaps does not fill the memory.
	maxHotRanges = 256
)

// openLog is the state of a log while it is written.
type openLog struct {
	*logName
	head     oplog.Head
	held     []oplog.Range // now
	stored   []oplog.Range // as the table held has it
	changed  bool
	segments []segment // appended in this transaction
}

// openLog reads a log's state, or finds it in memory. The state belongs to the transaction: where that does not
// commit, it is forgotten.
func (tx *Tx) openLog(name *logName) (*openLog, error) {
	if l := tx.open[name.no]; l != nil {
		return l, nil
	}
	l := tx.db.hot[name.no]
	delete(tx.db.hot, name.no)
	if l == nil {
		record, found, err := tx.record(name)
		if err == nil && !found {
			err = fmt.Errorf("%w: log %v has a name and no record", ErrCorrupt, name.log)
		}
		if err != nil {
			return nil, err
		}
		l = &openLog{logName: name, head: record.Head, held: record.Held, stored: slices.Clone(record.Held)}
	}
	tx.open[name.no] = l
	return l, nil
}

// record reads what the tables know of a log. A log that was made after this reader's moment may have a name
// already, and is not found.
func (r *reader) record(l *logName) (record ingest.LogRecord, found bool, err error) {
	record = ingest.LogRecord{Log: l.log, Author: l.person}
	var bad error
	found, err = r.c.one("SELECT head, head_id, head_lamport FROM logs WHERE no = ?", func(row *sqlite.Stmt) {
		record.Head, bad = scanHead(row, 0, l.log)
	}, l.no)
	if err = cmp.Or(err, bad); err != nil || !found {
		return record, false, err
	}
	err = r.c.each("SELECT first, last FROM held WHERE log = ? ORDER BY first", func(row *sqlite.Stmt) error {
		record.Held = append(record.Held, oplog.Range{First: uint64(row.ColumnInt64(0)), Last: uint64(row.ColumnInt64(1))})
		return nil
	}, l.no)
	return record, err == nil, err
}

// scanHead reads the columns head, head_id and head_lamport.
func scanHead(row *sqlite.Stmt, col int, log oplog.Log) (oplog.Head, error) {
	head := oplog.Head{Log: log, Seq: uint64(row.ColumnInt64(col)), Lamport: uint64(row.ColumnInt64(col + 2))}
	if head.Seq == 0 {
		return head, nil
	}
	err := columnID(row, col+1, head.ID[:])
	return head, err
}

// Log finds a log by its ID.
func (r *reader) Log(id oplog.LogID) (ingest.LogRecord, bool, error) {
	l, err := r.logByID(id)
	if err != nil || l == nil {
		return ingest.LogRecord{}, false, err
	}
	return r.record(l)
}

// Log counts in what this transaction appended.
func (tx *Tx) Log(id oplog.LogID) (ingest.LogRecord, bool, error) {
	name, err := tx.logByID(id)
	if err != nil || name == nil {
		return ingest.LogRecord{}, false, err
	}
	l, err := tx.openLog(name)
	if err != nil {
		return ingest.LogRecord{}, false, err
	}
	return ingest.LogRecord{Log: l.log, Author: l.person, Head: l.head, Held: slices.Clone(l.held)}, true, nil
}

// addRange adds a range to sorted, disjoint ranges of which none touch, and keeps them so. It fails where a part
// is there already. It may change the slice that it is given.
func addRange(held []oplog.Range, add oplog.Range) ([]oplog.Range, error) {
	i := sort.Search(len(held), func(i int) bool { return held[i].First > add.First }) // the first one behind
	if i > 0 && held[i-1].Last >= add.First || i < len(held) && held[i].First <= add.Last {
		return nil, fmt.Errorf("sqlite: entries %d to %d are held in part", add.First, add.Last)
	}
	left := i > 0 && held[i-1].Last+1 == add.First
	right := i < len(held) && held[i].First == add.Last+1
	switch {
	case left && right:
		held[i-1].Last = held[i].Last
		return slices.Delete(held, i, i+1), nil
	case left:
		held[i-1].Last = add.Last
	case right:
		held[i].First = add.First
	default:
		return slices.Insert(held, i, add), nil
	}
	return held, nil
}

// flushLog writes the state of a log where it changed.
func (tx *Tx) flushLog(l *openLog) error {
	if !l.changed {
		return nil
	}
	err := tx.c.run("UPDATE logs SET head = ?, head_id = ?, head_lamport = ? WHERE no = ?",
		int64(l.head.Seq), l.head.ID[:], int64(l.head.Lamport), l.no)
	if err != nil {
		return err
	}
	// Both lists are sorted: what is in one alone went or came.
	var gone, come []oplog.Range
	before, now := l.stored, l.held
	for len(before) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(before) > 0 && before[0].First < now[0].First:
			gone, before = append(gone, before[0]), before[1:]
		case len(before) == 0 || now[0].First < before[0].First:
			come, now = append(come, now[0]), now[1:]
		default:
			if before[0] != now[0] {
				come = append(come, now[0])
			}
			before, now = before[1:], now[1:]
		}
	}
	for _, r := range gone {
		if err := tx.c.run("DELETE FROM held WHERE log = ? AND first = ?", l.no, int64(r.First)); err != nil {
			return err
		}
	}
	for _, r := range come {
		if err := tx.c.run("INSERT OR REPLACE INTO held (log, first, last) VALUES (?, ?, ?)", l.no, int64(r.First), int64(r.Last)); err != nil {
			return err
		}
	}
	l.stored, l.changed = slices.Clone(l.held), false
	return nil
}
