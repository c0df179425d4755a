package replicate

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

func TestFirstSyncNewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 60, 2)
		a, b := v.homes[0], v.homes[1]
		posts := v.posts(scaled(600), mixed(newRand(1)))
		a.put(v.wall, posts...)
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		mustAgree(t, v.wall, a, b)
		var want []string
		for _, run := range slices.Backward(posts) {
			for _, raw := range run.Entries {
				want = append(want, string(raw.Payload))
			}
		}
		if !slices.Equal(b.arrived, want) {
			t.Error("content did not arrive newest run first, over all logs")
		}
		stats := c.b.Stats()
		if int(stats.EntriesIn) != len(want) || int(stats.Accepted) != len(posts) || stats.Duplicate+stats.Pending+stats.Declined+stats.Rejected != 0 || stats.Open != 0 {
			t.Errorf("receiver: %+v", stats)
		}
		if back := c.a.Stats().EntriesIn; back != 0 {
			t.Errorf("%d entries came back", back)
		}
		c.stop()
	})
}

// The newcomer to a space has nothing but its ID, and knows nobody but the inviter.
func TestAwaitedSpace(t *testing.T) {
	for _, dials := range []string{"inviter", "invited"} {
		t.Run(dials, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 40, 1)
				a := v.homes[0]
				a.put(v.wall, v.posts(100, one)...)
				b := newHome(t, v.people[1])
				b.meet(v.identities[0])
				b.await(v.wall)
				var c *connection
				if dials == "inviter" {
					c = connect(a, b, link{latency: 20 * time.Millisecond})
				} else {
					c = connect(b, a, link{latency: 20 * time.Millisecond})
				}
				settle()
				mustAgree(t, v.wall, a, b)
				if n := len(b.texts(v.wall)); n != 100 {
					t.Errorf("%d posts", n)
				}
				c.stop()
			})
		})
	}
}

func TestBothHaveNews(t *testing.T) {
	for _, authors := range []int{2, 50} { // few logs, and many
		t.Run(fmt.Sprint(authors), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, authors, 2)
				a, b := v.homes[0], v.homes[1]
				common := v.posts(2*authors, one)
				a.put(v.wall, common...)
				b.put(v.wall, common...)
				for i, run := range v.posts(2*authors, one) { // the second time around for each author
					if i%2 == 0 {
						a.put(v.wall, run)
					} else {
						b.put(v.wall, run)
					}
				}
				c := connect(a, b, link{latency: 20 * time.Millisecond})
				settle()
				mustAgree(t, v.wall, a, b)
				if n := c.a.Stats().EntriesIn + c.b.Stats().EntriesIn; n != int64(2*authors) {
					t.Errorf("%d entries crossed, not %d", n, 2*authors)
				}
				c.stop()
			})
		})
	}
}

// quietWalls gives two homes n walls in which both have the same.
func quietWalls(t *testing.T, n int) (w *writer, a, b *home, walls []key.SpaceID) {
	w = newWriter(t)
	pair := people(2)
	a, b = newHome(t, pair[0]), newHome(t, pair[1])
	ia, ib := w.identity(pair[0]), w.identity(pair[1])
	a.meet(ia, ib)
	b.meet(ia, ib)
	for range n {
		wall, create := w.create(pair[0])
		runs := []oplog.Run{create, w.add(pair[0], wall, pair[1]), w.content(pair[0], wall, "hello")}
		a.put(wall, runs...)
		b.put(wall, runs...)
		walls = append(walls, wall)
	}
	return w, a, b, walls
}

// Goal P8: 300 quiet walls cost at most 20 KB, and one round trip more than HELLO.
func TestReconnectOfQuietWalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const oneWay = 50 * time.Millisecond
		_, a, b, walls := quietWalls(t, 300)
		c := connect(a, b, link{latency: oneWay})
		time.Sleep(oneWay) // both say HELLO at once
		time.Sleep(2 * oneWay)
		synctest.Wait()
		for _, wall := range walls {
			if a.inSync[wall] != 1 || b.inSync[wall] != 1 {
				t.Fatalf("in sync %d and %d times, after one round trip more than HELLO", a.inSync[wall], b.inSync[wall])
			}
		}
		settle()
		time.Sleep(5 * time.Minute)
		stats := c.a.Stats()
		if total := stats.BytesIn + stats.BytesOut; total > 20_000 {
			t.Errorf("%d bytes", total)
		} else {
			t.Logf("%d bytes in %d messages, %d round trips", total, stats.MessagesIn+stats.MessagesOut, stats.RoundTrips)
		}
		if stats.RoundTrips > 2 {
			t.Errorf("%d round trips", stats.RoundTrips)
		}
		c.a.Refresh() // and nothing is new
		c.b.Refresh()
		settle()
		if n := c.a.Stats().MessagesIn + c.a.Stats().MessagesOut; n != stats.MessagesIn+stats.MessagesOut {
			t.Errorf("%d messages about nothing", n-stats.MessagesIn-stats.MessagesOut)
		}
		c.stop()
	})
}

// A single new post on a wall with many people costs little, although the frontier is long.
func TestReconnectWithOnePostInALargeWall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 300, 2)
		a, b := v.homes[0], v.homes[1]
		posts := v.posts(300, one)
		a.put(v.wall, posts...)
		b.put(v.wall, posts...)
		a.put(v.wall, v.posts(1, one)...)
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		mustAgree(t, v.wall, a, b)
		stats := c.a.Stats()
		if total := stats.BytesIn + stats.BytesOut; total > 4_000 {
			t.Errorf("%d bytes", total)
		} else {
			t.Logf("%d bytes, %d round trips", total, stats.RoundTrips)
		}
		c.stop()
	})
}

