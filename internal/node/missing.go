package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

const (
	// maxMissing bounds how many entries without a payload are asked for at a time.
	maxMissing = 1024
	// askAgain is how long a peer that did not have a payload is not asked for it again, and how often homes that are
	// connected all the time are asked at all: it may have come to them from others.
	askAgain = 10 * time.Minute
	// inspectEvery is how often everything stored is looked through, inspectBatch entries at a time, with a pause in between
	// so that nobody waits: 100,000 entries take about seven minutes.
	inspectEvery = 24 * time.Hour
	inspectBatch = 256
	inspectPause = time.Second
	// healPause gathers damage that is found in one go.
	healPause = 200 * time.Millisecond
)

// missing keeps what one session's peer was asked for of payloads that entries here lack. They are no gaps: the run that
// comes may lack them too, and nothing in the protocol says so beforehand. Safe for concurrent use.
type missing struct {
	mu    sync.Mutex
	since time.Time
	shown map[oplog.LogID][]oplog.Range // handed to the session, to be asked for when there is room
	asked map[oplog.LogID][]claim
}

// fresh gives those wants that the peer was not asked for lately.
func (m *missing) fresh(wants []replicate.Want) (list []replicate.Want) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := time.Now(); now.Sub(m.since) > askAgain {
		m.since, m.shown, m.asked = now, make(map[oplog.LogID][]oplog.Range), make(map[oplog.LogID][]claim)
	}
	for _, want := range wants {
		id := want.Log.ID()
		for _, r := range without(want.Range, m.asked[id]) {
			if !slices.Contains(m.shown[id], r) {
				m.shown[id] = append(m.shown[id], r)
			}
			list = append(list, replicate.Want{Log: want.Log, Range: r})
		}
	}
	return list
}

// reserved notes what of it the session is about to ask for.
func (m *missing) reserved(granted []replicate.Want) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.shown) == 0 {
		return
	}
	for _, want := range granted {
		id := want.Log.ID()
		for _, r := range m.shown[id] {
			if r.First <= want.Range.Last && want.Range.First <= r.Last {
				m.asked[id] = append(m.asked[id], claim{held: oplog.Range{
					First: max(r.First, want.Range.First), Last: min(r.Last, want.Range.Last),
				}})
			}
		}
	}
}

// missingPayloads lists, as wants, what is held of a space's unit of sync without its payload, as far as the peer may
// have it.
func (l *local) missingPayloads(ctx context.Context, space key.SpaceID) ([]replicate.Want, error) {
	wants, err := l.n.db.MissingPayloads(ctx, maxMissing, l.n.unit(space)...)
	if err != nil || len(wants) == 0 {
		return nil, err
	}
	return l.turn.missing.fresh(wants), nil
}

// healer makes the connected homes be asked for what the disk damaged here, and now and then for every payload that is
// missing.
type healer struct {
	n    *Node
	wake chan struct{}
}

func newHealer(n *Node) *healer { return &healer{n: n, wake: make(chan struct{}, 1)} }

// damaged hears from the store that something had to be dropped. It does not wait.
func (h *healer) damaged([]key.SpaceID) {
	h.n.digests.forget()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// inspect looks through everything that is stored: most of it is never read again once it is shown on a page, and would
// rot unnoticed until the day when it is needed.
func (h *healer) inspect(ctx context.Context) error {
	from, pause := int64(0), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		next, err := h.n.db.Inspect(ctx, from, inspectBatch)
		if err != nil && ctx.Err() == nil {
			h.n.log.Warn("what is stored was not looked through", "err", err)
		}
		if from, pause = next, inspectPause; from == 0 {
			pause = inspectEvery
		}
	}
}

func (h *healer) run(ctx context.Context) error {
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			lacking, err := h.n.db.LackingSpaces(ctx)
			if err != nil && ctx.Err() == nil {
				h.n.log.Warn("missing payloads not looked for", "err", err)
			}
			if len(lacking) == 0 {
				continue
			}
		case <-h.wake:
			h.n.log.Warn("the disk had damaged a part of what is stored; it is fetched again from others")
			select {
			case <-time.After(healPause):
			case <-ctx.Done():
				return nil
			}
		}
		if spaces := h.n.directory.held(); len(spaces) > 0 {
			h.n.sessions.refresh(spaces...)
		}
	}
}
