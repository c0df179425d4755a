package social

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/node"
	"kith/internal/oplog"
	"kith/internal/p2p"
)

// returnTimeout bounds one question what has become of the person.
const returnTimeout = 20 * time.Second

// askPause is how long a home that was asked is left alone. Strangers may open few streams.
const askPause = 8 * time.Second

// questions remembers whom we asked lately.
type questions struct {
	mu   sync.Mutex
	last map[key.PeerKey]time.Time
}

// may tells whether a home may be asked, and takes note of it.
func (q *questions) may(peer key.PeerKey) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if now.Sub(q.last[peer]) < askPause {
		return false
	}
	if q.last == nil {
		q.last = make(map[key.PeerKey]time.Time)
	}
	maps.DeleteFunc(q.last, func(_ key.PeerKey, at time.Time) bool { return now.Sub(at) > askPause })
	q.last[peer] = now
	return true
}

// serveReturn answers a device, or a recovery key, that asks what has become of its person.
func (h *Home) serveReturn(ctx context.Context, stream *p2p.Stream) {
	defer stream.Close()
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	var ask link.Return
	err := invite.Read(stream, &ask)
	if err == nil {
		var answer *link.Returned
		if answer, err = h.returned(ctx, &ask, key.PeerKey(stream.Peer())); err == nil {
			err = invite.Write(stream, answer)
		}
	}
	if err != nil {
		h.log.Debug("return not answered", "err", err)
	}
}

// returned is what a home tells somebody who asks about a person: the identity log to every device that is or was the
// person's, so that one that was removed hears of it; to those of now, and to the recovery key, also what the person
// needs to find the rest.
func (h *Home) returned(ctx context.Context, ask *link.Return, peer key.PeerKey) (*link.Returned, error) {
	answer, id := new(link.Returned), ask.Person
	person, err := h.node.Gate().Person(ctx, id)
	if err != nil || person == nil {
		return answer, err
	}
	if len(ask.Identity) > 0 { // of somebody who is known here; it proves itself
		if person, err = h.takePerson(ctx, id, ask.Identity); err != nil {
			return nil, err
		}
	}
	now := person.Recovery == peer || isDevice(person, peer)
	if !now && !wasDevice(person, peer) {
		return answer, nil
	}
	runs, err := h.node.IdentityRuns(ctx, id)
	if err != nil {
		return nil, err
	}
	answer.Identity = invite.WireRuns(runs)
	if !now {
		return answer, nil
	}
	for _, space := range h.node.SharedWith(id) {
		state, err := h.node.Gate().State(ctx, space)
		if err != nil {
			return nil, err
		}
		if len(answer.Spaces) < link.MaxSpaces {
			answer.Spaces = append(answer.Spaces, link.Space{ID: space, Owner: state.Create.Owner})
		}
	}
	var friend friendRecord
	if _, err := h.shared(ctx, recordsFriends, id.String(), &friend); err != nil {
		return nil, err
	}
	answer.Wall, answer.Card = friend.Wall, friend.Card
	cards, err := h.db.Cards(ctx, []key.PersonID{id})
	if err != nil {
		return nil, err
	}
	if card, known := cards[id]; known {
		if answer.Card, err = content.Encode(card); err != nil {
			return nil, err
		}
	}
	if id == h.node.Person() {
		p, err := h.profile(ctx)
		if err != nil {
			return nil, err
		}
		answer.Wall = p.Wall
	}
	if answer.Peers, err = h.peersOf(ctx, id); err != nil {
		return nil, err
	}
	answer.Helper = h.node.Person()
	runs, err = h.node.IdentityRuns(ctx, answer.Helper)
	answer.HelperIdentity = invite.WireRuns(runs)
	return answer, err
}

// peersOf tells where those were last reached whom a person shares a space with that is here.
func (h *Home) peersOf(ctx context.Context, id key.PersonID) ([]link.Peer, error) {
	addresses, err := h.node.PeerAddresses(ctx, link.MaxAddresses)
	if err != nil {
		return nil, err
	}
	var list []link.Peer
	for peer, some := range addresses {
		if owner, known := h.node.PersonOf(peer); known && h.node.Together(owner, id) && len(list) < link.MaxPeers {
			list = append(list, link.Peer{Key: peer, Addresses: some})
		}
	}
	slices.SortFunc(list, func(a, b link.Peer) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return list, nil
}

func wasDevice(person *identity.Person, peer key.PeerKey) bool {
	for _, d := range person.Everyone() {
		if d.Network == peer {
			return true
		}
	}
	return false
}

// askReturn asks a home, on a stream that is open, what has become of a person. identity is shown to it; nil for the root,
// which is known by its key.
func askReturn(stream *p2p.Stream, id key.PersonID, identity []oplog.Run) (*link.Returned, error) {
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	if err := invite.Write(stream, &link.Return{Person: id, Identity: invite.WireRuns(identity)}); err != nil {
		return nil, broken(err)
	}
	answer := new(link.Returned)
	if err := invite.Read(stream, answer); err != nil {
		return nil, broken(err)
	}
	return answer, nil
}

// askWhatBecame asks a home that does not know this device any more, or that may share spaces with the owner of which
// this device has not heard.
func (h *Home) askWhatBecame(ctx context.Context, peer key.PeerKey) error {
	me, err := h.me()
	if err != nil || !h.asked.may(peer) {
		return nil // not begun: nothing can have become of it; or asked a moment ago
	}
	ctx, cancel := context.WithTimeout(ctx, returnTimeout)
	defer cancel()
	mine, err := h.node.IdentityRuns(ctx, me)
	if err != nil {
		return err
	}
	stream, err := h.node.OpenMeeting(ctx, node.ProtocolReturn, peer, nil)
	if err != nil {
		h.log.Debug("a home that turned this device away cannot be asked why", "err", err)
		return nil // it is asked again when it turns this device away again
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Reset)
	defer stop()
	answer, err := askReturn(stream, me, mine)
	if errors.Is(err, errUnreachable) || err == nil && len(answer.Identity) == 0 {
		h.log.Debug("a home that turned this device away does not say why", "err", err)
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := h.takePerson(ctx, me, answer.Identity); err != nil {
		return err
	}
	if err := h.keepPeers(ctx, answer.Peers[:min(len(answer.Peers), link.MaxPeers)]); err != nil {
		return err
	}
	return h.expectAll(ctx, answer.Spaces)
}

// expectAll awaits spaces that another home shares with the owner.
func (h *Home) expectAll(ctx context.Context, spaces []link.Space) error {
	if h.node.Removed() {
		return nil
	}
	for _, s := range spaces[:min(len(spaces), link.MaxSpaces)] {
		if err := h.node.Expect(ctx, s.ID, s.Owner); err != nil {
			return err
		}
	}
	return nil
}
