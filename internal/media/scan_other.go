package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// scanPNG walks over the chunks of a PNG (ISO/IEC 15948, 5.3).
func scanPNG(data []byte) (header, error) {
	h := header{lossless: true}
	for pos := len(pngSignature); pos+12 <= len(data); {
		length := binary.BigEndian.Uint32(data[pos:])
		if uint64(length) > uint64(len(data)-pos-12) {
			break // cut off; the decoder will say so
		}
		kind, chunk := string(data[pos+4:pos+8]), data[pos+8:pos+8+int(length)]
		pos += 12 + int(length)
		switch kind {
		case "IHDR":
			if length != 13 || h.width != 0 {
				return header{}, fmt.Errorf("%w: PNG header", ErrDamaged)
			}
			h.readPNG(chunk)
		case "eXIf":
			h.exif = chunk
		case "iCCP":
			h.profile = inflateProfile(chunk)
		case "IEND":
			pos = len(data)
		}
	}
	if h.width <= 0 || h.height <= 0 {
		return header{}, fmt.Errorf("%w: PNG without dimensions", ErrDamaged)
	}
	return h, nil
}

// readPNG reads dimensions and cost from an IHDR chunk.
func (h *header) readPNG(chunk []byte) {
	width, height := binary.BigEndian.Uint32(chunk), binary.BigEndian.Uint32(chunk[4:])
	h.width, h.height = int(min(width, 1<<30)), int(min(height, 1<<30))
	depth, colour, interlaced := chunk[8], chunk[9], chunk[12] != 0
	perPixel := int64(4) // RGBA or NRGBA
	switch {
	case colour == 3, colour == 0 && depth <= 8:
		// One byte, or four where a tRNS chunk makes some of it transparent.
	case depth == 16:
		perPixel = 8
	}
	h.cost = perPixel * int64(h.width) * int64(h.height)
	if interlaced {
		h.cost += h.cost / 2 // the largest pass stands beside the picture
	}
}

// inflateProfile reads the ICC profile out of an iCCP chunk: a name, a zero, the method 0, zlib data.
func inflateProfile(chunk []byte) []byte {
	_, rest, found := bytes.Cut(chunk, []byte{0})
	if !found || len(rest) < 1 || rest[0] != 0 {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return nil
	}
	profile, err := io.ReadAll(io.LimitReader(z, maxProfile))
	if err != nil {
		return nil
	}
	return profile
}

// scanGIF reads the logical screen descriptor (GIF89a, 18). Only the first frame is ever decoded, so that the
// number of frames costs nothing.
func scanGIF(data []byte) (header, error) {
	if len(data) < 13 {
		return header{}, fmt.Errorf("%w: GIF without a screen", ErrDamaged)
	}
	h := header{
		width:    int(binary.LittleEndian.Uint16(data[6:])),
		height:   int(binary.LittleEndian.Uint16(data[8:])),
		lossless: true,
	}
	h.cost = 2 * int64(h.width) * int64(h.height) // palette indices, twice if interlaced
	return h, nil
}

// scanWebP walks over the chunks of a WebP file (RFC 9649, 2.3) and refuses lengths that the file doesn't
// have, because the decoder would reserve memory for them.
func scanWebP(data []byte) (header, error) {
	var h header
	alpha := 0 // bytes of the coded transparency
	if size := uint64(binary.LittleEndian.Uint32(data[4:])) + 8; size > uint64(len(data)) {
		return header{}, fmt.Errorf("%w: WebP of %d bytes announces %d", ErrDamaged, len(data), size)
	} else {
		data = data[:size]
	}
	for pos := 12; pos+8 <= len(data); {
		kind := string(data[pos : pos+4])
		length := uint64(binary.LittleEndian.Uint32(data[pos+4:]))
		if length > uint64(len(data)-pos-8) {
			return header{}, fmt.Errorf("%w: WebP chunk of %d bytes", ErrDamaged, length)
		}
		chunk := data[pos+8 : pos+8+int(length)]
		pos += 8 + int(length+length%2)
		switch kind {
		case "ANIM", "ANMF":
			return header{}, &UnsupportedError{Format: "animated WebP"}
		case "ALPH":
			alpha = len(chunk)
		case "EXIF":
			h.exif = bytes.TrimPrefix(chunk, []byte("Exif\x00\x00"))
		case "ICCP":
			h.profile = chunk[:min(len(chunk), maxProfile)]
		case "VP8 ", "VP8L":
			if h.width != 0 {
				return header{}, fmt.Errorf("%w: WebP with several pictures", ErrDamaged)
			}
			if err := h.readWebP(kind, chunk, alpha); err != nil {
				return header{}, err
			}
		}
	}
	if h.width == 0 {
		return header{}, fmt.Errorf("%w: WebP without a picture", ErrDamaged)
	}
	return h, nil
}

// maxTreeCost returns how much memory the Huffman trees of a lossless WebP of n bytes may take. The decoder
// allows 2,600 groups of at most 50 KB, and a hostile file spends about a byte on 256 of them.
func maxTreeCost(n int) int64 { return min(2600*50_000, 256*int64(n)) }

// readWebP reads dimensions and cost from the start of the coded picture.
func (h *header) readWebP(kind string, chunk []byte, alpha int) error {
	if kind == "VP8L" {
		if len(chunk) < 5 || chunk[0] != 0x2f {
			return fmt.Errorf("%w: lossless WebP header", ErrDamaged)
		}
		bits := binary.LittleEndian.Uint32(chunk[1:])
		h.width, h.height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		h.cost = 6*int64(h.width)*int64(h.height) + maxTreeCost(len(chunk)) // pixels, and before them packed indices
		h.lossless = true
		return nil
	}
	if len(chunk) < 10 {
		return fmt.Errorf("%w: lossy WebP header", ErrDamaged)
	}
	h.width = int(binary.LittleEndian.Uint16(chunk[6:]) & 0x3fff)
	h.height = int(binary.LittleEndian.Uint16(chunk[8:]) & 0x3fff)
	area := int64((h.width+15)&^15) * int64((h.height+15)&^15)
	h.cost = 2 * area
	if alpha > 0 {
		h.cost += 7*area + maxTreeCost(alpha) // coded as a lossless picture of its own
	}
	h.studioRange = true
	return nil
}
