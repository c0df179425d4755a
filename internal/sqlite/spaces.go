package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// Space is what this home knows of a space beside its entries.
type Space struct {
	ID          key.SpaceID
	Kind        space.Kind   // 0 while it is not known
	Owner       key.PersonID // zero while it is not known
	AwaitedFrom key.PersonID // who is to hand us the space; zero once it is here
	Joined      time.Time    // zero: not set
	Ended       time.Time    // when it was left or closed; zero: neither
}

// PutSpace keeps what is known of a space, in place of what was.
func (tx *Tx) PutSpace(s Space) error {
	no, err := tx.ensureSpace(s.ID)
	if err != nil {
		return err
	}
	owner, err := tx.personOrNull(s.Owner)
	if err != nil {
		return err
	}
	awaited, err := tx.personOrNull(s.AwaitedFrom)
	if err != nil {
		return err
	}
	return tx.c.run("UPDATE spaces SET listed = 1, kind = ?, owner = ?, awaited = ?, joined = ?, ended = ? WHERE no = ?",
		int64(s.Kind), owner, awaited, secondsOrNull(s.Joined), secondsOrNull(s.Ended), no)
}

// HoldSpace notes that a space is here, in place of the wait for it.
func (tx *Tx) HoldSpace(id key.SpaceID, kind space.Kind, owner key.PersonID) error {
	return tx.PutSpace(Space{ID: id, Kind: kind, Owner: owner, Joined: tx.db.now()})
}

// AwaitSpace notes that a person is to hand us a space. One that is here, and for which nobody is waited any more,
// stays as it is.
func (tx *Tx) AwaitSpace(id key.SpaceID, from key.PersonID) error {
	held, err := tx.c.integer("SELECT count(*) FROM spaces WHERE id = ? AND listed = 1 AND awaited IS NULL", id[:])
	if err != nil || held > 0 {
		return err
	}
	return tx.PutSpace(Space{ID: id, AwaitedFrom: from})
}

// DropSpace takes a space off the list. Its entries stay.
func (tx *Tx) DropSpace(id key.SpaceID) error {
	return tx.c.run("UPDATE spaces SET listed = 0, kind = 0, owner = NULL, awaited = NULL, joined = NULL, ended = NULL WHERE id = ?", id[:])
}

func (tx *Tx) personOrNull(id key.PersonID) (any, error) {
	if id.IsZero() {
		return nil, nil
	}
	return tx.ensurePerson(id)
}

func secondsOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// seconds reads what secondsOrNull wrote.
func seconds(row *sqlite.Stmt, col int) time.Time {
	if row.ColumnIsNull(col) {
		return time.Time{}
	}
	return time.Unix(row.ColumnInt64(col), 0)
}

// PutSpace keeps what is known of a space, in place of what was.
func (db *DB) PutSpace(ctx context.Context, s Space) error {
	return db.update(ctx, func(tx *Tx) error { return tx.PutSpace(s) })
}

// DropSpace takes a space off the list. Its entries stay.
func (db *DB) DropSpace(ctx context.Context, id key.SpaceID) error {
	return db.update(ctx, func(tx *Tx) error { return tx.DropSpace(id) })
}

const spaceColumns = `SELECT s.id, s.kind, s.joined, s.ended, o.id, a.id FROM spaces AS s
	LEFT JOIN people AS o ON o.no = s.owner LEFT JOIN people AS a ON a.no = s.awaited `

// scanSpace reads spaceColumns.
func scanSpace(row *sqlite.Stmt) (s Space, err error) {
	s.Kind, s.Joined, s.Ended = space.Kind(row.ColumnInt64(1)), seconds(row, 2), seconds(row, 3)
	for _, person := range []struct {
		col int
		id  []byte
	}{{4, s.Owner[:]}, {5, s.AwaitedFrom[:]}} {
		if !row.ColumnIsNull(person.col) && err == nil {
			err = columnID(row, person.col, person.id)
		}
	}
	if err == nil {
		err = columnID(row, 0, s.ID[:])
	}
	return s, err
}

// Spaces lists the spaces that were put, in the order in which they were first heard of.
func (db *DB) Spaces(ctx context.Context) (list []Space, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each(spaceColumns+"WHERE s.listed = 1 ORDER BY s.no", func(row *sqlite.Stmt) error {
			s, err := scanSpace(row)
			list = append(list, s)
			return err
		})
	})
	return list, err
}

// Space reads one space; false where it was not put.
func (db *DB) Space(ctx context.Context, id key.SpaceID) (s Space, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		var bad error
		found, err = r.c.one(spaceColumns+"WHERE s.listed = 1 AND s.id = ?", func(row *sqlite.Stmt) { s, bad = scanSpace(row) }, id[:])
		if err == nil {
			err = bad
		}
		return err
	})
	return s, found, err
}

// Identities lists the people whose identity logs are here.
func (db *DB) Identities(ctx context.Context) (list []key.PersonID, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT id FROM spaces WHERE identity = 1 ORDER BY no", func(row *sqlite.Stmt) error {
			var id key.PersonID
			err := columnID(row, 0, id[:])
			list = append(list, id)
			return err
		})
	})
	return list, err
}

// OwnLog is the log that our device writes at present in a lane of the space.
func (r *reader) OwnLog(id key.SpaceID, lane oplog.Lane) (oplog.Log, bool, error) {
	log := oplog.Log{Space: id, Lane: lane}
	no, err := r.spaceNo(id)
	if err != nil || no == 0 {
		return oplog.Log{}, false, err
	}
	var bad error
	found, err := r.c.one("SELECT device, incarnation FROM own_logs WHERE space = ? AND lane = ?", func(row *sqlite.Stmt) {
		if bad = columnID(row, 0, log.Device[:]); bad == nil {
			bad = columnID(row, 1, log.Incarnation[:])
		}
	}, no, int64(lane))
	if err == nil {
		err = bad
	}
	if err != nil || !found {
		return oplog.Log{}, false, err
	}
	return log, true, nil
}

// SetOwnLog remembers the log that our device writes from now on in its lane of its space.
func (tx *Tx) SetOwnLog(log oplog.Log) error {
	no, err := tx.ensureSpace(log.Space)
	if err != nil {
		return err
	}
	return tx.c.run("INSERT OR REPLACE INTO own_logs (space, lane, device, incarnation) VALUES (?, ?, ?, ?)",
		no, int64(log.Lane), log.Device[:], log.Incarnation[:])
}

// DropOwnLog makes our next write in the lane of the space begin a new log.
func (tx *Tx) DropOwnLog(id key.SpaceID, lane oplog.Lane) error {
	no, err := tx.spaceNo(id)
	if err != nil || no == 0 {
		return err
	}
	return tx.c.run("DELETE FROM own_logs WHERE space = ? AND lane = ?", no, int64(lane))
}

// ForgetOwnLogs makes every log of ours begin anew at its next write: the folder was restored or copied.
func (db *DB) ForgetOwnLogs(ctx context.Context) error {
	return db.update(ctx, func(tx *Tx) error { return tx.c.run("DELETE FROM own_logs") })
}
