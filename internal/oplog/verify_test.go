package oplog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/canon"
	"kith/internal/key"
)

func TestVerify(t *testing.T) {
	run, written := testRun(t, 3)
	entries, err := Verify(&run, EntryID{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		e := &entries[i]
		if e.IsZero() || e.ID() != written[i].ID() || e.Seq() != uint64(i+1) || e.Log() != run.Log || e.LogID() != run.Log.ID() || !bytes.Equal(e.Payload(), run.Entries[i].Payload) {
			t.Errorf("entry %d: %+v", i, e.Header())
		}
		if e.ID() != sha256.Sum256(run.Entries[i].Header) {
			t.Error("the ID is not the hash of the bytes")
		}
		if (e.Signature() != nil) != (i == 2) {
			t.Errorf("entry %d: signature %v", i, e.Signature())
		}
	}
	if head := entries[2].Head(); head.Seq != 3 || head.ID != entries[2].ID() || head.Lamport != 3 || head.Log != run.Log {
		t.Errorf("head %+v", head)
	}
	if again, err := RunOf(entries); err != nil || again.Signature != run.Signature || again.First != 1 || again.Last() != 3 {
		t.Errorf("the run became %+v, %v", again, err)
	}
}

func TestZeroVerified(t *testing.T) {
	var v Verified
	if !v.IsZero() {
		t.Error("the zero value counts as verified")
	}
	if _, err := RunOf([]Verified{v}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a run of it: %v", err)
	}
	if _, err := RunOf(nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("a run of nothing: %v", err)
	}
}

// flips calls do with every bit of b flipped, one at a time, and puts it back.
func flips(b []byte, do func(bit int)) {
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		do(bit)
		b[bit/8] ^= 1 << (bit % 8)
	}
}

// No bit of a run can be changed: not of its headers, its payloads, its signature, or the name of its log.
func TestEveryBitOfARun(t *testing.T) {
	run, _ := testRun(t, 3)
	run = clone(run)
	refused := func(what string) func(int) {
		return func(bit int) {
			if _, err := Verify(&run, EntryID{}); err == nil || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) {
				t.Errorf("%s, bit %d: %v", what, bit, err)
			}
		}
	}
	for i := range run.Entries {
		flips(run.Entries[i].Header, refused("header"))
		flips(run.Entries[i].Payload, refused("payload"))
	}
	flips(run.Signature[:], refused("signature"))
	flips(run.Log.Space[:], refused("space"))
	flips(run.Log.Device[:], refused("device"))
	flips(run.Log.Incarnation[:], refused("incarnation"))
	for lane := range 256 {
		if run.Log.Lane = Lane(lane); run.Log.Lane != Content {
			refused("lane")(lane)
		}
	}
	run.Log.Lane = Content
	for _, first := range []uint64{0, 2, 3, MaxSeq, ^uint64(0)} {
		run.First = first
		refused("first")(0)
	}
	run.First = 1
	if _, err := Verify(&run, EntryID{}); err != nil {
		t.Fatalf("put back, and refused: %v", err)
	}
}

// With an anchor the signature is not what proves the run, and everything else still is.
func TestEveryBitOfAnAnchoredRun(t *testing.T) {
	run, entries := testRun(t, 2)
	run = clone(run)
	anchor := entries[1].ID()
	for i := range run.Entries {
		flips(run.Entries[i].Header, func(bit int) {
			if _, err := Verify(&run, anchor); err == nil {
				t.Errorf("header %d, bit %d", i, bit)
			}
		})
		flips(run.Entries[i].Payload, func(bit int) {
			if _, err := Verify(&run, anchor); err == nil {
				t.Errorf("payload %d, bit %d", i, bit)
			}
		})
	}
	run.Signature[0] ^= 1
	if _, err := Verify(&run, EntryID{}); !errors.Is(err, ErrForged) {
		t.Fatalf("a bad signature without an anchor: %v", err)
	}
	got, err := Verify(&run, anchor)
	if err != nil || got[1].Signature() == nil || *got[1].Signature() != run.Signature {
		t.Fatalf("a bad signature with an anchor: %v", err)
	}
	wrong := anchor
	wrong[0] ^= 1
	if _, err := Verify(&run, wrong); !errors.Is(err, ErrForged) {
		t.Errorf("another anchor: %v", err)
	}
	if _, err := Verify(&run, entries[0].ID()); !errors.Is(err, ErrForged) {
		t.Errorf("an earlier entry as the anchor: %v", err)
	}
}

