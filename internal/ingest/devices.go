package ingest

import (
	"crypto/rand"
	"fmt"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Identify writes an operation into our own identity log, as this device.
func (w *Writing) Identify(op identity.Operation) error {
	return w.identify(w.author.Device, op)
}

// IdentifyAsRoot writes an operation into our own identity log as the root, in a log of its own: the root remembers no
// log between the times that it is used.
func (w *Writing) IdentifyAsRoot(root *key.Root, op identity.Operation) error {
	if root.Person() != w.author.Person {
		return fmt.Errorf("%w: the root is another person's", ErrNotMember)
	}
	return w.identify(root, op)
}

func (w *Writing) identify(by key.Signer, op identity.Operation) error {
	me := w.author.Person
	payload, err := identity.Encode(op)
	if err != nil {
		return err
	}
	head, err := w.identityHead(by.ID())
	if err != nil {
		return err
	}
	lamport, err := w.work.reader.Lamport(me.IdentitySpace())
	if err != nil {
		return err
	}
	entries, err := oplog.Compose(by, head, lamport, w.work.p.now(),
		[]oplog.Draft{{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)}})
	if err != nil {
		return err
	}
	return w.Identity(entries)
}

// identityHead is where a device of ours writes on in the identity log: this device where it wrote before, unless the
// folder was restored since; the root in a new incarnation each time.
func (w *Writing) identityHead(by key.DeviceID) (oplog.Head, error) {
	at := w.author.Person.IdentitySpace()
	log := oplog.Log{Space: at, Device: by, Lane: oplog.Control}
	if by == w.author.Device.ID() {
		own, ok, err := w.work.tx.OwnLog(at, oplog.Control)
		if err != nil {
			return oplog.Head{}, err
		}
		if ok {
			record, held, err := w.work.reader.Log(own.ID())
			if err != nil || held {
				return record.Head, err
			}
			return oplog.Head{Log: own}, nil
		}
	}
	rand.Read(log.Incarnation[:])
	if by != w.author.Device.ID() {
		return oplog.Head{Log: log}, nil
	}
	return oplog.Head{Log: log}, w.work.tx.SetOwnLog(log)
}

// shutOut tells whether the device that this home is has been removed from the owner's. Then nothing is dropped here any
// more: nobody takes anything from it, and its owner can still read what it has.
func (w *work) shutOut() (bool, error) {
	w.p.mu.RLock()
	me := w.p.author
	w.p.mu.RUnlock()
	if me.Device == nil {
		return false, nil
	}
	person, err := w.person(me.Person)
	if err != nil || person == nil {
		return false, err
	}
	device, known := person.Device(me.Device.ID())
	return known && device.Removed, nil
}
