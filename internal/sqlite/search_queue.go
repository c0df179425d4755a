package sqlite

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/terms"
)

const (
	// metaTerms is by which version of the rules the index was made.
	metaTerms = "terms"
	// indexBatch is how many items are put into the index in one transaction: some 20 ms, for which writers wait.
	indexBatch = 400
	// indexQuiet is for how long nothing may have come before the index is brought up to date, and indexLatest how long it
	// waits at most. A first sync is not slowed down by it that way, and a home that always writes is searched all the same.
	indexQuiet, indexLatest = 300 * time.Millisecond, 10 * time.Second
)

// indexer brings the index of words up to date behind the writing. What it has to do is on the disk (the table
// unindexed), written with what it is about, so that a crash loses none of it. It is one goroutine, which ends with stop.
type indexer struct {
	db      *DB
	signal  chan struct{}
	waiting atomic.Bool // there may be something to do; cleared only by who holds the writing connection
	end     context.CancelFunc
	done    sync.WaitGroup
}

// startIndexer looks by which rules the index was made, and starts.
func startIndexer(ctx context.Context, db *DB) error {
	err := db.write(ctx, new(damage), func(tx *Tx) error { return tx.checkIndex() })
	if err != nil {
		return err
	}
	ctx, end := context.WithCancel(context.Background())
	x := db.indexer
	x.end = end
	x.waiting.Store(true) // a crash, or a closing, before it was done
	x.wake()
	x.done.Go(func() { x.run(ctx) })
	return nil
}

func newIndexer(db *DB) *indexer {
	return &indexer{db: db, signal: make(chan struct{}, 1), end: func() {}}
}

// checkIndex empties an index that was made by other rules, and notes everything anew.
func (tx *Tx) checkIndex() error {
	var kinds []string
	for kind := range searchable {
		kinds = append(kinds, strconv.Itoa(int(kind)))
	}
	slices.Sort(kinds)
	version := strconv.Itoa(terms.Version) + " of " + strings.Join(kinds, " ")
	var made string
	if _, err := tx.c.one("SELECT value FROM meta WHERE name = ?", func(row *sqlite.Stmt) { made = row.ColumnText(0) }, metaTerms); err != nil || made == version {
		return err
	}
	for _, step := range []string{
		"INSERT INTO postings (postings) VALUES ('delete-all')", "DELETE FROM documents", "DELETE FROM terms", "DELETE FROM unindexed",
	} {
		if err := tx.c.run(step); err != nil {
			return err
		}
	}
	for kind := range searchable {
		if err := tx.c.run("INSERT INTO unindexed (entry) SELECT entry FROM items WHERE kind = ? AND coalesce(older, 0) = 0", int64(kind)); err != nil {
			return err
		}
	}
	return tx.c.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", metaTerms, version)
}

func (x *indexer) wake() {
	select {
	case x.signal <- struct{}{}:
	default:
	}
}

func (x *indexer) stop() {
	x.end()
	x.done.Wait()
}

// run does not report errors: a disk that is full or fails now is found out by the next commit, and what is to be done
// stays noted.
func (x *indexer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.signal:
		}
		if !x.quiet(ctx) {
			return
		}
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = x.db.indexSome(ctx); err != nil {
				break
			}
		}
	}
}

// quiet waits until nothing more comes, though not for ever; false when ctx ends.
func (x *indexer) quiet(ctx context.Context) bool {
	latest := time.NewTimer(indexLatest)
	defer latest.Stop()
	for {
		quiet := time.NewTimer(indexQuiet)
		select {
		case <-ctx.Done():
			quiet.Stop()
			return false
		case <-latest.C:
			quiet.Stop()
			return true
		case <-quiet.C:
			return true
		case <-x.signal:
			quiet.Stop()
		}
	}
}

// indexSome puts a number of items into the index that are not in it as they are, those that came last first. It tells
// whether there are more.
func (db *DB) indexSome(ctx context.Context) (more bool, err error) {
	err = db.update(ctx, func(tx *Tx) error {
		var entries []int64
		err := tx.c.each("SELECT entry FROM unindexed ORDER BY entry DESC LIMIT ?", func(row *sqlite.Stmt) error {
			entries = append(entries, row.ColumnInt64(0))
			return nil
		}, int64(indexBatch))
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if err := tx.index(entry); err != nil {
				return err
			}
			if err := tx.c.run("DELETE FROM unindexed WHERE entry = ?", entry); err != nil {
				return err
			}
		}
		more = len(entries) == indexBatch
		if !more {
			tx.indexed = true
		}
		return nil
	})
	return more && err == nil, err
}

// indexes tells whether items of a kind are found by their words.
func indexes(kind content.Kind) bool { return searchable[kind] != nil }
