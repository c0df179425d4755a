package art

import (
	"image"
	"image/draw"
)

// Portrait paints a friendly face. Size is the side of the square in pixels, at most 4096; a mistake in it
// panics. Neighbouring seeds give people who are easy to tell apart. The result is opaque.
func Portrait(seed uint64, size int) *image.RGBA {
	if size < 1 || size > maxSide {
		panic("art: size of a portrait") //nolint:forbidigo // a mistake in the program, and documented
	}
	// Painted with room around the head and cut to what matters in a small circle beside a comment.
	const part, left, top = 0.84, 0.08, 0.03
	whole := max(int(float32(size)/part+0.5), size)
	c := newCanvas(whole, whole)
	d := newDice("portrait", seed)
	p := newPerson(d, seed)
	p.paint(c, d)
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	at := image.Pt(min(int(left*float32(whole)), whole-size), min(int(top*float32(whole)), whole-size))
	draw.Draw(out, out.Rect, c.finish(d.Uint32(), 0.25), at, draw.Src)
	return out
}

// person is what a portrait shows.
type person struct {
	skin, hair, top, accent, back rgb
	style                         int // of the hair
	broad                         float32
	beard, glasses, earrings      bool
	lashes, freckles, collar      bool
	smile, brow                   float32
}

// The hairstyles.
const (
	shortHair = iota
	sideParting
	longHair
	bun
	curls
	bob
	bald
	woollenHat
	hairstyles
)

func newPerson(d dice, seed uint64) person {
	skins := []rgb{hex(0xf7d3ba), hex(0xe8b48f), hex(0xc98d64), hex(0x9a6140), hex(0x6b4029), hex(0xf0c4a4), hex(0xdba678)}
	hairs := []rgb{hex(0x2a1d18), hex(0x4f3324), hex(0x7d4a2a), hex(0xb87a3f), hex(0xdcb877), hex(0xa6432a), hex(0xb9b3ad), hex(0x1f1a22)}
	tops := []rgb{hex(0xd9674f), hex(0x3f7d86), hex(0xe0a945), hex(0x5f7f52), hex(0x6a5a94), hex(0xc95f7d), hex(0x34517d), hex(0xefe3cf)}
	backs := []rgb{hex(0xf3c98b), hex(0xa9cfc4), hex(0xf2b5a0), hex(0xb9c6e6), hex(0xdcd09a), hex(0xd7b3d0), hex(0x9fc0d6), hex(0xc2d3a1)}
	// Walking through the lists in steps makes neighbours differ in everything; the dice do the rest.
	k := int(seed % (1 << 30))
	p := person{
		skin: skins[(k*3+d.IntN(2))%len(skins)], hair: hairs[(k*5+d.IntN(2))%len(hairs)],
		top: tops[(k*3+1)%len(tops)], accent: tops[(k*3+4)%len(tops)], back: backs[(k*5+2)%len(backs)],
		style: (k*3 + d.IntN(2)) % hairstyles, broad: d.between(0.94, 1.06),
		glasses: d.chance(0.32), freckles: d.chance(0.22), collar: d.chance(0.4),
		smile: d.between(0.6, 1.15), brow: d.between(-0.25, 0.25),
	}
	switch p.style {
	case longHair, bun, bob:
		p.lashes, p.earrings = true, d.chance(0.5)
	case curls, woollenHat:
		p.lashes = d.chance(0.5)
		p.earrings = p.lashes && d.chance(0.5)
		p.beard = !p.lashes && d.chance(0.3)
	default:
		p.beard = d.chance(0.5)
	}
	if p.skin[0] < 0.7 && p.hair[0] > 0.6 && p.style != woollenHat {
		p.hair = hairs[k%2] // what goes together most often
	}
	return p
}

func (p *person) paint(c *canvas, d dice) {
	c.fill(0, 1, func(x, y float32) (rgb, float32) {
		dx, dy := x-0.38, y-0.3
		return mix(p.back.times(1.1), p.back.times(0.78), smooth(0, 0.95, sqrt(dx*dx+dy*dy))), 1
	})
	bokeh(c, d, 14, 0, 0, 1, 1, 0.03, 0.11, 0.3, p.back.plus(hex(0xffffff), 0.22), p.back.plus(hex(0xffe2b0), 0.16))
	p.hairBehind(c)
	p.shoulders(c)
	p.head(c)
	p.face(c, d)
	p.hairInFront(c, d)
	if p.glasses {
		p.drawGlasses(c)
	}
	c.glow(0.1, 0.05, 1.1, hex(0xffe9c4), 0.16)
}

