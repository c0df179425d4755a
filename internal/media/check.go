package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Info is what is known of a rendition without decoding it.
type Info struct {
	Type          string // TypeJPEG or TypePNG
	Width, Height int
	Bytes         int64
}

// Check reads a rendition that came from somebody else and returns [ErrRendition] unless it is of the wanted
// type (any of the two if want is empty), within the limits, and of exactly the form that this package
// writes. It reads r to its end, decodes nothing and holds a few kilobytes. Errors of r are returned as they are.
func Check(r io.Reader, want string, limits Limits) (Info, error) {
	c := &checker{limits: limits}
	c.r = bufio.NewReader(io.LimitReader(&countingReader{r, &c.read}, limits.Bytes+1))
	head, err := c.r.Peek(len(pngSignature))
	if err != nil {
		return Info{}, c.fail(err)
	}
	info := Info{Type: TypeJPEG}
	if string(head) == pngSignature {
		info.Type = TypePNG
	}
	if want != "" && info.Type != want {
		return Info{}, fmt.Errorf("%w: not of type %s", ErrRendition, want)
	}
	if info.Type == TypePNG {
		err = c.png(&info)
	} else {
		err = c.jpeg(&info)
	}
	if err != nil {
		return Info{}, c.fail(err)
	}
	if _, err := c.r.ReadByte(); err == nil {
		return Info{}, fmt.Errorf("%w: bytes behind its end", ErrRendition)
	} else if err != io.EOF {
		return Info{}, err
	}
	if c.read > limits.Bytes {
		return Info{}, fmt.Errorf("%w: more than %d bytes", ErrRendition, limits.Bytes)
	}
	info.Bytes = c.read
	return info, nil
}

type countingReader struct {
	r io.Reader
	n *int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	*c.n += int64(n)
	return n, err
}

// checker walks over a rendition.
type checker struct {
	r      *bufio.Reader
	read   int64
	limits Limits
}

// fail gives an end of the data that comes too early its meaning.
func (c *checker) fail(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if c.read > c.limits.Bytes {
			return fmt.Errorf("%w: more than %d bytes", ErrRendition, c.limits.Bytes)
		}
		return fmt.Errorf("%w: cut off", ErrRendition)
	}
	return err
}

func (c *checker) dimensions(info *Info, width, height int) error {
	if info.Width != 0 {
		return fmt.Errorf("%w: several pictures", ErrRendition)
	}
	if err := c.limits.check(width, height); err != nil {
		return fmt.Errorf("%w: %w", ErrRendition, err)
	}
	info.Width, info.Height = width, height
	return nil
}

// jpeg accepts SOI, tables, one baseline frame, one scan, EOI; no other segment has a place.
func (c *checker) jpeg(info *Info) error {
	var b [4]byte
	if _, err := io.ReadFull(c.r, b[:2]); err != nil {
		return err
	}
	if b[0] != 0xff || b[1] != markerSOI {
		return fmt.Errorf("%w: neither JPEG nor PNG", ErrRendition)
	}
	for {
		if _, err := io.ReadFull(c.r, b[:4]); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint16(b[2:])) - 2
		if b[0] != 0xff || length < 0 {
			return fmt.Errorf("%w: JPEG segment", ErrRendition)
		}
		switch b[1] {
		case markerDQT, markerDHT:
			if _, err := c.r.Discard(length); err != nil {
				return err
			}
		case markerSOF0:
			if err := c.frame(info, length); err != nil {
				return err
			}
		case markerSOS:
			if info.Width == 0 {
				return fmt.Errorf("%w: JPEG scan without a frame", ErrRendition)
			}
			if _, err := c.r.Discard(length); err != nil {
				return err
			}
			return c.scan()
		default:
			return fmt.Errorf("%w: JPEG segment %#02x", ErrRendition, b[1])
		}
	}
}

// frame reads a start-of-frame segment: 8 bits, one or three components.
func (c *checker) frame(info *Info, length int) error {
	var b [15]byte
	if length != 9 && length != 15 {
		return fmt.Errorf("%w: JPEG frame of %d bytes", ErrRendition, length)
	}
	if _, err := io.ReadFull(c.r, b[:length]); err != nil {
		return err
	}
	if b[0] != 8 || int(b[5]) != (length-6)/3 {
		return fmt.Errorf("%w: JPEG of %d bits and %d components", ErrRendition, b[0], b[5])
	}
	return c.dimensions(info, int(binary.BigEndian.Uint16(b[3:])), int(binary.BigEndian.Uint16(b[1:])))
}

// scan passes over entropy-coded data up to the end of the picture.
func (c *checker) scan() error {
	for {
		if _, err := c.r.ReadSlice(0xff); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return err
		}
		switch next, err := c.r.ReadByte(); {
		case err != nil:
			return err
		case next == markerEOI:
			return nil
		case next != 0:
			return fmt.Errorf("%w: JPEG marker %#02x in the scan", ErrRendition, next)
		}
	}
}

// png accepts IHDR, perhaps PLTE, IDAT one or more times, IEND; no other chunk has a place.
func (c *checker) png(info *Info) error {
	if _, err := c.r.Discard(len(pngSignature)); err != nil {
		return err
	}
	previous := ""
	for previous != "IEND" {
		kind, length, data, err := c.chunk()
		if err != nil {
			return err
		}
		ok := false
		switch kind {
		case "IHDR":
			ok = previous == "" && length == 13 && data[8] <= 8 && data[9] <= 3 && string(data[10:]) == "\x00\x00\x00"
			if ok {
				err = c.dimensions(info, pixels(data), pixels(data[4:]))
			}
		case "PLTE":
			ok = previous == "IHDR"
		case "IDAT":
			ok = previous == "IHDR" || previous == "PLTE" || previous == "IDAT"
		case "IEND":
			ok = previous == "IDAT" && length == 0
		}
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%w: PNG chunk %q after %q", ErrRendition, kind, previous)
		}
		previous = kind
	}
	return nil
}

// pixels reads a dimension; more than an int32 holds becomes 0, which is no dimension either.
func pixels(b []byte) int {
	v := binary.BigEndian.Uint32(b)
	if v > 1<<31-1 {
		return 0
	}
	return int(v)
}

// chunk reads a PNG chunk and verifies its checksum. It returns the data only if it is as short as a header.
func (c *checker) chunk() (kind string, length int64, data []byte, err error) {
	var b [8]byte
	if _, err := io.ReadFull(c.r, b[:]); err != nil {
		return "", 0, nil, err
	}
	length = int64(binary.BigEndian.Uint32(b[:]))
	if length > c.limits.Bytes {
		return "", 0, nil, fmt.Errorf("%w: PNG chunk of %d bytes", ErrRendition, length)
	}
	sum := crc32.NewIEEE()
	sum.Write(b[4:])
	if length <= 13 {
		data = make([]byte, length)
		if _, err := io.ReadFull(c.r, data); err != nil {
			return "", 0, nil, err
		}
		sum.Write(data)
	} else if n, err := io.CopyN(sum, c.r, length); err != nil {
		return "", 0, nil, fmt.Errorf("%w after %d bytes", err, n)
	}
	var want [4]byte
	if _, err := io.ReadFull(c.r, want[:]); err != nil {
		return "", 0, nil, err
	}
	if binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return "", 0, nil, fmt.Errorf("%w: checksum of a PNG chunk", ErrRendition)
	}
	return string(b[4:]), length, data, nil
}
