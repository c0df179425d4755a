package access_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"kith/internal/access"
	"kith/internal/access/accesstest"
)

func TestMemory(t *testing.T) {
	accesstest.TestStore(t, func(*testing.T) access.Store { return new(accesstest.Memory) }, nil)
}

// clock is a clock that tests move.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.ns.Store(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *clock) advance(d time.Duration) { c.ns.Add(int64(d)) }

// fixture is a gate over a store and a clock of the test's own.
type fixture struct {
	*access.Gate
	t     *testing.T
	store *accesstest.Memory
	clock *clock
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, store: new(accesstest.Memory), clock: newClock()}
	f.restart()
	return f
}

// restart makes a new gate over the same store, as a restart of the program does.
func (f *fixture) restart() {
	f.t.Helper()
	gate, err := access.New(f.t.Context(), f.store, access.WithClock(f.clock.now))
	if err != nil {
		f.t.Fatal(err)
	}
	f.Gate = gate
}

// signIn starts a session by token and returns its secret and ID.
func (f *fixture) signIn(userAgent string) (secret, id string) {
	f.t.Helper()
	secret, err := f.SignInToken(f.t.Context(), f.token(), userAgent)
	if err != nil {
		f.t.Fatal(err)
	}
	s, err := f.Check(f.t.Context(), secret)
	if err != nil {
		f.t.Fatal(err)
	}
	return secret, s.ID
}

