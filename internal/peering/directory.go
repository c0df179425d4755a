package peering

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

// Directory knows, in memory, which device belongs to whom and who is in which space, so that the network can ask at
// any moment who is known. Its content follows the gate's folded states. It is safe for concurrent use.
type Directory struct {
	gate *ingest.Pipeline

	mu     sync.RWMutex
	self   key.PersonID
	spaces map[key.SpaceID]*room
	peers  map[key.PeerKey]Peer
	// guests are devices that an invite under way has made known before they are in any space.
	guests map[key.PeerKey]Peer
}

// room is what the directory knows of a space.
type room struct {
	members map[key.PersonID]bool // of now
	people  []key.PersonID        // now or earlier
	// awaited is who is to hand the space to us, while its create statement is not here.
	awaited key.PersonID
}

// Speak says whose home this is.
func (d *Directory) Speak(person key.PersonID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.self = person
}

// Self is whose home this is; zero before the first run is finished.
func (d *Directory) Self() key.PersonID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.self
}

func newDirectory(gate *ingest.Pipeline) *Directory {
	return &Directory{
		gate:   gate,
		spaces: make(map[key.SpaceID]*room),
		peers:  make(map[key.PeerKey]Peer),
		guests: make(map[key.PeerKey]Peer),
	}
}

// Known tells whether a device may use the protocols between friends.
func (d *Directory) Known(peer key.PeerKey) bool {
	_, ok := d.Peer(peer)
	return ok
}

// Peer finds a known device by its network key.
func (d *Directory) Peer(peer key.PeerKey) (Peer, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if p, ok := d.peers[peer]; ok {
		return p, true
	}
	p, ok := d.guests[peer]
	return p, ok
}

// Await notes a space that a person is to hand us.
func (d *Directory) Await(space key.SpaceID, from key.PersonID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.spaces[space] == nil {
		d.spaces[space] = &room{awaited: from}
	}
}

// Refresh reads a space and the devices of everybody in it anew. It tells which peers became known.
func (d *Directory) Refresh(ctx context.Context, space key.SpaceID) ([]key.PeerKey, error) {
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
		more, err := d.RefreshPerson(ctx, person)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, more...)
	}
	return fresh, nil
}

// RefreshPerson reads the devices of a person anew.
func (d *Directory) RefreshPerson(ctx context.Context, id key.PersonID) ([]key.PeerKey, error) {
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
func (d *Directory) adopt(person *identity.Person) []key.PeerKey {
	var fresh []key.PeerKey
	now := make(map[key.PeerKey]bool)
	for _, device := range person.Devices() {
		now[device.Network] = true
		if _, known := d.peers[device.Network]; !known && person.ID != d.self {
			fresh = append(fresh, device.Network)
		}
		d.peers[device.Network] = Peer{Key: device.Network, Device: device.Device, Person: person.ID}
	}
	maps.DeleteFunc(d.peers, func(_ key.PeerKey, p Peer) bool { return p.Person == person.ID && !now[p.Key] })
	return fresh
}

func (d *Directory) inAnySpace(id key.PersonID) bool {
	for _, r := range d.spaces {
		if r.awaited == id || slices.Contains(r.people, id) {
			return true
		}
	}
	return false
}

// Admit makes the devices of a person known who is in no space yet; forget ends that.
func (d *Directory) Admit(person *identity.Person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, device := range person.Devices() {
		d.guests[device.Network] = Peer{Key: device.Network, Device: device.Device, Person: person.ID}
	}
}

// IsMember tells whether a person is in the space now.
func (d *Directory) IsMember(space key.SpaceID, person key.PersonID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.spaces[space]
	return r != nil && r.members[person]
}

// Shared lists the spaces that may be offered to a person: those that they are in, and those that we wait for from
// them.
func (d *Directory) Shared(person key.PersonID) []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []key.SpaceID
	for id, r := range d.spaces {
		if r.members[person] || r.awaited == person {
			list = append(list, id)
		}
	}
	return list
}

// Held lists every space that is here or awaited.
func (d *Directory) Held() []key.SpaceID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Collect(maps.Keys(d.spaces))
}

// PeopleOf lists those whose identity logs belong to the space.
func (d *Directory) PeopleOf(space key.SpaceID) []key.PersonID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if r := d.spaces[space]; r != nil {
		return r.people
	}
	return nil
}

// spacesWith lists the spaces in which somebody is or was: those with which their identity log travels.
func (d *Directory) spacesWith(person key.PersonID) []key.SpaceID {
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

// Others lists the devices of other people whom we share a space with now: those to be connected to.
func (d *Directory) Others() []Peer {
	d.mu.RLock()
	defer d.mu.RUnlock()
	wanted := make(map[key.PersonID]bool)
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
			if p.Person != d.self && (wanted[p.Person]) {
				list = append(list, p)
			}
		}
	}
	return list
}

// DevicesOf lists the known devices of a person.
func (d *Directory) DevicesOf(person key.PersonID) []Peer {
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
