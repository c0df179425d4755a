package identity

import (
	"bytes"

	"kith/internal/key"
)

// OpenKeys opens the person keys that were sealed to our device, and through them those before. The slice is indexed by
// generation - 1 and ends with the newest that opens; those that cannot be opened, because somebody sealed something else,
// are nil. The error is key.ErrOpen where none opens.
func (p *Person) OpenKeys(d *key.Device) ([]*key.PersonKey, error) {
	mine, ok := p.devices[d.ID()]
	if !ok {
		return nil, key.ErrOpen
	}
	keys := make([]*key.PersonKey, p.Generation())
	newest := 0
	for i := len(keys) - 1; i >= 0; i-- {
		generation := uint64(i + 1)
		if i+1 < len(keys) && keys[i+1] != nil {
			previous, err := keys[i+1].OpenPrevious(p.generations[i+1].Previous)
			if err == nil && bytes.Equal(previous.SealPublic(), p.SealPublic(generation)) {
				keys[i] = previous
			}
		}
		for _, s := range mine.seeds {
			if s.generation != generation || keys[i] != nil {
				continue
			}
			// Compared with the published key when it opens.
			if opened, err := key.OpenPersonKey(d, p.ID, generation, p.SealPublic(generation), s.sealed); err == nil {
				keys[i] = opened
			}
		}
		if keys[i] != nil {
			newest = max(newest, i+1)
		}
	}
	if newest == 0 {
		return nil, key.ErrOpen
	}
	return keys[:newest], nil
}

// Exposed tells whether the newest person key was sealed to a device that is not the person's any more, so that it has to
// change.
func (p *Person) Exposed() bool {
	for _, d := range p.devices {
		if d.Removed && d.has(p.Generation()) {
			return true
		}
	}
	return false
}

// Lacking lists the devices to which the newest person key was not sealed so far, the most senior first.
func (p *Person) Lacking() []Device {
	var list []Device
	for _, d := range p.Devices() {
		if !d.has(p.Generation()) {
			list = append(list, d)
		}
	}
	return list
}

func (d *Device) has(generation uint64) bool {
	for _, s := range d.seeds {
		if s.generation == generation {
			return true
		}
	}
	return false
}
