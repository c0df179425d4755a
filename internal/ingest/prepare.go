package ingest

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// prepared is a run after everything that needs no transaction.
type prepared struct {
	index   int // in the batch that the caller gave
	log     oplog.LogID
	entries []oplog.Verified
	opened  []opened // beside entries; nil where there was no key yet or nothing to decrypt
	err     error    // malformed or forged
	done    bool     // decided, unless it is pending
}

// opened is a decrypted entry.
type opened struct {
	content content.Item // nil: not decrypted, or not valid content
	done    bool         // decrypted, whatever came out
}

// prepare verifies the runs and decrypts with the keys that are here already. It runs before the transaction, so
// that several callers can do it side by side.
func (p *Pipeline) prepare(ctx context.Context, runs []oplog.Run) ([]prepared, error) {
	batch := make([]prepared, len(runs))
	for i := range runs {
		batch[i] = prepared{index: i, log: runs[i].Log.ID()}
	}
	if err := p.verify(ctx, runs, batch); err != nil {
		return nil, err
	}
	for i := range batch {
		if batch[i].err == nil && runs[i].Log.Lane == oplog.Content {
			s, err := p.load(ctx, runs[i].Log.Space)
			if err != nil {
				return nil, err
			}
			batch[i].opened = openAll(s.keys, batch[i].entries)
		}
	}
	// Identity before control before content, each log in order: what authorises comes before what it authorises.
	slices.SortStableFunc(batch, func(a, b prepared) int {
		x, y := &runs[a.index], &runs[b.index]
		return cmp.Or(
			cmp.Compare(order(x), order(y)),
			slices.Compare(a.log[:], b.log[:]),
			cmp.Compare(x.First, y.First),
		)
	})
	return batch, nil
}

// order is the rank of a run in its batch.
func order(run *oplog.Run) int {
	switch {
	case isIdentity(run):
		return 0
	case run.Log.Lane == oplog.Control:
		return 1
	default:
		return 2
	}
}

// isIdentity tells whether the run claims to be of an identity log. The claim is checked later.
func isIdentity(run *oplog.Run) bool {
	// The kind is in the headers; a cheap look at the first is enough, because Verify has refused a mixture by
	// the time it matters.
	if run.Log.Lane != oplog.Control || len(run.Entries) == 0 {
		return false
	}
	return oplog.KindOf(run.Entries[0].Header) == oplog.KindIdentity
}

// verify checks the runs of each log from the newest to the oldest. A run is authentic if its successor, in the batch or in
// the store, is, and names its last entry; only where there is none does its own signature have to be checked. So a
// long backlog costs one signature for each log.
func (p *Pipeline) verify(ctx context.Context, runs []oplog.Run, batch []prepared) error {
	newestFirst := make([]int, len(batch))
	for i := range newestFirst {
		newestFirst[i] = i
	}
	slices.SortFunc(newestFirst, func(a, b int) int {
		return cmp.Or(slices.Compare(batch[a].log[:], batch[b].log[:]), cmp.Compare(runs[b].First, runs[a].First))
	})
	return p.store.View(ctx, func(r Reader) error {
		var successor *prepared // the run verified last
		for _, i := range newestFirst {
			anchor, err := anchorOf(r, &runs[i], batch[i].log, successor)
			if err != nil {
				return err
			}
			batch[i].entries, batch[i].err = oplog.Verify(&runs[i], anchor)
			if !anchor.IsZero() && errors.Is(batch[i].err, oplog.ErrForged) {
				// It may be of another branch of the log, and its author's all the same.
				batch[i].entries, batch[i].err = oplog.Verify(&runs[i], oplog.EntryID{})
			}
			if batch[i].err == nil {
				successor = &batch[i]
			}
		}
		return nil
	})
}

// anchorOf finds the ID that an authentic successor names as the entry before it; zero if there is none.
func anchorOf(r Reader, run *oplog.Run, log oplog.LogID, successor *prepared) (oplog.EntryID, error) {
	if len(run.Entries) == 0 {
		return oplog.EntryID{}, nil
	}
	if successor != nil && successor.log == log && successor.entries[0].Seq() == run.Last()+1 {
		return successor.entries[0].Header().Prev, nil
	}
	next, held, err := r.Entry(log, run.Last()+1)
	if err != nil || !held {
		return oplog.EntryID{}, err
	}
	return next.Header().Prev, nil
}

// openAll decrypts what the keys allow.
func openAll(keys map[oplog.EpochID]*seal.Epoch, entries []oplog.Verified) []opened {
	out := make([]opened, len(entries))
	for i := range entries {
		entry := &entries[i]
		if entry.Payload() == nil {
			continue
		}
		if epoch := keys[entry.Header().Epoch]; epoch != nil {
			out[i] = open(epoch, entry)
		}
	}
	return out
}

// open decrypts one entry. Content that does not decrypt under its own epoch's key, or is malformed, is kept as an
// entry and shown to nobody.
func open(epoch *seal.Epoch, entry *oplog.Verified) opened {
	plaintext, _, err := seal.OpenPayload(epoch, entry.Log().Space, entry.Header(), entry.Payload())
	if err != nil {
		return opened{done: true}
	}
	item, err := content.Decode(plaintext)
	if err != nil {
		return opened{done: true}
	}
	return opened{content: item, done: true}
}

// spaceOf is a shorthand for the space that an entry is in.
func spaceOf(entries []oplog.Verified) key.SpaceID { return entries[0].Log().Space }
