package peering

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
	"kith/internal/seal"
	"kith/internal/space"
)

// local is this home as far as one peer may see and change it: the replicate.Local of one session.
type local struct {
	h    *Home
	key  key.PeerKey
	turn *turn
	// forked are logs of which this session has brought another branch.
	forked map[oplog.LogID]bool
}

var _ replicate.Local = (*local)(nil)

// peer is who the session is with, as far as it is known by now.
func (l *local) peer() (Peer, bool) { return l.h.Directory.Peer(l.key) }

func (l *local) Known(context.Context) (bool, error) {
	_, ok := l.peer()
	if !ok && l.h.Directory.IsGone(l.key) {
		return false, fmt.Errorf("%w: it was removed", replicate.ErrStranger)
	}
	return ok, nil
}

func (l *local) Held(context.Context) ([]key.SpaceID, error) { return l.h.Directory.Held(), nil }

func (l *local) Offers(ctx context.Context, spaces []key.SpaceID) ([]replicate.Offer, error) {
	peer, ok := l.peer()
	if !ok {
		return nil, nil
	}
	var offers []replicate.Offer
	for _, space := range l.h.Directory.Shared(peer.Person) {
		if spaces != nil && !slices.Contains(spaces, space) {
			continue
		}
		digest, err := l.h.Digest(ctx, space)
		if err != nil {
			return nil, err
		}
		offers = append(offers, replicate.Offer{
			Space: space, Digest: digest, Member: l.h.Directory.IsMember(space, peer.Person),
		})
	}
	return offers, nil
}

func (l *local) Frontier(ctx context.Context, space key.SpaceID) (oplog.Frontier, error) {
	return l.h.frontier(ctx, space)
}

// unit lists the spaces whose logs make up a space's unit of sync: itself, and the identities of its people.
func (h *Home) unit(space key.SpaceID) []key.SpaceID {
	people := h.Directory.PeopleOf(space)
	list := make([]key.SpaceID, 0, 1+len(people))
	list = append(list, space)
	for _, person := range people {
		list = append(list, person.IdentitySpace())
	}
	return list
}

// logsOf gives the logs of a space's unit of sync.
func (h *Home) logsOf(ctx context.Context, space key.SpaceID) ([]ingest.LogRecord, error) {
	var all []ingest.LogRecord
	for _, part := range h.unit(space) {
		logs, err := h.store.Logs(ctx, part)
		if err != nil {
			return nil, err
		}
		all = append(all, logs...)
	}
	return all, nil
}

func (h *Home) frontier(ctx context.Context, space key.SpaceID) (oplog.Frontier, error) {
	return h.store.Heads(ctx, h.unit(space)...)
}

// Runs gives a page of an answer to the peer, who is a member.
func (l *local) Runs(ctx context.Context, query replicate.Query) (replicate.Page, error) {
	query.Wants = slices.DeleteFunc(slices.Clone(query.Wants), func(want replicate.Want) bool {
		return !l.h.inPhase(&query, want.Log)
	})
	return l.h.store.Page(ctx, query)
}

// inPhase tells whether a log belongs into the answer at all: the peer names logs, and may name any.
func (h *Home) inPhase(query *replicate.Query, log oplog.Log) bool {
	switch query.Phase {
	case replicate.PhaseIdentity:
		return log.Lane == oplog.Control && slices.Contains(h.Directory.PeopleOf(query.Space), key.PersonID(log.Space))
	case replicate.PhaseControl:
		return log.Space == query.Space && log.Lane == oplog.Control
	default:
		return log.Space == query.Space && log.Lane == oplog.Content
	}
}

