package ingest_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/space"
)

func TestAMemberReadsWhatTheOwnerWrote(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.writes(wall, content.Post{Text: "before"})
	ada.adds(wall, ben)
	ada.writes(wall, content.Post{Text: "after"})
	ben.takes(ada.runs(wall)...)
	if got := ben.reads(); len(got) != 0 {
		t.Errorf("Ben reads %q without a key", got)
	}
	ben.takesKeys(ada, wall)
	if got := ben.reads(); !slices.Equal(got, []string{"after", "before"}) {
		t.Errorf("Ben reads %q", got)
	}
	for _, verdict := range ben.takes(ada.runs(wall)...) {
		if verdict.Code != ingest.Duplicate {
			t.Errorf("the second time a run is %v", verdict.Code)
		}
	}
}

// Whatever the order in which runs arrive, once all of them have and were offered again, the result is the same.
func TestAnyOrderOfArrival(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	for _, text := range []string{"one", "two", "three", "four", "five"} {
		ada.writes(wall, content.Post{Text: text})
	}
	ben.syncs(ada, wall)
	post := ada.writes(wall, content.Post{Text: "six"})[0]
	ben.syncs(ada, wall)
	ben.writes(wall, content.Card{Name: "Ben"}, content.Comment{Post: post.ID(), Text: "seven"})
	ada.syncs(ben, wall)
	runs := ada.runs(wall)
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 1))
		cleo := newPerson(t)
		for range 4 { // what was pending is offered again, as the sync protocol does
			dice.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
			for i := range runs {
				cleo.takes(runs[i])
			}
		}
		logs, err := cleo.db.Heads(t.Context(), wall)
		must(t, err)
		want, err := ada.db.Heads(t.Context(), wall)
		must(t, err)
		if logs.Digest() != want.Digest() {
			t.Fatalf("seed %d: the frontier differs", seed)
		}
	}
}

func TestHostileRuns(t *testing.T) {
	ada, ben, eve := newPerson(t), newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	ada.writes(wall, content.Post{Text: "honest"})
	ben.syncs(ada, wall)
	post := ada.writes(wall, content.Post{Text: "next"})

	t.Run("forged signature", func(t *testing.T) {
		run, err := oplog.RunOf(post)
		must(t, err)
		run.Signature[3] ^= 1
		if v := ben.takes(run)[0]; v.Code != ingest.Rejected || !errors.Is(v.Reason, oplog.ErrForged) {
			t.Errorf("%v: %v", v.Code, v.Reason)
		}
	})
	t.Run("changed payload", func(t *testing.T) {
		run, err := oplog.RunOf(post)
		must(t, err)
		run.Entries = slices.Clone(run.Entries)
		run.Entries[0].Payload = bytes.Clone(run.Entries[0].Payload)
		run.Entries[0].Payload[40] ^= 1
		if v := ben.takes(run)[0]; v.Code != ingest.Rejected {
			t.Errorf("%v: %v", v.Code, v.Reason)
		}
	})
	t.Run("a stranger writes", func(t *testing.T) {
		log := oplog.Log{Space: wall, Device: eve.device.ID(), Lane: oplog.Control}
		payload, err := space.Encode(&space.Add{Person: eve.id, Role: space.Writer, Generation: 1})
		must(t, err)
		entries, err := oplog.Compose(eve.device, oplog.Head{Log: log}, 100, time.Now(), []oplog.Draft{{Kind: oplog.KindControl, Payload: oplog.Plain(payload)}})
		must(t, err)
		run, err := oplog.RunOf(entries)
		must(t, err)
		ben.meets(eve)
		if v := ben.takes(run)[0]; v.Code != ingest.Pending {
			t.Errorf("%v: %v", v.Code, v.Reason)
		}
		state, err := ben.gate.State(t.Context(), wall)
		must(t, err)
		if state.Role(eve.id) != 0 {
			t.Error("Eve let herself in")
		}
	})
	t.Run("a member adds somebody to a wall that is not theirs", func(t *testing.T) {
		add := &space.Add{Person: eve.id, Role: space.Writer, Generation: 1}
		if err := ben.gate.Publish(t.Context(), func(w *ingest.Writing) error {
			_, err := w.Operate(wall, add)
			return err
		}); !errors.Is(err, ingest.ErrNotMember) {
			t.Errorf("his own home lets Ben do it: %v", err)
		}
		ada.meets(eve)
		for _, v := range ada.takes(ben.forces(wall, add)) {
			if v.Code != ingest.Accepted {
				t.Errorf("an operation of a member is %v: %v", v.Code, v.Reason)
			}
		}
		state, err := ada.gate.State(t.Context(), wall)
		must(t, err)
		if state.Role(eve.id) != 0 {
			t.Error("Ben let Eve in")
		}
	})
	t.Run("a member posts on a wall that is not theirs", func(t *testing.T) {
		ben.writes(wall, content.Post{Text: "graffiti"})
		ada.syncs(ben, wall)
		if slices.Contains(ada.reads(), "graffiti") || slices.Contains(ben.reads(), "graffiti") {
			t.Error("it is shown")
		}
	})
	t.Run("two entries for one place", func(t *testing.T) {
		logs, err := ada.db.Logs(t.Context(), wall)
		must(t, err)
		i := slices.IndexFunc(logs, func(r ingest.LogRecord) bool { return r.Log.Lane == oplog.Control })
		payload, err := space.Encode(&space.Merge{})
		must(t, err)
		head := logs[i].Head
		before := mustEntry(t, ada, logs[i].Log.ID(), head.Seq-1)
		head = before.Head()
		other, err := oplog.Compose(ada.device, head, 500, time.Now(), []oplog.Draft{{Kind: oplog.KindControl, Payload: oplog.Plain(payload)}})
		must(t, err)
		run, err := oplog.RunOf(other)
		must(t, err)
		ben.syncs(ada, wall)
		if v := ben.takes(run)[0]; v.Code != ingest.Forked {
			t.Errorf("%v: %v", v.Code, v.Reason)
		}
	})
}

