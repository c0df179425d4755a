package replicate

import (
	"sync/atomic"
)

// Stats is what a session has measured so far. Bytes are those of frames: what the transport adds for
// encryption is not in them.
type Stats struct {
	BytesIn, BytesOut       int64
	MessagesIn, MessagesOut int64
	// EntriesIn and EntriesOut count entries that crossed the stream, RunsIn and RunsOut their runs.
	EntriesIn, EntriesOut int64
	RunsIn, RunsOut       int64
	// The verdicts of our Local on runs.
	Accepted, Duplicate, Pending, Declined, Rejected int64
	// RoundTrips counts how often a message of the peer followed upon one of ours: on a stream that is
	// quiet otherwise, the round trips that the conversation took.
	RoundTrips int64
	// Dropped counts pushes that the peer was too slow for; it was offered the space again afterwards.
	Dropped int64
	// Open counts wants of ours that are not answered yet, spaces whose wants wait for room, and frontier
	// exchanges that we began. It is 0 when we have everything that the peer could give.
	Open int64
}

// counters are the live form of Stats.
type counters struct {
	bytesIn, bytesOut, messagesIn, messagesOut       atomic.Int64
	entriesIn, entriesOut, runsIn, runsOut           atomic.Int64
	accepted, duplicate, pending, declined, rejected atomic.Int64
	roundTrips, dropped, asks, exchanges, deferred   atomic.Int64
	spoke                                            atomic.Bool // since the peer last did
}

// sent counts a frame out.
func (c *counters) sent(framed []byte) {
	c.bytesOut.Add(int64(len(framed)))
	c.messagesOut.Add(1)
	c.spoke.Store(true)
}

// received counts a frame in.
func (c *counters) received(size int) {
	c.bytesIn.Add(int64(size))
	c.messagesIn.Add(1)
	if c.spoke.Swap(false) {
		c.roundTrips.Add(1)
	}
}

// verdict counts a verdict.
func (c *counters) verdict(v Verdict) {
	switch v {
	case Accepted:
		c.accepted.Add(1)
	case Duplicate:
		c.duplicate.Add(1)
	case Pending:
		c.pending.Add(1)
	case Declined:
		c.declined.Add(1)
	case Rejected:
		c.rejected.Add(1)
	}
}

// Stats returns what was measured so far. It may be called at any time, and after Run has returned.
func (s *Session) Stats() Stats {
	c := &s.stats
	return Stats{
		BytesIn: c.bytesIn.Load(), BytesOut: c.bytesOut.Load(),
		MessagesIn: c.messagesIn.Load(), MessagesOut: c.messagesOut.Load(),
		EntriesIn: c.entriesIn.Load(), EntriesOut: c.entriesOut.Load(),
		RunsIn: c.runsIn.Load(), RunsOut: c.runsOut.Load(),
		Accepted: c.accepted.Load(), Duplicate: c.duplicate.Load(), Pending: c.pending.Load(),
		Declined: c.declined.Load(), Rejected: c.rejected.Load(),
		RoundTrips: c.roundTrips.Load(), Dropped: c.dropped.Load(),
		Open: c.asks.Load() + c.exchanges.Load() + c.deferred.Load(),
	}
}
