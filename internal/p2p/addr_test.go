package p2p

import (
	"slices"
	"strings"
	"testing"

	ma "github.com/multiformats/go-multiaddr"
	"pgregory.net/rapid"
)

func TestPlaces(t *testing.T) {
	_, key := newIdentity(t)
	for text, want := range map[string]place{
		"/ip4/127.0.0.1/tcp/1":                placeLoopback,
		"/ip4/127.8.8.8/udp/1/quic-v1":        placeLoopback,
		"/ip6/::1/tcp/1":                      placeLoopback,
		"/ip4/10.1.2.3/tcp/1":                 placeLAN,
		"/ip4/172.16.0.1/tcp/1":               placeLAN,
		"/ip4/172.32.0.1/tcp/1":               placePublic,
		"/ip4/192.168.1.5/tcp/1":              placeLAN,
		"/ip4/169.254.1.1/tcp/1":              placeLAN,
		"/ip4/100.64.0.1/tcp/1":               placePublic, // shared by strangers (RFC 6598)
		"/ip4/8.8.8.8/tcp/1":                  placePublic,
		"/ip4/0.0.0.0/tcp/1":                  placePublic,
		"/ip4/224.0.0.1/tcp/1":                placePublic,
		"/ip6/fd00::1/tcp/1":                  placeLAN,
		"/ip6/fe80::1/tcp/1":                  placeLAN,
		"/ip6zone/eth0/ip6/fe80::1/tcp/1":     placeLAN,
		"/ip6zone/eth0/ip6/2001:db8::1/tcp/1": placePublic,
		"/ip6/2001:db8::1/tcp/1":              placePublic,
		"/ip6/::ffff:192.168.1.5/tcp/1":       placeLAN,
		"/ip6/::ffff:8.8.8.8/tcp/1":           placePublic,
		"/ip6/64:ff9b::c0a8:105/tcp/1":        placePublic, // leaves through a translator (RFC 6052)
		"/dns4/localhost/tcp/1":               placeName,
		"/dns/printer.local/tcp/1":            placeName,
		"/dnsaddr/bootstrap.example":          placeName,
		"/ip4/10.0.0.1/tcp/1/p2p/" + key.id().String() + "/p2p-circuit": placeRelay,
	} {
		addr, err := ma.NewMultiaddr(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := placeOf(addr); got != want {
			t.Errorf("%s is at %d, want %d", text, got, want)
		}
		if HomeOnly.allowed(addr) != (want == placeLoopback || want == placeLAN) || !Internet.allowed(addr) {
			t.Errorf("%s: wrong about the reach", text)
		}
	}
}

func TestUsableAddresses(t *testing.T) {
	_, a := newIdentity(t)
	_, b := newIdentity(t)
	given := []string{
		"/ip4/192.168.1.5/tcp/4848",
		"/ip4/192.168.1.5/udp/4848/quic-v1/p2p/" + a.id().String(),
		"/ip4/192.168.1.6/tcp/4848/p2p/" + b.id().String(), // somebody else
		"/ip4/8.8.8.8/tcp/4848",
		"/dns4/example.org/tcp/4848",
		"/ip4/8.8.8.8/tcp/4848/p2p/" + b.id().String() + "/p2p-circuit",
		"/ip4/192.168.1.5/tcp/4848/ws", "/ip4/192.168.1.5/udp/4848", "/ip4/192.168.1.5", "/tcp/1", "/",
		"", "192.168.1.5:4848", "http://192.168.1.5", "/ip4/192.168.1.5/tcp/99999", strings.Repeat("/ip4/1.1.1.1", 100),
	}
	if got := texts(HomeOnly.usable(a.id(), given)); !slices.Equal(got, []string{given[0], "/ip4/192.168.1.5/udp/4848/quic-v1"}) {
		t.Errorf("at home: %q", got)
	}
	want := []string{given[0], "/ip4/192.168.1.5/udp/4848/quic-v1", given[3], given[4], given[5]}
	if got := texts(Internet.usable(a.id(), given)); !slices.Equal(got, want) {
		t.Errorf("on the internet: %q", got)
	}
	if n := len(HomeOnly.usable(a.id(), slices.Repeat(given[:1], 1000))); n > maxAddrsPerPeer {
		t.Errorf("%d addresses for one peer", n)
	}
}

func TestPackAddr(t *testing.T) {
	_, relay := newIdentity(t)
	for text, size := range map[string]int{
		"/ip4/192.168.1.5/tcp/4848":          8,
		"/ip4/198.51.100.7/udp/4848/quic-v1": 11,
		"/ip6/2001:db8::1/tcp/4848":          20,
		"/dns4/home.example.org/tcp/4848":    21,
		"/ip4/198.51.100.7/udp/1/quic-v1/p2p/" + relay.id().String() + "/p2p-circuit": 54,
	} {
		packed, err := PackAddr(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(packed) != size {
			t.Errorf("%s takes %d bytes, want %d", text, len(packed), size)
		}
		if back, err := UnpackAddr(packed); back != text || err != nil {
			t.Errorf("%s became %s, %v", text, back, err)
		}
	}
	for _, text := range []string{"", "/", "nonsense", "/ip4/1.2.3.4", "/unix/tmp/socket", "/ip4/1.2.3.4/tcp/1/http"} {
		if packed, err := PackAddr(text); err == nil {
			t.Errorf("%q packed as %x", text, packed)
		}
	}
}

func FuzzUnpackAddr(f *testing.F) {
	for _, text := range []string{"/ip4/192.168.1.5/tcp/4848", "/ip6/::1/udp/1/quic-v1", "/dns4/a.b/tcp/1"} {
		packed, err := PackAddr(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		text, err := UnpackAddr(packed)
		if err != nil {
			return
		}
		again, err := PackAddr(text)
		if err != nil {
			t.Fatalf("%x unpacks to %q, which does not pack: %v", packed, text, err)
		}
		if back, err := UnpackAddr(again); back != text || err != nil {
			t.Fatalf("%q became %q, %v", text, back, err)
		}
		if len(text) > MaxAddrText || len(again) > MaxAddrPacked {
			t.Fatalf("%x is too long as %q", packed, text)
		}
	})
}

func FuzzUsableAddress(f *testing.F) {
	f.Add("/ip4/192.168.1.5/tcp/4848")
	f.Add("/ip6zone/eth0/ip6/fe80::1/udp/1/quic-v1")
	f.Add("/dns4/x/tcp/1/p2p/12D3KooWGRUJ5hN5Y9wGvCEsaDbRqzrnSEL9ZQwkNfMBpfWpCWKG/p2p-circuit")
	var key PeerKey
	f.Fuzz(func(t *testing.T, text string) {
		for _, addr := range HomeOnly.usable(key.id(), []string{text}) {
			ip, ok := ipOf(addr)
			if !ok || !(ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()) {
				t.Fatalf("%q leads out of the home network as %s", text, addr)
			}
			for _, c := range addr {
				switch c.Protocol().Code {
				case ma.P_DNS, ma.P_DNS4, ma.P_DNS6, ma.P_DNSADDR, ma.P_CIRCUIT:
					t.Fatalf("%q needs somebody else as %s", text, addr)
				}
			}
		}
	})
}

func TestWithPort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addr := ma.StringCast(rapid.SampledFrom(DefaultListen(7)).Draw(t, "addr"))
		port := rapid.IntRange(0, 65535).Draw(t, "port")
		changed := withPort(addr, port)
		if portOf(changed) != port || transport(changed) != transport(addr) || !withPort(changed, 7).Equal(addr) {
			t.Fatalf("%s with port %d became %s", addr, port, changed)
		}
	})
}
