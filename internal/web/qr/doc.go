// Package qr draws an invite as a QR code (ISO/IEC 18004) and reads one out of a picture.
//
// A picture to be read is a hostile file: its size in bytes, its type and its dimensions are checked before anything is
// decoded, and the decoder of the code runs on a small grey copy. Whatever a file holds, Decode returns a text or an error
// in bounded time and memory: about 150 MB and a second or two for the largest picture allowed.
//
// Both functions may be called by many goroutines.
package qr

import "errors"

const (
	// MaxBytes bounds a picture file. Photos of phones are below 15 MB.
	MaxBytes = 24 << 20

	// MaxPixels bounds a picture once it is decoded: four bytes a pixel at worst, so 144 MB.
	MaxPixels = 36_000_000

	// MaxText bounds what Encode takes: what fits into the largest code at the lowest redundancy, 2,953 bytes,
	// less some room for the mode bits of mixed text.
	MaxText = 2_900
)

var (
	// ErrNoPicture is returned for bytes that are not a picture in a known format, or a broken one.
	ErrNoPicture = errors.New("qr: not a picture in a known format")

	// ErrTooLarge is returned for a picture over MaxBytes or MaxPixels, and for a text over MaxText.
	ErrTooLarge = errors.New("qr: too large")

	// ErrNoCode is returned for a picture in which no QR code was found.
	ErrNoCode = errors.New("qr: no code found in the picture")
)
