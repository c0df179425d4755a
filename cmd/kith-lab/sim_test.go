package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

// quickSeeds: mistakes that need more seeds are left to make sim-mistakes.
const quickSeeds = 150

// Each mistake that is built in on purpose is noticed within its number of seeds, and what is not mistaken passes.
func TestTheSimulationNoticesMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program and lives a few hundred seeds")
	}
	dir := t.TempDir()
	if place := memoryFolder(); place != "" {
		var err error
		if dir, err = os.MkdirTemp(place, "kith-sim-"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
	l := &lab{ctx: t.Context(), stdout: io.Discard, stderr: &shared{to: io.Discard}}
	program, err := buildSimulation(l, dir, true)
	if err != nil {
		t.Fatal(err)
	}
	honest := mistake{"", 20, "safety", nil}
	if found, err := honest.noticed(l, &simulator{lab: l, dir: dir, program: program}); err != nil || found != nil {
		t.Fatalf("without a mistake: %+v, %v", found, err)
	}
	for _, m := range mistakes {
		if m.seeds > quickSeeds {
			continue
		}
		found, err := m.noticed(l, &simulator{lab: l, dir: dir, program: program, mistake: m.name})
		if err != nil {
			t.Fatal(err)
		}
		if found == nil {
			t.Errorf("%s: not noticed in %d %s seeds", m.name, m.seeds, m.kind)
		} else {
			t.Logf("%s: noticed in seed %d: %s", m.name, found.Seed, found.Property)
		}
	}
}

func TestCountsOfProcessesAddUp(t *testing.T) {
	one := &simulated{
		Seeds: 2, Checked: map[string]int{"a": 1}, Events: map[string]int{"crash": 3}, EventSeeds: map[string]int{"crash": 1},
		Failed: map[string]int{"a": 1}, Healing: []float64{3},
		Failures: []simFailure{{"safety", 7, "a", "it broke"}, {"safety", 7, "b", "so did this"}},
	}
	other := &simulated{Seeds: 3, Checked: map[string]int{"a": 2}, Events: map[string]int{"crash": 1}, EventSeeds: map[string]int{"crash": 1}}
	var out strings.Builder
	l := &lab{stdout: &out}
	if err := l.tellSimulated([]*simulated{one, nil, other}, 0); err != errSimFailed {
		t.Errorf("the error is %v", err)
	}
	for _, want := range []string{"crash                                                               4        2", "--kind safety --seed 7\n", "\n4 passed, 1 failed\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
}
