package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"kith/internal/key"
)

const (
	// readers is how many transactions can read at once. More than there are processors in a small home gain
	// nothing, and each may fill its cache.
	readers = 4
	// fileMode: what is in the database is its owner's alone. The files beside it get the mode of the first.
	fileMode = 0o600
)

// Options change how a database is opened.
type Options struct {
	// Now tells the time at which entries are received. Nil is time.Now.
	Now func() time.Time
	// Check looks through the whole file before it is used, and fails with ErrCorrupt where it is damaged. It takes
	// about a second for 100 MB.
	Check bool
	// Damaged, which may be nil, is told the spaces in which damaged payloads or entries were dropped, so that they are
	// asked for again. It must neither block nor call the database.
	Damaged func([]key.SpaceID)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	path     string
	file     *os.File // for sweeping; closed last, because closing any handle of a file lets go of SQLite's locks on it
	now      func() time.Time
	onDamage func([]key.SpaceID)

	writing chan *conn // holds the one connection that writes, while nobody does
	reading chan *conn // holds those that read, while they are not reading
	closing chan struct{}
	closed  sync.Once

	checkpoints *checkpointer
	indexer     *indexer
	names       *names
	newsFor     atomic.Int64 // the number of the person whose home this is; 0 while that is not known
	// The rest belongs to who holds the writing connection.
	next int64              // the number of the next entry
	tail segment            // the segment that was written last
	hot  map[int64]*openLog // logs that were written lately, by number, as of the last commit
	// terms are the numbers of terms of the index of words that were used lately.
	terms map[string]int64
}

// Open opens the database at path, makes it if there is none, and brings it to the newest version.
func Open(ctx context.Context, path string, options Options) (_ *DB, err error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	db := &DB{
		path: path, now: options.Now, onDamage: options.Damaged, names: newNames(maxNames), hot: make(map[int64]*openLog), terms: make(map[string]int64),
		writing: make(chan *conn, 1), reading: make(chan *conn, readers), closing: make(chan struct{}),
	}
	db.indexer = newIndexer(db)
	if db.now == nil {
		db.now = time.Now
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open %s: %w", path, explain(ctx, errors.Join(err, db.abandon())))
		}
	}()
	// SQLite would make the file readable to everybody.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	db.file = f
	writer, err := openConn(path, true)
	if err != nil {
		return nil, err
	}
	db.writing <- writer
	steps, err := migrations(scripts)
	if err != nil {
		return nil, err
	}
	if err := writer.migrate(steps); err != nil {
		return nil, err
	}
	if options.Check {
		writer.SetInterrupt(ctx.Done())
		if err := writer.check(); err != nil {
			return nil, err
		}
		writer.SetInterrupt(nil)
	}
	last, err := writer.integer("SELECT max(no) FROM entries")
	if err != nil {
		return nil, err
	}
	db.next = last + 1
	if err := db.loadNewsFor(writer); err != nil {
		return nil, err
	}
	for range readers {
		c, err := openConn(path, false)
		if err != nil {
			return nil, err
		}
		db.reading <- c
	}
	if err := startCheckpointer(db); err != nil {
		return nil, err
	}
	if err := startIndexer(ctx, db); err != nil {
		return nil, errors.Join(err, db.checkpoints.stop())
	}
	return db, nil
}

// Close waits for the transactions that are under way, lets no further ones begin, writes everything into the one
// file and closes it. Calling it again does nothing.
func (db *DB) Close() error {
	var errs []error
	db.closed.Do(func() {
		close(db.closing)
		db.indexer.stop()
		errs = append(errs, db.checkpoints.stop())
		for range readers {
			errs = append(errs, (<-db.reading).Close())
		}
		writer := <-db.writing // the last to leave: it empties the write-ahead log
		errs = append(errs, writer.run("PRAGMA wal_checkpoint(TRUNCATE)"), writer.Close(), db.file.Close())
	})
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close %s: %w", db.path, explain(context.Background(), err))
	}
	return nil
}

// abandon closes the connections of a database that could not be opened.
func (db *DB) abandon() error {
	close(db.reading)
	close(db.writing)
	var errs []error
	for c := range db.reading {
		errs = append(errs, c.Close())
	}
	for c := range db.writing {
		errs = append(errs, c.Close())
	}
	if db.file != nil {
		errs = append(errs, db.file.Close())
	}
	return errors.Join(errs...)
}

// take waits for a connection.
func (db *DB) take(ctx context.Context, from chan *conn) (*conn, error) {
	select {
	case <-db.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	default:
	}
	select {
	case c := <-from:
		return c, nil
	case <-db.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