// The head is an egg around headX, headY.
const (
	headX, headY   float32 = 0.5, 0.45
	headRX, headRY float32 = 0.172, 0.215
)

func (p *person) shoulders(c *canvas) {
	body := new(path)
	w := 0.36 * p.broad
	body.move(0.5-w, 1.02).cube(0.5-w*0.98, 0.84, 0.5-w*0.72, 0.775, 0.5-0.1, 0.735).quad(0.5, 0.79, 0.5+0.1, 0.735)
	body.cube(0.5+w*0.72, 0.775, 0.5+w*0.98, 0.84, 0.5+w, 1.02)
	// The neck first, with the shadow of the chin.
	neck := new(path)
	neck.move(0.425, 0.55).line(0.575, 0.55).quad(0.575, 0.71, 0.607, 0.745).quad(0.5, 0.83, 0.393, 0.745).quad(0.425, 0.71, 0.425, 0.55)
	c.draw(neck, vertical(0.6, 0.75, p.skin.times(0.74), p.skin.times(0.92)))
	c.draw(body, func(x, y float32) (rgb, float32) {
		u := (x - 0.5) / w
		knit := 1 + 0.028*sin(x*260)*sin(y*190)
		return p.top.times((1.02 - 0.26*smooth(-0.5, 1.1, u) + 0.05*smooth(0.9, 0.7, y)) * knit), 1
	})
	if p.collar {
		for _, s := range []float32{-1, 1} {
			flap := new(path)
			flap.move(0.5+s*0.105, 0.726).quad(0.5+s*0.165, 0.755, 0.5+s*0.155, 0.83).quad(0.5+s*0.08, 0.845, 0.5, 0.792)
			flap.quad(0.5+s*0.07, 0.785, 0.5+s*0.105, 0.726)
			c.draw(flap, vertical(0.73, 0.84, p.accent.times(1.05), p.accent.times(0.82)))
		}
		return
	}
	band := new(path)
	band.move(0.395, 0.733).quad(0.5, 0.83, 0.605, 0.733).line(0.623, 0.748).quad(0.5, 0.872, 0.377, 0.748)
	c.draw(band, vertical(0.73, 0.85, p.top.times(0.9), p.top.times(0.72)))
}

func (p *person) head(c *canvas) {
	for _, s := range []float32{-1, 1} {
		ear := oval(headX+s*headRX*1.0*p.broad, headY+0.025, 0.032, 0.045, s*0.15)
		c.draw(ear, solid(p.skin.times(0.9)))
		c.draw(oval(headX+s*headRX*1.02*p.broad, headY+0.028, 0.016, 0.026, s*0.15), solid(p.skin.times(0.78)))
		if p.earrings {
			c.disc(headX+s*headRX*1.05*p.broad, headY+0.083, 0.012, 0.15, solid(mix(p.accent, hex(0xffe9a8), 0.55)))
		}
	}
	c.draw(p.egg(1, 0), func(x, y float32) (rgb, float32) {
		u, v := (x-headX)/headRX, (y-headY)/headRY
		shade := 1.03 - 0.13*smooth(0.1, 1.15, u*0.8+v*0.35) - 0.1*smooth(0.75, 1.05, v)
		return p.skin.times(shade).plus(hex(0xff6a4a), 0.012), 1
	})
}

// egg is the outline of the head, grown by a factor and moved up.
func (p *person) egg(grow, up float32) *path {
	rx, ry := headRX*grow*p.broad, headRY*grow
	e := new(path)
	y := headY - up
	e.move(headX, y-ry).cube(headX+rx*0.68, y-ry, headX+rx*1.03, y-ry*0.52, headX+rx, y+ry*0.05)
	e.cube(headX+rx*0.96, y+ry*0.62, headX+rx*0.5, y+ry, headX, y+ry)
	e.cube(headX-rx*0.5, y+ry, headX-rx*0.96, y+ry*0.62, headX-rx, y+ry*0.05)
	return e.cube(headX-rx*1.03, y-ry*0.52, headX-rx*0.68, y-ry, headX, y-ry)
}

