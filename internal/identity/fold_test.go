package identity

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

func TestBegin(t *testing.T) {
	root, d := testRoot(t), testDevice(t, 1)
	entries, personKey, err := Begin(root, d, testTime)
	if err != nil || len(entries) != 1 {
		t.Fatal(err)
	}
	run, err := oplog.RunOf(entries)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := oplog.Verify(&run, oplog.EntryID{})
	if err != nil {
		t.Fatal(err)
	}
	p := Fold(root.Person(), verified)
	if p == nil || p.ID != root.Person() || p.Root != root.ID() || p.Recovery != root.Network() || !bytes.Equal(p.RootSeal, root.SealPublic()) {
		t.Fatalf("%+v", p)
	}
	if p.Generation() != 1 || !bytes.Equal(p.SealPublic(1), personKey.SealPublic()) || p.SealPublic(0) != nil || p.SealPublic(2) != nil {
		t.Error("the person key is another")
	}
	device, ok := p.Device(d.ID())
	if !ok || device.Removed || device.Network != d.Peer() || !bytes.Equal(device.Seal, d.SealPublic()) || len(p.Devices()) != 1 {
		t.Errorf("device %+v", device)
	}
	if !p.MayWrite(d.ID(), oplog.LogID{1}, 99) || p.MayWrite(root.ID(), oplog.LogID{1}, 1) || p.MayWrite(testDevice(t, 10).ID(), oplog.LogID{1}, 1) {
		t.Error("another may write than the device")
	}
	keys, err := p.OpenKeys(d)
	if err != nil || len(keys) != 1 || !bytes.Equal(keys[0].SealPublic(), personKey.SealPublic()) {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if _, err := p.OpenKeys(testDevice(t, 10)); err == nil {
		t.Error("a stranger opens the person key")
	}
}

func TestFoldNeedsTheFounding(t *testing.T) {
	s := newScene(t, 2)
	if Fold(s.person, nil) != nil || s.fold(s.write(0, 0, 1, s.add(1, 1))) != nil {
		t.Error("a person without a founding")
	}
	if s.fold(oplog.Verified{}) != nil {
		t.Error("a person out of nothing")
	}
	// The founding counts in a log of the root alone, and for the person named after it.
	if s.fold(s.write(0, 0, 1, s.found(0))) != nil {
		t.Error("founded by a device")
	}
	if Fold(key.PersonID{1}, []oplog.Verified{s.write(-1, 0, 1, s.found(0))}) != nil {
		t.Error("founded for another person")
	}
}

func TestAddAndRemove(t *testing.T) {
	s := newScene(t, 4)
	found := s.write(-1, 0, 1, s.found(0))
	add1 := s.write(0, 0, 2, s.add(1, 1))
	add2 := s.write(1, 0, 3, s.add(2, 1))
	p := s.fold(found, add1, add2)
	if got := s.speaking(p); !slices.Equal(got, []int{0, 1, 2}) {
		t.Fatalf("devices %v", got)
	}
	remove := s.write(0, 0, 4, s.remove(1, 2, s.cutAt(1, 0, 1), s.cutAt(1, 5, 7)))
	p = s.fold(found, add1, add2, remove)
	if got := s.speaking(p); !slices.Equal(got, []int{0, 2}) || p.Generation() != 2 {
		t.Fatalf("devices %v, generation %d", got, p.Generation())
	}
	id := s.devices[1].ID()
	for _, c := range []struct {
		log oplog.LogID
		seq uint64
		ok  bool
	}{
		{s.log(1, 0).ID(), 1, true}, {s.log(1, 0).ID(), 2, false},
		{s.log(1, 5).ID(), 7, true}, {s.log(1, 5).ID(), 8, false},
		{s.log(1, 9).ID(), 1, false},
	} {
		if p.MayWrite(id, c.log, c.seq) != c.ok {
			t.Errorf("entry %d of log %v: want %v", c.seq, c.log, c.ok)
		}
	}
	if device, ok := p.Device(id); !ok || !device.Removed {
		t.Error("a removed device is forgotten")
	}
	// Who was removed does not come back under the same key.
	back := s.write(0, 0, 9, s.add(1, 2))
	if got := s.speaking(s.fold(found, add1, add2, remove, back)); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("devices %v", got)
	}
	// A device that was let in with an old person key lacks the newest until somebody hands it on.
	lacking := func(p *Person) (list []int) {
		for _, d := range p.Lacking() {
			for n := range s.devices {
				if s.devices[n].ID() == d.Device {
					list = append(list, n)
				}
			}
		}
		return list
	}
	remove = s.write(0, 3, 4, &RemoveDevice{Device: s.devices[1].ID(), Key: s.generation(2, 0, 2)})
	stale, fresh := s.write(0, 0, 10, s.add(3, 1)), s.write(0, 0, 11, s.add(3, 2))
	if p := s.fold(found, add1, add2, remove, stale); !slices.Contains(s.speaking(p), 3) || !slices.Equal(lacking(p), []int{3}) {
		t.Errorf("added with an old person key: devices %v, lacking %v", s.speaking(p), lacking(p))
	}
	if p := s.fold(found, add1, add2, remove, stale, fresh); len(lacking(p)) != 0 || p.Exposed() {
		t.Errorf("the newest key was handed on: lacking %v", lacking(p))
	}
	if p := s.fold(found, add1, add2, remove, stale, fresh, s.write(0, 0, 12, s.remove(3, 9))); !p.Exposed() {
		t.Error("a removed device has the newest key, and that goes unnoticed")
	}
}

