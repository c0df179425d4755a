package ingest_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// Whatever the order of arrival, nothing that hangs under an erased post is left with a payload anywhere: edits of its
// author, comments, reactions and what hangs under those, although the erase names the post alone.
func TestWhatHangsUnderAnErasedPostGoesWithIt(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	post := ada.writes(wall, content.Post{Text: "a post"})[0]
	ben.syncs(ada, wall)
	comment := ben.writes(wall, content.Comment{Post: post.ID(), Text: "a comment"})[0]
	ben.writes(wall, content.Edit{Target: comment.ID(), Text: "a better comment"}, content.Reaction{Target: post.ID(), Emoji: "👍"})
	ben.writes(wall, content.Reaction{Target: post.ID(), Emoji: "❤️"})
	ada.syncs(ben, wall)
	ada.writes(wall, content.Edit{Target: post.ID(), Text: "a better post"})
	ada.writes(wall, content.Edit{Target: post.ID(), Text: "the best post"})
	ada.writes(wall, content.Reaction{Target: comment.ID(), Emoji: "🎉"}, content.Post{Text: "another post"})
	before := ada.runs(wall)
	ada.operates(wall, &space.Erase{Targets: []space.Target{{Log: post.Log().ID(), Seq: post.Seq(), ID: post.ID()}}})
	after := ada.runs(wall)
	late := ben.writes(wall, content.Comment{Post: post.ID(), Text: "written before it heard of the erase"})
	run, err := oplog.RunOf(late)
	must(t, err)
	all := append(slices.Concat(before, after[len(before)-1:]), run) // some with payloads that others have erased
	all = append(all, after...)

	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 2))
		cleo := newPerson(t)
		if seed == 0 {
			ada.adds(wall, cleo)
			all = append(all, ada.runs(wall)...)
		}
		for range 4 {
			dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for i := range all {
				cleo.takes(all[i])
			}
			if seed == 0 {
				cleo.takesKeys(ada, wall) // on the others, all stays locked
			}
		}
		if seed > 0 {
			continue
		}
		if got := cleo.reads(); !slices.Equal(got, []string{"another post"}) {
			t.Errorf("posts %q", got)
		}
		with := withPayload(t, cleo, wall)
		if len(with) != 1 {
			t.Errorf("%d content entries have a payload; one post is left", len(with))
		}
		missing, err := cleo.db.MissingPayloads(t.Context(), 10, wall)
		must(t, err)
		if len(missing) != 0 {
			t.Errorf("what was erased is asked for again: %v", missing)
		}
	}
	ben.syncs(ada, wall)
	if with := withPayload(t, ben, wall); len(with) != 1 {
		t.Errorf("at Ben's, %d content entries have a payload", len(with))
	}
}

// withPayload lists the content entries of a space that have one.
func withPayload(t *testing.T, p *person, id key.SpaceID) (with []oplog.EntryID) {
	t.Helper()
	logs, err := p.db.Logs(t.Context(), id)
	must(t, err)
	for _, record := range logs {
		for _, r := range record.Held {
			for seq := r.First; seq <= r.Last && record.Log.Lane == oplog.Content; seq++ {
				if e := mustEntry(t, p, record.Log.ID(), seq); e.Payload() != nil {
					with = append(with, e.ID())
				}
			}
		}
	}
	return with
}

