package blob

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"

	"kith/internal/canon"
)

// Bounds of a blob. They are part of the protocol: a manifest outside them is invalid everywhere.
const (
	// MinPieceSize is the piece size of nearly every blob. A phone's photo in screen size is one or two such
	// pieces, so several members can serve one photo, and a lost connection costs at most a quarter of a
	// mebibyte.
	MinPieceSize = 256 << 10
	// MaxPieceSize is what a machine must be ready to buffer in order to verify one piece; 8 MiB is bearable
	// for a Raspberry Pi that does a few of them at a time.
	MaxPieceSize = 8 << 20
	// MaxManifestSize lets a manifest travel in one message and be decoded without further thought.
	MaxManifestSize = 64 << 10
	// MaxPieces is how many hashes fit into MaxManifestSize beside the other fields (at most 19 bytes).
	MaxPieces = (MaxManifestSize - 19) / sha256.Size
	// MaxSize is the longest blob: just under 16 GiB, hours of video.
	MaxSize int64 = MaxPieces * MaxPieceSize
	// MinSize is the length of the blob of an empty file.
	MinSize int64 = headerSize + chunkOverhead
)

const (
	manifestVersion = 1
	// pieceDomain keeps a piece's hash apart from every other SHA-256 in the protocol.
	pieceDomain = "kith blob piece v1\x00"
)

// PieceSizeFor returns the one valid piece size of a blob of size bytes: the smallest power of two, not
// below [MinPieceSize], that cuts it into at most [MaxPieces]. One answer for each size leaves a hostile
// author nothing to choose.
func PieceSizeFor(size int64) int64 {
	p := int64(MinPieceSize)
	for p < MaxPieceSize && size > p*MaxPieces {
		p *= 2
	}
	return p
}

// Manifest describes one blob. It is immutable, safe for concurrent use and valid by construction: only
// [Seal] and [ParseManifest] make one. The zero Manifest describes nothing.
type Manifest struct {
	size   int64
	hashes []byte // sha256.Size bytes for each piece
	raw    []byte // the encoding
	ref    Ref
}

// wireManifest is the encoded form.
type wireManifest struct {
	_         struct{} `cbor:",toarray"`
	Version   uint64
	Size      uint64
	PieceSize uint64
	Hashes    []byte
}

// newManifest encodes a manifest whose parts are known to be valid.
func newManifest(size int64, hashes []byte) (Manifest, error) {
	raw, err := canon.Marshal(wireManifest{
		Version:   manifestVersion,
		Size:      uint64(size),
		PieceSize: uint64(PieceSizeFor(size)),
		Hashes:    hashes,
	})
	if err != nil {
		return Manifest{}, fmt.Errorf("encode manifest: %w", err)
	}
	return Manifest{size: size, hashes: hashes, raw: raw, ref: refOf(raw)}, nil
}

// ParseManifest decodes a manifest from a stranger. It accepts exactly the bytes that encoding the result
// gives again, and returns [ErrManifest] for all others. raw is not retained.
func ParseManifest(raw []byte) (Manifest, error) {
	if len(raw) > MaxManifestSize {
		return Manifest{}, fmt.Errorf("%w: %d bytes, at most %d", ErrManifest, len(raw), MaxManifestSize)
	}
	var w wireManifest
	if err := canon.Unmarshal(raw, &w); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if w.Version != manifestVersion {
		return Manifest{}, fmt.Errorf("%w: version %d, want %d", ErrManifest, w.Version, manifestVersion)
	}
	if w.Size < uint64(MinSize) || w.Size > uint64(MaxSize) {
		return Manifest{}, fmt.Errorf("%w: size %d outside %d to %d", ErrManifest, w.Size, MinSize, MaxSize)
	}
	size := int64(w.Size)
	if _, err := plainSize(size); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if want := PieceSizeFor(size); w.PieceSize != uint64(want) {
		return Manifest{}, fmt.Errorf("%w: piece size %d, want %d", ErrManifest, w.PieceSize, want)
	}
	if want := pieceCount(size) * sha256.Size; len(w.Hashes) != want {
		return Manifest{}, fmt.Errorf("%w: %d bytes of hashes, want %d", ErrManifest, len(w.Hashes), want)
	}
	return Manifest{size: size, hashes: w.Hashes, raw: bytes.Clone(raw), ref: refOf(raw)}, nil
}

