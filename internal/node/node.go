package node

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"kith/internal/blob"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/p2p"
	"kith/internal/peering"
	"kith/internal/sqlite"
)

// Config says which home to run, and how.
type Config struct {
	Dir       string   // the home's folder
	LockFile  string   // the file that this process holds locked; part of how a copied folder is noticed
	Listen    []string // multiaddrs; empty: any free port the first time, the same port from then on
	Bootstrap []string
	MDNS      bool
	UserAgent string
	Log       *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// What the node keeps in the store beside entries.
const (
	records      = "node"
	recordListen = "listen"
	recordPerson = "person"
	recordReach  = "reach"
)

// MetaMark is the fact in the store that says where the folder was when a home last ran in it. MarkOfBackup stands there in
// a backup: it is the mark of no folder, so that the home that opens the backup begins new logs wherever that is.
const (
	MetaMark     = "folder-mark"
	MarkOfBackup = "backup"
)

// Node is a running home. It is safe for concurrent use.
type Node struct {
	cfg    Config
	log    *slog.Logger
	db     *sqlite.DB
	blobs  *blob.Store
	gate   *ingest.Pipeline
	device *key.Device
	// network is the host of now; it is replaced when the reach changes.
	network  atomic.Pointer[p2p.Host]
	meetings [len(meetingProtocols)]atomic.Pointer[Meeting]
	offers   atomic.Pointer[OfferHandler]

	peers     *peering.Home
	directory *peering.Directory
	hub       hub
	outbox    *outbox[ingest.Commit]
	reached   *outbox[peering.Reach]
	dialer    *dialer
	fetcher   *fetcher
	sessions  *sessions
	healer    *healer
	collector *collector

	// Restored tells that the folder was found to be a restored or copied one at this start.
	Restored bool

	reachMu sync.Mutex // held while the network is replaced
	reach   p2p.Reach

	stop  context.CancelFunc
	tasks *errgroup.Group
}

// Open starts the home in a folder, which it makes if it is not there. Close stops it.
func Open(ctx context.Context, cfg Config) (_ *Node, err error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	n := &Node{cfg: cfg, log: cfg.Log, outbox: newOutbox[ingest.Commit](), reached: newOutbox[peering.Reach]()}
	if n.log == nil {
		n.log = slog.Default()
	}
	n.healer, n.collector = newHealer(n), newCollector(n)
	defer func() {
		if err != nil {
			_ = n.Close()
		}
	}()
	if err := n.openFolder(ctx); err != nil {
		return nil, err
	}
	n.gate = ingest.New(n.db, n.committed, cfg.Now)
	n.peers = peering.New(peering.Config{Gate: n.gate, Store: n.db, Device: n.device, Log: n.log, Reached: n.reached.put, Introduce: n.introductions})
	n.directory = n.peers.Directory
	n.dialer, n.fetcher, n.sessions = newDialer(n), newFetcher(n), &sessions{n: n}
	if err := n.remember(ctx); err != nil {
		return nil, err
	}
	// The node's own life: it ends with Close, not with the context that bounds the start.
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	n.stop = stop
	n.tasks, life = errgroup.WithContext(life)
	n.sessions.life = life
	var reach string
	if _, err := n.db.Get(ctx, records, recordReach, &reach); err != nil {
		return nil, err
	}
	if reach == p2p.Internet.String() {
		n.reach = p2p.Internet
	}
	if err := n.openNetwork(ctx, n.reach); err != nil {
		return nil, err
	}
	n.tasks.Go(func() error { return n.follow(life) })
	n.tasks.Go(func() error { return n.dialer.run(life) })
	n.tasks.Go(func() error { return n.fetcher.run(life) })
	n.tasks.Go(func() error { return n.followReached(life) })
	n.tasks.Go(func() error { return n.peers.AskForKeys(life) })
	n.tasks.Go(func() error { return n.healer.run(life) })
	n.tasks.Go(func() error { return n.healer.inspect(life) })
	n.tasks.Go(func() error { return n.collector.run(life) })
	return n, nil
}

func (n *Node) speak(person key.PersonID) {
	n.directory.Speak(person)
	n.gate.Speak(ingest.Author{Person: person, Device: n.device})
}

// gatekeeper tells the network who is known.
type gatekeeper struct{ d *peering.Directory }

func (g gatekeeper) Known(peer p2p.PeerKey) bool { return g.d.Known(key.PeerKey(peer)) }

// host is the network of now.
func (n *Node) host() *p2p.Host { return n.network.Load() }

// openNetwork starts the network and everything that answers on it.
func (n *Node) openNetwork(ctx context.Context, reach p2p.Reach) error {
	listen := n.cfg.Listen
	if len(listen) == 0 {
		var stored []string
		if _, err := n.db.Get(ctx, records, recordListen, &stored); err != nil {
			return err
		}
		if listen = stored; len(listen) == 0 {
			listen = p2p.DefaultListen(0)
		}
	}
	host, err := p2p.Start(ctx, p2p.Config{
		Identity: n.device.Transport(), Gate: gatekeeper{n.directory}, Reach: reach, Listen: listen,
		MDNS: n.cfg.MDNS, Bootstrap: n.cfg.Bootstrap, UserAgent: n.cfg.UserAgent, Log: n.log,
	})
	if err != nil {
		return err
	}
	n.network.Store(host)
	if err := n.db.Put(ctx, records, recordListen, host.ListenAddrs()); err != nil {
		return err
	}
	host.Handle(protocolBlobs, p2p.Known, n.serveBlobs)
	host.Handle(protocolSync, p2p.Anyone, n.sessions.serve)
	n.handleMeetings(host)
	host.Handle(protocolOffer, p2p.Anyone, n.serveOffers) // an admin whom a newcomer does not know may say no to them
	host.Notify(n.peerChanged)
	return nil
}

// Reach is where other homes can reach this one.
func (n *Node) Reach() p2p.Reach {
	n.reachMu.Lock()
	defer n.reachMu.Unlock()
	return n.reach
}

// SetReach changes it, and keeps it for the next start. The network is closed and opened anew, which interrupts what is under way; all of it goes on by
// itself.
func (n *Node) SetReach(ctx context.Context, reach p2p.Reach) error {
	n.reachMu.Lock()
	defer n.reachMu.Unlock()
	if reach == n.reach {
		return nil
	}
	if err := n.db.Put(ctx, records, recordReach, reach.String()); err != nil {
		return err
	}
	if err := n.host().Close(); err != nil {
		n.log.Warn("the network did not close in good order", "err", err)
	}
	if err := n.openNetwork(ctx, reach); err != nil {
		return errors.Join(err, n.openNetwork(ctx, n.reach))
	}
	n.reach = reach
	return nil
}

// Close stops the home: nothing of it runs when it returns.
func (n *Node) Close() error {
	if n.stop != nil {
		n.stop()
	}
	var errs []error
	if host := n.host(); host != nil {
		errs = append(errs, host.Close())
	}
	if n.tasks != nil {
		errs = append(errs, n.tasks.Wait())
	}
	if n.sessions != nil {
		n.sessions.wait()
	}
	if n.blobs != nil {
		errs = append(errs, n.blobs.Close())
	}
	if n.db != nil {
		errs = append(errs, n.db.Close())
	}
	return errors.Join(errs...)
}
