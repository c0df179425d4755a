package p2p

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	// MaxAddrText is the longest text taken as an address, in bytes. A relay's address with
	// a long name in it stays below.
	MaxAddrText = 512

	// MaxAddrPacked is the longest packed address, in bytes: a relay's takes about 60, a
	// name in it up to 253 more.
	MaxAddrPacked = 384

	// maxAddrsPerPeer bounds the addresses tried for one peer. A device with a few network
	// cards, two transports, a mapped port and two relays stays below.
	maxAddrsPerPeer = 32
)

// errAddrForm says that an address is none of the forms this package dials.
var errAddrForm = errors.New("not an address of the form /ip4|ip6|dns/…/tcp|udp/…, optionally with /quic-v1 and a relay")

// place is where an address leads to, nearest first.
type place int

const (
	placeLoopback place = iota // this machine
	placeLAN                   // private, unique local or link-local: the home network
	placePublic                // anywhere else
	placeName                  // a name that has to be resolved
	placeRelay                 // through a third peer
)

// placeOf classifies an address by its first component and by whether a relay is in it.
func placeOf(addr ma.Multiaddr) place {
	where, named := placePublic, false
	for i, c := range addr {
		switch code := c.Protocol().Code; code {
		case ma.P_CIRCUIT:
			return placeRelay
		case ma.P_DNS, ma.P_DNS4, ma.P_DNS6, ma.P_DNSADDR:
			named = named || i == 0
		case ma.P_IP4, ma.P_IP6:
			if ip, ok := netip.AddrFromSlice(c.RawValue()); ok && i <= 1 { // i is 1 after an IPv6 zone
				where = placeOfIP(ip)
			}
		}
	}
	if named {
		return placeName
	}
	return where
}

// placeOfIP classifies an IP address.
func placeOfIP(ip netip.Addr) place {
	ip = ip.Unmap()
	switch {
	case ip.IsLoopback():
		return placeLoopback
	case ip.IsPrivate(), ip.IsLinkLocalUnicast():
		return placeLAN
	}
	return placePublic
}

// home reports whether an address stays within the home network.
func home(addr ma.Multiaddr) bool {
	p := placeOf(addr)
	return p == placeLoopback || p == placeLAN
}

// allowed reports whether a host of this reach may dial, accept and announce an address.
func (r Reach) allowed(addr ma.Multiaddr) bool { return r == Internet || home(addr) }

// transport returns how an address is dialled: ma.P_TCP, ma.P_QUIC_V1, or 0 for anything
// this package does not use. For a relay's address it is how the relay is dialled.
func transport(addr ma.Multiaddr) int {
	if len(addr) < 2 {
		return 0
	}
	i := 1
	switch addr[0].Protocol().Code {
	case ma.P_IP4, ma.P_IP6, ma.P_DNS, ma.P_DNS4, ma.P_DNS6:
	case ma.P_IP6ZONE:
		if i = 2; len(addr) < 3 || addr[1].Protocol().Code != ma.P_IP6 {
			return 0
		}
	default:
		return 0
	}
	t := addr[i].Protocol().Code
	i++
	if t == ma.P_UDP {
		if i >= len(addr) || addr[i].Protocol().Code != ma.P_QUIC_V1 {
			return 0
		}
		t = ma.P_QUIC_V1
		i++
	} else if t != ma.P_TCP {
		return 0
	}
	switch rest := addr[i:]; {
	case len(rest) == 0:
		return t
	case len(rest) == 2 && rest[0].Protocol().Code == ma.P_P2P && rest[1].Protocol().Code == ma.P_CIRCUIT:
		return t
	}
	return 0
}

// parseAddr parses the address of a peer. A final /p2p/ component must name that peer and is
// cut off.
func parseAddr(id peer.ID, text string) (ma.Multiaddr, error) {
	if len(text) > MaxAddrText {
		return nil, fmt.Errorf("address of %d bytes: at most %d are allowed", len(text), MaxAddrText)
	}
	addr, err := ma.NewMultiaddr(text)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", text, err)
	}
	addr, named := peer.SplitAddr(addr)
	if named != "" && named != id {
		return nil, fmt.Errorf("address %q names another peer", text)
	}
	if transport(addr) == 0 {
		return nil, fmt.Errorf("address %q: %w", text, errAddrForm)
	}
	return addr, nil
}

