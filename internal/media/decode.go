package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// decoded is a picture in memory, not yet turned upright.
type decoded struct {
	img         image.Image
	bounds      image.Rectangle // of the picture; larger than the image if a GIF's first frame is smaller
	orientation int
	colours     *colourMap // nil for sRGB
	lossless    bool
}

// read reads the bytes of a picture, at most as many as the limits allow.
func read(ctx context.Context, r io.Reader, limits Limits) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(&contextReader{ctx, r}, limits.Bytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if int64(len(data)) > limits.Bytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limits.Bytes)
	}
	return data, nil
}

// inspect reads the head of a picture and checks it against the limits.
func inspect(data []byte, limits Limits) (format, header, error) {
	f, err := sniff(data)
	if err != nil {
		return 0, header{}, err
	}
	var h header
	switch f {
	case formatJPEG:
		h, err = scanJPEG(data)
	case formatPNG:
		h, err = scanPNG(data)
	case formatGIF:
		h, err = scanGIF(data)
	case formatWebP:
		h, err = scanWebP(data)
	}
	if err != nil {
		return 0, header{}, err
	}
	return f, h, limits.check(h.width, h.height)
}

// decode decodes a picture whose head has been inspected.
func decode(ctx context.Context, f format, h header, data []byte) (decoded, error) {
	r := &contextReader{ctx, bytes.NewReader(data)}
	img, err := decodeAs(f, r)
	if cause := context.Cause(ctx); cause != nil {
		return decoded{}, cause
	}
	if err != nil {
		return decoded{}, explainDecoding(err)
	}
	d := decoded{
		img:         img,
		bounds:      image.Rect(0, 0, h.width, h.height),
		orientation: exifOrientation(h.exif),
		colours:     parseProfile(h.profile),
		lossless:    h.lossless,
	}
	if f != formatGIF && img.Bounds() != d.bounds || !img.Bounds().In(d.bounds) {
		return decoded{}, fmt.Errorf("%w: %v decoded, %v announced", ErrDamaged, img.Bounds(), d.bounds)
	}
	if h.studioRange {
		widenRange(img)
	}
	return d, nil
}

// decodeAs runs a decoder. A panic in one, provoked by hostile bytes, counts as damage to the picture.
func decodeAs(f format, r io.Reader) (img image.Image, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fmt.Errorf("decoder panicked: %v", p)
		}
	}()
	switch f {
	case formatJPEG:
		return jpeg.Decode(r)
	case formatPNG:
		return png.Decode(r)
	case formatGIF:
		return gif.Decode(r) // stops after the first frame
	case formatWebP:
		return webp.Decode(r)
	}
	return nil, fmt.Errorf("no decoder for format %d", f)
}

// explainDecoding tells features that a decoder lacks from damage.
func explainDecoding(err error) error {
	var jpegFeature jpeg.UnsupportedError
	var pngFeature png.UnsupportedError
	switch {
	case errors.As(err, &jpegFeature):
		return fmt.Errorf("%w: %w", &UnsupportedError{Format: "JPEG of a rare kind"}, err)
	case errors.As(err, &pngFeature):
		return fmt.Errorf("%w: %w", &UnsupportedError{Format: "PNG of a rare kind"}, err)
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// widenRange brings the samples of a lossy WebP from the range of video (luma 16 to 235, chroma 16 to 240; RFC
// 9649 refers to ITU-R BT.601) to the full range that image.YCbCr means. The decoder leaves that to its caller.
func widenRange(img image.Image) {
	var m *image.YCbCr
	switch img := img.(type) {
	case *image.YCbCr:
		m = img
	case *image.NYCbCrA:
		m = &img.YCbCr
	default:
		return
	}
	var luma, chroma [256]uint8
	for i := range 256 {
		luma[i] = clamp8(((i-16)*255*2/219 + 1) >> 1)
		chroma[i] = clamp8(((i-128)*255*2/224+1)>>1 + 128)
	}
	for _, p := range []struct {
		pix   []uint8
		table *[256]uint8
	}{{m.Y, &luma}, {m.Cb, &chroma}, {m.Cr, &chroma}} {
		for i, v := range p.pix {
			p.pix[i] = p.table[v]
		}
	}
}

func clamp8(v int) uint8 { return uint8(min(max(v, 0), 255)) }

// contextReader ends reading, and with it decoding, when its context ends.
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
