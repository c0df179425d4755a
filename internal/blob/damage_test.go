package blob

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// pathOf returns where the file of a blob is.
func pathOf(t testing.TB, s *Store, ref Ref) string {
	t.Helper()
	for _, p := range []string{wholePath(ref), partialPath(ref)} {
		name := filepath.Join(s.root.Name(), filepath.FromSlash(p))
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	t.Fatalf("blob %s has no file", ref)
	return ""
}

// A thousand single flipped bits, anywhere in the file: none is served, each tenth is repaired from a friend.
func TestFlippedBits(t *testing.T) {
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	plain := randomBytes(5, 2*MinPieceSize+10_000)
	sealed := mustSeal(t, home, plain)
	ref := sealed.Manifest.Ref()
	transfer(t, friend, home, ref)
	rng := rand.New(rand.NewPCG(3, 4))
	whole := pathOf(t, home, ref)
	headerBits := int(headerLength(sealed.Manifest)) * 8
	detected, harmless := 0, 0
	for k := range 1000 {
		name := pathOf(t, home, ref)
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bit := rng.IntN(len(raw) * 8)
		if k%4 == 0 {
			bit = rng.IntN(headerBits) // the header is small; make sure that it has its share
		}
		raw[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(name, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readFile(home, sealed)
		switch {
		case err == nil:
			if !bytes.Equal(got, plain) {
				t.Fatalf("bit %d: changed bytes were served", bit)
			}
			harmless++ // an unused bit of the bitmap
			if bit < headerBits-8 || bit >= headerBits {
				t.Fatalf("bit %d went unnoticed", bit)
			}
		case errors.Is(err, ErrCorrupt), errors.Is(err, ErrMissing), errors.Is(err, ErrNotFound):
			detected++
			if whole, err := home.Whole(ref); err != nil || whole {
				t.Fatalf("bit %d: still whole after the damage was seen, %v", bit, err)
			}
		default:
			t.Fatalf("bit %d: %v", bit, err)
		}
		if k%10 != 0 { // repairing costs a synchronisation of the disk; most of the time put the file back
			raw[bit/8] ^= 1 << (bit % 8)
			if err := home.Delete(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(whole, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		transfer(t, home, friend, ref)
		mustRead(t, home, sealed, plain)
		if whole, err := home.Whole(ref); err != nil || !whole {
			t.Fatalf("bit %d: not whole after the repair, %v", bit, err)
		}
	}
	if detected < 950 {
		t.Errorf("only %d of 1,000 flips detected", detected)
	}
	t.Logf("%d detected and repaired, %d harmless", detected, harmless)
}

func TestTruncatedFiles(t *testing.T) {
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	plain := randomBytes(6, 3*MinPieceSize)
	sealed := mustSeal(t, home, plain)
	ref := sealed.Manifest.Ref()
	transfer(t, friend, home, ref)
	full, err := os.ReadFile(pathOf(t, home, ref))
	if err != nil {
		t.Fatal(err)
	}
	header := int(headerLength(sealed.Manifest))
	lengths := []int{0, 1, fixedHeader - 1, fixedHeader, fixedHeader + 1, header - 1, header, header + 1,
		header + MinPieceSize, header + MinPieceSize + 1, len(full) - MinPieceSize, len(full) - 1}
	for _, n := range lengths {
		if err := os.WriteFile(pathOf(t, home, ref), full[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		_, held, err := home.Verify(t.Context(), ref)
		if !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut to %d: %v, want ErrCorrupt", n, err)
		}
		if want := max(0, (n-header)/MinPieceSize); n >= header && held.Count() != want {
			t.Errorf("cut to %d: %d pieces held, want %d", n, held.Count(), want)
		}
		transfer(t, home, friend, ref)
		mustRead(t, home, sealed, plain)
	}
}

// One look at a truncated file is enough to know everything that has to be fetched again.
func TestTruncationIsMarkedAtOnce(t *testing.T) {
	s := openStore(t, t.TempDir())
	sealed := mustSeal(t, s, randomBytes(7, 4*MinPieceSize))
	ref := sealed.Manifest.Ref()
	if err := os.Truncate(pathOf(t, s, ref), headerLength(sealed.Manifest)+MinPieceSize+5); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReadPiece(t.Context(), ref, 2, nil); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
	_, held, err := s.Held(ref)
	if err != nil || held.Count() != 1 || !held.Has(0) {
		t.Errorf("held %x, want only the first piece, %v", held.Bytes(), err)
	}
}

func TestTornPartialWrites(t *testing.T) {
	// A crash may leave a bit set whose piece never reached the disk.
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	plain := randomBytes(8, 2*MinPieceSize)
	sealed := mustSeal(t, home, plain)
	m := sealed.Manifest
	if _, err := friend.PutManifest(t.Context(), m.Ref(), m.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pathOf(t, friend, m.Ref()), encodeHeader(m, fullBitmap(m.Pieces())), 0o600); err != nil {
		t.Fatal(err)
	}
	if whole, _ := friend.Whole(m.Ref()); whole {
		t.Fatal("whole without a piece")
	}
	b := friend.NewBatch()
	if err := b.Finish(m.Ref()); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(friend, sealed); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("%v, want ErrCorrupt", err)
	}
	transfer(t, friend, home, m.Ref())
	mustRead(t, friend, sealed, plain)
}

// All pieces arrived and the process died before the blob was finished.
func TestFinishAfterCrash(t *testing.T) {
	home := openStore(t, t.TempDir())
	dir := t.TempDir()
	friend := openStore(t, dir)
	plain := randomBytes(9, MinPieceSize)
	sealed := mustSeal(t, home, plain)
	m := sealed.Manifest
	if _, err := friend.PutManifest(t.Context(), m.Ref(), m.Bytes()); err != nil {
		t.Fatal(err)
	}
	b := friend.NewBatch()
	for i := range m.Pieces() {
		data, err := home.ReadPiece(t.Context(), m.Ref(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		full, err := b.PutPiece(t.Context(), m.Ref(), i, data)
		if err != nil || full != (i == m.Pieces()-1) {
			t.Fatalf("piece %d: full %v, %v", i, full, err)
		}
	}
	again := openStore(t, dir)
	if whole, _ := again.Whole(m.Ref()); whole {
		t.Fatal("whole before Commit")
	}
	if _, held, err := again.Held(m.Ref()); err != nil || !held.Full() {
		t.Fatalf("pieces lost: %v", err)
	}
	c := again.NewBatch()
	if err := c.Finish(m.Ref()); err != nil {
		t.Fatal(err)
	}
	if err := c.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if whole, _ := again.Whole(m.Ref()); !whole {
		t.Fatal("not whole after Finish")
	}
	mustRead(t, again, sealed, plain)
}

// FuzzBlobFile opens files that somebody tampered with: an error or the right bytes, never others.
func FuzzBlobFile(f *testing.F) {
	s := openStore(f, f.TempDir())
	plain := randomBytes(12, 500)
	sealed := mustSeal(f, s, plain)
	ref := sealed.Manifest.Ref()
	raw, err := os.ReadFile(pathOf(f, s, ref))
	if err != nil {
		f.Fatal(err)
	}
	name := filepath.Join(s.root.Name(), filepath.FromSlash(wholePath(ref)))
	f.Add(raw)
	f.Add(raw[:50])
	f.Add([]byte(fileMagic + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readFile(s, sealed)
		if err == nil && !bytes.Equal(got, plain) {
			t.Fatal("other bytes were served")
		}
		if err := s.Delete(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
	})
}
