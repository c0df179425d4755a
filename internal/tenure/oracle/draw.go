package oracle

import (
	"encoding/binary"
	"math/rand/v2"

	"kith/internal/oplog"
	"kith/internal/tenure"
)

// Subject is somebody in a drawn set.
type Subject [32]byte

// Someone is subject n.
func Someone(n int) Subject { return Subject{0: byte(n + 1)} }

// People is how many subjects a drawn set is about, at most.
const People = 6

// Root is the root tenure of drawn sets: subject 0, of role 4.
func Root() tenure.Grant[Subject] { return tenure.Grant[Subject]{Subject: Someone(0), Role: 4} }

// drawing is a set on its way.
type drawing struct {
	dice   *rand.Rand
	ops    []tenure.Op[Subject]
	rights []tenure.Grant[Subject] // that somebody may have
	logs   map[oplog.LogID]uint64  // their last entries
	named  []oplog.LogID
	enders []int // indexes of ops
}

// Draw makes a set of operations by people who have tenures, had, or will turn out never to have had them: they appoint
// and end one another, lower, leave and hand over at the same time, and name cuts and earlier enders that are right,
// wrong, or of others' logs.
func Draw(dice *rand.Rand) []tenure.Op[Subject] {
	d := &drawing{dice: dice, rights: []tenure.Grant[Subject]{Root()}, logs: make(map[oplog.LogID]uint64)}
	for range 4 + dice.IntN(20) {
		d.next()
	}
	return d.ops
}

func (d *drawing) next() {
	as := d.dice.IntN(len(d.rights))
	if d.dice.IntN(4) == 0 {
		as = 0 // the root does more than others
	}
	by := d.rights[as]
	log := oplog.LogID{0: by.Subject[0], 2: byte(d.dice.IntN(2))}
	copy(log[4:], by.Name[:])
	op := tenure.Op[Subject]{Log: log, Author: by.Subject, Under: by.Name}
	if d.logs[log] == 0 {
		d.named = append(d.named, log)
	}
	if d.logs[log]++; d.dice.IntN(40) == 0 && d.logs[log] > 1 {
		d.logs[log]-- // a fork
	}
	op.Seq = d.logs[log]
	binary.BigEndian.PutUint64(op.ID[:], d.dice.Uint64())
	binary.BigEndian.PutUint64(op.ID[24:], uint64(len(d.ops)+1))
	d.fill(&op)
	if op.End != nil {
		d.enders = append(d.enders, len(d.ops))
	}
	d.ops = append(d.ops, op)
	d.rights = append(d.rights, op.Grants...)
}

// fill chooses what an operation does.
func (d *drawing) fill(op *tenure.Op[Subject]) {
	target := Someone(d.dice.IntN(People))
	role := uint64(1 + d.dice.IntN(3))
	grant := tenure.Grant[Subject]{Subject: target, Name: tenure.NameOf(op.ID), Role: role, After: d.after(target)}
	switch d.dice.IntN(14) {
	case 0, 1, 2, 3: // add
		op.Needs = max(2, role)
		if d.dice.IntN(30) == 0 {
			grant.Name = d.rights[d.dice.IntN(len(d.rights))].Name // two tenures under one name
		}
		op.Grants = append(op.Grants, grant)
	case 4, 5, 6: // remove
		op.Needs = 3
		op.End = &tenure.End[Subject]{Subject: target, Cut: d.cut(target)}
	case 7, 8: // change a role
		op.Needs = 3
		op.End = &tenure.End[Subject]{Subject: target, Cap: role, Cut: d.cut(target)}
		op.Grants = append(op.Grants, grant)
	case 9, 10: // leave
		op.Needs = 1
		op.End = &tenure.End[Subject]{Subject: op.Author, Own: true, Cut: d.cut(op.Author)}
	case 11: // hand over
		if target == op.Author {
			target = Someone((int(target[0])) % People)
		}
		op.Needs, op.Once = 4, true
		op.End = &tenure.End[Subject]{Subject: op.Author, Own: true, Cut: d.cut(op.Author)}
		after := append(d.after(target), d.after(op.Author)...)
		op.Grants = append(op.Grants,
			tenure.Grant[Subject]{Subject: target, Name: grant.Name, Role: 4, Seat: true, After: after},
			tenure.Grant[Subject]{Subject: op.Author, Name: grant.Name, Role: 3, After: after},
		)
	default: // something else that takes a role
		op.Needs = uint64(1 + d.dice.IntN(3))
	}
}

// cut names logs, mostly those of the target, with ends near where they are.
func (d *drawing) cut(target Subject) []tenure.CutPoint {
	var cut []tenure.CutPoint
	for _, log := range d.named {
		if log[0] != target[0] && d.dice.IntN(8) > 0 || log[0] == target[0] && d.dice.IntN(4) == 0 {
			continue
		}
		cut = append(cut, tenure.CutPoint{Log: log, Seq: uint64(d.dice.IntN(int(d.logs[log]) + 2))})
	}
	return cut
}

// after names some of the enders there are against the target, and now and then another.
func (d *drawing) after(target Subject) []oplog.EntryID {
	var list []oplog.EntryID
	for _, i := range d.enders {
		if op := &d.ops[i]; op.End.Subject == target && d.dice.IntN(2) == 0 || d.dice.IntN(12) == 0 {
			list = append(list, op.ID)
		}
	}
	return list
}
