package replicate

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// mustTake fails the test unless the victim gives the peer up as too slow about then.
func (a *actor) mustTake(patience time.Duration) {
	a.t.Helper()
	start := time.Now()
	a.mustEnd(ErrSlow)
	if took := time.Since(start); took < patience-5*time.Second || took > patience+5*time.Second {
		a.t.Errorf("it took %v, not %v", took, patience)
	}
}

func TestSilentPeers(t *testing.T) {
	cases := map[string]struct {
		patience time.Duration
		stall    func(a *actor, v *village)
	}{
		"in the middle of a message": {frameTimeout, func(a *actor, v *village) {
			a.stream.Write([]byte{0, 0, 0, 100, byte(kindAlive)})
		}},
		"drop by drop": {frameTimeout, func(a *actor, v *village) {
			a.stream.Write([]byte{0, 0x10, 0, 0, byte(kindRuns)})
			a.busy.Go(func() {
				for {
					time.Sleep(time.Second)
					if _, err := a.stream.Write([]byte{0}); err != nil {
						return
					}
				}
			})
		}},
		"no answer to an offer": {answerTimeout, func(a *actor, v *village) { a.victim.Refresh(v.wall) }},
		"no answer to a want": {answerTimeout, func(a *actor, v *village) {
			a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: []wireHead{{Log: make48(oplog.Content), Seq: 5}}})
		}},
		"no answer to one want of two": {withholdTimeout, func(a *actor, v *village) {
			heads := []wireHead{{Log: make48(oplog.Content), Seq: 5}}
			a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: heads})
			other := oplog.Log{Lane: oplog.Content, Incarnation: oplog.Incarnation{1}}
			heads[0].Log = appendLog(nil, other, key.SpaceID{})
			heads[0].Seq = oplog.MaxSeq
			a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: heads})
			a.busy.Go(func() {
				for a.running() {
					time.Sleep(30 * time.Second)
					a.send(&runsMessage{Tag: a.tag(v.wall), Want: 2})
				}
			})
		}},
		"no answer to a frontier": {answerTimeout, func(a *actor, v *village) {
			name := a.tag(v.wall)
			a.send(&offerMessage{Number: 2, Items: append(name[:], make([]byte, digestSize)...)})
			time.Sleep(time.Second)
		}},
		"nothing at all": {idleTimeout, func(a *actor, v *village) {}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 1)
				a := act(v.homes[0], v.people[1], true, link{})
				a.open(answerSame, v.wall)
				if name != "no answer to a frontier" { // which the first offer has begun
					a.send(&frontierMessage{Tag: a.tag(v.wall)})
				}
				time.Sleep(time.Second)
				c.stall(a, v)
				a.mustTake(c.patience)
			})
		})
	}
}

func TestPeerThatNeverBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := actUngreeted(v.homes[0], v.people[1], true, link{})
		a.mustTake(helloTimeout)
	})
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], true, link{})
		a.mustTake(openTimeout)
	})
	synctest.Test(t, func(t *testing.T) { // the acceptor of our stream does not offer
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], false, link{})
		a.mustTake(openTimeout)
	})
}

func TestPeerThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], true, link{buffer: 1000})
		a.open(answerSame, v.wall)
		a.send(&frontierMessage{Tag: a.tag(v.wall)}) // ends the exchange that the victim began
		a.setDeaf(true)
		big := v.content(v.people[0], v.wall, string(make([]byte, 60_000)))
		a.victim.Push(v.wall, []oplog.Run{big})
		a.victim.Push(v.wall, []oplog.Run{big})
		a.mustTake(writeTimeout)
	})
}

// A peer that keeps asking and does not read is hung up on when too much waits for it.
func TestPeerThatAsksAndDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 300, 1)
		a := act(v.homes[0], v.people[1], true, link{buffer: 1 << 20})
		a.open(answerSame, v.wall)
		a.setDeaf(true)
		start := time.Now()
		for a.running() {
			a.send(&summaryMessage{Tag: a.tag(v.wall), Digests: make([]byte, 64*bucketSize)})
			time.Sleep(time.Millisecond)
		}
		a.mustEnd(ErrSlow)
		if took := time.Since(start); took > writeTimeout/2 {
			t.Errorf("it took %v", took)
		}
	})
}

