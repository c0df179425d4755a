package media

import (
	"image"
	"image/color"
	"image/draw"
)

// raster is a picture of our own making: opaque, upright or not, in one of three layouts.
type raster struct {
	w, h   int
	planes [][]uint8 // luma; luma and two chroma at full resolution; or one of RGBX
	step   int       // bytes of a pixel in a plane: 1 for the first two layouts, 4 for RGBX
}

func (r *raster) isRGB() bool { return r.step == 4 }

// image returns the raster as an image for an encoder, sharing its pixels.
func (r *raster) image() image.Image {
	rect := image.Rect(0, 0, r.w, r.h)
	switch {
	case r.isRGB():
		return &image.RGBA{Pix: r.planes[0], Stride: 4 * r.w, Rect: rect}
	case len(r.planes) == 1:
		return &image.Gray{Pix: r.planes[0], Stride: r.w, Rect: rect}
	}
	return &image.YCbCr{
		Y: r.planes[0], Cb: r.planes[1], Cr: r.planes[2],
		YStride: r.w, CStride: r.w, SubsampleRatio: image.YCbCrSubsampleRatio444, Rect: rect,
	}
}

// source gives the rows of one plane of a picture.
type source struct {
	w, h   int                // of the plane
	dx, dy float64            // pixels of the picture for one sample
	step   int                // bytes of a sample
	row    func(y int) []byte // valid until the next call
}

// sources returns the planes of a decoded picture. JPEGs stay in YCbCr, where they need no conversion on
// the way and have half as many samples; everything else is read as RGBX, on white where it is transparent.
func (d *decoded) sources() []source {
	switch m := d.img.(type) {
	case *image.YCbCr:
		dx, dy := subsampling(m.SubsampleRatio)
		w, h := d.bounds.Dx(), d.bounds.Dy()
		cw, ch := (w+dx-1)/dx, (h+dy-1)/dy
		chroma := func(pix []uint8) source {
			return source{w: cw, h: ch, dx: float64(dx), dy: float64(dy), step: 1, row: func(y int) []byte {
				i := m.COffset(m.Rect.Min.X, m.Rect.Min.Y+y*dy)
				return pix[i : i+cw]
			}}
		}
		luma := source{w: w, h: h, dx: 1, dy: 1, step: 1, row: func(y int) []byte {
			i := m.YOffset(m.Rect.Min.X, m.Rect.Min.Y+y)
			return m.Y[i : i+w]
		}}
		return []source{luma, chroma(m.Cb), chroma(m.Cr)}
	case *image.Gray:
		w, h := d.bounds.Dx(), d.bounds.Dy()
		return []source{{w: w, h: h, dx: 1, dy: 1, step: 1, row: func(y int) []byte {
			i := m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y)
			return m.Pix[i : i+w]
		}}}
	}
	return []source{d.paper()}
}

func subsampling(r image.YCbCrSubsampleRatio) (dx, dy int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// paper gives the rows of any image as RGBX, drawn on white.
func (d *decoded) paper() source {
	w := d.bounds.Dx()
	line := image.NewRGBA(image.Rect(0, 0, w, 1))
	var paint func(y int)
	switch m := d.img.(type) {
	case *image.NRGBA:
		paint = func(y int) { paintNRGBA(line.Pix, m.Pix[m.PixOffset(m.Rect.Min.X, y):]) }
	case *image.NYCbCrA:
		paint = func(y int) { paintNYCbCrA(line.Pix, m, y) }
	case *image.Paletted:
		palette := paperPalette(m.Palette)
		paint = func(y int) { paintPaletted(line.Pix, m, y, &palette) }
	default:
		paint = func(y int) {
			draw.Draw(line, line.Rect, image.White, image.Point{}, draw.Src)
			draw.Draw(line, line.Rect, d.img, image.Pt(d.bounds.Min.X, y), draw.Over)
		}
	}
	return source{w: w, h: d.bounds.Dy(), dx: 1, dy: 1, step: 4, row: func(y int) []byte {
		paint(d.bounds.Min.Y + y)
		return line.Pix
	}}
}

// onWhite blends a sample with straight alpha into white.
func onWhite(v, alpha uint8) uint8 {
	return uint8((uint32(v)*uint32(alpha) + 255*(255-uint32(alpha)) + 127) / 255)
}

func paintNRGBA(line, pix []uint8) {
	for i := 0; i < len(line); i += 4 {
		p := pix[i : i+4 : i+4]
		line[i], line[i+1], line[i+2] = onWhite(p[0], p[3]), onWhite(p[1], p[3]), onWhite(p[2], p[3])
	}
}

func paintNYCbCrA(line []uint8, m *image.NYCbCrA, y int) {
	for i := 0; i < len(line); i += 4 {
		x := m.Rect.Min.X + i/4
		c, a := m.COffset(x, y), m.A[m.AOffset(x, y)]
		r, g, b := color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c])
		line[i], line[i+1], line[i+2] = onWhite(r, a), onWhite(g, a), onWhite(b, a)
	}
}

