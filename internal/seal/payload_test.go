package seal

import (
	"bytes"
	"errors"
	"testing"

	"kith/internal/blob"
	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
)

func testRefs(n int) []blob.Ref {
	refs := make([]blob.Ref, n)
	for i := range refs {
		refs[i][0], refs[i][31] = byte(i), 1
	}
	return refs
}

func TestPayloadRoundTrip(t *testing.T) {
	e := testEpoch(t, 1)
	h := testHeader(e)
	for _, size := range []int{0, 1, 31, 32, 255, 256, 257, 1000, MaxPlaintext} {
		for _, refs := range []int{0, 1, MaxRefs} {
			plain := repeat(0x80, size) // looks like padding
			payload, err := Payload(e, testSpace, h, testRefs(refs), plain)
			if err != nil {
				t.Fatal(err)
			}
			if len(payload) > oplog.MaxPayload {
				t.Errorf("%d bytes and %d refs make a payload of %d bytes", size, refs, len(payload))
			}
			got, gotRefs, err := OpenPayload(e, testSpace, h, payload)
			if err != nil || !bytes.Equal(got, plain) || len(gotRefs) != refs {
				t.Fatalf("%d bytes and %d refs: %v", size, refs, err)
			}
			clear, err := Refs(payload)
			if err != nil || len(clear) != refs || refs > 0 && clear[refs-1] != testRefs(refs)[refs-1] {
				t.Errorf("refs in the clear: %v, %v", clear, err)
			}
			if size >= 31 && bytes.Contains(payload, plain) {
				t.Error("the plaintext is in the payload")
			}
		}
	}
}

func TestPayloadBounds(t *testing.T) {
	e := testEpoch(t, 1)
	if _, err := Payload(e, testSpace, testHeader(e), nil, make([]byte, MaxPlaintext+1)); err == nil {
		t.Error("a plaintext too long")
	}
	if _, err := Payload(e, testSpace, testHeader(e), testRefs(MaxRefs+1), nil); err == nil {
		t.Error("too many refs")
	}
}

// The same plaintext twice has nothing in common.
func TestPayloadIsFresh(t *testing.T) {
	e := testEpoch(t, 1)
	a, err := Payload(e, testSpace, testHeader(e), nil, repeat(7, 100))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Payload(e, testSpace, testHeader(e), nil, repeat(7, 100))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+16 <= len(a); i++ {
		if bytes.Contains(b, a[i:i+16]) {
			t.Fatalf("16 bytes in common at %d", i)
		}
	}
}

func TestEveryBitOfAPayload(t *testing.T) {
	e := testEpoch(t, 1)
	h := testHeader(e)
	payload, err := Payload(e, testSpace, h, testRefs(2), []byte("what nobody else reads"))
	if err != nil {
		t.Fatal(err)
	}
	flips(payload, func(bit int) {
		got, refs, err := OpenPayload(e, testSpace, h, payload)
		if err == nil || !errors.Is(err, ErrPayload) && !errors.Is(err, ErrWrongKey) || got != nil || refs != nil {
			t.Errorf("bit %d: %q, %v", bit, got, err)
		}
	})
	for size := range payload {
		if _, _, err := OpenPayload(e, testSpace, h, payload[:size]); err == nil {
			t.Errorf("opened the first %d bytes", size)
		}
	}
}

