package qr

import (
	"image"
	"image/color"
)

// smallest is the longer side, in pixels, up to which a picture is enlarged: in a picture with one pixel to a
// module, the detector sees nothing.
const smallest = 400

// grey is a picture with a byte a pixel, 0 for black, row by row.
type grey struct {
	pixels        []byte
	width, height int
}

// reduce makes a grey copy whose longer side has about the given number of pixels. Where it shrinks, each pixel is the mean
// of those it stands for.
func reduce(picture image.Image, side int) grey {
	b := picture.Bounds()
	longer := max(b.Dx(), b.Dy())
	p := grey{width: max(1, b.Dx()*side/longer), height: max(1, b.Dy()*side/longer)}
	p.pixels = make([]byte, p.width*p.height)
	light := lightness(picture)
	for y := range p.height {
		top, bottom := span(y, p.height, b.Dy())
		for x := range p.width {
			left, right := span(x, p.width, b.Dx())
			sum := 0
			for sy := top; sy < bottom; sy++ {
				for sx := left; sx < right; sx++ {
					sum += int(light(b.Min.X+sx, b.Min.Y+sy))
				}
			}
			p.pixels[y*p.width+x] = byte(sum / ((bottom - top) * (right - left)))
		}
	}
	return p
}

// span returns which of n source pixels the i-th of size pixels stands for; at least one.
func span(i, size, n int) (from, to int) {
	from = i * n / size
	to = (i + 1) * n / size
	return from, max(to, from+1)
}

// lightness returns how light the pixels of a picture are, without a detour where the format has it at hand.
func lightness(picture image.Image) func(x, y int) byte {
	switch p := picture.(type) {
	case *image.YCbCr:
		return func(x, y int) byte { return p.Y[p.YOffset(x, y)] }
	case *image.Gray:
		return func(x, y int) byte { return p.Pix[p.PixOffset(x, y)] }
	case *image.Paletted:
		shades := make([]byte, 256)
		for i, c := range p.Palette {
			shades[i] = shade(c)
		}
		return func(x, y int) byte { return shades[p.Pix[p.PixOffset(x, y)]] }
	default:
		return func(x, y int) byte { return shade(picture.At(x, y)) }
	}
}

// shade is how light a colour is on white paper.
func shade(c color.Color) byte {
	r, g, b, a := c.RGBA() // premultiplied, 16 bits each
	light := (299*r + 587*g + 114*b) / 1000
	return byte((light + (0xffff - a)) >> 8)
}

// negative swaps light and dark.
func (p grey) negative() grey {
	n := grey{make([]byte, len(p.pixels)), p.width, p.height}
	for i, v := range p.pixels {
		n.pixels[i] = 255 - v
	}
	return n
}
