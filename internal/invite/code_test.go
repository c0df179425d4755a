package invite

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/internal/key"
)

func sample() Code {
	return Code{
		Person: key.PersonID{1, 2, 3}, Peer: key.PeerKey{4, 5, 6}, Secret: Secret{7, 8, 9},
		Expires: time.Unix(1_800_000_000, 0), Addresses: [][]byte{{1, 127, 0, 0, 1, 29, 56}, {2, 127, 0, 0, 1, 29, 56}},
	}
}

func same(a, b Code) bool {
	if a.Person != b.Person || a.Peer != b.Peer || a.Secret != b.Secret || !a.Expires.Equal(b.Expires) || len(a.Addresses) != len(b.Addresses) {
		return false
	}
	for i := range a.Addresses {
		if !bytes.Equal(a.Addresses[i], b.Addresses[i]) {
			return false
		}
	}
	return true
}

func TestCodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := sample()
		c.Expires = time.Unix(rapid.Int64Range(0, 1<<39).Draw(t, "expires"), 0)
		c.Addresses = rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, MaxAddress), 0, MaxAddresses).Draw(t, "addresses")
		got, err := Parse(c.String())
		if err != nil || !same(got, c) {
			t.Fatalf("%v: %+v became %+v", err, c, got)
		}
	})
}

func TestCodeVector(t *testing.T) {
	const want = "kith1-AQBtAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEBQYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAcICQAAAAAAAAAAAAAAAAAAa0nSAAIHAX8AAAEdOAcCfwAAAR04"
	if got := sample().String(); !strings.HasPrefix(got, want) || len(got) != len(want)+6 {
		t.Errorf("the code is %s", got)
	}
}

func TestParseFindsTheCode(t *testing.T) {
	c := sample()
	code := c.String()
	for name, text := range map[string]string{
		"code":         code,
		"link":         LinkOf(code),
		"message":      "Hello! Paste this:\n\n" + code + "\n\nIt works once, until Sunday.",
		"broken lines": code[:40] + "\r\n  " + code[40:90] + "\n" + code[90:] + " and so on",
		"quoted":       "> " + code + ".",
	} {
		if got, err := Parse(text); err != nil || !same(got, c) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, refused := range map[string]struct {
		text string
		want error
	}{
		"nothing":   {"", ErrNone},
		"chatter":   {"no invite here, kith1 or not", ErrNone},
		"huge":      {strings.Repeat("x", maxPasted+1), ErrNone},
		"cut":       {code[:len(code)-3], ErrGarbled},
		"prefix":    {"kith1-", ErrGarbled},
		"changed":   {strings.Replace(code, code[20:23], "___", 1), ErrGarbled},
		"newer":     {"kith1-Ag" + code[8:], ErrNewer},
		"no base64": {"kith1-" + strings.Repeat("!", 200), ErrGarbled},
	} {
		if _, err := Parse(refused.text); !errors.Is(err, refused.want) {
			t.Errorf("%s: %v, and should be %v", name, err, refused.want)
		}
	}
}

// Every single changed letter is noticed.
func TestChangedLettersAreNoticed(t *testing.T) {
	code := sample().String()
	dice := rand.New(rand.NewPCG(1, 2))
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := len(Invitation.Prefix); i < len(code)-1; i++ { // the last letter holds spare bits
		changed := []byte(code)
		for changed[i] == code[i] {
			changed[i] = letters[dice.IntN(len(letters))]
		}
		if _, err := Parse(string(changed)); err == nil {
			t.Errorf("letter %d may be changed", i)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := NewSecret()
	if s.String() != "redacted" {
		t.Error("a secret prints itself")
	}
	if s.ID() == NewSecret().ID() {
		t.Error("two secrets have one ID")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample().String())
	f.Add("kith1-AQBt")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(c.String())
		if err != nil || !same(again, c) {
			t.Errorf("%v: what was parsed does not survive being written", err)
		}
	})
}
