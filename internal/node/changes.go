package node

import (
	"sync"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// Change tells what one transaction, or one thing that happened outside of the store, changed.
type Change struct {
	Own      bool
	Items    []ItemChange
	Erased   []ingest.Erased
	Spaces   []key.SpaceID    // whose members or keys changed
	People   []key.PersonID   // whose devices changed
	Presence []key.PersonID   // whose homes came or went
	Blobs    []blob.Ref       // that are whole here now
	Reached  []replicate.Held // pieces of our logs that another home now holds
	// Unwelcome are devices that do not know this one, or not any more.
	Unwelcome []key.PeerKey
	// Recovered are people who came back: their root let in a device.
	Recovered []key.PersonID
}

// ItemChange is an item that can be read since now.
type ItemChange struct {
	ID      oplog.EntryID
	Space   key.SpaceID
	Author  key.PersonID
	Content content.Item
}

// outbox is a queue without a bound between the gate, which must not wait, and the one goroutine that follows it.
// It holds what it was given and nothing else: the items of a commit, not their payloads.
type outbox[T any] struct {
	mu     sync.Mutex
	queue  []T
	signal chan struct{}
}

func newOutbox[T any]() *outbox[T] { return &outbox[T]{signal: make(chan struct{}, 1)} }

func (o *outbox[T]) put(v T) {
	o.mu.Lock()
	o.queue = append(o.queue, v)
	o.mu.Unlock()
	select {
	case o.signal <- struct{}{}:
	default:
	}
}

// take gives everything in the queue, in order.
func (o *outbox[T]) take() []T {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue := o.queue
	o.queue = nil
	return queue
}

// hub passes changes on to whoever listens. It calls listeners one after another, in order, from one goroutine.
type hub struct {
	mu        sync.Mutex
	next      int
	listeners map[int]func(Change)
}

// listen registers a function that is called for every change until stop is called. It must not block.
func (h *hub) listen(f func(Change)) (stop func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listeners == nil {
		h.listeners = make(map[int]func(Change))
	}
	id := h.next
	h.next++
	h.listeners[id] = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, id)
	}
}

func (h *hub) tell(c Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.listeners {
		f(c)
	}
}
