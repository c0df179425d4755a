package art

// What several motifs have in common: stars, clouds, trees, water.

// stars scatters stars above a height; they get fewer and fainter towards it.
func stars(c *canvas, d dice, n int, horizon float32) {
	for range n {
		x, y := d.between(0, c.wide), d.between(0, horizon)
		fade := 1 - y/horizon
		bright := d.Float32()
		bright *= bright * (0.35 + 0.65*fade)
		r := 0.0007 + 0.0012*bright
		col := mix(hex(0xffe9d0), hex(0xd5e4ff), d.Float32())
		c.disc(x, y, r+0.0006, 0.9, func(_, _ float32) (rgb, float32) { return col, 0.25 + 0.75*bright })
		if bright > 0.75 {
			c.glow(x, y, 0.012, col, 0.25)
		}
	}
}

// streaks paints thin clouds between two heights.
func streaks(c *canvas, d dice, y0, y1 float32, light, shade rgb, amount float32) {
	n := d.noise()
	c.blurred(3, func(c *canvas) {
		c.fill(y0, y1, func(x, y float32) (rgb, float32) {
			t := (y - y0) / (y1 - y0)
			v := n.planes(x*1.7+y*2, y*13+x*0.6, 5)*1.5 + amount - 0.35
			a := smooth(0, 0.55, v) * smooth(0, 0.25, t) * smooth(1, 0.7, t)
			return mix(light, shade, clamp(v*1.3)), a * 0.85
		})
	})
}

// puffs paints a fair-weather cloud of round tops on a flat base.
func puffs(c *canvas, d dice, x, y, size float32, light, shade rgb) {
	n := d.noise()
	type puff struct{ x, y, r float32 }
	var all []puff
	for i := range 26 {
		t := float32(i)/25*2 - 1
		r := size * d.between(0.16, 0.3) * (1.1 - t*t*0.75)
		all = append(all, puff{x + t*size, y - r*0.6 - d.between(0, 0.42)*size*(1-t*t), r})
	}
	c.box(x, y-size*0.4, size*1.35, size*0.75, func(dx, dy float32, p []float32) {
		px, py := x+dx, y-size*0.4+dy
		wx := n.planes(px*9/size*0.3, py*9/size*0.3, 4) * 0.12 * size
		wy := n.planes(px*9/size*0.3+40, py*9/size*0.3, 4) * 0.12 * size
		cover, lit := float32(0), float32(0)
		for _, q := range all {
			ux, uy := (px+wx-q.x)/q.r, (py+wy-q.y)/q.r
			v := smooth(1.15, 0.45, sqrt(ux*ux+uy*uy))
			if v > 0 {
				lit = max(lit, v*(0.62-0.38*uy))
				cover = max(cover, v)
			}
		}
		cover *= smooth(y+size*0.06, y-size*0.05, py+wy*0.5)
		if cover > 0 {
			put(p, mix(shade, light, clamp(lit*1.15)), cover*0.96)
		}
	})
}

// spruce paints a conifer whose foot is at x, y.
func spruce(c *canvas, d dice, x, y, height float32, p paint) {
	tiers := 6 + d.IntN(4)
	s := new(path)
	top := y - height
	s.move(x, top)
	width := height * d.between(0.17, 0.24)
	type point struct{ x, y float32 }
	var left []point
	for i := 1; i <= tiers; i++ {
		t := float32(i) / float32(tiers)
		w := width * pow(t, 0.85) * d.between(0.85, 1.15)
		yy := top + height*0.96*t
		s.quad(x+w*0.5, yy-height*0.05, x+w, yy+height*0.012)
		left = append(left, point{x - w*d.between(0.85, 1.15), yy + height*d.between(0, 0.02)})
		if i < tiers {
			s.line(x+w*0.45, yy-height*0.012)
			left = append(left, point{x - w*0.45, yy - height*0.012})
		}
	}
	s.line(x+width*0.08, y-height*0.03).line(x+width*0.08, y+height*0.01)
	s.line(x-width*0.08, y+height*0.01).line(x-width*0.08, y-height*0.03)
	for i := len(left) - 1; i >= 0; i-- {
		s.line(left[i].x, left[i].y)
	}
	c.draw(s, p)
}

