package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/image/webp"
)

// sides are the lengths of the longer side, in pixels, at which a picture is searched, in the order of how often each
// succeeds. A photo of a screen is found best when its noise has been averaged away; a small code in a large
// screenshot needs its pixels.
var sides = []int{1000, 1800, 560}

// Decode finds a QR code in a picture file (JPEG, PNG, GIF or WebP) and returns its text. If there are several, it
// returns one of them. It returns ErrTooLarge, ErrNoPicture or ErrNoCode otherwise.
func Decode(file []byte) (string, error) {
	picture, err := decodePicture(file)
	if err != nil {
		return "", err
	}
	longer := max(picture.Bounds().Dx(), picture.Bounds().Dy())
	tried := make(map[int]bool)
	for _, side := range sides {
		side = min(side, max(longer, smallest))
		if tried[side] {
			continue
		}
		tried[side] = true
		if text, ok := search(reduce(picture, side)); ok {
			return text, nil
		}
	}
	return "", ErrNoCode
}

// format is a kind of picture file.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = map[string]format{
	"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode},
	"image/png":  {png.DecodeConfig, png.Decode},
	"image/gif":  {gif.DecodeConfig, gif.Decode},
	"image/webp": {webp.DecodeConfig, webp.Decode},
}

// decodePicture decodes a file whose bounds are in order.
func decodePicture(file []byte) (picture image.Image, err error) {
	if len(file) > MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(file))
	}
	f, ok := formats[http.DetectContentType(file)]
	if !ok {
		return nil, ErrNoPicture
	}
	config, err := f.config(bytes.NewReader(file))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return nil, ErrNoPicture
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrTooLarge, config.Width, config.Height)
	}
	picture, err = f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, ErrNoPicture
	}
	if b := picture.Bounds(); b.Empty() || int64(b.Dx())*int64(b.Dy()) > MaxPixels {
		return nil, ErrNoPicture // the header said otherwise
	}
	return picture, nil
}

// search looks for a code in a grey picture, and in its negative: a code on a dark page is white on black.
func search(p grey) (text string, ok bool) {
	// The detector computes with positions that it guessed from the picture. Should it index out of bounds for some
	// hostile one, then there is no code in that.
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	for range 2 {
		source, err := gozxing.NewPlanarYUVLuminanceSource(p.pixels, p.width, p.height, 0, 0, p.width, p.height, false)
		if err != nil {
			return "", false
		}
		for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
			bitmap, err := gozxing.NewBinaryBitmap(binarizer)
			if err != nil {
				continue
			}
			found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{
				gozxing.DecodeHintType_TRY_HARDER:    true,
				gozxing.DecodeHintType_CHARACTER_SET: "UTF-8",
			})
			if err == nil && found.GetText() != "" {
				return found.GetText(), true
			}
		}
		p = p.negative()
	}
	return "", false
}
