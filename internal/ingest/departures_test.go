package ingest_test

import (
	"errors"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/tenure"
)

// cutOf is where somebody's logs end, as far as a home holds them.
func cutOf(t *testing.T, at *person, id key.SpaceID, who *person) (cut []space.CutPoint) {
	t.Helper()
	logs, err := at.db.Logs(t.Context(), id)
	must(t, err)
	for _, record := range logs {
		if record.Author == who.id {
			cut = append(cut, space.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
		}
	}
	return cut
}

func TestAddedAgainBeginsNewLogs(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	wall := ada.wall()
	ada.adds(wall, ben)
	post := ada.writes(wall, content.Post{Text: "hello"})[0]
	ben.syncs(ada, wall)
	first := ben.writes(wall, content.Comment{Post: post.ID(), Text: "first"})[0]
	ada.syncs(ben, wall)
	ada.operates(wall, &space.Remove{Person: ben.id, Cut: cutOf(t, ada, wall, ben)})
	hidden := ben.writes(wall, content.Comment{Post: post.ID(), Text: "hidden"})[0] // Ben has not heard
	run, err := oplog.RunOf([]oplog.Verified{hidden})
	must(t, err)
	ada.adds(wall, ben)
	ada.writes(wall, content.Post{Text: "welcome back"})
	ben.syncs(ada, wall)
	again := ben.writes(wall, content.Comment{Post: post.ID(), Text: "again"})[0]
	if again.Log() == first.Log() || tenure.Under(again.Log()) == tenure.Under(first.Log()) {
		t.Error("Ben goes on in his old log")
	}
	ada.syncs(ben, wall)
	if v := ada.takes(run)[0]; v.Code != ingest.Rejected || !errors.Is(v.Reason, ingest.ErrNotMember) {
		t.Errorf("what was hidden in the old log is %v: %v", v.Code, v.Reason)
	}
	comments, err := ada.db.Comments(t.Context(), post.ID(), 10)
	must(t, err)
	if len(comments) != 2 {
		t.Errorf("%d comments", len(comments))
	}
	if ada.digest(wall, ada, ben) != ben.digest(wall, ada, ben) {
		t.Error("the two hold different entries")
	}
}

// An add that had not heard of a removal is beaten by it, at every home.
func TestRemovalBeatsAConcurrentAdd(t *testing.T) {
	ada, ben, cleo, dan := newPerson(t), newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Admin)
	ada.appoints(group, cleo, space.Writer)
	ben.syncs(ada, group)
	ada.operates(group, &space.Remove{Person: cleo.id, Cut: cutOf(t, ada, group, cleo)})
	ben.appoints(group, cleo, space.Writer) // he has not heard
	ben.appoints(group, dan, space.Writer)
	ada.syncs(ben, group)
	ben.syncs(ada, group)
	for _, p := range []*person{ada, ben} {
		if p.role(group, cleo) != 0 || p.role(group, dan) != space.Writer {
			t.Errorf("Cleo has role %d, Dan %d", p.role(group, cleo), p.role(group, dan))
		}
	}
	ben.appoints(group, cleo, space.Writer) // now he has
	ada.syncs(ben, group)
	if ada.role(group, cleo) != space.Writer {
		t.Error("an admin cannot bring back whom the owner removed, knowing it")
	}
}

// Two admins remove one another while apart: everybody comes to the same, and holds the same.
func TestAdminsRemoveOneAnother(t *testing.T) {
	ada, ben, cleo, dan := newPerson(t), newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Admin)
	ada.appoints(group, cleo, space.Admin)
	ben.syncs(ada, group)
	cleo.syncs(ada, group)
	ben.operates(group, &space.Remove{Person: cleo.id, Cut: cutOf(t, ben, group, cleo)})
	cleo.appoints(group, dan, space.Writer)
	cleo.operates(group, &space.Remove{Person: ben.id, Cut: cutOf(t, cleo, group, ben)})
	dan.syncs(cleo, group)
	cleo.writes(group, content.Post{Text: "Ben is out"})
	dan.syncs(cleo, group)
	dan.writes(group, content.Post{Text: "hello"})
	ben.meets(dan)
	ada.meets(dan)
	for range 3 {
		for _, a := range []*person{ada, ben, dan, cleo} {
			for _, b := range []*person{cleo, ben, ada, dan} {
				if a != b {
					a.syncs(b, group)
				}
			}
		}
	}
	for _, p := range []*person{ada, ben, cleo, dan} {
		if p.role(group, ben) != space.Admin || p.role(group, cleo) != 0 || p.role(group, dan) != 0 {
			t.Errorf("Ben has role %d, Cleo %d, Dan %d", p.role(group, ben), p.role(group, cleo), p.role(group, dan))
		}
		if p.digest(group, ada, ben, cleo) != ada.digest(group, ada, ben, cleo) {
			t.Error("homes hold different entries")
		}
	}
	if got := dan.reads(); len(got) != 0 {
		t.Errorf("what was written by those who are out is still here: %q", got)
	}
}

