package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
)

// damage is what a transaction found to be not as it was stored. It is put in order right after the transaction, by
// one that writes: a damaged payload is dropped, so that it counts as missing and is asked for again; an entry with a
// damaged header is forgotten whole, which leaves a gap that is asked for again.
//
// Whoever reads goes on meanwhile, as if that had been done already.
type damage struct {
	payloads []int64 // numbers of entries
	headers  []int64
}

func (d *damage) none() bool { return len(d.payloads)+len(d.headers) == 0 }

// heal puts in order what was found. Failing is no error of whoever found it: the next one finds it again.
func (db *DB) heal(ctx context.Context, found *damage) {
	if found.none() {
		return
	}
	var spaces []key.SpaceID
	// What this transaction finds itself is left to the next one that reads it.
	err := db.write(ctx, new(damage), func(tx *Tx) error {
		for _, no := range found.payloads {
			if err := tx.dropDamaged(no, &spaces); err != nil {
				return err
			}
		}
		for _, no := range found.headers {
			if err := tx.forget(no, &spaces); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && len(spaces) > 0 && db.onDamage != nil {
		db.onDamage(spaces)
	}
}

// dropDamaged drops a payload that is still found damaged.
func (tx *Tx) dropDamaged(no int64, spaces *[]key.SpaceID) error {
	var raw oplog.Raw
	var id, log int64
	found, err := tx.c.one("SELECT id, header, payload, log FROM entries WHERE no = ?", func(row *sqlite.Stmt) {
		id, log = row.ColumnInt64(0), row.ColumnInt64(3)
		raw = oplog.Raw{Header: columnBytes(row, 1), Payload: columnBytes(row, 2)}
	}, no)
	if err != nil || !found || state(raw, id) != payloadDamaged {
		return err
	}
	if err := tx.c.run("UPDATE entries SET payload = NULL WHERE no = ?", no); err != nil {
		return err
	}
	return tx.noteSpace(log, spaces)
}

// noteSpace adds the space of a log.
func (tx *Tx) noteSpace(log int64, spaces *[]key.SpaceID) error {
	l, err := tx.logByNo(log)
	if err == nil && !slices.Contains(*spaces, l.log.Space) {
		*spaces = append(*spaces, l.log.Space)
	}
	return err
}

// forget drops an entry whose header is damaged, with what was projected from it. Where it is the last one of a log that
// this device writes, what is written next begins a new log: nobody remembers any more what stood in that place.
func (tx *Tx) forget(no int64, spaces *[]key.SpaceID) error {
	var s segment
	found, err := tx.c.one("SELECT first, count, entry, lamport, log FROM segments WHERE entry <= ?1 AND entry + count > ?1",
		func(row *sqlite.Stmt) { s = scanSegment(row, row.ColumnInt64(4)) }, no)
	if err != nil || !found {
		return err
	}
	name, err := tx.logByNo(s.log)
	if err != nil {
		return err
	}
	var header []byte
	var id int64
	_, err = tx.c.one("SELECT header, id FROM entries WHERE no = ?", func(row *sqlite.Stmt) {
		header, id = columnBytes(row, 0), row.ColumnInt64(1)
	}, no)
	if err != nil || header != nil && state(oplog.Raw{Header: header}, id) == whole {
		return err
	}
	if err := tx.forgetProjection(no); err != nil {
		return err
	}
	if err := tx.c.run("DELETE FROM entries WHERE no = ?", no); err != nil {
		return err
	}
	seq := s.first + uint64(no-s.entry)
	if err := tx.splitSegment(&s, seq); err != nil {
		return err
	}
	l, err := tx.openLog(name)
	if err != nil {
		return err
	}
	l.held, l.changed, l.segments, tx.tail = without(l.held, seq), true, nil, segment{}
	if l.head.Seq == seq {
		if err := tx.moveHead(l); err != nil {
			return err
		}
	}
	own, ok, err := tx.OwnLog(name.log.Space, name.log.Lane)
	if err != nil {
		return err
	}
	if ok && own == name.log {
		if err := tx.DropOwnLog(own.Space, own.Lane); err != nil {
			return err
		}
	}
	return tx.noteSpace(s.log, spaces)
}

// forgetProjection drops what was projected from an entry that cannot be read any more.
func (tx *Tx) forgetProjection(no int64) error {
	if err := tx.c.run("DELETE FROM locked WHERE entry = ?", no); err != nil {
		return err
	}
	row := itemRow{entry: no}
	found, err := tx.scanItem(&row)
	if err != nil || !found {
		return err
	}
	if _, err := tx.dropFiles(no); err != nil {
		return err
	}
	if err := tx.dropTags(no); err != nil {
		return err
	}
	if err := tx.unindex(&row); err != nil {
		return err
	}
	if err := tx.dropNews(no); err != nil {
		return err
	}
	if err := tx.c.run("DELETE FROM fading WHERE entry = ?", no); err != nil {
		return err
	}
	if err := tx.c.run("DELETE FROM items WHERE entry = ?", no); err != nil {
		return err
	}
	if row.replaces() && !row.older {
		return tx.restore(&row)
	}
	return nil
}

// splitSegment takes one entry out of a segment.
func (tx *Tx) splitSegment(s *segment, seq uint64) error {
	if err := tx.c.run("DELETE FROM segments WHERE log = ? AND first = ?", s.log, int64(s.first)); err != nil {
		return err
	}
	const insert = "INSERT INTO segments (log, first, count, entry, lamport) VALUES (?, ?, ?, ?, ?)"
	if seq > s.first {
		if err := tx.c.run(insert, s.log, int64(s.first), int64(seq-s.first), s.entry, nil); err != nil {
			return err
		}
	}
	if seq == s.last() {
		return nil
	}
	var lamport any
	if s.whole {
		lamport = s.lamport
	}
	return tx.c.run(insert, s.log, int64(seq+1), int64(s.last()-seq), s.number(seq+1), lamport)
}

// without takes one place out of sorted, disjoint ranges.
func without(held []oplog.Range, seq uint64) []oplog.Range {
	var rest []oplog.Range
	for _, r := range held {
		if seq < r.First || seq > r.Last {
			rest = append(rest, r)
			continue
		}
		if r.First < seq {
			rest = append(rest, oplog.Range{First: r.First, Last: seq - 1})
		}
		if r.Last > seq {
			rest = append(rest, oplog.Range{First: seq + 1, Last: r.Last})
		}
	}
	return rest
}

// condition of a stored entry.
type condition int

const (
	whole condition = iota
	payloadDamaged
	headerDamaged
)

// state tells whether an entry is as it was stored, at less cost than decoding it: its header has the ID that it
// should have, and contains the hash of its payload.
func state(raw oplog.Raw, id int64) condition {
	if prefix(sha256.Sum256(raw.Header)) != id {
		return headerDamaged
	}
	if raw.Payload == nil {
		return whole
	}
	if hash := sha256.Sum256(raw.Payload); !bytes.Contains(raw.Header, hash[:]) {
		return payloadDamaged
	}
	return whole
}

// note remembers what is wrong with an entry, so that it is put in order.
func (r *reader) note(no int64, c condition) {
	switch c {
	case payloadDamaged:
		r.damage.payloads = append(r.damage.payloads, no)
	case headerDamaged:
		r.damage.headers = append(r.damage.headers, no)
	}
}

// Inspect looks whether up to limit entries, from a number on, are as they were stored, and puts in order what is not.
// It gives the number to go on with, 0 behind the last entry. A hundred thousand take about a second.
func (db *DB) Inspect(ctx context.Context, from int64, limit int) (next int64, err error) {
	err = db.view(ctx, func(r *reader) error {
		seen := 0
		err := r.c.each("SELECT no, id, header, payload FROM entries WHERE no >= ? ORDER BY no LIMIT ?", func(row *sqlite.Stmt) error {
			seen, next = seen+1, row.ColumnInt64(0)+1
			r.note(row.ColumnInt64(0), state(oplog.Raw{Header: columnBytes(row, 2), Payload: columnBytes(row, 3)}, row.ColumnInt64(1)))
			return nil
		}, from, int64(limit))
		if seen < limit {
			next = 0
		}
		return err
	})
	return next, err
}
