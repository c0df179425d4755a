package p2p

import (
	"context"
	"fmt"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Scope says who may open streams of a protocol to this host.
type Scope int

const (
	// Known is for peers that the Gate knows. Anybody else's streams are reset before a byte
	// of them was read. It is the zero value.
	Known Scope = iota

	// Anyone is for strangers too, within the bounds of limits.go.
	Anyone
)

// Handle calls f, in a goroutine of its own, for every stream of the protocol that a peer
// opens. The context ends when the host is closed, and for a stranger when its time is up;
// the stream is reset then. A stream that f has not closed when it returns is reset.
//
// The Gate is asked for each stream anew. Registering a protocol again replaces its handler.
func (h *Host) Handle(id string, scope Scope, f func(context.Context, *Stream)) {
	h.host.SetStreamHandler(protocol.ID(id), func(s network.Stream) { h.serve(s, scope, f) })
}

// serve gates one stream and runs its handler.
func (h *Host) serve(s network.Stream, scope Scope, f func(context.Context, *Stream)) {
	if !h.enter() {
		_ = s.ResetWithError(network.StreamShutdown)
		return
	}
	defer h.handlers.Done()

	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	id := s.Conn().RemotePeer()
	key, ours := keyOf(id)
	stream := accepted(s, key)
	switch {
	case ours && h.cfg.Gate.Known(key):
	case ours && scope == Anyone:
		done, err := h.admit(s, key, stream)
		if err != nil {
			h.log.Debug("stranger's stream turned away", "peer", key, "protocol", s.Protocol(), "err", err)
			_ = s.ResetWithError(network.StreamRateLimited)
			return
		}
		defer done()
		ctx, cancel = context.WithDeadline(ctx, stream.share.until)
		defer cancel()
	default:
		h.log.Debug("stranger's stream reset", "peer", id, "protocol", s.Protocol())
		_ = s.ResetWithError(network.StreamGated)
		return
	}
	defer stream.Reset()
	defer stream.breakWhen(ctx)()
	f(ctx, stream)
}

// admit takes a stranger's stream in, within the scope and the rate that strangers have.
func (h *Host) admit(s network.Stream, key PeerKey, stream *Stream) (done func(), err error) {
	if err := s.Scope().SetService(anyoneService); err != nil {
		return nil, err
	}
	if err := stream.bound(); err != nil {
		return nil, err
	}
	done, ok := h.crowd.open(s.Conn(), key)
	if !ok {
		return nil, fmt.Errorf("%w: too many streams in a short time", ErrLimit)
	}
	return done, nil
}

// enter counts a handler in, unless the host is closing.
func (h *Host) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing {
		return false
	}
	h.handlers.Add(1)
	return true
}

// Open opens a stream to a peer. If there is no connection yet, it dials the addresses given,
// those that are remembered and those found on the local network. If the only way is through
// a relay, it waits a few seconds for a direct connection to take its place.
//
// It returns ErrNoAddress, ErrUnreachable, ErrSelf or ErrClosed, or the context's error.
// Whether the other side takes the stream shows with the first Read. What a stranger sends in
// a stream that this host opened is not bounded; the caller must do that.
func (h *Host) Open(ctx context.Context, peer PeerKey, protocolID string, addrs ...string) (*Stream, error) {
	ctx, cancel := openContext(ctx)
	defer cancel()
	if err := h.Connect(ctx, peer, addrs); err != nil {
		return nil, err
	}
	s, err := h.newStream(ctx, peer)
	if err != nil {
		return nil, dialError(ctx, peer, err)
	}
	id := protocol.ID(protocolID)
	if err := s.SetProtocol(id); err != nil {
		_ = s.ResetWithError(network.StreamResourceLimitExceeded)
		return nil, fmt.Errorf("p2p: open %s to %s: %w", protocolID, peer, err)
	}
	return opened(s, peer, id), nil
}

// newStream opens a stream over the best connection there is.
func (h *Host) newStream(ctx context.Context, peer PeerKey) (network.Stream, error) {
	id := peer.id()
	ctx = network.WithNoDial(ctx, "dialled before")
	if h.host.Network().Connectedness(id) == network.Limited {
		direct, cancel := context.WithTimeout(ctx, directWait)
		s, err := h.host.Network().NewStream(direct, id)
		cancel()
		if err == nil || ctx.Err() != nil {
			return s, err
		}
	}
	return h.host.Network().NewStream(network.WithAllowLimitedConn(ctx, "better than nothing"), id)
}

// openContext gives a context a deadline if it has none.
func openContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, openTimeout)
}
