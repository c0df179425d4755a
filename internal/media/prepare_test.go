package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPrepareSizes(t *testing.T) {
	for _, c := range []struct{ w, h, sw, sh, tw, th int }{
		{2400, 1800, 2048, 1536, 480, 360},
		{1800, 2400, 1536, 2048, 360, 480},
		{2048, 2048, 2048, 2048, 480, 480},
		{2049, 10, 2048, 10, 480, 2},
		{480, 20, 480, 20, 480, 20},
		{300, 200, 300, 200, 300, 200},
		{5000, 3, 2048, 1, 480, 1},
		{1, 1, 1, 1, 1, 1},
	} {
		r := prepare(t, encodeJPEG(t, image.NewGray(image.Rect(0, 0, c.w, c.h)), 90))
		if r.Screen.Width != c.sw || r.Screen.Height != c.sh || r.Thumb.Width != c.tw || r.Thumb.Height != c.th {
			t.Errorf("%d × %d becomes %d × %d and %d × %d, want %d × %d and %d × %d", c.w, c.h,
				r.Screen.Width, r.Screen.Height, r.Thumb.Width, r.Thumb.Height, c.sw, c.sh, c.tw, c.th)
		}
	}
}

// checkQuarters asserts that a rendition shows the picture that quarters draws.
func checkQuarters(t *testing.T, r Rendition, tolerance int) {
	t.Helper()
	m, want := decodeRendition(t, r), quarters(r.Width, r.Height)
	for _, p := range []image.Point{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
		x, y := p.X*r.Width/4, p.Y*r.Height/4
		near(t, m, x, y, want.RGBAAt(x, y), tolerance)
	}
}

func TestPrepareFormats(t *testing.T) {
	src := quarters(1000, 600)
	paletted := image.NewPaletted(src.Rect, color.Palette{})
	for _, q := range []image.Point{{0, 0}, {999, 0}, {0, 599}, {999, 599}} {
		paletted.Palette = append(paletted.Palette, src.At(q.X, q.Y))
	}
	draw.Draw(paletted, src.Rect, src, image.Point{}, draw.Src)
	nrgba, deep := image.NewNRGBA(src.Rect), image.NewNRGBA64(src.Rect)
	draw.Draw(nrgba, src.Rect, src, image.Point{}, draw.Src)
	draw.Draw(deep, src.Rect, src, image.Point{}, draw.Src)
	var asGIF bytes.Buffer
	if err := gif.Encode(&asGIF, paletted, nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"jpeg": encodeJPEG(t, src, 92), "png": encodePNG(t, src), "png with alpha": encodePNG(t, nrgba),
		"png 16 bit": encodePNG(t, deep), "png with palette": encodePNG(t, paletted), "gif": asGIF.Bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			r := prepare(t, data)
			checkQuarters(t, r.Screen, 4)
			checkQuarters(t, r.Thumb, 4)
			checkTone(t, r.Tone, color.RGBA{125, 113, 85, 255})
			if wantPNG := name != "jpeg"; (r.Screen.Type == TypePNG) != wantPNG {
				t.Errorf("flat areas as %s", r.Screen.Type)
			}
		})
	}
}

func checkTone(t *testing.T, tone string, want color.RGBA) {
	t.Helper()
	got := color.RGBA{A: 255}
	if _, err := fmt.Sscanf(tone, "#%02x%02x%02x", &got.R, &got.G, &got.B); err != nil {
		t.Fatalf("tone %q: %v", tone, err)
	}
	near(t, image.NewUniform(got), 0, 0, want, 2)
}

func TestGrey(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 900, 600))
	for i := range m.Pix {
		m.Pix[i] = uint8(i % 900 * 255 / 900)
	}
	deep := image.NewGray16(m.Rect)
	draw.Draw(deep, m.Rect, m, image.Point{}, draw.Src)
	for _, data := range map[string][]byte{
		"jpeg": encodeJPEG(t, m, 95), "png": encodePNG(t, m), "png 16 bit": encodePNG(t, deep),
	} {
		r := prepare(t, data)
		for _, x := range []int{100, 450, 800} {
			v := m.GrayAt(x, 0).Y
			near(t, decodeRendition(t, r.Screen), x, 300, color.RGBA{v, v, v, 255}, 3)
		}
		checkTone(t, r.Tone, color.RGBA{127, 127, 127, 255})
	}
}

var barColours = []color.RGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {128, 128, 128, 255}}

func TestWebP(t *testing.T) {
	for _, name := range []string{"bars-lossy.webp", "bars-alpha.webp", "bars-lossless.webp"} {
		t.Run(name, func(t *testing.T) {
			r := prepare(t, readTestdata(t, name))
			m := decodeRendition(t, r.Screen)
			for i, c := range barColours {
				if i%2 == 1 && name != "bars-lossy.webp" { // half transparent, so halfway to white
					c = color.RGBA{c.R/2 + 128, c.G/2 + 128, c.B/2 + 128, 255}
				}
				near(t, m, 16*i+8, 16, c, 9)
			}
			near(t, m, 48, 56, color.RGBA{255, 255, 255, 255}, 3) // transparent is paper
		})
	}
}

