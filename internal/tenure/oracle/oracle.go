// Package oracle states the rule of package tenure once more, slowly and from its definitions, to compare the two; draws
// sets of operations that conflict in every way; and has variants of the rule with a mistake each, which a comparison has
// to notice. Only tests and measurements use it.
package oracle

import (
	"bytes"
	"cmp"
	"slices"

	"kith/internal/oplog"
	"kith/internal/tenure"
)

// Mistake is a way to get the rule wrong.
type Mistake int

// The mistakes.
const (
	None              Mistake = iota
	CutSkipped                // an ender ends logs wholly
	CutTooLong                // the entry after the cut counts, too
	UnnamedOpen               // a log that a cut does not name goes on
	CapIgnored                // a lowered role is no role
	AfterIgnored              // an add after a removal is as good as one at the same time
	AfterForAll               // an add that names any ender overrides all
	JuniorsEnd                // whoever has the role ends anybody
	EqualsEnd                 // seniority ends at depth: those of one depth end one another
	ByID                      // a grant's place in its log plays no part
	ByArrival                 // of two grants under one tenure, that which came first is senior, as by a clock
	ByPlaceOnly               // a parent's seniority plays no part
	LeaveVoidsLeave           // of two leaves one can void the other
	LeaveVoidsItself          // a leave stands beyond its own cut
	LeaveOfOthers             // a leave that names somebody else's log ends nothing and is taken for a removal of all
	TwoHandOvers              // every handing over counts
	LastHandOver              // the last handing over counts
	NoSeat                    // a new owner is the old one's junior as anybody whom they appointed
	OldOwnerOut               // a handing over ends what it grants
	RoleUnchecked             // whoever has a tenure may do anything
	GrantsOfVoid              // what a void operation grants holds
	EndsOfVoid                // what a void operation ends is ended
	NameOfJunior              // of two tenures under one name the junior is meant
	BoundByArrival            // of too many subjects, those who come first in the list are in
	OwnEndersOfSenior         // a leave ends tenures senior to its own
	lastMistake
)

// Mistakes lists all of them.
func Mistakes() []Mistake {
	var list []Mistake
	for m := None + 1; m < lastMistake; m++ {
		list = append(list, m)
	}
	return list
}

// Verdict is what operations come to.
type Verdict[S tenure.Subject] struct {
	Counts   map[oplog.EntryID]bool
	Tenures  []Right[S] // the most senior first
	Applying map[oplog.EntryID]bool
}

// Right is a tenure.
type Right[S tenure.Subject] struct {
	Subject S
	Name    tenure.Name
	Grant   oplog.EntryID
	Role    uint64
	Now     uint64
}

// right is a tenure that is believed to have been granted.
type right[S tenure.Subject] struct {
	tenure.Grant[S]
	by     *tenure.Op[S] // nil for the root
	parent *right[S]
	depth  int
}

// belief is an operation that is believed to count, and under which tenure.
type belief[S tenure.Subject] struct {
	op    *tenure.Op[S]
	under *right[S]
}

// judge holds what is believed in one round.
type judge[S tenure.Subject] struct {
	mistake Mistake
	ops     []*tenure.Op[S]
	bounds  tenure.Bounds
	root    tenure.Grant[S]
	believe []belief[S]
	rights  []*right[S]
	places  map[oplog.LogID]S // whose logs there are
}

// Fold goes through the definitions believing what the round before came to, until nothing changes. It gives up after as
// many rounds as there are operations and some, and returns nil: with a mistake there need not be an end.
func Fold[S tenure.Subject](root tenure.Grant[S], ops []tenure.Op[S], bounds tenure.Bounds, mistake Mistake) *Verdict[S] {
	j := &judge[S]{mistake: mistake, bounds: bounds, root: root, places: make(map[oplog.LogID]S)}
	for i := range ops {
		if !slices.ContainsFunc(j.ops, func(op *tenure.Op[S]) bool { return op.ID == ops[i].ID }) {
			j.ops = append(j.ops, &ops[i])
			j.places[ops[i].Log] = ops[i].Author
		}
	}
	before := ""
	for range len(j.ops) + 3 {
		j.grant()
		j.count()
		now := j.summary()
		if now == before {
			return j.verdict()
		}
		before = now
	}
	return nil
}

