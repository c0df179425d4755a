package fetch

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"

	"kith/internal/blob"
)

// shop is a store that serves whoever may.
type shop struct {
	*blob.Store
	may bool
}

func (s shop) May(context.Context, blob.Ref) bool { return s.may }

func newStore(t testing.TB) *blob.Store {
	t.Helper()
	store, err := blob.OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func put(t testing.TB, store *blob.Store, size int) (blob.Sealed, []byte) {
	t.Helper()
	plain := make([]byte, size)
	source := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = source.Read(plain)
	sealed, err := store.Seal(t.Context(), bytes.NewReader(plain), int64(size))
	if err != nil {
		t.Fatal(err)
	}
	return sealed, plain
}

// serve answers on one end of a pipe and gives a client on the other.
func serve(t testing.TB, source Source) *Client {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(context.Background(), theirs, source) }()
	t.Cleanup(func() {
		ours.Close()
		<-done
		theirs.Close()
	})
	return NewClient(ours)
}

func TestGet(t *testing.T) {
	from, to := newStore(t), newStore(t)
	client := serve(t, shop{from, true})
	for _, size := range []int{1, 1000, 256 << 10, 3 << 20, 20 << 20} {
		sealed, plain := put(t, from, size)
		ref := sealed.Manifest.Ref()
		if err := client.Get(t.Context(), to, ref, 1<<30); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		m, held, err := to.Held(ref)
		if err != nil || !held.Full() {
			t.Fatalf("%d bytes: %v, %d of %d pieces", size, err, held.Count(), held.Len())
		}
		r, err := blob.Open(t.Context(), to, m, sealed.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came out differently (%v)", size, err)
		}
		if err := client.Get(t.Context(), to, ref, 1<<30); err != nil {
			t.Errorf("a second time: %v", err)
		}
	}
}

func TestGetGoesOnWhereItLeftOff(t *testing.T) {
	full, half, to := newStore(t), newStore(t), newStore(t)
	sealed, _ := put(t, full, 2<<20)
	ref := sealed.Manifest.Ref()
	m, err := half.PutManifest(t.Context(), ref, sealed.Manifest.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < m.Pieces(); i += 2 {
		piece, err := full.ReadPiece(t.Context(), ref, i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := half.PutPiece(t.Context(), ref, i, piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := serve(t, shop{half, true}).Get(t.Context(), to, ref, 1<<30); !errors.Is(err, ErrNotThere) {
		t.Fatalf("from who has half of it: %v", err)
	}
	if _, held, err := to.Held(ref); err != nil || held.Count() != (m.Pieces()+1)/2 {
		t.Fatalf("%v: %d pieces were kept", err, held.Count())
	}
	if err := serve(t, shop{full, true}).Get(t.Context(), to, ref, 1<<30); err != nil {
		t.Fatal(err)
	}
	if whole, err := to.Whole(ref); err != nil || !whole {
		t.Errorf("%v: not whole", err)
	}
}

func TestTooLarge(t *testing.T) {
	from, to := newStore(t), newStore(t)
	sealed, _ := put(t, from, 300<<10)
	ref := sealed.Manifest.Ref()
	if err := serve(t, shop{from, true}).Get(t.Context(), to, ref, 200<<10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("300 KiB where 200 are allowed: %v", err)
	}
	if _, _, err := to.Held(ref); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("something of it was kept: %v", err)
	}
}

func TestWhoMayNotGetsNothing(t *testing.T) {
	from := newStore(t)
	sealed, _ := put(t, from, 1000)
	if err := serve(t, shop{from, false}).Get(t.Context(), newStore(t), sealed.Manifest.Ref(), 1<<30); !errors.Is(err, ErrNotThere) {
		t.Error(err)
	}
}

// liar answers with something else than what was asked for.
func liar(t *testing.T, answers ...[]byte) *Client {
	t.Helper()
	ours, theirs := net.Pipe()
	go func() {
		request := make([]byte, requestSize)
		for _, answer := range answers {
			if _, err := io.ReadFull(theirs, request); err != nil {
				return
			}
			framed := append(binary.BigEndian.AppendUint32(nil, uint32(len(answer))), answer...)
			if _, err := theirs.Write(framed); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	return NewClient(ours)
}

func TestLiars(t *testing.T) {
	from := newStore(t)
	sealed, _ := put(t, from, 1000)
	other, _ := put(t, from, 2000)
	ref := sealed.Manifest.Ref()
	piece, err := from.ReadPiece(t.Context(), ref, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	piece = bytes.Clone(piece)
	piece[10] ^= 1
	if err := liar(t, other.Manifest.Bytes()).Get(t.Context(), newStore(t), ref, 1<<30); !errors.Is(err, blob.ErrManifest) {
		t.Errorf("another manifest: %v", err)
	}
	to := newStore(t)
	if err := liar(t, sealed.Manifest.Bytes(), piece).Get(t.Context(), to, ref, 1<<30); !errors.Is(err, blob.ErrPiece) {
		t.Errorf("a changed piece: %v", err)
	}
	if _, held, err := to.Held(ref); err != nil || held.Count() != 0 {
		t.Errorf("%v: a changed piece was kept", err)
	}
	huge := &Client{}
	*huge = *NewClient(struct {
		io.Reader
		io.Writer
	}{bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff}), io.Discard})
	if err := huge.Get(t.Context(), newStore(t), ref, 1<<30); !errors.Is(err, ErrProtocol) {
		t.Errorf("4 GiB announced: %v", err)
	}
}

func FuzzServe(f *testing.F) {
	store := newStore(f)
	sealed, _ := put(f, store, 1000)
	ref := sealed.Manifest.Ref()
	request := func(first, count uint32) []byte {
		r := append([]byte(nil), ref[:]...)
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(r, first), count)
	}
	f.Add(request(manifest, 1))
	f.Add(append(request(0, 1), request(7, 64)...))
	f.Add(request(0, 1<<31))
	f.Fuzz(func(t *testing.T, requests []byte) {
		stream := struct {
			io.Reader
			io.Writer
		}{bytes.NewReader(requests), io.Discard}
		_ = Serve(t.Context(), stream, shop{store, true})
	})
}
