package replicate

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"kith/internal/key"
	"kith/internal/oplog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// view is a home as one peer may see it: the Local of the tests.
type view struct {
	*home
	peer    key.PeerKey
	session *Session
	slow    time.Duration // what each ingest takes
	vague   bool          // whether it returns more runs than asked for, and does not know when to stop
}

var _ Local = (*view)(nil)

func (v *view) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.failing
}

func (v *view) Known(ctx context.Context) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, known := v.peers[v.peer]
	return known, v.ready(ctx)
}

func (v *view) Held(ctx context.Context) ([]key.SpaceID, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var held []key.SpaceID
	for space := range v.held {
		held = append(held, space)
	}
	return held, v.ready(ctx)
}

func (v *view) Offers(ctx context.Context, spaces []key.SpaceID) ([]Offer, error) {
	if v.onOffers != nil {
		v.onOffers(spaces)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var offers []Offer
	for space := range v.held {
		if spaces != nil && !slices.Contains(spaces, space) {
			continue
		}
		member := v.members[space][v.peers[v.peer]]
		if member || v.members[space] == nil {
			offers = append(offers, Offer{Space: space, Digest: v.frontier(space).Digest(), Member: member})
		}
	}
	return offers, v.ready(ctx)
}

func (v *view) Frontier(ctx context.Context, space key.SpaceID) (oplog.Frontier, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.frontier(space), v.ready(ctx)
}

func (v *view) Wants(ctx context.Context, space key.SpaceID, theirs []oplog.Head) ([]Want, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	last := make(map[oplog.Log]uint64)
	for _, log := range v.unit(space) {
		last[log.log] = log.head().Seq
	}
	for _, head := range theirs {
		last[head.Log] = max(last[head.Log], head.Seq)
	}
	wants := slices.Clone(v.ghosts)
	for log, seq := range last {
		var held []oplog.Range
		if have := v.logs[log.ID()]; have != nil {
			held = have.held()
		}
		for _, gap := range oplog.Gaps(held, seq) {
			wants = append(wants, Want{Log: log, Range: gap})
		}
	}
	return wants, v.ready(ctx)
}

func (v *view) Runs(ctx context.Context, q Query) (Page, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	wanted := make(map[oplog.LogID][]oplog.Range)
	var spaces []key.SpaceID
	for _, want := range q.Wants {
		wanted[want.Log.ID()] = append(wanted[want.Log.ID()], want.Range)
		if !slices.Contains(spaces, want.Log.Space) {
			spaces = append(spaces, want.Log.Space)
		}
	}
	var list []*storedRun
	if len(spaces) == 1 {
		list = v.order[spaces[0]]
	} else {
		for _, space := range spaces {
			list = append(list, v.order[space]...)
		}
		slices.SortFunc(list, func(a, b *storedRun) int { return compareCursors(a.cursor(), b.cursor()) })
	}
	if !q.After.IsZero() {
		at, found := slices.BinarySearchFunc(list, q.After, func(r *storedRun, c Cursor) int { return compareCursors(r.cursor(), c) })
		if q.Phase == PhaseContent {
			list = list[:at]
		} else if found {
			list = list[at+1:]
		}
	}
	var page Page
	bytes := 0
	for i := range list {
		r := list[i]
		if q.Phase == PhaseContent {
			r = list[len(list)-1-i]
		}
		if !v.vague && !slices.ContainsFunc(wanted[r.head.Log.ID()], func(w oplog.Range) bool { return w.First <= r.run.Last() && r.run.First <= w.Last }) {
			continue
		}
		if bytes += runBytes(&r.run); bytes > q.Bytes && len(page.Runs) > 0 {
			page.More = true
			break
		}
		page.Runs, page.Next = append(page.Runs, r.run), r.cursor()
	}
	page.More = page.More || v.vague && len(page.Runs) > 0
	return page, v.ready(ctx)
}

func (v *view) Ingest(ctx context.Context, space key.SpaceID, runs []oplog.Run) ([]Verdict, error) {
	if v.slow > 0 {
		time.Sleep(v.slow)
	}
	v.mu.Lock()
	if err := v.ready(ctx); err != nil {
		v.mu.Unlock()
		return nil, err
	}
	v.ingests++
	verdicts := make([]Verdict, len(runs))
	var pieces []Piece
	for i := range runs {
		if verdicts[i] = v.store(space, &runs[i]); verdicts[i] == Accepted {
			log := v.logs[runs[i].Log.ID()]
			stored := log.runs[log.place(runs[i].First)-1]
			pieces = append(pieces, Piece{Log: runs[i].Log, First: runs[i].First, Last: runs[i].Last(), ID: stored.head.ID})
			if runs[i].Log.Lane == oplog.Content {
				for _, raw := range runs[i].Entries {
					v.arrived = append(v.arrived, string(raw.Payload))
				}
			}
		}
	}
	var others []*Session
	for s := range v.sessions {
		if s != v.session && !v.mute {
			others = append(others, s)
		}
	}
	v.mu.Unlock()
	for _, s := range others {
		if len(pieces) > 0 {
			s.Advertise(space, pieces)
			s.Refresh()
		}
	}
	return verdicts, nil
}

func (v *view) Reserve(space key.SpaceID, wants []Want) []Want {
	v.mu.Lock()
	defer v.mu.Unlock()
	granted := v.reserved.subtract(wants)
	for _, want := range granted {
		v.reserved.add(want.Log, want.Range)
	}
	return granted
}

func (v *view) Release(space key.SpaceID, wants []Want) {
	v.mu.Lock()
	for _, want := range wants {
		if !v.reserved.remove(want.Log.ID(), want.Range) {
			v.t.Errorf("%s: released what was not reserved", v.name)
		}
	}
	var others []*Session
	for s := range v.sessions {
		if s != v.session {
			others = append(others, s)
		}
	}
	v.mu.Unlock()
	for _, s := range others {
		s.Refresh(space)
	}
}

func (v *view) Seal(ctx context.Context, space key.SpaceID, epochs []oplog.EpochID) ([]SealedKey, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var sealed []SealedKey
	for _, epoch := range epochs {
		if secret := v.keys[epoch]; secret != nil && v.members[space][v.peers[v.peer]] {
			sealed = append(sealed, SealedKey{Epoch: epoch, Generation: 1, History: true, Sealed: secret})
		}
	}
	return sealed, v.ready(ctx)
}

func (v *view) Open(ctx context.Context, space key.SpaceID, keys []SealedKey) ([]Verdict, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	verdicts := make([]Verdict, len(keys))
	for i, k := range keys {
		verdicts[i] = Rejected
		if string(k.Sealed) == "key of "+k.Epoch.String() {
			verdicts[i] = Accepted
			v.keys[k.Epoch] = k.Sealed
			v.opened = append(v.opened, k)
		}
	}
	return verdicts, v.ready(ctx)
}

func (v *view) PeerHas(space key.SpaceID, pieces []Held) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, piece := range pieces {
		set := v.acked[piece.Log]
		set.add(oplog.Log{Lane: oplog.Lane(1), Incarnation: oplog.Incarnation(piece.Log)}, piece.Range)
		v.acked[piece.Log] = set
	}
}

