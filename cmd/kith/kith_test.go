package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/api"
	"kith/internal/api/apitest"
)

func TestMain(m *testing.M) {
	testscript.Main(leaks{m}, map[string]func(){
		"kith":           main,
		"kith-in-memory": mainInMemory,
	})
}

// leaks runs all tests, and then looks for goroutines that were left.
type leaks struct{ *testing.M }

func (l leaks) Run() int {
	code := l.M.Run()
	if code != 0 {
		return code
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// mainInMemory is main with a home in memory.
func mainInMemory() {
	ctx, stop := signalled()
	code := program{open: inMemory(new(apitest.Home), nil)}.main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}

// blank is a page for homes in memory.
type blank struct{ closed chan struct{} }

func (b blank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/stream" { // stays open until the pages are closed, as a stream of events does
		w.WriteHeader(http.StatusOK)
		http.NewResponseController(w).Flush()
		select {
		case <-b.closed:
		case <-r.Context().Done():
		}
		return
	}
	w.Write([]byte("the page of " + r.Host))
}

func (b blank) Close() error { close(b.closed); return nil }

// inMemory opens a home in memory. gate, if it is not nil, gets the gate of each home that is opened.
func inMemory(h *apitest.Home, gate func(*access.Gate)) opener {
	return func(ctx context.Context, s settings, at place, _ *slog.Logger) (*home, error) {
		g, err := access.New(ctx, new(accesstest.Memory))
		if err != nil {
			return nil, err
		}
		if gate != nil {
			gate(g)
		}
		return &home{social: h, gate: g, pages: blank{make(chan struct{})}, close: func() error { return nil }}, nil
	}
}

// fixture is a folder, a home in memory that may run in it, and the command line.
type fixture struct {
	t    *testing.T
	dir  string
	home *apitest.Home
	gate *access.Gate
	env  map[string]string

	stop  context.CancelFunc // ends the running home
	ended chan int           // its exit code
	said  *lockedBuffer      // what it wrote
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, dir: t.TempDir(), home: new(apitest.Home), env: map[string]string{}}
	t.Cleanup(func() {
		if f.stop != nil {
			f.stop()
			<-f.ended
		}
	})
	return f
}

// started is a fixture whose home runs and has been set up.
func started(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	f.start()
	f.ok("begin", "--name", "Bo")
	return f
}

// start runs the home and waits until it answers.
func (f *fixture) start(args ...string) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	f.stop, f.ended, f.said = cancel, make(chan int, 1), new(lockedBuffer)
	ended, said := f.ended, f.said
	if !contains(args, "--page") {
		args = append(args, "--page", "127.0.0.1:0")
	}
	go func() {
		p := program{open: inMemory(f.home, func(g *access.Gate) { f.gate = g })}
		ended <- p.main(ctx, append([]string{"--dir", f.dir, "--no-browser"}, args...), strings.NewReader(""), said, said, f.getenv)
	}()
	f.wait("the home to answer", func() bool {
		select {
		case code := <-ended:
			f.t.Fatalf("kith ended with %d: %s", code, said)
		default:
		}
		c, err := api.Open(f.dir)
		if err != nil {
			return false
		}
		defer c.Close()
		_, err = c.Status(f.t.Context())
		return err == nil
	})
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

func (f *fixture) getenv(name string) string { return f.env[name] }

// wait waits for something that happens soon.
func (f *fixture) wait(what string, happened func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !happened(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// result is what a command did.
type result struct {
	code     int
	out, err string
}

// kith runs a command in the folder.
func (f *fixture) kith(args ...string) result { return f.kithReading("", args...) }

// kithReading runs a command with something on its standard input.
func (f *fixture) kithReading(stdin string, args ...string) result {
	f.t.Helper()
	var out, errs bytes.Buffer
	code := Main(f.t.Context(), append([]string{"--dir", f.dir}, args...), strings.NewReader(stdin), &out, &errs, f.getenv)
	return result{code, out.String(), errs.String()}
}

// ok runs a command that has to succeed, and returns what it printed.
func (f *fixture) ok(args ...string) string {
	f.t.Helper()
	r := f.kith(args...)
	if r.code != 0 || r.err != "" {
		f.t.Fatalf("kith %q: exit code %d, %s", args, r.code, r.err)
	}
	return r.out
}

// fails runs a command that has to fail with an exit code, and returns what it said.
func (f *fixture) fails(code int, args ...string) string {
	f.t.Helper()
	r := f.kith(args...)
	if r.code != code || r.err == "" || r.out != "" {
		f.t.Fatalf("kith %q: exit code %d, want %d; printed %q, said %q", args, r.code, code, r.out, r.err)
	}
	return r.err
}

// decode runs a command with --json and reads what it printed.
func decode[T any](f *fixture, args ...string) T {
	f.t.Helper()
	var v T
	out := f.ok(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &v); err != nil || strings.Count(out, "\n") != 1 {
		f.t.Fatalf("kith %q printed %q: %v", args, out, err)
	}
	return v
}

// has checks that a text has all of some parts.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

// file writes a file into a folder of its own.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// lockedBuffer is a buffer that one goroutine writes and another reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
