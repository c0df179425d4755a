package simulation

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// redial is how long a home waits before it begins a broken session anew, as the node does.
	redial = 3 * time.Second
	// lineBuffer is how much a line holds in each direction, like the buffers of a real connection.
	lineBuffer = 1 << 20
)

var errLineDown = errors.New("the line is down")

// network connects all homes that are up and on one side of the rift, each with each.
type network struct {
	w     *world
	lines map[[2]*home]*line
}

// line is what connects two homes, one session after the other.
type line struct {
	latency time.Duration
	cuts    []int // after how many bytes its first sessions break; then it holds
	stop    context.CancelFunc
	ended   chan struct{}
}

// connect brings the lines in step with who is up and where the rift is.
func (n *network) connect() {
	for i, a := range n.w.homes {
		for _, b := range n.w.homes[i+1:] {
			pair := [2]*home{a, b}
			wanted := a.up && b.up && !n.w.apart(a, b)
			switch {
			case wanted && n.lines[pair] == nil:
				n.lines[pair] = n.dial(a, b)
			case !wanted && n.lines[pair] != nil:
				n.hangUp(pair)
			}
		}
	}
}

// leave takes a home off the network.
func (n *network) leave(h *home) {
	for pair := range n.lines {
		if pair[0] == h || pair[1] == h {
			n.hangUp(pair)
		}
	}
}

func (n *network) close() {
	for pair := range n.lines {
		n.hangUp(pair)
	}
}

func (n *network) hangUp(pair [2]*home) {
	l := n.lines[pair]
	delete(n.lines, pair)
	l.stop()
	<-l.ended
}

func (n *network) dial(a, b *home) *line {
	ctx, stop := context.WithCancel(context.Background())
	l := &line{latency: time.Duration(1+n.w.dice.IntN(150)) * time.Millisecond, stop: stop, ended: make(chan struct{})}
	for n.w.roll(4) && len(l.cuts) < 3 {
		n.w.count("line broken in the middle")
		l.cuts = append(l.cuts, 1+n.w.dice.IntN(20_000))
	}
	go func() {
		defer close(l.ended)
		for ctx.Err() == nil {
			l.session(ctx, a, b)
			select {
			case <-ctx.Done():
			case <-time.After(redial):
			}
		}
	}()
	return l
}

// session holds one session between two homes, until the line breaks.
func (l *line) session(ctx context.Context, a, b *home) {
	cut := -1
	if len(l.cuts) > 0 {
		cut, l.cuts = l.cuts[0], l.cuts[1:]
	}
	there, back := newPipe(l.latency), newPipe(l.latency)
	budget := &budget{left: cut, pipes: []*pipe{there, back}}
	there.budget, back.budget = budget, budget
	unhook := context.AfterFunc(ctx, budget.cut)
	defer unhook()
	var both sync.WaitGroup
	both.Go(func() { a.talk(ctx, b, &end{in: back, out: there}, true) })
	both.Go(func() { b.talk(ctx, a, &end{in: there, out: back}, false) })
	both.Wait()
}

// talk is one side of a session.
func (h *home) talk(ctx context.Context, with *home, stream io.ReadWriteCloser, dialed bool) {
	defer stream.Close()
	talk := h.peers.Claim(with.device.Peer())
	if talk == nil {
		return
	}
	defer talk.Release()
	_ = talk.RunAs(ctx, stream, h.device.Peer(), dialed, h.w.door(h, talk.Local()))
}

// budget is how many bytes a session has before its line breaks; negative: no end.
type budget struct {
	mu    sync.Mutex
	left  int
	pipes []*pipe
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < 0 {
		return true
	}
	b.left -= min(n, b.left)
	return b.left > 0
}

func (b *budget) cut() {
	for _, p := range b.pipes {
		p.fail(errLineDown)
	}
}

// pipe is one direction of a line: what goes in comes out after the latency, in order.
type pipe struct {
	latency time.Duration
	budget  *budget

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	packets []packet
	held    int
	err     error // why nothing more comes, once the packets are read
	broken  bool  // not even those
}

type packet struct {
	data []byte
	due  time.Time
}

func newPipe(latency time.Duration) *pipe {
	return &pipe{latency: latency, changed: make(chan struct{})}
}

// change wakes who waits. The lock is held.
func (p *pipe) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// fail breaks the pipe.
func (p *pipe) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.broken {
		p.err, p.broken, p.packets = err, true, nil
		p.change()
	}
}

// finish lets what is in the pipe arrive, and nothing more.
func (p *pipe) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = io.EOF
		p.change()
	}
}

func (p *pipe) write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.err == nil && p.held >= lineBuffer {
		p.wait(nil)
	}
	if p.err != nil {
		return 0, errLineDown
	}
	if !p.budget.take(len(data)) {
		p.mu.Unlock()
		p.budget.cut()
		p.mu.Lock()
		return 0, errLineDown
	}
	p.packets = append(p.packets, packet{append([]byte(nil), data...), time.Now().Add(p.latency)})
	p.held += len(data)
	p.change()
	return len(data), nil
}

// wait waits for a change, or for the timer. The lock is held before and after.
func (p *pipe) wait(timer <-chan time.Time) {
	changed := p.changed
	p.mu.Unlock()
	select {
	case <-changed:
	case <-timer:
	}
	p.mu.Lock()
}

func (p *pipe) read(into []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if len(p.packets) > 0 {
			first := &p.packets[0]
			if due := time.Until(first.due); due > 0 {
				timer := time.NewTimer(due)
				p.wait(timer.C)
				timer.Stop()
				continue
			}
			n := copy(into, first.data)
			first.data = first.data[n:]
			if len(first.data) == 0 {
				p.packets = p.packets[1:]
			}
			p.held -= n
			p.change()
			return n, nil
		}
		if p.err != nil {
			return 0, p.err
		}
		p.wait(nil)
	}
}

// end is one home's end of a line.
type end struct{ in, out *pipe }

func (e *end) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e *end) Write(p []byte) (int, error) { return e.out.write(p) }

// CloseWrite lets what was written arrive.
func (e *end) CloseWrite() error {
	e.out.finish()
	return nil
}

// Close ends both directions.
func (e *end) Close() error {
	e.out.finish()
	e.in.fail(errLineDown)
	return nil
}
