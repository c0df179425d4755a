package art

// boats sail on the sea.
func boats(c *canvas, d dice) {
	type mood struct {
		sky         []stop
		sea         [2]rgb
		cloud, dim  rgb
		sail, shade rgb
		sun         rgb
		sunY        float32
	}
	m := pick(d,
		mood{ // a fresh morning
			sky: []stop{{0, hex(0x4f93cf)}, {0.6, hex(0xa5d0ea)}, {1, hex(0xe9f3ee)}}, sea: [2]rgb{hex(0x6fb3c8), hex(0x155478)},
			cloud: hex(0xffffff), dim: hex(0xa9bfd2), sail: hex(0xfffdf4), shade: hex(0xc4d0d6), sun: hex(0xfff8e0), sunY: 0.12,
		},
		mood{ // towards evening
			sky: []stop{{0, hex(0x5d7fb4)}, {0.5, hex(0xdcb5ab)}, {0.85, hex(0xffd9a3)}, {1, hex(0xffecc4)}}, sea: [2]rgb{hex(0xdcb391), hex(0x2f4f74)},
			cloud: hex(0xffe3cc), dim: hex(0xa886a0), sail: hex(0xfff0dc), shade: hex(0xc39a92), sun: hex(0xfff1cf), sunY: 0.36,
		},
		mood{ // pink hour
			sky: []stop{{0, hex(0x6076b5)}, {0.45, hex(0xb39bc4)}, {0.8, hex(0xf5b9b5)}, {1, hex(0xffd8c2)}}, sea: [2]rgb{hex(0xd7a7b4), hex(0x394d80)},
			cloud: hex(0xffd9d6), dim: hex(0x9c86b4), sail: hex(0xfff3ee), shade: hex(0xb999b4), sun: hex(0xfff0dd), sunY: 0.38,
		})
	horizon := d.between(0.46, 0.54)
	sunX := c.wide * d.between(0.2, 0.8)
	c.fill(0, horizon+0.02, func(_, y float32) (rgb, float32) { return gradient(y/horizon, m.sky...), 1 })
	c.glow(sunX, m.sunY, 0.8, m.sun, 0.45)
	if m.sunY > 0.3 {
		c.disc(sunX, m.sunY, 0.034, 0.1, solid(m.sun.times(1.1)))
		c.glow(sunX, m.sunY, 0.2, m.sun, 0.5)
	}
	streaks(c, d, 0.02, horizon*0.6, m.cloud, m.dim, 0.02)
	c.blurred(2, func(c *canvas) {
		for range 5 {
			y := horizon * d.between(0.45, 0.93)
			size := 0.05 + 0.2*(1-y/horizon)*d.between(0.7, 1.3)
			puffs(c, d, d.between(0, c.wide), y, size, m.cloud, mix(m.dim, gradient(0.9, m.sky...), 0.35))
		}
	})
	island(c, d, horizon, mix(m.dim, m.sea[1], 0.35), gradient(1, m.sky...))

	reflect(c, d, horizon, 0.03, func(_, y float32) (rgb, float32) {
		depth := max(y-horizon, 0) / (1 - horizon)
		return mix(m.sea[0], m.sea[1], pow(depth, 0.75)), 0.5 + 0.4*depth
	})
	waves(c, d, horizon, m.sea[1].times(0.75), mix(m.sea[0], m.cloud, 0.5))
	glitter(c, d, sunX, horizon+0.002, 0.16, m.sun, 0.75)

	// From far to near, so that the near ones stand before the far ones.
	n := 3 + d.IntN(3)
	turn := d.Float32()
	for i := range n {
		t := (float32(i) + d.between(0.1, 0.9)) / float32(n)
		foot := horizon + 0.012 + 0.3*t*t
		across := turn + float32(i)*0.38
		across -= float32(floor(across))
		size := 0.06 + 0.34*t*t
		margin := 0.05*c.wide + 0.42*size
		sailboat(c, d, margin+(c.wide-2*margin)*across, foot, size, m.sail, m.shade)
	}
	birds(c, d, c.wide*d.between(0.3, 0.7), horizon*0.45, 3+d.IntN(4), mix(m.dim, m.sea[1], 0.6))
}

// island lies at the horizon, half lost in haze.
func island(c *canvas, d dice, horizon float32, col, haze rgb) {
	n := d.noise()
	x0, half := c.wide*d.between(0.15, 0.85), d.between(0.25, 0.5)
	c.below(func(x float32) float32 {
		t := 1 - (x-x0)*(x-x0)/(half*half)
		if t <= 0 {
			return 2
		}
		return horizon - t*0.05*(0.8+n.lines(x*5, 5)*1.5)
	}, horizon, func(_, y, _ float32) (rgb, float32) {
		return mix(col, haze, 0.5*smooth(horizon-0.05, horizon, y)), 0.85
	})
}

// waves draws crests and troughs on the sea.
func waves(c *canvas, d dice, horizon float32, dark, light rgb) {
	n, m := d.noise(), d.noise()
	c.fill(horizon, 1, func(x, y float32) (rgb, float32) {
		depth := max(y-horizon, 0) / (1 - horizon)
		k := depth + 0.06
		v := n.plane(x*6/k, (y-horizon)*60/(k+0.12)) + 0.6*m.plane(x*17/k, (y-horizon)*150/(k+0.1))
		if v > 0 {
			return light, smooth(0.35, 1.3, v) * (0.2 + 0.3*depth)
		}
		return dark, smooth(-0.2, -1.3, v) * (0.12 + 0.4*depth)
	})
}