// The colours of a Display P3 picture become those of sRGB, whatever the format that carries the profile.
func TestColourProfiles(t *testing.T) {
	want := []color.RGBA{{0, 0, 0, 255}, {255, 255, 255, 255}, {255, 0, 0, 255}, {0, 160, 0, 255}, {32, 64, 208, 255}, {192, 128, 64, 255}}
	for _, name := range []string{"p3.png", "p3.jpg", "p3.webp"} {
		t.Run(name, func(t *testing.T) {
			data := readTestdata(t, name)
			_, h, err := inspect(data, UploadLimits)
			if err != nil {
				t.Fatal(err)
			}
			if parseProfile(h.profile) == nil {
				t.Fatal("no profile found")
			}
			m := decodeRendition(t, prepare(t, data).Screen)
			for i, c := range want {
				tolerance := 12 // lossy, and saturated colours at sharp edges
				if name == "p3.png" {
					tolerance = 3
				}
				near(t, m, 16*i+8, 16, c, tolerance)
			}
		})
	}
}

func TestOrientations(t *testing.T) {
	const w, h = 320, 200
	upright := quarters(w, h)
	// How each orientation is stored: the inverse of what a viewer does, written out pixel by pixel from the
	// words of the EXIF standard ("the 0th row is at the visual …, the 0th column at the visual …").
	stored := map[uint16]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, w - 1 - x },
		7: func(x, y int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y int) (int, int) { return h - 1 - y, x },
	}
	for orientation, place := range stored {
		rect := image.Rect(0, 0, w, h)
		if orientation >= 5 {
			rect = image.Rect(0, 0, h, w)
		}
		m := image.NewRGBA(rect)
		for y := range h {
			for x := range w {
				sx, sy := place(x, y)
				m.SetRGBA(sx, sy, upright.RGBAAt(x, y))
			}
		}
		jpg := insertSegments(encodeJPEG(t, m, 95), exifSegment(orientation, ""))
		withExif := insertChunks(encodePNG(t, m), pngChunk("eXIf", exif(binary.LittleEndian, orientation, "")))
		for name, data := range map[string][]byte{"jpeg": jpg, "png": withExif} {
			r := prepare(t, data)
			if r.Screen.Width != w || r.Screen.Height != h {
				t.Errorf("orientation %d, %s: %d × %d", orientation, name, r.Screen.Width, r.Screen.Height)
				continue
			}
			checkQuarters(t, r.Screen, 4)
			checkQuarters(t, r.Thumb, 4)
		}
		portrait, err := Portrait(t.Context(), bytes.NewReader(jpg), UploadLimits)
		if err != nil {
			t.Fatal(err)
		}
		checkQuarters(t, portrait, 6)
	}
}

const canary = "CANARY 52.5163N 13.3777E"

// jpegMarkers lists the markers of all segments of a JPEG up to its scan.
func jpegMarkers(t *testing.T, data []byte) (markers []byte) {
	t.Helper()
	for pos := 2; pos+4 <= len(data); {
		if data[pos] != 0xff {
			t.Fatalf("no marker at %d", pos)
		}
		markers = append(markers, data[pos+1])
		if data[pos+1] == markerSOS {
			return markers
		}
		pos += 2 + int(binary.BigEndian.Uint16(data[pos+2:]))
	}
	t.Fatal("no scan")
	return nil
}

func TestMetadataIsGone(t *testing.T) {
	photo := scenery(700, 500)
	jpg := insertSegments(encodeJPEG(t, photo, 85),
		segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"+canary)),
		exifSegment(6, canary),
		segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+canary)),
		segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01"+canary)),
		segment(0xed, []byte("Photoshop 3.0\x008BIM"+canary)),
		segment(0xfe, []byte(canary)),
	)
	jpg = append(jpg, canary...)
	chunks := insertChunks(encodePNG(t, photo),
		pngChunk("tEXt", []byte("Comment\x00"+canary)),
		pngChunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+canary)),
		pngChunk("eXIf", exif(binary.BigEndian, 3, canary)),
	)
	flat := insertChunks(encodePNG(t, quarters(500, 300)), pngChunk("tEXt", []byte("Comment\x00"+canary)))
	for name, data := range map[string][]byte{"jpeg": jpg, "png": chunks, "png that stays one": append(flat, canary...)} {
		if n := bytes.Count(data, []byte("CANARY")); n < 2 {
			t.Fatalf("%s: the canary is in it only %d times", name, n)
		}
		r := prepare(t, data)
		portrait, err := Portrait(t.Context(), bytes.NewReader(data), UploadLimits)
		if err != nil {
			t.Fatal(err)
		}
		for _, out := range []Rendition{r.Thumb, r.Screen, portrait} {
			for _, word := range []string{"CANARY", "Exif", "GPS", "JFIF", "ICC", "adobe", "8BIM", "tEXt", "eXIf"} {
				if bytes.Contains(out.Data, []byte(word)) {
					t.Errorf("%s: %q is in a rendition", name, word)
				}
			}
			if out.Type == TypeJPEG {
				if got := jpegMarkers(t, out.Data); !bytes.Equal(got, []byte{markerDQT, markerSOF0, markerDHT, markerSOS}) {
					t.Errorf("%s: segments %x", name, got)
				}
			}
		}
	}
	if r := prepare(t, jpg); r.Screen.Width != 500 || r.Screen.Height != 700 {
		t.Errorf("orientation among much metadata was missed: %d × %d", r.Screen.Width, r.Screen.Height)
	}
}

