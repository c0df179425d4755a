package web

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kith/internal/social"
)

// wire is a watcher that a test sends events through.
type wire chan social.Event

func (w wire) Subscribe(ctx context.Context) <-chan social.Event {
	out := make(chan social.Event)
	go func() {
		defer close(out)
		for {
			select {
			case event := <-w:
				select {
				case out <- event:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// send passes events through and waits until the hub has them.
func (w wire) send(h *hub, from, to int) {
	for i := from; i < to; i++ {
		_, _, _, news := h.since("")
		w <- social.Event{Kind: social.EventPost, ID: fmt.Sprint(i)}
		<-news
	}
}

func TestHub(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	w := make(wire)
	h := newHub(w)
	defer h.close()
	start := h.mark()
	if changes, next, complete, _ := h.since(start); len(changes) != 0 || next != start || !complete {
		t.Fatalf("nothing happened: %v, %q, %v", changes, next, complete)
	}
	w.send(h, 0, 3)
	changes, next, complete, _ := h.since(start)
	if !complete || len(changes) != 3 || changes[0].ID != "0" || changes[2].ID != "2" || next != h.mark() {
		t.Fatalf("after three: %v, %q, %v", changes, next, complete)
	}
	if changes, _, complete, _ := h.since(h.markOf(changes[1].Number)); !complete || len(changes) != 1 || changes[0].ID != "2" {
		t.Fatalf("from the second on: %v, %v", changes, complete)
	}
	w.send(h, 3, keptChanges)
	if changes, _, complete, _ := h.since(start); !complete || len(changes) != keptChanges {
		t.Fatalf("as many as are kept: %d, %v", len(changes), complete)
	}
	w.send(h, keptChanges, keptChanges+1)
	if changes, next, complete, _ := h.since(start); complete || len(changes) != 0 || next != h.mark() {
		t.Fatalf("one more than is kept: %d, %v", len(changes), complete)
	}
	w.send(h, keptChanges+1, 5*keptChanges)
	if changes, _, complete, _ := h.since(h.markOf(5*keptChanges - 10)); !complete || len(changes) != 10 || changes[9].ID != fmt.Sprint(5*keptChanges-1) {
		t.Fatalf("after many: %v, %v", changes, complete)
	}
	for _, mark := range []string{"", "-", "nonsense", h.run, h.run + "-", h.run + "--1", h.run + "-x", "another-3", fmt.Sprint("another-", h.last), h.markOf(h.last + 1), h.run + "-99999999999999999999"} {
		if changes, _, complete, _ := h.since(mark); complete || len(changes) != 0 {
			t.Errorf("the mark %q: %v, %v", mark, changes, complete)
		}
	}
}

func TestHubCloses(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	h := newHub(make(wire))
	select {
	case <-h.ended:
		t.Fatal("it ended by itself")
	default:
	}
	h.close()
	select {
	case <-h.ended:
	case <-time.After(time.Minute):
		t.Fatal("it did not end")
	}
	h.close() // once more is as well
}
