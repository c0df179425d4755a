package key

import (
	"bytes"
	"errors"
	"testing"
)

func TestSeal(t *testing.T) {
	d := testDevice(1)
	for _, size := range []int{0, 1, 32, 64, 4096} {
		plain := bytes.Repeat([]byte{7}, size)
		sealed, err := d.SealPublic().Seal([]byte("info"), plain)
		if err != nil || len(sealed) != size+SealOverhead {
			t.Fatalf("%d bytes sealed are %d, %v", size, len(sealed), err)
		}
		again, err := d.SealPublic().Seal([]byte("info"), plain)
		if err != nil || bytes.Equal(sealed, again) {
			t.Fatal("the same seal twice")
		}
		if got, err := d.Open([]byte("info"), sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened to %x, %v", got, err)
		}
		for name, open := range map[string]func() ([]byte, error){
			"other info":   func() ([]byte, error) { return d.Open([]byte("Info"), sealed) },
			"no info":      func() ([]byte, error) { return d.Open(nil, sealed) },
			"other device": func() ([]byte, error) { return testDevice(2).Open([]byte("info"), sealed) },
			"the root":     func() ([]byte, error) { return testRoot(t).Open([]byte("info"), sealed) },
			"cut short":    func() ([]byte, error) { return d.Open([]byte("info"), sealed[:len(sealed)-1]) },
			"one more":     func() ([]byte, error) { return d.Open([]byte("info"), append(bytes.Clone(sealed), 0)) },
		} {
			if got, err := open(); !errors.Is(err, ErrOpen) || got != nil {
				t.Errorf("%s: %x, %v", name, got, err)
			}
		}
	}
}

