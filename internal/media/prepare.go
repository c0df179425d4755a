package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
)

// The types of renditions.
const (
	TypeJPEG = "image/jpeg"
	TypePNG  = "image/png"
)

// Rendition is an encoded picture that is safe to keep, to send and to show.
type Rendition struct {
	Type          string // TypeJPEG or TypePNG
	Width, Height int    // pixels
	Data          []byte
}

// Renditions are what becomes of a picture in a post.
type Renditions struct {
	Thumb  Rendition // within ThumbLimits
	Screen Rendition // within ScreenLimits
	Tone   string    // the average colour, "#rrggbb"
}

// Qualities of JPEGs, on the scale of the standard library and of most programs.
const (
	// screenQuality keeps artefacts invisible at arm's length; from here on the bytes grow much faster than
	// what is to be seen.
	screenQuality = 82
	// thumbQuality suits a picture that is looked at for a moment beside others.
	thumbQuality = 76
	// portraitQuality is where the search for a portrait that fits begins.
	portraitQuality = 86
	// qualityStep is how far quality goes down at each attempt to fit a rendition into its bytes.
	qualityStep = 8
)

// Prepare reads a picture and makes its renditions. Errors are [ErrNotAPicture], [ErrDamaged],
// [ErrTooLarge], an [UnsupportedError], the error of r, or the cause of the end of ctx; [Explain] has words
// for the first four.
//
// It reads r before it waits for its share of the decoding memory, so that a slow sender keeps nobody waiting,
// and takes up to limits.Bytes for that: bound how many uploads run at a time.
func Prepare(ctx context.Context, r io.Reader, limits Limits) (Renditions, error) {
	data, err := read(ctx, r, limits)
	if err != nil {
		return Renditions{}, err
	}
	f, h, err := inspect(data, limits)
	if err != nil {
		return Renditions{}, err
	}
	release, err := reserve(ctx, h.cost)
	if err != nil {
		return Renditions{}, err
	}
	defer release()
	d, err := decode(ctx, f, h, data)
	if err != nil {
		return Renditions{}, err
	}
	return d.renditions(ctx)
}

func (d *decoded) renditions(ctx context.Context) (Renditions, error) {
	pw, ph := d.bounds.Dx(), d.bounds.Dy()
	w, h := fit(pw, ph, ScreenSide)
	screen := resample(d.sources(), part{0, 0, float64(pw), float64(ph)}, w, h)
	d.img = nil // the decoded picture is the largest thing here
	if err := context.Cause(ctx); err != nil {
		return Renditions{}, err
	}
	screen = d.finish(screen)
	w, h = fit(screen.w, screen.h, ThumbSide)
	thumb := shrink(screen, w, h)
	out := Renditions{Tone: thumb.tone()}
	var err error
	if out.Screen, err = screen.encode(d.lossless, screenQuality, ScreenLimits.Bytes); err != nil {
		return Renditions{}, err
	}
	if err := context.Cause(ctx); err != nil {
		return Renditions{}, err
	}
	if out.Thumb, err = thumb.encode(d.lossless, thumbQuality, ThumbLimits.Bytes); err != nil {
		return Renditions{}, err
	}
	return out, nil
}

// Portrait reads a picture and makes the portrait of it: the square in its middle, at most [PortraitSide]
// pixels wide, a JPEG within [PortraitLimits]. Errors and memory are those of [Prepare].
func Portrait(ctx context.Context, r io.Reader, limits Limits) (Rendition, error) {
	data, err := read(ctx, r, limits)
	if err != nil {
		return Rendition{}, err
	}
	f, h, err := inspect(data, limits)
	if err != nil {
		return Rendition{}, err
	}
	release, err := reserve(ctx, h.cost)
	if err != nil {
		return Rendition{}, err
	}
	defer release()
	d, err := decode(ctx, f, h, data)
	if err != nil {
		return Rendition{}, err
	}
	// The middle stays the middle however the picture is turned.
	pw, ph := float64(d.bounds.Dx()), float64(d.bounds.Dy())
	square := min(pw, ph)
	side := min(int(square), PortraitSide)
	face := resample(d.sources(), part{(pw - square) / 2, (ph - square) / 2, square, square}, side, side)
	d.img = nil
	return d.finish(face).encodeJPEG(portraitQuality, PortraitLimits.Bytes)
}