func (l *local) Wants(ctx context.Context, space key.SpaceID, theirs []oplog.Head) ([]replicate.Want, error) {
	logs, err := l.h.logsOf(ctx, space)
	if err != nil {
		return nil, err
	}
	last := make(map[oplog.LogID]uint64, len(logs))
	names := make(map[oplog.LogID]ingest.LogRecord, len(logs))
	for _, record := range logs {
		id := record.Log.ID()
		last[id], names[id] = record.Head.Seq, record
	}
	for _, head := range theirs {
		if head.Log.Space != space && head.Log.Lane != oplog.Control {
			continue // of other spaces, only identities belong to this one
		}
		id := head.Log.ID()
		if _, known := names[id]; !known {
			names[id] = ingest.LogRecord{Log: head.Log}
		}
		last[id] = max(last[id], head.Seq)
	}
	disputed, err := l.disputed(ctx, names, theirs)
	if err != nil {
		return nil, err
	}
	var wants []replicate.Want
	for id, record := range names {
		if upTo := disputed[id]; upTo > 0 {
			wants = append(wants, replicate.Want{Log: record.Log, Range: oplog.Range{First: 1, Last: upTo}})
		}
		for _, gap := range oplog.Gaps(record.Held, l.h.limit(ctx, record, last[id])) {
			wants = append(wants, replicate.Want{Log: record.Log, Range: gap})
		}
	}
	missing, err := l.missingPayloads(ctx, space)
	if err != nil {
		return nil, err
	}
	wants = append(wants, missing...)
	slices.SortFunc(wants, func(a, b replicate.Want) int {
		x, y := a.Log.ID(), b.Log.ID()
		return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a.Range.First, b.Range.First))
	})
	return wants, nil
}

// disputed asks the gate which logs the peer shows another branch of that it is for us to decide about. Most heads are no
// reason to ask: those that we have.
func (l *local) disputed(ctx context.Context, names map[oplog.LogID]ingest.LogRecord, theirs []oplog.Head) (map[oplog.LogID]uint64, error) {
	var other []oplog.Head
	for _, head := range theirs {
		if ours := names[head.Log.ID()].Head; ours.Seq > 0 && (head.ID != ours.ID || len(names[head.Log.ID()].Held) > 1) {
			other = append(other, head)
		}
	}
	if len(other) == 0 {
		return nil, nil
	}
	return l.h.gate.Disputed(ctx, other)
}

// limit is the last entry of a log that is wanted at all: nothing beyond the end of a log of a member or a device that
// left or was removed.
func (h *Home) limit(ctx context.Context, record ingest.LogRecord, last uint64) uint64 {
	if record.Author.IsZero() {
		return last // not here so far
	}
	if end, ended, err := h.gate.End(ctx, record); err == nil && ended {
		return min(last, end)
	}
	return last
}

func (l *local) Ingest(ctx context.Context, space key.SpaceID, runs []oplog.Run) ([]replicate.Verdict, error) {
	out := make([]replicate.Verdict, len(runs))
	ours := make([]oplog.Run, 0, len(runs))
	at := make([]int, 0, len(runs))
	for i := range runs {
		if belongs(space, &runs[i]) {
			ours, at = append(ours, runs[i]), append(at, i)
		} else {
			out[i] = replicate.Rejected
		}
	}
	verdicts, err := l.h.gate.Ingest(ctx, ours)
	if err != nil {
		return nil, err
	}
	retry := false
	for i, verdict := range verdicts {
		out[at[i]] = translate(verdict)
		if id := ours[i].Log.ID(); verdict.Code == ingest.Forked && !l.forked[id] {
			if l.forked == nil {
				l.forked = make(map[oplog.LogID]bool)
			}
			l.forked[id], retry = true, true
		}
		if verdict.Reason != nil {
			l.h.log.Debug("run not taken", "peer", l.key, "verdict", verdict.Code.String(), "err", verdict.Reason)
		}
	}
	if retry {
		l.h.retry(space)
	}
	return out, nil
}

// belongs tells whether a run is of the space, or of an identity log. A peer cannot slip other spaces in.
func belongs(space key.SpaceID, run *oplog.Run) bool {
	return run.Log.Space == space ||
		len(run.Entries) > 0 && oplog.KindOf(run.Entries[0].Header) == oplog.KindIdentity
}

func translate(verdict ingest.Verdict) replicate.Verdict {
	switch verdict.Code {
	case ingest.Accepted:
		return replicate.Accepted
	case ingest.Duplicate:
		return replicate.Duplicate
	case ingest.Pending:
		return replicate.Pending
	case ingest.Forked:
		return replicate.Declined
	}
	if errors.Is(verdict.Reason, ingest.ErrNotMember) {
		return replicate.Declined // whoever passes it on may not have heard of the removal
	}
	return replicate.Rejected
}

