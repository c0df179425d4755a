package replicate

import (
	"sync"
	"time"
)

// flow is the window of the bulk that we send. The peer gives back window when it has stored what it got, so
// that it never holds more than it allowed. Within that, our own limit follows the link: it grows while
// messages take no longer than on an empty link, and shrinks when they queue up, so that on a slow line a push
// does not wait behind seconds of backlog. Safe for concurrent use.
type flow struct {
	mu      sync.Mutex
	allowed int // by the peer
	limit   int // by us
	out     int // sent and not given back
	sent    []flight
	least   time.Duration // that any message took
	full    bool          // whether something had to wait since the limit was last looked at
}

// flight is a message under way.
type flight struct {
	bytes int // that were not given back
	size  int
	at    time.Time
}

func newFlow() *flow { return &flow{limit: firstWindow} }

// allow sets the window that the peer announced.
func (f *flow) allow(bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.allowed = bytes
}

func (f *flow) window() int { return min(f.allowed, f.limit) }

// open tells whether there is room for a message at all.
func (f *flow) open() bool { return f.fits(smallMessage) }

// fits tells whether a message of so many bytes may be sent. A single one may always.
func (f *flow) fits(bytes int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	fits := f.out == 0 && f.allowed > 0 || f.out+bytes <= f.window()
	f.full = f.full || !fits
	return fits
}

// message is how large the next message should be.
func (f *flow) message() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return min(max(f.limit/4, smallMessage), largeMessage)
}

// send counts a message out.
func (f *flow) send(bytes int, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.out += bytes
	f.sent = append(f.sent, flight{bytes, bytes, now})
}

// giveBack counts bytes that the peer has stored.
func (f *flow) giveBack(bytes int, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if bytes > f.out {
		return broken("CREDIT of %d bytes where %d are under way", bytes, f.out)
	}
	f.out -= bytes
	for bytes > 0 {
		first := &f.sent[0]
		part := min(bytes, first.bytes)
		first.bytes -= part
		bytes -= part
		if first.bytes == 0 {
			f.learn(now.Sub(first.at), first.size)
			f.sent = f.sent[1:]
		}
	}
	if len(f.sent) == 0 {
		f.sent = nil
	}
	return nil
}

// learn adjusts our limit to how long a message took. While something waits for room and messages are fast, it
// doubles with every round trip.
func (f *flow) learn(took time.Duration, size int) {
	if f.least == 0 || took < f.least {
		f.least = took
	}
	switch {
	case took > f.least+queueDelay:
		f.limit = max(f.limit*3/4, leastWindow)
	case f.full:
		f.limit = min(f.limit+size, largestWindow)
	}
	f.full = false
}

// throttle is a bucket of tokens that fills by talkRate a second up to talkBurst. Not safe for concurrent use.
type throttle struct {
	tokens float64
	at     time.Time
}

func newThrottle(now time.Time) *throttle { return &throttle{tokens: talkBurst, at: now} }

// take takes tokens and returns how long to wait for them.
func (t *throttle) take(tokens int, now time.Time) time.Duration {
	t.tokens = min(t.tokens+now.Sub(t.at).Seconds()*talkRate, talkBurst)
	t.at = now
	t.tokens -= float64(tokens)
	if t.tokens >= 0 {
		return 0
	}
	return time.Duration(-t.tokens / talkRate * float64(time.Second))
}