func (f *fixture) token() string {
	f.t.Helper()
	token, err := f.OneTimeToken(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return token
}

// open reports whether the session with this secret is open.
func (f *fixture) open(secret string) bool {
	f.t.Helper()
	_, err := f.Check(f.t.Context(), secret)
	if err != nil && !errors.Is(err, access.ErrNoSession) {
		f.t.Fatal(err)
	}
	return err == nil
}

func TestTokenSignsInOnce(t *testing.T) {
	f := newFixture(t)
	token := f.token()
	if len(token) != 22 {
		t.Errorf("a token has %d characters, want 22", len(token))
	}
	secret, err := f.SignInToken(t.Context(), token, "Firefox")
	if err != nil || len(secret) != 43 || !f.open(secret) {
		t.Fatalf("SignInToken = %q, %v", secret, err)
	}
	for name, bad := range map[string]string{"used": token, "empty": "", "longer": token + "=", "session": secret} {
		if _, err := f.SignInToken(t.Context(), bad, ""); !errors.Is(err, access.ErrToken) {
			t.Errorf("%s token: %v, want ErrToken", name, err)
		}
	}
	if f.open(token) || f.open("") || f.open(secret+"A") {
		t.Error("something else than the secret opens the session")
	}
}

func TestTokenExpires(t *testing.T) {
	f := newFixture(t)
	fresh, stale := f.token(), f.token()
	f.clock.advance(access.TokenLife - time.Nanosecond)
	if _, err := f.SignInToken(t.Context(), fresh, ""); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	f.clock.advance(time.Nanosecond)
	if _, err := f.SignInToken(t.Context(), stale, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("at its end: %v, want ErrToken", err)
	}
}

func TestTokensAreBoundedAndDoNotSurviveARestart(t *testing.T) {
	f := newFixture(t)
	first := f.token()
	f.clock.advance(time.Second)
	for range 32 {
		f.token()
	}
	last := f.token()
	if _, err := f.SignInToken(t.Context(), first, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("the oldest of many: %v, want ErrToken", err)
	}
	if _, err := f.SignInToken(t.Context(), last, ""); err != nil {
		t.Errorf("the newest of many: %v", err)
	}
	before := f.token()
	f.restart()
	if _, err := f.SignInToken(t.Context(), before, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("after a restart: %v, want ErrToken", err)
	}
}

func TestOneOfManyWinsAToken(t *testing.T) {
	f := newFixture(t)
	for range 20 {
		token := f.token()
		var wins atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				switch _, err := f.SignInToken(t.Context(), token, ""); {
				case err == nil:
					wins.Add(1)
				case !errors.Is(err, access.ErrToken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Fatalf("%d of 16 signed in with one token", wins.Load())
		}
	}
}

func TestOnlyHashesAreStored(t *testing.T) {
	f := newFixture(t)
	secret, id := f.signIn("Firefox")
	var rows int
	f.store.AccessSessions(t.Context(), func(h access.Hash, agent, _ string, _, _ time.Time) error {
		rows++
		if h != sha256.Sum256([]byte(secret)) || agent != "Firefox" {
			t.Errorf("stored %x, %q", h, agent)
		}
		if !strings.HasPrefix(fmt.Sprintf("%x", h), id) || len(id) != 32 {
			t.Errorf("ID %q is not of the hash %x", id, h)
		}
		return nil
	})
	if rows != 1 {
		t.Errorf("%d rows stored, want 1", rows)
	}
	if f.open(id) {
		t.Error("the ID of a session opens it")
	}
}

func TestSessionsLastFromTheirLastUse(t *testing.T) {
	f := newFixture(t)
	used, _ := f.signIn("used")
	idle, _ := f.signIn("idle")
	for range 4 { // a year, in quarters
		f.clock.advance(access.SessionLife - time.Hour)
		if !f.open(used) {
			t.Fatal("a session in use ended")
		}
		f.restart() // the last use is on disk
	}
	if f.open(idle) {
		t.Error("an idle session outlived its time")
	}
	list, err := f.Sessions(t.Context())
	if err != nil || len(list) != 1 || list[0].UserAgent != "used" || !list[0].LastSeen.Equal(f.clock.now()) {
		t.Errorf("Sessions = %+v, %v", list, err)
	}
	f.clock.advance(access.SessionLife - time.Nanosecond)
	if !f.open(used) {
		t.Error("ended before its time")
	}
	f.clock.advance(access.SessionLife)
	if f.open(used) {
		t.Error("still open at its end")
	}
	f.restart()
	if n := countRows(t, f.store); n != 0 {
		t.Errorf("%d expired rows left", n)
	}
}

func TestLastUseIsNotWrittenEachTime(t *testing.T) {
	clock := newClock()
	store := &countingStore{Memory: new(accesstest.Memory)}
	gate, err := access.New(t.Context(), store, access.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	token, _ := gate.OneTimeToken(t.Context())
	secret, err := gate.SignInToken(t.Context(), token, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 * 60 {
		clock.advance(time.Minute)
		if _, err := gate.Check(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	if store.saves != 4 {
		t.Errorf("%d writes for one sign-in and three hours of use, want 4", store.saves)
	}
	store.full = errors.New("disk full")
	clock.advance(2 * time.Hour)
	if s, err := gate.Check(t.Context(), secret); err != nil || !s.LastSeen.Equal(clock.now()) {
		t.Errorf("with a full disk: %+v, %v; the page has to stay open", s, err)
	}
	if _, err := gate.SignInToken(t.Context(), mustToken(t, gate), ""); !errors.Is(err, store.full) {
		t.Errorf("a sign-in that was not stored: %v", err)
	}
	store.full = nil
	if gate.Check(t.Context(), secret); store.saves != 5 {
		t.Error("the last use was not written once there was room again")
	}
}

func mustToken(t *testing.T, g *access.Gate) string {
	t.Helper()
	token, err := g.OneTimeToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// countingStore counts what is written, and fails while the disk is full.
type countingStore struct {
	*accesstest.Memory
	saves int
	full  error
}

func (s *countingStore) SaveAccessSession(ctx context.Context, h access.Hash, agent, phone string, created, seen time.Time) error {
	if s.full != nil {
		return s.full
	}
	s.saves++
	return s.Memory.SaveAccessSession(ctx, h, agent, phone, created, seen)
}

func countRows(t *testing.T, s access.Store) (n int) {
	t.Helper()
	err := s.AccessSessions(t.Context(), func(access.Hash, string, string, time.Time, time.Time) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEndingSessions(t *testing.T) {
	f := newFixture(t)
	a, aID := f.signIn("a")
	f.clock.advance(time.Second)
	b, bID := f.signIn("b")
	f.clock.advance(time.Second)
	c, _ := f.signIn("c")
	list, err := f.Sessions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var agents []string
	for _, s := range list {
		agents = append(agents, s.UserAgent)
	}
	if want := []string{"c", "b", "a"}; !slices.Equal(agents, want) {
		t.Errorf("Sessions = %q, want the last used first", agents)
	}

	if err := f.End(t.Context(), aID); err != nil || f.open(a) || !f.open(b) {
		t.Errorf("End: %v", err)
	}
	if err := f.End(t.Context(), aID); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("End of an ended session: %v", err)
	}
	token := f.token()
	if err := f.EndAll(t.Context(), bID); err != nil || !f.open(b) || f.open(c) {
		t.Errorf("EndAll but one: %v", err)
	}
	if _, err := f.SignInToken(t.Context(), token, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("a token outlived EndAll: %v", err)
	}
	f.restart()
	if !f.open(b) || f.open(a) || f.open(c) {
		t.Error("a restart changed who is signed in")
	}
	if err := f.EndAll(t.Context(), ""); err != nil || f.open(b) || countRows(t, f.store) != 0 {
		t.Errorf("EndAll: %v", err)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	f := newFixture(t)
	keep, _ := f.signIn("keep")
	f.clock.advance(time.Second)
	idle, _ := f.signIn("idle")
	for range access.MaxSessions + 10 {
		f.clock.advance(time.Second)
		f.open(keep)
		f.signIn("more")
	}
	if n := countRows(t, f.store); n != access.MaxSessions {
		t.Errorf("%d rows, want %d", n, access.MaxSessions)
	}
	if !f.open(keep) || f.open(idle) {
		t.Error("it is the least recently used session that makes room")
	}
}

func TestUserAgentIsCleaned(t *testing.T) {
	f := newFixture(t)
	for _, tc := range []struct{ in, want string }{
		{"Mozilla/5.0 (X11)", "Mozilla/5.0 (X11)"},
		{" a\x00b\r\nc\x1b[31m\u202ed\xff ", "abc[31md"},
		{strings.Repeat("é", 1000), strings.Repeat("é", access.MaxUserAgent/2)},
		{strings.Repeat("x", 255) + "é", strings.Repeat("x", 255)},
	} {
		_, id := f.signIn(tc.in)
		list, _ := f.Sessions(t.Context())
		i := slices.IndexFunc(list, func(s access.Session) bool { return s.ID == id })
		if i < 0 || list[i].UserAgent != tc.want || !utf8.ValidString(list[i].UserAgent) {
			t.Errorf("%.20q… is kept as %q, want %q", tc.in, list[i].UserAgent, tc.want)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	f := newFixture(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				token, err := f.OneTimeToken(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				secret, err := f.SignInToken(t.Context(), token, "")
				if errors.Is(err, access.ErrToken) {
					continue // EndAll of another one came between
				}
				if err != nil {
					t.Error(err)
					return
				}
				f.clock.advance(time.Minute)
				if s, err := f.Check(t.Context(), secret); err == nil && i%2 == 0 {
					f.End(t.Context(), s.ID)
				}
				f.Sessions(t.Context())
				if i == 0 {
					f.EndAll(t.Context(), "")
				}
			}
		})
	}
	wg.Wait()
	list, err := f.Sessions(t.Context())
	if err != nil || len(list) != countRows(t, f.store) {
		t.Errorf("memory has %d sessions, the store %d; %v", len(list), countRows(t, f.store), err)
	}
}