// Who was promoted and leaves has left, by whatever right they wrote before.
func TestAnAdminLeaves(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Writer)
	ben.syncs(ada, group)
	ada.operates(group, &space.SetRole{Person: ben.id, Role: space.Admin})
	ben.syncs(ada, group)
	ben.appoints(group, cleo, space.Writer)
	ben.operates(group, &space.Leave{Cut: cutOf(t, ben, group, ben)})
	ada.syncs(ben, group)
	if ben.role(group, ben) != 0 || ada.role(group, ben) != 0 || ada.role(group, cleo) != space.Writer {
		t.Errorf("Ben has role %d here, %d there, Cleo %d", ben.role(group, ben), ada.role(group, ben), ada.role(group, cleo))
	}
}

// A device that was removed from its person: what it wrote beyond the cut is gone from every space, and so is what others
// did there by right of it.
func TestARemovedDevice(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Admin)
	ada.writes(group, content.Post{Text: "welcome"})
	ben.syncs(ada, group)
	laptop := ben.second()
	laptop.syncs(ben, group)
	laptop.syncs(ada, group)
	laptop.takesKeys(ada, group)
	laptop.writes(group, content.Post{Text: "from the laptop"})
	ben.syncs(laptop, group)
	// The laptop is stolen.
	laptop.appoints(group, cleo, space.Writer)
	laptop.writes(group, content.Post{Text: "by the thief"})
	cleo.meets(ada)
	cleo.syncs(laptop, group)
	cleo.writes(group, content.Post{Text: "by their friend"})
	ada.syncs(laptop, group)
	ada.syncs(cleo, group)
	if got := ada.reads(); len(got) != 4 {
		t.Fatalf("before the removal Ada reads %q", got)
	}
	ben.drops(laptop, group)
	early := newPerson(t) // hears of the removal first
	early.meets(ada)
	early.takes(ben.runs(ben.id.IdentitySpace())...)
	ada.takes(ben.runs(ben.id.IdentitySpace())...)
	if got := ada.reads(); len(got) != 2 {
		t.Errorf("after the removal Ada reads %q", got)
	}
	if ada.role(group, cleo) != 0 || ada.role(group, ben) != space.Admin {
		t.Errorf("Cleo has role %d, Ben %d", ada.role(group, cleo), ada.role(group, ben))
	}
	early.takes(laptop.runs(group)...)
	early.takes(cleo.runs(group)...)
	early.takes(ada.runs(group)...)
	ben.syncs(ada, group)
	for _, p := range []*person{early, ben} {
		if p.digest(group, ada, ben) != ada.digest(group, ada, ben) {
			t.Error("who heard of the removal first holds something else")
		}
	}
	// The laptop itself, when it hears, writes no more.
	laptop.takes(ben.runs(ben.id.IdentitySpace())...)
	err := laptop.gate.Publish(t.Context(), func(w *ingest.Writing) error {
		_, err := w.Items(group, content.Post{Text: "still here"})
		return err
	})
	if !errors.Is(err, ingest.ErrRemoved) {
		t.Errorf("the laptop writes on: %v", err)
	}
	// What is written next is under a key that the thief's friend has not.
	ada.writes(group, content.Post{Text: "changed"})
	cleo.takes(ada.runs(group)...)
	cleo.takesKeys(ada, group)
	if got := cleo.reads(); len(got) > 0 && got[0] == "changed" {
		t.Errorf("Cleo reads %q", got)
	}
}

// Who has less than the role that an operation needs is told so, and writes nothing.
func TestOperateNeedsARole(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Writer)
	ben.syncs(ada, group)
	before := ben.digest(group)
	for _, op := range []space.Operation{
		&space.Add{Person: cleo.id, Role: space.Writer, Generation: 1}, &space.Remove{Person: ada.id}, &space.Close{}, &space.HandOver{Person: ben.id},
	} {
		err := ben.gate.Publish(t.Context(), func(w *ingest.Writing) error {
			_, err := w.Operate(group, op)
			return err
		})
		if !errors.Is(err, ingest.ErrNotMember) {
			t.Errorf("%T: %v", op, err)
		}
	}
	if ben.digest(group) != before {
		t.Error("something was written")
	}
	ben.operates(group, &space.Leave{})
	if ben.role(group, ben) != 0 {
		t.Error("a member cannot leave")
	}
}

