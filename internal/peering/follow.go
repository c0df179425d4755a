package peering

import (
	"context"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// Committed hears from the gate, in order, of every transaction, and does not wait. Follow is to be called with the
// same commits, in the same order, when there is time.
func (h *Home) Committed(commit ingest.Commit) {
	if len(commit.Identity)+len(commit.Control)+len(commit.Settled) > 0 {
		h.digests.forget()
		return
	}
	for i := range commit.Entries {
		if space := commit.Entries[i].Log().Space; i == 0 || space != commit.Entries[i-1].Log().Space {
			h.digests.forgetOne(space)
		}
	}
}

// Follow passes on what a commit stored and brings the directory up to date. It tells which peers became known.
func (h *Home) Follow(ctx context.Context, commit ingest.Commit) ([]key.PeerKey, error) {
	h.pass(commit)
	var fresh []key.PeerKey
	for _, space := range commit.Control {
		more, err := h.Directory.Refresh(ctx, space)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, more...)
	}
	for _, person := range commit.Identity {
		more, err := h.Directory.RefreshPerson(ctx, person)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, more...)
	}
	if len(commit.Control)+len(commit.Identity) > 0 {
		h.Refresh()
	}
	for _, space := range commit.Settled {
		h.retry(space)
	}
	for _, person := range commit.Identity {
		if spaces := h.Directory.SpacesOf(person); len(spaces) > 0 {
			h.Refresh(spaces...)
		}
	}
	return fresh, nil
}

// pass hands what a commit stored on to the homes of the spaces' members that are connected: what was written here at
// once and whole, what came from others as a hint that it is here. Who has just left or was removed gets the operation
// that says so by the exchange of frontiers, if at all.
func (h *Home) pass(commit ingest.Commit) {
	for space, news := range newsOf(commit.Entries) {
		if news.identity {
			h.passIdentity(key.PersonID(space), news.runs)
			continue
		}
		if commit.Own && h.introduce != nil {
			news.runs = append(h.introduce(space, commit.Entries), news.runs...)
		}
		h.each(func(peer Peer, t *Talk) {
			switch {
			case !h.Directory.IsMember(space, peer.Person):
			case commit.Own:
				t.session.Push(space, news.runs)
			default:
				t.session.Advertise(space, news.pieces)
			}
		})
	}
}

// identityPushes is in how many spaces an operation on an identity is pushed to one peer: a session may not have agreed on
// one of them so far. Where all fail, the exchange of frontiers brings it.
const identityPushes = 3

// passIdentity hands new operations on a person's devices to the homes that are connected and share a space with the
// person, a removed device's among them: after it, they are strangers.
func (h *Home) passIdentity(person key.PersonID, runs []oplog.Run) {
	spaces := h.Directory.SpacesOf(person)
	h.each(func(peer Peer, t *Talk) {
		told := 0
		for _, space := range spaces {
			if told < identityPushes && h.Directory.IsMember(space, peer.Person) {
				t.session.Push(space, runs)
				told++
			}
		}
	})
}

// news is what a commit stored in one space: runs, and what to call them.
type news struct {
	identity bool // of an identity log
	runs     []oplog.Run
	pieces   []replicate.Piece
}

// newsOf puts a commit's entries into runs, by space. Entries of a run whose head is not among them are left to the
// exchange of frontiers.
func newsOf(entries []oplog.Verified) map[key.SpaceID]*news {
	all := make(map[key.SpaceID]*news)
	start := 0
	for i := range entries {
		entry := &entries[i]
		if i > start && (entries[i-1].Log() != entry.Log() || entries[i-1].Seq()+1 != entry.Seq()) {
			start = i
		}
		if entry.Signature() == nil {
			continue
		}
		if run, err := oplog.RunOf(entries[start : i+1]); err == nil {
			n := all[run.Log.Space]
			if n == nil {
				n = &news{identity: entry.Header().Kind == oplog.KindIdentity}
				all[run.Log.Space] = n
			}
			n.runs = append(n.runs, run)
			n.pieces = append(n.pieces, replicate.Piece{Log: run.Log, First: run.First, Last: entry.Seq(), ID: entry.ID()})
		}
		start = i + 1
	}
	return all
}

// Refresh makes every session look anew at what there is to talk about, after members or devices changed.
func (h *Home) Refresh(spaces ...key.SpaceID) {
	h.each(func(_ Peer, t *Talk) { t.session.Refresh(spaces...) })
	h.wakeKeys()
}

// retry has every session ask again for what was refused in a space: which branch of a log is wanted has changed, or has
// to be found out.
func (h *Home) retry(space key.SpaceID) {
	h.each(func(_ Peer, t *Talk) { t.session.Retry(space) })
}

// wakeKeys makes missing keys be asked for soon.
func (h *Home) wakeKeys() {
	select {
	case h.keysMissed <- struct{}{}:
	default:
	}
}

// askForKeys asks a peer for every key that is missing. Who is asked and does not have it, or may not give it, is
// silent.
func (h *Home) askForKeys(ctx context.Context, session *replicate.Session) {
	for _, space := range h.Directory.Held() {
		missing, err := h.gate.Missing(ctx, space)
		if err != nil || len(missing) == 0 {
			continue
		}
		session.RequestKeys(space, missing)
	}
}

// AskForKeys asks for missing keys again and again until ctx ends, at first soon, because a session can only ask once
// both sides have agreed on the space.
func (h *Home) AskForKeys(ctx context.Context) error {
	pause := keyLast
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.keysMissed:
			pause = keyFirst
		case <-timer.C:
			pause = min(2*pause, keyLast)
		}
		h.each(func(_ Peer, t *Talk) { h.askForKeys(ctx, t.session) })
		timer.Reset(pause)
	}
}

// othersMayTry lets the other sessions ask for what one of them had reserved and may not have got.
func (h *Home) othersMayTry(by *turn, space key.SpaceID) {
	h.each(func(_ Peer, t *Talk) {
		if t.turn != by {
			t.session.Refresh(space)
		}
	})
}
