package replicate

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/key"
	"kith/internal/oplog"
)

// Anna added carl to her wall while bert was off. Carl, whom bert has never heard of, meets bert.
func TestNewcomerIntroducesItself(t *testing.T) {
	for _, dials := range []string{"newcomer", "other"} {
		t.Run(dials, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 2)
				a, b := v.homes[0], v.homes[1]
				carl := people(3)[2]
				c := newHome(t, carl)
				old := v.posts(10, one)
				a.put(v.wall, old...)
				b.put(v.wall, old...)
				v.identities = append(v.identities, v.identity(carl))
				a.meet(v.identities[2])
				a.put(v.wall, v.add(a.who, v.wall, carl))
				c.meet(v.identities...)
				c.await(v.wall)
				first := connect(a, c, link{latency: 20 * time.Millisecond})
				settle()
				first.stop()
				mustAgree(t, v.wall, a, c)
				mine := v.content(carl, v.wall, "hello from carl")
				c.put(v.wall, mine)

				from, to := c, b
				if dials == "other" {
					from, to = b, c
				}
				second := connect(from, to, link{latency: 20 * time.Millisecond})
				settle()
				mustAgree(t, v.wall, b, c)
				texts := b.texts(v.wall)
				if len(texts) != 11 || texts[10] != "hello from carl" {
					t.Errorf("bert has %q", texts)
				}
				c.publish(v.wall, v.content(carl, v.wall, "and live"))
				b.publish(v.wall, v.content(b.who, v.wall, "welcome"))
				settle()
				mustAgree(t, v.wall, b, c)
				if n := len(b.texts(v.wall)); n != 13 {
					t.Errorf("%d posts", n)
				}
				second.stop()
			})
		})
	}
}

// Two that share nothing part at once, whoever dials.
func TestStrangersPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := newVillage(t, 1, 1), newWriter(t)
		stranger := people(2)[1]
		b := newHome(t, stranger)
		b.meet(other.identity(stranger))
		wall, create := other.create(stranger)
		b.put(wall, create)
		for range 2 {
			c := connect(one.homes[0], b, link{latency: 20 * time.Millisecond})
			time.Sleep(time.Second)
			c.done.Wait()
			if !errors.Is(c.aErr, ErrStranger) && !errors.Is(c.bErr, ErrStranger) {
				t.Errorf("%v, %v", c.aErr, c.bErr)
			}
			for _, err := range []error{c.aErr, c.bErr} {
				if !errors.Is(err, ErrStranger) && !errors.Is(err, ErrEnded) {
					t.Errorf("%v, %v", c.aErr, c.bErr)
				}
			}
		}
	})
}

// A stranger that knows the ID of a space, and no more, gets nothing but the word that it is known, and half a
// minute.
func TestStrangerWithASpaceIDGetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 1)
		v.homes[0].put(v.wall, v.posts(5, one)...)
		outsider := people(5)[4]
		a := act(v.homes[0], outsider, true, link{})
		a.open(answerSame, v.wall)
		a.send(&summaryMessage{Tag: a.tag(v.wall), Digests: make([]byte, bucketSize*16)})
		a.send(&frontierMessage{Tag: a.tag(v.wall), Reply: true})
		log := oplog.Log{Space: v.wall, Device: v.people[0].device.ID(), Lane: oplog.Content}
		a.send(&wantMessage{Tag: a.tag(v.wall), Number: 1, Logs: []wireWant{{Log: appendLog(nil, log, v.wall), Ranges: []uint64{1, 100}}}})
		a.send(&keyAskMessage{Tag: a.tag(v.wall), Epochs: []oplog.EpochID{testEpoch}})
		a.send(&ephemeralMessage{Tag: a.tag(v.wall), Data: []byte("let me in")})
		v.homes[0].giveKeys(testEpoch)
		time.Sleep(time.Second)
		v.homes[0].publish(v.wall, v.posts(1, one)...)
		time.Sleep(time.Second)
		if answers := received[*answerMessage](a); len(answers) != 1 || answer(answers[0].Answers[0]) != answerReceive {
			t.Errorf("answers %v", answers)
		}
		for _, m := range received[*frontierMessage](a) {
			if len(m.Heads) != 0 {
				t.Errorf("%d heads shown to a stranger", len(m.Heads))
			}
		}
		for _, m := range received[*runsMessage](a) {
			if m.Want == 0 || len(m.Runs) != 0 || !m.Final {
				t.Errorf("%d runs given to a stranger", len(m.Runs))
			}
		}
		if n := len(received[*keysMessage](a)) + len(received[*summaryMessage](a)) + len(received[*haveMessage](a)); n != 0 {
			t.Errorf("%d messages that a stranger should not get", n)
		}
		if len(v.homes[0].signals) != 0 {
			t.Error("a stranger was heard")
		}
		if !a.running() {
			t.Fatal("it had no time to introduce itself")
		}
		start := time.Now()
		a.mustEnd(ErrStranger)
		if took := time.Since(start); took > introductionTimeout {
			t.Errorf("it took %v", took)
		}
	})
}

