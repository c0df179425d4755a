package space

import (
	"fmt"
	"slices"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
)

const (
	control = oplog.Control
	content = oplog.Content
)

func TestCreate(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	state := s.fold()
	if state == nil || state.ID != s.id || state.Entry != s.begin.ID() || state.Create.Owner != person(0) || state.Closed {
		t.Fatalf("%+v", state)
	}
	if state.Role(person(0)) != OwnerRole || state.Role(person(1)) != 0 || len(state.Members()) != 1 || len(state.People()) != 1 {
		t.Error("another is a member than the owner")
	}
	if owner, ok := state.Member(person(0)); !ok || owner.Tenure != s.begin.ID() {
		t.Errorf("owner %+v", owner)
	}
	if !state.MayWrite(person(0), content, oplog.LogID{1}, 1) || state.MayWrite(person(1), control, oplog.LogID{1}, 1) {
		t.Error("another may write than the owner")
	}
	// The statement counts in its own space, in a log of its owner, and must be there.
	for name, state := range map[string]*State{
		"nothing":             Fold(s.id, nil, s.speaks),
		"the zero value":      Fold(s.id, []oplog.Verified{{}}, s.speaks),
		"another space":       Fold(key.SpaceID{1}, []oplog.Verified{s.begin}, s.speaks),
		"nobody speaks":       Fold(s.id, []oplog.Verified{s.begin}, func(key.DeviceID, oplog.LogID, uint64) (key.PersonID, bool) { return key.PersonID{}, false }),
		"by another":          Fold(s.id, []oplog.Verified{s.write(1, 0, 1, s.create)}, s.speaks),
		"its payload is gone": Fold(s.id, []oplog.Verified{s.begin.WithoutPayload()}, s.speaks),
	} {
		if state != nil {
			t.Errorf("%s: a space", name)
		}
	}
	// A statement of other words is of another space, wherever it stands.
	other := *s.create
	other.Owner = person(1)
	if got := s.fold(s.write(1, 3, 1, &other)); got.Create.Owner != person(0) || got.Entry != s.begin.ID() {
		t.Error("another statement counts")
	}
}

// The owner's statement twice, the second with an earlier place in the order, takes nothing away from what refers to
// the first.
func TestCreatedTwice(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	for i := range 5 {
		again := s.write(0, 10+i, 1, s.create)
		if state := s.fold(add, again); state.Role(person(1)) != Writer {
			t.Fatalf("a second statement, sorted before: %v, undoes an add", state.Entry == again.ID())
		}
	}
}

func TestAddRemoveAddAgain(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	twice := s.write(0, 0, 3, &Add{Person: person(1), Role: Admin, Generation: 4, Tenure: s.begin.ID()})
	state := s.fold(add, twice)
	if m, _ := state.Member(person(1)); m.Role != Writer || m.Tenure != add.ID() || m.Generation != 1 {
		t.Fatalf("an add is not idempotent: %+v", m)
	}
	remove := s.write(0, 0, 5, s.remove(1, s.cutAt(1, 0, control, 2), s.cutAt(1, 0, content, 3)))
	state = s.fold(add, remove)
	if state.Role(person(1)) != 0 || len(state.Members()) != 1 || len(state.People()) != 2 {
		t.Error("removed, and still there; or forgotten")
	}
	again := s.write(0, 0, 7, s.add(1, 2))
	back := s.fold(add, remove, again)
	if m, _ := back.Member(person(1)); m.Role != Writer || m.Tenure != again.ID() || m.Generation != 2 {
		t.Errorf("added again: %+v", m)
	}
	for _, c := range []struct {
		log          oplog.Log
		seq          uint64
		gone, isBack bool
	}{
		{s.log(1, 0, control), 2, true, true}, {s.log(1, 0, control), 3, false, false},
		{s.log(1, 0, content), 3, true, true}, {s.log(1, 0, content), 4, false, false},
		{s.log(1, 1, content), 1, false, true}, {s.log(1, 1, control), 9, false, true}, // a new incarnation
	} {
		if got := state.MayWrite(person(1), c.log.Lane, c.log.ID(), c.seq); got != c.gone {
			t.Errorf("removed, entry %d of lane %d: %v", c.seq, c.log.Lane, got)
		}
		if got := back.MayWrite(person(1), c.log.Lane, c.log.ID(), c.seq); got != c.isBack {
			t.Errorf("back, entry %d of lane %d: %v", c.seq, c.log.Lane, got)
		}
	}
	if !back.Ended(person(1), s.log(1, 0, content).ID()) || back.Ended(person(1), s.log(1, 1, content).ID()) || back.Ended(person(2), s.log(1, 0, content).ID()) {
		t.Error("which logs have ended")
	}
	// Removed once more: of a log that both removals name, the lesser end counts.
	second := s.write(0, 0, 9, s.remove(1, s.cutAt(1, 0, content, 7), s.cutAt(1, 1, content, 5)))
	gone := s.fold(add, remove, again, second)
	if last, ended := gone.End(person(1), content, s.log(1, 0, content).ID()); !ended || last != 3 {
		t.Errorf("the old log ends at %d", last)
	}
	if last, ended := gone.End(person(1), content, s.log(1, 1, content).ID()); !ended || last != 5 {
		t.Errorf("the new log ends at %d", last)
	}
}

