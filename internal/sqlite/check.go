package sqlite

import (
	"context"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"
)

// maxFaults bounds how many faults a check lists.
const maxFaults = 10

// Check looks through the whole file: whether its structure and indexes are sound, and whether every entry is what
// its hashes say. It fails with ErrCorrupt. A hundred thousand entries take about a second.
func (db *DB) Check(ctx context.Context) error {
	return db.read(ctx, new(damage), func(r *reader) error { // it tells, and changes nothing
		if err := r.c.check(); err != nil {
			return err
		}
		return r.checkEntries()
	})
}

// check asks SQLite to look through the file.
func (c *conn) check() error {
	var faults []string
	note := func(fault string) {
		if len(faults) < maxFaults {
			faults = append(faults, fault)
		}
	}
	err := c.each(fmt.Sprintf("PRAGMA integrity_check(%d)", maxFaults), func(row *sqlite.Stmt) error {
		if text := row.ColumnText(0); text != "ok" {
			note(text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each("PRAGMA foreign_key_check", func(row *sqlite.Stmt) error {
		note(fmt.Sprintf("row %d of %s names a row of %s that is not there", row.ColumnInt64(1), row.ColumnText(0), row.ColumnText(2)))
		return nil
	})
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(faults, "; "))
	}
	return nil
}

// checkEntries reads every entry, and finds each where its log has it.
func (r *reader) checkEntries() error {
	var logs []int64
	err := r.c.each("SELECT no FROM logs", func(row *sqlite.Stmt) error {
		logs = append(logs, row.ColumnInt64(0))
		return nil
	})
	if err != nil {
		return err
	}
	for _, no := range logs {
		l, err := r.logByNo(no)
		if err != nil {
			return err
		}
		if err := r.checkLog(l); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) checkLog(l *logName) error {
	record, _, err := r.record(l)
	if err != nil {
		return err
	}
	held := record.Held
	next := uint64(0) // the sequence number that has to follow, while within a range
	err = r.c.each(`SELECT e.seq, e.id, e.header, e.payload, e.signature, e.no FROM segments AS s
		JOIN entries AS e ON e.no BETWEEN s.entry AND s.entry + s.count - 1 WHERE s.log = ? ORDER BY s.first, e.no`,
		func(row *sqlite.Stmt) error {
			damaged := len(r.damage.payloads)
			v, err := r.verified(row, l)
			if err == nil && len(r.damage.payloads) > damaged {
				err = fmt.Errorf("%w: payload of entry %d of log %v", ErrCorrupt, v.Seq(), l.log)
			}
			if err != nil {
				return err
			}
			if next == 0 && len(held) > 0 {
				next = held[0].First
			}
			if v.Seq() != next {
				return fmt.Errorf("%w: log %v has entry %d in the place of %d", ErrCorrupt, l.log, v.Seq(), next)
			}
			if next++; next > held[0].Last {
				held, next = held[1:], 0
			}
			return nil
		}, l.no)
	if err == nil && len(held) > 0 {
		err = fmt.Errorf("%w: log %v lacks entries from %d on", ErrCorrupt, l.log, max(next, held[0].First))
	}
	return err
}