func TestTransparencyBecomesPaper(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			switch {
			case x < 16:
				m.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 0}) // invisible red must not shine through
			case x < 32:
				m.SetNRGBA(x, y, color.NRGBA{0, 0, 0, 128})
			default:
				m.SetNRGBA(x, y, color.NRGBA{10, 20, 200, 255})
			}
		}
	}
	out := decodeRendition(t, prepare(t, encodePNG(t, m)).Screen)
	near(t, out, 8, 30, color.RGBA{255, 255, 255, 255}, 2)
	near(t, out, 24, 30, color.RGBA{127, 127, 127, 255}, 2)
	near(t, out, 50, 30, color.RGBA{10, 20, 200, 255}, 2)
}

func TestFlatPicturesStayExact(t *testing.T) {
	src := quarters(640, 400)
	r := prepare(t, encodePNG(t, src))
	m := decodeRendition(t, r.Screen)
	for y := range 400 {
		for x := range 640 {
			if color.RGBAModel.Convert(m.At(x, y)) != src.At(x, y) {
				t.Fatalf("pixel %d, %d changed", x, y)
			}
		}
	}
	if photo := prepare(t, encodePNG(t, scenery(640, 400))); photo.Screen.Type != TypeJPEG {
		t.Errorf("a photo stays %s", photo.Screen.Type)
	}
}

func TestPortrait(t *testing.T) {
	// Three bands; the middle one is the square.
	m := image.NewRGBA(image.Rect(0, 0, 900, 300))
	for i, c := range []color.RGBA{{255, 0, 0, 255}, {0, 120, 0, 255}, {0, 0, 255, 255}} {
		draw.Draw(m, image.Rect(300*i, 0, 300*i+300, 300), image.NewUniform(c), image.Point{}, draw.Src)
	}
	p, err := Portrait(t.Context(), bytes.NewReader(encodeJPEG(t, m, 95)), UploadLimits)
	if err != nil {
		t.Fatal(err)
	}
	out := decodeRendition(t, p)
	for _, at := range []image.Point{{4, 4}, {80, 80}, {155, 155}} {
		near(t, out, at.X, at.Y, color.RGBA{0, 120, 0, 255}, 8)
	}
	for name, src := range map[string]image.Image{
		"noise": noise(1000, 1000), "tall": scenery(50, 3000), "small": scenery(31, 40), "one pixel": noise(1, 1),
	} {
		p, err := Portrait(t.Context(), bytes.NewReader(encodePNG(t, src)), UploadLimits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		info, err := Check(bytes.NewReader(p.Data), TypeJPEG, PortraitLimits)
		if err != nil || info.Width != info.Height || info.Bytes > 12<<10 {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
		if want := min(src.Bounds().Dx(), src.Bounds().Dy(), PortraitSide); info.Width != want {
			t.Errorf("%s: %d pixels wide, want %d", name, info.Width, want)
		}
	}
	if _, err := Portrait(t.Context(), strings.NewReader("no picture"), UploadLimits); !errors.Is(err, ErrNotAPicture) {
		t.Error(err)
	}
}

// Noise is the hardest picture there is; its renditions must still be within what friends accept.
func TestNoiseFits(t *testing.T) {
	for _, c := range []struct {
		side, quality int
		limits        Limits
	}{{ScreenSide, screenQuality, ScreenLimits}, {ThumbSide, thumbQuality, ThumbLimits}} {
		hard := &raster{w: c.side, h: c.side, step: 4, planes: [][]uint8{noise(c.side, c.side).Pix}}
		r, err := hard.encode(true, c.quality, c.limits.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Check(bytes.NewReader(r.Data), TypeJPEG, c.limits); err != nil {
			t.Error(err)
		}
	}
	prepare(t, encodePNG(t, noise(700, 500)))
}

func TestFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 65535).Draw(t, "w"), rapid.IntRange(1, 65535).Draw(t, "h")
		side := rapid.IntRange(1, 4096).Draw(t, "side")
		fw, fh := fit(w, h, side)
		if fw < 1 || fh < 1 || max(fw, fh) > max(side, 1) && max(w, h) > side {
			t.Fatalf("%d × %d in %d: %d × %d", w, h, side, fw, fh)
		}
		if max(w, h) <= side && (fw != w || fh != h) {
			t.Fatal("a small picture was scaled")
		}
	})
}
