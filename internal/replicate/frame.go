package replicate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// A frame is a length (4 bytes, big-endian) and a message of that length: its kind (1 byte) and its body.
const (
	lengthSize = 4
	frameExtra = lengthSize + 1
	// readChunk is how much is allocated ahead of what has arrived: a peer that claims a large message and
	// does not send it costs us no more.
	readChunk = 64 << 10
	// streamBuffer is small, because large messages pass it by and most sessions are quiet.
	streamBuffer = 4 << 10
)

// frameReader reads frames and gives up on a frame that takes longer than frameTimeout.
type frameReader struct {
	from     *bufio.Reader
	watchdog *time.Timer
}

// newFrameReader calls late, once, when a frame takes too long; late makes the pending Read fail.
func newFrameReader(from io.Reader, late func()) *frameReader {
	watchdog := time.AfterFunc(frameTimeout, late)
	watchdog.Stop()
	return &frameReader{from: bufio.NewReaderSize(from, streamBuffer), watchdog: watchdog}
}

// next waits for a frame and returns its message, of at most limit bytes. At the end of the stream, between
// frames, the error is io.EOF. Other errors are ErrProtocol or of the stream.
func (r *frameReader) next(limit int) (kind, []byte, error) {
	first, err := r.from.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	r.watchdog.Reset(frameTimeout)
	defer r.watchdog.Stop()
	head := [lengthSize]byte{first}
	if _, err := io.ReadFull(r.from, head[1:]); err != nil {
		return 0, nil, cutShort(err)
	}
	length := binary.BigEndian.Uint32(head[:])
	if length < 1 || length > uint32(limit) {
		return 0, nil, broken("a message of %d bytes", length)
	}
	name, err := r.from.ReadByte()
	if err != nil {
		return 0, nil, cutShort(err)
	}
	body, size := []byte(nil), int(length)-1
	for len(body) < size {
		have, more := len(body), min(size-len(body), readChunk)
		body = slices.Grow(body, more)[:have+more]
		if _, err := io.ReadFull(r.from, body[have:]); err != nil {
			return 0, nil, cutShort(err)
		}
	}
	return kind(name), body, nil
}

// cutShort makes an end within a frame an unexpected one.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// frame makes the frame of a message.
func frame(m message) ([]byte, error) {
	body, err := encode(m)
	if err != nil {
		return nil, err
	}
	if len(body)+1 > MaxMessage {
		return nil, fmt.Errorf("replicate: a message of kind %d with %d bytes", m.kind(), len(body))
	}
	framed := make([]byte, 0, frameExtra+len(body))
	framed = binary.BigEndian.AppendUint32(framed, uint32(len(body)+1))
	framed = append(framed, byte(m.kind()))
	return append(framed, body...), nil
}
