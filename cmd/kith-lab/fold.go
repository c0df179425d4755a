package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/tenure"
	"kith/internal/tenure/oracle"
)

// foldCmd holds the rule of who may do what against sets of operations that conflict.
type foldCmd struct {
	Sets    int           `default:"100000" help:"How many sets of operations."`
	Seed    uint64        `default:"2026" help:"What the sets are drawn from: the same seed gives the same sets."`
	Dir     string        `hidden:""`
	Timeout time.Duration `default:"1h" help:"Give up after this time."`
}

// foldFigures is the result. All but the conflicts have to be 0, and every mistake noticed.
type foldFigures struct {
	Sets             int     `json:"sets"`
	Operations       int64   `json:"operations"`
	Divergences      int64   `json:"divergences"`
	OracleMismatches int64   `json:"oracle_mismatches"`
	SeniorChanges    int64   `json:"senior_changes"`
	Conflicts        int64   `json:"conflicts"`
	MutualRemovals   int64   `json:"mutual_removals"`
	AddsAndRemovals  int64   `json:"adds_against_removals"`
	HandOvers        int64   `json:"concurrent_hand_overs"`
	Void             int64   `json:"void_operations"`
	Refused          int64   `json:"refused_entries"`
	Mistakes         int     `json:"seeded_mistakes"`
	Noticed          int     `json:"seeded_mistakes_noticed"`
	FirstBad         int64   `json:"first_bad_set"` // -1: none
	Seconds          float64 `json:"seconds"`
	Processors       int     `json:"processors"`
}

func (c *foldCmd) Validate() error {
	if c.Sets < 1 {
		return fmt.Errorf("%d sets", c.Sets)
	}
	return nil
}

