package peering

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
	// AskAgain is how long a peer that did not have a payload is not asked for it again, and how often homes that are
	// connected all the time should be asked at all: it may have come to them from others.
	AskAgain = 10 * time.Minute
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
	if now := time.Now(); now.Sub(m.since) > AskAgain {
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
	wants, err := l.h.store.MissingPayloads(ctx, maxMissing, l.h.unit(space)...)
	if err != nil || len(wants) == 0 {
		return nil, err
	}
	return l.turn.missing.fresh(wants), nil
}
