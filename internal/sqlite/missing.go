package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// MissingPayloads lists what is held of the spaces without its payload although nobody erased it: it never came, or was
// damaged here. At most limit entries, as ranges in the order of their logs.
func (db *DB) MissingPayloads(ctx context.Context, limit int, spaces ...key.SpaceID) (wants []replicate.Want, err error) {
	err = db.view(ctx, func(r *reader) error {
		// Nearly always nothing is missing anywhere, and that is one look at an empty index.
		any, err := r.c.integer("SELECT 1 FROM entries WHERE payload IS NULL AND erased = 0 LIMIT 1")
		if err != nil || any == 0 {
			return err
		}
		for _, space := range spaces {
			if err := r.missing(space, limit, &wants); err != nil {
				return err
			}
		}
		return nil
	})
	return wants, err
}

func (r *reader) missing(space key.SpaceID, limit int, wants *[]replicate.Want) error {
	no, err := r.spaceNo(space)
	if err != nil || no == 0 {
		return err
	}
	type place struct {
		log int64
		seq uint64
	}
	var places []place
	err = r.c.each(`SELECT e.log, e.seq FROM logs AS l CROSS JOIN entries AS e ON e.log = l.no
		WHERE l.space = ? AND e.payload IS NULL AND e.erased = 0 ORDER BY e.log, e.seq LIMIT ?`, func(row *sqlite.Stmt) error {
		places = append(places, place{row.ColumnInt64(0), uint64(row.ColumnInt64(1))})
		return nil
	}, no, int64(limit))
	if err != nil {
		return err
	}
	for i, p := range places {
		if i > 0 && places[i-1].log == p.log && places[i-1].seq+1 == p.seq {
			(*wants)[len(*wants)-1].Range.Last = p.seq
			continue
		}
		l, err := r.logByNo(p.log)
		if err != nil {
			return err
		}
		*wants = append(*wants, replicate.Want{Log: l.log, Range: oplog.Range{First: p.seq, Last: p.seq}})
	}
	return nil
}

// LackingSpaces lists the spaces, and the people's identity spaces, in which a payload is missing.
func (db *DB) LackingSpaces(ctx context.Context) (spaces []key.SpaceID, err error) {
	err = db.view(ctx, func(r *reader) error {
		var numbers []int64
		err := r.c.each(`SELECT DISTINCT l.space FROM entries AS e JOIN logs AS l ON l.no = e.log
			WHERE e.payload IS NULL AND e.erased = 0`, func(row *sqlite.Stmt) error {
			numbers = append(numbers, row.ColumnInt64(0))
			return nil
		})
		for _, no := range numbers {
			if err != nil {
				return err
			}
			var id key.SpaceID
			id, err = r.spaceID(no)
			spaces = append(spaces, id)
		}
		return err
	})
	return spaces, err
}

// Fill puts the payload to an entry that is held without. It reports false where there is nothing to do: the
// payload is here, or was erased. A locked entry waits for its key.
func (tx *Tx) Fill(entry oplog.Verified, locked bool) (bool, error) {
	p, found, err := tx.locate(entry.ID())
	if err != nil || !found || entry.Payload() == nil {
		return false, err
	}
	if err := tx.dropDamaged(p.no, new([]key.SpaceID)); err != nil {
		return false, err
	}
	if err := tx.c.run("UPDATE entries SET payload = ? WHERE no = ? AND payload IS NULL AND erased = 0", entry.Payload(), p.no); err != nil {
		return false, err
	}
	if tx.c.Changes() == 0 {
		return false, nil
	}
	if locked {
		return true, tx.lock(p.log.space, entry.Header().Epoch, p.no)
	}
	return true, nil
}
