package art

// street is a row of houses in the evening, with people at home.
func street(c *canvas, d dice) {
	sky := pick(d,
		[]stop{{0, hex(0x16244a)}, {0.45, hex(0x3f4f86)}, {0.78, hex(0xa87c98)}, {1, hex(0xf0a987)}},
		[]stop{{0, hex(0x122a4c)}, {0.5, hex(0x2f6283)}, {0.82, hex(0x86a5a3)}, {1, hex(0xf2cf9a)}},
		[]stop{{0, hex(0x201c47)}, {0.45, hex(0x574a85)}, {0.8, hex(0xc47f93)}, {1, hex(0xffbf94)}})
	ground := d.between(0.8, 0.83)
	c.fill(0, 1, func(_, y float32) (rgb, float32) { return gradient(y/(ground-0.12), sky...), 1 })
	stars(c, d, 110, 0.42)
	if d.chance(0.6) {
		x, y := c.wide*d.between(0.1, 0.9), d.between(0.08, 0.16)
		c.glow(x, y, 0.3, hex(0xcfd8f0), 0.5)
		side := d.between(0.008, 0.016)
		c.disc(x, y, 0.026, 0.06, func(px, py float32) (rgb, float32) {
			dx, dy := px-x-side, py-y+0.006
			return hex(0xfff6df), smooth(0.0235, 0.0245, sqrt(dx*dx+dy*dy)) // a crescent
		})
	}
	streaks(c, d, 0.1, 0.55, sky[3].c, sky[1].c, 0.05)

	// A hill with a far part of the village.
	n := d.noise()
	far := mix(sky[1].c, sky[2].c, 0.3).times(0.62)
	line := func(x float32) float32 { return 0.56 - 0.09*n.lines(x*1.6, 4) }
	slope := vertical(0.45, ground, far, mix(far, sky[2].c, 0.4))
	c.below(line, ground, func(x, y, _ float32) (rgb, float32) { return slope(x, y) })
	for range 46 {
		x := d.between(0, c.wide)
		y := line(x) + d.between(0.015, 0.16)
		c.disc(x, y, d.between(0.0012, 0.0026), 0.6, solid(pick(d, hex(0xffcf82), hex(0xffe3ae), hex(0xff9f50))))
	}
	snow := d.chance(0.3)
	x := d.between(-0.12, -0.02)
	previous := -1
	for x < c.wide {
		w := d.between(0.19, 0.29)
		k := d.IntN(len(facades))
		if k == previous {
			k = (k + 1) % len(facades)
		}
		previous = k
		house(c, d, x, ground, w, facades[k], snow)
		x += w
	}
	garland(c, d, ground)
	pavement(c, d, ground, sky, snow)
	for lx := d.between(0.1, 0.35); lx < c.wide; lx += d.between(0.5, 0.66) {
		lamp(c, lx, ground+0.055)
	}
	if snow {
		for range 420 {
			x, y := d.between(0, c.wide), d.between(0, 1)
			r := d.between(0.0009, 0.0034)
			c.disc(x, y, r, 0.7, func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.75 })
		}
	}
}

// facades are the colours of house walls by evening light.
var facades = []rgb{
	hex(0xb8604c), hex(0xd4a25a), hex(0x8aa184), hex(0x6f8fa8), hex(0xc98a86),
	hex(0xe0c79c), hex(0x9a7f9f), hex(0x5e8a86), hex(0xc77d4f), hex(0xd8d0c0),
}

// evening darkens a colour and makes it bluer, as dusk does.
func evening(c rgb) rgb { return rgb{c[0] * 0.52, c[1] * 0.5, c[2] * 0.62} }

