package art

// garden is a bed of flowers in the sun, with the rest of the garden out of focus.
func garden(c *canvas, d dice) {
	type mood struct{ top, low, light rgb }
	m := pick(d,
		mood{hex(0xdfeec0), hex(0x5f8f4e), hex(0xfff6cf)},
		mood{hex(0xcfe6e4), hex(0x4f8a5f), hex(0xfffbe0)},
		mood{hex(0xf7dfb4), hex(0x86924a), hex(0xfff0c2)})
	sunX := c.wide * d.between(0.1, 0.9)
	c.fill(0, 1, func(_, y float32) (rgb, float32) {
		return gradient(y, stop{0, m.top}, stop{0.45, mix(m.top, m.low, 0.55)}, stop{1, m.low.times(0.75)}), 1
	})
	c.blurred(10, func(c *canvas) {
		for range 70 { // bushes and trees beyond
			x, y := d.between(0, c.wide), d.between(0.05, 0.7)
			col := mix(m.low, m.top, d.between(0, 0.75)).times(d.between(0.75, 1.1))
			c.disc(x, y, d.between(0.05, 0.16), 0.6, func(_, _ float32) (rgb, float32) { return col, 0.5 })
		}
		for range 70 { // blossoms far away
			x, y := d.between(0, c.wide), d.between(0.4, 0.95)
			col := pick(d, petals...)
			c.disc(x, y, d.between(0.012, 0.045), 0.5, func(_, _ float32) (rgb, float32) { return col, 0.7 })
		}
	})
	c.glow(sunX, -0.05, 1.0, m.light, 0.75)
	bokeh(c, d, 46, 0, 0, c.wide, 0.6, 0.012, 0.06, 0.22, m.light, mix(m.light, m.top, 0.6), hex(0xffffff))

	c.blurred(4, func(c *canvas) { // the second row, nearly in focus
		grass(c, d, 160, 0.95, 0.3, 0.12, m.low.times(0.55), mix(m.low, m.top, 0.3))
		for range 16 {
			x := d.between(0, c.wide)
			flower(c, d, x, d.between(0.45, 0.7), d.between(0.03, 0.05), d.IntN(kinds), m.low)
		}
	})
	grass(c, d, 150, 1.0, 0.4, 0.12, m.low.times(0.4), mix(m.low, m.top, 0.25))
	// Two or three kinds grow together.
	first := d.IntN(kinds)
	second := (first + 1 + d.IntN(kinds-1)) % kinds
	const n = 11
	for _, i := range d.Perm(n) { // in no order, so that stems cross
		t := (float32(i) + d.between(0.2, 0.8)) / n
		kind := first
		if d.chance(0.4) {
			kind = second
		}
		flower(c, d, c.wide*(0.03+0.94*t), d.between(0.24, 0.72), d.between(0.055, 0.092), kind, m.low)
	}
	grass(c, d, 70, 1.05, 0.3, 0.08, m.low.times(0.35), mix(m.low, m.top, 0.15))
	if d.chance(0.7) {
		butterfly(c, d, c.wide*d.between(0.2, 0.8), d.between(0.14, 0.3), d.between(0.035, 0.05))
	}
	c.blurred(9, func(c *canvas) { // something right before the lens
		corner, col := pick(d, float32(0), 1)*c.wide, pick(d, petals...)
		for range 5 {
			shade := col.times(d.between(0.85, 1.1))
			c.disc(corner+d.between(-0.1, 0.1), d.between(0.9, 1.08), d.between(0.07, 0.13), 0.95, func(_, _ float32) (rgb, float32) { return shade, 0.6 })
		}
	})
	c.glow(sunX, -0.05, 1.2, m.light, 0.22)
}

// petals are the colours that flowers have.
var petals = []rgb{
	hex(0xe8475f), hex(0xf2867d), hex(0xf7c948), hex(0xfdf4e3), hex(0xb46fc7), hex(0x6f7fe0), hex(0xf59ac0), hex(0xf58b3c),
}

// The kinds of flower.
const (
	daisy = iota
	poppy
	tulip
	cornflower
	cosmos
	kinds
)

