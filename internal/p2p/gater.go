package p2p

import (
	"sync"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// gater decides which connections come about. It implements connmgr.ConnectionGater. It
// holds the reach, keeps strangers from sending this host around the home network, and
// leaves the counting of strangers to crowd.
type gater struct {
	reach Reach
	known func(peer.ID) bool
	crowd *crowd

	mu     sync.Mutex
	wanted map[peer.ID]int // peers that this host was told to dial, with how often
}

func newGater(reach Reach, known func(peer.ID) bool, crowd *crowd) *gater {
	return &gater{reach: reach, known: known, crowd: crowd, wanted: make(map[peer.ID]int)}
}

// want lets a peer be dialled at private addresses although it is a stranger, until the
// returned function is called: somebody wants that very peer.
func (g *gater) want(id peer.ID) (done func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.wanted[id]++
	return sync.OnceFunc(func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.wanted[id]--; g.wanted[id] == 0 {
			delete(g.wanted, id)
		}
	})
}

// InterceptPeerDial lets every peer be dialled.
func (g *gater) InterceptPeerDial(peer.ID) bool { return true }

// InterceptAddrDial refuses addresses beyond the reach. It also refuses addresses in the home
// network for strangers that nobody asked for: the hash table is full of addresses that
// anyone made up, and this host must not knock at the printer's door for them.
func (g *gater) InterceptAddrDial(id peer.ID, addr ma.Multiaddr) bool {
	if !g.reach.allowed(addr) {
		return false
	}
	if !home(addr) || g.known(id) {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wanted[id] > 0
}

// InterceptAccept refuses callers from beyond the reach.
func (g *gater) InterceptAccept(c network.ConnMultiaddrs) bool {
	return g.reach.allowed(c.RemoteMultiaddr())
}

// InterceptSecured lets every proven peer go on; a handshake in progress has a place already.
func (g *gater) InterceptSecured(network.Direction, peer.ID, network.ConnMultiaddrs) bool {
	return true
}

// InterceptUpgraded lets known peers in, and strangers as long as there is room for them.
func (g *gater) InterceptUpgraded(c network.Conn) (bool, control.DisconnectReason) {
	if c.Stat().Direction == network.DirInbound && !g.known(c.RemotePeer()) && !g.crowd.enter(c) {
		return false, 0
	}
	return true, 0
}
