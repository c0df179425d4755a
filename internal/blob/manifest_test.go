package blob

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// testManifest makes the manifest of a ciphertext of size bytes, all of them zero.
func testManifest(t *testing.T, size int64) Manifest {
	t.Helper()
	p := newPieceHasher(size)
	if _, err := io.CopyN(p, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	m, err := p.manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestManifestRoundTrip(t *testing.T) {
	for _, size := range []int64{MinSize, MinSize + 1, MinPieceSize - 1, MinPieceSize, MinPieceSize + 1, 5 << 20} {
		m := testManifest(t, size)
		got, err := ParseManifest(m.Bytes())
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if got.Ref() != m.Ref() || got.Size() != size || got.Pieces() != m.Pieces() {
			t.Fatalf("size %d: %v != %v", size, got, m)
		}
		var sum int64
		for i := range got.Pieces() {
			off, n := got.Range(i)
			if off != sum || n <= 0 || n > MaxPieceSize {
				t.Fatalf("size %d: piece %d at %d, %d bytes", size, i, off, n)
			}
			if err := got.Verify(i, make([]byte, n)); err != nil {
				t.Fatalf("size %d: %v", size, err)
			}
			sum += n
		}
		if sum != size {
			t.Fatalf("size %d: the pieces have %d bytes", size, sum)
		}
	}
}

// The bounds promise that every allowed size fits.
func TestManifestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(MinSize, MaxSize).Draw(t, "size")
		p, n := PieceSizeFor(size), pieceCount(size)
		if p < MinPieceSize || p > MaxPieceSize || n < 1 || n > MaxPieces {
			t.Fatalf("size %d: %d pieces of %d", size, n, p)
		}
		if p > MinPieceSize && size <= p/2*MaxPieces {
			t.Fatalf("size %d: piece size %d is larger than needed", size, p)
		}
		if int64(n)*p < size || int64(n-1)*p >= size {
			t.Fatalf("size %d: %d pieces of %d do not cover it", size, n, p)
		}
	})
	m, err := newManifest(MaxSize, make([]byte, pieceCount(MaxSize)*sha256.Size))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Bytes()) > MaxManifestSize {
		t.Fatalf("the largest manifest has %d bytes", len(m.Bytes()))
	}
}

func TestManifestVerifyRefusesOtherBytes(t *testing.T) {
	m := testManifest(t, 2*MinPieceSize+1)
	last := make([]byte, 1)
	full := make([]byte, MinPieceSize)
	if err := m.Verify(2, last); err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(full)
	flipped[1000] ^= 4
	for name, err := range map[string]error{
		"flipped":  m.Verify(0, flipped),
		"short":    m.Verify(0, full[1:]),
		"long":     m.Verify(2, make([]byte, 2)),
		"empty":    m.Verify(0, nil),
		"negative": m.Verify(-1, full),
		"beyond":   m.Verify(3, full),
		"zero":     Manifest{}.Verify(0, nil),
	} {
		if !errors.Is(err, ErrPiece) {
			t.Errorf("%s: %v, want ErrPiece", name, err)
		}
	}
}

