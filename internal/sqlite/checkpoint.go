package sqlite

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// smallCommits is after how many small transactions the write-ahead log is copied into the database file beside
	// the writing. They make some ten pages each, so that a commit rarely finds checkpointPages and has to copy
	// them itself, which takes as long as 30 commits.
	smallCommits = 64
	// smallEntries is how many entries a transaction may have to be small. Large ones are many only while a space is
	// fetched for the first time; copying beside them would be work done twice.
	smallEntries = 64
	// scrubPause is how long to wait for a reader that still needs the write-ahead log. What is erased has to be
	// gone from the disk within a minute.
	scrubPause = time.Second
)

// checkpointer copies the write-ahead log into the database file in the background, and empties it after an erase:
// the pages in it that were written before hold what was erased. It is one goroutine, which ends with stop.
type checkpointer struct {
	db     *DB
	c      *conn
	signal chan struct{}
	erased atomic.Bool // the log has to be emptied
	end    context.CancelFunc
	done   sync.WaitGroup

	commits int // small ones since the last signal; belongs to who holds the writing connection
}

func startCheckpointer(db *DB) (*checkpointer, error) {
	c, err := openConn(db.path, true)
	if err != nil {
		return nil, err
	}
	c.SetBusyTimeout(0) // whatever is in the way, there is a next time
	ctx, end := context.WithCancel(context.Background())
	k := &checkpointer{db: db, c: c, signal: make(chan struct{}, 1), end: end}
	k.erased.Store(true) // there may have been a crash right after an erase
	k.wake()
	k.done.Go(func() { k.run(ctx) })
	return k, nil
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
			if clean, err := k.db.scrub(ctx); clean && err == nil {
				break
			}
			k.erased.Store(true)
			select {
			case <-ctx.Done():
				return
			case <-time.After(scrubPause):
			}
		}
		_ = k.c.run("PRAGMA wal_checkpoint(PASSIVE)")
	}
}

// scrub copies the write-ahead log into the database file and cuts it to nothing, while nobody writes. It reports
// false where a reader is in the way.
func (db *DB) scrub(ctx context.Context) (clean bool, err error) {
	c, err := db.take(ctx, db.writing)
	if err != nil {
		return false, err
	}
	defer func() { db.writing <- c }()
	c.SetBusyTimeout(0) // writers wait behind this one
	defer c.SetBusyTimeout(busyTimeout)
	_, err = c.one("PRAGMA wal_checkpoint(TRUNCATE)", func(row *sqlite.Stmt) { clean = row.ColumnInt64(0) == 0 })
	return clean, explain(ctx, err)
}
