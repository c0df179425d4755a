package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// epochName is an epoch and its number.
type epochName struct {
	no, space int64
	id        oplog.EpochID
}

// ensureEpoch gives an epoch a number.
func (tx *Tx) ensureEpoch(space int64, id oplog.EpochID) (int64, error) {
	if e := tx.epoch; e.no != 0 && e.space == space && e.id == id {
		return e.no, nil
	}
	no, err := tx.c.integer("SELECT no FROM epochs WHERE space = ? AND id = ?", space, id[:])
	if err != nil {
		return 0, err
	}
	if no == 0 {
		if err := tx.c.run("INSERT INTO epochs (space, id) VALUES (?, ?)", space, id[:]); err != nil {
			return 0, err
		}
		no = tx.c.LastInsertRowID()
	}
	tx.epoch = epochName{no, space, id}
	return no, nil
}

// lock remembers that an entry waits for a key.
func (tx *Tx) lock(space int64, id oplog.EpochID, entry int64) error {
	epoch, err := tx.ensureEpoch(space, id)
	if err != nil {
		return err
	}
	return tx.c.run("INSERT OR IGNORE INTO locked (epoch, entry) VALUES (?, ?)", epoch, entry)
}

// EpochKeys gives the keys held of the space.
func (r *reader) EpochKeys(space key.SpaceID) (keys []*seal.Epoch, err error) {
	no, err := r.spaceNo(space)
	if err != nil || no == 0 {
		return nil, err
	}
	err = r.c.each("SELECT id, secrets FROM epochs WHERE space = ? AND secrets IS NOT NULL", func(row *sqlite.Stmt) error {
		var id oplog.EpochID
		if err := columnID(row, 0, id[:]); err != nil {
			return err
		}
		e, err := seal.FromSecrets(id, columnBytes(row, 1))
		if err != nil {
			return fmt.Errorf("%w: epoch %v: %w", ErrCorrupt, id, err)
		}
		keys = append(keys, e)
		return nil
	}, no)
	return keys, err
}

// PutEpochKey keeps a key. One with history replaces one without.
func (tx *Tx) PutEpochKey(space key.SpaceID, epoch *seal.Epoch) error {
	spaceNo, err := tx.ensureSpace(space)
	if err != nil {
		return err
	}
	no, err := tx.ensureEpoch(spaceNo, epoch.ID())
	if err != nil {
		return err
	}
	secrets := epoch.Secrets()
	return tx.c.run("UPDATE epochs SET secrets = ?1 WHERE no = ?2 AND (secrets IS NULL OR length(secrets) < length(?1))", secrets, no)
}

// Unlock gives up to limit entries that are locked under the epoch, in the order in which they came, and marks them
// as unlocked.
func (tx *Tx) Unlock(space key.SpaceID, epoch oplog.EpochID, limit int) ([]ingest.Locked, error) {
	spaceNo, err := tx.spaceNo(space)
	if err != nil || spaceNo == 0 {
		return nil, err
	}
	epochNo, err := tx.c.integer("SELECT no FROM epochs WHERE space = ? AND id = ?", spaceNo, epoch[:])
	if err != nil || epochNo == 0 {
		return nil, err
	}
	type waiting struct{ entry, log int64 }
	var list []waiting
	err = tx.c.each(`SELECT l.entry, e.log FROM locked AS l JOIN entries AS e ON e.no = l.entry
		WHERE l.epoch = ? ORDER BY l.entry LIMIT ?`, func(row *sqlite.Stmt) error {
		list = append(list, waiting{row.ColumnInt64(0), row.ColumnInt64(1)})
		return nil
	}, epochNo, int64(limit))
	if err != nil {
		return nil, err
	}
	unlocked := make([]ingest.Locked, 0, len(list))
	for _, w := range list {
		l, err := tx.logByNo(w.log)
		if err != nil {
			return nil, err
		}
		v, err := tx.entry(w.entry, l)
		if err != nil {
			return nil, err
		}
		unlocked = append(unlocked, ingest.Locked{Entry: v, Author: l.person})
		if err := tx.c.run("DELETE FROM locked WHERE epoch = ? AND entry = ?", epochNo, w.entry); err != nil {
			return nil, err
		}
	}
	return unlocked, nil
}
