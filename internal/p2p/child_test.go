package p2p

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// order is what a test tells a host in another process to do.
type order struct {
	Do    string // start, addrs, connect, ask, drop, find, peers, silence, flood
	Seed  byte   // start: makes the key
	Know  []PeerKey
	All   bool // start: knows everybody
	Cfg   Config
	Peer  PeerKey
	Addrs []string
	Text  string
	Count int
	From  []string // silence: IP addresses to call from
}

// report is what it says then.
type report struct {
	Key   PeerKey
	Addrs []string // own ones, or found ones
	Full  []string
	Peers []PeerKey
	Text  string
	Count int
	Took  time.Duration
	Err   string
}

// keyOfSeed is the identity that child hosts have.
func keyOfSeed(seed byte) ed25519.PrivateKey {
	s := make([]byte, ed25519.SeedSize)
	s[0] = seed
	return ed25519.NewKeyFromSeed(s)
}

func peerOfSeed(seed byte) PeerKey { return PeerKey(keyOfSeed(seed).Public().(ed25519.PublicKey)) }

// play is the main function of a child: it carries out orders from standard input until that
// ends, and reports on standard output.
func play() int {
	var c cast
	defer c.close()
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var o order
		var r report
		if err := json.Unmarshal(in.Bytes(), &o); err != nil {
			r.Err = err.Error()
		} else if err := c.do(o, &r); err != nil {
			r.Err = err.Error()
		}
		if out.Encode(r) != nil {
			return 1
		}
	}
	return 0
}

// cast is what a child consists of.
type cast struct {
	h     *Host
	crowd []*Host
	calls []net.Conn
	work  sync.WaitGroup
}

func (c *cast) close() {
	for _, call := range c.calls {
		_ = call.Close()
	}
	for _, h := range append(c.crowd, c.h) {
		if h != nil {
			c.work.Go(func() { _ = h.Close() })
		}
	}
	c.work.Wait()
}

func (c *cast) do(o order, r *report) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	began := time.Now()
	defer func() { r.Took = time.Since(began) }()
	switch o.Do {
	case "start":
		known := newFriends(o.Know...)
		known.all = o.All
		o.Cfg.Identity, o.Cfg.Gate = secretless{keyOfSeed(o.Seed)}, known
		o.Cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		h, err := Start(ctx, o.Cfg)
		if err != nil {
			return err
		}
		c.h = h
		h.lookups.first = 0 // results change quickly in a test
		h.Handle("/test/echo", Known, echo)
		h.Handle("/test/hello", Anyone, echo)
		r.Key, r.Addrs, r.Full = h.Self(), h.Addrs(100), h.FullAddrs()
		return nil
	case "addrs":
		r.Addrs = c.h.Addrs(100)
		return nil
	case "connect":
		return c.h.Connect(ctx, o.Peer, o.Addrs)
	case "ask":
		s, err := c.h.Open(ctx, o.Peer, "/test/echo", o.Addrs...)
		if err != nil {
			return err
		}
		defer s.Reset()
		r.Addrs = []string{s.RemoteAddr()}
		if s.Relayed() {
			r.Count = 1
		}
		if _, err := io.WriteString(s, o.Text); err != nil {
			return err
		}
		if err := s.CloseWrite(); err != nil {
			return err
		}
		answer, err := io.ReadAll(s)
		r.Text = string(answer)
		return err
	case "drop":
		return c.h.swarm.ClosePeer(o.Peer.id())
	case "find":
		addrs, err := c.h.Find(ctx, o.Peer)
		r.Addrs = addrs
		return err
	case "peers":
		r.Peers = c.h.Peers()
		return nil
	case "silence":
		return c.silence(ctx, o, r)
	case "flood":
		return c.flood(ctx, o, r)
	}
	return fmt.Errorf("no such order: %q", o.Do)
}

// silence opens TCP connections, from several addresses, over which nothing is ever said.
func (c *cast) silence(ctx context.Context, o order, r *report) error {
	for i := range o.Count {
		d := net.Dialer{Timeout: time.Second}
		if len(o.From) > 0 {
			d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(o.From[i%len(o.From)])}
		}
		call, err := d.DialContext(ctx, "tcp", o.Text)
		if err != nil {
			continue // turned away, which is what the test wants
		}
		r.Count++
		c.calls = append(c.calls, call)
	}
	return nil
}

// flood starts as many strangers, who then all try to get in, again and again.
func (c *cast) flood(ctx context.Context, o order, r *report) error {
	for range o.Count {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return err
		}
		h, err := Start(ctx, Config{Identity: key, Gate: newFriends()})
		if err != nil {
			return err
		}
		c.crowd = append(c.crowd, h)
	}
	for _, h := range c.crowd {
		c.work.Go(func() {
			for h.ctx.Err() == nil {
				h.pester(o.Peer, o.Addrs)
				select {
				case <-h.ctx.Done():
				case <-time.After(time.Second):
				}
			}
		})
	}
	r.Count = o.Count
	return nil
}

// pester opens streams of all sorts to somebody and writes junk into them.
func (h *Host) pester(to PeerKey, addrs []string) {
	ctx, cancel := context.WithTimeout(h.ctx, 10*time.Second)
	defer cancel()
	junk := make([]byte, 128<<10)
	for _, protocol := range []string{"/test/hello", "/test/echo", "/ipfs/id/push/1.0.0", "/test/none"} {
		for range 4 {
			s, err := h.Open(ctx, to, protocol, addrs...)
			if err != nil {
				return
			}
			_ = s.SetDeadline(time.Now().Add(5 * time.Second))
			go func() { _, _ = s.Write(junk) }()
		}
	}
}

// actor is a host in another process, seen from the test.
type actor struct {
	t   *testing.T
	in  *json.Encoder
	out *bufio.Scanner
}

// hire starts a process, in a network namespace if one is named.
func hire(t *testing.T, namespace string) *actor {
	t.Helper()
	args := []string{os.Args[0]}
	if namespace != "" {
		args = append([]string{"ip", "netns", "exec", namespace}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), child+"=1")
	if testing.Verbose() {
		cmd.Stderr = os.Stderr
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("a child ended with %v", err)
		}
	})
	a := &actor{t: t, in: json.NewEncoder(in), out: bufio.NewScanner(out)}
	a.out.Buffer(nil, 1<<20)
	return a
}

// try has an order carried out.
func (a *actor) try(o order) report {
	a.t.Helper()
	if err := a.in.Encode(o); err != nil {
		a.t.Fatal(err)
	}
	if !a.out.Scan() {
		a.t.Fatalf("a child died over %q", o.Do)
	}
	var r report
	if err := json.Unmarshal(a.out.Bytes(), &r); err != nil {
		a.t.Fatalf("a child says %q: %v", a.out.Text(), err)
	}
	return r
}

// must is try for orders that have to work.
func (a *actor) must(o order) report {
	a.t.Helper()
	r := a.try(o)
	if r.Err != "" {
		a.t.Fatalf("%s: %s", o.Do, r.Err)
	}
	return r
}
