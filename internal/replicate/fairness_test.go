package replicate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kith/internal/oplog"
)

// backlog puts about so many bytes of content into a home, in runs of 16 entries.
func (v *village) backlog(h *home, bytes, entry int) {
	text := strings.Repeat("x", entry)
	for n := 0; n < bytes; n += 16 * len(text) {
		texts := make([]string, 16)
		for i := range texts {
			texts[i] = text
		}
		h.put(v.wall, v.content(h.who, v.wall, texts...))
	}
}

// waitUntil looks every hundredth of a second of fake time, when all homes are at rest.
func waitUntil(ok func() bool) {
	for synctest.Wait(); !ok(); synctest.Wait() {
		time.Sleep(10 * time.Millisecond)
	}
}

// has tells whether content arrived.
func (h *home) has(text string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Contains(h.arrived, text)
}

func (h *home) openedKeys() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.opened)
}

// During a backlog of 50 MB, a push, a key and another space wait for a few messages, on fast and slow lines.
func TestBacklogDelaysNothingElse(t *testing.T) {
	for _, line := range []struct {
		link
		backlog, entry int
		most           time.Duration
	}{
		// On 10 MB/s, a message of 256 KiB takes 26 ms; the window that follows the link holds 150 ms.
		{link{latency: 20 * time.Millisecond, bandwidth: 10_000_000, buffer: 8 << 20}, 50_000_000, 20_000, 300 * time.Millisecond},
		// On 250 KB/s, a message of 32 KiB takes 130 ms, and the least window four of these.
		{link{latency: 20 * time.Millisecond, bandwidth: 250_000, buffer: 8 << 20}, 20_000_000, 1_000, 700 * time.Millisecond},
	} {
		t.Run(fmt.Sprint(line.bandwidth), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVillage(t, 2, 2)
				a, b := v.homes[0], v.homes[1]
				v.backlog(a, line.backlog, line.entry)
				wall, create := v.create(a.who)
				add := v.add(a.who, wall, b.who)
				a.put(wall, create, add)
				b.put(wall, create, add)
				a.giveKeys(testEpoch)
				c := connect(a, b, line.link)
				time.Sleep(20 * time.Second * 250_000 / time.Duration(min(line.bandwidth, 2_500_000)))
				if n := len(b.texts(v.wall)); n == 0 || n == a.entries(v.wall) {
					t.Fatalf("%d entries so far: the test is not what it says", n)
				}

				start := time.Now()
				a.publish(v.wall, v.content(a.who, v.wall, "live in the same space"))
				a.publish(wall, v.content(a.who, wall, "live in another"))
				c.b.RequestKeys(v.wall, []oplog.EpochID{testEpoch})
				waitUntil(func() bool {
					return b.openedKeys() > 0 && len(b.texts(wall)) > 0 && b.has("live in the same space")
				})
				took := time.Since(start)
				t.Logf("took %v", took)
				if took > line.most {
					t.Errorf("live entries and keys took %v", took)
				}

				// A space that is fetched gets its turns.
				a.mute = true
				a.put(wall, v.content(a.who, wall, "put without a push"))
				start = time.Now()
				c.b.Refresh(wall)
				waitUntil(func() bool { return b.has("put without a push") })
				took = time.Since(start)
				t.Logf("another space took %v", took)
				if took > 2*line.most {
					t.Errorf("another space took %v", took)
				}
				if n := b.entries(v.wall); n == a.entries(v.wall) {
					t.Error("the backlog was over: the test is not what it says")
				}
				time.Sleep(10 * time.Minute)
				mustAgree(t, v.wall, a, b)
			})
		})
	}
}

// However large the messages, no more bulk is under way than the peer allowed, and what it gives back is used.
func TestSenderKeepsToTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		v.backlog(v.homes[0], 6_000_000, 2_000)
		a := actUngreeted(v.homes[0], v.people[1], true, link{buffer: 16 << 20})
		a.window = MaxMessage + frameExtra
		a.greet(v.homes[0], v.people[1], true)
		a.open(answerSame, v.wall)
		log := oplog.Log{Space: v.wall, Device: v.people[0].device.ID(), Lane: oplog.Content}
		a.send(&wantMessage{Tag: a.tag(v.wall), Number: 1, Logs: []wireWant{{Log: appendLog(nil, log, v.wall), Ranges: []uint64{1, oplog.MaxSeq}}}})
		given, seen := uint64(0), 0
		for seen == 0 || !received[*runsMessage](a)[seen-1].Final {
			time.Sleep(time.Second)
			got, n := a.bulk()
			if got-given > a.window {
				t.Fatalf("%d bytes are under way, of %d", got-given, a.window)
			}
			if n == seen {
				t.Fatalf("nothing came, with %d bytes under way", got-given)
			}
			a.send(&creditMessage{Bytes: got - given})
			given, seen = got, n
		}
		// The window is wide by now, and yet what is newest comes first and by itself.
		again := &wantMessage{Tag: a.tag(v.wall), Number: 2, Logs: []wireWant{{Log: appendLog(nil, log, v.wall), Ranges: []uint64{1, oplog.MaxSeq}}}}
		a.send(again)
		time.Sleep(time.Second)
		framed, err := frame(received[*runsMessage](a)[seen])
		if err != nil || len(framed) > firstMessage+packedRun {
			t.Errorf("the first message has %d bytes", len(framed))
		}
	})
}

// bulk is how much bulk the actor has received, in bytes and messages.
func (a *actor) bulk() (bytes uint64, messages int) {
	list := received[*runsMessage](a)
	for _, m := range list {
		framed, err := frame(m)
		if err != nil {
			a.t.Fatal(err)
		}
		bytes += uint64(len(framed))
	}
	return bytes, len(list)
}

// The window makes use of long and fast lines.
func TestWindowFillsALongLine(t *testing.T) {
	for oneWay, most := range map[time.Duration]time.Duration{50 * time.Millisecond: 2500 * time.Millisecond, 200 * time.Millisecond: 9 * time.Second} {
		t.Run(oneWay.String(), func(t *testing.T) { fillLine(t, oneWay, most) })
	}
}

func fillLine(t *testing.T, oneWay, most time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		v.backlog(a, 40_000_000, 20_000)
		start := time.Now()
		connect(a, b, link{latency: oneWay, buffer: 64 << 20})
		waitUntil(func() bool { return b.entries(v.wall) == a.entries(v.wall) })
		// The window allows 4 MiB per round trip, and takes some of these to open.
		if took := time.Since(start); took > most {
			t.Errorf("40 MB took %v", took)
		}
	})
}

// What a session holds does not grow with the backlog, although the receiver is slow.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		a, b := v.homes[0], v.homes[1]
		v.backlog(a, scaled(60_000_000), 20_000)
		c := connect(a, b, link{buffer: 1 << 20})
		b.mu.Lock()
		for _, view := range b.sessions {
			view.slow = 200 * time.Millisecond
		}
		b.mu.Unlock()
		most := int64(0)
		for b.entries(v.wall) < a.entries(v.wall) {
			time.Sleep(100 * time.Millisecond)
			most = max(most, c.b.bulkOpen.Load())
		}
		if most > bulkWindow || most == 0 {
			t.Errorf("%d bytes of bulk were open", most)
		}
	})
}
