package p2p

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

// Host is this device on the network. Its zero value is of no use; call Start.
type Host struct {
	cfg       settings
	log       *slog.Logger
	host      host.Host
	swarm     *swarm.Swarm
	resources network.ResourceManager
	allowlist *rcmgr.Allowlist
	gater     *gater
	crowd     *crowd
	watch     *watch
	places    *places
	lookups   *lookups
	lan       *lan  // nil without mDNS
	wide      *wide // nil without a hash table

	ctx       context.Context // ends when Close is called
	cancel    context.CancelFunc
	listening chan struct{}  // closed when the host listens
	work      sync.WaitGroup // background goroutines of this package

	mu       sync.Mutex // guards closing, and that nothing is added to work and handlers after it
	closing  bool
	handlers sync.WaitGroup
	closed   sync.Once
	closeErr error
}

// Start starts a host: it listens, and looks for peers as the Config says. The context bounds
// the start only; the host runs until Close. It fails if the Config is not valid or if it
// can listen on none of the addresses in it.
func Start(ctx context.Context, cfg Config) (*Host, error) {
	s, err := cfg.check()
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("p2p: start: %w", err)
	}
	key, err := newSigningKey(s.Identity)
	if err != nil {
		return nil, err
	}
	h := &Host{
		cfg: s, log: s.Log, listening: make(chan struct{}),
		crowd: newCrowd(time.Now), lookups: newLookups(time.Now),
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.gater = newGater(s.Reach, h.known, h.crowd)
	for _, info := range slices.Concat(s.bootstrap, s.relays) {
		h.gater.want(info.ID) // for good: they are part of the Config
	}
	opts, parts, err := h.options(key)
	if err == nil {
		h.host, err = libp2p.New(opts...)
	}
	if err != nil {
		h.cancel()
		for _, part := range parts {
			err = errors.Join(err, part.Close())
		}
		return nil, fmt.Errorf("p2p: start: %w", err)
	}
	if err := h.begin(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// begin sets to work what stands on the libp2p host.
func (h *Host) begin() error {
	sw, ok := h.host.Network().(*swarm.Swarm)
	if !ok {
		return fmt.Errorf("p2p: start: unexpected kind of network %T", h.host.Network())
	}
	h.swarm = sw
	h.places = newPlaces(h.allowlist)
	var err error
	if h.watch, err = newWatch(h); err != nil {
		return err
	}
	h.swarm.Notify(&network.NotifyBundle{ConnectedF: h.connected, DisconnectedF: h.disconnected})
	h.work.Go(h.watch.sort)
	h.work.Go(h.watch.deliver)
	h.work.Go(h.sweep)
	if err := h.listen(); err != nil {
		return err
	}
	close(h.listening)
	if h.cfg.Reach == Internet && !h.cfg.Serve {
		if err := h.followReachability(); err != nil {
			return err
		}
	}
	if h.cfg.Reach == Internet {
		if h.wide, err = newWide(h); err != nil {
			return err
		}
	}
	if h.cfg.MDNS {
		h.lan = newLAN(h)
	}
	return nil
}

// Close ends all streams and connections and waits until nothing of the host runs any more.
// It returns an error if a handler did not return within a second after its stream broke.
// Closing again returns the same. It must not be called from a function given to Notify,
// which it waits for.
func (h *Host) Close() error {
	h.closed.Do(func() { h.closeErr = h.close() })
	return h.closeErr
}

func (h *Host) close() error {
	h.mu.Lock()
	h.closing = true
	h.mu.Unlock()
	h.cancel()

	var errs []error
	if h.lan != nil {
		h.lan.close()
	}
	if h.wide != nil {
		errs = append(errs, h.wide.close())
	}
	errs = append(errs, h.host.Close())
	h.work.Wait()

	returned := make(chan struct{})
	go func() {
		h.handlers.Wait()
		close(returned)
	}()
	select {
	case <-returned:
	case <-time.After(closeGrace):
		errs = append(errs, fmt.Errorf("p2p: close: handlers still run %v after their streams broke", closeGrace))
	}
	return errors.Join(errs...)
}

// spawn runs a function in a goroutine that Close waits for, unless the host is closing.
func (h *Host) spawn(f func()) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.work.Go(f)
	return true
}

// Self returns this host's own key.
func (h *Host) Self() PeerKey { return h.cfg.self }

// known asks the gate about one of libp2p's peers.
func (h *Host) known(id peer.ID) bool {
	key, ok := keyOf(id)
	return ok && h.cfg.Gate.Known(key)
}

// knownTag marks the connections that libp2p's connection manager must not trim.
const knownTag = "kith-known"

// connected looks after a connection that came about.
func (h *Host) connected(_ network.Network, conn network.Conn) {
	id := conn.RemotePeer()
	h.lookups.forget(id)
	if h.known(id) {
		h.host.ConnManager().Protect(id, knownTag)
		h.places.remember(id, conn.RemoteMultiaddr())
	}
}

// disconnected forgets a connection.
func (h *Host) disconnected(_ network.Network, conn network.Conn) { h.crowd.leave(conn) }

// Recheck asks the gate about a peer again, to be called when its answer has changed. For one
// who became known, the limits of strangers end and the connection is kept. For one who no
// longer is, all connections are closed, and with them all streams.
func (h *Host) Recheck(peer PeerKey) {
	id := peer.id()
	known := h.cfg.Gate.Known(peer)
	limit := &strangerLimit
	if known {
		limit = &knownLimit
	}
	_ = h.resources.ViewPeer(id, func(scope network.PeerScope) error {
		if s, ok := scope.(rcmgr.ResourceScopeLimiter); ok {
			s.SetLimit(limit)
		}
		return nil
	})
	if !known {
		h.host.ConnManager().Unprotect(id, knownTag)
		h.places.forget(id)
		if err := h.swarm.ClosePeer(id); err != nil {
			h.log.Debug("closing connections failed", "peer", peer, "err", err)
		}
		return
	}
	for _, conn := range h.swarm.ConnsToPeer(id) {
		h.crowd.leave(conn)
		h.connected(h.swarm, conn)
	}
	h.watch.nudge(peer)
}

// sweep closes, every few seconds, the connections of strangers who overstayed and those
// that known peers have to spare.
func (h *Host) sweep() {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-ticker.C:
			for _, conn := range h.crowd.overstayed() {
				if h.known(conn.RemotePeer()) {
					h.crowd.leave(conn)
					continue
				}
				_ = conn.CloseWithError(network.ConnGarbageCollected) // it fails only if it is closed already
			}
			h.closeSpare()
		}
	}
}