// house stands on the ground from x to x+w.
func house(c *canvas, d dice, x, ground, w float32, wall rgb, snow bool) {
	floors := 2 + d.IntN(2)
	storey := d.between(0.125, 0.145)
	h := storey*float32(floors) + 0.05
	top := ground - h
	wallCol := evening(wall)
	roofCol := pick(d, hex(0x4d2f33), hex(0x33363f), hex(0x55382f), hex(0x2f3d45))
	white := hex(0xe9ecf6)

	roof(c, d, x, top, w, roofCol, wallCol, snow)
	rough := d.noise()
	c.draw(rect(x, top, w, h), func(px, py float32) (rgb, float32) {
		k := 1 + 0.06*rough.planes(px*60, py*60, 2) + 0.1*smooth(top, ground, py)
		return wallCol.times(k), 1
	})
	// Cornice, plinth and the shadow between neighbours.
	c.draw(rect(x-0.004, top-0.006, w+0.008, 0.013), solid(wallCol.times(1.35)))
	c.draw(rect(x, ground-0.03, w, 0.03), solid(wallCol.times(0.6)))
	c.draw(rect(x, top, 0.006, h), func(px, _ float32) (rgb, float32) { return hex(0x0c0d18), 0.4 * (1 - (px-x)/0.006) })

	columns := 2
	if w > 0.235 {
		columns = 3
	}
	door := d.IntN(columns)
	cell := w / float32(columns)
	for f := range floors {
		wy := ground - 0.05 - storey*float32(f+1) + storey*0.24
		if f == 0 {
			wy += 0.014
		}
		for k := range columns {
			wx := x + cell*(float32(k)+0.5)
			if f == 0 && k == door {
				frontDoor(c, d, wx, ground, min(cell*0.5, 0.05), wallCol, snow)
				continue
			}
			window(c, d, wx, wy, min(cell*0.56, 0.056), storey*0.56, wallCol, snow)
		}
	}
	if snow {
		c.draw(rounded(x-0.006, top-0.012, w+0.012, 0.01, 0.005), solid(white.times(0.75)))
	}
}

// roof covers a house; y is the eaves.
func roof(c *canvas, d dice, x, y, w float32, col, wall rgb, snow bool) {
	chimneyX := x + w*pick(d, float32(0.2), 0.72)
	high := w * d.between(0.42, 0.62)
	chimney := func(top float32) {
		c.draw(rect(chimneyX, top-0.06, 0.024, 0.12), horizontal(chimneyX, chimneyX+0.024, hex(0x5a3a36), hex(0x38252a)))
		c.draw(rect(chimneyX-0.003, top-0.064, 0.03, 0.009), solid(hex(0x2b2026)))
		smoke(c, d, chimneyX+0.012, top-0.066, 0.17, hex(0xb9b4cb), 0.32)
	}
	tiles := d.noise()
	shingles := func(px, py float32) (rgb, float32) {
		row := floor(py * 130)
		shade := 1 + 0.14*tiles.lattice(floor(px*95+float32(row&1)*0.5), row)
		k := col.times(shade * (0.85 + 0.3*(1-(y-py)/high)))
		if snow {
			k = mix(k, hex(0xc9d3ea), 0.82*smooth(-0.5, 0.2, tiles.plane(px*9, py*14)+0.35))
		}
		return k, 1
	}
	switch d.IntN(4) {
	case 0: // stepped gable
		chimney(y - high*0.35)
		const steps = 4
		p := new(path)
		p.move(x, y+0.002)
		for i := range steps {
			t := float32(i) / steps
			p.line(x+w/2*t, y-high*(t+1.0/steps)).line(x+w/2*(t+1.0/steps), y-high*(t+1.0/steps))
		}
		for i := steps - 1; i >= 0; i-- {
			t := float32(i) / steps
			p.line(x+w-w/2*(t+1.0/steps), y-high*(t+1.0/steps)).line(x+w-w/2*t, y-high*(t+1.0/steps))
		}
		p.line(x+w, y+0.002)
		c.draw(p, vertical(y-high, y, wall.times(0.92), wall))
		window(c, d, x+w/2, y-high*0.52, w*0.15, w*0.2, wall, snow)
	case 1: // gable to the street
		chimney(y - high*0.5)
		c.draw(polygon(x, y, x+w/2, y-high*0.96, x+w, y), vertical(y-high, y, wall.times(0.92), wall))
		window(c, d, x+w/2, y-high*0.5, w*0.16, w*0.2, wall, snow)
		e := float32(0.013)
		c.draw(polygon(x-e, y+0.006, x+w/2, y-high-e, x+w/2, y-high+e, x+e, y+0.01), shingles)
		c.draw(polygon(x+w+e, y+0.006, x+w/2, y-high-e, x+w/2, y-high+e, x+w-e, y+0.01), shingles)
	default: // eaves to the street, with a dormer
		high *= 0.72
		chimney(y - high*0.7)
		c.draw(polygon(x-0.01, y, x+0.03, y-high, x+w-0.03, y-high, x+w+0.01, y), shingles)
		n := 1 + d.IntN(2)
		for i := range n {
			dx := x + w*(float32(i)+0.5)/float32(n)
			dw := float32(0.05)
			c.draw(rect(dx-dw/2, y-high*0.72, dw, high*0.62), solid(wall.times(0.95)))
			window(c, d, dx, y-high*0.62, dw*0.6, high*0.44, wall, snow)
			c.draw(polygon(dx-dw*0.68, y-high*0.7, dx, y-high*1.02, dx+dw*0.68, y-high*0.7), solid(mix(col.times(0.8), hex(0xc9d3ea), map[bool]float32{true: 0.85}[snow])))
		}
	}
}

