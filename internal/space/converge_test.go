package space

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/tenure"
	"kith/internal/tenure/oracle"
)

const incarnations = 2

// describe writes everything that a state says about the people of a scene, for comparing.
func describe(s *scene, state *State) string {
	if state == nil {
		return "no space"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "closed %v", state.Closed)
	for n := range s.devices {
		name, may := state.TenureFor(person(n), Writer)
		fmt.Fprintf(&out, "\nperson %d: role %d writes under %x %v", n, state.Role(person(n)), name, may)
		for _, t := range state.of[person(n)] {
			fmt.Fprintf(&out, "\n  %d: %x role %d now %d ends", t.Rank, t.Grant[:4], t.Role, t.Now())
			for lane := oplog.Control; lane <= oplog.Content; lane++ {
				for i := range incarnations {
					log := oplog.Log{Space: s.id, Device: s.devices[n].ID(), Lane: lane}
					copy(log.Incarnation[:], t.Name[:])
					log.Incarnation[8] = byte(i)
					last, ended := state.End(person(n), log)
					fmt.Fprintf(&out, " %d.%d:%v:%d", lane, i, ended, last)
					for seq := uint64(1); seq <= 3; seq++ {
						if state.Erased(person(n), log, seq, oplog.EntryID{}) {
							fmt.Fprintf(&out, " erased %d", seq)
						}
					}
				}
			}
		}
	}
	fmt.Fprintf(&out, "\nout %x", state.Out())
	for _, e := range state.Epochs() {
		fmt.Fprintf(&out, "\nepoch %.2x by %.2x rank %d for %d", e.Rotate.Epoch[0], e.Author[0], e.by.Rank, len(e.For))
	}
	for _, e := range state.Open(one) {
		fmt.Fprintf(&out, "\nopen %.2x", e.Rotate.Epoch[0])
	}
	return out.String()
}

// drawHistory makes operations of the owner, admins, members and strangers, under tenures that they have, had or never had,
// with Lamport times, cuts, overrides and targets of their choice, and content entries in between.
func drawHistory(rt *rapid.T, s *scene) []oplog.Verified {
	s.restart()
	people := len(s.devices)
	number := func(from, to int, name string) int { return rapid.IntRange(from, to).Draw(rt, name) }
	var entries, enders []oplog.Verified
	grants := map[int][]tenure.Name{0: {{}}}
	for n := 1; n < people-1; n++ {
		add := s.add(n, 1)
		if n < 3 && s.create.mostGranted() == Admin {
			add.Role = Admin
		}
		entries = append(entries, s.write(0, 0, uint64(n+1), add))
		grants[n] = append(grants[n], tenure.NameOf(entries[len(entries)-1].ID()))
	}
	cut := func(of int) []CutPoint {
		var list []CutPoint
		for log := range s.heads {
			head := s.heads[log]
			if head.Log.Device == s.devices[of].ID() && number(0, 3, "named") > 0 {
				list = append(list, CutPoint{Log: log, Seq: uint64(number(0, int(head.Seq)+1, "cut"))})
			}
		}
		slices.SortFunc(list, func(a, b CutPoint) int { return bytes.Compare(a.Log[:], b.Log[:]) })
		return list
	}
	some := func(list []oplog.Verified) (ids []oplog.EntryID) {
		for _, e := range list {
			if number(0, 1, "overrides") == 0 {
				ids = append(ids, e.ID())
			}
		}
		return ids
	}
	for range number(4, 20, "operations") {
		author := number(0, people-1, "author")
		if number(0, 2, "owner") == 0 {
			author = 0
		}
		if names := grants[author]; len(names) > 0 {
			s.names[author] = names[number(0, len(names)-1, "as")]
		}
		incarnation, lamport, target := number(0, incarnations-1, "incarnation"), uint64(number(1, 20, "lamport")), number(0, people-1, "target")
		role := Role(number(1, 4, "role"))
		var op Operation
		switch kind := number(0, 12, "kind"); kind {
		case 0, 1:
			op = &Add{Person: person(target), Role: role, Generation: uint64(number(1, 2, "generation")), After: some(enders)}
		case 2, 3:
			op = s.remove(target, cut(target)...)
		case 4:
			op = &SetRole{Person: person(target), Role: role, Cut: cut(target), After: some(enders)}
		case 5, 6:
			op = &Leave{Cut: append(cut(author), cut(target)...)}
		case 7, 8, 9:
			var parents, readers []int
			for n := range 4 {
				if number(0, 3, "parent") == 0 {
					parents = append(parents, n)
				}
			}
			for n := range people {
				if n == 0 || number(0, 2, "reader") > 0 {
					readers = append(readers, n)
				}
			}
			var known []oplog.Verified
			for _, e := range enders {
				if number(0, 3, "knows") > 0 {
					known = append(known, e)
				}
			}
			op = knowing(rotate(number(4, 9, "epoch"), parents, readers...), known...)
		case 10:
			op = &Erase{Targets: []Target{{Log: s.log(target, 0, content).ID(), Seq: uint64(number(1, 3, "seq"))}}}
		case 11:
			op = &HandOver{Person: person(target), Cut: cut(author), After: some(enders)}
		default:
			if number(0, 9, "rare") == 0 {
				op = []Operation{&Close{}, s.create, &Remove{Person: person(target)}}[number(0, 2, "which")]
			} else {
				entries = append(entries, s.say(author, incarnation, lamport))
				continue
			}
		}
		entry := s.write(author, incarnation, lamport, op)
		entries = append(entries, entry)
		switch op.(type) {
		case *Add, *SetRole:
			grants[target] = append(grants[target], tenure.NameOf(entry.ID()))
		case *HandOver:
			grants[target] = append(grants[target], tenure.NameOf(entry.ID()))
			grants[author] = append(grants[author], tenure.NameOf(entry.ID()))
		}
		switch op.(type) {
		case *Remove, *SetRole, *Leave, *HandOver:
			enders = append(enders, entry)
		}
	}
	return entries
}