// paperPalette blends a palette into white. Indices beyond the palette, which a decoder may leave in a damaged
// picture, are white.
func paperPalette(p color.Palette) (out [256][3]uint8) {
	for i := range out {
		out[i] = [3]uint8{255, 255, 255}
		if i < len(p) && p[i] != nil {
			c := color.NRGBAModel.Convert(p[i]).(color.NRGBA)
			out[i] = [3]uint8{onWhite(c.R, c.A), onWhite(c.G, c.A), onWhite(c.B, c.A)}
		}
	}
	return out
}

// paintPaletted paints a row of a paletted image, which may be smaller than the picture.
func paintPaletted(line []uint8, m *image.Paletted, y int, palette *[256][3]uint8) {
	for i := range line {
		line[i] = 255
	}
	if y < m.Rect.Min.Y || y >= m.Rect.Max.Y {
		return
	}
	start := m.PixOffset(m.Rect.Min.X, y)
	for i, v := range m.Pix[start : start+m.Rect.Dx()] {
		copy(line[4*(m.Rect.Min.X+i):], palette[v][:])
	}
}

// turn returns the raster as it is to be seen, given its EXIF orientation.
func (r *raster) turn(orientation int) *raster {
	if orientation <= upright || orientation > 8 {
		return r
	}
	out := &raster{w: r.w, h: r.h, step: r.step}
	if orientation >= 5 {
		out.w, out.h = r.h, r.w
	}
	// Where the pixel right of, and below, a pixel of the result lies in the original.
	var origin, right, below int
	last, bottom := r.w-1, (r.h-1)*r.w
	switch orientation {
	case 2: // mirrored
		origin, right, below = last, -1, r.w
	case 3: // upside down
		origin, right, below = bottom+last, -1, -r.w
	case 4: // mirrored upside down
		origin, right, below = bottom, 1, -r.w
	case 5: // mirrored at the main diagonal
		origin, right, below = 0, r.w, 1
	case 6: // to be turned clockwise
		origin, right, below = bottom, -r.w, 1
	case 7: // mirrored at the other diagonal
		origin, right, below = bottom+last, -r.w, -1
	case 8: // to be turned counter-clockwise
		origin, right, below = last, r.w, -1
	}
	for _, plane := range r.planes {
		turned := make([]uint8, len(plane))
		for y := range out.h {
			from, line := origin+y*below, turned[y*out.w*r.step:(y+1)*out.w*r.step]
			if r.step == 1 {
				for x := range line {
					line[x] = plane[from]
					from += right
				}
				continue
			}
			for ; len(line) > 0; line = line[r.step:] {
				copy(line[:r.step], plane[from*r.step:])
				from += right
			}
		}
		out.planes = append(out.planes, turned)
	}
	return out
}

// rgb returns the raster as RGBX.
func (r *raster) rgb() *raster {
	if r.isRGB() {
		return r
	}
	out := make([]uint8, 4*r.w*r.h)
	luma := r.planes[0]
	for i, y := range luma {
		p := out[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = y, y, y, 255
		if len(r.planes) == 3 {
			p[0], p[1], p[2] = color.YCbCrToRGB(y, r.planes[1][i], r.planes[2][i])
		}
	}
	return &raster{w: r.w, h: r.h, planes: [][]uint8{out}, step: 4}
}
