package art

import (
	"image"
	"image/draw"
	"runtime"
	"sync"

	"golang.org/x/image/vector"
)

// canvas is a picture in the making.
type canvas struct {
	w, h   int
	wide   float32   // width in units; the height is 1
	pix    []float32 // red, green, blue, each multiplied by alpha, and alpha
	raster vector.Rasterizer
	mask   image.Alpha
}

func newCanvas(w, h int) *canvas {
	return &canvas{w: w, h: h, wide: float32(w) / float32(h), pix: make([]float32, 4*w*h)}
}

// rows calls f for every row from y0 to y1 (pixels, clipped to the canvas), several at a time.
func (c *canvas) rows(y0, y1 int, f func(y int, row []float32)) {
	y0, y1 = max(y0, 0), min(y1, c.h)
	workers := min(runtime.GOMAXPROCS(0), max(1, (y1-y0)*c.w/20_000))
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			for y := y0 + k; y < y1; y += workers {
				f(y, c.pix[4*y*c.w:4*(y+1)*c.w])
			}
		})
	}
	wg.Wait()
}

// put blends a colour into a pixel.
func put(p []float32, c rgb, alpha float32) {
	k := 1 - alpha
	p[0] = p[0]*k + c[0]*alpha
	p[1] = p[1]*k + c[1]*alpha
	p[2] = p[2]*k + c[2]*alpha
	p[3] = p[3]*k + alpha
}

// paint gives the colour and opacity at a place.
type paint func(x, y float32) (rgb, float32)

func solid(c rgb) paint { return func(_, _ float32) (rgb, float32) { return c, 1 } }

// vertical fades from a at y0 to b at y1.
func vertical(y0, y1 float32, a, b rgb) paint {
	return func(_, y float32) (rgb, float32) { return mix(a, b, clamp((y-y0)/(y1-y0))), 1 }
}

// horizontal fades from a at x0 to b at x1.
func horizontal(x0, x1 float32, a, b rgb) paint {
	return func(x, _ float32) (rgb, float32) { return mix(a, b, clamp((x-x0)/(x1-x0))), 1 }
}

// fill paints everything between two heights.
func (c *canvas) fill(y0, y1 float32, p paint) {
	unit := 1 / float32(c.h)
	c.rows(floor(y0*float32(c.h)), floor(y1*float32(c.h)+0.999), func(y int, row []float32) {
		fy := (float32(y) + 0.5) * unit
		for x := range c.w {
			col, a := p((float32(x)+0.5)*unit, fy)
			put(row[4*x:4*x+4:4*x+4], col, a)
		}
	})
}

// terrain gives the colour and opacity at a place that lies depth below the skyline.
type terrain func(x, y, depth float32) (rgb, float32)

// below paints everything from a line down to the given height, with a soft edge of one pixel. What a nearer
// terrain will hide need not be painted.
func (c *canvas) below(line func(x float32) float32, to float32, p terrain) {
	unit := 1 / float32(c.h)
	edge := make([]float32, c.w)
	top := float32(c.h)
	for x := range edge {
		edge[x] = line((float32(x)+0.5)*unit) * float32(c.h)
		top = min(top, edge[x])
	}
	c.rows(floor(top-1), floor(to*float32(c.h))+1, func(y int, row []float32) {
		fy := float32(y) + 0.5
		for x, e := range edge {
			if cover := fy - e + 0.5; cover > 0 {
				col, a := p((float32(x)+0.5)*unit, fy*unit, (fy-e)*unit)
				put(row[4*x:4*x+4:4*x+4], col, a*min(cover, 1))
			}
		}
	})
}

