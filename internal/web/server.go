package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Config is what a Server needs. Home, Gate, Log, Hosts and CookieName are required.
type Config struct {
	Home Home
	Gate Gate
	Log  *slog.Logger

	// Hosts are the exact values of the Host header that are answered, such as "127.0.0.1:7117" and
	// "kith.localhost:7117". Requests for any other host get status 421 and nothing else: that is what
	// keeps a page that rebinds its own name to this machine away.
	Hosts []string

	// CookieName names the session cookie. Browsers do not separate cookies by port, so every home on a machine
	// needs a name of its own.
	CookieName string

	// Phone is the door to the home network. Nil: there is none, and no page speaks of it.
	Phone Phones

	// Service tells what started the home in the background; "" by hand.
	Service string

	// Now tells the time; nil means time.Now.
	Now Clock
}

// Server serves the pages of one home. It is an http.Handler, safe for concurrent use. The caller owns the listener
// and the http.Server with its timeouts; WriteTimeout must be 0 there, because event streams stay open.
type Server struct {
	home    Home
	gate    Gate
	log     *slog.Logger
	hosts   []string
	cookie  string
	service string
	phones  Phones
	now     Clock
	assets  *assets
	views   *views
	hub     *hub
	streams chan struct{} // holds one element for each open event stream
	reading chan struct{} // holds one element for each picture being searched for a QR code
	handler http.Handler
	phone   http.Handler // for requests that come through the door to the home network
	// feedGate counts who reads the calendar without a session.
	feedGate turnstile
}

// New prepares a server: it parses every template and subscribes to the events of the home. Close ends what it started.
func New(c Config) (*Server, error) {
	if c.Home == nil || c.Gate == nil || c.Log == nil || len(c.Hosts) == 0 || c.CookieName == "" {
		return nil, errors.New("web: Home, Gate, Log, Hosts and CookieName are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	assets, err := newAssets()
	if err != nil {
		return nil, fmt.Errorf("web: reading the embedded files: %w", err)
	}
	s := &Server{
		home:    c.Home,
		gate:    c.Gate,
		log:     c.Log,
		hosts:   slices.Clone(c.Hosts),
		cookie:  c.CookieName,
		service: c.Service,
		phones:  c.Phone,
		now:     c.Now,
		assets:  assets,
		streams: make(chan struct{}, maxStreams),
		reading: make(chan struct{}, maxReading),
	}
	if s.views, err = newViews(s.words(), assets); err != nil {
		return nil, fmt.Errorf("web: parsing the embedded templates: %w", err)
	}
	mux := s.mux()
	s.handler = s.guard(mux, func(host string) bool { return slices.Contains(s.hosts, host) })
	if s.phones != nil {
		s.phone = throughDoor(s.guard(mux, func(host string) bool { return host != "" && host == s.phones.Host() }))
	}
	s.hub = newHub(c.Home)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends the event streams and the subscription to the home, and waits until the subscription has ended. Call it
// before http.Server.Shutdown, which would wait for the streams otherwise.
func (s *Server) Close() error {
	s.hub.close()
	return nil
}
