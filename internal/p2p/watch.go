package p2p

import (
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
)

// watch tells callers when known peers connect and disconnect.
type watch struct {
	h   *Host
	sub event.Subscription

	mu      sync.Mutex
	on      map[PeerKey]bool // known peers last told to be connected
	callers map[int]func(PeerKey, bool)
	last    int       // the number of the latest caller; they count from 1
	queue   []change  // what is still to be told, oldest first
	wake    chan bool // has one place, filled when there is something in queue
}

// change is one thing to tell.
type change struct {
	peer      PeerKey
	connected bool
	from, to  int // the numbers of the first and the last caller to be told
}

// eventBuffer is how many of libp2p's events may wait for watch, which only sorts them.
const eventBuffer = 64

func newWatch(h *Host) (*watch, error) {
	sub, err := h.host.EventBus().Subscribe(new(event.EvtPeerConnectednessChanged),
		eventbus.Name("kith"), eventbus.BufSize(eventBuffer))
	if err != nil {
		return nil, fmt.Errorf("p2p: start: %w", err)
	}
	return &watch{
		h: h, sub: sub,
		on:      make(map[PeerKey]bool),
		callers: make(map[int]func(PeerKey, bool)),
		wake:    make(chan bool, 1),
	}, nil
}

// Notify calls f whenever a known peer got connected or lost its last connection, in the order
// in which that happened, one call at a time. f should return soon, since it holds up the
// next call. Peers that are connected already are told first. After the returned function
// was called, at most the call under way is still finished.
func (h *Host) Notify(f func(peer PeerKey, connected bool)) (stop func()) {
	w := h.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	id := w.last
	w.callers[id] = f
	for key := range w.on {
		w.tell(change{key, true, id, id})
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.callers, id)
	}
}

// sort notes what libp2p reports, until the host is closed.
func (w *watch) sort() {
	defer w.sub.Close()
	for {
		select {
		case <-w.h.ctx.Done():
			return
		case e, ok := <-w.sub.Out():
			if !ok {
				return
			}
			if e, ok := e.(event.EvtPeerConnectednessChanged); ok {
				w.note(e.Peer, e.Connectedness)
			}
		}
	}
}

// note takes a peer's new state in.
func (w *watch) note(id peer.ID, c network.Connectedness) {
	key, ok := keyOf(id)
	if !ok {
		return
	}
	connected := c == network.Connected || c == network.Limited
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case connected && !w.on[key] && w.h.cfg.Gate.Known(key):
		w.on[key] = true
		w.tell(change{key, true, 1, w.last})
	case !connected && w.on[key]:
		delete(w.on, key)
		w.tell(change{key, false, 1, w.last})
	}
}

// nudge looks at a peer that has just become known. The lock is held while its state is read:
// a change after that is noted after this.
func (w *watch) nudge(key PeerKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.on[key] && w.h.Connected(key) {
		w.on[key] = true
		w.tell(change{key, true, 1, w.last})
	}
}

// tell puts something in the queue, for the callers there are: whoever comes later is told
// how things stand then. The lock must be held.
func (w *watch) tell(c change) {
	w.queue = append(w.queue, c)
	select {
	case w.wake <- true:
	default:
	}
}

// deliver calls the callers, until the host is closed.
func (w *watch) deliver() {
	for {
		select {
		case <-w.h.ctx.Done():
			return
		case <-w.wake:
		}
		for {
			c, to, ok := w.take()
			if !ok || w.h.ctx.Err() != nil {
				break
			}
			for _, f := range to {
				f(c.peer, c.connected)
			}
		}
	}
}

// take removes the oldest change from the queue and returns it with whom to tell.
func (w *watch) take() (c change, to []func(PeerKey, bool), ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return change{}, nil, false
	}
	c, w.queue = w.queue[0], w.queue[1:]
	for id, f := range w.callers {
		if c.from <= id && id <= c.to {
			to = append(to, f)
		}
	}
	return c, to, true
}
