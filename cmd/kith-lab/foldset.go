package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/space"
	"kith/internal/tenure"
)

const (
	drawnPeople  = 6
	drawnDevices = 2 // of each
)

// unsigned writes entries without signing them: what is folded has been verified before.
type unsigned key.DeviceID

func (u unsigned) ID() key.DeviceID                        { return key.DeviceID(u) }
func (unsigned) Sign(key.Domain, []byte) (s key.Signature) { return s }

func drawnPerson(n int) key.PersonID { return key.PersonID{byte(n + 1), 0x50} }

func drawnDevice(person, n int) key.DeviceID {
	return key.DeviceID{byte(person + 1), byte(n + 1), 0xd0}
}

// foldKind is a kind of space that sets are drawn in.
type foldKind struct {
	create space.Create
	id     key.SpaceID
	begin  oplog.Verified
}

// drawnKinds are a group into which every member brings others, a chat for which admins do, and a wall.
func drawnKinds() ([]*foldKind, error) {
	var kinds []*foldKind
	for i, create := range []space.Create{
		{Kind: space.Group, Post: space.Writer, Invite: space.Writer, History: space.HistoryAll},
		{Kind: space.Chat, Post: space.Reader, Invite: space.Admin, History: space.HistoryJoining},
		{Kind: space.Wall, Post: space.Writer, Invite: space.OwnerRole, History: space.HistoryAll},
	} {
		create.Nonce, create.Owner = [16]byte{byte(i)}, drawnPerson(0)
		k := &foldKind{create: create}
		payload, err := space.Encode(&k.create)
		if err != nil {
			return nil, err
		}
		k.id = key.SpaceOf(payload)
		log := oplog.Log{Space: k.id, Device: drawnDevice(0, 0), Lane: oplog.Control}
		entries, err := compose(oplog.Head{Log: log}, 1, payload)
		if err != nil {
			return nil, err
		}
		k.begin = entries[0]
		kinds = append(kinds, k)
	}
	return kinds, nil
}

func compose(head oplog.Head, lamport uint64, payload []byte) ([]oplog.Verified, error) {
	head.Lamport = max(lamport, head.Seq+1) - 1
	return oplog.Compose(unsigned(head.Log.Device), head, 0, time.Unix(1_700_000_000, 0),
		[]oplog.Draft{{Kind: oplog.KindControl, Payload: oplog.Plain(payload)}})
}

// foldSet is a set of operations, and what of it is known while it is drawn.
type foldSet struct {
	kind    *foldKind
	entries []oplog.Verified // the create first
	ops     []space.Operation
	logs    []oplog.Log
	heads   map[oplog.Log]oplog.Head
	rights  []drawnRight
	enders  []int
	dice    *rand.Rand
}

// drawnRight is a tenure that somebody may have, had, or will turn out never to have had.
type drawnRight struct {
	person int
	name   tenure.Name
}

func (s *foldSet) speaks(device key.DeviceID, _ oplog.LogID, _ uint64) (key.PersonID, bool) {
	return drawnPerson(int(device[0]) - 1), true
}

func (s *foldSet) root() tenure.Grant[key.PersonID] {
	return tenure.Grant[key.PersonID]{Subject: s.kind.create.Owner, Role: uint64(space.OwnerRole)}
}

