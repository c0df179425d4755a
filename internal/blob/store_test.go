package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func openStore(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// transfer copies the missing pieces of a blob from one store to another, as a sync would.
func transfer(t testing.TB, to, from *Store, ref Ref) {
	t.Helper()
	ctx := t.Context()
	m, err := from.Manifest(ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.PutManifest(ctx, ref, m.Bytes()); err != nil {
		t.Fatal(err)
	}
	_, held, err := to.Held(ref)
	if err != nil {
		t.Fatal(err)
	}
	whole := false
	for i := range held.Missing() {
		data, err := from.ReadPiece(ctx, ref, i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if whole, err = to.PutPiece(ctx, ref, i, data); err != nil {
			t.Fatal(err)
		}
	}
	if !whole && !held.Full() {
		t.Fatal("all pieces are there and the blob is not whole")
	}
}

func readFile(s *Store, sealed Sealed) ([]byte, error) {
	r, err := Open(context.Background(), s, sealed.Manifest, sealed.Key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func mustRead(t testing.TB, s *Store, sealed Sealed, want []byte) {
	t.Helper()
	got, err := readFile(s, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("read %d other bytes", len(got))
	}
}

func mustSeal(t testing.TB, s *Store, plain []byte) Sealed {
	t.Helper()
	sealed, err := s.Seal(t.Context(), bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// files lists every file below a folder, to see what is left over.
func files(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestStoreRoundTrip(t *testing.T) {
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	for _, n := range interestingSizes {
		plain := randomBytes(uint64(n), n)
		sealed := mustSeal(t, home, plain)
		ref := sealed.Manifest.Ref()
		mustRead(t, home, sealed, plain)
		if whole, err := home.Whole(ref); err != nil || !whole {
			t.Fatalf("size %d: whole %v, %v", n, whole, err)
		}
		transfer(t, friend, home, ref)
		mustRead(t, friend, sealed, plain)
		if whole, err := friend.Whole(ref); err != nil || !whole {
			t.Fatalf("size %d: whole %v at the friend's, %v", n, whole, err)
		}
		if m, held, err := friend.Verify(t.Context(), ref); err != nil || !held.Full() || m.Ref() != ref {
			t.Fatalf("size %d: verify: %v", n, err)
		}
	}
}

func TestStoreSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	plain := randomBytes(1, 700_000)
	sealed := mustSeal(t, s, plain)
	if err := os.WriteFile(filepath.Join(dir, tempDir, "left over"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := openStore(t, dir)
	mustRead(t, again, sealed, plain)
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files in the store: %v", got)
	}
}

func TestPiecesInAnyOrder(t *testing.T) {
	home := openStore(t, t.TempDir())
	plain := randomBytes(2, 4*MinPieceSize)
	sealed := mustSeal(t, home, plain)
	ref := sealed.Manifest.Ref()
	rapid.Check(t, func(rt *rapid.T) {
		ctx := t.Context()
		friend := openStore(t, t.TempDir())
		if _, err := friend.PutManifest(ctx, ref, sealed.Manifest.Bytes()); err != nil {
			rt.Fatal(err)
		}
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(rt, "order")
		want := NewBitmap(5)
		for k, i := range order {
			data, err := home.ReadPiece(ctx, ref, i, nil)
			if err != nil {
				rt.Fatal(err)
			}
			for again := range 2 { // a piece that comes twice changes nothing
				whole, err := friend.PutPiece(ctx, ref, i, data)
				if err != nil || whole != (k == 4) {
					rt.Fatalf("piece %d, time %d: whole %v, %v", i, again, whole, err)
				}
			}
			want.Set(i, true)
			_, held, err := friend.Held(ref)
			if err != nil || !bytes.Equal(held.Bytes(), want.Bytes()) {
				rt.Fatalf("held %x, want %x, %v", held.Bytes(), want.Bytes(), err)
			}
			for j := range 5 {
				_, err := friend.ReadPiece(ctx, ref, j, nil)
				if want.Has(j) && err != nil || !want.Has(j) && !errors.Is(err, ErrMissing) {
					rt.Fatalf("piece %d: %v", j, err)
				}
			}
		}
		mustRead(t, friend, sealed, plain)
	})
}

func TestHostileBytesAreRefused(t *testing.T) {
	ctx := t.Context()
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	sealed := mustSeal(t, home, randomBytes(3, 2*MinPieceSize))
	m := sealed.Manifest
	ref := m.Ref()
	other := mustSeal(t, home, randomBytes(4, 2*MinPieceSize)).Manifest

	if _, err := friend.PutPiece(ctx, ref, 0, make([]byte, MinPieceSize)); !errors.Is(err, ErrNotFound) {
		t.Errorf("piece before manifest: %v", err)
	}
	if _, err := friend.PutManifest(ctx, ref, other.Bytes()); !errors.Is(err, ErrManifest) {
		t.Errorf("another manifest: %v", err)
	}
	if _, err := friend.PutManifest(ctx, refOf([]byte("nonsense")), []byte("nonsense")); !errors.Is(err, ErrManifest) {
		t.Errorf("a nonsense manifest with the right hash: %v", err)
	}
	if got := files(t, friend.root.Name()); len(got) != 0 {
		t.Errorf("refused bytes left %v", got)
	}
	if _, err := friend.PutManifest(ctx, ref, m.Bytes()); err != nil {
		t.Fatal(err)
	}
	piece, err := home.ReadPiece(ctx, ref, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		i    int
		data []byte
	}{
		"wrong place": {1, piece}, "beyond": {3, piece}, "negative": {-1, piece}, "short": {0, piece[:100]},
		"long": {0, append(bytes.Clone(piece), 1)}, "empty": {0, nil}, "zeros": {0, make([]byte, len(piece))},
	} {
		if _, err := friend.PutPiece(ctx, ref, c.i, c.data); !errors.Is(err, ErrPiece) {
			t.Errorf("%s: %v, want ErrPiece", name, err)
		}
	}
	if _, held, err := friend.Held(ref); err != nil || held.Count() != 0 {
		t.Errorf("%d pieces count, %v", held.Count(), err)
	}
}

func TestUnknownBlobs(t *testing.T) {
	s := openStore(t, t.TempDir())
	ref := refOf([]byte("nobody has this"))
	if _, err := s.Manifest(ref); !errors.Is(err, ErrNotFound) {
		t.Errorf("manifest: %v", err)
	}
	if _, err := s.ReadPiece(t.Context(), ref, 0, nil); !errors.Is(err, ErrNotFound) {
		t.Errorf("piece: %v", err)
	}
	if _, _, err := s.Verify(t.Context(), ref); !errors.Is(err, ErrNotFound) {
		t.Errorf("verify: %v", err)
	}
	if whole, err := s.Whole(ref); err != nil || whole {
		t.Errorf("whole: %v, %v", whole, err)
	}
	if err := s.Delete(t.Context(), ref); err != nil {
		t.Errorf("delete: %v", err)
	}
	sealed := mustSeal(t, s, []byte("x"))
	for _, i := range []int{-1, 1, 1 << 20} {
		if _, err := s.ReadPiece(t.Context(), sealed.Manifest.Ref(), i, nil); !errors.Is(err, ErrMissing) {
			t.Errorf("piece %d: %v", i, err)
		}
	}
	if whole, _ := s.Whole(sealed.Manifest.Ref()); !whole {
		t.Error("asking for pieces that do not exist hurt the blob")
	}
}

func TestDeleteAndList(t *testing.T) {
	ctx := t.Context()
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	want := make(map[Ref]bool)
	var refs []Ref
	for i := range 20 {
		sealed := mustSeal(t, home, randomBytes(uint64(i), i*1000))
		ref := sealed.Manifest.Ref()
		refs = append(refs, ref)
		want[ref] = true
		if i%2 == 0 {
			transfer(t, friend, home, ref)
		} else if _, err := friend.PutManifest(ctx, ref, sealed.Manifest.Bytes()); err != nil {
			t.Fatal(err)
		} else {
			want[ref] = false
		}
	}
	// What is not ours does not disturb.
	for _, name := range []string{".DS_Store", "00/Thumbs.db", "partial/desktop.ini"} {
		p := filepath.Join(friend.root.Name(), name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := make(map[Ref]bool)
	for info, err := range friend.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(pathOf(t, friend, info.Ref))
		if err != nil || st.Size() != info.Bytes {
			t.Errorf("%s: %d bytes listed, %v", info.Ref, info.Bytes, err)
		}
		got[info.Ref] = info.Whole
	}
	if len(got) != len(want) {
		t.Fatalf("%d blobs listed, want %d", len(got), len(want))
	}
	for ref, whole := range want {
		if got[ref] != whole {
			t.Errorf("%s: whole %v, want %v", ref, got[ref], whole)
		}
	}
	for range friend.List(ctx) {
		break // stopping early must be possible
	}
	if err := friend.Delete(ctx, refs...); err != nil {
		t.Fatal(err)
	}
	for range friend.List(ctx) {
		t.Fatal("something is left after everything was deleted")
	}
	if got := files(t, friend.root.Name()); len(got) != 3 {
		t.Errorf("left on disk: %v", got)
	}
	if _, err := friend.Manifest(refs[0]); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted blob: %v", err)
	}
	if n := len(files(t, home.root.Name())); n != 20 {
		t.Errorf("%d files for 20 blobs", n)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range home.List(ended) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("list with an ended context: %v", err)
		}
	}
}

func TestStoreStaysInItsFolder(t *testing.T) {
	outside := t.TempDir()
	dir := t.TempDir()
	s := openStore(t, dir)
	for b := range 256 {
		if err := os.Symlink(outside, filepath.Join(dir, fmt.Sprintf("%02x", b))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Seal(t.Context(), bytes.NewReader([]byte("x")), 1); err == nil {
		t.Error("a blob was written through a symbolic link")
	}
	if got := files(t, outside); len(got) != 0 {
		t.Errorf("written outside: %v", got)
	}
	mustSeal(t, openStore(t, filepath.Join(outside, "new", "folder")), []byte("a folder that has to be made"))
}

// Everything at once on a few blobs: no torn read, no false alarm, no race.
func TestConcurrentUse(t *testing.T) {
	ctx := t.Context()
	home, friend := openStore(t, t.TempDir()), openStore(t, t.TempDir())
	const n = 6
	var sealed [n]Sealed
	var plain [n][]byte
	for i := range sealed {
		plain[i] = randomBytes(uint64(i), 2*MinPieceSize+i)
		sealed[i] = mustSeal(t, home, plain[i])
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 1))
			for range 60 {
				k := rng.IntN(n)
				m := sealed[k].Manifest
				if _, err := friend.PutManifest(ctx, m.Ref(), m.Bytes()); err != nil {
					t.Error(err)
				}
				i := rng.IntN(m.Pieces())
				data, err := home.ReadPiece(ctx, m.Ref(), i, nil)
				if err != nil {
					t.Error(err)
					continue
				}
				if _, err := friend.PutPiece(ctx, m.Ref(), i, data); err != nil && !errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
				got, err := readFile(friend, sealed[k])
				switch {
				case err == nil && !bytes.Equal(got, plain[k]):
					t.Error("torn read")
				case err != nil && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrNotFound):
					t.Error(err)
				}
				if rng.IntN(10) == 0 {
					if err := friend.Delete(ctx, m.Ref()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for i := range sealed {
		transfer(t, friend, home, sealed[i].Manifest.Ref())
		mustRead(t, friend, sealed[i], plain[i])
	}
	if got := files(t, friend.root.Name()); len(got) != n {
		t.Errorf("%d files for %d blobs: %v", len(got), n, got)
	}
}
