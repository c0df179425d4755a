package replicate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

var (
	crowdMu sync.Mutex
	crowd   []*person
)

// people returns the same n people each time: their keys take a while to derive.
func people(n int) []*person {
	crowdMu.Lock()
	defer crowdMu.Unlock()
	for len(crowd) < n {
		crowd = append(crowd, newPerson(fmt.Sprintf("person %d", len(crowd))))
	}
	return crowd[:n:n]
}

// village is a wall of the first person, with the others as members, each in a home of their own that knows
// everybody and is not yet connected.
type village struct {
	*writer
	wall       key.SpaceID
	people     []*person
	homes      []*home
	identities []oplog.Run
	control    []oplog.Run
}

// newVillage makes a village of n people, of whom the first few have homes.
func newVillage(t testing.TB, n, homes int) *village {
	v := &village{writer: newWriter(t), people: people(n)}
	for _, p := range v.people {
		v.identities = append(v.identities, v.identity(p))
	}
	var create oplog.Run
	v.wall, create = v.create(v.people[0])
	v.control = []oplog.Run{create}
	for _, p := range v.people[1:] {
		v.control = append(v.control, v.add(v.people[0], v.wall, p))
	}
	for _, p := range v.people[:homes] {
		h := newHome(t, p)
		h.meet(v.identities...)
		h.put(v.wall, v.control...)
		v.homes = append(v.homes, h)
	}
	return v
}

// posts makes runs of content by members in turn, with so many entries each.
func (v *village) posts(runs int, entries func() int) []oplog.Run {
	var list []oplog.Run
	for i := range runs {
		texts := make([]string, entries())
		for j := range texts {
			texts[j] = fmt.Sprintf("%d.%d %s", i, j, strings.Repeat("x", 100))
		}
		list = append(list, v.content(v.people[i%len(v.people)], v.wall, texts...))
	}
	return list
}

func one() int { return 1 }

// mixed is a length of runs as they come: mostly short, now and then of the greatest length.
func mixed(r *rand.Rand) func() int {
	return func() int {
		switch r.IntN(10) {
		case 0:
			return oplog.MaxRunEntries
		case 1, 2:
			return 1 + r.IntN(oplog.MaxRunEntries)
		}
		return 1 + r.IntN(4)
	}
}

// scaled is n, or a fifth of it where everything takes ten times as long.
func scaled(n int) int {
	if testing.Short() || raceEnabled {
		return n / 5
	}
	return n
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
