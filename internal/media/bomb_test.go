package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"math"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// frame is a start-of-frame segment with the given components' sampling factors.
func frame(marker byte, w, h int, factors ...byte) []byte {
	b := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(len(factors))}
	for i, f := range factors {
		b = append(b, byte(i+1), f, 0)
	}
	return segment(marker, b)
}

func ihdr(w, h uint32, depth, colour byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, w)
	b = binary.BigEndian.AppendUint32(b, h)
	return append([]byte(pngSignature), pngChunk("IHDR", append(b, depth, colour, 0, 0, 0))...)
}

// webp is a WebP file with one chunk.
func webpFile(kind string, chunk []byte) []byte {
	b := []byte("WEBP" + kind)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(chunk)))
	b = append(b, chunk...)
	if len(chunk)%2 == 1 {
		b = append(b, 0)
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// Tiny files that announce huge pictures are refused at next to no cost.
func TestBombs(t *testing.T) {
	jpg := func(parts ...[]byte) []byte { return insertSegments([]byte{0xff, 0xd8, 0xff, 0xd9}, parts...) }
	scans := make([][]byte, 0, maxScans+2)
	scans = append(scans, frame(markerSOF2, 2000, 2000, 0x11))
	for range maxScans + 1 {
		scans = append(scans, segment(markerSOS, []byte{1, 1, 0, 0, 0, 0}))
	}
	bits := uint32(16383 | 16383<<14)
	cases := map[string][]byte{
		"jpeg of 4 gigapixels":        jpg(frame(markerSOF0, 65535, 65535, 0x22, 0x11, 0x11)),
		"progressive, 100 megapixels": jpg(frame(markerSOF2, 10000, 10000, 0x22, 0x11, 0x11)),
		"CMYK, 60 megapixels":         jpg(frame(markerSOF0, 8000, 7500, 0x11, 0x11, 0x11, 0x11)),
		"Adobe RGB, 60 megapixels": jpg(segment(markerAPPE, []byte("Adobe\x00d\x00\x00\x00\x00\x00")),
			frame(markerSOF0, 8000, 7500, 0x11, 0x11, 0x11)),
		"many scans":                  jpg(scans...),
		"png of 4 gigapixels":         ihdr(65535, 65535, 8, 6),
		"png with the widest side":    ihdr(math.MaxUint32, 1, 8, 6),
		"png of 16 bit, 100 MP":       ihdr(10000, 10000, 16, 6),
		"gif of 4 gigapixels":         append([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00"), make([]byte, 10)...),
		"lossless webp":               webpFile("VP8L", append(binary.LittleEndian.AppendUint32([]byte{0x2f}, bits), 0, 0, 0)),
		"lossy webp":                  webpFile("VP8 ", []byte{0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0}),
		"jpeg with a huge second one": append(jpg(frame(markerSOF0, 65535, 65535, 0x11)), frame(markerSOF0, 8, 8, 0x11)...),
	}
	for name, data := range cases {
		var err error
		used := allocated(func() { _, err = Prepare(t.Context(), bytes.NewReader(data), UploadLimits) })
		refused(t, name, err, ErrTooLarge)
		if used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(data))
		}
	}
	for name, data := range map[string][]byte{
		"webp that announces more than it has": append([]byte("RIFF\xff\xff\xff\x7fWEBPVP8 \xf0\xff\xff\x7f"), make([]byte, 100)...),
		"webp chunk beyond the file":           bytes.Replace(webpFile("VP8 ", make([]byte, 40)), []byte("VP8 \x28\x00"), []byte("VP8 \xff\xff"), 1),
		"two pictures in a webp":               webpFile("VP8L", append([]byte{0x2f, 0, 0, 0, 0, 0, 'V', 'P', '8', 'L', 5, 0, 0, 0}, 0x2f, 0xff, 0xff, 0xff, 0xf)),
		"png of no width":                      ihdr(0, 5, 8, 6),
	} {
		var err error
		used := allocated(func() { _, err = Prepare(t.Context(), bytes.NewReader(data), UploadLimits) })
		refused(t, name, err, ErrDamaged)
		if used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(data))
		}
	}
}

// A file that is a picture and something else yields a picture and nothing else.
func TestPolyglots(t *testing.T) {
	const script = "<script>alert('CANARY')</script>"
	jpg := encodeJPEG(t, scenery(300, 200), 80)
	png := encodePNG(t, scenery(300, 200))
	var asGIF bytes.Buffer
	if err := gif.Encode(&asGIF, quarters(300, 200), nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"jpeg and page":        append(bytes.Clone(jpg), "<html>"+script...),
		"jpeg, comment, page":  insertSegments(jpg, segment(0xfe, []byte("*/"+script+"/*"))),
		"jpeg and zip":         append(bytes.Clone(jpg), "PK\x03\x04CANARY"...),
		"png and page":         append(bytes.Clone(png), script...),
		"png with text":        insertChunks(png, pngChunk("tEXt", []byte("a\x00"+script))),
		"png, unknown chunk":   insertChunks(png, pngChunk("caNa", []byte(script))),
		"gif and page":         append(bytes.Clone(asGIF.Bytes()), script...),
		"jpeg in two pictures": append(bytes.Clone(jpg), jpg...),
	} {
		r := prepare(t, data)
		for _, out := range []Rendition{r.Thumb, r.Screen} {
			if bytes.Contains(out.Data, []byte("CANARY")) {
				t.Errorf("%s: the other half survived", name)
			}
		}
		if _, err := Check(bytes.NewReader(data), "", UploadLimits); !errors.Is(err, ErrRendition) {
			t.Errorf("%s: accepted as a rendition, %v", name, err)
		}
	}
}

