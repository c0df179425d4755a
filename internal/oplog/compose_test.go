package oplog

import (
	"errors"
	"testing"
	"time"

	"kith/internal/key"
)

func TestCompose(t *testing.T) {
	d := testDevice(t, 1)
	head := Head{Log: testLog(d, Content)}
	first, err := Compose(d, head, 41, testTime, plainDrafts(2))
	if err != nil {
		t.Fatal(err)
	}
	if h := first[0].Header(); h.Seq != 1 || !h.Prev.IsZero() || h.Lamport != 42 || h.Time != testTime.Unix() {
		t.Errorf("first %+v", h)
	}
	if h := first[1].Header(); h.Seq != 2 || h.Prev != first[0].ID() || h.Lamport != 43 {
		t.Errorf("second %+v", h)
	}
	// A writer that knows less of the space than its own log still counts on.
	next, err := Compose(d, first[1].Head(), 0, testTime, plainDrafts(1))
	if err != nil {
		t.Fatal(err)
	}
	if h := next[0].Header(); h.Seq != 3 || h.Prev != first[1].ID() || h.Lamport != 44 || !next[0].Follows(&first[1]) {
		t.Errorf("next %+v", h)
	}
	run, err := RunOf(next)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(&run, EntryID{}); err != nil {
		t.Errorf("others refuse what was written: %v", err)
	}
}

func TestComposeRefuses(t *testing.T) {
	d, other := testDevice(t, 1), testDevice(t, 10)
	if _, err := Compose(other, Head{Log: testLog(d, Content)}, 0, testTime, plainDrafts(1)); err == nil {
		t.Error("wrote in another device's log")
	}
	if _, err := Compose(d, Head{Log: testLog(d, Content)}, 0, testTime, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("nothing to write: %v", err)
	}
	failure := errors.New("no key")
	failing := []Draft{{Kind: KindContent, Epoch: testEpoch, Payload: func(Header) ([]byte, error) { return nil, failure }}}
	if _, err := Compose(d, Head{Log: testLog(d, Content)}, 0, testTime, failing); !errors.Is(err, failure) {
		t.Errorf("a payload that cannot be made: %v", err)
	}
	if _, err := Compose(d, Head{Log: testLog(d, Content), Seq: MaxSeq, ID: EntryID{1}, Lamport: MaxSeq}, 0, testTime, plainDrafts(1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("beyond the last number: %v", err)
	}
	deps := plainDrafts(1)
	deps[0].Deps = make([]EntryID, MaxDeps+1)
	if _, err := Compose(d, Head{Log: testLog(d, Content)}, 0, testTime, deps); !errors.Is(err, ErrMalformed) {
		t.Errorf("too many deps: %v", err)
	}
}

// The payload is made for the header as it will be, but for its own length and hash.
func TestComposeShowsTheHeader(t *testing.T) {
	d := testDevice(t, 1)
	var seen Header
	dep := EntryID{7}
	drafts := []Draft{{Kind: KindContent, Epoch: testEpoch, Deps: []EntryID{dep}, Payload: func(h Header) ([]byte, error) {
		seen = h
		return []byte("payload"), nil
	}}}
	entries := compose(t, d, Head{Log: testLog(d, Content)}, drafts)
	before, err := seen.AssociatedData(key.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	after, err := entries[0].Header().AssociatedData(key.SpaceID{})
	if err != nil || string(before) != string(after) {
		t.Errorf("%x became %x, %v", before, after, err)
	}
	if seen.PayloadLen != 0 || seen.Deps[0] != dep {
		t.Errorf("saw %+v", seen)
	}
}

func TestComposeNoPayload(t *testing.T) {
	d := testDevice(t, 1)
	entries := compose(t, d, Head{Log: testLog(d, Control)}, []Draft{{Kind: KindControl, Payload: Plain(nil)}})
	if p := entries[0].Payload(); p == nil || len(p) != 0 {
		t.Error("an empty payload counts as a missing one")
	}
}

func TestComposeClampsTheClock(t *testing.T) {
	d := testDevice(t, 1)
	for _, c := range []struct {
		now  time.Time
		want int64
	}{
		{time.Unix(-5, 0), 0}, {time.Time{}, 0}, {time.Unix(maxTime+1000, 0), maxTime}, {testTime, testTime.Unix()},
	} {
		entries, err := Compose(d, Head{Log: testLog(d, Content)}, 0, c.now, plainDrafts(1))
		if err != nil || entries[0].Header().Time != c.want {
			t.Errorf("%v: %v", c.now, err)
		}
	}
}

// Somebody who claims the greatest Lamport time there is does not keep the others from writing.
func TestLamportPoison(t *testing.T) {
	bad, good := testDevice(t, 1), testDevice(t, 10)
	poison, err := Compose(bad, Head{Log: testLog(bad, Content), Lamport: MaxSeq - 1}, 0, testTime, plainDrafts(1))
	if err != nil || poison[0].Header().Lamport != MaxSeq {
		t.Fatal(err)
	}
	head := Head{Log: testLog(good, Content)}
	for i := range 1000 {
		entries, err := Compose(good, head, MaxSeq, testTime, plainDrafts(1))
		if err != nil {
			t.Fatalf("after %d entries: %v", i, err)
		}
		if i > 0 && entries[0].Header().Lamport != head.Lamport+1 {
			t.Fatalf("Lamport time %d after %d", entries[0].Header().Lamport, head.Lamport)
		}
		head = entries[0].Head()
	}
	if head.Lamport != MaxLamportSeen+1000 {
		t.Errorf("Lamport time %d", head.Lamport)
	}
	// Up to there, others' times are followed to the number.
	entries, err := Compose(good, Head{Log: testLog(good, Content)}, MaxLamportSeen, testTime, plainDrafts(1))
	if err != nil || entries[0].Header().Lamport != MaxLamportSeen+1 {
		t.Errorf("at the limit: %v", err)
	}
}