// finish turns a raster of this picture upright and brings its colours to sRGB.
func (d *decoded) finish(r *raster) *raster {
	r = r.turn(d.orientation)
	if d.colours != nil {
		r = r.rgb()
		d.colours.apply(r)
	}
	return r
}

// fit returns the size of a picture of w × h pixels whose longer side is to be at most side.
func fit(w, h, side int) (int, int) {
	if max(w, h) <= side {
		return w, h
	}
	scale := float64(side) / float64(max(w, h))
	return max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
}

// shrink scales a raster.
func shrink(r *raster, w, h int) *raster {
	planes := make([]source, len(r.planes))
	for i, plane := range r.planes {
		planes[i] = source{w: r.w, h: r.h, dx: 1, dy: 1, step: r.step, row: func(y int) []byte {
			return plane[y*r.w*r.step : (y+1)*r.w*r.step]
		}}
	}
	return resample(planes, part{0, 0, float64(r.w), float64(r.h)}, w, h)
}

// tone returns the average colour.
func (r *raster) tone() string {
	var sums [4]uint64
	for k, plane := range r.planes {
		for i, v := range plane {
			sums[k+i%r.step] += uint64(v)
		}
	}
	n := uint64(r.w * r.h)
	mean := func(k int) uint8 { return uint8((sums[k] + n/2) / n) }
	red, green, blue := mean(0), mean(1), mean(2)
	switch {
	case r.isRGB():
	case len(r.planes) == 1:
		green, blue = red, red
	default:
		red, green, blue = color.YCbCrToRGB(red, green, blue)
	}
	return fmt.Sprintf("#%02x%02x%02x", red, green, blue)
}

// encode encodes a raster as a JPEG, or as a PNG where the picture came without loss, is flat enough to be
// worth trying and becomes no larger by it.
func (r *raster) encode(lossless bool, quality int, limit int64) (Rendition, error) {
	jpg, err := r.encodeJPEG(quality, limit)
	if err != nil || !lossless || !r.isFlat() {
		return jpg, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, r.paletted()); err != nil {
		return Rendition{}, fmt.Errorf("encode picture: %w", err)
	}
	if out.Len() > len(jpg.Data) {
		return jpg, nil
	}
	return Rendition{Type: TypePNG, Width: r.w, Height: r.h, Data: out.Bytes()}, nil
}

// encodeJPEG encodes a raster as a JPEG of at most limit bytes, with less quality if need be.
func (r *raster) encodeJPEG(quality int, limit int64) (Rendition, error) {
	img := r.image()
	var out bytes.Buffer
	for ; ; quality -= qualityStep {
		out.Reset()
		if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: max(quality, 1)}); err != nil {
			return Rendition{}, fmt.Errorf("encode picture: %w", err)
		}
		if int64(out.Len()) <= limit {
			return Rendition{Type: TypeJPEG, Width: r.w, Height: r.h, Data: out.Bytes()}, nil
		}
		if quality <= 1 {
			return Rendition{}, fmt.Errorf("%w: %d bytes at the least quality, at most %d", ErrTooLarge, out.Len(), limit)
		}
	}
}

// isFlat reports whether most pixels equal their left neighbour, as in drawings and screenshots; in photos
// hardly any do.
func (r *raster) isFlat() bool {
	equal := 0
	for y := range r.h {
		for x := 1; x < r.w; x++ {
			same := true
			for _, plane := range r.planes {
				i := (y*r.w + x) * r.step
				if string(plane[i:i+r.step]) != string(plane[i-r.step:i]) {
					same = false
					break
				}
			}
			if same {
				equal++
			}
		}
	}
	return 2*equal >= r.w*r.h
}

// paletted returns the raster as an image with a palette if it has at most 256 colours, which makes a PNG
// much smaller.
func (r *raster) paletted() image.Image {
	if len(r.planes) == 1 && !r.isRGB() {
		return r.image()
	}
	r = r.rgb()
	pix := r.planes[0]
	out := image.NewPaletted(image.Rect(0, 0, r.w, r.h), nil)
	index := make(map[[3]uint8]uint8)
	for i := range out.Pix {
		c := [3]uint8(pix[4*i : 4*i+3])
		k, known := index[c]
		if !known {
			if len(index) == 256 {
				return r.image()
			}
			k = uint8(len(index))
			index[c] = k
			out.Palette = append(out.Palette, color.RGBA{c[0], c[1], c[2], 255})
		}
		out.Pix[i] = k
	}
	return out
}