func (p *person) face(c *canvas, d dice) {
	dark := mix(p.skin.times(0.35), hex(0x2a1512), 0.6)
	for _, s := range []float32{-1, 1} { // cheeks
		c.box(headX+s*0.098, headY+0.075, 0.06, 0.045, func(dx, dy float32, px []float32) {
			t := sqrt(dx*dx/0.0036 + dy*dy/0.002)
			put(px, mix(p.skin, hex(0xf0604f), 0.55), 0.42*smooth(1, 0.1, t))
		})
	}
	if p.freckles {
		for range 22 {
			x, y := headX+d.between(-0.11, 0.11), headY+d.between(0.03, 0.09)
			c.disc(x, y, d.between(0.002, 0.004), 0.4, func(_, _ float32) (rgb, float32) { return p.skin.times(0.68), 0.55 })
		}
	}
	if p.beard {
		p.drawBeard(c)
	}
	eye := pick(d, hex(0x3a2417), hex(0x2f4a5f), hex(0x3f5636), hex(0x241a18))
	for _, s := range []float32{-1, 1} {
		x, y := headX+s*0.066, headY+0.012
		c.draw(oval(x, y, 0.027, 0.023, 0), solid(hex(0xfdf7f0)))
		c.draw(oval(x+0.001, y+0.001, 0.0175, 0.0185, 0), vertical(y-0.018, y+0.018, eye.times(0.6), eye.times(1.5)))
		c.disc(x+0.001, y+0.001, 0.0095, 0.1, solid(hex(0x0e0a0c)))
		c.disc(x-0.006, y-0.007, 0.0055, 0.2, solid(hex(0xffffff)))
		lid := new(path)
		lid.move(x-0.031, y-0.004).quad(x, y-0.036, x+0.031, y-0.004).quad(x, y-0.025, x-0.031, y-0.004)
		c.draw(lid, solid(dark))
		if p.lashes {
			for k := range 3 {
				lx := x + s*(0.02+0.006*float32(k))
				c.draw(stroke(lx, y-0.014+0.004*float32(k), lx+s*0.006, y-0.02+0.003*float32(k), lx+s*0.012, y-0.024+0.005*float32(k), 0.005, 0.002), solid(dark))
			}
		}
		brow := mix(p.hair, hex(0x20140f), 0.35)
		if p.style == bald || p.style == woollenHat {
			brow = mix(p.hair, hex(0x20140f), 0.2)
		}
		by := y - 0.056
		c.draw(stroke(x-s*0.03, by+0.006-p.brow*0.012, x, by-0.016, x+s*0.036, by+0.008, 0.013, 0.006), solid(brow))
	}
	nose := new(path)
	nose.move(headX-0.006, headY+0.03).cube(headX+0.018, headY+0.06, headX+0.034, headY+0.082, headX+0.002, headY+0.087)
	nose.quad(headX+0.016, headY+0.072, headX-0.006, headY+0.03)
	c.draw(nose, func(_, _ float32) (rgb, float32) { return p.skin.times(0.72), 0.75 })
	p.mouth(c)
}

func (p *person) mouth(c *canvas) {
	y, w, k := headY+0.122, 0.062*p.smile, 0.034*p.smile
	lips := new(path)
	lips.move(headX-w, y-0.008).quad(headX, y+0.016, headX+w, y-0.008).cube(headX+w*0.75, y+k*1.25, headX-w*0.75, y+k*1.25, headX-w, y-0.008)
	c.draw(lips, solid(hex(0x7d2a2c)))
	teeth := new(path)
	teeth.move(headX-w*0.86, y-0.003).quad(headX, y+0.017, headX+w*0.86, y-0.003).quad(headX, y+0.034, headX-w*0.86, y-0.003)
	c.draw(teeth, solid(hex(0xfffaf2)))
	for _, s := range []float32{-1, 1} {
		c.draw(stroke(headX+s*w*0.96, y-0.016, headX+s*w*1.1, y-0.008, headX+s*w*1.02, y+0.003, 0.003, 0.006), func(_, _ float32) (rgb, float32) { return p.skin.times(0.62), 0.8 })
	}
}

