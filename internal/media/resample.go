package media

import "math"

// Resampling is separable, with the Catmull-Rom kernel widened when a picture shrinks, in fixed-point
// arithmetic on the encoded (gamma) values. Rows of the source are asked for one after another from top to
// bottom and only as many are kept as the kernel is high, so that a picture of 100 megapixels
// needs no more room to shrink than one of 12.

const (
	weightBits = 14 // of a weight's fraction
	middleBits = 6  // of the fraction that is kept between the two passes: 8+6 bits and the overshoot fit int16
)

// window says which samples of the source make one sample of the result: sum of weights[i] × source[start+i].
type window struct {
	start   int
	weights []int32
}

// windows returns the windows of n samples that cover the part [from, from+extent) of size source samples.
func windows(n, size int, from, extent float64) []window {
	scale := extent / float64(n)
	stretch := max(scale, 1)
	out := make([]window, n)
	for i := range out {
		centre := from + (float64(i)+0.5)*scale - 0.5
		first := max(int(math.Ceil(centre-2*stretch)), 0)
		last := min(int(math.Floor(centre+2*stretch)), size-1)
		if first > last { // the part lies half a sample outside, as that of subsampled chroma may
			first = min(max(int(math.Round(centre)), 0), size-1)
			last = first
		}
		out[i] = makeWindow(first, last, centre, stretch)
	}
	return out
}

// makeWindow weighs the samples first to last around centre. The weights sum up to exactly one, so that flat
// areas keep their colour.
func makeWindow(first, last int, centre, stretch float64) window {
	raw := make([]float64, last-first+1)
	sum := 0.0
	for i := range raw {
		raw[i] = catmullRom((float64(first+i) - centre) / stretch)
		sum += raw[i]
	}
	if sum < 0.01 { // only a sample at the very edge of the kernel is left
		raw, sum = []float64{1}, 1
	}
	w := window{start: first, weights: make([]int32, len(raw))}
	rest, largest := int32(1<<weightBits), 0
	for i, v := range raw {
		w.weights[i] = int32(math.Round(v / sum * (1 << weightBits)))
		rest -= w.weights[i]
		if w.weights[i] > w.weights[largest] {
			largest = i
		}
	}
	w.weights[largest] += rest
	for len(w.weights) > 1 && w.weights[0] == 0 {
		w.start, w.weights = w.start+1, w.weights[1:]
	}
	for len(w.weights) > 1 && w.weights[len(w.weights)-1] == 0 {
		w.weights = w.weights[:len(w.weights)-1]
	}
	return w
}

// catmullRom is the cubic kernel with B = 0, C = ½ (Mitchell and Netravali, 1988).
func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// part is a rectangle of a picture in its pixels.
type part struct{ x, y, w, h float64 }

// resample scales a part of the picture to w × h pixels.
func resample(planes []source, p part, w, h int) *raster {
	out := &raster{w: w, h: h, step: planes[0].step}
	for _, s := range planes {
		out.planes = append(out.planes, s.resample(p, w, h))
	}
	return out
}

func (s *source) resample(p part, w, h int) []uint8 {
	across := windows(w, s.w, p.x/s.dx, p.w/s.dx)
	down := windows(h, s.h, p.y/s.dy, p.h/s.dy)
	width := w * s.step
	highest := 0
	for _, v := range down {
		highest = max(highest, len(v.weights))
	}
	ring := make([][]int16, highest)
	for i := range ring {
		ring[i] = make([]int16, width)
	}
	out := make([]uint8, width*h)
	sums := make([]int32, width)
	next := 0 // the first row of the source that has not been scaled across
	for y, v := range down {
		for end := v.start + len(v.weights); next < end; next++ {
			if next < v.start {
				continue // no row of the result needs it
			}
			line := ring[next%highest]
			if s.step == 1 {
				acrossOne(line, s.row(next), across)
			} else {
				acrossFour(line, s.row(next), across)
			}
		}
		clear(sums)
		for i, weight := range v.weights {
			line := ring[(v.start+i)%highest][:len(sums)]
			for x, value := range line {
				sums[x] += weight * int32(value)
			}
		}
		line := out[y*width : (y+1)*width]
		for x, sum := range sums {
			line[x] = round8(sum, weightBits+middleBits)
		}
	}
	return out
}

// round8 rounds a fixed-point number to a sample.
func round8(v int32, fraction uint) uint8 {
	v = (v + 1<<(fraction-1)) >> fraction
	if uint32(v) > 255 {
		if v < 0 {
			return 0
		}
		return 255
	}
	return uint8(v)
}

func acrossOne(line []int16, row []byte, across []window) {
	for x := range line {
		w := &across[x]
		samples := row[w.start:]
		var sum int32
		for i, weight := range w.weights {
			sum += weight * int32(samples[i])
		}
		line[x] = int16((sum + 1<<(weightBits-middleBits-1)) >> (weightBits - middleBits))
	}
}

// acrossFour scales rows of RGBX and leaves X alone.
func acrossFour(line []int16, row []byte, across []window) {
	const half, shift = 1 << (weightBits - middleBits - 1), weightBits - middleBits
	for x := range across {
		w := &across[x]
		samples := row[4*w.start:]
		var r, g, b int32
		for i, weight := range w.weights {
			p := samples[4*i : 4*i+3 : 4*i+3]
			r += weight * int32(p[0])
			g += weight * int32(p[1])
			b += weight * int32(p[2])
		}
		l := line[4*x : 4*x+4 : 4*x+4]
		l[0], l[1], l[2], l[3] = int16((r+half)>>shift), int16((g+half)>>shift), int16((b+half)>>shift), 255<<middleBits
	}
}
