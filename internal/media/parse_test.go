package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	xdraw "golang.org/x/image/draw"
	"pgregory.net/rapid"
)

func TestExifOrientation(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for want := range 12 {
			got := exifOrientation(exif(order, uint16(want), "somewhere"))
			if want < 1 || want > 8 {
				want = upright
			}
			if got != want {
				t.Errorf("%v: %d, want %d", order, got, want)
			}
		}
	}
	good := exif(binary.BigEndian, 6, "")
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	const second = 8 + 2 + 12 // the entry of the orientation
	for name, data := range map[string][]byte{
		"none": nil, "short": good[:7], "no magic": change(0, 'X'), "no 42": change(3, 0), "offset beyond": change(4, 0xff),
		"offset at the end": change(4, 0, 0, 0, byte(len(good))), "cut in the entry": good[:second+4],
		"as a long": change(second+3, 4), "two values": change(second+7, 2), "no entries": change(8, 0, 0),
	} {
		if got := exifOrientation(data); got != upright {
			t.Errorf("%s: %d", name, got)
		}
	}
}

func FuzzExifOrientation(f *testing.F) {
	f.Add(exif(binary.LittleEndian, 6, "x"))
	f.Add(exif(binary.BigEndian, 3, ""))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := exifOrientation(data); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
	})
}

// profileBytes builds a profile from primaries and one curve.
func profileBytes(primaries [3][3]float64, curve []byte) []byte {
	b := make([]byte, 128)
	copy(b[16:], "RGB XYZ ")
	copy(b[36:], "acsp")
	names := []string{"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"}
	b = binary.BigEndian.AppendUint32(b, uint32(len(names)))
	start := len(b) + 12*len(names)
	for i, name := range names {
		offset, size := start+20*min(i, 3), 20
		if i >= 3 {
			size = len(curve)
		}
		b = append(b, name...)
		b = binary.BigEndian.AppendUint32(b, uint32(offset))
		b = binary.BigEndian.AppendUint32(b, uint32(size))
	}
	for _, p := range primaries {
		b = append(b, "XYZ \x00\x00\x00\x00"...)
		for _, v := range p {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v*65536)))
		}
	}
	return append(b, curve...)
}

func gammaCurve(g float64) []byte {
	b := append([]byte("curv\x00\x00\x00\x00"), 0, 0, 0, 1)
	return append(binary.BigEndian.AppendUint16(b, uint16(g*256)), 0, 0)
}

func parametric(kind uint16, params ...float64) []byte {
	b := binary.BigEndian.AppendUint16([]byte("para\x00\x00\x00\x00"), kind)
	b = append(b, 0, 0)
	for _, p := range params {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(p*65536)))
	}
	return b
}

// The primaries of sRGB and of Adobe RGB (1998), adapted to D50, as their profiles list them.
var (
	srgbPrimaries  = [3][3]float64{{0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}}
	adobePrimaries = [3][3]float64{{0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}}
)

func TestProfiles(t *testing.T) {
	srgbCurve := parametric(3, 2.4, 1/1.055, 0.055/1.055, 1/12.92, 0.04045)
	if parseProfile(profileBytes(srgbPrimaries, srgbCurve)) != nil {
		t.Error("sRGB is not recognised as itself")
	}
	adobe := parseProfile(profileBytes(adobePrimaries, gammaCurve(2.19921875)))
	if adobe == nil {
		t.Fatal("Adobe RGB was not understood")
	}
	// sRGB's green has about this value in Adobe RGB; what it comes back as must be green again.
	r := &raster{w: 3, h: 1, step: 4, planes: [][]uint8{{144, 255, 60, 255, 0, 0, 0, 255, 128, 128, 128, 255}}}
	adobe.apply(r)
	near(t, r.image(), 0, 0, color.RGBA{0, 255, 0, 255}, 3)
	near(t, r.image(), 1, 0, color.RGBA{0, 0, 0, 255}, 0)
	near(t, r.image(), 2, 0, color.RGBA{128, 128, 128, 255}, 2)

	table := append([]byte("curv\x00\x00\x00\x00"), 0, 0, 0, 3, 0, 0, 0x40, 0, 0xff, 0xff)
	for name, curve := range map[string][]byte{
		"gamma 1.8": gammaCurve(1.8), "linear": append([]byte("curv\x00\x00\x00\x00"), 0, 0, 0, 0), "table": table,
		"type 0": parametric(0, 2), "type 1": parametric(1, 2, 1, 0), "type 2": parametric(2, 2, 1, 0, 0.01),
		"type 4": parametric(4, 2.4, 1, 0, 0.1, 0.04, 0.01, 0),
	} {
		c := parseProfile(profileBytes(srgbPrimaries, curve))
		if c == nil {
			t.Errorf("%s was not understood", name)
			continue
		}
		if !(c.linear[0][255] > 0.95 && c.linear[0][0] < 0.05 && c.linear[1][128] > c.linear[1][64]) {
			t.Errorf("%s: %v %v %v", name, c.linear[0][0], c.linear[0][128], c.linear[0][255])
		}
	}
	good := profileBytes(adobePrimaries, gammaCurve(2.2))
	for name, data := range map[string][]byte{
		"none": nil, "cut in the header": good[:100], "cut in the tags": good[:150], "cut in the data": good[:len(good)-20],
		"CMYK": bytes.Replace(good, []byte("RGB "), []byte("CMYK"), 1), "no signature": bytes.Replace(good, []byte("acsp"), []byte("xxxx"), 1),
		"no red": bytes.Replace(good, []byte("rXYZ"), []byte("xXYZ"), 1), "no curve": bytes.Replace(good, []byte("gTRC"), []byte("xTRC"), 1),
		"unknown curve":     profileBytes(adobePrimaries, parametric(9, 1)),
		"short parameters":  profileBytes(adobePrimaries, parametric(4, 1, 2)),
		"table of billions": profileBytes(adobePrimaries, append([]byte("curv\x00\x00\x00\x00"), 0xff, 0xff, 0xff, 0xff)),
		"not a number":      profileBytes(adobePrimaries, parametric(3, 0.5, -10, -10, 1, 0)),
	} {
		if parseProfile(data) != nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzProfile(f *testing.F) {
	f.Add(profileBytes(adobePrimaries, gammaCurve(2.2)))
	f.Add(profileBytes(srgbPrimaries, parametric(3, 2.4, 1, 0, 0.1, 0.04)))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := parseProfile(data)
		if c == nil {
			return
		}
		for channel := range c.linear {
			for _, v := range c.linear[channel] {
				if math.IsNaN(float64(v)) || v < 0 || v > 1 {
					t.Fatalf("light of %v", v)
				}
			}
		}
		c.apply(&raster{w: 2, h: 1, step: 4, planes: [][]uint8{{255, 255, 255, 255, 0, 128, 255, 255}}})
	})
}