func (p *person) drawBeard(c *canvas) {
	rx := headRX * p.broad
	b := new(path)
	b.move(headX-rx*1.0, headY+0.02).cube(headX-rx*0.98, headY+0.13, headX-rx*0.62, headY+0.243, headX, headY+0.246)
	b.cube(headX+rx*0.62, headY+0.243, headX+rx*0.98, headY+0.13, headX+rx*1.0, headY+0.02)
	b.cube(headX+rx*0.85, headY+0.1, headX+rx*0.6, headY+0.098, headX+0.055, headY+0.096)
	b.quad(headX, headY+0.085, headX-0.055, headY+0.096).cube(headX-rx*0.6, headY+0.098, headX-rx*0.85, headY+0.1, headX-rx, headY+0.02)
	c.draw(b, func(x, y float32) (rgb, float32) {
		strand := 1 + 0.06*sin(x*420+y*90)
		return p.hair.times((1.02 - 0.25*smooth(headX-0.1, headX+0.2, x)) * strand), 1
	})
}

// strands shades hair, with lines along its fall and a highlight near the crown.
func (p *person) strands(x, y float32) (rgb, float32) {
	angle := (x - headX) / (y + 0.35)
	shine := exp(-(y-0.27)*(y-0.27)*260) * 0.16 * smooth(0.24, 0.02, abs(x-0.44))
	shade := 1.06 - 0.24*smooth(0.42, 0.72, x) + 0.05*sin(angle*210) + 0.03*sin(angle*97+1)
	return p.hair.times(shade).plus(hex(0xfff0d8), shine), 1
}

func (p *person) hairBehind(c *canvas) {
	dark := func(x, y float32) (rgb, float32) {
		col, a := p.strands(x, y)
		return col.times(0.72), a
	}
	h := new(path)
	switch p.style {
	case longHair:
		h.move(0.5, 0.19).cube(0.29, 0.18, 0.27, 0.42, 0.275, 0.56).cube(0.27, 0.7, 0.25, 0.78, 0.28, 0.86)
		h.quad(0.5, 0.92, 0.72, 0.86).cube(0.75, 0.78, 0.73, 0.7, 0.725, 0.56).cube(0.73, 0.42, 0.71, 0.18, 0.5, 0.19)
	case bob:
		h.move(0.5, 0.19).cube(0.27, 0.18, 0.26, 0.42, 0.275, 0.61).quad(0.3, 0.665, 0.37, 0.65).line(0.63, 0.65)
		h.quad(0.7, 0.665, 0.725, 0.61).cube(0.74, 0.42, 0.73, 0.18, 0.5, 0.19)
	case bun:
		c.draw(oval(0.5, 0.165, 0.088, 0.078, 0), dark)
		c.draw(oval(0.485, 0.155, 0.06, 0.05, 0), p.strands)
		return
	case curls:
		for i := range 22 {
			a := pi*1.12*float32(i)/21 + pi*0.94
			c.disc(0.5+0.205*cos(a), 0.42+0.215*sin(a)*1.02, 0.075, 0.12, dark)
		}
		return
	default:
		return
	}
	c.draw(h, dark)
}

func (p *person) hairInFront(c *canvas, d dice) {
	rx := headRX * p.broad
	left, right := headX-rx*1.07, headX+rx*1.07
	h := new(path)
	switch p.style {
	case shortHair:
		h.move(left+0.008, 0.45).cube(left-0.012, 0.3, 0.36, 0.195, 0.5, 0.2).cube(0.64, 0.195, right+0.012, 0.3, right-0.008, 0.45)
		h.quad(right-0.024, 0.385, right-0.046, 0.345).cube(0.58, 0.31, 0.44, 0.31, left+0.046, 0.345).quad(left+0.024, 0.385, left+0.008, 0.45)
	case sideParting, bob:
		h.move(left-0.004, 0.47).cube(left-0.03, 0.28, 0.36, 0.175, 0.5, 0.185).cube(0.66, 0.18, right+0.03, 0.3, right+0.004, 0.47)
		h.quad(right-0.015, 0.385, 0.61, 0.345).cube(0.53, 0.32, 0.45, 0.29, 0.425, 0.255).cube(0.41, 0.32, left+0.045, 0.36, left-0.004, 0.47)
	case longHair, bun:
		h.move(left-0.012, 0.53).cube(left-0.035, 0.28, 0.36, 0.17, 0.5, 0.178).cube(0.64, 0.17, right+0.035, 0.28, right+0.012, 0.53)
		h.cube(right-0.004, 0.42, 0.63, 0.34, 0.52, 0.245).cube(0.46, 0.33, left+0.02, 0.39, left-0.012, 0.53)
	case curls:
		for i := range 15 {
			a := pi*1.06*float32(i)/14 + pi*0.97
			x, y := 0.5+0.165*cos(a)*p.broad, 0.385+0.165*sin(a)
			r := d.between(0.052, 0.066)
			c.disc(x, y, r, 0.1, func(px, py float32) (rgb, float32) {
				u, v := (px-x)/r+0.35, (py-y)/r+0.4
				ring := 0.05 * sin(sqrt(u*u+v*v)*16)
				return p.hair.times(1.1 - 0.26*clamp((u*u+v*v)*0.5) + ring), 1
			})
		}
		return
	case woollenHat:
		p.hat(c)
		return
	case bald:
		c.disc(0.44, 0.29, 0.06, 0.9, func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.28 })
		for _, s := range []float32{-1, 1} {
			side := new(path)
			x := headX + s*rx*1.03
			side.move(x, 0.47).cube(x+s*0.012, 0.42, x+s*0.004, 0.36, x-s*0.022, 0.335).quad(x-s*0.028, 0.42, x, 0.47)
			c.draw(side, p.strands)
		}
		return
	}
	c.draw(h, p.strands)
}

