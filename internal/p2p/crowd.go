package p2p

import (
	"net/netip"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	lrate "github.com/libp2p/go-libp2p/x/rate"
	"golang.org/x/time/rate"
)

// crowd counts the strangers that are connected to this host, and what they may do.
type crowd struct {
	now  func() time.Time
	byIP *lrate.Limiter

	mu      sync.Mutex
	guests  map[network.Conn]*guest
	perNet  map[netip.Prefix]int
	perPeer map[PeerKey]*rate.Limiter
}

// guest is one inbound connection of a stranger.
type guest struct {
	from    netip.Prefix // zero for relayed connections, which come from no address
	since   time.Time
	active  int       // streams it has open in protocols of scope Anyone
	lastUse time.Time // when the last of them ended
}

func newCrowd(now func() time.Time) *crowd {
	return &crowd{
		now: now,
		byIP: perIP(
			lrate.Limit{RPS: anyoneRateLocal, Burst: anyoneBurstLocal},
			lrate.Limit{RPS: anyoneRatePerIP, Burst: anyoneBurstPerIP}),
		guests:  make(map[network.Conn]*guest),
		perNet:  make(map[netip.Prefix]int),
		perPeer: make(map[PeerKey]*rate.Limiter),
	}
}

// enter takes a stranger's connection in, if there is room for it.
func (c *crowd) enter(conn network.Conn) bool {
	var from netip.Prefix
	if ip, ok := ipOf(conn.RemoteMultiaddr()); ok && placeOf(conn.RemoteMultiaddr()) != placeRelay {
		from = networkOf(ip)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, in := c.guests[conn]; in {
		return true
	}
	if len(c.guests) >= maxStrangers {
		return false
	}
	if !from.Addr().IsLoopback() && c.perNet[from] >= maxStrangersPerIP {
		return false
	}
	now := c.now()
	c.guests[conn] = &guest{from: from, since: now, lastUse: now}
	c.perNet[from]++
	return true
}

// leave forgets a connection, because it ended or because the peer became known.
func (c *crowd) leave(conn network.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g, in := c.guests[conn]
	if !in {
		return
	}
	delete(c.guests, conn)
	if c.perNet[g.from]--; c.perNet[g.from] == 0 {
		delete(c.perNet, g.from)
	}
}

// open says whether a stranger may open a stream now. If so, the returned function must be
// called when the stream has ended.
func (c *crowd) open(conn network.Conn, peer PeerKey) (done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.peerRate(peer).AllowN(c.now(), 1) {
		return nil, false
	}
	if ip, ok := ipOf(conn.RemoteMultiaddr()); ok && !c.byIP.Allow(ip) {
		return nil, false
	}
	g, in := c.guests[conn]
	if !in { // a connection that this host dialled
		return func() {}, true
	}
	g.active++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		g.active--
		g.lastUse = c.now()
	}, true
}

// peerRate returns the limiter of a peer. When there are too many, those of peers that have
// long not opened anything go first; if that is nobody, all start afresh, which costs little
// since each of them had to connect in order to get here.
func (c *crowd) peerRate(peer PeerKey) *rate.Limiter {
	if l, ok := c.perPeer[peer]; ok {
		return l
	}
	if len(c.perPeer) >= maxRatedPeers {
		now := c.now()
		for k, l := range c.perPeer {
			if l.TokensAt(now) >= anyoneBurstPerPeer {
				delete(c.perPeer, k)
			}
		}
		if len(c.perPeer) >= maxRatedPeers {
			clear(c.perPeer)
		}
	}
	l := rate.NewLimiter(anyoneRatePerPeer, anyoneBurstPerPeer)
	c.perPeer[peer] = l
	return l
}

// overstayed returns the connections that have been idle, or there at all, for too long.
func (c *crowd) overstayed() []network.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []network.Conn
	now := c.now()
	for conn, g := range c.guests {
		if now.Sub(g.since) >= strangerLife || g.active == 0 && now.Sub(g.lastUse) >= strangerIdle {
			out = append(out, conn)
		}
	}
	return out
}

// size returns how many strangers' connections there are.
func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.guests)
}
