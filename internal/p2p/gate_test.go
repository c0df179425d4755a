package p2p

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"
)

func TestStrangersStreamIsResetBeforeAByteIsRead(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		known := newFriends()
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen), gate(known))
		var calls atomic.Int32
		b.Handle("/test/private", Known, func(ctx context.Context, s *Stream) { calls.Add(1); echo(ctx, s) })
		_, err := ask(within(t, time.Minute), a, b.Self(), "/test/private", "let me in", b.ListenAddrs()...)
		if !errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
		if calls.Load() != 0 {
			t.Error("the handler saw the stranger")
		}

		known.set(a.Self(), true) // the same connection, the next stream
		b.Recheck(a.Self())
		if answer, err := ask(within(t, time.Minute), a, b.Self(), "/test/private", "hello"); answer != "hello" || err != nil {
			t.Errorf("a friend got %q, %v", answer, err)
		}
	})
}

func TestUnfriendingEndsStreamsAndConnections(t *testing.T) {
	known := newFriends()
	a, b := start(t), start(t, gate(known))
	known.set(a.Self(), true)
	begun, ended := make(chan struct{}, 1), make(chan error, 1)
	b.Handle("/test/long", Known, func(_ context.Context, s *Stream) {
		begun <- struct{}{}
		_, err := io.Copy(io.Discard, s)
		ended <- err
	})
	s, err := a.Open(within(t, time.Minute), b.Self(), "/test/long", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	if _, err := s.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	<-begun
	if n := len(b.Peers()); n != 1 {
		t.Errorf("%d peers", n)
	}

	known.set(a.Self(), false)
	b.Recheck(a.Self())
	if err := <-ended; err == nil {
		t.Error("the stream ended as if all was said")
	}
	eventually(t, "the connection ends", func() bool { return !b.Connected(a.Self()) && !a.Connected(b.Self()) })
	if _, err := ask(within(t, time.Minute), a, b.Self(), "/test/long", "again?", b.ListenAddrs()...); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func TestAnyoneMaySpeakAProtocolOfScopeAnyone(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen), gate(newFriends()))
		b.Handle("/test/hello", Anyone, echo)
		if answer, err := ask(within(t, time.Minute), a, b.Self(), "/test/hello", "hi", b.ListenAddrs()...); answer != "hi" || err != nil {
			t.Errorf("got %q, %v", answer, err)
		}
	})
}

func TestStrangersStreamIsBoundedInBytes(t *testing.T) {
	a, b := start(t), start(t, gate(newFriends()))
	seen := make(chan error, 1)
	b.Handle("/test/hello", Anyone, func(_ context.Context, s *Stream) {
		n, err := io.Copy(io.Discard, s)
		if n > maxStrangerBytes {
			t.Errorf("%d bytes got through", n)
		}
		seen <- err
	})
	s, err := a.Open(within(t, time.Minute), b.Self(), "/test/hello", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	for chunk := make([]byte, 64<<10); err == nil; {
		_, err = s.Write(chunk)
	}
	if err := <-seen; !errors.Is(err, ErrLimit) {
		t.Errorf("the handler got %v", err)
	}

	b.Handle("/test/talk", Anyone, func(_ context.Context, s *Stream) {
		var err error
		for chunk := make([]byte, 64<<10); err == nil; {
			_, err = s.Write(chunk)
		}
		seen <- err
	})
	s, err = a.Open(within(t, time.Minute), b.Self(), "/test/talk", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	n, _ := io.Copy(io.Discard, s)
	if err := <-seen; !errors.Is(err, ErrLimit) || n > maxStrangerBytes {
		t.Errorf("the handler wrote %d bytes and got %v", n, err)
	}
}

func TestFriendsStreamOfScopeAnyoneIsNotBounded(t *testing.T) {
	a, b := start(t), start(t)
	b.Handle("/test/hello", Anyone, func(_ context.Context, s *Stream) {
		if n, err := io.Copy(io.Discard, s); n != 2*maxStrangerBytes || err != nil {
			t.Errorf("got %d bytes, %v", n, err)
			return
		}
		_ = s.Close()
	})
	_, err := ask(within(t, time.Minute), a, b.Self(), "/test/hello", string(make([]byte, 2*maxStrangerBytes)), b.ListenAddrs()...)
	if err != nil {
		t.Error(err)
	}
}

func TestStrangerCannotExtendItsTime(t *testing.T) {
	a, b := start(t), start(t, gate(newFriends()))
	seen := make(chan error, 1)
	b.Handle("/test/hello", Anyone, func(ctx context.Context, s *Stream) {
		if end, ok := ctx.Deadline(); !ok || time.Until(end) > strangerStreamLife {
			t.Errorf("the handler may run until %v", end)
		}
		s.share.until = time.Now().Add(100 * time.Millisecond) // as if a minute had passed
		if err := s.SetDeadline(time.Time{}); err != nil {
			t.Error(err)
		}
		_, err := io.Copy(io.Discard, s)
		if ctx.Err() != nil {
			t.Error("only the end of the whole handler stopped it")
		}
		seen <- err
	})
	s, err := a.Open(within(t, time.Minute), b.Self(), "/test/hello", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	if _, err := s.Write([]byte("I have all day")); err != nil {
		t.Fatal(err)
	}
	if err := <-seen; !errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
}

func TestStrangerOpensFewStreamsAtOnce(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen), gate(newFriends()))
		release := make(chan struct{})
		b.Handle("/test/hello", Anyone, func(_ context.Context, s *Stream) {
			if _, err := s.Write([]byte("come in")); err != nil {
				return
			}
			<-release
		})
		defer close(release)
		let, refused := 0, 0
		ctx := within(t, time.Minute)
		for range 2 * maxAnyonePerPeer {
			s, err := a.Open(ctx, b.Self(), "/test/hello", b.ListenAddrs()...)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Reset()
			_, err = s.Read(make([]byte, 1))
			switch {
			case err == nil:
				let++
			case errors.Is(err, ErrRefused):
				refused++
			default:
				t.Fatal(err)
			}
		}
		if let != maxAnyonePerPeer || refused != maxAnyonePerPeer {
			t.Errorf("%d streams at once, %d refused", let, refused)
		}
	})
}

func TestStrangerOpensStreamsSlowly(t *testing.T) {
	a, b := start(t), start(t, gate(newFriends()))
	b.Handle("/test/hello", Anyone, echo)
	ctx := within(t, time.Minute)
	served, began := 0, time.Now()
	for range 3 * anyoneBurstPerPeer {
		if answer, err := ask(ctx, a, b.Self(), "/test/hello", "hi", b.ListenAddrs()...); err == nil && answer == "hi" {
			served++
		} else if !errors.Is(err, ErrRefused) {
			t.Fatalf("after %d: %v", served, err)
		}
	}
	if most := anyoneBurstPerPeer + 1 + int(time.Since(began).Seconds()*anyoneRatePerPeer); served < anyoneBurstPerPeer || served > most {
		t.Errorf("%d streams served in a row", served)
	}
}