// closeSpare closes connections to known peers that have a better one besides and have lain
// unused for a while. Both sides may have dialled at once, or a direct connection may have
// taken the place of a relayed one. Only the side with the smaller ID does so, lest each
// closes what the other keeps.
func (h *Host) closeSpare() {
	self := h.host.ID()
	for _, id := range h.swarm.Peers() {
		conns := h.swarm.ConnsToPeer(id)
		if len(conns) < 2 || self >= id || !h.known(id) {
			continue
		}
		best := conns[0]
		for _, conn := range conns[1:] {
			if better(conn, best) {
				best = conn
			}
		}
		for _, conn := range conns {
			stat := conn.Stat()
			if conn != best && stat.NumStreams == 0 && time.Since(stat.Opened) > spareLife {
				_ = conn.CloseWithError(network.ConnSupplanted) // it fails only if it is closed already
			}
		}
	}
}

// better reports whether a is to be kept rather than b: direct before relayed, used before
// unused, at home before far away, then the older one.
func better(a, b network.Conn) bool {
	sa, sb := a.Stat(), b.Stat()
	if sa.Limited != sb.Limited {
		return !sa.Limited
	}
	if (sa.NumStreams > 0) != (sb.NumStreams > 0) {
		return sa.NumStreams > 0
	}
	if la, lb := home(a.RemoteMultiaddr()), home(b.RemoteMultiaddr()); la != lb {
		return la
	}
	return sa.Opened.Before(sb.Opened)
}
