package replicate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kith/internal/oplog"
)

// read takes the peer's messages until the stream ends. If the session ends before, it goes on for the moment
// that the peer needs to take our last message: to close at once might lose it.
func (s *Session) read(ctx context.Context) error {
	err := s.readMessages(ctx)
	s.fail(err)
	if _, tell := reasonOf(context.Cause(ctx)); tell {
		_, _ = io.Copy(io.Discard, s.stream)
	}
	return nil
}

// readMessages hands runs to ingest and the rest to control.
func (s *Session) readMessages(ctx context.Context) error {
	frames := newFrameReader(s.stream, func() {
		s.fail(fmt.Errorf("%w: in the middle of a message", ErrSlow))
		s.closeStream()
	})
	limit := maxHello
	talk := newThrottle(time.Now())
	for {
		k, body, err := frames.next(limit)
		switch {
		case errors.Is(err, io.EOF):
			return errDone
		case errors.Is(err, ErrProtocol):
			return err
		case err != nil:
			return streamError(err)
		case ctx.Err() != nil:
			return nil
		}
		s.stats.received(frameExtra + len(body))
		s.lastReceived.Store(time.Now().UnixNano())
		m, err := decode(k, body)
		if err != nil {
			return err
		}
		if (k == kindHello) != (limit == maxHello) {
			return broken("kind %d as the first message, or HELLO as a later one", k)
		}
		switch m := m.(type) {
		case *helloMessage:
			limit = MaxMessage
			if err := s.greet(m); err != nil {
				return err
			}
		case *runsMessage:
			if err := s.receive(ctx, m, frameExtra+len(body)); err != nil {
				return err
			}
			continue
		case *creditMessage:
			if err := s.flow.giveBack(int(m.Bytes), time.Now()); err != nil {
				return err
			}
			poke(s.jobs.wake)
			continue
		case *aliveMessage:
			continue
		case *byeMessage:
			if m.Reason == reasonDone {
				return errDone
			}
			if m.Reason == reasonStranger {
				return fmt.Errorf("%w: %w", ErrEnded, ErrUnwelcome)
			}
			return fmt.Errorf("%w: %v", ErrEnded, m.Reason)
		}
		if wait := talk.take(effort(m), time.Now()); wait > 0 {
			if err := sleep(ctx, wait); err != nil {
				return err
			}
		}
		select {
		case s.inbox <- m:
		case <-ctx.Done():
			return nil
		}
	}
}

// effort is how many tokens of the throttle a message costs: the steps of about 20 µs that it makes us go.
func effort(m message) int {
	switch m := m.(type) {
	case *offerMessage: // may cost an HMAC for each space that we hold
		return 100 + len(m.Items)/offerItem/4
	case *answerMessage:
		return 1 + len(m.Answers)
	case *summaryMessage:
		return 40
	case *frontierMessage:
		return 40 + len(m.Heads)/16
	case *wantMessage:
		return 20 + len(m.Logs)/16
	case *haveMessage:
		return 10 + len(m.Pieces)/16
	case *keyAskMessage:
		return 8 * len(m.Epochs)
	case *keysMessage:
		return 8 * len(m.Keys)
	}
	return 1
}

// sleep waits, or returns the error of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// greet takes the peer's HELLO.
func (s *Session) greet(m *helloMessage) error {
	if m.Least > Version || m.Most < Version {
		return fmt.Errorf("%w: the peer speaks %d to %d", ErrVersion, m.Least, m.Most)
	}
	if m.Dialed == s.config.Dialed {
		return broken("both sides or neither opened the stream")
	}
	if s.config.Dialed {
		s.session = deriveSession(s.nonce, m.Nonce, s.config.Us, s.config.Them)
	} else {
		s.session = deriveSession(m.Nonce, s.nonce, s.config.Them, s.config.Us)
	}
	s.flow.allow(int(min(m.Window, largestWindow)))
	return nil
}

// receive takes runs off the stream and queues them for ingest. It waits while too much is queued that was
// pushed; bulk never makes it wait, because the peer keeps within the window.
func (s *Session) receive(ctx context.Context, m *runsMessage, size int) error {
	s.stats.runsIn.Add(int64(len(m.Runs)))
	s.stats.entriesIn.Add(int64(m.entries()))
	if !s.known.Load() && s.introduction.Add(int64(size)) > introductionBytes {
		return fmt.Errorf("%w: %d bytes did not introduce it", ErrStranger, introductionBytes)
	}
	space := s.spaces.tagged(m.Tag)
	if m.Want == 0 {
		if space == nil {
			return nil // pushed before it was agreed that both know the space, or not for us
		}
		if err := s.arrived.room.Acquire(ctx, int64(size)); err != nil {
			return err
		}
		return s.queue(m, &parcel{space: space, size: size})
	}
	if s.bulkOpen.Add(int64(size)) > bulkWindow {
		return broken("more bulk than the window of %d bytes", bulkWindow)
	}
	s.lastProgress.Store(time.Now().UnixNano())
	if space == nil {
		return broken("RUNS for a space that was not agreed upon")
	}
	return s.queue(m, &parcel{space: space, want: m.Want, final: m.Final, size: size})
}

// queue unpacks a message into its parcel and hands it to ingest.
func (s *Session) queue(m *runsMessage, p *parcel) error {
	runs, err := m.unpack(p.space.id)
	if err != nil {
		return err
	}
	if p.want != 0 {
		if err := s.asks.answered(p, runs); err != nil {
			return err
		}
	}
	for i := range runs {
		if runs[i].Log.Lane == oplog.Control || p.space.member.Load() {
			p.runs = append(p.runs, runs[i])
		}
	}
	s.arrived.put(p)
	return nil
}
