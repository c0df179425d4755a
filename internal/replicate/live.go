package replicate

import (
	"context"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// live is the space if the peer may have what is new in it and knows the space. Where our first offer of it is
// under way, so that we cannot know, the space is offered again afterwards instead.
func (s *Session) live(id key.SpaceID) *sharedSpace {
	space := s.spaces.of(id)
	switch {
	case space == nil || !space.member.Load():
		return nil // if there is an offer to make it is still to come, and will tell
	case space.shared:
		return space
	case space.offer != 0:
		s.talk.waits[space] = struct{}{}
	}
	return nil
}

// push sends runs at once, or has the space offered again if the peer is too slow.
func (s *Session) push(id key.SpaceID, runs []oplog.Run) error {
	space := s.live(id)
	if space == nil {
		return nil
	}
	if s.out.waiting() > pushQueue {
		s.stats.dropped.Add(int64(len(runs)))
		s.talk.waits[space] = struct{}{}
		return nil
	}
	messages, err := packRuns(space.ours, space.id, 0, runs, largeMessage)
	if err != nil {
		return trouble("push", err)
	}
	for _, m := range messages {
		if err := s.send(m); err != nil {
			return err
		}
		s.sentRuns(m)
	}
	for i := range runs {
		s.talk.knowledge.mark(runs[i].Log.ID(), runs[i].Last())
	}
	return nil
}

func (s *Session) sentRuns(m *runsMessage) {
	s.stats.runsOut.Add(int64(len(m.Runs)))
	s.stats.entriesOut.Add(int64(m.entries()))
}

// advertise keeps pieces for a moment, in which the peer may get them from somebody else.
func (s *Session) advertise(id key.SpaceID, pieces []Piece) error {
	space := s.live(id)
	if space == nil {
		return nil
	}
	t := &s.talk
	if len(t.adverts) == 0 {
		t.advertAt = time.Now().Add(time.Duration(t.jitter.Int64N(int64(advertJitter))))
	}
	t.adverts[space] = append(t.adverts[space], pieces...)
	if len(t.adverts[space]) > maxRuns { // the frontier is shorter
		delete(t.adverts, space)
		t.waits[space] = struct{}{}
	}
	return nil
}

// sendAdverts tells the peer what it does not have by now.
func (s *Session) sendAdverts() error {
	t := &s.talk
	for space, pieces := range t.adverts {
		m := &haveMessage{Tag: space.ours}
		for _, piece := range pieces {
			id := piece.Log.ID()
			asked := space.standing.remove(id, oplog.Range{First: piece.First, Last: piece.Last})
			if !asked && t.knowledge.has(id, piece.Last) {
				continue
			}
			m.Pieces = append(m.Pieces, wirePiece{Log: appendLog(nil, piece.Log, space.id), First: piece.First, Last: piece.Last, ID: piece.ID})
		}
		if len(m.Pieces) > 0 && space.member.Load() {
			if err := s.send(m); err != nil {
				return err
			}
		}
	}
	clear(t.adverts)
	return nil
}

// onHave asks for what we lack of what the peer has come to have.
func (s *Session) onHave(ctx context.Context, m *haveMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("HAVE of a space that was not agreed upon")
	}
	heads := make([]oplog.Head, len(m.Pieces))
	for i := range m.Pieces {
		piece := &m.Pieces[i]
		log := parseLog(piece.Log, space.id)
		id := log.ID()
		space.unserved.remove(id, oplog.Range{First: piece.First, Last: piece.Last})
		s.talk.knowledge.mark(id, piece.Last)
		heads[i] = oplog.Head{Log: log, Seq: piece.Last, ID: piece.ID}
	}
	return s.askUpTo(ctx, space, heads)
}

// onAck notes what the peer has stored.
func (s *Session) onAck(m *ackMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("ACK of a space that was not agreed upon")
	}
	pieces := make([]Held, len(m.Pieces))
	for i, piece := range m.Pieces {
		r := oplog.Range{First: piece.First, Last: piece.Last}
		pieces[i] = Held{Log: piece.Log, Range: r}
		s.talk.knowledge.mark(piece.Log, piece.Last)
		space.standing.remove(piece.Log, r)
	}
	s.local.PeerHas(space.id, pieces)
	return nil
}

// ephemeral sends something that is not kept.
func (s *Session) ephemeral(id key.SpaceID, data []byte) error {
	space := s.live(id)
	if space == nil || s.out.waiting() > quietOutbox {
		return nil
	}
	return s.send(&ephemeralMessage{Tag: space.ours, Data: data})
}

func (s *Session) onEphemeral(m *ephemeralMessage) error {
	space := s.spaces.tagged(m.Tag)
	if space == nil {
		return broken("EPHEMERAL of a space that was not agreed upon")
	}
	if space.member.Load() {
		s.local.Ephemeral(space.id, m.Data)
	}
	return nil
}
