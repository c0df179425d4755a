package canon

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type sample struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Signed int64
	Fixed  [4]byte
	Bytes  []byte
	Text   string
	List   [][4]byte
	Inner  []pair
}

type pair struct {
	_    struct{} `cbor:",toarray"`
	A, B uint64
}

type fields struct {
	One uint64 `cbor:"1,keyasint"`
	Two string `cbor:"2,keyasint,omitempty"`
}

func hexOf(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// good is the canonical encoding of a sample; the cases below change one thing in it.
const good = "87 05 38 63 44 01020304 42 aabb 63 616263 82 44 00000000 44 ffffffff 81 82 01 02"

func TestUnmarshalCanonical(t *testing.T) {
	var s sample
	raw := hexOf(t, good)
	if err := Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if s.Number != 5 || s.Signed != -100 || s.Fixed != [4]byte{1, 2, 3, 4} || s.Text != "abc" || len(s.List) != 2 || s.Inner[0].B != 2 {
		t.Fatalf("decoded %+v", s)
	}
	again, err := Marshal(&s)
	if err != nil || !bytes.Equal(again, raw) {
		t.Fatalf("encoded again as %x, %v", again, err)
	}
}

func TestUnmarshalRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                       "",
		"trailing byte":                 good + " 00",
		"cut short":                     good[:len(good)-3],
		"an element too few":            "86 05 38 63 44 01020304 42 aabb 63 616263 82 44 00000000 44 ffffffff",
		"an element too many":           "88 05 38 63 44 01020304 42 aabb 63 616263 82 44 00000000 44 ffffffff 81 82 01 02 00",
		"a map for an array":            "a0",
		"null":                          "f6",
		"undefined":                     "f7",
		"number in two bytes":           strings.Replace(good, "87 05", "87 18 05", 1),
		"number in three bytes":         strings.Replace(good, "87 05", "87 19 0005", 1),
		"number in nine bytes":          strings.Replace(good, "87 05", "87 1b 0000000000000005", 1),
		"negative for unsigned":         strings.Replace(good, "87 05", "87 20", 1),
		"half float for a number":       strings.Replace(good, "87 05", "87 f9 4500", 1),
		"double for a number":           strings.Replace(good, "87 05", "87 fb 4014000000000000", 1),
		"bignum for a number":           strings.Replace(good, "87 05", "87 c2 41 05", 1),
		"bool for a number":             strings.Replace(good, "87 05", "87 f5", 1),
		"null for a number":             strings.Replace(good, "87 05", "87 f6", 1),
		"text for a number":             strings.Replace(good, "87 05", "87 61 35", 1),
		"number beyond int64":           strings.Replace(good, "38 63", "1b 8000000000000000", 1),
		"number below int64":            strings.Replace(good, "38 63", "3b 8000000000000000", 1),
		"fixed bytes too short":         strings.Replace(good, "44 01020304", "43 010203", 1),
		"fixed bytes too long":          strings.Replace(good, "44 01020304", "45 0102030405", 1),
		"fixed bytes empty":             strings.Replace(good, "44 01020304", "40", 1),
		"fixed bytes as numbers":        strings.Replace(good, "44 01020304", "84 01 02 03 04", 1),
		"fixed bytes as text":           strings.Replace(good, "44 01020304", "64 01020304", 1),
		"fixed bytes null":              strings.Replace(good, "44 01020304", "f6", 1),
		"bytes as numbers":              strings.Replace(good, "42 aabb", "82 18aa 18bb", 1),
		"bytes as text":                 strings.Replace(good, "42 aabb", "62 6161", 1),
		"bytes null":                    strings.Replace(good, "42 aabb", "f6", 1),
		"bytes in pieces":               strings.Replace(good, "42 aabb", "5f 41 aa 41 bb ff", 1),
		"length of bytes not shortest":  strings.Replace(good, "42 aabb", "58 02 aabb", 1),
		"tagged bytes":                  strings.Replace(good, "42 aabb", "d8 40 42 aabb", 1),
		"text as bytes":                 strings.Replace(good, "63 616263", "43 616263", 1),
		"text not UTF-8":                strings.Replace(good, "63 616263", "63 61ff63", 1),
		"text null":                     strings.Replace(good, "63 616263", "f6", 1),
		"list null":                     strings.Replace(good, "82 44 00000000 44 ffffffff", "f6", 1),
		"list without an end":           strings.Replace(good, "82 44 00000000 44 ffffffff", "9f 44 00000000 44 ffffffff ff", 1),
		"list length not shortest":      strings.Replace(good, "82 44 00000000", "98 02 44 00000000", 1),
		"list holds shorter fixed":      strings.Replace(good, "44 ffffffff", "43 ffffff", 1),
		"inner has one element too few": strings.Replace(good, "81 82 01 02", "81 81 01", 1),
		"whole tagged":                  "c1 " + good,
		"self-described":                "d9 d9f7 " + good,
	} {
		t.Run(name, func(t *testing.T) {
			var s sample
			if text == good {
				t.Fatal("the case changes nothing")
			}
			if err := Unmarshal(hexOf(t, text), &s); err == nil {
				t.Errorf("accepted as %+v", s)
			}
		})
	}
}

