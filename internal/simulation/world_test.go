package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/cryptotest"
	"testing/synctest"
	"time"

	"kith/internal/identity"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// Bounds of a village: small enough for many seeds, large enough for every conflict.
const (
	mostPeople  = 6
	mostDevices = 3
	mostHomes   = 8
)

// person is somebody with a root and devices. The same people live in every seed; what they do is the seed's.
type person struct {
	name    string
	root    *key.Root
	id      key.PersonID
	devices []*key.Device
	founded []oplog.Verified // the identity log as it began, with the first device
}

var folk = sync.OnceValue(func() []*person {
	var list []*person
	for _, name := range []string{"ada", "ben", "cleo", "dan", "eve", "finn"} {
		p := &person{name: name, root: key.NewWords().Root()}
		p.id = p.root.Person()
		for range mostDevices {
			p.devices = append(p.devices, key.NewDevice())
		}
		var err error
		if p.founded, _, err = identity.Begin(p.root, p.devices[0], time.Unix(1_000_000_000, 0)); err != nil {
			panic(err)
		}
		list = append(list, p)
	}
	return list
})

// people makes the folk, from a seed of their own so that they are the same in every process.
func people(t *testing.T) []*person {
	cryptotest.SetGlobalRandom(t, 7)
	return folk()
}

// world is one seed's village.
type world struct {
	seeded bool // the source of randomness follows from the seed
	t      *testing.T
	seed   uint64
	live   bool // sessions rather than couriers
	dice   *rand.Rand
	salt   uint64 // changes every identifier and no decision of the dice
	steady bool   // clocks are never wrong
	single bool   // no folder goes on twice
	dir    string
	dirs   int

	people  []*person
	homes   []*home
	spaces  []*room
	villain *person // nil: everybody is honest

	chapter   int
	agreed    map[*room][]*home // the members' homes, as the referee last saw them
	net       *network          // nil where couriers go
	unsettled string            // what was not in order when it was looked the last time
	posts     []*post
	enders    []ender
	grants    []grant
	now       int                             // how many acts have happened
	sponsors  map[*room]map[*person][]*person // who brought whom in, or gave them a role
	side      map[*home]int                   // of the network's rift
	forked    map[oplog.LogID]bool            // by the villain
	doubled   map[key.DeviceID]bool           // who wrote in two copies of a folder
	frozen    map[oplog.LogID]bool            // forked logs that nobody can settle
	lost      map[*room]bool                  // with such a control log
	evilWrap  wrapping                        // what the villain's home does when it is asked for keys

	checked  map[string]bool
	events   map[string]int
	healed   time.Duration // how long healing took; negative: not measured
	failures []failure
	trace    []string
	rights   string // who is what, as the referee saw it in the end
}

// room is a space of the village, and who began it.
type room struct {
	name   string
	id     key.SpaceID
	create *space.Create
	by     *person
}

// broken ends a seed: something failed that is not a property but the simulation itself, or our own store.
type broken struct{ err error }

func (w *world) must(err error) {
	if err != nil {
		panic(broken{err}) // caught by live in script_test.go
	}
}

// folder makes a new, empty folder.
func (w *world) folder() string {
	w.dirs++
	dir := filepath.Join(w.dir, fmt.Sprint(w.dirs))
	w.must(os.Mkdir(dir, 0o700))
	return dir
}

// reseed makes all that is random from here on, keys and identifiers, follow from the seed and the chapter, however
// much was used before by sessions, whose goroutines take turns as they like. Under the race detector it does so once, before
// there are sessions: the exchange itself is no part of what is tested.
func (w *world) reseed() {
	synctest.Wait() // whoever is still busy with what happened before
	if raced && w.seeded {
		return
	}
	w.seeded = true
	cryptotest.SetGlobalRandom(w.t, w.seed<<16^uint64(w.chapter)<<4^w.salt<<40)
}

// fail notes a property that does not hold.
func (w *world) fail(property, format string, args ...any) {
	kind := "safety"
	if w.live {
		kind = "liveness"
	}
	what := fmt.Sprintf(format, args...)
	w.note("FAILED %s: %s", property, what)
	w.failures = append(w.failures, failure{kind, w.seed, property, what})
}

// check notes that a property was put to the test, and fails it unless it holds.
func (w *world) check(property string, holds bool, format string, args ...any) {
	w.checked[property] = true
	if !holds {
		w.fail(property, format, args...)
	}
}

// count counts an act or a fault.
func (w *world) count(kind string) { w.events[kind]++ }

// note writes a line of the trace. Only what follows from the seed belongs there.
func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%3d  ", w.chapter)+fmt.Sprintf(format, args...))
}

// roll is true once in n times.
func (w *world) roll(n int) bool { return w.dice.IntN(n) == 0 }

func pick[T any](w *world, list []T) (one T, ok bool) {
	if len(list) == 0 {
		return one, false
	}
	return list[w.dice.IntN(len(list))], true
}

// template is an empty store, made once for all homes: making one takes longer than anything else that a home does.
var template string

func TestMain(m *testing.M) {
	if !raced {
		// Sessions take turns. On several processors it would not follow from the seed which of two comes first.
		runtime.GOMAXPROCS(1)
	}
	dir, err := os.MkdirTemp("", "kith-simulation-")
	if err != nil {
		panic(err)
	}
	template = filepath.Join(dir, databaseFile)
	db, err := sqlite.Open(context.Background(), template, sqlite.Options{})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// addHome makes a home for a device, which knows the founding of everybody.
func (w *world) addHome(who *person, number int) *home {
	h := &home{w: w, who: who, name: "referee", dir: w.folder()}
	if who != nil {
		h.device, h.name = who.devices[number], fmt.Sprintf("%s.%d", who.name, number+1)
	}
	copyFile(w, template, h.path())
	h.open()
	for _, p := range w.people {
		run, err := oplog.RunOf(p.founded)
		w.must(err)
		_, err = h.gate.Ingest(context.Background(), []oplog.Run{run})
		w.must(err)
	}
	h.settleDown()
	if who != nil {
		w.homes = append(w.homes, h)
	}
	return h
}

// up lists the homes that run.
func (w *world) up() []*home {
	var list []*home
	for _, h := range w.homes {
		if h.up {
			list = append(list, h)
		}
	}
	return list
}

// honest tells whether a home is not the villain's.
func (h *home) honest() bool { return h.who != h.w.villain }

func (w *world) name(id key.PersonID) string {
	for _, p := range w.people {
		if p.id == id {
			return p.name
		}
	}
	return "somebody"
}

func (w *world) String() string { return strings.Join(w.trace, "\n") }

// logger is what a home tells its log: nothing, unless SIMULATION_LOG is set.
func (w *world) logger(h *home) *slog.Logger {
	if os.Getenv("SIMULATION_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("home", h.name)
}
