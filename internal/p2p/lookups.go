package p2p

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	// firstPause is how long the result of looking a peer up in the hash table stands. It
	// doubles with each further lookup, up to lastPause, until the peer was connected. A
	// lookup costs some 40 KB, and a friend who is away for days is found by their own dial
	// when they are back.
	firstPause = time.Minute
	lastPause  = 12 * time.Hour

	// maxLookups bounds the peers whose results are kept: all friends' devices, and then some.
	maxLookups = 1024
)

// lookups keeps the latest results of looking peers up, so that callers who try again and
// again do not make this host ask the whole internet each time.
type lookups struct {
	now   func() time.Time
	first time.Duration

	mu sync.Mutex
	of map[peer.ID]lookup
}

// lookup is one result.
type lookup struct {
	at    time.Time
	pause time.Duration
	addrs []string // none if the peer was not found
}

func newLookups(now func() time.Time) *lookups {
	return &lookups{now: now, first: firstPause, of: make(map[peer.ID]lookup)}
}

// recent returns the result that stands, if there is one.
func (l *lookups) recent(id peer.ID) (addrs []string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.of[id]
	if !ok || l.now().Sub(last.at) >= last.pause {
		return nil, false
	}
	return last.addrs, true
}

// note keeps a result, in the place of the oldest if there are too many.
func (l *lookups) note(id peer.ID, addrs []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, again := l.of[id]
	pause := l.first
	if again {
		pause = min(2*last.pause, lastPause)
	} else if len(l.of) >= maxLookups {
		var oldest peer.ID
		for other, o := range l.of {
			if oldest == "" || o.at.Before(l.of[oldest].at) {
				oldest = other
			}
		}
		delete(l.of, oldest)
	}
	l.of[id] = lookup{at: l.now(), pause: pause, addrs: addrs}
}

// forget drops what is kept of a peer, who is connected now.
func (l *lookups) forget(id peer.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.of, id)
}
