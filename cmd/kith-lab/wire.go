package main

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// part is how many bytes are counted at once.
const part = 16 << 10

// wire passes connections on to a home and counts the bytes, both ways: what a fetch costs on the network, with all
// that the transport adds. Linux hands them over within the kernel, so that it costs next to nothing.
type wire struct {
	listener net.Listener
	to       string
	passed   atomic.Int64
	tasks    sync.WaitGroup

	mu     sync.Mutex
	conns  []net.Conn
	closed bool
}

// newWire listens on loopback for connections to an address.
func newWire(to string) (*wire, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &wire{listener: listener, to: to}
	w.tasks.Go(w.accept)
	return w, nil
}

func (w *wire) address() string { return w.listener.Addr().String() }

// bytes is how much has passed so far.
func (w *wire) bytes() int64 { return w.passed.Load() }

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return // closed
		}
		if !w.keep(near) {
			return
		}
		w.tasks.Go(func() { w.pass(near) })
	}
}

// keep remembers a connection, so that close ends it. It closes one that comes too late.
func (w *wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		_ = c.Close()
		return false
	}
	w.conns = append(w.conns, c)
	return true
}

// pass carries one connection until either side ends it.
func (w *wire) pass(near net.Conn) {
	defer near.Close()
	far, err := new(net.Dialer).DialContext(context.Background(), "tcp", w.to)
	if err != nil || !w.keep(far) {
		return
	}
	defer far.Close()
	w.tasks.Go(func() {
		w.carry(far, near)
		_ = far.Close()
	})
	w.carry(near, far)
}

// carry copies in parts, so that what has passed is counted while the connection is still open. That a connection
// breaks is for the homes to notice.
func (w *wire) carry(to, from net.Conn) {
	for {
		n, err := io.CopyN(to, from, part)
		w.passed.Add(n)
		if err != nil {
			return
		}
	}
}

// close ends all connections and waits for them to be over.
func (w *wire) close() {
	_ = w.listener.Close()
	w.mu.Lock()
	w.closed = true
	for _, c := range w.conns {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.tasks.Wait()
}
