// Package fetch is the exchange of blobs between two homes: who holds an encrypted file hands its manifest and
// pieces to who asks. Nobody needs a key for it: a ref is the hash of the manifest, and the manifest holds the
// hashes of the pieces, so that whatever comes is checked before it counts.
//
// On a stream, the asking side writes requests of 40 bytes: ref (32 B), first piece (4 B) and number of pieces (4 B),
// big-endian; the manifest is asked for as piece 0xffffffff. For each thing asked for, in order, the other side
// answers with a length (4 B) and as many bytes; the length 0 says that it is not here. Requests may follow one
// another without waiting for answers, so that a long file costs one round trip.
package fetch

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"kith/internal/blob"
)

const (
	requestSize = blob.RefSize + 8
	manifest    = 0xffffffff
	// maxAnswer bounds a piece or manifest that is taken in.
	maxAnswer = blob.MaxPieceSize
	// maxRun bounds how many pieces one request asks for; a longer file takes more requests.
	maxRun = 64
)

var (
	// ErrNotThere says that the other side does not hold what was asked for, or not all of it.
	ErrNotThere = errors.New("fetch: the other home does not hold it")
	// ErrTooLarge says that a blob is larger than what it claims to be may be.
	ErrTooLarge = errors.New("fetch: larger than it may be")
	// ErrProtocol says that the other side sent what no request of ours can be answered with.
	ErrProtocol = errors.New("fetch: malformed answer")
)

// Source gives what is asked for. May decides whether the asking side is to have the blob at all.
type Source interface {
	May(ctx context.Context, ref blob.Ref) bool
	Manifest(ref blob.Ref) (blob.Manifest, error)
	ReadPiece(ctx context.Context, ref blob.Ref, i int, buf []byte) ([]byte, error)
}

// Serve answers requests until the stream ends. It returns nil where the other side ended it between requests.
func Serve(ctx context.Context, stream io.ReadWriter, source Source) error {
	in, out := bufio.NewReader(stream), bufio.NewWriter(stream)
	var request [requestSize]byte
	var buf []byte
	for {
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("fetch: serve: %w", err)
			}
		}
		if _, err := io.ReadFull(in, request[:]); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("fetch: serve: %w", err)
		}
		ref := blob.Ref(request[:blob.RefSize])
		first := binary.BigEndian.Uint32(request[blob.RefSize:])
		count := binary.BigEndian.Uint32(request[blob.RefSize+4:])
		if first != manifest && count > maxRun {
			return fmt.Errorf("%w: a request for %d pieces", ErrProtocol, count)
		}
		if first == manifest {
			count = 1
		}
		may := source.May(ctx, ref)
		for i := range count {
			var data []byte
			if may {
				var err error
				if data, err = read(ctx, source, ref, first, i, buf); err != nil {
					return err
				}
				if first != manifest {
					buf = data[:cap(data)]
				}
			}
			if err := answer(out, data); err != nil {
				return err
			}
		}
	}
}

// read gives the manifest or a piece; nothing where it is not here. A piece that our disk changed is not here.
func read(ctx context.Context, source Source, ref blob.Ref, first, i uint32, buf []byte) ([]byte, error) {
	var data []byte
	var err error
	if first == manifest {
		var m blob.Manifest
		if m, err = source.Manifest(ref); err == nil {
			data = m.Bytes()
		}
	} else {
		data, err = source.ReadPiece(ctx, ref, int(first+i), buf)
	}
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrMissing) || errors.Is(err, blob.ErrCorrupt) {
		return nil, nil
	}
	return data, err
}

func answer(out *bufio.Writer, data []byte) error {
	var size [4]byte
	binary.BigEndian.PutUint32(size[:], uint32(len(data)))
	if _, err := out.Write(size[:]); err != nil {
		return fmt.Errorf("fetch: serve: %w", err)
	}
	if _, err := out.Write(data); err != nil {
		return fmt.Errorf("fetch: serve: %w", err)
	}
	return nil
}

// Store takes in what was fetched. *blob.Store is one.
type Store interface {
	Held(ref blob.Ref) (blob.Manifest, blob.Bitmap, error)
	PutManifest(ctx context.Context, ref blob.Ref, raw []byte) (blob.Manifest, error)
	PutPiece(ctx context.Context, ref blob.Ref, i int, data []byte) (whole bool, err error)
}

