package replicate

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Whatever is cut, whenever: sessions that are resumed converge, and what had been stored is not sent again.
func TestCutsAnywhere(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		people := rapid.IntRange(2, 12).Draw(r, "people")
		runs := rapid.SliceOfN(rapid.IntRange(1, 40), 1, 60).Draw(r, "entries of runs")
		holders := rapid.SliceOfN(rapid.IntRange(0, 2), len(runs), len(runs)).Draw(r, "holders") // a, b, both
		cuts := rapid.SliceOfN(rapid.IntRange(1, 120_000), 0, 6).Draw(r, "cuts")
		latency := time.Duration(rapid.IntRange(0, 50).Draw(r, "latency")) * time.Millisecond
		bandwidth := rapid.SampledFrom([]int{0, 100_000, 1_000_000}).Draw(r, "bandwidth")
		var failure error
		synctest.Test(t, func(t *testing.T) {
			failure = resume(t, people, runs, holders, cuts, link{latency: latency, bandwidth: bandwidth})
		})
		if failure != nil {
			r.Fatal(failure)
		}
	})
}

// resume brings two homes together over a line that is cut again and again, while both go on writing.
func resume(t *testing.T, people int, runs, holders, cuts []int, l link) error {
	v := newVillage(t, people, 2)
	a, b := v.homes[0], v.homes[1]
	written := int64(0)
	for i, entries := range runs {
		run := v.posts(1, func() int { return entries })[0]
		if holders[i] != 1 {
			a.put(v.wall, run)
		}
		if holders[i] != 0 {
			b.put(v.wall, run)
		}
		written += int64(entries)
	}
	crossed := int64(0)
	for i, after := range append(cuts, 0) {
		l.cutAfter = after
		c := connect(a, b, l)
		if i%2 == 1 {
			c.stop()
			c = connect(b, a, l)
		}
		time.Sleep(time.Second)
		a.publish(v.wall, v.content(a.who, v.wall, fmt.Sprint("live ", i)))
		b.publish(v.wall, v.content(b.who, v.wall, fmt.Sprint("live ", i)))
		time.Sleep(time.Minute)
		synctest.Wait()
		x, y := c.a.Stats(), c.b.Stats()
		crossed += x.EntriesIn + y.EntriesIn
		if x.Rejected+y.Rejected+x.Pending+y.Pending+x.Declined+y.Declined != 0 {
			return fmt.Errorf("honest peers were refused: %+v, %+v", x, y)
		}
		c.stop()
	}
	if a.digest(v.wall) != b.digest(v.wall) || a.lacking(v.wall)+b.lacking(v.wall) != 0 {
		return fmt.Errorf("%d and %d entries; %d and %d are lacking", a.entries(v.wall), b.entries(v.wall), a.lacking(v.wall), b.lacking(v.wall))
	}
	for id := range b.logs {
		if !sameRuns(a.logs[id], b.logs[id]) {
			return fmt.Errorf("log %v is not the same", id)
		}
	}
	// Each entry crosses once, but for those that had arrived and were not stored when the line was cut.
	cutSessions := int64(len(cuts))
	if most := written + 2*(cutSessions+1) + cutSessions*ingestEntries; crossed > most {
		return fmt.Errorf("%d entries crossed, of %d", crossed, written)
	}
	return nil
}

func sameRuns(a, b *storedLog) bool {
	if a == nil || b == nil || len(a.runs) != len(b.runs) {
		return false
	}
	for i := range a.runs {
		x, y := a.runs[i].run, b.runs[i].run
		if x.First != y.First || x.Signature != y.Signature || len(x.Entries) != len(y.Entries) {
			return false
		}
		for j := range x.Entries {
			if string(x.Entries[j].Header) != string(y.Entries[j].Header) || string(x.Entries[j].Payload) != string(y.Entries[j].Payload) {
				return false
			}
		}
	}
	return true
}