func TestWhoOutranksWhom(t *testing.T) {
	for name, c := range map[string]struct {
		author, target int
		ok             bool
	}{
		"the root the first":       {-1, 0, true},
		"the root the last":        {-1, 2, true},
		"an older a younger":       {0, 1, true},
		"the first the last":       {0, 2, true},
		"a younger an older":       {1, 0, false},
		"the last the one before":  {2, 1, false},
		"itself":                   {1, 1, false},
		"a stranger the last":      {3, 2, false},
		"the root a stranger":      {-1, 3, false},
		"a stranger, the stranger": {3, 3, false},
	} {
		s := newScene(t, 4)
		entries := []oplog.Verified{
			s.write(-1, 0, 1, s.found(0)), s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1)),
			s.write(c.author, 7, 9, s.remove(c.target, 2, s.cutAt(c.target, 0, 2))),
		}
		got := s.speaking(s.fold(entries...))
		if slices.Contains([]int{0, 1, 2}, c.target) && slices.Contains(got, c.target) == c.ok || len(got) < 2 {
			t.Errorf("%s: devices %v", name, got)
		}
		// The key changes whoever wants it to, so that one who outranks the others can resign.
		if generation := s.fold(entries...).Generation(); (generation == 2) != (c.author < 3) {
			t.Errorf("%s: generation %d", name, generation)
		}
	}
}

// A stolen device that hears of its removal writes as if it had acted before, with a Lamport time of its choice. Beyond
// the cut that counts for nothing, and it makes no difference whether a home took the entry before it heard.
func TestBackdatingDoesNotHelp(t *testing.T) {
	s := newScene(t, 4)
	found := s.write(-1, 0, 1, s.found(0))
	add1 := s.write(0, 0, 2, s.add(1, 1))
	add2 := s.write(0, 0, 3, s.add(2, 1))
	known := s.write(1, 0, 5, s.add(1, 1)) // changes nothing: an entry within the cut, so that there is something
	remove := s.write(0, 0, 100, s.remove(1, 2, s.cutAt(1, 0, 1)))
	late := []oplog.Verified{
		s.write(1, 0, 6, s.add(3, 1)),                                 // beyond the cut in its log
		s.write(1, 1, 4, s.add(3, 1)),                                 // in a log that the removal does not name
		s.write(1, 1, 7, s.remove(2, 2)),                              // against a junior
		s.write(1, 2, 8, s.remove(2, 2, s.cutAt(2, 0, oplog.MaxSeq))), // with a cut to its liking
	}
	without := s.fold(found, add1, add2, known, remove)
	with := s.fold(append([]oplog.Verified{found, add1, add2, known, remove}, late...)...)
	if got := s.speaking(with); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("devices %v", got)
	}
	if a, b := describe(without), describe(with); a != b {
		t.Errorf("entries beyond the cut change the person:\n%s\n%s", a, b)
	}
	// Before the home heard of the removal, all of it counted.
	if got := s.speaking(s.fold(append([]oplog.Verified{found, add1, add2, known}, late...)...)); slices.Contains(got, 2) || !slices.Contains(got, 3) {
		t.Errorf("the case tests nothing: devices %v", got)
	}
}