// An edit counts if it is by who wrote what it edits, the newest of them, whatever the order of arrival.
func TestTheNewestEditByTheAuthorCounts(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	post := ada.writes(wall, content.Post{Text: "first words"})[0]
	ben.syncs(ada, wall)
	ben.writes(wall, content.Edit{Target: post.ID(), Text: "graffiti"})
	ada.syncs(ben, wall)
	for _, text := range []string{"second words", "third words"} {
		ada.writes(wall, content.Edit{Target: post.ID(), Text: text})
	}
	runs := ada.runs(wall)
	slices.Reverse(runs)
	cleo := newPerson(t)
	ada.adds(wall, cleo)
	for range 4 {
		for _, run := range append(runs, ada.runs(wall)...) {
			cleo.takes(run)
		}
	}
	cleo.takesKeys(ada, wall)
	ben.syncs(ada, wall)
	for name, p := range map[string]*person{"Ada": ada, "Ben": ben, "Cleo": cleo} {
		edits, err := p.db.Edits(t.Context(), []oplog.EntryID{post.ID(), {1}})
		must(t, err)
		if edit, ok := edits[post.ID()].Content.(content.Edit); !ok || edit.Text != "third words" || len(edits) != 1 {
			t.Errorf("%s has %+v", name, edits)
		}
		versions, err := p.db.Versions(t.Context(), post.ID())
		must(t, err)
		if len(versions) != 2 || versions[1].Content.(content.Edit).Text != "second words" {
			t.Errorf("%s has the versions %+v", name, versions)
		}
	}
	// When the newest is gone, the one before it counts.
	newest, err := ada.db.Versions(t.Context(), post.ID())
	must(t, err)
	ada.operates(wall, &space.Erase{Targets: []space.Target{{Log: newest[0].Log, Seq: newest[0].Seq, ID: newest[0].ID}}})
	edits, err := ada.db.Edits(t.Context(), []oplog.EntryID{post.ID()})
	must(t, err)
	if edit, ok := edits[post.ID()].Content.(content.Edit); !ok || edit.Text != "second words" {
		t.Errorf("after the erase, %+v counts", edits)
	}
}

// A payload that did not come, or was lost, is taken when somebody has it: content and operations.
func TestMissingPayloadsAreFilled(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	post := ada.writes(wall, content.Post{Text: "a post"}, content.Post{Text: "another"})
	runs := ada.runs(wall)
	ben.syncs(ada, wall)
	cleo := newPerson(t)
	ada.adds(wall, cleo)
	cleo.takes(without(ada.runs(wall), func(run *oplog.Run, i int) bool { return run.Log == post[0].Log() && i == 0 })...)
	cleo.takesKeys(ada, wall)
	if got := cleo.reads(); !slices.Equal(got, []string{"another"}) {
		t.Errorf("without the payload Cleo reads %q", got)
	}
	missing, err := cleo.db.MissingPayloads(t.Context(), 10, wall)
	must(t, err)
	if len(missing) != 1 || missing[0].Log != post[0].Log() || missing[0].Range != (oplog.Range{First: 1, Last: 1}) {
		t.Fatalf("missing is %v", missing)
	}
	spaces, err := cleo.db.LackingSpaces(t.Context())
	must(t, err)
	if !slices.Equal(spaces, []key.SpaceID{wall}) {
		t.Errorf("lacking are %v", spaces)
	}
	filled := 0
	for _, verdict := range cleo.takes(runs...) {
		if verdict.Code == ingest.Accepted {
			filled += verdict.New
		}
	}
	if got := cleo.reads(); filled != 1 || !slices.Equal(got, []string{"another", "a post"}) {
		t.Errorf("%d filled, and Cleo reads %q", filled, got)
	}
	for _, verdict := range cleo.takes(runs...) {
		if verdict.Code != ingest.Duplicate {
			t.Errorf("once more: %v", verdict.Code)
		}
	}

	// The same with an operation: Dan has Cleo's add without its payload.
	dan := newPerson(t)
	ada.adds(wall, dan)
	whole := ada.runs(wall)
	dan.takes(without(whole, func(run *oplog.Run, _ int) bool {
		return run.Log.Space == wall && run.Log.Lane == oplog.Control && run.First > 1
	})...)
	state, err := dan.gate.State(t.Context(), wall)
	must(t, err)
	if state.Role(cleo.id) != 0 {
		t.Fatal("Cleo was added by an operation that is not here")
	}
	dan.takes(whole...)
	state, err = dan.gate.State(t.Context(), wall)
	must(t, err)
	if state.Role(cleo.id) != space.Writer {
		t.Error("the operation was not made good")
	}
}

// without gives runs of which some entries have lost their payloads.
func without(runs []oplog.Run, lost func(run *oplog.Run, i int) bool) []oplog.Run {
	runs = slices.Clone(runs)
	for n := range runs {
		run := &runs[n]
		run.Entries = slices.Clone(run.Entries)
		for i := range run.Entries {
			if lost(run, i) {
				run.Entries[i].Payload = nil
			}
		}
	}
	return runs
}