func mustEntry(t *testing.T, p *person, log oplog.LogID, seq uint64) oplog.Verified {
	t.Helper()
	var entry oplog.Verified
	must(t, p.db.View(t.Context(), func(r ingest.Reader) (err error) {
		entry, _, err = r.Entry(log, seq)
		return err
	}))
	return entry
}

func TestRemoval(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	ada.adds(wall, cleo)
	post := ada.writes(wall, content.Post{Text: "for both"})[0]
	ben.syncs(ada, wall)
	cleo.syncs(ada, wall)
	ben.writes(wall, content.Comment{Post: post.ID(), Text: "in time"})
	ada.syncs(ben, wall)

	var cut []space.CutPoint
	logs, err := ada.db.Logs(t.Context(), wall)
	must(t, err)
	for _, record := range logs {
		if record.Author == ben.id {
			cut = append(cut, space.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
		}
	}
	ben.writes(wall, content.Comment{Post: post.ID(), Text: "too late"})
	cleo.syncs(ben, wall) // Cleo has not heard of the removal
	ada.operates(wall, &space.Remove{Person: ben.id, Cut: cut})
	ada.writes(wall, content.Post{Text: "without Ben"})
	cleo.syncs(ada, wall)
	ben.syncs(ada, wall)

	if got := cleo.reads(); !slices.Contains(got, "without Ben") {
		t.Errorf("Cleo reads %q", got)
	}
	if got := ben.reads(); slices.Contains(got, "without Ben") {
		t.Errorf("Ben reads %q after his removal", got)
	}
	for _, p := range []*person{ada, cleo} {
		comments, err := p.db.Comments(t.Context(), post.ID(), 10)
		must(t, err)
		if len(comments) != 1 || comments[0].Content.(content.Comment).Text != "in time" {
			t.Errorf("of Ben's comments there are %d", len(comments))
		}
	}
	ours, err := ada.db.Heads(t.Context(), wall)
	must(t, err)
	theirs, err := cleo.db.Heads(t.Context(), wall)
	must(t, err)
	if ours.Digest() != theirs.Digest() {
		t.Error("Ada and Cleo do not hold the same")
	}
	for _, run := range ben.runs(wall) {
		if run.Log.Device == ben.device.ID() && run.Log.Lane == oplog.Content && run.First > 1 {
			if v := ada.takes(run)[0]; v.Code != ingest.Rejected && v.Code != ingest.Duplicate {
				t.Errorf("what Ben wrote after the cut is %v", v.Code)
			}
		}
	}
	if err := ben.gate.Publish(t.Context(), func(w *ingest.Writing) error {
		_, err := w.Items(wall, content.Comment{Post: post.ID(), Text: "still here"})
		return err
	}); !errors.Is(err, ingest.ErrNotMember) {
		t.Errorf("Ben writes on: %v", err)
	}
}

func TestErase(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	ada.adds(wall, cleo)
	post := ada.writes(wall, content.Post{Text: "a post"})[0]
	ben.syncs(ada, wall)
	cleo.syncs(ada, wall)
	comment := ben.writes(wall, content.Comment{Post: post.ID(), Text: "a comment"})[0]
	ada.syncs(ben, wall)
	cleo.syncs(ben, wall)
	target := func(e oplog.Verified) *space.Erase {
		return &space.Erase{Targets: []space.Target{{Log: e.Log().ID(), Seq: e.Seq(), ID: e.ID()}}}
	}

	cleo.operates(wall, target(comment)) // not hers
	ada.syncs(cleo, wall)
	if list, err := ada.db.Comments(t.Context(), post.ID(), 10); err != nil || len(list) != 1 {
		t.Fatalf("a member erased what is not theirs (%v)", err)
	}
	ada.operates(wall, target(comment)) // on her own wall
	ben.syncs(ada, wall)
	if list, err := ben.db.Comments(t.Context(), post.ID(), 10); err != nil || len(list) != 0 {
		t.Fatalf("the comment is still there (%v)", err)
	}
	if e := mustEntry(t, ben, comment.Log().ID(), comment.Seq()); e.Payload() != nil || e.ID() != comment.ID() {
		t.Error("the payload is still there, or the header is not")
	}
	// Somebody who hears of the erase first takes the entry without its payload.
	dan := newPerson(t)
	ada.adds(wall, dan)
	run, err := oplog.RunOf([]oplog.Verified{comment})
	must(t, err)
	dan.syncs(ada, wall)
	dan.takes(run)
	if e := mustEntry(t, dan, comment.Log().ID(), comment.Seq()); e.Payload() != nil {
		t.Error("a late home took the erased payload")
	}
}

// Who leaves names where their own logs end. Naming somebody else's ends nothing.
func TestAHostileLeave(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	ada.writes(wall, content.Post{Text: "one"})
	ada.writes(wall, content.Post{Text: "two"})
	ben.syncs(ada, wall)
	logs, err := ben.db.Logs(t.Context(), wall)
	must(t, err)
	var cut []space.CutPoint
	for _, record := range logs {
		cut = append(cut, space.CutPoint{Log: record.Log.ID(), Seq: 1})
	}
	ben.operates(wall, &space.Leave{Cut: cut})
	ada.syncs(ben, wall)
	for _, p := range []*person{ada, ben} {
		if got := p.reads(); !slices.Equal(got, []string{"two", "one"}) {
			t.Errorf("after the leave there are %q", got)
		}
	}
	ada.writes(wall, content.Post{Text: "three"})
}