func (c *foldCmd) Run(l *lab) error {
	ctx, cancel := context.WithTimeoutCause(l.ctx, c.Timeout, fmt.Errorf("not done within %v", c.Timeout))
	defer cancel()
	kinds, err := drawnKinds()
	if err != nil {
		return err
	}
	debug.SetGCPercent(800) // sets are small and gone at once
	begun := time.Now()
	f := foldFigures{Sets: c.Sets, FirstBad: -1, Processors: runtime.NumCPU()}
	var next, done atomic.Int64
	var mu sync.Mutex
	var failed error
	for _, mistake := range append(oracle.Mistakes(), oracle.None) {
		switch {
		case mistake == oracle.None && noticed(mistake, c.Seed):
			f.OracleMismatches++
		case mistake != oracle.None:
			f.Mistakes++
			if noticed(mistake, c.Seed) {
				f.Noticed++
			}
		}
	}
	var workers sync.WaitGroup
	for range f.Processors {
		workers.Go(func() {
			for ctx.Err() == nil {
				n := next.Add(1) - 1
				if n >= int64(c.Sets) {
					return
				}
				dice := rand.New(rand.NewPCG(c.Seed, uint64(n)))
				set, err := drawSet(dice, kinds)
				if err == nil {
					var one foldFigures
					one, err = set.examine(dice)
					mu.Lock()
					f.take(&one, n)
					mu.Unlock()
				}
				if err != nil {
					mu.Lock()
					failed = fmt.Errorf("set %d: %w", n, err)
					mu.Unlock()
					cancel()
				}
				if d := done.Add(1); d%100_000 == 0 {
					l.progress("%d sets", d)
				}
			}
		})
	}
	l.progress("%d sets of operations, on %d processors", c.Sets, f.Processors)
	workers.Wait()
	if failed != nil {
		return failed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.Seconds = round(time.Since(begun).Seconds(), 1)
	return l.result(&f)
}

// take adds up the figures of one set.
func (f *foldFigures) take(one *foldFigures, n int64) {
	f.Operations += one.Operations
	f.Divergences += one.Divergences
	f.OracleMismatches += one.OracleMismatches
	f.SeniorChanges += one.SeniorChanges
	f.Conflicts += one.Conflicts
	f.MutualRemovals += one.MutualRemovals
	f.AddsAndRemovals += one.AddsAndRemovals
	f.HandOvers += one.HandOvers
	f.Void += one.Void
	f.Refused += one.Refused
	if one.Divergences+one.OracleMismatches+one.SeniorChanges > 0 && (f.FirstBad < 0 || n < f.FirstBad) {
		f.FirstBad = n
	}
}

// examine does all that is to be done with a set.
func (s *foldSet) examine(dice *rand.Rand) (foldFigures, error) {
	f := foldFigures{Operations: int64(len(s.entries))}
	var folder space.Folder
	state := folder.Fold(s.kind.id, s.entries, s.speaks)
	if state == nil {
		return f, fmt.Errorf("no space")
	}
	want := s.describe(state)
	shuffled := slices.Clone(s.entries)
	shuffle := func() {
		dice.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	}
	shuffle()
	if !bytes.Equal(s.describe(folder.Fold(s.kind.id, shuffled, s.speaks)), want) {
		f.Divergences++
	}
	// Two homes to which the entries come in different orders, some at a time, and that refuse and drop as they go.
	var homes [2][]oplog.Verified
	for i := range homes {
		shuffle()
		homes[i] = s.settle(&folder, shuffled, 1+dice.IntN(5))
		f.Refused += int64(len(s.entries) - len(homes[i]))
		if !bytes.Equal(s.describe(folder.Fold(s.kind.id, homes[i], s.speaks)), want) {
			f.Divergences++
		}
	}
	if !sameEntries(homes[0], homes[1]) {
		f.Divergences++
	}
	ops, err := s.plainly()
	if err != nil {
		return f, err
	}
	verdict := oracle.Fold(s.root(), ops, tenure.Bounds{}, oracle.None)
	if verdict == nil || !s.agrees(state, verdict) {
		f.OracleMismatches++
		return f, nil
	}
	f.SeniorChanges += s.seniorChanges(ops, dice)
	s.classify(&f, ops, verdict)
	return f, nil
}

// settle is what a home holds in the end.
func (s *foldSet) settle(folder *space.Folder, offered []oplog.Verified, step int) []oplog.Verified {
	held := []oplog.Verified{s.kind.begin}
	has := map[oplog.EntryID]bool{s.kind.begin.ID(): true}
	state := folder.Fold(s.kind.id, held, s.speaks)
	for changed := true; changed; {
		changed = false
		for from := 0; from < len(offered); from += step {
			grown := false
			for _, e := range offered[from:min(from+step, len(offered))] {
				if by, _ := s.speaks(e.Log().Device, e.LogID(), e.Seq()); !has[e.ID()] && state.MayWrite(by, e.Log(), e.Seq()) {
					held, has[e.ID()], grown = append(held, e), true, true
				}
			}
			for grown {
				changed = true
				state = folder.Fold(s.kind.id, held, s.speaks)
				before := len(held)
				held = slices.DeleteFunc(held, func(e oplog.Verified) bool {
					by, _ := s.speaks(e.Log().Device, e.LogID(), e.Seq())
					gone := !state.MayWrite(by, e.Log(), e.Seq())
					if gone {
						delete(has, e.ID())
					}
					return gone
				})
				grown = len(held) != before
			}
		}
	}
	return held
}

func sameEntries(a, b []oplog.Verified) bool {
	if len(a) != len(b) {
		return false
	}
	has := make(map[oplog.EntryID]bool, len(a))
	for i := range a {
		has[a[i].ID()] = true
	}
	return !slices.ContainsFunc(b, func(e oplog.Verified) bool { return !has[e.ID()] })
}

// describe writes what a state says that homes have to agree on.
func (s *foldSet) describe(state *space.State) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %v %x\n", state.Closed, state.Members(), state.Out())
	for n := range drawnPeople {
		name, may := state.TenureFor(drawnPerson(n), space.Writer)
		fmt.Fprintf(&out, "%x %v %d\n", name, may, len(state.After(space.OwnerRole, drawnPerson(n))))
	}
	for _, log := range s.logs {
		by, _ := s.speaks(log.Device, log.ID(), 1)
		control, ended := state.End(by, log)
		log.Lane = oplog.Content
		content, over := state.End(by, log)
		fmt.Fprintf(&out, "%d %v %d %v %v\n", control, ended, content, over, state.Erased(by, log, 1, oplog.EntryID{}))
	}
	for _, e := range state.Epochs() {
		fmt.Fprintf(&out, "%x by %x\n", e.Rotate.Epoch[:1], e.Entry[:8])
	}
	for _, e := range state.Open(func(key.PersonID) uint64 { return 1 }) {
		fmt.Fprintf(&out, "open %x\n", e.Rotate.Epoch[:1])
	}
	return out.Bytes()
}

// agrees tells whether a state is what the oracle says.
func (s *foldSet) agrees(state *space.State, v *oracle.Verdict[key.PersonID]) bool {
	roles := make(map[key.PersonID]space.Role)
	for _, r := range v.Tenures {
		roles[r.Subject] = max(roles[r.Subject], space.Role(r.Now))
	}
	for n := range drawnPeople {
		if state.Role(drawnPerson(n)) != roles[drawnPerson(n)] {
			return false
		}
	}
	out := state.Out()
	if len(out) != len(v.Applying) {
		return false
	}
	for id := range v.Applying {
		if !slices.Contains(out, space.EnderID(id[:8])) {
			return false
		}
	}
	best := make(map[oplog.EpochID]oplog.EntryID)
	for i := range s.entries {
		rotate, ok := s.ops[i].(*space.Rotate)
		if !ok || !v.Counts[s.entries[i].ID()] {
			continue
		}
		id := s.entries[i].ID()
		if known, ok := best[rotate.Epoch]; !ok || s.rank(v, i) < s.rank(v, s.index(known)) ||
			s.rank(v, i) == s.rank(v, s.index(known)) && bytes.Compare(id[:], known[:]) < 0 {
			best[rotate.Epoch] = id
		}
	}
	epochs := state.Epochs()
	for _, e := range epochs {
		if best[e.Rotate.Epoch] != e.Entry {
			return false
		}
	}
	return len(epochs) == len(best)
}

