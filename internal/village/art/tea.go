package art

// tea is a mug of tea on a window sill, with the evening outside.
func tea(c *canvas, d dice) {
	type mood struct {
		sky    []stop
		lights []rgb
		rain   bool
		wood   rgb
		wall   rgb
	}
	m := pick(d,
		mood{ // rain in town
			sky:    []stop{{0, hex(0x2b3a55)}, {0.6, hex(0x51627f)}, {1, hex(0x3a4257)}},
			lights: []rgb{hex(0xffc56b), hex(0xff9b4d), hex(0xffe2a8), hex(0xe8605a), hex(0x7fc0e8)}, rain: true,
			wood: hex(0xa8744a), wall: hex(0xd9c4a5),
		},
		mood{ // autumn trees
			sky:    []stop{{0, hex(0xf1d6a0)}, {0.5, hex(0xd99a55)}, {1, hex(0x8a5a32)}},
			lights: []rgb{hex(0xf2a33c), hex(0xe0702e), hex(0xffd675), hex(0xb5482a), hex(0xfff0c0)},
			wood:   hex(0xb98a5c), wall: hex(0xe9dcc4),
		},
		mood{ // snow in the garden
			sky:    []stop{{0, hex(0x8aa3c4)}, {0.5, hex(0xc4cfe0)}, {1, hex(0xe3e6ee)}},
			lights: []rgb{hex(0xffffff), hex(0xe8eefa), hex(0xffdca0), hex(0xb6c6de)},
			wood:   hex(0x9c7450), wall: hex(0xcdbfae),
		},
		mood{ // a green morning
			sky:    []stop{{0, hex(0xe8f2d5)}, {0.5, hex(0xa5c98a)}, {1, hex(0x5d8c54)}},
			lights: []rgb{hex(0xfffbd8), hex(0xd8ecaa), hex(0x8fbf6f), hex(0xf7e08a), hex(0xf4b8c0)},
			wood:   hex(0xc59a6a), wall: hex(0xefe6d3),
		})
	sill := d.between(0.7, 0.74)
	c.blurred(8, func(c *canvas) {
		c.fill(0, 1, func(_, y float32) (rgb, float32) { return gradient(y/sill, m.sky...), 1 })
		for range 60 {
			col := mix(pick(d, m.lights...), gradient(0.6, m.sky...), d.between(0.2, 0.75)).times(d.between(0.7, 1))
			c.disc(d.between(0, c.wide), d.between(0.1, sill), d.between(0.05, 0.15), 0.7, func(_, _ float32) (rgb, float32) { return col, 0.4 })
		}
	})
	bokeh(c, d, 60, 0, 0.12, c.wide, sill, 0.012, 0.055, 0.6, m.lights...)
	if m.rain {
		raindrops(c, d, sill, m.lights)
	}
	frame(c, d, sill, m.wall)
	plank(c, d, sill, m.wood)

	right := d.chance(0.5)
	side := func(t float32) float32 { // mirrors the arrangement
		if right {
			return c.wide * (1 - t)
		}
		return c.wide * t
	}
	books(c, d, side(0.24), sill+0.1)
	plant(c, d, side(d.between(0.83, 0.88)), sill+0.075)
	mugX, mugY := side(d.between(0.53, 0.58)), sill+0.165
	mug(c, d, mugX, mugY, 0.115)
	if d.chance(0.75) {
		biscuits(c, d, mugX+pick(d, float32(-1), 1)*0.26, sill+0.205)
	}
	// Warm light of a lamp in the room.
	c.glow(side(0.95), 0.9, 1.3, hex(0xffb765), 0.26)
}

