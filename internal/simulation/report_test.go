package simulation

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// The properties, by the names under which they are counted.
const (
	converges     = "members' homes fold and hold the same"
	heals         = "all is well 60 s after the network healed"
	nothingLost   = "no acknowledged post lost"
	saidAgain     = "what stood in a branch given up is said again"
	readable      = "who may read an acknowledged post reads it"
	cutsHold      = "nothing accepted beyond a cut"
	outsReadNot   = "nothing encrypted to who is out"
	deviceOut     = "a removed device gets no new key"
	beforeJoining = "no key from before one's time where the space forbids it"
	oneEpoch      = "one epoch to write under"
	removalHolds  = "a removal beats every add that did not know of it"
	noReplay      = "replays accepted"
	noForgery     = "forgeries accepted"
	restores      = "a restored home goes on, and no log forks"
	clocksDecide  = "clocks decide nothing"
	wrapsMadeGood = "a withheld or wrong wrap is made good by others"
)

// report counts, over seeds, what was checked and what went wrong by design.
type report struct {
	Seeds      int            `json:"seeds"`
	Checked    map[string]int `json:"checked"` // by property: the seeds in which it was put to the test
	Failed     map[string]int `json:"failed"`
	Events     map[string]int `json:"events"` // acts and faults, by kind
	EventSeeds map[string]int `json:"event_seeds"`
	Healing    []float64      `json:"healing"` // seconds of the fake clock, of liveness seeds
	Failures   []failure      `json:"failures"`
}

// failure is a property that did not hold.
type failure struct {
	Kind     string `json:"kind"`
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	What     string `json:"what"`
}

func newReport() *report {
	return &report{
		Checked: make(map[string]int), Failed: make(map[string]int),
		Events: make(map[string]int), EventSeeds: make(map[string]int),
	}
}

// add counts one seed.
func (r *report) add(w *world) {
	r.Seeds++
	for property := range w.checked {
		r.Checked[property]++
	}
	for kind, n := range w.events {
		r.Events[kind] += n
		r.EventSeeds[kind]++
	}
	if w.healed >= 0 {
		r.Healing = append(r.Healing, w.healed.Seconds())
	}
	failed := make(map[string]bool)
	for _, f := range w.failures {
		if !failed[f.Property] {
			r.Failed[f.Property]++
			r.Failures = append(r.Failures, f)
		}
		failed[f.Property] = true
	}
}

// write prints the counts as one line of JSON, for kith-lab sim.
func (r *report) write(to io.Writer) error { return json.NewEncoder(to).Encode(r) }

func (r *report) String() string {
	text := fmt.Sprintf("%d seeds\n", r.Seeds)
	for _, kind := range slices.Sorted(maps.Keys(r.Events)) {
		text += fmt.Sprintf("  %-40s %6d in %d seeds\n", kind, r.Events[kind], r.EventSeeds[kind])
	}
	for _, property := range slices.Sorted(maps.Keys(r.Checked)) {
		text += fmt.Sprintf("  %-60s checked in %d seeds, failed in %d\n", property, r.Checked[property], r.Failed[property])
	}
	return text
}