// What is not the owner's to do, or names no right, does nothing.
func TestOnlyTheOwnerGoverns(t *testing.T) {
	s := newScene(t, 4, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	want := describe(s, s.fold(base...))
	wrong := oplog.EntryID{1}
	for name, c := range map[string]struct {
		author int
		op     Operation
	}{
		"a member adds":              {1, s.add(3, 1)},
		"a stranger adds themselves": {3, s.add(3, 1)},
		"a member removes":           {1, s.remove(2)},
		"a member removes the owner": {1, s.remove(0)},
		"a member promotes":          {1, s.setRole(1, Admin)},
		"a member closes":            {1, &Close{Tenure: s.begin.ID()}},
		"a stranger leaves":          {3, &Leave{}},
		"a stranger rotates":         {3, rotate(1, nil, 0, 1, 2, 3)},
		"a stranger erases":          {3, &Erase{Targets: []Target{{Log: oplog.LogID{1}, Seq: 1}}}},
		"the owner leaves":           {0, &Leave{}},
		"the owner removes itself":   {0, s.remove(0)},
		"the owner demotes itself":   {0, s.setRole(0, Reader)},
		"a second owner":             {0, &Add{Person: person(3), Role: OwnerRole, Tenure: s.begin.ID()}},
		"promoted to owner":          {0, s.setRole(1, OwnerRole)},
		"a stranger's role":          {0, s.setRole(3, Writer)},
		"a stranger removed":         {0, s.remove(3)},
		"an add by no right":         {0, &Add{Person: person(3), Role: Writer}},
		"an add by another's right":  {0, &Add{Person: person(3), Role: Writer, Tenure: wrong}},
		"a removal by no right":      {0, &Remove{Person: person(1)}},
		"a role by another's right":  {0, &SetRole{Person: person(1), Role: Admin, Tenure: wrong}},
		"a close by no right":        {0, &Close{}},
		"hand over":                  {0, &HandOver{Person: person(1), Tenure: s.begin.ID()}},
		"ask":                        {3, &Ask{Person: person(3)}},
		"keepers":                    {0, &GrantKeeper{Tenure: s.begin.ID()}},
		"no more keepers":            {0, &RevokeKeeper{Tenure: s.begin.ID()}},
		"merge":                      {1, &Merge{}},
	} {
		extra := s.write(c.author, 50, 9, c.op)
		delete(s.heads, s.log(c.author, 50, control).ID())
		if got := describe(s, s.fold(append(slices.Clone(base), extra)...)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestRoles(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	admin := s.write(0, 0, 3, s.setRole(1, Admin))
	if state := s.fold(add, admin); state.Role(person(1)) != Admin {
		t.Errorf("role %d", state.Role(person(1)))
	}
	// A demotion below those who post ends the logs at its cut, and a promotion opens new ones.
	demote := s.write(0, 0, 4, s.setRole(1, Reader, s.cutAt(1, 0, content, 2)))
	state := s.fold(add, admin, demote)
	old, fresh := s.log(1, 0, content).ID(), s.log(1, 1, content).ID()
	if !state.MayWrite(person(1), content, old, 2) || state.MayWrite(person(1), content, old, 3) || state.MayWrite(person(1), content, fresh, 1) {
		t.Error("a reader may write, or what they wrote before is gone")
	}
	if !state.MayWrite(person(1), control, s.log(1, 0, control).ID(), 1) {
		t.Error("a reader cannot leave")
	}
	promote := s.write(0, 0, 5, s.setRole(1, Writer))
	state = s.fold(add, admin, demote, promote)
	if state.MayWrite(person(1), content, old, 3) || !state.MayWrite(person(1), content, fresh, 1) || !state.Ended(person(1), old) {
		t.Error("promoted again: the old log goes on, or no new one may begin")
	}
	// A reader starts no epoch.
	rotation := s.write(1, 0, 6, rotate(1, nil, 0, 1))
	if _, ok := s.fold(add, demote, rotation).Epoch(epochID(1)); ok {
		t.Error("a reader rotated")
	}
	if _, ok := s.fold(add, rotation).Epoch(epochID(1)); !ok {
		t.Error("a writer did not rotate")
	}
}

func TestLeave(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	before := s.write(1, 0, 3, rotate(1, nil, 0, 1))
	leave := s.write(1, 0, 4, &Leave{Cut: []CutPoint{s.cutAt(1, 0, content, 3), s.cutAt(1, 5, control, 1)}})
	after := s.write(1, 0, 5, rotate(2, nil, 0))
	concurrent := s.write(1, 5, 6, rotate(3, nil, 0, 1)) // by a second device that had not heard, as the cut says
	elsewhere := s.write(1, 6, 7, rotate(4, nil, 0, 1))
	state := s.fold(add, before, leave, after, concurrent, elsewhere)
	if state.Role(person(1)) != 0 {
		t.Fatal("still a member")
	}
	for n, want := range map[int]bool{1: true, 2: false, 3: true, 4: false} {
		if _, ok := state.Epoch(epochID(n)); ok != want {
			t.Errorf("epoch %d: %v", n, ok)
		}
	}
	if !state.MayWrite(person(1), content, s.log(1, 0, content).ID(), 3) || state.MayWrite(person(1), content, s.log(1, 0, content).ID(), 4) ||
		state.MayWrite(person(1), content, s.log(1, 1, content).ID(), 1) {
		t.Error("the content lane does not end where the leave says")
	}
	// Added again, and gone again.
	again := s.write(0, 0, 8, s.add(1, 1))
	if state := s.fold(add, leave, again); state.Role(person(1)) != Writer || !state.Ended(person(1), s.log(1, 0, content).ID()) {
		t.Error("not back")
	}
	second := s.write(1, 0, 9, &Leave{})
	if state := s.fold(add, leave, again, second); state.Role(person(1)) != 0 {
		t.Error("cannot leave a second time")
	}
	// In the control lane, what a leave names ends while its author is out.
	on := s.write(1, 5, 9, rotate(5, nil, 0, 1))
	if _, ok := s.fold(add, leave, again, concurrent, on).Epoch(epochID(5)); !ok || on.Seq() <= 1 {
		t.Error("who is back cannot go on in the control lane")
	}
}

// Leaving is no way to take away what is not one's own, nor one's own leave, nor a rotation that others write under.
func TestHostileLeaves(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1)), s.write(1, 0, 4, rotate(1, nil, 0, 1, 2))}
	hostile := &Leave{Cut: []CutPoint{
		s.cutAt(0, 0, control, 0), s.cutAt(0, 0, content, 0), s.cutAt(2, 0, content, 0), s.cutAt(2, 0, control, 0),
		s.cutAt(1, 0, control, 0), s.cutAt(1, 0, content, 1),
	}}
	leave := s.write(1, 0, 5, hostile)
	state := s.fold(append(base, leave)...)
	for _, n := range []int{0, 2} {
		for _, lane := range []oplog.Lane{control, content} {
			if !state.MayWrite(person(n), lane, s.log(n, 0, lane).ID(), 99) {
				t.Errorf("person %d lost lane %d", n, lane)
			}
		}
	}
	for _, cut := range state.Cuts() {
		if cut.Person != person(1) {
			t.Errorf("a log of %v is cut", cut.Person)
		}
		if cut.Log == s.log(1, 0, control).ID() || cut.Log == s.log(0, 0, control).ID() {
			t.Error("a log of the control lane is cut")
		}
	}
	if _, ok := state.Epoch(epochID(1)); !ok || state.Role(person(1)) != 0 {
		t.Error("the epoch is gone, or the member is not")
	}
	// Whoever drops what End says keeps all of the control lane, so that the fold stays what it is.
	for _, e := range append(base, leave) {
		if by, _ := s.speaks(e.Log().Device, oplog.LogID{}, 0); !state.MayWrite(by, control, e.Log().ID(), e.Seq()) {
			t.Errorf("entry %d of %v would be dropped", e.Seq(), e.Log())
		}
	}
}

// A leave that promises its author more than the owner's removal leaves them, written when they hear of it and dated
// before, gives them nothing.
func TestLeaveAgainstRemoval(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	old := s.write(1, 0, 3, &Merge{})
	remove := s.write(0, 0, 50, s.remove(1, s.cutAt(1, 0, control, 1), s.cutAt(1, 0, content, 4)))
	trick := s.write(1, 0, 4, &Leave{Cut: []CutPoint{s.cutAt(1, 0, content, oplog.MaxSeq), s.cutAt(1, 3, content, oplog.MaxSeq)}})
	unnamed := s.write(1, 8, 4, &Leave{Cut: []CutPoint{s.cutAt(1, 0, content, oplog.MaxSeq)}})
	want := describe(s, s.fold(add, old, remove))
	for name, entry := range map[string]oplog.Verified{"in the cut log": trick, "in another log": unnamed} {
		if got := describe(s, s.fold(add, old, remove, entry)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	// An honest leave that the owner had seen does not weaken the removal either: the lesser end counts.
	s.restart()
	add = s.write(0, 0, 2, s.add(1, 1))
	leave := s.write(1, 0, 3, &Leave{Cut: []CutPoint{s.cutAt(1, 0, content, 9)}})
	remove = s.write(0, 0, 5, s.remove(1, s.cutAt(1, 0, control, 1), s.cutAt(1, 0, content, 4)))
	state := s.fold(add, leave, remove)
	if last, ended := state.End(person(1), content, s.log(1, 0, content).ID()); !ended || last != 4 {
		t.Errorf("the log ends at %d, %v", last, ended)
	}
}

// Beyond the cut nothing counts, whatever Lamport time it claims.
func TestBackdatingDoesNotHelp(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(1, 0, 3, rotate(1, nil, 0, 1))}
	remove := s.write(0, 0, 50, s.remove(1, s.cutAt(1, 0, control, 1)))
	late := []oplog.Verified{
		s.write(1, 0, 4, rotate(2, []int{1}, 0)), // for the owner alone: its author would hold the key
		s.write(1, 4, 4, rotate(3, []int{1}, 0)),
		s.write(1, 4, 5, &Erase{Targets: []Target{{Log: s.log(1, 0, content).ID(), Seq: 1}}}),
	}
	want := describe(s, s.fold(append(base, remove)...))
	if got := describe(s, s.fold(append(append(base, remove), late...)...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := s.fold(append(base, late...)...); len(got.Epochs()) != 3 {
		t.Error("the case tests nothing: before the removal the late operations count")
	}
	// Before being added, nobody's operations count.
	early := s.write(2, 0, 1, rotate(5, nil, 0, 2))
	if state := s.fold(append(base, early, s.write(0, 0, 60, s.add(2, 1)))...); len(state.Epochs()) != 1 {
		t.Error("an operation from before the add counts")
	}
}

func TestErase(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	log := oplog.LogID{7}
	base := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	erase := func(author int) *State {
		return s.fold(append(slices.Clone(base), s.write(author, 9, 5, &Erase{Targets: []Target{{Log: log, Seq: 3}}}))...)
	}
	for _, c := range []struct {
		by, author int
		ok         bool
	}{{1, 1, true}, {1, 2, false}, {1, 0, false}, {0, 1, true}, {0, 0, true}, {2, 1, false}} {
		state := erase(c.by)
		if state.Erased(person(c.author), log, 3) != c.ok {
			t.Errorf("person %d erases what person %d wrote: want %v", c.by, c.author, c.ok)
		}
		if state.Erased(person(c.author), log, 2) || state.Erased(person(c.author), oplog.LogID{8}, 3) {
			t.Error("another place is erased")
		}
	}
}

func TestClose(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	shut := s.write(0, 0, 3, &Close{Tenure: s.begin.ID()})
	state := s.fold(add, shut, s.write(0, 0, 4, s.add(2, 1)), s.write(1, 0, 5, &Leave{}), s.write(0, 0, 6, rotate(1, nil, 0, 1)))
	if !state.Closed || state.Role(person(2)) != 0 || state.Role(person(1)) != Writer || len(state.Epochs()) != 0 {
		t.Error("something counts after the close")
	}
}

func TestBoundOfMembers(t *testing.T) {
	s := newScene(t, 1, HistoryAll)
	var entries []oplog.Verified
	for i := range MaxMembers + 10 {
		id := key.PersonID{byte(i), byte(i >> 8), 1}
		entries = append(entries, s.write(0, 0, uint64(i+2), &Add{Person: id, Role: Writer, Tenure: s.begin.ID()}))
	}
	if got := len(s.fold(entries...).Members()); got != MaxMembers {
		t.Errorf("%d members", got)
	}
}

func TestMentioned(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	entries := []oplog.Verified{
		s.begin, s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(1, 1)), s.write(1, 0, 4, s.add(2, 1)),
		s.write(0, 0, 5, s.remove(1)), s.write(0, 0, 6, rotate(1, nil, 0, 7)), s.begin.WithoutPayload(), {},
	}
	got := Mentioned(entries)
	if !slices.Equal(got, []key.PersonID{person(0), person(1), person(2)}) {
		t.Errorf("mentioned %v", got)
	}
}

func TestLists(t *testing.T) {
	s := newScene(t, 5, HistoryAll)
	var entries []oplog.Verified
	for n, role := range map[int]Role{4: Writer, 2: Writer, 3: Admin, 1: Reader} {
		entries = append(entries, s.write(0, 0, uint64(n+1), &Add{Person: person(n), Role: role, Tenure: s.begin.ID()}))
	}
	entries = append(entries, s.write(0, 0, 9, s.remove(4, s.cutAt(4, 1, content, 2), s.cutAt(4, 0, control, 1), s.cutAt(4, 0, content, 9))))
	state := s.fold(entries...)
	var order []int
	for _, m := range state.Members() {
		order = append(order, int(m.Person[0]-0x70))
	}
	if !slices.Equal(order, []int{0, 3, 2, 1}) || len(state.People()) != 5 {
		t.Errorf("members %v of %d people", order, len(state.People()))
	}
	first := fmt.Sprint(state.Cuts())
	for range 10 {
		if fmt.Sprint(state.Cuts()) != first {
			t.Fatal("the list of cuts has no fixed order")
		}
	}
	if len(state.Cuts()) != 3 {
		t.Errorf("cuts %v", state.Cuts())
	}
	if _, ok := state.Member(person(7)); ok || state.Ended(person(7), oplog.LogID{}) {
		t.Error("a stranger is known")
	}
}

// Operations that are malformed, of another lane, kind or space, or whose payload is gone are passed over.
func TestOtherEntriesArePassedOver(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	want := describe(s, s.fold(add))
	junk := s.put(s.log(0, 0, control), 0, 3, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain([]byte("junk"))})
	identity := s.put(s.log(0, 1, control), 0, 3, oplog.Draft{Kind: oplog.KindIdentity, Payload: oplog.Plain(add.Payload())})
	elsewhere := s.log(0, 0, control)
	elsewhere.Space[0] ^= 1
	other := s.put(elsewhere, 0, 3, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain(add.Payload())})
	erased := s.write(0, 0, 4, s.add(2, 1)).WithoutPayload()
	said := s.say(0, 0, 5)
	if got := describe(s, s.fold(add, junk, identity, other, erased, said, oplog.Verified{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A large, old space: 300 members, 50 removals, 50 rotations for everybody.
func BenchmarkFold(b *testing.B) {
	s := newScene(b, 1, HistoryAll)
	var entries []oplog.Verified
	people := make([]EpochReader, 300)
	for i := range people {
		people[i] = EpochReader{Person: key.PersonID{byte(i), byte(i >> 8), 1}, Generation: 1}
		entries = append(entries, s.write(0, 0, uint64(i+2), &Add{Person: people[i].Person, Role: Writer, Generation: 1, Tenure: s.begin.ID()}))
	}
	for i := range 50 {
		op := rotate(i, nil, 0)
		op.For = append(op.For, people[i:]...)
		entries = append(entries, s.write(0, 0, uint64(1000+2*i), op))
		entries = append(entries, s.write(0, 0, uint64(1001+2*i), &Remove{Person: people[i].Person, Tenure: s.begin.ID()}))
	}
	for b.Loop() {
		if state := s.fold(entries...); len(state.Epochs()) != 50 || len(state.Members()) != 251 {
			b.Fatal("folded to something else")
		}
	}
}
