package sqlite

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/replicate"
)

// servedRun is a run as a plain reading of the set gives it.
type servedRun struct {
	log     *history
	r       oplog.Range
	lamport uint64
}

// served lists what can be served of the logs: of every run whose head is held, the unbroken end.
func served(logs []*history, held []map[uint64]bool) []servedRun {
	var list []servedRun
	for i, h := range logs {
		for _, run := range h.runs {
			if !held[i][run.Last] {
				continue
			}
			first := run.Last
			for first > run.First && held[i][first-1] {
				first--
			}
			list = append(list, servedRun{h, oplog.Range{First: first, Last: run.Last}, h.entries[run.Last-1].Header().Lamport})
		}
	}
	slices.SortFunc(list, func(a, b servedRun) int {
		x, y := a.log.head.Log.ID(), b.log.head.Log.ID()
		return cmp.Or(cmp.Compare(a.lamport, b.lamport), slices.Compare(x[:], y[:]))
	})
	return list
}

func (s servedRun) check(t *rapid.T, run oplog.Run) {
	if run.Log != s.log.head.Log || run.First != s.r.First || run.Last() != s.r.Last {
		t.Fatalf("run %d to %d of %v, want %v of %v", run.First, run.Last(), run.Log, s.r, s.log.head.Log)
	}
	if _, err := oplog.Verify(&run, oplog.EntryID{}); err != nil {
		t.Fatal(err)
	}
	for i, raw := range run.Entries {
		if !reflect.DeepEqual(raw, s.log.entries[int(run.First)-1+i].Raw()) {
			t.Fatalf("entry %d is not as it was", int(run.First)+i)
		}
	}
}

// checkPages compares pages and runs with the plain reading.
func checkPages(t *rapid.T, db *DB, logs []*history, held []map[uint64]bool) {
	all := served(logs, held)
	for _, phase := range []replicate.Phase{replicate.PhaseControl, replicate.PhaseContent} {
		query := replicate.Query{Space: logs[0].id, Phase: phase, Bytes: rapid.IntRange(1, 4000).Draw(t, "bytes")}
		for range rapid.IntRange(0, 4).Draw(t, "wants") {
			h := logs[rapid.IntRange(0, 1).Draw(t, "log")]
			first := rapid.Uint64Range(0, uint64(len(h.entries)+3)).Draw(t, "first")
			query.Wants = append(query.Wants, replicate.Want{Log: h.head.Log, Range: oplog.Range{
				First: first, Last: rapid.SampledFrom([]uint64{first - 1, first, first + 4, 1 << 63}).Draw(t, "last"),
			}})
		}
		var want []servedRun
		for _, run := range all {
			if slices.ContainsFunc(query.Wants, func(w replicate.Want) bool {
				return w.Log == run.log.head.Log && w.Range.First <= w.Range.Last && run.r.First <= w.Range.Last && run.r.Last >= w.Range.First
			}) {
				want = append(want, run)
			}
		}
		if phase == replicate.PhaseContent {
			slices.Reverse(want)
		}
		for {
			page, err := db.Page(context.Background(), query)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Runs) > len(want) || page.More && len(page.Runs) == 0 {
				t.Fatalf("%d runs in a page, %d were left, and more is %v", len(page.Runs), len(want), page.More)
			}
			for i, run := range page.Runs {
				want[i].check(t, run)
			}
			want = want[len(page.Runs):]
			if !page.More {
				break
			}
			query.After = page.Next
		}
		if len(want) > 0 {
			t.Fatalf("%d runs were not served", len(want))
		}
	}
	within := oplog.Range{First: rapid.Uint64Range(0, 30).Draw(t, "first"), Last: rapid.Uint64Range(0, 40).Draw(t, "last")}
	runs, err := db.Runs(context.Background(), logs[0].head.Log.ID(), within, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range slices.Backward(all) {
		if run.log == logs[0] && within.First <= within.Last && run.r.First <= within.Last && run.r.Last >= within.First {
			if len(runs) == 0 {
				t.Fatal("Runs ends early")
			}
			run.check(t, runs[0])
			runs = runs[1:]
		}
	}
	if len(runs) > 0 {
		t.Fatal("Runs gives more than overlaps the range")
	}
}

func TestRunsStopsAtTheBudget(t *testing.T) {
	db := openTest(t)
	h := newHistory(newRoom(t), 2, 2, 2, 2)
	update(t, db, func(tx ingest.Tx) error { return tx.Append(h.person, h.entries, false) })
	all := oplog.Range{First: 1, Last: 8}
	for budget, want := range map[int]int{0: 1, 1: 1, 1 << 20: 4} {
		runs, err := db.Runs(t.Context(), h.head.Log.ID(), all, budget)
		if err != nil || len(runs) != want || runs[0].Last() != 8 {
			t.Errorf("%d runs for %d bytes, %v; want %d", len(runs), budget, err, want)
		}
	}
	if runs, err := db.Runs(t.Context(), oplog.LogID{1}, all, 1<<20); err != nil || len(runs) > 0 {
		t.Errorf("runs of an unknown log: %d, %v", len(runs), err)
	}
}

func TestLogsAndHeads(t *testing.T) {
	db := openTest(t)
	space, other := newRoom(t), newRoom(t)
	logs := []*history{newHistory(space, 2, 3), newHistory(space, 1), newHistory(other, 2)}
	update(t, db, func(tx ingest.Tx) error {
		for _, h := range logs {
			if err := tx.Append(h.person, h.entries[:1], false); err != nil {
				return err
			}
			if len(h.entries) == 5 {
				if err := tx.Append(h.person, h.entries[2:], false); err != nil {
					return err
				}
			}
		}
		return nil
	})
	records, err := db.Logs(t.Context(), space.id)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d logs, %v", len(records), err)
	}
	want := ingest.LogRecord{Log: logs[0].head.Log, Author: logs[0].person, Head: logs[0].head, Held: []oplog.Range{{First: 1, Last: 1}, {First: 3, Last: 5}}}
	if !reflect.DeepEqual(records[0], want) {
		t.Errorf("log %+v, want %+v", records[0], want)
	}
	heads, err := db.Heads(t.Context(), space.id, other.id)
	frontier := oplog.Frontier{logs[0].head, logs[1].head, logs[2].entries[0].Head()}
	frontier.Sort()
	if err != nil || !reflect.DeepEqual(heads, frontier) {
		t.Errorf("Heads = %v, %v; want %v", heads, err, frontier)
	}
	if heads, err := db.Heads(t.Context(), newRoom(t).id); err != nil || len(heads) > 0 {
		t.Errorf("heads of an unknown space: %v, %v", heads, err)
	}
}
