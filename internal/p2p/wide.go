package p2p

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ipfs/go-cid"
	kaddht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/routing"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/multiformats/go-multihash"
)

const (
	// ownPrefix separates a hash table of one's own from the public one.
	ownPrefix = "/kith"

	// pointDomain begins the bytes whose hash is the point of a peer in the hash table.
	pointDomain = "kith p2p: where to find the peer, v1\x00"

	// publishEvery is how often this host's addresses are published; the nodes that hold them
	// forget addresses after a day.
	publishEvery = 10 * time.Hour

	// publishRetry is how long to wait after publishing failed, usually because the internet
	// is gone or because there is no address to publish yet.
	publishRetry = 2 * time.Minute

	// publishSettle is how long addresses must stay as they are before they are published:
	// at the start and after a change of network they come in one by one.
	publishSettle = 5 * time.Second

	// publishGap is the least time between two publications, each of which visits some dozens
	// of nodes.
	publishGap = time.Minute

	// entryCheck is how often a host that is just starting looks whether it has got into the
	// hash table.
	entryCheck = 500 * time.Millisecond

	// publishTimeout bounds one publication.
	publishTimeout = 3 * time.Minute

	// refreshEvery is how often the routing table is refreshed. It serves lookups that happen
	// now and then, not the public.
	refreshEvery = time.Hour
)

// wide is this host's part in a distributed hash table (Kademlia), which it uses for nothing
// but addresses: to find those of a known peer, and to have its own found. In the public
// table it is a client, even if it could be reached: a server there holds records and
// connections of thousands of strangers.
type wide struct {
	h   *Host
	dht *kaddht.IpfsDHT
	sub event.Subscription
}

func newWide(h *Host) (*wide, error) {
	w := &wide{h: h}
	opts := []kaddht.Option{kaddht.RoutingTableRefreshPeriod(refreshEvery)}
	if len(h.cfg.bootstrap) == 0 && !h.cfg.Serve {
		opts = append(opts,
			kaddht.Mode(kaddht.ModeClient),
			kaddht.BootstrapPeers(kaddht.GetDefaultBootstrapPeerAddrInfos()...),
			kaddht.QueryFilter(kaddht.PublicQueryFilter),
			kaddht.RoutingTableFilter(kaddht.PublicRoutingTableFilter),
			kaddht.AddressFilter(abroad))
	} else {
		mode := kaddht.ModeClient
		if h.cfg.Serve {
			mode = kaddht.ModeServer
		}
		opts = append(opts,
			kaddht.Mode(mode),
			kaddht.BootstrapPeers(h.cfg.bootstrap...),
			kaddht.ProtocolPrefix(ownPrefix),
			kaddht.DisableValues(),
			kaddht.ProviderStore(newRecords(time.Now)))
	}
	var err error
	if w.dht, err = kaddht.New(h.ctx, h.host, opts...); err != nil {
		return nil, fmt.Errorf("p2p: start the hash table: %w", err)
	}
	w.sub, err = h.host.EventBus().Subscribe(new(event.EvtLocalAddressesUpdated), eventbus.Name("kith-wide"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("p2p: start the hash table: %w", err), w.dht.Close())
	}
	if err := w.dht.Bootstrap(h.ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("p2p: enter the hash table: %w", err), w.sub.Close(), w.dht.Close())
	}
	h.work.Go(w.publish)
	return w, nil
}

// abroad leaves out the addresses that say nothing on the internet, and tell more about a
// home than it needs to know.
func abroad(addrs []ma.Multiaddr) []ma.Multiaddr {
	out := make([]ma.Multiaddr, 0, len(addrs))
	for _, addr := range addrs {
		if !home(addr) {
			out = append(out, addr)
		}
	}
	return out
}

// point returns the place in the hash table at which a peer's addresses are published: the
// SHA-256 of a domain string and the peer's key. A client is in nobody's routing table, so
// looking for its name alone would find it only by chance.
func point(peer PeerKey) cid.Cid {
	sum := sha256.Sum256(append([]byte(pointDomain), peer[:]...))
	hash := append(multihash.Multihash{multihash.SHA2_256, sha256.Size}, sum[:]...)
	return cid.NewCidV1(cid.Raw, hash)
}

// publish keeps this host's addresses in the hash table until the host is closed.
func (w *wide) publish() {
	defer w.sub.Close()
	if !w.entered() {
		return
	}
	next := time.NewTimer(publishSettle)
	defer next.Stop()
	var last time.Time // of a publication that worked
	for {
		select {
		case <-w.h.ctx.Done():
			return
		case _, ok := <-w.sub.Out():
			if !ok {
				return
			}
			next.Reset(max(publishSettle, time.Until(last.Add(publishGap))))
		case <-next.C:
			ctx, cancel := context.WithTimeout(w.h.ctx, publishTimeout)
			err := w.dht.Provide(ctx, point(w.h.cfg.self), true)
			cancel()
			if err != nil {
				w.h.log.Debug("publishing our addresses failed", "err", err)
				next.Reset(publishRetry)
				continue
			}
			last = time.Now()
			next.Reset(publishEvery)
		}
	}
}

