package replicate

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link says what a stream between two homes is like.
type link struct {
	latency   time.Duration // one way
	bandwidth int           // bytes a second in each direction; 0: no limit
	buffer    int           // bytes that a direction holds; 0: 1 MiB
	cutAfter  int           // bytes, in both directions together, after which the stream breaks; 0: never
	halfClose bool          // whether the ends have CloseWrite
}

// newStream makes both ends of a stream in memory. On the fake clock of a synctest bubble it is exact.
func newStream(l link) (a, b io.ReadWriteCloser) {
	if l.buffer == 0 {
		l.buffer = 1 << 20
	}
	cut := &cutter{left: l.cutAfter, armed: l.cutAfter > 0}
	there, back := newLane(l, cut), newLane(l, cut)
	cut.lanes = []*lane{there, back}
	x, y := &end{in: back, out: there}, &end{in: there, out: back}
	if l.halfClose {
		return halfEnd{x}, halfEnd{y}
	}
	return x, y
}

var (
	errCut   = errors.New("the line was cut")
	errReset = errors.New("the other end closed without having read all")
)

// cutter breaks a stream after so many bytes.
type cutter struct {
	mu    sync.Mutex
	armed bool
	left  int
	lanes []*lane
}

// allow is how many of n bytes still pass.
func (c *cutter) allow(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.armed {
		return n
	}
	n = min(n, c.left)
	c.left -= n
	return n
}

func (c *cutter) cut() {
	for _, lane := range c.lanes {
		lane.fail(errCut)
	}
}

// lane is one direction.
type lane struct {
	link    link
	cut     *cutter
	mu      sync.Mutex
	changed chan struct{}
	chunks  []chunk
	held    int
	free    time.Time // when the line is free again
	ended   bool      // no more will be written
	broken  error
}

type chunk struct {
	data []byte
	at   time.Time
}

func newLane(l link, cut *cutter) *lane {
	return &lane{link: l, cut: cut, changed: make(chan struct{})}
}

func (l *lane) notify() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lane) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = err
		l.notify()
	}
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		l.notify()
	}
}

func (l *lane) unread() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held > 0
}

// reset drops what is under way.
func (l *lane) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.chunks, l.held = nil, 0
	if l.broken == nil {
		l.broken = errReset
	}
	l.notify()
}

func (l *lane) write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		l.mu.Lock()
		switch {
		case l.broken != nil:
			l.mu.Unlock()
			return written, l.broken
		case l.ended:
			l.mu.Unlock()
			return written, net.ErrClosed
		case l.held >= l.link.buffer:
			changed := l.changed
			l.mu.Unlock()
			<-changed
			continue
		}
		n := min(len(p)-written, l.link.buffer-l.held)
		passed := l.cut.allow(n)
		if passed > 0 {
			now := time.Now()
			if l.free.Before(now) {
				l.free = now
			}
			if l.link.bandwidth > 0 {
				l.free = l.free.Add(time.Duration(passed) * time.Second / time.Duration(l.link.bandwidth))
			}
			l.chunks = append(l.chunks, chunk{append([]byte(nil), p[written:written+passed]...), l.free.Add(l.link.latency)})
			l.held += passed
			written += passed
			l.notify()
		}
		l.mu.Unlock()
		if passed < n {
			l.cut.cut()
			return written, errCut
		}
	}
	return written, nil
}

func (l *lane) read(p []byte) (int, error) {
	for {
		l.mu.Lock()
		wait := time.Duration(-1)
		if len(l.chunks) > 0 {
			first := &l.chunks[0]
			if wait = time.Until(first.at); wait <= 0 {
				n := copy(p, first.data)
				first.data = first.data[n:]
				if len(first.data) == 0 {
					l.chunks = l.chunks[1:]
				}
				l.held -= n
				l.notify()
				l.mu.Unlock()
				return n, nil
			}
		}
		switch {
		case l.broken != nil:
			l.mu.Unlock()
			return 0, l.broken
		case l.ended && len(l.chunks) == 0:
			l.mu.Unlock()
			return 0, io.EOF
		}
		changed := l.changed
		l.mu.Unlock()
		if wait < 0 {
			<-changed
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// end is one end of a stream.
type end struct{ in, out *lane }

func (e *end) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error) { return e.out.write(p) }

// Close ends what this end writes in good order, and breaks what it reads. If there is something that it has not
// read, the other end loses what is under way to it, as over TCP.
func (e *end) Close() error {
	if e.in.unread() {
		e.out.reset()
	}
	e.out.end()
	e.in.fail(net.ErrClosed)
	return nil
}

// halfEnd can also be closed by halves.
type halfEnd struct{ *end }

func (e halfEnd) CloseWrite() error {
	e.out.end()
	return nil
}
