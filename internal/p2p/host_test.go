package p2p

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"
)

func TestCloseIsQuickAndFinal(t *testing.T) {
	a, b := start(t), start(t)
	inside := make(chan struct{})
	b.Handle("/test/stay", Known, func(_ context.Context, s *Stream) {
		close(inside)
		_, _ = io.Copy(io.Discard, s) // ends only because the stream breaks
	})
	s, err := a.Open(within(t, time.Minute), b.Self(), "/test/stay", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-inside
	began := time.Now()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("closing took %v", time.Since(began)) // milliseconds, on a machine with nothing else to do
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := b.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, err := s.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("the stream to a closed host ended with %v", err)
	}
	if err := b.Connect(within(t, time.Second), a.Self(), a.ListenAddrs()); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed host dials: %v", err)
	}
	if _, err := b.Open(within(t, time.Second), a.Self(), "/test/stay"); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed host opens a stream: %v", err)
	}
	if _, err := b.Find(within(t, time.Second), a.Self()); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed host finds: %v", err)
	}
}

func TestCloseReportsAHandlerThatHangs(t *testing.T) {
	id, _ := newIdentity(t)
	b, err := Start(t.Context(), Config{Identity: id, Gate: everybody(), Listen: loopback()})
	if err != nil {
		t.Fatal(err)
	}
	inside, release := make(chan struct{}), make(chan struct{})
	b.Handle("/test/hang", Known, func(context.Context, *Stream) { close(inside); <-release })
	defer close(release)
	a := start(t)
	s, err := a.Open(within(t, time.Minute), b.Self(), "/test/hang", b.ListenAddrs()...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Reset()
	if _, err := s.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	<-inside
	if err := b.Close(); err == nil || !strings.Contains(err.Error(), "handlers still run") {
		t.Errorf("got %v", err)
	}
}

func TestCloseWhileEverythingIsUsed(t *testing.T) {
	a, b := start(t), start(t)
	b.Handle("/test/echo", Known, echo)
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for {
				_, err := ask(within(t, time.Minute), a, b.Self(), "/test/echo", "hi", b.ListenAddrs()...)
				_ = a.RemoteAddrs(b.Self())
				_ = a.Peers()
				a.Recheck(b.Self())
				a.Notify(func(PeerKey, bool) {})()
				if errors.Is(err, ErrClosed) {
					return
				}
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	users.Wait()
}

func TestConnectErrors(t *testing.T) {
	a := start(t)
	nobody := func() PeerKey { _, key := newIdentity(t); return key }
	gone := start(t)
	goneAddrs := gone.ListenAddrs()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	b := start(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx   context.Context // nil for one of this test's own
		peer  PeerKey
		addrs []string
		want  error
	}{
		"itself":               {nil, a.Self(), a.ListenAddrs(), ErrSelf},
		"no address":           {nil, nobody(), nil, ErrNoAddress},
		"garbage only":         {nil, nobody(), []string{"x", "/ip4/127.0.0.1/tcp/1/ws"}, ErrNoAddress},
		"beyond reach":         {nil, nobody(), []string{"/ip4/8.8.8.8/tcp/1", "/dns4/example.org/tcp/1"}, ErrNoAddress},
		"nobody there":         {nil, gone.Self(), goneAddrs, ErrUnreachable},
		"somebody else there":  {nil, nobody(), b.ListenAddrs(), ErrUnreachable},
		"given up by the user": {cancelled, b.Self(), b.ListenAddrs(), context.Canceled},
	} {
		if c.ctx == nil {
			c.ctx = within(t, time.Minute)
		}
		if err := a.Connect(c.ctx, c.peer, c.addrs); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if len(a.Peers()) != 0 {
		t.Error("connected to nobody")
	}
}

func TestConnectMayBeTriedAgainAtOnce(t *testing.T) {
	a := start(t)
	id, key := newIdentity(t)
	probe := start(t, listenOn(overTCP))
	addrs := probe.ListenAddrs()
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 { // libp2p by itself would now not try for seconds
		if err := a.Connect(within(t, time.Minute), key, addrs); !errors.Is(err, ErrUnreachable) {
			t.Fatalf("got %v", err)
		}
	}
	start(t, listenOn(addrs...), func(c *Config) { c.Identity = id })
	if err := a.Connect(within(t, time.Minute), key, addrs); err != nil {
		t.Errorf("the peer is back, but: %v", err)
	}
}

func TestPortsAreKeptAndShared(t *testing.T) {
	first := start(t)
	addrs := first.ListenAddrs()
	if len(addrs) != 2 || portOf(ma.StringCast(addrs[0])) == 0 {
		t.Fatalf("listens on %q", addrs)
	}
	if a, b := portOf(ma.StringCast(addrs[0])), portOf(ma.StringCast(addrs[1])); a != b {
		t.Errorf("TCP and QUIC got different ports, %d and %d", a, b)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, listenOn(addrs...))
	got := again.ListenAddrs()
	slices.Sort(got)
	slices.Sort(addrs)
	if !slices.Equal(got, addrs) {
		t.Errorf("listened on %q, now on %q", addrs, got)
	}
}

func TestTakenPortIsReplaced(t *testing.T) {
	// A second home on the same port, and a stranger's program on it: neither may be shared.
	first := start(t)
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	port := netip.MustParseAddrPort(tcp.Addr().String()).Port()
	udp, err := net.ListenPacket("udp4", "127.0.0.1:"+strconv.Itoa(int(port)))
	if err != nil {
		t.Skip("another program took the port")
	}
	defer udp.Close()
	for name, taken := range map[string][]string{
		"by a home":    first.ListenAddrs(),
		"by a program": {"/ip4/127.0.0.1/tcp/" + strconv.Itoa(int(port)), "/ip4/127.0.0.1/udp/" + strconv.Itoa(int(port)) + "/quic-v1"},
	} {
		var log strings.Builder
		second := start(t, listenOn(taken...), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		for _, addr := range second.ListenAddrs() {
			if slices.Contains(taken, addr) {
				t.Errorf("%s: shares %s", name, addr)
			}
		}
		if len(second.ListenAddrs()) != 2 {
			t.Errorf("%s: listens on %q", name, second.ListenAddrs())
		}
		if !strings.Contains(log.String(), "port is taken") {
			t.Errorf("%s: the log says %q", name, log.String())
		}
	}
}

func TestListenFailures(t *testing.T) {
	id, _ := newIdentity(t)
	h, err := Start(t.Context(), Config{Identity: id, Gate: everybody(), Listen: []string{"/ip4/192.0.2.1/tcp/0"}})
	if err == nil {
		_ = h.Close()
		t.Error("started on an address that is not ours")
	}
	some := start(t, listenOn("/ip4/192.0.2.1/tcp/0", overTCP))
	if got := some.ListenAddrs(); len(got) != 1 {
		t.Errorf("listens on %q", got)
	}
	if none := start(t, listenOn()); len(none.ListenAddrs()) != 0 {
		t.Errorf("was told not to listen, but does on %q", none.ListenAddrs())
	}
}

func TestConfigIsChecked(t *testing.T) {
	id, _ := newIdentity(t)
	for name, change := range map[string]func(*Config){
		"no gate":           func(c *Config) { c.Gate = nil },
		"reach":             func(c *Config) { c.Reach = 7 },
		"listen garbage":    func(c *Config) { c.Listen = []string{"0.0.0.0:4848"} },
		"listen on a name":  func(c *Config) { c.Listen = []string{"/dns4/localhost/tcp/1"} },
		"listen websocket":  func(c *Config) { c.Listen = []string{"/ip4/127.0.0.1/tcp/1/ws"} },
		"too many":          func(c *Config) { c.Listen = slices.Repeat(loopback(), 100) },
		"bootstrap no peer": func(c *Config) { c.Bootstrap = loopback() },
		"relay garbage":     func(c *Config) { c.Relays = []string{"x"} },
		"service":           func(c *Config) { c.Service = "kith" },
	} {
		cfg := Config{Identity: id, Gate: everybody(), Listen: loopback()}
		change(&cfg)
		if h, err := Start(t.Context(), cfg); err == nil {
			t.Errorf("%s: started", name)
			_ = h.Close()
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Start(cancelled, Config{Identity: id, Gate: everybody()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled start: %v", err)
	}
}

func TestNotify(t *testing.T) {
	known := newFriends()
	a, b, c := start(t, gate(known)), start(t), start(t)
	known.set(b.Self(), true)
	type seen struct {
		peer PeerKey
		on   bool
	}
	events := make(chan seen, 16)
	expect := func(want seen) {
		t.Helper()
		select {
		case got := <-events:
			if got != want {
				t.Fatalf("told %v, want %v", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("not told %v", want)
		}
	}
	stop := a.Notify(func(p PeerKey, on bool) { events <- seen{p, on} })
	ctx := within(t, time.Minute)
	if err := c.Connect(ctx, a.Self(), a.ListenAddrs()); err != nil { // a stranger, of whom nothing is told
		t.Fatal(err)
	}
	if err := a.Connect(ctx, b.Self(), b.ListenAddrs()); err != nil {
		t.Fatal(err)
	}
	expect(seen{b.Self(), true})
	if got := a.Peers(); len(got) != 1 || got[0] != b.Self() {
		t.Errorf("peers: %v", got)
	}
	known.set(c.Self(), true) // the stranger becomes a friend
	a.Recheck(c.Self())
	expect(seen{c.Self(), true})

	late := make(chan PeerKey, 4) // a late caller learns how things stand
	defer a.Notify(func(p PeerKey, on bool) { late <- p })()
	first, second := <-late, <-late
	if first == second {
		t.Errorf("told twice of %v", first)
	}
	known.set(b.Self(), false)
	a.Recheck(b.Self())
	expect(seen{b.Self(), false})
	stop()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if p := <-late; p != b.Self() {
		t.Errorf("told of %v", p)
	}
	if p := <-late; p != c.Self() {
		t.Errorf("told of %v", p)
	}
	select {
	case e := <-events:
		t.Errorf("told %v after stop", e)
	default:
	}
}

func TestSecondConnectionsAreClosed(t *testing.T) {
	a, b := start(t), start(t)
	if a.host.ID() > b.host.ID() {
		a, b = b, a
	}
	ctx := within(t, time.Minute)
	if err := a.Connect(ctx, b.Self(), b.ListenAddrs()); err != nil {
		t.Fatal(err)
	}
	tcp := a.swarm.ConnsToPeer(b.Self().id())[0]
	quic := ma.StringCast(b.ListenAddrs()[1])
	second, err := a.swarm.TransportForDialing(quic).Dial(ctx, quic, b.Self().id())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	eventually(t, "b has two connections", func() bool { return len(b.swarm.ConnsToPeer(a.Self().id())) == 2 })
	conns := b.swarm.ConnsToPeer(a.Self().id())
	eventually(t, "both are unused", func() bool { return conns[0].Stat().NumStreams+conns[1].Stat().NumStreams == 0 })
	if !better(conns[0], conns[1]) || better(conns[1], conns[0]) {
		t.Error("the older connection is not the better one")
	}
	a.closeSpare()
	b.closeSpare()
	if tcp.IsClosed() {
		t.Error("closed the only connection it has")
	}
}

func TestStartAgainInTheSameProcess(t *testing.T) {
	id, _ := newIdentity(t)
	for range 10 {
		h, err := Start(t.Context(), Config{Identity: id, Gate: everybody(), Listen: loopback()})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