// FuzzPrepare feeds anything to the whole way, within limits that keep it quick.
func FuzzPrepare(f *testing.F) {
	f.Add(encodeJPEG(f, scenery(60, 40), 70))
	f.Add(insertSegments(encodeJPEG(f, scenery(20, 30), 70), exifSegment(6, canary)))
	f.Add(encodePNG(f, quarters(30, 20)))
	f.Add(progressiveJPEG(64, 64))
	for _, name := range []string{"bars-lossy.webp", "bars-alpha.webp", "bars-lossless.webp", "p3.jpg", "p3.png"} {
		f.Add(readTestdata(f, name))
	}
	f.Add([]byte("GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x02\x84\x51\x00;"))
	limits := Limits{Bytes: 1 << 20, Side: 256, Pixels: 256 * 256}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Prepare(t.Context(), bytes.NewReader(data), limits)
		if err != nil {
			if Explain(err) == "" {
				t.Fatalf("no words for %v", err)
			}
			return
		}
		checkRenditions(t, r)
		if _, err := Portrait(t.Context(), bytes.NewReader(data), limits); err != nil {
			t.Fatalf("a portrait of a good picture: %v", err)
		}
	})
}

func rgbSource(m *image.RGBA) []source {
	return []source{{w: m.Rect.Dx(), h: m.Rect.Dy(), dx: 1, dy: 1, step: 4, row: func(y int) []byte {
		return m.Pix[y*m.Stride : (y+1)*m.Stride]
	}}}
}

func TestResampleAgainstReference(t *testing.T) {
	src := scenery(400, 300)
	for _, size := range []image.Point{{200, 150}, {399, 299}, {133, 71}, {40, 290}, {800, 600}, {1, 1}} {
		want := image.NewRGBA(image.Rectangle{Max: size})
		xdraw.CatmullRom.Scale(want, want.Rect, src, src.Rect, draw.Src, nil)
		got := resample(rgbSource(src), part{0, 0, 400, 300}, size.X, size.Y)
		worst := 0
		for i, v := range got.planes[0] {
			d := int(v) - int(want.Pix[i])
			worst = max(worst, d, -d)
		}
		if worst > 2 {
			t.Errorf("%v: off by %d", size, worst)
		}
	}
}

func TestResampleKeepsFlatAreasAndOriginals(t *testing.T) {
	src := noise(57, 43)
	same := resample(rgbSource(src), part{0, 0, 57, 43}, 57, 43)
	if !bytes.Equal(same.planes[0], src.Pix) {
		t.Error("a picture that keeps its size changed")
	}
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(t, "w"), rapid.IntRange(1, 90).Draw(t, "h")
		dw, dh := rapid.IntRange(1, 90).Draw(t, "dw"), rapid.IntRange(1, 90).Draw(t, "dh")
		v := rapid.Byte().Draw(t, "v")
		dx := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "dx")
		line := bytes.Repeat([]byte{v}, (w+dx-1)/dx)
		s := source{w: len(line), h: h, dx: float64(dx), dy: 1, step: 1, row: func(y int) []byte {
			if y < 0 || y >= h {
				t.Fatalf("row %d of %d", y, h)
			}
			return line
		}}
		square := float64(min(w, h))
		p := rapid.SampledFrom([]part{{0, 0, float64(w), float64(h)},
			{(float64(w) - square) / 2, (float64(h) - square) / 2, square, square}}).Draw(t, "part")
		out := resample([]source{s}, p, dw, dh)
		for i, got := range out.planes[0] {
			if got != v {
				t.Fatalf("sample %d of a flat picture is %d, want %d", i, got, v)
			}
		}
	})
}

func TestDecoderPanicsAreDamage(t *testing.T) {
	_, err := decodeAs(formatPNG, panicking{})
	if err == nil {
		t.Fatal("no error")
	}
	refused(t, "panic", explainDecoding(err), ErrDamaged)
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic(errors.New("index out of range")) }

func BenchmarkPrepare12MP(b *testing.B) {
	data := encodeJPEG(b, scenery(4032, 3024), 90)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		prepare(b, data)
	}
}

func BenchmarkLimitDecode12MP(b *testing.B) {
	data := encodeJPEG(b, scenery(4032, 3024), 90)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := decodeAs(formatJPEG, bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckScreen(b *testing.B) {
	r := prepare(b, encodeJPEG(b, scenery(2048, 1536), 90))
	b.SetBytes(int64(len(r.Screen.Data)))
	for b.Loop() {
		if _, err := Check(bytes.NewReader(r.Screen.Data), TypeJPEG, ScreenLimits); err != nil {
			b.Fatal(err)
		}
	}
}
