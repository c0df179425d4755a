package p2p

import (
	"fmt"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	ma "github.com/multiformats/go-multiaddr"
)

// visit is a connection from an address, as far as the crowd looks at it.
type visit struct {
	network.Conn
	from ma.Multiaddr
}

func (v *visit) RemoteMultiaddr() ma.Multiaddr { return v.from }

func from(text string) *visit { return &visit{from: ma.StringCast(text)} }

func TestCrowdIsBoundedPerNetwork(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := newCrowd(func() time.Time { return now })
	in := func(format string, n int) (entered []*visit) {
		for i := range n {
			if v := from(fmt.Sprintf(format, i)); c.enter(v) {
				entered = append(entered, v)
			}
		}
		return entered
	}
	if n := len(in("/ip4/198.51.100.7/tcp/%d", 100)); n != maxStrangersPerIP {
		t.Errorf("%d from one IPv4 address", n)
	}
	if n := len(in("/ip6/2001:db8:0:%x::1/tcp/1", 200)); n != maxStrangersPerIP {
		t.Errorf("%d from one IPv6 /56", n)
	}
	local := in("/ip4/127.0.0.1/tcp/%d", 200)
	if n := len(local); n != maxStrangers-2*maxStrangersPerIP || c.size() != maxStrangers {
		t.Errorf("%d from loopback, %d in all", n, c.size())
	}
	if c.enter(from("/ip4/203.0.113.1/tcp/1")) {
		t.Error("one more than there is room for")
	}
	if !c.enter(local[0]) || c.size() != maxStrangers {
		t.Error("who is in was counted again")
	}
	for _, v := range local {
		c.leave(v)
		c.leave(v) // must not count twice
	}
	if c.size() != 2*maxStrangersPerIP {
		t.Errorf("%d are left", c.size())
	}
	if c.enter(from("/ip4/198.51.100.7/tcp/1")) {
		t.Error("the full network got in after others left")
	}
}

func TestCrowdForgetsNetworks(t *testing.T) {
	c := newCrowd(time.Now)
	for i := range 1000 {
		v := from(fmt.Sprintf("/ip4/10.%d.%d.1/tcp/1", i/256, i%256))
		if !c.enter(v) {
			t.Fatalf("no room for number %d", i)
		}
		c.leave(v)
	}
	if len(c.perNet) != 0 || len(c.guests) != 0 {
		t.Errorf("remembers %d networks, %d guests", len(c.perNet), len(c.guests))
	}
}

func TestCrowdRates(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := newCrowd(func() time.Time { return now })
	opened := func(v *visit, newPeer bool, n int) (ok int) {
		var key PeerKey
		for i := range n {
			if newPeer {
				key[0], key[1] = byte(i), byte(i>>8)
			}
			if done, in := c.open(v, key); in {
				done()
				ok++
			}
		}
		return ok
	}
	if n := opened(from("/ip4/198.51.100.1/tcp/1"), false, 100); n != anyoneBurstPerPeer {
		t.Errorf("one peer opened %d", n)
	}
	now = now.Add(time.Hour)
	if n := opened(from("/ip4/198.51.100.1/tcp/1"), false, 100); n != anyoneBurstPerPeer {
		t.Errorf("an hour later it opened %d", n)
	}
	if n := opened(from("/ip4/198.51.100.2/tcp/1"), true, 100); n != anyoneBurstPerIP {
		t.Errorf("one address opened %d under many names", n)
	}
	if n := opened(from("/ip6/2001:db8::1/tcp/1"), true, 100); n != anyoneBurstPerIP {
		t.Errorf("one IPv6 address opened %d under many names", n)
	}
	if n := opened(from("/ip4/127.0.0.1/tcp/1"), true, 2*anyoneBurstLocal); n < anyoneBurstLocal || n > anyoneBurstLocal+anyoneRateLocal {
		t.Errorf("loopback opened %d under many names", n)
	}
	if n := opened(from("/ip4/127.0.0.1/tcp/1"), true, 5*maxRatedPeers); n > 0 && len(c.perPeer) > maxRatedPeers {
		t.Errorf("remembers the rates of %d peers", len(c.perPeer))
	}
}

func TestCrowdOverstayed(t *testing.T) {
	now := time.Unix(1e9, 0)
	c := newCrowd(func() time.Time { return now })
	idle, busy := from("/ip4/198.51.100.1/tcp/1"), from("/ip4/198.51.100.2/tcp/1")
	if !c.enter(idle) || !c.enter(busy) {
		t.Fatal("no room")
	}
	done, ok := c.open(busy, PeerKey{1})
	if !ok {
		t.Fatal("no stream")
	}
	now = now.Add(strangerIdle)
	if over := c.overstayed(); len(over) != 1 || over[0] != idle {
		t.Errorf("after a while: %v", over)
	}
	c.leave(idle)
	done()
	if len(c.overstayed()) != 0 {
		t.Error("sent away the moment its stream ended")
	}
	now = now.Add(strangerLife)
	if _, ok := c.open(busy, PeerKey{1}); !ok {
		t.Fatal("no stream")
	}
	if len(c.overstayed()) != 1 {
		t.Error("a stream keeps a stranger for ever")
	}
}