func (s *foldSet) index(id oplog.EntryID) int {
	return slices.IndexFunc(s.entries, func(e oplog.Verified) bool { return e.ID() == id })
}

// rank is the place of an entry's tenure among those that the oracle lists.
func (s *foldSet) rank(v *oracle.Verdict[key.PersonID], i int) int {
	by, _ := s.speaks(s.entries[i].Log().Device, s.entries[i].LogID(), 1)
	return slices.IndexFunc(v.Tenures, func(r oracle.Right[key.PersonID]) bool {
		return r.Subject == by && r.Name == tenure.Under(s.entries[i].Log())
	})
}

// seniorChanges takes one operation away and counts what changed that is senior to it: nothing may, wherever the
// operation claims to stand.
func (s *foldSet) seniorChanges(ops []tenure.Op[key.PersonID], dice *rand.Rand) int64 {
	extra := dice.IntN(len(ops))
	without := slices.Delete(slices.Clone(ops), extra, extra+1)
	a, b := tenure.Fold(s.root(), ops, tenure.Bounds{}), tenure.Fold(s.root(), without, tenure.Bounds{})
	changes := int64(0)
	for i, t := range a.Tenures {
		if t.Subject == ops[extra].Author && t.Name == ops[extra].Under {
			break
		}
		if i >= len(b.Tenures) || b.Tenures[i].Grant != t.Grant || b.Tenures[i].Subject != t.Subject || b.Tenures[i].Now() != t.Now() {
			changes++
		}
	}
	return changes
}

// classify counts which conflicts a set holds: between operations of people who had the right, at least one of which
// counts.
func (s *foldSet) classify(f *foldFigures, ops []tenure.Op[key.PersonID], v *oracle.Verdict[key.PersonID]) {
	entitled := func(op *tenure.Op[key.PersonID]) bool {
		return slices.ContainsFunc(v.Tenures, func(r oracle.Right[key.PersonID]) bool {
			return r.Subject == op.Author && r.Name == op.Under && r.Role >= op.Needs
		})
	}
	var able []*tenure.Op[key.PersonID]
	for i := range ops {
		if entitled(&ops[i]) {
			able = append(able, &ops[i])
			if !v.Counts[ops[i].ID] {
				f.Void++
			}
		}
	}
	mutual, against, handed := false, false, false
	for i, a := range able {
		for _, b := range able[i+1:] {
			counts := v.Counts[a.ID] || v.Counts[b.ID]
			taking := a.End != nil && b.End != nil && !a.End.Own && !b.End.Own
			mutual = mutual || counts && taking && a.End.Subject == b.Author && b.End.Subject == a.Author && a.Author != b.Author
			against = against || counts && (addAgainst(a, b) || addAgainst(b, a))
			handed = handed || counts && a.Once && b.Once && a.Author == b.Author && a.Under == b.Under
		}
	}
	for _, c := range []struct {
		held bool
		sum  *int64
	}{{mutual, &f.MutualRemovals}, {against, &f.AddsAndRemovals}, {handed, &f.HandOvers}, {mutual || against || handed, &f.Conflicts}} {
		if c.held {
			*c.sum++
		}
	}
}

// addAgainst tells whether an operation grants something to whom another ends, in another log and without knowing of it.
func addAgainst(add, end *tenure.Op[key.PersonID]) bool {
	return end.End != nil && add.Log != end.Log && slices.ContainsFunc(add.Grants, func(g tenure.Grant[key.PersonID]) bool {
		return g.Subject == end.End.Subject && end.End.Cap < g.Role && !slices.Contains(g.After, end.ID)
	})
}

// noticed tells whether a comparison with the oracle shows a mistake in the rule, on sets that are drawn below the level of
// spaces, so that there are also two rights under one name, and bounds.
func noticed(mistake oracle.Mistake, seed uint64) bool {
	for n := range uint64(20_000) {
		dice := rand.New(rand.NewPCG(seed, n))
		ops := oracle.Draw(dice)
		bounds := tenure.Bounds{Subjects: dice.IntN(5)}
		right, wrong := tenure.Fold(oracle.Root(), ops, bounds), oracle.Fold(oracle.Root(), ops, bounds, mistake)
		if wrong == nil || len(wrong.Tenures) != len(right.Tenures) {
			return true
		}
		for i, t := range right.Tenures {
			if w := wrong.Tenures[i]; w.Grant != t.Grant || w.Subject != t.Subject || w.Now != t.Now() {
				return true
			}
		}
		for i, t := range right.Of {
			if wrong.Counts[ops[i].ID] != (t != nil) {
				return true
			}
		}
	}
	return false
}
