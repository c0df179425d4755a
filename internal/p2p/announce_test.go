package p2p

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"
)

func TestInviteGetsOneAddressOfEachKind(t *testing.T) {
	const relay = "/ip4/9.9.9.9/udp/1/quic-v1/p2p/12D3KooWGRUJ5hN5Y9wGvCEsaDbRqzrnSEL9ZQwkNfMBpfWpCWKG/p2p-circuit"
	all := []string{
		relay,
		"/ip4/172.17.0.1/tcp/4848", // a container bridge
		"/ip4/10.9.0.2/tcp/4848",   // another network card
		"/ip4/192.168.1.5/udp/4848/quic-v1",
		"/ip4/192.168.1.5/tcp/4848",
		"/ip4/8.8.4.4/tcp/4848",
		"/ip4/8.8.4.4/udp/4848/quic-v1",
		"/ip6/2001:4860::1/udp/4848/quic-v1",
	}
	addrs := make([]ma.Multiaddr, len(all))
	for i, a := range all {
		addrs[i] = ma.StringCast(a)
	}
	o := own{
		outbound: []netip.Addr{netip.MustParseAddr("192.168.1.5")},
		virtual:  []netip.Addr{netip.MustParseAddr("172.17.0.1")},
	}
	got := texts(o.order(addrs))
	if want := []string{"/ip4/192.168.1.5/tcp/4848", "/ip4/8.8.4.4/udp/4848/quic-v1", relay}; !slices.Equal(got[:3], want) {
		t.Errorf("the first three are %q, want %q", got[:3], want)
	}
	if len(got) != len(all) {
		t.Errorf("%d addresses became %d", len(all), len(got))
	}
	if i, j := slices.Index(got, all[1]), slices.Index(got, all[2]); i < j {
		t.Error("the container bridge comes before a real network card")
	}
}

func TestOwnAddresses(t *testing.T) {
	h := start(t)
	all := h.Addrs(maxAddrsPerPeer)
	if len(all) != 2 || !strings.Contains(all[0], "/ip4/127.0.0.1/tcp/") || !strings.Contains(all[1], "/quic-v1") {
		t.Errorf("a host on loopback only has %q", all)
	}
	for _, n := range []int{-1, 0, 1, 2, 100} {
		if got := h.Addrs(n); len(got) > max(n, 0) || n > 0 && got[0] != all[0] {
			t.Errorf("of %d: %q", n, got)
		}
	}
	for _, addr := range h.FullAddrs() {
		infos, err := parseFull([]string{addr})
		if err != nil || len(infos) != 1 || infos[0].ID != h.Self().id() {
			t.Errorf("%q does not lead to this host: %v", addr, err)
		}
	}
}

func TestHomeOnlyAnnouncesHomeAddressesOnly(t *testing.T) {
	h := start(t, listenOn(DefaultListen(0)...))
	for _, addr := range h.host.Addrs() {
		if !home(addr) {
			t.Errorf("announces %s", addr)
		}
	}
	given := []ma.Multiaddr{
		ma.StringCast("/ip4/192.168.1.5/tcp/1"), ma.StringCast("/ip4/8.8.4.4/tcp/1"),
		ma.StringCast("/ip6/2001:4860::1/tcp/1"), ma.StringCast("/ip6/fe80::1/tcp/1"),
		ma.StringCast("/ip4/127.0.0.1/tcp/1"), ma.StringCast("/dns4/example.org/tcp/1"),
	}
	if got := texts(h.announced(given)); !slices.Equal(got, []string{"/ip4/192.168.1.5/tcp/1"}) {
		t.Errorf("announces %q", got)
	}
	if got := texts(h.announced(given[4:5])); len(got) != 1 {
		t.Errorf("a host that has only loopback announces %q", got)
	}
}

func TestRemoteAddrsLeadBack(t *testing.T) {
	a, b := start(t), start(t)
	if err := a.Connect(within(t, time.Minute), b.Self(), b.ListenAddrs()[:1]); err != nil {
		t.Fatal(err)
	}
	if got := a.RemoteAddrs(b.Self()); len(got) == 0 || got[0] != b.ListenAddrs()[0] {
		t.Errorf("first is not where it answered: %q", got)
	}
	eventually(t, "both have introduced themselves", func() bool {
		return len(a.RemoteAddrs(b.Self())) == 2 && len(b.RemoteAddrs(a.Self())) == 2
	})
	back := b.RemoteAddrs(a.Self())
	if err := a.swarm.ClosePeer(b.Self().id()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they part", func() bool { return !b.Connected(a.Self()) })
	if err := b.Connect(within(t, time.Minute), a.Self(), back); err != nil {
		t.Errorf("%q does not lead back: %v", back, err)
	}
}
