package main

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPercentile(t *testing.T) {
	list := []int{9, 1, 5, 3, 7}
	for p, want := range map[float64]int{0: 1, 1: 1, 20: 1, 21: 3, 50: 5, 99: 9, 100: 9} {
		if got := percentile(list, p); got != want {
			t.Errorf("%v %%: %d and not %d", p, got, want)
		}
	}
	if list[0] != 9 {
		t.Error("the list was sorted in place")
	}
}

// As many as a percentile says do not exceed it, and fewer do not exceed anything less.
func TestPercentileOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 50), 1, 40).Draw(t, "list")
		p := float64(rapid.IntRange(1, 100).Draw(t, "p"))
		got := percentile(list, p)
		below, upTo := 0, 0
		for _, v := range list {
			if v < got {
				below++
			}
			if v <= got {
				upTo++
			}
		}
		need := p / 100 * float64(len(list))
		if float64(upTo) < need-1e-9 || float64(below) >= need+1e-9 {
			t.Fatalf("%v %% of %v is %d", p, list, got)
		}
	})
}

func TestRates(t *testing.T) {
	if got := per(1000, 250*time.Millisecond); got != 4000 {
		t.Errorf("1000 in a quarter of a second are %v a second", got)
	}
	if got := milliseconds(1234567 * time.Nanosecond); got != 1.235 {
		t.Errorf("milliseconds: %v", got)
	}
	if got := medianOf([]int{3, 1, 2}, func(n int) float64 { return float64(n) }); got != 2 {
		t.Errorf("median: %v", got)
	}
}
