package sqlite

import (
	"context"
	"errors"

	"kith/internal/ingest"
	"kith/internal/key"
)

var (
	_ ingest.Store  = (*DB)(nil)
	_ ingest.Reader = (*reader)(nil)
	_ ingest.Tx     = (*Tx)(nil)
)

// reader reads in one transaction of one connection.
type reader struct {
	db    *DB
	c     *conn
	fresh *names // named in this transaction and not committed
	// damage gathers what is found to be not as it was stored.
	damage *damage
}

// Tx is the transaction that Update hands out. Besides what ingest.Tx asks for it writes what has to change in the
// same step: records, blobs and spaces. It must not be used after the function that it was handed to.
type Tx struct {
	reader
	received int64 // now, in seconds since 1970
	open     map[int64]*openLog
	lamport  map[int64]uint64 // by space: the greatest that was appended
	next     int64            // the number of the next entry
	tail     segment
	epoch    epochName      // the one that was looked up last
	erased   map[int64]bool // entries that this transaction erased, or appended as erased
	scrub    bool           // something was erased that the write-ahead log still has

	uses      map[int64]int64 // by how much the uses of terms changed
	freed     map[int64]bool  // documents that were taken out of the index
	unindexed bool            // there is something to put into the index
	indexed   bool            // there is nothing more to put into the index
}

// Update runs do in a transaction that writes. When it returns nil, everything that do wrote is on the disk for
// good; after an error, or a panic of do, nothing is. do must not call methods of the DB that write.
func (db *DB) Update(ctx context.Context, do func(ingest.Tx) error) error {
	return db.update(ctx, func(tx *Tx) error { return do(tx) })
}

// View runs do in a transaction that reads, and sees one moment of the store. do must not call methods of the DB:
// it holds one of a few connections, and would wait for another.
func (db *DB) View(ctx context.Context, do func(ingest.Reader) error) error {
	return db.view(ctx, func(r *reader) error { return do(r) })
}

func (db *DB) update(ctx context.Context, do func(*Tx) error) error {
	var found damage
	err := db.write(ctx, &found, do)
	db.heal(ctx, &found)
	return err
}

// write is update without what follows from damage that it finds.
func (db *DB) write(ctx context.Context, found *damage, do func(*Tx) error) (err error) {
	c, err := db.take(ctx, db.writing)
	if err != nil {
		return err
	}
	tx := &Tx{
		reader: reader{db, c, newNames(0), found}, received: db.now().Unix(), open: make(map[int64]*openLog),
		lamport: make(map[int64]uint64), erased: make(map[int64]bool), next: db.next, tail: db.tail,
	}
	committed := false
	defer func() {
		if !committed {
			clear(db.terms) // what this transaction named was not named
			err = explain(ctx, errors.Join(err, c.rollback()))
		}
		db.writing <- db.mend(c, true)
	}()
	if err := c.begin(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return err
	}
	if err := tx.flush(); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	c.SetInterrupt(nil) // from here on it is all or nothing, and the caller has to know which
	if err := c.run("COMMIT"); err != nil {
		return err
	}
	committed = true
	tx.adopt()
	return nil
}

func (db *DB) view(ctx context.Context, do func(*reader) error) error {
	var found damage
	err := db.read(ctx, &found, do)
	db.heal(ctx, &found)
	return err
}

// read is view without what follows from damage that it finds.
func (db *DB) read(ctx context.Context, found *damage, do func(*reader) error) (err error) {
	c, err := db.take(ctx, db.reading)
	if err != nil {
		return err
	}
	defer func() {
		err = explain(ctx, errors.Join(err, c.rollback()))
		db.reading <- db.mend(c, false)
	}()
	if err := c.begin(ctx, "BEGIN"); err != nil {
		return err
	}
	return do(&reader{db, c, noNames, found})
}

// flush writes what the transaction has kept back, because it would change with every entry.
func (tx *Tx) flush() error {
	for _, l := range tx.open {
		if err := tx.flushLog(l); err != nil {
			return err
		}
	}
	if err := tx.flushTerms(); err != nil {
		return err
	}
	if tx.scrub {
		if err := tx.c.run("INSERT OR IGNORE INTO meta (name, value) VALUES (?, '')", metaSweep); err != nil {
			return err
		}
	}
	for space, lamport := range tx.lamport {
		if err := tx.c.run("UPDATE spaces SET lamport = max(lamport, ?) WHERE no = ?", int64(lamport), space); err != nil {
			return err
		}
	}
	return nil
}

// adopt takes over into memory what is now committed.
func (tx *Tx) adopt() {
	db := tx.db
	db.names.adopt(tx.fresh)
	db.checkpoints.committed(tx.next-db.next, tx.scrub)
	db.next, db.tail = tx.next, tx.tail
	if tx.indexed {
		db.indexer.waiting.Store(false)
	}
	if tx.unindexed {
		db.indexer.waiting.Store(true)
		db.indexer.wake()
	}
	for no, l := range tx.open {
		if len(db.hot) >= maxHot {
			clear(db.hot)
		}
		if len(l.held) <= maxHotRanges {
			l.segments = nil
			db.hot[no] = l
		}
	}
}

// Lamport is the greatest Lamport time of any entry held of the space.
func (r *reader) Lamport(space key.SpaceID) (uint64, error) {
	n, err := r.c.integer("SELECT lamport FROM spaces WHERE id = ?", space[:])
	return uint64(n), err
}

// Lamport counts in what this transaction appended.
func (tx *Tx) Lamport(space key.SpaceID) (uint64, error) {
	stored, err := tx.reader.Lamport(space)
	if err != nil {
		return 0, err
	}
	no, err := tx.spaceNo(space)
	return max(stored, tx.lamport[no]), err
}
