package peering

import (
	"sync"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// turns keeps two sessions from fetching the same entries at the same time.
type turns struct {
	mu    sync.Mutex
	taken map[oplog.LogID][]claim
	// idle is called, outside of the lock, when a session has given back what it had reserved in a space.
	idle func(by *turn, space key.SpaceID)
}

type claim struct {
	by   *turn
	held oplog.Range
}

// turn is one session's part in it.
type turn struct{ all *turns }

func newTurns(idle func(*turn, key.SpaceID)) *turns {
	return &turns{taken: make(map[oplog.LogID][]claim), idle: idle}
}

func (l *local) Reserve(space key.SpaceID, wants []replicate.Want) []replicate.Want {
	return l.turn.reserve(wants)
}

func (l *local) Release(space key.SpaceID, wants []replicate.Want) { l.turn.release(space, wants) }

func (t *turn) reserve(wants []replicate.Want) []replicate.Want {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	var granted []replicate.Want
	for _, want := range wants {
		id := want.Log.ID()
		for _, free := range without(want.Range, t.all.taken[id]) {
			t.all.taken[id] = append(t.all.taken[id], claim{by: t, held: free})
			granted = append(granted, replicate.Want{Log: want.Log, Range: free})
		}
	}
	return granted
}

// without is what of a range the claims leave.
func without(r oplog.Range, claims []claim) []oplog.Range {
	free := []oplog.Range{r}
	for _, c := range claims {
		var rest []oplog.Range
		for _, f := range free {
			if c.held.Last < f.First || c.held.First > f.Last {
				rest = append(rest, f)
				continue
			}
			if f.First < c.held.First {
				rest = append(rest, oplog.Range{First: f.First, Last: c.held.First - 1})
			}
			if f.Last > c.held.Last {
				rest = append(rest, oplog.Range{First: c.held.Last + 1, Last: f.Last})
			}
		}
		free = rest
	}
	return free
}

func (t *turn) release(space key.SpaceID, wants []replicate.Want) {
	t.all.mu.Lock()
	for _, want := range wants {
		id := want.Log.ID()
		for i, c := range t.all.taken[id] {
			if c.by == t && c.held == want.Range {
				t.all.taken[id] = append(t.all.taken[id][:i:i], t.all.taken[id][i+1:]...)
				break
			}
		}
		if len(t.all.taken[id]) == 0 {
			delete(t.all.taken, id)
		}
	}
	t.all.mu.Unlock()
	if len(wants) > 0 {
		t.all.idle(t, space)
	}
}
