package space

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Member is somebody who is or was in a space.
type Member struct {
	Person key.PersonID
	Role   Role          // 0: not a member any more
	Tenure oplog.EntryID // the operation that made them one, the last time
	// Generation of their person key when they were added; 0 for the owner, for whom every epoch is made.
	Generation uint64
	// Cut says, for logs that a removal named, the last entry that counts: of several removals, the least.
	Cut map[oplog.LogID]uint64
	// left says the same for logs that a leave or a demotion named.
	left map[oplog.LogID]uint64
	// since numbers the tenures by seniority: 0 for the owner, whoever was added later has more.
	since int
}

// Epoch is a stretch of the space's life under one key, as its rotation published it.
type Epoch struct {
	Rotate
	Entry  oplog.EntryID
	Author key.PersonID
	// later are those who may have been handed the key although it was not made for them: members whom its author
	// had not heard of, and everybody added since.
	later []EpochReader
	rank  int // the author's seniority when they rotated
	order int // in which Fold met it
}

// State is what a space's control lane comes to. It is immutable once folded, and safe for concurrent use.
type State struct {
	ID      key.SpaceID
	Create  Create
	Entry   oplog.EntryID // the create
	Closed  bool
	members map[key.PersonID]*Member
	epochs  map[oplog.EpochID]*Epoch
	erased  map[place][]erasure
	// ends says, for everybody whom the owner ever removed, where the cuts end their logs.
	ends map[key.PersonID]map[oplog.LogID]uint64
	// removed holds those whom the owner has removed and not added again. Whether they left by themselves too plays
	// no part.
	removed map[key.PersonID]bool
	// control holds the logs of the control lane.
	control map[oplog.LogID]bool
	// creates holds the entries with the create statement: one, unless the owner wrote it twice.
	creates map[oplog.EntryID]bool
	// tenures and rotations count what has been met so far.
	tenures, rotations int
}

// place is where an entry stands.
type place struct {
	log oplog.LogID
	seq uint64
}

// erasure is a wish that counts for entries of its author, or for every entry if it is the owner's.
type erasure struct {
	by    key.PersonID
	owner bool
}

// End tells whether a log of the person has ended, and then the number of its last entry that counts, 0 for none. Every
// home comes to the same answer from the same operations, and so keeps the same entries.
//
// In the control lane only removals end a log, because there everybody has to hold the same to fold the same. Who
// left can still write there, to no effect. In the content lane, leaves and demotions count too.
func (s *State) End(by key.PersonID, lane oplog.Lane, log oplog.LogID) (last uint64, ended bool) {
	if by == s.Create.Owner {
		return 0, false
	}
	member := s.members[by]
	if member == nil {
		return 0, true
	}
	last, ended = member.Cut[log]
	if !ended && s.removed[by] {
		return 0, true
	}
	if lane == oplog.Control {
		return last, ended
	}
	if end, named := member.left[log]; named {
		if !ended || end < last {
			last = end
		}
		return last, true
	}
	if !ended && (member.Role == 0 || member.Role < s.Create.Post) {
		return 0, true
	}
	return last, ended
}

// MayWrite tells whether an entry of the person at this place in the lane is accepted: the first of the two
// phases of authorisation, before anything is decrypted.
func (s *State) MayWrite(by key.PersonID, lane oplog.Lane, log oplog.LogID, seq uint64) bool {
	last, ended := s.End(by, lane, log)
	return !ended || seq <= last
}

// Ended tells whether a cut names the log, so that its author must open a new incarnation to write again.
func (s *State) Ended(by key.PersonID, log oplog.LogID) bool {
	member := s.members[by]
	if member == nil {
		return false
	}
	_, cut := member.Cut[log]
	_, left := member.left[log]
	return cut || left
}

// Role is the person's role now; 0 if they are no member.
func (s *State) Role(person key.PersonID) Role {
	if member := s.members[person]; member != nil {
		return member.Role
	}
	return 0
}

// Member finds somebody who is or was in the space.
func (s *State) Member(person key.PersonID) (Member, bool) {
	member := s.members[person]
	if member == nil {
		return Member{}, false
	}
	return *member, true
}

// Members lists the members of now, the owner first, then by ID.
func (s *State) Members() []Member {
	var list []Member
	for _, member := range s.members {
		if member.Role != 0 {
			list = append(list, *member)
		}
	}
	slices.SortFunc(list, func(a, b Member) int {
		return cmp.Or(cmp.Compare(b.Role, a.Role), bytes.Compare(a.Person[:], b.Person[:]))
	})
	return list
}

// People lists everybody who is or was in the space: those whose identity logs belong to it.
func (s *State) People() []key.PersonID {
	list := make([]key.PersonID, 0, len(s.members))
	for person := range s.members {
		list = append(list, person)
	}
	slices.SortFunc(list, func(a, b key.PersonID) int { return bytes.Compare(a[:], b[:]) })
	return list
}

// Erased tells whether the entry of this author at this place was asked to be erased by somebody who may: its
// author, or the owner of the space.
func (s *State) Erased(author key.PersonID, log oplog.LogID, seq uint64) bool {
	return slices.ContainsFunc(s.erased[place{log, seq}], func(e erasure) bool { return e.owner || e.by == author })
}

// Ending is where a log of somebody ends.
type Ending struct {
	Person key.PersonID
	Log    oplog.LogID
	Seq    uint64 // the last entry that counts
}

// Cuts lists where logs end that a removal, a leave or a demotion named, in a fixed order. A log that is not the
// person's own is not meant: the author of a leave may have named any. Logs that nobody named are not in the list and
// may have ended all the same; End tells.
func (s *State) Cuts() []Ending {
	var list []Ending
	for person, member := range s.members {
		for log := range member.Cut {
			end, _ := s.End(person, s.laneOf(log), log)
			list = append(list, Ending{person, log, end})
		}
		for log := range member.left {
			if _, listed := member.Cut[log]; !listed && !s.control[log] {
				end, _ := s.End(person, oplog.Content, log)
				list = append(list, Ending{person, log, end})
			}
		}
	}
	slices.SortFunc(list, func(a, b Ending) int {
		return cmp.Or(bytes.Compare(a.Person[:], b.Person[:]), bytes.Compare(a.Log[:], b.Log[:]))
	})
	return list
}

// laneOf is the lane of a log, as far as its entries are here.
func (s *State) laneOf(log oplog.LogID) oplog.Lane {
	if s.control[log] {
		return oplog.Control
	}
	return oplog.Content
}
