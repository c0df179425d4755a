package p2p

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// pipe is one end of a stream, ours or libp2p's own.
type pipe interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// forEachPair runs a benchmark with our hosts and with libp2p's as they come, over each
// transport.
func forEachPair(b *testing.B, serve func(io.ReadWriteCloser), run func(b *testing.B, open func() pipe)) {
	for name, listen := range map[string]string{"TCP": overTCP, "QUIC": overQUIC} {
		b.Run(name+"/kith", func(b *testing.B) {
			x, y := start(b, listenOn(listen)), start(b, listenOn(listen))
			y.Handle("/bench", Known, func(_ context.Context, s *Stream) { serve(s) })
			run(b, func() pipe {
				s, err := x.Open(context.Background(), y.Self(), "/bench", y.ListenAddrs()...)
				if err != nil {
					b.Fatal(err)
				}
				return s
			})
		})
		b.Run(name+"/libp2p", func(b *testing.B) {
			x, y := bare(b, listen), bare(b, listen)
			y.SetStreamHandler("/bench", func(s network.Stream) { serve(s) })
			run(b, func() pipe {
				ctx := context.Background()
				if err := x.Connect(ctx, peer.AddrInfo{ID: y.ID(), Addrs: y.Addrs()}); err != nil {
					b.Fatal(err)
				}
				s, err := x.NewStream(ctx, y.ID(), "/bench")
				if err != nil {
					b.Fatal(err)
				}
				return s
			})
		})
	}
}

// bare starts a libp2p host with its own defaults.
func bare(tb testing.TB, listen string) host.Host {
	tb.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings(listen), libp2p.DisableRelay(), libp2p.DisableMetrics())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = h.Close() })
	return h
}

func BenchmarkThroughput(b *testing.B) {
	const size = 64 << 20
	forEachPair(b, func(s io.ReadWriteCloser) {
		_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, s, make([]byte, 256<<10))
		_ = s.Close()
	}, func(b *testing.B, open func() pipe) {
		chunk := make([]byte, 1<<20)
		b.SetBytes(size)
		for b.Loop() {
			s := open()
			for range size / len(chunk) {
				if _, err := s.Write(chunk); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.CloseWrite(); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Read(chunk[:1]); err != io.EOF {
				b.Fatal(err)
			}
			_ = s.Close()
		}
	})
}

func BenchmarkQuestion1KiB(b *testing.B) {
	forEachPair(b, func(s io.ReadWriteCloser) {
		buf := make([]byte, 1<<10)
		for {
			if _, err := io.ReadFull(s, buf); err != nil {
				return
			}
			if _, err := s.Write(buf); err != nil {
				return
			}
		}
	}, func(b *testing.B, open func() pipe) {
		s := open()
		defer s.Close()
		buf := make([]byte, 1<<10)
		for b.Loop() {
			if _, err := s.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(s, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNewStream1KiB(b *testing.B) {
	forEachPair(b, func(s io.ReadWriteCloser) {
		_, _ = io.Copy(s, s)
		_ = s.Close()
	}, func(b *testing.B, open func() pipe) {
		_ = open().Close()
		buf := make([]byte, 1<<10)
		for b.Loop() {
			s := open()
			if _, err := s.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(s, buf); err != nil {
				b.Fatal(err)
			}
			_ = s.Close()
		}
	})
}

// BenchmarkDial measures from nothing to the first answer over a new connection.
func BenchmarkDial(b *testing.B) {
	for name, listen := range map[string]string{"TCP": overTCP, "QUIC": overQUIC} {
		b.Run(name, func(b *testing.B) {
			x, y := start(b, listenOn(listen)), start(b, listenOn(listen))
			y.Handle("/bench", Known, echo)
			at := ma.StringCast(y.ListenAddrs()[0])
			ctx := context.Background()
			for b.Loop() {
				if answer, err := ask(ctx, x, y.Self(), "/bench", "x", at.String()); answer != "x" || err != nil {
					b.Fatal(err)
				}
				if err := x.swarm.ClosePeer(y.Self().id()); err != nil {
					b.Fatal(err)
				}
				for y.Connected(x.Self()) {
					time.Sleep(50 * time.Microsecond)
				}
			}
		})
	}
}

func BenchmarkStart(b *testing.B) {
	for _, reach := range []Reach{HomeOnly} {
		b.Run(fmt.Sprint(reach), func(b *testing.B) {
			id, _ := newIdentity(b)
			for b.Loop() {
				h, err := Start(b.Context(), Config{Identity: id, Gate: everybody(), Reach: reach, Listen: DefaultListen(0)})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := h.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
