package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// What callers can tell apart. Everything else is a fault of the disk or of this program.
var (
	// ErrFull says that the disk, or the quota on it, is full. The store is as it was before.
	ErrFull = errors.New("sqlite: no space left on the disk")
	// ErrCorrupt says that the file holds something that was not written there.
	ErrCorrupt = errors.New("sqlite: the database is damaged")
	// ErrLocked says that another program has the file open and does not let go.
	ErrLocked = errors.New("sqlite: the database is in use by another program")
	// ErrNewer says that a newer kith wrote the file.
	ErrNewer = errors.New("sqlite: the database was written by a newer version of kith")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("sqlite: closed")
)

// explain gives an error of SQLite its sentinel. Errors of others, and nil, pass as they are.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultInterrupt, sqlite.ResultError: // the latter where the index of words was interrupted while it was set up
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
	case sqlite.ResultFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return fmt.Errorf("%w: %w", ErrLocked, err)
	case sqlite.ResultIOErr:
		// The shared-memory file beside the database cannot grow: SQLite has no code of its own for that.
		if sqlite.ErrCode(err) == sqlite.ResultIOErrSHMSize {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return err
}
