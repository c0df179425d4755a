package p2p

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// overBoth runs a test over each transport.
func overBoth(t *testing.T, f func(t *testing.T, listen string)) {
	for name, listen := range map[string]string{"TCP": overTCP, "QUIC": overQUIC} {
		t.Run(name, func(t *testing.T) { f(t, listen) })
	}
}

func TestStreamCarriesBytesBothWays(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen))
		b.Handle("/test/echo", Known, echo)
		question := make([]byte, 3<<20)
		if _, err := rand.Read(question); err != nil {
			t.Fatal(err)
		}
		s, err := a.Open(within(t, time.Minute), b.Self(), "/test/echo", b.ListenAddrs()...)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Reset()
		go func() {
			if _, err := s.Write(question); err != nil {
				t.Error(err)
			}
			if err := s.CloseWrite(); err != nil {
				t.Error(err)
			}
		}()
		answer, err := io.ReadAll(s)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(question, answer) {
			t.Fatalf("%d bytes came back, and not the same ones", len(answer))
		}
		if s.Peer() != b.Self() || !s.LAN() || s.Relayed() || !strings.Contains(s.RemoteAddr(), "127.0.0.1") {
			t.Errorf("wrong about itself: %s %v %v %s", s.Peer(), s.LAN(), s.Relayed(), s.RemoteAddr())
		}
	})
}

func TestHandlerLearnsWhoCalls(t *testing.T) {
	a, b := start(t), start(t)
	who := make(chan PeerKey, 1)
	b.Handle("/test/who", Known, func(_ context.Context, s *Stream) {
		who <- s.Peer()
		_ = s.Close()
	})
	if _, err := ask(within(t, time.Minute), a, b.Self(), "/test/who", "", b.ListenAddrs()...); err != nil {
		t.Fatal(err)
	}
	if got := <-who; got != a.Self() {
		t.Errorf("told %s, it was %s", got, a.Self())
	}
}

func TestStreamOfUnknownProtocol(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen))
		_, err := ask(within(t, time.Minute), a, b.Self(), "/test/nothing", "hello", b.ListenAddrs()...)
		if !errors.Is(err, ErrUnsupported) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestStreamDeadline(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen))
		b.Handle("/test/mute", Known, func(ctx context.Context, _ *Stream) { <-ctx.Done() })
		s, err := a.Open(within(t, time.Minute), b.Self(), "/test/mute", b.ListenAddrs()...)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Reset()
		if _, err := s.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if err := s.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestStreamResetReachesTheOtherSide(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen))
		begun, seen := make(chan struct{}), make(chan error, 1)
		b.Handle("/test/read", Known, func(_ context.Context, s *Stream) {
			close(begun)
			_, err := io.ReadAll(s)
			seen <- err
		})
		s, err := a.Open(within(t, time.Minute), b.Self(), "/test/read", b.ListenAddrs()...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write([]byte("half a")); err != nil {
			t.Fatal(err)
		}
		<-begun
		s.Reset()
		if err := <-seen; err == nil {
			t.Error("a reset looks like the end of the stream")
		}
	})
}

func TestHandlerThatForgetsToCloseResets(t *testing.T) {
	a, b := start(t), start(t)
	b.Handle("/test/forget", Known, func(_ context.Context, s *Stream) { _, _ = s.Write([]byte("part")) })
	_, err := ask(within(t, time.Minute), a, b.Self(), "/test/forget", "x", b.ListenAddrs()...)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("half an answer ended with %v", err)
	}
}

func TestCloseDeliversWhatWasWritten(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		a, b := start(t, listenOn(listen)), start(t, listenOn(listen))
		got := make(chan string, 1)
		b.Handle("/test/take", Known, func(_ context.Context, s *Stream) {
			all, err := io.ReadAll(s)
			if err != nil {
				t.Error(err)
			}
			got <- string(all)
			_ = s.Close()
		})
		for range 20 {
			s, err := a.Open(within(t, time.Minute), b.Self(), "/test/take", b.ListenAddrs()...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Write([]byte("last words")); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s.Reset() // after Close it must not take anything back
			if words := <-got; words != "last words" {
				t.Fatalf("%q arrived", words)
			}
		}
	})
}
