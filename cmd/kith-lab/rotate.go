package main

import (
	"fmt"
	"time"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
)

// rotateCmd measures what it costs to change keys: of a space, for all its members, and of a person, for their devices.
type rotateCmd struct {
	Members int    `default:"300" help:"Members of the space, each handed the new key."`
	Devices int    `default:"3" help:"Devices that the person keeps; one more is removed."`
	Out     int    `default:"10" help:"Departures that the rotation names."`
	Repeat  int    `default:"5" help:"How often to change each; figures are medians."`
	Dir     string `hidden:""`
}

type rotateFigures struct {
	Members        int     `json:"members"`
	Devices        int     `json:"devices"`
	Repeat         int     `json:"repeat"`
	CPUms          float64 `json:"cpu_ms"` // of whoever rotates: the entry, and a wrap for everybody else
	EntryBytes     int     `json:"entry_bytes"`
	WrapBytes      int     `json:"wrap_bytes"`
	BytesTotal     int     `json:"bytes_total"` // the entry, and all wraps
	BytesPerMember float64 `json:"bytes_per_member"`
	UnwrapMs       float64 `json:"unwrap_ms"` // for one member
	PersonKeyMs    float64 `json:"person_key_ms"`
	PersonKeyBytes int     `json:"person_key_bytes"` // the entry that removes a device
}

func (c *rotateCmd) Validate() error {
	if c.Members < 1 || c.Members > space.MaxMembers || c.Devices < 1 || c.Devices > identity.MaxActive || c.Repeat < 1 || c.Out < 0 || c.Out > space.MaxEnders {
		return fmt.Errorf("%d members, %d devices, %d departures, %d times", c.Members, c.Devices, c.Out, c.Repeat)
	}
	return nil
}

// rotated is one change of a space's key.
type rotated struct {
	cpu, unwrap  time.Duration
	entry, wraps int
}

// rekeyed is one change of a person's key.
type rekeyed struct {
	cpu   time.Duration
	entry int
}

func (c *rotateCmd) Run(l *lab) error {
	l.progress("%d people and %d devices", c.Members, c.Devices)
	author := key.NewDevice()
	people := make([]*key.PersonKey, c.Members)
	for i := range people {
		people[i] = key.NewPersonKey(key.PersonID{byte(i), byte(i >> 8), 1}, 1)
		people[i].SealPublic() // is computed once, and by others
	}
	person, err := newPersonWith(c.Devices)
	if err != nil {
		return err
	}
	var spaces []rotated
	var persons []rekeyed
	before := seal.NewEpoch()
	for range c.Repeat {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		r, epoch, err := c.rotate(author, people, before)
		if err != nil {
			return err
		}
		k, err := person.change()
		if err != nil {
			return err
		}
		spaces, persons, before = append(spaces, r), append(persons, k), epoch
	}
	entry, wraps := spaces[0].entry, spaces[0].wraps
	return l.result(&rotateFigures{
		Members: c.Members, Devices: c.Devices, Repeat: c.Repeat,
		CPUms:      medianOf(spaces, func(r rotated) float64 { return milliseconds(r.cpu) }),
		EntryBytes: entry, WrapBytes: wraps, BytesTotal: entry + wraps, BytesPerMember: round(float64(entry+wraps)/float64(c.Members), 1),
		UnwrapMs:       medianOf(spaces, func(r rotated) float64 { return milliseconds(r.unwrap) }),
		PersonKeyMs:    medianOf(persons, func(k rekeyed) float64 { return milliseconds(k.cpu) }),
		PersonKeyBytes: persons[0].entry,
	})
}

// used is the processor time since a reading of cpuTime, or what has passed where the system does not tell.
func used(begun time.Time, before time.Duration) time.Duration {
	if now := cpuTime(); now > 0 {
		return now - before
	}
	return time.Since(begun)
}

