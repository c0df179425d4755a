package replicate

import (
	"context"
	"sync"

	"kith/internal/key"
	"kith/internal/oplog"
)

// mailbox holds what others ask of control. Safe for concurrent use.
type mailbox struct {
	mu     sync.Mutex
	calls  []func(context.Context) error
	asked  int // how many of the calls are the node's
	pushed int // bytes of the runs in them
	// refresh are spaces to offer again; refreshAll tells to look for new ones.
	refresh    map[key.SpaceID]struct{}
	refreshAll bool
	wake       chan struct{}
	closed     bool
}

func (m *mailbox) init() { m.wake = make(chan struct{}, 1) }

// close refuses what the node asks from now on.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.calls, m.refresh = nil, nil
}

// post hands control a call of our own. It is never lost.
func (m *mailbox) post(call func(context.Context) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
	poke(m.wake)
}

// ask hands control a call of the node that holds so many bytes. It returns false if there are too many.
func (m *mailbox) ask(bytes int, call func(context.Context) error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return true
	}
	if m.asked >= maxMail || m.pushed+bytes > pushQueue && m.pushed > 0 {
		return false
	}
	m.asked++
	m.pushed += bytes
	m.calls = append(m.calls, func(ctx context.Context) error {
		m.mu.Lock()
		m.asked--
		m.pushed -= bytes
		m.mu.Unlock()
		return call(ctx)
	})
	poke(m.wake)
	return true
}

// renew asks control to offer the spaces again, or with none to look for new ones.
func (m *mailbox) renew(spaces ...key.SpaceID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	if len(spaces) == 0 {
		m.refreshAll = true
	}
	if m.refresh == nil {
		m.refresh = make(map[key.SpaceID]struct{})
	}
	for _, space := range spaces {
		m.refresh[space] = struct{}{}
	}
	poke(m.wake)
}

// take empties the box. Until the first offers are through, what is to be offered stays in it, and with it
// all calls that came after.
func (m *mailbox) take(opened bool) (calls []func(context.Context) error, refresh []key.SpaceID, all bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !opened && (m.refreshAll || len(m.refresh) > 0) {
		return nil, nil, false
	}
	calls, m.calls = m.calls, nil
	for space := range m.refresh {
		refresh = append(refresh, space)
	}
	all = m.refreshAll
	m.refresh, m.refreshAll = nil, false
	return calls, refresh, all
}

// Push sends runs to the peer at once: runs that we wrote a moment ago, durable by now, of the space or of
// identity logs of its people. It does so where the peer is a member and knows the space. If the peer is too
// slow, the runs are dropped and the space is offered again later. Callers do not change the runs afterwards.
func (s *Session) Push(space key.SpaceID, runs []oplog.Run) {
	bytes := 0
	for i := range runs {
		bytes += runBytes(&runs[i])
	}
	if !s.mail.ask(bytes, func(context.Context) error { return s.push(space, runs) }) {
		s.stats.dropped.Add(int64(len(runs)))
		s.mail.renew(space)
	}
}

// Advertise tells the peer, after a little jitter, that we have come to have these pieces, unless it has them
// by then. The node calls it for what others wrote: for new entries, and for older ones that arrived.
func (s *Session) Advertise(space key.SpaceID, pieces []Piece) {
	if !s.mail.ask(0, func(context.Context) error { return s.advertise(space, pieces) }) {
		s.mail.renew(space)
	}
}

// Refresh asks the Local again, before anything that is pushed afterwards. Without arguments it asks whether the
// peer is still known, takes note of where it is a member by now and where no more, and offers what is new: spaces
// that it has become a member of, and those that we have come to know or to wait for. The spaces given are looked
// at alone, and offered in any case, which fetches what they lack.
func (s *Session) Refresh(spaces ...key.SpaceID) { s.mail.renew(spaces...) }

// Retry is Refresh of a space, and asks again for what was refused in it: other entries are wanted now.
func (s *Session) Retry(space key.SpaceID) {
	s.mail.ask(0, func(context.Context) error {
		if known := s.spaces.of(space); known != nil {
			known.refused = rangeSet{}
		}
		return nil
	})
	s.mail.renew(space)
}

// RequestKeys asks the peer for the keys of epochs. It does so where the peer is a member and knows the space.
// Answers come by Keys.Open; for keys that do not come in a while the node asks another peer.
func (s *Session) RequestKeys(space key.SpaceID, epochs []oplog.EpochID) {
	s.mail.ask(0, func(context.Context) error { return s.askKeys(space, epochs) })
}

// SendEphemeral sends something that is not kept, of at most MaxEphemeral bytes, to the peer, if it is a member
// and knows the space. When the peer is slow it is dropped.
func (s *Session) SendEphemeral(space key.SpaceID, data []byte) {
	if len(data) <= MaxEphemeral {
		s.mail.ask(len(data), func(context.Context) error { return s.ephemeral(space, data) })
	}
}
