package art

// lake is a lake under the moon.
func lake(c *canvas, d dice) {
	horizon := d.between(0.54, 0.6)
	moonX, moonY := c.wide*d.between(0.28, 0.72), d.between(0.16, 0.26)
	top, low := pick(d, hex(0x0c1a36), hex(0x101638)), pick(d, hex(0x55788f), hex(0x6d7399))
	c.fill(0, horizon+0.02, func(x, y float32) (rgb, float32) {
		return gradient(y/horizon, stop{0, top}, stop{0.55, mix(top, low, 0.42)}, stop{1, low}), 1
	})
	stars(c, d, 240, horizon*0.8)
	moonlight := hex(0xfff4d8)
	c.glow(moonX, moonY, 0.75, hex(0x9fb7d9), 0.42)
	c.glow(moonX, moonY, 0.22, moonlight, 0.5)
	maria := d.noise()
	r := d.between(0.042, 0.055)
	c.disc(moonX, moonY, r, 0.05, func(x, y float32) (rgb, float32) {
		v := maria.planes((x-moonX)/r*1.3, (y-moonY)/r*1.3, 3)
		return moonlight.times(1.06 - 0.2*smooth(0, 0.5, v)), 1
	})
	streaks(c, d, 0.1, horizon*0.85, hex(0xb8c4d8), mix(top, low, 0.6), 0.08)

	for i := range 3 {
		t := float32(i) / 2
		n := d.noise()
		base := horizon - 0.11 + 0.1*t
		line := func(x float32) float32 {
			return min(base-(0.17-0.13*t)*(0.25+n.lines(x*(1.5+2*t), 6)), horizon)
		}
		near := mix(mix(low, top, 0.45), hex(0x0a1424), t*0.85)
		c.below(line, horizon, func(x, y, _ float32) (rgb, float32) {
			lit := exp(-(x-moonX)*(x-moonX)*1.6) * (1 - t)
			haze := smooth(horizon-0.1, horizon, y) * 0.35 * (1 - t)
			return mix(near, low, haze).plus(hex(0x6a86a8), 0.12*lit), 1
		})
		if i == 2 {
			for range 150 {
				x := d.between(-0.02, c.wide+0.02)
				h := d.between(0.018, 0.045) * (0.7 + 0.5*n.line(x*2+9))
				spruce(c, d, x, horizon+0.002, h, solid(near))
			}
		}
	}
	cabinX := c.wide * pick(d, d.between(0.1, 0.25), d.between(0.75, 0.9))
	cabin(c, d, cabinX, horizon, 0.05)

	reflect(c, d, horizon, 0.055, func(x, y float32) (rgb, float32) {
		depth := max(y-horizon, 0) / (1 - horizon)
		return mix(hex(0x2c4a63), hex(0x060d1c), depth), 0.24 + 0.42*depth
	})
	glitter(c, d, moonX, horizon+0.004, 0.09, hex(0xffefc6), 0.85)
	mist := d.noise()
	c.fill(horizon-0.03, horizon+0.05, func(x, y float32) (rgb, float32) {
		v := (y - horizon - 0.005) / 0.03
		return low.plus(hex(0xffffff), 0.1), exp(-v*v) * 0.3 * (0.6 + 0.4*mist.planes(x*3, y*20, 3))
	})
	jetty(c, d, c.wide*d.between(0.42, 0.58))
	reeds(c, d, pick(d, float32(0), c.wide))
}

// cabin is a small house whose windows are lit, its foot at x, y.
func cabin(c *canvas, d dice, x, y, size float32) {
	wall, roof := hex(0x17121a), hex(0x0b0d16)
	c.draw(rect(x-size*0.5, y-size*0.5, size, size*0.5), solid(wall))
	c.draw(polygon(x-size*0.62, y-size*0.45, x, y-size*0.92, x+size*0.62, y-size*0.45), solid(roof))
	c.draw(rect(x+size*0.22, y-size*0.95, size*0.11, size*0.3), solid(roof))
	for _, wx := range []float32{-0.3, 0.1} {
		c.draw(rect(x+size*wx, y-size*0.38, size*0.2, size*0.22), solid(hex(0xffcf7a)))
		c.glow(x+size*(wx+0.1), y-size*0.27, size*1.1, hex(0xff9c3f), 0.5)
	}
	smoke(c, d, x+size*0.28, y-size*0.95, size*2.2, hex(0x8898b0), 0.3)
}

// jetty is a wooden landing stage that leads into the picture.
func jetty(c *canvas, d dice, x float32) {
	const from, to = 1.02, 0.72
	const planks = 26
	shift := d.between(-0.12, 0.12)
	at := func(t, side float32) (float32, float32) {
		k := 1 / (1 + 2.6*t)
		y := to + (from-to)*(k-1/3.6)/(1-1/3.6)
		return x + shift*(1-k) + side*0.17*k, y
	}
	for i := range planks {
		t0, t1 := float32(i)/planks, (float32(i)+0.86)/planks
		ax, ay := at(t0, -1)
		bx, by := at(t0, 1)
		cx, cy := at(t1, 1)
		ex, ey := at(t1, -1)
		shade := 1 + d.between(-0.18, 0.18)
		col := mix(hex(0x3b3a45), hex(0x586a80), t0).times(shade)
		c.draw(polygon(ax, ay, bx, by, cx, cy, ex, ey), horizontal(ax, bx, col.times(0.85), col.times(1.1)))
	}
	for i := range 5 {
		for _, side := range []float32{-1.04, 1.04} {
			px, py := at(float32(i)*0.24+0.03, side)
			k := 1 / (1 + 2.6*(float32(i)*0.24+0.03))
			c.draw(rounded(px-0.014*k, py-0.075*k, 0.028*k, 0.12*k, 0.006*k), horizontal(px-0.014*k, px+0.014*k, hex(0x15161f), hex(0x3d4656)))
		}
	}
}

// reeds grow in one corner.
func reeds(c *canvas, d dice, corner float32) {
	for range 70 {
		off := d.Float32() * d.Float32() * 0.42
		x := abs(corner - off)
		h := d.between(0.16, 0.42) * (1 - off*1.2)
		lean := d.between(-0.12, 0.12)*h + 0.02
		col := mix(hex(0x05080f), hex(0x17232f), d.Float32())
		c.draw(stroke(x, 1.02, x+lean*0.2, 1-h*0.6, x+lean, 1-h, 0.006, 0.0012), solid(col))
		if d.chance(0.25) {
			c.draw(oval(x+lean, 1-h, 0.0052, 0.024, lean*1.5), solid(col.times(1.3)))
		}
	}
}
