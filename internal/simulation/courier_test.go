package simulation

import (
	"bytes"
	"context"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// pageBytes is about how much a courier takes at a time.
const pageBytes = 64 << 10

// carrying is how a courier works.
type carrying struct {
	whole bool // everything, in order, once; otherwise a part, shuffled, some of it twice
	keys  bool // wraps too
}

// carry lets a courier take from one home to another what the second lacks and the first may give it, in all spaces,
// through the doors of a session. It tells whether anything was new.
func (w *world) carry(from, to *home, how carrying) bool {
	ctx := context.Background()
	give, take := w.door(from, from.peers.Local(to.device.Peer())), to.peers.Local(from.device.Peer())
	offers, err := give.Offers(ctx, nil)
	w.must(err)
	slices.SortFunc(offers, func(a, b replicate.Offer) int { return bytes.Compare(a.Space[:], b.Space[:]) })
	changed := false
	for _, offer := range offers {
		held, err := take.Held(ctx)
		w.must(err)
		if !offer.Member || !slices.Contains(held, offer.Space) {
			continue
		}
		if w.carryEntries(give, take, offer.Space, how) {
			changed = true
		}
		to.settleDown()
		if how.keys && w.carryKeys(give, take, to, offer.Space, how) {
			changed = true
		}
		to.settleDown()
	}
	return changed
}

// carryEntries carries the entries of one space.
func (w *world) carryEntries(give, take replicate.Local, space key.SpaceID, how carrying) bool {
	ctx := context.Background()
	theirs, err := take.Offers(ctx, []key.SpaceID{space})
	w.must(err)
	// Whom the taker does not know as a member may only show who is in the space.
	member := len(theirs) == 1 && theirs[0].Member
	heads, err := give.Frontier(ctx, space)
	w.must(err)
	wants, err := take.Wants(ctx, space, heads)
	w.must(err)
	var runs []oplog.Run
	for _, phase := range []replicate.Phase{replicate.PhaseIdentity, replicate.PhaseControl, replicate.PhaseContent} {
		if phase == replicate.PhaseContent && !member {
			continue
		}
		query := replicate.Query{Space: space, Phase: phase, Bytes: pageBytes}
		for _, want := range wants {
			content := want.Log.Lane == oplog.Content
			identity := want.Log.Space != space
			if content == (phase == replicate.PhaseContent) && identity == (phase == replicate.PhaseIdentity) {
				query.Wants = append(query.Wants, want)
			}
		}
		for len(query.Wants) > 0 {
			page, err := give.Runs(ctx, query)
			w.must(err)
			runs = append(runs, page.Runs...)
			if !page.More {
				break
			}
			query.After = page.Next
		}
	}
	if !how.whole {
		runs = w.muddle(runs)
	}
	changed := false
	for len(runs) > 0 {
		n := len(runs)
		if !how.whole {
			n = 1 + w.dice.IntN(n)
		}
		verdicts, err := take.Ingest(ctx, space, runs[:n])
		w.must(err)
		changed = changed || slices.Contains(verdicts, replicate.Accepted)
		runs = runs[n:]
	}
	return changed
}

// muddle loses some of the runs, doubles some, and shuffles them.
func (w *world) muddle(runs []oplog.Run) []oplog.Run {
	var list []oplog.Run
	for _, run := range runs {
		switch w.dice.IntN(6) {
		case 0:
			w.count("run lost on the way")
		case 1:
			w.count("run delivered twice")
			list = append(list, run, run)
		default:
			list = append(list, run)
		}
	}
	if len(list) > 1 {
		w.count("delivery out of order")
	}
	w.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// carryKeys hands over keys that the taker misses.
func (w *world) carryKeys(give, take replicate.Local, to *home, space key.SpaceID, how carrying) bool {
	ctx := context.Background()
	missing, err := to.gate.Missing(ctx, space)
	w.must(err)
	if len(missing) == 0 {
		return false
	}
	slices.SortFunc(missing, func(a, b oplog.EpochID) int { return bytes.Compare(a[:], b[:]) })
	wraps, err := give.Seal(ctx, space, missing)
	w.must(err)
	if !how.whole && len(wraps) > 0 && w.roll(4) {
		w.count("wrap lost on the way")
		wraps = wraps[1:]
	}
	verdicts, err := take.Open(ctx, space, wraps)
	w.must(err)
	return slices.Contains(verdicts, replicate.Accepted)
}
