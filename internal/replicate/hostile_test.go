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

// Heads that nobody can have are asked for once, and never again.
func TestHugeClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		claim := &frontierMessage{Tag: a.tag(v.wall)}
		for i := range maxHeads {
			log := oplog.Log{Space: v.wall, Device: key.DeviceID{byte(i), byte(i >> 8), 1}, Lane: oplog.Content}
			claim.Heads = append(claim.Heads, wireHead{Log: appendLog(nil, log, v.wall), Seq: oplog.MaxSeq})
		}
		a.send(claim)
		time.Sleep(time.Second)
		asked := 0
		for _, want := range received[*wantMessage](a) {
			asked += len(want.Logs)
			a.send(&runsMessage{Tag: a.tag(v.wall), Want: want.Number, Final: true})
		}
		if asked != maxHeads {
			t.Fatalf("%d logs asked for", asked)
		}
		time.Sleep(time.Second)
		before := len(received[*wantMessage](a))
		for range 5 {
			a.send(claim)
			a.victim.Refresh(v.wall)
			time.Sleep(time.Second)
		}
		// maxRemembered of them are remembered; for the others the peer pays with its own bandwidth.
		again := 0
		for _, want := range received[*wantMessage](a)[before:] {
			again += len(want.Logs)
			a.send(&runsMessage{Tag: a.tag(v.wall), Want: want.Number, Final: true})
		}
		if again > maxHeads-maxRemembered {
			t.Errorf("%d logs were asked for again", again)
		}
		a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: []wireHead{{Log: make48(oplog.Content), Seq: oplog.MaxSeq + 1}}})
		a.mustEnd(ErrProtocol)
		if !v.homes[0].reserved.empty() {
			t.Error("something is still reserved")
		}
	})
}

// Bulk beyond the window that we gave breaks the protocol, however slow we are ourselves.
func TestBulkBeyondTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		a := act(h, v.people[1], true, link{buffer: 16 << 20})
		a.open(answerSame, v.wall)
		h.mu.Lock()
		h.sessions[a.victim].slow = time.Minute
		h.mu.Unlock()
		var runs []oplog.Run
		for range 20 {
			runs = append(runs, v.content(v.people[1], v.wall, string(make([]byte, 60_000)), string(make([]byte, 60_000)), string(make([]byte, 60_000)), string(make([]byte, 60_000))))
		}
		last := runs[len(runs)-1]
		a.send(&frontierMessage{Tag: a.tag(v.wall), Heads: []wireHead{{Log: appendLog(nil, last.Log, v.wall), Seq: last.Last()}}})
		time.Sleep(time.Second)
		sent := 0
		for _, run := range runs {
			messages, err := packRuns(a.tag(v.wall), v.wall, 1, []oplog.Run{run}, largeMessage)
			if err != nil {
				t.Fatal(err)
			}
			if !a.running() {
				t.Fatalf("the session ended after %d bytes", sent)
			}
			framed, _ := frame(messages[0])
			if sent+len(framed) > bulkWindow {
				a.send(messages[0])
				a.mustEnd(ErrProtocol)
				return
			}
			sent += len(framed)
			a.send(messages[0])
			time.Sleep(time.Second)
		}
	})
}

// Whoever asks for everything gets what there is, once.
func TestAbsurdWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		h.put(v.wall, v.posts(50, one)...)
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		want := &wantMessage{Tag: a.tag(v.wall), Number: 1}
		for i := range maxRuns {
			log := oplog.Log{Space: v.wall, Device: key.DeviceID{byte(i), byte(i >> 8), 1}, Lane: oplog.Content}
			if i == 17 {
				log.Device = v.people[0].device.ID()
			}
			want.Logs = append(want.Logs, wireWant{Log: appendLog(nil, log, v.wall), Ranges: []uint64{1, 2, 4, oplog.MaxSeq - 2, oplog.MaxSeq, oplog.MaxSeq}})
		}
		a.send(want)
		time.Sleep(time.Second)
		entries, finals := 0, 0
		for _, m := range received[*runsMessage](a) {
			entries += m.entries()
			if m.Final {
				finals++
			}
		}
		if entries != 24 || finals != 1 { // 25 posts of the owner, without the third
			t.Errorf("%d entries, %d finals", entries, finals)
		}
		if n := h.unitRanges(a); n > maxStanding {
			t.Errorf("%d ranges are remembered", n)
		}
	})
}

// unitRanges counts the ranges that the session with an actor remembers to have not been able to serve.
func (h *home) unitRanges(a *actor) int {
	n := 0
	for _, space := range a.victim.spaces.all() {
		n += space.standing.count
	}
	return n
}

// Runs by unknown authors are looked at so often while nothing else changes, and no more.
func TestEndlessPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		a := act(v.homes[0], v.people[1], true, link{})
		a.open(answerSame, v.wall)
		push := func(run oplog.Run) {
			messages, err := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{run}, largeMessage)
			if err != nil {
				t.Fatal(err)
			}
			a.send(messages[0])
		}
		w := newWriter(t)
		ghost := people(4)[3]
		push(w.content(ghost, v.wall, "before"))
		time.Sleep(time.Second)
		if n := len(received[*wantMessage](a)); n != 0 {
			t.Errorf("%d wants, where nothing had changed", n)
		}
		for range 2 {
			for i := range maxPending - 10 {
				push(w.content(ghost, v.wall, fmt.Sprint(i)))
			}
			time.Sleep(time.Second)
			push(v.add(v.people[0], v.wall, v.people[1])) // something changes
			time.Sleep(time.Second)
		}
		if !a.running() {
			t.Fatal("the session ended, although something had changed")
		}
		for i := range maxPending + 1 {
			push(w.content(ghost, v.wall, fmt.Sprint(i)))
		}
		a.mustEnd(ErrMisbehaved)
	})
}

