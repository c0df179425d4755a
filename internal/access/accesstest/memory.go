package accesstest

import (
	"context"
	"sync"
	"time"

	"kith/internal/access"
)

// Memory is an access.Store that forgets everything when the program ends. The zero value is ready to use.
type Memory struct {
	mu       sync.Mutex
	password string
	sessions map[access.Hash]row
}

type row struct {
	userAgent, phone  string
	created, lastSeen time.Time
}

var _ access.Store = (*Memory)(nil)

// Password returns the text that SetPassword was last given, or "".
func (m *Memory) Password(ctx context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.password, ctx.Err()
}

// SetPassword replaces the text.
func (m *Memory) SetPassword(ctx context.Context, encoded string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.password = encoded
	return nil
}

// AccessSessions calls each for every session.
func (m *Memory) AccessSessions(ctx context.Context, each func(access.Hash, string, string, time.Time, time.Time) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for secret, r := range m.sessions {
		if err := each(secret, r.userAgent, r.phone, r.created, r.lastSeen); err != nil {
			return err
		}
	}
	return nil
}

// SaveAccessSession stores or replaces a session.
func (m *Memory) SaveAccessSession(ctx context.Context, secret access.Hash, userAgent, phone string, created, lastSeen time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.sessions == nil {
		m.sessions = make(map[access.Hash]row)
	}
	m.sessions[secret] = row{userAgent, phone, created, lastSeen}
	return nil
}

// EndAccessSessions removes sessions.
func (m *Memory) EndAccessSessions(ctx context.Context, secrets ...access.Hash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, secret := range secrets {
		delete(m.sessions, secret)
	}
	return nil
}
