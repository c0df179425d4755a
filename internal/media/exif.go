package media

import "encoding/binary"

// upright is the EXIF orientation of a picture that is stored as it is to be seen.
const upright = 1

// maxExifEntries bounds the entries of a directory that are looked at; a directory has some twenty, and the
// orientation is among the first because entries are sorted.
const maxExifEntries = 256

// exifOrientation returns the orientation, 1 to 8, from an EXIF block (a TIFF structure, see CIPA DC-008,
// 4.6). Whatever is missing or wrong gives upright: a picture the wrong way up is better than none.
func exifOrientation(tiff []byte) int {
	const (
		tagOrientation = 0x0112
		typeShort      = 3
		entrySize      = 12
	)
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	offset := uint64(order.Uint32(tiff[4:]))
	if offset+2 > uint64(len(tiff)) {
		return upright
	}
	count := min(int(order.Uint16(tiff[offset:])), maxExifEntries)
	entries := tiff[offset+2:]
	for i := range count {
		if len(entries) < (i+1)*entrySize {
			return upright
		}
		e := entries[i*entrySize:]
		if order.Uint16(e) != tagOrientation {
			continue
		}
		value := int(order.Uint16(e[8:]))
		if order.Uint16(e[2:]) != typeShort || order.Uint32(e[4:]) != 1 || value < 1 || value > 8 {
			return upright
		}
		return value
	}
	return upright
}
