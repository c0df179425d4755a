package access_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kith/internal/access"
)

func (f *fixture) pairing(name string) string {
	f.t.Helper()
	token, expires, err := f.PairingToken(f.t.Context(), name)
	if err != nil || !expires.Equal(f.clock.now().Add(access.PairingLife)) {
		f.t.Fatalf("PairingToken = %v, %v", expires, err)
	}
	return token
}

func (f *fixture) pair(token string) (string, error) {
	return f.Pair(f.t.Context(), token, "", false, "Safari")
}

func TestPairing(t *testing.T) {
	f := newFixture(t)
	token := f.pairing("Ada’s phone")
	if !f.Pairable(token) || f.Pairable("another") {
		t.Error("Pairable is wrong")
	}
	secret, err := f.pair(token)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s, err := f.Check(t.Context(), secret); err != nil || s.Phone != "Ada’s phone" || s.UserAgent != "Safari" {
			t.Errorf("Check = %+v, %v", s, err)
		}
		f.restart() // phones stay paired
	}
	if _, err := f.pair(token); !errors.Is(err, access.ErrToken) {
		t.Errorf("again: %v", err)
	}
	if browser, _ := f.signIn("Firefox"); browser != "" {
		if s, err := f.Check(t.Context(), browser); err != nil || s.Phone != "" {
			t.Errorf("a browser on the computer: %+v, %v", s, err)
		}
	}
}

// Neither kind of token opens the other's door.
func TestTokensOfTheTwoDoorsDiffer(t *testing.T) {
	f := newFixture(t)
	if _, err := f.SignInToken(t.Context(), f.pairing("phone"), ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("a pairing at the computer: %v", err)
	}
	if _, err := f.pair(f.token()); !errors.Is(err, access.ErrToken) {
		t.Errorf("a sign-in token at a phone: %v", err)
	}
}

func TestPairingsEnd(t *testing.T) {
	f := newFixture(t)
	for name, end := range map[string]func(){
		"time":    func() { f.clock.advance(access.PairingLife) },
		"restart": f.restart,
		"dropped": func() { f.DropPairings() }, // of the gate of then: a restart makes another
		"all out": func() {
			if err := f.EndAll(t.Context(), ""); err != nil {
				t.Error(err)
			}
		},
	} {
		token := f.pairing("phone")
		end()
		if _, err := f.pair(token); !errors.Is(err, access.ErrToken) || f.Pairable(token) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPairingWithPassword(t *testing.T) {
	f := newFixture(t)
	token := f.pairing("phone")
	if _, err := f.Pair(t.Context(), token, "", true, ""); !errors.Is(err, access.ErrNoPassword) {
		t.Errorf("none is set: %v", err)
	}
	if err := f.SetPassword(t.Context(), "", "four words of mine"); err != nil {
		t.Fatal(err)
	}
	// Who has no token learns nothing about the password, and takes nobody's attempts.
	for range 20 {
		if _, err := f.Pair(t.Context(), "guess", "four words of mine", true, ""); !errors.Is(err, access.ErrToken) {
			t.Fatalf("without a token: %v", err)
		}
	}
	if _, err := f.Pair(t.Context(), token, "four words of hers", true, ""); !errors.Is(err, access.ErrPassword) {
		t.Errorf("the wrong one: %v", err)
	}
	if _, err := f.Pair(t.Context(), token, "four words of mine", true, ""); err != nil {
		t.Errorf("the right one, afterwards: %v", err)
	}
}

func TestOneOfManyWinsAPairing(t *testing.T) {
	f := newFixture(t)
	token := f.pairing("phone")
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := f.pair(token); err == nil {
				won.Add(1)
			}
		})
	}
	wait.Wait()
	if won.Load() != 1 {
		t.Errorf("%d were paired", won.Load())
	}
}

func TestPhoneNamesAreCleaned(t *testing.T) {
	f := newFixture(t)
	for given, want := range map[string]string{"": "Phone", " \x00\n ": "Phone", "Bo\x1b[2J’s": "Bo[2J’s", strings.Repeat("é", 100): strings.Repeat("é", access.MaxPhoneName/2)} {
		secret, err := f.pair(f.pairing(given))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := f.Check(t.Context(), secret); err != nil || s.Phone != want {
			t.Errorf("%q becomes %q, %v", given, s.Phone, err)
		}
	}
}
