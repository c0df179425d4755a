package space

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kith/internal/key"
	"kith/internal/oplog"
)

// foldVector is a history of a space and what it comes to. Bytes are in hex. Everybody's person key is of generation 1.
type foldVector struct {
	Space string `json:"space"`
	// Logs that the entries and probes stand in, by LogID.
	Logs    map[string]logVector `json:"logs"`
	Entries []entryVector        `json:"entries"` // of the control lane, in no particular order
	Closed  bool                 `json:"closed"`
	Roles   map[string]Role      `json:"roles"` // of everybody who ever had a tenure; 0: no member
	Out     []string             `json:"out"`
	Open    []string             `json:"open"` // epochs, the one to prefer first
	// Ends says of each log at which entry it ends; logs that have not ended are not in it.
	Ends map[string]uint64 `json:"ends"`
	// Erased are places in the content lane whose payloads are to be dropped.
	Erased []placeVector `json:"erased"`
	// Holds says who may be handed which epoch's key, and 2 if its history key too.
	Holds map[string]map[string]int `json:"holds"`
}

type logVector struct {
	Device      string     `json:"device"`
	Incarnation string     `json:"incarnation"`
	Lane        oplog.Lane `json:"lane"`
	Person      string     `json:"person"`
}

type entryVector struct {
	Log     string `json:"log"`
	Header  string `json:"header"`
	Payload string `json:"payload"`
}

type placeVector struct {
	Log string `json:"log"`
	Seq uint64 `json:"seq"`
}

func newFoldVector(s *scene, entries []oplog.Verified) foldVector {
	v := foldVector{
		Space: hex.EncodeToString(s.id[:]), Logs: make(map[string]logVector), Roles: make(map[string]Role),
		Ends: make(map[string]uint64), Holds: make(map[string]map[string]int),
		Out: []string{}, Open: []string{}, Erased: []placeVector{},
	}
	state := s.fold(entries...)
	v.Closed = state.Closed
	for log, head := range s.heads {
		device := slices.IndexFunc(s.devices, func(d *key.Device) bool { return d.ID() == head.Log.Device })
		who, id := person(device), hex.EncodeToString(log[:])
		v.Logs[id] = logVector{
			hex.EncodeToString(head.Log.Device[:]), hex.EncodeToString(head.Log.Incarnation[:]), head.Log.Lane, hex.EncodeToString(who[:]),
		}
		if last, ended := state.End(who, head.Log); ended {
			v.Ends[id] = last
		}
		for seq := uint64(1); head.Log.Lane == oplog.Content && seq <= 3; seq++ {
			if state.Erased(who, head.Log, seq, oplog.EntryID{}) {
				v.Erased = append(v.Erased, placeVector{id, seq})
			}
		}
	}
	slices.SortFunc(v.Erased, func(a, b placeVector) int {
		return bytes.Compare([]byte(a.Log+string(rune(a.Seq))), []byte(b.Log+string(rune(b.Seq))))
	})
	for _, e := range append([]oplog.Verified{s.begin}, entries...) {
		if e.Header().Kind == oplog.KindControl {
			v.Entries = append(v.Entries, entryVector{e.LogID().String(), hex.EncodeToString(e.Raw().Header), hex.EncodeToString(e.Payload())})
		}
	}
	for _, p := range state.People() {
		v.Roles[hex.EncodeToString(p[:])] = state.Role(p)
	}
	for _, id := range state.Out() {
		v.Out = append(v.Out, hex.EncodeToString(id[:]))
	}
	for _, e := range state.Open(one) {
		v.Open = append(v.Open, hex.EncodeToString(e.Epoch[:]))
	}
	for _, e := range state.Epochs() {
		may := make(map[string]int)
		for _, p := range state.People() {
			if held, history := state.MayHold(p, e.Epoch); history {
				may[hex.EncodeToString(p[:])] = 2
			} else if held {
				may[hex.EncodeToString(p[:])] = 1
			}
		}
		v.Holds[hex.EncodeToString(e.Epoch[:])] = may
	}
	return v
}

// drawFolds draws histories of all kinds of space: any, and some of what is rare.
func drawFolds(t *testing.T, each int) []foldVector {
	t.Helper()
	var vectors []foldVector
	scenes := []*scene{
		newScene(t, 4, HistoryAll), newScene(t, 4, HistoryJoining), newGroup(t, 5),
		newSceneOf(t, 5, &Create{Kind: Group, History: HistoryJoining, Post: Admin, Invite: Admin, Publish: Admin}),
	}
	for _, s := range scenes {
		histories := rapid.Custom(func(rt *rapid.T) foldVector { return newFoldVector(s, drawHistory(rt, s)) })
		wanted := []func(foldVector) bool{
			func(foldVector) bool { return true },
			func(v foldVector) bool { return len(v.Open) > 0 && len(v.Out) > 0 },
			func(v foldVector) bool { return len(v.Open) > 1 },
			func(v foldVector) bool { return len(v.Erased) > 0 },
		}
		for i, want := range wanted {
			found := 0
			for seed := 10_000 * i; found < each && seed < 10_000*i+3000; seed++ {
				if v := histories.Example(seed); want(v) {
					vectors, found = append(vectors, v), found+1
				}
			}
		}
	}
	return vectors
}

