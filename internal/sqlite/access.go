package sqlite

import (
	"context"
	"crypto/sha256"
	"time"

	"zombiezen.com/go/sqlite"
)

// metaPassword is the name under which the hash of the page's password is kept.
const metaPassword = "password"

// Password returns the text that SetPassword was last given, or "". This and the following methods are access.Store.
func (db *DB) Password(ctx context.Context) (string, error) { return db.Meta(ctx, metaPassword) }

// SetPassword replaces the text; "" removes it.
func (db *DB) SetPassword(ctx context.Context, encoded string) error {
	return db.SetMeta(ctx, metaPassword, encoded)
}

// AccessSessions calls each once for every stored session, in any order, and stops at the first error, which it
// returns.
func (db *DB) AccessSessions(ctx context.Context, each func(secret [sha256.Size]byte, userAgent, phone string, created, lastSeen time.Time) error) error {
	return db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT secret, user_agent, phone, created, seen FROM sessions", func(row *sqlite.Stmt) error {
			var secret [sha256.Size]byte
			if err := columnID(row, 0, secret[:]); err != nil {
				return err
			}
			return each(secret, row.ColumnText(1), row.ColumnText(2), time.UnixMilli(row.ColumnInt64(3)), time.UnixMilli(row.ColumnInt64(4)))
		})
	})
}

// SaveAccessSession stores a session, or replaces the one with the same hash.
func (db *DB) SaveAccessSession(ctx context.Context, secret [sha256.Size]byte, userAgent, phone string, created, lastSeen time.Time) error {
	return db.update(ctx, func(tx *Tx) error {
		return tx.c.run("INSERT OR REPLACE INTO sessions (secret, user_agent, phone, created, seen) VALUES (?, ?, ?, ?, ?)",
			secret[:], userAgent, phone, created.UnixMilli(), lastSeen.UnixMilli())
	})
}

// EndAccessSessions removes sessions, all in one transaction. Those that are not there are not an error.
func (db *DB) EndAccessSessions(ctx context.Context, secrets ...[sha256.Size]byte) error {
	if len(secrets) == 0 {
		return nil
	}
	return db.update(ctx, func(tx *Tx) error {
		for _, secret := range secrets {
			if err := tx.c.run("DELETE FROM sessions WHERE secret = ?", secret[:]); err != nil {
				return err
			}
		}
		return nil
	})
}
