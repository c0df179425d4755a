package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/vector"
)

// The sample home has pictures that are painted here: landscapes and faces out of a few shapes, always the same.

// canvas is a picture being painted. Positions and lengths are in parts of its height, so that one scene fits any size.
type canvas struct {
	*image.RGBA
	random *rand.Rand
}

func newCanvas(width, height int, seed uint64) *canvas {
	return &canvas{image.NewRGBA(image.Rect(0, 0, width, height)), rand.New(rand.NewPCG(seed, 7))}
}

func (c *canvas) unit() float64 { return float64(c.Bounds().Dy()) }
func (c *canvas) wide() float64 { return float64(c.Bounds().Dx()) / c.unit() }

// hex reads a colour such as 0xf2b33d.
func hex(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = math.Max(0, math.Min(1, t))
	part := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t) }
	return color.RGBA{R: part(a.R, b.R), G: part(a.G, b.G), B: part(a.B, b.B), A: 255}
}

// sky fills the picture from the top down to the colour of the horizon.
func (c *canvas) sky(top, horizon uint32) {
	for y := range c.Bounds().Dy() {
		shade := mix(hex(top), hex(horizon), float64(y)/(0.7*c.unit()))
		draw.Draw(c, image.Rect(0, y, c.Bounds().Dx(), y+1), image.NewUniform(shade), image.Point{}, draw.Src)
	}
}

// path fills a shape; each point is (x, y), with smooth curves through them if round is set.
func (c *canvas) path(fill color.RGBA, round bool, points ...[2]float64) {
	// Only the part of the picture that the shape can touch is looked at: there are many small shapes.
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		left, top, right, bottom = min(left, p[0]), min(top, p[1]), max(right, p[0]), max(bottom, p[1])
	}
	edge := 0.2 * max(right-left, bottom-top) // curves may swing out a little
	if !round {
		edge = 0
	}
	box := image.Rect(int((left-edge)*c.unit())-1, int((top-edge)*c.unit())-1, int((right+edge)*c.unit())+2, int((bottom+edge)*c.unit())+2).Intersect(c.Bounds())
	if box.Empty() {
		return
	}
	r := vector.NewRasterizer(box.Dx(), box.Dy())
	at := func(i int) (float32, float32) {
		p := points[(i+len(points))%len(points)]
		return float32(p[0]*c.unit()) - float32(box.Min.X), float32(p[1]*c.unit()) - float32(box.Min.Y)
	}
	x, y := at(0)
	r.MoveTo(x, y)
	for i := range points {
		x0, y0 := at(i - 1)
		x1, y1 := at(i)
		x2, y2 := at(i + 1)
		x3, y3 := at(i + 2)
		if round {
			r.CubeTo(x1+(x2-x0)/6, y1+(y2-y0)/6, x2-(x3-x1)/6, y2-(y3-y1)/6, x2, y2)
		} else {
			r.LineTo(x2, y2)
		}
	}
	r.ClosePath()
	r.Draw(c, box, image.NewUniform(fill), image.Point{})
}

func (c *canvas) disc(x, y, rx, ry float64, fill color.RGBA) {
	var points [][2]float64
	for i := range 12 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 6)
		points = append(points, [2]float64{x + rx*cos, y + ry*sin})
	}
	c.path(fill, true, points...)
}

// ridge fills everything below a line of hills.
func (c *canvas) ridge(y, height, length, phase float64, fill uint32) {
	points := [][2]float64{{-0.1, 1.1}}
	for x := -0.1; x <= c.wide()+0.1; x += 0.02 {
		h := math.Sin(x/length+phase) + 0.45*math.Sin(2.3*x/length+2*phase) + 0.2*math.Sin(5.1*x/length+phase)
		points = append(points, [2]float64{x, y - height*h/1.65})
	}
	points = append(points, [2]float64{c.wide() + 0.1, 1.1})
	c.path(hex(fill), false, points...)
}

