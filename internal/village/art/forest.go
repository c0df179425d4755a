package art

// forest is a path among tall trees in morning fog.
func forest(c *canvas, d dice) {
	type mood struct{ light, fog, dark, ground, leaf rgb }
	m := pick(d,
		mood{hex(0xfdf3cf), hex(0xb9c9b0), hex(0x1d2a22), hex(0x56603a), hex(0x86a552)},
		mood{hex(0xfbe3b8), hex(0xcfb694), hex(0x2b1f1c), hex(0x8a5a34), hex(0xd98a3a)},
		mood{hex(0xeef3ea), hex(0xa9bfc0), hex(0x16262b), hex(0x4a5f4b), hex(0x6f9a72)})
	sunX, sunY := c.wide*d.between(0.38, 0.62), d.between(0.28, 0.36)
	horizon := d.between(0.56, 0.6)
	c.fill(0, horizon+0.1, func(x, y float32) (rgb, float32) {
		dx, dy := x-sunX, y-sunY
		k := exp(-(dx*dx + dy*dy) * 3.2)
		return mix(mix(m.fog, m.dark, 0.2*smooth(0.5, 0, y)), m.light, k), 1
	})
	const layers = 5
	bends, ruts := d.noise(), d.noise()
	floorAt := func(t float32) float32 { return horizon + 0.4*pow(t, 1.7) }
	for i := range layers {
		t := float32(i) / (layers - 1)
		base := floorAt(t)
		ground := mix(m.fog, m.ground, 0.18+0.82*pow(t, 0.8))
		bumps := d.noise()
		line := func(x float32) float32 { return base - 0.012*(1+2*t)*bumps.lines(x*(5-2*t), 4) }
		c.below(line, min(floorAt(t+0.25)+0.07, 1), func(x, y, depth float32) (rgb, float32) {
			v := ruts.planes(x*18, y*50, 2)
			col := ground.times(1 + 0.22*v*t - 0.25*(y-base)*t)
			// The path winds towards the light and widens towards the viewer.
			far := clamp((y - horizon) / (1 - horizon))
			mid := sunX + (0.5*c.wide-sunX)*far + 0.05*bends.line(far*3.5)*(0.3+far)
			half := 0.01 + 0.05*far + 0.26*far*far
			edge := abs(x-mid)/half + 0.2*v
			track := mix(mix(m.ground, m.light, 0.5).times(0.92), m.fog, 0.55*(1-far)).times(1 + 0.12*v*far)
			return mix(col, track, smooth(1.15, 0.65, edge)*0.8), 1
		})
		for range 16 - 2*i {
			x := d.between(-0.05, c.wide+0.05)
			// Keep the view along the path free.
			if gap := 0.05 + 0.38*t; abs(x-sunX) < gap {
				x = sunX + gap*(1+d.Float32()*0.6)*pick(d, float32(-1), 1)
			}
			w := (0.008 + 0.045*t*t) * d.between(0.65, 1.3)
			trunk(c, d, x, line(x)+0.01+0.03*t, w, mix(m.fog, m.dark, 0.22+0.78*pow(t, 0.75)), m.light, sunX, t)
		}
		crowns(c, d, sunX, t, mix(m.fog, mix(m.leaf, m.dark, 0.45), 0.2+0.75*t), mix(m.light, m.leaf, 0.3+0.4*t))
		undergrowth(c, d, sunX, t, line, mix(m.fog, mix(m.leaf, m.dark, 0.5), 0.15+0.8*t))
		if i < layers-1 {
			veil(c, d, base, 0.34*(1-t), mix(m.fog, m.light, 0.45))
		}
	}
	shafts(c, d, sunX, sunY-0.3, m.light)
	for range 44 {
		x := d.between(-0.02, c.wide+0.02)
		if abs(x-c.wide/2) < 0.38 && d.chance(0.9) {
			continue
		}
		fern(c, d, x, d.between(0.98, 1.06), d.between(0.07, 0.15), mix(m.leaf, m.dark, d.between(0.25, 0.75)))
	}
	c.glow(sunX, sunY, 0.9, m.light, 0.3)
	for range 36 { // dust and small leaves in the light
		x, y := sunX+d.between(-0.5, 0.5), d.between(0.2, 0.85)
		c.disc(x, y, d.between(0.0015, 0.0035), 0.7, func(_, _ float32) (rgb, float32) { return mix(m.light, m.leaf, 0.2), 0.5 })
	}
}

// crowns are the leaves that hang into the picture from above: many dabs in loose clusters, the ones towards
// the sun lit from behind.
func crowns(c *canvas, d dice, sunX, near float32, shade, lit rgb) {
	for range 110 - int(40*near) {
		x, y := d.between(-0.05, c.wide+0.05), d.between(-0.06, 0.34)
		open := (x - sunX) * 1.25
		if y > 0.3-0.3*exp(-open*open*3)-0.1*near+d.between(-0.06, 0.06) {
			continue
		}
		size := d.between(0.03, 0.07) * (0.6 + 0.8*near)
		tone := mix(shade, lit, exp(-open*open*2)*d.between(0.1, 0.75))
		for range 34 {
			a, k := d.between(0, 2*pi), sqrt(d.Float32())
			r := (0.0024 + 0.0036*near) * d.between(0.6, 1.4)
			col := mix(tone, pick(d, shade, lit), d.between(0, 0.3))
			alpha := d.between(0.55, 0.95)
			c.disc(x+cos(a)*size*k*1.3, y+sin(a)*size*k*0.7, r, 0.35, func(_, _ float32) (rgb, float32) { return col, alpha })
		}
	}
}