// Client asks over one stream. It belongs to one goroutine.
type Client struct {
	in  *bufio.Reader
	out *bufio.Writer
	buf []byte
}

// NewClient makes a client of a stream.
func NewClient(stream io.ReadWriter) *Client {
	return &Client{in: bufio.NewReader(stream), out: bufio.NewWriter(stream)}
}

// Get brings a blob into the store, from where an earlier attempt left off. It returns nil once the blob is whole.
// Blobs of more than limit bytes of ciphertext are not taken. Errors: ErrNotThere where the other side lacks some of it,
// and then what it had is kept; ErrTooLarge; blob.ErrManifest, blob.ErrPiece and ErrProtocol where it sent something else,
// and is to blame; otherwise the stream's or the disk's.
func (c *Client) Get(ctx context.Context, store Store, ref blob.Ref, limit int64) error {
	_, held, err := store.Held(ref)
	if errors.Is(err, blob.ErrNotFound) {
		m, err := c.manifest(ctx, store, ref, limit)
		if err != nil {
			return err
		}
		held = blob.NewBitmap(m.Pieces())
	} else if err != nil {
		return err
	}
	if held.Full() {
		return nil
	}
	runs := missing(held)
	for _, run := range runs {
		if err := c.ask(ref, run.first, run.count); err != nil {
			return err
		}
	}
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("fetch: ask: %w", err)
	}
	lacking := false
	for _, run := range runs {
		for i := range run.count {
			data, err := c.receive()
			if err != nil {
				return err
			}
			if len(data) == 0 {
				lacking = true
				continue
			}
			if _, err := store.PutPiece(ctx, ref, int(run.first+i), data); err != nil {
				return err
			}
		}
	}
	if lacking {
		return fmt.Errorf("%w: some of %v", ErrNotThere, ref)
	}
	return nil
}

func (c *Client) manifest(ctx context.Context, store Store, ref blob.Ref, limit int64) (blob.Manifest, error) {
	if err := c.ask(ref, manifest, 1); err != nil {
		return blob.Manifest{}, err
	}
	if err := c.out.Flush(); err != nil {
		return blob.Manifest{}, fmt.Errorf("fetch: ask: %w", err)
	}
	raw, err := c.receive()
	if err != nil {
		return blob.Manifest{}, err
	}
	if len(raw) == 0 {
		return blob.Manifest{}, fmt.Errorf("%w: %v", ErrNotThere, ref)
	}
	if m, err := blob.ParseManifest(raw); err == nil && m.Size() > limit {
		return blob.Manifest{}, fmt.Errorf("%w: %v has %d bytes, at most %d", ErrTooLarge, ref, m.Size(), limit)
	}
	return store.PutManifest(ctx, ref, raw)
}

// run is a stretch of missing pieces.
type run struct{ first, count uint32 }

func missing(held blob.Bitmap) []run {
	var runs []run
	for i := range held.Missing() {
		if n := len(runs); n > 0 && runs[n-1].first+runs[n-1].count == uint32(i) && runs[n-1].count < maxRun {
			runs[n-1].count++
		} else {
			runs = append(runs, run{uint32(i), 1})
		}
	}
	return runs
}

func (c *Client) ask(ref blob.Ref, first, count uint32) error {
	request := append(make([]byte, 0, requestSize), ref[:]...)
	request = binary.BigEndian.AppendUint32(request, first)
	request = binary.BigEndian.AppendUint32(request, count)
	if _, err := c.out.Write(request); err != nil {
		return fmt.Errorf("fetch: ask: %w", err)
	}
	return nil
}

// receive reads one answer into a buffer that the next call uses again.
func (c *Client) receive() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(c.in, size[:]); err != nil {
		return nil, fmt.Errorf("fetch: answer: %w", err)
	}
	n := int(binary.BigEndian.Uint32(size[:]))
	if n > maxAnswer {
		return nil, fmt.Errorf("%w: %d bytes", ErrProtocol, n)
	}
	if cap(c.buf) < n {
		c.buf = make([]byte, n)
	}
	c.buf = c.buf[:n]
	if _, err := io.ReadFull(c.in, c.buf); err != nil {
		return nil, fmt.Errorf("fetch: answer: %w", err)
	}
	return c.buf, nil
}