// window is centred at x with its top at y; most of them are lit.
func window(c *canvas, d dice, x, y, w, h float32, wall rgb, snow bool) {
	frame := mix(wall, hex(0xf3e8d8), 0.55)
	c.draw(rect(x-w*0.62, y-h*0.08, w*1.24, h*1.16), solid(frame.times(0.8)))
	if d.chance(0.68) {
		warm := pick(d, hex(0xffc868), hex(0xffb757), hex(0xffd98e), hex(0xffa94a))
		lampX, lampY := x+w*d.between(-0.25, 0.25), y+h*d.between(0.15, 0.45)
		c.draw(rect(x-w/2, y, w, h), func(px, py float32) (rgb, float32) {
			dx, dy := (px-lampX)/w, (py-lampY)/h
			k := exp(-(dx*dx + dy*dy) * 2.2)
			return mix(warm.times(0.82), hex(0xfff0c4), k), 1
		})
		interior(c, d, x, y, w, h)
		c.glow(x, y+h/2, w*1.9, hex(0xff9a40), 0.42)
	} else {
		c.draw(polygon(x-w/2, y, x+w/2, y, x+w/2, y+h, x-w/2, y+h), vertical(y, y+h, hex(0x3c4a70), hex(0x1a2038)))
		c.draw(polygon(x-w*0.3, y, x-w*0.05, y, x-w*0.35, y+h, x-w/2, y+h, x-w/2, y+h*0.6), func(_, _ float32) (rgb, float32) { return hex(0x8fa0c8), 0.25 })
	}
	bar := w * 0.075
	c.draw(rect(x-bar/2, y, bar, h), solid(frame))
	c.draw(rect(x-w/2, y+h*0.36, w, bar), solid(frame))
	c.draw(rect(x-w*0.68, y+h*1.04, w*1.36, h*0.07), solid(frame.times(1.1)))
	switch {
	case snow:
		c.draw(rounded(x-w*0.68, y+h*0.99, w*1.36, h*0.09, h*0.04), solid(hex(0xdfe6f5).times(0.85)))
	case d.chance(0.35): // a flower box
		c.draw(rect(x-w*0.58, y+h*0.99, w*1.16, h*0.14), solid(hex(0x4a2f2a)))
		for range 11 {
			c.disc(x+w*d.between(-0.58, 0.58), y+h*d.between(0.9, 1.02), w*d.between(0.05, 0.1), 0.3, solid(pick(d, hex(0x2d4a35), hex(0x3b5b3c), hex(0xa8485a), hex(0xc86a72), hex(0xb98bb8))))
		}
	}
}

