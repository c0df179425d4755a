package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"
	"testing/iotest"
)

func TestCheckAcceptsOwnRenditions(t *testing.T) {
	for name, data := range map[string][]byte{
		"photo": encodeJPEG(t, scenery(2500, 1700), 90), "chart": encodePNG(t, quarters(1200, 900)),
		"grey": encodePNG(t, image.NewGray(image.Rect(0, 0, 700, 700))), "webp": readTestdata(t, "bars-alpha.webp"),
	} {
		r := prepare(t, data)
		// However the bytes trickle in.
		for _, rd := range []Rendition{r.Thumb, r.Screen} {
			slow := iotest.OneByteReader(bytes.NewReader(rd.Data))
			if info, err := Check(slow, "", ScreenLimits); err != nil || info.Bytes != int64(len(rd.Data)) {
				t.Errorf("%s: %+v, %v", name, info, err)
			}
		}
	}
}

func TestCheckRefusesEverythingElse(t *testing.T) {
	jpg := encodeJPEG(t, scenery(400, 300), 80)
	flat := encodePNG(t, quarters(400, 300))
	sof := bytes.Index(jpg, []byte{0xff, markerSOF0})
	change := func(data []byte, at int, b ...byte) []byte {
		out := bytes.Clone(data)
		copy(out[at:], b)
		return out
	}
	// A PNG header with other fields, checksum included.
	header := func(change func(b []byte)) []byte {
		out := bytes.Clone(flat)
		b := out[16:29]
		change(b)
		copy(out[8:], pngChunk("IHDR", b))
		return out
	}
	end := len(flat) - 12
	for name, data := range map[string][]byte{
		"empty":                 {},
		"text":                  []byte("<html><script>alert(1)</script></html>"),
		"gif":                   []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"),
		"webp":                  readTestdata(t, "bars-lossy.webp"),
		"exif":                  insertSegments(jpg, exifSegment(1, canary)),
		"comment":               insertSegments(jpg, segment(0xfe, []byte("hello"))),
		"jfif":                  insertSegments(jpg, segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))),
		"restart interval":      insertSegments(jpg, segment(0xdd, []byte{0, 4})),
		"trailing byte":         append(bytes.Clone(jpg), 0),
		"trailing page":         append(bytes.Clone(jpg), "<script>"...),
		"two jpegs":             append(bytes.Clone(jpg), jpg...),
		"progressive":           change(jpg, sof+1, markerSOF2),
		"extended":              change(jpg, sof+1, 0xc1),
		"12 bit":                change(jpg, sof+4, 12),
		"four components":       change(jpg, sof+9, 4),
		"no height":             change(jpg, sof+5, 0, 0),
		"too wide":              change(jpg, sof+7, 8, 1),
		"second frame":          insertSegments(jpg, jpg[sof:sof+19]),
		"scan before frame":     append([]byte{0xff, 0xd8}, segment(markerSOS, []byte{1, 1, 0, 0, 63, 0})...),
		"marker in the scan":    change(jpg, len(jpg)-40, 0xff, 0xd0),
		"second scan":           append(bytes.Clone(jpg[:len(jpg)-2]), segment(markerSOS, []byte{1, 1, 0, 0, 63, 0})...),
		"segment of length 1":   {0xff, 0xd8, 0xff, markerDQT, 0, 1, 0, 0},
		"no end":                jpg[:len(jpg)-2],
		"half":                  jpg[:len(jpg)/2],
		"head":                  jpg[:20],
		"png with text":         insertChunks(flat, pngChunk("tEXt", []byte("a\x00b"))),
		"png with exif":         insertChunks(flat, pngChunk("eXIf", exif(binary.BigEndian, 1, canary))),
		"png with transparency": insertChunks(flat, pngChunk("tRNS", []byte{0, 0, 0, 0, 0, 0})),
		"moving png":            insertChunks(flat, pngChunk("acTL", make([]byte, 8))),
		"png, trailing byte":    append(bytes.Clone(flat), 0),
		"png, wrong checksum":   change(flat, 30, flat[30]^1),
		"png, data changed":     change(flat, 60, flat[60]^1),
		"png, cut":              flat[:len(flat)-5],
		"png, no end":           flat[:end],
		"png, end with data":    append(bytes.Clone(flat[:end]), pngChunk("IEND", []byte("hello, I am some text"))...),
		"png, short end":        append(bytes.Clone(flat[:end]), pngChunk("IEND", []byte("x"))...),
		"png, data after end":   append(bytes.Clone(flat), pngChunk("IDAT", nil)...),
		"png without data":      append(bytes.Clone(flat[:33]), pngChunk("IEND", nil)...),
		"png, two headers":      insertChunks(flat, flat[8:33]),
		"png, 16 bit":           header(func(b []byte) { b[8] = 16 }),
		"png with alpha":        header(func(b []byte) { b[9] = 6 }),
		"png, interlaced":       header(func(b []byte) { b[12] = 1 }),
		"png, too wide":         header(func(b []byte) { b[2], b[3] = 8, 1 }),
		"png, widest":           header(func(b []byte) { b[0] = 0xff }),
		"png, no height":        header(func(b []byte) { b[6], b[7] = 0, 0 }),
		"png, palette late":     append(append(bytes.Clone(flat[:end]), pngChunk("PLTE", make([]byte, 3))...), flat[end:]...),
		"png, chunk of 4 GiB":   append(bytes.Clone(flat[:33]), "\xff\xff\xff\xffIDAT"...),
	} {
		if info, err := Check(bytes.NewReader(data), "", ScreenLimits); !errors.Is(err, ErrRendition) {
			t.Errorf("%s: %+v, %v; want ErrRendition", name, info, err)
		}
	}
	for want, data := range map[string][]byte{TypeJPEG: flat, TypePNG: jpg, "text/html": jpg} {
		if _, err := Check(bytes.NewReader(data), want, ScreenLimits); !errors.Is(err, ErrRendition) {
			t.Errorf("wanted %s, got another type: %v", want, err)
		}
	}
	for name, l := range map[string]Limits{
		"bytes": {int64(len(jpg) - 1), 2048, 1e7}, "side": {1 << 20, 399, 1e7}, "pixels": {1 << 20, 2048, 400*300 - 1},
	} {
		_, err := Check(bytes.NewReader(jpg), TypeJPEG, l)
		refused(t, name, err, ErrRendition)
	}
	exact := Limits{int64(len(jpg)), 400, 400 * 300}
	if _, err := Check(bytes.NewReader(jpg), TypeJPEG, exact); err != nil {
		t.Errorf("exactly at the limits: %v", err)
	}
}

