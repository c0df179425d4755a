package node

import (
	"context"
	"time"

	"kith/internal/key"
	"kith/internal/p2p"
	"kith/internal/peering"
)

// The protocols on which homes meet that do not know each other so far, or not any more. What is said on them is the
// product's matter.
const (
	ProtocolInvite = "/kith/invite/1" // somebody comes with an invite
	ProtocolLink   = "/kith/link/1"   // a new device of the owner's comes with the code that links it
	ProtocolReturn = "/kith/return/1" // a device asks what has become of its person: after a removal, or to recover
)

var meetingProtocols = [...]string{ProtocolInvite, ProtocolLink, ProtocolReturn}

// Meeting answers a home that opened a stream on one of these protocols. It closes the stream.
type Meeting func(ctx context.Context, stream *p2p.Stream)

// ServeMeeting sets who answers on one of the protocols. Before that, those who come are turned away.
func (n *Node) ServeMeeting(protocol string, meeting Meeting) {
	for i := range meetingProtocols {
		if meetingProtocols[i] == protocol {
			n.meetings[i].Store(&meeting)
		}
	}
}

func (n *Node) handleMeetings(host *p2p.Host) {
	for i := range meetingProtocols {
		host.Handle(meetingProtocols[i], p2p.Anyone, func(ctx context.Context, stream *p2p.Stream) {
			if meeting := n.meetings[i].Load(); meeting != nil {
				(*meeting)(ctx, stream)
				return
			}
			stream.Reset()
		})
	}
}

// everyone lets a host that only asks dial whoever it finds on the home network.
type everyone struct{}

func (everyone) Known(p2p.PeerKey) bool { return true }

// VisitAsRoot speaks with other homes under a person's recovery network key, on a host of its own that answers to nothing: with
// one peer, or, if peer is zero, with every home that is found on the home network until ctx ends or visit says that it
// is enough.
func (n *Node) VisitAsRoot(ctx context.Context, root *key.Root, peer key.PeerKey, addrs []string, visit func(*p2p.Stream) (enough bool, err error)) error {
	if peer == (key.PeerKey{}) && !n.cfg.MDNS {
		return nil // there is no looking around
	}
	host, err := p2p.Start(ctx, p2p.Config{
		Identity: root.Transport(), Gate: everyone{}, Reach: n.Reach(), MDNS: n.cfg.MDNS && peer == key.PeerKey{},
		Bootstrap: n.cfg.Bootstrap, UserAgent: n.cfg.UserAgent, Log: n.log,
	})
	if err != nil {
		return err
	}
	defer func() {
		if err := host.Close(); err != nil {
			n.log.Warn("the visiting host did not close in good order", "err", err)
		}
	}()
	if peer != (key.PeerKey{}) {
		if n.Reach() == p2p.Internet {
			if found, err := host.Find(ctx, p2p.PeerKey(peer)); err == nil {
				addrs = append(addrs, found...)
			}
		}
		_, err := visitOne(ctx, host, p2p.PeerKey(peer), addrs, visit)
		return err
	}
	asked := make(map[p2p.PeerKey]bool)
	ticker := time.NewTicker(visitLook)
	defer ticker.Stop()
	for {
		for _, found := range host.Peers() {
			if asked[found] || found == p2p.PeerKey(n.device.Peer()) {
				continue
			}
			asked[found] = true
			if enough, err := visitOne(ctx, host, found, nil, visit); enough {
				return nil
			} else if err != nil {
				n.log.Debug("a home on the network was no help", "peer", found, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// visitLook is how often it is looked whether another home was found on the home network.
const visitLook = 200 * time.Millisecond

func visitOne(ctx context.Context, host *p2p.Host, peer p2p.PeerKey, addrs []string, visit func(*p2p.Stream) (bool, error)) (bool, error) {
	stream, err := host.Open(ctx, peer, ProtocolReturn, addrs...)
	if err != nil {
		return false, err
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Reset)
	defer stop()
	return visit(stream)
}

// OpenMeeting opens a stream on one of the protocols to a home that need not be known.
func (n *Node) OpenMeeting(ctx context.Context, protocol string, peer key.PeerKey, addrs []string) (*p2p.Stream, error) {
	if err := n.connect(ctx, peer, addrs...); err != nil {
		return nil, err
	}
	return n.host().Open(ctx, p2p.PeerKey(peer), protocol)
}

// Expect awaits a space of the owner's, which any of their other devices may hand over, or the person whose it is. One
// that is here already is not awaited.
func (n *Node) Expect(ctx context.Context, space key.SpaceID, owner key.PersonID) error {
	if n.directory.Holds(space) {
		return nil
	}
	if err := n.db.AwaitSpace(ctx, space, owner); err != nil {
		return err
	}
	if err := n.Await(ctx, space, owner); err != nil {
		return err
	}
	n.peers.Refresh(space)
	return nil
}

// PeerAddresses tells where the devices were last reached that this home connects to, the last address first, at most some
// of each.
func (n *Node) PeerAddresses(ctx context.Context, some int) (map[key.PeerKey][]string, error) {
	all := make(map[key.PeerKey][]string)
	for _, peer := range n.directory.Others() {
		list, err := n.db.Addresses(ctx, peer.Key)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			all[peer.Key] = list[:min(some, len(list))]
		}
	}
	return all, nil
}

// SharedWith lists the spaces that are here and that a person is in now.
func (n *Node) SharedWith(person key.PersonID) []key.SpaceID { return n.directory.Together(person) }

// PersonOf tells whose device a peer is, if it is known.
func (n *Node) PersonOf(peer key.PeerKey) (key.PersonID, bool) {
	p, ok := n.directory.Peer(peer)
	return p.Person, ok
}

// Together tells whether two people are in a space that is here.
func (n *Node) Together(a, b key.PersonID) bool {
	for _, space := range n.directory.Together(a) {
		if n.directory.IsMember(space, b) {
			return true
		}
	}
	return false
}

// Devices lists the known devices of a person, this one left out.
func (n *Node) Devices(person key.PersonID) []peering.Peer { return n.directory.DevicesOf(person) }

// Removed tells whether this device was removed by another one of its person's.
func (n *Node) Removed() bool { return n.directory.Removed() }

// DeviceOnline tells whether a device is connected.
func (n *Node) DeviceOnline(peer key.PeerKey) bool { return n.host().Connected(p2p.PeerKey(peer)) }
