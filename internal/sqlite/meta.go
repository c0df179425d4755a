package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"
)

// Meta reads a fact about this home or its folder; "" where it was not set.
func (db *DB) Meta(ctx context.Context, name string) (value string, err error) {
	err = db.view(ctx, func(r *reader) error {
		_, err := r.c.one("SELECT value FROM meta WHERE name = ?", func(row *sqlite.Stmt) { value = row.ColumnText(0) }, name)
		return err
	})
	return value, err
}

// SetMeta keeps a fact; "" drops it.
func (db *DB) SetMeta(ctx context.Context, name, value string) error {
	return db.update(ctx, func(tx *Tx) error {
		if value == "" {
			return tx.c.run("DELETE FROM meta WHERE name = ?", name)
		}
		return tx.c.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, value)
	})
}