// grant lists the tenures, the most senior first, as far as the beliefs go.
func (j *judge[S]) grant() {
	all := []*right[S]{{Grant: j.root}}
	made := map[*right[S]]*right[S]{} // the one of this round for one of the round before
	for _, r := range j.rights {
		if r.parent == nil {
			made[r] = all[0]
		}
	}
	for {
		grown := false
		for _, b := range j.believe {
			parent := made[b.under]
			if parent == nil {
				continue
			}
			for g := range b.op.Grants {
				if b.op.Grants[g].Role > parent.Role {
					continue // nobody grants more than they have
				}
				if slices.ContainsFunc(all, func(r *right[S]) bool { return r.by == b.op && r.Subject == b.op.Grants[g].Subject }) {
					continue
				}
				r := &right[S]{Grant: b.op.Grants[g], by: b.op, parent: parent, depth: parent.depth + 1}
				if r.Seat && j.mistake != NoSeat {
					r.depth = parent.depth
				}
				for _, old := range j.rights {
					if old.by == b.op && old.Subject == r.Subject {
						made[old] = r
					}
				}
				all = append(all, r)
				grown = true
			}
		}
		if !grown {
			break
		}
	}
	slices.SortStableFunc(all, j.seniority)
	j.rights = nil
	people, active := []S{}, 0
	if j.mistake == BoundByArrival && j.bounds.Subjects > 0 {
		people = j.firstInList(all)
	}
	for _, r := range all {
		same := slices.IndexFunc(j.rights, func(o *right[S]) bool { return o.Subject == r.Subject && o.Name == r.Name })
		if same >= 0 {
			if j.mistake == NameOfJunior {
				j.rights[same] = r
			}
			continue
		}
		stranger := !slices.Contains(people, r.Subject)
		if stranger && j.bounds.Subjects > 0 && len(people) >= j.bounds.Subjects {
			continue
		}
		j.rights = append(j.rights, r)
		if j.bounds.Active > 0 && j.now(r, false) > 0 && active >= j.bounds.Active {
			j.rights = j.rights[:len(j.rights)-1]
			continue
		}
		if j.now(r, true) > 0 {
			active++
		}
		if stranger {
			people = append(people, r.Subject)
		}
	}
}

func (j *judge[S]) firstInList(all []*right[S]) []S {
	people := []S{j.root.Subject}
	for _, op := range j.ops {
		for _, g := range op.Grants {
			granted := slices.ContainsFunc(all, func(r *right[S]) bool { return r.by == op })
			if granted && !slices.Contains(people, g.Subject) && len(people) < j.bounds.Subjects {
				people = append(people, g.Subject)
			}
		}
	}
	return people
}

// seniority compares two tenures; the lesser is senior.
func (j *judge[S]) seniority(a, b *right[S]) int {
	switch {
	case a == b:
		return 0
	case a.by == nil:
		return -1
	case b.by == nil:
		return 1
	case a.Role != b.Role:
		return cmp.Compare(b.Role, a.Role)
	case a.depth != b.depth:
		return cmp.Compare(a.depth, b.depth)
	case a.parent != b.parent && j.mistake != ByPlaceOnly:
		return j.seniority(a.parent, b.parent)
	case a.by != b.by && j.mistake == ByArrival:
		return cmp.Compare(slices.Index(j.ops, a.by), slices.Index(j.ops, b.by))
	case a.by.Seq != b.by.Seq && j.mistake != ByID:
		return cmp.Compare(a.by.Seq, b.by.Seq)
	case a.by.ID != b.by.ID:
		return bytes.Compare(a.by.ID[:], b.by.ID[:])
	default:
		x, y := [32]byte(a.Subject), [32]byte(b.Subject)
		return bytes.Compare(x[:], y[:])
	}
}

// applies tells whether an ender that counts under a tenure applies to another.
func (j *judge[S]) applies(e belief[S], to *right[S]) bool {
	end := e.op.End
	if end == nil || end.Subject != to.Subject || end.Cap >= to.Role {
		return false
	}
	by := j.rights[max(0, slices.IndexFunc(j.rights, func(r *right[S]) bool { return j.same(r, e.under) }))]
	if !j.same(by, e.under) {
		return false
	}
	if to.by == e.op && j.mistake != OldOwnerOut {
		return false
	}
	switch {
	case j.mistake == AfterIgnored:
	case j.mistake == AfterForAll && len(to.After) > 0:
		return false
	case slices.Contains(to.After, e.op.ID):
		return false
	}
	junior := j.seniority(by, to)
	switch {
	case junior < 0:
		return j.mistake != EqualsEnd || by.depth < to.depth || by.depth == to.depth
	case by == to:
		return end.Own || j.mistake == JuniorsEnd
	case j.mistake == EqualsEnd:
		return by.depth == to.depth
	case j.mistake == OwnEndersOfSenior:
		return end.Own
	default:
		return j.mistake == JuniorsEnd
	}
}

func (j *judge[S]) same(a, b *right[S]) bool {
	return a == b || a != nil && b != nil && a.by == b.by && a.Subject == b.Subject
}

