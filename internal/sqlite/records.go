package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"
)

// Record is a small document of a collection.
type Record struct {
	ID    string
	Value json.RawMessage
}

// PutRecord keeps a document as JSON, in place of the one with the same name.
func (tx *Tx) PutRecord(collection, id string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("sqlite: record %s/%s: %w", collection, id, err)
	}
	return tx.c.run("INSERT OR REPLACE INTO records (collection, id, value) VALUES (?, ?, ?)", collection, id, string(raw))
}

// DeleteRecord drops a document. One that is not there is no error.
func (tx *Tx) DeleteRecord(collection, id string) error {
	return tx.c.run("DELETE FROM records WHERE collection = ? AND id = ?", collection, id)
}

// Record reads a document into value, which is left alone where there is none.
func (r *reader) Record(collection, id string, value any) (bool, error) {
	var raw string
	found, err := r.c.one("SELECT value FROM records WHERE collection = ? AND id = ?",
		func(row *sqlite.Stmt) { raw = row.ColumnText(0) }, collection, id)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal([]byte(raw), value); err != nil {
		return false, fmt.Errorf("%w: record %s/%s: %w", ErrCorrupt, collection, id, err)
	}
	return true, nil
}

// Put keeps a document as JSON, in place of the one with the same name.
func (db *DB) Put(ctx context.Context, collection, id string, value any) error {
	return db.update(ctx, func(tx *Tx) error { return tx.PutRecord(collection, id, value) })
}

// Delete drops a document. One that is not there is no error.
func (db *DB) Delete(ctx context.Context, collection, id string) error {
	return db.update(ctx, func(tx *Tx) error { return tx.DeleteRecord(collection, id) })
}

// Get reads a document into value and tells whether there is one.
func (db *DB) Get(ctx context.Context, collection, id string, value any) (found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		found, err = r.Record(collection, id, value)
		return err
	})
	return found, err
}

// List reads the documents of a collection, by name.
func (db *DB) List(ctx context.Context, collection string) (list []Record, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT id, value FROM records WHERE collection = ? ORDER BY id", func(row *sqlite.Stmt) error {
			list = append(list, Record{row.ColumnText(0), json.RawMessage(row.ColumnText(1))})
			return nil
		}, collection)
	})
	return list, err
}

// Shred drops documents so that nothing is left of them on the disk: neither in free pages, nor, soon after, in the
// write-ahead log.
func (db *DB) Shred(ctx context.Context, collection string, ids ...string) error {
	return db.update(ctx, func(tx *Tx) error {
		for _, id := range ids {
			if err := tx.DeleteRecord(collection, id); err != nil {
				return err
			}
		}
		tx.scrub = true
		return nil
	})
}
