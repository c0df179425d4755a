package tenure

import (
	"slices"

	"kith/internal/oplog"
)

// MaxRole is the highest role that can be granted.
const MaxRole = 4

// Ender is an operation that counts and ends something.
type Ender[S Subject] struct {
	ID      oplog.EntryID
	Subject S
	Cap     uint64
	// Applies tells whether there is a tenure that it lowers.
	Applies bool
	cut     map[oplog.LogID]uint64
}

func newEnder[S Subject](op *Op[S]) *Ender[S] {
	e := &Ender[S]{ID: op.ID, Subject: op.End.Subject, Cap: op.End.Cap, cut: make(map[oplog.LogID]uint64, len(op.End.Cut))}
	for _, point := range op.End.Cut {
		if seq, named := e.cut[point.Log]; !named || point.Seq < seq {
			e.cut[point.Log] = point.Seq
		}
	}
	if op.End.Own {
		// A leave does not void itself, nor what stands before it in its own log.
		e.cut[op.Log] = max(e.cut[op.Log], op.Seq)
	}
	return e
}

// against lists the enders against one subject in the order in which they were found to count. Those that may apply to a
// tenure are always the first so many, less those that its grant overrides; so tenures share the list. Somebody with
// power who writes thousands of enders and grants for one subject makes nobody's fold take their product.
type against[S Subject] struct {
	enders []*Ender[S]
	at     map[oplog.EntryID]int
	naming map[oplog.LogID][]int // which enders name a log, ascending
	// below counts, for each role, the enders among the first n with a cap below the role.
	below [MaxRole + 1][]int
	// marked is, for tenures of each role, how many enders from the first on were looked at for whether they apply, and
	// which of them were overridden each time.
	marked     [MaxRole + 1]int
	overridden [MaxRole + 1][]int
}

func newAgainst[S Subject]() *against[S] {
	a := &against[S]{at: make(map[oplog.EntryID]int), naming: make(map[oplog.LogID][]int)}
	for role := range a.below {
		a.below[role] = []int{0}
	}
	return a
}

func (a *against[S]) add(e *Ender[S]) {
	i := len(a.enders)
	a.enders, a.at[e.ID] = append(a.enders, e), i
	for log := range e.cut {
		a.naming[log] = append(a.naming[log], i)
	}
	for role := range a.below {
		n := a.below[role][i]
		if e.Cap < uint64(role) {
			n++
		}
		a.below[role] = append(a.below[role], n)
	}
}

// applicable is the enders by others that may apply to one tenure.
type applicable[S Subject] struct {
	from   *against[S]
	first  int   // so many of them
	except []int // ascending
}

// now gives what applies to a tenure: all enders there are so far but those that its grant overrides, and its own entry.
func (a *against[S]) now(grant oplog.EntryID, after []oplog.EntryID) applicable[S] {
	out := applicable[S]{from: a, first: len(a.enders)}
	if i, here := a.at[grant]; here {
		out.except = append(out.except, i)
	}
	for _, id := range after {
		if i, here := a.at[id]; here {
			out.except = append(out.except, i)
		}
	}
	slices.Sort(out.except)
	out.except = slices.Compact(out.except)
	return out
}

// excepts tells whether an ender is overridden.
func (l *applicable[S]) excepts(i int) bool {
	_, found := slices.BinarySearch(l.except, i)
	return found
}

// count is how many have a cap below a role.
func (l *applicable[S]) count(role uint64) int {
	n := l.from.below[role][l.first]
	for _, i := range l.except {
		if l.from.enders[i].Cap < role {
			n--
		}
	}
	return n
}

// least is what they leave of a role.
func (l *applicable[S]) least(role uint64) uint64 {
	for left := range role {
		if l.count(left+1) > 0 {
			return left
		}
	}
	return role
}

// last tells until where a log has a role.
func (l *applicable[S]) last(role uint64, log oplog.LogID) (last uint64, ended bool) {
	all := l.count(role)
	if all == 0 {
		return 0, false
	}
	named := 0
	for _, i := range l.from.naming[log] {
		if i >= l.first {
			break
		}
		if e := l.from.enders[i]; e.Cap < role && !l.excepts(i) {
			if named == 0 || e.cut[log] < last {
				last = e.cut[log]
			}
			named++
		}
	}
	if named < all {
		return 0, true // one of them does not name the log
	}
	return last, true
}

// mark notes which of them apply, for a tenure of a role.
func (l *applicable[S]) mark(role uint64) {
	var still []int
	look := func(i int) {
		switch e := l.from.enders[i]; {
		case e.Cap >= role:
		case l.excepts(i):
			still = append(still, i)
		default:
			e.Applies = true
		}
	}
	for _, i := range l.from.overridden[role] {
		look(i)
	}
	for i := l.from.marked[role]; i < l.first; i++ {
		look(i)
	}
	l.from.marked[role], l.from.overridden[role] = l.first, still
}
