package p2p

import (
	"math"
	"net/netip"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/x/rate"
)

// anyoneService is the resource scope that strangers' streams share.
const anyoneService = "kith.anyone"

// limiter tells libp2p's resource manager how much of everything there is. It implements
// rcmgr.Limiter. What a peer may have depends on whether it is known when its scope is made;
// Host.Recheck changes it later.
type limiter struct {
	known func(peer.ID) bool
}

// both is a limit for streams or connections that is the same in each direction.
func both(streams, conns int, memory int64) rcmgr.BaseLimit {
	return rcmgr.BaseLimit{
		Streams: 2 * streams, StreamsInbound: streams, StreamsOutbound: streams,
		Conns: 2 * conns, ConnsInbound: conns, ConnsOutbound: conns, FD: 2 * conns,
		Memory: memory,
	}
}

var (
	systemLimit = rcmgr.BaseLimit{
		Streams: maxStreams, StreamsInbound: maxStreams, StreamsOutbound: maxStreams,
		Conns:         maxKnownConns + maxStrangers + maxHandshakes + maxOutboundConns,
		ConnsInbound:  maxKnownConns + maxStrangers + maxHandshakes,
		ConnsOutbound: maxOutboundConns,
		FD:            maxFDs,
		Memory:        maxMemory,
	}

	// transientLimit is for what has not yet shown whose it is, or for what purpose.
	// Outbound is counted apart, so that no flood keeps this host from dialling.
	transientLimit = rcmgr.BaseLimit{
		Streams: 4 * maxHandshakes, StreamsInbound: 2 * maxHandshakes, StreamsOutbound: 2 * maxHandshakes,
		Conns: maxHandshakes + maxOutboundConns, ConnsInbound: maxHandshakes, ConnsOutbound: maxOutboundConns,
		FD:     maxHandshakes + maxOutboundConns,
		Memory: maxMemory / 4,
	}

	knownLimit = rcmgr.BaseLimit{
		Streams: 2 * maxStreamsPerKnown, StreamsInbound: maxStreamsPerKnown, StreamsOutbound: maxStreamsPerKnown,
		// Every address that is dialled counts as an outbound connection while it is tried.
		Conns: maxConnsPerKnown + maxAddrsPerPeer, ConnsInbound: maxConnsPerKnown, ConnsOutbound: maxAddrsPerPeer,
		FD:     maxConnsPerKnown + maxAddrsPerPeer,
		Memory: maxMemoryPerKnown,
	}

	strangerLimit = rcmgr.BaseLimit{
		Streams: 2 * maxStreamsPerStranger, StreamsInbound: maxStreamsPerStranger, StreamsOutbound: maxStreamsPerStranger,
		Conns: maxStrangersPerPeer + maxAddrsPerPeer, ConnsInbound: maxStrangersPerPeer, ConnsOutbound: maxAddrsPerPeer,
		FD:     maxStrangersPerPeer + maxAddrsPerPeer,
		Memory: maxMemoryPerStranger,
	}

	anyoneLimit     = both(maxAnyoneStreams, 0, maxStrangers*maxMemoryPerStranger)
	anyonePeerLimit = both(maxAnyonePerPeer, 0, maxMemoryPerStranger)

	// protocolLimit and serviceLimit have to bear all friends returning at once.
	protocolLimit     = both(maxStreams, 0, maxMemory)
	protocolPeerLimit = both(maxStreamsPerKnown, 0, maxMemoryPerKnown)

	connLimit   = rcmgr.BaseLimit{Conns: 1, ConnsInbound: 1, ConnsOutbound: 1, FD: 1, Memory: maxMemoryPerKnown}
	streamLimit = rcmgr.BaseLimit{Streams: 1, StreamsInbound: 1, StreamsOutbound: 1, Memory: maxMemoryPerKnown}
)

