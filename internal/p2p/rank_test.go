package p2p

import (
	"fmt"
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"
	"pgregory.net/rapid"
)

// delays ranks addresses and returns when each is dialled.
func delays(addrs ...string) map[string]time.Duration {
	parsed := make([]ma.Multiaddr, len(addrs))
	for i, a := range addrs {
		parsed[i] = ma.StringCast(a)
	}
	out := make(map[string]time.Duration)
	for _, d := range rank(parsed) {
		out[d.Addr.String()] = d.Delay
	}
	return out
}

func TestRankTCPFirstAtHomeQUICFirstAway(t *testing.T) {
	const (
		lanTCP  = "/ip4/192.168.1.5/tcp/4848"
		lanQUIC = "/ip4/192.168.1.5/udp/4848/quic-v1"
		pubTCP  = "/ip4/8.8.4.4/tcp/4848"
		pubQUIC = "/ip4/8.8.4.4/udp/4848/quic-v1"
		relay   = "/ip4/9.9.9.9/udp/1/quic-v1/p2p/12D3KooWGRUJ5hN5Y9wGvCEsaDbRqzrnSEL9ZQwkNfMBpfWpCWKG/p2p-circuit"
	)
	d := delays(pubTCP, relay, lanQUIC, pubQUIC, lanTCP)
	if !(d[lanTCP] == 0 && d[lanTCP] < d[lanQUIC]) {
		t.Errorf("at home: TCP after %v, QUIC after %v", d[lanTCP], d[lanQUIC])
	}
	if !(d[pubQUIC] < d[pubTCP]) {
		t.Errorf("away: QUIC after %v, TCP after %v", d[pubQUIC], d[pubTCP])
	}
	if !(d[lanTCP] < d[pubQUIC] && d[pubTCP] < d[relay]) {
		t.Errorf("home, away, relay: %v, %v, %v", d[lanTCP], d[pubQUIC], d[relay])
	}
	if d := delays(pubTCP, pubQUIC); d[pubQUIC] != 0 {
		t.Errorf("with nothing at home to wait for, QUIC waits %v", d[pubQUIC])
	}
	if d := delays(lanQUIC); d[lanQUIC] != 0 {
		t.Errorf("with no TCP to wait for, QUIC waits %v", d[lanQUIC])
	}
	if d := delays(relay); d[relay] != 0 {
		t.Errorf("the only way, a relay, waits %v", d[relay])
	}
}

func TestRankKeepsEveryAddressAndNeverWaitsLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addrs := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string {
			ip := rapid.SampledFrom([]string{"/ip4/127.0.0.1", "/ip4/10.0.0.1", "/ip4/192.168.0.9", "/ip6/fd00::1", "/ip4/8.8.8.8", "/ip6/2001:4860::1"}).Draw(t, "ip")
			form := rapid.SampledFrom([]string{"/tcp/%d", "/udp/%d/quic-v1"}).Draw(t, "form")
			return ip + fmt.Sprintf(form, rapid.IntRange(1, 65535).Draw(t, "port"))
		}), 0, maxAddrsPerPeer, rapid.ID[string]).Draw(t, "addrs")
		d := delays(addrs...)
		if len(d) != len(addrs) {
			t.Fatalf("%d addresses became %d", len(addrs), len(d))
		}
		for addr, delay := range d {
			if delay < 0 || delay > 2*time.Second {
				t.Fatalf("%s waits %v", addr, delay)
			}
		}
	})
}

func TestLANConnectionUsesTCP(t *testing.T) {
	a, b := start(t), start(t)
	b.Handle("/test/echo", Known, echo)
	for range 5 {
		s, err := a.Open(within(t, time.Minute), b.Self(), "/test/echo", b.ListenAddrs()...)
		if err != nil {
			t.Fatal(err)
		}
		if addr := ma.StringCast(s.RemoteAddr()); transport(addr) != ma.P_TCP {
			t.Fatalf("connected over %s", addr)
		}
		s.Reset()
		if err := a.swarm.ClosePeer(b.Self().id()); err != nil {
			t.Fatal(err)
		}
	}
}
