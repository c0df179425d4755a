package art

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"runtime"
	"slices"
	"testing"
)

func TestMotifs(t *testing.T) {
	names := Motifs()
	if len(names) < 8 || !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("motifs %q", names)
	}
	for _, want := range []string{"street", "lake", "garden", "cake"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestScenesFollowFromTheSeed(t *testing.T) {
	for _, motif := range Motifs() {
		a := Scene(motif, 7, 200, 150)
		// The number of processors must not show.
		before := runtime.GOMAXPROCS(1)
		b := Scene(motif, 7, 200, 150)
		runtime.GOMAXPROCS(before)
		if !bytes.Equal(a.Pix, b.Pix) {
			t.Errorf("%s: the same seed gave two pictures", motif)
		}
		if c := Scene(motif, 8, 200, 150); difference(a, c) < 2 {
			t.Errorf("%s: another seed gave the same picture", motif)
		}
	}
}

// difference returns by how much samples differ on average.
func difference(a, b *image.RGBA) float64 {
	var sum float64
	for i := range a.Pix {
		sum += math.Abs(float64(a.Pix[i]) - float64(b.Pix[i]))
	}
	return sum / float64(len(a.Pix))
}

func TestScenesAreDifferent(t *testing.T) {
	var all []*image.RGBA
	for _, motif := range Motifs() {
		all = append(all, Scene(motif, 3, 160, 120))
	}
	for i, a := range all {
		for j, b := range all[:i] {
			if difference(a, b) < 10 {
				t.Errorf("%s and %s look alike", Motifs()[i], Motifs()[j])
			}
		}
	}
}

// A good picture has light and dark, colours, and something everywhere.
func TestScenesAreNotFlat(t *testing.T) {
	for _, motif := range Motifs() {
		for seed := range uint64(4) {
			m := Scene(motif, seed, 320, 240)
			if s := spread(m, m.Rect); s < 20 {
				t.Errorf("%s %d: brightness deviates by %.1f only", motif, seed, s)
			}
			if n := colours(m); n < 60 {
				t.Errorf("%s %d: %d colours only", motif, seed, n)
			}
			for q := range 4 {
				part := image.Rect(q%2*160, q/2*120, q%2*160+160, q/2*120+120)
				if s := spread(m, part); s < 4 {
					t.Errorf("%s %d: quarter %d is empty, it deviates by %.1f", motif, seed, q, s)
				}
			}
			dark, light := extremes(m)
			if dark > 0.1 || light > 0.35 {
				t.Errorf("%s %d: %.0f %% black and %.0f %% white", motif, seed, dark*100, light*100)
			}
		}
	}
}

func grey(m *image.RGBA, x, y int) float64 {
	return float64(color.GrayModel.Convert(m.RGBAAt(x, y)).(color.Gray).Y)
}

// spread returns the standard deviation of brightness.
func spread(m *image.RGBA, r image.Rectangle) float64 {
	var sum, squares float64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			v := grey(m, x, y)
			sum += v
			squares += v * v
		}
	}
	n := float64(r.Dx() * r.Dy())
	return math.Sqrt(squares/n - sum/n*sum/n)
}

// colours counts colours, not minding the lowest four bits.
func colours(m *image.RGBA) int {
	seen := make(map[[3]uint8]bool)
	for i := 0; i < len(m.Pix); i += 4 {
		seen[[3]uint8{m.Pix[i] >> 4, m.Pix[i+1] >> 4, m.Pix[i+2] >> 4}] = true
	}
	return len(seen)
}

// extremes returns which part of a picture is black and which is white, without any drawing left.
func extremes(m *image.RGBA) (dark, light float64) {
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			switch v := grey(m, x, y); {
			case v < 4:
				dark++
			case v > 251:
				light++
			}
		}
	}
	n := float64(m.Rect.Dx() * m.Rect.Dy())
	return dark / n, light / n
}

func TestSizes(t *testing.T) {
	for _, motif := range Motifs() {
		for _, size := range []image.Point{{1, 1}, {2, 3}, {97, 41}, {40, 90}, {300, 30}} {
			m := Scene(motif, 1, size.X, size.Y)
			if m.Rect != image.Rect(0, 0, size.X, size.Y) || !m.Opaque() {
				t.Errorf("%s: %v for %v, opaque %v", motif, m.Rect, size, m.Opaque())
			}
		}
	}
	for _, size := range []int{1, 2, 32, 161} {
		if m := Portrait(1, size); m.Rect != image.Rect(0, 0, size, size) || !m.Opaque() {
			t.Errorf("portrait: %v for %d, opaque %v", m.Rect, size, m.Opaque())
		}
	}
}

func TestMistakesPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"motif":    func() { Scene("nothing", 1, 10, 10) },
		"width":    func() { Scene("lake", 1, 0, 10) },
		"height":   func() { Scene("lake", 1, 10, maxSide+1) },
		"portrait": func() { Portrait(1, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// In a village of some homes everybody must be recognised at the size of a button.
func TestPortraitsAreDistinct(t *testing.T) {
	var all []*image.RGBA
	for seed := range uint64(12) {
		m := Portrait(seed, 48)
		if !bytes.Equal(m.Pix, Portrait(seed, 48).Pix) {
			t.Fatalf("%d: the same seed gave two faces", seed)
		}
		if spread(m, m.Rect) < 20 {
			t.Errorf("%d: flat", seed)
		}
		for before, other := range all {
			if d := difference(m, other); d < 6 {
				t.Errorf("%d and %d look alike: they differ by %.1f", before, seed, d)
			}
		}
		all = append(all, m)
	}
}

func TestGradient(t *testing.T) {
	stops := []stop{{0.2, hex(0x000000)}, {0.5, hex(0xff8000)}, {1, hex(0xffffff)}}
	for at, want := range map[float32]rgb{-1: {}, 0.2: {}, 0.5: hex(0xff8000), 1: {1, 1, 1}, 2: {1, 1, 1}} {
		if got := gradient(at, stops...); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
	last := float32(-1)
	for i := range 100 {
		v := gradient(float32(i)/99, stops...)[1]
		if v < last {
			t.Fatalf("not rising at %d", i)
		}
		last = v
	}
}

func TestNoise(t *testing.T) {
	n := newDice("test", 1).noise()
	var sum float32
	for i := range 4000 {
		x, y := float32(i)*0.37-700, float32(i)*0.23-300
		for _, v := range []float32{n.line(x), n.plane(x, y), n.lines(x, 4), n.planes(x, y, 4)} {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("%v at %v, %v", v, x, y)
			}
		}
		if d := n.plane(x, y) - n.plane(x+0.001, y); d > 0.01 || d < -0.01 {
			t.Fatalf("a jump at %v, %v", x, y)
		}
		sum += n.plane(x, y)
	}
	if sum > 400 || sum < -400 {
		t.Errorf("noise leans to one side: %v", sum/4000)
	}
}

func BenchmarkScene(b *testing.B) {
	for _, motif := range Motifs() {
		b.Run(motif, func(b *testing.B) {
			for b.Loop() {
				Scene(motif, 1, 1600, 1200)
			}
		})
	}
}

func BenchmarkPortrait(b *testing.B) {
	for b.Loop() {
		Portrait(1, 400)
	}
}