// box calls f for the pixels around a place; x and y are relative to it.
func (c *canvas) box(cx, cy, rx, ry float32, f func(x, y float32, p []float32)) {
	size := float32(c.h)
	x0, x1 := max(floor((cx-rx)*size), 0), min(floor((cx+rx)*size)+1, c.w)
	unit := 1 / size
	n := (x1 - x0) * floor(2*ry*size)
	each := func(y int, row []float32) {
		fy := (float32(y)+0.5)*unit - cy
		for x := x0; x < x1; x++ {
			f((float32(x)+0.5)*unit-cx, fy, row[4*x:4*x+4:4*x+4])
		}
	}
	y0, y1 := floor((cy-ry)*size), floor((cy+ry)*size)+1
	if n > 20_000 {
		c.rows(y0, y1, each)
		return
	}
	for y := max(y0, 0); y < min(y1, c.h); y++ {
		each(y, c.pix[4*y*c.w:4*(y+1)*c.w])
	}
}

// glow adds light around a place, half as bright at a third of the radius. What is bright already gets little
// brighter, so that lights never burn out.
func (c *canvas) glow(x, y, r float32, col rgb, strength float32) {
	c.box(x, y, r, r, func(dx, dy float32, p []float32) {
		d := (dx*dx + dy*dy) / (r * r)
		if d >= 1 {
			return
		}
		k := (1 - d) * (1 - d) / (1 + 9*d) * strength
		for i := range 3 {
			p[i] += max(1.06-p[i], 0) * min(col[i]*k, 1)
		}
	})
}

// disc paints a round spot whose edge is soft over the given part of its radius.
func (c *canvas) disc(x, y, r, soft float32, p paint) {
	unit := 1 / float32(c.h)
	inner := min(r*(1-soft), r-unit/2)
	outer := max(r, inner+unit)
	c.box(x, y, outer, outer, func(dx, dy float32, px []float32) {
		d := sqrt(dx*dx + dy*dy)
		if d >= outer {
			return
		}
		col, a := p(x+dx, y+dy)
		put(px, col, a*smooth(outer, inner, d))
	})
}

// path is the outline of a shape, in units.
type path struct {
	ops                    []float32 // the kind, then its coordinates
	minX, minY, maxX, maxY float32
}

const (
	opMove = iota
	opLine
	opQuad
	opCube
)

func (p *path) add(kind float32, at ...float32) *path {
	if len(p.ops) == 0 {
		p.minX, p.minY, p.maxX, p.maxY = at[0], at[1], at[0], at[1]
	}
	p.ops = append(append(p.ops, kind), at...)
	for i := 0; i < len(at); i += 2 {
		p.minX, p.maxX = min(p.minX, at[i]), max(p.maxX, at[i])
		p.minY, p.maxY = min(p.minY, at[i+1]), max(p.maxY, at[i+1])
	}
	return p
}

func (p *path) move(x, y float32) *path                 { return p.add(opMove, x, y) }
func (p *path) line(x, y float32) *path                 { return p.add(opLine, x, y) }
func (p *path) quad(x1, y1, x, y float32) *path         { return p.add(opQuad, x1, y1, x, y) }
func (p *path) cube(x1, y1, x2, y2, x, y float32) *path { return p.add(opCube, x1, y1, x2, y2, x, y) }
func rect(x, y, w, h float32) *path                     { return polygon(x, y, x+w, y, x+w, y+h, x, y+h) }

func polygon(at ...float32) *path {
	p := new(path)
	p.move(at[0], at[1])
	for i := 2; i < len(at); i += 2 {
		p.line(at[i], at[i+1])
	}
	return p
}

// oval is an ellipse turned by an angle.
func oval(x, y, rx, ry, angle float32) *path {
	const k = 0.5523 // makes four cubic curves a circle
	s, co := sin(angle), cos(angle)
	at := func(u, v float32) (float32, float32) { return x + u*rx*co - v*ry*s, y + u*rx*s + v*ry*co }
	p := new(path)
	x0, y0 := at(1, 0)
	p.move(x0, y0)
	for _, q := range [][6]float32{{1, k, k, 1, 0, 1}, {-k, 1, -1, k, -1, 0}, {-1, -k, -k, -1, 0, -1}, {k, -1, 1, -k, 1, 0}} {
		x1, y1 := at(q[0], q[1])
		x2, y2 := at(q[2], q[3])
		x3, y3 := at(q[4], q[5])
		p.cube(x1, y1, x2, y2, x3, y3)
	}
	return p
}

