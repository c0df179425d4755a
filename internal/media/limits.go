package media

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

// Limits bound a picture. All of them hold before anything is decoded.
type Limits struct {
	Bytes  int64 // of the encoded picture
	Side   int   // pixels of the longer side
	Pixels int64 // width × height
}

// The bounds in use. They are not to be changed at run time.
var (
	// UploadLimits are for pictures that the owner adds: a photo of a 108-megapixel phone camera passes, and 40
	// MiB is twice what such a photo has.
	UploadLimits = Limits{Bytes: 40 << 20, Side: 65_535, Pixels: 120_000_000}
	// ThumbLimits are for thumbnails, of which a feed shows dozens and which every friend's home keeps. A
	// typical one has 30 KiB.
	ThumbLimits = Limits{Bytes: 256 << 10, Side: ThumbSide, Pixels: ThumbSide * ThumbSide}
	// ScreenLimits are for the picture that fills a screen. A typical one has 500 KiB.
	ScreenLimits = Limits{Bytes: 4 << 20, Side: ScreenSide, Pixels: ScreenSide * ScreenSide}
	// PortraitLimits are for the picture inside a card, which travels as part of an entry whose payload has
	// at most 64 KiB.
	PortraitLimits = Limits{Bytes: 12 << 10, Side: PortraitSide, Pixels: PortraitSide * PortraitSide}
)

// The sizes of renditions, in pixels of the longer side. Smaller pictures are not enlarged.
const (
	ThumbSide    = 480  // two columns of a phone's screen at its full resolution, a tile on a wide one
	ScreenSide   = 2048 // fills a large screen; a 4K one shows it at a bearable enlargement
	PortraitSide = 160  // a face beside a comment, sharp on screens of double density
)

const (
	// decodeBudget is the memory that all decoding in the process may take at a time, as estimated from the
	// pictures' headers. With it a home of 512 MB stays alive whatever is uploaded; a dozen ordinary photos
	// fit at once.
	decodeBudget = 288 << 20
	// outputCost is the part of the budget that every picture takes for its renditions: pixels of the screen
	// size upright and as they came, and their encoded bytes.
	outputCost = 32 << 20
	// decodeLimit is the most that decoding one picture may take. A plain JPEG of 108 megapixels takes 162 MB,
	// a PNG of 60 megapixels 240 MB.
	decodeLimit = decodeBudget - outputCost
)

var budget = semaphore.NewWeighted(decodeBudget)

// reserve waits until cost bytes of the budget are free, and returns the function that gives them back.
func reserve(ctx context.Context, cost int64) (release func(), err error) {
	if cost > decodeLimit {
		return nil, fmt.Errorf("%w: decoding takes %d MiB, at most %d", ErrTooLarge, cost>>20, decodeLimit>>20)
	}
	cost += outputCost
	if err := budget.Acquire(ctx, cost); err != nil {
		return nil, fmt.Errorf("wait for memory to decode a picture: %w", context.Cause(ctx))
	}
	return func() { budget.Release(cost) }, nil
}

// check returns ErrTooLarge if a picture of these dimensions is outside the limits, and ErrDamaged if they
// are none.
func (l Limits) check(width, height int) error {
	switch {
	case width <= 0 || height <= 0:
		return fmt.Errorf("%w: %d × %d pixels", ErrDamaged, width, height)
	case max(width, height) > l.Side:
		return fmt.Errorf("%w: %d × %d pixels, at most %d on a side", ErrTooLarge, width, height, l.Side)
	case int64(width)*int64(height) > l.Pixels:
		return fmt.Errorf("%w: %d × %d pixels, at most %d in all", ErrTooLarge, width, height, l.Pixels)
	}
	return nil
}