func (l *limiter) GetSystemLimits() rcmgr.Limit               { return &systemLimit }
func (l *limiter) GetTransientLimits() rcmgr.Limit            { return &transientLimit }
func (l *limiter) GetAllowlistedSystemLimits() rcmgr.Limit    { return &systemLimit }
func (l *limiter) GetAllowlistedTransientLimits() rcmgr.Limit { return &transientLimit }

func (l *limiter) GetServiceLimits(service string) rcmgr.Limit {
	if service == anyoneService {
		return &anyoneLimit
	}
	return &protocolLimit
}

func (l *limiter) GetServicePeerLimits(service string) rcmgr.Limit {
	if service == anyoneService {
		return &anyonePeerLimit
	}
	return &protocolPeerLimit
}

func (l *limiter) GetProtocolLimits(protocol.ID) rcmgr.Limit     { return &protocolLimit }
func (l *limiter) GetProtocolPeerLimits(protocol.ID) rcmgr.Limit { return &protocolPeerLimit }
func (l *limiter) GetStreamLimits(peer.ID) rcmgr.Limit           { return &streamLimit }
func (l *limiter) GetConnLimits() rcmgr.Limit                    { return &connLimit }

// GetPeerLimits is called with the resource manager's lock held; hence the Gate's rules.
func (l *limiter) GetPeerLimits(id peer.ID) rcmgr.Limit {
	if l.known(id) {
		return &knownLimit
	}
	return &strangerLimit
}

// prefixes of the networks that limits by address treat alike.
const (
	bitsIPv4  = 32
	bitsIPv6  = 56 // what most providers give to one customer
	bitsIPv6w = 48 // what some do
)

var loopbacks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// newResources returns the resource manager.
func newResources(known func(peer.ID) bool) (network.ResourceManager, error) {
	v4 := []rcmgr.ConnLimitPerSubnet{{PrefixLength: bitsIPv4, ConnCount: maxConnsPerIP}}
	v6 := []rcmgr.ConnLimitPerSubnet{
		{PrefixLength: bitsIPv6, ConnCount: maxConnsPerIP},
		{PrefixLength: bitsIPv6w, ConnCount: maxConnsPerIP48},
	}
	return rcmgr.NewResourceManager(&limiter{known: known},
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithLimitPerSubnet(v4, v6),
		rcmgr.WithNetworkPrefixLimit(
			[]rcmgr.NetworkPrefixLimit{{Network: loopbacks[0], ConnCount: math.MaxInt}},
			[]rcmgr.NetworkPrefixLimit{{Network: loopbacks[1], ConnCount: math.MaxInt}}),
		rcmgr.WithConnRateLimiters(perIP(
			rate.Limit{}, // loopback: no limit
			rate.Limit{RPS: connRatePerIP, Burst: connBurstPerIP})),
	)
}

// perIP returns a limiter with one bucket for each loopback network and one for each IPv4
// address, IPv6 /56 and, four times as large, IPv6 /48.
func perIP(local, other rate.Limit) *rate.Limiter {
	wide := rate.Limit{RPS: 4 * other.RPS, Burst: 4 * other.Burst}
	return &rate.Limiter{
		NetworkPrefixLimits: []rate.PrefixLimit{
			{Prefix: loopbacks[0], Limit: local},
			{Prefix: loopbacks[1], Limit: local},
		},
		SubnetRateLimiter: rate.SubnetLimiter{
			IPv4SubnetLimits: []rate.SubnetLimit{{PrefixLength: bitsIPv4, Limit: other}},
			IPv6SubnetLimits: []rate.SubnetLimit{
				{PrefixLength: bitsIPv6, Limit: other},
				{PrefixLength: bitsIPv6w, Limit: wide},
			},
			GracePeriod: time.Minute,
		},
	}
}

// network returns the network that an address is counted with: itself, or its IPv6 /56.
func networkOf(ip netip.Addr) netip.Prefix {
	bits := bitsIPv4
	if ip.Is6() {
		bits = bitsIPv6
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.PrefixFrom(ip, ip.BitLen())
	}
	return prefix
}
