package media

import (
	"encoding/binary"
	"math"
)

// colourMap brings colours of another RGB space to sRGB.
type colourMap struct {
	linear [3][256]float32 // from an encoded sample of each channel to light
	matrix [3][3]float32   // from the space's red, green, blue to those of sRGB
}

// Bounds of what is read from a profile.
const (
	maxProfileTags = 100  // those of cameras and phones have a dozen
	maxCurvePoints = 4096 // as many as any profile maker writes
)

// parseProfile reads the red, green and blue primaries and curves from an ICC profile (ICC.1:2022, the
// "matrix/TRC" kind, which phones, cameras and screens use). It returns nil for sRGB, for other kinds and for
// damaged profiles: then the colours stay as they are, which is what programs without colour management show.
func parseProfile(profile []byte) *colourMap {
	const header, tagSize = 128, 12
	if len(profile) < header+4 || string(profile[36:40]) != "acsp" || string(profile[16:20]) != "RGB " {
		return nil
	}
	tags := make(map[string][]byte)
	count := min(binary.BigEndian.Uint32(profile[header:]), maxProfileTags)
	for i := range int(count) {
		entry := header + 4 + i*tagSize
		if entry+tagSize > len(profile) {
			return nil
		}
		offset := uint64(binary.BigEndian.Uint32(profile[entry+4:]))
		size := uint64(binary.BigEndian.Uint32(profile[entry+8:]))
		if offset+size > uint64(len(profile)) {
			return nil
		}
		tags[string(profile[entry:entry+4])] = profile[offset : offset+size]
	}
	var c colourMap
	var toXYZ [3][3]float64
	for i, name := range []string{"r", "g", "b"} {
		xyz, ok := parseXYZ(tags[name+"XYZ"])
		if !ok || !parseCurve(tags[name+"TRC"], &c.linear[i]) {
			return nil
		}
		for row := range 3 {
			toXYZ[row][i] = xyz[row]
		}
	}
	for row := range 3 {
		for column := range 3 {
			var sum float64
			for k := range 3 {
				sum += fromXYZ[row][k] * toXYZ[k][column]
			}
			c.matrix[row][column] = float32(sum)
		}
	}
	if c.isIdentity() {
		return nil
	}
	return &c
}

// fromXYZ brings CIE XYZ, adapted to the D50 white of profiles, to linear sRGB: the inverse of the primaries
// in IEC 61966-2-1 adapted by Bradford's method.
var fromXYZ = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// isIdentity reports whether nothing would change by more than the rounding of a sample.
func (c *colourMap) isIdentity() bool {
	for row := range 3 {
		for column := range 3 {
			want := float32(0)
			if row == column {
				want = 1
			}
			if math.Abs(float64(c.matrix[row][column]-want)) > 0.01 {
				return false
			}
		}
	}
	for i := range 256 {
		want := srgbToLight(float64(i) / 255)
		for channel := range 3 {
			if math.Abs(float64(c.linear[channel][i])-want) > 0.005 {
				return false
			}
		}
	}
	return true
}

func s15Fixed16(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// parseXYZ reads an XYZType with one element (ICC.1, 10.31).
func parseXYZ(tag []byte) (xyz [3]float64, ok bool) {
	if len(tag) < 20 || string(tag[:4]) != "XYZ " {
		return xyz, false
	}
	for i := range xyz {
		xyz[i] = s15Fixed16(tag[8+4*i:])
	}
	return xyz, true
}

// parseCurve reads a curveType or parametricCurveType (ICC.1, 10.6 and 10.18) into a table.
func parseCurve(tag []byte, table *[256]float32) bool {
	if len(tag) < 12 {
		return false
	}
	var f func(x float64) float64
	switch string(tag[:4]) {
	case "curv":
		f = sampledCurve(tag)
	case "para":
		f = parametricCurve(tag)
	}
	if f == nil {
		return false
	}
	for i := range table {
		v := f(float64(i) / 255)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
		table[i] = float32(min(max(v, 0), 1))
	}
	return true
}

func sampledCurve(tag []byte) func(float64) float64 {
	n := binary.BigEndian.Uint32(tag[8:])
	points := tag[12:]
	if n > maxCurvePoints || len(points) < 2*int(n) {
		return nil
	}
	switch n {
	case 0:
		return func(x float64) float64 { return x }
	case 1:
		gamma := float64(binary.BigEndian.Uint16(points)) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }
	}
	return func(x float64) float64 {
		at := x * float64(n-1)
		i := min(int(at), int(n)-2)
		a, b := binary.BigEndian.Uint16(points[2*i:]), binary.BigEndian.Uint16(points[2*i+2:])
		return (float64(a) + (at-float64(i))*(float64(b)-float64(a))) / 65535
	}
}

func parametricCurve(tag []byte) func(float64) float64 {
	kind := binary.BigEndian.Uint16(tag[8:])
	counts := []int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) || len(tag) < 12+4*counts[kind] {
		return nil
	}
	var p [7]float64 // g a b c d e f
	for i := range counts[kind] {
		p[i] = s15Fixed16(tag[12+4*i:])
	}
	g, a, b, c, d, e, f := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	switch kind {
	case 0:
		return func(x float64) float64 { return math.Pow(x, g) }
	case 1, 2: // a constant c beside the power; type 1 has none
		return func(x float64) float64 {
			if a*x+b < 0 {
				return c
			}
			return math.Pow(a*x+b, g) + c
		}
	}
	return func(x float64) float64 { // types 3 and 4: a straight piece below d
		if x < d {
			return c*x + f
		}
		return math.Pow(a*x+b, g) + e
	}
}

// srgbToLight and lightToSRGB are the curves of IEC 61966-2-1.
func srgbToLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func lightToSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// encodeSteps is the resolution of the table back from light to samples; with 4,096 steps and rounding no
// sample is off by more than one except in the deepest shadows.
const encodeSteps = 4096

var encodeTable = func() (t [encodeSteps + 1]uint8) {
	for i := range t {
		t[i] = clamp8(int(math.Round(255 * lightToSRGB(float64(i)/encodeSteps))))
	}
	return t
}()

// apply converts the pixels of an RGBX raster in place.
func (c *colourMap) apply(r *raster) {
	pix := r.planes[0]
	m := &c.matrix
	for i := 0; i+4 <= len(pix); i += 4 {
		p := pix[i : i+4 : i+4]
		red, green, blue := c.linear[0][p[0]], c.linear[1][p[1]], c.linear[2][p[2]]
		for k := range 3 {
			v := m[k][0]*red + m[k][1]*green + m[k][2]*blue
			p[k] = encodeTable[int(min(max(v, 0), 1)*encodeSteps+0.5)]
		}
	}
}
