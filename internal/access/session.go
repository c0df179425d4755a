package access

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// SessionLife is how long a session lasts after its last use. A browser that comes by every few months stays
	// signed in; a forgotten one does not stay for ever.
	SessionLife = 90 * 24 * time.Hour

	// MaxSessions bounds the sessions of a home. Nobody has that many browsers; the limit keeps a program
	// that signs in over and over from filling the database. The one that was used least recently makes room.
	MaxSessions = 100

	// MaxUserAgent is how many bytes of a browser's own name are kept, enough to tell one's browsers apart.
	MaxUserAgent = 256

	// saveEvery is how far the stored time of the last use may fall behind, so that reading a page does not write
	// to the disk each time.
	saveEvery = time.Hour
)

// Session is a signed-in browser as its owner sees it.
type Session struct {
	ID        string    // names the session in End and EndAll; 32 hexadecimal digits, opens nothing
	UserAgent string    // what the browser calls itself; text from outside, at most MaxUserAgent bytes
	Phone     string    // the name of the paired phone, at most MaxPhoneName bytes; "": a browser on the home's computer
	Created   time.Time // when it signed in
	LastSeen  time.Time // when it was last used
}

// session is what the gate holds of a Session.
type session struct {
	userAgent string
	phone     string
	created   time.Time
	lastSeen  time.Time
	saved     time.Time // lastSeen as the store has it
}

func (s *session) expired(now time.Time) bool {
	return now.Sub(s.lastSeen) >= SessionLife
}

func (s *session) view(secret Hash) Session {
	return Session{ID: sessionID(secret), UserAgent: s.userAgent, Phone: s.phone, Created: s.created, LastSeen: s.lastSeen}
}

// sessionID names a session by the first 16 bytes of its hash. Nobody gets from there to the secret.
func sessionID(secret Hash) string { return hex.EncodeToString(secret[:16]) }

// Check returns the session with this secret and marks it as used now, or returns ErrNoSession.
func (g *Gate) Check(ctx context.Context, secret string) (Session, error) {
	hash := hashSecret(secret)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	s, ok := g.sessions[hash]
	if !ok {
		return Session{}, ErrNoSession
	}
	if s.expired(now) {
		if err := g.end(ctx, hash); err != nil {
			return Session{}, err
		}
		return Session{}, ErrNoSession
	}
	if now.After(s.lastSeen) {
		s.lastSeen = now
	}
	if s.lastSeen.Sub(s.saved) >= saveEvery {
		// A full disk must not close the page to its owner. While saving fails, every use tries again, and if the
		// home is stopped before one succeeds, the session ends earlier than it would have.
		if g.store.SaveAccessSession(ctx, hash, s.userAgent, s.phone, s.created, s.lastSeen) == nil {
			s.saved = s.lastSeen
		}
	}
	return s.view(hash), nil
}

// Sessions returns the sessions that are open, the most recently used first.
func (g *Gate) Sessions(ctx context.Context) ([]Session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.endExpired(ctx); err != nil {
		return nil, err
	}
	sessions := make([]Session, 0, len(g.sessions))
	for secret, s := range g.sessions {
		sessions = append(sessions, s.view(secret))
	}
	slices.SortFunc(sessions, func(a, b Session) int {
		return cmp.Or(b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.ID, b.ID))
	})
	return sessions, nil
}

// End ends the session with this ID, or returns ErrNoSession.
func (g *Gate) End(ctx context.Context, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for secret := range g.sessions {
		if sessionID(secret) == id {
			return g.end(ctx, secret)
		}
	}
	return ErrNoSession
}

// EndAll ends every session but the one with the ID except, which may be "". Outstanding one-time tokens end with them.
func (g *Gate) EndAll(ctx context.Context, except string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.endAll(ctx, except)
}

// endAll is EndAll. The caller holds mu.
func (g *Gate) endAll(ctx context.Context, except string) error {
	clear(g.tokens)
	clear(g.pairings)
	var ending []Hash
	for secret := range g.sessions {
		if sessionID(secret) != except {
			ending = append(ending, secret)
		}
	}
	return g.end(ctx, ending...)
}

// endExpired ends the sessions whose time has passed. The caller holds mu.
func (g *Gate) endExpired(ctx context.Context) error {
	now := g.now()
	var ending []Hash
	for secret, s := range g.sessions {
		if s.expired(now) {
			ending = append(ending, secret)
		}
	}
	return g.end(ctx, ending...)
}

// end removes sessions from the store and then from memory. The caller holds mu.
func (g *Gate) end(ctx context.Context, secrets ...Hash) error {
	if len(secrets) == 0 {
		return nil
	}
	if err := g.store.EndAccessSessions(ctx, secrets...); err != nil {
		return fmt.Errorf("access: ending %d sessions: %w", len(secrets), err)
	}
	for _, secret := range secrets {
		delete(g.sessions, secret)
	}
	return nil
}

// start makes a session, with room for it, and returns its secret. The caller holds mu.
func (g *Gate) start(ctx context.Context, userAgent, phone string) (secret string, err error) {
	if err := g.endExpired(ctx); err != nil {
		return "", err
	}
	var ending []Hash
	if over := len(g.sessions) - (MaxSessions - 1); over > 0 {
		for secret := range g.sessions {
			ending = append(ending, secret)
		}
		slices.SortFunc(ending, func(a, b Hash) int {
			return g.sessions[a].lastSeen.Compare(g.sessions[b].lastSeen)
		})
		ending = ending[:over]
	}
	if err := g.end(ctx, ending...); err != nil {
		return "", err
	}
	now := g.now()
	s := &session{userAgent: cleanUserAgent(userAgent), phone: phone, created: now, lastSeen: now, saved: now}
	secret, hash := newSecret(secretSize)
	if err := g.store.SaveAccessSession(ctx, hash, s.userAgent, s.phone, s.created, s.lastSeen); err != nil {
		return "", fmt.Errorf("access: saving a session: %w", err)
	}
	g.sessions[hash] = s
	return secret, nil
}

// cleanUserAgent makes what a browser sent fit to be stored and shown: valid UTF-8 without control characters, at most
// MaxUserAgent bytes.
func cleanUserAgent(s string) string {
	return cleanText(s, MaxUserAgent)
}

// cleanText makes a text fit to be stored and shown: valid UTF-8 without control characters, at most max bytes.
func cleanText(s string, max int) string {
	s = s[:min(len(s), 4*max)] // no more work than that for a text of any length
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	for len(s) > max {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}