func TestEnvelopeBounds(t *testing.T) {
	e := testEpoch(t, 1)
	h := testHeader(e)
	good, err := Payload(e, testSpace, h, nil, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*envelope){
		"suite 0":           func(v *envelope) { v.Suite = 0 },
		"suite 2":           func(v *envelope) { v.Suite = 2 },
		"short salt":        func(v *envelope) { v.Salt = v.Salt[:31] },
		"long salt":         func(v *envelope) { v.Salt = append(v.Salt, 0) },
		"no salt":           func(v *envelope) { v.Salt = nil },
		"short commitment":  func(v *envelope) { v.Commitment = v.Commitment[:31] },
		"no commitment":     func(v *envelope) { v.Commitment = nil },
		"too many refs":     func(v *envelope) { v.Refs = testRefs(MaxRefs + 1) },
		"no ciphertext":     func(v *envelope) { v.Ciphertext = nil },
		"ciphertext a tag":  func(v *envelope) { v.Ciphertext = v.Ciphertext[:16] },
		"ciphertext longer": func(v *envelope) { v.Ciphertext = append(v.Ciphertext, 0) },
		"a ref added":       func(v *envelope) { v.Refs = testRefs(1) },
	} {
		var env envelope
		if err := canon.Unmarshal(good, &env); err != nil {
			t.Fatal(err)
		}
		change(&env)
		raw, err := canon.Marshal(&env)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := OpenPayload(e, testSpace, h, raw); !errors.Is(err, ErrPayload) && !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
		keyless := name == "no ciphertext" || name == "ciphertext a tag" || name == "ciphertext longer" || name == "a ref added"
		if _, err := Refs(raw); (err == nil) != keyless {
			t.Errorf("%s, without a key: %v", name, err)
		}
	}
	for _, raw := range [][]byte{nil, {0x80}, {0xf6}, append(bytes.Clone(good), 0)} {
		if _, err := Refs(raw); !errors.Is(err, ErrPayload) {
			t.Errorf("%x: %v", raw, err)
		}
	}
}

// Padding that the key's holder wrote wrong is refused, and any amount of right padding is read.
func TestPaddingIsChecked(t *testing.T) {
	e := testEpoch(t, 1)
	h := testHeader(e)
	open := func(padded []byte) ([]byte, error) {
		aead, commitment := payloadCipher(e, repeat(3, saltSize), testSpace, h)
		ad, err := payloadAD(testSpace, h, nil)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := canon.Marshal(&envelope{
			Suite: payloadSuite, Salt: repeat(3, saltSize), Commitment: commitment,
			Ciphertext: aead.Seal(nil, make([]byte, aead.NonceSize()), padded, ad),
		})
		if err != nil {
			t.Fatal(err)
		}
		plain, _, err := OpenPayload(e, testSpace, h, raw)
		return plain, err
	}
	for _, padded := range [][]byte{nil, {0}, make([]byte, 32), {1}, []byte("text"), append([]byte("text"), 0x81, 0, 0), append([]byte("text"), 0, 0)} {
		if plain, err := open(padded); !errors.Is(err, ErrPayload) || plain != nil {
			t.Errorf("%x: %x, %v", padded, plain, err)
		}
	}
	for _, zeros := range []int{0, 1, 500} {
		if plain, err := open(append([]byte("text\x80"), make([]byte, zeros)...)); err != nil || string(plain) != "text" {
			t.Errorf("%d zeros: %q, %v", zeros, plain, err)
		}
	}
}

