package p2p

import (
	"runtime"
	"testing"
	"time"
)

// memory returns what this process holds in memory, in MiB, after cleaning up.
func memory() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc+m.StackInuse) >> 20
}

func TestFloodOfStrangersLeavesRoomForFriends(t *testing.T) {
	overBoth(t, func(t *testing.T, listen string) {
		known := newFriends(peerOfSeed(1))
		h := start(t, listenOn(listen), gate(known))
		h.Handle("/test/echo", Known, echo)
		h.Handle("/test/hello", Anyone, echo)
		before := memory()

		const strangers = 150
		mob := hire(t, "")
		mob.must(order{Do: "flood", Count: strangers, Peer: h.Self(), Addrs: h.ListenAddrs()})
		eventually(t, "the crowd is there", func() bool { return h.crowd.size() == maxStrangers })
		if listen == overTCP {
			mob.must(order{Do: "silence", Count: maxHandshakes / 2, Text: "127.0.0.1:" + portText(h)})
		}

		friend := hire(t, "")
		friend.must(order{Do: "start", Seed: 1, All: true})
		var slowest time.Duration
		refused := 0
		for range 20 { // let it come in anew each time
			began := time.Now()
			var r report
			eventually(t, "the friend gets in", func() bool {
				// On loopback, where all have the same address, the mob may hold all places for
				// handshakes for a moment; a friend tries again.
				if r = friend.try(order{Do: "ask", Peer: h.Self(), Addrs: h.ListenAddrs(), Text: "hello"}); r.Err != "" {
					refused++
				}
				return r.Err == ""
			})
			if r.Text != "hello" {
				t.Fatalf("the friend got %q", r.Text)
			}
			slowest = max(slowest, time.Since(began))
			friend.must(order{Do: "drop", Peer: h.Self()})
			if n := h.crowd.size(); n > maxStrangers {
				t.Fatalf("%d strangers are in", n)
			}
			if n := len(h.swarm.Conns()); n > maxStrangers+8 {
				t.Fatalf("%d connections", n)
			}
		}
		grown := memory() - before
		t.Logf("%d strangers: %d MiB more, the friend was in within %v, after %d refusals", strangers, grown, slowest, refused)
		if limit := maxStrangers*maxMemoryPerStranger>>20 + 16; grown > limit {
			t.Errorf("memory grew by %d MiB, more than %d", grown, limit)
		}
		if slowest > 30*time.Second { // it is milliseconds on a machine with nothing else to do
			t.Errorf("the friend waited %v", slowest)
		}
	})
}

func TestStrangersWhoOverstayAreSentAway(t *testing.T) {
	a, b := start(t), start(t, gate(newFriends()))
	b.Handle("/test/hello", Anyone, echo)
	if _, err := ask(within(t, time.Minute), a, b.Self(), "/test/hello", "hi", b.ListenAddrs()...); err != nil {
		t.Fatal(err)
	}
	if n := b.crowd.size(); n != 1 {
		t.Fatalf("%d strangers", n)
	}
	if n := len(b.crowd.overstayed()); n != 0 {
		t.Fatalf("%d have overstayed at once", n)
	}
	b.crowd.mu.Lock()
	b.crowd.now = func() time.Time { return time.Now().Add(strangerIdle) }
	b.crowd.mu.Unlock()
	eventually(t, "the stranger is sent away", func() bool { return !b.Connected(a.Self()) && b.crowd.size() == 0 })
}

func TestFriendsStay(t *testing.T) {
	a, b := start(t), start(t)
	if err := a.Connect(within(t, time.Minute), b.Self(), b.ListenAddrs()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the friend's connection is safe from trimming", func() bool {
		return b.host.ConnManager().IsProtected(a.Self().id(), knownTag)
	})
	if n := b.crowd.size(); n != 0 {
		t.Errorf("%d strangers", n)
	}
}
