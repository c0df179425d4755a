package replicate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kith/internal/key"
)

// Config says between whom a session is.
type Config struct {
	// Us and Them are the network keys of the two devices, as the transport proved them.
	Us, Them key.PeerKey
	// Dialed tells whether we opened the stream.
	Dialed bool
	// Log receives what an operator may want to know; nil for nothing.
	Log *slog.Logger
	// Random is where the nonce comes from; nil for crypto/rand. Tests set it.
	Random io.Reader
}

// Session is one side of a conversation with one peer. Make it with New and call Run once. All other methods
// may be called at any time, from anywhere; they return at once and do nothing after the session has ended.
type Session struct {
	stream io.ReadWriteCloser
	local  Local
	config Config
	log    *slog.Logger

	ctx       context.Context // ends with the session
	cancel    context.CancelCauseFunc
	closeOnce sync.Once

	nonce   nonce
	session sessionKey // set by read before control hears of HELLO
	spaces  spaceTable
	inbox   chan message // from read to control
	mail    mailbox      // from everybody to control
	talk    conversation // owned by control
	asks    asks
	arrived arrivals
	jobs    jobs
	flow    *flow
	out     *outbox
	stats   counters

	known        atomic.Bool // whether we know the peer's device
	introduction atomic.Int64
	hungry       atomic.Bool  // whether control waits for the outbox to become empty
	bulkOpen     atomic.Int64 // bytes of bulk received and not given back
	lastSent     atomic.Int64 // Unix nanoseconds, as the next two
	lastReceived atomic.Int64
	lastProgress atomic.Int64 // an answer to a want arrived or was stored
}

// inboxSize is how many messages wait for control before the peer is read more slowly.
const inboxSize = 16

// New makes a session over a stream. Close of the stream must end Reads and Writes that wait; where the stream
// has a CloseWrite method (which ends only our half), the last message is sure to arrive.
func New(stream io.ReadWriteCloser, local Local, config Config) *Session {
	s := &Session{
		stream: stream, local: local, config: config, log: config.Log,
		inbox: make(chan message, inboxSize), flow: newFlow(), out: newOutbox(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.mail.init()
	s.arrived.init()
	s.jobs.init()
	return s
}

// Run holds the conversation until the stream or ctx ends. It closes the stream, and when it returns nothing
// of the session runs any more. It returns nil if the peer ended in good order, the cause of ctx's end if that
// ended, and otherwise one of the errors of this package, or an error of the stream.
func (s *Session) Run(ctx context.Context) error {
	random := s.config.Random
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, s.nonce[:]); err != nil {
		s.closeStream()
		return fmt.Errorf("replicate: nonce: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { s.fail(context.Cause(ctx)) })
	defer stop()
	// However the session ends, the stream is closed soon, and that ends what waits for the peer.
	closer := time.AfterFunc(byeTimeout, s.closeStream)
	closer.Stop()
	defer closer.Stop()
	defer context.AfterFunc(s.ctx, func() { closer.Reset(byeTimeout) })()

	now := time.Now()
	for _, at := range []*atomic.Int64{&s.lastSent, &s.lastReceived, &s.lastProgress} {
		at.Store(now.UnixNano())
	}
	hello := &helloMessage{Least: Version, Most: Version, Dialed: s.config.Dialed, Nonce: s.nonce, Window: bulkWindow}
	if err := s.send(hello); err != nil {
		return err
	}
	var tasks sync.WaitGroup
	for _, task := range []func(context.Context) error{s.read, s.write, s.control, s.serve, s.ingest} {
		tasks.Go(func() { s.fail(task(s.ctx)) })
	}
	tasks.Wait()
	s.closeStream()
	s.mail.close()
	s.asks.releaseAll(s.local)
	err := context.Cause(s.ctx)
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// fail ends the session with the first error that comes; nil is none.
func (s *Session) fail(err error) {
	if err != nil {
		s.cancel(err)
	}
}

func (s *Session) closeStream() {
	s.closeOnce.Do(func() {
		if err := s.stream.Close(); err != nil {
			s.log.Debug("close of a sync stream failed", "peer", s.config.Them.String(), "error", err)
		}
	})
}

// send queues a message that goes first.
func (s *Session) send(m message) error {
	framed, err := frame(m)
	if err != nil {
		return err
	}
	return s.out.put(framed)
}

// from is the direction of what we send, to of what we receive.
func (s *Session) from() direction {
	if s.config.Dialed {
		return fromDialer
	}
	return fromAcceptor
}

func (s *Session) to() direction {
	if s.config.Dialed {
		return fromAcceptor
	}
	return fromDialer
}

// farewell tells the peer why the session ends, if there is a use in it, and closes the stream: where it can
// be closed by halves, not before the peer has had a moment to take the message.
func (s *Session) farewell(flush func([]byte) error) {
	if why, tell := reasonOf(context.Cause(s.ctx)); tell {
		framed, err := frame(&byeMessage{Reason: why})
		if err == nil && flush(framed) == nil {
			s.stats.sent(framed)
			if half, ok := s.stream.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
				return
			}
		}
	}
	s.closeStream()
}