// interior is what one sees through a lit window: curtains, a plant, somebody.
func interior(c *canvas, d dice, x, y, w, h float32) {
	dark := func(a float32) paint { return func(_, _ float32) (rgb, float32) { return hex(0x6b3312), a } }
	switch d.IntN(6) {
	case 0, 1: // curtains
		col := pick(d, hex(0xe8743c), hex(0xf5e3c0), hex(0xc95a4a), hex(0xf0b070))
		for _, s := range []float32{-1, 1} {
			p := new(path)
			p.move(x+s*w*0.5, y).line(x+s*w*0.12, y).quad(x+s*w*0.2, y+h*0.55, x+s*w*0.42, y+h).line(x+s*w*0.5, y+h)
			c.draw(p, func(px, _ float32) (rgb, float32) { return col.times(0.85 + 0.12*sin((px-x)/w*50)), 0.8 })
		}
	case 2: // a plant on the sill
		c.draw(rect(x-w*0.3, y+h*0.8, w*0.22, h*0.2), dark(0.75))
		for i := range 5 {
			a := float32(i)*0.5 - 1
			c.draw(stroke(x-w*0.19, y+h*0.8, x-w*0.19+a*w*0.08, y+h*0.62, x-w*0.19+a*w*0.24, y+h*0.58, w*0.04, w*0.02), dark(0.7))
		}
	case 3: // somebody at the window
		px := x + w*d.between(-0.18, 0.18)
		c.draw(oval(px, y+h*0.56, w*0.12, w*0.14, 0), dark(0.72))
		p := new(path)
		p.move(px-w*0.26, y+h).cube(px-w*0.26, y+h*0.68, px-w*0.1, y+h*0.7, px, y+h*0.7)
		p.cube(px+w*0.1, y+h*0.7, px+w*0.26, y+h*0.68, px+w*0.26, y+h)
		c.draw(p, dark(0.72))
	case 4: // a pendant lamp
		c.draw(rect(x-w*0.012, y, w*0.024, h*0.2), dark(0.6))
		c.draw(polygon(x-w*0.16, y+h*0.3, x-w*0.06, y+h*0.18, x+w*0.06, y+h*0.18, x+w*0.16, y+h*0.3), dark(0.55))
		c.glow(x, y+h*0.36, w*0.5, hex(0xfff3d0), 0.8)
	}
}

// frontDoor stands on the ground with a light above it.
func frontDoor(c *canvas, d dice, x, ground, w float32, wall rgb, snow bool) {
	h := w * 2.05
	y := ground - h - 0.012
	frame := mix(wall, hex(0xf3e8d8), 0.5)
	col := evening(pick(d, hex(0x8c3b35), hex(0x2f6a5a), hex(0x2f4f7d), hex(0x9c6a2f), hex(0x5c3b63))).times(1.25)
	c.draw(rounded(x-w*0.64, y-w*0.14, w*1.28, h+w*0.14, w*0.2), solid(frame.times(0.85)))
	c.draw(rounded(x-w/2, y, w, h, w*0.12), vertical(y, ground, col.times(1.2), col.times(0.85)))
	c.draw(rounded(x-w*0.34, y+h*0.09, w*0.68, h*0.22, w*0.06), solid(hex(0xffc76a)))
	c.draw(rect(x-w*0.02, y+h*0.09, w*0.04, h*0.22), solid(col))
	for _, k := range []float32{0.42, 0.7} {
		c.draw(rect(x-w*0.34, y+h*k, w*0.68, h*0.2), solid(col.times(0.78)))
	}
	c.disc(x+w*0.38, y+h*0.6, w*0.05, 0.3, solid(hex(0xf2c566)))
	c.draw(rect(x-w*0.75, ground-0.012, w*1.5, 0.012), solid(frame.times(0.7)))
	c.glow(x, y-w*0.1, w*3, hex(0xffa548), 0.55)
	c.disc(x, y-w*0.24, w*0.1, 0.5, solid(hex(0xfff0c8)))
	if snow {
		c.draw(rounded(x-w*0.75, ground-0.016, w*1.5, 0.008, 0.004), solid(hex(0xdfe6f5).times(0.8)))
	}
}

