package blob

import "errors"

// Errors of this package. They come wrapped with the operands; test for them with [errors.Is].
var (
	// ErrNotFound says that the store knows nothing of a ref: not even its manifest.
	ErrNotFound = errors.New("blob not found")
	// ErrMissing says that the manifest is here and the piece is not.
	ErrMissing = errors.New("piece is not here")
	// ErrCorrupt says that our own disk changed what we had stored. The damaged part has been taken out of
	// the store when this is returned, so that it can be fetched again.
	ErrCorrupt = errors.New("stored blob is damaged")
	// ErrManifest says that bytes are not a valid manifest, or not the one with the expected ref. Whoever
	// sent them is to blame.
	ErrManifest = errors.New("invalid manifest")
	// ErrPiece says that bytes are not the piece that the manifest lists. Whoever sent them is to blame.
	ErrPiece = errors.New("piece does not match its manifest")
	// ErrTooLarge says that a file is longer than [MaxFileSize].
	ErrTooLarge = errors.New("file is too large")
	// ErrLength says that a source held fewer or more bytes than announced.
	ErrLength = errors.New("file changed its length while it was read")
	// ErrDecrypt says that a blob, although it is the one with that ref, does not open under the key. Whoever
	// sent ref and key is to blame.
	ErrDecrypt = errors.New("blob does not open with this key")
	// ErrClosed says that a batch was used after Commit or Discard.
	ErrClosed = errors.New("batch is closed")
)
