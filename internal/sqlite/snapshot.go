package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"

	"kith/internal/blob"
)

// Snapshot writes a copy of the whole database, as it is at one moment, to a new file at path, mode 0600. Who reads and
// writes goes on meanwhile. The copy holds no free pages, so nothing of what was erased; and in it
//
//   - no browser is signed in: one that was signed out after the copy was made must not be back with it;
//   - the facts in meta have the values given, so that a home that opens the copy sees where it comes from.
//
// A file that could not be finished is removed.
func (db *DB) Snapshot(ctx context.Context, path string, meta map[string]string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode) // SQLite takes an empty file as none
	if err != nil {
		return fmt.Errorf("copy %s: %w", db.path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("copy %s: %w", db.path, explain(ctx, errors.Join(err, removeDatabase(path))))
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := db.copyTo(ctx, path); err != nil {
		return err
	}
	return changeCopy(ctx, path, meta)
}

// copyTo fills the file at path. It has a connection of its own: those of the pool are for what takes milliseconds.
func (db *DB) copyTo(ctx context.Context, path string) error {
	c, err := openConn(db.path, false)
	if err != nil {
		return err
	}
	c.SetInterrupt(ctx.Done())
	return errors.Join(c.run("VACUUM INTO ?", path), c.Close())
}

// changeCopy makes of a copy what Snapshot promises. No other connection has it open.
func changeCopy(ctx context.Context, path string, meta map[string]string) error {
	raw, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	c := &conn{Conn: raw}
	c.SetInterrupt(ctx.Done())
	change := func() error {
		for _, query := range []string{"PRAGMA secure_delete = ON", "BEGIN IMMEDIATE", "DELETE FROM sessions"} {
			if err := c.run(query); err != nil {
				return err
			}
		}
		for name, value := range meta {
			if err := c.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value); err != nil {
				return err
			}
		}
		return c.run("COMMIT")
	}
	return errors.Join(change(), c.Close())
}

// removeDatabase removes a file and what SQLite may have left beside it.
func removeDatabase(path string) error {
	var errs []error
	for _, name := range []string{path, path + "-journal", path + "-wal", path + "-shm"} {
		if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Originals calls each for every file that posts name as the original of a photo and as nothing else, and stops at the
// first error, which it returns.
func (db *DB) Originals(ctx context.Context, each func(blob.Ref) error) error {
	return db.view(ctx, func(r *reader) error {
		return r.c.each(`SELECT DISTINCT b.ref FROM files AS f JOIN blobs AS b ON b.no = f.blob WHERE f.class = 3
			AND NOT EXISTS (SELECT 1 FROM files AS g WHERE g.blob = f.blob AND g.class <> 3)`, func(row *sqlite.Stmt) error {
			var ref blob.Ref
			if err := columnID(row, 0, ref[:]); err != nil {
				return err
			}
			return each(ref)
		})
	})
}

// BlobsHere calls each for every file that is noted as here, and stops at the first error, which it returns. each does
// not call the database.
func (db *DB) BlobsHere(ctx context.Context, each func(blob.Ref) error) error {
	return db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT ref FROM blobs WHERE here <> 0", func(row *sqlite.Stmt) error {
			var ref blob.Ref
			if err := columnID(row, 0, ref[:]); err != nil {
				return err
			}
			return each(ref)
		})
	})
}