// hat is knitted, with a turned-up brim and a bobble.
func (p *person) hat(c *canvas) {
	rx := headRX * p.broad * 1.1
	for _, s := range []float32{-1, 1} {
		tuft := new(path)
		x := headX + s*headRX*p.broad*1.02
		tuft.move(x-s*0.035, 0.36).line(x+s*0.008, 0.36).quad(x+s*0.012, 0.44, x-s*0.004, 0.475).quad(x-s*0.022, 0.42, x-s*0.035, 0.36)
		c.draw(tuft, p.strands)
	}
	wool := p.accent
	crown := new(path)
	crown.move(headX-rx, 0.35).cube(headX-rx*1.02, 0.19, headX-rx*0.5, 0.13, headX, 0.13).cube(headX+rx*0.5, 0.13, headX+rx*1.02, 0.19, headX+rx, 0.35)
	c.draw(crown, func(x, y float32) (rgb, float32) {
		rib := sin(asin(min(max((x-headX)/rx, -1), 1)) * 26)
		return wool.times(1.02 + 0.07*rib - 0.22*smooth(0.45, 0.72, x)), 1
	})
	c.draw(rounded(headX-rx*1.05, 0.318, rx*2.1, 0.066, 0.03), func(x, _ float32) (rgb, float32) {
		rib := sin(asin(min(max((x-headX)/(rx*1.06), -1), 1)) * 34)
		return mix(wool, hex(0xfff3e0), 0.5).times(1.0 + 0.07*rib - 0.2*smooth(0.45, 0.72, x)), 1
	})
	c.disc(headX, 0.115, 0.058, 0.14, func(x, y float32) (rgb, float32) {
		u, v := (x-headX)/0.058+0.3, (y-0.115)/0.058+0.4
		return mix(wool, hex(0xfff3e0), 0.65).times(1.08 - 0.25*clamp((u*u+v*v)*0.5) + 0.05*sin(x*300)*sin(y*280)), 1
	})
}

func (p *person) drawGlasses(c *canvas) {
	frame := mix(p.accent.times(0.45), hex(0x1c1614), 0.5)
	for _, s := range []float32{-1, 1} {
		x, y := headX+s*0.067, headY+0.014
		const r = 0.052
		c.disc(x, y, r, 0.02, func(px, py float32) (rgb, float32) {
			dx, dy := px-x, py-y
			t := sqrt(dx*dx+dy*dy) / r
			if t > 0.85 {
				return frame, smooth(0.85, 0.89, t)
			}
			return hex(0xffffff), 0.1
		})
		c.draw(stroke(x+s*r*0.95, y-0.008, x+s*0.08, y-0.012, headX+s*headRX*p.broad*1.03, y-0.004, 0.008, 0.007), solid(frame))
		c.draw(polygon(x-0.03, y+0.006, x-0.006, y-0.034, x+0.004, y-0.034, x-0.02, y+0.012), func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.22 })
	}
	c.draw(stroke(headX-0.017, headY+0.008, headX, headY-0.004, headX+0.017, headY+0.008, 0.008, 0.008), solid(frame))
}