// drawSet draws a set: a few appointments first, so that there are people with power, then anything by anybody.
func drawSet(dice *rand.Rand, kinds []*foldKind) (*foldSet, error) {
	k := kinds[min(dice.IntN(8)/3, len(kinds)-1)]
	s := &foldSet{
		kind: k, dice: dice, entries: []oplog.Verified{k.begin}, ops: []space.Operation{&k.create},
		logs: []oplog.Log{k.begin.Log()}, heads: map[oplog.Log]oplog.Head{k.begin.Log(): k.begin.Head()}, rights: []drawnRight{{}},
	}
	for n := 1; n < 3; n++ {
		add := &space.Add{Person: drawnPerson(n), Role: space.Admin, Generation: 1}
		if k.create.Kind == space.Wall {
			add.Role = space.Writer
		}
		if err := s.write(s.rights[0], 0, add); err != nil {
			return nil, err
		}
	}
	for range 3 + dice.IntN(14) {
		by := s.rights[dice.IntN(len(s.rights))]
		if err := s.write(by, dice.IntN(drawnDevices), s.operation(by)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// write puts an operation into a log under a right, with any Lamport time.
func (s *foldSet) write(by drawnRight, device int, op space.Operation) error {
	payload, err := space.Encode(op)
	if err != nil {
		return err
	}
	log := oplog.Log{Space: s.kind.id, Device: drawnDevice(by.person, device), Lane: oplog.Control}
	copy(log.Incarnation[:], by.name[:])
	head, begun := s.heads[log]
	if !begun {
		head = oplog.Head{Log: log}
		s.logs = append(s.logs, log)
	}
	entries, err := compose(head, 1+s.dice.Uint64N(30), payload)
	if err != nil {
		return err
	}
	entry := entries[0]
	s.heads[log] = entry.Head()
	if target, grants := granted(op); grants {
		s.rights = append(s.rights, drawnRight{target, tenure.NameOf(entry.ID())})
	}
	switch op.(type) {
	case *space.HandOver:
		s.rights = append(s.rights, drawnRight{by.person, tenure.NameOf(entry.ID())})
		s.enders = append(s.enders, len(s.entries))
	case *space.Remove, *space.SetRole, *space.Leave:
		s.enders = append(s.enders, len(s.entries))
	}
	s.entries, s.ops = append(s.entries, entry), append(s.ops, op)
	return nil
}

// granted is the number of the person whom an operation would give something.
func granted(op space.Operation) (person int, grants bool) {
	switch op := op.(type) {
	case *space.Add:
		return int(op.Person[0]) - 1, true
	case *space.SetRole:
		return int(op.Person[0]) - 1, true
	case *space.HandOver:
		return int(op.Person[0]) - 1, true
	}
	return 0, false
}

// operation is anything.
func (s *foldSet) operation(by drawnRight) space.Operation {
	number := s.dice.IntN(drawnPeople)
	target, role := drawnPerson(number), space.Role(1+s.dice.IntN(3))
	switch s.dice.IntN(16) {
	case 0, 1, 2, 3:
		return &space.Add{Person: target, Role: role, Generation: 1 + s.dice.Uint64N(2), After: s.after()}
	case 4, 5, 6, 7:
		return &space.Remove{Person: target, Cut: s.cut(number)}
	case 8, 9:
		return &space.SetRole{Person: target, Role: role, Cut: s.cut(number), After: s.after()}
	case 10:
		return &space.Leave{Cut: s.cut(by.person)}
	case 11:
		return &space.HandOver{Person: target, Cut: s.cut(by.person), After: s.after()}
	case 12:
		log := s.logs[s.dice.IntN(len(s.logs))]
		log.Lane = oplog.Content
		return &space.Erase{Targets: []space.Target{{Log: log.ID(), Seq: 1}}}
	case 13:
		if s.dice.IntN(8) == 0 {
			return &space.Close{}
		}
	}
	op := &space.Rotate{Epoch: oplog.EpochID{byte(1 + s.dice.IntN(4))}, KeyCommitment: seal.Commitment{byte(s.dice.IntN(256))}}
	for n := range drawnPeople {
		if n == 0 || s.dice.IntN(3) > 0 {
			op.For = append(op.For, space.EpochReader{Person: drawnPerson(n), Generation: 1})
		}
	}
	for _, i := range s.enders {
		if id := s.entries[i].ID(); s.dice.IntN(4) > 0 {
			op.Out = append(op.Out, space.EnderID(id[:8]))
		}
	}
	slices.SortFunc(op.Out, func(a, b space.EnderID) int { return slices.Compare(a[:], b[:]) })
	return op
}

// cut names logs, mostly the person's, with ends near where they are.
func (s *foldSet) cut(person int) (cut []space.CutPoint) {
	for _, log := range s.logs {
		if theirs := int(log.Device[0])-1 == person; theirs && s.dice.IntN(4) > 0 || s.dice.IntN(10) == 0 {
			cut = append(cut, space.CutPoint{Log: log.ID(), Seq: s.dice.Uint64N(s.heads[log].Seq + 2)})
		}
	}
	return cut
}

// after names some of the operations that end somebody.
func (s *foldSet) after() (list []oplog.EntryID) {
	for _, i := range s.enders {
		if s.dice.IntN(2) == 0 {
			list = append(list, s.entries[i].ID())
		}
	}
	return list
}

// plainly reads the set for the oracle, on a table of its own of who may do what.
func (s *foldSet) plainly() ([]tenure.Op[key.PersonID], error) {
	var ops []tenure.Op[key.PersonID]
	shared := s.kind.create.Kind == space.Group || s.kind.create.Kind == space.Chat
	admin, most := uint64(4), space.Writer
	if shared {
		admin, most = 3, space.Admin
	}
	for i := range s.entries {
		e := &s.entries[i]
		by, _ := s.speaks(e.Log().Device, e.LogID(), e.Seq())
		id := e.ID()
		o := tenure.Op[key.PersonID]{ID: id, Log: e.LogID(), Seq: e.Seq(), Author: by, Under: tenure.Under(e.Log()), Needs: 1}
		grant := func(person key.PersonID, role space.Role, after []oplog.EntryID) {
			o.Grants = append(o.Grants, tenure.Grant[key.PersonID]{Subject: person, Name: tenure.Name(id[:8]), Role: uint64(role), After: after})
		}
		possible := true
		switch op := s.ops[i].(type) {
		case *space.Add:
			grant(op.Person, op.Role, op.After)
			o.Needs, possible = 4, op.Role <= most
			if shared {
				o.Needs = max(uint64(s.kind.create.Invite), uint64(op.Role))
			}
		case *space.SetRole:
			grant(op.Person, op.Role, op.After)
			o.End = &tenure.End[key.PersonID]{Subject: op.Person, Cap: uint64(op.Role), Cut: op.Cut}
			o.Needs, possible = admin, op.Role <= most
		case *space.Remove:
			o.Needs, o.End = admin, &tenure.End[key.PersonID]{Subject: op.Person, Cut: op.Cut}
		case *space.Leave:
			o.End = &tenure.End[key.PersonID]{Subject: by, Own: true, Cut: op.Cut}
		case *space.HandOver:
			grant(op.Person, space.OwnerRole, op.After)
			o.Grants[0].Seat = true
			grant(by, space.Admin, op.After)
			o.Needs, o.Once, o.End = 4, true, &tenure.End[key.PersonID]{Subject: by, Own: true, Cut: op.Cut}
			possible = shared && op.Person != by
		case *space.Close:
			o.Needs = 4
		case *space.Rotate:
			o.Needs = uint64(s.kind.create.Post)
		case *space.Erase, *space.Create:
		default:
			return nil, fmt.Errorf("an operation that is not drawn: %T", op)
		}
		if possible {
			ops = append(ops, o)
		}
	}
	return ops, nil
}
