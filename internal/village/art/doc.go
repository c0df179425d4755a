// Package art paints pictures by program, so that kith demo has photos to share without anybody's photo
// being in this repository.
//
// A scene is a picture of a motif ("lake", "street", …); a portrait is a friendly face. Both follow from a
// seed: the same seed gives the same picture, another one gives another evening at the same lake.
//
// Painting happens on a canvas of floating-point pixels, from back to front: shaders fill the sky, ridges
// and paths with antialiased edges stand before it, glows are added on top, and at the end a vignette and a
// little grain make it look as if there had been a lens. Coordinates are in units of the canvas's height,
// x to the right and y downwards from the top left corner, so that a motif works in every aspect ratio.
package art