// Two removals at the same time both count, and the lesser cut of each log; of the two person keys the first counts,
// and a removal may be repeated to make another.
func TestRemovalsAtTheSameTime(t *testing.T) {
	s := newScene(t, 4)
	entries := []oplog.Verified{
		s.write(-1, 0, 1, s.found(0)), s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1)), s.write(0, 0, 4, s.add(3, 1)),
		s.write(-1, 0, 10, s.remove(2, 2, s.cutAt(2, 0, 5), s.cutAt(2, 1, 3))),
		s.write(0, 0, 10, s.remove(3, 2)),
		s.write(1, 0, 11, s.remove(2, 2, s.cutAt(2, 0, 4), s.cutAt(2, 1, 9), s.cutAt(2, 2, 1))),
	}
	p := s.fold(entries...)
	if got := s.speaking(p); !slices.Equal(got, []int{0, 1}) || p.Generation() != 2 {
		t.Fatalf("devices %v, generation %d", got, p.Generation())
	}
	for incarnation, want := range []uint64{4, 3, 0} { // a log that one of them does not name has ended before it began
		if last, ended := p.End(s.log(2, incarnation)); !ended || last != want {
			t.Errorf("log %d ends at %d, want %d", incarnation, last, want)
		}
	}
	again := s.write(0, 0, 12, s.remove(3, 3))
	if p := s.fold(append(entries, again)...); p.Generation() != 3 {
		t.Errorf("repeated: generation %d", p.Generation())
	}
}

// Of two devices that remove each other's juniors, and a junior that strikes back, seniority decides.
func TestStrikingBack(t *testing.T) {
	s := newScene(t, 3)
	base := []oplog.Verified{s.write(-1, 0, 1, s.found(0)), s.write(0, 0, 2, s.add(1, 1)), s.write(0, 0, 3, s.add(2, 1))}
	back := s.write(1, 0, 4, s.remove(2, 2)) // by Lamport time before its own removal, and outside of its past
	strike := s.write(0, 0, 5, s.remove(1, 2))
	if got := s.speaking(s.fold(append(base, back, strike)...)); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("devices %v", got)
	}
	// With the entry within the cut, the elder had seen it: then it counts.
	seen := s.write(0, 0, 6, s.remove(1, 3, s.cutAt(1, 0, 1)))
	if got := s.speaking(s.fold(append(base, back, seen)...)); !slices.Equal(got, []int{0}) {
		t.Errorf("devices %v", got)
	}
}

func TestBoundsOfDevices(t *testing.T) {
	s := newScene(t, 0)
	var entries []oplog.Verified
	lamport, generation, removed := uint64(1), uint64(1), 0
	for i := range MaxDevices + 5 {
		s.devices = append(s.devices, key.NewDevice())
		lamport++
		if i == 0 {
			entries = append(entries, s.write(-1, 0, lamport, s.found(0)))
			continue
		}
		entries = append(entries, s.write(-1, 0, lamport, s.add(i, generation)))
		if i == MaxActive+2 {
			if got := len(s.fold(entries...).Devices()); got != MaxActive {
				t.Fatalf("%d devices at a time", got)
			}
		}
		for i > MaxActive+2 && i-removed >= MaxActive-1 {
			lamport, generation = lamport+1, generation+1
			entries = append(entries, s.write(-1, 0, lamport, s.remove(removed, generation)))
			removed++
		}
	}
	p := s.fold(entries...)
	if len(p.devices) != MaxDevices || len(p.Devices()) > MaxActive {
		t.Errorf("%d devices in a lifetime, %d now", len(p.devices), len(p.Devices()))
	}
}

