package art

// aurora is northern lights over snow.
func aurora(c *canvas, d dice) {
	horizon := d.between(0.62, 0.68)
	c.fill(0, horizon+0.02, func(_, y float32) (rgb, float32) {
		return gradient(y/horizon, stop{0, hex(0x070d22)}, stop{0.6, hex(0x0f2740)}, stop{1, hex(0x2a5560)}), 1
	})
	stars(c, d, 420, horizon)
	curtains(c, d, horizon)

	for i := range 3 {
		t := float32(i) / 2
		n := d.noise()
		base := horizon - 0.05 + 0.06*t
		line := func(x float32) float32 { return base - (0.2-0.13*t)*(0.15+abs(n.lines(x*(1.8+t), 6))*1.2) }
		facet := d.noise()
		c.below(line, horizon+0.06, func(x, y, depth float32) (rgb, float32) {
			// Slopes that face the light, broken by gullies that run down.
			v := facet.planes(x*9+depth*5, depth*5, 2) + 0.7*facet.planes(x*38+depth*12, depth*9, 2)
			col := mix(hex(0x1c3a52), hex(0x7aa7b6), smooth(-0.4, 0.5, v)*(0.8-0.35*t))
			return mix(col, hex(0x2a6266), smooth(horizon-0.14, horizon, y)*0.75), 1
		})
	}
	// Snow in front, lit by the sky.
	ground := d.noise()
	field := func(x float32) float32 { return horizon + 0.035 - 0.03*ground.lines(x*1.5, 3) }
	grain := d.noise()
	c.below(field, 1, func(x, y, _ float32) (rgb, float32) {
		depth := (y - horizon) / (1 - horizon)
		drift := grain.planes(x*4, y*16, 2)
		col := gradient(depth, stop{0, hex(0x4f8c93)}, stop{0.4, hex(0x6398ab)}, stop{1, hex(0x2b466b)})
		return col.times(1+0.16*drift).plus(hex(0x7dffc0), 0.05*(1-depth)), 1
	})
	for range 90 {
		x := d.between(-0.02, c.wide+0.02)
		h := d.between(0.02, 0.05)
		spruce(c, d, x, field(x)+0.004, h, solid(mix(hex(0x0b1c2a), hex(0x16353f), d.Float32())))
	}
	cabinX := c.wide * pick(d, d.between(0.22, 0.36), d.between(0.64, 0.78))
	foot := field(cabinX) + 0.12
	hut(c, d, cabinX, foot, 0.13)
	for range 9 {
		x := pick(d, d.between(-0.02, 0.24), d.between(0.8, 1.02)) * c.wide
		foot := d.between(0.84, 1.02)
		snowySpruce(c, d, x, foot, 0.16+0.5*(foot-0.8)*d.between(0.9, 1.5))
	}
}

// curtains paints the lights: bands that wave across the sky, with rays that rise from their lower edge.
func curtains(c *canvas, d dice, horizon float32) {
	type band struct {
		wave, rays, slow     noise
		base, height, scale  float32
		low, high            rgb
		strength, tilt, move float32
	}
	var bands []band
	for i := range 2 {
		high := pick(d, hex(0x8a5bd6), hex(0x4f7be0), hex(0xc65bb0))
		bands = append(bands, band{
			wave: d.noise(), rays: d.noise(), slow: d.noise(),
			base: horizon - 0.2 - 0.13*float32(i) + d.between(-0.03, 0.03), height: d.between(0.34, 0.5),
			scale: d.between(1.6, 2.4), low: mix(hex(0x5affa0), hex(0x4fe8d0), d.Float32()), high: high,
			strength: 1 - 0.25*float32(i), tilt: d.between(-0.12, 0.12), move: d.between(0, 50),
		})
	}
	c.blurred(3, func(c *canvas) {
		c.fill(0, horizon, func(x, y float32) (rgb, float32) {
			var sum rgb
			for i := range bands {
				b := &bands[i]
				edge := b.base + b.tilt*(x-c.wide/2) + 0.15*b.wave.lines(x*b.scale+b.move, 3)
				up := (edge - y) / b.height
				if up < -0.4 {
					continue
				}
				ray := 0.5 + 0.5*b.rays.lines(x*34+3*up, 2)*1.6
				fold := clamp(0.45 + 1.1*b.slow.line(x*2.6+b.move))
				k := b.strength * fold * (0.35 + 0.65*ray)
				if up < 0 {
					k *= smooth(-0.4, 0, up) * smooth(-0.55, 0, up)
				} else {
					k *= exp(-up * 2.6 * (1.3 - 0.6*ray))
				}
				sum = sum.plus(mix(b.low, b.high, smooth(0.12, 0.75, up)), k)
			}
			bright := max(sum[0], sum[1], sum[2])
			if bright <= 0.001 {
				return sum, 0
			}
			a := 1 - exp(-bright*1.25)
			return sum.times(1 / bright), a * 0.92
		})
	})
}