// reflect mirrors what is above a horizon into the water below it, broken by ripples that get longer
// towards the viewer. The paint tints the water.
func reflect(c *canvas, d dice, horizon, calm float32, tint paint) {
	n, m := d.noise(), d.noise()
	h := max(floor(horizon*float32(c.h)), 1)
	source := make([]float32, 4*c.w*h)
	copy(source, c.pix)
	unit := 1 / float32(c.h)
	c.rows(h, c.h, func(y int, row []float32) {
		fy := (float32(y) + 0.5) * unit
		depth := max(fy-horizon, 0)
		near := depth/(1-horizon) + 0.02
		for x := range c.w {
			fx := (float32(x) + 0.5) * unit
			wave := n.planes(fx*8/(near+0.12), depth*130/(near+0.28), 2)
			wave += 0.45 * m.plane(fx*30/(near+0.2), depth*330/(near+0.3))
			sy := horizon - depth*0.92 - abs(wave)*calm*near*2 - 2*unit
			sx := fx + wave*calm*near*0.35
			j := min(max(floor(sy*float32(c.h)), 0), h-1)
			i := min(max(floor(sx*float32(c.h)), 0), c.w-1)
			q := source[4*(j*c.w+i) : 4*(j*c.w+i)+4]
			p := row[4*x : 4*x+4 : 4*x+4]
			shimmer := 1 + wave*0.22*clamp(near*3)
			p[0], p[1], p[2], p[3] = q[0]*shimmer, q[1]*shimmer, q[2]*shimmer, 1
			col, a := tint(fx, fy)
			put(p, col, a)
		}
	})
}

// glitter paints the broken reflection of a light at x on water from a horizon down.
func glitter(c *canvas, d dice, x, horizon, width float32, col rgb, strength float32) {
	n := d.noise()
	c.fill(horizon, 1, func(px, y float32) (rgb, float32) {
		depth := max(y-horizon, 0) / (1 - horizon)
		spread := width * (0.35 + 1.4*depth)
		dx := (px - x) / spread
		if dx*dx > 4 {
			return col, 0
		}
		v := n.planes(px*24/(depth+0.28), (y-horizon)*230/(depth+0.35), 2)
		a := exp(-dx*dx*1.4) * smooth(0.02, 0.42, v+0.16*exp(-dx*dx*3)) * (1 - 0.55*depth)
		return col, a * strength
	})
}

// birds paints a few distant birds around a place.
func birds(c *canvas, d dice, x, y float32, n int, col rgb) {
	for range n {
		bx, by := x+d.between(-0.16, 0.16), y+d.between(-0.07, 0.07)
		s := d.between(0.006, 0.013)
		lift := s * d.between(0.35, 0.8)
		w := s * 0.16
		c.draw(stroke(bx-s, by-lift*0.3, bx-s*0.5, by-lift*1.3, bx, by, w*0.4, w), solid(col))
		c.draw(stroke(bx, by, bx+s*0.5, by-lift*1.3, bx+s, by-lift*0.3, w, w*0.4), solid(col))
	}
}

// bokeh scatters soft round lights.
func bokeh(c *canvas, d dice, n int, x0, y0, x1, y1, small, large, strength float32, colours ...rgb) {
	for range n {
		x, y := d.between(x0, x1), d.between(y0, y1)
		r := small + (large-small)*d.Float32()*d.Float32()
		col := pick(d, colours...)
		a := strength * d.between(0.35, 1)
		c.disc(x, y, r, 0.18, func(px, py float32) (rgb, float32) {
			t := sqrt((px-x)*(px-x)+(py-y)*(py-y)) / r
			return col, a * (0.55 + 0.45*t*t) // lenses make the rim a little brighter
		})
	}
}

// grass paints blades along a line.
func grass(c *canvas, d dice, n int, y, height, spread float32, dark, light rgb) {
	for range n {
		x := d.between(-0.05, c.wide+0.05)
		h := height * d.between(0.4, 1.1)
		foot := y + d.between(0, spread)
		lean := d.between(-0.5, 0.5) * h
		col := mix(dark, light, d.Float32())
		c.draw(stroke(x, foot, x+lean*0.2, foot-h*0.6, x+lean, foot-h, h*0.05, h*0.008), solid(col))
	}
}

// smoke rises from a chimney and drifts.
func smoke(c *canvas, d dice, x, y, size float32, col rgb, strength float32) {
	drift := d.between(-0.5, 0.7)
	for i := range 14 {
		t := float32(i) / 13
		px := x + size*(drift*t*t+0.07*sin(t*9+drift))
		c.glow(px, y-size*t, size*(0.05+0.16*t), col, strength*(1-t)*0.5)
	}
}