// A stranger that keeps sending is ended by its budget.
func TestStrangerHasABudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 1)
		outsider := people(5)[4]
		a := act(v.homes[0], outsider, true, link{})
		a.open(answerSame, v.wall)
		w := newWriter(t)
		for range 200 {
			run := w.run(outsider.device, v.wall, oplog.Control, oplog.KindControl, make([]byte, 60_000))
			messages, err := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{run}, largeMessage)
			if err != nil {
				t.Fatal(err)
			}
			a.send(messages[0])
		}
		a.mustEnd(ErrStranger)
		if n := a.victim.Stats().BytesIn; n > introductionBytes+MaxMessage {
			t.Errorf("%d bytes read", n)
		}
	})
}

// Who is added while connected gets everything at once; who is removed gets nothing further.
func TestMembershipChangesWhileConnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 3)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		a.publish(v.wall, v.content(a.who, v.wall, "one"))
		settle()
		wall, create := v.create(a.who)
		a.put(wall, create, v.content(a.who, wall, "on another wall"))
		b.await(wall)
		c.b.Refresh()
		settle()
		if len(b.texts(wall)) != 0 {
			t.Fatal("content was given to somebody who is no member")
		}
		a.publish(wall, v.add(a.who, wall, b.who))
		settle()
		mustAgree(t, wall, a, b)
		if n := len(b.texts(wall)); n != 1 {
			t.Fatalf("%d posts after having been added", n)
		}

		a.publish(v.wall, v.removeMember(a.who, v.wall, b.who), v.content(a.who, v.wall, "without bert"))
		a.publish(v.wall, v.content(a.who, v.wall, "still without bert"))
		settle()
		if texts := b.texts(v.wall); len(texts) != 1 {
			t.Errorf("bert has %q", texts)
		}
		c.stop()
		connect(b, a, link{latency: 20 * time.Millisecond})
		settle()
		a.publish(v.wall, v.content(a.who, v.wall, "and again"))
		settle()
		if texts := b.texts(v.wall); len(texts) != 1 {
			t.Errorf("bert has %q", texts)
		}
	})
}

// Who is added at any moment between two questions of the session is offered the space all the same: also right after
// the peer's own offer of it was answered, and before ours is made.
func TestAddedAtAnyMoment(t *testing.T) {
	for moment := range 4 {
		for _, dialer := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 2)
				a, b := v.homes[0], v.homes[1]
				wall, create := v.create(a.who)
				a.put(wall, create, v.content(a.who, wall, "on another wall"))
				b.await(wall)
				questions := 0
				a.onOffers = func([]key.SpaceID) {
					if questions++; questions == moment+1 {
						a.put(wall, v.add(a.who, wall, b.who))
					}
				}
				first, second := a, b
				if !dialer {
					first, second = b, a
				}
				c := connect(first, second, link{latency: 20 * time.Millisecond})
				settle()
				for range 3 { // what the node does after any change of members
					c.a.Refresh()
					c.b.Refresh()
					settle()
				}
				if questions <= moment {
					t.Fatalf("only %d questions: the test is not what it says", questions)
				}
				mustAgree(t, wall, a, b)
				if n := len(b.texts(wall)); n != 1 {
					t.Errorf("moment %d, dialer %v: %d posts", moment, dialer, n)
				}
			})
		}
	}
}

