package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"testing"
)

// quarters is a picture whose quarters have four colours, so that every way of turning it shows.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	colours := []color.RGBA{{200, 30, 30, 255}, {30, 160, 40, 255}, {40, 60, 210, 255}, {230, 200, 60, 255}}
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, colours[min(2*x/w, 1)+2*min(2*y/h, 1)])
		}
	}
	return m
}

// noise is a picture that nothing can compress.
func noise(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	_, _ = rand.NewChaCha8([32]byte{1}).Read(m.Pix)
	for i := 3; i < len(m.Pix); i += 4 {
		m.Pix[i] = 255
	}
	return m
}

// scenery is a smooth picture with some texture, about as hard to encode as a photo.
func scenery(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	rng := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			n := rng.IntN(12)
			v := uint8((x*90/w + y*120/h) + n)
			m.SetRGBA(x, y, color.RGBA{v + uint8((x/9*y/7)%30), v / 2, 255 - v, 255})
		}
	}
	return m
}

func encodeJPEG(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// segment is a JPEG segment with its marker and length.
func segment(marker byte, content []byte) []byte {
	b := []byte{0xff, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(len(content)+2))
	return append(b, content...)
}

// insertSegments puts segments behind the start of a JPEG.
func insertSegments(jpg []byte, segments ...[]byte) []byte {
	out := bytes.Clone(jpg[:2])
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, jpg[2:]...)
}

// pngChunk is a PNG chunk with length and checksum.
func pngChunk(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, kind...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// insertChunks puts chunks behind the header of a PNG.
func insertChunks(p []byte, chunks ...[]byte) []byte {
	const header = 8 + 12 + 13
	out := bytes.Clone(p[:header])
	for _, c := range chunks {
		out = append(out, c...)
	}
	return append(out, p[header:]...)
}

// exif builds a TIFF structure with an orientation and a GPS directory that holds the canary.
func exif(order binary.AppendByteOrder, orientation uint16, canary string) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		if kind == 3 {
			b = order.AppendUint16(b, uint16(value))
			b = order.AppendUint16(b, 0)
			return
		}
		b = order.AppendUint32(b, value)
	}
	const gps = 8 + 2 + 3*12 + 4
	const text = gps + 2 + 12 + 4
	b = order.AppendUint16(b, 3)
	entry(0x010f, 2, uint32(len(canary)), text)
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x8825, 4, 1, gps)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 1)
	entry(0x001d, 2, uint32(len(canary)), text) // GPSDateStamp
	b = order.AppendUint32(b, 0)
	return append(b, canary...)
}

func exifSegment(orientation uint16, canary string) []byte {
	return segment(0xe1, append([]byte("Exif\x00\x00"), exif(binary.BigEndian, orientation, canary)...))
}

func decodeRendition(t testing.TB, r Rendition) image.Image {
	t.Helper()
	m, kind, err := image.Decode(bytes.NewReader(r.Data))
	if err != nil {
		t.Fatal(err)
	}
	if "image/"+kind != r.Type {
		t.Fatalf("a %s that says it is %s", kind, r.Type)
	}
	if m.Bounds() != image.Rect(0, 0, r.Width, r.Height) {
		t.Fatalf("%v in a rendition of %d × %d", m.Bounds(), r.Width, r.Height)
	}
	return m
}

// near fails unless the pixel at x, y has about the wanted colour.
func near(t testing.TB, m image.Image, x, y int, want color.RGBA, tolerance int) {
	t.Helper()
	got := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
	for _, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B)} {
		if d > tolerance || -d > tolerance {
			t.Errorf("pixel %d, %d is %v, want about %v", x, y, got, want)
			return
		}
	}
}

func prepare(t testing.TB, data []byte) Renditions {
	t.Helper()
	r, err := Prepare(t.Context(), bytes.NewReader(data), UploadLimits)
	if err != nil {
		t.Fatal(err)
	}
	checkRenditions(t, r)
	return r
}

// checkRenditions asserts what holds for everything that Prepare makes: friends accept it.
func checkRenditions(t testing.TB, r Renditions) {
	t.Helper()
	for _, c := range []struct {
		rendition Rendition
		limits    Limits
	}{{r.Thumb, ThumbLimits}, {r.Screen, ScreenLimits}} {
		info, err := Check(bytes.NewReader(c.rendition.Data), c.rendition.Type, c.limits)
		if err != nil {
			t.Fatalf("own rendition refused: %v", err)
		}
		want := Info{c.rendition.Type, c.rendition.Width, c.rendition.Height, int64(len(c.rendition.Data))}
		if info != want {
			t.Fatalf("own rendition is %+v, want %+v", info, want)
		}
	}
	if len(r.Tone) != 7 || r.Tone[0] != '#' {
		t.Fatalf("tone %q", r.Tone)
	}
}

// refused asserts that an error is of a kind and has words for a person.
func refused(t testing.TB, name string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", name, err, want)
		return
	}
	if Explain(err) == "" {
		t.Errorf("%s: no words for a person for %v", name, err)
	}
}