// The published histories come to what is published. A second implementation, tools/reader, reads the same file.
func TestFoldVectors(t *testing.T) {
	path := filepath.Join("testdata", "folds.json")
	if *update {
		// A line for each history keeps changes readable.
		out := []byte("[\n")
		for i, v := range drawFolds(t, 4) {
			line, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				out = append(out, ",\n"...)
			}
			out = append(out, line...)
		}
		if err := os.WriteFile(path, append(out, "\n]\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []foldVector
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 40 {
		t.Fatalf("%d vectors", len(vectors))
	}
	met := map[string]bool{}
	for i, v := range vectors {
		entries, speaks := v.read(t)
		state := Fold(key.SpaceID(unhex(t, v.Space)), entries, speaks)
		if state == nil {
			t.Fatalf("history %d: no space", i)
		}
		v.check(t, i, state)
		met["closed"] = met["closed"] || v.Closed
		met["ended"] = met["ended"] || len(v.Ends) > 2
		met["erased"] = met["erased"] || len(v.Erased) > 0
		met["open"] = met["open"] || len(v.Open) > 1
		met["out"] = met["out"] || len(v.Out) > 1
	}
	for _, what := range []string{"ended", "erased", "open", "out"} {
		if !met[what] {
			t.Errorf("no history has much that is %s", what)
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (v *foldVector) log(t *testing.T, id string) oplog.Log {
	t.Helper()
	l := v.Logs[id]
	return oplog.Log{
		Space: key.SpaceID(unhex(t, v.Space)), Device: key.DeviceID(unhex(t, l.Device)),
		Incarnation: oplog.Incarnation(unhex(t, l.Incarnation)), Lane: l.Lane,
	}
}

// read makes entries of what is in the vector. They are unsigned, which the fold does not look at.
func (v *foldVector) read(t *testing.T) ([]oplog.Verified, Speaker) {
	t.Helper()
	people := make(map[key.DeviceID]key.PersonID)
	for _, l := range v.Logs {
		people[key.DeviceID(unhex(t, l.Device))] = key.PersonID(unhex(t, l.Person))
	}
	var entries []oplog.Verified
	for _, e := range v.Entries {
		raw := oplog.Raw{Header: unhex(t, e.Header), Payload: unhex(t, e.Payload)}
		entry, err := oplog.FromStore(v.log(t, e.Log), raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry)
	}
	return entries, func(device key.DeviceID, _ oplog.LogID, _ uint64) (key.PersonID, bool) {
		p, ok := people[device]
		return p, ok
	}
}

// check compares a state with the vector.
func (v *foldVector) check(t *testing.T, i int, state *State) {
	t.Helper()
	if state.Closed != v.Closed {
		t.Errorf("history %d: closed is %v", i, state.Closed)
	}
	if people := state.People(); len(people) != len(v.Roles) {
		t.Errorf("history %d: %d people", i, len(people))
	}
	for text, role := range v.Roles {
		if got := state.Role(key.PersonID(unhex(t, text))); got != role {
			t.Errorf("history %d: the role of %.8s is %d and not %d", i, text, got, role)
		}
	}
	var out, open []string
	for _, id := range state.Out() {
		out = append(out, hex.EncodeToString(id[:]))
	}
	for _, e := range state.Open(one) {
		open = append(open, hex.EncodeToString(e.Epoch[:]))
	}
	if !slices.Equal(out, v.Out) || !slices.Equal(open, v.Open) {
		t.Errorf("history %d: out %v, open %v", i, out, open)
	}
	for id, l := range v.Logs {
		last, ended := state.End(key.PersonID(unhex(t, l.Person)), v.log(t, id))
		if want, wantEnded := v.Ends[id]; ended != wantEnded || last != want {
			t.Errorf("history %d: log %s ends %v at %d", i, id, ended, last)
		}
	}
	for _, place := range v.Erased {
		who := key.PersonID(unhex(t, v.Logs[place.Log].Person))
		if !state.Erased(who, v.log(t, place.Log), place.Seq, oplog.EntryID{}) {
			t.Errorf("history %d: entry %d of log %s is not erased", i, place.Seq, place.Log)
		}
	}
	for epoch, may := range v.Holds {
		for text := range v.Roles {
			held, history := state.MayHold(key.PersonID(unhex(t, text)), oplog.EpochID(unhex(t, epoch)))
			if got := may[text]; held != (got > 0) || history != (got == 2) {
				t.Errorf("history %d: %.8s may hold epoch %.4s: %v, %v", i, text, epoch, held, history)
			}
		}
	}
}
