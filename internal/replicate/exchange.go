package replicate

import (
	"context"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// An exchange brings two frontiers together. Whoever answered an offer with "differ" begins it:
//
//	few logs:   FRONTIER (all, reply)  →  FRONTIER (what the other has beyond it)
//	many logs:  SUMMARY (of buckets)   →  FRONTIER (the buckets that differ, reply)  →  FRONTIER (what the
//	                                      first has beyond it)
//
// Each side asks for what it lacks as soon as it sees the other's heads.

// queueExchange has an exchange begin as soon as there is room for it. One that is open will do: the peer's part in it
// is still to come.
func (s *Session) queueExchange(space *sharedSpace) {
	if !space.exchange && !space.queued {
		space.queued = true
		s.talk.queue = append(s.talk.queue, space)
	}
}

// beginExchanges begins as many exchanges as there is room for.
func (s *Session) beginExchanges(ctx context.Context) error {
	t := &s.talk
	for len(t.queue) > 0 && t.exchanges < maxExchanges && s.out.waiting() <= quietOutbox {
		space := t.queue[0]
		t.queue = t.queue[1:]
		space.queued = false
		if !space.member.Load() {
			continue
		}
		frontier, err := s.frontier(ctx, space)
		if err != nil {
			return err
		}
		space.exchange = true
		t.exchanges++
		s.stats.exchanges.Add(1)
		t.exchanged = time.Now()
		if len(frontier) <= fewLogs {
			err = s.sendFrontier(space, &frontierMessage{Reply: true}, frontier)
		} else {
			err = s.send(&summaryMessage{Tag: space.ours, Digests: s.session.buckets(frontier, bucketsFor(len(frontier)))})
		}
		if err != nil {
			return err
		}
	}
	if len(t.queue) == 0 {
		t.queue = nil
	}
	return nil
}

// endExchange takes note that an exchange which we began is over.
func (s *Session) endExchange(space *sharedSpace) {
	if space.exchange {
		space.exchange = false
		s.talk.exchanges--
		s.stats.exchanges.Add(-1)
		s.talk.exchanged = time.Now()
	}
}

func (s *Session) frontier(ctx context.Context, space *sharedSpace) (oplog.Frontier, error) {
	frontier, err := s.local.Frontier(ctx, space.id)
	if err != nil {
		return nil, trouble("frontier", err)
	}
	return frontier, nil
}

// sendFrontier sends heads in as many messages as it takes, each like the model. What is beyond maxLogs waits for
// another exchange.
func (s *Session) sendFrontier(space *sharedSpace, model *frontierMessage, heads []oplog.Head) error {
	heads = heads[:min(len(heads), maxLogs)]
	for {
		n := min(len(heads), maxHeads)
		m := *model
		m.Tag, m.More = space.ours, n < len(heads)
		m.Heads = make([]wireHead, n)
		for i := range heads[:n] {
			m.Heads[i] = wireHead{Log: appendLog(nil, heads[i].Log, space.id), Seq: heads[i].Seq, ID: heads[i].ID}
		}
		if err := s.send(&m); err != nil {
			return err
		}
		if heads = heads[n:]; len(heads) == 0 {
			return nil
		}
	}
}

// introduce shows a peer in whose copy we are no member the heads that may make us one.
func (s *Session) introduce(ctx context.Context, space *sharedSpace) error {
	if !space.member.Load() {
		return nil
	}
	frontier, err := s.frontier(ctx, space)
	if err != nil {
		return err
	}
	return s.sendFrontier(space, &frontierMessage{}, only(frontier, oplog.Control))
}

// only keeps the heads in one lane.
func only(heads []oplog.Head, lane oplog.Lane) []oplog.Head {
	var kept []oplog.Head
	for _, head := range heads {
		if head.Log.Lane == lane {
			kept = append(kept, head)
		}
	}
	return kept
}

// onSummary answers with our heads in the buckets that differ. To a peer that is no member we show none, and
// ask for all.
func (s *Session) onSummary(ctx context.Context, m *summaryMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("SUMMARY of a space that was not agreed upon")
	}
	n := m.buckets()
	var frontier oplog.Frontier
	if space.member.Load() {
		var err error
		if frontier, err = s.frontier(ctx, space); err != nil {
			return err
		}
	}
	mask, any := differing(m.Digests, s.session.buckets(frontier, n))
	return s.sendFrontier(space, &frontierMessage{Buckets: uint64(n), Mask: mask, Reply: any}, masked(frontier, n, mask))
}

// masked keeps the heads in the buckets of a mask; without buckets, all.
func masked(heads []oplog.Head, buckets int, mask []byte) []oplog.Head {
	if buckets == 0 {
		return heads
	}
	var kept []oplog.Head
	for _, head := range heads {
		if inMask(mask, bucketOf(head.Log.ID(), buckets)) {
			kept = append(kept, head)
		}
	}
	return kept
}

// onFrontier asks for what we lack of what the peer shows, and shows it what we have beyond that.
func (s *Session) onFrontier(ctx context.Context, m *frontierMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("FRONTIER of a space that was not agreed upon")
	}
	t := &s.talk
	if t.gathering != nil && t.gathering != space || len(t.gathered)+len(m.Heads) > maxLogs {
		return broken("FRONTIER of more than %d logs, or of two spaces mixed", maxLogs)
	}
	t.exchanged = time.Now()
	for i := range m.Heads {
		head := &m.Heads[i]
		t.gathered = append(t.gathered, oplog.Head{Log: parseLog(head.Log, space.id), Seq: head.Seq, ID: head.ID})
	}
	if m.More {
		t.gathering = space
		return nil
	}
	theirs := t.gathered
	t.gathering, t.gathered = nil, nil
	s.endExchange(space)
	if err := s.askUpTo(ctx, space, theirs); err != nil {
		return err
	}
	if !m.Reply {
		return nil
	}
	var beyond []oplog.Head
	if space.member.Load() {
		frontier, err := s.frontier(ctx, space)
		if err != nil {
			return err
		}
		beyond = beyondOf(masked(frontier, int(m.Buckets), m.Mask), theirs)
	}
	return s.sendFrontier(space, &frontierMessage{Buckets: m.Buckets, Mask: m.Mask}, beyond)
}

// beyondOf keeps those of our heads that are beyond what the peer showed, or at the same place and another entry.
func beyondOf(ours, theirs []oplog.Head) []oplog.Head {
	shown := make(map[oplog.Log]*oplog.Head, len(theirs))
	for i := range theirs {
		shown[theirs[i].Log] = &theirs[i]
	}
	var kept []oplog.Head
	for _, head := range ours {
		if their := shown[head.Log]; their == nil || head.Seq > their.Seq || head.Seq == their.Seq && head.ID != their.ID {
			kept = append(kept, head)
		}
	}
	return kept
}

// askGaps asks for what we know to lack of a space.
func (s *Session) askGaps(ctx context.Context, space *sharedSpace) error {
	return s.askUpTo(ctx, space, nil)
}

// askUpTo asks for what we lack of a space, up to heads that the peer has.
func (s *Session) askUpTo(ctx context.Context, space *sharedSpace, theirs []oplog.Head) error {
	wants, err := s.local.Wants(ctx, space.id, theirs)
	if err != nil {
		return trouble("wants", err)
	}
	return s.ask(space, wants)
}

// identityOrOwn tells whether a log belongs to a space's unit of sync as far as its name tells.
func identityOrOwn(log oplog.Log, space key.SpaceID) bool {
	return log.Space == space || log.Lane == oplog.Control
}