// When a peer has caught up after having lost pushes, it is told, although it says nothing itself.
func TestOfferAfterDroppedPushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], true, link{buffer: 1000})
		a.open(answerSame, v.wall)
		a.send(&frontierMessage{Tag: a.tag(v.wall)}) // ends the exchange that the victim began
		time.Sleep(time.Second)
		a.setDeaf(true)
		big := v.content(v.people[0], v.wall, string(make([]byte, 60_000)))
		for range 100 {
			a.victim.Push(v.wall, []oplog.Run{big})
			time.Sleep(time.Millisecond)
		}
		if a.victim.Stats().Dropped == 0 {
			t.Fatal("nothing was dropped")
		}
		before := len(received[*offerMessage](a))
		a.setDeaf(false)
		time.Sleep(10 * time.Second)
		if n := len(received[*offerMessage](a)) - before; n != 1 {
			t.Errorf("%d offers", n)
		}
	})
}

// A peer that demands much is read at its own pace, and what waits for it is bounded.
func TestFloodIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 40, 1)
		a := act(v.homes[0], v.people[1], true, link{})
		a.open(answerSame, v.wall)
		start := time.Now()
		const n = 2000
		for range n {
			a.send(&summaryMessage{Tag: a.tag(v.wall), Digests: make([]byte, 8*bucketSize)})
		}
		for len(received[*frontierMessage](a)) < n {
			time.Sleep(100 * time.Millisecond)
		}
		took := time.Since(start)
		if want := time.Duration(n*effort(&summaryMessage{})-talkBurst) * time.Second / talkRate; took < want*9/10 || took > want*11/10 {
			t.Errorf("%d frontiers within %v, not %v", n, took, want)
		}
		if w := a.victim.out.waiting(); w > maxOutbox {
			t.Errorf("%d bytes wait", w)
		}
	})
}

// Keeping everybody else informed does not depend on the one that is slow: calls return at once.
func TestCallsNeverWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], true, link{buffer: 1000})
		a.open(answerSame, v.wall)
		run := v.content(v.people[0], v.wall, string(make([]byte, 50_000)))
		start := time.Now()
		for range 10_000 {
			a.victim.Push(v.wall, []oplog.Run{run})
			a.victim.Advertise(v.wall, []Piece{{Log: run.Log, First: 1, Last: 1}})
			a.victim.Refresh()
			a.victim.Refresh(v.wall)
			a.victim.RequestKeys(v.wall, epochs(64))
			a.victim.SendEphemeral(v.wall, make([]byte, MaxEphemeral))
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the calls waited for %v", took)
		}
		m := &a.victim.mail
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.pushed > pushQueue || len(m.calls) > maxMail {
			t.Errorf("%d bytes and %d calls wait", m.pushed, len(m.calls))
		}
	})
}

// A node that stops tells its peers, waits for none of them, and leaves nothing behind.
func TestStopping(t *testing.T) {
	for _, half := range []bool{false, true} {
		t.Run(fmt.Sprint("close by halves ", half), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 2)
				c := connect(v.homes[0], v.homes[1], link{latency: 100 * time.Millisecond, halfClose: half})
				settle()
				start := time.Now()
				c.b.fail(errStopped)
				c.done.Wait()
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
				if c.aErr != nil || !errors.Is(c.bErr, errStopped) {
					t.Errorf("%v, %v", c.aErr, c.bErr)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 1)
				v.backlog(v.homes[0], 5_000_000, 1000)
				a := act(v.homes[0], v.people[1], true, link{buffer: 1000, halfClose: half})
				a.open(answerSame, v.wall)
				start := time.Now()
				a.victim.fail(errStopped)
				a.mustEnd(errStopped)
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}