// flower grows from the lower edge; x and y are its head's middle and r its radius.
func flower(c *canvas, d dice, x, y, r float32, kind int, green rgb) {
	foot := x + d.between(-0.1, 0.1)
	bend := x + (x-foot)*0.35
	stem := mix(green, hex(0x2f5a2c), 0.6).times(d.between(0.8, 1.05))
	c.draw(stroke(foot, 1.03, bend, (1+y)/2, x, y, r*0.15, r*0.09), horizontal(x-0.02, x+0.02, stem.times(1.15), stem.times(0.8)))
	for range 2 {
		t := d.between(0.35, 0.75)
		lx, ly := foot+(x-foot)*(1-t), y+(1-y)*t
		side := pick(d, float32(-1), 1)
		leaf(c, lx, ly, side*r*d.between(1.2, 2.2), r*d.between(0.9, 1.8), stem)
	}
	tilt := d.between(-0.35, 0.35)
	squash := d.between(0.72, 0.98)
	switch kind {
	case daisy:
		col := pick(d, hex(0xfdf9ee), hex(0xfdf9ee), hex(0xf9cfd8), hex(0xfbe38a))
		rays(c, d, x, y, r, 17, 0.17, squash, tilt, col)
		heart(c, d, x, y, r*0.34, squash, hex(0xf2b32c), hex(0xb86e13))
	case cosmos:
		col := pick(d, hex(0xe86fa4), hex(0xf3a7c6), hex(0xc95fb0), hex(0xfbe4ee))
		rays(c, d, x, y, r*1.05, 8, 0.4, squash, tilt, col)
		heart(c, d, x, y, r*0.22, squash, hex(0xf6cf4a), hex(0xb9801c))
	case cornflower:
		col := pick(d, hex(0x5b74e8), hex(0x7a62d8), hex(0x4a8fe0))
		rays(c, d, x, y, r*0.95, 12, 0.2, squash, tilt, col)
		rays(c, d, x, y, r*0.6, 11, 0.22, squash, tilt+0.3, col.times(0.75))
		heart(c, d, x, y, r*0.2, squash, hex(0x6a3fa0), hex(0x3a2468))
	case poppy:
		poppyHead(c, d, x, y, r, pick(d, hex(0xe5402f), hex(0xef5a3a), hex(0xf58a3c)))
	case tulip:
		tulipHead(c, d, x, y, r, pick(d, hex(0xe8475f), hex(0xf7b538), hex(0xd65fa8), hex(0xf6efe4), hex(0x8f5fc0)))
	}
}

func leaf(c *canvas, x, y, dx, dy float32, col rgb) {
	p := new(path)
	p.move(x, y).quad(x+dx*0.25, y-dy*0.9, x+dx, y-dy).quad(x+dx*0.75, y-dy*0.1, x, y)
	c.draw(p, vertical(y-dy, y, mix(col, hex(0xcfe39a), 0.35), col.times(0.85)))
	c.draw(stroke(x, y, x+dx*0.4, y-dy*0.45, x+dx*0.92, y-dy*0.95, abs(dx)*0.035, abs(dx)*0.01), solid(mix(col, hex(0xe6f0b8), 0.3)))
}

// rays paints n petals around a middle, each as wide as the given part of its length.
func rays(c *canvas, d dice, x, y, r float32, n int, width, squash, turn float32, col rgb) {
	for i := range n {
		a := turn + 2*pi*(float32(i)+d.between(-0.15, 0.15))/float32(n)
		l := r * d.between(0.9, 1.06)
		ux, uy := cos(a), sin(a)*squash
		vx, vy := -sin(a), cos(a)*squash
		w := l * width * d.between(0.9, 1.12)
		p := new(path)
		at := func(f func(x, y float32) *path, u, v float32) { f(x+ux*u+vx*v, y+uy*u+vy*v) }
		at(p.move, l*0.1, 0)
		p.cube(x+ux*l*0.35+vx*w*1.1, y+uy*l*0.35+vy*w*1.1, x+ux*l*0.9+vx*w*1.15, y+uy*l*0.9+vy*w*1.15, x+ux*l+vx*w*0.12, y+uy*l+vy*w*0.12)
		at(p.line, l*0.955, 0)
		at(p.line, l, -w*0.12)
		p.cube(x+ux*l*0.9-vx*w*1.15, y+uy*l*0.9-vy*w*1.15, x+ux*l*0.35-vx*w*1.1, y+uy*l*0.35-vy*w*1.1, x+ux*l*0.1, y+uy*l*0.1)
		shade := d.between(0.9, 1.06) * (0.94 - 0.1*uy)
		c.draw(p, func(px, py float32) (rgb, float32) {
			t := sqrt((px-x)*(px-x)+(py-y)*(py-y)) / l
			across := abs((px-x)*vx+(py-y)*vy) / w
			return col.times(shade * (0.74 + 0.3*smooth(0.1, 0.75, t) - 0.09*smooth(0.18, 0, across))), 1
		})
	}
}

// heart is the middle of a flower.
func heart(c *canvas, d dice, x, y, r, squash float32, light, dark rgb) {
	c.draw(oval(x, y, r, r*squash, 0), func(px, py float32) (rgb, float32) {
		u, v := (px-x)/r+0.3, (py-y)/r+0.35
		return mix(light, dark, clamp((u*u+v*v)*0.55)), 1
	})
	for range 26 {
		a, k := d.between(0, 2*pi), sqrt(d.Float32())*0.9
		c.disc(x+cos(a)*r*k, y+sin(a)*r*k*squash, r*0.09, 0.4, solid(mix(light, dark, d.Float32()).times(1.1)))
	}
}

