package p2p

import (
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	kaddht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	ma "github.com/multiformats/go-multiaddr"
)

func TestHomeOnlyDoesNotFollowAFriendOutside(t *testing.T) {
	// A friend whose kith claims to be everywhere.
	liar, err := libp2p.New(libp2p.ListenAddrStrings(overTCP), libp2p.DisableRelay(), libp2p.DisableMetrics(),
		libp2p.AddrsFactory(func(own []ma.Multiaddr) []ma.Multiaddr {
			return append(own, ma.StringCast("/ip4/8.8.8.8/tcp/1"), ma.StringCast("/dns4/tracker.example/tcp/1"),
				ma.StringCast("/ip6/2001:4860::1/udp/1/quic-v1"), ma.StringCast("/dnsaddr/tracker.example"))
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer liar.Close()
	key, ok := keyOf(liar.ID())
	if !ok {
		t.Fatal("libp2p's identity is not an Ed25519 key")
	}
	h := start(t)
	ctx := within(t, time.Minute)
	if err := h.Connect(ctx, key, []string{liar.Network().ListenAddresses()[0].String()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has introduced itself", func() bool { return len(h.host.Peerstore().Addrs(key.id())) >= 4 })
	for _, addr := range h.RemoteAddrs(key) {
		if !home(ma.StringCast(addr)) {
			t.Errorf("would remember %s", addr)
		}
	}
	if err := liar.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is gone", func() bool { return !h.Connected(key) })
	h.host.Peerstore().ClearAddrs(key.id())
	h.host.Peerstore().AddAddrs(key.id(), []ma.Multiaddr{
		ma.StringCast("/ip4/8.8.8.8/tcp/1"), ma.StringCast("/dns4/localhost/tcp/1"),
	}, peerstore.TempAddrTTL)
	if err := h.Connect(ctx, key, nil); !errors.Is(err, ErrNoAddress) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Find(ctx, key); !errors.Is(err, ErrNoAddress) {
		t.Errorf("find: got %v", err)
	}
}

func TestHomeOnlyKeepsTheOutsideOut(t *testing.T) {
	net := lanOf(t, 2, "10.77")
	run(t, "ip -n "+net[0]+" addr add 5.5.5.1/24 dev eth0") // as if the home had a public address
	run(t, "ip -n "+net[1]+" addr add 5.5.5.2/24 dev eth0")
	inside, outside := hire(t, net[0]), hire(t, net[1])
	listen := []string{"/ip4/0.0.0.0/tcp/4848", "/ip4/0.0.0.0/udp/4848/quic-v1"}
	inside.must(order{Do: "start", Seed: 1, All: true, Cfg: Config{Listen: listen, MDNS: true}})
	outside.must(order{Do: "start", Seed: 2, All: true, Cfg: Config{Listen: listen, Reach: Internet, Serve: true}})
	public := []string{"/ip4/5.5.5.1/tcp/4848", "/ip4/5.5.5.1/udp/4848/quic-v1"}
	for _, addr := range public {
		if r := outside.try(order{Do: "ask", Peer: peerOfSeed(1), Addrs: []string{addr}, Text: "hello"}); r.Err == "" {
			t.Errorf("let in from a public address, over %s", addr)
		}
	}
	if r := inside.try(order{Do: "connect", Peer: peerOfSeed(2), Addrs: []string{"/ip4/5.5.5.2/tcp/4848"}}); r.Err == "" {
		t.Error("went out to a public address")
	}
	home := []string{"/ip4/10.77.0.1/tcp/4848"}
	if r := outside.must(order{Do: "ask", Peer: peerOfSeed(1), Addrs: home, Text: "hello"}); r.Text != "hello" {
		t.Errorf("the way through the home network is shut: %q", r.Text)
	}
}

func TestStrangersCannotSendUsIntoTheHomeNetwork(t *testing.T) {
	target := start(t)
	h := start(t, gate(newFriends()), func(c *Config) {
		c.Reach, c.Bootstrap = Internet, target.FullAddrs()
	})
	other := start(t)
	id := other.Self().id()
	ctx := within(t, time.Minute)
	h.host.Peerstore().AddAddrs(id, addrsOf(t, other), peerstore.TempAddrTTL)
	if _, err := h.swarm.DialPeer(ctx, id); !errors.Is(err, swarm.ErrNoGoodAddresses) {
		t.Errorf("a stranger's address at home, from the hash table: %v", err)
	}
	if err := h.Connect(ctx, other.Self(), nil); err != nil {
		t.Errorf("asked to go there: %v", err)
	}
	h.gater.mu.Lock()
	defer h.gater.mu.Unlock()
	if _, still := h.gater.wanted[id]; still {
		t.Error("the exception outlives the dial")
	}
}

// addrsOf returns where a host listens.
func addrsOf(t *testing.T, h *Host) []ma.Multiaddr {
	t.Helper()
	return h.cfg.Reach.usable(h.Self().id(), h.ListenAddrs())
}

// meeting starts a host that others meet through.
func meeting(t *testing.T) *Host {
	t.Helper()
	return start(t, func(c *Config) { c.Reach, c.Serve = Internet, true })
}

func TestHomesFindEachOtherThroughTheHashTable(t *testing.T) {
	boot := meeting(t)
	join := func(c *Config) { c.Reach, c.Bootstrap = Internet, boot.FullAddrs() }
	a, b := start(t, join), start(t, join)
	a.lookups.first = 0 // results change quickly in a test
	b.Handle("/test/echo", Known, echo)
	ctx := within(t, time.Minute)

	if err := a.Connect(ctx, b.Self(), nil); err == nil {
		t.Log("they met through the table's own traffic") // then there is nothing to look up
	}
	var found []string
	eventually(t, "a finds b", func() bool {
		var err error
		found, err = a.Find(ctx, b.Self())
		return err == nil
	})
	if err := a.Connect(ctx, b.Self(), found); err != nil {
		t.Fatalf("found at %q, but: %v", found, err)
	}
	if answer, err := ask(ctx, a, b.Self(), "/test/echo", "hello"); answer != "hello" || err != nil {
		t.Errorf("got %q, %v", answer, err)
	}
	_, nobody := newIdentity(t)
	if found, err := a.Find(ctx, nobody); !errors.Is(err, ErrNoAddress) {
		t.Errorf("found nobody at %q, %v", found, err)
	}
	if n := a.wide.dht.Mode(); n != kaddht.ModeClient {
		t.Errorf("a home serves the table, mode %d", n)
	}
}

func TestPublishedAddressesOutliveTheConnection(t *testing.T) {
	boot := meeting(t)
	join := func(c *Config) { c.Reach, c.Bootstrap = Internet, boot.FullAddrs() }
	b := start(t, join)
	point := point(b.Self()).Hash()
	eventually(t, "b has published", func() bool {
		infos, err := boot.wide.dht.ProviderStore().GetProviders(t.Context(), point)
		return err == nil && len(infos) == 1 && infos[0].ID == b.Self().id() && len(infos[0].Addrs) == 2
	})
	if err := boot.swarm.ClosePeer(b.Self().id()); err != nil {
		t.Fatal(err)
	}
	boot.host.Peerstore().ClearAddrs(b.Self().id())
	a := start(t, join)
	a.lookups.first = 0 // results change quickly in a test
	ctx := within(t, time.Minute)
	eventually(t, "a finds b", func() bool {
		found, err := a.Find(ctx, b.Self())
		return err == nil && a.Connect(ctx, b.Self(), found) == nil
	})
}

func TestRelayServesKnownPeersOnly(t *testing.T) {
	known := newFriends()
	relay := start(t, gate(known), func(c *Config) { c.Reach, c.Serve = Internet, true })
	_, a := newIdentity(t)
	_, b := newIdentity(t)
	known.set(a, true)
	acl := relayFor{relay}
	if !acl.AllowReserve(a.id(), nil) || acl.AllowReserve(b.id(), nil) {
		t.Error("wrong about who may hold a place")
	}
	if !acl.AllowConnect(b.id(), nil, a.id()) || acl.AllowConnect(a.id(), nil, b.id()) {
		t.Error("wrong about who may be reached")
	}
}

func TestLookupsBecomeRare(t *testing.T) {
	now := time.Unix(1e9, 0)
	l := newLookups(func() time.Time { return now })
	away, here := PeerKey{1}.id(), PeerKey{2}.id()
	asked := 0
	for end := now.Add(24 * time.Hour); now.Before(end); now = now.Add(10 * time.Second) {
		if _, ok := l.recent(away); !ok {
			l.note(away, nil)
			asked++
		}
	}
	if asked < 5 || asked > 12 {
		t.Errorf("looked up %d times in a day", asked)
	}
	l.forget(away) // it was connected
	if _, ok := l.recent(away); ok {
		t.Error("an old result outlives a connection")
	}
	l.note(here, []string{"a"})
	if addrs, ok := l.recent(here); !ok || len(addrs) != 1 {
		t.Errorf("got %q, %v", addrs, ok)
	}
	now = now.Add(firstPause)
	if _, ok := l.recent(here); ok {
		t.Error("a result stands for too long")
	}
	for i := range 3 * maxLookups {
		now = now.Add(time.Second)
		l.note(PeerKey{3, byte(i), byte(i >> 8)}.id(), nil)
	}
	if _, ok := l.recent(PeerKey{3, byte((3*maxLookups - 1) % 256), byte((3*maxLookups - 1) >> 8)}.id()); len(l.of) != maxLookups || !ok {
		t.Errorf("keeps %d results", len(l.of))
	}
}

func TestRecordsAreBounded(t *testing.T) {
	now := time.Unix(1e9, 0)
	r := newRecords(func() time.Time { return now })
	add := func(point string, id byte, addrs int) {
		t.Helper()
		info := peer.AddrInfo{ID: PeerKey{id}.id(), Addrs: make([]ma.Multiaddr, addrs)}
		if err := r.AddProvider(t.Context(), []byte(point), info); err != nil {
			t.Fatal(err)
		}
	}
	get := func(point string) []peer.AddrInfo {
		t.Helper()
		infos, err := r.GetProviders(t.Context(), []byte(point))
		if err != nil {
			t.Fatal(err)
		}
		return infos
	}
	add("p", 1, 1000)
	if got := get("p"); len(got) != 1 || len(got[0].Addrs) != maxAddrsPerPeer {
		t.Errorf("kept %v", got)
	}
	add("p", 1, 2) // again: replaces
	if got := get("p"); len(got) != 1 || len(got[0].Addrs) != 2 {
		t.Errorf("kept %v", got)
	}
	for i := range byte(100) {
		add("p", i, 1)
	}
	if got := get("p"); len(got) != maxRecordsPerPoint || got[len(got)-1].ID != (PeerKey{99}).id() {
		t.Errorf("kept %d at one point", len(got))
	}
	for i := range 2 * maxRecords {
		add(string([]byte{byte(i), byte(i >> 8), byte(i >> 16)}), 1, 1)
	}
	if r.order.Len() != maxRecords || len(r.points) != maxRecords || len(get("p")) != 0 {
		t.Errorf("kept %d records at %d points", r.order.Len(), len(r.points))
	}
	now = now.Add(recordLife + time.Second)
	if len(get("x")) != 0 || r.order.Len() != 0 || len(r.points) != 0 {
		t.Errorf("kept %d old records", r.order.Len())
	}
}