// raindrops run down the pane; each shows the lights behind it.
func raindrops(c *canvas, d dice, sill float32, lights []rgb) {
	for range 260 {
		x, y := d.between(0, c.wide), d.between(0, sill)
		r := 0.0018 + 0.0055*d.Float32()*d.Float32()*d.Float32()
		bright := pick(d, lights...)
		if r > 0.0045 {
			l := d.between(0.03, 0.14)
			c.draw(stroke(x, y-l, x+d.between(-0.003, 0.003), y-l/2, x, y, r*0.2, r*0.8), func(_, _ float32) (rgb, float32) { return hex(0xdbe6f5), 0.09 })
		}
		c.draw(oval(x, y, r, r*1.25, 0), func(_, py float32) (rgb, float32) {
			t := clamp((py - y + r) / (2 * r))
			return mix(hex(0x1d2536), bright, t*t*0.8), 0.6
		})
		c.disc(x-r*0.3, y-r*0.5, r*0.28, 0.5, func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.75 })
	}
}

// frame is the window's woodwork and a piece of the wall beside it.
func frame(c *canvas, d dice, sill float32, wall rgb) {
	white := hex(0xe9dfcf)
	bar := func(x, y, w, h float32, across bool) {
		shade := func(px, py float32) (rgb, float32) {
			t := (px - x) / w
			if across {
				t = (py - y) / h
			}
			return white.times(0.74 + 0.2*smooth(0, 0.3, t) - 0.26*smooth(0.62, 1, t)), 1
		}
		c.draw(rect(x, y, w, h), shade)
	}
	mid := c.wide * d.between(0.36, 0.44)
	bar(0, 0.34, c.wide, 0.026, true)
	bar(mid-0.016, 0, 0.032, sill, false)
	bar(mid+c.wide*0.42-0.016, 0, 0.032, sill, false)
	bar(0, -0.01, c.wide, 0.05, true)
	bar(0, sill-0.036, c.wide, 0.04, true)
	w := c.wide * 0.035
	c.draw(rect(0, 0, w, sill), horizontal(0, w, wall.times(0.5), wall.times(0.72)))
	c.draw(rect(c.wide-w, 0, w, sill), horizontal(c.wide-w, c.wide, wall.times(0.66), wall.times(0.5)))
	// A curtain on one side.
	left := d.chance(0.5)
	col := pick(d, hex(0xb5573f), hex(0xd8c3a0), hex(0x7f8f6a), hex(0x5d7391))
	folds := d.noise()
	width := c.wide * 0.15
	c.fill(0, sill+0.04, func(x, y float32) (rgb, float32) {
		u := x
		if !left {
			u = c.wide - x
		}
		reach := width * (0.78 + 0.34*pow(1-y/(sill+0.04), 2))
		if u > reach {
			return col, 0
		}
		f := folds.lines(u/reach*5, 2) + 0.45*sin(u/reach*26)
		return col.times(0.62 + 0.2*f + 0.16*u/reach), smooth(reach, reach-0.003, u)
	})
}

// plank is the wooden sill.
func plank(c *canvas, d dice, sill float32, wood rgb) {
	grain, fine := d.noise(), d.noise()
	c.fill(sill, 1, func(x, y float32) (rgb, float32) {
		depth := max(y-sill, 0) / (1 - sill)
		w := grain.planes(x*1.4, y*26+0.3*grain.plane(x*2, y*3), 4)
		ring := sin((w*3 + y*34 + x*0.4) * 5)
		k := 0.82 + 0.07*ring + 0.14*w + 0.05*fine.plane(x*14, y*420)
		light := 1.14 - 0.34*depth + 0.12*exp(-(x-c.wide*0.5)*(x-c.wide*0.5)*1.5)
		return wood.times(k * light), 1
	})
	c.draw(rect(0, sill-0.002, c.wide, 0.012), vertical(sill-0.002, sill+0.01, wood.times(0.45), wood.times(0.8)))
	c.draw(rect(0, 0.966, c.wide, 0.004), solid(wood.times(1.25)))
	c.draw(rect(0, 0.97, c.wide, 0.03), vertical(0.97, 1, wood.times(0.62), wood.times(0.4)))
}

// shadow darkens the table below a thing.
func shadow(c *canvas, x, y, rx, ry, strength float32) {
	c.box(x, y, rx, ry, func(dx, dy float32, p []float32) {
		t := sqrt(dx*dx/(rx*rx) + dy*dy/(ry*ry))
		k := 1 - strength*smooth(1, 0.2, t)
		p[0], p[1], p[2] = p[0]*k, p[1]*k*0.99, p[2]*k*0.98
	})
}

