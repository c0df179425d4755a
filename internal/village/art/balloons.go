package art

import "slices"

// balloons drift over a valley in the morning.
func balloons(c *canvas, d dice) {
	sky := pick(d,
		[]stop{{0, hex(0x5f9fd3)}, {0.45, hex(0xb9d8e2)}, {0.75, hex(0xfdeccb)}, {1, hex(0xffdfb0)}},
		[]stop{{0, hex(0x7487c0)}, {0.4, hex(0xd0b6cc)}, {0.7, hex(0xffd3b5)}, {1, hex(0xffe4bd)}},
		[]stop{{0, hex(0x4a8fb8)}, {0.5, hex(0xa8d5d0)}, {0.8, hex(0xf8efc4)}, {1, hex(0xfde3a5)}})
	sunX := c.wide * d.between(0.15, 0.85)
	sun := hex(0xfff6d8)
	c.fill(0, 1, func(_, y float32) (rgb, float32) { return gradient(y/0.72, sky...), 1 })
	streaks(c, d, 0.05, 0.5, hex(0xfff5ea), mix(sky[1].c, hex(0xffffff), 0.3), 0.05)
	c.glow(sunX, 0.62, 0.9, sun, 0.6)
	birds(c, d, c.wide*d.between(0.2, 0.8), 0.4, 3, hex(0x46506a))
	all := balloonsIn(d, c.wide)
	for _, b := range all[:3] {
		b.draw(c, gradient(0.9, sky...), 0.45)
	}
	near := pick(d, hex(0x2c5b48), hex(0x3a5a35), hex(0x2d5458))
	mistNoise := d.noise()
	const layers = 5
	for i := range layers {
		t := float32(i) / (layers - 1)
		n := d.noise()
		base := 0.68 + 0.24*t
		line := func(x float32) float32 { return base - (0.05+0.03*t)*n.lines(x*(2.4-t), 5)*1.7 }
		top := mix(mix(sky[2].c, sky[0].c, 0.45), near, 0.15+0.85*t)
		c.below(line, min(base+0.2, 1), func(x, y, depth float32) (rgb, float32) {
			lit := exp(-(x-sunX)*(x-sunX)*2.5) * 0.3 * (1 - 0.5*t)
			return mix(top, sky[2].c, clamp(depth*4)*0.5*(1-t)+lit*0.5), 1
		})
		if i > 0 {
			for range 60 + 40*i {
				x := d.between(0, c.wide)
				if n.line(x*4+20) < 0 {
					continue
				}
				h := (0.008 + 0.026*t) * d.between(0.6, 1.2)
				h *= d.between(0.6, 1.2)
				foot := line(x) + h*d.between(-0.1, 0.35)
				col := top.times(d.between(0.8, 0.95))
				c.draw(oval(x, foot-h*0.4, h*d.between(0.42, 0.62), h*0.75, 0), vertical(foot-h, foot+h*0.3, mix(col, sky[2].c, 0.16), col.times(0.82)))
			}
		}
		if i < layers-1 { // morning mist in the valley
			c.fill(base-0.04, base+0.1, func(x, y float32) (rgb, float32) {
				v := (y - base - 0.03) / 0.045
				return hex(0xfff3e2), exp(-v*v) * 0.42 * (0.55 + 0.6*mistNoise.planes(x*2.2+float32(i)*9, y*16, 2))
			})
		}
	}
	for i, b := range all[3:] {
		b.draw(c, gradient(0.9, sky...), 0.22*(1-float32(i)/5))
	}
}

// balloon is one hot-air balloon.
type balloon struct {
	x, y, size float32
	colours    [3]rgb
	pattern    int
}

