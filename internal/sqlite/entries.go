package sqlite

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
)

// segment is a piece of a log whose entries have consecutive numbers: a run, or a part of one.
type segment struct {
	log     int64
	first   uint64
	count   uint64
	entry   int64 // the number of the first one
	whole   bool  // it ends with the head of a run
	lamport int64 // of that head
}

func (s *segment) last() uint64 { return s.first + s.count - 1 }

func (s *segment) covers(seq uint64) bool { return s.first <= seq && seq <= s.last() }

// number of the entry at seq, which the segment covers.
func (s *segment) number(seq uint64) int64 { return s.entry + int64(seq-s.first) }

const insertEntry = "INSERT INTO entries (no, log, seq, id, erased, header, payload, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

// Append stores entries, consecutive in one log and not held so far. Where a place was erased before its entry came,
// the payload is dropped.
func (tx *Tx) Append(author key.PersonID, entries []oplog.Verified, locked bool) error {
	if len(entries) == 0 {
		return nil
	}
	l, err := tx.logToAppend(author, entries)
	if err != nil {
		return err
	}
	first, last := &entries[0], &entries[len(entries)-1]
	place := oplog.Range{First: first.Seq(), Last: last.Seq()}
	held, err := addRange(l.held, place)
	if err != nil {
		return fmt.Errorf("sqlite: append to log %v: %w", l.log, err)
	}
	l.held, l.changed = held, true
	if last.Seq() > l.head.Seq {
		l.head = last.Head()
	}
	tx.lamport[l.space] = max(tx.lamport[l.space], last.Header().Lamport)
	erased, err := tx.erasedBefore(l, place)
	if err != nil {
		return err
	}
	piece := segment{log: l.no, first: first.Seq(), entry: tx.next}
	for i := range entries {
		entry := &entries[i]
		if err := tx.insertEntry(l, entry, erased[entry.Seq()], locked); err != nil {
			return err
		}
		piece.count++
		if entry.Signature() != nil || i == len(entries)-1 {
			piece.whole = entry.Signature() != nil
			piece.lamport = int64(entry.Header().Lamport)
			if err := tx.putSegment(l, piece); err != nil {
				return err
			}
			piece = segment{log: l.no, first: entry.Seq() + 1, entry: tx.next}
		}
	}
	return nil
}

// logToAppend opens the log of entries that are to be appended, and checks that they belong together.
func (tx *Tx) logToAppend(author key.PersonID, entries []oplog.Verified) (*openLog, error) {
	first := &entries[0]
	id := first.Header().Log
	for i := range entries {
		entry := &entries[i]
		if entry.IsZero() {
			return nil, fmt.Errorf("sqlite: append: entry %d was not verified", i)
		}
		if header := entry.Header(); header.Log != id || header.Seq != first.Seq()+uint64(i) {
			return nil, fmt.Errorf("sqlite: append to log %v: entry %d is number %d of log %v", id, i, header.Seq, header.Log)
		}
	}
	name, err := tx.ensureLog(first.Log(), id, author)
	if err != nil {
		return nil, err
	}
	if name.person != author {
		return nil, fmt.Errorf("sqlite: append: the author of log %v is %v and not %v", name.log, name.person, author)
	}
	if first.Header().Kind == oplog.KindIdentity && first.Seq() == 1 {
		if err := tx.c.run("UPDATE spaces SET identity = 1 WHERE no = ?", name.space); err != nil {
			return nil, err
		}
	}
	return tx.openLog(name)
}

func (tx *Tx) insertEntry(l *openLog, entry *oplog.Verified, erased, locked bool) error {
	stmt, err := tx.c.Prepare(insertEntry)
	if err != nil {
		return err
	}
	raw := entry.Raw()
	if erased {
		raw.Payload = nil
		tx.erased[tx.next] = true
	}
	erased = erased || entry.Header().PayloadLen == 0 // nothing is missing
	stmt.BindInt64(1, tx.next)
	stmt.BindInt64(2, l.no)
	stmt.BindInt64(3, int64(entry.Seq()))
	stmt.BindInt64(4, prefix(entry.ID()))
	stmt.BindBool(5, erased)
	stmt.BindBytes(6, raw.Header)
	bindBytes(stmt, 7, raw.Payload)
	bindBytes(stmt, 8, signatureBytes(entry))
	if _, err := stmt.Step(); err != nil {
		return err
	}
	if locked && raw.Payload != nil {
		if err := tx.lock(l.space, entry.Header().Epoch, tx.next); err != nil {
			return err
		}
	}
	tx.next++
	return nil
}