// sailboat is a small yacht with main sail and jib; y is its water line, size the height of its mast.
func sailboat(c *canvas, d dice, x, y, size float32, sail, shade rgb) {
	hull := pick(d, hex(0xb5433a), hex(0x2d4a6b), hex(0xf3efe4), hex(0x2f6b5e), hex(0xd9a441), hex(0x7a3d52))
	side := pick(d, float32(-1), 1)
	lean := d.between(0.02, 0.09) * side
	at := func(u, v float32) (float32, float32) { return x + size*(u*side+v*lean*side*side), y - size*v }
	point := func(p *path, u, v float32) {
		px, py := at(u, v)
		p.line(px, py)
	}
	shape := func(uv ...float32) *path {
		p := new(path)
		px, py := at(uv[0], uv[1])
		p.move(px, py)
		for i := 2; i < len(uv); i += 2 {
			point(p, uv[i], uv[i+1])
		}
		return p
	}
	curve := func(p *path, cu, cv, u, v float32) {
		cx, cy := at(cu, cv)
		px, py := at(u, v)
		p.quad(cx, cy, px, py)
	}
	// The reflection first: the same colours, broken and pale.
	n := d.noise()
	mirror := func(width, height float32, col rgb, alpha float32) {
		c.box(x, y+height/2, width, height/2, func(dx, dy float32, p []float32) {
			t := dy/height + 0.5
			wave := n.planes((x+dx)*30/size*0.2, (y+dy)*160/size*0.12, 2) * 0.35
			k := width * (1 - t*0.75) * (1 + wave)
			put(p, col, alpha*(1-t)*smooth(k, k*0.55, abs(dx+wave*width*0.5))*smooth(-0.5, 0.1, wave+0.3-t*0.5))
		})
	}
	mirror(size*0.26, size*0.75, mix(sail, shade, 0.4), 0.42)
	mirror(size*0.36, size*0.12, hull.times(0.6), 0.75)

	body := shape(-0.36, 0.115)
	curve(body, 0.05, 0.085, 0.46, 0.14)
	curve(body, 0.34, 0.01, 0.22, -0.012)
	curve(body, -0.05, -0.02, -0.28, -0.012)
	curve(body, -0.34, 0.03, -0.36, 0.115)
	c.draw(body, vertical(y-size*0.13, y+size*0.02, hull.plus(hex(0xffffff), 0.08), hull.times(0.62)))
	stripe := shape(-0.36, 0.098)
	curve(stripe, 0.05, 0.068, 0.435, 0.12)
	point(stripe, 0.43, 0.108)
	curve(stripe, 0.05, 0.054, -0.355, 0.084)
	c.draw(stripe, solid(mix(hull, hex(0xfff6e6), 0.75)))
	c.draw(shape(-0.16, 0.1, -0.12, 0.165, 0.1, 0.165, 0.16, 0.1), vertical(y-size*0.16, y-size*0.09, hex(0xfdf3e0), hex(0xd9c5a8)))

	c.draw(shape(-0.008, 0.1, -0.004, 1.0, 0.008, 1.0, 0.012, 0.1), solid(hex(0x6b4a35)))
	main := shape(-0.02, 0.97)
	curve(main, -0.2, 0.62, -0.33, 0.2)
	curve(main, -0.18, 0.17, -0.02, 0.185)
	ax, _ := at(-0.33, 0.4)
	bx, _ := at(0, 0.4)
	c.draw(main, horizontal(ax, bx, sail, mix(sail, shade, 0.55)))
	jib := shape(0.03, 0.86)
	curve(jib, 0.2, 0.52, 0.41, 0.15)
	curve(jib, 0.2, 0.16, 0.04, 0.2)
	curve(jib, 0.09, 0.5, 0.03, 0.86)
	ax, _ = at(0.03, 0.4)
	bx, _ = at(0.36, 0.4)
	tint := sail
	if d.chance(0.4) {
		tint = mix(sail, hull, 0.72)
	}
	c.draw(jib, horizontal(ax, bx, mix(tint, shade, 0.5), tint))
	for _, v := range []float32{0.38, 0.58} { // seams
		u := -0.33 + (v-0.2)*0.4
		sx, sy := at(u+0.012, v)
		ex, ey := at(-0.02, v+0.02)
		c.draw(stroke(sx, sy, (sx+ex)/2, (sy+ey)/2+size*0.008, ex, ey, size*0.004, size*0.004), solid(mix(sail, shade, 0.85)))
	}
	pennant := shape(0, 1.0, -0.09, 0.975, 0, 0.95)
	c.draw(pennant, solid(mix(hull, hex(0xff5a3c), 0.4)))
	// Foam at the bow.
	for range 9 {
		fx, fy := at(d.between(-0.36, 0.4), d.between(-0.022, 0.004))
		c.disc(fx, fy, size*d.between(0.008, 0.02), 0.8, func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.45 })
	}
}