// entered waits until some node of the hash table is known. It reports false if the host is
// closed before.
func (w *wide) entered() bool {
	tick := time.NewTicker(entryCheck)
	defer tick.Stop()
	for w.dht.RoutingTable().Size() == 0 {
		select {
		case <-w.h.ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// Find looks the peer up in the hash table and returns addresses to give to Connect, which
// is where it shows whether it is there. It visits some dozens of nodes on the internet and
// takes seconds: try Connect first. A result stands for a minute, and for longer the more
// often the same peer is looked up without being connected in between, up to 12 hours; until
// then Find returns it again. Without a hash table, and if nothing is found, it returns
// ErrNoAddress.
func (h *Host) Find(ctx context.Context, peer PeerKey) ([]string, error) {
	if h.ctx.Err() != nil {
		return nil, fmt.Errorf("%w: find %s", ErrClosed, peer)
	}
	if h.wide == nil {
		return nil, fmt.Errorf("%w: %s: this host does not look for peers on the internet", ErrNoAddress, peer)
	}
	ctx, cancel := openContext(ctx)
	defer cancel()
	stop := context.AfterFunc(h.ctx, cancel)
	defer stop()
	id := peer.id()
	addrs, ok := h.lookups.recent(id)
	if !ok {
		asked := h.wide.dht.RoutingTable().Size() > 0 // otherwise there was nobody to ask
		var err error
		if addrs, err = h.wide.find(ctx, peer); err != nil {
			return nil, err
		}
		if asked {
			h.lookups.note(id, addrs)
		}
	}
	if len(addrs) == 0 {
		return nil, fmt.Errorf("%w: %s: not found in the hash table", ErrNoAddress, peer)
	}
	return slices.Clone(addrs), nil
}

// findGrace is how long find waits for its second answer after the first.
const findGrace = time.Second

// find asks for the published addresses and for the peer itself at the same time. The nodes
// asked for the peer may be connected to it, and then know better than what was published. It
// returns no addresses if there are none.
func (w *wide) find(ctx context.Context, key PeerKey) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	id := key.id()
	asked, published := make(chan []ma.Multiaddr, 1), make(chan []ma.Multiaddr, 1)
	if !w.h.spawn(func() { asked <- w.asked(ctx, id) }) || !w.h.spawn(func() { published <- w.published(ctx, key, id) }) {
		return nil, fmt.Errorf("%w: find %s", ErrClosed, key)
	}
	var fresh, older []ma.Multiaddr
	var late <-chan time.Time
	for waiting := 2; waiting > 0; waiting-- {
		select {
		case fresh = <-asked:
		case older = <-published:
		case <-late:
			waiting = 0
		case <-ctx.Done():
			return nil, fmt.Errorf("p2p: find %s: %w", key, ctx.Err())
		}
		if late == nil && len(fresh)+len(older) > 0 {
			late = time.After(findGrace)
		}
	}
	found := w.h.cfg.Reach.usable(id, texts(ma.Unique(append(fresh, older...))))
	if err := ctx.Err(); err != nil && len(found) == 0 {
		return nil, fmt.Errorf("p2p: find %s: %w", key, err)
	}
	return texts(found), nil
}

// published returns the addresses published by a peer. Anyone may publish something at its
// point, but only under their own name.
func (w *wide) published(ctx context.Context, key PeerKey, id peer.ID) []ma.Multiaddr {
	for info := range w.dht.FindProvidersAsync(ctx, point(key), 0) {
		if info.ID == id && len(info.Addrs) > 0 {
			return info.Addrs
		}
	}
	return nil
}

// asked returns the addresses that the nodes closest to a peer's name know of it. It takes
// them from the first node that has any: the lookup itself would go on and dial the peer,
// which is not its business and may take long.
func (w *wide) asked(ctx context.Context, id peer.ID) []ma.Multiaddr {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ctx, events := routing.RegisterForQueryEvents(ctx)
	ended := make(chan []ma.Multiaddr, 1)
	if !w.h.spawn(func() {
		info, err := w.dht.FindPeer(ctx, id)
		if err != nil {
			info.Addrs = nil // not found, which is the usual case
		}
		ended <- info.Addrs
	}) {
		return nil
	}
	for {
		select {
		case addrs := <-ended:
			return addrs
		case e, ok := <-events:
			if !ok {
				return nil
			}
			for _, info := range e.Responses {
				if e.Type == routing.PeerResponse && info.ID == id && len(info.Addrs) > 0 {
					return info.Addrs
				}
			}
		}
	}
}

// close leaves the hash table.
func (w *wide) close() error {
	if err := w.dht.Close(); err != nil {
		return fmt.Errorf("p2p: leave the hash table: %w", err)
	}
	return nil
}
