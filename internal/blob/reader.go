package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"filippo.io/age"
)

// PieceSource gives the verified pieces of blobs; *[Store] is one. Others may fetch a piece that is not
// here yet, put it into a store and return it.
type PieceSource interface {
	// ReadPiece returns piece i of a blob, in buf if that has the capacity. The result belongs to the caller.
	ReadPiece(ctx context.Context, ref Ref, i int, buf []byte) ([]byte, error)
}

// Reader reads the file inside a blob. It implements [io.ReadSeeker] and [io.ReaderAt]. Read and Seek share a
// position and belong to one goroutine; ReadAt may be called concurrently. There is nothing to close.
//
// Beside what the source returns, errors are [ErrDecrypt] if the ciphertext doesn't open under the key.
type Reader struct {
	*io.SectionReader
	manifest Manifest
}

// Manifest returns the blob's manifest.
func (r *Reader) Manifest() Manifest { return r.manifest }

// Open returns a reader of the file inside the blob that m describes. It reads the first and the last piece
// (the last chunk authenticates the length) and checks the key. The reader works until ctx ends.
func Open(ctx context.Context, source PieceSource, m Manifest, key Key) (*Reader, error) {
	if m.IsZero() {
		return nil, fmt.Errorf("open blob: %w", ErrManifest)
	}
	if key.IsZero() {
		return nil, fmt.Errorf("open blob %s: %w: zero key", m.ref, ErrDecrypt)
	}
	p := &pieceReader{ctx: ctx, source: source, m: m}
	if err := checkHeader(p); err != nil {
		return nil, fmt.Errorf("open blob %s: %w", m.ref, err)
	}
	plain, size, err := age.DecryptReaderAt(p, m.size, &carrier{key: key})
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", m.ref, blame(err))
	}
	r := &plainReader{plain: plain, size: size}
	return &Reader{SectionReader: io.NewSectionReader(r, 0, size), manifest: m}, nil
}

// checkHeader refuses a ciphertext that starts with anything but the one header that Seal writes, before
// the age parser sees it.
func checkHeader(p *pieceReader) error {
	var head [len(headerText)]byte
	if _, err := p.ReadAt(head[:], 0); err != nil {
		return err
	}
	if string(head[:]) != headerText {
		return fmt.Errorf("%w: unknown header", ErrDecrypt)
	}
	return nil
}

// blame adds ErrDecrypt to errors of age, and leaves errors of the source as they are.
func blame(err error) error {
	var fromSource *sourceError
	if errors.As(err, &fromSource) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrDecrypt, err)
}

// sourceError marks an error as not being the ciphertext's fault.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// plainReader is an io.ReaderAt over the plaintext. It gives age's errors their meaning, and keeps the last
// chunk in clear, because age's reader sets up the buffers of a whole chunk for every call, however small.
type plainReader struct {
	plain io.ReaderAt
	size  int64

	mu   sync.Mutex
	last []byte // plaintext of a chunk
	have int64  // which one it is, plus one; zero for none
}

func (r *plainReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d", off)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(p) {
		if off >= r.size {
			return n, io.EOF
		}
		chunk, err := r.chunk(off / chunkSize)
		if err != nil {
			return n, err
		}
		k := copy(p[n:], chunk[off%chunkSize:])
		n += k
		off += int64(k)
	}
	return n, nil
}

// chunk returns chunk i, valid until the next call. The caller holds the lock.
func (r *plainReader) chunk(i int64) ([]byte, error) {
	if r.have == i+1 {
		return r.last, nil
	}
	if r.last == nil {
		r.last = make([]byte, min(chunkSize, r.size))
	}
	r.have = 0
	r.last = r.last[:min(chunkSize, r.size-i*chunkSize)]
	if _, err := r.plain.ReadAt(r.last, i*chunkSize); err != nil && err != io.EOF {
		return nil, blame(err)
	}
	r.have = i + 1
	return r.last, nil
}

// pieceReader is an io.ReaderAt over the ciphertext. It keeps the last piece, so that reading on in a file
// fetches and verifies each piece once.
type pieceReader struct {
	ctx    context.Context
	source PieceSource
	m      Manifest

	mu   sync.Mutex
	last []byte // a verified piece
	have int    // which one it is, plus one; zero for none
}

func (p *pieceReader) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d", off)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	pieceSize := PieceSizeFor(p.m.size)
	n := 0
	for n < len(b) {
		if off >= p.m.size {
			return n, io.EOF
		}
		i := int(off / pieceSize)
		data, err := p.piece(i)
		if err != nil {
			return n, &sourceError{err}
		}
		k := copy(b[n:], data[off-int64(i)*pieceSize:])
		n += k
		off += int64(k)
	}
	return n, nil
}

// piece returns piece i, valid until the next call. The caller holds the lock.
func (p *pieceReader) piece(i int) ([]byte, error) {
	if p.have == i+1 {
		return p.last, nil
	}
	p.have = 0
	data, err := p.source.ReadPiece(p.ctx, p.m.ref, i, p.last)
	if err != nil {
		return nil, err
	}
	if _, length := p.m.Range(i); int64(len(data)) != length {
		return nil, fmt.Errorf("%w: the source gave %d bytes for piece %d, want %d", ErrPiece, len(data), i, length)
	}
	p.last, p.have = data, i+1
	return data, nil
}
