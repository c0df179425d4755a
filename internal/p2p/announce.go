package p2p

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	ma "github.com/multiformats/go-multiaddr"
)

// Addrs returns at most n of this host's own addresses, the most useful to a friend first:
// one at home, one on the internet, one through a relay, as far as there are such, then the
// others. Three make a good invite. Loopback addresses are among them only if there are no
// others.
func (h *Host) Addrs(n int) []string {
	own := own{outbound: outboundIPs(h.ctx), virtual: virtualIPs()}
	addrs := slices.DeleteFunc(h.host.Addrs(), func(addr ma.Multiaddr) bool { return transport(addr) == 0 })
	picked := own.order(addrs)
	return texts(picked[:min(max(n, 0), len(picked))])
}

// FullAddrs returns this host's own addresses followed by /p2p/ and its name, the form in
// which Config.Bootstrap and Config.Relays of other hosts take them.
func (h *Host) FullAddrs() []string {
	out := h.Addrs(maxAddrsPerPeer)
	for i := range out {
		out[i] += "/p2p/" + h.host.ID().String()
	}
	return out
}

// own is what is known about this machine's network cards when its addresses are ordered.
type own struct {
	outbound []netip.Addr // those that packets to the internet leave from
	virtual  []netip.Addr // those that lead to containers and the like
}

// order returns the addresses in the order of Addrs.
func (o own) order(addrs []ma.Multiaddr) []ma.Multiaddr {
	addrs = slices.Clone(addrs)
	slices.SortStableFunc(addrs, func(a, b ma.Multiaddr) int { return o.rank(a) - o.rank(b) })
	var first, rest []ma.Multiaddr
	var seen [placeRelay + 1]bool
	for _, addr := range addrs {
		if p := placeOf(addr); !seen[p] {
			seen[p] = true
			first = append(first, addr)
		} else {
			rest = append(rest, addr)
		}
	}
	slices.SortStableFunc(first, func(a, b ma.Multiaddr) int { return int(placeOf(a)) - int(placeOf(b)) })
	return append(first, rest...)
}

// rank orders addresses of the same place: real network cards before virtual ones, the one
// that leads to the internet first, IPv4 before IPv6; at home TCP before QUIC, elsewhere QUIC
// before TCP.
func (o own) rank(addr ma.Multiaddr) int {
	n := int(placeOf(addr)) * 32
	ip, ok := ipOf(addr)
	if ok && slices.Contains(o.virtual, ip) {
		n += 16
	}
	if ok && home(addr) && !slices.Contains(o.outbound, ip) {
		n += 8
	}
	if ok && ip.Is6() {
		n += 4
	}
	if tcp := transport(addr) == ma.P_TCP; tcp != home(addr) {
		n++
	}
	return n
}

// outboundIPs returns the addresses of this machine from which packets to the internet leave.
// Connecting a datagram socket sends nothing; it only asks the routing table. The targets are
// the networks set aside for documentation (RFC 5737, RFC 3849).
func outboundIPs(ctx context.Context) []netip.Addr {
	var out []netip.Addr
	var d net.Dialer
	for _, target := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		conn, err := d.DialContext(ctx, "udp", target)
		if err != nil {
			continue // no route, no address
		}
		if at, err := netip.ParseAddrPort(conn.LocalAddr().String()); err == nil {
			out = append(out, at.Addr().Unmap().WithZone(""))
		}
		_ = conn.Close() // nothing was sent and nothing can be lost
	}
	return out
}

// virtualCards are the beginnings of the names of network cards that lead into this machine
// or into a tunnel rather than to the home network.
var virtualCards = []string{"docker", "br-", "veth", "virbr", "vmnet", "vbox", "podman", "cni", "lxc", "lxd", "tun", "tap", "wg", "utun"}

// virtualIPs returns the addresses of such network cards.
func virtualIPs() []netip.Addr {
	cards, err := net.Interfaces()
	if err != nil {
		return nil // then all cards count as real
	}
	var out []netip.Addr
	for _, card := range cards {
		if !slices.ContainsFunc(virtualCards, func(s string) bool { return strings.HasPrefix(card.Name, s) }) {
			continue
		}
		addrs, err := card.Addrs()
		if err != nil {
			continue
		}
		for _, addr := range addrs {
			if prefix, err := netip.ParsePrefix(addr.String()); err == nil {
				out = append(out, prefix.Addr().Unmap())
			}
		}
	}
	return out
}
