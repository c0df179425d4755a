package identity

import (
	"crypto/rand"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Begin writes the identity log of a new person: one run of one entry, signed by the root, which lets in the
// device and makes the first person key.
func Begin(root *key.Root, d *key.Device, now time.Time) ([]oplog.Verified, *key.PersonKey, error) {
	person := root.Person()
	personKey := key.NewPersonKey(person, 1)
	toRoot, err := personKey.SealTo(root.SealPublic())
	if err != nil {
		return nil, nil, err
	}
	toDevice, err := personKey.SealTo(d.SealPublic())
	if err != nil {
		return nil, nil, err
	}
	asDevice := Certificate{Device: root.ID(), Network: root.Network(), Seal: root.SealPublic()}
	payload, err := Encode(&Found{
		Root: root.ID(), RootSeal: root.SealPublic(), Recovery: root.Network(),
		RecoveryProof: root.SignNetwork(key.DomainRecovery, asDevice.text(person)),
		Device:        Certify(person, d),
		Key: Generation{
			Number: 1, Suite: key.SealSuite, Public: personKey.SealPublic(), ToRoot: toRoot,
			ToDevice: []SealedSeed{{Device: d.ID(), Sealed: toDevice}},
		},
	})
	if err != nil {
		return nil, nil, err
	}
	log := oplog.Log{Space: person.IdentitySpace(), Device: root.ID(), Lane: oplog.Control}
	rand.Read(log.Incarnation[:])
	entries, err := oplog.Compose(root, oplog.Head{Log: log}, 0, now,
		[]oplog.Draft{{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)}})
	return entries, personKey, err
}
