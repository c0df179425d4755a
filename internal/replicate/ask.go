package replicate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// asks are the wants of ours that are not answered yet. Safe for concurrent use.
type asks struct {
	mu     sync.Mutex
	last   uint64 // number of the last want
	list   map[uint64]*openAsk
	ranges int // in them all
}

// openAsk is a want that is not answered yet.
type openAsk struct {
	space   *sharedSpace
	granted []Want    // what was reserved for it
	left    rangeSet  // what has not come
	at      time.Time // when it was last answered, or asked
	ended   bool      // whether the final answer has come, and waits to be stored
}

func (a *asks) open() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.list)
}

// room is how many ranges may be asked for now.
func (a *asks) room() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) >= maxAsks {
		return 0
	}
	return max(maxAskRanges-a.ranges, 0)
}

// oldest is when the ask was last answered that has waited the longest.
func (a *asks) oldest() (at time.Time, open bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, ask := range a.list {
		if !ask.ended && (!open || ask.at.Before(at)) {
			at, open = ask.at, true
		}
	}
	return at, open
}

// begin notes a want and numbers it.
func (a *asks) begin(space *sharedSpace, granted []Want) uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	ask := &openAsk{space: space, granted: granted, at: time.Now()}
	for _, want := range granted {
		ask.left.add(want.Log, want.Range)
	}
	if a.list == nil {
		a.list = make(map[uint64]*openAsk)
	}
	a.last++
	a.list[a.last] = ask
	a.ranges += len(granted)
	return a.last
}

// answered checks that runs are an answer to their want, and notes that they came.
func (a *asks) answered(p *parcel, runs []oplog.Run) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	ask := a.list[p.want]
	if ask == nil || ask.ended || ask.space != p.space {
		return broken("RUNS in answer to want %d, which is not open", p.want)
	}
	for i := range runs {
		run := &runs[i]
		if !ask.left.remove(run.Log.ID(), oplog.Range{First: run.First, Last: run.Last()}) {
			return broken("RUNS of log %v at %d, which want %d did not ask for", run.Log, run.First, p.want)
		}
	}
	ask.at, ask.ended = time.Now(), p.final
	return nil
}

// end takes a want off the list.
func (a *asks) end(number uint64) *openAsk {
	a.mu.Lock()
	defer a.mu.Unlock()
	ask := a.list[number]
	if ask != nil {
		delete(a.list, number)
		a.ranges -= len(ask.granted)
	}
	return ask
}

// releaseAll gives back what is reserved, at the end of the session.
func (a *asks) releaseAll(local Turns) {
	a.mu.Lock()
	list := a.list
	a.list = nil
	a.mu.Unlock()
	for _, ask := range list {
		local.Release(ask.space.id, ask.granted)
	}
}

// ask sends what of the wants is worth asking for: what this peer may give, what was not refused or missing
// before, and what no other session is fetching.
func (s *Session) ask(space *sharedSpace, wants []Want) error {
	member := space.member.Load()
	var set rangeSet // ranges that overlap become one
	for _, w := range wants {
		if checkRange(w.Range.First, w.Range.Last) != nil || !w.Log.Lane.Valid() || !identityOrOwn(w.Log, space.id) {
			return trouble("wants", fmt.Errorf("entries %d to %d of log %v", w.Range.First, w.Range.Last, w.Log))
		}
		if member || w.Log.Lane == oplog.Control {
			set.add(w.Log, w.Range)
		}
	}
	wants = space.unserved.subtract(space.pending.subtract(space.refused.subtract(set.wants())))
	if len(wants) == 0 {
		return nil
	}
	room := min(s.asks.room(), len(wants))
	s.deferAsk(space, wants[room:])
	if room == 0 {
		return nil
	}
	return s.sendWants(space, s.local.Reserve(space.id, wants[:room]))
}

// deferAsk remembers what to ask for when there is room. What does not fit into our memory is found when the space
// is offered again.
func (s *Session) deferAsk(space *sharedSpace, wants []Want) {
	t := &s.talk
	for _, want := range wants {
		heads := t.deferred[space]
		if heads == nil {
			heads = make(map[oplog.LogID]oplog.Head)
			t.deferred[space] = heads
			s.stats.deferred.Add(1)
		}
		id := want.Log.ID()
		head, ok := heads[id]
		if !ok && len(heads) >= maxRemembered {
			t.waits[space] = struct{}{}
			return
		}
		heads[id] = oplog.Head{Log: want.Log, Seq: max(head.Seq, want.Range.Last)}
	}
}

