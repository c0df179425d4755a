package node

import (
	"context"
	"fmt"

	"kith/internal/key"
	"kith/internal/p2p"
)

const protocolOffer = "/kith/offer/1"

// OfferHandler answers a home that tells of a space. from is zero for a home that is not known here.
type OfferHandler func(ctx context.Context, from key.PersonID, stream *p2p.Stream)

// ServeOffers sets who answers homes that tell of spaces. It is called once, before the first can come.
func (n *Node) ServeOffers(f OfferHandler) { n.offers.Store(&f) }

func (n *Node) serveOffers(ctx context.Context, stream *p2p.Stream) {
	defer stream.Close()
	peer, _ := n.directory.Peer(key.PeerKey(stream.Peer()))
	if f := n.offers.Load(); f != nil {
		(*f)(ctx, peer.Person, stream)
	}
}

// OpenOffer opens a stream to a home of a person that is connected, to tell it of spaces.
func (n *Node) OpenOffer(ctx context.Context, person key.PersonID) (*p2p.Stream, error) {
	for _, peer := range n.directory.DevicesOf(person) {
		if n.host().Connected(p2p.PeerKey(peer.Key)) {
			return n.host().Open(ctx, p2p.PeerKey(peer.Key), protocolOffer)
		}
	}
	return nil, fmt.Errorf("node: %w: no home of the person is connected", p2p.ErrUnreachable)
}

// Connected lists the people of whom a home is connected, each once.
func (n *Node) Connected() []key.PersonID {
	seen := make(map[key.PersonID]bool)
	var list []key.PersonID
	for _, connected := range n.host().Peers() {
		peer, known := n.directory.Peer(key.PeerKey(connected))
		if known && peer.Person != n.Person() && !seen[peer.Person] {
			seen[peer.Person] = true
			list = append(list, peer.Person)
		}
	}
	return list
}

// PlacesOf lists where a person's homes were seen, packed by the transport, the newest first, at most max.
func (n *Node) PlacesOf(ctx context.Context, person key.PersonID, max int) ([][]byte, error) {
	who, err := n.gate.Person(ctx, person)
	if err != nil || who == nil {
		return nil, err
	}
	var places [][]byte
	for _, device := range who.Devices() {
		addrs, err := n.db.Addresses(ctx, device.Network)
		if err != nil {
			return nil, err
		}
		for _, addr := range addrs {
			if packed, err := p2p.PackAddr(addr); err == nil && len(places) < max {
				places = append(places, packed)
			}
		}
	}
	return places, nil
}

// LookFor remembers where the homes of a person, whose identity is known, were seen by others, and looks for them there.
func (n *Node) LookFor(ctx context.Context, person key.PersonID, places [][]byte) error {
	who, err := n.gate.Person(ctx, person)
	if err != nil || who == nil {
		return err
	}
	for _, device := range who.Devices() {
		for _, packed := range places {
			addr, err := p2p.UnpackAddr(packed)
			if err != nil {
				continue // somebody else's home wrote it down
			}
			if err := n.db.PutAddress(ctx, device.Network, addr, n.cfg.Now()); err != nil {
				return err
			}
		}
		n.dialer.now(device.Network)
	}
	return nil
}

// Visit connects, once, to a home of a person whose identity is known and who shares no space with us: at the places where
// it was seen by others. Nothing comes of it where that home is off.
func (n *Node) Visit(ctx context.Context, person key.PersonID, places [][]byte) error {
	if err := n.LookFor(ctx, person, places); err != nil {
		return err
	}
	for _, peer := range n.directory.DevicesOf(person) {
		dial, cancel := context.WithTimeout(ctx, dialTimeout)
		err := n.connect(dial, peer.Key)
		cancel()
		if err != nil {
			n.log.Debug("a home was not visited", "peer", peer.Key, "err", err)
		}
	}
	return nil
}
