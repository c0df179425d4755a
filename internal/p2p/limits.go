package p2p

import "time"

// Sizing: 300 friends with two devices each at most, of which nearly all may be online, on a
// machine with 512 MB of memory, of which all of kith should stay below 100. A connection
// with one idle stream was measured to cost 67 KB over TCP and 97 KB over QUIC.
const (
	// maxKnownConns is the room for inbound connections of known peers.
	maxKnownConns = 600

	// maxOutboundConns is the room for connections that this host dialled: friends, relays,
	// and the few dozen nodes that a hash table lookup visits at once.
	maxOutboundConns = 700

	// maxHandshakes bounds inbound connections that have not yet shown whose they are. A
	// handshake takes milliseconds, so this serves thousands of honest ones a second; a
	// silent one is dropped after 15 seconds.
	maxHandshakes = 128

	// maxFDs bounds open sockets, below the 1,024 that systems commonly allow.
	maxFDs = 900

	// maxConnsPerIP bounds connections from one IPv4 address or IPv6 /56, known and not:
	// a household or a hall of residence behind one address. Loopback is exempt, since homes
	// on one machine share it.
	maxConnsPerIP = 32

	// maxConnsPerIP48 bounds connections from one IPv6 /48, which some providers give to a
	// single customer.
	maxConnsPerIP48 = 4 * maxConnsPerIP

	// connBurstPerIP and connRatePerIP bound how fast one IPv4 address or IPv6 /56 may
	// connect: at once, and per second from then on. A household that returns after a power
	// cut fits in the burst.
	connBurstPerIP = 2 * maxConnsPerIP
	connRatePerIP  = 0.5

	// maxMemory bounds what peers may make us buffer in bytes, all together. It is a
	// promise, not an allocation: every TCP stream promises 256 KiB at least, so 300 friends
	// with one stream each take 75 MiB of it. Half of it may be promised to windows that
	// grow beyond that.
	maxMemory = 256 << 20

	// maxStreams bounds all streams together.
	maxStreams = 4096
)

// Per known peer.
const (
	// maxConnsPerKnown allows a reconnect while the old connection has not yet been noticed
	// to be dead, from two sides at once and over two transports.
	maxConnsPerKnown = 8

	// maxStreamsPerKnown leaves room for the sync stream and many parallel fetches of
	// pictures, in each direction.
	maxStreamsPerKnown = 64

	// maxMemoryPerKnown is one stream at its full window and a few dozen ordinary ones.
	maxMemoryPerKnown = 32 << 20

	// maxStreamWindow is how much one stream may have under way: enough for 80 MiB/s at
	// 100 ms.
	maxStreamWindow = 8 << 20

	// maxRemembered bounds the IP addresses per known peer that have handshake places of
	// their own.
	maxRemembered = 8
)

// Per stranger, and for all strangers.
const (
	// maxStrangers bounds inbound connections of strangers. With maxMemoryPerStranger it
	// bounds what strangers can make us hold: 99 MiB if every one of them tries its best, 5
	// if they are merely there.
	maxStrangers = 48

	// maxStrangersPerIP bounds them per IPv4 address or IPv6 /56, so that it takes several
	// networks to fill all places. Loopback is exempt.
	maxStrangersPerIP = 8

	// maxStrangersPerPeer allows for a reconnect.
	maxStrangersPerPeer = 2

	// maxStreamsPerStranger is identify and its push in both directions, the stream itself
	// and a second one.
	maxStreamsPerStranger = 8

	// maxMemoryPerStranger is all of these streams at 256 KiB each, which TCP promises to every one of them before
	// anybody can refuse it, and a little for the connection itself. With less, the multiplexer would end the whole
	// connection of a stranger whose third stream comes while identify is still under way.
	maxMemoryPerStranger = maxStreamsPerStranger*256<<10 + 64<<10

	// strangerIdle is how long a stranger may be connected without a stream of ours. Identify
	// takes one round trip, and whoever comes with an invite opens the stream at once.
	strangerIdle = 15 * time.Second

	// strangerLife is how long a stranger's connection may last at all. A person who reads
	// who invites them, and accepts, opens a new one if it took longer.
	strangerLife = 3 * time.Minute

	// strangerStreamLife is how long a stranger's stream may last.
	strangerStreamLife = time.Minute

	// maxAnyoneStreams bounds the streams of strangers in protocols of scope Anyone.
	maxAnyoneStreams = 32

	// maxAnyonePerPeer bounds them per stranger.
	maxAnyonePerPeer = 2

	// maxStrangerBytes bounds what a stranger's stream may carry, in each direction. A
	// greeting with a name, a small picture and an identity log is a tenth of it.
	maxStrangerBytes = 1 << 20

	// anyoneBurstPerPeer and anyoneRatePerPeer bound how fast a stranger may open streams: at
	// once, and per second from then on.
	anyoneBurstPerPeer = 8
	anyoneRatePerPeer  = 0.2

	// anyoneBurstPerIP and anyoneRatePerIP are the same per IPv4 address or IPv6 /56.
	anyoneBurstPerIP = 24
	anyoneRatePerIP  = 0.5

	// anyoneBurstLocal and anyoneRateLocal are the same for all of loopback, where a whole
	// village may live on one machine.
	anyoneBurstLocal = 400
	anyoneRateLocal  = 20

	// maxRatedPeers bounds the strangers whose rate is remembered.
	maxRatedPeers = 1024
)

// Times.
const (
	// sweepEvery is how often strangers who overstayed and superfluous connections are
	// looked for.
	sweepEvery = 5 * time.Second

	// spareLife is how long a second connection to a known peer may lie unused.
	spareLife = time.Minute

	// closeGrace is how long Close waits for handlers to return after their streams broke.
	closeGrace = time.Second

	// keepAlive is how often an otherwise silent TCP connection is probed, and so how late
	// at most it is noticed that a peer vanished without saying so. QUIC connections probe
	// every 15 seconds, which routers' short memory for UDP needs.
	keepAlive = time.Minute

	// rttEvery is how often the round trip over a TCP connection is measured, which tells
	// how far a window should grow. It is measured once at the start; it seldom changes.
	rttEvery = 10 * time.Minute

	// coalesce is how long a small TCP frame may wait for others to share a packet with.
	coalesce = 0

	// directWait is how long Open waits for a direct connection to take the place of a
	// relayed one. Punching a hole takes a few round trips.
	directWait = 4 * time.Second

	// lanDialTimeout is how long a peer found on the local network is tried.
	lanDialTimeout = 10 * time.Second

	// openTimeout bounds Open when the caller's context has no deadline.
	openTimeout = 30 * time.Second
)

// The local network.
const (
	// maxNearby bounds the peers found by mDNS that are remembered. Anyone on the network
	// can make up peers.
	maxNearby = 256

	// maxLANAddrs bounds the addresses told by mDNS, each of which takes some 100 bytes of a
	// packet that should not be cut up (RFC 6762, section 17).
	maxLANAddrs = 10

	// maxLANDials bounds the known peers found by mDNS that are dialled at the same time.
	maxLANDials = 8
)
