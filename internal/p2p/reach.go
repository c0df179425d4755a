package p2p

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/host/autorelay"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/proto"
	relayv2 "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	// relaysWanted is with how many relays to hold a place: one, and one for when it goes.
	relaysWanted = 2

	// relayPatience is how long to look around before settling for relays that strangers
	// run. It also lets AutoNAT find out first whether any is needed.
	relayPatience = time.Minute

	// servedDuration and servedBytes bound a connection that this host relays between its
	// known peers, in each direction: enough to catch up on a month of text.
	servedDuration = 30 * time.Minute
	servedBytes    = 32 << 20
)

// homeOptions switch off everything that asks or tells somebody outside.
func homeOptions() []libp2p.Option {
	return []libp2p.Option{
		libp2p.DisableRelay(),
		libp2p.ForceReachabilityPrivate(), // asks nobody whether it is
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.MultiaddrResolver(noResolver{}),
	}
}

// internetOptions switch on what lets two homes find each other.
func (h *Host) internetOptions() []libp2p.Option {
	opts := []libp2p.Option{
		libp2p.EnableRelay(),
		libp2p.EnableHolePunching(),
		libp2p.EnableAutoNATv2(),
	}
	if h.cfg.elsewhere() {
		opts = append(opts, libp2p.NATPortMap())
	}
	if h.cfg.Serve {
		return append(opts,
			libp2p.ForceReachabilityPublic(),
			libp2p.EnableRelayService(
				relayv2.WithACL(relayFor{h}),
				relayv2.WithLimit(&relayv2.RelayLimit{Duration: servedDuration, Data: servedBytes}),
				relayv2.WithReservationAddressFilter(func(ma.Multiaddr) bool { return true })))
	}
	// Taken for unreachable until AutoNAT has shown the opposite; see followReachability.
	opts = append(opts, libp2p.ForceReachabilityPrivate())
	if n := len(h.cfg.relays); n > 0 {
		return append(opts, libp2p.EnableAutoRelayWithPeerSource(h.relays(func() []peer.AddrInfo { return h.cfg.relays }),
			autorelay.WithMinCandidates(n), autorelay.WithMaxCandidates(n), autorelay.WithNumRelays(n),
			autorelay.WithBootDelay(0), autorelay.WithBackoff(time.Minute)))
	}
	return append(opts, libp2p.EnableAutoRelayWithPeerSource(h.relays(h.relayCandidates),
		autorelay.WithNumRelays(relaysWanted), autorelay.WithBootDelay(relayPatience)))
}

// followReachability tells AutoRelay, which goes by libp2p's older idea of reachability, what
// the newer AutoNAT (version 2) has found out: once an address of this host was dialled from
// outside, its places at relays are given up, and looked for again if that changes.
func (h *Host) followReachability() error {
	sub, err := h.host.EventBus().Subscribe(new(event.EvtHostReachableAddrsChanged), eventbus.Name("kith-reach"))
	if err != nil {
		return fmt.Errorf("p2p: start: %w", err)
	}
	emitter, err := h.host.EventBus().Emitter(new(event.EvtLocalReachabilityChanged), eventbus.Stateful)
	if err != nil {
		return errors.Join(fmt.Errorf("p2p: start: %w", err), sub.Close())
	}
	h.work.Go(func() {
		defer sub.Close()
		defer emitter.Close()
		now := network.ReachabilityPrivate
		for {
			select {
			case <-h.ctx.Done():
				return
			case e, ok := <-sub.Out():
				if !ok {
					return
				}
				next := network.ReachabilityPrivate
				if e, ok := e.(event.EvtHostReachableAddrsChanged); ok && slices.ContainsFunc(e.Reachable, manet.IsPublicAddr) {
					next = network.ReachabilityPublic
				}
				if next == now {
					continue
				}
				now = next
				h.log.Info("reachability from the internet changed", "reachable", now == network.ReachabilityPublic)
				if err := emitter.Emit(event.EvtLocalReachabilityChanged{Reachability: now}); err != nil {
					h.log.Debug("telling about reachability failed", "err", err)
				}
			}
		}
	})
	return nil
}

// relays offers relays to AutoRelay, which calls the result from time to time while it needs
// one. It offers none before this host listens: a connection dialled earlier would come from
// another port than the one that holes are to be punched to.
func (h *Host) relays(offer func() []peer.AddrInfo) autorelay.PeerSource {
	return func(ctx context.Context, n int) <-chan peer.AddrInfo {
		out := make(chan peer.AddrInfo, n)
		if !h.spawn(func() {
			defer close(out)
			select {
			case <-h.listening:
			case <-ctx.Done():
				return
			case <-h.ctx.Done():
				return
			}
			infos := offer()
			for _, info := range infos[:min(n, len(infos))] {
				out <- info // there is room for n
			}
		}) {
			close(out)
		}
		return out
	}
}

// relayCandidates returns the connected nodes, most of them of the hash table, that say they
// relay.
func (h *Host) relayCandidates() []peer.AddrInfo {
	var out []peer.AddrInfo
	for _, id := range h.swarm.Peers() {
		if speaks, err := h.host.Peerstore().FirstSupportedProtocol(id, proto.ProtoIDv2Hop); err == nil && speaks != "" {
			out = append(out, h.host.Peerstore().PeerInfo(id))
		}
	}
	return out
}

// relayFor lets known peers, and nobody else, hold a place at this relay; whoever wants to
// reach them may come through.
type relayFor struct{ h *Host }

// AllowReserve says whether a peer may be reached through this host.
func (r relayFor) AllowReserve(id peer.ID, _ ma.Multiaddr) bool { return r.h.known(id) }

// AllowConnect says whether a peer may be connected through this host to another.
func (r relayFor) AllowConnect(_ peer.ID, _ ma.Multiaddr, to peer.ID) bool { return r.h.known(to) }

// noResolver resolves no names: even asking would tell somebody outside.
type noResolver struct{}

// ResolveDNSAddr returns nothing.
func (noResolver) ResolveDNSAddr(context.Context, peer.ID, ma.Multiaddr, int, int) ([]ma.Multiaddr, error) {
	return nil, nil
}

// ResolveDNSComponent returns nothing.
func (noResolver) ResolveDNSComponent(context.Context, ma.Multiaddr, int) ([]ma.Multiaddr, error) {
	return nil, nil
}
