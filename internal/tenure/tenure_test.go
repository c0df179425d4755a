package tenure_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/oplog"
	"kith/internal/tenure"
	"kith/internal/tenure/oracle"
)

type (
	subject = oracle.Subject
	op      = tenure.Op[subject]
)

// describe writes everything that a fold says, for comparing.
func describe(ops []op, result *tenure.Result[subject]) string {
	var out strings.Builder
	for _, t := range result.Tenures {
		fmt.Fprintf(&out, "%x under %x by %x: role %d now %d\n", t.Subject[:1], t.Name, t.Grant[:4], t.Role, t.Now())
	}
	var lines []string
	for i, t := range result.Of {
		if t != nil {
			lines = append(lines, fmt.Sprintf("%x counts\n", ops[i].ID))
		}
	}
	for _, e := range result.Enders {
		if e.Applies {
			lines = append(lines, fmt.Sprintf("%x applies\n", e.ID))
		}
	}
	slices.Sort(lines)
	return out.String() + strings.Join(lines, "")
}

// plainly writes what the oracle says in the same form.
func plainly(v *oracle.Verdict[subject]) string {
	if v == nil {
		return "no end"
	}
	var out strings.Builder
	for _, t := range v.Tenures {
		fmt.Fprintf(&out, "%x under %x by %x: role %d now %d\n", t.Subject[:1], t.Name, t.Grant[:4], t.Role, t.Now)
	}
	var lines []string
	for id := range v.Counts {
		lines = append(lines, fmt.Sprintf("%x counts\n", id))
	}
	for id := range v.Applying {
		lines = append(lines, fmt.Sprintf("%x applies\n", id))
	}
	slices.Sort(lines)
	return out.String() + strings.Join(lines, "")
}

func fold(ops []op, bounds tenure.Bounds) string {
	return describe(ops, tenure.Fold(oracle.Root(), ops, bounds))
}

// drawn gives a set of operations and the dice to shuffle it. Rapid chooses the seed; a set is small enough to read.
func drawn(rt *rapid.T) ([]op, *rand.Rand) {
	dice := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
	return oracle.Draw(dice), dice
}

func boundsOf(dice *rand.Rand) tenure.Bounds {
	switch dice.IntN(4) {
	case 0:
		return tenure.Bounds{Subjects: 2 + dice.IntN(3)}
	case 1:
		return tenure.Bounds{Active: 2 + dice.IntN(3)}
	}
	return tenure.Bounds{}
}

// The fold is the rule, as a slow reading of the definitions has it, in whatever order the operations come and whether
// or not those that no home would hold are among them.
func TestFoldIsTheRule(t *testing.T) {
	counted, void, lowered := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range 20 {
			ops, dice := drawn(rt)
			bounds := boundsOf(dice)
			want := fold(ops, bounds)
			if plain := plainly(oracle.Fold(oracle.Root(), ops, bounds, oracle.None)); plain != want {
				rt.Fatalf("folded to\n%s\nplainly\n%s", want, plain)
			}
			shuffled := slices.Clone(ops)
			dice.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			shuffled = append(shuffled, shuffled[:len(shuffled)/2]...)
			if got := fold(shuffled[:len(ops)], bounds); got != want {
				rt.Fatalf("shuffled:\n%s\nwant\n%s", got, want)
			}
			result := tenure.Fold(oracle.Root(), shuffled, bounds)
			if got := describe(shuffled, result); got != want {
				rt.Fatalf("half of it doubled:\n%s\nwant\n%s", got, want)
			}
			for _, t := range result.Of[:len(ops)] {
				if t == nil {
					void++
				} else if counted++; t.Now() < t.Role {
					lowered++
				}
			}
		}
	})
	if counted < atLeast(1000) || void < atLeast(1000) || lowered < atLeast(300) {
		t.Errorf("only %d operations counted, %d of them under lowered tenures, and %d did not", counted, lowered, void)
	}
}

// Homes that hear of the same operations in different orders, one by one, refusing and dropping as they go, hold the same
// in the end: what a home that never refuses anything would hold of it. Without that, their digests would differ for ever.
func TestHomesConverge(t *testing.T) {
	dropped := 0
	rapid.Check(t, func(rt *rapid.T) {
		ops, dice := drawn(rt)
		bounds := boundsOf(dice)
		all := slices.Clone(ops)
		want := fold(ops, bounds)
		homes := []*oracle.Home[subject]{{Root: oracle.Root(), Bounds: bounds}, {Root: oracle.Root(), Bounds: bounds}}
		shuffle := func(ops []op) {
			dice.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
		}
		if !oracle.Settle(all, shuffle, homes...) {
			rt.Fatal("the homes go on for ever")
		}
		for _, h := range homes {
			if got := fold(h.Held(), bounds); got != want {
				rt.Fatalf("a home comes to\n%s\nand all of it to\n%s", got, want)
			}
		}
		if a, b := ids(homes[0].Held()), ids(homes[1].Held()); !slices.Equal(a, b) {
			rt.Fatal("the homes hold different entries")
		}
		dropped += len(ops) - len(homes[0].Held())
	})
	if dropped < atLeast(50) {
		t.Errorf("only %d entries were refused", dropped)
	}
}