// rounded is a rectangle with round corners.
func rounded(x, y, w, h, r float32) *path {
	r = min(r, w/2, h/2)
	p := new(path)
	p.move(x+r, y).line(x+w-r, y).quad(x+w, y, x+w, y+r).line(x+w, y+h-r).quad(x+w, y+h, x+w-r, y+h)
	return p.line(x+r, y+h).quad(x, y+h, x, y+h-r).line(x, y+r).quad(x, y, x+r, y)
}

// stroke is a line whose width goes from w0 to w1, bent by the control point.
func stroke(x0, y0, cx, cy, x1, y1, w0, w1 float32) *path {
	const steps = 12
	var left, right [steps + 1][2]float32
	for i := range steps + 1 {
		t := float32(i) / steps
		u := 1 - t
		x, y := u*u*x0+2*u*t*cx+t*t*x1, u*u*y0+2*u*t*cy+t*t*y1
		dx, dy := u*(cx-x0)+t*(x1-cx), u*(cy-y0)+t*(y1-cy)
		k := (w0 + (w1-w0)*t) / 2 / max(sqrt(dx*dx+dy*dy), 1e-6)
		left[i] = [2]float32{x - dy*k, y + dx*k}
		right[i] = [2]float32{x + dy*k, y - dx*k}
	}
	p := new(path)
	p.move(left[0][0], left[0][1])
	for _, q := range left[1:] {
		p.line(q[0], q[1])
	}
	for i := steps; i >= 0; i-- {
		p.line(right[i][0], right[i][1])
	}
	return p
}

// draw paints a shape.
func (c *canvas) draw(s *path, p paint) {
	size := float32(c.h)
	x0, y0 := max(floor(s.minX*size), 0), max(floor(s.minY*size), 0)
	x1, y1 := min(floor(s.maxX*size)+1, c.w), min(floor(s.maxY*size)+1, c.h)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	c.rasterize(s, x0, y0, x1-x0, y1-y0)
	unit := 1 / size
	c.rows(y0, y1, func(y int, row []float32) {
		cover := c.mask.Pix[(y-y0)*c.mask.Stride:]
		fy := (float32(y) + 0.5) * unit
		for x := x0; x < x1; x++ {
			if m := cover[x-x0]; m > 0 {
				col, a := p((float32(x)+0.5)*unit, fy)
				put(row[4*x:4*x+4:4*x+4], col, a*float32(m)/255)
			}
		}
	})
}

// rasterize renders the coverage of a shape into the mask.
func (c *canvas) rasterize(s *path, x0, y0, w, h int) {
	size := float32(c.h)
	c.raster.Reset(w, h)
	c.raster.DrawOp = draw.Src
	at := func(i int) (float32, float32) {
		return s.ops[i]*size - float32(x0), s.ops[i+1]*size - float32(y0)
	}
	for i := 0; i < len(s.ops); {
		ax, ay := at(i + 1)
		switch s.ops[i] {
		case opMove:
			if i > 0 {
				c.raster.ClosePath()
			}
			c.raster.MoveTo(ax, ay)
			i += 3
		case opLine:
			c.raster.LineTo(ax, ay)
			i += 3
		case opQuad:
			bx, by := at(i + 3)
			c.raster.QuadTo(ax, ay, bx, by)
			i += 5
		case opCube:
			bx, by := at(i + 3)
			dx, dy := at(i + 5)
			c.raster.CubeTo(ax, ay, bx, by, dx, dy)
			i += 7
		}
	}
	c.raster.ClosePath()
	if cap(c.mask.Pix) < w*h {
		c.mask.Pix = make([]uint8, w*h)
	}
	c.mask.Pix, c.mask.Stride, c.mask.Rect = c.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
	c.raster.Draw(&c.mask, c.mask.Rect, image.Opaque, image.Point{})
}

