package accesstest

import (
	"errors"
	"testing"
	"time"

	"kith/internal/access"
)

// TestStore checks that a store keeps to what access.Store says. open returns a new, empty store; reopen, if it is not
// nil, closes one and opens it again from where it keeps its rows.
func TestStore(t *testing.T, open func(t *testing.T) access.Store, reopen func(t *testing.T, s access.Store) access.Store) {
	if reopen == nil {
		reopen = func(_ *testing.T, s access.Store) access.Store { return s }
	}
	t.Run("password", func(t *testing.T) { testPassword(t, open(t), reopen) })
	t.Run("sessions", func(t *testing.T) { testSessions(t, open(t), reopen) })
	t.Run("stops at the first error", func(t *testing.T) { testStop(t, open(t)) })
}

func testPassword(t *testing.T, s access.Store, reopen func(*testing.T, access.Store) access.Store) {
	ctx := t.Context()
	if got, err := s.Password(ctx); err != nil || got != "" {
		t.Fatalf("Password() of a new store = %q, %v; want none", got, err)
	}
	for _, want := range []string{"$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$dGFn", "another", ""} {
		if err := s.SetPassword(ctx, want); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s)
		got, err := s.Password(ctx)
		if err != nil || got != want {
			t.Fatalf("Password() = %q, %v; want %q", got, err, want)
		}
	}
}

func testSessions(t *testing.T, s access.Store, reopen func(*testing.T, access.Store) access.Store) {
	ctx := t.Context()
	created := time.Date(2026, 3, 4, 5, 6, 7, 89e6, time.UTC)
	later := created.Add(36*time.Hour + 1*time.Millisecond)
	a, b, c := access.Hash{0: 1}, access.Hash{0: 1, 31: 1}, access.Hash{0: 0xff, 1: 0x27, 2: 0x00, 3: 0x3f}
	save := func(h access.Hash, agent, phone string, seen time.Time) {
		t.Helper()
		if err := s.SaveAccessSession(ctx, h, agent, phone, created, seen); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want map[access.Hash]row) {
		t.Helper()
		s = reopen(t, s)
		got := make(map[access.Hash]row)
		err := s.AccessSessions(ctx, func(h access.Hash, agent, phone string, created, seen time.Time) error {
			if _, twice := got[h]; twice {
				t.Errorf("session %x came twice", h)
			}
			got[h] = row{agent, phone, created, seen}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d sessions, want %d", len(got), len(want))
		}
		for h, w := range want {
			g, ok := got[h]
			if !ok || g.userAgent != w.userAgent || g.phone != w.phone || !g.created.Equal(w.created) || !g.lastSeen.Equal(w.lastSeen) {
				t.Errorf("session %x = %v, %v; want %v", h, g, ok, w)
			}
		}
	}

	check(map[access.Hash]row{})
	save(a, "Firefox’s \"own\" name; DROP TABLE", "", created)
	save(b, "", "Ada’s phone", created)
	save(c, "Safari", "", later)
	check(map[access.Hash]row{
		a: {"Firefox’s \"own\" name; DROP TABLE", "", created, created},
		b: {"", "Ada’s phone", created, created},
		c: {"Safari", "", created, later},
	})
	save(b, "Chromium", "Bo’s phone", later) // replaces
	if err := s.EndAccessSessions(ctx, a, access.Hash{9: 9}); err != nil {
		t.Fatal(err) // one of them is not there, which is no error
	}
	if err := s.EndAccessSessions(ctx); err != nil {
		t.Fatal(err)
	}
	check(map[access.Hash]row{b: {"Chromium", "Bo’s phone", created, later}, c: {"Safari", "", created, later}})
	if err := s.EndAccessSessions(ctx, b, c); err != nil {
		t.Fatal(err)
	}
	check(map[access.Hash]row{})
}

func testStop(t *testing.T, s access.Store) {
	ctx := t.Context()
	now := time.Now().Truncate(time.Millisecond)
	for i := range 3 {
		if err := s.SaveAccessSession(ctx, access.Hash{byte(i)}, "", "", now, now); err != nil {
			t.Fatal(err)
		}
	}
	stop := errors.New("stop")
	calls := 0
	err := s.AccessSessions(ctx, func(access.Hash, string, string, time.Time, time.Time) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("AccessSessions = %v after %d calls, want the callback's error after one", err, calls)
	}
}
