package social

import (
	"context"
	"fmt"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/link"
	"kith/internal/sqlite"
)

// takePerson stores somebody's identity log as it was handed over.
func (h *Home) takePerson(ctx context.Context, id key.PersonID, wire []invite.Run) (*identity.Person, error) {
	runs, err := invite.ReadRuns(id.IdentitySpace(), wire, invite.MaxIdentityRuns)
	if err != nil {
		return nil, err
	}
	if err := h.ingestIdentity(ctx, runs); err != nil {
		return nil, err
	}
	person, err := h.node.Gate().Person(ctx, id)
	if err == nil && person == nil {
		err = fmt.Errorf("%w: the identity does not hold together", invite.ErrProtocol)
	}
	return person, err
}

func isDevice(person *identity.Person, peer key.PeerKey) bool {
	for _, d := range person.Devices() {
		if d.Network == peer {
			return true
		}
	}
	return false
}

// keepPeers remembers where others' devices are, as the old device knew it.
func (h *Home) keepPeers(ctx context.Context, peers []link.Peer) error {
	for _, peer := range peers {
		for _, address := range peer.Addresses[:min(len(peer.Addresses), link.MaxAddresses)] {
			if err := h.db.PutAddress(ctx, peer.Key, address, h.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// becoming is what a home knows of the person whose it becomes.
type becoming struct {
	own, wall key.SpaceID
	card      []byte
	spaces    []link.Space
}

// become makes this home a further one of the person's: in one step it is theirs, and awaits all that they have.
func (h *Home) become(ctx context.Context, me key.PersonID, b becoming, also func(*ingest.Writing) error) error {
	item, err := content.Decode(b.card)
	if err != nil {
		return fmt.Errorf("%w: %w", invite.ErrProtocol, err)
	}
	card, ok := item.(content.Card)
	if !ok {
		return fmt.Errorf("%w: no card", invite.ErrProtocol)
	}
	profile := &profileRecord{Name: card.Name, About: card.About, Picture: card.Picture, Wall: b.wall}
	err = h.node.Become(ctx, me, func(w *ingest.Writing) error {
		if !b.own.IsZero() {
			if err := w.Tx().PutRecord(recordsHome, recordOwn, b.own); err != nil {
				return err
			}
		}
		if err := w.Tx().PutRecord(sqlite.Shared(recordsProfile), recordsProfile, profile); err != nil {
			return err
		}
		for _, s := range b.spaces {
			if err := w.Tx().AwaitSpace(s.ID, s.Owner); err != nil {
				return err
			}
		}
		return also(w)
	})
	if err != nil {
		return err
	}
	for _, s := range b.spaces {
		if err := h.node.Expect(ctx, s.ID, s.Owner); err != nil {
			return err
		}
	}
	return nil
}
