package p2p

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// Stream is an ordered, reliable, encrypted stream of bytes from and to a peer. One goroutine
// at a time may read, and one may write; everything else may be called at any time.
//
// Read returns io.EOF after the other side called CloseWrite or Close. All methods return
// ErrRefused if the other side's gate or limits turned the stream away, ErrUnsupported if it
// does not speak the protocol, ErrLimit if a stranger's stream used up its share, and an
// error that is os.ErrDeadlineExceeded after a deadline. A stream that this host opened
// learns of a refusal only with the first Read.
type Stream struct {
	inner  network.Stream
	rw     io.ReadWriteCloser // inner, or inner with a protocol yet to be agreed on
	peer   PeerKey
	closed atomic.Bool
	share  *share // nil for known peers and for streams that this host opened
}

// share is what a stranger may use of a stream.
type share struct {
	until       time.Time
	read, wrote atomic.Int64
}

// accepted wraps a stream that a peer opened.
func accepted(s network.Stream, peer PeerKey) *Stream { return &Stream{inner: s, rw: s, peer: peer} }

// opened wraps a stream that this host opened. The protocol's name travels with the first
// bytes, and its confirmation with the first answer, so that agreeing costs no round trip.
func opened(s network.Stream, peer PeerKey, id protocol.ID) *Stream {
	return &Stream{inner: s, rw: multistream.NewMSSelect(s, id), peer: peer}
}

// bound limits the stream to a stranger's share.
func (s *Stream) bound() error {
	s.share = &share{until: time.Now().Add(strangerStreamLife)}
	return s.inner.SetDeadline(s.share.until)
}

// Read reads up to len(p) bytes.
func (s *Stream) Read(p []byte) (int, error) {
	n, err := s.rw.Read(p)
	if s.share != nil {
		if s.share.read.Add(int64(n)) > maxStrangerBytes {
			s.reset(network.StreamRateLimited)
			return 0, fmt.Errorf("%w: more than %d bytes read from %s", ErrLimit, maxStrangerBytes, s.peer)
		}
		err = s.lateAs(err)
	}
	return n, streamError(err)
}

// Write writes p.
func (s *Stream) Write(p []byte) (int, error) {
	if s.share != nil && s.share.wrote.Add(int64(len(p))) > maxStrangerBytes {
		s.reset(network.StreamRateLimited)
		return 0, fmt.Errorf("%w: more than %d bytes written to %s", ErrLimit, maxStrangerBytes, s.peer)
	}
	n, err := s.rw.Write(p)
	if s.share != nil {
		err = s.lateAs(err)
	}
	return n, streamError(err)
}

// lateAs says ErrLimit instead of an error that comes after a stranger's time was up.
func (s *Stream) lateAs(err error) error {
	if err == nil || err == io.EOF || time.Now().Before(s.share.until) {
		return err
	}
	return fmt.Errorf("%w: stream of %s open for %v", ErrLimit, s.peer, strangerStreamLife)
}

// CloseWrite says that nothing more will be written. Reading goes on.
func (s *Stream) CloseWrite() error {
	if f, ok := s.rw.(interface{ Flush() error }); ok {
		if err := f.Flush(); err != nil { // the name of the protocol, if nothing was written yet
			return streamError(err)
		}
	}
	return streamError(s.inner.CloseWrite())
}

// closeWait is how long Close of a stream that was never read waits for the other side to
// confirm the protocol. Closing earlier could make it drop what was written.
const closeWait = 5 * time.Second

// Close ends the stream in both directions. What was written is still delivered; to know that
// it arrived, call CloseWrite and read until io.EOF first. Closing again does nothing.
func (s *Stream) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	_ = s.inner.SetReadDeadline(time.Now().Add(closeWait)) // a broken stream closes all the same
	return streamError(s.rw.Close())
}

// Reset breaks the stream off at once; both sides' reads and writes fail, and what was
// written may be lost. After Close it does nothing.
func (s *Stream) Reset() { s.reset(network.StreamNoError) }

func (s *Stream) reset(code network.StreamErrorCode) {
	if !s.closed.Swap(true) {
		_ = s.inner.ResetWithError(code) // it fails only for streams that are gone anyway
	}
}

// SetDeadline sets when reads and writes that wait fail; the zero time is never. A stranger's
// time cannot be extended.
func (s *Stream) SetDeadline(t time.Time) error { return streamError(s.inner.SetDeadline(s.cap(t))) }

// SetReadDeadline is SetDeadline for reads only.
func (s *Stream) SetReadDeadline(t time.Time) error {
	return streamError(s.inner.SetReadDeadline(s.cap(t)))
}

// SetWriteDeadline is SetDeadline for writes only.
func (s *Stream) SetWriteDeadline(t time.Time) error {
	return streamError(s.inner.SetWriteDeadline(s.cap(t)))
}

// cap limits a deadline to a stranger's time.
func (s *Stream) cap(t time.Time) time.Time {
	if s.share != nil && (t.IsZero() || t.After(s.share.until)) {
		return s.share.until
	}
	return t
}

// Peer returns the key of the other side, which it has proven to hold.
func (s *Stream) Peer() PeerKey { return s.peer }

// RemoteAddr returns the address that the stream goes to, for people to read. For a stream
// that the peer opened its port may be a passing one.
func (s *Stream) RemoteAddr() string { return s.inner.Conn().RemoteMultiaddr().String() }

// LAN reports whether the stream stays within the home network or this machine.
func (s *Stream) LAN() bool { return home(s.inner.Conn().RemoteMultiaddr()) }

// Relayed reports whether the stream passes through a relay. Strangers' relays carry little:
// use it for what matters most.
func (s *Stream) Relayed() bool { return s.inner.Conn().Stat().Limited }

// breakWhen resets the stream when the context ends, until the returned function is called.
func (s *Stream) breakWhen(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, s.Reset)
}
