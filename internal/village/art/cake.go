package art

// cake is a birthday cake with burning candles.
func cake(c *canvas, d dice) {
	type mood struct {
		room, lamp, table, sponge, icing, drip rgb
	}
	m := pick(d,
		mood{hex(0x3a2836), hex(0xffb45f), hex(0x8a5636), hex(0xd9a066), hex(0xfbeee0), hex(0xe98ba0)},
		mood{hex(0x22323f), hex(0xffc67a), hex(0x6f4a36), hex(0x7a4a2c), hex(0x8a5433), hex(0x4a2415)},
		mood{hex(0x3b3050), hex(0xffc27f), hex(0xd8c7b4), hex(0xe8bd78), hex(0xfdf3e4), hex(0xf2c14f)},
		mood{hex(0x2f3a34), hex(0xffd08a), hex(0xa57b52), hex(0xd9a86a), hex(0xf4f1e6), hex(0x8fbf9f)})
	table := d.between(0.71, 0.74)
	c.fill(0, 1, func(x, y float32) (rgb, float32) {
		dx, dy := x-c.wide/2, y-0.45
		return mix(m.room.times(0.62), mix(m.room, m.lamp, 0.32), exp(-(dx*dx+dy*dy)*2)), 1
	})
	bokeh(c, d, 60, 0, 0, c.wide, table, 0.012, 0.07, 0.42, m.lamp, hex(0xffe3b0), mix(m.lamp, hex(0xff6f61), 0.5), mix(m.lamp, m.room, 0.5))
	bunting(c, d)
	cloth(c, d, table, m.table)

	x, foot := c.wide/2+d.between(-0.05, 0.05), table+0.12
	plate(c, x, foot)
	presents(c, d, x, table+0.06)
	lowerR, lowerH := float32(0.33), float32(0.21)
	upperR, upperH := float32(0.225), float32(0.16)
	shadow(c, x, foot+0.015, 0.5, 0.1, 0.35)
	tier(c, d, x, foot-0.012, lowerR, lowerH, m.sponge, m.icing, m.drip)
	top := foot - 0.012 - lowerH
	beads(c, x, foot-0.012, lowerR, m.icing, m.drip)
	shadow(c, x, top, upperR*1.15, upperR*0.3, 0.4)
	tier(c, d, x, top+0.006, upperR, upperH, m.sponge, m.icing, m.drip)
	berries(c, d, x, top, lowerR, upperR)
	crown := top + 0.006 - upperH
	candles(c, d, x, crown, upperR, m.lamp)
	c.glow(x, crown-0.1, 0.75, m.lamp, 0.3)
	for range 40 { // confetti on the table
		cx, cy := d.between(0, c.wide), d.between(table+0.05, 0.99)
		if abs(cx-x) < 0.47 && cy < foot+0.09 {
			continue
		}
		col := pick(d, hex(0xe8604f), hex(0xf7c64a), hex(0x5fb3a8), hex(0xf3e8d8), hex(0x8f7fd0))
		c.draw(oval(cx, cy, 0.007, 0.0035, d.between(0, 3)), solid(col.times(0.9)))
	}
}

// round is the shading of an upright cylinder lit from the upper left; u runs from -1 to 1 across it.
func round(u float32) float32 { return 0.66 + 0.42*smooth(1.3, 0, abs(u+0.3)) }

// tier is one layer of a cake; y is its lower edge in front.
func tier(c *canvas, d dice, x, y, r, h float32, sponge, icing, drip rgb) {
	flat := r * 0.24
	side := new(path)
	side.move(x-r, y-h).line(x+r, y-h).line(x+r, y-flat*0.1).cube(x+r*0.95, y+flat*1.05, x-r*0.95, y+flat*1.05, x-r, y-flat*0.1)
	crumb := d.noise()
	c.draw(side, func(px, py float32) (rgb, float32) {
		u := (px - x) / r
		bow := flat * sqrt(max(1-u*u, 0))
		v := (y + bow*0.8 - py) / h
		col := icing
		if v > 0.28 && v < 0.62 { // two layers of sponge and cream between them
			col = sponge.times(0.92 + 0.2*crumb.planes(px*70, py*70, 3))
			if abs(v-0.45) < 0.035 {
				col = mix(icing, drip, 0.35)
			}
			edge := min(v-0.28, 0.62-v)
			col = mix(icing, col, smooth(0, 0.03, edge))
		}
		return col.times(round(u)), 1
	})
	// Icing that runs down from the top.
	n := d.noise()
	drips := new(path)
	const steps = 120
	drips.move(x-r*1.012, y-h)
	for i := range steps + 1 {
		u := -1 + 2*float32(i)/steps
		a := asin(min(max(u, -1), 1))
		run := n.line(a*6.5) + 0.35
		l := h * (0.1 + 0.3*max(run, 0)*(0.6+0.4*max(n.line(a*2.2+40), 0)))
		drips.line(x+r*1.012*u, y-h+flat*sqrt(max(1-u*u, 0))+l)
	}
	drips.line(x+r*1.012, y-h)
	c.draw(drips, func(px, py float32) (rgb, float32) {
		u := (px - x) / r
		gloss := smooth(0.1, 0, abs(u+0.45)) * 0.18
		return drip.times(round(u)*0.96).plus(hex(0xffffff), gloss), 1
	})
	c.draw(oval(x, y-h, r*1.012, flat, 0), func(px, py float32) (rgb, float32) {
		u, v := (px-x)/r, (py-y+h)/flat
		return drip.times(0.98+0.1*v).plus(hex(0xfff4dc), 0.16*exp(-(u*u+v*v)*1.8)), 1
	})
}