// mug is full of tea and steams; x, y is the middle of its foot and r its radius.
func mug(c *canvas, d dice, x, y, r float32) {
	glaze := pick(d, hex(0xd8553f), hex(0x2f6f7f), hex(0xf0e2c8), hex(0xe0a33a), hex(0x4f6f52), hex(0x3f4f86))
	h := r * 1.75
	side := pick(d, float32(-1), 1)
	shadow(c, x+r*0.25, y+r*0.02, r*1.9, r*0.5, 0.55)
	// The saucer.
	c.draw(oval(x, y+r*0.03, r*1.55, r*0.4, 0), vertical(y-r*0.36, y+r*0.42, glaze.times(0.95), glaze.times(0.6)))
	c.draw(oval(x, y-r*0.02, r*1.42, r*0.33, 0), vertical(y-r*0.36, y+r*0.34, glaze.times(0.72), glaze.times(1.02)))
	shadow(c, x, y+r*0.02, r*1.2, r*0.3, 0.5)
	// The handle.
	hx := x + side*r*0.93
	outer := new(path)
	outer.move(hx, y-h*0.82).cube(hx+side*r*0.85, y-h*0.92, hx+side*r*0.85, y-h*0.2, hx-side*r*0.06, y-h*0.2)
	outer.line(hx-side*r*0.06, y-h*0.33).cube(hx+side*r*0.48, y-h*0.33, hx+side*r*0.5, y-h*0.72, hx, y-h*0.68)
	c.draw(outer, vertical(y-h*0.9, y-h*0.2, glaze.times(1.02), glaze.times(0.62)))
	body := new(path)
	body.move(x-r, y-h).line(x+r, y-h).cube(x+r, y-h*0.4, x+r*0.94, y+r*0.08, x+r*0.62, y+r*0.1)
	body.quad(x, y+r*0.2, x-r*0.62, y+r*0.1).cube(x-r*0.94, y+r*0.08, x-r, y-h*0.4, x-r, y-h)
	speckle := d.noise()
	pattern := d.IntN(3)
	c.draw(body, func(px, py float32) (rgb, float32) {
		u := (px - x) / r
		v := (y - py) / h
		light := 0.62 + 0.5*smooth(1.25, 0, abs(u+0.32)) - 0.1*smooth(0.3, 0, v)
		col := glaze
		switch {
		case pattern == 0 && v < 0.36:
			col = mix(hex(0xe8d6b8), glaze, 0.08) // the lower part is unglazed
		case pattern == 1 && abs(v-0.5-0.05*sin(asin(min(max(u, -1), 1))*9)) < 0.045:
			col = mix(glaze, hex(0xfff6e4), 0.85)
		case pattern == 2 && speckle.lattice(floor(asin(min(max(u, -1), 1))*26), floor(v*34)) > 0.86:
			col = mix(glaze, hex(0xfff6e4), 0.8)
		}
		return col.times(light), 1
	})
	c.draw(stroke(x-r*0.7, y-h*0.82, x-r*0.76, y-h*0.45, x-r*0.6, y-h*0.14, r*0.035, r*0.11), func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.26 })
	c.draw(oval(x, y-h, r, r*0.27, 0), vertical(y-h-r*0.27, y-h+r*0.27, glaze.times(0.72), glaze.times(1.22)))
	c.draw(oval(x, y-h+r*0.01, r*0.92, r*0.225, 0), vertical(y-h-r*0.2, y-h+r*0.2, glaze.times(0.4), glaze.times(0.7)))
	c.draw(oval(x, y-h+r*0.045, r*0.88, r*0.185, 0), func(px, py float32) (rgb, float32) {
		u, v := (px-x)/r, (py-y+h)/(r*0.2)
		return mix(hex(0x6e2c0c), hex(0xd9822b), clamp(0.35+0.4*v+0.25*u*u)), 1
	})
	c.draw(oval(x-r*0.3, y-h+r*0.02, r*0.3, r*0.05, -0.05), func(_, _ float32) (rgb, float32) { return hex(0xfff2d8), 0.45 })
	// The label of the tea bag.
	tx := x - side*r*0.5
	c.draw(stroke(tx, y-h+r*0.2, tx-side*r*0.03, y-h*0.75, tx+side*r*0.02, y-h*0.56, r*0.014, r*0.014), solid(hex(0xf7f0e0)))
	c.draw(polygon(tx-r*0.12, y-h*0.56, tx+r*0.15, y-h*0.555, tx+r*0.15, y-h*0.4, tx-r*0.12, y-h*0.405), solid(hex(0xf7efdc)))
	c.disc(tx+r*0.015, y-h*0.48, r*0.07, 0.2, solid(hex(0x7a9a4f)))
	steam(c, d, x, y-h, r)
}

