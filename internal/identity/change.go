package identity

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"kith/internal/key"
)

// ErrTooMany says that a person has as many devices as there can be.
var ErrTooMany = errors.New("identity: too many devices")

// Admit makes the operation that lets in a device, whose certificate it names, with the newest person key. keys are
// those of OpenKeys or OpenKeysAsRoot.
func (p *Person) Admit(certificate Certificate, keys []*key.PersonKey) (*AddDevice, error) {
	if err := certificate.check(p.ID); err != nil {
		return nil, err
	}
	if len(p.Devices()) >= MaxActive {
		return nil, fmt.Errorf("%w: %d now", ErrTooMany, MaxActive)
	}
	return p.HandOn(Device{Certificate: certificate}, keys)
}

// Shut makes the operation that shuts a device out at a cut, with a new person key for those that remain.
func (p *Person) Shut(device key.DeviceID, cut []CutPoint, keys []*key.PersonKey) (*RemoveDevice, error) {
	newest, err := p.newest(keys)
	if err != nil {
		return nil, err
	}
	next := key.NewPersonKey(p.ID, newest.Generation()+1)
	toRoot, err := next.SealTo(p.RootSeal)
	if err != nil {
		return nil, err
	}
	generation := Generation{
		Number: next.Generation(), Suite: key.SealSuite, Public: next.SealPublic(), ToRoot: toRoot,
		Previous: next.SealPrevious(newest),
	}
	for _, d := range p.Devices() {
		if d.Device == device {
			continue
		}
		sealed, err := next.SealTo(d.Seal)
		if err != nil {
			return nil, err
		}
		generation.ToDevice = append(generation.ToDevice, SealedSeed{Device: d.Device, Sealed: sealed})
	}
	slices.SortFunc(cut, func(a, b CutPoint) int { return bytes.Compare(a.Log[:], b.Log[:]) })
	return &RemoveDevice{Device: device, Cut: cut, Key: generation}, nil
}

// HandOn makes the operation that gives a device the newest person key. keys are those of OpenKeys.
func (p *Person) HandOn(d Device, keys []*key.PersonKey) (*AddDevice, error) {
	newest, err := p.newest(keys)
	if err != nil {
		return nil, err
	}
	sealed, err := newest.SealTo(d.Seal)
	if err != nil {
		return nil, err
	}
	return &AddDevice{Device: d.Certificate, Number: newest.Generation(), Key: sealed}, nil
}

// Rekey makes the operation that changes the person key and nothing else: a removal of nobody. It is called for where the key
// is Exposed: two devices were shut out at once, and each removal sealed its key to the other one.
func (p *Person) Rekey(keys []*key.PersonKey) (*RemoveDevice, error) {
	return p.Shut(key.DeviceID{}, nil, keys)
}

// Check tells whether the certificate is one by which a device may join the person: its keys have agreed. The error is
// ErrMalformed.
func (c *Certificate) Check(person key.PersonID) error { return c.check(person) }

// newest is the last of the keys, if it is the person's newest.
func (p *Person) newest(keys []*key.PersonKey) (*key.PersonKey, error) {
	if len(keys) == 0 || uint64(len(keys)) != p.Generation() || keys[len(keys)-1] == nil {
		return nil, fmt.Errorf("%w: the newest person key is number %d", key.ErrOpen, p.Generation())
	}
	return keys[len(keys)-1], nil
}

// OpenKeysAsRoot opens the person keys as OpenKeys does, by what is sealed to the root.
func (p *Person) OpenKeysAsRoot(root *key.Root) ([]*key.PersonKey, error) {
	n := p.Generation()
	if n == 0 || root.ID() != p.Root {
		return nil, key.ErrOpen
	}
	keys := make([]*key.PersonKey, n)
	var err error
	for g := n; g > 0; g-- {
		published := p.generations[g-1]
		keys[g-1], err = key.OpenPersonKey(root, p.ID, g, published.Public, published.ToRoot)
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// Everyone lists all devices that are or were the person's, those of now first, oldest first.
func (p *Person) Everyone() []Device {
	list := p.Devices()
	var gone []Device
	for _, d := range p.devices {
		if d.Removed {
			gone = append(gone, *d)
		}
	}
	slices.SortFunc(gone, func(a, b Device) int { return bytes.Compare(a.Device[:], b.Device[:]) })
	return append(list, gone...)
}

// Outranks tells whether one device of the person, which is there now, may shut out another.
func (p *Person) Outranks(device, other key.DeviceID) bool {
	list := p.Devices()
	a := slices.IndexFunc(list, func(d Device) bool { return d.Device == device })
	b := slices.IndexFunc(list, func(d Device) bool { return d.Device == other })
	return a >= 0 && b >= 0 && a < b
}
