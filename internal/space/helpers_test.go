package space

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/tenure"
)

var testTime = time.Unix(1_700_000_000, 0)

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

func person(n int) key.PersonID { return key.PersonID(bytes.Repeat([]byte{byte(0x70 + n)}, 32)) }

func epochID(n int) oplog.EpochID { return oplog.EpochID(bytes.Repeat([]byte{byte(0x90 + n)}, 16)) }

// scene is a wall of person 0, and people with one device each who may become members.
type scene struct {
	t       testing.TB
	devices []*key.Device
	create  *Create
	id      key.SpaceID
	begin   oplog.Verified // the entry with the create statement
	heads   map[oplog.LogID]oplog.Head
	names   map[int]tenure.Name // under which people write: their first grant, or what as says
}

// newScene is a scene of a wall.
func newScene(t testing.TB, people int, history History) *scene {
	t.Helper()
	return newSceneOf(t, people, &Create{Kind: Wall, History: history, Post: Writer, Invite: OwnerRole})
}

// newGroup is a scene of a group that every member may bring others into.
func newGroup(t testing.TB, people int) *scene {
	t.Helper()
	return newSceneOf(t, people, &Create{Kind: Group, History: HistoryAll, Post: Writer, Invite: Writer})
}

func newSceneOf(t testing.TB, people int, create *Create) *scene {
	t.Helper()
	s := &scene{t: t, create: create}
	create.Nonce, create.Owner = [16]byte{1}, person(0)
	for n := range people {
		s.devices = append(s.devices, testDevice(t, byte(10*n+1)))
	}
	payload, err := Encode(s.create)
	if err != nil {
		t.Fatal(err)
	}
	s.id = key.SpaceOf(payload)
	s.restart()
	return s
}

// restart forgets everything that was written, and creates the space again.
func (s *scene) restart() {
	s.heads = make(map[oplog.LogID]oplog.Head)
	s.names = map[int]tenure.Name{0: {}}
	s.begin = s.write(0, 0, 1, s.create)
}

func (s *scene) log(author, incarnation int, lane oplog.Lane) oplog.Log {
	log := oplog.Log{Space: s.id, Device: s.devices[author].ID(), Lane: lane}
	name := s.names[author]
	copy(log.Incarnation[:], name[:])
	log.Incarnation[8] = byte(incarnation)
	return log
}

// as makes somebody write under what an entry granted them.
func (s *scene) as(n int, grant oplog.Verified) { s.names[n] = tenure.NameOf(grant.ID()) }

// write puts an operation at the end of an author's log, with a Lamport time of the author's choice.
func (s *scene) write(author, incarnation int, lamport uint64, op Operation) oplog.Verified {
	s.t.Helper()
	payload, err := Encode(op)
	if err != nil {
		s.t.Fatal(err)
	}
	entry := s.put(s.log(author, incarnation, oplog.Control), author, lamport, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(payload)})
	if add, ok := op.(*Add); ok {
		for n := range s.devices {
			if _, named := s.names[n]; !named && add.Person == person(n) {
				s.as(n, entry)
			}
		}
	}
	return entry
}

// say puts a content entry at the end of an author's log.
func (s *scene) say(author, incarnation int, lamport uint64) oplog.Verified {
	s.t.Helper()
	return s.put(s.log(author, incarnation, oplog.Content), author, lamport, oplog.Draft{Kind: oplog.KindContent, Epoch: epochID(0), Payload: oplog.Plain([]byte("sealed"))})
}

func (s *scene) put(log oplog.Log, author int, lamport uint64, draft oplog.Draft) oplog.Verified {
	s.t.Helper()
	head, ok := s.heads[log.ID()]
	if !ok {
		head = oplog.Head{Log: log}
	}
	at := head
	at.Lamport = max(lamport, head.Seq+1) - 1
	entries, err := oplog.Compose(s.devices[author], at, 0, testTime, []oplog.Draft{draft})
	if err != nil {
		s.t.Fatal(err)
	}
	s.heads[log.ID()] = entries[0].Head()
	return entries[0]
}

// speaks: device n is person n's.
func (s *scene) speaks(device key.DeviceID, _ oplog.LogID, _ uint64) (key.PersonID, bool) {
	for n, d := range s.devices {
		if d.ID() == device {
			return person(n), true
		}
	}
	return key.PersonID{}, false
}

// fold folds the create and the entries.
func (s *scene) fold(entries ...oplog.Verified) *State {
	s.t.Helper()
	return Fold(s.id, append([]oplog.Verified{s.begin}, entries...), s.speaks)
}

func (s *scene) add(n int, generation uint64) *Add {
	return &Add{Person: person(n), Role: Writer, Generation: generation}
}

// addAfter adds somebody knowing of what ended their membership.
func (s *scene) addAfter(n int, generation uint64, enders ...oplog.Verified) *Add {
	op := s.add(n, generation)
	for _, e := range enders {
		op.After = append(op.After, e.ID())
	}
	return op
}

func (s *scene) remove(n int, cut ...CutPoint) *Remove { return &Remove{Person: person(n), Cut: cut} }

func (s *scene) setRole(n int, role Role, cut ...CutPoint) *SetRole {
	return &SetRole{Person: person(n), Role: role, Cut: cut}
}

// knowing makes a rotation name departures.
func knowing(op *Rotate, enders ...oplog.Verified) *Rotate {
	for _, e := range enders {
		op.Out = append(op.Out, enderID(e.ID()))
	}
	slices.SortFunc(op.Out, func(a, b EnderID) int { return bytes.Compare(a[:], b[:]) })
	return op
}

func (s *scene) cutAt(author, incarnation int, lane oplog.Lane, seq uint64) CutPoint {
	return CutPoint{Log: s.log(author, incarnation, lane).ID(), Seq: seq}
}

// rotate starts epoch n, for the people given in generation 1, after the parents given.
func rotate(n int, parents []int, readers ...int) *Rotate {
	op := &Rotate{Epoch: epochID(n), KeyCommitment: seal.Commitment{byte(n)}, HistoryCommitment: seal.Commitment{byte(n), 1}}
	for _, parent := range parents {
		op.Parents = append(op.Parents, epochID(parent))
		op.SealedParents = append(op.SealedParents, make([]byte, seal.SealedParentSize))
	}
	for _, reader := range readers {
		op.For = append(op.For, EpochReader{Person: person(reader), Generation: 1})
	}
	return op
}

// one is a home in which everybody has their first person key.
func one(key.PersonID) uint64 { return 1 }
