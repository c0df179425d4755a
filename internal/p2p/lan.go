package p2p

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// lanCheck is how often it is looked whether this machine's addresses have changed: a laptop
// that wakes up elsewhere should be found within seconds.
const lanCheck = 5 * time.Second

// lanYield is how long a peer that was found is given to dial first.
const lanYield = 300 * time.Millisecond

// lan finds peers on the local network by mDNS, and is found there. It remembers whom it
// found, and dials those who are known.
type lan struct {
	h      *Host
	places chan struct{} // one place for each dial under way
	work   sync.WaitGroup

	mu      sync.Mutex
	service mdns.Service // nil while there is no network card to speak on
	nearby  map[peer.ID]neighbour
	closed  bool
}

// neighbour is a peer that said it is on the local network. Nothing of it is proven.
type neighbour struct {
	addrs []ma.Multiaddr
	seen  time.Time
}

func newLAN(h *Host) *lan {
	l := &lan{h: h, places: make(chan struct{}, maxLANDials), nearby: make(map[peer.ID]neighbour)}
	told := l.own()
	l.restart(told)
	h.work.Go(func() { l.follow(told) })
	return l
}

// follow starts mDNS anew when this machine's addresses have changed: the service tells those
// it was started with, on the network cards there were.
func (l *lan) follow(told []ma.Multiaddr) {
	tick := time.NewTicker(lanCheck)
	defer tick.Stop()
	for {
		select {
		case <-l.h.ctx.Done():
			return
		case <-tick.C:
			if now := l.own(); !slices.EqualFunc(now, told, ma.Multiaddr.Equal) {
				told = now
				l.restart(told)
			}
		}
	}
}

// own returns the addresses at which this host can be reached on the local network, sorted.
// They are asked for afresh: libp2p remembers them for a minute.
func (l *lan) own() []ma.Multiaddr {
	cards, err := manet.InterfaceMultiaddrs()
	if err != nil {
		return nil // there is nothing to tell then
	}
	all, err := manet.ResolveUnspecifiedAddresses(l.h.swarm.ListenAddresses(), cards)
	if err != nil {
		return nil // the host does not listen
	}
	all = slices.DeleteFunc(all, func(addr ma.Multiaddr) bool {
		ip, _ := ipOf(addr)
		return transport(addr) == 0 || placeOf(addr) != placeLAN || ip.Is6() && ip.IsLinkLocalUnicast()
	})
	slices.SortFunc(all, ma.Multiaddr.Compare)
	return all[:min(len(all), maxLANAddrs)]
}

// restart starts mDNS, ending what ran before. A machine without a network has nothing to
// start on; it is tried again when that changes.
func (l *lan) restart(own []ma.Multiaddr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.stop()
	if len(own) == 0 {
		l.h.log.Debug("no local network to look for peers on")
		return
	}
	service := mdns.NewMdnsService(teller{l.h.host, own}, l.h.cfg.Service, l)
	if err := service.Start(); err != nil {
		l.h.log.Info("cannot look for peers on the local network now", "err", err)
		if err := service.Close(); err != nil {
			l.h.log.Debug("ending mDNS failed", "err", err)
		}
		return
	}
	l.service = service
}

// teller is a host that has just the given addresses. libp2p's mDNS asks for no more than
// those and the name.
type teller struct {
	host.Host
	own []ma.Multiaddr
}

// Network returns the host's network with the given addresses.
func (t teller) Network() network.Network { return tellerNetwork{t.Host.Network(), t.own} }

type tellerNetwork struct {
	network.Network
	own []ma.Multiaddr
}

// InterfaceListenAddresses returns the given addresses.
func (t tellerNetwork) InterfaceListenAddresses() ([]ma.Multiaddr, error) { return t.own, nil }

// stop ends mDNS. The lock must be held.
func (l *lan) stop() {
	if l.service == nil {
		return
	}
	if err := l.service.Close(); err != nil {
		l.h.log.Debug("ending mDNS failed", "err", err)
	}
	l.service = nil
}

// HandlePeerFound takes in a peer that mDNS found; libp2p calls it in a goroutine of its own.
// The word of mDNS is that of anybody on the network, so it is only taken for addresses on
// the local network.
func (l *lan) HandlePeerFound(info peer.AddrInfo) {
	addrs := slices.DeleteFunc(slices.Clone(info.Addrs), func(addr ma.Multiaddr) bool {
		return transport(addr) == 0 || placeOf(addr) != placeLAN
	})
	if _, ok := keyOf(info.ID); !ok || len(addrs) == 0 {
		return
	}
	addrs = addrs[:min(len(addrs), maxAddrsPerPeer)]
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.remember(info.ID, addrs)
	l.work.Add(1)
	l.mu.Unlock()
	defer l.work.Done()
	l.meet(info.ID, addrs)
}

// remember notes a peer, in the place of the one not seen for longest if there are too many.
// The lock must be held.
func (l *lan) remember(id peer.ID, addrs []ma.Multiaddr) {
	if _, ok := l.nearby[id]; !ok && len(l.nearby) >= maxNearby {
		var oldest peer.ID
		for other, n := range l.nearby {
			if oldest == "" || n.seen.Before(l.nearby[oldest].seen) {
				oldest = other
			}
		}
		delete(l.nearby, oldest)
	}
	l.nearby[id] = neighbour{addrs: addrs, seen: time.Now()}
}

// meet dials a peer if it is known and not connected. Both sides find each other at the same
// time, so the one with the larger ID lets the other go first. When too many are being
// dialled it does nothing: the caller of Connect will get to it.
func (l *lan) meet(id peer.ID, addrs []ma.Multiaddr) {
	if !l.h.known(id) {
		return
	}
	if l.h.host.ID() > id {
		select {
		case <-l.h.ctx.Done():
			return
		case <-time.After(lanYield):
		}
	}
	if l.h.swarm.Connectedness(id) == network.Connected {
		return
	}
	select {
	case l.places <- struct{}{}:
	default:
		return
	}
	defer func() { <-l.places }()
	ctx, cancel := context.WithTimeout(l.h.ctx, lanDialTimeout)
	defer cancel()
	l.h.host.Peerstore().AddAddrs(id, addrs, peerstore.TempAddrTTL)
	for _, addr := range addrs {
		l.h.places.remember(id, addr)
	}
	l.h.swarm.Backoff().Clear(id)
	if _, err := l.h.swarm.DialPeer(ctx, id); err != nil {
		l.h.log.Debug("peer found on the local network does not answer", "peer", id, "err", err)
	}
}

// addrs returns where on the local network a peer said to be.
func (l *lan) addrs(id peer.ID) []ma.Multiaddr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.nearby[id].addrs)
}

// close ends mDNS and waits for what it began. The host's context must have ended.
func (l *lan) close() {
	l.mu.Lock()
	l.closed = true
	l.stop()
	l.mu.Unlock()
	l.work.Wait()
}
