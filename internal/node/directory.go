package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
)

// Peer is another home's device.
type Peer struct {
	Key    key.PeerKey
	Device key.DeviceID
	Person key.PersonID
}

// directory knows, in memory, which device belongs to whom and who is in which space, so that the network can ask at
// any moment who is known. Its content follows the gate's folded states. It is safe for concurrent use.
type directory struct {
	gate *ingest.Pipeline
	here key.PeerKey // this device

	mu     sync.RWMutex
	self   key.PersonID
	out    bool // this device was removed by another one of the person's
	spaces map[key.SpaceID]*room
	peers  map[key.PeerKey]Peer
	// guests are devices that an invite under way has made known before they are in any space.
	guests map[key.PeerKey]Peer
	// gone are devices that their people have removed.
	gone map[key.PeerKey]bool
}

// room is what the directory knows of a space.
type room struct {
	members map[key.PersonID]bool // of now
	people  []key.PersonID        // now or earlier
	// awaited is who is to hand the space to us, while its create statement is not here.
	awaited key.PersonID
}

func newDirectory(gate *ingest.Pipeline, here key.PeerKey) *directory {
	return &directory{
		gate:   gate,
		here:   here,
		spaces: make(map[key.SpaceID]*room),
		peers:  make(map[key.PeerKey]Peer),
		guests: make(map[key.PeerKey]Peer),
		gone:   make(map[key.PeerKey]bool),
	}
}

// Known tells whether a device may use the protocols between friends.
func (d *directory) Known(peer key.PeerKey) bool {
	_, ok := d.peer(peer)
	return ok
}

func (d *directory) peer(peer key.PeerKey) (Peer, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if p, ok := d.peers[peer]; ok {
		return p, true
	}
	p, ok := d.guests[peer]
	return p, ok
}

// await notes a space that a person is to hand us.
func (d *directory) await(space key.SpaceID, from key.PersonID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.spaces[space] == nil {
		d.spaces[space] = &room{awaited: from}
	}
}

// refresh reads a space and the devices of everybody in it anew. It tells which peers became known.
func (d *directory) refresh(ctx context.Context, space key.SpaceID) ([]key.PeerKey, error) {
	state, err := d.gate.State(ctx, space)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &room{members: make(map[key.PersonID]bool), people: state.People()}
	for _, member := range state.Members() {
		r.members[member.Person] = true
	}
	d.mu.Lock()
	d.spaces[space] = r
	d.mu.Unlock()
	var fresh []key.PeerKey
	for _, person := range r.people {
		more, err := d.refreshPerson(ctx, person)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, more...)
	}
	return fresh, nil
}

// refreshPerson reads the devices of a person anew.
func (d *directory) refreshPerson(ctx context.Context, id key.PersonID) ([]key.PeerKey, error) {
	person, err := d.gate.Person(ctx, id)
	if err != nil || person == nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.inAnySpace(id) {
		return nil, nil
	}
	return d.adopt(person), nil
}

// adopt brings the devices of a person up to date. The lock is held.
func (d *directory) adopt(person *identity.Person) []key.PeerKey {
	var fresh []key.PeerKey
	now := make(map[key.PeerKey]bool)
	for _, device := range person.Devices() {
		now[device.Network] = true
		if device.Network == d.here {
			continue
		}
		if _, known := d.peers[device.Network]; !known {
			fresh = append(fresh, device.Network)
		}
		d.peers[device.Network] = Peer{Key: device.Network, Device: device.Device, Person: person.ID}
	}
	gone := func(_ key.PeerKey, p Peer) bool { return p.Person == person.ID && !now[p.Key] }
	maps.DeleteFunc(d.peers, gone)
	maps.DeleteFunc(d.guests, gone)
	for _, device := range person.Everyone() {
		if device.Removed {
			d.gone[device.Network] = true
		}
	}
	if person.ID == d.self {
		d.out = !now[d.here]
	}
	return fresh
}

func (d *directory) inAnySpace(id key.PersonID) bool {
	for _, r := range d.spaces {
		if r.awaited == id || slices.Contains(r.people, id) {
			return true
		}
	}
	return false
}

// admit makes the devices of a person known who is in no space yet; forget ends that.
func (d *directory) admit(person *identity.Person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, device := range person.Devices() {
		if device.Network == d.here {
			continue
		}
		d.guests[device.Network] = Peer{Key: device.Network, Device: device.Device, Person: person.ID}
	}
}

// isMember tells whether a person is in the space now. The person's own other devices are in all that is here, also in
// what the person has left: they have to hear of it.
func (d *directory) isMember(space key.SpaceID, person key.PersonID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.spaces[space]
	switch {
	case r == nil:
		return false
	case r.members == nil: // still to come: who hands it over is in it, and has to see whose we are
		return person == r.awaited || person == d.self
	}
	return r.members[person] || person == d.self
}

// shared lists the spaces that may be offered to a person: those that they are in, and those that we wait for from
// them; to the owner's other devices, all.
func (d *directory) shared(person key.PersonID) []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []key.SpaceID
	for id, r := range d.spaces {
		if r.members[person] || r.awaited == person || person == d.self {
			list = append(list, id)
		}
	}
	return list
}

// holds tells whether a space is here, or awaited already.
func (d *directory) holds(space key.SpaceID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.spaces[space] != nil
}

// together lists the spaces that are here and that a person is in now.
func (d *directory) together(person key.PersonID) []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []key.SpaceID
	for id, r := range d.spaces {
		if r.members[person] {
			list = append(list, id)
		}
	}
	return list
}

// held lists every space that is here or awaited.
func (d *directory) held() []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Collect(maps.Keys(d.spaces))
}

// peopleOf lists those whose identity logs belong to the space.
func (d *directory) peopleOf(space key.SpaceID) []key.PersonID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.spaces[space]
	switch {
	case r == nil:
		return nil
	case r.members == nil: // still to come: what we have to show are our own devices, so that we are recognised
		return []key.PersonID{d.self, r.awaited}
	}
	return r.people
}

// others lists the devices to be connected to: of people whom we share a space with now, and the owner's other ones.
// On a device that was removed there are none.
func (d *directory) others() []Peer {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.out {
		return nil
	}
	wanted := map[key.PersonID]bool{d.self: true}
	for _, r := range d.spaces {
		if !r.members[d.self] && r.awaited.IsZero() {
			continue
		}
		for person := range r.members {
			wanted[person] = true
		}
		if !r.awaited.IsZero() {
			wanted[r.awaited] = true
		}
	}
	var list []Peer
	for _, all := range []map[key.PeerKey]Peer{d.peers, d.guests} {
		for _, p := range all {
			if wanted[p.Person] && !p.Person.IsZero() && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

// spacesOf lists the spaces that a person is or was in: those whose units of sync hold their identity log.
func (d *directory) spacesOf(person key.PersonID) []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []key.SpaceID
	for id, r := range d.spaces {
		if slices.Contains(r.people, person) {
			list = append(list, id)
		}
	}
	return list
}

// isGone tells whether a device was removed by its person.
func (d *directory) isGone(peer key.PeerKey) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, known := d.peers[peer]
	return d.gone[peer] && !known
}

// removed tells whether this device was removed by another one of the owner's.
func (d *directory) removed() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.out
}

// devicesOf lists the known devices of a person.
func (d *directory) devicesOf(person key.PersonID) []Peer {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []Peer
	for _, all := range []map[key.PeerKey]Peer{d.peers, d.guests} {
		for _, p := range all {
			if p.Person == person && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}
