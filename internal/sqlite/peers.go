package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
)

// maxAddresses bounds the addresses that are remembered of one peer: a few networks at home and away, each over two
// transports. Those that worked last stay.
const maxAddresses = 16

// PutAddress remembers that a peer was reached at an address.
func (db *DB) PutAddress(ctx context.Context, peer key.PeerKey, address string, success time.Time) error {
	return db.update(ctx, func(tx *Tx) error {
		err := tx.c.run(`INSERT INTO addresses (peer, address, success) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET success = max(success, excluded.success)`, peer[:], address, success.Unix())
		if err != nil {
			return err
		}
		return tx.c.run(`DELETE FROM addresses WHERE peer = ?1 AND address NOT IN
			(SELECT address FROM addresses WHERE peer = ?1 ORDER BY success DESC, address LIMIT ?2)`, peer[:], int64(maxAddresses))
	})
}

// Addresses lists where a peer was reached, the last one first.
func (db *DB) Addresses(ctx context.Context, peer key.PeerKey) (list []string, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT address FROM addresses WHERE peer = ? ORDER BY success DESC, address", func(row *sqlite.Stmt) error {
			list = append(list, row.ColumnText(0))
			return nil
		}, peer[:])
	})
	return list, err
}

// Seen remembers when a peer, a device of the person, was last connected.
func (db *DB) Seen(ctx context.Context, peer key.PeerKey, person key.PersonID, at time.Time) error {
	return db.update(ctx, func(tx *Tx) error {
		no, err := tx.ensurePeer(peer, person)
		if err != nil {
			return err
		}
		return tx.c.run("UPDATE peers SET seen = max(coalesce(seen, 0), ?) WHERE no = ?", at.Unix(), no)
	})
}

// LastSeen tells when any device of each of the people was last connected. Those who never were are left out.
func (db *DB) LastSeen(ctx context.Context, people []key.PersonID) (map[key.PersonID]time.Time, error) {
	seen := make(map[key.PersonID]time.Time)
	err := db.view(ctx, func(r *reader) error {
		for _, person := range people {
			no, err := r.personNo(person)
			if err != nil {
				return err
			}
			at, err := r.c.integer("SELECT max(seen) FROM peers WHERE person = ?", no)
			if err != nil {
				return err
			}
			if at > 0 {
				seen[person] = time.Unix(at, 0)
			}
		}
		return nil
	})
	return seen, err
}

// ensurePeer gives a peer a number, and takes down whose it is.
func (tx *Tx) ensurePeer(id key.PeerKey, person key.PersonID) (int64, error) {
	personNo, err := tx.ensurePerson(person)
	if err != nil {
		return 0, err
	}
	var no, owner int64
	_, err = tx.c.one("SELECT no, person FROM peers WHERE id = ?", func(row *sqlite.Stmt) {
		no, owner = row.ColumnInt64(0), row.ColumnInt64(1)
	}, id[:])
	if err != nil {
		return 0, err
	}
	if no == 0 {
		if err := tx.c.run("INSERT INTO peers (id, person) VALUES (?, ?)", id[:], personNo); err != nil {
			return 0, err
		}
		return tx.c.LastInsertRowID(), nil
	}
	if owner != personNo {
		return no, tx.c.run("UPDATE peers SET person = ? WHERE no = ?", personNo, no)
	}
	return no, nil
}
