package blob

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
)

// Bitmap says which pieces of a blob are held. Bit i stands for piece i, least significant bit of the first
// byte first; unused bits of the last byte are zero. A Bitmap is not safe for concurrent change.
type Bitmap struct {
	bits []byte
	n    int
}

// NewBitmap returns a bitmap of n pieces, none of them held.
func NewBitmap(n int) Bitmap { return Bitmap{bits: make([]byte, bitmapSize(n)), n: n} }

// ParseBitmap reads the bitmap of n pieces from a stranger: exactly ⌈n/8⌉ bytes, unused bits zero. data is
// not retained.
func ParseBitmap(n int, data []byte) (Bitmap, error) {
	if n < 0 || n > MaxPieces {
		return Bitmap{}, fmt.Errorf("bitmap: %d pieces, at most %d", n, MaxPieces)
	}
	if len(data) != bitmapSize(n) {
		return Bitmap{}, fmt.Errorf("bitmap: %d bytes for %d pieces, want %d", len(data), n, bitmapSize(n))
	}
	if n%8 != 0 && data[len(data)-1]>>(n%8) != 0 {
		return Bitmap{}, fmt.Errorf("bitmap: bits set beyond piece %d", n-1)
	}
	return Bitmap{bits: slices.Clone(data), n: n}, nil
}

func bitmapSize(n int) int { return (n + 7) / 8 }

// Len returns of how many pieces the bitmap speaks.
func (b Bitmap) Len() int { return b.n }

// Bytes returns the encoding, ⌈Len()/8⌉ bytes. The caller must not change it.
func (b Bitmap) Bytes() []byte { return b.bits }

// Has reports whether piece i is held; false for an index out of range.
func (b Bitmap) Has(i int) bool {
	return i >= 0 && i < b.n && b.bits[i/8]&(1<<(i%8)) != 0
}

// Count returns how many pieces are held.
func (b Bitmap) Count() int {
	c := 0
	for _, x := range b.bits {
		c += bits.OnesCount8(x)
	}
	return c
}

// Full reports whether every piece is held.
func (b Bitmap) Full() bool { return b.Count() == b.n }

// Missing iterates over the indices of the pieces that are not held, in order.
func (b Bitmap) Missing() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range b.n {
			if !b.Has(i) && !yield(i) {
				return
			}
		}
	}
}

// Set marks piece i as held or not; an index out of range does nothing.
func (b Bitmap) Set(i int, held bool) {
	if i < 0 || i >= b.n {
		return
	}
	if held {
		b.bits[i/8] |= 1 << (i % 8)
	} else {
		b.bits[i/8] &^= 1 << (i % 8)
	}
}

// clearUnused clears the bits beyond the last piece.
func (b Bitmap) clearUnused() {
	if b.n%8 != 0 {
		b.bits[len(b.bits)-1] &= 1<<(b.n%8) - 1
	}
}

func fullBitmap(n int) Bitmap {
	b := NewBitmap(n)
	for i := range n {
		b.Set(i, true)
	}
	return b
}