// blurred draws on a smaller canvas and spreads the result over this one: cheap softness, for what is far
// away or out of focus.
func (c *canvas) blurred(factor int, f func(layer *canvas)) {
	layer := newCanvas(max(c.w/factor, 2), max(c.h/factor, 2))
	layer.wide = c.wide
	f(layer)
	layer.soften()
	sx, sy := float32(layer.w)/float32(c.w), float32(layer.h)/float32(c.h)
	empty := make([]bool, layer.h)
	for y := range empty {
		empty[y] = isZero(layer.pix[4*y*layer.w : 4*(y+1)*layer.w])
	}
	c.rows(0, c.h, func(y int, row []float32) {
		fy := max((float32(y)+0.5)*sy-0.5, 0)
		j := min(int(fy), layer.h-2)
		if empty[j] && empty[j+1] {
			return
		}
		t := min(fy-float32(j), 1)
		up := layer.pix[4*j*layer.w : 4*(j+1)*layer.w]
		down := layer.pix[4*(j+1)*layer.w : 4*(j+2)*layer.w]
		for x := range c.w {
			fx := max((float32(x)+0.5)*sx-0.5, 0)
			i := min(int(fx), layer.w-2)
			s := min(fx-float32(i), 1)
			a, b := up[4*i:4*i+8:4*i+8], down[4*i:4*i+8:4*i+8]
			k00, k01, k10, k11 := (1-s)*(1-t), s*(1-t), (1-s)*t, s*t
			rest := 1 - (a[3]*k00 + a[7]*k01 + b[3]*k10 + b[7]*k11)
			p := row[4*x : 4*x+4 : 4*x+4]
			p[0] = p[0]*rest + a[0]*k00 + a[4]*k01 + b[0]*k10 + b[4]*k11
			p[1] = p[1]*rest + a[1]*k00 + a[5]*k01 + b[1]*k10 + b[5]*k11
			p[2] = p[2]*rest + a[2]*k00 + a[6]*k01 + b[2]*k10 + b[6]*k11
			p[3] = p[3]*rest + 1 - rest
		}
	})
}

func isZero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return false
		}
	}
	return true
}

// soften averages each pixel with its neighbours, first down and then across.
func (c *canvas) soften() {
	stride := 4 * c.w
	out := make([]float32, len(c.pix))
	c.rows(0, c.h, func(y int, row []float32) {
		up, down := c.pix[max(y-1, 0)*stride:][:stride], c.pix[min(y+1, c.h-1)*stride:][:stride]
		to := out[y*stride : (y+1)*stride]
		for i, v := range row {
			to[i] = (up[i] + 2*v + down[i]) / 4
		}
	})
	c.rows(0, c.h, func(y int, row []float32) {
		from := out[y*stride : (y+1)*stride]
		for i, v := range from {
			left, right := i-4, i+4
			if left < 0 {
				left = i
			}
			if right >= stride {
				right = i
			}
			row[i] = (from[left] + 2*v + from[right]) / 4
		}
	})
}

// finish applies vignette and grain, lets highlights roll off and returns the picture.
func (c *canvas) finish(grain uint32, vignette float32) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, c.w, c.h))
	unit := 1 / float32(c.h)
	c.rows(0, c.h, func(y int, row []float32) {
		line := out.Pix[y*out.Stride:]
		dy := (float32(y)+0.5)*unit - 0.5
		for x := range c.w {
			dx := ((float32(x)+0.5)*unit - c.wide/2) / c.wide
			shade := 1 - vignette*4*(dx*dx+dy*dy)*(dx*dx+dy*dy)
			g := speck(grain, x, y) * 0.011
			for k := range 3 {
				v := row[4*x+k] * shade
				if v > 0.85 {
					v = 0.85 + 0.15*(1-exp(-(v-0.85)/0.12)) // towards white, and never quite there
				}
				line[4*x+k] = uint8(clamp(v+g)*255 + 0.5)
			}
			line[4*x+3] = 255
		}
	})
	return out
}
