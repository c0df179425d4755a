package phone

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/net/netutil"
)

const (
	// The limits of the listener. Bodies and streams have limits of their own, in web.
	headerTime     = 10 * time.Second
	idleTime       = 2 * time.Minute
	maxHeader      = 64 << 10
	maxConnections = 128

	// closeTime is how long those may take who are being answered when the door is shut.
	closeTime = 300 * time.Millisecond
)

// opened is a door that is open.
type opened struct {
	at     netip.Prefix
	host   string // "192.168.1.20:7490"
	server *http.Server
	cancel context.CancelFunc
	served chan error
}

func open(l net.Listener, at netip.Prefix, handler http.Handler, log *slog.Logger) *opened {
	requests, cancel := context.WithCancel(context.Background())
	o := &opened{at: at, host: l.Addr().String(), cancel: cancel, served: make(chan error, 1)}
	o.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return requests },
	}
	go func() { o.served <- o.server.Serve(netutil.LimitListener(&near{l, at.Masked()}, maxConnections)) }()
	return o
}

// close ends it, and waits until it has ended.
func (o *opened) close() error {
	o.cancel() // event streams end by it
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := o.server.Shutdown(ctx)
	if err != nil {
		err = o.server.Close()
	}
	if served := <-o.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// near accepts connections from one network only. A router that forwards a port, or a network behind another, brings in
// addresses from elsewhere.
type near struct {
	net.Listener
	network netip.Prefix
}

func (n *near) Accept() (net.Conn, error) {
	for {
		conn, err := n.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
		if err == nil && n.network.Contains(from.Addr().Unmap()) {
			return conn, nil
		}
		conn.Close()
	}
}