// putSegment writes where entries are. Where they go on in the run whose beginning was written last of all, the
// segment of that is made longer.
func (tx *Tx) putSegment(l *openLog, s segment) error {
	l.segments = append(l.segments, s)
	var lamport any
	if s.whole {
		lamport = s.lamport
	}
	if t := tx.tail; t.count > 0 && !t.whole && t.log == s.log && t.last()+1 == s.first && t.entry+int64(t.count) == s.entry {
		s.first, s.entry, s.count = t.first, t.entry, t.count+s.count
		tx.tail = s
		return tx.c.run("UPDATE segments SET count = ?, lamport = ? WHERE log = ? AND first = ?", int64(s.count), lamport, s.log, int64(s.first))
	}
	tx.tail = s
	return tx.c.run("INSERT INTO segments (log, first, count, entry, lamport) VALUES (?, ?, ?, ?, ?)",
		s.log, int64(s.first), int64(s.count), s.entry, lamport)
}

// erasedBefore takes out of the table erased what is about to arrive.
func (tx *Tx) erasedBefore(l *openLog, at oplog.Range) (map[uint64]bool, error) {
	var places map[uint64]bool
	err := tx.c.each("SELECT seq FROM erased WHERE log = ? AND seq BETWEEN ? AND ? AND space = ?", func(row *sqlite.Stmt) error {
		if places == nil {
			places = make(map[uint64]bool)
		}
		places[uint64(row.ColumnInt64(0))] = true
		return nil
	}, l.id[:], int64(at.First), int64(at.Last), l.space)
	if err != nil || places == nil {
		return nil, err
	}
	return places, tx.c.run("DELETE FROM erased WHERE log = ? AND seq BETWEEN ? AND ?", l.id[:], int64(at.First), int64(at.Last))
}

const selectSegment = "SELECT first, count, entry, lamport FROM segments "

// scanSegment reads selectSegment.
func scanSegment(row *sqlite.Stmt, log int64) segment {
	return segment{
		log: log, first: uint64(row.ColumnInt64(0)), count: uint64(row.ColumnInt64(1)), entry: row.ColumnInt64(2),
		lamport: row.ColumnInt64(3), whole: !row.ColumnIsNull(3),
	}
}

// segmentAt finds the segment of a log that covers seq; false where that is not held.
func (r *reader) segmentAt(log int64, seq uint64) (s segment, found bool, err error) {
	found, err = r.c.one(selectSegment+"WHERE log = ? AND first <= ? ORDER BY first DESC LIMIT 1",
		func(row *sqlite.Stmt) { s = scanSegment(row, log) }, log, int64(seq))
	return s, err == nil && found && s.covers(seq), err
}

// number finds the number of an entry by its place; 0 where it is not held.
func (r *reader) number(log int64, seq uint64) (int64, error) {
	s, found, err := r.segmentAt(log, seq)
	if err != nil || !found {
		return 0, err
	}
	return s.number(seq), nil
}

const selectEntry = "SELECT seq, id, header, payload, signature, no FROM entries"

// verified reads selectEntry and checks that it is what was stored. An entry whose payload was damaged is given
// without.
func (r *reader) verified(row *sqlite.Stmt, l *logName) (oplog.Verified, error) {
	signature, err := columnSignature(row, 4)
	if err != nil {
		return oplog.Verified{}, err
	}
	raw := oplog.Raw{Header: columnBytes(row, 2), Payload: columnBytes(row, 3)}
	c := state(raw, row.ColumnInt64(1))
	r.note(row.ColumnInt64(5), c)
	if c == payloadDamaged {
		raw.Payload = nil
	}
	return l.recognize(uint64(row.ColumnInt64(0)), row.ColumnInt64(1), raw, signature)
}

