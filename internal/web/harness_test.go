package web_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/phone"
	"kith/internal/web"
)

// site is a running server over a sample home, with a client that is signed in.
type site struct {
	t      testing.TB
	home   *home
	gate   *access.Gate
	server *web.Server
	url    string // http://127.0.0.1:PORT
	host   string // 127.0.0.1:PORT
	client *http.Client
	door   *phone.Door // to a home network, which is this computer as 127.0.0.2

	streams atomic.Int32 // event streams that are open now
	asked   atomic.Int32 // event streams that were ever opened
	off     atomic.Bool  // nobody answers, as if the program had stopped
	cut     func()       // breaks the connections that are open
}

// turn stops the site from answering, or lets it answer again.
func (s *site) turn(on bool) {
	s.off.Store(!on)
	if !on {
		s.cut()
	}
}

// counting passes requests on and counts the event streams among them.
func (s *site) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.off.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path == "/events" {
			s.asked.Add(1)
			s.streams.Add(1)
			defer s.streams.Add(-1)
		}
		next.ServeHTTP(w, r)
	})
}

// open serves a home in memory. The gate is the real one, over a store in memory.
func open(t testing.TB, h *home, now func() time.Time) *site {
	t.Helper()
	s := serve(t, h, now)
	s.home = h
	return s
}

// serve serves any home.
func serve(t testing.TB, h web.Home, now func() time.Time) *site {
	t.Helper()
	clock := now
	if clock == nil {
		clock = time.Now
	}
	gate, err := access.New(t.Context(), new(accesstest.Memory), access.WithClock(clock))
	if err != nil {
		t.Fatalf("opening the gate: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	host := listener.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	door, err := phone.New(t.Context(), phone.Config{
		Store: new(notes), Gate: gate, Log: slog.New(slog.DiscardHandler),
		Addresses: func() ([]netip.Prefix, error) { return []netip.Prefix{netip.MustParsePrefix("127.0.0.2/8")}, nil },
	})
	if err != nil {
		t.Fatalf("the door for phones: %v", err)
	}
	server, err := web.New(web.Config{
		Phone: door,
		Home:  h, Gate: gate, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Hosts: []string{host, "kith.localhost:" + port}, CookieName: "kith-" + port, Now: now,
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	door.Serve(t.Context(), server.PhoneHandler())
	s := &site{t: t, gate: gate, server: server, door: door, url: "http://" + host, host: host}
	running := &httptest.Server{Listener: listener, Config: &http.Server{Handler: s.counting(server), ReadHeaderTimeout: 10 * time.Second}}
	running.Start()
	s.cut = running.CloseClientConnections
	s.client = s.visitor()
	t.Cleanup(func() {
		server.Close()
		if err := door.Close(); err != nil {
			t.Error(err)
		}
		s.client.CloseIdleConnections()
		running.Close()
	})
	s.signIn(s.client)
	return s
}

// visitor is a client that is not signed in. It does not follow redirects.
func (s *site) visitor() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// token is a one-time token.
func (s *site) token() string {
	s.t.Helper()
	token, err := s.gate.OneTimeToken(s.t.Context())
	if err != nil {
		s.t.Fatalf("OneTimeToken: %v", err)
	}
	return token
}

func (s *site) signIn(client *http.Client) {
	s.t.Helper()
	r := s.do(client, s.request(http.MethodPost, "/signin", url.Values{"token": {s.token()}}))
	if r.status != http.StatusSeeOther {
		s.t.Fatalf("signing in: status %d", r.status)
	}
}

// request is what a browser sends from a page of this site.
func (s *site) request(method, path string, form url.Values) *http.Request {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	return r
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(client *http.Client, r *http.Request) reply {
	s.t.Helper()
	response, err := client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatalf("%s %s: reading: %v", r.Method, r.URL.Path, err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

// get fetches a page as the owner.
func (s *site) get(path string) reply {
	s.t.Helper()
	return s.do(s.client, s.request(http.MethodGet, path, nil))
}

// post sends a form as the owner.
func (s *site) post(path string, form url.Values) reply {
	s.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return s.do(s.client, s.request(http.MethodPost, path, form))
}

// page fetches a page, which must be there, and parses it.
func (s *site) page(path string) *node {
	s.t.Helper()
	r := s.get(path)
	if r.status != http.StatusOK {
		s.t.Fatalf("GET %s: status %d", path, r.status)
	}
	return parse(s.t, r.body)
}

// node is an element of a page that can be asked for what is in it.
type node struct {
	t testing.TB
	*html.Node
}

func parse(t testing.TB, page string) *node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("parsing: %v", err)
	}
	return &node{t, root}
}

// attr returns an attribute, and whether it is there.
func (n *node) attr(name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// is reports whether an element fits a simple selector: tag, .class, #id, [attr] or [attr=value], one after the other.
func (n *node) is(selector string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	for selector != "" {
		end := strings.IndexAny(selector[1:], ".#[")
		part := selector
		if end >= 0 {
			part = selector[:end+1]
		}
		selector = selector[len(part):]
		switch part[0] {
		case '.':
			class, _ := n.attr("class")
			if !strings.Contains(" "+class+" ", " "+part[1:]+" ") {
				return false
			}
		case '#':
			if id, _ := n.attr("id"); id != part[1:] {
				return false
			}
		case '[':
			name, want, valued := strings.Cut(strings.Trim(part, "[]"), "=")
			if got, ok := n.attr(name); !ok || valued && got != want {
				return false
			}
		default:
			if n.Data != part {
				return false
			}
		}
	}
	return true
}

// all finds the elements that fit a selector, inside of one another where it has spaces.
func (n *node) all(selector string) []*node {
	n.t.Helper()
	first, rest, deeper := strings.Cut(selector, " ")
	var found []*node
	for child := range n.Descendants() {
		if c := (&node{n.t, child}); c.is(first) {
			if deeper {
				found = append(found, c.all(rest)...)
			} else {
				found = append(found, c)
			}
		}
	}
	return found
}

// one finds the only element that fits.
func (n *node) one(selector string) *node {
	n.t.Helper()
	found := n.all(selector)
	if len(found) != 1 {
		n.t.Fatalf("%d elements fit %q, want 1", len(found), selector)
	}
	return found[0]
}

// text is what is read inside an element, with single spaces.
func (n *node) text() string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// value returns an attribute that must be there.
func (n *node) value(name string) string {
	n.t.Helper()
	v, ok := n.attr(name)
	if !ok {
		n.t.Fatalf("<%s> has no %s", n.Data, name)
	}
	return v
}

// wait tries until something is so.
func wait(t testing.TB, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for !so() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
