package qr_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
	"pgregory.net/rapid"

	"kith/internal/web/qr"
)

// code is about as long as an invite.
const code = "KITH1-7QF2M-XK3PD-9WT5B-HRC8N-4YJGA-E6VZS-Q2MDK-LX7TP-3HBWN-R9CFY-5GJ8A-KE4VQ-SZ6M2"

func encode(t testing.TB, text string) []byte {
	t.Helper()
	file, err := qr.Encode(text)
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	return file
}

func picture(t testing.TB, file []byte) image.Image {
	t.Helper()
	p, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("decoding our own PNG: %v", err)
	}
	return p
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z0-9:/#.\-åßλ漢]{1,300}`).Draw(t, "text")
		file, err := qr.Encode(text)
		if err != nil {
			t.Fatalf("Encode: %v", err)
		}
		got, err := qr.Decode(file)
		if err != nil || got != text {
			t.Fatalf("Decode: got %q, %v, want %q", got, err, text)
		}
	})
}

func TestLongestText(t *testing.T) {
	file := encode(t, strings.Repeat("k", qr.MaxText))
	if got, err := qr.Decode(file); err != nil || len(got) != qr.MaxText {
		t.Fatalf("Decode: %d bytes, %v", len(got), err)
	}
	if _, err := qr.Encode(strings.Repeat("k", qr.MaxText+1)); !errors.Is(err, qr.ErrTooLarge) {
		t.Fatalf("Encode of one byte more: %v", err)
	}
}

// photo places a code in a scene as a camera sees it: smaller, turned, with noise and little contrast.
func photo(t testing.TB, width, height int, side, turn float64, dark bool) []byte {
	t.Helper()
	source := picture(t, encode(t, code))
	scene := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(scene, scene.Bounds(), image.NewUniform(color.RGBA{R: 120, G: 96, B: 80, A: 255}), image.Point{}, draw.Src)
	scale := side / float64(source.Bounds().Dx())
	sin, cos := math.Sincos(turn)
	sin, cos = sin*scale, cos*scale
	half := float64(source.Bounds().Dx()) / 2
	place := f64.Aff3{
		cos, -sin, float64(width)/2 - cos*half + sin*half,
		sin, cos, float64(height)/2 - sin*half - cos*half,
	}
	xdraw.BiLinear.Transform(scene, place, source, source.Bounds(), xdraw.Over, nil)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range scene.Pix {
		if i%4 != 3 {
			v := 50 + int(scene.Pix[i])*3/5 + random.IntN(25)
			if dark {
				v = 255 - v
			}
			scene.Pix[i] = byte(v)
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, scene, &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPhotos(t *testing.T) {
	for name, file := range map[string][]byte{
		"straight":              photo(t, 1200, 900, 600, 0, false),
		"turned":                photo(t, 1200, 900, 600, 0.4, false),
		"upside down":           photo(t, 1200, 900, 600, math.Pi, false),
		"white on black":        photo(t, 1200, 900, 600, 0.1, true),
		"small in a screenshot": photo(t, 2560, 1440, 300, 0, false),
		"from a large camera":   photo(t, 4000, 3000, 2400, 0.1, false),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := qr.Decode(file); err != nil || got != code {
				t.Fatalf("got %q, %v", got, err)
			}
		})
	}
}

func TestOnePixelPerModule(t *testing.T) {
	large := picture(t, encode(t, code))
	small := image.NewGray(image.Rect(0, 0, large.Bounds().Dx()/8, large.Bounds().Dy()/8))
	xdraw.NearestNeighbor.Scale(small, small.Bounds(), large, large.Bounds(), xdraw.Src, nil)
	var out bytes.Buffer
	if err := png.Encode(&out, small); err != nil {
		t.Fatal(err)
	}
	if got, err := qr.Decode(out.Bytes()); err != nil || got != code {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestNoCode(t *testing.T) {
	plain := image.NewRGBA(image.Rect(0, 0, 640, 480))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range plain.Pix {
		plain.Pix[i] = byte(random.Uint32())
	}
	var noise bytes.Buffer
	if err := png.Encode(&noise, plain); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":        {nil, qr.ErrNoPicture},
		"a text":         {[]byte("this is no picture"), qr.ErrNoPicture},
		"a page":         {[]byte("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), qr.ErrNoPicture},
		"half a picture": {noise.Bytes()[:noise.Len()/2], qr.ErrNoPicture},
		"noise":          {noise.Bytes(), qr.ErrNoCode},
		"too many bytes": {make([]byte, qr.MaxBytes+1), qr.ErrTooLarge},
		"a bomb":         {bomb(60_000, 60_000), qr.ErrTooLarge},
		"a long line":    {bomb(1<<31-1, 1), qr.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := qr.Decode(c.file); !errors.Is(err, c.want) {
				t.Fatalf("got %q, %v, want %v", got, err, c.want)
			}
		})
	}
}

// bomb is a tiny PNG that claims to be enormous.
func bomb(width, height uint32) []byte {
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		body := append([]byte(kind), data...)
		out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
		out.Write(body)
		out.Write(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)))
	}
	header := binary.BigEndian.AppendUint32(nil, width)
	header = binary.BigEndian.AppendUint32(header, height)
	chunk("IHDR", append(header, 8, 6, 0, 0, 0))
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(make([]byte, 1<<20))
	z.Close()
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(f, code))
	f.Add(photo(f, 300, 300, 200, 0.2, false))
	f.Add(bomb(60_000, 60_000))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00,"))
	f.Fuzz(func(t *testing.T, file []byte) {
		text, err := qr.Decode(file)
		switch {
		case err == nil && text == "":
			t.Fatal("neither a text nor an error")
		case err != nil && !errors.Is(err, qr.ErrNoPicture) && !errors.Is(err, qr.ErrTooLarge) && !errors.Is(err, qr.ErrNoCode):
			t.Fatalf("an error of another kind: %v", err)
		}
	})
}
