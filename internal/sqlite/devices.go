package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
)

// LogsOf lists the logs that a device writes or wrote, in all spaces.
func (r *reader) LogsOf(device key.DeviceID) (list []oplog.Log, err error) {
	var numbers []int64
	err = r.c.each("SELECT no FROM logs WHERE device = ? ORDER BY no", func(row *sqlite.Stmt) error {
		numbers = append(numbers, row.ColumnInt64(0))
		return nil
	}, device[:])
	if err != nil {
		return nil, err
	}
	for _, no := range numbers {
		l, err := r.logByNo(no)
		if err != nil {
			return nil, err
		}
		list = append(list, l.log)
	}
	return list, nil
}

// PeersSeen tells when each device of a person was last connected to this one.
func (db *DB) PeersSeen(ctx context.Context, person key.PersonID) (map[key.PeerKey]time.Time, error) {
	seen := make(map[key.PeerKey]time.Time)
	err := db.view(ctx, func(r *reader) error {
		no, err := r.personNo(person)
		if err != nil {
			return err
		}
		return r.c.each("SELECT id, seen FROM peers WHERE person = ? AND seen IS NOT NULL", func(row *sqlite.Stmt) error {
			var id key.PeerKey
			if err := columnID(row, 0, id[:]); err != nil {
				return err
			}
			seen[id] = time.Unix(row.ColumnInt64(1), 0)
			return nil
		}, no)
	})
	return seen, err
}

// AwaitSpace notes that a person is to hand us a space, unless it is here already.
func (db *DB) AwaitSpace(ctx context.Context, id key.SpaceID, from key.PersonID) error {
	return db.update(ctx, func(tx *Tx) error { return tx.AwaitSpace(id, from) })
}
