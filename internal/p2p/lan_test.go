package p2p

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// knows reports whether an actor is connected to a known peer.
func (a *actor) knows(seed byte) bool {
	return slices.Contains(a.must(order{Do: "peers"}).Peers, peerOfSeed(seed))
}

func TestFriendsFindEachOtherOnTheLAN(t *testing.T) {
	net := lanOf(t, 3, "10.77")
	cfg := Config{MDNS: true, Listen: DefaultListen(0)}
	a, b, stranger := hire(t, net[0]), hire(t, net[1]), hire(t, net[2])
	a.must(order{Do: "start", Seed: 1, Know: []PeerKey{peerOfSeed(2)}, Cfg: cfg})
	stranger.must(order{Do: "start", Seed: 3, Cfg: cfg})
	began := time.Now()
	b.must(order{Do: "start", Seed: 2, Know: []PeerKey{peerOfSeed(1)}, Cfg: cfg})
	eventually(t, "they meet without a word", func() bool { return a.knows(2) && b.knows(1) })
	t.Logf("met after %v", time.Since(began))

	r := a.must(order{Do: "ask", Peer: peerOfSeed(2), Text: "hello"})
	if r.Text != "hello" {
		t.Errorf("got %q", r.Text)
	}
	if addr := ma.StringCast(r.Addrs[0]); placeOf(addr) != placeLAN || transport(addr) != ma.P_TCP {
		t.Errorf("connected over %s", addr)
	}
	if got := a.must(order{Do: "addrs"}).Addrs; !strings.HasPrefix(got[0], "/ip4/10.77.0.1/tcp/") {
		t.Errorf("would put %q first into an invite", got)
	}

	// Whoever has a stranger's key, from an invite, needs no address.
	if r := stranger.try(order{Do: "connect", Peer: peerOfSeed(1)}); r.Err != "" {
		t.Errorf("not found by its key alone: %s", r.Err)
	}
	if len(stranger.must(order{Do: "peers"}).Peers) != 0 {
		t.Error("a stranger sees friends")
	}
}

func TestLANFollowsAChangeOfAddress(t *testing.T) {
	net := lanOf(t, 2, "10.77")
	cfg := Config{MDNS: true, Listen: DefaultListen(0)}
	a, b := hire(t, net[0]), hire(t, net[1])
	run(t, "ip -n "+net[1]+" link set eth0 down") // b starts without a network
	run(t, "ip -n "+net[1]+" addr del 10.77.0.2/16 dev eth0")
	a.must(order{Do: "start", Seed: 1, All: true, Cfg: cfg})
	b.must(order{Do: "start", Seed: 2, All: true, Cfg: cfg})
	if a.knows(2) {
		t.Fatal("they met without a network")
	}
	run(t, "ip -n "+net[1]+" addr add 10.77.9.9/16 dev eth0")
	run(t, "ip -n "+net[1]+" link set eth0 up")
	for range 5 {
		if a.knows(2) {
			break
		}
		eventually(t, "they meet once the network is there", func() bool { return a.knows(2) })
	}
}

func TestSilentCallersFromManyAddressesLeaveRoomForFriends(t *testing.T) {
	net := lanOf(t, 3, "10.77")
	home, mob, friend := hire(t, net[0]), hire(t, net[1]), hire(t, net[2])
	at := home.must(order{Do: "start", Seed: 1, Know: []PeerKey{peerOfSeed(2)}, Cfg: Config{Listen: DefaultListen(0)}}).Addrs
	friend.must(order{Do: "start", Seed: 2, All: true, Cfg: Config{Listen: DefaultListen(0)}})
	friend.must(order{Do: "ask", Peer: peerOfSeed(1), Addrs: at, Text: "hello"})

	var from []string
	for i := range 2 * maxHandshakes / maxConnsPerIP {
		ip := "10.77.1." + string(rune('1'+i))
		run(t, "ip -n "+net[1]+" addr add "+ip+"/16 dev eth0")
		from = append(from, ip)
	}
	tcp := ma.StringCast(at[slices.IndexFunc(at, func(a string) bool { return strings.Contains(a, "/ip4/") && strings.Contains(a, "/tcp/") })])
	target, err := tcp.ValueForProtocol(ma.P_TCP)
	if err != nil {
		t.Fatal(err)
	}
	mob.must(order{Do: "silence", Count: 2 * maxHandshakes, Text: "10.77.0.1:" + target, From: from})

	newcomer := hire(t, net[2])
	newcomer.must(order{Do: "start", Seed: 2, All: true, Cfg: Config{}}) // the friend, after a restart
	r := newcomer.must(order{Do: "ask", Peer: peerOfSeed(1), Addrs: []string{tcp.String()}, Text: "still there?"})
	// Silent callers are dropped after 15 seconds; to get in later than that proves nothing.
	if r.Text != "still there?" || r.Took > 12*time.Second {
		t.Errorf("the friend got %q after %v", r.Text, r.Took)
	}
}

func TestNeighboursAreBoundedAndNotTrusted(t *testing.T) {
	h := start(t, gate(newFriends()), func(c *Config) { c.MDNS = true })
	l := h.lan
	for i := range 3 * maxNearby {
		id := PeerKey{byte(i), byte(i >> 8), 1}.id()
		l.HandlePeerFound(peer.AddrInfo{ID: id, Addrs: []ma.Multiaddr{ma.StringCast("/ip4/10.0.0.1/tcp/1")}})
	}
	if n := len(l.nearby); n != maxNearby {
		t.Errorf("remembers %d neighbours", n)
	}
	evil := PeerKey{9}.id()
	l.HandlePeerFound(peer.AddrInfo{ID: evil, Addrs: []ma.Multiaddr{
		ma.StringCast("/ip4/8.8.8.8/tcp/1"), ma.StringCast("/ip4/127.0.0.1/tcp/22"),
		ma.StringCast("/dns4/example.org/tcp/1"), ma.StringCast("/ip4/10.0.0.1/tcp/1/ws"),
	}})
	if got := l.addrs(evil); len(got) != 0 {
		t.Errorf("believes mDNS that a peer is at %s", got)
	}
	many := make([]ma.Multiaddr, 1000)
	for i := range many {
		many[i] = withPort(ma.StringCast("/ip4/10.0.0.1/tcp/1"), i+1)
	}
	l.HandlePeerFound(peer.AddrInfo{ID: evil, Addrs: many})
	if got := l.addrs(evil); len(got) != maxAddrsPerPeer {
		t.Errorf("remembers %d addresses of one neighbour", len(got))
	}
}