// plain is the rule as package oracle reads it, on a table of rights of its own.
func plain(s *scene, entries []oplog.Verified) *oracle.Verdict[key.PersonID] {
	var ops []tenure.Op[key.PersonID]
	for _, e := range entries {
		by, known := s.speaks(e.Log().Device, e.LogID(), e.Seq())
		if !known || e.Header().Kind != oplog.KindControl {
			continue
		}
		payload, err := Decode(e.Payload())
		if err != nil {
			s.t.Fatal(err)
		}
		walls := s.create.Kind == Wall
		govern := map[bool]uint64{true: 4, false: 3}[walls]
		o := tenure.Op[key.PersonID]{ID: e.ID(), Log: e.LogID(), Seq: e.Seq(), Author: by, Under: tenure.Under(e.Log()), Needs: 1}
		grant := tenure.Grant[key.PersonID]{Name: tenure.Name(o.ID[:8])}
		switch op := payload.(type) {
		case *Add:
			grant.Subject, grant.Role, grant.After = op.Person, uint64(op.Role), op.After
			o.Grants = append(o.Grants, grant)
			o.Needs = max(uint64(s.create.Invite), uint64(op.Role))
			if op.Role == OwnerRole || walls && op.Role > Writer {
				continue
			}
		case *SetRole:
			grant.Subject, grant.Role, grant.After = op.Person, uint64(op.Role), op.After
			o.Grants = append(o.Grants, grant)
			o.End = &tenure.End[key.PersonID]{Subject: op.Person, Cap: uint64(op.Role), Cut: op.Cut}
			o.Needs = govern
			if op.Role == OwnerRole || walls && op.Role > Writer {
				continue
			}
		case *Remove:
			o.Needs, o.End = govern, &tenure.End[key.PersonID]{Subject: op.Person, Cut: op.Cut}
		case *Leave:
			o.End = &tenure.End[key.PersonID]{Subject: by, Own: true, Cut: op.Cut}
		case *HandOver:
			if walls || op.Person == by {
				continue
			}
			o.Needs, o.Once, o.End = 4, true, &tenure.End[key.PersonID]{Subject: by, Own: true, Cut: op.Cut}
			grant.After = op.After
			grant.Subject, grant.Role = by, 3
			o.Grants = append(o.Grants, grant)
			grant.Subject, grant.Role, grant.Seat = op.Person, 4, true
			o.Grants = append(o.Grants, grant)
		case *Rotate:
			o.Needs = uint64(s.create.Post)
		case *Close:
			o.Needs = 4
		}
		ops = append(ops, o)
	}
	root := tenure.Grant[key.PersonID]{Subject: s.create.Owner, Role: 4}
	return oracle.Fold(root, ops, tenure.Bounds{Subjects: MaxMembers}, oracle.None)
}

// compare tells where a state is not what the oracle says; "" if nowhere.
func compare(s *scene, state *State, v *oracle.Verdict[key.PersonID]) string {
	if v == nil {
		return "the oracle finds no end"
	}
	roles, count := map[key.PersonID]Role{}, 0
	for _, r := range v.Tenures {
		roles[r.Subject] = max(roles[r.Subject], Role(r.Now))
	}
	for n := range s.devices {
		count += len(state.of[person(n)])
		if roles[person(n)] != state.Role(person(n)) {
			return fmt.Sprintf("person %d has role %d and not %d", n, state.Role(person(n)), roles[person(n)])
		}
	}
	var out []EnderID
	for id := range v.Applying {
		out = append(out, enderID(id))
	}
	slices.SortFunc(out, func(a, b EnderID) int { return bytes.Compare(a[:], b[:]) })
	if count != len(v.Tenures) || !slices.Equal(out, state.Out()) {
		return fmt.Sprintf("%d tenures and not %d, out %x and not %x", count, len(v.Tenures), state.Out(), out)
	}
	for _, e := range state.Epochs() {
		if !v.Counts[e.Entry] {
			return fmt.Sprintf("epoch %v counts", e.Rotate.Epoch)
		}
	}
	return ""
}

