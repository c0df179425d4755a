package replicate

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/oplog"
)

func TestPushBothWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const oneWay = 30 * time.Millisecond
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: oneWay})
		settle()
		before := c.a.Stats()

		mine := v.content(a.who, v.wall, "from a")
		a.publish(v.wall, mine)
		time.Sleep(oneWay)
		synctest.Wait()
		if !slices.Equal(b.arrived, []string{"from a"}) {
			t.Fatalf("after one way: %q", b.arrived)
		}
		if n := a.ackedEntries(mine.Log.ID()); n != 0 {
			t.Fatalf("%d entries acknowledged before the answer can be here", n)
		}
		time.Sleep(oneWay)
		synctest.Wait()
		if n := a.ackedEntries(mine.Log.ID()); n != 1 {
			t.Fatalf("%d entries acknowledged after a round trip", n)
		}
		theirs := v.content(b.who, v.wall, "from b", "and more")
		b.publish(v.wall, theirs)
		settle()
		// What came from there is not told there.
		c.a.Advertise(v.wall, []Piece{{Log: theirs.Log, First: 1, Last: 2}})
		settle()
		if !slices.Equal(a.arrived, []string{"from b", "and more"}) || b.ackedEntries(theirs.Log.ID()) != 2 {
			t.Fatalf("arrived %q", a.arrived)
		}
		mustAgree(t, v.wall, a, b)
		stats := c.a.Stats()
		if n := stats.MessagesIn + stats.MessagesOut - before.MessagesIn - before.MessagesOut; n != 4 {
			t.Errorf("%d messages for two pushes and two acknowledgements", n)
		}
		if stats.Duplicate+c.b.Stats().Duplicate != 0 {
			t.Error("something was echoed")
		}
	})
}

// What anna posts while carl is away reaches him from bert, when she is away; and live through bert.
func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 3)
		a, b, c := v.homes[0], v.homes[1], v.homes[2]
		ab := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		a.publish(v.wall, v.content(a.who, v.wall, "while carl is away"))
		settle()
		ab.stop()
		bc := connect(b, c, link{latency: 20 * time.Millisecond})
		settle()
		if !slices.Equal(c.arrived, []string{"while carl is away"}) {
			t.Fatalf("arrived %q", c.arrived)
		}
		bc.a.Refresh(v.wall) // nothing is new, nothing happens
		connect(b, a, link{latency: 20 * time.Millisecond})
		settle()
		a.publish(v.wall, v.content(a.who, v.wall, "live"))
		time.Sleep(20*time.Millisecond + advertJitter + 60*time.Millisecond)
		synctest.Wait()
		if !slices.Equal(c.arrived, []string{"while carl is away", "live"}) {
			t.Fatalf("arrived %q", c.arrived)
		}
		mustAgree(t, v.wall, a, b, c)
	})
}

// In a full mesh each home gets a post once.
func TestMeshWithoutEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 6
		v := newVillage(t, n, n)
		var all []*Session
		for i, a := range v.homes {
			for _, b := range v.homes[:i] {
				c := connect(a, b, link{latency: 5 * time.Millisecond})
				all = append(all, c.a, c.b)
			}
		}
		settle()
		for round := range 10 {
			by := v.homes[round%n]
			by.publish(v.wall, v.content(by.who, v.wall, fmt.Sprint("round ", round)))
			settle()
		}
		mustAgree(t, v.wall, v.homes...)
		entries, bytes := int64(0), int64(0)
		for _, s := range all {
			entries += s.Stats().EntriesIn
			bytes += s.Stats().BytesIn
		}
		if entries != 10*(n-1) {
			t.Errorf("%d entries crossed, where %d homes lacked 10", entries, n-1)
		}
		t.Logf("%d bytes for 10 posts in %d homes", bytes, n)
	})
}

// Where two have the same from a third, one word about it is enough.
func TestFewAdverts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const posts = 40
		v := newVillage(t, 3, 3)
		a, b, c := v.homes[0], v.homes[1], v.homes[2]
		connect(a, b, link{latency: time.Millisecond})
		connect(a, c, link{latency: time.Millisecond})
		between := connect(b, c, link{latency: time.Millisecond})
		settle()
		before := between.a.Stats()
		for i := range posts {
			a.publish(v.wall, v.content(a.who, v.wall, fmt.Sprint("post ", i)))
			settle()
		}
		after := between.a.Stats()
		n := after.MessagesIn + after.MessagesOut - before.MessagesIn - before.MessagesOut
		if n < posts || n > posts+posts/4 { // now and then two speak at once
			t.Errorf("%d messages about %d posts", n, posts)
		}
	})
}

// A run that reaches a relay late, in the middle of a log, goes on to the peer that had asked for it in vain.
func TestBackfillIsPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 3)
		a, b, c := v.homes[0], v.homes[1], v.homes[2]
		posts := v.posts(30, one)
		a.put(v.wall, posts...)
		b.put(v.wall, posts[25:]...)
		connect(b, c, link{latency: 20 * time.Millisecond})
		settle()
		if len(c.arrived) != 5 || c.lacking(v.wall) == 0 {
			t.Fatalf("%d posts", len(c.arrived))
		}
		connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		mustAgree(t, v.wall, a, b, c)
	})
}