// One device may be a device of two people, if it signs for both: each identity holds it, and neither the other's.
func TestDeviceOfTwoPeople(t *testing.T) {
	a := newScene(t, 2)
	words := key.NewWords()
	b := newScene(t, 2)
	b.root = words.Root()
	b.person = b.root.Person()
	inA := a.fold(a.write(-1, 0, 1, a.found(0)), a.write(0, 0, 2, a.add(1, 1)))
	inB := b.fold(b.write(-1, 0, 1, b.found(1)))
	shared := a.devices[1].ID()
	if !inA.MayWrite(shared, oplog.LogID{}, 1) || !inB.MayWrite(shared, oplog.LogID{}, 1) {
		t.Error("a device that signed for both speaks for one")
	}
	// The certificate made for one does not do for the other.
	stolen := b.found(1)
	stolen.Device = Certify(a.person, a.devices[1])
	if b.fold(b.write(-1, 1, 1, stolen)) != nil {
		t.Error("a certificate made for another person counts")
	}
	// Entries of the one's log are nothing in the other's.
	if Fold(b.person, []oplog.Verified{a.write(-1, 3, 1, a.found(0))}) != nil {
		t.Error("another person's log counts")
	}
}

func TestOtherPayloadsArePassedOver(t *testing.T) {
	s := newScene(t, 2)
	found := s.write(-1, 0, 1, s.found(0))
	junk := s.writePayload(0, 0, 2, []byte("junk"))
	add := s.write(0, 0, 3, s.add(1, 1))
	erased := s.write(0, 0, 4, s.remove(1, 2)).WithoutPayload()
	control, err := oplog.Compose(s.devices[0], oplog.Head{Log: s.log(0, 8)}, 9, testTime, []oplog.Draft{{Kind: oplog.KindControl, Payload: oplog.Plain(add.Payload())}})
	if err != nil {
		t.Fatal(err)
	}
	p := s.fold(found, junk, add, erased, control[0], oplog.Verified{})
	if got := s.speaking(p); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("devices %v", got)
	}
}

// Person keys, for real: a device removed cannot open the next, the others open all of them.
func TestPersonKeysOverARemoval(t *testing.T) {
	root, first, second := testRoot(t), testDevice(t, 1), testDevice(t, 10)
	s := newScene(t, 0)
	s.devices = []*key.Device{first, second}
	entries, one, err := Begin(root, first, testTime)
	if err != nil {
		t.Fatal(err)
	}
	sealTo := func(k *key.PersonKey, to key.SealPublic) []byte {
		sealed, err := k.SealTo(to)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	add := s.add(1, 1)
	add.Key = sealTo(one, second.SealPublic())
	entries = append(entries, s.write(0, 0, 2, add))
	p := s.fold(entries...)
	for _, d := range s.devices {
		if keys, err := p.OpenKeys(d); err != nil || len(keys) != 1 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
	}
	two := key.NewPersonKey(s.person, 2)
	remove := &RemoveDevice{Device: second.ID(), Key: Generation{
		Number: 2, Suite: key.SealSuite, Public: two.SealPublic(), ToRoot: sealTo(two, root.SealPublic()),
		ToDevice: []SealedSeed{{Device: first.ID(), Sealed: sealTo(two, first.SealPublic())}}, Previous: two.SealPrevious(one),
	}}
	entries = append(entries, s.write(0, 0, 3, remove))
	p = s.fold(entries...)
	keys, err := p.OpenKeys(first)
	if err != nil || len(keys) != 2 || !bytes.Equal(keys[0].SealPublic(), one.SealPublic()) || !bytes.Equal(keys[1].SealPublic(), two.SealPublic()) {
		t.Fatalf("%d keys, %v", len(keys), err)
	}
	if keys, err := p.OpenKeys(second); err != nil || len(keys) != 1 {
		t.Errorf("the removed device opens %d keys, %v", len(keys), err)
	}
	fromRoot, err := key.OpenPersonKey(root, s.person, 2, p.SealPublic(2), remove.Key.ToRoot)
	if err != nil || !bytes.Equal(fromRoot.SealPublic(), two.SealPublic()) {
		t.Errorf("the root: %v", err)
	}
	// A previous key that is not the one that was published is noticed.
	remove.Key.Previous = two.SealPrevious(key.NewPersonKey(s.person, 1))
	s.heads = map[oplog.LogID]oplog.Head{}
	wrong := s.write(0, 3, 3, remove)
	if keys, err := s.fold(append(entries[:2:2], wrong)...).OpenKeys(first); err != nil || len(keys) != 2 || !bytes.Equal(keys[0].SealPublic(), one.SealPublic()) {
		t.Errorf("with a wrong previous key, and the first sealed to it too: %d keys, %v", len(keys), err)
	}
	if keys, err := s.fold(append(entries[:2:2], wrong)...).OpenKeys(second); err != nil || len(keys) != 1 {
		t.Errorf("with a wrong previous key, the second: %d keys, %v", len(keys), err)
	}
	// Somebody who hands on nonsense does not shut a device out of what others sealed to it.
	nonsense := s.add(1, 1)
	nonsense.Key = make([]byte, key.SealedSeedSize)
	if keys, err := s.fold(append(entries, s.write(-1, 9, 1, nonsense))...).OpenKeys(second); err != nil || len(keys) != 1 {
		t.Errorf("with nonsense beside: %d keys, %v", len(keys), err)
	}
}

// describe writes everything that a person says, for comparing.
func describe(p *Person) string {
	if p == nil {
		return "nobody"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "root %v recovery %v generations", p.Root, p.Recovery)
	for g := range p.generations {
		fmt.Fprintf(&out, " %d:%d", p.generations[g].Number, len(p.generations[g].ToDevice))
	}
	fmt.Fprintf(&out, " exposed %v", p.Exposed())
	list := make([]*Device, 0, len(p.devices))
	for _, d := range p.devices {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *Device) int { return a.right.Rank - b.right.Rank })
	for _, d := range list {
		fmt.Fprintf(&out, "\n%d %v removed %v seeds", d.right.Rank, d.Device, d.Removed)
		for _, s := range d.seeds {
			fmt.Fprintf(&out, " %d:%x", s.generation, s.sealed[:2])
		}
		for i := range 2 {
			for _, space := range []key.SpaceID{p.ID.IdentitySpace(), {9}} {
				log := oplog.Log{Space: space, Device: d.Device, Lane: oplog.Control}
				log.Incarnation[0] = byte(i)
				last, ended := p.End(log)
				fmt.Fprintf(&out, " %v:%d", ended, last)
			}
		}
	}
	return out.String()
}

