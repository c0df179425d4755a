package access

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Gate is the way into the page of one home. It must be the only one over its store.
type Gate struct {
	store Store
	now   func() time.Time
	cost  cost          // of new password hashes
	turn  chan struct{} // holds one element while somebody works with the password; taken before mu

	mu       sync.Mutex // guards what follows, and its agreement with the store
	sessions map[Hash]*session
	tokens   map[Hash]time.Time // when each outstanding one-time token expires
	pairings map[Hash]pairing   // the outstanding tokens that pair a phone
	attempts attempts
}

// Option changes how a Gate works.
type Option func(*Gate)

// WithClock makes the gate ask now for the time instead of time.Now.
func WithClock(now func() time.Time) Option {
	return func(g *Gate) { g.now = now }
}

// New reads the sessions from the store and returns the gate over them. Sessions that expired while the home was off
// are removed.
func New(ctx context.Context, store Store, options ...Option) (*Gate, error) {
	g := &Gate{
		store:    store,
		now:      time.Now,
		cost:     defaultCost,
		turn:     make(chan struct{}, 1),
		sessions: make(map[Hash]*session),
		tokens:   make(map[Hash]time.Time),
		pairings: make(map[Hash]pairing),
	}
	for _, option := range options {
		option(g)
	}
	err := store.AccessSessions(ctx, func(secret Hash, userAgent, phone string, created, lastSeen time.Time) error {
		g.sessions[secret] = &session{userAgent: userAgent, phone: phone, created: created, lastSeen: lastSeen, saved: lastSeen}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("access: reading the sessions: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.endExpired(ctx); err != nil {
		return nil, err
	}
	return g, nil
}
