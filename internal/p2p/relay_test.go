package p2p

import (
	"slices"
	"strings"
	"testing"

	ma "github.com/multiformats/go-multiaddr"
)

// joined is the config of a home that meets others through a host elsewhere.
func joined(through []string, listen []string) Config {
	return Config{Reach: Internet, Bootstrap: through, Relays: through, Listen: listen}
}

// isRelayed reports whether an address leads through a relay.
func isRelayed(addr string) bool { return placeOf(ma.StringCast(addr)) == placeRelay }

func TestHomeThatNobodyCanDialIsReachedThroughARelay(t *testing.T) {
	net := lanOf(t, 3, "5.5") // they pass for public addresses
	relay, shut, open := hire(t, net[0]), hire(t, net[1]), hire(t, net[2])
	at := relay.must(order{Do: "start", Seed: 1, All: true, Cfg: Config{Reach: Internet, Serve: true, Listen: DefaultListen(4848)}}).Full
	shut.must(order{Do: "start", Seed: 2, All: true, Cfg: joined(at, nil)})
	open.must(order{Do: "start", Seed: 3, All: true, Cfg: joined(at, DefaultListen(4848))})

	eventually(t, "it holds a place at the relay", func() bool {
		return slices.ContainsFunc(shut.must(order{Do: "addrs"}).Addrs, isRelayed)
	})
	var found []string
	eventually(t, "its relayed address is found", func() bool {
		found = open.try(order{Do: "find", Peer: peerOfSeed(2)}).Addrs
		return slices.ContainsFunc(found, isRelayed)
	})
	r := open.must(order{Do: "ask", Peer: peerOfSeed(2), Addrs: found, Text: "hello"})
	if r.Text != "hello" || r.Count != 1 || !isRelayed(r.Addrs[0]) {
		t.Errorf("got %q over %q", r.Text, r.Addrs)
	}
}

// natted makes two homes, each behind a router that translates addresses, and a machine
// between them, and returns the namespaces of the three.
func natted(t *testing.T) (middle, a, b string) {
	t.Helper()
	middle, a, b = namespace("middle"), namespace("a"), namespace("b")
	ra, rb := namespace("ra"), namespace("rb")
	needs(t, []string{"ip", "nft"}, middle, a, b, ra, rb)
	bridge(t, "out")
	plug(t, middle, "out", "eth0", "5.5.0.1/16")
	for i, home := range []struct{ ns, router string }{{a, ra}, {b, rb}} {
		inside, n := "in"+string(rune('a'+i)), string(rune('1'+i))
		bridge(t, inside)
		plug(t, home.router, "out", "wan", "5.5.0.1"+n+"/16")
		plug(t, home.router, inside, "lan", "192.168."+n+".1/24")
		plug(t, home.ns, inside, "eth0", "192.168."+n+".2/24")
		run(t, "ip -n "+home.ns+" route add default via 192.168."+n+".1")
		in := "ip netns exec " + home.router + " "
		run(t, in+"sysctl -q -w net.ipv4.ip_forward=1")
		run(t, in+"nft add table ip nat")
		run(t, in+"nft add chain ip nat post { type nat hook postrouting priority 100 ; }")
		run(t, in+"nft add rule ip nat post oifname wan masquerade")
		run(t, in+"nft add table ip filter") // and nobody gets in who was not called
		run(t, in+"nft add chain ip filter pass { type filter hook forward priority 0 ; policy drop ; }")
		run(t, in+"nft add chain ip filter own { type filter hook input priority 0 ; policy accept ; }")
		run(t, in+"nft add rule ip filter own iifname wan drop")
		run(t, in+"nft add rule ip filter pass iifname lan accept")
		run(t, in+"nft add rule ip filter pass ct state established,related accept")
	}
	return middle, a, b
}

func TestHomesBehindTwoRoutersGetADirectConnection(t *testing.T) {
	middle, nsA, nsB := natted(t)
	relay, a, b := hire(t, middle), hire(t, nsA), hire(t, nsB)
	at := relay.must(order{Do: "start", Seed: 1, All: true, Cfg: Config{Reach: Internet, Serve: true, Listen: DefaultListen(4848)}}).Full
	a.must(order{Do: "start", Seed: 2, All: true, Cfg: joined(at, DefaultListen(4848))})
	b.must(order{Do: "start", Seed: 3, All: true, Cfg: joined(at, DefaultListen(4848))})

	var found []string
	eventually(t, "b finds a's place at the relay", func() bool {
		found = b.try(order{Do: "find", Peer: peerOfSeed(2)}).Addrs
		return slices.ContainsFunc(found, isRelayed)
	})
	var r report
	eventually(t, "a hole is punched", func() bool {
		// libp2p gets ready for it only a moment after it has learned its outer address.
		r = b.must(order{Do: "ask", Peer: peerOfSeed(2), Addrs: found, Text: "hello"})
		if r.Text != "hello" {
			t.Errorf("got %q", r.Text)
		}
		if r.Count != 0 {
			b.must(order{Do: "drop", Peer: peerOfSeed(2)})
		}
		return r.Count == 0
	})
	if !strings.HasPrefix(r.Addrs[0], "/ip4/5.5.0.11/udp/") {
		t.Errorf("the way leads over %q", r.Addrs)
	}
	t.Logf("from %q to %q in %v", found, r.Addrs, r.Took)
}
