package art

import (
	"fmt"
	"image"
	"maps"
	"slices"
)

// motifs are the painters of scenes by name.
var motifs = map[string]func(c *canvas, d dice){
	"aurora":   aurora,
	"balloons": balloons,
	"boats":    boats,
	"cake":     cake,
	"forest":   forest,
	"garden":   garden,
	"hills":    hills,
	"lake":     lake,
	"street":   street,
	"tea":      tea,
}

// maxSide bounds a picture's sides in pixels, so that a mistake doesn't ask for gigabytes.
const maxSide = 4096

// Motifs returns the names of all motifs in alphabetical order.
func Motifs() []string { return slices.Sorted(maps.Keys(motifs)) }

// Scene paints a motif. It panics if there is no such motif or a side is not from 1 to 4096 pixels: both are
// mistakes of the program that asks. Scenes are composed for landscape formats from 1:1 to 2:1 and stay whole
// in others. The result is opaque.
func Scene(motif string, seed uint64, width, height int) *image.RGBA {
	paint, ok := motifs[motif]
	if !ok {
		panic(fmt.Sprintf("art: no motif %q", motif)) //nolint:forbidigo // a mistake in the program, and documented
	}
	if min(width, height) < 1 || max(width, height) > maxSide {
		panic(fmt.Sprintf("art: a scene of %d × %d pixels", width, height)) //nolint:forbidigo // as above
	}
	c := newCanvas(width, height)
	d := newDice(motif, seed)
	paint(c, d)
	return c.finish(d.Uint32(), 0.35)
}
