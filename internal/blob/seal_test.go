package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"pgregory.net/rapid"
)

// memory is a source of pieces without a disk.
type memory struct {
	m      Manifest
	cipher []byte
	reads  int
	fail   error
}

func (s *memory) ReadPiece(ctx context.Context, ref Ref, i int, buf []byte) ([]byte, error) {
	s.reads++
	if s.fail != nil {
		return nil, s.fail
	}
	if ref != s.m.Ref() {
		return nil, ErrNotFound
	}
	off, n := s.m.Range(i)
	data := s.cipher[off : off+n]
	return append(buf[:0], data...), errors.Join(ctx.Err(), s.m.Verify(i, data))
}

func randomBytes(seed uint64, n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 1}).Read(b)
	return b
}

func seal(t testing.TB, plain []byte) (Sealed, *memory) {
	t.Helper()
	var out bytes.Buffer
	s, err := Seal(t.Context(), &out, bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	if int64(out.Len()) != s.Manifest.Size() {
		t.Fatalf("%d bytes of ciphertext, the manifest says %d", out.Len(), s.Manifest.Size())
	}
	return s, &memory{m: s.Manifest, cipher: out.Bytes()}
}

var interestingSizes = []int{0, 1, 15, 16, 17, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize,
	MinPieceSize - int(headerSize) - 64, MinPieceSize - int(headerSize), MinPieceSize, MinPieceSize + 1, 1<<20 + 7}

func TestSealAndOpen(t *testing.T) {
	for _, n := range interestingSizes {
		plain := randomBytes(uint64(n), n)
		s, src := seal(t, plain)
		if s.Manifest.FileSize() != int64(n) {
			t.Fatalf("size %d: the manifest says %d", n, s.Manifest.FileSize())
		}
		r, err := Open(t.Context(), src, s.Manifest, s.Key)
		if err != nil {
			t.Fatalf("size %d: %v", n, err)
		}
		if r.Size() != int64(n) || r.Manifest().Ref() != s.Manifest.Ref() {
			t.Fatalf("size %d: the reader says %d", n, r.Size())
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("size %d: read %d bytes, %v", n, len(got), err)
		}
		if err := iotest.TestReader(mustOpen(t, src, s), plain); n <= chunkSize+1 && err != nil {
			t.Fatalf("size %d: %v", n, err)
		}
	}
}

func mustOpen(t testing.TB, src PieceSource, s Sealed) *Reader {
	t.Helper()
	r, err := Open(t.Context(), src, s.Manifest, s.Key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadAtAnyOffset(t *testing.T) {
	plain := randomBytes(7, 3*MinPieceSize+12345)
	s, src := seal(t, plain)
	r := mustOpen(t, src, s)
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.Int64Range(0, int64(len(plain))+10).Draw(t, "off")
		buf := make([]byte, rapid.IntRange(0, 200_000).Draw(t, "n"))
		n, err := r.ReadAt(buf, off)
		want := plain[min(off, int64(len(plain))):]
		want = want[:min(len(buf), len(want))]
		if !bytes.Equal(buf[:n], want) {
			t.Fatalf("%d bytes at %d: got %d other ones", len(buf), off, n)
		}
		if n < len(buf) && err != io.EOF {
			t.Fatalf("short read with %v", err)
		}
		if n == len(buf) && err != nil && err != io.EOF {
			t.Fatal(err)
		}
		if _, err := r.Seek(off, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		m, _ := io.ReadFull(r, buf)
		if !bytes.Equal(buf[:m], want) {
			t.Fatalf("seek to %d gives other bytes than reading there", off)
		}
	})
}

func TestReadingOnReadsEachPieceOnce(t *testing.T) {
	s, src := seal(t, randomBytes(8, 5*MinPieceSize))
	r := mustOpen(t, src, s)
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	// Opening needs the first piece and the last chunk, which may lie across two pieces.
	if limit := s.Manifest.Pieces() + 3; src.reads > limit {
		t.Errorf("%d pieces read, want at most %d", src.reads, limit)
	}
}

func TestSealIsNeverConvergent(t *testing.T) {
	plain := []byte(strings.Repeat("canary words ", 10_000))
	a, srcA := seal(t, plain)
	b, srcB := seal(t, plain)
	if a.Manifest.Ref() == b.Manifest.Ref() || a.Key.b == b.Key.b {
		t.Error("equal files made equal blobs")
	}
	for _, src := range []*memory{srcA, srcB} {
		if bytes.Contains(src.cipher, []byte("canary")) {
			t.Error("plaintext in the ciphertext")
		}
	}
	// The file key must be nowhere in the file: the documented layout has no place for it.
	if !bytes.HasPrefix(srcA.cipher, []byte(headerText)) {
		t.Errorf("unexpected header %q", srcA.cipher[:headerSize])
	}
	if bytes.Contains(srcA.cipher, a.Key.b[:]) {
		t.Error("the key is in the ciphertext")
	}
}

func TestSealLengths(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		have int
		size int64
		want error
	}{
		"fewer":     {10, 11, ErrLength},
		"more":      {11, 10, ErrLength},
		"none":      {0, 1, ErrLength},
		"negative":  {0, -1, ErrTooLarge},
		"too large": {0, MaxFileSize + 1, ErrTooLarge},
	} {
		_, err := Seal(ctx, io.Discard, bytes.NewReader(make([]byte, c.have)), c.size)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if cipherSize(MaxFileSize) > MaxSize || cipherSize(MaxFileSize+1) <= MaxSize {
		t.Errorf("MaxFileSize %d makes %d bytes, MaxSize is %d", MaxFileSize, cipherSize(MaxFileSize), MaxSize)
	}
	broken := errors.New("the card was pulled out")
	if _, err := Seal(ctx, io.Discard, iotest.ErrReader(broken), 5); !errors.Is(err, broken) {
		t.Errorf("source error became %v", err)
	}
	full := errors.New("no space left")
	if _, err := Seal(ctx, failingWriter{full}, bytes.NewReader(make([]byte, 1<<20)), 1<<20); !errors.Is(err, full) {
		t.Errorf("destination error became %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Seal(ended, io.Discard, zeros{}, 1<<30); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestOpenRefusesWrongKeysAndForeignFiles(t *testing.T) {
	s, src := seal(t, randomBytes(9, 100_000))
	other, _ := seal(t, []byte("x"))
	for name, err := range map[string]error{
		"wrong key":     second(Open(t.Context(), src, s.Manifest, other.Key)),
		"zero key":      second(Open(t.Context(), src, s.Manifest, Key{})),
		"zero manifest": second(Open(t.Context(), src, Manifest{}, s.Key)),
	} {
		want := ErrDecrypt
		if name == "zero manifest" {
			want = ErrManifest
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	// A real age file for somebody else, and bytes that are none at all: valid blobs that don't open.
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var foreign bytes.Buffer
	w, err := age.Encrypt(&foreign, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	shifted := append([]byte(headerText), randomBytes(1, 500)...)
	for name, cipher := range map[string][]byte{"age": foreign.Bytes(), "noise": randomBytes(3, 4000), "shifted": shifted} {
		m := hashOf(t, cipher)
		if _, err := Open(t.Context(), &memory{m: m, cipher: cipher}, m, s.Key); !errors.Is(err, ErrDecrypt) {
			t.Errorf("%s: %v, want ErrDecrypt", name, err)
		}
	}
}

func hashOf(t *testing.T, cipher []byte) Manifest {
	t.Helper()
	p := newPieceHasher(int64(len(cipher)))
	if _, err := p.Write(cipher); err != nil {
		t.Fatal(err)
	}
	m, err := p.manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A hostile author can make a consistent blob of changed ciphertext; it must not open, or only up to the change.
func TestEveryChangeOfTheCiphertextIsNoticed(t *testing.T) {
	plain := randomBytes(10, 3*chunkSize+99)
	s, src := seal(t, plain)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		cipher := slices.Clone(src.cipher)
		bit := rng.IntN(len(cipher) * 8)
		cipher[bit/8] ^= 1 << (bit % 8)
		m := hashOf(t, cipher)
		r, err := Open(t.Context(), &memory{m: m, cipher: cipher}, m, s.Key)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(r)
		}
		if !errors.Is(err, ErrDecrypt) {
			t.Fatalf("bit %d flipped: %v, want ErrDecrypt", bit, err)
		}
		if !bytes.HasPrefix(plain, got) {
			t.Fatalf("bit %d flipped: changed plaintext was given out", bit)
		}
	}
	for _, n := range []int{1, chunkOverhead, chunkOverhead + 1, chunkSize, chunkSize + chunkOverhead, chunkSize + chunkOverhead + 99} {
		cut := src.cipher[:len(src.cipher)-n]
		m := hashOf(t, cut)
		if _, err := Open(t.Context(), &memory{m: m, cipher: cut}, m, s.Key); !errors.Is(err, ErrDecrypt) {
			t.Fatalf("cut by %d: %v, want ErrDecrypt", n, err)
		}
	}
}

func TestErrorsOfTheSourceStayWhatTheyAre(t *testing.T) {
	s, src := seal(t, randomBytes(11, 3*MinPieceSize))
	r := mustOpen(t, src, s)
	for _, want := range []error{ErrMissing, ErrCorrupt, context.Canceled} {
		src.fail = want
		if _, err := Open(t.Context(), src, s.Manifest, s.Key); !errors.Is(err, want) || errors.Is(err, ErrDecrypt) {
			t.Errorf("open: %v, want %v", err, want)
		}
		_, err := r.ReadAt(make([]byte, 10), MinPieceSize)
		if !errors.Is(err, want) || errors.Is(err, ErrDecrypt) {
			t.Errorf("read: %v, want %v", err, want)
		}
	}
}

// vector is a published example of the format; the files in testdata hold it byte by byte.
type vector struct {
	Note     string `json:"note"`
	Key      string `json:"key"`
	Plain    string `json:"plain"`
	Cipher   string `json:"cipher,omitempty"`
	Pieces   int    `json:"pieces"`
	Manifest string `json:"manifest"`
	Ref      string `json:"ref"`
}

func TestVector(t *testing.T) {
	raw, err := os.ReadFile("testdata/blob.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 2 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		cipher := unhex(t, v.Cipher)
		m, err := ParseManifest(unhex(t, v.Manifest))
		if err != nil {
			t.Fatalf("%s: %v", v.Note, err)
		}
		if m.Ref().String() != v.Ref || m.Pieces() != v.Pieces || m.Size() != int64(len(cipher)) {
			t.Errorf("%s: ref %s, %d pieces, %d bytes", v.Note, m.Ref(), m.Pieces(), m.Size())
		}
		var k Key
		if err := k.UnmarshalBinary(unhex(t, v.Key)); err != nil {
			t.Fatal(err)
		}
		r, err := Open(t.Context(), &memory{m: m, cipher: cipher}, m, k)
		if err != nil {
			t.Fatalf("%s: %v", v.Note, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || hex.EncodeToString(got) != v.Plain {
			t.Errorf("%s: %x, %v", v.Note, got, err)
		}
		// The hashes by hand, from the words of the package documentation.
		piece := sha256.Sum256(append([]byte("kith blob piece v1\x00"), cipher...))
		if v.Pieces == 1 && !bytes.Equal(m.Bytes()[len(m.Bytes())-32:], piece[:]) {
			t.Errorf("%s: the hash of the piece is not as documented", v.Note)
		}
		ref := sha256.Sum256(append([]byte("kith blob manifest v1\x00"), m.Bytes()...))
		if hex.EncodeToString(ref[:]) != v.Ref {
			t.Errorf("%s: the ref is not as documented", v.Note)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
