package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"kith/internal/api"
)

const (
	// closeTime bounds how long it takes to stop. What is stored is safe whenever the process ends; a home that hangs
	// on the way out helps nobody.
	closeTime = 2 * time.Second

	// answerTime is the part of it for requests that are being answered.
	answerTime = 700 * time.Millisecond

	// The limits of the page's listener. Bodies and streams have limits of their own, in web and api.
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10
)

// running is a home that is served.
type running struct {
	page    string        // "http://127.0.0.1:7480"
	stopped chan struct{} // closed when the home was asked to stop, or can't go on
	home    *home
	dir     string
	log     *slog.Logger
	server  *http.Server
	cancel  context.CancelFunc // of all requests
	api     *api.Server
	served  chan error
}

// start opens the listener, the home behind it, and both edges of the home on the one listener. The folder is locked.
func start(ctx context.Context, open opener, s settings, log *slog.Logger) (_ *running, err error) {
	listener, err := listenPage(ctx, s)
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	r := &running{page: "http://" + address, stopped: make(chan struct{}), dir: s.dir, log: log, served: make(chan error, 1)}
	undo := []func() error{listener.Close}
	defer func() {
		for i := len(undo) - 1; err != nil && i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()

	closeDoor(s.dir) // left by a home that did not get to remove it
	r.home, err = open(ctx, s, place{page: r.page, hosts: pageHosts(address)}, log)
	if err != nil {
		return nil, err
	}
	undo = append(undo, r.home.close, r.home.pages.Close)

	token := api.NewToken()
	stop := make(chan struct{}, 1)
	r.api, err = api.New(api.Config{
		Home: r.home.social, Gate: r.home.gate, Log: log, Token: token, Hosts: []string{address}, Page: r.page, Phone: r.home.door,
		Stop: func() {
			select {
			case stop <- struct{}{}:
			default: // it was asked before
			}
		},
	})
	if err != nil {
		return nil, err
	}
	if err := api.WriteEndpoint(s.dir, api.Endpoint{Page: r.page, Token: token, PID: os.Getpid(), Service: string(s.service)}); err != nil {
		return nil, err
	}

	requests, cancel := context.WithCancel(context.WithoutCancel(ctx)) // they end by close, which lets them finish first
	r.cancel = cancel
	r.server = &http.Server{
		Handler:           r.handler(),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	go func() {
		r.served <- r.server.Serve(listener)
		close(r.served)
	}()
	go func() {
		select {
		case <-stop:
		case <-requests.Done():
		}
		close(r.stopped)
	}()
	return r, nil
}

// handler sends what is for the command line to one edge, and the rest to the other.
func (r *running) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, api.Prefix) {
			r.api.ServeHTTP(w, req)
			return
		}
		r.home.pages.ServeHTTP(w, req)
	})
}

// close stops serving, lets what is being answered finish, and closes the home. It takes closeTime at most; what is not
// done by then is left to the end of the process, and said.
func (r *running) close() error {
	done := make(chan error, 1)
	go func() { done <- r.shutDown() }()
	select {
	case err := <-done:
		return err
	case <-time.After(closeTime):
		return fmt.Errorf("the home did not stop within %s; everything that was acknowledged is safe", closeTime)
	}
}

func (r *running) shutDown() error {
	errs := []error{api.RemoveEndpoint(r.dir)}
	closeDoor(r.dir)
	r.api.Close()
	errs = append(errs, r.home.pages.Close())
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	if err := r.server.Shutdown(ctx); err != nil { // something is still being answered
		r.cancel()
		errs = append(errs, r.server.Close())
	}
	r.cancel()
	<-r.stopped
	if err := <-r.served; !errors.Is(err, http.ErrServerClosed) {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, r.home.close())...)
}

// pageHosts lists the hosts that the page answers to: its address, and names that browsers resolve to this machine by
// themselves (RFC 6761, section 6.3).
func pageHosts(address string) []string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return []string{address}
	}
	return []string{address, net.JoinHostPort("localhost", port), net.JoinHostPort("kith.localhost", port)}
}
