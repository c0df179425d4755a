package sqlite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"zombiezen.com/go/sqlite"
)

// SQLite overwrites what is deleted (secure_delete), but not what it copies: where rows move between the pages of a
// table, because one is split or two are joined, their bytes stay in the unallocated space of the page where they were,
// and an erase later overwrites only the row. A sweep overwrites that space with zeros, in the file itself. It changes
// nothing that SQLite ever reads. The format is told in "Database File Format" (sqlite.org/fileformat2.html), section
// 1.6: a page of a b-tree begins with its type (1 B), the first free block (2 B), the number of cells (2 B), the
// beginning of the cells (2 B, 0 for 65,536), a count of fragments (1 B), and in an inner page another page's number
// (4 B). Then comes an array of cell pointers (2 B each), and between that and the cells the unallocated space.

const (
	// sweepChunk, in bytes, is how much of the file is looked through while writers wait: some 30 ms, if the system has
	// it in memory.
	sweepChunk = 32 << 20
	// firstPage is the length of the file's header, with which the first page begins.
	firstPage = 100
	// sweepLimit, in bytes, is well below the size from which on a page of another kind could look like one of a b-tree:
	// those begin with a page number, whose first byte is zero in any smaller file.
	sweepLimit = 1 << 36
)

// errBusy says that somebody else is writing or reading, and a sweep has to wait.
var errBusy = errors.New("sqlite: the file is in use")

// sweep overwrites the unallocated space of all pages. It reports false where a reader is in the way.
func (db *DB) sweep(ctx context.Context) (clean bool, err error) {
	for at := int64(0); ; at += sweepChunk {
		more, err := db.sweepChunk(ctx, at)
		if errors.Is(err, errBusy) {
			return false, nil
		}
		if err != nil || !more {
			return err == nil, explain(ctx, err)
		}
	}
}

// sweepChunk sweeps one part of the file, while nobody writes and the write-ahead log is empty. It tells whether there
// is more.
func (db *DB) sweepChunk(ctx context.Context, at int64) (more bool, err error) {
	c, err := db.take(ctx, db.writing)
	if err != nil {
		return false, err
	}
	defer func() { db.writing <- c }()
	if err := c.emptyLog(); err != nil {
		return false, err
	}
	// Other programs cannot write either.
	if err := c.run("BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	if wal, statErr := os.Stat(db.path + "-wal"); statErr != nil || wal.Size() > 0 {
		err = errBusy
	} else {
		more, err = db.sweepPages(c, at)
	}
	// What this connection remembers of the pages must not come back with its next write.
	return more, errors.Join(err, c.rollback(), c.run("PRAGMA shrink_memory"))
}

// emptyLog copies the write-ahead log into the file and cuts it to nothing; errBusy where a reader is in the way.
func (c *conn) emptyLog() error {
	c.SetBusyTimeout(0) // writers wait behind this one
	defer c.SetBusyTimeout(busyTimeout)
	clean := false
	_, err := c.one("PRAGMA wal_checkpoint(TRUNCATE)", func(row *sqlite.Stmt) { clean = row.ColumnInt64(0) == 0 })
	if err == nil && !clean {
		err = errBusy
	}
	return err
}

// sweepPages does it.
func (db *DB) sweepPages(c *conn, at int64) (more bool, err error) {
	page, err := c.integer("PRAGMA page_size")
	if err != nil {
		return false, err
	}
	pages, err := c.integer("PRAGMA page_count")
	if err != nil {
		return false, err
	}
	vacuum, err := c.integer("PRAGMA auto_vacuum")
	if err != nil || vacuum != 0 || pages*page > sweepLimit {
		return false, err // there are pages of kinds that look like one another; this program makes no such file
	}
	end := min(at+sweepChunk, pages*page)
	if at >= end {
		return false, nil
	}
	chunk := make([]byte, end-at)
	if _, err := io.ReadFull(io.NewSectionReader(db.file, at, end-at), chunk); err != nil {
		return false, err
	}
	zeros := make([]byte, page)
	swept := false
	for i := int64(0); i+page <= int64(len(chunk)); i += page {
		header := int64(0)
		if at+i == 0 {
			header = firstPage
		}
		from, to := unallocated(chunk[i:i+page], int(header))
		if from >= to || allZero(chunk[i+int64(from):i+int64(to)]) {
			continue
		}
		swept = true
		if _, err := db.file.WriteAt(zeros[:to-from], at+i+int64(from)); err != nil {
			return false, err
		}
	}
	if swept {
		if err := db.file.Sync(); err != nil {
			return false, fmt.Errorf("sweep: %w", err)
		}
	}
	return end < pages*page, nil
}

// unallocated finds the unallocated space of a page; nothing in a page that is not of a b-tree, or not sound.
func unallocated(page []byte, header int) (from, to int) {
	length := 8
	switch page[header] {
	case 2, 5: // inner pages
		length = 12
	case 10, 13: // leaves
	default:
		return 0, 0
	}
	cells := int(binary.BigEndian.Uint16(page[header+3:]))
	to = int(binary.BigEndian.Uint16(page[header+5:]))
	if to == 0 {
		to = 1 << 16
	}
	from = header + length + 2*cells
	if from > to || to > len(page) {
		return 0, 0
	}
	return from, to
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
