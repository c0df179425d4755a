package social

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/p2p"
)

// serveLink answers a new device that comes with the code.
func (h *Home) serveLink(ctx context.Context, stream *p2p.Stream) {
	defer stream.Close()
	if err := h.receive(ctx, stream); err != nil && !errors.Is(err, errStop) {
		h.log.Debug("link not answered", "err", err)
	}
}

func (h *Home) receive(ctx context.Context, stream *p2p.Stream) error {
	_ = stream.SetDeadline(time.Now().Add(handshakeStep))
	var knock link.Knock
	if err := invite.Read(stream, &knock); err != nil {
		return err
	}
	peer := key.PeerKey(stream.Peer())
	record, state, err := h.knocked(ctx, &knock, peer)
	if err != nil {
		return err
	}
	answer := &link.Answer{State: state}
	if state == link.Reveal {
		answer.Nonce = record.Nonce
	}
	if err := invite.Write(stream, answer); err != nil || state != link.Reveal {
		return err
	}
	var who link.Introduction
	if err := invite.Read(stream, &who); err != nil {
		return err
	}
	if err := h.introduced(ctx, record.id(), peer, &who); err != nil {
		return err
	}
	return h.untilDecided(ctx, stream, record.id(), func() (any, bool, error) {
		answer, err := h.linkAnswer(ctx, record.id())
		return answer, err == nil && answer.State == link.Waiting, err
	})
}

// knocked finds the link that a Knock is about, and answers: Reveal to whoever comes first, and to them again.
func (h *Home) knocked(ctx context.Context, knock *link.Knock, peer key.PeerKey) (*linkRecord, link.State, error) {
	if h.node.Person().IsZero() {
		return nil, link.Unknown, nil
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.linkRecord(ctx, hex.EncodeToString(knock.Link[:]))
	var told *Error
	if errors.As(err, &told) && told.Code == CodeNotFound {
		return nil, link.Unknown, nil
	}
	if err != nil {
		return nil, 0, err
	}
	if !link.CheckProof(knock, record.Secret, peer, h.node.Device().Peer()) {
		return nil, link.Unknown, nil
	}
	if record.Peer != (key.PeerKey{}) && (record.Peer != peer || record.Commitment != knock.Commitment) {
		if !record.Warned {
			record.Warned = true
			err = h.keepLink(ctx, record)
		}
		return record, link.Used, err
	}
	switch record.stateAt(h.now()) {
	case LinkExpired:
		return record, link.Expired, nil
	case LinkRefused:
		return record, link.Refused, nil
	}
	if record.Peer == (key.PeerKey{}) {
		record.Peer, record.Commitment, record.Nonce = peer, knock.Commitment, link.NewNonce()
		err = h.keepLink(ctx, record)
	}
	return record, link.Reveal, err
}

// introduced takes the keys of the new device, which have to be those that it committed to.
func (h *Home) introduced(ctx context.Context, id string, peer key.PeerKey, who *link.Introduction) error {
	commitment, err := who.Commit()
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.linkRecord(ctx, id)
	if err != nil {
		return err
	}
	if commitment != record.Commitment || who.Certificate.Network != peer {
		return invite.ErrProtocol
	}
	if err := who.Certificate.Check(h.node.Person()); err != nil {
		return errors.Join(invite.ErrProtocol, err)
	}
	if record.State != LinkOpen {
		return nil
	}
	if who.Name, err = cleanDeviceName(who.Name); err != nil {
		who.Name = "A computer"
	}
	record.Introduction, record.State = who, LinkAsking
	return h.keepLink(ctx, record)
}

// linkAnswer is how it stands with a link whose new device has shown its keys.
func (h *Home) linkAnswer(ctx context.Context, id string) (*link.Answer, error) {
	record, err := h.linkRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	switch record.stateAt(h.now()) {
	case LinkAsking:
		return &link.Answer{State: link.Waiting}, nil
	case LinkDone:
		welcome, err := h.welcome(ctx)
		return &link.Answer{State: link.Done, Welcome: welcome}, err
	case LinkRefused:
		return &link.Answer{State: link.Refused}, nil
	}
	return &link.Answer{State: link.Expired}, nil
}

// welcome gathers what a new device needs to begin.
func (h *Home) welcome(ctx context.Context) (*link.Welcome, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := h.node.IdentityRuns(ctx, h.node.Person())
	if err != nil {
		return nil, err
	}
	w := &link.Welcome{Identity: invite.WireRuns(runs), Wall: p.Wall}
	if w.Card, err = content.Encode(p.card()); err != nil {
		return nil, err
	}
	if _, err := h.db.Get(ctx, recordsHome, recordOwn, &w.Own); err != nil {
		return nil, err
	}
	spaces, err := h.db.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range spaces {
		owner := s.Owner
		if owner.IsZero() {
			owner = s.AwaitedFrom
		}
		if len(w.Spaces) < link.MaxSpaces {
			w.Spaces = append(w.Spaces, link.Space{ID: s.ID, Owner: owner})
		}
	}
	peers, err := h.node.PeerAddresses(ctx, link.MaxAddresses)
	if err != nil {
		return nil, err
	}
	for peer, addresses := range peers {
		if len(w.Peers) < link.MaxPeers {
			w.Peers = append(w.Peers, link.Peer{Key: peer, Addresses: addresses})
		}
	}
	slices.SortFunc(w.Peers, func(a, b link.Peer) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return w, nil
}
