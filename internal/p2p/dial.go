package p2p

import (
	"context"
	"fmt"
	"slices"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peerstore"
	ma "github.com/multiformats/go-multiaddr"
)

// maxRemoteAddrs bounds what RemoteAddrs returns: enough for a laptop that is now at home and
// now at work.
const maxRemoteAddrs = 8

// Connect sees to it that there is a connection to the peer, direct or relayed. If there is
// none, it dials the addresses given, those that are remembered from earlier, and those found
// on the local network, each at its time, until one answers. Addresses that are malformed,
// name another peer or lie beyond this host's reach are left out.
//
// It does not look the peer up in the hash table; see Find. It does not wait between
// attempts: the caller decides how often to try. Without a deadline it gives up after 30
// seconds.
//
// It returns ErrNoAddress, ErrUnreachable, ErrSelf or ErrClosed, or the context's error.
func (h *Host) Connect(ctx context.Context, peer PeerKey, addrs []string) error {
	if peer == h.cfg.self {
		return fmt.Errorf("%w: %s", ErrSelf, peer)
	}
	if h.ctx.Err() != nil {
		return fmt.Errorf("%w: dial %s", ErrClosed, peer)
	}
	id := peer.id()
	usable := h.cfg.Reach.usable(id, addrs)
	if h.lan != nil {
		usable = append(usable, h.lan.addrs(id)...)
	}
	if h.cfg.Gate.Known(peer) {
		for _, addr := range usable {
			h.places.remember(id, addr)
		}
	}
	if h.connectedness(peer) {
		return nil
	}
	ctx, cancel := openContext(ctx)
	defer cancel()
	defer h.gater.want(id)()
	h.host.Peerstore().AddAddrs(id, usable, peerstore.TempAddrTTL)
	h.swarm.Backoff().Clear(id)
	_, err := h.swarm.DialPeer(network.WithAllowLimitedConn(ctx, "better than nothing"), id)
	if err != nil && h.ctx.Err() != nil {
		return fmt.Errorf("%w: dial %s", ErrClosed, peer)
	}
	return dialError(ctx, peer, err)
}

// Connected reports whether there is a connection to the peer, direct or relayed.
func (h *Host) Connected(peer PeerKey) bool { return h.connectedness(peer) }

func (h *Host) connectedness(peer PeerKey) bool {
	c := h.swarm.Connectedness(peer.id())
	return c == network.Connected || c == network.Limited
}

// Peers returns the known peers that are connected, in no order.
func (h *Host) Peers() []PeerKey {
	var out []PeerKey
	for _, id := range h.swarm.Peers() {
		if key, ok := keyOf(id); ok && h.cfg.Gate.Known(key) && h.connectedness(key) {
			out = append(out, key)
		}
	}
	return out
}

// RemoteAddrs returns where a peer may be found again, to be remembered and given to Connect
// another time: first the addresses at which this host reached it, then those that it says it
// has, at most eight. It tells most shortly after a connection came about, which the peer
// then describes itself over.
func (h *Host) RemoteAddrs(peer PeerKey) []string {
	id := peer.id()
	var reached []ma.Multiaddr
	viaLoopback := false
	for _, conn := range h.swarm.ConnsToPeer(id) {
		addr := conn.RemoteMultiaddr()
		viaLoopback = viaLoopback || placeOf(addr) == placeLoopback
		if conn.Stat().Direction == network.DirOutbound && transport(addr) != 0 && placeOf(addr) != placeRelay {
			reached = append(reached, addr)
		}
	}
	all := append(reached, h.swarm.Peerstore().Addrs(id)...)
	all = slices.DeleteFunc(ma.Unique(all), func(addr ma.Multiaddr) bool {
		return transport(addr) == 0 || !h.cfg.Reach.allowed(addr) || placeOf(addr) == placeLoopback && !viaLoopback
	})
	said := all[:0:0]
	for _, addr := range all {
		if !ma.Contains(reached, addr) {
			said = append(said, addr)
		}
	}
	slices.SortStableFunc(said, func(a, b ma.Multiaddr) int { return int(placeOf(a)) - int(placeOf(b)) })
	all = append(ma.Unique(reached), said...)
	return texts(all[:min(len(all), maxRemoteAddrs)])
}