// A history drawn at random, most of it hostile: adds and removals by anybody, with Lamport times and cuts of their
// choice.
func drawHistory(rt *rapid.T, s *scene) []oplog.Verified {
	s.heads = make(map[oplog.LogID]oplog.Head)
	entries := []oplog.Verified{s.write(-1, 0, 1, s.found(0))}
	for n := 1; n < 4; n++ {
		entries = append(entries, s.write(rapid.IntRange(-1, n-1).Draw(rt, "host"), 0, uint64(n+1), s.add(n, 1)))
	}
	cut := func(of int) (list []CutPoint) {
		for i := range 2 {
			if rapid.Bool().Draw(rt, "named") {
				list = append(list, s.cutAt(of, i, rapid.Uint64Range(0, 3).Draw(rt, "cut")))
			}
		}
		return list
	}
	for range rapid.IntRange(1, 10).Draw(rt, "operations") {
		author := rapid.IntRange(-1, len(s.devices)-1).Draw(rt, "author")
		incarnation := rapid.IntRange(0, 1).Draw(rt, "incarnation")
		lamport := rapid.Uint64Range(1, 12).Draw(rt, "lamport")
		target := rapid.IntRange(0, len(s.devices)-1).Draw(rt, "target")
		number := rapid.Uint64Range(1, 4).Draw(rt, "number")
		var op Operation
		switch rapid.IntRange(0, 9).Draw(rt, "kind") {
		case 0, 1, 2, 3:
			op = s.add(target, 1)
		case 4:
			op = s.add(target, number)
		case 5:
			op = s.found(target)
		case 6:
			op = &Resign{Cut: cut(author)}
		default:
			op = s.remove(target, max(number, 2), cut(target)...)
			if rapid.Bool().Draw(rt, "sealed to some") {
				op.(*RemoveDevice).Key = s.generation(max(number, 2), 0, target)
			}
		}
		entries = append(entries, s.write(author, incarnation, lamport, op))
	}
	return entries
}

