package sqlite

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// smallCommits is after how many small transactions the write-ahead log is copied into the database file beside
	// the writing. They make some ten pages each, so that a commit rarely finds checkpointPages and has to copy
	// them itself, which takes as long as 30 commits.
	smallCommits = 64
	// smallEntries is how many entries a transaction may have to be small. Large ones are many only while a space is
	// fetched for the first time; copying beside them would be work done twice.
	smallEntries = 64
	// sweepPause is between two sweeps, be it that a reader still needs the write-ahead log, or that more was erased.
	// What is erased has to be gone from the disk within a minute.
	sweepPause = time.Second
)

// checkpointer copies the write-ahead log into the database file in the background. After an erase it empties the log,
// because the pages in it that were written before hold what was erased, and sweeps the file. It is one goroutine, which ends with stop.
type checkpointer struct {
	db     *DB
	c      *conn
	signal chan struct{}
	erased atomic.Bool // the log has to be emptied
	end    context.CancelFunc
	done   sync.WaitGroup

	commits int // small ones since the last signal; belongs to who holds the writing connection
}

func startCheckpointer(db *DB) error {
	c, err := openConn(db.path, true)
	if err != nil {
		return err
	}
	c.SetBusyTimeout(0) // whatever is in the way, there is a next time
	due, err := c.integer("SELECT count(*) FROM meta WHERE name = ?", metaSweep)
	if err != nil {
		return errors.Join(err, c.Close())
	}
	ctx, end := context.WithCancel(context.Background())
	k := &checkpointer{db: db, c: c, signal: make(chan struct{}, 1), end: end}
	k.erased.Store(due > 0) // a crash right after an erase
	k.wake()
	db.checkpoints = k // before it runs: what it writes is counted like everybody's
	k.done.Go(func() { k.run(ctx) })
	return nil
}

// committed counts a transaction.
func (k *checkpointer) committed(entries int64, erased bool) {
	if entries <= smallEntries {
		k.commits++
	}
	if erased {
		k.erased.Store(true)
	}
	if erased || k.commits >= smallCommits {
		k.commits = 0
		k.wake()
	}
}

// metaSweep is there from an erase until its sweep, whatever happens in between.
const metaSweep = "sweep-due"

// swept notes that a sweep is done, unless more was erased meanwhile.
func (k *checkpointer) swept(ctx context.Context) error {
	return k.db.write(ctx, new(damage), func(tx *Tx) error {
		if k.erased.Load() {
			return nil
		}
		return tx.c.run("DELETE FROM meta WHERE name = ?", metaSweep)
	})
}

func (k *checkpointer) wake() {
	select {
	case k.signal <- struct{}{}:
	default:
	}
}

func (k *checkpointer) stop() error {
	k.end()
	k.done.Wait()
	return k.c.Close()
}

// run does not report errors: a disk that is full or fails now is found out by the next commit, and nothing is lost.
func (k *checkpointer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.signal:
		}
		for k.erased.Load() {
			k.erased.Store(false)
			clean, err := k.db.sweep(ctx)
			if err == nil && clean {
				err = k.swept(ctx)
			}
			if err != nil || !clean {
				k.erased.Store(true)
			}
			select { // also after success: what is erased in the meantime is swept in one go
			case <-ctx.Done():
				return
			case <-time.After(sweepPause):
			}
		}
		_ = k.c.run("PRAGMA wal_checkpoint(PASSIVE)")
	}
}
