package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/gif"
	"strings"
	"testing"
	"testing/iotest"
)

func TestUnreadable(t *testing.T) {
	ftyp := func(brands ...string) string {
		return fmt.Sprintf("\x00\x00\x00%cftyp%s\x00\x00\x00\x00%s rest of the file", 12+4*len(brands), brands[0], strings.Join(brands[1:], ""))
	}
	for name, c := range map[string]struct {
		data, format string
		want         error
	}{
		"empty":          {"", "", ErrNotAPicture},
		"text":           {"To whom it may concern: this is no picture.", "", ErrNotAPicture},
		"program":        {"\x7fELF\x02\x01\x01", "", ErrNotAPicture},
		"web page":       {"<!doctype html><script>alert(1)</script>", "", ErrNotAPicture},
		"iPhone":         {ftyp("heic", "mif1", "heic"), "HEIC", ErrUnsupported},
		"general brand":  {ftyp("mif1", "heic"), "HEIC", ErrUnsupported},
		"burst":          {ftyp("hevc"), "HEIC", ErrUnsupported},
		"avif":           {ftyp("avif", "mif1", "miaf"), "AVIF", ErrUnsupported},
		"avif, hidden":   {ftyp("mif1", "avif"), "AVIF", ErrUnsupported},
		"video":          {ftyp("isom", "iso2", "mp41"), "video", ErrUnsupported},
		"iPhone video":   {ftyp("qt  "), "video", ErrUnsupported},
		"webm":           {"\x1aE\xdf\xa3\x01", "video", ErrUnsupported},
		"avi":            {"RIFF\x10\x00\x00\x00AVI LIST", "video", ErrUnsupported},
		"sound":          {"RIFF\x10\x00\x00\x00WAVEfmt ", "", ErrNotAPicture},
		"tiff":           {"II*\x00\x08\x00\x00\x00", "TIFF", ErrUnsupported},
		"bmp":            {"BM\x00\x00", "BMP", ErrUnsupported},
		"svg":            {"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG", ErrUnsupported},
		"only a magic":   {"\xff\xd8\xff", "", ErrDamaged},
		"jpeg, no frame": {"\xff\xd8\xff\xd9", "", ErrDamaged},
		"png magic":      {pngSignature, "", ErrDamaged},
		"gif magic":      {"GIF89a", "", ErrDamaged},
		"webp magic":     {"RIFF\x04\x00\x00\x00WEBP", "", ErrDamaged},
		"moving webp":    {"RIFF\x12\x00\x00\x00WEBPANIM\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00", "animated WebP", ErrUnsupported},
		"arithmetic":     {"\xff\xd8\xff\xc9\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xd9", "JPEG of a rare kind", ErrUnsupported},
	} {
		_, err := Prepare(t.Context(), strings.NewReader(c.data), UploadLimits)
		refused(t, name, err, c.want)
		var unsupported *UnsupportedError
		if errors.As(err, &unsupported); c.format != "" && (unsupported == nil || unsupported.Format != c.format) {
			t.Errorf("%s: %v, want format %s", name, err, c.format)
		}
	}
	_, err := Prepare(t.Context(), strings.NewReader(ftyp("heic")), UploadLimits)
	if text := Explain(err); !strings.Contains(text, "Most Compatible") || !strings.Contains(text, "JPEG") {
		t.Errorf("what to do about HEIC: %q", text)
	}
	if Explain(errors.New("disk on fire")) != "" {
		t.Error("words for an error of somebody else")
	}
}

func TestTruncatedPictures(t *testing.T) {
	var anim bytes.Buffer
	if err := gif.Encode(&anim, quarters(300, 200), nil); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"jpeg": encodeJPEG(t, scenery(300, 200), 80), "png": encodePNG(t, scenery(300, 200)), "gif": anim.Bytes(),
		"webp": readTestdata(t, "bars-lossy.webp"), "lossless webp": readTestdata(t, "bars-lossless.webp"),
	} {
		for i := 1; i < 40; i++ {
			cut := data[:len(data)*i/40]
			if _, err := Prepare(t.Context(), bytes.NewReader(cut), UploadLimits); err == nil {
				t.Errorf("%s cut to %d of 40 parts was accepted", name, i)
			} else if len(cut) > 12 {
				refused(t, name, err, ErrDamaged)
			}
		}
	}
}

func TestReadingErrors(t *testing.T) {
	broken := errors.New("connection lost")
	if _, err := Prepare(t.Context(), iotest.ErrReader(broken), UploadLimits); !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the reader", err)
	}
	data := encodeJPEG(t, scenery(400, 300), 80)
	small := Limits{Bytes: int64(len(data) - 1), Side: 1000, Pixels: 1e6}
	_, err := Prepare(t.Context(), bytes.NewReader(data), small)
	refused(t, "one byte too many", err, ErrTooLarge)
	small.Bytes++
	if _, err := Prepare(t.Context(), bytes.NewReader(data), small); err != nil {
		t.Errorf("exactly as many bytes as allowed: %v", err)
	}
	for _, l := range []Limits{{1e6, 399, 1e6}, {1e6, 1000, 400*300 - 1}} {
		_, err := Prepare(t.Context(), bytes.NewReader(data), l)
		refused(t, "too many pixels", err, ErrTooLarge)
	}
}

func TestContextEndsIt(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	data := encodeJPEG(t, scenery(400, 300), 80)
	cancel()
	if _, err := Prepare(ended, bytes.NewReader(data), UploadLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before: %v", err)
	}
	// Ending while it waits for memory.
	if err := budget.Acquire(t.Context(), decodeBudget); err != nil {
		t.Fatal(err)
	}
	waiting, stop := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := Prepare(waiting, bytes.NewReader(data), UploadLimits)
		result <- err
	}()
	stop()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("ended while waiting: %v", err)
	}
	budget.Release(decodeBudget)
	prepare(t, data) // everything was given back
	if !budget.TryAcquire(decodeBudget) {
		t.Error("part of the memory budget is lost")
	}
	budget.Release(decodeBudget)
}
