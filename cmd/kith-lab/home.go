package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"kith/internal/node"
	"kith/internal/social"
)

const (
	// lookAgain is how often something that is about to happen is looked for.
	lookAgain = 5 * time.Millisecond
	// patience is how long one step may take at most, on a slow and busy machine.
	patience = time.Minute
)

// loopback is where the homes of a measurement listen: any free ports of this machine's own.
func loopback() []string { return []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"} }

// home is a running home without a page.
type home struct {
	*social.Home
	node *node.Node
}

// openHome opens the home in a folder, as the program does, and begins it where it is new.
func (l *lab) openHome(ctx context.Context, dir, name string) (*home, error) {
	n, err := l.openNode(ctx, dir)
	if err != nil {
		return nil, err
	}
	people, err := social.New(ctx, social.Config{Node: n, Log: l.log(), Folder: dir, Since: time.Now()})
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	h := &home{people, n}
	started, err := h.Started(ctx)
	if err == nil && !started {
		err = h.Begin(ctx, social.Setup{Name: name, Reach: social.ReachHome})
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// openNode opens what is below: keys, store, network.
func (l *lab) openNode(ctx context.Context, dir string) (*node.Node, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock := filepath.Join(dir, "kith.lock")
	f, err := os.OpenFile(lock, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return node.Open(ctx, node.Config{Dir: dir, LockFile: lock, Listen: loopback(), UserAgent: "kith-lab", Log: l.log()})
}

// log tells of what goes wrong in a home.
func (l *lab) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(l.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (h *home) close() error { return errors.Join(h.Home.Close(), h.node.Close()) }

// until waits for something to become true.
func until(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("did not happen in time: "+what))
	defer cancel()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
