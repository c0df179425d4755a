// Package media turns pictures that cannot be trusted into pictures that can be shown.
//
// # Terms
//
//   - A picture is whatever bytes somebody calls one: an upload of the owner, with any content.
//   - A rendition is a picture that this package made: scaled, re-encoded, free of metadata. [Prepare] makes
//     two, a thumbnail and a screen size; [Portrait] makes the small square one that travels inside a card.
//   - The tone is the average colour, shown until the picture is there.
//
// # From picture to rendition
//
// The type is found from the content, never from a name. The bounds are checked before anything is decoded:
// the number of bytes, the pixels and the memory that decoding will take, which for a progressive JPEG is
// five times that of a plain one. JPEG, PNG, GIF (its first frame) and WebP are decoded. The EXIF
// orientation is honoured and colours are brought from the picture's colour profile to sRGB (phones
// write Display P3); then the pixels alone are encoded again, so that EXIF, GPS, comments, profiles and embedded
// previews are gone.
//
// Renditions are JPEGs without transparency: what was transparent becomes white, as on paper, because nobody
// knows what the page behind a picture will look like. A picture that came without loss (PNG, GIF, lossless
// WebP) and consists of flat areas, such as a screenshot or a chart, stays a PNG where that is not larger than
// the JPEG, for JPEG blurs the edges of letters.
//
// # Renditions of others
//
// A rendition that was received comes from somebody who may be hostile. [Check] accepts only what this
// package writes: a baseline JPEG of one scan or a plain PNG, within the bounds of its kind, without one
// segment of metadata or one byte behind its end. That takes no decoding, and leaves no room for a file that is a
// picture and something else at the same time.
//
// # Memory
//
// All decoding in the process shares a budget, see decodeBudget; who comes when it is used up waits. Scaling
// goes row by row and holds the result and a few rows.
package media