// atLeast is how many cases of a kind a whole run has to meet, fewer where it is shortened.
func atLeast(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func ids(ops []op) []string {
	var list []string
	for i := range ops {
		list = append(list, fmt.Sprintf("%x", ops[i].ID))
	}
	slices.Sort(list)
	return list
}

// Whatever is added to a log changes nothing for tenures senior to the one that it is written under: neither them nor
// what was done under them, wherever it stands and whatever it says.
func TestNothingSeniorChanges(t *testing.T) {
	changes := 0
	rapid.Check(t, func(rt *rapid.T) {
		ops, dice := drawn(rt)
		extra := dice.IntN(len(ops))
		without := slices.Delete(slices.Clone(ops), extra, extra+1)
		a, b := tenure.Fold(oracle.Root(), ops, tenure.Bounds{}), tenure.Fold(oracle.Root(), without, tenure.Bounds{})
		rank := 0
		for rank < len(a.Tenures) && (a.Tenures[rank].Subject != ops[extra].Author || a.Tenures[rank].Name != ops[extra].Under) {
			rank++
		}
		if rank == len(a.Tenures) { // it has no tenure: it changes nothing at all
			if describe(ops, a) != describe(without, b) {
				rt.Fatal("who has no right changed something")
			}
			return
		}
		if senior(a, ops, rank) != senior(b, without, rank) {
			rt.Fatalf("%x changed something senior:\n%s\nwithout\n%s", ops[extra].ID, senior(a, ops, rank), senior(b, without, rank))
		}
		if describe(ops, a) != describe(without, b) {
			changes++
		}
	})
	if changes < atLeast(20) {
		t.Errorf("only %d operations changed anything", changes)
	}
}

// senior writes what a fold says of the first tenures and of the operations under them.
func senior(result *tenure.Result[subject], ops []op, rank int) string {
	var lines []string
	for _, t := range result.Tenures[:min(rank, len(result.Tenures))] {
		lines = append(lines, fmt.Sprintf("%x %x role %d now %d\n", t.Subject[:1], t.Grant, t.Role, t.Now()))
	}
	for i, t := range result.Of {
		if t != nil && t.Rank < rank {
			lines = append(lines, fmt.Sprintf("%x counts\n", ops[i].ID))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// The comparison notices every way to get the rule wrong.
func TestMistakesAreNoticed(t *testing.T) {
	for _, mistake := range oracle.Mistakes() {
		noticed := false
		for seed := uint64(0); seed < 20_000 && !noticed; seed++ {
			dice := rand.New(rand.NewPCG(seed, 2))
			ops := oracle.Draw(dice)
			bounds := boundsOf(dice)
			noticed = fold(ops, bounds) != plainly(oracle.Fold(oracle.Root(), ops, bounds, mistake))
		}
		if !noticed {
			t.Errorf("mistake %d was not noticed", mistake)
		}
	}
}

// What somebody with power can do against everybody's processor: a long chain of appointments, and very many changes of one
// person's role. Both fold in about the time that sorting takes.
func BenchmarkHostile(b *testing.B) {
	const many = 16_000
	id := func(i int) oplog.EntryID { return oplog.EntryID{0: byte(i), 1: byte(i >> 8), 2: 1} }
	var chain, changes []op
	by := oracle.Root()
	admin := tenure.Grant[subject]{Subject: oracle.Someone(1), Name: tenure.NameOf(id(0)), Role: 3}
	changes = append(changes, op{ID: id(0), Log: oplog.LogID{1}, Seq: 1, Author: by.Subject, Needs: 3, Grants: []tenure.Grant[subject]{admin}})
	for i := range many {
		g := tenure.Grant[subject]{Subject: oracle.Someone(i % 50), Name: tenure.NameOf(id(i)), Role: 3}
		chain = append(chain, op{ID: id(i), Log: oplog.LogID{byte(i), byte(i >> 8)}, Seq: 1, Author: by.Subject, Under: by.Name, Needs: 3, Grants: []tenure.Grant[subject]{g}})
		by = g
		target := tenure.Grant[subject]{Subject: oracle.Someone(2), Name: tenure.NameOf(id(i + 1)), Role: 2, After: []oplog.EntryID{id(i)}}
		changes = append(changes, op{
			ID: id(i + 1), Log: oplog.LogID{2}, Seq: uint64(i + 1), Author: admin.Subject, Under: admin.Name, Needs: 3,
			Grants: []tenure.Grant[subject]{target}, End: &tenure.End[subject]{Subject: oracle.Someone(2), Cap: 1},
		})
	}
	for name, ops := range map[string][]op{"appointments": chain, "changes": changes} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := len(tenure.Fold(oracle.Root(), ops, tenure.Bounds{}).Tenures); got < many {
					b.Fatalf("%d tenures", got)
				}
			}
		})
	}
}
