package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNewEpochs(t *testing.T) {
	a, b := NewEpoch(), NewEpoch()
	if a.ID() == b.ID() || bytes.Equal(a.Secrets(), b.Secrets()) || a.ID().IsZero() {
		t.Error("two epochs are alike")
	}
	if !a.HasHistory() || len(a.Secrets()) != 64 || bytes.Equal(a.Secrets()[:32], a.Secrets()[32:]) {
		t.Error("an epoch has two secrets")
	}
}

func TestSecretsRoundTrip(t *testing.T) {
	whole := NewEpoch()
	for _, e := range []*Epoch{whole, withoutHistory(t, whole)} {
		back, err := FromSecrets(e.ID(), e.Secrets())
		if err != nil || back.ID() != e.ID() || !bytes.Equal(back.Secrets(), e.Secrets()) || back.HasHistory() != e.HasHistory() {
			t.Errorf("%v came back as %v, %v", e, back, err)
		}
	}
	for _, size := range []int{0, 1, 31, 33, 63, 65, 96} {
		if _, err := FromSecrets(whole.ID(), make([]byte, size)); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// Nobody can reach into an epoch through what went in or came out.
func TestSecretsAreCopied(t *testing.T) {
	secrets := append(repeat(1, 32), repeat(2, 32)...)
	e, err := FromSecrets(testEpoch(t, 9).ID(), secrets)
	if err != nil {
		t.Fatal(err)
	}
	k, h := e.Commitments()
	clear(secrets)
	clear(e.Secrets())
	if !e.Matches(k, h) {
		t.Error("the secrets changed from outside")
	}
}

func TestCommitments(t *testing.T) {
	e := testEpoch(t, 1)
	k, h := e.Commitments()
	if !e.Matches(k, h) || k == h {
		t.Fatal("an epoch does not match its own commitments")
	}
	short := withoutHistory(t, e)
	if sk, sh := short.Commitments(); sk != k || sh != (Commitment{}) || !short.Matches(k, h) {
		t.Error("without its history key, an epoch does not match")
	}
	flips(k[:], func(bit int) {
		if e.Matches(k, h) || short.Matches(k, h) {
			t.Errorf("matches with bit %d of the key's commitment flipped", bit)
		}
	})
	flips(h[:], func(bit int) {
		if e.Matches(k, h) || !short.Matches(k, h) {
			t.Errorf("bit %d of the history key's commitment", bit)
		}
	})
	if e.Matches(h, k) || e.Matches(Commitment{}, Commitment{}) || e.Matches(k, Commitment{}) {
		t.Error("matches other commitments")
	}
	// The same secrets under another name, and the two secrets swapped, are other epochs.
	renamed, err := FromSecrets(testEpoch(t, 2).ID(), e.Secrets())
	if err != nil || renamed.Matches(k, h) {
		t.Errorf("the epoch's ID is not committed to, %v", err)
	}
	swapped, err := FromSecrets(e.ID(), append(e.Secrets()[32:], e.Secrets()[:32]...))
	if err != nil || swapped.Matches(k, h) || swapped.Matches(h, k) {
		t.Errorf("the two secrets can be swapped, %v", err)
	}
}

func TestParents(t *testing.T) {
	parent, child := testEpoch(t, 1), testEpoch(t, 5)
	sealed, err := child.SealParent(parent)
	if err != nil || len(sealed) != SealedParentSize {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	back, err := child.OpenParent(parent.ID(), sealed)
	if err != nil || !bytes.Equal(back.Secrets(), parent.Secrets()) || back.ID() != parent.ID() {
		t.Fatal(err)
	}
	flips(sealed, func(bit int) {
		if _, err := child.OpenParent(parent.ID(), sealed); !errors.Is(err, ErrWrongKey) {
			t.Errorf("opened with bit %d flipped", bit)
		}
	})
	renamed, err := FromSecrets(parent.ID(), child.Secrets())
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*Epoch, error){
		"another parent":     func() (*Epoch, error) { return child.OpenParent(testEpoch(t, 2).ID(), sealed) },
		"another child":      func() (*Epoch, error) { return testEpoch(t, 6).OpenParent(parent.ID(), sealed) },
		"a renamed child":    func() (*Epoch, error) { return renamed.OpenParent(parent.ID(), sealed) },
		"no history key":     func() (*Epoch, error) { return withoutHistory(t, child).OpenParent(parent.ID(), sealed) },
		"nothing":            func() (*Epoch, error) { return child.OpenParent(parent.ID(), nil) },
		"cut short":          func() (*Epoch, error) { return child.OpenParent(parent.ID(), sealed[:SealedParentSize-1]) },
		"the parent's child": func() (*Epoch, error) { return parent.OpenParent(child.ID(), sealed) },
	} {
		if got, err := open(); !errors.Is(err, ErrWrongKey) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := withoutHistory(t, child).SealParent(parent); err == nil {
		t.Error("sealed by an epoch without a history key")
	}
	if _, err := child.SealParent(withoutHistory(t, parent)); err == nil {
		t.Error("sealed a parent without a history key")
	}
}

// A chain of epochs opens from the newest to the oldest, and not the other way.
func TestReadingBack(t *testing.T) {
	epochs := []*Epoch{NewEpoch()}
	var sealed [][]byte
	for range 10 {
		next := NewEpoch()
		s, err := next.SealParent(epochs[len(epochs)-1])
		if err != nil {
			t.Fatal(err)
		}
		epochs, sealed = append(epochs, next), append(sealed, s)
	}
	at := epochs[10]
	for i := 9; i >= 0; i-- {
		parent, err := at.OpenParent(epochs[i].ID(), sealed[i])
		if err != nil || !bytes.Equal(parent.Secrets(), epochs[i].Secrets()) {
			t.Fatalf("epoch %d: %v", i, err)
		}
		at = parent
	}
	if _, err := epochs[0].OpenParent(epochs[1].ID(), sealed[0]); err == nil {
		t.Error("an epoch opens the one after it")
	}
}

func TestEpochPrintsNoSecret(t *testing.T) {
	e := NewEpoch()
	secrets := e.Secrets()
	find := func(text string) bool {
		for _, part := range [][]byte{secrets[:16], secrets[16:32], secrets[32:48], secrets[48:]} {
			decimals := strings.Trim(fmt.Sprint(part), "[]")
			syntax := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte{"), "}")
			for _, form := range []string{string(part), hex.EncodeToString(part), strings.ToUpper(hex.EncodeToString(part)), decimals, syntax, strings.ReplaceAll(decimals, " ", ",")} {
				if strings.Contains(text, form) {
					return true
				}
			}
		}
		return false
	}
	if !find(fmt.Sprintf("%d", secrets)) || !find(fmt.Sprintf("%x", secrets)) || !find(fmt.Sprintf("%#v", secrets)) {
		t.Fatal("the search does not find what is there")
	}
	type holder struct {
		Open   *Epoch
		hidden *Epoch
		value  Epoch
		byID   map[string]*Epoch
	}
	h := holder{e, e, *e, map[string]*Epoch{"a": e}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t", "%p", "%e"} {
		fmt.Fprintf(&out, strings.Repeat(verb+" ", 4), e, *e, h, &h)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("static", "epoch", e, "value", *e, "holder", h)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("static", "epoch", e, "value", *e, "holder", h)
	if raw, err := json.Marshal(map[string]any{"epoch": e, "value": *e}); err == nil {
		out.Write(raw)
	}
	if find(out.String()) {
		t.Error("a secret shows")
	}
	if got := fmt.Sprintf("%#v", e); got != "epoch "+e.ID().String() {
		t.Errorf("got %q", got)
	}
}