// hut is a log cabin in the snow; x is its middle and y its foot.
func hut(c *canvas, d dice, x, y, size float32) {
	c.glow(x, y, size*2.2, hex(0xffa04a), 0.4)
	wall := hex(0x3a2620)
	c.draw(rect(x-size*0.5, y-size*0.46, size, size*0.46), func(_, py float32) (rgb, float32) {
		log := (y - py) / size * 9
		log -= float32(floor(log))
		return wall.times(0.75 + 0.7*log*(1-log)*2), 1
	})
	c.draw(polygon(x-size*0.5, y-size*0.45, x, y-size*0.86, x+size*0.5, y-size*0.45), solid(wall.times(0.85)))
	c.draw(rect(x+size*0.2, y-size*1.0, size*0.1, size*0.34), solid(hex(0x2a2228)))
	smoke(c, d, x+size*0.25, y-size*1.02, size*1.5, hex(0xa8c4c8), 0.3)
	snow := vertical(y-size*0.98, y-size*0.36, hex(0xcfe6ea), hex(0x7fa5b8))
	c.draw(polygon(x-size*0.66, y-size*0.36, x, y-size*0.97, x, y-size*0.83, x-size*0.62, y-size*0.3), snow)
	c.draw(polygon(x+size*0.66, y-size*0.36, x, y-size*0.97, x, y-size*0.83, x+size*0.62, y-size*0.3), snow)
	c.draw(rounded(x+size*0.18, y-size*1.03, size*0.14, size*0.05, size*0.025), solid(hex(0xcfe6ea)))
	c.draw(rounded(x-size*0.09, y-size*0.32, size*0.18, size*0.32, size*0.02), vertical(y-size*0.3, y, hex(0x6b3a26), hex(0x4a281c)))
	for _, wx := range []float32{-0.36, 0.18} {
		c.draw(rect(x+size*wx-size*0.015, y-size*0.35, size*0.21, size*0.21), solid(hex(0x241712)))
		c.draw(rect(x+size*wx, y-size*0.335, size*0.18, size*0.18), solid(hex(0xffd183).times(1.08)))
		c.draw(rect(x+size*(wx+0.082), y-size*0.335, size*0.016, size*0.18), solid(hex(0x241712)))
		c.draw(rect(x+size*wx, y-size*0.253, size*0.18, size*0.014), solid(hex(0x241712)))
		c.glow(x+size*(wx+0.09), y-size*0.24, size*0.55, hex(0xff9c3f), 0.6)
		// Light on the snow.
		c.draw(polygon(x+size*wx, y+size*0.03, x+size*(wx+0.18), y+size*0.03, x+size*(wx*1.5+0.3), y+size*0.34, x+size*(wx*1.5-0.06), y+size*0.34), func(_, py float32) (rgb, float32) {
			return hex(0xffc27a), 0.34 * smooth(y+size*0.34, y, py)
		})
	}
	c.draw(oval(x, y+size*0.015, size*0.62, size*0.035, 0), solid(hex(0x6f9fb0)))
}

// snowySpruce is a conifer close by, with snow on its branches.
func snowySpruce(c *canvas, d dice, x, y, h float32) {
	dark, snow := hex(0x0d1f2c), hex(0xa9cdd6)
	const tiers = 13
	c.draw(rect(x-h*0.02, y-h*0.1, h*0.04, h*0.1), solid(hex(0x0a1016)))
	for i := tiers; i >= 1; i-- {
		t := float32(i) / tiers
		w := h * 0.25 * pow(t, 0.8) * d.between(0.85, 1.1)
		top, low := y-h+h*0.93*(t-2.6/tiers), y-h+h*0.93*t
		if top < y-h {
			top = y - h
		}
		p := new(path)
		p.move(x, top).quad(x+w*0.4, low-h*0.05, x+w, low).quad(x+w*0.55, low+h*0.012, x+w*0.35, low-h*0.014)
		p.quad(x, low+h*0.035, x-w*0.35, low-h*0.014).quad(x-w*0.55, low+h*0.012, x-w, low).quad(x-w*0.4, low-h*0.05, x, top)
		c.draw(p, vertical(top, low, mix(dark, snow, 0.32), dark))
		for _, side := range []float32{-1, 1} {
			s := new(path)
			from, to := d.between(0.15, 0.4), d.between(0.75, 0.98)
			s.move(x+side*w*from, low-h*0.06).quad(x+side*w*0.6, low-h*0.042, x+side*w*to, low-h*0.004)
			s.quad(x+side*w*0.55, low-h*0.012, x+side*w*from, low-h*0.03)
			c.draw(s, func(_, _ float32) (rgb, float32) { return snow, 0.7 })
		}
	}
}
