package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

const (
	// modulePixels is the side of one module (one black or white square) of the picture. Screens scale it as they need.
	modulePixels = 8

	// quietModules is the white border that the standard asks for.
	quietModules = 4
)

// Encode draws a text as a QR code: a black and white PNG with a white border. Codes are drawn with 15 % redundancy, or 7 %
// where the text would not fit otherwise. It returns ErrTooLarge for a text over MaxText.
func Encode(text string) ([]byte, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("%w: a text of %d bytes", ErrTooLarge, len(text))
	}
	var (
		modules *gozxing.BitMatrix
		err     error
	)
	for _, redundancy := range []string{"M", "L"} {
		modules, err = qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, map[gozxing.EncodeHintType]any{
			gozxing.EncodeHintType_ERROR_CORRECTION: redundancy,
			gozxing.EncodeHintType_MARGIN:           quietModules,
		})
		if err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("qr: encoding %d bytes: %w", len(text), err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, draw(modules)); err != nil {
		return nil, fmt.Errorf("qr: writing the picture: %w", err)
	}
	return out.Bytes(), nil
}

// draw makes each module a square of pixels.
func draw(modules *gozxing.BitMatrix) image.Image {
	width, height := modules.GetWidth()*modulePixels, modules.GetHeight()*modulePixels
	picture := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	for y := range height {
		row := picture.Pix[y*picture.Stride:]
		for x := range width {
			if modules.Get(x/modulePixels, y/modulePixels) {
				row[x] = 1
			}
		}
	}
	return picture
}
