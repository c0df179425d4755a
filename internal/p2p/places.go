package p2p

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	ma "github.com/multiformats/go-multiaddr"
)

// places remembers from where known peers come, so that handshakes from there have places of
// their own while strangers fill the common ones. A stranger at such an address who turns
// out not to be that peer is counted with the strangers again.
type places struct {
	allowlist *rcmgr.Allowlist

	mu sync.Mutex
	of map[peer.ID][]netip.Addr // oldest first, at most maxRemembered each
}

func newPlaces(allowlist *rcmgr.Allowlist) *places {
	return &places{allowlist: allowlist, of: make(map[peer.ID][]netip.Addr)}
}

// remember notes where a known peer was met or is to be met. A relay's address says nothing
// about that, and a loopback address says too little.
func (p *places) remember(id peer.ID, addr ma.Multiaddr) {
	where := placeOf(addr)
	ip, ok := ipOf(addr)
	if !ok || where == placeRelay || where == placeName || where == placeLoopback {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ips := p.of[id]
	if i := slices.Index(ips, ip); i >= 0 {
		p.of[id] = append(slices.Delete(ips, i, i+1), ip)
		return
	}
	if p.allowlist.Add(allowed(ip, id)) != nil {
		return // no such address can have come out of a multiaddr
	}
	ips = append(ips, ip)
	if len(ips) > maxRemembered {
		_ = p.allowlist.Remove(allowed(ips[0], id)) // it was added in the same form
		ips = slices.Delete(ips, 0, 1)
	}
	p.of[id] = ips
}

// forget drops all that is remembered of a peer.
func (p *places) forget(id peer.ID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ip := range p.of[id] {
		_ = p.allowlist.Remove(allowed(ip, id)) // it was added in the same form
	}
	delete(p.of, id)
}

// allowed returns an entry for the allowlist: a peer at an IP address.
func allowed(ip netip.Addr, id peer.ID) ma.Multiaddr {
	family := "/ip4/"
	if ip.Is6() {
		family = "/ip6/"
	}
	return ma.StringCast(family + ip.WithZone("").String() + "/p2p/" + id.String())
}
