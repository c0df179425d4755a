package seal

import (
	"bytes"
	"errors"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

func TestWrap(t *testing.T) {
	e, d := testEpoch(t, 1), testDevice(t, 1)
	to := Recipient{Space: testSpace, Person: key.PersonID{7}, Generation: 3}
	k, h := e.Commitments()
	for _, c := range []struct {
		epoch   *Epoch
		history bool
		size    int
	}{{e, true, 1200}, {e, false, 1168}, {withoutHistory(t, e), true, 1168}, {withoutHistory(t, e), false, 1168}} {
		wrap, err := Wrap(c.epoch, to, d.SealPublic(), c.history)
		if err != nil || len(wrap) != c.size {
			t.Fatalf("%d bytes, %v", len(wrap), err)
		}
		got, err := Unwrap(wrap, e.ID(), to, d, k, h)
		if err != nil || got.HasHistory() != (c.size == 1200) || got.ID() != e.ID() || !bytes.Equal(got.Secrets(), e.Secrets()[:len(got.Secrets())]) {
			t.Fatalf("unwrapped to %v, %v", got, err)
		}
	}
	if _, err := Wrap(e, to, nil, true); err == nil {
		t.Error("wrapped for no key")
	}
}

// A wrap is for one recipient, in one space, of one epoch and one generation, and of the committed secrets.
func TestWrapReplays(t *testing.T) {
	devices := []*key.Device{testDevice(t, 1), testDevice(t, 10)}
	epochs := []*Epoch{testEpoch(t, 1), testEpoch(t, 5)}
	var places []Recipient
	for _, space := range []key.SpaceID{testSpace, {1}} {
		for _, person := range []key.PersonID{{7}, {8}} {
			for _, generation := range []uint64{1, 2, 1 << 40} {
				places = append(places, Recipient{space, person, generation})
			}
		}
	}
	tried, opened := 0, 0
	for i, to := range places {
		wrap, err := Wrap(epochs[0], to, devices[0].SealPublic(), true)
		if err != nil {
			t.Fatal(err)
		}
		for j, as := range places {
			for k, d := range devices {
				for l, e := range epochs {
					kc, hc := e.Commitments()
					right := i == j && k == 0 && l == 0
					got, err := Unwrap(wrap, e.ID(), as, d, kc, hc)
					if (err == nil) != right || err != nil && (!errors.Is(err, ErrWrongKey) || got != nil) {
						t.Fatalf("place %d as %d, device %d, epoch %d: %v", i, j, k, l, err)
					}
					tried++
					if err == nil {
						opened++
					}
				}
			}
		}
	}
	if tried < 500 || opened != len(places) {
		t.Errorf("%d replays, %d opened", tried, opened)
	}
}

// Base mode proves nothing of the sender: anybody can seal anything to us. The commitment is what counts.
func TestWrapOfOtherSecrets(t *testing.T) {
	e, d := testEpoch(t, 1), testDevice(t, 1)
	to := Recipient{Space: testSpace, Person: key.PersonID{7}, Generation: 1}
	k, h := e.Commitments()
	impostor := func(secrets []byte) *Epoch {
		fake, err := FromSecrets(e.ID(), secrets)
		if err != nil {
			t.Fatal(err)
		}
		return fake
	}
	for name, fake := range map[string]*Epoch{
		"other key":     impostor(append(repeat(9, 32), e.Secrets()[32:]...)),
		"other history": impostor(append(bytes.Clone(e.Secrets()[:32]), repeat(9, 32)...)),
		"swapped":       impostor(append(bytes.Clone(e.Secrets()[32:]), e.Secrets()[:32]...)),
	} {
		wrap, err := Wrap(fake, to, d.SealPublic(), true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Unwrap(wrap, e.ID(), to, d, k, h); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, size := range []int{0, 16, 31, 33, 63, 65} {
		wrap, err := d.SealPublic().Seal(wrapInfo(e.ID(), to), make([]byte, size))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Unwrap(wrap, e.ID(), to, d, k, h); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestEveryByteOfAWrap(t *testing.T) {
	e, d := testEpoch(t, 1), testDevice(t, 1)
	to := Recipient{Space: testSpace, Person: key.PersonID{7}, Generation: 1}
	k, h := e.Commitments()
	wrap, err := Wrap(e, to, d.SealPublic(), true)
	if err != nil {
		t.Fatal(err)
	}
	for i := range wrap {
		wrap[i] ^= 1 << (i % 8)
		if _, err := Unwrap(wrap, e.ID(), to, d, k, h); !errors.Is(err, ErrWrongKey) {
			t.Errorf("byte %d: %v", i, err)
		}
		wrap[i] ^= 1 << (i % 8)
	}
	for _, size := range []int{0, 1, 1119, 1120, 1136, len(wrap) - 1} {
		if _, err := Unwrap(wrap[:size], e.ID(), to, d, k, h); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	e, d := testEpoch(f, 1), testDevice(f, 1)
	sample := readJSON[vectors](f, vectorFile).Wrap
	to := Recipient{key.SpaceID(sample.Space), key.PersonID(sample.Person), sample.Generation}
	k, h := e.Commitments()
	f.Add([]byte(sample.Wrap), uint64(3))
	f.Add(make([]byte, 1168), uint64(1))
	f.Fuzz(func(t *testing.T, raw []byte, generation uint64) {
		as := to
		as.Generation = generation
		got, err := Unwrap(raw, oplog.EpochID(sample.Epoch), as, d, k, h)
		if err == nil && (!bytes.Equal(raw, sample.Wrap) || as != to || !got.Matches(k, h)) {
			t.Fatal("unwrapped what nobody wrapped")
		}
		if err != nil && !errors.Is(err, ErrWrongKey) {
			t.Fatal(err)
		}
	})
}
