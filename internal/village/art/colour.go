package art

import "math"

// rgb is a colour, each channel from 0 (dark) to 1, as encoded in sRGB. Light that is added may exceed 1
// until the picture is finished.
type rgb [3]float32

// hex returns the colour 0xRRGGBB.
func hex(v uint32) rgb {
	return rgb{float32(v>>16&255) / 255, float32(v>>8&255) / 255, float32(v&255) / 255}
}

func mix(a, b rgb, t float32) rgb {
	return rgb{a[0] + (b[0]-a[0])*t, a[1] + (b[1]-a[1])*t, a[2] + (b[2]-a[2])*t}
}

func (c rgb) times(k float32) rgb { return rgb{c[0] * k, c[1] * k, c[2] * k} }

func (c rgb) plus(d rgb, k float32) rgb {
	return rgb{c[0] + d[0]*k, c[1] + d[1]*k, c[2] + d[2]*k}
}

// stop is a colour at a place of a gradient.
type stop struct {
	at float32
	c  rgb
}

// gradient returns the colour at t of stops in ascending order, eased between them so that no edge shows.
func gradient(t float32, stops ...stop) rgb {
	if t <= stops[0].at {
		return stops[0].c
	}
	for i := 1; i < len(stops); i++ {
		if t < stops[i].at {
			a, b := stops[i-1], stops[i]
			return mix(a.c, b.c, ease((t-a.at)/(b.at-a.at)))
		}
	}
	return stops[len(stops)-1].c
}

// ease lies between the straight line and smoothstep.
func ease(t float32) float32 { return t * (0.4 + t*(1.8-1.2*t)) }

// smooth rises from 0 at a to 1 at b without a corner; it falls if b < a.
func smooth(a, b, v float32) float32 {
	t := clamp((v - a) / (b - a))
	return t * t * (3 - 2*t)
}

func clamp(v float32) float32 { return min(max(v, 0), 1) }

func abs(v float32) float32 { return float32(math.Abs(float64(v))) }

func sqrt(v float32) float32 { return float32(math.Sqrt(float64(v))) }

func sin(v float32) float32 { return float32(math.Sin(float64(v))) }

func cos(v float32) float32 { return float32(math.Cos(float64(v))) }

func asin(v float32) float32 { return float32(math.Asin(float64(v))) }

func exp(v float32) float32 { return float32(math.Exp(float64(v))) }

func pow(v, e float32) float32 { return float32(math.Pow(float64(v), float64(e))) }

func floor(v float32) int {
	i := int(v)
	if float32(i) > v {
		i--
	}
	return i
}

const pi = float32(math.Pi)