// balloonsIn places balloons so that they cover one another as little as possible, and returns them from the
// far and small ones to the near ones.
func balloonsIn(d dice, wide float32) []balloon {
	palettes := [][3]rgb{
		{hex(0xd94f3d), hex(0xf6c453), hex(0xfdf3dc)},
		{hex(0x2f7f8f), hex(0xf2e3c0), hex(0xe58f4e)},
		{hex(0x6d4b8d), hex(0xf09f9c), hex(0xfbe3c4)},
		{hex(0x2e5f9e), hex(0xfafafa), hex(0xe04f4f)},
		{hex(0xe2843c), hex(0xfce8b8), hex(0xb03d48)},
		{hex(0x3f8f5c), hex(0xf4efc3), hex(0xf2b13d)},
	}
	d.Shuffle(len(palettes), func(i, j int) { palettes[i], palettes[j] = palettes[j], palettes[i] })
	sizes := []float32{0.035, 0.045, 0.055, 0.085, 0.12, 0.2}
	var all []balloon
	for i, size := range slices.Backward(sizes) { // the large ones leave the least choice
		best, bestGap := balloon{}, float32(-1)
		for range 40 {
			b := balloon{size: size * d.between(0.9, 1.15), colours: palettes[i], pattern: d.IntN(3)}
			b.x = d.between(b.size*1.05, wide-b.size*1.05)
			b.y = d.between(0.04+b.size, 0.42)
			if i < 3 {
				b.y = d.between(0.24, 0.52)
			}
			gap := float32(9)
			for _, o := range all {
				dx, dy := (o.x-b.x)/(o.size+b.size), (o.y-b.y)/(1.35*(o.size+b.size))
				gap = min(gap, sqrt(dx*dx+dy*dy))
			}
			if gap > bestGap {
				best, bestGap = b, gap
			}
			if gap > 1.6 {
				break
			}
		}
		all = append(all, best)
	}
	slices.Reverse(all)
	return all
}

func (b balloon) draw(c *canvas, haze rgb, fog float32) {
	r := b.size
	envelope := new(path)
	x, y := b.x, b.y
	envelope.move(x, y-r).cube(x+r*0.62, y-r, x+r, y-r*0.52, x+r, y)
	envelope.cube(x+r, y+r*0.55, x+r*0.42, y+r*0.85, x+r*0.2, y+r*1.28).line(x-r*0.2, y+r*1.28)
	envelope.cube(x-r*0.42, y+r*0.85, x-r, y+r*0.55, x-r, y).cube(x-r, y-r*0.52, x-r*0.62, y-r, x, y-r)
	for _, side := range []float32{-1, 1} {
		c.draw(stroke(x+side*r*0.17, y+r*1.27, x+side*r*0.15, y+r*1.4, x+side*r*0.12, y+r*1.58, r*0.018, r*0.018), solid(mix(hex(0x4a3b32), haze, fog)))
	}
	const gores = 12
	c.draw(envelope, func(px, py float32) (rgb, float32) {
		v := (py - y) / r
		half := float32(1)
		switch {
		case v < 0:
			half = sqrt(max(1-v*v, 0.001))
		case v < 1.28:
			half = max(0.2, 1-0.62*pow(v/1.28, 1.7)-0.18*v/1.28)
		}
		u := min(max((px-x)/(r*half), -1), 1)
		// The gores are equally wide around, so they narrow towards the rims.
		turn := (asin(u)/pi + 0.5) * gores
		k := floor(turn)
		var col rgb
		switch b.pattern {
		case 0:
			col = b.colours[k&1]
		case 1:
			col = b.colours[0]
			if v > -0.3 && v < 0.35 {
				col = b.colours[1+k&1]
			}
		default:
			zigzag := abs(turn-float32(k)-0.5)*0.5 + v
			switch {
			case zigzag < -0.2:
				col = b.colours[0]
			case zigzag < 0.25:
				col = b.colours[1]
			case zigzag < 0.6:
				col = b.colours[2]
			default:
				col = b.colours[0]
			}
		}
		seam := 1 - 0.13*smooth(0.1, 0, min(turn-float32(k), float32(k)+1-turn))
		light := 0.78 + 0.42*smooth(1.5, -0.4, sqrt((u+0.42)*(u+0.42)+(v+0.5)*(v+0.5)*0.7))
		return mix(col.times(seam*light), haze, fog), 1
	})
	basket := rounded(x-r*0.13, y+r*1.56, r*0.26, r*0.2, r*0.04)
	c.draw(basket, vertical(y+r*1.56, y+r*1.76, mix(hex(0xa8743f), haze, fog), mix(hex(0x5f3d22), haze, fog)))
	c.glow(x, y+r*1.36, r*0.3, hex(0xffb84a), 0.5*(1-fog))
}