// The same operations give the same person in any order, whether or not entries beyond a cut are among them; and
// the answer is that of a plain fixed point.
func TestFoldConverges(t *testing.T) {
	s := newScene(t, 5)
	histories, removals, beyond := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawHistory(rt, s)
		p := s.fold(entries...)
		want := describe(p)
		shuffled := slices.Clone(entries)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := describe(s.fold(shuffled...)); got != want {
			rt.Fatalf("shuffled:\n%s\nwant\n%s", got, want)
		}
		if got := describe(s.fold(append(shuffled, entries[:len(entries)/2]...)...)); got != want {
			rt.Fatalf("half of it doubled:\n%s\nwant\n%s", got, want)
		}
		kept := keptBy(s, p, entries)
		beyond += len(entries) - len(kept)
		if got := describe(s.fold(kept...)); got != want {
			rt.Fatalf("without what is beyond the cuts:\n%s\nwant\n%s", got, want)
		}
		plain, generation := plainFold(s, entries)
		for n, d := range s.devices {
			have, ok := p.Device(d.ID())
			i := slices.IndexFunc(plain.Tenures, func(r oracle.Right[key.DeviceID]) bool { return r.Subject == d.ID() })
			if ok != (i >= 0) || ok && have.Removed != (plain.Tenures[i].Now == 0) {
				rt.Fatalf("device %d: %v %+v, plainly %v", n, ok, have.Removed, plain.Tenures)
			}
			if ok && have.Removed {
				removals++
			}
		}
		if p.Generation() != generation {
			rt.Fatalf("generation %d, plainly %d", p.Generation(), generation)
		}
		histories++
	})
	if removals < histories/8 || beyond < histories/20 {
		t.Errorf("in %d histories only %d removals and %d entries beyond a cut", histories, removals, beyond)
	}
}

func keptBy(s *scene, p *Person, entries []oplog.Verified) []oplog.Verified {
	var kept []oplog.Verified
	for _, e := range entries {
		if last, ended := p.End(e.Log()); !ended || e.Seq() <= last {
			kept = append(kept, e)
		}
	}
	return kept
}

// Homes that hear of the same operations in different orders, refusing and dropping as they go, hold the same in the end.
func TestStoresConverge(t *testing.T) {
	s := newScene(t, 5)
	dropped := 0
	rapid.Check(t, func(rt *rapid.T) {
		entries := drawHistory(rt, s)
		want := describe(s.fold(entries...))
		var homes [2][]oplog.Verified
		for round, changed := 0, true; changed; round++ {
			changed = false
			for i := range homes {
				rand.Shuffle(len(entries), func(a, b int) { entries[a], entries[b] = entries[b], entries[a] })
				for _, e := range entries {
					if slices.ContainsFunc(homes[i], func(h oplog.Verified) bool { return h.ID() == e.ID() }) {
						continue
					}
					p := s.fold(homes[i]...)
					if e.Log().Device != s.root.ID() && (p == nil || len(keptBy(s, p, []oplog.Verified{e})) == 0) {
						continue
					}
					changed = true
					homes[i] = append(homes[i], e)
					for before := 0; before != len(homes[i]); {
						before = len(homes[i])
						if p := s.fold(homes[i]...); p != nil {
							homes[i] = keptBy(s, p, homes[i])
						}
					}
				}
			}
			if round > 2*len(entries) {
				rt.Fatal("the homes go on for ever")
			}
		}
		for i := range homes {
			if got := describe(s.fold(homes[i]...)); got != want || len(homes[i]) != len(homes[0]) {
				rt.Fatalf("home %d holds %d entries and comes to\n%s\nand all of it to\n%s", i, len(homes[i]), got, want)
			}
		}
		dropped += len(entries) - len(homes[0])
	})
	if dropped < 20 && !testing.Short() {
		t.Errorf("only %d entries were refused", dropped)
	}
}

