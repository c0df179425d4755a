package blob

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"

	"filippo.io/age"
)

const benchSize = 32 << 20

// BenchmarkSeal and BenchmarkOpen stand beside BenchmarkLimit…: SHA-256 and an age stream over the same
// bytes, which is the work that can't be avoided.
func BenchmarkSeal(b *testing.B) {
	plain := randomBytes(1, benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, err := Seal(b.Context(), io.Discard, bytes.NewReader(plain), benchSize); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLimitSeal(b *testing.B) {
	plain := randomBytes(1, benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		h := sha256.New()
		w, err := age.Encrypt(h, &carrier{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(plain); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s := openStore(b, b.TempDir())
	sealed := mustSeal(b, s, randomBytes(1, benchSize))
	b.SetBytes(benchSize)
	for b.Loop() {
		if n, err := io.Copy(io.Discard, mustOpen(b, s, sealed)); err != nil || n != benchSize {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkLimitOpen(b *testing.B) {
	sealed, src := seal(b, randomBytes(1, benchSize))
	b.SetBytes(benchSize)
	for b.Loop() {
		sha256.Sum256(src.cipher)
		r, err := age.Decrypt(bytes.NewReader(src.cipher), &carrier{key: sealed.Key})
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != benchSize {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkServe and BenchmarkTake are the two ends of a transfer: reading pieces and putting them.
func BenchmarkServe(b *testing.B) {
	s := openStore(b, b.TempDir())
	m := mustSeal(b, s, randomBytes(1, benchSize)).Manifest
	b.SetBytes(benchSize)
	var buf []byte
	for b.Loop() {
		for i := range m.Pieces() {
			data, err := s.ReadPiece(b.Context(), m.Ref(), i, buf)
			if err != nil {
				b.Fatal(err)
			}
			buf = data
		}
	}
}

func BenchmarkTake(b *testing.B) {
	_, src := seal(b, randomBytes(1, benchSize))
	m := src.m
	s := openStore(b, b.TempDir())
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, err := s.PutManifest(b.Context(), m.Ref(), m.Bytes()); err != nil {
			b.Fatal(err)
		}
		for i := range m.Pieces() {
			off, n := m.Range(i)
			if _, err := s.PutPiece(b.Context(), m.Ref(), i, src.cipher[off:off+n]); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		if err := s.Delete(b.Context(), m.Ref()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkPhotos seals the files of a post with 20 photos, in one batch and one by one.
func BenchmarkPhotos(b *testing.B) {
	thumb, screen := randomBytes(1, 35_000), randomBytes(2, 450_000)
	b.Run("batch", func(b *testing.B) {
		s := openStore(b, b.TempDir())
		for b.Loop() {
			batch := s.NewBatch()
			for range 20 {
				for _, file := range [][]byte{thumb, screen} {
					if _, err := batch.Seal(b.Context(), bytes.NewReader(file), int64(len(file))); err != nil {
						b.Fatal(err)
					}
				}
			}
			if err := batch.Commit(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("singly", func(b *testing.B) {
		s := openStore(b, b.TempDir())
		for b.Loop() {
			for range 20 {
				mustSeal(b, s, thumb)
				mustSeal(b, s, screen)
			}
		}
	})
}

// BenchmarkThumbnail reads a thumbnail the way a page does.
func BenchmarkThumbnail(b *testing.B) {
	s := openStore(b, b.TempDir())
	sealed := mustSeal(b, s, randomBytes(1, 35_000))
	b.SetBytes(35_000)
	for b.Loop() {
		m, err := s.Manifest(sealed.Manifest.Ref())
		if err != nil {
			b.Fatal(err)
		}
		r, err := Open(b.Context(), s, m, sealed.Key)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