// Pending runs are asked for again when something has changed, and not without end.
func TestPendingIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 1)
		h := newHome(t, v.people[0])
		h.meet(v.identities[:2]...)
		h.put(v.wall, v.control...)
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		push := func(run oplog.Run) {
			messages, err := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{run}, largeMessage)
			if err != nil {
				t.Fatal(err)
			}
			a.send(messages[0])
			time.Sleep(time.Second)
		}
		post := v.content(v.people[2], v.wall, "by somebody unknown")
		push(post)
		if n := len(received[*wantMessage](a)); n != 0 {
			t.Fatalf("%d wants", n)
		}
		for i := range 2 * maxTries { // control entries that change nothing for it
			push(v.add(v.people[0], v.wall, v.people[1]))
			wants := received[*wantMessage](a)
			if want := min(i+1, maxTries); len(wants) != want {
				t.Fatalf("%d wants after %d changes, not %d", len(wants), i+1, want)
			}
			if i >= maxTries {
				continue
			}
			answer, _ := packRuns(a.tag(v.wall), v.wall, uint64(i+1), []oplog.Run{post}, largeMessage)
			answer[0].Final = true
			a.send(answer[0])
			time.Sleep(time.Second)
		}
		push(v.identities[2])
		push(post)
		if texts := h.texts(v.wall); len(texts) != 1 {
			t.Errorf("posts %q", texts)
		}
	})
}

// Forged runs are not kept, not asked for again, and end the session when there are too many.
func TestForgedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		for i := range maxFaults {
			if !a.running() {
				t.Fatalf("the session ended after %d forged runs", i)
			}
			run := v.content(v.people[1], v.wall, "genuine")
			run.Signature[5] ^= 1
			messages, _ := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{run}, largeMessage)
			a.send(messages[0])
			time.Sleep(time.Second)
			a.send(&haveMessage{Tag: a.tag(v.wall), Pieces: []wirePiece{{Log: appendLog(nil, run.Log, v.wall), First: run.First, Last: run.First}}})
			time.Sleep(time.Second)
			if n := len(received[*wantMessage](a)); n != 0 {
				t.Fatalf("%d wants for what was forged", n)
			}
		}
		a.mustEnd(ErrMisbehaved)
		if len(h.texts(v.wall)) != 0 {
			t.Error("something forged was kept")
		}
	})
}

// What was declined is asked for again when the reason may have gone, and not before.
func TestDeclinedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 1)
		h := v.homes[0]
		h.put(v.wall, v.removeMember(v.people[0], v.wall, v.people[2]))
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		post := v.content(v.people[2], v.wall, "after the removal")
		have := &haveMessage{Tag: a.tag(v.wall), Pieces: []wirePiece{{Log: appendLog(nil, post.Log, v.wall), First: 1, Last: 1}}}
		for round, wants := range []int{1, 1, 2} {
			if round == 2 { // the member is added again
				again, _ := packRuns(a.tag(v.wall), v.wall, 0, []oplog.Run{v.add(v.people[0], v.wall, v.people[2])}, largeMessage)
				a.send(again[0])
				time.Sleep(time.Second)
			}
			a.send(have)
			time.Sleep(time.Second)
			got := received[*wantMessage](a)
			if len(got) != wants {
				t.Fatalf("%d wants in round %d", len(got), round)
			}
			if n := a.acked(post.Log.ID()); n != 0 {
				t.Fatalf("%d entries acknowledged that were not kept", n)
			}
			if round%2 == 0 {
				answer, _ := packRuns(a.tag(v.wall), v.wall, uint64(wants), []oplog.Run{post}, largeMessage)
				answer[0].Final = true
				a.send(answer[0])
				time.Sleep(time.Second)
			}
		}
		if !a.running() || len(h.texts(v.wall)) != 1 || a.acked(post.Log.ID()) != 1 {
			t.Error("an honest peer was blamed, or the post did not come")
		}
	})
}

// Our own trouble ends the session and blames nobody.
func TestOwnTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		c := connect(v.homes[0], v.homes[1], link{})
		settle()
		full := errors.New("the disk is full")
		v.homes[1].mu.Lock()
		v.homes[1].failing = full
		v.homes[1].mu.Unlock()
		v.homes[0].publish(v.wall, v.content(v.people[0], v.wall, "one too many"))
		c.done.Wait()
		if !errors.Is(c.bErr, ErrLocal) || !errors.Is(c.bErr, full) || errors.Is(c.bErr, ErrMisbehaved) {
			t.Errorf("ended with %v", c.bErr)
		}
		if !errors.Is(c.aErr, ErrEnded) {
			t.Errorf("the peer's ended with %v", c.aErr)
		}
	})
}
