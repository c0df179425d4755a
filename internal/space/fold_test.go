package space

import (
	"slices"
	"testing"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
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
	if name, may := state.TenureFor(person(0), OwnerRole); !may || name != (tenure.Name{}) {
		t.Errorf("the owner writes under %x, %v", name, may)
	}
	stray := s.log(0, 0, content)
	stray.Incarnation[3] = 1
	if !state.MayWrite(person(0), s.log(0, 7, content), 1) || state.MayWrite(person(0), stray, 1) || state.MayWrite(person(1), s.log(1, 0, control), 1) {
		t.Error("another may write than the owner by right of the create")
	}
	// The statement counts in its own space, in a log of its owner, under no other right, and must be there.
	s.names[0] = tenure.Name{1}
	elsewhere := s.write(0, 0, 1, s.create)
	for name, state := range map[string]*State{
		"nothing":             Fold(s.id, nil, s.speaks),
		"the zero value":      Fold(s.id, []oplog.Verified{{}}, s.speaks),
		"another space":       Fold(key.SpaceID{1}, []oplog.Verified{s.begin}, s.speaks),
		"nobody speaks":       Fold(s.id, []oplog.Verified{s.begin}, func(key.DeviceID, oplog.LogID, uint64) (key.PersonID, bool) { return key.PersonID{}, false }),
		"by another":          Fold(s.id, []oplog.Verified{s.write(1, 0, 1, s.create)}, s.speaks),
		"under another right": Fold(s.id, []oplog.Verified{elsewhere}, s.speaks),
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

// The owner's statement twice changes nothing.
func TestCreatedTwice(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	for i := range 5 {
		again := s.write(0, 10+i, 1, s.create)
		if state := s.fold(add, again); state.Role(person(1)) != Writer {
			t.Fatal("a second statement undoes an add")
		}
	}
}

func TestAddRemoveAddAgain(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	twice := s.write(0, 0, 3, &Add{Person: person(1), Role: Reader, Generation: 4})
	state := s.fold(add, twice)
	if name, _ := state.TenureFor(person(1), Reader); state.Role(person(1)) != Writer || name != tenure.NameOf(add.ID()) {
		t.Fatalf("added twice: role %d under %x", state.Role(person(1)), name)
	}
	remove := s.write(0, 0, 5, s.remove(1, s.cutAt(1, 0, control, 2), s.cutAt(1, 0, content, 3)))
	state = s.fold(add, remove)
	if state.Role(person(1)) != 0 || len(state.Members()) != 1 || len(state.People()) != 2 {
		t.Error("removed, and still there; or forgotten")
	}
	if got := state.After(Writer, person(1)); !slices.Equal(got, []oplog.EntryID{remove.ID()}) || len(state.After(Writer, person(2))) != 0 {
		t.Errorf("to be overridden: %v", got)
	}
	// An add that did not know of the removal is beaten by it, wherever it stands; one that did beats it.
	if state := s.fold(add, remove, s.write(0, 3, 4, s.add(1, 2))); state.Role(person(1)) != 0 {
		t.Error("an add at the time of the removal holds")
	}
	again := s.write(0, 0, 7, s.addAfter(1, 2, remove))
	back := s.fold(add, remove, again)
	if name, _ := back.TenureFor(person(1), Writer); back.Role(person(1)) != Writer || name != tenure.NameOf(again.ID()) {
		t.Errorf("added again: role %d under %x", back.Role(person(1)), name)
	}
	old := map[string]struct {
		log oplog.Log
		seq uint64
		may bool
	}{
		"control within": {s.log(1, 0, control), 2, true}, "control beyond": {s.log(1, 0, control), 3, false},
		"content within": {s.log(1, 0, content), 3, true}, "content beyond": {s.log(1, 0, content), 4, false},
		"another log": {s.log(1, 1, content), 1, false}, "another control log": {s.log(1, 1, control), 1, false},
	}
	s.as(1, again)
	fresh := s.log(1, 0, content)
	for name, c := range old {
		// A log of the old right never opens again.
		if state.MayWrite(person(1), c.log, c.seq) != c.may || back.MayWrite(person(1), c.log, c.seq) != c.may {
			t.Errorf("%s: want %v", name, c.may)
		}
	}
	if !back.MayWrite(person(1), fresh, 1) || state.MayWrite(person(1), fresh, 1) || !back.Knows(person(1), fresh) || state.Knows(person(1), fresh) {
		t.Error("the new right")
	}
	if !back.Suffices(person(1), fresh, 1, Writer) || back.Suffices(person(1), fresh, 1, Admin) || back.Suffices(person(1), old["another log"].log, 1, Reader) {
		t.Error("what suffices")
	}
	// Removed once more, by a removal that names nothing: every log of the new right is gone.
	gone := s.fold(add, remove, again, s.write(0, 0, 9, s.remove(1)))
	if gone.MayWrite(person(1), fresh, 1) || gone.Role(person(1)) != 0 || len(gone.After(Writer, person(1))) != 2 {
		t.Error("removed twice, and still there")
	}
}

// What is not its author's to do does nothing.
func TestWhoMayDoWhat(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		name   string
		author int // 0 owner, 1 admin (a writer on a wall), 2 writer, 3 stranger, 4 reader
		op     func(s *scene) Operation
		counts bool
	}{
		{Wall, "a member adds", 2, func(s *scene) Operation { return s.add(5, 1) }, false},
		{Wall, "the owner adds", 0, func(s *scene) Operation { return s.add(5, 1) }, true},
		{Wall, "the owner adds an admin", 0, func(s *scene) Operation { return &Add{Person: person(5), Role: Admin} }, false},
		{Wall, "a member removes", 1, func(s *scene) Operation { return s.remove(2) }, false},
		{Wall, "a member promotes itself", 1, func(s *scene) Operation { return s.setRole(1, Writer) }, false},
		{Wall, "the owner promotes to admin", 0, func(s *scene) Operation { return s.setRole(1, Admin) }, false},
		{Wall, "the owner hands over", 0, func(s *scene) Operation { return &HandOver{Person: person(1)} }, false},
		{Wall, "a member rotates", 2, func(s *scene) Operation { return rotate(1, nil, 0) }, true},
		{Wall, "a reader rotates", 4, func(s *scene) Operation { return rotate(1, nil, 0) }, false},
		{Wall, "a member closes", 1, func(s *scene) Operation { return &Close{} }, false},
		{Wall, "the owner closes", 0, func(s *scene) Operation { return &Close{} }, true},
		{Wall, "a stranger leaves", 3, func(s *scene) Operation { return &Leave{} }, false},
		{Wall, "a stranger adds itself", 3, func(s *scene) Operation { return s.add(3, 1) }, false},
		{Wall, "a stranger erases", 3, func(s *scene) Operation { return erase(s.log(2, 0, content), 1) }, false},
		{Wall, "somebody asks", 3, func(s *scene) Operation { return &Ask{Person: person(3)} }, false},
		{Wall, "keepers", 0, func(s *scene) Operation { return &GrantKeeper{} }, false},
		{Wall, "merge", 2, func(s *scene) Operation { return &Merge{} }, false},
		{Group, "a writer adds a writer", 2, func(s *scene) Operation { return s.add(5, 1) }, true},
		{Group, "a writer adds a reader", 2, func(s *scene) Operation { return &Add{Person: person(5), Role: Reader} }, true},
		{Group, "a writer adds an admin", 2, func(s *scene) Operation { return &Add{Person: person(5), Role: Admin} }, false},
		{Group, "a reader adds a reader", 4, func(s *scene) Operation { return &Add{Person: person(5), Role: Reader} }, false},
		{Group, "an admin adds an admin", 1, func(s *scene) Operation { return &Add{Person: person(5), Role: Admin} }, true},
		{Group, "the owner adds an owner", 0, func(s *scene) Operation { return &Add{Person: person(5), Role: OwnerRole} }, false},
		{Group, "the owner promotes to owner", 0, func(s *scene) Operation { return s.setRole(1, OwnerRole) }, false},
		{Group, "an admin removes", 1, func(s *scene) Operation { return s.remove(2) }, true}, // whom somebody else had added before
		{Group, "an admin removes a junior", 1, func(s *scene) Operation { return s.remove(4) }, true},
		{Group, "an admin removes the owner", 1, func(s *scene) Operation { return s.remove(0) }, false},
		{Group, "a writer removes", 2, func(s *scene) Operation { return s.remove(4) }, false},
		{Group, "a writer promotes", 2, func(s *scene) Operation { return s.setRole(4, Writer) }, false},
		{Group, "an admin promotes", 1, func(s *scene) Operation { return s.setRole(4, Writer) }, true},
		{Group, "an admin hands over", 1, func(s *scene) Operation { return &HandOver{Person: person(2)} }, false},
		{Group, "the owner hands over to itself", 0, func(s *scene) Operation { return &HandOver{Person: person(0)} }, false},
		{Group, "the owner hands over", 0, func(s *scene) Operation { return &HandOver{Person: person(1)} }, true},
		{Group, "an admin closes", 1, func(s *scene) Operation { return &Close{} }, false},
		{Group, "the owner demotes an admin", 0, func(s *scene) Operation { return s.setRole(1, Writer) }, true},
	} {
		s := newGroup(t, 6)
		s.create.Kind = c.kind
		if c.kind == Wall {
			s.create.Invite = OwnerRole
		}
		payload, err := Encode(s.create)
		if err != nil {
			t.Fatal(err)
		}
		s.id = key.SpaceOf(payload)
		s.restart()
		first := s.add(1, 1)
		if c.kind == Group {
			first.Role = Admin
		}
		base := []oplog.Verified{s.write(0, 0, 2, s.add(2, 1)), s.write(0, 0, 3, first)}
		base = append(base, s.write(0, 0, 4, &Add{Person: person(4), Role: Reader, Generation: 1}))
		want := describe(s, s.fold(base...))
		got := describe(s, s.fold(append(base, s.write(c.author, 9, 9, c.op(s)))...))
		if (got != want) != c.counts {
			t.Errorf("kind %d, %s:\n%s\nbefore\n%s", c.kind, c.name, got, want)
		}
	}
}

func erase(log oplog.Log, seq uint64) *Erase {
	return &Erase{Targets: []Target{{Log: log.ID(), Seq: seq}}}
}

func TestRoles(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	// A demotion below those who post ends the logs at its cut, and a promotion opens new ones.
	demote := s.write(0, 0, 4, s.setRole(1, Reader, s.cutAt(1, 0, content, 2)))
	state := s.fold(add, demote)
	old := s.log(1, 0, content)
	if state.Role(person(1)) != Reader || !state.MayWrite(person(1), old, 2) || state.MayWrite(person(1), old, 3) || state.MayWrite(person(1), s.log(1, 1, content), 1) {
		t.Error("a reader may write, or what they wrote before is gone")
	}
	if !state.MayWrite(person(1), s.log(1, 0, control), 1) {
		t.Error("a reader cannot leave")
	}
	if _, may := state.TenureFor(person(1), Writer); may {
		t.Error("a reader has a right to post")
	}
	careless := s.write(0, 0, 5, s.setRole(1, Writer))
	if state := s.fold(add, demote, careless); state.Role(person(1)) != Reader {
		t.Error("a promotion that had not heard of the demotion beats it")
	}
	promote := s.write(0, 0, 6, &SetRole{Person: person(1), Role: Writer, After: s.fold(add, demote, careless).After(Writer, person(1))})
	state = s.fold(add, demote, careless, promote)
	if state.Role(person(1)) != Writer || state.MayWrite(person(1), old, 3) {
		t.Error("promoted again: not, or the old log goes on")
	}
	s.as(1, promote)
	if !state.MayWrite(person(1), s.log(1, 0, content), 1) {
		t.Error("no new log may begin")
	}
}

// Who is no admin any more loses what they did with power beyond the cut, and no post.
func TestDemotedAdmin(t *testing.T) {
	s := newGroup(t, 5)
	admin := s.add(1, 1)
	admin.Role = Admin
	base := []oplog.Verified{s.write(0, 0, 2, admin), s.write(1, 0, 3, s.add(2, 1)), s.write(1, 0, 4, s.add(3, 1))}
	demote := s.write(0, 0, 5, s.setRole(1, Writer, s.cutAt(1, 0, control, 1)))
	state := s.fold(append(base, demote)...)
	if state.Role(person(1)) != Writer || state.Role(person(2)) != Writer || state.Role(person(3)) != Writer {
		t.Error("a writer brings in others in this group, cut or not")
	}
	remove := s.write(1, 0, 6, s.remove(2))
	state = s.fold(append(base, demote, remove)...)
	if state.Role(person(2)) != Writer || !state.MayWrite(person(1), s.log(1, 0, control), 3) || !state.MayWrite(person(1), s.log(1, 0, content), 100) {
		t.Error("an admin who was demoted removes people, or cannot write as others")
	}
	if state = s.fold(append(base, remove)...); state.Role(person(2)) != 0 {
		t.Error("the case tests nothing")
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
	log := s.log(1, 0, content)
	if !state.MayWrite(person(1), log, 3) || state.MayWrite(person(1), log, 4) || state.MayWrite(person(1), s.log(1, 1, content), 1) {
		t.Error("the content lane does not end where the leave says")
	}
	if !state.MayWrite(person(1), s.log(1, 6, control), 9) {
		t.Error("a leave refuses operations, so that homes could hold different ones")
	}
	// Of two devices that leave at once both have left, whatever either says of the other's log.
	two := []oplog.Verified{s.write(1, 7, 8, &Leave{}), s.write(1, 8, 8, &Leave{})}
	if state := s.fold(append(two, add)...); state.Role(person(1)) != 0 || len(state.Out()) != 2 {
		t.Error("two leaves")
	}
	// Added again, and gone again.
	again := s.write(0, 0, 8, s.addAfter(1, 1, leave))
	if state := s.fold(add, leave, again); state.Role(person(1)) != Writer || state.MayWrite(person(1), log, 4) {
		t.Error("not back, or in the old log")
	}
	s.as(1, again)
	second := s.write(1, 0, 9, &Leave{})
	if state := s.fold(add, leave, again, second); state.Role(person(1)) != 0 {
		t.Error("cannot leave a second time")
	}
}

// Somebody who leaves more often than they have devices does not fill the rotations of others.
func TestManyLeaves(t *testing.T) {
	s := newScene(t, 2, HistoryAll)
	entries := []oplog.Verified{s.write(0, 0, 2, s.add(1, 1))}
	for i := range 200 {
		entries = append(entries, s.write(1, 1+i%3, uint64(3+i), &Leave{}))
	}
	if out := len(s.fold(entries...).Out()); out != tenure.MaxOwn {
		t.Errorf("%d departures of one person", out)
	}
}

// A removal is not weakened by a leave, whatever that names and wherever it stands.
func TestALeaveWeakensNoRemoval(t *testing.T) {
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
	if last, ended := s.fold(add, leave, remove).End(person(1), s.log(1, 0, content)); !ended || last != 4 {
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
		s.write(1, 4, 5, erase(s.log(1, 0, content), 1)),
	}
	want := describe(s, s.fold(append(base, remove)...))
	if got := describe(s, s.fold(append(append(base, remove), late...)...)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := s.fold(append(base, late...)...); len(got.Epochs()) != 3 {
		t.Error("the case tests nothing: before the removal the late operations count")
	}
}

// Two admins who remove one another: the senior stays, and what the junior did within the cut holds.
func TestAdminsRemoveOneAnother(t *testing.T) {
	s := newGroup(t, 5)
	admin := func(n int) *Add {
		op := s.add(n, 1)
		op.Role = Admin
		return op
	}
	base := []oplog.Verified{s.write(0, 0, 2, admin(1)), s.write(0, 0, 3, admin(2)), s.write(2, 0, 4, s.add(3, 1)), s.write(2, 0, 5, s.add(4, 1))}
	state := s.fold(append(base, s.write(2, 0, 6, s.remove(1)), s.write(1, 0, 6, s.remove(2, s.cutAt(2, 0, control, 1))))...)
	for n, want := range []Role{OwnerRole, Admin, 0, Writer, 0} {
		if got := state.Role(person(n)); got != want {
			t.Errorf("person %d: role %d, want %d", n, got, want)
		}
	}
}

// The new owner outranks everybody, and the old one is an admin still.
func TestHandOver(t *testing.T) {
	s := newGroup(t, 4)
	admin := s.add(1, 1)
	admin.Role = Admin
	base := []oplog.Verified{s.write(0, 0, 2, admin), s.write(0, 0, 3, s.add(2, 1))}
	hand := s.write(0, 0, 4, &HandOver{Person: person(2)})
	second := s.write(0, 1, 5, &HandOver{Person: person(3), Cut: []CutPoint{s.cutAt(0, 0, control, 3)}}) // of another device, at the same time
	state := s.fold(append(base, hand, second)...)
	owner := 2
	if second.Seq() < hand.Seq() {
		owner = 3
	}
	if state.Role(person(owner)) != OwnerRole || state.Role(person(0)) != Admin || state.Role(person(1)) != Admin {
		t.Fatalf("roles %v", state.Members())
	}
	state = s.fold(append(base, hand)...)
	if _, may := state.TenureFor(person(0), OwnerRole); may || state.Suffices(person(0), s.log(0, 0, control), 9, Reader) {
		t.Error("the old owner still has the seat")
	}
	s.as(2, hand)
	remove := s.write(2, 0, 6, s.remove(1))
	old := s.write(2, 0, 7, s.remove(0))
	state = s.fold(append(base, hand, remove, old)...)
	if state.Role(person(1)) != 0 || state.Role(person(0)) != 0 || state.Role(person(2)) != OwnerRole {
		t.Errorf("the new owner does not outrank all: %v", state.Members())
	}
	// An earlier removal of the new owner has to be overridden.
	removed := s.write(0, 0, 8, s.remove(3))
	for _, overrides := range []bool{false, true} {
		op := &HandOver{Person: person(3), Cut: []CutPoint{s.cutAt(0, 0, control, 9)}}
		if overrides {
			op.After = s.fold(append(base, removed)...).After(OwnerRole, person(3), person(0))
		}
		if state := s.fold(append(base, removed, s.write(0, 2, 9, op))...); (state.Role(person(3)) == OwnerRole) != overrides || state.Role(person(0)) != Admin {
			t.Errorf("overrides %v: %v", overrides, state.Members())
		}
	}
}

func TestErase(t *testing.T) {
	for _, s := range scenes(t, 5) {
		group := s.create.Kind == Group
		first := s.add(1, 1)
		if group {
			first.Role = Admin
		}
		base := []oplog.Verified{s.write(0, 0, 2, s.add(2, 1)), s.write(0, 0, 3, first), s.write(0, 0, 4, s.add(3, 1))}
		for _, c := range []struct {
			by, author int
			ok         bool
		}{{2, 2, true}, {2, 3, false}, {2, 0, false}, {0, 1, true}, {0, 0, true}, {1, 3, group}, {1, 2, group}, {1, 0, false}, {3, 1, false}, {4, 3, false}} {
			target := s.log(c.author, 0, content)
			state := s.fold(append(slices.Clone(base), s.write(c.by, 9, 5, erase(target, 3)))...)
			if state.Erased(person(c.author), target, 3, oplog.EntryID{}) != c.ok {
				t.Errorf("kind %d: person %d erases what person %d wrote: want %v", s.create.Kind, c.by, c.author, c.ok)
			}
			if state.Erased(person(c.author), target, 2, oplog.EntryID{}) || state.Erased(person(c.author), s.log(c.author, 1, content), 3, oplog.EntryID{}) ||
				state.Erased(person(c.author), target, 3, oplog.EntryID{1}) {
				t.Error("another place is erased")
			}
		}
	}
}

// After a close nobody is to write; what others wrote before they heard of it still counts, so that all hold the same.
func TestClose(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	add := s.write(0, 0, 2, s.add(1, 1))
	shut := s.write(0, 0, 3, &Close{})
	state := s.fold(add, shut, s.write(1, 0, 4, rotate(1, nil, 0, 1)))
	if !state.Closed || state.Role(person(1)) != Writer || len(state.Epochs()) != 1 {
		t.Error("not closed, or something does not count")
	}
}

func TestBoundOfMembers(t *testing.T) {
	s := newScene(t, 1, HistoryAll)
	var entries []oplog.Verified
	for i := range MaxMembers + 10 {
		id := key.PersonID{byte(i), byte(i >> 8), 1}
		entries = append(entries, s.write(0, 0, uint64(i+2), &Add{Person: id, Role: Writer}))
	}
	state := s.fold(entries...)
	if got := len(state.Members()); got != MaxMembers || state.Role(key.PersonID{0, 0, 1}) == 0 {
		t.Errorf("%d members, or not the first", got)
	}
}

func TestMentioned(t *testing.T) {
	s := newScene(t, 5, HistoryAll)
	entries := []oplog.Verified{
		s.begin, s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(1, 1)), s.write(1, 0, 4, s.add(2, 1)),
		s.write(0, 0, 5, s.remove(1)), s.write(0, 0, 6, rotate(1, nil, 0, 7)), s.write(0, 0, 7, s.setRole(3, Reader)),
		s.write(0, 0, 8, &HandOver{Person: person(4)}), s.begin.WithoutPayload(), {},
	}
	got := new(Folder).Mentioned(entries)
	if !slices.Equal(got, []key.PersonID{person(0), person(1), person(2), person(3), person(4)}) {
		t.Errorf("mentioned %v", got)
	}
}

func TestLists(t *testing.T) {
	s := newGroup(t, 5)
	var entries []oplog.Verified
	for n, role := range map[int]Role{4: Writer, 2: Writer, 3: Admin, 1: Reader} {
		entries = append(entries, s.write(0, 0, uint64(n+1), &Add{Person: person(n), Role: role}))
	}
	state := s.fold(append(entries, s.write(0, 0, 9, s.remove(4)))...)
	var order []int
	for _, m := range state.Members() {
		order = append(order, int(m.Person[0]-0x70))
	}
	if !slices.Equal(order, []int{0, 3, 2, 1}) || len(state.People()) != 5 {
		t.Errorf("members %v of %d people", order, len(state.People()))
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

// A folder that remembers comes to the same as one that does not, and forgets what is not there any more.
func TestFolderRemembers(t *testing.T) {
	s := newScene(t, 3, HistoryAll)
	entries := []oplog.Verified{s.begin, s.write(0, 0, 2, s.add(1, 1)), s.put(s.log(0, 0, control), 0, 3, oplog.Draft{Kind: oplog.KindControl, Payload: oplog.Plain([]byte("junk"))})}
	more := append(slices.Clone(entries), s.write(0, 0, 4, s.add(2, 1)), s.write(0, 0, 5, s.remove(1)))
	var f Folder
	for _, list := range [][]oplog.Verified{entries, more, more, entries, {entries[0].WithoutPayload(), entries[1]}, entries} {
		if got, want := describe(s, f.Fold(s.id, list, s.speaks)), describe(s, Fold(s.id, list, s.speaks)); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		f.Keep(list)
		if len(f.decoded) > len(list) {
			t.Errorf("%d operations of %d entries are remembered", len(f.decoded), len(list))
		}
	}
}

// A large, old space: 300 members, 50 removals, 50 rotations for everybody. "again" is what each further operation costs.
func BenchmarkFold(b *testing.B) {
	s := newScene(b, 1, HistoryAll)
	var entries []oplog.Verified
	people := make([]EpochReader, 300)
	for i := range people {
		people[i] = EpochReader{Person: key.PersonID{byte(i), byte(i >> 8), 1}, Generation: 1}
		entries = append(entries, s.write(0, 0, uint64(i+2), &Add{Person: people[i].Person, Role: Writer, Generation: 1}))
	}
	var out []oplog.Verified
	for i := range 50 {
		op := knowing(rotate(i, nil, 0), out...)
		op.For = append(op.For, people[i:]...)
		entries = append(entries, s.write(0, 0, uint64(1000+2*i), op))
		out = append(out, s.write(0, 0, uint64(1001+2*i), &Remove{Person: people[i].Person}))
	}
	entries = append(append(entries, out...), s.begin)
	check := func(b *testing.B, state *State) {
		if len(state.Epochs()) != 50 || len(state.Members()) != 251 {
			b.Fatal("folded to something else")
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			check(b, Fold(s.id, entries, s.speaks))
		}
	})
	b.Run("again", func(b *testing.B) {
		var f Folder
		for b.Loop() {
			check(b, f.Fold(s.id, entries, s.speaks))
		}
	})
}
