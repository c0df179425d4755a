package p2p

import (
	"io"
	"math"
	"time"

	"github.com/libp2p/go-libp2p"
	lcrypto "github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	lyamux "github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	libp2pquic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-yamux/v5"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	// strangersLow and strangersHigh are between what numbers of connections, known peers'
	// not counted, libp2p's connection manager trims: the hash table's nodes, mostly.
	strangersLow  = 48
	strangersHigh = 64

	// strangersGrace is how long a new connection is safe from trimming.
	strangersGrace = 30 * time.Second

	// maxBookAddrs bounds the addresses kept of all peers in memory; lookups in the hash
	// table bring in many.
	maxBookAddrs = 16384
)

// options puts libp2p together. Only TCP and QUIC are switched on: the transports for
// browsers would each cost memory and listen for nobody. It returns the options and those
// parts that are at work already, to be closed should libp2p not start.
func (h *Host) options(key lcrypto.PrivKey) (opts []libp2p.Option, parts []io.Closer, err error) {
	book, err := pstoremem.NewPeerstore(
		pstoremem.WithMaxAddresses(maxBookAddrs), pstoremem.WithMaxAddressesPerPeer(maxAddrsPerPeer))
	if err != nil {
		return nil, parts, err
	}
	parts = append(parts, book)
	if h.resources, err = newResources(h.known); err != nil {
		return nil, parts, err
	}
	parts = append(parts, h.resources)
	h.allowlist = rcmgr.GetAllowlist(h.resources)
	conns, err := connmgr.NewConnManager(strangersLow, strangersHigh, connmgr.WithGracePeriod(strangersGrace))
	if err != nil {
		return nil, parts, err
	}
	parts = append(parts, conns)
	opts = []libp2p.Option{
		libp2p.Identity(key),
		libp2p.UserAgent(h.cfg.UserAgent),
		libp2p.NoListenAddrs, // listen does it, one address at a time
		libp2p.Peerstore(book),
		libp2p.ResourceManager(h.resources),
		libp2p.ConnectionManager(conns),
		libp2p.ConnectionGater(h.gater),
		libp2p.AddrsFactory(h.announced),
		libp2p.SwarmOpts(swarm.WithDialRanker(rank)),
		// Go's TLS takes AES where the processor has it and ChaCha20 where it has not. Where
		// it has, a stream is 1.6 times as fast as over Noise, which is for relays that speak
		// nothing else.
		libp2p.Security(libp2ptls.ID, libp2ptls.New),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(lyamux.ID, muxer()),
		// Sharing the listening port would let two homes on one machine take each other's
		// callers, and two peers that dial each other at once meet in a handshake that has
		// two clients and no server. Holes are punched with QUIC.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Transport(libp2pquic.NewTransport),
		libp2p.Ping(false),
		libp2p.DisableMetrics(),
		// These give up on UDP or IPv6 altogether after many failed dials. Most of our dials
		// are to homes that are switched off, which says nothing about UDP.
		libp2p.UDPBlackHoleSuccessCounter(nil),
		libp2p.IPv6BlackHoleSuccessCounter(nil),
	}
	if h.cfg.Reach == HomeOnly {
		return append(opts, homeOptions()...), parts, nil
	}
	return append(opts, h.internetOptions()...), parts, nil
}

// muxer returns yamux, which carries streams over TCP, tuned: windows as large as we are
// willing to buffer, no waiting for company, little chatter on idle connections.
func muxer() *lyamux.Transport {
	c := yamux.DefaultConfig()
	c.MaxStreamWindowSize = maxStreamWindow
	c.KeepAliveInterval = keepAlive
	c.MeasureRTTInterval = rttEvery
	c.WriteCoalesceDelay = coalesce
	c.LogOutput = io.Discard
	c.ReadBufSize = 0                     // the security below buffers
	c.MaxIncomingStreams = math.MaxUint32 // the resource manager counts
	return (*lyamux.Transport)(c)
}

// announced filters the addresses that this host tells others. Those beyond its reach stay
// untold, and so do those that lead nowhere from elsewhere: loopback unless it is all there
// is, and link-local IPv6, which means nothing without a network card.
func (h *Host) announced(addrs []ma.Multiaddr) []ma.Multiaddr {
	out := make([]ma.Multiaddr, 0, len(addrs))
	elsewhere := false
	for _, addr := range addrs {
		if ip, ok := ipOf(addr); ok && ip.Is6() && ip.IsLinkLocalUnicast() || !h.cfg.Reach.allowed(addr) {
			continue
		}
		elsewhere = elsewhere || placeOf(addr) != placeLoopback
		out = append(out, addr)
	}
	if !elsewhere {
		return out
	}
	kept := out[:0]
	for _, addr := range out {
		if placeOf(addr) != placeLoopback {
			kept = append(kept, addr)
		}
	}
	return kept
}
