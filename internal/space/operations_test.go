package space

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"testing"

	"kith/internal/canon"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/seal"
)

// update writes the files in testdata again. They are published: a change to them is a change of the protocol.
var update = flag.Bool("update", false, "write testdata again")

type named struct {
	name string
	op   Operation
}

// samples are one of each operation, with every field set.
func samples() []named {
	cut := []CutPoint{{Log: oplog.LogID{1}, Seq: 300}, {Log: oplog.LogID{2}, Seq: 0}}
	after := []oplog.EntryID{oplog.EntryID(bytes.Repeat([]byte{0x55}, 32)), {}}
	return []named{
		{"create", &Create{Nonce: [16]byte{1, 2, 3}, Kind: Wall, Owner: person(0), History: HistoryAll, Post: Writer, Invite: OwnerRole, Publish: OwnerRole}},
		{"add", &Add{Person: person(1), Role: Writer, Generation: 2, After: after}},
		{"remove", &Remove{Person: person(1), Cut: cut}},
		{"set role", &SetRole{Person: person(1), Role: Reader, Cut: cut, After: after}},
		{"leave", &Leave{Cut: cut}},
		{"hand over", &HandOver{Person: person(1), Cut: cut, After: after}},
		{"close", &Close{}},
		{"ask", &Ask{Person: person(2)}},
		{"grant keeper", &GrantKeeper{Keeper: key.PeerKey(person(3)), Quota: 1 << 40, Expires: 1_900_000_000}},
		{"revoke keeper", &RevokeKeeper{Keeper: key.PeerKey(person(3))}},
		{"rotate", &Rotate{
			Epoch: epochID(2), Parents: []oplog.EpochID{epochID(1)}, SealedParents: [][]byte{bytes.Repeat([]byte{9}, seal.SealedParentSize)},
			For:           []EpochReader{{Person: person(0), Generation: 1}, {Person: person(1), Generation: 300}},
			Out:           []EnderID{{1}, {2, 7: 9}},
			KeyCommitment: seal.Commitment(person(4)), HistoryCommitment: seal.Commitment(person(5)),
		}},
		{"merge", &Merge{}},
		{"erase", &Erase{Targets: []Target{{Log: oplog.LogID{1}, Seq: 300, ID: oplog.EntryID{7}}}}},
		{"settle", &Settle{Log: oplog.LogID{3}, Seq: 300, Entry: oplog.EntryID(bytes.Repeat([]byte{0x66}, 32))}},
		{"restate", &Restate{Device: key.DeviceID(person(3)), Incarnation: oplog.Incarnation{4}, Header: []byte{1, 2}, Payload: []byte{3}}},
	}
}

func TestOperationsRoundTrip(t *testing.T) {
	seen := make(map[uint64]bool)
	for _, s := range samples() {
		raw, err := Encode(s.op)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		back, err := Decode(raw)
		if err != nil || !reflect.DeepEqual(back, s.op) {
			t.Errorf("%s: came back as %+v, %v", s.name, back, err)
		}
		seen[s.op.number()] = true
	}
	if len(seen) != len(operations) || !seen[opCreate] || !seen[opErase] || opCreate != 1 || opErase != 13 || opRestate != 15 {
		t.Errorf("%d of %d operations", len(seen), len(operations))
	}
}

func TestOperationVectors(t *testing.T) {
	type vector struct {
		Name    string `json:"name"`
		Number  uint64 `json:"number"`
		Encoded string `json:"encoded"`
		SpaceID string `json:"space_id,omitempty"`
	}
	var made []vector
	for _, s := range samples() {
		raw, err := Encode(s.op)
		if err != nil {
			t.Fatal(err)
		}
		v := vector{Name: s.name, Number: s.op.number(), Encoded: hex.EncodeToString(raw)}
		if v.Number == opCreate {
			id := key.SpaceOf(raw)
			v.SpaceID = hex.EncodeToString(id[:])
		}
		made = append(made, v)
	}
	got, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const path = "testdata/space.json"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %s\nwant %s, %v", got, want, err)
	}
}

// Whatever bit is flipped, the operation is refused, or it is another one to the byte.
func TestEveryBitOfAnOperation(t *testing.T) {
	for _, s := range samples() {
		raw, err := Encode(s.op)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range len(raw) * 8 {
			flipped := bytes.Clone(raw)
			flipped[bit/8] ^= 1 << (bit % 8)
			op, err := Decode(flipped)
			if err != nil {
				if !errors.Is(err, ErrMalformed) || op != nil {
					t.Fatalf("%s, bit %d: %v", s.name, bit, err)
				}
				continue
			}
			if again, err := Encode(op); err != nil || !bytes.Equal(again, flipped) {
				t.Errorf("%s, bit %d: %x is read as %x", s.name, bit, flipped, again)
			}
		}
	}
}

