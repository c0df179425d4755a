package oplog

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func testFrontier(n int) Frontier {
	f := make(Frontier, n)
	for i := range f {
		f[i] = Head{Log: Log{Lane: Content}, Seq: uint64(i + 1), ID: EntryID{byte(i), 1}, Lamport: uint64(i + 1)}
		f[i].Log.Device[0], f[i].Log.Device[1] = byte(i), byte(i>>8)
	}
	return f
}

func TestFrontierSort(t *testing.T) {
	f := testFrontier(300)
	f.Sort()
	for i := 1; i < len(f); i++ {
		a, b := f[i-1].Log.ID(), f[i].Log.ID()
		if bytes.Compare(a[:], b[:]) >= 0 {
			t.Fatalf("head %d is out of order", i)
		}
	}
	want := f.Digest()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
	if f.Digest() == want {
		t.Error("the digest of an unsorted frontier is the same: the case tests nothing")
	}
	f.Sort()
	if f.Digest() != want {
		t.Error("another digest after shuffling and sorting")
	}
	Frontier(nil).Sort()
}

// A digest tells heads apart, and nothing that a head does not fix.
func TestFrontierDigest(t *testing.T) {
	base := testFrontier(3)
	base.Sort()
	want := base.Digest()
	seen := map[[32]byte]string{want: "base", Frontier(nil).Digest(): "empty"}
	if len(seen) != 2 {
		t.Fatal("the empty frontier has the digest of another")
	}
	for name, change := range map[string]func(Frontier) Frontier{
		"number":      func(f Frontier) Frontier { f[1].Seq++; return f },
		"entry":       func(f Frontier) Frontier { f[1].ID[31]++; return f },
		"space":       func(f Frontier) Frontier { f[1].Log.Space[0]++; return f },
		"device":      func(f Frontier) Frontier { f[1].Log.Device[31]++; return f },
		"incarnation": func(f Frontier) Frontier { f[1].Log.Incarnation[0]++; return f },
		"lane":        func(f Frontier) Frontier { f[1].Log.Lane = Control; return f },
		"one less":    func(f Frontier) Frontier { return f[:2] },
		"one twice":   func(f Frontier) Frontier { return append(f, f[2]) },
	} {
		got := change(slices.Clone(base)).Digest()
		if other, ok := seen[got]; ok {
			t.Errorf("%s: the digest of %s", name, other)
		}
		seen[got] = name
	}
	lamport := slices.Clone(base)
	lamport[1].Lamport = 999 // peers show heads without it
	if lamport.Digest() != want {
		t.Error("the Lamport time is in the digest")
	}
}

func TestGaps(t *testing.T) {
	for _, c := range []struct {
		held []Range
		last uint64
		want []Range
	}{
		{nil, 0, nil},
		{nil, 5, []Range{{1, 5}}},
		{[]Range{{1, 5}}, 5, nil},
		{[]Range{{1, 5}}, 7, []Range{{6, 7}}},
		{[]Range{{3, 4}}, 7, []Range{{1, 2}, {5, 7}}},
		{[]Range{{1, 1}, {3, 3}, {5, 5}}, 5, []Range{{2, 2}, {4, 4}}},
		{[]Range{{6, 9}}, 5, []Range{{1, 5}}},
		{[]Range{{4, 9}}, 5, []Range{{1, 3}}},
		{[]Range{{1, ^uint64(0)}}, 5, nil},
		{[]Range{{1, ^uint64(0)}}, ^uint64(0), nil},
		{[]Range{{2, ^uint64(0)}}, ^uint64(0), []Range{{1, 1}}},
		{nil, ^uint64(0), []Range{{1, ^uint64(0)}}},
		{[]Range{{1, MaxSeq}}, MaxSeq + 1, []Range{{MaxSeq + 1, MaxSeq + 1}}},
		{[]Range{{1, 3}, {2, 4}}, 5, []Range{{5, 5}}}, // not disjoint, and read without harm
	} {
		if got := Gaps(c.held, c.last); !slices.Equal(got, c.want) {
			t.Errorf("held %v up to %d: %v, want %v", c.held, c.last, got, c.want)
		}
	}
}

// Against counting one by one.
func TestGapsPlainly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.Uint64Range(0, 40).Draw(t, "last")
		present := make([]bool, 51)
		var held []Range
		for seq := uint64(1); seq <= 50; seq++ {
			if present[seq] = rapid.Bool().Draw(t, "present"); !present[seq] {
				continue
			}
			if n := len(held); n > 0 && held[n-1].Last == seq-1 && rapid.Bool().Draw(t, "joined") {
				held[n-1].Last = seq
			} else {
				held = append(held, Range{seq, seq})
			}
		}
		missing := make([]bool, 51)
		before := uint64(0)
		for _, gap := range Gaps(held, last) {
			if gap.First <= before || gap.Last < gap.First || gap.Last > last {
				t.Fatalf("gap %v after %d", gap, before)
			}
			for seq := gap.First; seq <= gap.Last; seq++ {
				missing[seq] = true
			}
			before = gap.Last
		}
		for seq := uint64(1); seq <= 50; seq++ {
			if missing[seq] != (seq <= last && !present[seq]) {
				t.Fatalf("entry %d: held %v, missing %v, up to %d", seq, present[seq], missing[seq], last)
			}
		}
	})
}

func BenchmarkFrontierSort(b *testing.B) {
	f := testFrontier(1000)
	shuffled := slices.Clone(f)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(f), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for b.Loop() {
		copy(f, shuffled)
		f.Sort()
	}
}
