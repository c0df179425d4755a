package node

import (
	"context"
	"time"

	"kith/internal/key"
	"kith/internal/peering"
)

const (
	// inspectEvery is how often everything stored is looked through, inspectBatch entries at a time, with a pause in between
	// so that nobody waits: 100,000 entries take about seven minutes.
	inspectEvery = 24 * time.Hour
	inspectBatch = 256
	inspectPause = time.Second
	// healPause gathers damage that is found in one go.
	healPause = 200 * time.Millisecond
)

// healer makes the connected homes be asked for what the disk damaged here, and now and then for every payload that is
// missing.
type healer struct {
	n    *Node
	wake chan struct{}
}

func newHealer(n *Node) *healer { return &healer{n: n, wake: make(chan struct{}, 1)} }

// damaged hears from the store that something had to be dropped. It does not wait.
func (h *healer) damaged([]key.SpaceID) {
	if h.n.peers != nil { // not while the store is being opened
		h.n.peers.Forget()
	}
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
	ticker := time.NewTicker(peering.AskAgain)
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
		if spaces := h.n.directory.Held(); len(spaces) > 0 {
			h.n.peers.Refresh(spaces...)
		}
	}
}
