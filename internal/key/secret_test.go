package key

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// forms are the ways in which bytes may turn up in a text.
func forms(secret []byte) []string {
	decimals := strings.Trim(fmt.Sprint(secret), "[]")
	goSyntax := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", secret), "[]byte{"), "}")
	return []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)),
		base64.StdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret),
		text.EncodeToString(secret), decimals, strings.ReplaceAll(decimals, " ", ","), goSyntax,
		fmt.Sprintf("%q", secret), fmt.Sprintf("% x", secret), fmt.Sprintf("%b", secret), fmt.Sprintf("%o", secret),
	}
}

// shows tells whether any form of a secret, or of a half of it, is in the text.
func shows(text string, secret []byte) bool {
	parts := [][]byte{secret}
	if len(secret) >= 24 {
		parts = append(parts, secret[:len(secret)/2], secret[len(secret)/2:])
	}
	for _, part := range parts {
		for _, form := range forms(part) {
			if strings.Contains(text, strings.Trim(form, `"[]`)) {
				return true
			}
		}
	}
	return false
}

func checkSilent(t *testing.T, text string, secrets ...[]byte) {
	t.Helper()
	for i, secret := range secrets {
		if shows(text, secret) {
			t.Errorf("secret %d shows in %.120q", i, text)
		}
	}
}

func deviceSecrets(d *Device) [][]byte {
	return [][]byte{d.keys().seeds.Signing, d.keys().seeds.Network, d.keys().seeds.Sealing, d.keys().signing, d.keys().network}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The search must find what is there, or the tests below could not fail.
func TestShows(t *testing.T) {
	secret := NewDevice().keys().seeds.Signing
	type open struct{ Secret []byte }
	for _, verb := range verbs {
		if verb == "%T" || verb == "%p" || verb == "%t" {
			continue
		}
		if printed := fmt.Sprintf(verb, open{secret}); !shows(printed, secret) && !strings.Contains(printed, "%!") && verb != "%c" && verb != "%U" {
			t.Errorf("%s: not found in %q", verb, printed)
		}
	}
	if !shows(mustJSON(t, open{secret}), secret) || !shows(hex.EncodeToString(secret), secret) {
		t.Error("not found in JSON or hexadecimal")
	}
	if shows("redacted", secret) {
		t.Error("found where it is not")
	}
}

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%t", "%p", "%T", "%e"}

func TestSecretsArePrintedByNobody(t *testing.T) {
	d, w := NewDevice(), NewWords()
	root, personKey := w.Root(), NewPersonKey(PersonID{1}, 1)
	secrets := append(deviceSecrets(d), root.keys().signing, root.keys().network, personKey.keys().seed[:], []byte(strings.Join(w.Reveal(), " ")))
	for i, word := range w.Reveal()[1:] {
		secrets = append(secrets, []byte(w.Reveal()[i]+" "+word), []byte(w.Reveal()[i]+`","`+word))
	}
	type exported struct {
		Device  *Device
		Root    *Root
		Key     *PersonKey
		Words   Words
		Pointer *Words
		Any     any
		List    []*Device
		Map     map[string]*PersonKey
	}
	type hidden struct {
		device *Device
		root   *Root
		key    *PersonKey
		words  Words
	}
	holder := exported{d, root, personKey, w, &w, *d, []*Device{d}, map[string]*PersonKey{"a": personKey}}
	for name, v := range map[string]any{
		"device": d, "device by value": *d, "root": root, "root by value": *root,
		"person key": personKey, "person key by value": *personKey, "words": w, "pointer to words": &w,
		"transport": d.Transport(), "in hidden fields by value": struct{ d Device }{*d},
		"in exported fields": holder, "in a pointer's fields": &holder,
		"in hidden fields": hidden{d, root, personKey, w}, "in a list": []any{d, *d, root, w}, "in an error": fmt.Errorf("with %v and %d and %#v", d, *root, w),
		"joined": errors.Join(fmt.Errorf("%+v", personKey)),
	} {
		for _, verb := range verbs {
			checkSilent(t, fmt.Sprintf(verb, v), secrets...)
		}
		checkSilent(t, fmt.Sprint(v)+fmt.Sprintln(v), secrets...)
		if raw, err := json.Marshal(v); err == nil {
			checkSilent(t, string(raw), secrets...)
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			log := slog.New(handler(&out))
			log.Info("static", "value", v, slog.Any("again", v), slog.Group("group", "value", v))
			log.With("value", v).Info("static")
			if out.Len() == 0 {
				t.Fatal("nothing was logged")
			}
			checkSilent(t, out.String(), secrets...)
		}
		if t.Failed() {
			t.Fatalf("%s: see above", name)
		}
	}
	if got := fmt.Sprintf("%d %#v %v", d, *root, w); got != "redacted redacted redacted" {
		t.Errorf("got %q", got)
	}
}

func TestNilSecretsPrint(t *testing.T) {
	var d *Device
	if got := fmt.Sprintf("%v", d); got != "<nil>" {
		t.Errorf("got %q", got)
	}
}

// What goes wrong is told without telling what it went wrong with.
func TestErrorsAreSilent(t *testing.T) {
	d, personKey := NewDevice(), NewPersonKey(PersonID{1}, 2)
	secrets := append(deviceSecrets(d), personKey.keys().seed[:])
	for _, sealed := range [][]byte{nil, {1}, make([]byte, SealOverhead), make([]byte, SealedSeedSize), d.keys().seeds.Signing} {
		_, err := d.Open([]byte("info"), sealed)
		if !errors.Is(err, ErrOpen) {
			t.Errorf("opening %d bytes: %v", len(sealed), err)
			continue
		}
		checkSilent(t, err.Error(), secrets...)
		if _, err := personKey.OpenPrevious(sealed); !errors.Is(err, ErrOpen) {
			t.Errorf("opening %d bytes of a previous key: %v", len(sealed), err)
		}
		if _, err := SealPublic(sealed).Seal(nil, personKey.keys().seed[:]); err == nil {
			t.Errorf("sealed to a key of %d bytes", len(sealed))
		} else {
			checkSilent(t, err.Error(), secrets...)
		}
	}
}
