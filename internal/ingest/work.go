package ingest

import (
	"bytes"
	"maps"
	"slices"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
)

// work is one transaction: what it loaded and changed, on top of the gate's cache.
type work struct {
	p      *Pipeline
	reader Reader
	tx     Tx // nil while only reading

	spaces map[key.SpaceID]*spaceState
	people map[key.PersonID]*identity.Person
	// The cache does not count for what this transaction changed.
	staleSpaces map[key.SpaceID]bool
	stalePeople map[key.PersonID]bool

	commit Commit
}

func (p *Pipeline) newWork() *work {
	return &work{
		p:      p,
		spaces: make(map[key.SpaceID]*spaceState), people: make(map[key.PersonID]*identity.Person),
		staleSpaces: make(map[key.SpaceID]bool), stalePeople: make(map[key.PersonID]bool),
	}
}

// keep brings the gate's cache up to date after the transaction.
func (w *work) keep() {
	w.p.mu.Lock()
	defer w.p.mu.Unlock()
	for id := range w.staleSpaces {
		delete(w.p.spaces, id)
	}
	for id := range w.stalePeople {
		delete(w.p.people, id)
	}
	maps.Copy(w.p.spaces, w.spaces)
	maps.Copy(w.p.people, w.people)
}

// person folds an identity log; nil if it is not here.
func (w *work) person(id key.PersonID) (*identity.Person, error) {
	if person, ok := w.people[id]; ok {
		return person, nil
	}
	if !w.stalePeople[id] {
		w.p.mu.RLock()
		person, ok := w.p.people[id]
		w.p.mu.RUnlock()
		if ok {
			return person, nil
		}
	}
	entries, err := w.reader.Lane(id.IdentitySpace())
	if err != nil {
		return nil, err
	}
	person := identity.Fold(id, entries)
	w.people[id] = person
	return person, nil
}

// space folds a space; its state is nil if the create statement is not here.
func (w *work) space(id key.SpaceID) (*spaceState, error) {
	if s, ok := w.spaces[id]; ok {
		return s, nil
	}
	if !w.staleSpaces[id] {
		w.p.mu.RLock()
		s, ok := w.p.spaces[id]
		w.p.mu.RUnlock()
		if ok {
			return s, nil
		}
	}
	entries, err := w.reader.Lane(id)
	if err != nil {
		return nil, err
	}
	s := &spaceState{mentioned: make(map[key.PersonID]bool), keys: make(map[oplog.EpochID]*seal.Epoch)}
	folder := w.p.folders[id]
	if folder == nil {
		folder = new(space.Folder)
		w.p.folders[id] = folder
	}
	folder.Keep(entries)
	for _, person := range folder.Mentioned(entries) {
		s.mentioned[person] = true
		if _, err := w.person(person); err != nil {
			return nil, err
		}
	}
	speakers := make(map[key.DeviceID]*identity.Person)
	s.state = folder.Fold(id, entries, func(device key.DeviceID, log oplog.LogID, seq uint64) (key.PersonID, bool) {
		person, known := speakers[device]
		if !known {
			person, _ = w.speaker(s, device) // everybody mentioned is loaded, so that it cannot fail
			speakers[device] = person
		}
		if person == nil || !person.MayWrite(device, log, seq) {
			return key.PersonID{}, false
		}
		return person.ID, true
	})
	keys, err := w.reader.EpochKeys(id)
	if err != nil {
		return nil, err
	}
	for _, epoch := range keys {
		s.keys[epoch.ID()] = epoch
	}
	w.spaces[id] = s
	return s, nil
}

// speaker finds the person, among those mentioned in the space, who has or had the device. A device that two
// people claim, which takes a device that signs for both, speaks for the one with the lesser ID.
func (w *work) speaker(s *spaceState, device key.DeviceID) (*identity.Person, error) {
	var found *identity.Person
	for id := range s.mentioned {
		person, err := w.person(id)
		if err != nil {
			return nil, err
		}
		if person == nil {
			continue
		}
		if _, ok := person.Device(device); ok && (found == nil || bytes.Compare(id[:], found.ID[:]) < 0) {
			found = person
		}
	}
	return found, nil
}

// changedSpace forgets the folded state of a space in which an operation arrived.
func (w *work) changedSpace(id key.SpaceID) {
	delete(w.spaces, id)
	w.staleSpaces[id] = true
	if !slices.Contains(w.commit.Control, id) {
		w.commit.Control = append(w.commit.Control, id)
	}
}

// changedPerson forgets the folded identity of a person, and of every space that they are mentioned in.
func (w *work) changedPerson(id key.PersonID) {
	delete(w.people, id)
	w.stalePeople[id] = true
	if !slices.Contains(w.commit.Identity, id) {
		w.commit.Identity = append(w.commit.Identity, id)
	}
	w.p.mu.RLock()
	defer w.p.mu.RUnlock()
	for spaceID, s := range w.p.spaces {
		if s.mentioned[id] {
			delete(w.spaces, spaceID)
			w.staleSpaces[spaceID] = true
		}
	}
	for spaceID, s := range w.spaces {
		if s.mentioned[id] {
			delete(w.spaces, spaceID)
			w.staleSpaces[spaceID] = true
		}
	}
}

// generation gives the newest person key's number of a person, 0 if unknown.
func (w *work) generation(id key.PersonID) uint64 {
	person, err := w.person(id)
	if err != nil || person == nil {
		return 0
	}
	return person.Generation()
}
