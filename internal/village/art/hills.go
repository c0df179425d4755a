package art

// hills are layered hills when the sun is low.
func hills(c *canvas, d dice) {
	type mood struct {
		sky        []stop
		far, near  rgb
		sun, cloud rgb
	}
	m := pick(d,
		mood{ // dusk
			sky: []stop{{0, hex(0x33446f)}, {0.28, hex(0x7f6d9b)}, {0.45, hex(0xd58b8f)}, {0.58, hex(0xf8b987)}, {0.7, hex(0xffe2ae)}},
			far: hex(0xd9998f), near: hex(0x241c38), sun: hex(0xfff0cc), cloud: hex(0xf7b7a3),
		},
		mood{ // golden morning
			sky: []stop{{0, hex(0x6d9cc9)}, {0.3, hex(0xa9c3d6)}, {0.5, hex(0xf3dfb8)}, {0.68, hex(0xffd894)}},
			far: hex(0xc9bfa4), near: hex(0x22352c), sun: hex(0xfffbe6), cloud: hex(0xfff0d8),
		},
		mood{ // last light
			sky: []stop{{0, hex(0x1c2a4d)}, {0.3, hex(0x3d5587)}, {0.5, hex(0x9585ab)}, {0.63, hex(0xf0a58f)}, {0.7, hex(0xffcf9e)}},
			far: hex(0x9a82a2), near: hex(0x101a2e), sun: hex(0xffe7c4), cloud: hex(0xdd9aa0),
		})
	sunX, sunY := c.wide*d.between(0.25, 0.75), d.between(0.42, 0.5)
	c.fill(0, 1, func(x, y float32) (rgb, float32) { return gradient(y, m.sky...), 1 })
	streaks(c, d, 0.04, 0.5, m.cloud, mix(m.cloud, m.sky[0].c, 0.55), 0.25)
	c.glow(sunX, sunY, 1.1, m.sun, 0.32)
	c.glow(sunX, sunY, 0.35, m.sun, 0.4)
	c.disc(sunX, sunY, 0.036, 0.12, solid(m.sun.times(1.12)))

	const layers = 6
	for i := range layers {
		t := float32(i) / (layers - 1)
		base := 0.5 + 0.4*pow(t, 1.15)
		high := 0.05 + 0.055*t
		n := d.noise()
		scale := 2.6 - 1.3*t
		line := func(x float32) float32 {
			return base - high*(n.lines(x*scale+3, 5)*1.6) + 0.012*sin(x*7+float32(i)*2)
		}
		top := mix(m.far, m.near, pow(t, 0.8))
		mist := mix(top, gradient(0.62, m.sky...), 0.55*(1-t))
		light := m.sun
		texture := d.noise()
		c.below(line, min(base+0.26, 1), func(x, y, _ float32) (rgb, float32) {
			depth := y - base + high
			col := mix(top, mist, clamp(depth*4.5))
			near := exp(-(x - sunX) * (x - sunX) * 5)
			col = col.plus(light, 0.13*near*(1-t)*exp(-depth*9))
			return col.times(1 + 0.05*texture.plane(x*31, y*70)*t), 1
		})
		if i >= 3 {
			trees := 10 + 26*i
			for range trees {
				x := d.between(-0.05, c.wide+0.05)
				if n.line(x*3.1+50) < -0.15 {
					continue // clearings
				}
				h := (0.016 + 0.05*t*t) * d.between(0.5, 1.25)
				spruce(c, d, x, line(x)+h*0.12, h, solid(top.times(0.93)))
			}
		}
	}
	birds(c, d, sunX+d.between(-0.3, 0.3), 0.24, 4+d.IntN(5), mix(m.near, m.far, 0.25))
}
