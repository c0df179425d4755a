package replicate

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kith/internal/oplog"
)

// A run that is not what was verified once is not sent.
func TestDamagedRunsAreNotPacked(t *testing.T) {
	w := newWriter(t)
	who := people(1)[0]
	space, _ := w.create(who)
	for what, damage := range map[string]func(run *oplog.Run){
		"a header":            func(run *oplog.Run) { run.Entries[1].Header[40] ^= 1 },
		"a header's form":     func(run *oplog.Run) { run.Entries[1].Header[0] ^= 1 },
		"a payload":           func(run *oplog.Run) { run.Entries[1].Payload[0] ^= 1 },
		"a payload's end":     func(run *oplog.Run) { run.Entries[1].Payload = run.Entries[1].Payload[1:] },
		"the order":           func(run *oplog.Run) { slices.Reverse(run.Entries) },
		"the place":           func(run *oplog.Run) { run.First++ },
		"the log":             func(run *oplog.Run) { run.Log.Incarnation[0]++ },
		"all entries":         func(run *oplog.Run) { run.Entries = nil },
		"too many entries":    func(run *oplog.Run) { run.Entries = make([]oplog.Raw, oplog.MaxRunEntries+1) },
		"too many bytes":      func(run *oplog.Run) { run.Entries[0].Payload = make([]byte, oplog.MaxRunBytes) },
		"an entry in between": func(run *oplog.Run) { run.Entries = slices.Delete(run.Entries, 1, 2) },
	} {
		run := w.content(who, space, "one", "two", "three")
		for i := range run.Entries {
			run.Entries[i].Header = slices.Clone(run.Entries[i].Header)
			run.Entries[i].Payload = slices.Clone(run.Entries[i].Payload)
		}
		if _, err := packRuns(tag{}, space, 1, []oplog.Run{run}, largeMessage); err != nil {
			t.Fatal(err)
		}
		damage(&run)
		if _, err := packRuns(tag{}, space, 1, []oplog.Run{run}, largeMessage); !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever runs there are, each message keeps within the bounds, and all arrive as they were, in order.
func TestPackingKeepsTheBounds(t *testing.T) {
	who := people(1)[0]
	rapid.Check(t, func(r *rapid.T) {
		w := newWriter(t)
		space, _ := w.create(who)
		var runs []oplog.Run
		for range rapid.IntRange(1, 4).Draw(r, "runs") {
			size := rapid.SampledFrom([]int{0, 1, 100, 2000, oplog.MaxPayload}).Draw(r, "size")
			most := min(oplog.MaxRunEntries, oplog.MaxRunBytes/(size+800))
			drafts := make([]oplog.Draft, rapid.IntRange(1, most).Draw(r, "entries"))
			deps := make([]oplog.EntryID, rapid.IntRange(0, oplog.MaxDeps).Draw(r, "deps"))
			for i := range drafts {
				drafts[i] = oplog.Draft{Kind: oplog.KindContent, Epoch: oplog.EpochID{byte(i % 3), 1}, Deps: deps, Payload: oplog.Plain(make([]byte, size))}
			}
			incarnation := oplog.Incarnation{rapid.Byte().Draw(r, "incarnation")}
			log := oplog.Log{Space: space, Device: who.device.ID(), Incarnation: incarnation, Lane: oplog.Content}
			head := w.heads[log.ID()]
			head.Log = log
			entries, err := oplog.Compose(who.device, head, w.clock, time.Unix(1_700_000_000, 0), drafts)
			if err != nil {
				r.Fatal(err)
			}
			w.heads[log.ID()] = entries[len(entries)-1].Head()
			run, err := oplog.RunOf(entries)
			if err != nil {
				r.Fatal(err)
			}
			if rapid.Bool().Draw(r, "erase") {
				for i := range run.Entries {
					run.Entries[i].Payload = nil
				}
			}
			runs = append(runs, run)
		}
		messages, err := packRuns(tag{}, space, 1, runs, largeMessage)
		if err != nil {
			r.Fatal(err)
		}
		var got []oplog.Run
		for _, m := range messages {
			framed, err := frame(m)
			if err != nil {
				r.Fatal(err)
			}
			if len(framed) > largeMessage+oplog.MaxRunBytes+packedRun {
				r.Fatalf("a message of %d bytes", len(framed))
			}
			again, err := decode(kindRuns, framed[frameExtra:])
			if err != nil {
				r.Fatal(err)
			}
			some, err := again.(*runsMessage).unpack(space)
			if err != nil {
				r.Fatal(err)
			}
			got = append(got, some...)
		}
		if len(got) != len(runs) {
			r.Fatalf("%d runs of %d", len(got), len(runs))
		}
		for i := range runs {
			if _, err := oplog.Verify(&got[i], oplog.EntryID{}); err != nil || got[i].First != runs[i].First || got[i].Log != runs[i].Log {
				r.Fatalf("run %d: %v", i, err)
			}
		}
	})
}
