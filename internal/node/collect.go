package node

import (
	"context"
	"sync"
	"time"

	"kith/internal/blob"
)

const (
	// collectEvery is how often files that nothing names are looked for, and collectGrace how old they have to be: a
	// picture is on disk before the draft that names it.
	collectEvery = time.Hour
	collectGrace = time.Hour
	// collectBatch bounds how many are looked at in one go.
	collectBatch = 256
)

// Keeper names the files that no post names and that are to stay: those of drafts, and of the trash.
type Keeper func(context.Context) (map[blob.Ref]bool, error)

// collector deletes files that nothing names any more. Nothing is deleted before it knows its keeper.
type collector struct {
	n     *Node
	begin time.Time
	wake  chan struct{}

	mu   sync.Mutex // held while files are deleted, so that what a keeper has said still holds
	keep Keeper
}

func newCollector(n *Node) *collector {
	return &collector{n: n, begin: n.cfg.Now(), wake: make(chan struct{}, 1)}
}

// KeepFiles sets who names the files that stay although no post names them. It is called once. From then on, what a crash
// left behind is deleted, and what nothing names any more.
func (n *Node) KeepFiles(keep Keeper) {
	n.collector.mu.Lock()
	n.collector.keep = keep
	n.collector.mu.Unlock()
	select {
	case n.collector.wake <- struct{}{}:
	default:
	}
}

func (c *collector) run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.wake:
	}
	// What nothing named before this start is left over from a crash, however young it is.
	c.report(ctx, c.sweep(ctx))
	c.report(ctx, c.round(ctx, c.begin))
	ticker := time.NewTicker(collectEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			c.report(ctx, c.round(ctx, c.n.cfg.Now().Add(-collectGrace)))
		}
	}
}

func (c *collector) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		c.n.log.Warn("unused files not deleted", "err", err)
	}
}

// round deletes what nothing has named since a time before the given one.
func (c *collector) round(ctx context.Context, before time.Time) error {
	for limit := collectBatch; ; limit *= 2 {
		refs, err := c.n.db.UnusedBlobs(ctx, before, limit)
		if err != nil {
			return err
		}
		if err := c.drop(ctx, refs); err != nil || len(refs) < limit {
			return err
		}
	}
}

// sweep deletes files that the store does not know at all.
func (c *collector) sweep(ctx context.Context) error {
	var refs []blob.Ref
	flush := func() error {
		unknown, err := c.n.db.UnknownBlobs(ctx, refs)
		refs = refs[:0]
		if err != nil || len(unknown) == 0 {
			return err
		}
		return c.drop(ctx, unknown)
	}
	for info, err := range c.n.blobs.List(ctx) {
		if err != nil {
			return err
		}
		if refs = append(refs, info.Ref); len(refs) == collectBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// drop deletes files, but for those that a post or the keeper names.
func (c *collector) drop(ctx context.Context, refs []blob.Ref) error {
	if len(refs) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keep == nil {
		return nil // found when there is one
	}
	kept, err := c.keep(ctx)
	if err != nil {
		return err
	}
	var free []blob.Ref
	for _, ref := range refs {
		if !kept[ref] {
			free = append(free, ref)
		}
	}
	// First the store forgets them: a post that comes to name one from now on wants it anew.
	if _, err := c.n.db.ForgetBlobs(ctx, free); err != nil {
		return err
	}
	if free, err = c.n.db.UnknownBlobs(ctx, free); err != nil || len(free) == 0 {
		return err
	}
	return c.n.blobs.Delete(ctx, free...)
}

// DropFiles deletes those of the files that nothing names any more.
func (n *Node) DropFiles(ctx context.Context, refs []blob.Ref) error {
	return n.collector.drop(ctx, refs)
}

// WantFile makes a file be fetched that comes on demand only. Whoever waits for it is told by Change.Blobs.
func (n *Node) WantFile(ctx context.Context, ref blob.Ref) error {
	if err := n.db.WantBlob(ctx, ref); err != nil {
		return err
	}
	n.fetcher.now()
	return nil
}

// LostFile makes a file be fetched again of which pieces were damaged here.
func (n *Node) LostFile(ctx context.Context, ref blob.Ref) error {
	here, err := n.db.BlobHere(ctx, []blob.Ref{ref})
	if err != nil || !here[ref] {
		return err
	}
	if err := n.db.MarkBlob(ctx, ref, false); err != nil {
		return err
	}
	n.fetcher.now()
	return nil
}
