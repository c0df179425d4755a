package blob

import (
	"context"
	"fmt"
	"io"

	"filippo.io/age"
)

// The age format as the package documentation lays it out.
const (
	headerText = "age-encryption.org/v1\n-> " + stanzaType + "\n\n--- "
	// headerSize is everything before the first chunk: text, HMAC in base64, line end, nonce.
	headerSize = int64(len(headerText)) + 43 + 1 + 16
	// chunkSize is the plaintext of one chunk, chunkOverhead the tag behind it.
	chunkSize     = 64 << 10
	chunkOverhead = 16
)

// MaxFileSize is the longest file that can be sealed, in bytes: what is left of [MaxSize] after the
// header and the tags.
const MaxFileSize = MaxSize - headerSize - ((MaxSize-headerSize+chunkSize+chunkOverhead-1)/(chunkSize+chunkOverhead))*chunkOverhead

// cipherSize returns the length of the blob of a file of n bytes.
func cipherSize(n int64) int64 {
	chunks := max(1, (n+chunkSize-1)/chunkSize)
	return headerSize + n + chunks*chunkOverhead
}

// plainSize is the inverse of cipherSize. It fails for a length that no file has.
func plainSize(size int64) (int64, error) {
	payload := size - headerSize
	chunks := max(1, (payload+chunkSize+chunkOverhead-1)/(chunkSize+chunkOverhead))
	n := payload - chunks*chunkOverhead
	if n < 0 || cipherSize(n) != size {
		return 0, fmt.Errorf("no file has a ciphertext of %d bytes", size)
	}
	return n, nil
}

// Sealed is what the author of a blob knows of it.
type Sealed struct {
	Manifest Manifest // its Ref is the blob's address
	Key      Key
}

// Seal encrypts the size bytes of src under a new random key, writes the ciphertext to dst and returns its
// manifest and key. The length must be known beforehand because the piece size follows from it: [ErrLength]
// if src holds more or fewer bytes, [ErrTooLarge] beyond [MaxFileSize]. After an error dst holds garbage.
func Seal(ctx context.Context, dst io.Writer, src io.Reader, size int64) (Sealed, error) {
	if size < 0 || size > MaxFileSize {
		return Sealed{}, fmt.Errorf("seal: %w: %d bytes, at most %d", ErrTooLarge, size, MaxFileSize)
	}
	var c carrier
	pieces := newPieceHasher(cipherSize(size))
	w, err := age.Encrypt(io.MultiWriter(pieces, dst), &c)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	// One byte more than announced is enough to notice that there is more.
	limited := &contextReader{ctx: ctx, r: io.LimitReader(src, size+1)}
	n, err := io.CopyBuffer(w, limited, make([]byte, chunkSize))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	if n != size {
		return Sealed{}, fmt.Errorf("seal: %w: read %d bytes, announced %d", ErrLength, n, size)
	}
	if err := w.Close(); err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	m, err := pieces.manifest()
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return Sealed{Manifest: m, Key: c.key}, nil
}

// contextReader ends reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(c.ctx); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
