package access

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	goodPassword  = "correct horse battery"
	otherPassword = "staple of another kind"
)

// cheap makes tests of many attempts quick. That the real cost works is TestHashAtTheRealCost's matter.
var cheap = cost{memory: 32, passes: 1, lanes: 1}

// rows is the least store that a password needs.
type rows struct {
	mu       sync.Mutex
	password string
	sessions map[Hash]time.Time
}

func (r *rows) Password(context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.password, nil
}

func (r *rows) SetPassword(_ context.Context, encoded string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.password = encoded
	return nil
}

func (r *rows) AccessSessions(context.Context, func(Hash, string, string, time.Time, time.Time) error) error {
	return nil
}

func (r *rows) SaveAccessSession(_ context.Context, h Hash, _, _ string, _, seen time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[h] = seen
	return nil
}

func (r *rows) EndAccessSessions(_ context.Context, secrets ...Hash) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range secrets {
		delete(r.sessions, h)
	}
	return nil
}

type passwordFixture struct {
	*Gate
	rows *rows
	time atomic.Int64 // Unix seconds
}

func newPasswordFixture(t *testing.T) *passwordFixture {
	t.Helper()
	f := &passwordFixture{rows: &rows{sessions: make(map[Hash]time.Time)}}
	f.time.Store(1_800_000_000)
	gate, err := New(t.Context(), f.rows, WithClock(func() time.Time { return time.Unix(f.time.Load(), 0) }))
	if err != nil {
		t.Fatal(err)
	}
	gate.cost = cheap
	f.Gate = gate
	return f
}

func (f *passwordFixture) try(t *testing.T, password string) error {
	t.Helper()
	secret, err := f.SignInPassword(t.Context(), password, "test")
	if (err == nil) != (secret != "") {
		t.Fatalf("SignInPassword = %q, %v", secret, err)
	}
	return err
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestPassword(t *testing.T) {
	f := newPasswordFixture(t)
	ctx := t.Context()
	want(t, "before one is set", f.try(t, goodPassword), ErrNoPassword)
	want(t, "setting the first", f.SetPassword(ctx, "", goodPassword), nil)
	if has, err := f.HasPassword(ctx); err != nil || !has {
		t.Errorf("HasPassword = %v, %v", has, err)
	}
	want(t, "the right one", f.try(t, goodPassword), nil)
	want(t, "a wrong one", f.try(t, goodPassword+" "), ErrPassword)
	want(t, "an empty one", f.try(t, ""), ErrPassword)
	want(t, "changing with a wrong one", f.SetPassword(ctx, otherPassword, otherPassword), ErrPassword)
	want(t, "changing", f.SetPassword(ctx, goodPassword, otherPassword), nil)
	want(t, "the one from before", f.try(t, goodPassword), ErrPassword)
	want(t, "the new one", f.try(t, otherPassword), nil)
	if strings.Contains(f.rows.password, otherPassword) {
		t.Error("the password itself is stored")
	}
}

func TestPasswordLength(t *testing.T) {
	f := newPasswordFixture(t)
	ctx := t.Context()
	for _, tc := range []struct {
		password string
		want     error
	}{
		{"", ErrPasswordLength},
		{"ninechars", ErrPasswordLength},
		{"ééééééééé", ErrPasswordLength}, // nine characters in eighteen bytes
		{"éééééééééé", nil},
		{strings.Repeat("x", MaxPassword), nil},
		{strings.Repeat("x", MaxPassword+1), ErrPasswordLength},
	} {
		f.ResetPassword(ctx, "")
		want(t, tc.password, f.SetPassword(ctx, "", tc.password), tc.want)
		if tc.want == nil {
			want(t, "signing in", f.try(t, tc.password), nil)
		}
	}
	want(t, "a reset", f.ResetPassword(ctx, "short"), ErrPasswordLength)
	want(t, "setting", f.SetPassword(ctx, "", goodPassword), nil)
	want(t, "trying one that is too long", f.try(t, strings.Repeat("x", MaxPassword+1)), ErrPassword)
}

func TestPasswordIsTheSameOnEveryKeyboard(t *testing.T) {
	f := newPasswordFixture(t)
	want(t, "setting", f.SetPassword(t.Context(), "", "caf\u00e9 caf\u00e9 caf\u00e9"), nil)
	want(t, "written with combining accents", f.try(t, "cafe\u0301 cafe\u0301 cafe\u0301"), nil)
}

func TestResetEndsWhatWasOpen(t *testing.T) {
	f := newPasswordFixture(t)
	ctx := t.Context()
	want(t, "setting", f.SetPassword(ctx, "", goodPassword), nil)
	secret, err := f.SignInPassword(ctx, goodPassword, "")
	want(t, "signing in", err, nil)
	token, _ := f.OneTimeToken(ctx)
	for range attemptBurst {
		f.try(t, "wrong wrong wrong")
	}
	want(t, "resetting", f.ResetPassword(ctx, otherPassword), nil)
	_, err = f.Check(ctx, secret)
	want(t, "the open session", err, ErrNoSession)
	_, err = f.SignInToken(ctx, token, "")
	want(t, "the outstanding token", err, ErrToken)
	want(t, "the new password, although too many had been tried", f.try(t, otherPassword), nil)

	want(t, "removing", f.ResetPassword(ctx, ""), nil)
	if has, err := f.HasPassword(ctx); err != nil || has {
		t.Errorf("HasPassword = %v, %v after it was removed", has, err)
	}
}

func TestBruteForceIsSlow(t *testing.T) {
	f := newPasswordFixture(t)
	want(t, "setting", f.SetPassword(t.Context(), "", goodPassword), nil)
	start := f.time.Load()
	tried := 0
	for tried < 105 {
		err := f.try(t, "a wrong password")
		var limit *LimitError
		switch {
		case errors.Is(err, ErrPassword):
			tried++
		case errors.As(err, &limit):
			if !errors.Is(err, ErrTooManyAttempts) || limit.RetryAfter <= 0 || limit.RetryAfter > attemptEvery {
				t.Fatalf("limit: %v", err)
			}
			f.time.Add(int64(limit.RetryAfter / time.Second))
		default:
			t.Fatal(err)
		}
	}
	took := time.Duration(f.time.Load()-start) * time.Second
	if want := (105 - attemptBurst) * attemptEvery; took != want {
		t.Errorf("105 wrong passwords took %s, want %s", took, want)
	}
	want(t, "the right one, while the limit holds", f.try(t, goodPassword), ErrTooManyAttempts)
	want(t, "changing it, while the limit holds", f.SetPassword(t.Context(), goodPassword, otherPassword), ErrTooManyAttempts)
	token, _ := f.OneTimeToken(t.Context())
	_, err := f.SignInToken(t.Context(), token, "")
	want(t, "the owner with a token", err, nil)

	f.time.Add(int64(attemptEvery / time.Second))
	for range 3 * attemptBurst {
		want(t, "the right one costs no attempt", f.try(t, goodPassword), nil)
	}
	f.time.Add(-365 * 24 * 3600)
	f.try(t, "a wrong password")
	f.time.Add(int64(attemptEvery / time.Second))
	want(t, "with the clock set back a year", f.try(t, goodPassword), nil)
}

func TestManyAttemptsAtOnceDoNotPassTheLimit(t *testing.T) {
	f := newPasswordFixture(t)
	want(t, "setting", f.SetPassword(t.Context(), "", goodPassword), nil)
	var wrong, limited atomic.Int32
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			switch err := f.try(t, "a wrong password"); {
			case errors.Is(err, ErrPassword):
				wrong.Add(1)
			case errors.Is(err, ErrTooManyAttempts):
				limited.Add(1)
			}
		})
	}
	wg.Wait()
	if wrong.Load() != attemptBurst || limited.Load() != 200-attemptBurst {
		t.Errorf("%d were tried and %d were held off, want %d and %d", wrong.Load(), limited.Load(), attemptBurst, 200-attemptBurst)
	}
}