// glow lightens around a point, as the sun does.
func (c *canvas) glow(x, y, radius float64, light uint32, strength float64) {
	box := image.Rect(int((x-radius)*c.unit()), int((y-radius)*c.unit()), int((x+radius)*c.unit())+1, int((y+radius)*c.unit())+1).Intersect(c.Bounds())
	for py := box.Min.Y; py < box.Max.Y; py++ {
		for px := box.Min.X; px < box.Max.X; px++ {
			d := math.Hypot(float64(px)/c.unit()-x, float64(py)/c.unit()-y) / radius
			if d < 1 {
				c.SetRGBA(px, py, mix(c.RGBAAt(px, py), hex(light), strength*(1-d)*(1-d)))
			}
		}
	}
}

// grain makes it look less like a drawing.
func (c *canvas) grain(amount int) {
	for i := range c.Pix {
		if i%4 != 3 {
			c.Pix[i] = uint8(max(0, min(255, int(c.Pix[i])+c.random.IntN(2*amount+1)-amount)))
		}
	}
}

// scenes paints a landscape by its name.
var scenes = map[string]func(c *canvas){
	"sea": func(c *canvas) {
		c.sky(0x3f5f8f, 0xf6b27a)
		c.disc(0.62*c.wide(), 0.5, 0.07, 0.07, hex(0xfff0c9))
		c.glow(0.62*c.wide(), 0.5, 0.6, 0xffdca0, 0.8)
		c.path(hex(0x35577a), false, [2]float64{-0.1, 0.56}, [2]float64{3, 0.56}, [2]float64{3, 1.1}, [2]float64{-0.1, 1.1})
		for range 90 {
			y := 0.57 + 0.4*math.Pow(c.random.Float64(), 1.6)
			x := 0.62*c.wide() + (c.random.Float64()-0.5)*(0.15+1.1*(y-0.56))
			c.disc(x, y, 0.01+0.05*(y-0.5), 0.0018+0.006*(y-0.56), mix(hex(0xffd79a), hex(0x35577a), 0.25+c.random.Float64()*0.4))
		}
		c.path(hex(0x2a2430), true, [2]float64{0.1, 0.585}, [2]float64{0.3, 0.59}, [2]float64{0.27, 0.62}, [2]float64{0.13, 0.62})
		c.path(hex(0xf3e6d6), false, [2]float64{0.19, 0.32}, [2]float64{0.2, 0.57}, [2]float64{0.3, 0.57})
		c.path(hex(0xd9c6b4), false, [2]float64{0.18, 0.36}, [2]float64{0.18, 0.57}, [2]float64{0.12, 0.57})
	},
	"hills": func(c *canvas) {
		c.sky(0x8fc0dd, 0xf7ead0)
		c.glow(0.3, 0.25, 0.7, 0xffffff, 0.5)
		c.ridge(0.52, 0.1, 0.3, 0.4, 0x9db8c0)
		c.ridge(0.6, 0.08, 0.22, 2.1, 0x86a98f)
		c.ridge(0.7, 0.07, 0.35, 4.0, 0x6d9560)
		for i := range 9 {
			x, y := (0.06+0.12*float64(i))*c.wide()*0.95, 0.72+0.06*math.Sin(float64(i)*2.3)
			c.disc(x, y-0.045, 0.03, 0.05, hex(0x3f6a40))
			c.disc(x+0.012, y-0.06, 0.018, 0.03, hex(0x578552))
		}
		c.ridge(0.86, 0.05, 0.4, 1.0, 0xb4b45c)
		c.ridge(0.96, 0.05, 0.25, 3.0, 0x8f9a45)
	},
	"garden": func(c *canvas) {
		c.sky(0x5c8a5a, 0x33562f)
		for range 420 {
			x, y := c.random.Float64()*c.wide(), c.random.Float64()
			c.disc(x, y, 0.02+0.03*y, 0.008+0.012*y, mix(hex(0x31582f), hex(0x8ab45f), c.random.Float64()))
		}
		petals := []uint32{0xe8616d, 0xf2b33d, 0xf6e7e2, 0xc75fa0, 0xf08a4b}
		for range 34 {
			x, y := c.random.Float64()*c.wide(), 0.12+0.86*c.random.Float64()
			r := 0.02 + 0.045*y
			shade := hex(petals[c.random.IntN(len(petals))])
			for i := range 6 {
				sin, cos := math.Sincos(float64(i)*math.Pi/3 + x)
				c.disc(x+cos*r*0.62, y+sin*r*0.55, r*0.48, r*0.44, mix(shade, hex(0xffffff), 0.12*float64(i%2)))
			}
			c.disc(x, y, r*0.36, r*0.33, hex(0x7a4a1d))
		}
	},
	"cake": func(c *canvas) {
		c.sky(0xe9d3bd, 0xc79f7c)
		c.glow(0.75*c.wide(), 0.1, 0.9, 0xfff4dc, 0.7)
		c.path(hex(0x8a5a3c), false, [2]float64{-0.1, 0.68}, [2]float64{3, 0.68}, [2]float64{3, 1.1}, [2]float64{-0.1, 1.1})
		m := c.wide() / 2
		c.disc(m, 0.8, 0.46, 0.09, hex(0xf4f0ea))
		c.disc(m, 0.79, 0.4, 0.07, hex(0xe2dbd2))
		c.path(hex(0x9c5b35), false, [2]float64{m - 0.33, 0.52}, [2]float64{m + 0.33, 0.52}, [2]float64{m + 0.33, 0.77}, [2]float64{m - 0.33, 0.77})
		c.disc(m, 0.77, 0.33, 0.06, hex(0x8a4d2b))
		c.path(hex(0xfdf6ec), false, [2]float64{m - 0.33, 0.6}, [2]float64{m + 0.33, 0.6}, [2]float64{m + 0.33, 0.65}, [2]float64{m - 0.33, 0.65})
		c.disc(m, 0.52, 0.33, 0.065, hex(0xfdf3e4))
		for i := range 9 {
			x := m - 0.27 + 0.0675*float64(i)
			c.disc(x, 0.6+0.02*math.Sin(float64(i)*1.7), 0.028, 0.05, hex(0xfdf3e4))
			c.disc(x, 0.5+0.022*math.Cos(float64(i)*2.1), 0.022, 0.022, hex(0xc62f45))
			c.disc(x-0.006, 0.494+0.022*math.Cos(float64(i)*2.1), 0.006, 0.006, hex(0xf3a0ab))
		}
		for i := range 5 {
			x := m - 0.16 + 0.08*float64(i)
			c.path(hex([]uint32{0x59b5e8, 0xf2b33d, 0x6cb46f}[i%3]), false, [2]float64{x - 0.008, 0.34}, [2]float64{x + 0.008, 0.34}, [2]float64{x + 0.008, 0.5}, [2]float64{x - 0.008, 0.5})
			c.glow(x, 0.31, 0.1, 0xfff2b0, 0.8)
			c.disc(x, 0.315, 0.01, 0.022, hex(0xffc14d))
		}
	},
	"snow": func(c *canvas) {
		c.sky(0x6f8fb5, 0xe9eef4)
		c.ridge(0.5, 0.16, 0.16, 0.8, 0xb9c8da)
		c.ridge(0.62, 0.1, 0.25, 2.6, 0xdce6ef)
		for i := range 13 {
			x := (0.03 + 0.08*float64(i)) * c.wide()
			y := 0.78 + 0.05*math.Sin(float64(i)*1.9)
			h := 0.2 + 0.1*math.Abs(math.Sin(float64(i)*2.7))
			for k := range 3 {
				top := y - h + h*0.26*float64(k)
				w := 0.03 + 0.022*float64(k)
				c.path(mix(hex(0x2c4a48), hex(0x44686a), float64(k)/3), false, [2]float64{x, top}, [2]float64{x + w, top + h*0.4}, [2]float64{x - w, top + h*0.4})
				c.path(hex(0xf2f6fa), false, [2]float64{x, top}, [2]float64{x + w*0.4, top + h*0.13}, [2]float64{x - w*0.3, top + h*0.11})
			}
		}
		c.ridge(0.84, 0.04, 0.5, 0.3, 0xf4f7fb)
		for range 240 {
			c.disc(c.random.Float64()*c.wide(), c.random.Float64(), 0.003, 0.003, hex(0xffffff))
		}
	},
	"street": func(c *canvas) {
		c.sky(0x33305c, 0xd98a6a)
		fronts := []uint32{0x4a3a52, 0x5d4350, 0x3d3550, 0x6b4a4d}
		for i, x := 0, -0.05; x < c.wide(); i++ {
			w, h := 0.24+0.08*c.random.Float64(), 0.42+0.26*c.random.Float64()
			c.path(hex(fronts[i%4]), false, [2]float64{x, 1}, [2]float64{x, 1 - h}, [2]float64{x + w/2, 0.88 - h}, [2]float64{x + w, 1 - h}, [2]float64{x + w, 1})
			for row := 0; row < 4; row++ {
				for col := range 2 {
					wx, wy := x+w*(0.27+0.46*float64(col)), 1-h+0.06+0.14*float64(row)
					light := hex(0x352c40)
					if c.random.IntN(5) < 2 && wy < 0.85 {
						light = hex(0xffc873)
						c.glow(wx, wy, 0.09, 0xffc873, 0.3)
					}
					c.path(light, false, [2]float64{wx - 0.025, wy - 0.03}, [2]float64{wx, wy - 0.05}, [2]float64{wx + 0.025, wy - 0.03}, [2]float64{wx + 0.025, wy + 0.04}, [2]float64{wx - 0.025, wy + 0.04})
				}
			}
			x += w
		}
		c.path(hex(0x2a2430), false, [2]float64{-0.1, 0.93}, [2]float64{3, 0.93}, [2]float64{3, 1.1}, [2]float64{-0.1, 1.1})
	},
}

