package replicate

import (
	"bufio"
	"context"
	"fmt"
	"sync"
	"time"
)

// outbox holds the frames that wait to be written: those that go first, in order, and one of bulk. Safe for
// concurrent use.
type outbox struct {
	mu    sync.Mutex
	first [][]byte
	bytes int // of first
	bulk  []byte

	wake  chan struct{} // something is there; one waits at most: the writer
	taken chan struct{} // the bulk was taken; one waits at most: serve
}

func newOutbox() *outbox {
	return &outbox{wake: make(chan struct{}, 1), taken: make(chan struct{}, 1)}
}

// poke wakes whoever waits on a channel of one place.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// put queues a frame that goes first. It never waits.
func (o *outbox) put(framed []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes+len(framed) > maxOutbox {
		return fmt.Errorf("%w: %d bytes wait for it", ErrSlow, o.bytes)
	}
	o.first = append(o.first, framed)
	o.bytes += len(framed)
	poke(o.wake)
	return nil
}

// waiting is how many bytes are in the queue that goes first.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// putBulk waits for the place of bulk and puts a frame there.
func (o *outbox) putBulk(ctx context.Context, framed []byte) error {
	for {
		o.mu.Lock()
		if o.bulk == nil {
			o.bulk = framed
			o.mu.Unlock()
			poke(o.wake)
			return nil
		}
		o.mu.Unlock()
		select {
		case <-o.taken:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take gives the next frame, or nil.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.first) > 0 {
		framed := o.first[0]
		o.first[0] = nil
		o.first = o.first[1:]
		o.bytes -= len(framed)
		if len(o.first) == 0 {
			o.first = nil
		}
		return framed
	}
	framed := o.bulk
	o.bulk = nil
	if framed != nil {
		poke(o.taken)
	}
	return framed
}

// write sends frames until ctx ends, and then the last.
func (s *Session) write(ctx context.Context) error {
	watchdog := time.AfterFunc(writeTimeout, func() {
		s.fail(fmt.Errorf("%w: it reads nothing", ErrSlow))
		s.closeStream()
	})
	watchdog.Stop()
	defer watchdog.Stop()
	to := bufio.NewWriterSize(&patient{s: s, watchdog: watchdog}, streamBuffer)
	for ctx.Err() == nil {
		framed := s.out.take()
		if framed != nil {
			if _, err := to.Write(framed); err != nil {
				return s.lost(err)
			}
			s.stats.sent(framed)
			continue
		}
		if err := to.Flush(); err != nil {
			return s.lost(err)
		}
		if s.hungry.Swap(false) {
			poke(s.mail.wake)
		}
		select {
		case <-s.out.wake:
		case <-ctx.Done():
		}
	}
	s.farewell(func(framed []byte) error {
		if _, err := to.Write(framed); err != nil {
			return err
		}
		return to.Flush()
	})
	return nil
}

// patient writes to the stream in chunks, each of which has writeTimeout.
type patient struct {
	s        *Session
	watchdog *time.Timer
}

func (p *patient) Write(data []byte) (int, error) {
	written := 0
	for written < len(data) {
		p.watchdog.Reset(writeTimeout)
		n, err := p.s.stream.Write(data[written:min(written+writeChunk, len(data))])
		p.watchdog.Stop()
		written += n
		if err != nil {
			return written, err
		}
	}
	p.s.lastSent.Store(time.Now().UnixNano())
	return written, nil
}

// lost closes a stream that failed.
func (s *Session) lost(err error) error {
	s.closeStream()
	return streamError(err)
}

func streamError(err error) error { return fmt.Errorf("%w: %w", errStream, err) }
