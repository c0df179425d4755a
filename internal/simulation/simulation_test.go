package simulation

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kith-lab sim drives the tests by these flags. Without them a few seeds of each kind are lived.
var (
	firstSeed = flag.Uint64("sim.first", 1, "the first seed")
	seeds     = flag.Uint64("sim.seeds", 0, "how many seeds to live, each of the kind of sim.kind; 0: a few of both")
	stride    = flag.Uint64("sim.stride", 1, "live every so-manieth seed")
	kind      = flag.String("sim.kind", "safety", "safety or liveness")
	stop      = flag.Bool("sim.stop", false, "stop at the first seed that fails")
	verbose   = flag.Bool("sim.trace", false, "print the trace of each seed")
	at        = flag.String("sim.at", "", "a file that is told which seed is lived, should the process die")
	clocks    = flag.Uint64("sim.clocks", 8, "live every so-manieth safety seed with right clocks too")
	limit     = flag.Duration("sim.limit", 0, "begin no further seed after this time")
)

// fewSeeds is how many of each kind are lived where the tests of all packages run.
const fewSeeds = 12

// TestSimulation lives seeds and prints what it counted as a line of JSON.
func TestSimulation(t *testing.T) {
	if *seeds > 0 {
		r := newReport()
		began := time.Now()
		for i := uint64(0); i < *seeds && !t.Failed(); i++ {
			if *limit > 0 && time.Since(began) > *limit {
				break
			}
			lives(t, r, *kind, *firstSeed+i**stride)
			if *stop && len(r.Failures) > 0 {
				break
			}
		}
		if err := r.write(os.Stdout); err != nil {
			t.Fatal(err)
		}
		return
	}
	n := uint64(fewSeeds)
	if testing.Short() {
		n /= 4
	}
	for _, kind := range []string{"safety", "liveness"} {
		r := newReport()
		for seed := uint64(1); seed <= n; seed++ {
			lives(t, r, kind, seed)
		}
		for _, f := range r.Failures {
			t.Errorf("seed %d: %s: %s\nreplay: go run ./cmd/kith-lab sim --kind %s --seed %d", f.Seed, f.Property, f.What, kind, f.Seed)
		}
		t.Logf("%s: %v", kind, r)
	}
}

// lives lives one seed of a kind. Some safety seeds are lived again, with right clocks, to see whether that changes who
// may do what.
func lives(t *testing.T, r *report, kind string, seed uint64) {
	if *at != "" {
		if err := os.WriteFile(*at, []byte(strconv.FormatUint(seed, 10)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("", func(t *testing.T) {
		w := live(t, seed, variant{live: kind == "liveness"})
		if kind == "safety" && seed%*clocks == 0 {
			w.compareClocks(t)
		}
		r.add(w)
		if *verbose {
			os.Stdout.WriteString(w.String() + "\n")
		}
	})
	runtime.GC() // the stores of the last village are closed
}

// A seed is lived the same way each time: what happens, which identifiers there are, and what comes of it. Where sessions
// take turns, the scheduler of a busy machine may cut a turn short, and another comes first; so a life that differs is
// lived again, and has to come about twice in a few tries.
func TestTheSameSeedIsTheSameLife(t *testing.T) {
	if raced {
		t.Skip("under the race detector, what is random does not follow from the seed alone")
	}
	last := uint64(5)
	if testing.Short() {
		last = 1
	}
	for _, v := range []variant{{}, {live: true}} {
		tries := 2
		if v.live {
			tries = 6
		}
		for seed := uint64(1); seed <= last; seed++ {
			var lives [][]string
			for range tries {
				var w *world
				t.Run("", func(t *testing.T) { w = live(t, seed, v) })
				if slices.ContainsFunc(lives, func(earlier []string) bool { return slices.Equal(earlier, w.trace) }) {
					lives = nil
					break
				}
				lives = append(lives, w.trace)
			}
			if lives != nil {
				t.Errorf("seed %d, live %v: %d lives, no two of them the same; %s", seed, v.live, tries, whereTheyPart(lives[0], lives[1]))
			}
		}
	}
}

// whereTheyPart shows the first line in which two traces differ.
func whereTheyPart(a, b []string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return fmt.Sprintf("line %d:\n%s\n%s", i, strings.Join(a[i:min(i+1, len(a))], ""), strings.Join(b[i:min(i+1, len(b))], ""))
}

// compareClocks lives the seed again with clocks that are right. Where that ends in other rights, the identifiers may be
// the reason, since times are in what they are hashes of, and ties are broken by identifiers. So both are lived again,
// under other identifiers each time, until the outcomes overlap; if they never do, clocks have decided. Without copies of
// folders: which of them gives way is a matter of who hears first.
func (w *world) compareClocks(t *testing.T) {
	const tries = 12
	w.checked[clocksDecide] = true
	var wrong, right []string
	outcome := func(salt uint64, steady bool) (rights string) {
		t.Run("", func(t *testing.T) { rights = live(t, w.seed, variant{salt: salt, steady: steady, single: true}).rights })
		return rights
	}
	wrong = append(wrong, outcome(0, false))
	for salt := range uint64(tries) {
		if right = append(right, outcome(salt, true)); slices.ContainsFunc(right, func(r string) bool { return slices.Contains(wrong, r) }) {
			return
		}
		wrong = append(wrong, outcome(salt+1, false))
	}
	w.fail(clocksDecide, "with wrong clocks: %v; with right ones: %v", wrong[0], right[0])
}