// cut is where an ender ends a log; false where it does not.
func (j *judge[S]) cut(op *tenure.Op[S], log oplog.LogID) (uint64, bool) {
	last, named := uint64(0), false
	for _, point := range op.End.Cut {
		if point.Log == log && (!named || point.Seq < last) {
			last, named = point.Seq, true
		}
	}
	if j.mistake == UnnamedOpen && !named {
		return 0, false
	}
	if j.mistake == CutSkipped {
		last = 0
	}
	if j.mistake == CutTooLong && named {
		last++
	}
	if op.End.Own && op.Log == log && j.mistake != LeaveVoidsItself {
		last = max(last, op.Seq)
	}
	if op.End.Own && j.mistake == LeaveOfOthers {
		for _, point := range op.End.Cut {
			if author, known := j.places[point.Log]; known && author != op.Author {
				return 0, true
			}
		}
	}
	return last, true
}

// within tells whether a place under a tenure has a role, by the enders of others and, if asked, by own ones.
func (j *judge[S]) within(r *right[S], role uint64, log oplog.LogID, seq uint64, own bool) bool {
	if j.mistake == RoleUnchecked {
		role = 1
	}
	if r.Role < role {
		return false
	}
	for _, e := range j.believe {
		if e.op.End == nil || !own && e.op.End.Own && j.same(e.under, r) || !j.applies(e, r) {
			continue
		}
		last, ends := j.cut(e.op, log)
		left := e.op.End.Cap
		if j.mistake == CapIgnored {
			left = 0
		}
		if ends && seq > last && left < role {
			return false
		}
	}
	return true
}

func (j *judge[S]) now(r *right[S], own bool) uint64 {
	role := r.Role
	for _, e := range j.believe {
		if e.op.End != nil && (own || !e.op.End.Own || !j.same(e.under, r)) && j.applies(e, r) {
			role = min(role, e.op.End.Cap)
		}
	}
	return role
}

// count lists the operations that count, as far as the beliefs go.
func (j *judge[S]) count() {
	var next []belief[S]
	for _, op := range j.ops {
		i := slices.IndexFunc(j.rights, func(r *right[S]) bool { return r.Subject == op.Author && r.Name == op.Under })
		if i < 0 {
			continue
		}
		r := j.rights[i]
		own := op.End != nil && op.End.Own
		if !j.within(r, op.Needs, op.Log, op.Seq, !own || j.mistake == LeaveVoidsLeave) {
			if j.mistake == GrantsOfVoid && op.End == nil || j.mistake == EndsOfVoid && op.End != nil && !own {
				next = append(next, belief[S]{op, r})
			}
			continue
		}
		if own && !j.amongFirst(op, r) {
			continue
		}
		next = append(next, belief[S]{op, r})
	}
	j.believe = next
}

// amongFirst tells whether a leave is among those that count under one tenure.
func (j *judge[S]) amongFirst(op *tenure.Op[S], r *right[S]) bool {
	before := 0
	for _, other := range j.ops {
		if other.End == nil || !other.End.Own || other.Once != op.Once || other.Author != op.Author || other.Under != op.Under ||
			!j.within(r, other.Needs, other.Log, other.Seq, false) {
			continue
		}
		earlier := cmp.Or(cmp.Compare(other.Seq, op.Seq), bytes.Compare(other.ID[:], op.ID[:])) < 0
		if j.mistake == LastHandOver && op.Once {
			earlier = other != op && !earlier
		}
		if earlier {
			before++
		}
	}
	if op.Once {
		return before == 0 || j.mistake == TwoHandOvers
	}
	return before < tenure.MaxOwn
}

// summary is equal for equal beliefs.
func (j *judge[S]) summary() string {
	var out bytes.Buffer
	for _, r := range j.rights {
		subject := [32]byte(r.Subject)
		out.Write(subject[:])
		if r.by != nil {
			out.Write(r.by.ID[:])
		}
	}
	for _, b := range j.believe {
		out.WriteByte('.')
		out.Write(b.op.ID[:])
	}
	return out.String()
}

func (j *judge[S]) verdict() *Verdict[S] {
	v := &Verdict[S]{Counts: make(map[oplog.EntryID]bool), Applying: make(map[oplog.EntryID]bool)}
	for _, b := range j.believe {
		v.Counts[b.op.ID] = true
	}
	for _, r := range j.rights {
		out := Right[S]{Subject: r.Subject, Name: r.Name, Role: r.Role, Now: j.now(r, true)}
		if r.by != nil {
			out.Grant = r.by.ID
		}
		v.Tenures = append(v.Tenures, out)
		for _, e := range j.believe {
			if j.applies(e, r) {
				v.Applying[e.op.ID] = true
			}
		}
	}
	return v
}