// A payload opens with its key, in its space, log and place, under its own header, and nowhere else. Together with
// the wraps, 10,000 replays.
func TestReplays(t *testing.T) {
	a, b := testEpoch(t, 1), testEpoch(t, 5)
	base := testHeader(a)
	spaces := []key.SpaceID{testSpace, {1}, {2}}
	var headers []oplog.Header
	for _, log := range []oplog.LogID{base.Log, {1}} {
		for seq := range uint64(4) {
			for _, epoch := range []oplog.EpochID{a.ID(), b.ID()} {
				h := base
				h.Log, h.Seq, h.Epoch = log, base.Seq+seq, epoch
				headers = append(headers, h)
			}
		}
	}
	plain := []byte("here and nowhere else")
	tried, opened := 0, 0
	for i, space := range spaces {
		for j, h := range headers {
			payload, err := Payload(a, space, h, nil, plain)
			if err != nil {
				t.Fatal(err)
			}
			for k, otherSpace := range spaces {
				for l, other := range headers {
					for _, e := range []*Epoch{a, b, withoutHistory(t, a)} {
						right := i == k && j == l && e != b
						got, _, err := OpenPayload(e, otherSpace, other, payload)
						if (err == nil) != right || right != bytes.Equal(got, plain) {
							t.Fatalf("space %d to %d, header %d to %d, %v: %v", i, k, j, l, e, err)
						}
						tried++
						if err == nil {
							opened++
						}
					}
				}
			}
		}
	}
	// Every other field of the header binds too.
	payload, err := Payload(a, testSpace, base, testRefs(1), plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*oplog.Header){
		"prev":    func(h *oplog.Header) { h.Prev[0] ^= 1 },
		"lamport": func(h *oplog.Header) { h.Lamport++ },
		"time":    func(h *oplog.Header) { h.Time++ },
		"kind":    func(h *oplog.Header) { h.Kind = oplog.KindControl },
		"deps":    func(h *oplog.Header) { h.Deps = []oplog.EntryID{{1}} },
	} {
		h := base
		change(&h)
		tried++
		if _, _, err := OpenPayload(a, testSpace, h, payload); !errors.Is(err, ErrWrongKey) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if tried < 6_500 || opened != 2*len(spaces)*len(headers) {
		t.Errorf("%d replays, %d opened", tried, opened)
	}
}

// Two keys that open one ciphertext would let its author show two people two texts. The commitment rules that out.
func TestOneKeyForOneCiphertext(t *testing.T) {
	a, b := testEpoch(t, 1), testEpoch(t, 5)
	h := testHeader(a)
	payload, err := Payload(a, testSpace, h, nil, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	var env envelope
	if err := canon.Unmarshal(payload, &env); err != nil {
		t.Fatal(err)
	}
	_, env.Commitment = payloadCipher(b, env.Salt, testSpace, h)
	raw, err := canon.Marshal(&env)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []*Epoch{a, b} {
		if _, _, err := OpenPayload(e, testSpace, h, raw); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%v: %v", e, err)
		}
	}
}

func FuzzOpenPayload(f *testing.F) {
	e, h := testEpoch(f, 1), testHeader(testEpoch(f, 1))
	sample, err := payload(e, testSpace, h, testRefs(2), []byte("text"), repeat(7, saltSize))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	bare, err := payload(e, testSpace, h, nil, nil, repeat(7, saltSize))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bare)
	f.Fuzz(func(t *testing.T, raw []byte) {
		refs, err := Refs(raw)
		if err != nil {
			if !errors.Is(err, ErrPayload) {
				t.Fatal(err)
			}
		} else {
			env, err := decodeEnvelope(raw)
			if err != nil {
				t.Fatal(err)
			}
			again, err := canon.Marshal(&env)
			if err != nil || !bytes.Equal(again, raw) || len(refs) > MaxRefs {
				t.Fatalf("%x is read as %x", raw, again)
			}
		}
		if _, _, err := OpenPayload(e, testSpace, h, raw); err == nil {
			if !bytes.Equal(raw, sample) && !bytes.Equal(raw, bare) {
				t.Fatal("opened what nobody wrote")
			}
		} else if !errors.Is(err, ErrPayload) && !errors.Is(err, ErrWrongKey) {
			t.Fatal(err)
		}
	})
}

func BenchmarkOpenPayload(b *testing.B) {
	e := testEpoch(b, 1)
	h := testHeader(e)
	sealed, err := Payload(e, testSpace, h, nil, repeat('x', 130))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := OpenPayload(e, testSpace, h, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPayload(b *testing.B) {
	e := testEpoch(b, 1)
	h := testHeader(e)
	plain := repeat('x', 130)
	for b.Loop() {
		if _, err := Payload(e, testSpace, h, nil, plain); err != nil {
			b.Fatal(err)
		}
	}
}
