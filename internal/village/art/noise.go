package art

import "math/rand/v2"

// dice is the source of everything accidental in one picture.
type dice struct{ *rand.Rand }

func newDice(motif string, seed uint64) dice {
	h := uint64(14695981039346656037) // FNV-1a, so that motifs differ under one seed
	for _, b := range []byte(motif) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return dice{rand.New(rand.NewPCG(seed, h))}
}

// between returns a number from a to b.
func (d dice) between(a, b float32) float32 { return a + (b-a)*d.Float32() }

// chance is true in p of all cases.
func (d dice) chance(p float32) bool { return d.Float32() < p }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// period is after how many units a noise repeats; with its 16 KiB the table stays in a processor's nearest
// cache.
const period = 64

// noise is smooth random variation in one or two dimensions, from -1 to 1, about one hill per unit.
type noise struct{ table *[period * period]float32 }

func (d dice) noise() noise {
	n := noise{new([period * period]float32)}
	for i := range n.table {
		n.table[i] = d.Float32()*2 - 1
	}
	return n
}

// lattice returns the value at a whole place.
func (n noise) lattice(x, y int) float32 {
	return n.table[(y&(period-1))*period|x&(period-1)]
}

func (n noise) line(x float32) float32 {
	i := floor(x)
	t := x - float32(i)
	t = t * t * (3 - 2*t)
	a, b := n.table[uint(i)%(period*period)], n.table[uint(i+1)%(period*period)]
	return a + (b-a)*t
}

func (n noise) plane(x, y float32) float32 {
	i, j := floor(x), floor(y)
	s, t := x-float32(i), y-float32(j)
	s, t = s*s*(3-2*s), t*t*(3-2*t)
	up, down := (j&(period-1))*period, ((j+1)&(period-1))*period
	left, right := i&(period-1), (i+1)&(period-1)
	a, b := n.table[up|left], n.table[up|right]
	c, d := n.table[down|left], n.table[down|right]
	a += (b - a) * s
	c += (d - c) * s
	return a + (c-a)*t
}

// lines adds octaves of line, each twice as fine and half as strong.
func (n noise) lines(x float32, octaves int) float32 {
	sum, k := float32(0), float32(0.5)
	for range octaves {
		sum += k * n.line(x)
		x, k = x*2.03+171, k/2
	}
	return sum
}

// planes adds octaves of plane.
func (n noise) planes(x, y float32, octaves int) float32 {
	sum, k := float32(0), float32(0.5)
	for range octaves {
		sum += k * n.plane(x, y)
		x, y, k = x*2.03+17.3, y*2.03+31.7, k/2
	}
	return sum
}

// speck returns a value from -1 to 1 for one pixel, without any pattern; for grain.
func speck(seed uint32, x, y int) float32 {
	h := seed ^ uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca6b
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return float32((h^h>>15)>>8)/(1<<23) - 1
}
