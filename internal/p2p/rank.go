package p2p

import (
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	// lanStagger is the delay between dials to addresses of the same kind at home, where a
	// handshake takes a few milliseconds.
	lanStagger = 30 * time.Millisecond

	// lanQUICDelay is how long QUIC waits for TCP at home. TCP costs a third of the
	// processor time; only a firewall makes QUIC the better choice there.
	lanQUICDelay = 200 * time.Millisecond

	// awayDelay is how long addresses on the internet wait for those at home, so that two
	// devices under one roof do not meet through their router's public side.
	awayDelay = 100 * time.Millisecond
)

// rank orders the addresses of a peer for dialling and says how long after the start each is
// dialled; the first that answers wins, and when all under way have failed the next follows
// at once. At home TCP comes first. On the internet libp2p's own order is right: QUIC first,
// which holes can be punched for, then TCP, relays last (swarm.DefaultDialRanker).
func rank(addrs []ma.Multiaddr) []network.AddrDelay {
	var near, far []ma.Multiaddr
	for _, addr := range addrs {
		if home(addr) {
			near = append(near, addr)
		} else {
			far = append(far, addr)
		}
	}
	slices.SortStableFunc(near, func(a, b ma.Multiaddr) int { return nearness(a) - nearness(b) })
	out := make([]network.AddrDelay, 0, len(addrs))
	var tcp, other int
	for _, addr := range near {
		var delay time.Duration
		if transport(addr) == ma.P_TCP {
			delay = min(time.Duration(tcp)*lanStagger, lanQUICDelay)
			tcp++
		} else {
			if tcp > 0 {
				delay = lanQUICDelay
			}
			delay += min(time.Duration(other)*lanStagger, lanQUICDelay)
			other++
		}
		out = append(out, network.AddrDelay{Addr: addr, Delay: delay})
	}
	var offset time.Duration
	if len(near) > 0 {
		offset = awayDelay
	}
	for _, d := range swarm.DefaultDialRanker(far) {
		if len(near) > 0 && placeOf(d.Addr) == placeRelay {
			d.Delay = max(d.Delay, swarm.RelayDelay)
		}
		d.Delay += offset
		out = append(out, d)
	}
	return out
}

// nearness orders addresses at home: TCP before QUIC, loopback before the network, IPv4
// before IPv6, as the former is the one that home routers never get wrong.
func nearness(addr ma.Multiaddr) int {
	n := 0
	if transport(addr) != ma.P_TCP {
		n += 4
	}
	if placeOf(addr) != placeLoopback {
		n += 2
	}
	if ip, ok := ipOf(addr); ok && ip.Is6() {
		n++
	}
	return n
}