// askDeferred asks for what had no room before, as far as it is still lacking.
func (s *Session) askDeferred(ctx context.Context) error {
	t := &s.talk
	for _, space := range slices.Collect(maps.Keys(t.deferred)) {
		if s.asks.room() == 0 {
			return nil
		}
		heads := t.deferred[space]
		delete(t.deferred, space)
		s.stats.deferred.Add(-1)
		if err := s.askUpTo(ctx, space, slices.Collect(maps.Values(heads))); err != nil {
			return err
		}
	}
	return nil
}

// sendWants sends wants that are reserved, in as many messages as it takes.
func (s *Session) sendWants(space *sharedSpace, granted []Want) error {
	granted = slices.Clone(granted)
	slices.SortFunc(granted, func(a, b Want) int {
		x, y := a.Log.ID(), b.Log.ID()
		return cmp.Or(slices.Compare(x[:], y[:]), cmp.Compare(a.Range.First, b.Range.First))
	})
	for len(granted) > 0 {
		m := &wantMessage{Tag: space.ours}
		n := 0
		for ; n < len(granted) && n < maxRanges; n++ {
			want := granted[n]
			if n == 0 || want.Log != granted[n-1].Log {
				if len(m.Logs) == maxRuns {
					break
				}
				m.Logs = append(m.Logs, wireWant{Log: appendLog(nil, want.Log, space.id)})
			}
			last := &m.Logs[len(m.Logs)-1]
			last.Ranges = append(last.Ranges, want.Range.First, want.Range.Last)
		}
		m.Number = s.asks.begin(space, granted[:n:n])
		s.stats.asks.Add(1)
		s.talk.lastAsk = time.Now()
		if err := s.send(m); err != nil {
			return err
		}
		granted = granted[n:]
	}
	return nil
}

// ingested acts on what became of runs that arrived, and on the wants that they ended.
func (s *Session) ingested(ctx context.Context, space *sharedSpace, outcomes []outcome, finals []uint64) error {
	t := &s.talk
	changed := false
	for _, o := range outcomes {
		switch o.verdict {
		case Accepted, Duplicate:
			t.knowledge.mark(o.log.ID(), o.piece.Last)
			changed = changed || o.verdict == Accepted && o.log.Lane == oplog.Control
		case Pending:
			if t.pending++; t.pending > maxPending {
				return fmt.Errorf("%w: %d runs by unknown authors", ErrMisbehaved, t.pending)
			}
			s.postpone(space, o)
		case Declined:
			remember(&space.refused, o.log, o.piece)
		case Rejected:
			remember(&space.refused, o.log, o.piece)
			if err := s.fault("a run that does not verify", space.id); err != nil {
				return err
			}
		}
	}
	for _, number := range finals {
		s.finish(number)
	}
	if changed {
		if err := s.changed(ctx, space); err != nil {
			return err
		}
	}
	return s.askDeferred(ctx)
}

// postpone remembers a run whose author is unknown so far.
func (s *Session) postpone(space *sharedSpace, o outcome) {
	id := o.log.ID()
	tries, seen := space.tries[id]
	if tries >= maxTries || !seen && len(space.tries) >= maxRemembered {
		return
	}
	if space.tries == nil {
		space.heads, space.tries = make(map[oplog.LogID]oplog.Head), make(map[oplog.LogID]int)
	}
	space.tries[id] = tries
	remember(&space.pending, o.log, o.piece)
	if have, ok := space.heads[id]; !ok || have.Seq < o.piece.Last {
		space.heads[id] = oplog.Head{Log: o.log, Seq: o.piece.Last, ID: o.id}
	}
}

// finish ends a want that the peer has answered as far as it could.
func (s *Session) finish(number uint64) {
	ask := s.asks.end(number)
	if ask == nil {
		return
	}
	s.stats.asks.Add(-1)
	for _, want := range ask.left.wants() {
		remember(&ask.space.unserved, want.Log, want.Range)
	}
	s.local.Release(ask.space.id, ask.granted)
}

// changed looks again at everything that new identity or control entries may have changed: whether we know the
// peer, whether it is a member now, and what was not acceptable before.
func (s *Session) changed(ctx context.Context, space *sharedSpace) error {
	t := &s.talk
	t.pending = 0
	space.refused = rangeSet{}
	if !s.known.Load() {
		if err := s.recheckPeer(ctx); err != nil {
			return err
		}
		if s.known.Load() {
			if err := s.lookAgain(ctx); err != nil {
				return err
			}
		}
	}
	if s.known.Load() {
		if _, err := s.offersOf(ctx, []key.SpaceID{space.id}); err != nil {
			return err
		}
	}
	for _, other := range s.spaces.all() {
		if len(other.heads) == 0 {
			continue
		}
		heads := slices.Collect(maps.Values(other.heads))
		for id := range other.heads {
			other.tries[id]++
			other.pending.removeLog(id)
		}
		clear(other.heads)
		if err := s.askUpTo(ctx, other, heads); err != nil {
			return err
		}
	}
	return nil
}