// While one peer that holds everything goes away in the middle, another takes over.
func TestAnotherPeerTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 3)
		a, b, c := v.homes[0], v.homes[1], v.homes[2]
		posts := v.posts(2000, one)
		a.put(v.wall, posts...)
		b.put(v.wall, posts...)
		first := connect(a, c, link{latency: 20 * time.Millisecond, bandwidth: 100_000})
		time.Sleep(time.Second)
		second := connect(b, c, link{latency: 20 * time.Millisecond, bandwidth: 100_000})
		time.Sleep(time.Second)
		if n := second.b.Stats().EntriesIn; n != 0 {
			t.Fatalf("%d entries came twice", n)
		}
		first.stop()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		mustAgree(t, v.wall, a, b, c)
		if d := second.b.Stats().Duplicate; d > 0 {
			t.Errorf("%d duplicates", d)
		}
	})
}

// A peer that reads slowly loses pushes, never holds up the node, and has everything in the end.
func TestSlowPeerLosesPushesAndCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: 20 * time.Millisecond, bandwidth: 100_000, buffer: 64 << 10})
		settle()
		start := time.Now()
		for range 200 {
			texts := make([]string, 200)
			for j := range texts {
				texts[j] = fmt.Sprint("a flood of posts, number ", j)
			}
			run := v.content(a.who, v.wall, texts...)
			run2 := v.content(a.who, v.wall, string(make([]byte, 30_000)))
			a.publish(v.wall, run, run2)
		}
		if time.Since(start) != 0 {
			t.Errorf("publishing waited for %v", time.Since(start))
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		mustAgree(t, v.wall, a, b)
		if c.a.Stats().Dropped == 0 {
			t.Error("nothing was dropped: the test is not what it says")
		}
		if d := c.b.Stats().Duplicate; d > 200 {
			t.Errorf("%d runs came twice", d)
		}
	})
}

// What is pushed may be any amount, as long as the peer keeps up.
func TestSteadyPushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		const pushes = 3 * liveQueue / 60_000
		for range pushes {
			a.publish(v.wall, v.content(a.who, v.wall, string(make([]byte, 60_000))))
			time.Sleep(10 * time.Millisecond)
		}
		settle()
		if n := len(b.arrived); n != pushes || c.a.Stats().Dropped != 0 {
			t.Errorf("%d of %d pushes arrived, %d were dropped", n, pushes, c.a.Stats().Dropped)
		}
	})
}

// Calls before the session is open, and after it has ended, do no harm and lose nothing.
func TestPublishAtAnyTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const oneWay = 10 * time.Millisecond
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: oneWay})
		for i := range 100 {
			by := v.homes[i%2]
			by.publish(v.wall, v.content(by.who, v.wall, fmt.Sprint("post ", i)))
			time.Sleep(time.Millisecond)
		}
		settle()
		mustAgree(t, v.wall, a, b)
		if n := len(a.texts(v.wall)); n != 100 {
			t.Errorf("%d posts", n)
		}
		c.stop()
		c.a.Push(v.wall, []oplog.Run{v.content(a.who, v.wall, "too late")})
		c.a.Advertise(v.wall, nil)
		c.a.Refresh()
		c.a.RequestKeys(v.wall, []oplog.EpochID{testEpoch})
		c.a.SendEphemeral(v.wall, nil)
	})
}

// What is published while the first offer is under way is not pushed, as the peer may not know the space; it is
// not lost either.
func TestPublishDuringTheFirstOffer(t *testing.T) {
	for name, offers := range map[string]uint64{"in sync": 2, "not in sync": 1} {
		t.Run(name, func(t *testing.T) { publishDuringTheFirstOffer(t, name == "in sync", offers) })
	}
}

func publishDuringTheFirstOffer(t *testing.T, inSync bool, offers uint64) {
	synctest.Test(t, func(t *testing.T) {
		const oneWay = 10 * time.Millisecond
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		if !inSync {
			a.put(v.wall, v.content(a.who, v.wall, "before"))
		}
		c := connect(a, b, link{latency: oneWay})
		time.Sleep(oneWay + oneWay/2) // the acceptor's offer is under way
		b.publish(v.wall, v.content(b.who, v.wall, "in between"))
		time.Sleep(oneWay)
		if n := c.b.Stats().EntriesOut; n != 0 {
			t.Errorf("%d entries were pushed", n)
		}
		settle()
		mustAgree(t, v.wall, a, b)
		if c.stop(); c.b.talk.offered != offers {
			t.Errorf("%d offers", c.b.talk.offered)
		}
	})
}

func TestAliveAndIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		c := connect(v.homes[0], v.homes[1], link{})
		settle()
		before := c.a.Stats().BytesOut
		time.Sleep(24 * time.Hour)
		if s := c.a.Stats(); s.BytesOut-before > 200*frameExtra+200 {
			t.Errorf("a quiet day costs %d bytes", s.BytesOut-before)
		}
		if c.aErr != nil || len(v.homes[0].connected()) != 1 {
			t.Errorf("the session ended on a quiet day: %v", c.aErr)
		}
	})
}
