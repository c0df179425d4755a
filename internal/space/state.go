package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
)

// Member is somebody who is in a space.
type Member struct {
	Person key.PersonID
	Role   Role
}

// Epoch is a stretch of the space's life under one key, as its rotation published it.
type Epoch struct {
	Rotate
	Entry   oplog.EntryID
	Author  key.PersonID
	by      *rightOf
	lamport uint64
}

// State is what a space's control lane comes to. It is immutable once folded, and safe for concurrent use.
type State struct {
	ID     key.SpaceID
	Create Create
	Entry  oplog.EntryID // the create
	// Closed: nobody is to write any more. What others wrote before they heard of it is still accepted.
	Closed bool

	of     map[key.PersonID][]*rightOf // the tenures of everybody who ever had one, the most senior first
	role   map[key.PersonID]Role
	enders []*tenure.Ender[key.PersonID]
	out    []EnderID // of those that lower somebody, ascending
	// generations are those that adds name, by the add.
	generations map[oplog.EntryID]uint64
	epochs      map[oplog.EpochID]*Epoch
	erased      map[place][]erasure
	held        map[EnderID]struct{} // the entries that were folded
	asked       map[key.PersonID]bool
	forks       map[oplog.LogID][]settlement
}

// place is where an entry stands.
type place struct {
	log oplog.LogID
	seq uint64
	id  oplog.EntryID // of what stands there: in another branch of a forked log it is something else
}

// erasure is a wish that counts for entries of its author; with power also for those of their juniors.
type erasure struct {
	by    *rightOf
	power bool
}

// under finds the tenure under which a person writes a log; nil if they have no such tenure.
func (s *State) under(person key.PersonID, log oplog.Log) *rightOf {
	name := tenure.Under(log)
	for _, t := range s.of[person] {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// End tells whether a log of the person has ended, and then the number of its last entry that is accepted, 0 for none.
// Every home comes to the same answer from the same operations, and so keeps the same entries.
//
// In the control lane only what seniors did ends a log, because there everybody has to hold the same to fold the same:
// who left can still write there, to no effect. In the content lane leaves count too, and lowered roles.
func (s *State) End(by key.PersonID, log oplog.Log) (last uint64, ended bool) {
	t := s.under(by, log)
	switch {
	case t == nil:
		return 0, true
	case log.Lane == oplog.Control:
		return t.LastByOthers(uint64(Reader), log.ID())
	default:
		return t.Last(uint64(s.Create.Post), log.ID())
	}
}

// MayWrite tells whether an entry of the person at this place in the log is accepted: the first of the two
// phases of authorisation, before anything is decrypted.
func (s *State) MayWrite(by key.PersonID, log oplog.Log, seq uint64) bool {
	last, ended := s.End(by, log)
	return !ended || seq <= last
}

// Knows tells whether the person has the tenure under which the log is written, ended or not.
func (s *State) Knows(by key.PersonID, log oplog.Log) bool { return s.under(by, log) != nil }

// Needs is the role that its author has to have for an operation to count. An erase of what others wrote needs more:
// the role that governs the space.
func (s *State) Needs(op Operation) Role { return s.Create.needs(op) }

// Power is the role that governs the space: it removes people and erases what others wrote.
func (s *State) Power() Role { return s.Create.power() }

// Suffices tells whether what the person writes next at this place in their log is done in at least the role given.
func (s *State) Suffices(by key.PersonID, log oplog.Log, seq uint64, role Role) bool {
	t := s.under(by, log)
	return t != nil && t.Within(uint64(role), log.ID(), seq)
}

// TenureFor names the person's most senior tenure that suffices for a role now. New logs are to be written under it. A
// leave ends the tenure that it is written under and those junior to it; to leave altogether takes the most senior.
func (s *State) TenureFor(person key.PersonID, role Role) (tenure.Name, bool) {
	for _, t := range s.of[person] {
		if Role(t.Now()) >= role {
			return t.Name, true
		}
	}
	return tenure.Name{}, false
}

// After lists the operations that an add or a change to the role has to name so that none known lowers what it grants;
// for a handing over, those against the new owner and the old.
func (s *State) After(role Role, people ...key.PersonID) []oplog.EntryID {
	var list []oplog.EntryID
	for _, e := range s.enders {
		if Role(e.Cap) < role && slices.Contains(people, e.Subject) {
			list = append(list, e.ID)
		}
	}
	slices.SortFunc(list, func(a, b oplog.EntryID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// Role is the person's role now; 0 if they are no member.
func (s *State) Role(person key.PersonID) Role { return s.role[person] }

// Members lists the members of now, by role from the owner down, then by ID.
func (s *State) Members() []Member {
	var list []Member
	for person, role := range s.role {
		if role != 0 {
			list = append(list, Member{person, role})
		}
	}
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(b.Role, a.Role), bytes.Compare(a.Person[:], b.Person[:]))
	})
	return list
}

// People lists everybody who is or was in the space or asks to join it, by ID: those whose identity logs belong to it.
func (s *State) People() []key.PersonID {
	list := make([]key.PersonID, 0, len(s.of)+len(s.asked))
	for person := range s.of {
		list = append(list, person)
	}
	for person := range s.asked {
		list = append(list, person)
	}
	slices.SortFunc(list, func(a, b key.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// Erased tells whether the entry of this author at this place was asked to be erased by somebody who may: its
// author, or, with the role that governs the space, somebody whose tenure is senior to that of the log.
func (s *State) Erased(author key.PersonID, log oplog.Log, seq uint64, id oplog.EntryID) bool {
	wishes := s.erased[place{log.ID(), seq, id}]
	if len(wishes) == 0 {
		return false
	}
	t := s.under(author, log)
	return slices.ContainsFunc(wishes, func(e erasure) bool {
		return e.by.Subject == author || e.power && t != nil && t.Rank > e.by.Rank
	})
}

// GrantOf names the operation that gave the person the most senior tenure that they have now; zero for the create's, and
// false for who is no member.
func (s *State) GrantOf(person key.PersonID) (oplog.EntryID, bool) {
	for _, t := range s.of[person] {
		if t.Now() > 0 {
			return t.Grant, true
		}
	}
	return oplog.EntryID{}, false
}
