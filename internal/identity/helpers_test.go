package identity

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

const testWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

var testTime = time.Unix(1_700_000_000, 0)

func testRoot(t testing.TB) *key.Root {
	t.Helper()
	w, err := key.ParseWords(testWords)
	if err != nil {
		t.Fatal(err)
	}
	return w.Root()
}

// testDevice is a device whose three seeds are 32 bytes each of n, n+1 and n+2.
func testDevice(t testing.TB, n byte) *key.Device {
	t.Helper()
	file := []byte{0x84, 1}
	for i := range byte(3) {
		file = append(append(file, 0x58, 32), bytes.Repeat([]byte{n + i}, 32)...)
	}
	path := filepath.Join(t.TempDir(), "device")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := key.LoadDevice(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// scene is a person's root, devices that may become theirs, and the logs that they write.
type scene struct {
	t       testing.TB
	root    *key.Root
	person  key.PersonID
	devices []*key.Device
	heads   map[oplog.LogID]oplog.Head
}

func newScene(t testing.TB, devices int) *scene {
	t.Helper()
	s := &scene{t: t, root: testRoot(t), heads: make(map[oplog.LogID]oplog.Head)}
	s.person = s.root.Person()
	for i := range devices {
		s.devices = append(s.devices, testDevice(t, byte(10*i+1)))
	}
	return s
}

// signer is the root for -1, and a device otherwise.
func (s *scene) signer(n int) key.Signer {
	if n < 0 {
		return s.root
	}
	return s.devices[n]
}

func (s *scene) log(author, incarnation int) oplog.Log {
	log := oplog.Log{Space: s.person.IdentitySpace(), Device: s.signer(author).ID(), Lane: oplog.Control}
	log.Incarnation[0] = byte(incarnation)
	return log
}

// write puts an operation at the end of a log of the author, with a Lamport time of the author's choice.
func (s *scene) write(author, incarnation int, lamport uint64, op Operation) oplog.Verified {
	s.t.Helper()
	payload, err := Encode(op)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.writePayload(author, incarnation, lamport, payload)
}

func (s *scene) writePayload(author, incarnation int, lamport uint64, payload []byte) oplog.Verified {
	s.t.Helper()
	log := s.log(author, incarnation)
	head, ok := s.heads[log.ID()]
	if !ok {
		head = oplog.Head{Log: log}
	}
	at := head
	at.Lamport = max(lamport, head.Seq+1) - 1
	entries, err := oplog.Compose(s.signer(author), at, 0, testTime, []oplog.Draft{{Kind: oplog.KindIdentity, Payload: oplog.Plain(payload)}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.heads[log.ID()] = entries[0].Head()
	return entries[0]
}

// The sealed seeds below are of the right length and open to nothing: the fold does not open them.

func (s *scene) generation(number uint64, to ...int) Generation {
	g := Generation{Number: number, Suite: key.SealSuite, Public: s.root.SealPublic(), ToRoot: make([]byte, key.SealedSeedSize)}
	if number > 1 {
		g.Previous = make([]byte, key.SealedPreviousSize)
	}
	for _, n := range to {
		g.ToDevice = append(g.ToDevice, SealedSeed{Device: s.devices[n].ID(), Sealed: bytes.Repeat([]byte{byte(number)}, key.SealedSeedSize)})
	}
	return g
}

func (s *scene) found(first int) *Found {
	asDevice := Certificate{Device: s.root.ID(), Network: s.root.Network(), Seal: s.root.SealPublic()}
	return &Found{
		Root: s.root.ID(), RootSeal: s.root.SealPublic(), Recovery: s.root.Network(),
		RecoveryProof: s.root.SignNetwork(key.DomainRecovery, asDevice.text(s.person)),
		Device:        Certify(s.person, s.devices[first]), Key: s.generation(1, first),
	}
}

func (s *scene) add(device int, number uint64) *AddDevice {
	return &AddDevice{Device: Certify(s.person, s.devices[device]), Number: number, Key: make([]byte, key.SealedSeedSize)}
}

func (s *scene) remove(device int, number uint64, cut ...CutPoint) *RemoveDevice {
	return &RemoveDevice{Device: s.devices[device].ID(), Cut: cut, Key: s.generation(number)}
}

func (s *scene) cutAt(author, incarnation int, seq uint64) CutPoint {
	return CutPoint{Log: s.log(author, incarnation).ID(), Seq: seq}
}

func (s *scene) fold(entries ...oplog.Verified) *Person {
	s.t.Helper()
	return Fold(s.person, entries)
}

// speaking lists which devices may speak, by number and in order.
func (s *scene) speaking(p *Person) []int {
	list := []int{}
	for _, d := range p.Devices() {
		for n := range s.devices {
			if s.devices[n].ID() == d.Device {
				list = append(list, n)
			}
		}
	}
	return list
}
