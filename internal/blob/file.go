package blob

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A blob's file in the store is a header and the ciphertext, which is sparse while pieces are missing:
//
//	offset  bytes    content
//	     0      8    "kithblb1"
//	     8      4    length m of the manifest, big-endian
//	    12      m    manifest
//	  12+m  ⌈n/8⌉    bitmap of the n pieces, see [Bitmap]
//	   ...   size    ciphertext; piece i at i × piece size from here
//
// The manifest is covered by the ref in the file's name, every piece by the manifest, and the bitmap needs
// no cover: a bit set by mistake shows when the piece is read, a bit lost costs fetching the piece again.
const (
	fileMagic   = "kithblb1"
	fixedHeader = len(fileMagic) + 4

	// headerGuess is read at once: it covers the header of every blob of up to some 120 pieces, 30 MiB.
	headerGuess = 4 << 10
)

func encodeHeader(m Manifest, held Bitmap) []byte {
	b := make([]byte, 0, headerLength(m))
	b = append(b, fileMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.raw)))
	b = append(b, m.raw...)
	return append(b, held.bits...)
}

func headerLength(m Manifest) int64 {
	return int64(fixedHeader + len(m.raw) + bitmapSize(m.Pieces()))
}

// blobFile is an open file of a store with its header read and verified.
type blobFile struct {
	*os.File
	manifest Manifest
	held     Bitmap
	whole    bool // opened under the name of a whole blob
}

// open opens a blob's file and verifies its header. [ErrNotFound] if there is none. A file with a damaged
// header is removed, for nothing in it can be trusted or found without the manifest, and reported as [ErrCorrupt].
func (s *Store) open(ref Ref, flag int) (*blobFile, error) {
	// A blob may move from partial to whole or back between the two looks, hence the third.
	for _, whole := range []bool{true, false, true} {
		name := partialPath(ref)
		if whole {
			name = wholePath(ref)
		}
		f, err := s.root.OpenFile(name, flag, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open blob %s: %w", ref, err)
		}
		m, held, err := readHeader(f, ref)
		if err != nil {
			err = fmt.Errorf("open blob %s: %w", ref, errors.Join(err, f.Close()))
			if errors.Is(err, ErrCorrupt) {
				err = errors.Join(err, s.root.Remove(name))
			}
			return nil, err
		}
		return &blobFile{File: f, manifest: m, held: held, whole: whole}, nil
	}
	return nil, fmt.Errorf("open blob %s: %w", ref, ErrNotFound)
}

func readHeader(f *os.File, ref Ref) (Manifest, Bitmap, error) {
	b := make([]byte, headerGuess)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return Manifest{}, Bitmap{}, err
	}
	b = b[:n]
	if len(b) < fixedHeader || string(b[:len(fileMagic)]) != fileMagic {
		return Manifest{}, Bitmap{}, fmt.Errorf("%w: no header", ErrCorrupt)
	}
	length := int(binary.BigEndian.Uint32(b[len(fileMagic):]))
	if length > MaxManifestSize {
		return Manifest{}, Bitmap{}, fmt.Errorf("%w: manifest of %d bytes", ErrCorrupt, length)
	}
	if want := fixedHeader + length + bitmapSize(MaxPieces); len(b) == headerGuess && want > headerGuess {
		b = make([]byte, want)
		n, err := f.ReadAt(b, 0)
		if err != nil && err != io.EOF {
			return Manifest{}, Bitmap{}, err
		}
		b = b[:n]
	}
	b = b[fixedHeader:]
	if len(b) < length {
		return Manifest{}, Bitmap{}, fmt.Errorf("%w: header cut off", ErrCorrupt)
	}
	m, err := parseManifestOf(ref, b[:length])
	if err != nil {
		return Manifest{}, Bitmap{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	b = b[length:]
	if len(b) < bitmapSize(m.Pieces()) {
		return Manifest{}, Bitmap{}, fmt.Errorf("%w: header cut off", ErrCorrupt)
	}
	held := NewBitmap(m.Pieces())
	copy(held.bits, b)
	held.clearUnused()
	return m, held, nil
}

// readPiece reads and verifies piece i.
func (f *blobFile) readPiece(i int, buf []byte) ([]byte, error) {
	offset, length := f.manifest.Range(i)
	if length == 0 {
		return nil, fmt.Errorf("%w: index %d of %d", ErrMissing, i, f.manifest.Pieces())
	}
	if !f.held.Has(i) {
		return nil, ErrMissing
	}
	if int64(cap(buf)) < length {
		buf = make([]byte, length)
	}
	buf = buf[:length]
	n, err := f.ReadAt(buf, headerLength(f.manifest)+offset)
	if err != nil && err != io.EOF {
		return nil, err // the disk did not answer; that is not the same as a wrong answer
	}
	if err := f.manifest.Verify(i, buf[:n]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return buf, nil
}

// writePiece writes piece i, which must be verified, and then its bit.
func (f *blobFile) writePiece(i int, data []byte) error {
	offset, _ := f.manifest.Range(i)
	if _, err := f.WriteAt(data, headerLength(f.manifest)+offset); err != nil {
		return err
	}
	return f.mark(i, true)
}

func (f *blobFile) mark(i int, held bool) error {
	f.held.Set(i, held)
	at := int64(fixedHeader+len(f.manifest.raw)) + int64(i/8)
	_, err := f.WriteAt(f.held.bits[i/8:i/8+1], at)
	return err
}

// drop marks piece i as missing, and with it every piece that a truncated file can't hold.
func (f *blobFile) drop(i int) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	for j := range f.manifest.Pieces() {
		offset, length := f.manifest.Range(j)
		lost := j == i || headerLength(f.manifest)+offset+length > info.Size()
		if lost && f.held.Has(j) {
			if err := f.mark(j, false); err != nil {
				return err
			}
		}
	}
	return nil
}