func TestCheckReturnsErrorsOfTheReader(t *testing.T) {
	broken := errors.New("piece is not here")
	jpg := encodeJPEG(t, scenery(400, 300), 80)
	for _, n := range []int{0, 1, 30, 600, len(jpg) / 2, len(jpg) - 1} {
		r := bytes.NewReader(jpg[:n])
		_, err := Check(readers{r, iotest.ErrReader(broken)}.join(), TypeJPEG, ScreenLimits)
		if !errors.Is(err, broken) || errors.Is(err, ErrRendition) {
			t.Errorf("broken after %d bytes: %v", n, err)
		}
	}
}

// readers reads one after another, and unlike io.MultiReader passes errors on together with nothing else.
type readers []interface{ Read([]byte) (int, error) }

func (r readers) join() *chain { return &chain{r} }

type chain struct{ rest readers }

func (c *chain) Read(p []byte) (int, error) {
	n, err := c.rest[0].Read(p)
	if err != nil && len(c.rest) > 1 && n == 0 {
		c.rest = c.rest[1:]
		return c.rest[0].Read(p)
	}
	return n, err
}

func TestCheckIsCheap(t *testing.T) {
	r := prepare(t, encodeJPEG(t, scenery(2048, 1536), 95))
	used := allocated(func() {
		if _, err := Check(bytes.NewReader(r.Screen.Data), TypeJPEG, ScreenLimits); err != nil {
			t.Error(err)
		}
	})
	if used > 64<<10 {
		t.Errorf("%d bytes allocated", used)
	}
}

// FuzzCheck holds the checker against the decoders: what it accepts has the dimensions that it says.
func FuzzCheck(f *testing.F) {
	jpg, flat := encodeJPEG(f, scenery(40, 30), 60), encodePNG(f, quarters(20, 10))
	f.Add(jpg)
	f.Add(flat)
	f.Add(insertSegments(jpg, exifSegment(6, canary)))
	f.Add(insertChunks(flat, pngChunk("tEXt", []byte("a\x00b"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		info, err := Check(bytes.NewReader(data), "", ThumbLimits)
		if err != nil {
			if !errors.Is(err, ErrRendition) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		if info.Bytes != int64(len(data)) || info.Width > ThumbSide || info.Height > ThumbSide {
			t.Fatalf("%+v for %d bytes", info, len(data))
		}
		var c image.Config
		if info.Type == TypePNG {
			c, err = png.DecodeConfig(bytes.NewReader(data))
		} else {
			c, err = jpeg.DecodeConfig(bytes.NewReader(data))
		}
		if err == nil && (c.Width != info.Width || c.Height != info.Height) {
			t.Fatalf("the decoder sees %d × %d, Check %d × %d", c.Width, c.Height, info.Width, info.Height)
		}
	})
}