func (l *local) Seal(ctx context.Context, space key.SpaceID, epochs []oplog.EpochID) ([]replicate.SealedKey, error) {
	peer, ok := l.peer()
	if !ok {
		return nil, nil
	}
	state, err := l.h.gate.State(ctx, space)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	person, err := l.h.gate.Person(ctx, peer.Person)
	if err != nil || person == nil {
		return nil, err
	}
	to := seal.Recipient{Space: space, Person: peer.Person, Generation: person.Generation()}
	var keys []replicate.SealedKey
	for _, id := range epochs {
		may, history := state.MayHold(peer.Person, id)
		if !may {
			continue
		}
		published, _ := state.Epoch(id)
		if outdated(&published, to) {
			continue
		}
		epoch, err := l.h.gate.Key(ctx, space, id)
		if err != nil {
			return nil, err
		}
		if epoch == nil {
			continue
		}
		history = history && epoch.HasHistory()
		wrap, err := seal.Wrap(epoch, to, person.SealPublic(to.Generation), history)
		if err != nil {
			return nil, err
		}
		keys = append(keys, replicate.SealedKey{Epoch: id, Generation: to.Generation, History: history, Sealed: wrap})
	}
	return keys, nil
}

// outdated tells whether the epoch was made for a later generation of the person's key than the one that we know. They
// have removed a device then, and we have not heard which: what we seal now it could open.
func outdated(epoch *space.Epoch, to seal.Recipient) bool {
	return slices.ContainsFunc(epoch.For, func(reader space.EpochReader) bool {
		return reader.Person == to.Person && reader.Generation > to.Generation
	})
}

func (l *local) Open(ctx context.Context, space key.SpaceID, keys []replicate.SealedKey) ([]replicate.Verdict, error) {
	verdicts := make([]replicate.Verdict, len(keys))
	for i, sealed := range keys {
		verdict, err := l.open(ctx, space, sealed)
		if err != nil {
			return nil, err
		}
		verdicts[i] = verdict
	}
	return verdicts, nil
}

func (l *local) open(ctx context.Context, space key.SpaceID, sealed replicate.SealedKey) (replicate.Verdict, error) {
	me := l.h.Directory.Self()
	state, err := l.h.gate.State(ctx, space)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return replicate.Pending, nil
	}
	if err != nil {
		return 0, err
	}
	published, ok := state.Epoch(sealed.Epoch)
	if !ok {
		return replicate.Pending, nil
	}
	mine, err := l.h.personKey(ctx, sealed.Generation)
	if err != nil {
		return 0, err
	}
	if mine == nil {
		return replicate.Declined, nil
	}
	to := seal.Recipient{Space: space, Person: me, Generation: sealed.Generation}
	epoch, err := seal.Unwrap(sealed.Sealed, sealed.Epoch, to, mine, published.KeyCommitment, published.HistoryCommitment)
	if err != nil {
		return replicate.Rejected, nil
	}
	switch err := l.h.gate.AddKey(ctx, space, epoch); {
	case err == nil:
		return replicate.Accepted, nil
	case errors.Is(err, ingest.ErrWrongKey):
		return replicate.Rejected, nil
	case errors.Is(err, ingest.ErrUnknownSpace):
		return replicate.Pending, nil
	default:
		return 0, err
	}
}

// personKey opens a generation of our own person key; nil if it is not ours to open.
func (h *Home) personKey(ctx context.Context, generation uint64) (*key.PersonKey, error) {
	me, err := h.gate.Person(ctx, h.Directory.Self())
	if err != nil || me == nil {
		return nil, err
	}
	keys, err := me.OpenKeys(h.device)
	if err != nil || generation == 0 || generation > uint64(len(keys)) {
		return nil, nil
	}
	return keys[generation-1], nil
}

func (l *local) PeerHas(_ key.SpaceID, pieces []replicate.Held) {
	peer, ok := l.peer()
	if !ok {
		return
	}
	l.h.reached(Reach{Peer: peer, Pieces: pieces})
}

func (l *local) InSync(space key.SpaceID, digest [32]byte) {
	peer, ok := l.peer()
	if !ok {
		return
	}
	l.h.reached(Reach{Peer: peer, Space: space, Digest: digest})
}

// Ephemeral drops what only later versions send.
func (l *local) Ephemeral(key.SpaceID, []byte) {}