// steam curls up from a cup.
func steam(c *canvas, d dice, x, y, r float32) {
	n := d.noise()
	phase := d.between(0, 30)
	c.blurred(4, func(c *canvas) {
		top := y - r*3.6
		c.box(x, (y+top)/2, r*1.7, (y-top)/2, func(dx, dy float32, p []float32) {
			t := 0.5 - dy/(y-top) // 0 at the tea, 1 above
			sway := 0.55 * r * t * n.lines(t*2.4+phase, 2) * 3
			u := (dx - sway) / (r * (0.55 + 0.75*t))
			curl := n.planes(u*1.9+phase, t*4.2-u*0.8, 3)
			a := smooth(0.02, 0.5, curl+0.16) * exp(-u*u*2.2) * smooth(0, 0.1, t) * smooth(1, 0.25, t)
			put(p, hex(0xffffff), a*0.52)
		})
	})
}

// books lie in a stack; x is their middle and y the lowest edge.
func books(c *canvas, d dice, x, y float32) {
	colours := []rgb{hex(0x7f3b34), hex(0x2f5560), hex(0xc79a4a), hex(0x5a6b45), hex(0xd8cbb0), hex(0x46466b)}
	d.Shuffle(len(colours), func(i, j int) { colours[i], colours[j] = colours[j], colours[i] })
	n := 2 + d.IntN(3)
	shadow(c, x, y, 0.3, 0.05, 0.5)
	for i := range n {
		w, h := d.between(0.34, 0.42), d.between(0.036, 0.055)
		bx := x - w/2 + d.between(-0.02, 0.02)
		y -= h
		col := colours[i]
		c.draw(rounded(bx, y, w, h, 0.008), vertical(y, y+h, col.times(1.18), col.times(0.66)))
		pages := d.chance(0.5)
		if pages {
			c.draw(rect(bx+0.012, y+h*0.16, w-0.012, h*0.66), func(_, py float32) (rgb, float32) {
				return hex(0xeee2c8).times(0.84 + 0.1*sin(py*4200)), 1
			})
			continue
		}
		for _, k := range []float32{0.1, 0.14, 0.82, 0.86} {
			c.draw(rect(bx+w*k, y, w*0.012, h), vertical(y, y+h, mix(col, hex(0xffdf9a), 0.7), mix(col, hex(0xa87f35), 0.6)))
		}
		c.draw(rounded(bx+w*0.28, y+h*0.34, w*0.4, h*0.3, 0.004), func(_, _ float32) (rgb, float32) { return mix(col, hex(0xffe7b0), 0.6), 0.6 })
	}
	if d.chance(0.6) { // glasses on top
		dark := hex(0x2a1e1a)
		for _, k := range []float32{-0.06, 0.03} {
			ring := oval(x+k, y-0.014, 0.036, 0.018, 0)
			c.draw(ring, func(px, py float32) (rgb, float32) {
				u, v := (px-x-k)/0.036, (py-y+0.014)/0.018
				return dark, smooth(0.7, 0.82, u*u+v*v)
			})
		}
		c.draw(stroke(x-0.026, y-0.016, x-0.015, y-0.024, x-0.005, y-0.016, 0.004, 0.004), solid(dark))
		c.draw(stroke(x+0.064, y-0.016, x+0.1, y-0.014, x+0.13, y-0.002, 0.004, 0.003), solid(dark))
	}
}