// undergrowth is the low bushes between the trees.
func undergrowth(c *canvas, d dice, sunX, near float32, line func(float32) float32, col rgb) {
	for range 34 {
		x := d.between(-0.02, c.wide+0.02)
		if abs(x-sunX) < 0.08+0.45*near {
			continue
		}
		s := (0.008 + 0.02*near) * d.between(0.6, 1.4)
		y := line(x) + s*0.5
		for range 14 {
			tone := col.times(d.between(0.85, 1.1))
			c.disc(x+s*d.between(-2.2, 2.2), y-s*d.between(-0.2, 1), s*d.between(0.25, 0.55), 0.85, func(_, _ float32) (rgb, float32) { return tone, 0.65 })
		}
	}
}

// veil is fog that lies over the ground at a height.
func veil(c *canvas, d dice, y, strength float32, col rgb) {
	n := d.noise()
	c.fill(y-0.3, y+0.12, func(px, py float32) (rgb, float32) {
		v := (py - y) / 0.17
		return col, exp(-v*v) * strength * (0.65 + 0.6*n.planes(px*2.5, py*7, 2))
	})
}

// trunk is the lower part of a tall tree.
func trunk(c *canvas, d dice, x, y, w float32, col, light rgb, sunX, near float32) {
	lean := d.between(-0.03, 0.03)
	bark := d.noise()
	p := new(path)
	p.move(x-w*0.9, y).quad(x-w*0.5, y-w*0.9, x-w*0.46+lean*0.2, y-w*3).line(x-w*0.34+lean, -0.02)
	p.line(x+w*0.34+lean, -0.02).line(x+w*0.46+lean*0.2, y-w*3).quad(x+w*0.5, y-w*0.9, x+w*0.9, y)
	side := float32(1)
	if sunX < x {
		side = -1
	}
	c.draw(p, func(px, py float32) (rgb, float32) {
		u := (px - x - lean*(y-py)) / w * 2
		rough := 1 + (0.08+0.16*near)*bark.planes(px*34/(w*22+0.3), py*5, 2)
		lit := smooth(-0.1, 1.0, u*side) * 0.26
		return mix(col.times(rough), light, lit*(0.4+0.6*smooth(1, 0.1, py))), 1
	})
	for range d.IntN(3) {
		by := d.between(0.02, 0.28)
		s := pick(d, float32(-1), 1)
		l := d.between(0.05, 0.15) * (0.4 + near)
		bx := x + lean*(y-by)
		c.draw(stroke(bx, by, bx+s*l*0.5, by-l*0.1, bx+s*l, by-l*d.between(0.3, 0.7), w*0.2, w*0.04), solid(col))
		c.draw(stroke(bx+s*l*0.55, by-l*0.2, bx+s*l*0.8, by-l*0.12, bx+s*l*1.1, by-l*0.1, w*0.09, w*0.02), solid(col))
	}
}

// shafts are beams of light from between the crowns.
func shafts(c *canvas, d dice, x, y float32, light rgb) {
	n := d.noise()
	phase := d.between(0, 40)
	c.blurred(4, func(c *canvas) {
		c.fill(0, 1, func(px, py float32) (rgb, float32) {
			dy := py - y
			if dy <= 0.02 {
				return light, 0
			}
			a := (px - x) / dy
			v := n.lines(a*6+phase, 3)*1.7 + 0.12
			fade := smooth(0.05, 0.3, dy) * smooth(1.1, 0.4, dy) * smooth(1.3, 0.3, abs(a))
			return light, smooth(0, 0.9, v) * fade * 0.4
		})
	})
}

// fern grows in the foreground.
func fern(c *canvas, d dice, x, y, size float32, col rgb) {
	for i := range 6 {
		a := -pi/2 + (float32(i)-2.5)*0.42 + d.between(-0.12, 0.12)
		l := size * d.between(0.8, 1.2)
		tipX, tipY := x+cos(a)*l, y+sin(a)*l*0.92
		midX, midY := x+cos(a)*l*0.5, y+sin(a)*l*0.72
		shade := col.times(d.between(0.8, 1.2))
		c.draw(stroke(x, y, midX, midY, tipX, tipY, size*0.025, size*0.006), solid(shade))
		const leaflets = 9
		for k := 2; k < leaflets; k++ {
			t := float32(k) / leaflets
			u := 1 - t
			px := u*u*x + 2*u*t*midX + t*t*tipX
			py := u*u*y + 2*u*t*midY + t*t*tipY
			w := l * 0.26 * (1 - t*0.85)
			for _, s := range []float32{-1, 1} {
				b := a + s*1.05
				c.draw(stroke(px, py, px+cos(b)*w*0.6, py+sin(b)*w*0.5, px+cos(b)*w, py+sin(b)*w+w*0.25, size*0.035, size*0.008), solid(shade))
			}
		}
	}
}