// beads are dots of cream around the foot of a tier.
func beads(c *canvas, x, y, r float32, icing, drip rgb) {
	const n = 30
	for i := range n {
		a := pi * (float32(i) + 0.5) / n
		u := -cos(a)
		bx, by := x+r*1.02*u, y-0.01+r*0.23*sin(a)
		s := 0.017 + 0.004*sin(a)
		col := icing
		if i%2 == 1 {
			col = drip
		}
		c.disc(bx, by, s, 0.08, func(px, py float32) (rgb, float32) {
			dx, dy := (px-bx)/s+0.35, (py-by)/s+0.4
			return col.times((1.1 - 0.3*clamp((dx*dx+dy*dy)*0.6)) * round(u)), 1
		})
	}
}

// berries lie on the step between the tiers.
func berries(c *canvas, d dice, x, y, outer, inner float32) {
	kinds := [][2]rgb{{hex(0xe23b3f), hex(0x7f1220)}, {hex(0x4f5fa8), hex(0x1d2148)}, {hex(0xd84a78), hex(0x6f1238)}}
	for i := range 26 {
		a := pi * (float32(i) + d.between(0.1, 0.9)) / 26
		ring := (outer + inner) / 2 * d.between(0.97, 1.06)
		bx, by := x-ring*cos(a), y+ring*0.24*sin(a)-0.008
		s := d.between(0.014, 0.022)
		k := kinds[d.IntN(len(kinds))]
		shadow(c, bx+0.004, by+s*0.8, s*1.3, s*0.6, 0.4)
		c.disc(bx, by, s, 0.06, func(px, py float32) (rgb, float32) {
			dx, dy := (px-bx)/s+0.35, (py-by)/s+0.4
			return mix(k[0], k[1], clamp((dx*dx+dy*dy)*0.55)), 1
		})
		c.disc(bx-s*0.35, by-s*0.4, s*0.22, 0.7, func(_, _ float32) (rgb, float32) { return hex(0xffffff), 0.7 })
		if d.chance(0.22) {
			leaf(c, bx, by-s*0.6, s*d.between(-1.6, 1.6), s*1.3, hex(0x5d9a4a))
		}
	}
}

// candles burn on the top.
func candles(c *canvas, d dice, x, y, r float32, lamp rgb) {
	n := 4 + d.IntN(4)
	type candle struct{ x, y float32 }
	var all []candle
	for i := range n {
		a := 2*pi*(float32(i)+0.5)/float32(n) + 0.4
		all = append(all, candle{x + r*0.68*cos(a), y + r*0.15*sin(a)})
	}
	for back := range 2 { // the rear ones first
		for i, k := range all {
			if (k.y < y) != (back == 0) {
				continue
			}
			h, w := d.between(0.115, 0.135), float32(0.014)
			col := []rgb{hex(0xf4e3c6), hex(0x7fc4c0), hex(0xf0a0a8), hex(0xf4cf6a)}[i%4]
			c.draw(rounded(k.x-w/2, k.y-h, w, h, 0.004), func(px, py float32) (rgb, float32) {
				stripe := sin((py*1.0+(px-k.x)*1.4)*260) > 0.2
				base := col
				if stripe {
					base = mix(col, hex(0xffffff), 0.7)
				}
				return base.times(0.72+0.36*smooth(1.1, 0, abs((px-k.x)/w*2+0.3))).plus(lamp, 0.25*smooth(k.y-h+0.05, k.y-h, py)), 1
			})
			fy := k.y - h
			c.draw(stroke(k.x, fy, k.x, fy-0.006, k.x+0.001, fy-0.012, 0.003, 0.002), solid(hex(0x2a1a14)))
			c.glow(k.x, fy-0.03, 0.17, lamp, 0.6)
			lean := d.between(-0.004, 0.004)
			flame := func(s float32, p paint) {
				f := new(path)
				f.move(k.x, fy-0.006).cube(k.x+0.016*s, fy-0.012, k.x+0.011*s+lean*0.5, fy-0.036*s, k.x+lean, fy-0.006-0.052*s)
				f.cube(k.x-0.011*s+lean*0.5, fy-0.036*s, k.x-0.016*s, fy-0.012, k.x, fy-0.006)
				c.draw(f, p)
			}
			flame(1, vertical(fy-0.058, fy, hex(0xff9a2e), hex(0xffc75a)))
			flame(0.66, vertical(fy-0.04, fy, hex(0xffe38a), hex(0xfff6d2)))
			c.glow(k.x, fy-0.022, 0.05, hex(0xfff0c0), 0.8)
		}
	}
}

