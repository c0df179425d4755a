package node

import (
	"context"
	"slices"
	"time"

	"kith/internal/blob"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/p2p"
	"kith/internal/peering"
)

// peerChanged hears from the network that a peer came or went. It must not block.
func (n *Node) peerChanged(peer p2p.PeerKey, connected bool) {
	known, ok := n.directory.Peer(key.PeerKey(peer))
	if !ok {
		return
	}
	n.tasks.Go(func() error {
		n.met(known, connected)
		return nil
	})
}

// met does what follows from a known peer's coming or going.
func (n *Node) met(peer peering.Peer, connected bool) {
	ctx := n.sessions.life
	if ctx.Err() != nil {
		return
	}
	if err := n.db.Seen(ctx, peer.Key, peer.Person, n.cfg.Now()); err != nil {
		n.log.Warn("last seen not kept", "err", err)
	}
	if connected {
		if err := n.keepAddresses(ctx, peer.Key); err != nil {
			n.log.Warn("addresses not kept", "err", err)
		}
		n.tasks.Go(func() error { return n.keepAddressesLater(ctx, peer.Key) })
		n.sessions.begin(peer)
		n.fetcher.now()
	} else {
		n.dialer.now(peer.Key)
	}
	n.hub.tell(Change{Presence: []key.PersonID{peer.Person}})
}

// keepAddresses remembers where a connected peer may be found again.
func (n *Node) keepAddresses(ctx context.Context, peer key.PeerKey) error {
	for _, addr := range n.host().RemoteAddrs(p2p.PeerKey(peer)) {
		if err := n.db.PutAddress(ctx, peer, addr, n.cfg.Now()); err != nil {
			return err
		}
	}
	return nil
}

// introduced is how long a peer may take, after it has connected, to say where else it can be reached.
const introduced = 10 * time.Second

func (n *Node) keepAddressesLater(ctx context.Context, peer key.PeerKey) error {
	select {
	case <-time.After(introduced):
	case <-ctx.Done():
		return nil
	}
	if err := n.keepAddresses(ctx, peer); err != nil && ctx.Err() == nil {
		n.log.Warn("addresses not kept", "err", err)
	}
	return nil
}

// committed hears from the gate, in order, of every transaction. It must not wait.
func (n *Node) committed(commit ingest.Commit) {
	n.peers.Committed(commit)
	n.outbox.put(commit)
}

// follow goes behind the gate: for every commit it brings the directory up to date, passes entries on to the homes
// that are connected, and tells who listens.
func (n *Node) follow(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.outbox.signal:
		}
		for _, commit := range n.outbox.take() {
			if err := n.after(ctx, commit); err != nil && ctx.Err() == nil {
				n.log.Error("a change was not passed on", "err", err)
			}
		}
	}
}

func (n *Node) after(ctx context.Context, commit ingest.Commit) error {
	fresh, err := n.peers.Follow(ctx, commit)
	if err != nil {
		return err
	}
	for _, peer := range fresh {
		n.host().Recheck(p2p.PeerKey(peer))
		if n.host().Connected(p2p.PeerKey(peer)) {
			if known, ok := n.directory.Peer(peer); ok {
				n.met(known, true)
			}
		}
		n.dialer.now(peer)
	}
	n.hub.tell(changeOf(commit))
	if len(commit.Items) > 0 {
		n.fetcher.now()
	}
	return n.dropBlobs(ctx, commit.Erased)
}

// dropBlobs deletes files that nothing names any more.
func (n *Node) dropBlobs(ctx context.Context, erased []ingest.Erased) error {
	var refs []blob.Ref
	for _, e := range erased {
		refs = append(refs, e.Refs...)
	}
	if len(refs) == 0 {
		return nil
	}
	return n.blobs.Delete(ctx, refs...)
}

func changeOf(commit ingest.Commit) Change {
	c := Change{Own: commit.Own, Erased: commit.Erased, Spaces: slices.Concat(commit.Control, commit.Keys), People: commit.Identity}
	for _, item := range commit.Items {
		c.Items = append(c.Items, ItemChange{
			ID: item.Entry.ID(), Space: item.Entry.Log().Space, Author: item.Author, Content: item.Content,
		})
	}
	return c
}

// admitPerson makes the devices of somebody known who is not in a space with us so far.
func (n *Node) admitPerson(ctx context.Context, id key.PersonID) error {
	person, err := n.gate.Person(ctx, id)
	if err != nil || person == nil {
		return err
	}
	n.directory.Admit(person)
	return nil
}

// identityRuns is a person's identity log, in the form in which it travels.
func (n *Node) identityRuns(ctx context.Context, person key.PersonID) ([]oplog.Run, error) {
	logs, err := n.db.Logs(ctx, person.IdentitySpace())
	if err != nil {
		return nil, err
	}
	var runs []oplog.Run
	for _, record := range logs {
		more, err := n.db.Runs(ctx, record.Log.ID(), oplog.Range{First: 1, Last: record.Head.Seq}, 1<<20)
		if err != nil {
			return nil, err
		}
		runs = append(runs, more...)
	}
	return runs, nil
}