// garland hangs lights across the street.
func garland(c *canvas, d dice, ground float32) {
	y0, y1 := ground-d.between(0.28, 0.34), ground-d.between(0.28, 0.36)
	n := int(c.wide * 16)
	const sags = 3
	height := func(x float32) float32 {
		t := x / c.wide * sags
		t -= float32(floor(t))
		return y0 + (y1-y0)*x/c.wide + 0.2*t*(1-t)
	}
	for i := range 240 {
		a, b := c.wide*float32(i)/240, c.wide*float32(i+1)/240
		c.draw(stroke(a, height(a), (a+b)/2, (height(a)+height(b))/2, b, height(b), 0.0018, 0.0018), solid(hex(0x14131f)))
	}
	for i := range n {
		x := c.wide * (float32(i) + 0.5) / float32(n)
		y := height(x) + 0.007
		col := pick(d, hex(0xffe0a0), hex(0xffcf87), hex(0xffe9c0))
		c.glow(x, y, 0.05, hex(0xffb054), 0.55)
		c.disc(x, y, 0.0058, 0.35, solid(col.times(1.15)))
	}
}

// pavement is the wet street in front of the houses; it mirrors them.
func pavement(c *canvas, d dice, ground float32, sky []stop, snow bool) {
	reflect(c, d, ground, 0.02, func(_, y float32) (rgb, float32) {
		depth := max(y-ground, 0) / (1 - ground)
		return mix(hex(0x2a2c42), hex(0x12131f), depth), 0.42 + 0.2*depth
	})
	stones := d.noise()
	c.fill(ground, 1, func(x, y float32) (rgb, float32) {
		depth := max(y-ground, 0)/(1-ground) + 0.08
		// Rows of cobbles that get larger towards the viewer.
		v := 9 * pow(depth, 0.6)
		row := floor(v * 1.6)
		u := (x - c.wide/2) / (0.25 + depth) * 13
		u += float32(row&1) * 0.5
		fu, fv := u-float32(floor(u)), v*1.6-float32(row)
		gap := min(min(fu, 1-fu)*2, min(fv, 1-fv)*1.6)
		shade := stones.lattice(floor(u), row)
		if snow {
			drift := stones.planes(x*5, y*17, 4)
			return mix(hex(0xaab5d6), hex(0x59658f), clamp(depth*0.8-0.5*drift)), 0.86
		}
		if shade > 0 {
			return sky[2].c, 0.08*shade*smooth(0.05, 0.3, gap) + 0.0
		}
		return hex(0x06070e), 0.3*(-shade)*smooth(0.05, 0.3, gap) + 0.35*smooth(0.16, 0, gap)
	})
	c.draw(rect(0, ground-0.002, c.wide, 0.01), solid(hex(0x23243a)))
}

// lamp is a street lamp whose foot is at x, y.
func lamp(c *canvas, x, y float32) {
	iron := hex(0x12131c)
	h := float32(0.36)
	c.glow(x, y+0.06, 0.2, hex(0xffb45c), 0.45)
	c.draw(polygon(x-0.004, y-h, x+0.004, y-h, x+0.006, y, x-0.006, y), solid(iron))
	c.draw(polygon(x-0.011, y, x-0.008, y-0.05, x+0.008, y-0.05, x+0.011, y), solid(iron))
	c.draw(rect(x-0.03, y-h+0.022, 0.06, 0.004), solid(iron))
	c.draw(polygon(x-0.017, y-h-0.05, x+0.017, y-h-0.05, x+0.011, y-h, x-0.011, y-h), solid(hex(0xfff0c4).times(1.1)))
	c.draw(polygon(x-0.022, y-h-0.05, x, y-h-0.078, x+0.022, y-h-0.05), solid(iron))
	c.draw(rect(x-0.0012, y-h-0.05, 0.0024, 0.05), solid(iron))
	c.glow(x, y-h-0.024, 0.26, hex(0xffbf6b), 0.75)
}
