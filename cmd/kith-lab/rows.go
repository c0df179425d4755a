package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/sqlite"
)

// rowsBatch is how many entries are put into the store by one transaction.
const rowsBatch = 1000

// opened is a run as the gate has it when it comes to storing: verified and decrypted.
type opened struct {
	author  key.PersonID
	entries []oplog.Verified
	items   []content.Item
}

// filled is how long the store alone took for the entries of the space.
type filled struct {
	rows     int
	took     time.Duration
	cpu      time.Duration // of the processors
	perEntry float64       // bytes on the disk
}

// rows measures how fast the store alone takes the entries of the space, the newest first, into a fresh database on
// the same disk.
func (b *built) rows(ctx context.Context) (f filled, err error) {
	runs, total, err := b.open(ctx)
	if err != nil {
		return f, err
	}
	dir := filepath.Join(filepath.Dir(b.dir), "rows")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "kith.db")
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		return f, err
	}
	start, used := time.Now(), cpuTime()
	err = fill(ctx, db, runs)
	f = filled{rows: total, took: time.Since(start), cpu: cpuTime() - used}
	if err = errors.Join(err, db.Close()); err != nil {
		return f, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return f, err
	}
	f.perEntry = float64(info.Size()) / float64(total)
	return f, nil
}

// fill puts runs into a store, by batches.
func fill(ctx context.Context, db *sqlite.DB, runs []opened) error {
	for len(runs) > 0 {
		n, size := 0, 0
		for ; n < len(runs) && size < rowsBatch; n++ {
			size += len(runs[n].entries)
		}
		if err := put(ctx, db, runs[:n]); err != nil {
			return err
		}
		runs = runs[n:]
	}
	return nil
}

// put stores runs in one transaction.
func put(ctx context.Context, db *sqlite.DB, runs []opened) error {
	return db.Update(ctx, func(tx ingest.Tx) error {
		for _, run := range runs {
			if err := tx.Append(run.author, run.entries, false); err != nil {
				return err
			}
			for i := range run.entries {
				err := tx.Project(ingest.Item{Entry: &run.entries[i], Author: run.author, Content: run.items[i]})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// open reads the posts of the space out of the source's home, which is not running.
func (b *built) open(ctx context.Context) (runs []opened, total int, err error) {
	db, err := sqlite.Open(ctx, filepath.Join(b.dir, "kith.db"), sqlite.Options{})
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var keys []*seal.Epoch
	err = db.View(ctx, func(r ingest.Reader) error {
		keys, err = r.EpochKeys(b.space)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if len(keys) != 1 {
		return nil, 0, fmt.Errorf("%d keys of the space", len(keys))
	}
	logs, err := db.Logs(ctx, b.space)
	if err != nil {
		return nil, 0, err
	}
	for _, log := range logs {
		if log.Log.Lane != oplog.Content {
			continue
		}
		list, err := db.Runs(ctx, log.Log.ID(), oplog.Range{First: 1, Last: log.Head.Seq}, 1<<30)
		if err != nil {
			return nil, 0, err
		}
		for i := range list {
			run, err := open(log.Author, &list[i], keys[0])
			if err != nil {
				return nil, 0, err
			}
			runs, total = append(runs, run), total+len(run.entries)
		}
	}
	slices.SortFunc(runs, func(a, b opened) int {
		x, y := a.entries[len(a.entries)-1].Head(), b.entries[len(b.entries)-1].Head()
		return cmp.Or(cmp.Compare(y.Lamport, x.Lamport), bytes.Compare(y.ID[:], x.ID[:]))
	})
	return runs, total, nil
}

// open verifies and decrypts a run.
func open(author key.PersonID, run *oplog.Run, epoch *seal.Epoch) (opened, error) {
	entries, err := oplog.Verify(run, oplog.EntryID{})
	if err != nil {
		return opened{}, err
	}
	o := opened{author: author, entries: entries, items: make([]content.Item, len(entries))}
	for i := range entries {
		plain, _, err := seal.OpenPayload(epoch, run.Log.Space, entries[i].Header(), entries[i].Payload())
		if err != nil {
			return opened{}, err
		}
		if o.items[i], err = content.Decode(plain); err != nil {
			return opened{}, err
		}
	}
	return o, nil
}