// bunting hangs across the room.
func bunting(c *canvas, d dice) {
	colours := []rgb{hex(0xe8604f), hex(0xf7c64a), hex(0x5fb3a8), hex(0xf3e8d8), hex(0x8f7fd0)}
	y0, y1, sag := d.between(0.01, 0.07), d.between(0.01, 0.07), d.between(0.08, 0.12)
	at := func(t float32) (float32, float32) {
		return c.wide * t, y0 + (y1-y0)*t + sag*4*t*(1-t)
	}
	c.blurred(2, func(c *canvas) {
		const flags = 13
		for i := range flags {
			ax, ay := at((float32(i) + 0.14) / flags)
			bx, by := at((float32(i) + 0.86) / flags)
			mx, my := (ax+bx)/2, (ay+by)/2+0.1
			col := colours[i%len(colours)].times(0.7)
			c.draw(polygon(ax, ay, bx, by, mx, my), vertical(ay, my, col, col.times(0.78)))
		}
		for i := range 60 {
			ax, ay := at(float32(i) / 60)
			bx, by := at(float32(i+1) / 60)
			c.draw(stroke(ax, ay, (ax+bx)/2, (ay+by)/2, bx, by, 0.004, 0.004), solid(hex(0xd9c8b4).times(0.7)))
		}
	})
}

// cloth is the table.
func cloth(c *canvas, d dice, table float32, wood rgb) {
	grain := d.noise()
	c.fill(table, 1, func(x, y float32) (rgb, float32) {
		depth := max(y-table, 0) / (1 - table)
		w := grain.planes(x*1.2, y*30, 4)
		dx := x - c.wide/2
		light := 0.62 + 0.5*exp(-dx*dx*1.6)*(1-0.45*depth)
		return wood.times(light * (0.92 + 0.14*w + 0.05*sin((w*4+y*60)*4))), 1
	})
	c.draw(rect(0, table-0.002, c.wide, 0.006), solid(wood.times(0.8)))
}

// plate stands below the cake on a foot.
func plate(c *canvas, x, y float32) {
	white := hex(0xf4ece0)
	shadow(c, x+0.02, y+0.055, 0.56, 0.13, 0.55)
	c.draw(oval(x, y+0.03, 0.47, 0.118, 0), vertical(y-0.08, y+0.15, white.times(0.75), white.times(0.58)))
	c.draw(oval(x, y+0.016, 0.47, 0.118, 0), func(px, py float32) (rgb, float32) {
		u, v := (px-x)/0.47, (py-y-0.016)/0.118
		t := sqrt(u*u + v*v)
		return white.times(round(u)*0.9 + 0.1*smooth(0.86, 0.92, t) - 0.06*smooth(0.8, 0.86, t)), 1
	})
}

// presents stand behind the cake, out of focus.
func presents(c *canvas, d dice, x, y float32) {
	c.blurred(4, func(c *canvas) {
		for _, side := range []float32{-1, 1} {
			for range 1 + d.IntN(2) {
				w, h := d.between(0.13, 0.2), d.between(0.12, 0.24)
				px := x + side*d.between(0.5, 0.68) - w/2
				col := pick(d, hex(0x5f8fa0), hex(0xc9605a), hex(0xd8a84a), hex(0x7f9a6a), hex(0x8a6fa8)).times(0.75)
				ribbon := pick(d, hex(0xf7e6c8), hex(0xe8604f), hex(0xf7c64a)).times(0.85)
				c.draw(rect(px, y-h, w, h), horizontal(px, px+w, col.times(1.1), col.times(0.72)))
				c.draw(rect(px-0.006, y-h, w+0.012, h*0.2), horizontal(px, px+w, col.times(1.25), col.times(0.85)))
				c.draw(rect(px+w*0.42, y-h, w*0.16, h), solid(ribbon))
				for _, s := range []float32{-1, 1} {
					c.draw(oval(px+w/2+s*w*0.2, y-h-w*0.1, w*0.21, w*0.11, -s*0.5), solid(ribbon.times(1.05)))
				}
			}
		}
	})
}