func poppyHead(c *canvas, d dice, x, y, r float32, col rgb) {
	for i, a := range []float32{-2.3, -0.8, 2.5, 0.7, 1.6} {
		px, py := x+cos(a)*r*0.42, y+sin(a)*r*0.3
		k := 0.82 + 0.07*float32(i)
		ruffle := d.noise()
		p := new(path)
		const steps = 28
		for j := range steps {
			b := 2 * pi * float32(j) / steps
			q := r * 0.72 * (1 + 0.09*ruffle.line(float32(j)*0.9))
			if j == 0 {
				p.move(px+cos(b)*q, py+sin(b)*q*0.78)
			} else {
				p.line(px+cos(b)*q, py+sin(b)*q*0.78)
			}
		}
		crease := d.noise()
		c.draw(p, func(qx, qy float32) (rgb, float32) {
			dx, dy := qx-x, qy-y
			t := sqrt(dx*dx+dy*dy) / r
			fold := crease.line(float32(asin(min(max(dy/(t*r+1e-4), -1), 1))) * 9)
			return col.times(k * (0.7 + 0.36*smooth(0, 1, t) + 0.07*fold)), 1
		})
	}
	c.draw(oval(x, y, r*0.3, r*0.25, 0), func(_, _ float32) (rgb, float32) { return hex(0x2a1420), 0.9 })
	c.draw(oval(x, y-r*0.03, r*0.14, r*0.12, 0), solid(hex(0x9fae5e)))
	for range 24 {
		a := d.between(0, 2*pi)
		c.disc(x+cos(a)*r*0.27, y+sin(a)*r*0.22, r*0.035, 0.3, solid(hex(0x120a12)))
	}
}

func tulipHead(c *canvas, d dice, x, y, r float32, col rgb) {
	h := r * 1.5
	petal := func(cx, w, lean float32, k float32) {
		p := new(path)
		p.move(cx, y+h*0.5).cube(cx-w*1.25, y+h*0.42, cx-w*1.1+lean, y-h*0.3, cx+lean*1.4, y-h*0.62)
		p.cube(cx+w*1.1+lean, y-h*0.3, cx+w*1.25, y+h*0.42, cx, y+h*0.5)
		c.draw(p, func(px, py float32) (rgb, float32) {
			t := clamp((y + h*0.5 - py) / (h * 1.1))
			edge := abs(px-cx-lean*t) / w
			return mix(col.times(k*0.72), col.times(k*1.06), t).times(1.05 - 0.14*edge), 1
		})
	}
	petal(x-r*0.34, r*0.5, -r*0.2, 0.8)
	petal(x+r*0.34, r*0.5, r*0.2, 0.84)
	petal(x-r*0.2, r*0.46, -r*0.34, 0.94)
	petal(x+r*0.22, r*0.46, r*0.32, 0.98)
	petal(x, r*0.52, r*d.between(-0.06, 0.06), 1.05)
}

// butterfly sits in the air.
func butterfly(c *canvas, d dice, x, y, s float32) {
	col := pick(d, hex(0xf2a03d), hex(0x6fa8e8), hex(0xf4e06a), hex(0xf6f2ea))
	edge := hex(0x2c1f26)
	for _, side := range []float32{-1, 1} {
		wing := func(k float32, paint paint) {
			p := new(path)
			p.move(x, y).cube(x+side*s*0.3*k, y-s*1.3*k, x+side*s*1.3*k, y-s*1.2*k, x+side*s*1.15*k, y-s*0.35*k)
			p.quad(x+side*s*0.8*k, y+s*0.05*k, x, y)
			c.draw(p, paint)
			q := new(path)
			q.move(x, y).cube(x+side*s*0.7*k, y-s*0.1*k, x+side*s*1.05*k, y+s*0.3*k, x+side*s*0.7*k, y+s*0.72*k)
			q.cube(x+side*s*0.4*k, y+s*0.85*k, x+side*s*0.1*k, y+s*0.4*k, x, y)
			c.draw(q, paint)
		}
		wing(1, solid(edge))
		wing(0.86, vertical(y-s, y+s*0.8, col, col.times(0.75)))
		c.disc(x+side*s*0.75, y-s*0.62, s*0.1, 0.3, solid(mix(col, hex(0xffffff), 0.6)))
		c.disc(x+side*s*0.52, y+s*0.42, s*0.08, 0.3, solid(mix(col, hex(0xffffff), 0.5)))
		c.draw(stroke(x, y-s*0.3, x+side*s*0.12, y-s*0.7, x+side*s*0.3, y-s*0.85, s*0.03, s*0.03), solid(edge))
	}
	c.draw(oval(x, y, s*0.07, s*0.42, 0), solid(edge))
}
