package blob

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

func testKey(t *testing.T) Key {
	t.Helper()
	var k Key
	if err := k.UnmarshalBinary([]byte("sixteen canaries")); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyIsNeverPrinted(t *testing.T) {
	k := testKey(t)
	wrapped := struct {
		Name string
		Key  Key
	}{"photo", k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%c", "%08b", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+" "+verb+"\n", k, &k, wrapped)
	}
	fmt.Fprintln(&out, k.String(), fmt.Errorf("with %v", k))
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("sealed", "key", k, "pointer", &k, "in", wrapped)
	}
	j, err := json.Marshal(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	secret := k.b[:]
	for name, form := range map[string]string{
		"raw": string(secret), "hex": hex.EncodeToString(secret), "HEX": strings.ToUpper(hex.EncodeToString(secret)),
		"decimals": strings.Trim(fmt.Sprint(secret), "[]"), "start": "sixteen", "list": "115, 105", "go": "0x73, 0x69",
	} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the key is readable (%s) in:\n%s", name, out.String())
		}
	}
	if !strings.Contains(out.String(), "redacted") {
		t.Error("nothing says redacted")
	}
}

func TestKeyBinary(t *testing.T) {
	k := testKey(t)
	b, err := k.MarshalBinary()
	if err != nil || string(b) != "sixteen canaries" {
		t.Fatalf("%q, %v", b, err)
	}
	if _, err := (Key{}).MarshalBinary(); err == nil {
		t.Error("the zero key was written")
	}
	for _, bad := range [][]byte{nil, make([]byte, 15), make([]byte, 16), make([]byte, 17), []byte("seventeen canarie")} {
		var got Key
		if err := got.UnmarshalBinary(bad); err == nil {
			t.Errorf("%x accepted", bad)
		}
		if !got.IsZero() {
			t.Errorf("%x left something in the key", bad)
		}
	}
}

// Package content puts keys and refs into CBOR structures as they are.
func TestKeyAndRefInCBOR(t *testing.T) {
	type file struct {
		_   struct{} `cbor:",toarray"`
		Ref Ref
		Key Key
	}
	in := file{Ref: refOf([]byte("x")), Key: testKey(t)}
	raw, err := cbor.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2 + RefSize + 1 + KeySize; len(raw) != want {
		t.Errorf("%d bytes, want %d: two byte strings", len(raw), want)
	}
	var out file
	if err := cbor.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	if out.Ref != in.Ref || out.Key.b != in.Key.b {
		t.Fatal("changed on the way")
	}
	short, err := cbor.Marshal([]any{in.Ref[:31], in.Key.b[:]})
	if err != nil {
		t.Fatal(err)
	}
	if err := cbor.Unmarshal(short, &out); err == nil {
		t.Error("a ref of 31 bytes was accepted")
	}
}

func TestRefText(t *testing.T) {
	r := refOf([]byte("manifest"))
	got, err := ParseRef(r.String())
	if err != nil || got != r || got.IsZero() {
		t.Fatalf("%v, %v", got, err)
	}
	for _, bad := range []string{"", r.String()[1:], r.String() + "0", strings.ToUpper(r.String()), "g" + r.String()[1:],
		"../" + r.String()[3:], strings.Repeat("é", 32)} {
		if _, err := ParseRef(bad); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
	if !(Ref{}).IsZero() {
		t.Error("the zero ref is not zero")
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add(refOf(nil).String())
	f.Add(strings.Repeat("A", 64))
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRef(s); err == nil && r.String() != s {
			t.Fatalf("%q and %q are the same ref", s, r)
		}
	})
}
