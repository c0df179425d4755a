package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// PeerHas remembers that a peer, a device of the person, said that it durably holds pieces of logs. It gives back
// those pieces that were news, at least in part. Where nothing is news, nothing is written.
func (db *DB) PeerHas(ctx context.Context, peer key.PeerKey, person key.PersonID, pieces []replicate.Held) ([]replicate.Held, error) {
	var news []replicate.Held
	err := db.view(ctx, func(r *reader) error {
		no, err := r.c.integer("SELECT no FROM peers WHERE id = ?", peer[:])
		if err != nil {
			return err
		}
		for _, piece := range pieces {
			l, err := r.logByID(piece.Log)
			if err != nil {
				return err
			}
			if l == nil || piece.Range.First == 0 || piece.Range.Last < piece.Range.First || piece.Range.Last > oplog.MaxSeq {
				continue
			}
			known, err := r.c.integer(`SELECT last >= ?4 FROM acknowledged WHERE log = ?1 AND peer = ?2 AND first <= ?3
				ORDER BY first DESC LIMIT 1`, l.no, no, int64(piece.Range.First), int64(piece.Range.Last))
			if err != nil {
				return err
			}
			if known == 0 {
				news = append(news, piece)
			}
		}
		return nil
	})
	if err != nil || len(news) == 0 {
		return nil, err
	}
	return news, db.update(ctx, func(tx *Tx) error {
		no, err := tx.ensurePeer(peer, person)
		if err != nil {
			return err
		}
		for _, piece := range news {
			if err := tx.acknowledge(no, piece); err != nil {
				return err
			}
		}
		return nil
	})
}

// acknowledge joins a piece with the ranges that it meets or touches.
func (tx *Tx) acknowledge(peer int64, piece replicate.Held) error {
	l, err := tx.logByID(piece.Log)
	if err != nil || l == nil {
		return err
	}
	first, last := int64(piece.Range.First), int64(piece.Range.Last)
	_, err = tx.c.one("SELECT min(first), max(last) FROM acknowledged WHERE log = ? AND peer = ? AND first <= ? AND last >= ?",
		func(row *sqlite.Stmt) {
			if !row.ColumnIsNull(0) {
				first, last = min(first, row.ColumnInt64(0)), max(last, row.ColumnInt64(1))
			}
		}, l.no, peer, last+1, first-1)
	if err != nil {
		return err
	}
	if err := tx.c.run("DELETE FROM acknowledged WHERE log = ? AND peer = ? AND first BETWEEN ? AND ?", l.no, peer, first, last); err != nil {
		return err
	}
	return tx.c.run("INSERT INTO acknowledged (log, peer, first, last) VALUES (?, ?, ?, ?)", l.no, peer, first, last)
}

// Delivery tells, for each of the entries, which people said of a device of theirs that it holds it. Entries that
// nobody has are left out.
func (db *DB) Delivery(ctx context.Context, entries []oplog.EntryID) (map[oplog.EntryID][]key.PersonID, error) {
	have := make(map[oplog.EntryID][]key.PersonID)
	err := db.view(ctx, func(r *reader) error {
		for _, id := range entries {
			p, found, err := r.locate(id)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			var people []int64
			err = r.c.each(`SELECT DISTINCT p.person FROM acknowledged AS a CROSS JOIN peers AS p ON p.no = a.peer
				WHERE a.log = ? AND a.first <= ? AND a.last >= ?`, func(row *sqlite.Stmt) error {
				people = append(people, row.ColumnInt64(0))
				return nil
			}, p.log.no, int64(p.seq), int64(p.seq))
			if err != nil {
				return err
			}
			for _, no := range people {
				person, err := r.personID(no)
				if err != nil {
					return err
				}
				have[id] = append(have[id], person)
			}
		}
		return nil
	})
	return have, err
}
