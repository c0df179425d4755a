package tenure

import (
	"bytes"
	"cmp"
	"container/heap"
	"slices"

	"kith/internal/oplog"
)

// Bounds limits what is granted, in the order of seniority; 0 is no limit.
type Bounds struct {
	Subjects int // who ever had a tenure, the root's included
	Active   int // tenures in force, the root included
}

// Result is what operations come to.
type Result[S Subject] struct {
	// Tenures that were granted, the most senior first. Of tenures of one subject under one name only the most senior
	// is there.
	Tenures []*Tenure[S]
	// Of is, for each operation in the order given, the tenure under which it counts; nil if it does not.
	Of []*Tenure[S]
	// Enders that count, those that apply to no tenure included, in no particular order.
	Enders []*Ender[S]
}

// holder names a tenure.
type holder[S Subject] struct {
	subject S
	name    Name
}

// folding is a fold on its way.
type folding[S Subject] struct {
	ops    []Op[S]
	under  map[holder[S]][]int // indexes of ops
	queue  queue[S]
	found  map[holder[S]]bool
	people map[S]bool
	active int
	// against holds the enders that count so far, all by tenures senior to whatever is taken from the queue next.
	against map[S]*against[S]
	result  Result[S]
}

// Fold decides which operations count, given the root tenure. Operations with an ID that another has are passed over. It
// takes the tenures by seniority, so that whatever may lower one is known when it is looked at. The time is about that of
// sorting.
func Fold[S Subject](root Grant[S], ops []Op[S], bounds Bounds) *Result[S] {
	f := &folding[S]{
		ops: ops, under: make(map[holder[S]][]int), found: make(map[holder[S]]bool),
		people: make(map[S]bool), against: make(map[S]*against[S]),
	}
	f.result.Of = make([]*Tenure[S], len(ops))
	seen := make(map[oplog.EntryID]bool, len(ops))
	for i := range ops {
		if op := &ops[i]; !seen[op.ID] {
			seen[op.ID] = true
			at := holder[S]{op.Author, op.Under}
			f.under[at] = append(f.under[at], i)
		}
	}
	heap.Push(&f.queue, &Tenure[S]{Subject: root.Subject, Name: root.Name, Role: min(root.Role, MaxRole)})
	for len(f.queue) > 0 {
		t, _ := heap.Pop(&f.queue).(*Tenure[S])
		if f.admit(t, bounds) {
			f.count(t)
		}
	}
	return &f.result
}

// admit finds the enders by seniors that apply to a tenure, and takes it in unless there are too many.
func (f *folding[S]) admit(t *Tenure[S], bounds Bounds) bool {
	name := holder[S]{t.Subject, t.Name}
	if f.found[name] || !f.people[t.Subject] && bounds.Subjects > 0 && len(f.people) >= bounds.Subjects {
		return false
	}
	t.others = f.endersOf(t.Subject).now(t.Grant, t.after)
	if bounds.Active > 0 && t.Now() > 0 {
		if f.active >= bounds.Active {
			return false
		}
		f.active++
	}
	t.others.mark(t.Role)
	t.Rank = len(f.result.Tenures)
	f.found[name], f.people[t.Subject] = true, true
	f.result.Tenures = append(f.result.Tenures, t)
	return true
}

func (f *folding[S]) endersOf(subject S) *against[S] {
	a := f.against[subject]
	if a == nil {
		a = newAgainst[S]()
		f.against[subject] = a
	}
	return a
}

// count decides about the operations under a tenure.
func (f *folding[S]) count(t *Tenure[S]) {
	mine := f.under[holder[S]{t.Subject, t.Name}]
	slices.SortFunc(mine, func(a, b int) int {
		x, y := &f.ops[a], &f.ops[b]
		return cmp.Or(cmp.Compare(x.Seq, y.Seq), bytes.Compare(x.ID[:], y.ID[:]))
	})
	inForce := t.Now() > 0
	leaves, once := 0, 0
	for _, i := range mine {
		op := &f.ops[i]
		if op.End == nil || !op.End.Own || !t.WithinByOthers(op.Needs, op.Log, op.Seq) {
			continue
		}
		if op.Once {
			once++
		} else {
			leaves++
		}
		if op.Once && once > 1 || !op.Once && leaves > MaxOwn {
			continue
		}
		e := newEnder(op)
		if !slices.Contains(t.after, op.ID) {
			e.Applies = true
			t.own = append(t.own, e)
		}
		f.result.Of[i] = t
		f.enter(t, op, e)
	}
	if inForce && t.Now() == 0 {
		f.active--
	}
	for _, i := range mine {
		op := &f.ops[i]
		if op.End != nil && op.End.Own || !t.Within(op.Needs, op.Log, op.Seq) {
			continue
		}
		f.result.Of[i] = t
		var e *Ender[S]
		if op.End != nil {
			e = newEnder(op)
		}
		f.enter(t, op, e)
	}
}

// enter takes up what a counting operation grants and ends.
func (f *folding[S]) enter(t *Tenure[S], op *Op[S], e *Ender[S]) {
	if e != nil {
		f.endersOf(e.Subject).add(e)
		f.result.Enders = append(f.result.Enders, e)
	}
	for i := range op.Grants {
		g := &op.Grants[i]
		granted := &Tenure[S]{
			Subject: g.Subject, Name: g.Name, Role: min(g.Role, MaxRole), Grant: op.ID, Parent: t,
			depth: t.depth + 1, seq: op.Seq, after: g.After,
		}
		if g.Seat {
			granted.depth = t.depth
		}
		heap.Push(&f.queue, granted)
	}
}

// queue is a heap of tenures, the most senior first. The parents of those in it have their ranks.
type queue[S Subject] []*Tenure[S]

func (q queue[S]) Len() int      { return len(q) }
func (q queue[S]) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue[S]) Push(t any)   { *q = append(*q, t.(*Tenure[S])) }

func (q *queue[S]) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (q queue[S]) Less(i, j int) bool {
	a, b := q[i], q[j]
	if a.Parent == nil || b.Parent == nil {
		return a.Parent == nil
	}
	return cmp.Or(
		cmp.Compare(a.depth, b.depth),
		cmp.Compare(a.Parent.Rank, b.Parent.Rank),
		cmp.Compare(a.seq, b.seq),
		bytes.Compare(a.Grant[:], b.Grant[:]),
		bytes.Compare(a.Subject[:], b.Subject[:]),
	) < 0
}