func (v *view) InSync(space key.SpaceID, digest [32]byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.inSync[space]++
}

func (v *view) Ephemeral(space key.SpaceID, data []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.signals = append(v.signals, string(data))
}

// ackedEntries counts the entries of a log that peers have acknowledged.
func (h *home) ackedEntries(log oplog.LogID) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	set, n := h.acked[log], uint64(0)
	for _, want := range set.wants() {
		n += want.Range.Last - want.Range.First + 1
	}
	return n
}

// connection is two sessions over one stream.
type connection struct {
	a, b       *Session
	aEnd, bEnd io.ReadWriteCloser
	cancel     context.CancelCauseFunc
	done       sync.WaitGroup
	aErr, bErr error
}

var errStopped = errors.New("stopped by the test")

// attach makes a session of a home with a peer.
func (h *home) attach(stream io.ReadWriteCloser, peer key.PeerKey, dialed bool) *Session {
	v := &view{home: h, peer: peer}
	v.session = New(stream, v, Config{Us: h.who.device.Peer(), Them: peer, Dialed: dialed})
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sessions[v.session] = v
	return v.session
}

func (h *home) detach(s *Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s)
}

// connect has a dial b.
func connect(a, b *home, l link) *connection {
	c := &connection{}
	c.aEnd, c.bEnd = newStream(l)
	c.a = a.attach(c.aEnd, b.who.device.Peer(), true)
	c.b = b.attach(c.bEnd, a.who.device.Peer(), false)
	var ctx context.Context
	ctx, c.cancel = context.WithCancelCause(context.Background())
	c.done.Go(func() {
		c.aErr = c.a.Run(ctx)
		a.detach(c.a)
	})
	c.done.Go(func() {
		c.bErr = c.b.Run(ctx)
		b.detach(c.b)
	})
	a.t.Cleanup(c.stop)
	return c
}

// stop ends both sessions.
func (c *connection) stop() {
	c.cancel(errStopped)
	c.done.Wait()
}

// settle lets virtual time pass until nothing of the first seconds is left to be done.
func settle() {
	time.Sleep(5 * time.Second)
	synctest.Wait()
}
