package web_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/web"
)

// A site without a network, for tests that run on a clock of their own (testing/synctest): handlers are called directly.

const insideHost = "127.0.0.1:7117"

func openInside(t *testing.T, h *home) *site {
	t.Helper()
	gate, err := access.New(t.Context(), new(accesstest.Memory))
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Config{Home: h, Gate: gate, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Hosts: []string{insideHost}, CookieName: "kith-inside"})
	if err != nil {
		t.Fatal(err)
	}
	return &site{t: t, home: h, gate: gate, server: server, host: insideHost}
}

// streamInside opens a stream as a signed-in browser would.
func (s *site) streamInside(t *testing.T) *slowReader {
	t.Helper()
	secret, err := s.gate.SignInToken(t.Context(), s.token(), "a test")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+insideHost+"/events", nil)
	r.AddCookie(&http.Cookie{Name: "kith-inside", Value: secret})
	w := &slowReader{header: make(http.Header), alive: true}
	go func() {
		s.server.ServeHTTP(w, r)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.alive = false
	}()
	return w
}

// slowReader is an http.ResponseWriter that keeps what is written.
type slowReader struct {
	mu     sync.Mutex
	header http.Header
	status int
	out    bytes.Buffer
	alive  bool
}

func (w *slowReader) Header() http.Header { return w.header }
func (w *slowReader) Flush()              {}

func (w *slowReader) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status = status
}

func (w *slowReader) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

func (w *slowReader) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.String()
}

func (w *slowReader) state() (alive bool, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alive, w.status
}
