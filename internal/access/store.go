package access

import (
	"context"
	"crypto/sha256"
	"time"
)

// Hash is the SHA-256 of a secret, as it is stored: 32 bytes.
type Hash = [sha256.Size]byte

// Store keeps what has to survive a restart: the password's hash and the open sessions. The gate reads the sessions
// once, when it is made, and writes through from then on, so the store needs no index but the primary key.
//
// The rows are one text for the password, and for each session: the hash of its secret (32 bytes, primary key), the
// name the browser gave itself (text, at most 256 bytes), the name of the phone or "" (text, at most 64 bytes), and the times of its start and of its last use (both
// to the millisecond or finer).
//
// Every method that returns nil has made its change durable. Times come back as the same instant, in any location.
type Store interface {
	// Password returns the text that SetPassword was last given, or "".
	Password(ctx context.Context) (encoded string, err error)
	// SetPassword replaces the text; "" removes it.
	SetPassword(ctx context.Context, encoded string) error

	// AccessSessions calls each once for every stored session, in any order, and stops at the first error, which it
	// returns. each does not call the store.
	AccessSessions(ctx context.Context, each func(secret Hash, userAgent, phone string, created, lastSeen time.Time) error) error
	// SaveAccessSession stores a session, or replaces the one with the same hash.
	SaveAccessSession(ctx context.Context, secret Hash, userAgent, phone string, created, lastSeen time.Time) error
	// EndAccessSessions removes sessions, all in one transaction. Those that are not there are not an error.
	EndAccessSessions(ctx context.Context, secrets ...Hash) error
}
