package space

import (
	"kith/internal/key"
	"kith/internal/tenure"
)

// nobody is a role that no tenure has.
const nobody = OwnerRole + 1

// oneOwner tells whether a space of this kind has one owner, for good, and no admins.
func (k Kind) oneOwner() bool { return k == Wall || k == Audience || k == Own }

// power is the role that governs the space: it removes people, changes their roles, and erases what they wrote.
func (c *Create) power() Role {
	if c.Kind.oneOwner() {
		return OwnerRole
	}
	return Admin
}

// mostGranted is the highest role that can be given with an add or a change of role.
func (c *Create) mostGranted() Role {
	if c.Kind.oneOwner() {
		return Writer
	}
	return Admin
}

// needs is the least role that may write an operation; nobody where none may.
func (c *Create) needs(op Operation) Role {
	switch op := inner(op).(type) {
	case *Add:
		switch {
		case op.Role > c.mostGranted():
			return nobody
		case c.Kind.oneOwner():
			return OwnerRole
		default:
			return max(c.Invite, op.Role)
		}
	case *SetRole:
		if op.Role > c.mostGranted() {
			return nobody
		}
		return c.power()
	case *Remove:
		return c.power()
	case *HandOver:
		if c.Kind.oneOwner() {
			return nobody
		}
		return OwnerRole
	case *Close:
		return OwnerRole
	case *GrantKeeper, *RevokeKeeper:
		return Admin
	case *Rotate:
		return c.Post
	default: // leave, ask, merge, erase, settle, and the create, which does nothing a second time
		return Reader
	}
}

// rightful is an operation as far as it matters who may do what.
func (c *Create) rightful(s step) rightful {
	id := s.id
	out := rightful{
		ID: id, Log: s.entry.LogID(), Seq: s.entry.Seq(), Author: s.by, Under: tenure.Under(s.entry.Log()), Needs: uint64(c.needs(s.op)),
	}
	grant := func(person key.PersonID, role Role) tenure.Grant[key.PersonID] {
		return tenure.Grant[key.PersonID]{Subject: person, Name: tenure.NameOf(id), Role: uint64(role)}
	}
	switch op := s.op.(type) {
	case *Add:
		granted := grant(op.Person, op.Role)
		granted.After = op.After
		out.Grants = append(out.Grants, granted)
	case *Remove:
		out.End = &tenure.End[key.PersonID]{Subject: op.Person, Cut: op.Cut}
	case *SetRole:
		granted := grant(op.Person, op.Role)
		granted.After = op.After
		out.Grants = append(out.Grants, granted)
		out.End = &tenure.End[key.PersonID]{Subject: op.Person, Cap: uint64(op.Role), Cut: op.Cut}
	case *Leave:
		out.End = &tenure.End[key.PersonID]{Subject: s.by, Own: true, Cut: op.Cut}
	case *HandOver:
		if op.Person == s.by {
			out.Needs = uint64(nobody)
		}
		owner, admin := grant(op.Person, OwnerRole), grant(s.by, Admin)
		owner.Seat, owner.After, admin.After = true, op.After, op.After
		out.Grants = append(out.Grants, owner, admin)
		out.End = &tenure.End[key.PersonID]{Subject: s.by, Own: true, Cut: op.Cut}
		out.Once = true
	}
	return out
}
