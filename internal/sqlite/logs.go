package sqlite

import (
	"bytes"
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Logs lists what is known of every log of a space, or of a person's identity space.
func (db *DB) Logs(ctx context.Context, space key.SpaceID) (list []ingest.LogRecord, err error) {
	err = db.view(ctx, func(r *reader) error {
		list, err = r.Logs(space)
		return err
	})
	return list, err
}

// Logs lists the same in a transaction.
func (r *reader) Logs(space key.SpaceID) (list []ingest.LogRecord, err error) {
	no, err := r.spaceNo(space)
	if err != nil || no == 0 {
		return nil, err
	}
	var logs []int64
	err = r.c.each(`SELECT l.no, h.first, h.last FROM logs AS l LEFT JOIN held AS h ON h.log = l.no
		WHERE l.space = ? ORDER BY l.lane, l.no, h.first`, func(row *sqlite.Stmt) error {
		if n := len(logs); n == 0 || logs[n-1] != row.ColumnInt64(0) {
			logs, list = append(logs, row.ColumnInt64(0)), append(list, ingest.LogRecord{})
		}
		if !row.ColumnIsNull(1) {
			held := &list[len(list)-1].Held
			*held = append(*held, oplog.Range{First: uint64(row.ColumnInt64(1)), Last: uint64(row.ColumnInt64(2))})
		}
		return nil
	}, no)
	if err != nil {
		return nil, err
	}
	for i, no := range logs {
		l, err := r.logByNo(no)
		if err != nil {
			return nil, err
		}
		list[i].Log, list[i].Author = l.log, l.person
		if list[i].Head, err = r.head(l); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// SpacesOf lists the spaces in which a person has logs, identity spaces left out.
func (r *reader) SpacesOf(person key.PersonID) (list []key.SpaceID, err error) {
	no, err := r.personNo(person)
	if err != nil || no == 0 {
		return nil, err
	}
	err = r.c.each("SELECT DISTINCT s.id FROM logs AS l JOIN spaces AS s ON s.no = l.space WHERE l.author = ? AND s.identity = 0 ORDER BY s.no",
		func(row *sqlite.Stmt) error {
			var id key.SpaceID
			err := columnID(row, 0, id[:])
			list = append(list, id)
			return err
		}, no)
	return list, err
}

// Logs counts in what this transaction appended and cut off.
func (tx *Tx) Logs(space key.SpaceID) ([]ingest.LogRecord, error) {
	for _, l := range tx.open {
		if err := tx.flushLog(l); err != nil {
			return nil, err
		}
	}
	return tx.reader.Logs(space)
}

// head reads the last entry held of a log.
func (r *reader) head(l *logName) (head oplog.Head, err error) {
	var bad error
	_, err = r.c.one("SELECT head, head_id, head_lamport FROM logs WHERE no = ?", func(row *sqlite.Stmt) {
		head, bad = scanHead(row, 0, l.log)
	}, l.no)
	if err == nil {
		err = bad
	}
	return head, err
}

// Heads is the frontier of the spaces taken together, sorted by log: of each log the last entry held. Logs of which
// nothing is held are left out.
func (db *DB) Heads(ctx context.Context, spaces ...key.SpaceID) (oplog.Frontier, error) {
	type found struct {
		id   oplog.LogID
		head oplog.Head
	}
	var list []found
	err := db.view(ctx, func(r *reader) error {
		for _, space := range spaces {
			no, err := r.spaceNo(space)
			if err != nil {
				return err
			}
			err = r.c.each("SELECT id, device, incarnation, lane, head, head_id, head_lamport FROM logs WHERE space = ? AND head > 0",
				func(row *sqlite.Stmt) error {
					f := found{}
					log := oplog.Log{Space: space, Lane: oplog.Lane(row.ColumnInt64(3))}
					if err := columnID(row, 0, f.id[:]); err != nil {
						return err
					}
					if err := columnID(row, 1, log.Device[:]); err != nil {
						return err
					}
					if err := columnID(row, 2, log.Incarnation[:]); err != nil {
						return err
					}
					var err error
					f.head, err = scanHead(row, 4, log)
					list = append(list, f)
					return err
				}, no)
			if err != nil {
				return err
			}
		}
		for i := range list {
			if err := r.beforeGap(list[i].id, &list[i].head); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b found) int { return bytes.Compare(a.id[:], b.id[:]) })
	heads := make(oplog.Frontier, len(list))
	for i := range list {
		heads[i] = list[i].head
	}
	return heads, nil
}

// beforeGap shows, of a log that is known to have forked, the entry before the first gap as its head: what is behind the gap
// may be of the other branch, and whoever decides between them has to see that there are two.
func (r *reader) beforeGap(id oplog.LogID, head *oplog.Head) error {
	forked, err := r.Forked(id)
	if err != nil || !forked {
		return err
	}
	l, err := r.logByID(id)
	if err != nil || l == nil {
		return err
	}
	record, found, err := r.record(l)
	if err != nil || !found || len(record.Held) < 2 {
		return err
	}
	entry, found, err := r.Entry(id, record.Held[0].Last)
	if err == nil && found {
		*head = entry.Head()
	}
	return err
}
