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

func epochs(n int) []oplog.EpochID {
	list := make([]oplog.EpochID, n)
	for i := range list {
		list[i] = oplog.EpochID{1, byte(i), byte(i >> 8)}
	}
	return list
}

func (h *home) giveKeys(epochs ...oplog.EpochID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, epoch := range epochs {
		h.keys[epoch] = []byte("key of " + epoch.String())
	}
}

func TestKeysFromAnyMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 3, 3)
		b, c := v.homes[1], v.homes[2] // neither is the owner
		wanted := epochs(200)
		b.giveKeys(wanted[:150]...)
		link := connect(b, c, link{latency: 20 * time.Millisecond})
		settle()
		link.b.RequestKeys(v.wall, wanted)
		settle()
		if len(c.opened) != 150 {
			t.Fatalf("%d keys came", len(c.opened))
		}
		if k := c.opened[0]; k.Generation != 1 || !k.History {
			t.Errorf("key %+v", k)
		}
		asked := link.b.Stats().MessagesOut
		time.Sleep(keyAskAgain)
		link.b.RequestKeys(v.wall, wanted[150:])
		link.b.RequestKeys(v.wall, wanted[150:])
		settle()
		if n := link.b.Stats().MessagesOut - asked; n != 1 {
			t.Errorf("keys that did not come were asked for %d times", n)
		}
		b.giveKeys(wanted[150:]...)
		time.Sleep(keyAskAgain)
		link.b.RequestKeys(v.wall, wanted[150:])
		settle()
		if len(c.opened) != 200 {
			t.Errorf("%d keys came", len(c.opened))
		}
	})
}

// Keys that were not asked for are passed over; keys that are wrong count against the peer.
func TestWrongKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 1)
		h := v.homes[0]
		a := act(h, v.people[1], true, link{})
		a.open(answerSame, v.wall)
		wanted := epochs(maxFaults)
		bad := func(epoch oplog.EpochID) *keysMessage {
			return &keysMessage{Tag: a.tag(v.wall), Keys: []wireKey{{Epoch: epoch, Generation: 1, Sealed: []byte("a key of mine")}}}
		}
		for _, epoch := range wanted {
			a.send(bad(epoch))
		}
		time.Sleep(time.Second)
		if !a.running() || len(h.opened) != 0 {
			t.Fatal("keys were taken that nobody had asked for")
		}
		a.victim.RequestKeys(v.wall, wanted)
		time.Sleep(time.Second)
		if asks := received[*keyAskMessage](a); len(asks) != 1 || !slices.Equal(asks[0].Epochs, wanted) || asks[0].Tag != a.theirs(v.wall) {
			t.Fatalf("asked %+v", asks)
		}
		for _, epoch := range wanted[1:] {
			a.send(bad(epoch), bad(epoch))
		}
		time.Sleep(time.Second)
		if !a.running() {
			t.Fatal("the session ended too early")
		}
		a.send(bad(wanted[0]))
		a.mustEnd(ErrMisbehaved)
	})
}

func TestEphemeral(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVillage(t, 2, 2)
		c := connect(v.homes[0], v.homes[1], link{latency: 20 * time.Millisecond})
		settle()
		c.a.SendEphemeral(v.wall, []byte("anna is typing"))
		c.b.SendEphemeral(v.wall, []byte("bert is here"))
		c.a.SendEphemeral(v.wall, make([]byte, MaxEphemeral+1))
		c.a.SendEphemeral(key.SpaceID{}, []byte("nowhere"))
		settle()
		if got := fmt.Sprint(v.homes[0].signals, v.homes[1].signals); got != "[bert is here] [anna is typing]" {
			t.Errorf("signals %s", got)
		}
	})
}