// face paints somebody: skin, hair, clothes, background.
func paintFace(c *canvas, skin, hair, clothes, ground uint32, long bool) {
	draw.Draw(c, c.Bounds(), image.NewUniform(hex(ground)), image.Point{}, draw.Src)
	c.glow(0.3, 0.2, 0.8, 0xffffff, 0.35)
	if long {
		c.path(hex(hair), true, [2]float64{0.26, 0.4}, [2]float64{0.3, 0.2}, [2]float64{0.5, 0.12}, [2]float64{0.7, 0.2}, [2]float64{0.75, 0.42}, [2]float64{0.77, 0.8}, [2]float64{0.5, 0.72}, [2]float64{0.23, 0.8})
	}
	c.disc(0.5, 1.02, 0.38, 0.26, hex(clothes))
	c.path(mix(hex(skin), hex(0x000000), 0.12), false, [2]float64{0.43, 0.55}, [2]float64{0.57, 0.55}, [2]float64{0.59, 0.82}, [2]float64{0.41, 0.82})
	c.disc(0.5, 0.46, 0.2, 0.25, hex(skin))
	c.path(hex(hair), true, [2]float64{0.28, 0.44}, [2]float64{0.3, 0.24}, [2]float64{0.5, 0.15}, [2]float64{0.7, 0.24}, [2]float64{0.72, 0.44}, [2]float64{0.66, 0.36}, [2]float64{0.52, 0.29}, [2]float64{0.36, 0.34})
	for _, x := range []float64{0.42, 0.58} {
		c.disc(x, 0.47, 0.016, 0.02, hex(0x2b2320))
	}
	c.path(hex(0x8c3b34), true, [2]float64{0.43, 0.57}, [2]float64{0.5, 0.585}, [2]float64{0.57, 0.57}, [2]float64{0.5, 0.625})
	c.disc(0.39, 0.54, 0.03, 0.02, mix(hex(skin), hex(0xe0555a), 0.3))
	c.disc(0.61, 0.54, 0.03, 0.02, mix(hex(skin), hex(0xe0555a), 0.3))
}

// jpegOf encodes a picture.
func jpegOf(p image.Image) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, p, &jpeg.Options{Quality: 82}); err != nil {
		panic(err) // a picture in memory always encodes
	}
	return out.Bytes()
}

// scaled makes a picture smaller, to at most side pixels on its longer side.
func scaled(p image.Image, side int) image.Image {
	b := p.Bounds()
	longer := max(b.Dx(), b.Dy())
	if longer <= side {
		return p
	}
	small := image.NewRGBA(image.Rect(0, 0, b.Dx()*side/longer, b.Dy()*side/longer))
	xdraw.ApproxBiLinear.Scale(small, small.Bounds(), p, b, xdraw.Src, nil)
	return small
}

// meanColour is the tone of a picture.
func meanColour(p image.Image) color.RGBA {
	small := image.NewRGBA(image.Rect(0, 0, 1, 1))
	xdraw.BiLinear.Scale(small, small.Bounds(), p, p.Bounds(), xdraw.Src, nil)
	return small.RGBAAt(0, 0)
}