// parseListen parses an address to listen on.
func parseListen(text string) (ma.Multiaddr, error) {
	addr, err := parseAddr("", text)
	if err != nil {
		return nil, err
	}
	if p := placeOf(addr); p == placeName || p == placeRelay {
		return nil, fmt.Errorf("address %q cannot be listened on", text)
	}
	return addr, nil
}

// parseFull parses addresses that end in /p2p/ and a peer, and gathers them by peer.
func parseFull(texts []string) ([]peer.AddrInfo, error) {
	addrs := make([]ma.Multiaddr, 0, len(texts))
	for _, text := range texts {
		if len(text) > MaxAddrText {
			return nil, fmt.Errorf("address of %d bytes: at most %d are allowed", len(text), MaxAddrText)
		}
		addr, err := ma.NewMultiaddr(text)
		if err != nil {
			return nil, fmt.Errorf("address %q: %w", text, err)
		}
		bare, id := peer.SplitAddr(addr)
		if id == "" || transport(bare) == 0 || placeOf(bare) == placeRelay {
			return nil, fmt.Errorf("address %q: %w, followed by /p2p/ and a peer", text, errAddrForm)
		}
		addrs = append(addrs, addr)
	}
	return peer.AddrInfosFromP2pAddrs(addrs...)
}

// usable parses the addresses of a peer and keeps those that this reach may dial. Addresses
// come from strangers as often as from friends, so the unusable ones are only left out.
func (r Reach) usable(id peer.ID, texts []string) []ma.Multiaddr {
	addrs := make([]ma.Multiaddr, 0, min(len(texts), maxAddrsPerPeer))
	for _, text := range texts {
		if addr, err := parseAddr(id, text); err == nil && r.allowed(addr) && len(addrs) < maxAddrsPerPeer {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// PackAddr returns the binary form of an address, for places where bytes are scarce: 8 bytes
// for /ip4/192.168.1.5/tcp/4848, at most MaxAddrPacked. A final /p2p/ component is cut off.
func PackAddr(text string) ([]byte, error) {
	addr, err := ma.NewMultiaddr(text)
	if err != nil {
		return nil, fmt.Errorf("p2p: pack address %q: %w", text, err)
	}
	addr, _ = peer.SplitAddr(addr)
	if transport(addr) == 0 {
		return nil, fmt.Errorf("p2p: pack address %q: %w", text, errAddrForm)
	}
	packed := addr.Bytes()
	if len(packed) > MaxAddrPacked {
		return nil, fmt.Errorf("p2p: pack address %q: %d bytes, at most %d are allowed", text, len(packed), MaxAddrPacked)
	}
	return packed, nil
}

// UnpackAddr is the inverse of PackAddr. The bytes may come from anyone.
func UnpackAddr(packed []byte) (string, error) {
	if len(packed) > MaxAddrPacked {
		return "", fmt.Errorf("p2p: unpack address: %d bytes, at most %d are allowed", len(packed), MaxAddrPacked)
	}
	addr, err := ma.NewMultiaddrBytes(packed)
	if err != nil {
		return "", fmt.Errorf("p2p: unpack address: %w", err)
	}
	if transport(addr) == 0 {
		return "", fmt.Errorf("p2p: unpack address: %w", errAddrForm)
	}
	text := addr.String()
	// Some bytes decode to a text that reads as another address; nothing good has them.
	if again, err := ma.NewMultiaddr(text); err != nil || !again.Equal(addr) || len(text) > MaxAddrText {
		return "", fmt.Errorf("p2p: unpack address: %w", errAddrForm)
	}
	return text, nil
}

// ipOf returns the IP address that a multiaddr begins with.
func ipOf(addr ma.Multiaddr) (netip.Addr, bool) {
	ip, err := manet.ToIP(addr)
	if err != nil {
		return netip.Addr{}, false
	}
	parsed, ok := netip.AddrFromSlice(ip)
	return parsed.Unmap(), ok
}

// texts returns the textual forms of addresses.
func texts(addrs []ma.Multiaddr) []string {
	out := make([]string, len(addrs))
	for i, addr := range addrs {
		out[i] = addr.String()
	}
	return out
}
