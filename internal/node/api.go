package node

import (
	"context"

	"kith/internal/blob"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/p2p"
	"kith/internal/sqlite"
)

// Gate is where entries are written and states are read.
func (n *Node) Gate() *ingest.Pipeline { return n.gate }

// DB is the store.
func (n *Node) DB() *sqlite.DB { return n.db }

// Blobs are the encrypted files.
func (n *Node) Blobs() *blob.Store { return n.blobs }

// Device holds this machine's keys.
func (n *Node) Device() *key.Device { return n.device }

// KeyFile is the path of a file of secrets in the home's folder.
func (n *Node) KeyFile(name string) string { return n.keyFile(name) }

// Become makes this home the person's, in the transaction in which write stores their identity log and whatever else
// belongs to a beginning. Either all of it is there afterwards or nothing.
func (n *Node) Become(ctx context.Context, person key.PersonID, write func(*ingest.Writing) error) error {
	if err := n.db.KeepNewsFor(ctx, person); err != nil {
		return err
	}
	n.gate.Speak(ingest.Author{Person: person, Device: n.device})
	err := n.gate.Publish(ctx, func(w *ingest.Writing) error {
		if err := write(w); err != nil {
			return err
		}
		return w.Tx().PutRecord(records, recordPerson, person.String())
	})
	if err != nil {
		return err
	}
	n.speak(person)
	_, err = n.directory.RefreshPerson(ctx, person)
	return err
}

// Person is who this home is; zero before the first run is finished.
func (n *Node) Person() key.PersonID { return n.directory.Self() }

// Listen registers a function that hears of every change until stop is called. It must not block.
func (n *Node) Listen(f func(Change)) (stop func()) { return n.hub.listen(f) }

// Addresses lists where other homes can reach this one, the best first, at most max.
func (n *Node) Addresses(max int) []string { return n.host().Addrs(max) }

// Online tells whether a home of the person is connected.
func (n *Node) Online(person key.PersonID) bool {
	for _, peer := range n.directory.DevicesOf(person) {
		if n.host().Connected(p2p.PeerKey(peer.Key)) {
			return true
		}
	}
	return false
}

// Meet makes the devices of a person known, before they are in any space with us, and remembers where they are: whatever
// happens next, this home can find them again.
func (n *Node) Meet(ctx context.Context, person key.PersonID) error {
	if err := n.admitPerson(ctx, person); err != nil {
		return err
	}
	for _, peer := range n.directory.DevicesOf(person) {
		if err := n.keepAddresses(ctx, peer.Key); err != nil {
			return err
		}
	}
	return nil
}

// Await expects a space from a person: their home may hand it to us, and becomes known if it was not. The identity log of
// the person is here already, and the store knows of the wait.
func (n *Node) Await(ctx context.Context, space key.SpaceID, from key.PersonID) error {
	n.directory.Await(space, from)
	if err := n.admitPerson(ctx, from); err != nil {
		return err
	}
	for _, peer := range n.directory.DevicesOf(from) {
		n.host().Recheck(p2p.PeerKey(peer.Key))
		if n.host().Connected(p2p.PeerKey(peer.Key)) {
			n.sessions.begin(peer)
		}
		n.dialer.now(peer.Key)
	}
	n.peers.Refresh()
	return nil
}

// IdentityRuns is a person's identity log, in the form in which it travels.
func (n *Node) IdentityRuns(ctx context.Context, person key.PersonID) ([]oplog.Run, error) {
	return n.identityRuns(ctx, person)
}

// ListenAddresses lists the addresses at which this home listens, in the form of Config.Listen.
func (n *Node) ListenAddresses() []string { return n.host().ListenAddrs() }

// NetworkAddresses lists where this home can be reached, each with the name of its network key.
func (n *Node) NetworkAddresses() []string { return n.host().FullAddrs() }