func TestOperationBounds(t *testing.T) {
	cuts := func(n int) []CutPoint { return make([]CutPoint, n) }
	beyond := []CutPoint{{Seq: oplog.MaxSeq + 1}}
	targets := func(n int) []Target {
		list := make([]Target, n)
		for i := range list {
			list[i].Seq = 1
		}
		return list
	}
	create := func(change func(*Create)) Operation {
		c := *samples()[0].op.(*Create)
		change(&c)
		return &c
	}
	epoch := func(change func(*Rotate)) Operation {
		r := *rotate(1, []int{2}, 0)
		change(&r)
		return &r
	}
	parents := func(n int) func(*Rotate) {
		return func(r *Rotate) {
			r.Parents, r.SealedParents = make([]oplog.EpochID, n), make([][]byte, n)
			for i := range n {
				r.Parents[i], r.SealedParents[i] = oplog.EpochID{byte(i), 1}, make([]byte, seal.SealedParentSize)
			}
		}
	}
	for name, c := range map[string]struct {
		op Operation
		ok bool
	}{
		"space of kind 0":          {create(func(c *Create) { c.Kind = 0 }), false},
		"space of kind 5":          {create(func(c *Create) { c.Kind = Own }), true},
		"space of kind 6":          {create(func(c *Create) { c.Kind = 6 }), false},
		"history 0":                {create(func(c *Create) { c.History = 0 }), false},
		"history 2":                {create(func(c *Create) { c.History = HistoryJoining }), true},
		"history 3":                {create(func(c *Create) { c.History = 3 }), false},
		"post by nobody":           {create(func(c *Create) { c.Post = 0 }), false},
		"post by role 5":           {create(func(c *Create) { c.Post = 5 }), false},
		"invite by nobody":         {create(func(c *Create) { c.Invite = 0 }), false},
		"invite by role 5":         {create(func(c *Create) { c.Invite = 5 }), false},
		"add in role 0":            {&Add{}, false},
		"add as reader":            {&Add{Role: Reader}, true},
		"add in role 5":            {&Add{Role: 5}, false},
		"longest cut":              {&Remove{Cut: cuts(MaxCut)}, true},
		"cut too long":             {&Remove{Cut: cuts(MaxCut + 1)}, false},
		"cut beyond every number":  {&Remove{Cut: beyond}, false},
		"cut at the last number":   {&Remove{Cut: []CutPoint{{Seq: oplog.MaxSeq}}}, true},
		"demotion, cut too long":   {&SetRole{Role: Reader, Cut: cuts(MaxCut + 1)}, false},
		"demotion, cut beyond":     {&SetRole{Role: Reader, Cut: beyond}, false},
		"demotion to role 0":       {&SetRole{}, false},
		"leave, cut too long":      {&Leave{Cut: cuts(MaxCut + 1)}, false},
		"leave, cut beyond":        {&Leave{Cut: beyond}, false},
		"hand over, cut too long":  {&HandOver{Cut: cuts(MaxCut + 1)}, false},
		"grant until before 1970":  {&GrantKeeper{Expires: -1}, false},
		"grant":                    {&GrantKeeper{}, true},
		"epoch without ID":         {epoch(func(r *Rotate) { r.Epoch = oplog.EpochID{} }), false},
		"epoch for nobody":         {epoch(func(r *Rotate) { r.For = nil }), false},
		"epoch for the most":       {epoch(func(r *Rotate) { r.For = make([]EpochReader, MaxMembers) }), true},
		"epoch for too many":       {epoch(func(r *Rotate) { r.For = make([]EpochReader, MaxMembers+1) }), false},
		"epoch without parents":    {epoch(func(r *Rotate) { r.Parents, r.SealedParents = nil, nil }), true},
		"most parents":             {epoch(parents(MaxParents)), true},
		"too many parents":         {epoch(parents(MaxParents + 1)), false},
		"parent without its key":   {epoch(func(r *Rotate) { r.SealedParents = nil }), false},
		"a key without its parent": {epoch(func(r *Rotate) { r.Parents = nil }), false},
		"short sealed parent":      {epoch(func(r *Rotate) { r.SealedParents[0] = r.SealedParents[0][1:] }), false},
		"departures":               {epoch(func(r *Rotate) { r.Out = []EnderID{{1}, {2}} }), true},
		"departures out of order":  {epoch(func(r *Rotate) { r.Out = []EnderID{{2}, {1}} }), false},
		"a departure twice":        {epoch(func(r *Rotate) { r.Out = []EnderID{{1}, {1}} }), false},
		"too many departures":      {epoch(func(r *Rotate) { r.Out = departures(MaxEnders + 1) }), false},
		"most departures":          {epoch(func(r *Rotate) { r.Out = departures(MaxEnders) }), true},
		"add after the most":       {&Add{Role: Reader, After: make([]oplog.EntryID, MaxAfter)}, true},
		"add after too many":       {&Add{Role: Reader, After: make([]oplog.EntryID, MaxAfter+1)}, false},
		"role after too many":      {&SetRole{Role: Reader, After: make([]oplog.EntryID, MaxAfter+1)}, false},
		"hand over after too many": {&HandOver{After: make([]oplog.EntryID, MaxAfter+1)}, false},
		"its own parent":           {epoch(func(r *Rotate) { r.Parents[0] = r.Epoch }), false},
		"erase of nothing":         {&Erase{}, false},
		"most erased":              {&Erase{Targets: targets(MaxTargets)}, true},
		"too many erased":          {&Erase{Targets: targets(MaxTargets + 1)}, false},
		"settle entry 0":           {&Settle{Entry: oplog.EntryID{1}}, false},
		"settle beyond the last":   {&Settle{Seq: oplog.MaxSeq + 1, Entry: oplog.EntryID{1}}, false},
		"settle on nothing":        {&Settle{Seq: 1}, false},
		"settle the last":          {&Settle{Seq: oplog.MaxSeq, Entry: oplog.EntryID{1}}, true},
		"restate without a header": {&Restate{Payload: []byte{1}}, false},
		"restate nothing":          {&Restate{Header: []byte{1}}, false},
		"erase of entry 0":         {&Erase{Targets: []Target{{Seq: 0}}}, false},
		"erase beyond the last":    {&Erase{Targets: []Target{{Seq: oplog.MaxSeq + 1}}}, false},
	} {
		if _, err := Encode(c.op); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: written with %v", name, err)
		}
		body, err := canon.Marshal(c.op)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := canon.Marshal(frame{Op: c.op.number(), Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if op, err := Decode(raw); (err == nil) != c.ok || err != nil && (!errors.Is(err, ErrMalformed) || op != nil) {
			t.Errorf("%s: read with %v", name, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := Encode(samples()[1].op)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"nothing": nil, "null": {0xf6}, "no array": {0xa0}, "no body": {0x81, 0x0c}, "null body": {0x82, 0x0c, 0xf6},
		"operation 0": {0x82, 0x00, 0x80}, "operation 14": {0x82, 0x0e, 0x80}, "negative operation": {0x82, 0x20, 0x80},
		"merge that says something": {0x82, 0x0c, 0x81, 0x00}, "longer number": {0x82, 0x18, 0x0c, 0x80},
		"trailing": append(bytes.Clone(good), 0), "cut short": good[:len(good)-1],
		"another operation's body": append([]byte{0x82, 0x03}, good[2:]...),
	} {
		if op, err := Decode(raw); !errors.Is(err, ErrMalformed) || op != nil {
			t.Errorf("%s: %v, %v", name, op, err)
		}
	}
	if op, err := Decode([]byte{0x82, 0x0c, 0x80}); err != nil || op == nil {
		t.Errorf("merge: %v", err)
	}
}

// The largest operations fit into an entry. A person key's generation changes with each of a person's devices that is
// removed, so that it stays below 256.
func TestTheLargestFits(t *testing.T) {
	r := rotate(1, nil)
	for i := range MaxParents {
		r.Parents = append(r.Parents, epochID(i+5))
		r.SealedParents = append(r.SealedParents, make([]byte, seal.SealedParentSize))
	}
	for range MaxMembers - 500 {
		r.For = append(r.For, EpochReader{Generation: 255})
	}
	r.Out = departures(500 + 1500) // with one for everybody who is out there is room for more
	remove := &Remove{}
	for range MaxCut {
		remove.Cut = append(remove.Cut, CutPoint{Seq: oplog.MaxSeq})
	}
	erase := &Erase{}
	for range MaxTargets {
		erase.Targets = append(erase.Targets, Target{Seq: oplog.MaxSeq})
	}
	all := *r
	all.Out, all.For = departures(0), make([]EpochReader, MaxMembers)
	for i := range all.For {
		all.For[i].Generation = 255
	}
	tooMuch := all
	tooMuch.Out = departures(MaxEnders)
	if _, err := Encode(&tooMuch); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a rotation larger than an entry: %v", err)
	}
	for name, op := range map[string]Operation{"rotation": r, "rotation for the most": &all, "removal": remove, "erase": erase} {
		raw, err := Encode(op)
		if err != nil || len(raw) > oplog.MaxPayload {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
		if _, err := Decode(raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// departures are n of them, ascending.
func departures(n int) []EnderID {
	list := make([]EnderID, n)
	for i := range list {
		list[i] = EnderID{byte(i >> 8), byte(i)}
	}
	return list
}

func TestNewCreate(t *testing.T) {
	a, b := NewCreate(Wall, person(0), HistoryAll), NewCreate(Wall, person(0), HistoryAll)
	if a.Nonce == b.Nonce || a.check() != nil || a.Owner != person(0) {
		t.Errorf("%+v and %+v", a, b)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		raw, err := Encode(s.op)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		op, err := Decode(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) || op != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := Encode(op)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%x is read as %x, %v", raw, again, err)
		}
	})
}
