package media

import (
	"bytes"
	"slices"
)

// format is what the first bytes say that a picture is.
type format int

const (
	formatJPEG format = iota + 1
	formatPNG
	formatGIF
	formatWebP
)

// Formats that are recognised only to say so.
const (
	formatHEIC  = "HEIC"
	formatVideo = "video"
)

// foreign maps the first bytes of a file to the name of its format.
var foreign = []struct{ magic, name string }{
	{"BM", "BMP"},
	{"II*\x00", "TIFF"},
	{"MM\x00*", "TIFF"},
	{"\xff\x0a", "JPEG XL"},
	{"\x00\x00\x00\x0cJXL ", "JPEG XL"},
	{"\x00\x00\x00\x0cjP  ", "JPEG 2000"},
	{"8BPS", "Photoshop"},
	{"<svg", "SVG"},
	{"%PDF-", "PDF"},
	{"\x1aE\xdf\xa3", formatVideo},
	{"qoif", "QOI"},
}

// heicBrands are the brands of the ISO base media file format (ISO/IEC 23008-12) under which phones store
// HEVC-coded pictures.
var heicBrands = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"}

// sniff finds the format of a picture from its content.
func sniff(data []byte) (format, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return formatJPEG, nil
	case bytes.HasPrefix(data, []byte(pngSignature)):
		return formatPNG, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return formatGIF, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return formatWebP, nil
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		return 0, &UnsupportedError{Format: isoFormat(data)}
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "AVI ":
		return 0, &UnsupportedError{Format: formatVideo}
	}
	for _, f := range foreign {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return 0, &UnsupportedError{Format: f.name}
		}
	}
	return 0, ErrNotAPicture
}

// isoFormat tells what is in a file that starts with an ftyp box: the major brand decides, then the
// compatible ones.
func isoFormat(data []byte) string {
	box := data[:min(len(data), 64)]
	for i := 8; i+4 <= len(box); i += 4 {
		if i == 12 {
			continue // the minor version
		}
		switch brand := string(box[i : i+4]); {
		case brand == "avif" || brand == "avis":
			return "AVIF"
		case slices.Contains(heicBrands, brand):
			if bytes.Contains(box, []byte("avif")) {
				return "AVIF" // AVIF files may lead with the general brand mif1
			}
			return formatHEIC
		}
	}
	return formatVideo
}
