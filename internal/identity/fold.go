package identity

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Device is a device of a person.
type Device struct {
	Certificate
	Removed bool
	// Cut says, for each log that a removal named, the last entry that counts: of several removals, the least. Logs
	// that none named end before their first entry.
	Cut map[oplog.LogID]uint64
	// sealed is the newest person key sealed to the device, with its generation.
	sealed     []byte
	generation uint64
	rank       int // 0 for the first device; a lower rank outranks a higher one
}

// Person is what an identity log comes to.
type Person struct {
	ID       key.PersonID
	Root     key.DeviceID
	RootSeal key.SealPublic
	Recovery key.PeerKey

	devices     map[key.DeviceID]*Device
	generations []Generation
}

// step is an operation in its entry.
type step struct {
	entry *oplog.Verified
	op    Operation
}

// Fold reads the operations of a person's identity log. It passes over what is malformed or not authorised, and
// returns nil where the operation that founds the identity is not among the entries.
//
// Operations count in the order of their Lamport times, ties by entry ID: the root outranks every device, and
// an older device a younger one. The order alone does not decide, because an author chooses their Lamport times: what
// a removed device wrote beyond the cut counts for nothing, wherever it stands, so that it makes no difference
// whether such entries are here.
func Fold(id key.PersonID, entries []oplog.Verified) *Person {
	steps := read(id, entries)
	var person *Person
	for i, s := range steps {
		author := s.entry.Log().Device
		if op, ok := s.op.(*Found); ok && person == nil && author == op.Root {
			person = found(id, op, steps[i+1:])
		}
		if person == nil || !person.counts(s.entry) {
			continue
		}
		switch op := s.op.(type) {
		case *AddDevice:
			person.add(op, steps[i+1:])
		case *RemoveDevice:
			if target := person.devices[op.Device]; target != nil && person.outranks(author, target) {
				person.adopt(op.Key) // the device was marked as removed when it came
			}
		}
	}
	return person
}

// read decodes the operations and brings them into their order.
func read(id key.PersonID, entries []oplog.Verified) []step {
	var steps []step
	for i := range entries {
		entry := &entries[i]
		if entry.IsZero() || entry.Log().Space != id.IdentitySpace() || entry.Header().Kind != oplog.KindIdentity {
			continue
		}
		if op, err := Decode(id, entry.Payload()); err == nil {
			steps = append(steps, step{entry, op})
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		if x, y := a.entry.Header().Lamport, b.entry.Header().Lamport; x != y {
			return cmp.Compare(x, y)
		}
		x, y := a.entry.ID(), b.entry.ID()
		return bytes.Compare(x[:], y[:])
	})
	return steps
}

func found(id key.PersonID, op *Found, later []step) *Person {
	p := &Person{
		ID: id, Root: op.Root, RootSeal: op.RootSeal, Recovery: op.Recovery,
		devices: make(map[key.DeviceID]*Device),
	}
	p.admit(&Device{Certificate: op.Device}, later)
	p.adopt(op.Key)
	return p
}

func (p *Person) add(op *AddDevice, later []step) {
	_, known := p.devices[op.Device.Device]
	if known || len(p.devices) >= MaxDevices || len(p.Devices()) >= MaxActive || op.Number != p.Generation() {
		return
	}
	p.admit(&Device{Certificate: op.Device, rank: len(p.devices), sealed: op.Key, generation: op.Number}, later)
}

// admit takes in a device and looks ahead for the operations that will remove it. By then all who outrank it are
// known, and until where each of them counts, so that the answer is final.
func (p *Person) admit(d *Device, later []step) {
	p.devices[d.Device] = d
	for _, s := range later {
		op, ok := s.op.(*RemoveDevice)
		if !ok || op.Device != d.Device || !p.counts(s.entry) || !p.outranks(s.entry.Log().Device, d) {
			continue
		}
		d.Removed = true
		if d.Cut == nil {
			d.Cut = make(map[oplog.LogID]uint64, len(op.Cut))
		}
		for _, cut := range op.Cut {
			if end, named := d.Cut[cut.Log]; !named || cut.Seq < end {
				d.Cut[cut.Log] = cut.Seq
			}
		}
	}
}

// adopt takes on a person key. Of two made at the same time, with one number, the first counts; the removal that
// brought the other counts all the same, and may be repeated to change the key once more.
func (p *Person) adopt(g Generation) {
	if g.Number != p.Generation()+1 {
		return
	}
	p.generations = append(p.generations, g)
	for _, to := range g.ToDevice {
		if d := p.devices[to.Device]; d != nil {
			d.sealed, d.generation = to.Sealed, g.Number
		}
	}
}

// counts tells whether the author of the entry may speak for the person at this place.
func (p *Person) counts(entry *oplog.Verified) bool {
	device := entry.Log().Device
	return device == p.Root || p.MayWrite(device, entry.LogID(), entry.Seq())
}

func (p *Person) outranks(author key.DeviceID, target *Device) bool {
	if author == p.Root {
		return true
	}
	a := p.devices[author]
	return a != nil && a.rank < target.rank
}

// Device finds a device that is or was the person's.
func (p *Person) Device(id key.DeviceID) (Device, bool) {
	d, ok := p.devices[id]
	if !ok {
		return Device{}, false
	}
	return *d, true
}

// Devices lists the devices that may speak for the person, oldest first.
func (p *Person) Devices() []Device {
	var list []Device
	for _, d := range p.devices {
		if !d.Removed {
			list = append(list, *d)
		}
	}
	slices.SortFunc(list, func(a, b Device) int { return a.rank - b.rank })
	return list
}

// MayWrite tells whether the entry at this place in the device's log counts as the person's.
func (p *Person) MayWrite(device key.DeviceID, log oplog.LogID, seq uint64) bool {
	d := p.devices[device]
	return d != nil && (!d.Removed || seq <= d.Cut[log])
}

// Generation is the number of the newest person key.
func (p *Person) Generation() uint64 { return uint64(len(p.generations)) }

// SealPublic is the public side of a generation, or nil where there is none of that number.
func (p *Person) SealPublic(generation uint64) key.SealPublic {
	if generation == 0 || generation > p.Generation() {
		return nil
	}
	return p.generations[generation-1].Public
}

// OpenKeys opens the person keys that were sealed to our device: the newest, and through it all before. The
// slice is indexed by generation - 1. The error is key.ErrOpen, also where a key is not the one that was published.
func (p *Person) OpenKeys(d *key.Device) ([]*key.PersonKey, error) {
	mine, ok := p.devices[d.ID()]
	if !ok || mine.sealed == nil {
		return nil, key.ErrOpen
	}
	newest, err := key.OpenPersonKey(d, p.ID, mine.generation, p.SealPublic(mine.generation), mine.sealed)
	if err != nil {
		return nil, err
	}
	keys := make([]*key.PersonKey, mine.generation)
	keys[mine.generation-1] = newest
	for g := mine.generation; g > 1; g-- {
		keys[g-2], err = keys[g-1].OpenPrevious(p.generations[g-1].Previous)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(keys[g-2].SealPublic(), p.SealPublic(g-1)) {
			return nil, key.ErrOpen
		}
	}
	return keys, nil
}