func TestUnmarshalRefusesFields(t *testing.T) {
	if err := Unmarshal(hexOf(t, "a2 01 05 02 61 61"), new(fields)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"unknown field":       "a3 01 05 02 61 61 03 00",
		"field twice":         "a3 01 05 01 05 02 61 61",
		"fields out of order": "a2 02 61 61 01 05",
		"empty field written": "a2 01 05 02 60",
		"key as text":         "a2 61 31 05 02 61 61",
	} {
		if err := Unmarshal(hexOf(t, text), new(fields)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNotCanonicalIsTold(t *testing.T) {
	err := Unmarshal(hexOf(t, strings.Replace(good, "87 05", "87 18 05", 1)), new(sample))
	if !errors.Is(err, ErrNotCanonical) {
		t.Errorf("got %v", err)
	}
}

func TestNilAndEmptyAreOne(t *testing.T) {
	none, err := Marshal(sample{})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := Marshal(sample{Bytes: []byte{}, List: [][4]byte{}, Inner: []pair{}})
	if err != nil || !bytes.Equal(none, empty) {
		t.Fatalf("%x and %x, %v", none, empty, err)
	}
	if want := hexOf(t, "87 00 00 44 00000000 40 60 80 80"); !bytes.Equal(none, want) {
		t.Fatalf("%x, want %x", none, want)
	}
	var s sample
	if err := Unmarshal(none, &s); err != nil {
		t.Fatal(err)
	}
}

func TestBounds(t *testing.T) {
	deep := func(levels int) []byte { return append(bytes.Repeat([]byte{0x81}, levels-1), 0x80) }
	var v any
	if err := UnmarshalOpen(deep(maxNesting), &v); err != nil {
		t.Errorf("%d levels: %v", maxNesting, err)
	}
	if err := UnmarshalOpen(deep(maxNesting+1), &v); err == nil {
		t.Errorf("%d levels accepted", maxNesting+1)
	}
	long := func(n int) []byte {
		return append([]byte{0x99, byte(n >> 8), byte(n)}, bytes.Repeat([]byte{0}, n)...)
	}
	var list []uint64
	if err := Unmarshal(long(maxElements), &list); err != nil || len(list) != maxElements {
		t.Errorf("%d elements: %v", maxElements, err)
	}
	if err := Unmarshal(long(maxElements+1), &list); err == nil {
		t.Errorf("%d elements accepted", maxElements+1)
	}
	// A length that nothing follows must not be believed before it is checked.
	allocated := testing.AllocsPerRun(10, func() {
		if err := Unmarshal(hexOf(t, "9b 00000000ffffffff"), &list); err == nil {
			t.Error("accepted")
		}
	})
	if allocated > 100 {
		t.Errorf("%v allocations for an empty promise", allocated)
	}
}

func TestUnmarshalOpen(t *testing.T) {
	var f fields
	if err := UnmarshalOpen(hexOf(t, "a4 01 05 02 61 61 03 82 01 02 18 63 f5"), &f); err != nil || f.One != 5 || f.Two != "a" {
		t.Errorf("unknown fields: %+v, %v", f, err)
	}
	for name, text := range map[string]string{
		"field twice":         "a2 01 05 01 06",
		"unknown field twice": "a3 01 05 03 00 03 01",
		"tag":                 "a2 01 05 03 c0 60",
		"indefinite":          "a2 01 05 03 9f ff",
		"text not UTF-8":      "a2 01 05 02 61 ff",
		"trailing":            "a1 01 05 00",
	} {
		if err := UnmarshalOpen(hexOf(t, text), new(fields)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Whatever bit is flipped, either the bytes are refused or they are the one encoding of something else.
func TestEveryBit(t *testing.T) {
	raw := hexOf(t, good)
	refused := 0
	for bit := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		var s sample
		if err := Unmarshal(flipped, &s); err != nil {
			refused++
			continue
		}
		again, err := Marshal(&s)
		if err != nil || !bytes.Equal(again, flipped) {
			t.Errorf("bit %d: %x is read as %x", bit, flipped, again)
		}
	}
	if refused < 60 {
		t.Errorf("only %d of %d flips were refused", refused, len(raw)*8)
	}
}

func drawSample(t *rapid.T) sample {
	s := sample{
		Number: rapid.Uint64().Draw(t, "number"),
		Signed: rapid.Int64().Draw(t, "signed"),
		Bytes:  rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"),
		Text:   rapid.String().Draw(t, "text"),
	}
	copy(s.Fixed[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "fixed"))
	for range rapid.IntRange(0, 5).Draw(t, "list") {
		s.List = append(s.List, s.Fixed)
		s.Inner = append(s.Inner, pair{A: rapid.Uint64().Draw(t, "a"), B: s.Number})
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSample(t)
		raw, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back sample
		if err := Unmarshal(raw, &back); err != nil {
			t.Fatalf("%x: %v", raw, err)
		}
		again, err := Marshal(back)
		if err != nil || !bytes.Equal(raw, again) {
			t.Fatalf("%x became %x, %v", raw, again, err)
		}
		if back.Number != s.Number || back.Signed != s.Signed || back.Text != s.Text || len(back.Inner) != len(s.Inner) {
			t.Fatalf("%+v became %+v", s, back)
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	for _, s := range []sample{{}, {Number: 1 << 60, Signed: -1, Text: "a", Bytes: []byte{1}, List: make([][4]byte, 3), Inner: make([]pair, 2)}} {
		raw, err := Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var strictly, openly sample
		if err := Unmarshal(raw, &strictly); err != nil {
			return
		}
		again, err := Marshal(strictly)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%x is read as %x, %v", raw, again, err)
		}
		if err := UnmarshalOpen(raw, &openly); err != nil {
			t.Fatalf("canonical, but not readable openly: %v", err)
		}
	})
}

func FuzzUnmarshalOpen(f *testing.F) {
	f.Add([]byte{0xa3, 1, 5, 2, 0x61, 0x61, 3, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var v fields
		if err := UnmarshalOpen(raw, &v); err != nil {
			return
		}
		again, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var back fields
		if err := Unmarshal(again, &back); err != nil || back != v {
			t.Fatalf("%+v became %+v, %v", v, back, err)
		}
	})
}