// A removal that turns out to be void, because a senior had ended who wrote it, takes nothing away: what homes dropped comes
// back from those that had not heard.
func TestAVoidRemovalIsUndone(t *testing.T) {
	ada, ben, cleo, dan := newPerson(t), newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, cleo, space.Admin)
	ada.appoints(group, ben, space.Writer)
	ada.appoints(group, dan, space.Writer)
	ada.writes(group, content.Post{Text: "welcome"})
	dan.syncs(ada, group)
	dan.writes(group, content.Post{Text: "by Dan"})
	for _, p := range []*person{ada, ben, cleo} {
		p.syncs(dan, group)
	}
	theirs := cutOf(t, ada, group, cleo)
	cleo.operates(group, &space.Remove{Person: dan.id}) // with all that he wrote
	ben.syncs(cleo, group)
	dan.syncs(cleo, group)
	if len(ben.reads()) != 1 || ben.role(group, dan) != 0 || dan.role(group, dan) != 0 {
		t.Fatalf("Ben reads %q", ben.reads())
	}
	ada.operates(group, &space.Remove{Person: cleo.id, Cut: theirs})
	for range 2 {
		for _, p := range []*person{ben, dan, cleo} {
			p.syncs(ada, group)
			ada.syncs(p, group)
		}
	}
	for _, p := range []*person{ada, ben, dan} {
		if len(p.reads()) != 2 || p.role(group, dan) != space.Writer || p.role(group, cleo) != 0 {
			t.Errorf("after Cleo's removal there are %q, Dan has role %d, Cleo %d", p.reads(), p.role(group, dan), p.role(group, cleo))
		}
		if p.digest(group, ada, ben, cleo, dan) != ada.digest(group, ada, ben, cleo, dan) {
			t.Error("homes hold different entries")
		}
	}
	dan.writes(group, content.Post{Text: "still here"})
	ada.syncs(dan, group)
	if got := ada.reads(); len(got) != 3 {
		t.Errorf("Ada reads %q", got)
	}
}

// A group changes hands; the new owner outranks the old one's admins, and the old one goes on as an admin, in new logs.
func TestHandingOver(t *testing.T) {
	ada, ben, cleo := newPerson(t), newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, cleo, space.Admin)
	ada.appoints(group, ben, space.Writer)
	ada.writes(group, content.Post{Text: "before"})
	state, err := ada.gate.State(t.Context(), group)
	must(t, err)
	ada.operates(group, &space.HandOver{
		Person: ben.id, Cut: cutOf(t, ada, group, ada), After: state.After(space.OwnerRole, ben.id, ada.id),
	})
	ada.writes(group, content.Post{Text: "after"})
	ben.syncs(ada, group)
	ben.operates(group, &space.Remove{Person: cleo.id, Cut: cutOf(t, ben, group, cleo)})
	ben.writes(group, content.Post{Text: "mine now"})
	for range 2 {
		ada.syncs(ben, group)
		ben.syncs(ada, group)
	}
	for _, p := range []*person{ada, ben} {
		if p.role(group, ada) != space.Admin || p.role(group, ben) != space.OwnerRole || p.role(group, cleo) != 0 || len(p.reads()) != 3 {
			t.Errorf("Ada has role %d, Ben %d, Cleo %d; there are %q", p.role(group, ada), p.role(group, ben), p.role(group, cleo), p.reads())
		}
	}
	if ada.digest(group, ada, ben) != ben.digest(group, ada, ben) {
		t.Error("the two hold different entries")
	}
}

// In a closed space nobody writes, and who has not heard is heard all the same, so that all hold the same.
func TestClosed(t *testing.T) {
	ada, ben := newPerson(t), newPerson(t)
	group := ada.group()
	ada.appoints(group, ben, space.Writer)
	ada.writes(group, content.Post{Text: "welcome"})
	ben.syncs(ada, group)
	ada.operates(group, &space.Close{})
	ben.writes(group, content.Post{Text: "has not heard"})
	ada.syncs(ben, group)
	ben.syncs(ada, group)
	if len(ada.reads()) != 2 || ada.digest(group, ada, ben) != ben.digest(group, ada, ben) {
		t.Errorf("Ada reads %q", ada.reads())
	}
	for _, p := range []*person{ada, ben} {
		err := p.gate.Publish(t.Context(), func(w *ingest.Writing) error {
			_, err := w.Items(group, content.Post{Text: "too late"})
			return err
		})
		again := p.gate.Publish(t.Context(), func(w *ingest.Writing) error {
			_, err := w.Operate(group, &space.Merge{})
			return err
		})
		if !errors.Is(err, ingest.ErrClosed) || !errors.Is(again, ingest.ErrClosed) {
			t.Errorf("written: %v, %v", err, again)
		}
	}
	ben.operates(group, &space.Leave{})
	if ben.role(group, ben) != 0 {
		t.Error("a closed space cannot be left")
	}
}
