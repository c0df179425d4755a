package tenure_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"kith/internal/oplog"
	"kith/internal/tenure"
	"kith/internal/tenure/oracle"
)

// update writes the file in testdata again. It is published: a change to it is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

type (
	vector struct {
		Subjects   int            `json:"bound_of_subjects"` // 0: none
		Operations []vectorOp     `json:"operations"`
		Tenures    []vectorTenure `json:"tenures"` // the most senior first
	}
	vectorOp struct {
		ID      string        `json:"entry"`
		Log     string        `json:"log"`
		Seq     uint64        `json:"seq"`
		Author  string        `json:"author"`
		Under   string        `json:"under"`
		Needs   uint64        `json:"needs"`
		Grants  []vectorGrant `json:"grants,omitempty"`
		End     *vectorEnd    `json:"end,omitempty"`
		Hands   bool          `json:"hands_over,omitempty"`
		Counts  bool          `json:"counts"`
		Applies bool          `json:"applies"`
	}
	vectorGrant struct {
		Subject string   `json:"subject"`
		Name    string   `json:"name"`
		Role    uint64   `json:"role"`
		Seat    bool     `json:"seat,omitempty"`
		After   []string `json:"after,omitempty"`
	}
	vectorEnd struct {
		Subject string      `json:"subject"`
		Own     bool        `json:"own,omitempty"`
		Cap     uint64      `json:"cap"`
		Cut     []vectorCut `json:"cut"`
	}
	vectorCut struct {
		Log string `json:"log"`
		Seq uint64 `json:"seq"`
	}
	vectorTenure struct {
		Subject string `json:"subject"`
		Name    string `json:"name"`
		Grant   string `json:"grant"` // zeros for the root
		Role    uint64 `json:"role"`
		Now     uint64 `json:"role_now"`
	}
)

const (
	vectorFile = "testdata/tenure.json"
	vectorSets = 12
)

func text(b []byte) string { return hex.EncodeToString(b) }

// vectorOf folds a set and writes down what it came to. The root tenure is subject 01…'s, of role 4.
func vectorOf(ops []op, bounds tenure.Bounds) vector {
	result := tenure.Fold(oracle.Root(), ops, bounds)
	v := vector{Subjects: bounds.Subjects}
	applies := make(map[string]bool)
	for _, e := range result.Enders {
		applies[text(e.ID[:])] = e.Applies
	}
	for i := range ops {
		o := &ops[i]
		w := vectorOp{
			ID: text(o.ID[:]), Log: text(o.Log[:]), Seq: o.Seq, Author: text(o.Author[:]), Under: text(o.Under[:]), Needs: o.Needs,
			Hands: o.Once, Counts: result.Of[i] != nil, Applies: applies[text(o.ID[:])],
		}
		for _, g := range o.Grants {
			grant := vectorGrant{Subject: text(g.Subject[:]), Name: text(g.Name[:]), Role: g.Role, Seat: g.Seat}
			for _, id := range g.After {
				grant.After = append(grant.After, text(id[:]))
			}
			w.Grants = append(w.Grants, grant)
		}
		if o.End != nil {
			w.End = &vectorEnd{Subject: text(o.End.Subject[:]), Own: o.End.Own, Cap: o.End.Cap, Cut: []vectorCut{}}
			for _, point := range o.End.Cut {
				w.End.Cut = append(w.End.Cut, vectorCut{text(point.Log[:]), point.Seq})
			}
		}
		v.Operations = append(v.Operations, w)
	}
	for _, t := range result.Tenures {
		v.Tenures = append(v.Tenures, vectorTenure{text(t.Subject[:]), text(t.Name[:]), text(t.Grant[:]), t.Role, t.Now()})
	}
	return v
}

// bytesOf reads hexadecimal into an array.
func bytesOf(t *testing.T, to []byte, from string) {
	t.Helper()
	if n, err := hex.Decode(to, []byte(from)); err != nil || n != len(to) {
		t.Fatalf("%q: %d bytes, %v", from, n, err)
	}
}

// ops reads the operations of a vector.
func (v *vector) ops(t *testing.T) []op {
	t.Helper()
	var ops []op
	for _, w := range v.Operations {
		o := op{Seq: w.Seq, Needs: w.Needs, Once: w.Hands}
		bytesOf(t, o.ID[:], w.ID)
		bytesOf(t, o.Log[:], w.Log)
		bytesOf(t, o.Author[:], w.Author)
		bytesOf(t, o.Under[:], w.Under)
		for _, g := range w.Grants {
			grant := tenure.Grant[subject]{Role: g.Role, Seat: g.Seat}
			bytesOf(t, grant.Subject[:], g.Subject)
			bytesOf(t, grant.Name[:], g.Name)
			for _, after := range g.After {
				var id oplog.EntryID
				bytesOf(t, id[:], after)
				grant.After = append(grant.After, id)
			}
			o.Grants = append(o.Grants, grant)
		}
		if w.End != nil {
			o.End = &tenure.End[subject]{Own: w.End.Own, Cap: w.End.Cap}
			bytesOf(t, o.End.Subject[:], w.End.Subject)
			for _, c := range w.End.Cut {
				point := tenure.CutPoint{Seq: c.Seq}
				bytesOf(t, point.Log[:], c.Log)
				o.End.Cut = append(o.End.Cut, point)
			}
		}
		ops = append(ops, o)
	}
	return ops
}

func TestVectors(t *testing.T) {
	if *update {
		var made []vector
		for seed := range uint64(vectorSets) {
			bounds := tenure.Bounds{}
			if seed%4 == 3 {
				bounds.Subjects = 3
			}
			made = append(made, vectorOf(oracle.Draw(rand.New(rand.NewPCG(seed, 3))), bounds))
		}
		raw, err := json.MarshalIndent(made, "", " ")
		if err == nil {
			err = os.MkdirAll("testdata", 0o755)
		}
		if err == nil {
			err = os.WriteFile(vectorFile, append(raw, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var want []vector
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		ops, bounds := want[i].ops(t), tenure.Bounds{Subjects: want[i].Subjects}
		if got := vectorOf(ops, bounds); !reflect.DeepEqual(got, want[i]) {
			t.Errorf("set %d comes to something else", i)
		}
		if plain := plainly(oracle.Fold(oracle.Root(), ops, bounds, oracle.None)); plain != fold(ops, bounds) {
			t.Errorf("set %d: the oracle comes to something else", i)
		}
	}
	if len(want) != vectorSets {
		t.Errorf("%d sets", len(want))
	}
}

// FuzzFold looks for a set that the fold and the oracle read differently.
func FuzzFold(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed%4)
	}
	f.Fuzz(func(t *testing.T, seed, bound uint64) {
		ops := oracle.Draw(rand.New(rand.NewPCG(seed, 4)))
		bounds := tenure.Bounds{Subjects: int(bound % 6), Active: int(bound / 6 % 6)}
		got, want := fold(ops, bounds), plainly(oracle.Fold(oracle.Root(), ops, bounds, oracle.None))
		if got != want {
			t.Fatalf("folded to\n%s\nplainly\n%s", got, want)
		}
	})
}