// plant stands in a pot; x is its middle and y its foot.
func plant(c *canvas, d dice, x, y float32) {
	pot := pick(d, hex(0xc06a43), hex(0xe3d6c0), hex(0x56707c), hex(0xd39a4c))
	w, h := float32(0.085), float32(0.14)
	shadow(c, x, y, 0.17, 0.04, 0.5)
	green := pick(d, hex(0x4f7f45), hex(0x3d6f55), hex(0x6f9350))
	for i := range 17 {
		a := -pi/2 + (float32(i)/16-0.5)*2.7 + d.between(-0.1, 0.1)
		l := d.between(0.14, 0.27)
		tipX, tipY := x+cos(a)*l*0.85, y-h*0.95+sin(a)*l
		col := green.times(d.between(0.7, 1.2))
		c.draw(stroke(x, y-h*0.9, x+cos(a)*l*0.3, y-h*0.95+sin(a)*l*0.8, tipX, tipY, 0.005, 0.003), solid(col.times(0.8)))
		leafW := l * d.between(0.16, 0.24)
		p := new(path)
		nx, ny := -sin(a)*leafW, cos(a)*leafW
		bx, by := x+cos(a)*l*0.42, y-h*0.95+sin(a)*l*0.5
		p.move(bx, by).quad((bx+tipX)/2+nx, (by+tipY)/2+ny, tipX+cos(a)*l*0.18, tipY+sin(a)*l*0.12)
		p.quad((bx+tipX)/2-nx, (by+tipY)/2-ny, bx, by)
		c.draw(p, vertical(y-h-0.24, y-h*0.6, mix(col, hex(0xe7f3b5), 0.28), col.times(0.8)))
		c.draw(stroke(bx, by, (bx+tipX)/2, (by+tipY)/2, tipX+cos(a)*l*0.1, tipY+sin(a)*l*0.08, 0.0022, 0.0008), func(_, _ float32) (rgb, float32) { return hex(0xe7f3b5), 0.4 })
	}
	body := polygon(x-w, y-h, x+w, y-h, x+w*0.74, y, x-w*0.74, y)
	c.draw(body, func(px, _ float32) (rgb, float32) {
		u := (px - x) / w
		return pot.times(0.66 + 0.46*smooth(1.2, 0, abs(u+0.3))), 1
	})
	c.draw(rounded(x-w*1.08, y-h*1.05, w*2.16, h*0.2, 0.008), func(px, _ float32) (rgb, float32) {
		u := (px - x) / w
		return pot.times(0.76 + 0.5*smooth(1.2, 0, abs(u+0.3))), 1
	})
}

// biscuits lie beside the saucer.
func biscuits(c *canvas, d dice, x, y float32) {
	for i := range 3 {
		bx, by := x+float32(i-1)*0.052+d.between(-0.01, 0.01), y-0.007*float32(i)+d.between(-0.004, 0.004)
		r := float32(0.05)
		shadow(c, bx+0.008, by+0.012, r*1.25, r*0.55, 0.45)
		c.draw(oval(bx, by+0.007, r, r*0.42, 0), solid(hex(0x8f5a28)))
		crumb := d.noise()
		c.draw(oval(bx, by, r, r*0.42, 0), func(px, py float32) (rgb, float32) {
			u, v := (px-bx)/r, (py-by)/(r*0.42)
			return mix(hex(0xe2ab64), hex(0xb97a38), clamp((u*u+v*v)*0.8)).times(1 + 0.12*crumb.planes(px*130, py*260, 2)), 1
		})
		for range 7 {
			a, k := d.between(0, 2*pi), sqrt(d.Float32())*0.75
			c.draw(oval(bx+cos(a)*r*k, by+sin(a)*r*0.42*k, 0.0055, 0.0032, 0), solid(hex(0x4a2514)))
		}
	}
}
