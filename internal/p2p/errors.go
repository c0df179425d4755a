package p2p

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/multiformats/go-multistream"
	"github.com/quic-go/quic-go"
)

var (
	// ErrClosed says that the host was closed.
	ErrClosed = errors.New("p2p: the host is closed")

	// ErrNoAddress says that there is no address to try: none is known for the peer, or
	// none that this host's reach allows.
	ErrNoAddress = errors.New("p2p: no usable address for the peer")

	// ErrUnreachable says that no address of the peer led to it.
	ErrUnreachable = errors.New("p2p: the peer cannot be reached")

	// ErrSelf says that the peer is this host itself.
	ErrSelf = errors.New("p2p: the peer is this host")

	// ErrRefused says that the other side is there but does not know us, or has had enough
	// of strangers for now.
	ErrRefused = errors.New("p2p: the other side refused the stream")

	// ErrUnsupported says that the other side does not speak the protocol.
	ErrUnsupported = errors.New("p2p: the other side does not speak the protocol")

	// ErrLimit says that a stranger's stream used up its bytes or its time.
	ErrLimit = errors.New("p2p: the limit for strangers is reached")
)

// dialError turns libp2p's reasons for not getting to a peer into this package's.
// The caller's own deadline is told from those of the single dials.
func dialError(ctx context.Context, peer PeerKey, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("p2p: dial %s: %w", peer, ctx.Err())
	}
	kind := ErrUnreachable
	switch {
	case errors.Is(err, swarm.ErrSwarmClosed):
		kind = ErrClosed
	case errors.Is(err, swarm.ErrDialToSelf):
		kind = ErrSelf
	case errors.Is(err, swarm.ErrNoAddresses), errors.Is(err, swarm.ErrNoGoodAddresses):
		kind = ErrNoAddress
	}
	return fmt.Errorf("%w: %s: %s", kind, peer, dialReasons(err))
}

// dialReasons says in one line why each address failed. It is a text and no wrapped error,
// because in those are the deadlines of single dials, which must not be taken for the
// caller's.
func dialReasons(err error) string {
	var dial *swarm.DialError
	if !errors.As(err, &dial) || len(dial.DialErrors) == 0 {
		return err.Error()
	}
	reasons := make([]string, len(dial.DialErrors))
	for i, e := range dial.DialErrors {
		reasons[i] = fmt.Sprintf("%s: %v", e.Address, e.Cause)
	}
	return strings.Join(reasons, "; ")
}

// resetCode is why the other side broke a stream off, if it did. What closing a QUIC stream returns is not in libp2p's terms.
func resetCode(err error) (network.StreamErrorCode, bool) {
	var reset *network.StreamError
	if errors.As(err, &reset) {
		return reset.ErrorCode, reset.Remote
	}
	var raw *quic.StreamError
	if errors.As(err, &raw) {
		return network.StreamErrorCode(raw.ErrorCode), raw.Remote
	}
	return 0, false
}

// streamError turns libp2p's reasons for a broken stream into this package's. It leaves
// io.EOF as it is, so that readers may compare with it.
func streamError(err error) error {
	if err == nil {
		return nil
	}
	if code, remote := resetCode(err); remote {
		switch code {
		case network.StreamGated, network.StreamRateLimited, network.StreamResourceLimitExceeded:
			return fmt.Errorf("%w: %w", ErrRefused, err)
		case network.StreamProtocolNegotiationFailed:
			return fmt.Errorf("%w: %w", ErrUnsupported, err)
		}
	}
	var gone *network.ConnError
	if errors.As(err, &gone) && gone.Remote && gone.ErrorCode == network.ConnGated {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	var unsupported multistream.ErrNotSupported[protocol.ID]
	if errors.As(err, &unsupported) {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() && !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err)
	}
	return err
}
