package node

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"kith/internal/key"
	"kith/internal/p2p"
	"kith/internal/peering"
)

const (
	// dialAtOnce bounds dials under way, so that a start with 300 friends does not crowd out the first answers.
	dialAtOnce = 8
	// dialTimeout bounds one attempt: a home that answers does so within a second or two, also across continents.
	dialTimeout = 15 * time.Second
	// firstRetry and lastRetry bound the pause between attempts, which doubles from one to the other. A friend who
	// comes home is found within lastRetry even where nothing else tells; usually they dial us.
	firstRetry = 2 * time.Second
	lastRetry  = 5 * time.Minute
	// lookAround is how often the list of whom to dial is gone through.
	lookAround = time.Second
	// maxAddresses of a peer that are tried: the newest.
	maxAddresses = 8
)

// dialer keeps trying to reach the homes that we share a space with.
type dialer struct {
	n    *Node
	wake chan struct{}

	mu       sync.Mutex
	attempts map[key.PeerKey]*attempt
}

type attempt struct {
	next  time.Time
	pause time.Duration
	busy  bool
}

func newDialer(n *Node) *dialer {
	return &dialer{n: n, wake: make(chan struct{}, 1), attempts: make(map[key.PeerKey]*attempt)}
}

// now makes the dialer forget its pauses towards a peer, and look around.
func (d *dialer) now(peer key.PeerKey) {
	d.mu.Lock()
	delete(d.attempts, peer)
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *dialer) run(ctx context.Context) error {
	slots := make(chan struct{}, dialAtOnce)
	var dials sync.WaitGroup
	defer dials.Wait()
	ticker := time.NewTicker(lookAround)
	defer ticker.Stop()
	for {
		for _, peer := range d.due() {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			dials.Go(func() {
				defer func() { <-slots }()
				d.dial(ctx, peer)
			})
		}
		select {
		case <-ticker.C:
		case <-d.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// due lists the peers to dial now and marks them as busy.
func (d *dialer) due() []peering.Peer {
	now := time.Now()
	var list []peering.Peer
	for _, peer := range d.n.directory.Others() {
		if d.n.host().Connected(p2p.PeerKey(peer.Key)) {
			continue
		}
		d.mu.Lock()
		a := d.attempts[peer.Key]
		if a == nil {
			a = &attempt{pause: firstRetry}
			d.attempts[peer.Key] = a
		}
		if !a.busy && !now.Before(a.next) {
			a.busy = true
			list = append(list, peer)
		}
		d.mu.Unlock()
	}
	return list
}

func (d *dialer) dial(ctx context.Context, peer peering.Peer) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	err := d.n.connect(ctx, peer.Key)
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.attempts[peer.Key]
	if a == nil {
		return
	}
	a.busy = false
	if err == nil {
		a.pause = firstRetry
		a.next = time.Now().Add(firstRetry)
		return
	}
	a.next = time.Now().Add(a.pause/2 + rand.N(a.pause)) // so that two homes do not stay in step
	a.pause = min(2*a.pause, lastRetry)
	d.n.log.Debug("home not reached", "peer", peer.Key, "err", err)
}

// connect reaches a peer at the addresses where it was seen, or, over the internet, at those where it can be
// found.
func (n *Node) connect(ctx context.Context, peer key.PeerKey, addrs ...string) error {
	if n.host().Connected(p2p.PeerKey(peer)) {
		return nil
	}
	known, err := n.db.Addresses(ctx, peer)
	if err != nil {
		return err
	}
	addrs = append(addrs, known...)
	if len(addrs) > maxAddresses {
		addrs = addrs[:maxAddresses]
	}
	err = n.host().Connect(ctx, p2p.PeerKey(peer), addrs)
	if err == nil || n.Reach() != p2p.Internet {
		return err
	}
	found, findErr := n.host().Find(ctx, p2p.PeerKey(peer))
	if findErr != nil || len(found) == 0 {
		return err
	}
	return n.host().Connect(ctx, p2p.PeerKey(peer), found)
}