// plainFold is the rule as package oracle reads it.
func plainFold(s *scene, entries []oplog.Verified) (*oracle.Verdict[key.DeviceID], uint64) {
	var ops []tenure.Op[key.DeviceID]
	var founding *oplog.Verified
	numbers := make(map[oplog.EntryID]uint64)
	for i := range entries {
		e := &entries[i]
		op, err := Decode(s.person, e.Payload())
		if err != nil {
			s.t.Fatal(err)
		}
		o := tenure.Op[key.DeviceID]{ID: e.ID(), Log: e.LogID(), Seq: e.Seq(), Author: e.Log().Device, Needs: 1}
		switch op := op.(type) {
		case *Found:
			x, y := e.ID(), oplog.EntryID{}
			if founding != nil {
				y = founding.ID()
			}
			if e.Log().Device == s.root.ID() && (founding == nil || e.Seq() < founding.Seq() || e.Seq() == founding.Seq() && bytes.Compare(x[:], y[:]) < 0) {
				founding = e
			}
			continue
		case *AddDevice:
			o.Grants = []tenure.Grant[key.DeviceID]{{Subject: op.Device.Device, Role: 1}}
		case *RemoveDevice:
			o.End = &tenure.End[key.DeviceID]{Subject: op.Device, Cut: op.Cut}
			numbers[o.ID] = op.Key.Number
		case *Resign:
			o.End = &tenure.End[key.DeviceID]{Subject: o.Author, Own: true, Cut: op.Cut}
			if o.Author == s.root.ID() {
				continue
			}
		}
		ops = append(ops, o)
	}
	first, err := Decode(s.person, founding.Payload())
	if err != nil {
		s.t.Fatal(err)
	}
	ops = append(ops, tenure.Op[key.DeviceID]{
		ID: founding.ID(), Log: founding.LogID(), Seq: founding.Seq(), Author: s.root.ID(), Needs: 2,
		Grants: []tenure.Grant[key.DeviceID]{{Subject: first.(*Found).Device.Device, Role: 1}},
	})
	root := tenure.Grant[key.DeviceID]{Subject: s.root.ID(), Role: 2}
	v := oracle.Fold(root, ops, tenure.Bounds{Subjects: MaxDevices + 1, Active: MaxActive + 1}, oracle.None)
	if v == nil {
		s.t.Fatal("the oracle finds no end")
	}
	generation := uint64(1)
	for more := true; more; {
		more = false
		for id, number := range numbers {
			if v.Counts[id] && number == generation+1 {
				generation, more = number, true
				break
			}
		}
	}
	return v, generation
}

// Who leaves by themselves is out, beyond their own cut in every space, and outranks nobody any more. The others change the
// key, whether or not they outrank who left.
func TestResign(t *testing.T) {
	s := newScene(t, 3)
	base := []oplog.Verified{s.write(-1, 0, 1, s.found(0)), s.write(0, 0, 2, s.add(1, 1)), s.write(1, 0, 3, s.add(2, 1))}
	wall := oplog.Log{Space: key.SpaceID{7}, Device: s.devices[0].ID(), Lane: oplog.Content}
	resign := s.write(0, 0, 4, &Resign{Cut: []CutPoint{{Log: wall.ID(), Seq: 5}}})
	p := s.fold(append(base, resign)...)
	if got := s.speaking(p); !slices.Equal(got, []int{1, 2}) || p.Generation() != 1 || !p.Exposed() {
		t.Fatalf("devices %v, generation %d, exposed %v", got, p.Generation(), p.Exposed())
	}
	if last, ended := p.End(wall); !ended || last != 5 || !p.MayWrite(wall.Device, wall.ID(), 5) || p.MayWrite(wall.Device, wall.ID(), 6) {
		t.Errorf("the log on a wall ends at %d, %v", last, ended)
	}
	if _, ended := p.End(s.log(0, 4)); ended {
		t.Error("the identity log refuses what it held before")
	}
	after := s.write(0, 0, 5, s.remove(1, 2))
	if got := s.speaking(s.fold(append(base, resign, after)...)); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("who resigned removes others: devices %v", got)
	}
	change := s.write(1, 0, 6, &RemoveDevice{Device: s.devices[0].ID(), Key: s.generation(2, 1, 2)})
	if p := s.fold(append(base, resign, change)...); p.Generation() != 2 || p.Exposed() || len(p.Lacking()) != 0 {
		t.Errorf("generation %d, exposed %v", p.Generation(), p.Exposed())
	}
	if got := s.speaking(s.fold(append(base, s.write(-1, 0, 7, &Resign{}))...)); !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("the root resigns: devices %v", got)
	}
}