func TestAResetWinsOverASignInAtTheSameTime(t *testing.T) {
	for range 50 {
		f := newPasswordFixture(t)
		want(t, "setting", f.SetPassword(t.Context(), "", goodPassword), nil)
		var secret string
		var wg sync.WaitGroup
		wg.Go(func() { secret, _ = f.SignInPassword(t.Context(), goodPassword, "") })
		wg.Go(func() { want(t, "resetting", f.ResetPassword(t.Context(), otherPassword), nil) })
		wg.Wait()
		_, err := f.Check(t.Context(), secret)
		want(t, "a session of the old password", err, ErrNoSession)
		want(t, "the new password", f.try(t, otherPassword), nil)
	}
}

func TestWaitingForTheTurnEndsWithTheContext(t *testing.T) {
	f := newPasswordFixture(t)
	done, err := f.takeTurn(t.Context())
	want(t, "the turn", err, nil)
	defer done()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = f.SignInPassword(ctx, goodPassword, "")
	want(t, "signing in", err, context.Canceled)
	want(t, "setting", f.SetPassword(ctx, "", goodPassword), context.Canceled)
	want(t, "resetting", f.ResetPassword(ctx, goodPassword), context.Canceled)
}

func TestAnOlderCostIsRaisedAtTheNextSignIn(t *testing.T) {
	f := newPasswordFixture(t)
	f.rows.password = newHash(normalize(goodPassword), cost{memory: 16, passes: 1, lanes: 1}).String()
	want(t, "a wrong one", f.try(t, otherPassword), ErrPassword)
	if h, err := parseHash(f.rows.password); err != nil || h.cost == cheap {
		t.Errorf("a wrong password changed the stored one: %v", err)
	}
	want(t, "the right one", f.try(t, goodPassword), nil)
	if h, err := parseHash(f.rows.password); err != nil || h.cost != cheap {
		t.Errorf("stored at %+v, %v; want %+v", h.cost, err, cheap)
	}
	want(t, "the right one again", f.try(t, goodPassword), nil)
}

func TestADamagedHashLetsNobodyIn(t *testing.T) {
	f := newPasswordFixture(t)
	f.rows.password = "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"
	want(t, "signing in", f.try(t, ""), errStoredHash)
	want(t, "setting another", f.SetPassword(t.Context(), "", goodPassword), errStoredHash)
	want(t, "resetting", f.ResetPassword(t.Context(), goodPassword), nil)
	want(t, "signing in with the new one", f.try(t, goodPassword), nil)
}
