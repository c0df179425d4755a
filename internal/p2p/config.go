package p2p

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// Reach is how far a host goes.
type Reach int

const (
	// HomeOnly keeps to the home network: private (RFC 1918), unique local (RFC 4193),
	// link-local and loopback addresses are dialled, accepted and announced, no others. No
	// name is resolved and no third party is asked for anything. It is the zero value.
	HomeOnly Reach = iota

	// Internet adds everything that lets two homes find each other: the distributed hash
	// table, port mapping on the router, relays and hole punching.
	Internet
)

// String returns "home" or "internet".
func (r Reach) String() string {
	if r == Internet {
		return "internet"
	}
	return "home"
}

// Gate tells friend from stranger. Known reports whether the peer may use the protocols of
// scope Known. It is asked for every connection and every stream, from many goroutines and
// sometimes with libp2p's locks held: it must answer at once, from memory, and must not call
// back into this package. When its answer for a peer changes, call Host.Recheck.
type Gate interface {
	Known(PeerKey) bool
}

// Config says what kind of host to start.
type Config struct {
	// Identity signs for the Ed25519 network key, which is this host's PeerKey. Its private
	// half is never asked for. Required.
	Identity crypto.Signer

	// Gate tells who is known. Required.
	Gate Gate

	// Reach is how far to go; the zero value stays at home.
	Reach Reach

	// Listen holds the addresses to listen on, such as those of DefaultListen or those that
	// Host.ListenAddrs returned the last time. Port 0 means any free port, if possible the
	// same one for all of them. A port that is taken is replaced by a free one. Empty means
	// not to listen: such a host can only dial.
	Listen []string

	// MDNS looks for peers on the local network and lets them find this host (RFC 6762).
	// Known peers found there are dialled.
	MDNS bool

	// Service is the DNS-SD service name under which mDNS looks (RFC 6763, section 7);
	// DefaultService if empty.
	Service string

	// Bootstrap holds the addresses, each ending in /p2p/ and a peer, of the nodes through
	// which to enter a distributed hash table of one's own. If empty, the well-known public
	// one is used. Ignored unless Reach is Internet.
	Bootstrap []string

	// Relays holds the addresses, each ending in /p2p/ and a peer, of relays to be reachable
	// through. If empty, public relays are looked for when this host turns out not to be
	// reachable. Ignored unless Reach is Internet.
	Relays []string

	// Serve makes this host a meeting point for others: it answers for the hash table of
	// Bootstrap's users and relays between its known peers. It is for machines that are
	// always on and have an address that others can reach. Ignored unless Reach is Internet.
	Serve bool

	// UserAgent is told to every peer; DefaultUserAgent if empty.
	UserAgent string

	// Log takes what the host has to say; slog.Default() if nil.
	Log *slog.Logger
}

const (
	// DefaultService is the DNS-SD service name of kith.
	DefaultService = "_kith._udp"

	// DefaultUserAgent is told to peers if the caller names no other.
	DefaultUserAgent = "kith"

	// maxConfigured bounds each list of addresses in a Config. A dozen is plenty; more is a
	// mistake.
	maxConfigured = 64
)

// DefaultListen returns the addresses to listen on, TCP and QUIC over IPv4 and IPv6, for a
// port; 0 lets the system choose.
func DefaultListen(port uint16) []string {
	return []string{
		fmt.Sprintf("/ip4/0.0.0.0/tcp/%d", port),
		fmt.Sprintf("/ip4/0.0.0.0/udp/%d/quic-v1", port),
		fmt.Sprintf("/ip6/::/tcp/%d", port),
		fmt.Sprintf("/ip6/::/udp/%d/quic-v1", port),
	}
}

// settings is a Config that was checked and parsed.
type settings struct {
	Config
	self      PeerKey
	listen    []ma.Multiaddr
	bootstrap []peer.AddrInfo
	relays    []peer.AddrInfo
}

// check validates a Config and fills in its defaults.
func (c Config) check() (settings, error) {
	s := settings{Config: c}
	if c.Identity == nil {
		return s, errors.New("p2p: config: no identity")
	}
	pub, ok := c.Identity.Public().(ed25519.PublicKey)
	if !ok || len(pub) != ed25519.PublicKeySize {
		return s, fmt.Errorf("p2p: config: the identity must be an Ed25519 key, not %T", c.Identity.Public())
	}
	s.self = PeerKey(pub)
	if c.Gate == nil {
		return s, errors.New("p2p: config: no gate")
	}
	if c.Reach != HomeOnly && c.Reach != Internet {
		return s, fmt.Errorf("p2p: config: unknown reach %d", c.Reach)
	}
	if n := max(len(c.Listen), len(c.Bootstrap), len(c.Relays)); n > maxConfigured {
		return s, fmt.Errorf("p2p: config: %d addresses in one list, at most %d are allowed", n, maxConfigured)
	}
	for _, text := range c.Listen {
		addr, err := parseListen(text)
		if err != nil {
			return s, fmt.Errorf("p2p: config: listen address: %w", err)
		}
		s.listen = append(s.listen, addr)
	}
	var err error
	if s.bootstrap, err = parseFull(c.Bootstrap); err != nil {
		return s, fmt.Errorf("p2p: config: bootstrap address: %w", err)
	}
	if s.relays, err = parseFull(c.Relays); err != nil {
		return s, fmt.Errorf("p2p: config: relay address: %w", err)
	}
	if s.Service == "" {
		s.Service = DefaultService
	}
	if !strings.HasPrefix(s.Service, "_") || !strings.HasSuffix(s.Service, "._udp") {
		return s, fmt.Errorf("p2p: config: service %q is not of the form _name._udp", s.Service)
	}
	if s.UserAgent == "" {
		s.UserAgent = DefaultUserAgent
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Reach == HomeOnly {
		s.bootstrap, s.relays, s.Serve = nil, nil, false
	}
	return s, nil
}

// elsewhere reports whether anyone outside this machine could reach what the host listens on.
func (s settings) elsewhere() bool {
	return slices.ContainsFunc(s.listen, func(addr ma.Multiaddr) bool { return placeOf(addr) != placeLoopback })
}