// Thousands of frames cost no more than one.
func TestAnimations(t *testing.T) {
	first, other := image.NewPaletted(image.Rect(100, 50, 200, 150), color.Palette{color.Black, color.RGBA{250, 10, 10, 255}}),
		image.NewPaletted(image.Rect(140, 90, 160, 110), color.Palette{color.RGBA{0, 0, 255, 255}})
	for i := range first.Pix {
		first.Pix[i] = 1
	}
	anim := gif.GIF{Image: []*image.Paletted{first}, Delay: []int{0}, Config: image.Config{Width: 1000, Height: 800}}
	for range 10_000 {
		anim.Image, anim.Delay = append(anim.Image, other), append(anim.Delay, 0)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &anim); err != nil {
		t.Fatal(err)
	}
	var out image.Image
	if used := allocated(func() { out = decodeRendition(t, prepare(t, b.Bytes()).Screen) }); used > 64<<20 {
		t.Errorf("%d MiB allocated", used>>20)
	}
	if out.Bounds() != image.Rect(0, 0, 1000, 800) {
		t.Fatalf("%v", out.Bounds())
	}
	// The first frame where it belongs, paper around it.
	near(t, out, 150, 100, color.RGBA{250, 10, 10, 255}, 4)
	for _, p := range []image.Point{{50, 25}, {300, 100}, {150, 300}, {999, 799}} {
		near(t, out, p.X, p.Y, color.RGBA{255, 255, 255, 255}, 2)
	}
}

// progressiveJPEG is a grey picture of one component whose only scan says that every coefficient is zero.
func progressiveJPEG(w, h int) []byte {
	quant := segment(markerDQT, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	// One code of one bit, for a DC difference of no bits.
	huffman := segment(markerDHT, append([]byte{0, 1}, make([]byte, 16)...))
	scan := segment(markerSOS, []byte{1, 1, 0, 0, 0, 0})
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	data := make([]byte, blocks/8+1)
	return append(insertSegments([]byte{0xff, 0xd8}, quant, frame(markerSOF2, w, h, 0x11), huffman, scan), append(data, 0xff, 0xd9)...)
}

// What is reserved before decoding covers what decoding takes.
func TestCostIsAnUpperBound(t *testing.T) {
	const w, h = 1500, 1100
	rgb := scenery(w, h)
	nrgba, deep, grey, deepGrey := image.NewNRGBA(rgb.Rect), image.NewNRGBA64(rgb.Rect), image.NewGray(rgb.Rect), image.NewGray16(rgb.Rect)
	paletted := image.NewPaletted(rgb.Rect, color.Palette{color.White, color.Black})
	for i := range nrgba.Pix {
		nrgba.Pix[i] = uint8(i)
	}
	var asGIF bytes.Buffer
	if err := gif.Encode(&asGIF, paletted, nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"jpeg": encodeJPEG(t, rgb, 80), "grey jpeg": encodeJPEG(t, grey, 80), "progressive": progressiveJPEG(w, h),
		"png": encodePNG(t, rgb), "png with alpha": encodePNG(t, nrgba), "png 16 bit": encodePNG(t, deep),
		"grey png": encodePNG(t, grey), "grey 16 bit": encodePNG(t, deepGrey), "palette": encodePNG(t, paletted),
		"gif": asGIF.Bytes(), "lossy webp": readTestdata(t, "bars-lossy.webp"), "alpha webp": readTestdata(t, "bars-alpha.webp"),
		"lossless webp": readTestdata(t, "bars-lossless.webp"),
	} {
		f, head, err := inspect(data, UploadLimits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		used := allocated(func() { _, err = decode(t.Context(), f, head, data) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		const fixed = 1 << 20 // tables, and buffers that don't grow with the picture
		if used > head.cost+fixed {
			t.Errorf("%s: decoding allocated %d bytes, reserved were %d", name, used, head.cost)
		}
		if head.cost > 16*int64(head.width*head.height)+fixed+maxTreeCost(len(data)) {
			t.Errorf("%s: %d bytes reserved for %d × %d pixels", name, head.cost, head.width, head.height)
		}
	}
}

// Scaling a picture of 108 megapixels takes no more memory than its result.
func TestScalingMemory(t *testing.T) {
	const w, h = 12000, 9000
	line := make([]byte, w)
	s := source{w: w, h: h, dx: 1, dy: 1, step: 1, row: func(int) []byte { return line }}
	used := allocated(func() { resample([]source{s}, part{0, 0, w, h}, ScreenSide, 1536) })
	if limit := int64(8 << 20); used > limit {
		t.Errorf("%d bytes allocated, at most %d wanted", used, limit)
	}
}

// Many uploads at once stay within the budget.
func TestMemoryIsBounded(t *testing.T) {
	// A progressive JPEG costs five bytes a sample, this one 60 MB. All of them together would take 840 MB.
	const uploads = 14
	data := progressiveJPEG(4000, 3000)
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()

	ctx, stop := context.WithCancel(t.Context())
	var peak uint64
	var watcher, workers sync.WaitGroup
	watcher.Go(func() {
		for ctx.Err() == nil {
			metrics.Read(sample)
			peak = max(peak, sample[0].Value.Uint64())
			time.Sleep(2 * time.Millisecond)
		}
	})
	for range uploads {
		workers.Go(func() {
			if _, err := Portrait(t.Context(), bytes.NewReader(data), UploadLimits); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	stop()
	watcher.Wait()
	// The garbage collector lets the heap grow to twice what is in use.
	if limit := uint64(2 * decodeBudget); peak-before > limit {
		t.Errorf("%d MiB in use at the peak, at most %d wanted", (peak-before)>>20, limit>>20)
	}
	t.Logf("%d uploads at once, %d MiB in use at the peak", uploads, (peak-before)>>20)
}