// After Refresh, nothing is pushed to who was removed; and a peer whose device is not known any more is sent away.
func TestRefreshTakesEffectAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		c := connect(a, b, link{latency: 20 * time.Millisecond})
		settle()
		post := v.content(a.who, v.wall, "after the removal")
		a.put(v.wall, v.removeMember(a.who, v.wall, b.who), post)
		c.a.Refresh(v.wall)
		c.a.Push(v.wall, []oplog.Run{post})
		settle()
		if n := len(b.arrived); n != 0 {
			t.Errorf("%d posts were pushed", n)
		}
		a.mu.Lock()
		delete(a.peers, b.who.device.Peer())
		a.mu.Unlock()
		c.a.Refresh()
		start := time.Now()
		c.done.Wait()
		if time.Since(start) > time.Second || !errors.Is(c.aErr, ErrStranger) || !errors.Is(c.bErr, ErrEnded) {
			t.Errorf("ended with %v and %v", c.aErr, c.bErr)
		}
	})
}

// A removal in the middle of a backlog stops it.
func TestRemovalStopsABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		v.backlog(a, 5_000_000, 1000)
		c := connect(a, b, link{latency: 20 * time.Millisecond, bandwidth: 250_000})
		time.Sleep(5 * time.Second)
		a.put(v.wall, v.removeMember(a.who, v.wall, b.who))
		c.a.Refresh()
		time.Sleep(2 * time.Second)
		had := len(b.texts(v.wall))
		if had == 0 {
			t.Fatal("the test is not what it says")
		}
		time.Sleep(time.Minute)
		if n := len(b.texts(v.wall)); n != had {
			t.Errorf("%d entries came after the removal", n-had)
		}
		if s := c.b.Stats(); s.Open != 0 {
			t.Errorf("%d wants are left open", s.Open)
		}
	})
}

// A peer that is no member in our copy is asked for identity and control entries, and content that it sends
// anyway is passed over.
func TestReceiveOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		carl := people(3)[2]
		h.meet(v.identity(carl))
		v.content(v.people[0], v.wall, "one that is lacking")
		h.put(v.wall, v.content(v.people[0], v.wall, "one behind the gap"))
		a := act(h, carl, true, link{})
		a.open(answerSame, v.wall)
		add := v.add(v.people[0], v.wall, carl)
		mine := v.content(carl, v.wall, "too early")
		heads := []wireHead{
			{Log: appendLog(nil, add.Log, v.wall), Seq: add.Last()},
			{Log: appendLog(nil, mine.Log, v.wall), Seq: 1},
		}
		a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: heads})
		early, _ := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{mine}, largeMessage)
		a.send(early[0])
		time.Sleep(time.Second)
		wants := received[*wantMessage](a)
		if len(wants) != 1 || len(wants[0].Logs) != 1 || oplog.Lane(wants[0].Logs[0].Log[48]) != oplog.Control {
			t.Fatalf("wants %+v", wants)
		}
		if len(h.texts(v.wall)) != 1 || a.victim.Stats().Pending != 0 {
			t.Fatal("content was taken from somebody who is no member")
		}
		proof, _ := packRuns(a.tag(v.wall), v.wall, 1, []oplog.Run{add}, largeMessage)
		proof[0].Final = true
		a.send(proof[0])
		time.Sleep(time.Second)
		if offers := received[*offerMessage](a); len(offers) < 2 {
			t.Errorf("%d offers: the space was not offered to the new member", len(offers))
		}
		a.send(early[0])
		time.Sleep(time.Second)
		if len(h.texts(v.wall)) != 2 {
			t.Error("content was not taken from a member")
		}
	})
}
