package web

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"
	"sync"

	"kith/internal/social"
)

// keptChanges is how many changes the hub keeps. A page that missed more looks at everything again.
const keptChanges = 512

// change is an event with its number. Numbers count up from 1 without a gap for as long as the program runs.
type change struct {
	Number uint64 `json:"-"`
	social.Event
}

// hub reads the events of the home once, numbers them and keeps the last ones for every open page. One goroutine writes;
// any number of streams read.
type hub struct {
	run    string // names this run of the program; numbers of another run mean nothing here
	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended

	mu      sync.Mutex
	changes []change      // the last keptChanges of them, oldest first
	last    uint64        // the number of the newest
	news    chan struct{} // closed at the next change, and replaced
}

// newHub subscribes to the home. close ends it.
func newHub(home Watcher) *hub {
	ctx, cancel := context.WithCancel(context.Background())
	h := &hub{run: rand.Text(), cancel: cancel, ended: make(chan struct{}), news: make(chan struct{})}
	events := home.Subscribe(ctx)
	go func() {
		defer close(h.ended)
		for event := range events {
			h.add(event)
		}
	}()
	return h
}

// close ends the subscription and every stream.
func (h *hub) close() {
	h.cancel()
	<-h.ended
}

func (h *hub) add(event social.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.changes = append(h.changes, change{h.last, event})
	if len(h.changes) > keptChanges {
		// Copy into a new array now and then, so that the old one doesn't grow at its far end for ever.
		h.changes = append(make([]change, 0, 2*keptChanges), h.changes[len(h.changes)-keptChanges:]...)
	}
	close(h.news)
	h.news = make(chan struct{})
}

// mark names the position behind the newest change.
func (h *hub) mark() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.markOf(h.last)
}

func (h *hub) markOf(number uint64) string { return h.run + "-" + strconv.FormatUint(number, 10) }

// since returns the changes behind a mark and the position behind them. complete is false if the mark is of another run
// or too old, so that changes may be missing; then there are none in the answer. news is closed when there are more.
func (h *hub) since(mark string) (changes []change, next string, complete bool, news <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next = h.markOf(h.last)
	run, digits, _ := strings.Cut(mark, "-")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || run != h.run || number > h.last || h.last-number > uint64(len(h.changes)) {
		return nil, next, false, h.news
	}
	behind := h.changes[uint64(len(h.changes))-(h.last-number):]
	return append([]change(nil), behind...), next, true, h.news
}
