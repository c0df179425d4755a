package replicate

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// conversation is the state that control alone touches.
type conversation struct {
	greeted   bool // HELLO has come
	opened    bool // both sides' first offers are answered
	begun     time.Time
	stranger  time.Time // since when we wait for a stranger to become known
	jitter    *rand.Rand
	knowledge knownHeads

	offered   uint64             // number of our last offer
	offers    map[uint64]offered // not answered yet
	theirs    uint64             // number of the peer's last offer
	tags      int                // that the peer made us look for among all spaces
	waits     map[*sharedSpace]struct{}
	queue     []*sharedSpace // exchanges to begin
	exchanges int            // open ones that we began
	exchanged time.Time      // when one last went on
	gathering *sharedSpace   // of which a frontier is coming in pieces; nil: of none
	gathered  []oplog.Head   // that came so far

	wanted   uint64 // number of the peer's last want
	lastAsk  time.Time
	deferred map[*sharedSpace]map[oplog.LogID]oplog.Head // to ask for when there is room
	pending  int                                         // runs judged so since something changed
	faults   int

	adverts  map[*sharedSpace][]Piece
	advertAt time.Time
	keyAsks  int
}

// control holds the conversation: it alone decides what is said, beside runs, keys and their receipts.
func (s *Session) control(ctx context.Context) error {
	t := &s.talk
	t.begun = time.Now()
	t.jitter = rand.New(rand.NewPCG(binary.BigEndian.Uint64(s.nonce[:]), binary.BigEndian.Uint64(s.nonce[8:])))
	t.offers = make(map[uint64]offered)
	t.waits = make(map[*sharedSpace]struct{})
	t.adverts = make(map[*sharedSpace][]Piece)
	t.deferred = make(map[*sharedSpace]map[oplog.LogID]oplog.Head)
	timer := time.NewTimer(helloTimeout)
	defer timer.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case m := <-s.inbox:
			err = s.handle(ctx, m)
		case <-s.mail.wake:
			err = s.handleMail(ctx)
		case <-timer.C:
		}
		if err == nil {
			err = s.tend(ctx)
		}
		var next time.Time
		if err == nil {
			next, err = s.deadline(time.Now())
		}
		if err != nil {
			return err
		}
		timer.Reset(time.Until(next))
	}
}

// handle acts on a message.
func (s *Session) handle(ctx context.Context, m message) error {
	switch m := m.(type) {
	case *helloMessage:
		return s.open(ctx)
	case *offerMessage:
		return s.onOffer(ctx, m)
	case *answerMessage:
		return s.onAnswer(ctx, m)
	}
	if s.talk.offered == 0 {
		return broken("kind %d before the first offers", m.kind())
	}
	switch m := m.(type) {
	case *summaryMessage:
		return s.onSummary(ctx, m)
	case *frontierMessage:
		return s.onFrontier(ctx, m)
	case *wantMessage:
		return s.onWant(m)
	case *haveMessage:
		return s.onHave(ctx, m)
	case *ackMessage:
		return s.onAck(m)
	case *keyAskMessage:
		return s.onKeyAsk(m)
	case *keysMessage:
		return s.onKeys(m)
	case *ephemeralMessage:
		return s.onEphemeral(m)
	}
	return broken("kind %d", m.kind())
}

// handleMail does what others asked for.
func (s *Session) handleMail(ctx context.Context) error {
	calls, refresh, all := s.mail.take(s.talk.opened)
	// Who is a member comes first: what the node pushes after a removal is not for the one removed.
	if all {
		if err := s.lookAgain(ctx); err != nil {
			return err
		}
	}
	if len(refresh) > 0 {
		if err := s.renew(ctx, refresh); err != nil {
			return err
		}
	}
	for _, call := range calls {
		if err := call(ctx); err != nil {
			return err
		}
	}
	return nil
}

// tend does what has become due or possible.
func (s *Session) tend(ctx context.Context) error {
	t := &s.talk
	now := time.Now()
	if len(t.adverts) > 0 && !now.Before(t.advertAt) {
		if err := s.sendAdverts(); err != nil {
			return err
		}
	}
	if now.Sub(time.Unix(0, s.lastSent.Load())) >= aliveAfter && s.out.waiting() == 0 {
		if err := s.send(&aliveMessage{}); err != nil {
			return err
		}
		s.lastSent.Store(now.UnixNano())
	}
	if len(t.waits) == 0 && len(t.queue) == 0 || !t.opened {
		return nil
	}
	// Offers and exchanges are begun when what was sent before is on its way. The order of these two lines
	// matters: if the outbox empties in between, the writer wakes us.
	s.hungry.Store(true)
	if s.out.waiting() > quietOutbox {
		return nil
	}
	if err := s.beginExchanges(ctx); err != nil {
		return err
	}
	return s.offerWaiting(ctx)
}

// deadline is when control has to look again although nothing happened. It ends the session if the peer's time
// is up.
func (s *Session) deadline(now time.Time) (time.Time, error) {
	t := &s.talk
	var err error
	next := time.Unix(0, s.lastSent.Load()).Add(aliveAfter)
	if next.Before(now) {
		next = now.Add(time.Second) // the outbox is not empty: the writer watches
	}
	limit := func(since time.Time, patience time.Duration, what string) {
		at := since.Add(patience)
		if !at.After(now) && err == nil {
			err = fmt.Errorf("%w: %s", ErrSlow, what)
		}
		if at.Before(next) {
			next = at
		}
	}
	if len(t.adverts) > 0 && t.advertAt.Before(next) {
		next = t.advertAt
	}
	limit(time.Unix(0, s.lastReceived.Load()), idleTimeout, "it said nothing")
	switch {
	case !t.greeted:
		limit(t.begun, helloTimeout, "it did not say HELLO")
	case !t.opened:
		limit(t.begun, openTimeout, "it did not offer or answer")
	case !s.known.Load():
		if at := t.stranger.Add(introductionTimeout); !at.After(now) {
			return next, fmt.Errorf("%w: it did not introduce itself in time", ErrStranger)
		} else if at.Before(next) {
			next = at
		}
	}
	for _, sent := range t.offers {
		limit(sent.at, answerTimeout, "it did not answer an offer")
	}
	if t.exchanges > 0 {
		limit(t.exchanged, answerTimeout, "it did not answer a frontier")
	}
	if s.asks.open() > 0 && s.bulkOpen.Load() == 0 {
		progress := time.Unix(0, s.lastProgress.Load())
		if t.lastAsk.After(progress) {
			progress = t.lastAsk
		}
		limit(progress, answerTimeout, "it did not answer a want")
	}
	if oldest, open := s.asks.oldest(); open {
		limit(oldest, withholdTimeout, "it answers other wants and not this one")
	}
	return next, err
}

// fault counts a fault of the peer.
func (s *Session) fault(what string, space key.SpaceID) error {
	s.talk.faults++
	s.log.Warn("sync peer at fault", "peer", s.config.Them.String(), "space", space.String(), "fault", what, "faults", s.talk.faults)
	if s.talk.faults >= maxFaults {
		return fmt.Errorf("%w: %s, for the %dth time", ErrMisbehaved, what, s.talk.faults)
	}
	return nil
}