// parseManifestOf is ParseManifest for bytes that must be the manifest with the given ref. The hash is
// compared first: bytes that nobody asked for are not decoded.
func parseManifestOf(ref Ref, raw []byte) (Manifest, error) {
	if len(raw) > MaxManifestSize {
		return Manifest{}, fmt.Errorf("%w: %d bytes, at most %d", ErrManifest, len(raw), MaxManifestSize)
	}
	if refOf(raw) != ref {
		return Manifest{}, fmt.Errorf("%w: it is not the one of %s", ErrManifest, ref)
	}
	return ParseManifest(raw)
}

// pieceCount returns how many pieces a valid size has.
func pieceCount(size int64) int {
	p := PieceSizeFor(size)
	return int((size + p - 1) / p)
}

// Ref returns the blob's address.
func (m Manifest) Ref() Ref { return m.ref }

// Size returns the length of the ciphertext in bytes.
func (m Manifest) Size() int64 { return m.size }

// FileSize returns the length of the file inside, in bytes.
func (m Manifest) FileSize() int64 {
	n, err := plainSize(m.size)
	if err != nil {
		return 0 // the zero Manifest; others were checked when they were made
	}
	return n
}

// Bytes returns the encoding, at most [MaxManifestSize] bytes. The caller must not change it.
func (m Manifest) Bytes() []byte { return m.raw }

// IsZero reports whether m is the zero Manifest.
func (m Manifest) IsZero() bool { return m.size == 0 }

// Pieces returns how many pieces there are, at most [MaxPieces].
func (m Manifest) Pieces() int { return len(m.hashes) / sha256.Size }

// Range returns where piece i stands in the ciphertext and how many bytes it has, at most [MaxPieceSize].
// Both are zero for an index outside 0 to Pieces()-1.
func (m Manifest) Range(i int) (offset, length int64) {
	if i < 0 || i >= m.Pieces() {
		return 0, 0
	}
	p := PieceSizeFor(m.size)
	offset = int64(i) * p
	return offset, min(p, m.size-offset)
}

// Verify returns [ErrPiece] unless data is piece i.
func (m Manifest) Verify(i int, data []byte) error {
	_, length := m.Range(i)
	if length == 0 {
		return fmt.Errorf("%w: index %d of %d", ErrPiece, i, m.Pieces())
	}
	if int64(len(data)) != length {
		return fmt.Errorf("%w: piece %d has %d bytes, want %d", ErrPiece, i, len(data), length)
	}
	h := sha256.New()
	h.Write([]byte(pieceDomain))
	h.Write(data)
	var sum [sha256.Size]byte
	if subtle.ConstantTimeCompare(h.Sum(sum[:0]), m.hashes[i*sha256.Size:(i+1)*sha256.Size]) != 1 {
		return fmt.Errorf("%w: hash of piece %d", ErrPiece, i)
	}
	return nil
}

// pieceHasher cuts a stream of known length into pieces and hashes each.
type pieceHasher struct {
	size, seen int64
	pieceSize  int64
	h          hash.Hash
	hashes     []byte
}

func newPieceHasher(size int64) *pieceHasher {
	p := &pieceHasher{size: size, pieceSize: PieceSizeFor(size), h: sha256.New()}
	p.hashes = make([]byte, 0, pieceCount(size)*sha256.Size)
	p.h.Write([]byte(pieceDomain))
	return p
}

// Write never fails; bytes beyond the announced length are noticed by manifest.
func (p *pieceHasher) Write(b []byte) (int, error) {
	total := len(b)
	for len(b) > 0 {
		n := min(int64(len(b)), p.pieceSize-p.seen%p.pieceSize)
		p.h.Write(b[:n])
		p.seen += n
		b = b[n:]
		if p.seen%p.pieceSize == 0 {
			p.cut()
		}
	}
	return total, nil
}

func (p *pieceHasher) cut() {
	p.hashes = p.h.Sum(p.hashes)
	p.h.Reset()
	p.h.Write([]byte(pieceDomain))
}

func (p *pieceHasher) manifest() (Manifest, error) {
	if p.seen != p.size {
		return Manifest{}, fmt.Errorf("%w: %d bytes of ciphertext, want %d", ErrLength, p.seen, p.size)
	}
	if p.seen%p.pieceSize != 0 {
		p.cut()
	}
	return newManifest(p.size, p.hashes)
}
