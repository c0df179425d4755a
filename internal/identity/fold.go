package identity

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
)

// The roles in an identity.
const (
	roleDevice = 1
	roleRoot   = 2
)

type rightOf = tenure.Tenure[key.DeviceID]

// Device is a device of a person.
type Device struct {
	Certificate
	Removed bool // by another, or by itself
	right   *rightOf
	seeds   []seed // sealed to it, the one to try first in front
}

// seed is a person key sealed to a device.
type seed struct {
	generation uint64
	sealed     []byte
}

// Person is what an identity log comes to. It is immutable.
type Person struct {
	ID       key.PersonID
	Root     key.DeviceID
	RootSeal key.SealPublic
	Recovery key.PeerKey

	devices     map[key.DeviceID]*Device
	generations []Generation
}

// step is an operation in its entry, and the tenure under which it counts, if it does.
type step struct {
	entry *oplog.Verified
	op    Operation
	right *rightOf
}

// before orders steps by sequence number and EntryID.
func (s *step) before(other *step) int {
	x, y := s.entry.ID(), other.entry.ID()
	return cmp.Or(cmp.Compare(s.entry.Seq(), other.entry.Seq()), bytes.Compare(x[:], y[:]))
}

// Fold reads the operations of a person's identity log. It passes over what is malformed or not authorised, and
// returns nil where the operation that founds the identity is not among the entries.
//
// Which operations count is decided by the rule of package tenure: the root outranks every device, and a device those
// that it let in. What a removed device wrote beyond the cut counts for nothing, whatever time it claims, so that it makes
// no difference whether such entries are here. Of several foundings the root's first counts.
func Fold(id key.PersonID, entries []oplog.Verified) *Person {
	steps, founding := read(id, entries)
	if founding == nil {
		return nil
	}
	found := founding.op.(*Found)
	p := &Person{
		ID: id, Root: found.Root, RootSeal: found.RootSeal, Recovery: found.Recovery,
		devices: make(map[key.DeviceID]*Device),
	}
	ops := make([]tenure.Op[key.DeviceID], len(steps))
	for i := range steps {
		ops[i] = p.rightful(&steps[i], founding.entry.ID())
	}
	root := tenure.Grant[key.DeviceID]{Subject: p.Root, Role: roleRoot}
	// The root is not counted among the devices.
	result := tenure.Fold(root, ops, tenure.Bounds{Subjects: MaxDevices + 1, Active: MaxActive + 1})
	certificates := make(map[oplog.EntryID]*Certificate)
	counting := steps[:0]
	for i, right := range result.Of {
		if right == nil {
			continue
		}
		s := steps[i]
		s.right = right
		counting = append(counting, s)
		switch op := s.op.(type) {
		case *Found:
			certificates[s.entry.ID()] = &op.Device
		case *AddDevice:
			certificates[s.entry.ID()] = &op.Device
		}
	}
	for _, right := range result.Tenures[1:] {
		p.devices[right.Subject] = &Device{Certificate: *certificates[right.Grant], Removed: right.Now() == 0, right: right}
	}
	// By seniority, then by place: of several the first is to be preferred.
	slices.SortFunc(counting, func(a, b step) int { return cmp.Or(cmp.Compare(a.right.Rank, b.right.Rank), a.before(&b)) })
	p.adopt(found.Key, counting)
	return p
}

// read decodes the operations, each once, and finds the founding.
func read(id key.PersonID, entries []oplog.Verified) (steps []step, founding *step) {
	seen := make(map[oplog.EntryID]bool, len(entries))
	for i := range entries {
		entry := &entries[i]
		if entry.IsZero() || entry.Log().Space != id.IdentitySpace() || entry.Header().Kind != oplog.KindIdentity || seen[entry.ID()] {
			continue
		}
		seen[entry.ID()] = true
		op, err := Decode(id, entry.Payload())
		if err != nil {
			continue
		}
		s := step{entry: entry, op: op}
		steps = append(steps, s)
		if found, ok := op.(*Found); ok && entry.Log().Device == found.Root && (founding == nil || s.before(founding) < 0) {
			founding = &s
		}
	}
	return steps, founding
}