// rotate changes the key of a space: the first of the people does it, and hands the key to the others.
func (c *rotateCmd) rotate(author *key.Device, people []*key.PersonKey, before *seal.Epoch) (r rotated, epoch *seal.Epoch, err error) {
	id := key.SpaceID{1}
	begun, cpu := time.Now(), cpuTime()
	epoch = seal.NewEpoch()
	op := &space.Rotate{Epoch: epoch.ID(), Parents: []oplog.EpochID{before.ID()}}
	op.KeyCommitment, op.HistoryCommitment = epoch.Commitments()
	parent, err := epoch.SealParent(before)
	if err != nil {
		return r, nil, err
	}
	op.SealedParents = [][]byte{parent}
	for _, p := range people {
		op.For = append(op.For, space.EpochReader{Person: p.Person(), Generation: p.Generation()})
	}
	for i := range c.Out {
		op.Out = append(op.Out, space.EnderID{byte(i >> 8), byte(i)})
	}
	payload, err := space.Encode(op)
	if err != nil {
		return r, nil, err
	}
	log := oplog.Log{Space: id, Device: author.ID(), Lane: oplog.Control}
	if r.entry, err = written(author, log, oplog.KindControl, payload); err != nil {
		return r, nil, err
	}
	var last []byte
	for _, p := range people[min(1, len(people)-1):] {
		to := seal.Recipient{Space: id, Person: p.Person(), Generation: p.Generation()}
		if last, err = seal.Wrap(epoch, to, p.SealPublic(), true); err != nil {
			return r, nil, err
		}
		r.wraps += len(last)
	}
	r.cpu = used(begun, cpu)
	begun, cpu = time.Now(), cpuTime()
	p := people[len(people)-1]
	to := seal.Recipient{Space: id, Person: p.Person(), Generation: p.Generation()}
	_, err = seal.Unwrap(last, epoch.ID(), to, p, op.KeyCommitment, op.HistoryCommitment)
	r.unwrap = used(begun, cpu)
	return r, epoch, err
}

// written is the size of an operation as a run of its own: header, payload and signature.
func written(author key.Signer, log oplog.Log, kind oplog.Kind, payload []byte) (int, error) {
	entries, err := oplog.Compose(author, oplog.Head{Log: log}, 1, time.Now(), []oplog.Draft{{Kind: kind, Payload: oplog.Plain(payload)}})
	if err != nil {
		return 0, err
	}
	run, err := oplog.RunOf(entries)
	if err != nil {
		return 0, err
	}
	return len(run.Entries[0].Header) + len(run.Entries[0].Payload) + len(run.Signature), nil
}

// personWith is a person with devices, the first of which writes.
type personWith struct {
	root    *key.Root
	devices []*key.Device
	newest  *key.PersonKey
}

func newPersonWith(devices int) (*personWith, error) {
	p := &personWith{root: key.NewWords().Root()}
	for range devices {
		p.devices = append(p.devices, key.NewDevice())
	}
	var err error
	_, p.newest, err = identity.Begin(p.root, p.devices[0], time.Now())
	return p, err
}

// change makes a new person key, as the removal of a device does.
func (p *personWith) change() (k rekeyed, err error) {
	begun, cpu := time.Now(), cpuTime()
	next := key.NewPersonKey(p.root.Person(), p.newest.Generation()+1)
	op := &identity.RemoveDevice{
		Device: key.DeviceID{1}, Cut: make([]identity.CutPoint, 4),
		Key: identity.Generation{
			Number: next.Generation(), Suite: key.SealSuite, Public: next.SealPublic(), Previous: next.SealPrevious(p.newest),
		},
	}
	if op.Key.ToRoot, err = next.SealTo(p.root.SealPublic()); err != nil {
		return k, err
	}
	for _, d := range p.devices {
		sealed, err := next.SealTo(d.SealPublic())
		if err != nil {
			return k, err
		}
		op.Key.ToDevice = append(op.Key.ToDevice, identity.SealedSeed{Device: d.ID(), Sealed: sealed})
	}
	payload, err := identity.Encode(op)
	if err != nil {
		return k, err
	}
	log := oplog.Log{Space: p.root.Person().IdentitySpace(), Device: p.devices[0].ID(), Lane: oplog.Control}
	k.entry, err = written(p.devices[0], log, oplog.KindIdentity, payload)
	k.cpu = used(begun, cpu)
	p.newest = next
	return k, err
}