// X-Wing refuses by decapsulating to another secret, so that the tag notices every bit. Every 13th, and all of the tag
// and what it seals.
func TestEveryBitOfASeal(t *testing.T) {
	d := testDevice(1)
	sealed, err := d.SealPublic().Seal([]byte("info"), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	flips := 0
	for bit := 0; bit < len(sealed)*8; bit++ {
		if bit < 1120*8 && bit%13 != 0 {
			continue
		}
		altered := bytes.Clone(sealed)
		altered[bit/8] ^= 1 << (bit % 8)
		// The top bit of the X25519 share is not used (RFC 7748, section 5), but X-Wing hashes the share as sent.
		if _, err := d.Open([]byte("info"), altered); !errors.Is(err, ErrOpen) {
			t.Fatalf("opened with bit %d flipped", bit)
		}
		flips++
	}
	if flips < 800 {
		t.Errorf("only %d flips", flips)
	}
}

func TestSealPublicCheck(t *testing.T) {
	good := testDevice(1).SealPublic()
	if len(good) != SealPublicSize || good.Check() != nil {
		t.Fatalf("%d bytes, %v", len(good), good.Check())
	}
	for _, size := range []int{0, 32, SealPublicSize - 1, SealPublicSize + 1} {
		if SealPublic(make([]byte, size)).Check() == nil {
			t.Errorf("%d bytes are taken for a key", size)
		}
	}
	// Coefficients of ML-KEM are below 3,329; all ones are not (FIPS 203, section 7.2).
	if SealPublic(bytes.Repeat([]byte{0xff}, SealPublicSize)).Check() == nil {
		t.Error("coefficients out of range are taken for a key")
	}
}

func TestPersonKey(t *testing.T) {
	person, other := PersonID{1}, PersonID{2}
	d := testDevice(1)
	k := NewPersonKey(person, 2)
	if k.Person() != person || k.Generation() != 2 || len(k.SealPublic()) != SealPublicSize {
		t.Fatalf("%v, %d", k.Person(), k.Generation())
	}
	sealed, err := k.SealTo(d.SealPublic())
	if err != nil || len(sealed) != SealedSeedSize {
		t.Fatalf("%d bytes, %v", len(sealed), err)
	}
	back, err := OpenPersonKey(d, person, 2, k.SealPublic(), sealed)
	if err != nil || back.keys().seed != k.keys().seed || back.Generation() != 2 || back.Person() != person {
		t.Fatal(err)
	}
	wrap, err := k.SealPublic().Seal([]byte("info"), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := back.Open([]byte("info"), wrap); err != nil || string(plain) != "secret" {
		t.Errorf("%q, %v", plain, err)
	}
	short, err := d.SealPublic().Seal(seedInfo(person, 2), k.keys().seed[:31])
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*PersonKey, error){
		"other person":     func() (*PersonKey, error) { return OpenPersonKey(d, other, 2, k.SealPublic(), sealed) },
		"other generation": func() (*PersonKey, error) { return OpenPersonKey(d, person, 1, k.SealPublic(), sealed) },
		"other device":     func() (*PersonKey, error) { return OpenPersonKey(testDevice(2), person, 2, k.SealPublic(), sealed) },
		"another published key": func() (*PersonKey, error) {
			return OpenPersonKey(d, person, 2, NewPersonKey(person, 2).SealPublic(), sealed)
		},
		"no published key": func() (*PersonKey, error) { return OpenPersonKey(d, person, 2, nil, sealed) },
		"a short seed":     func() (*PersonKey, error) { return OpenPersonKey(d, person, 2, k.SealPublic(), short) },
	} {
		if got, err := open(); !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPersonKeyHoldsTheOneBefore(t *testing.T) {
	person := PersonID{1}
	first, second, third := NewPersonKey(person, 1), NewPersonKey(person, 2), NewPersonKey(person, 3)
	sealed := second.SealPrevious(first)
	if len(sealed) != SealedPreviousSize {
		t.Fatalf("%d bytes", len(sealed))
	}
	back, err := second.OpenPrevious(sealed)
	if err != nil || back.keys().seed != first.keys().seed || back.Generation() != 1 || !bytes.Equal(back.SealPublic(), first.SealPublic()) {
		t.Fatal(err)
	}
	for bit := range len(sealed) * 8 {
		altered := bytes.Clone(sealed)
		altered[bit/8] ^= 1 << (bit % 8)
		if _, err := second.OpenPrevious(altered); !errors.Is(err, ErrOpen) {
			t.Errorf("opened with bit %d flipped", bit)
		}
	}
	for name, open := range map[string]func() (*PersonKey, error){
		"by another key":       func() (*PersonKey, error) { return NewPersonKey(person, 2).OpenPrevious(sealed) },
		"of another person":    func() (*PersonKey, error) { return personKey(PersonID{2}, 2, second.keys().seed).OpenPrevious(sealed) },
		"one generation on":    func() (*PersonKey, error) { return personKey(person, 3, second.keys().seed).OpenPrevious(sealed) },
		"two generations back": func() (*PersonKey, error) { return third.OpenPrevious(third.SealPrevious(first)) },
		"before the first": func() (*PersonKey, error) {
			return first.OpenPrevious(first.SealPrevious(personKey(person, 0, second.keys().seed)))
		},
	} {
		if got, err := open(); !errors.Is(err, ErrOpen) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	d := testDevice(1)
	sample := readJSON[keyVectors](f, keyFile) // the same in every process
	f.Add([]byte(sample.SealInfo), []byte(sample.Sealed))
	f.Add([]byte(sample.SealInfo), []byte(sample.Sealed[:SealOverhead]))
	f.Fuzz(func(t *testing.T, info, raw []byte) {
		plain, err := d.Open(info, raw)
		if err != nil {
			if !errors.Is(err, ErrOpen) || plain != nil {
				t.Errorf("%v", err)
			}
			return
		}
		if !bytes.Equal(info, sample.SealInfo) || !bytes.Equal(raw, sample.Sealed) {
			t.Errorf("opened something that nobody sealed")
		}
	})
}