// recognize makes an entry of what was stored under a number and the beginning of an ID.
func (l *logName) recognize(seq uint64, id int64, raw oplog.Raw, signature *key.Signature) (oplog.Verified, error) {
	v, err := oplog.FromStore(l.log, raw, signature)
	if err == nil && (v.Header().Log != l.id || v.Seq() != seq || prefix(v.ID()) != id) {
		err = errors.New("the header is another entry's")
	}
	if err != nil {
		return oplog.Verified{}, fmt.Errorf("%w: entry %d of log %v: %w", ErrCorrupt, seq, l.log, err)
	}
	return v, nil
}

func columnSignature(row *sqlite.Stmt, col int) (*key.Signature, error) {
	if row.ColumnIsNull(col) {
		return nil, nil
	}
	signature := new(key.Signature)
	return signature, columnID(row, col, signature[:])
}

// entry reads an entry by its number.
func (r *reader) entry(no int64, l *logName) (v oplog.Verified, err error) {
	var bad error
	found, err := r.c.one(selectEntry+" WHERE no = ?", func(row *sqlite.Stmt) { v, bad = r.verified(row, l) }, no)
	switch {
	case err != nil:
		return v, err
	case !found:
		return v, fmt.Errorf("%w: there is no entry with the number %d", ErrCorrupt, no)
	}
	return v, bad
}

// Entry finds an entry by its place.
func (r *reader) Entry(log oplog.LogID, seq uint64) (oplog.Verified, bool, error) {
	l, err := r.logByID(log)
	if err != nil || l == nil {
		return oplog.Verified{}, false, err
	}
	no, err := r.number(l.no, seq)
	if err != nil || no == 0 {
		return oplog.Verified{}, false, err
	}
	v, err := r.entry(no, l)
	return v, err == nil, err
}

// place is where an entry stands.
type place struct {
	no  int64
	log *logName
	seq uint64
}

// locate finds the place of an entry; false where it is not held.
func (r *reader) locate(id oplog.EntryID) (p place, found bool, err error) {
	var log int64
	err = r.c.each("SELECT no, log, seq, header FROM entries WHERE id = ?", func(row *sqlite.Stmt) error {
		if sha256.Sum256(columnBytes(row, 3)) == id {
			p.no, log, p.seq, found = row.ColumnInt64(0), row.ColumnInt64(1), uint64(row.ColumnInt64(2)), true
		}
		return nil
	}, prefix(id))
	if err != nil || !found {
		return place{}, false, err
	}
	p.log, err = r.logByNo(log)
	return p, err == nil, err
}

// Locate finds the place of an entry by its ID.
func (r *reader) Locate(id oplog.EntryID) (oplog.LogID, uint64, bool, error) {
	p, found, err := r.locate(id)
	if err != nil || !found {
		return oplog.LogID{}, 0, false, err
	}
	return p.log.id, p.seq, true, nil
}

// Lane gives all entries of the space's control lane, or of an identity log, but for those that are damaged.
func (r *reader) Lane(space key.SpaceID) ([]oplog.Verified, error) {
	no, err := r.spaceNo(space)
	if err != nil || no == 0 {
		return nil, err
	}
	logs, err := r.logsOf(no, logColumns+" WHERE space = ? AND lane = 1")
	if err != nil {
		return nil, err
	}
	var entries []oplog.Verified
	for _, l := range logs {
		err := r.c.each(`SELECT e.seq, e.id, e.header, e.payload, e.signature, e.no FROM segments AS s
			JOIN entries AS e ON e.no BETWEEN s.entry AND s.entry + s.count - 1 WHERE s.log = ?`,
			func(row *sqlite.Stmt) error {
				lost := len(r.damage.headers)
				v, err := r.verified(row, l)
				if len(r.damage.headers) > lost {
					return nil // as if it had not come yet
				}
				entries = append(entries, v)
				return err
			}, l.no)
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// logsOf reads logColumns of a space's logs.
func (r *reader) logsOf(space int64, query string) (logs []*logName, err error) {
	err = r.c.each(query, func(row *sqlite.Stmt) error {
		l, err := scanLog(row)
		logs = append(logs, l)
		return err
	}, space)
	for _, l := range logs {
		if err == nil {
			err = r.nameLog(l)
		}
	}
	return logs, err
}
