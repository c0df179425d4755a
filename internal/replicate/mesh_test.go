package replicate

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// step is a thing that happens in a mesh of homes.
type step struct {
	What    string
	A, B, N int
}

// Homes that meet and part as it happens, and go on writing, end up with the same when they are all connected in
// a line for a while; nobody asks for ever for what nobody has.
func TestMeshConverges(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		homes := rapid.IntRange(3, 5).Draw(r, "homes")
		steps := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) step {
			return step{
				rapid.SampledFrom([]string{"post", "post", "connect", "connect", "cut", "wait", "claim"}).Draw(r, "what"),
				rapid.IntRange(0, homes-1).Draw(r, "a"), rapid.IntRange(0, homes-1).Draw(r, "b"), rapid.IntRange(1, 30).Draw(r, "n"),
			}
		}), 1, 30).Draw(r, "steps")
		var failure error
		synctest.Test(t, func(t *testing.T) { failure = live(t, homes, steps) })
		if failure != nil {
			r.Fatal(failure)
		}
	})
}

func live(t *testing.T, homes int, steps []step) error {
	v := newVillage(t, homes, homes)
	lines := make(map[[2]int]*connection)
	line := link{latency: 20 * time.Millisecond, bandwidth: 1_000_000}
	written := 0
	for i, s := range steps {
		pair := [2]int{min(s.A, s.B), max(s.A, s.B)}
		switch s.What {
		case "post":
			texts := make([]string, s.N)
			for j := range texts {
				texts[j] = fmt.Sprintf("step %d, %d", i, j)
			}
			by := v.homes[s.A]
			by.publish(v.wall, v.content(by.who, v.wall, texts...))
			written += s.N
		case "connect":
			if s.A != s.B && lines[pair] == nil {
				lines[pair] = connect(v.homes[s.A], v.homes[s.B], line)
			}
		case "cut":
			if c := lines[pair]; c != nil {
				c.stop()
				delete(lines, pair)
			}
		case "wait":
			time.Sleep(time.Duration(s.N) * 5 * time.Millisecond)
		case "claim": // a gap that nobody can fill
			h := v.homes[s.A]
			h.mu.Lock()
			h.ghosts = append(h.ghosts, Want{Log: h.ghostLog(v.wall), Range: rangeOf(uint64(s.N))})
			h.mu.Unlock()
		}
	}
	for i := range homes - 1 {
		pair := [2]int{i, i + 1}
		if lines[pair] == nil {
			lines[pair] = connect(v.homes[i], v.homes[i+1], line)
		}
	}
	time.Sleep(10 * time.Second)
	synctest.Wait()
	busy := int64(0)
	for _, c := range lines {
		busy -= c.a.Stats().MessagesOut + c.b.Stats().MessagesOut
	}
	time.Sleep(5 * time.Minute)
	for pair, c := range lines {
		busy += c.a.Stats().MessagesOut + c.b.Stats().MessagesOut
		for _, s := range []*Session{c.a, c.b} {
			if x := s.Stats(); x.Open != 0 || x.Rejected != 0 {
				return fmt.Errorf("line %v: %+v", pair, x)
			}
		}
	}
	if busy != 0 {
		return fmt.Errorf("%d messages were sent while nothing happened", busy)
	}
	for _, h := range v.homes {
		if n := len(h.texts(v.wall)); n != written || h.digest(v.wall) != v.homes[0].digest(v.wall) {
			return fmt.Errorf("%s has %d of %d entries", h.name, n, written)
		}
		if !h.reserved.empty() {
			return errors.New("something is still reserved")
		}
	}
	return nil
}