// More wants than may be open at once wait for their turn.
func TestMoreWantsThanMayBeOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a, b, walls := quietWalls(t, maxAsks+50)
		for _, wall := range walls {
			a.put(wall, w.content(a.who, wall, "new"))
		}
		c := connect(a, b, link{latency: time.Millisecond})
		b.mu.Lock()
		b.sessions[c.b].slow = time.Second
		b.mu.Unlock()
		most := 0
		for range 1000 {
			time.Sleep(time.Second)
			most = max(most, c.b.asks.open())
		}
		if most != maxAsks {
			t.Errorf("%d wants were open", most)
		}
		if n := c.b.Stats().Open; n != 0 {
			t.Errorf("%d are open in the end", n)
		}
		for _, wall := range walls {
			mustAgree(t, wall, a, b)
		}
	})
}

// When both offer the same space at once, frontiers are exchanged once.
func TestOffersThatCross(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		before := c.a.Stats()
		a.put(v.wall, v.content(a.who, v.wall, "not pushed"))
		c.a.Refresh(v.wall)
		c.b.Refresh(v.wall)
		settle()
		mustAgree(t, v.wall, a, b)
		after := c.a.Stats()
		// Each: OFFER, ANSWER, FRONTIER; then WANT, RUNS, ACK, CREDIT.
		if n := after.MessagesIn + after.MessagesOut - before.MessagesIn - before.MessagesOut; n != 10 {
			t.Errorf("%d messages", n)
		}
	})
}

func TestAllOfManyWallsChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a, b, walls := quietWalls(t, 300)
		for i, wall := range walls {
			if i%2 == 0 {
				a.put(wall, w.content(a.who, wall, "from a"))
			} else {
				b.put(wall, w.content(b.who, wall, "from b"))
			}
		}
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		most := int64(0)
		for range 5000 {
			time.Sleep(time.Millisecond)
			most = max(most, c.a.stats.exchanges.Load(), c.b.stats.exchanges.Load())
		}
		if most != maxExchanges {
			t.Errorf("%d exchanges were open at once", most)
		}
		for _, wall := range walls {
			mustAgree(t, wall, a, b)
		}
		c.stop()
	})
}

// What is shown in answer to a frontier is what goes beyond it.
func TestBeyond(t *testing.T) {
	head := func(log byte, seq uint64, id byte) oplog.Head {
		return oplog.Head{Log: oplog.Log{Incarnation: oplog.Incarnation{log}}, Seq: seq, ID: oplog.EntryID{id}}
	}
	ours := []oplog.Head{head(1, 5, 1), head(2, 5, 1), head(3, 5, 1), head(4, 5, 1), head(5, 5, 1)}
	theirs := []oplog.Head{head(1, 5, 1), head(2, 6, 2), head(3, 4, 2), head(4, 5, 2), head(9, 5, 1)}
	if got := beyondOf(ours, theirs); !slices.Equal(got, ours[2:]) {
		t.Errorf("beyond is %v", got)
	}
}

// A Local that returns more than was asked for, and does not know whether more follows, costs no further message
// and breaks no protocol.
func TestVaguePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		old := v.posts(3, one)
		a.put(v.wall, old...)
		b.put(v.wall, old...)
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		a.mu.Lock()
		a.sessions[c.a].vague = true
		a.mu.Unlock()
		a.put(v.wall, v.content(a.who, v.wall, "not pushed"))
		before := c.a.Stats().MessagesOut
		c.b.Refresh(v.wall)
		settle()
		mustAgree(t, v.wall, a, b)
		if n := c.a.Stats().MessagesOut - before; n != 3 || c.b.Stats().EntriesIn != 1 { // ANSWER, FRONTIER, RUNS
			t.Errorf("%d messages, %d entries", n, c.b.Stats().EntriesIn)
		}
	})
}

// Gaps are asked for even when the digests agree.
func TestGapsAreFilledWhenDigestsAgree(t *testing.T) {
	for _, dials := range []int{0, 1} {
		t.Run(fmt.Sprint(dials), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 2)
				posts := v.posts(20, one)
				v.homes[0].put(v.wall, posts...)
				for i, run := range posts {
					if i >= 14 || i == 3 || i == 4 {
						v.homes[1].put(v.wall, run)
					}
				}
				if v.homes[0].digest(v.wall) != v.homes[1].digest(v.wall) || v.homes[1].lacking(v.wall) != 12 {
					t.Fatal("the test is not what it says")
				}
				c := connect(v.homes[dials], v.homes[1-dials], link{latency: 20 * time.Millisecond})
				settle()
				mustAgree(t, v.wall, v.homes...)
				if n := c.a.Stats().EntriesIn + c.b.Stats().EntriesIn; n != 12 {
					t.Errorf("%d entries crossed", n)
				}
				c.stop()
			})
		})
	}
}

// Payloads that were erased stay away, and everything else of the entry comes.
func TestErasedPayloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		run := v.content(a.who, v.wall, "kept", "erased", "")
		run.Entries[1].Payload = nil
		a.put(v.wall, run)
		c := connect(a, b, link{})
		settle()
		mustAgree(t, v.wall, a, b)
		got := b.logs[run.Log.ID()].runs[0].run
		if string(got.Entries[0].Payload) != "kept" || got.Entries[1].Payload != nil || got.Entries[2].Payload == nil {
			t.Errorf("payloads %q", got.Entries)
		}
		c.stop()
	})
}
