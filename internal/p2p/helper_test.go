package p2p

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	ma "github.com/multiformats/go-multiaddr"
	"go.uber.org/goleak"
)

// child names the environment variable that makes this binary be a host that a test in
// another process commands, instead of running the tests.
const child = "KITH_P2P_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv("GOLOG_LOG_LEVEL") == "" {
		LibraryLog(slog.NewTextHandler(io.Discard, nil))
	}
	if os.Getenv(child) != "" {
		os.Exit(play())
	}
	goleak.VerifyTestMain(m, libraryLeaks()...)
}

// libraryLeaks are goroutines that libraries start once and keep for good.
func libraryLeaks() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreTopFunction("github.com/ipfs/go-log/v2/writer.(*MirrorWriter).logRoutine"),
		goleak.IgnoreTopFunction("go.opencensus.io/stats/view.(*worker).start"),
		goleak.IgnoreAnyFunction("github.com/jackpal/go-nat-pmp.(*Client).rpc"),
	}
}

// friends is a Gate that tests change as they go.
type friends struct {
	mu  sync.Mutex
	all bool
	of  map[PeerKey]bool
}

func newFriends(keys ...PeerKey) *friends {
	f := &friends{of: make(map[PeerKey]bool)}
	for _, k := range keys {
		f.of[k] = true
	}
	return f
}

func everybody() *friends { f := newFriends(); f.all = true; return f }

func (f *friends) Known(k PeerKey) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all || f.of[k]
}

func (f *friends) set(k PeerKey, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.of[k] = known
}

// secretless signs but gives no access to the private key, as the rest of kith does.
type secretless struct{ key ed25519.PrivateKey }

func (s secretless) Public() crypto.PublicKey { return s.key.Public() }
func (s secretless) Sign(r io.Reader, m []byte, o crypto.SignerOpts) ([]byte, error) {
	return s.key.Sign(r, m, o)
}

func newIdentity(t testing.TB) (crypto.Signer, PeerKey) {
	t.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return secretless{priv}, PeerKey(pub)
}

// both transports on loopback.
func loopback() []string {
	return []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}
}

const (
	overTCP  = "/ip4/127.0.0.1/tcp/0"
	overQUIC = "/ip4/127.0.0.1/udp/0/quic-v1"
)

// start starts a host on loopback that knows everybody, unless changed.
func start(t testing.TB, change ...func(*Config)) *Host {
	t.Helper()
	id, _ := newIdentity(t)
	cfg := Config{Identity: id, Gate: everybody(), Listen: loopback(), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range change {
		f(&cfg)
	}
	h, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

func listenOn(addrs ...string) func(*Config) { return func(c *Config) { c.Listen = addrs } }
func gate(g Gate) func(*Config)              { return func(c *Config) { c.Gate = g } }

// echo answers with what it got, until the other side has written all.
func echo(_ context.Context, s *Stream) {
	if _, err := io.Copy(s, s); err != nil {
		s.Reset()
		return
	}
	_ = s.Close()
}

// within returns a context for one step of a test.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("did not happen: %s", what)
}

// ask opens a stream, writes a question, and returns what comes back.
func ask(ctx context.Context, h *Host, to PeerKey, protocol, question string, addrs ...string) (string, error) {
	s, err := h.Open(ctx, to, protocol, addrs...)
	if err != nil {
		return "", err
	}
	defer s.Reset()
	if deadline, ok := ctx.Deadline(); ok {
		if err := s.SetDeadline(deadline); err != nil {
			return "", err
		}
	}
	if _, err := s.Write([]byte(question)); err != nil {
		return "", err
	}
	if err := s.CloseWrite(); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(s)
	if err != nil {
		return "", err
	}
	return string(answer), s.Close()
}

// portText returns the port that a host listens on.
func portText(h *Host) string { return strconv.Itoa(portOf(ma.StringCast(h.ListenAddrs()[0]))) }