// scenes are a wall and a group.
func scenes(t *testing.T, people int) []*scene {
	return []*scene{newScene(t, people, HistoryAll), newGroup(t, people)}
}

// The same operations give the same state in any order, whether or not what is beyond a cut is among them; and it is
// the state that a plain reading of the rules gives.
func TestFoldConverges(t *testing.T) {
	for _, s := range scenes(t, 5) {
		histories, out, beyond, epochs, admins := 0, 0, 0, 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			entries := drawHistory(rt, s)
			state := s.fold(entries...)
			want := describe(s, state)
			shuffled := append([]oplog.Verified{s.begin}, entries...)
			for range 3 {
				rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				if got := describe(s, Fold(s.id, shuffled, s.speaks)); got != want {
					rt.Fatalf("shuffled:\n%s\nwant\n%s", got, want)
				}
			}
			kept := keptBy(s, state, entries)
			beyond += len(entries) - len(kept)
			if got := describe(s, s.fold(kept...)); got != want {
				rt.Fatalf("without what is beyond the ends:\n%s\nwant\n%s", got, want)
			}
			if wrong := compare(s, state, plain(s, entries)); wrong != "" {
				rt.Fatalf("%s:\n%s", wrong, want)
			}
			histories++
			epochs += len(state.Epochs())
			out += len(state.Out())
			for _, m := range state.Members() {
				if m.Role == Admin {
					admins++
				}
			}
		})
		if out < histories/4 || beyond < histories/2 || epochs < histories/8 || s.create.Kind == Group && admins < histories {
			t.Errorf("in %d histories only %d departures, %d entries beyond, %d epochs, %d admins", histories, out, beyond, epochs, admins)
		}
	}
}

func keptBy(s *scene, state *State, entries []oplog.Verified) []oplog.Verified {
	var kept []oplog.Verified
	for _, e := range entries {
		by, _ := s.speaks(e.Log().Device, e.LogID(), e.Seq())
		if state.MayWrite(by, e.Log(), e.Seq()) {
			kept = append(kept, e)
		}
	}
	return kept
}

// home is a store that takes what its state allows and drops what has ended, as every home does.
type home struct {
	s       *scene
	entries []oplog.Verified
	ids     map[oplog.EntryID]bool
}

func newHome(s *scene) *home {
	return &home{s, []oplog.Verified{s.begin}, map[oplog.EntryID]bool{s.begin.ID(): true}}
}

func (h *home) state() *State { return Fold(h.s.id, h.entries, h.s.speaks) }

// offer takes entries in the order given and reports whether anything changed.
func (h *home) offer(entries []oplog.Verified) bool {
	changed := false
	for _, e := range entries {
		if h.ids[e.ID()] || len(keptBy(h.s, h.state(), []oplog.Verified{e})) == 0 {
			continue
		}
		changed = true
		h.entries = append(h.entries, e)
		for before := 0; before != len(h.entries); {
			before = len(h.entries)
			h.entries = keptBy(h.s, h.state(), h.entries)
		}
		h.ids = make(map[oplog.EntryID]bool)
		for _, held := range h.entries {
			h.ids[held.ID()] = true
		}
	}
	return changed
}

// Two homes that hear of the same operations in different orders, one by one, refusing and dropping as they go, hold
// the same entries in the end. Without that, their digests would differ for ever.
func TestStoresConverge(t *testing.T) {
	for _, s := range scenes(t, 4) {
		dropped := 0
		rapid.Check(t, func(rt *rapid.T) {
			entries := drawHistory(rt, s)
			want := describe(s, s.fold(entries...))
			homes := []*home{newHome(s), newHome(s)}
			for round, changed := 0, true; changed; round++ {
				changed = false
				for _, h := range homes {
					rand.Shuffle(len(entries), func(a, b int) { entries[a], entries[b] = entries[b], entries[a] })
					changed = h.offer(entries) || changed
				}
				if round > 2*len(entries) {
					rt.Fatal("the homes go on for ever")
				}
			}
			if len(homes[0].entries) != len(homes[1].entries) {
				rt.Fatalf("one holds %d entries, the other %d", len(homes[0].entries), len(homes[1].entries))
			}
			for _, e := range homes[0].entries {
				if !homes[1].ids[e.ID()] {
					rt.Fatal("the homes hold different entries")
				}
			}
			for _, h := range homes {
				if got := describe(s, h.state()); got != want {
					rt.Fatalf("%s\nand\n%s", got, want)
				}
			}
			dropped += 1 + len(entries) - len(homes[0].entries)
		})
		if dropped < atLeast(50) {
			t.Errorf("only %d entries were refused", dropped)
		}
	}
}

// atLeast is how many cases of a kind a whole run has to meet, fewer where it is shortened.
func atLeast(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