func TestRunsThatAreNone(t *testing.T) {
	good, _ := testRun(t, 3)
	other, _ := testRun(t, 2)
	for name, change := range map[string]func(*Run){
		"no entries":       func(r *Run) { r.Entries = nil },
		"one dropped":      func(r *Run) { r.Entries = slices.Delete(r.Entries, 1, 2) },
		"first dropped":    func(r *Run) { r.Entries = r.Entries[1:] },
		"last dropped":     func(r *Run) { r.Entries = r.Entries[:2] },
		"swapped":          func(r *Run) { r.Entries[0], r.Entries[1] = r.Entries[1], r.Entries[0] },
		"twice":            func(r *Run) { r.Entries[1] = r.Entries[0] },
		"payloads swapped": func(r *Run) { r.Entries[0].Payload, r.Entries[1].Payload = r.Entries[1].Payload, r.Entries[0].Payload },
		"payload longer":   func(r *Run) { r.Entries[0].Payload = append(r.Entries[0].Payload, 0) },
		"payload empty":    func(r *Run) { r.Entries[0].Payload = []byte{} },
		"header empty":     func(r *Run) { r.Entries[0].Header = nil },
		"header longer":    func(r *Run) { r.Entries[0].Header = append(r.Entries[0].Header, 0) },
		"another's tail":   func(r *Run) { r.Entries[2] = Raw{Header: other.Entries[1].Header, Payload: other.Entries[1].Payload} },
		"no lane":          func(r *Run) { r.Log.Lane = 0 },
		"no signature":     func(r *Run) { r.Signature = key.Signature{} },
	} {
		run := clone(good)
		change(&run)
		if _, err := Verify(&run, EntryID{}); err == nil || !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPayloadMayBeMissing(t *testing.T) {
	run, entries := testRun(t, 3)
	run = clone(run)
	run.Entries[0].Payload, run.Entries[2].Payload = nil, nil
	got, err := Verify(&run, EntryID{})
	if err != nil || got[0].Payload() != nil || got[1].Payload() == nil || got[2].ID() != entries[2].ID() {
		t.Fatal(err)
	}
	erased := entries[1].WithoutPayload()
	if erased.Payload() != nil || entries[1].Payload() == nil || erased.ID() != entries[1].ID() {
		t.Error("erasing a payload changes the entry, or the one that it was made of")
	}
}

func TestRunBounds(t *testing.T) {
	d := testDevice(t, 1)
	log := testLog(d, Content)
	run, _ := testRun(t, MaxRunEntries)
	if _, err := Verify(&run, EntryID{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Compose(d, Head{Log: log}, 0, testTime, plainDrafts(MaxRunEntries+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("%d entries: %v", MaxRunEntries+1, err)
	}
	big := func(sizes ...int) []Draft {
		var drafts []Draft
		for _, size := range sizes {
			drafts = append(drafts, Draft{Kind: KindContent, Epoch: testEpoch, Payload: Plain(make([]byte, size))})
		}
		return drafts
	}
	if _, err := Compose(d, Head{Log: log}, 0, testTime, big(MaxPayload)); err != nil {
		t.Errorf("the longest payload: %v", err)
	}
	if _, err := Compose(d, Head{Log: log}, 0, testTime, big(MaxPayload+1)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a longer payload: %v", err)
	}
	sizes := slices.Repeat([]int{MaxPayload}, MaxRunBytes/MaxPayload)
	if _, err := Compose(d, Head{Log: log}, 0, testTime, big(sizes...)); !errors.Is(err, ErrMalformed) {
		t.Errorf("a run of more than its bytes: %v", err)
	}
	entries := compose(t, d, Head{Log: log}, big(sizes[1:]...))
	headers := 0
	for i := range entries {
		headers += len(entries[i].Raw().Header)
	}
	sizes[0] = MaxPayload - headers - len(entries[0].Raw().Header) - 2
	entries = compose(t, d, Head{Log: log}, big(sizes...))
	total := 0
	for i := range entries {
		total += len(entries[i].Raw().Header) + len(entries[i].Payload())
	}
	if total > MaxRunBytes || total < MaxRunBytes-16 {
		t.Errorf("a run of %d bytes", total)
	}
}

// Lanes and kinds go together.
func TestKindsInLanes(t *testing.T) {
	d := testDevice(t, 1)
	for kind := KindIdentity; kind <= KindContent; kind++ {
		for lane := Control; lane <= Content; lane++ {
			draft := Draft{Kind: kind, Payload: Plain([]byte("x"))}
			if kind == KindContent {
				draft.Epoch = testEpoch
			}
			_, err := Compose(d, Head{Log: testLog(d, lane)}, 0, testTime, []Draft{draft})
			if (err == nil) != ((kind == KindContent) == (lane == Content)) {
				t.Errorf("kind %d in lane %d: %v", kind, lane, err)
			}
		}
	}
}

// However a log is cut into runs, and whatever stands on signatures and whatever on anchors, its entries come out the
// same.
func TestAnyCutIntoRuns(t *testing.T) {
	d := testDevice(t, 1)
	rapid.Check(t, func(rt *rapid.T) {
		var all []Verified
		head := Head{Log: testLog(d, Content)}
		for range rapid.IntRange(1, 6).Draw(rt, "runs") {
			part := compose(t, d, head, plainDrafts(rapid.IntRange(1, 5).Draw(rt, "entries")))
			all = append(all, part...)
			head = part[len(part)-1].Head()
		}
		// Backwards from the signed head, in pieces cut anywhere, as a backlog is verified.
		end, anchor := len(all), EntryID{}
		for end > 0 {
			begin := rapid.IntRange(0, end-1).Draw(rt, "begin")
			run := Run{Log: head.Log, First: all[begin].Seq()}
			for i := begin; i < end; i++ {
				run.Entries = append(run.Entries, all[i].Raw())
			}
			if anchor.IsZero() {
				run.Signature = *all[end-1].Signature()
			}
			got, err := Verify(&run, anchor)
			if err != nil {
				rt.Fatalf("entries %d to %d: %v", begin+1, end, err)
			}
			for i := range got {
				if got[i].ID() != all[begin+i].ID() || got[i].Header().Lamport != all[begin+i].Header().Lamport {
					rt.Fatalf("entry %d came out as another", begin+i+1)
				}
			}
			if begin > 0 && !got[0].Follows(&all[begin-1]) {
				rt.Fatalf("entry %d does not follow the one before", begin+1)
			}
			end, anchor = begin, got[0].Header().Prev
		}
	})
}

func TestFollows(t *testing.T) {
	d := testDevice(t, 1)
	first := compose(t, d, Head{Log: testLog(d, Content)}, plainDrafts(2))
	second := compose(t, d, first[1].Head(), plainDrafts(1))
	if !first[1].Follows(&first[0]) || !second[0].Follows(&first[1]) {
		t.Error("what follows does not")
	}
	if first[0].Follows(&first[1]) || second[0].Follows(&first[0]) || first[0].Follows(&first[0]) {
		t.Error("what does not follow does")
	}
	// A Lamport time that does not grow is signed and chained well, and does not follow all the same.
	low := Head{Log: first[1].Log(), Seq: 2, ID: first[1].ID(), Lamport: 3}
	backdated := compose(t, d, low, plainDrafts(1))
	if backdated[0].Header().Lamport != 4 || !backdated[0].Follows(&first[1]) {
		t.Fatal("the case is not set up")
	}
	far := compose(t, d, Head{Log: first[1].Log(), Seq: 1, ID: first[0].ID(), Lamport: 100}, plainDrafts(1))
	next := compose(t, d, Head{Log: first[1].Log(), Seq: 2, ID: far[0].ID(), Lamport: 50}, plainDrafts(1))
	if next[0].Header().Prev != far[0].ID() || next[0].Follows(&far[0]) {
		t.Error("a lesser Lamport time follows")
	}
	run := Run{Log: far[0].Log(), First: 2, Entries: []Raw{far[0].Raw(), next[0].Raw()}, Signature: *next[0].Signature()}
	if _, err := Verify(&run, EntryID{}); !errors.Is(err, ErrForged) {
		t.Errorf("within a run: %v", err)
	}
}

// A header, payload or signature means something in its own place only: 10,000 entries moved elsewhere.
func TestReplays(t *testing.T) {
	d, other := testDevice(t, 1), testDevice(t, 10)
	type place struct {
		log     Log
		entries []Verified
	}
	var places []place
	for i := range 5 {
		for _, device := range []*key.Device{d, other} {
			for _, incarnation := range []byte{1, 2} {
				log := testLog(device, Content)
				log.Space[0], log.Incarnation[0] = byte(i), incarnation
				places = append(places, place{log, compose(t, device, Head{Log: log}, plainDrafts(4))})
			}
		}
	}
	tried := 0
	for _, from := range places {
		for _, to := range places {
			for i, entry := range from.entries {
				if from.log == to.log {
					continue
				}
				// As they are, in a run that names the other log; and in the other run, in the same place.
				run := Run{Log: to.log, First: entry.Seq(), Entries: []Raw{entry.Raw()}, Signature: *from.entries[3].Signature()}
				mixed, err := RunOf(to.entries)
				if err != nil {
					t.Fatal(err)
				}
				mixed.Entries[i] = entry.Raw()
				payload, err := RunOf(to.entries)
				if err != nil {
					t.Fatal(err)
				}
				payload.Entries[i].Payload = from.entries[(i+1)%4].Payload()
				signature, err := RunOf(to.entries)
				if err != nil {
					t.Fatal(err)
				}
				signature.Signature = *from.entries[3].Signature()
				for _, r := range []Run{run, mixed, payload, signature} {
					tried++
					if _, err := Verify(&r, EntryID{}); err == nil {
						t.Fatalf("entry %d of log %v is accepted in log %v", i+1, from.log, to.log)
					}
				}
				for seq := range uint64(4) {
					tried++
					at := Run{Log: from.log, First: seq + 1, Entries: []Raw{entry.Raw()}, Signature: *from.entries[3].Signature()}
					if _, err := Verify(&at, EntryID{}); (err == nil) != (i == 3 && seq == 3) {
						t.Fatalf("entry %d at %d: %v", i+1, seq+1, err)
					}
				}
			}
		}
	}
	if tried < 10_000 {
		t.Errorf("only %d replays", tried)
	}
}

func TestFromStore(t *testing.T) {
	run, entries := testRun(t, 2)
	run = clone(run)
	for i := range entries {
		back, err := FromStore(run.Log, run.Entries[i], entries[i].Signature())
		if err != nil || back.ID() != entries[i].ID() || back.Seq() != entries[i].Seq() || (back.Signature() == nil) != (i == 0) {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
	if back, err := FromStore(run.Log, Raw{Header: run.Entries[0].Header}, nil); err != nil || back.Payload() != nil {
		t.Errorf("without its payload: %v", err)
	}
	payload := run.Entries[0].Payload
	flips(payload, func(bit int) {
		if _, err := FromStore(run.Log, run.Entries[0], nil); !errors.Is(err, ErrMalformed) {
			t.Errorf("payload bit %d: %v", bit, err)
		}
	})
	// Of the header, what can be told without the chain: the rest changes the ID, which the store knows.
	flips(run.Entries[0].Header, func(bit int) {
		if back, err := FromStore(run.Log, run.Entries[0], nil); err == nil && back.ID() == entries[0].ID() {
			t.Errorf("header bit %d: the same entry", bit)
		}
	})
	lane, space := run.Log, run.Log
	lane.Lane, space.Space[0] = Control, 1
	for _, log := range []Log{lane, space, {}} {
		if _, err := FromStore(log, run.Entries[0], nil); !errors.Is(err, ErrMalformed) {
			t.Errorf("in log %v: %v", log, err)
		}
	}
	if _, err := FromStore(run.Log, Raw{Header: run.Entries[0].Header, Payload: append(payload, 0)}, nil); !errors.Is(err, ErrMalformed) {
		t.Error("a payload that is longer")
	}
}

func FuzzVerify(f *testing.F) {
	run, _ := testRun(f, 2)
	f.Add(run.Entries[0].Header, run.Entries[0].Payload, run.Entries[1].Header, run.Entries[1].Payload, run.Signature[:])
	f.Fuzz(func(t *testing.T, header1, payload1, header2, payload2, signature []byte) {
		if len(signature) != key.SignatureSize {
			return
		}
		hostile := Run{
			Log: run.Log, First: 1, Signature: key.Signature(signature),
			Entries: []Raw{{header1, payload1}, {header2, payload2}},
		}
		if entries, err := Verify(&hostile, EntryID{}); err == nil {
			for i := range entries {
				if !bytes.Equal(entries[i].Raw().Header, run.Entries[i].Header) || !bytes.Equal(entries[i].Payload(), run.Entries[i].Payload) {
					t.Fatal("forged")
				}
			}
		} else if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrForged) {
			t.Fatal(err)
		}
		// With an anchor everything but the author is up to the attacker; what is accepted has to fit together.
		entries, err := Verify(&hostile, sha256.Sum256(header2))
		if err != nil {
			return
		}
		if !entries[1].Follows(&entries[0]) {
			t.Fatal("the second does not follow the first")
		}
		for i := range entries {
			h := entries[i].Header()
			raw, err := canon.Marshal(&h)
			if err != nil || !bytes.Equal(raw, entries[i].Raw().Header) {
				t.Fatalf("%x is read as %x", entries[i].Raw().Header, raw)
			}
			if h.PayloadLen != uint64(len(entries[i].Payload())) || h.PayloadHash != sha256.Sum256(entries[i].Payload()) {
				t.Fatal("another payload")
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, size := range []int{1, 8, 256} {
		d := testDevice(b, 1)
		drafts := make([]Draft, size)
		for i := range drafts {
			drafts[i] = Draft{Kind: KindContent, Epoch: testEpoch, Payload: Plain(bytes.Repeat([]byte{byte(i)}, 300))}
		}
		entries := compose(b, d, Head{Log: testLog(d, Content), Lamport: 40_000}, drafts)
		run, err := RunOf(entries)
		if err != nil {
			b.Fatal(err)
		}
		for _, anchored := range []bool{false, true} {
			var anchor EntryID
			name := "signed"
			if anchored {
				anchor, name = entries[size-1].ID(), "anchored"
			}
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Verify(&run, anchor); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/entry")
			})
		}
	}
}