// rightful is an operation as far as it matters who may do what.
func (p *Person) rightful(s *step, founding oplog.EntryID) tenure.Op[key.DeviceID] {
	out := tenure.Op[key.DeviceID]{
		ID: s.entry.ID(), Log: s.entry.LogID(), Seq: s.entry.Seq(), Author: s.entry.Log().Device, Needs: roleDevice,
	}
	switch op := s.op.(type) {
	case *Found:
		out.Needs = roleRoot + 1 // only the founding counts
		if out.ID == founding {
			out.Needs = roleRoot
		}
		out.Grants = []tenure.Grant[key.DeviceID]{{Subject: op.Device.Device, Role: roleDevice}}
	case *AddDevice:
		out.Grants = []tenure.Grant[key.DeviceID]{{Subject: op.Device.Device, Role: roleDevice}}
	case *RemoveDevice:
		out.End = &tenure.End[key.DeviceID]{Subject: op.Device, Cut: op.Cut}
	case *Resign:
		if out.Author == p.Root {
			out.Needs = roleRoot + 1 // the root is no device
		}
		out.End = &tenure.End[key.DeviceID]{Subject: out.Author, Own: true, Cut: op.Cut}
	}
	return out
}

// adopt takes on the person keys: from the first up, of those with the next number the most senior's. Then it gives
// the devices what was sealed to them.
func (p *Person) adopt(first Generation, counting []step) {
	p.generations = append(p.generations, first)
	for found := true; found; {
		found = false
		for _, s := range counting {
			if remove, ok := s.op.(*RemoveDevice); ok && remove.Key.Number == p.Generation()+1 {
				p.generations = append(p.generations, remove.Key)
				found = true
				break
			}
		}
	}
	for i := len(p.generations) - 1; i >= 0; i-- {
		number := uint64(i + 1)
		for _, to := range p.generations[i].ToDevice {
			p.seal(to.Device, number, to.Sealed)
		}
		for _, s := range counting {
			if add, ok := s.op.(*AddDevice); ok && add.Number == number {
				p.seal(add.Device.Device, number, add.Key)
			}
		}
	}
}

func (p *Person) seal(device key.DeviceID, generation uint64, sealed []byte) {
	if d := p.devices[device]; d != nil {
		d.seeds = append(d.seeds, seed{generation, sealed})
	}
}

// Device finds a device that is or was the person's.
func (p *Person) Device(id key.DeviceID) (Device, bool) {
	d, ok := p.devices[id]
	if !ok {
		return Device{}, false
	}
	return *d, true
}

// Devices lists the devices that may speak for the person, the most senior first.
func (p *Person) Devices() []Device {
	var list []Device
	for _, d := range p.devices {
		if !d.Removed {
			list = append(list, *d)
		}
	}
	slices.SortFunc(list, func(a, b Device) int { return a.right.Rank - b.right.Rank })
	return list
}

// AnyRemoved tells whether a device was removed or resigned: whether logs of theirs may have ended.
func (p *Person) AnyRemoved() bool {
	for _, d := range p.devices {
		if d.Removed {
			return true
		}
	}
	return false
}

// MayWrite tells whether the entry at this place in the device's log, in a space, counts as the person's.
func (p *Person) MayWrite(device key.DeviceID, log oplog.LogID, seq uint64) bool {
	d := p.devices[device]
	return d != nil && d.right.Within(roleDevice, log, seq)
}

// End tells whether a log of a device, or of the root, has ended for this person, and then the number of its last entry
// that is accepted, 0 for none. In the identity log itself only what seniors did ends a log: everybody has to hold the same
// to fold the same.
func (p *Person) End(log oplog.Log) (last uint64, ended bool) {
	inIdentity := log.Space == p.ID.IdentitySpace()
	d := p.devices[log.Device]
	switch {
	case log.Device == p.Root:
		return 0, !inIdentity
	case d == nil:
		return 0, true
	case inIdentity:
		return d.right.LastByOthers(roleDevice, log.ID())
	default:
		return d.right.Last(roleDevice, log.ID())
	}
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
