package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// maxScans bounds the passes of a progressive JPEG. Encoders write about ten; each further one costs a pass
// over all pixels and next to no bytes.
const maxScans = 100

// maxProfile bounds a colour profile. Those of phones and cameras have less than 4 KiB.
const maxProfile = 1 << 20

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOF0 = 0xc0
	markerSOF2 = 0xc2
	markerDHT  = 0xc4
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
	markerAPPE = 0xee
)

// header is what the head of a picture says, before it is decoded.
type header struct {
	width, height int
	cost          int64 // bytes that decoding will take, estimated from above
	exif          []byte
	profile       []byte // ICC
	lossless      bool
	studioRange   bool // luma runs from 16 to 235, as in video
}

// scanJPEG walks over the segments of a JPEG and reads what decoding will cost.
func scanJPEG(data []byte) (header, error) {
	var h header
	var frame []byte // of the start-of-frame segment
	var progressive, adobe bool
	scans := 0
	for pos := 2; pos+4 <= len(data); {
		if data[pos] != 0xff {
			pos++ // between segments decoders skip what they don't know
			continue
		}
		marker := data[pos+1]
		switch {
		case marker == 0xff:
			pos++
			continue
		case marker == 0 || marker == 1 || marker >= markerRST0 && marker <= markerSOI:
			pos += 2
			continue
		case marker == markerEOI:
			pos = len(data)
			continue
		}
		length := int(binary.BigEndian.Uint16(data[pos+2:]))
		if length < 2 || pos+2+length > len(data) {
			break
		}
		segment := data[pos+4 : pos+2+length]
		pos += 2 + length
		switch {
		case marker == markerSOS:
			scans++
			pos += entropyLength(data[pos:])
		case isFrame(marker) && frame == nil:
			frame, progressive = segment, marker == markerSOF2
		case marker == markerAPP1 && h.exif == nil && bytes.HasPrefix(segment, []byte("Exif\x00\x00")):
			h.exif = segment[6:]
		case marker == markerAPP2:
			h.profile = appendProfile(h.profile, segment)
		case marker == markerAPPE && bytes.HasPrefix(segment, []byte("Adobe")):
			adobe = true
		}
	}
	if scans > maxScans {
		return header{}, fmt.Errorf("%w: JPEG with %d scans, at most %d", ErrTooLarge, scans, maxScans)
	}
	if err := h.readFrame(frame, progressive, adobe); err != nil {
		return header{}, err
	}
	return h, nil
}

// isFrame reports whether a marker starts a frame of any of the 13 kinds; the decoder refuses most of them.
func isFrame(marker byte) bool {
	return marker >= markerSOF0 && marker <= 0xcf && marker != markerDHT && marker != 0xc8 && marker != 0xcc
}

// readFrame reads dimensions and cost from a start-of-frame segment.
func (h *header) readFrame(frame []byte, progressive, adobe bool) error {
	if len(frame) < 6 || len(frame) < 6+3*int(frame[5]) {
		return fmt.Errorf("%w: JPEG without a frame", ErrDamaged)
	}
	h.height = int(binary.BigEndian.Uint16(frame[1:]))
	h.width = int(binary.BigEndian.Uint16(frame[3:]))
	components := frame[6 : 6+3*int(frame[5])]
	var factors, largest int64
	for ; len(components) > 0; components = components[3:] {
		f := int64(components[1]>>4) * int64(components[1]&15)
		factors += f
		largest = max(largest, f)
	}
	if largest == 0 {
		return fmt.Errorf("%w: JPEG without samples", ErrDamaged)
	}
	// Blocks at the edge are decoded whole, so round up to the largest unit of 32 × 32 pixels.
	area := int64((h.width+31)&^31) * int64((h.height+31)&^31)
	samples := area * factors / largest
	h.cost = samples
	if progressive {
		h.cost += 4 * samples // coefficients of all passes, 32 bits each
	}
	if adobe || frame[5] == 4 || frame[5] == 3 && frame[6] == 'R' {
		h.cost += 5 * area // converted to RGB or CMYK
	}
	return nil
}

// appendProfile collects the parts of an ICC profile, which lies in several segments if it is long.
func appendProfile(profile, segment []byte) []byte {
	const prefix = "ICC_PROFILE\x00"
	if !bytes.HasPrefix(segment, []byte(prefix)) || len(segment) < len(prefix)+2 {
		return profile
	}
	part := segment[len(prefix)+2:]
	if len(profile)+len(part) > maxProfile {
		return profile
	}
	return append(profile, part...)
}

// entropyLength returns how many bytes of entropy-coded data follow a start-of-scan segment.
func entropyLength(data []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(data[n:], 0xff)
		if i < 0 || n+i+1 >= len(data) {
			return len(data)
		}
		n += i
		next := data[n+1]
		if next != 0 && next != 0xff && (next < markerRST0 || next > markerRST7) {
			return n
		}
		n++
		if next != 0xff {
			n++
		}
	}
}