// encode builds manifests that newManifest would never make.
func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHostileManifests(t *testing.T) {
	good := testManifest(t, 3*MinPieceSize)
	hashes := good.hashes
	size, piece := uint64(3*MinPieceSize), uint64(MinPieceSize)
	if raw := encode(t, []any{1, size, piece, hashes}); !bytes.Equal(raw, good.Bytes()) {
		t.Fatal("the builder of this test does not build valid manifests")
	}
	badSize := uint64(headerSize + chunkSize + chunkOverhead + chunkOverhead) // a last chunk without content
	cases := map[string][]byte{
		"empty":              {},
		"null":               {0xf6},
		"not an array":       encode(t, map[string]int{"version": 1}),
		"version 0":          encode(t, []any{0, size, piece, hashes}),
		"version 2":          encode(t, []any{2, size, piece, hashes}),
		"negative version":   encode(t, []any{-1, size, piece, hashes}),
		"text version":       encode(t, []any{"1", size, piece, hashes}),
		"size 0":             encode(t, []any{1, 0, piece, []byte{}}),
		"below smallest":     encode(t, []any{1, MinSize - 1, piece, hashes[:32]}),
		"beyond largest":     encode(t, []any{1, MaxSize + 1, MaxPieceSize, hashes}),
		"largest integer":    encode(t, []any{1, uint64(1<<64 - 1), MaxPieceSize, hashes}),
		"impossible size":    encode(t, []any{1, badSize, piece, hashes[:32]}),
		"negative size":      encode(t, []any{1, -5, piece, hashes}),
		"float size":         encode(t, []any{1, float64(size), piece, hashes}),
		"piece size 0":       encode(t, []any{1, size, 0, hashes}),
		"piece size 1":       encode(t, []any{1, size, 1, hashes}),
		"large piece":        encode(t, []any{1, size, MaxPieceSize, hashes[:32]}),
		"hash missing":       encode(t, []any{1, size, piece, hashes[:64]}),
		"hash too many":      encode(t, []any{1, size, piece, append(bytes.Clone(hashes), hashes[:32]...)}),
		"hash cut":           encode(t, []any{1, size, piece, hashes[:95]}),
		"hashes as text":     encode(t, []any{1, size, piece, string(bytes.Repeat([]byte{'a'}, 96))}),
		"hashes as array":    encode(t, []any{1, size, piece, []any{hashes[:32], hashes[32:64], hashes[64:]}}),
		"element missing":    encode(t, []any{1, size, piece}),
		"element too many":   encode(t, []any{1, size, piece, hashes, 0}),
		"tagged":             append([]byte{0xc0}, good.Bytes()...),
		"trailing byte":      append(bytes.Clone(good.Bytes()), 0),
		"indefinite array":   append(append([]byte{0x9f}, good.Bytes()[1:]...), 0xff),
		"non-minimal number": append([]byte{0x84, 0x18, 0x01}, good.Bytes()[2:]...),
		"larger than bound":  make([]byte, MaxManifestSize+1),
		"claims 4 GiB":       {0x84, 0x01, 0x19, 0x40, 0x00, 0x1a, 0, 4, 0, 0, 0x5a, 0xff, 0xff, 0xff, 0xff},
		"deeply nested":      bytes.Repeat([]byte{0x81}, 60000),
	}
	for name, raw := range cases {
		if m, err := ParseManifest(raw); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: got %v, %v; want ErrManifest", name, m, err)
		}
	}
	for cut := range good.Bytes() {
		if _, err := ParseManifest(good.Bytes()[:cut]); !errors.Is(err, ErrManifest) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

// FuzzParseManifest checks that whatever decodes is canonical and within its bounds.
func FuzzParseManifest(f *testing.F) {
	for _, size := range []int64{MinSize, MinPieceSize + 5, 3 * MinPieceSize} {
		m, err := newManifest(size, make([]byte, pieceCount(size)*sha256.Size))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(m.Bytes())
	}
	f.Add([]byte{0x9f, 0x01, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := ParseManifest(raw)
		if err != nil {
			if !errors.Is(err, ErrManifest) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		if !bytes.Equal(m.Bytes(), raw) || m.Ref() != refOf(raw) {
			t.Fatal("decoded bytes encode to others")
		}
		if m.Size() < MinSize || m.Size() > MaxSize || m.Pieces() > MaxPieces {
			t.Fatalf("out of bounds: %d bytes, %d pieces", m.Size(), m.Pieces())
		}
		if got := cipherSize(m.FileSize()); got != m.Size() {
			t.Fatalf("size %d, file size %d", m.Size(), m.FileSize())
		}
	})
}

func TestBitmap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		b := NewBitmap(n)
		held := make(map[int]bool)
		for range rapid.IntRange(0, 50).Draw(t, "changes") {
			i, v := rapid.IntRange(-2, n+2).Draw(t, "i"), rapid.Bool().Draw(t, "v")
			b.Set(i, v)
			if i >= 0 && i < n {
				held[i] = v
			}
		}
		count := 0
		for i := -2; i < n+2; i++ {
			if b.Has(i) != held[i] {
				t.Fatalf("piece %d: %v, want %v", i, b.Has(i), held[i])
			}
			if held[i] {
				count++
			}
		}
		for i := range b.Missing() {
			if held[i] {
				t.Fatalf("held piece %d among the missing", i)
			}
			count++
		}
		if count != n || b.Full() != (b.Count() == n) {
			t.Fatalf("%d pieces held or missing, want %d", count, n)
		}
		back, err := ParseBitmap(n, b.Bytes())
		if err != nil || !bytes.Equal(back.Bytes(), b.Bytes()) || back.Len() != n {
			t.Fatalf("round trip: %v", err)
		}
	})
	for name, err := range map[string]error{
		"short":       second(ParseBitmap(9, []byte{1})),
		"long":        second(ParseBitmap(8, []byte{1, 0})),
		"unused bits": second(ParseBitmap(9, []byte{0xff, 0x02})),
		"negative":    second(ParseBitmap(-1, nil)),
		"too many":    second(ParseBitmap(MaxPieces+1, make([]byte, bitmapSize(MaxPieces+1)))),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
