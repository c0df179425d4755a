package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// mistakeVariable names the mistake that a simulation built with mistakes makes.
const mistakeVariable = "KITH_MISTAKE"

// mistake is a fault that the simulation has to notice. It is written into a copy of the source which the go tool
// overlays when it builds the simulation, so that nothing of it is in the source, nor in any program that is released.
type mistake struct {
	name  string
	seeds uint64 // within how many seeds of each kind it has to be noticed
	kind  string // of which kind; "clocks": safety seeds, each lived with right clocks too
	edits []edit
}

// edit puts text in the place of text that stands in the file exactly once.
type edit struct{ file, old, new string }

// made and unmade are how the edits ask whether theirs is the mistake to be made.
const (
	made   = `kithMistake() == `
	unmade = `kithMistake() != `
)

var mistakes = []mistake{
	{"skipped cut", 150, "safety", []edit{{
		"internal/ingest/project.go",
		"if !ended || record.Head.Seq <= last {",
		"if !ended || record.Head.Seq <= last || " + made + `"skipped cut" {`,
	}}},
	{"clock decides seniority", 200, "clocks", []edit{
		{"internal/tenure/tenure.go", "	depth   int\n", "	depth   int\n	time int64\n"},
		{"internal/tenure/fold.go", "depth: t.depth + 1, seq: op.Seq, after: g.After,", "depth: t.depth + 1, seq: op.Seq, after: g.After, time: g.Time,"},
		{"internal/tenure/fold.go", "		cmp.Compare(a.depth, b.depth),\n", "		kithClock(a.time, b.time),\n		cmp.Compare(a.depth, b.depth),\n"},
		{"internal/tenure/tenure.go", "	Seat    bool", "	Time int64\n	Seat    bool"},
		{"internal/space/rights.go", "Role: uint64(role)}", "Role: uint64(role), Time: s.entry.Header().Time}"},
	}},
	{"entries from the future refused", 150, "safety", []edit{{
		"internal/ingest/accept.go",
		"	if len(fresh) == 0 {\n		return Verdict{Code: Duplicate}, nil\n",
		"	if " + made + `"entries from the future refused" && run.entries[0].Header().Time > w.p.now().Unix()+86400 {` +
			"\n		return Verdict{Code: Pending, Reason: ErrNotMember}, nil\n	}\n	if len(fresh) == 0 {\n		return Verdict{Code: Duplicate}, nil\n",
	}}},
	{"forgotten rotation", 150, "safety", []edit{{
		"internal/space/epochs.go",
		"	if s.role[e.Author] == 0 || !covers(e.Rotate.Out, s.out) {",
		"	if " + made + `"forgotten rotation" {` + "\n		return true\n	}\n	if s.role[e.Author] == 0 || !covers(e.Rotate.Out, s.out) {",
	}}},
	{"wrap served too early", 150, "safety", []edit{{
		"internal/space/epochs.go",
		"	madeFor := slices.ContainsFunc(e.For,",
		"	if " + made + `"wrap served too early" {` + "\n		return true, true\n	}\n	madeFor := slices.ContainsFunc(e.For,",
	}}},
	{"wrap for an older person key", 400, "liveness", []edit{{
		"internal/peering/local.go",
		"		if outdated(&published, to) {",
		"		if outdated(&published, to) && " + unmade + `"wrap for an older person key" {`,
	}}},
	{"removal ignored for a concurrent add", 150, "safety", []edit{{
		"internal/tenure/fold.go",
		"	t.others = f.endersOf(t.Subject).now(t.Grant, t.after)\n",
		"	t.others = f.endersOf(t.Subject).now(t.Grant, t.after)\n	if " + made + `"removal ignored for a concurrent add" && f.people[t.Subject] {` +
			"\n		t.others.except = nil\n		for i := range t.others.first {\n			t.others.except = append(t.others.except, i)\n		}\n	}\n",
	}}},
	{"restored folder goes on in its old logs", 150, "safety", []edit{{
		"internal/sqlite/spaces.go",
		`return tx.c.run("DELETE FROM own_logs")`,
		"if " + made + `"restored folder goes on in its old logs" { return nil }; return tx.c.run("DELETE FROM own_logs")`,
	}}},
	{"refusal that depends on arrival", 150, "safety", []edit{{
		"internal/ingest/accept.go",
		"	if !s.state.MayWrite(author.ID, first.Log(), last.Seq()) {",
		"	if !s.state.MayWrite(author.ID, first.Log(), last.Seq()) || " + made +
			`"refusal that depends on arrival" && first.Log().Lane == oplog.Content && s.state.Role(author.ID) == 0 {`,
	}}},
	{"cut blind to its own batch", 150, "safety", []edit{{
		"internal/sqlite/logs.go",
		"	for _, l := range tx.open {",
		"	if " + made + `"cut blind to its own batch" {` + "\n		return tx.reader.Logs(space)\n	}\n	for _, l := range tx.open {",
	}}},
	{"devices not told of", 300, "liveness", []edit{{
		"internal/peering/follow.go",
		"		if news.identity {",
		"		if news.identity && " + unmade + `"devices not told of" {`,
	}}},
	{"fork left undecided", 150, "safety", []edit{{
		"internal/ingest/forks.go",
		"	if err != nil || !may || !holds(record.Held, theirs.Seq()) {",
		"	if err != nil || !may || !holds(record.Held, theirs.Seq()) || " + made + `"fork left undecided" {`,
	}}},
	{"branch given up and not said again", 150, "safety", []edit{{
		"internal/ingest/forks.go",
		"			if here && entry.Payload() != nil {",
		"			if here && entry.Payload() != nil && " + unmade + `"branch given up and not said again" {`,
	}}},
	{"branch given up kept", 150, "safety", []edit{{
		"internal/ingest/forks.go",
		"	at, stays, settled := s.state.Settled(record.Author, record.Log)\n	if !settled {\n		return 0, nil",
		"	at, stays, settled := s.state.Settled(record.Author, record.Log)\n	if !settled || " + made + `"branch given up kept" {` + "\n		return 0, nil",
	}}},
	{"other branch taken for a forgery", 150, "safety", []edit{{
		"internal/ingest/prepare.go",
		"			if !anchor.IsZero() && errors.Is(batch[i].err, oplog.ErrForged) {",
		"			if !anchor.IsZero() && errors.Is(batch[i].err, oplog.ErrForged) && " + unmade + `"other branch taken for a forgery" {`,
	}}},
	{"replayed wrap", 150, "safety", []edit{{
		"internal/peering/local.go",
		"	epoch, err := seal.Unwrap(sealed.Sealed, sealed.Epoch, to, mine, published.KeyCommitment, published.HistoryCommitment)\n",
		"	epoch, err := seal.Unwrap(sealed.Sealed, sealed.Epoch, to, mine, published.KeyCommitment, published.HistoryCommitment)\n" +
			"	if " + made + `"replayed wrap" && err != nil {` + "\n		return replicate.Accepted, nil\n	}\n",
	}}},
}

// helper is the file that each package with a mistake is given.
const helper = `package %s

import "os"

var kithMistakeName = os.Getenv(%q)

func kithMistake() string { return kithMistakeName }
`

// clockHelper is for package tenure, whose seniority the clock is to decide.
const clockHelper = `
func kithClock(a, b int64) int {
	if kithMistakeName != "clock decides seniority" || a == b {
		return 0
	}
	if a < b {
		return -1
	}
	return 1
}
`

// writeMistakes writes the mistaken copies and the go tool's list of what they stand for, and gives the list's path.
func writeMistakes(root, dir string) (string, error) {
	texts := make(map[string]string) // by path below root
	for _, m := range mistakes {
		for _, e := range m.edits {
			text, ok := texts[e.file]
			if !ok {
				raw, err := os.ReadFile(filepath.Join(root, e.file))
				if err != nil {
					return "", err
				}
				text = string(raw)
			}
			if n := strings.Count(text, e.old); n != 1 {
				return "", fmt.Errorf("the mistake %q: its text stands %d times in %s, not once", m.name, n, e.file)
			}
			texts[e.file] = strings.Replace(text, e.old, e.new, 1)
		}
	}
	for file := range texts {
		name := path.Base(path.Dir(file))
		text := fmt.Sprintf(helper, name, mistakeVariable)
		if name == "tenure" {
			text += clockHelper
		}
		texts[path.Join(path.Dir(file), "kith_mistake.go")] = text
	}
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for file, text := range texts {
		copied := filepath.Join(dir, strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(root, file)] = copied
	}
	raw, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	return list, os.WriteFile(list, raw, 0o600)
}

// mistakes lives seeds with each mistake until it is noticed.
func (c *simCmd) mistakes(l *lab, dir string) error {
	program, err := buildSimulation(l, dir, true)
	if err != nil {
		return err
	}
	missed := 0
	for _, m := range mistakes {
		found, err := m.noticed(l, &simulator{lab: l, dir: dir, program: program, mistake: m.name})
		if err != nil {
			return err
		}
		if found == nil {
			missed++
			fmt.Fprintf(l.stdout, "MISSED   %-42s in %d %s seeds\n", m.name, m.seeds, m.kind)
			continue
		}
		fmt.Fprintf(l.stdout, "noticed  %-42s %s seed %d: %s\n", m.name, found.Kind, found.Seed, found.Property)
	}
	fmt.Fprintf(l.stdout, "\n%d passed, %d failed\n", len(mistakes)-missed, missed)
	if missed > 0 {
		return errSimFailed
	}
	return nil
}

// noticed lives seeds with the mistake until one fails, and gives what failed; nil if none did.
func (m *mistake) noticed(l *lab, s *simulator) (*simFailure, error) {
	kind, clocks := m.kind, "1000000"
	if kind == "clocks" {
		kind, clocks = "safety", "1"
	}
	r, err := s.live(l.ctx, 0, kind, "-sim.first", "1", "-sim.seeds", fmt.Sprint(m.seeds), "-sim.stop", "-sim.clocks", clocks)
	if err != nil || len(r.Failures) == 0 {
		return nil, err
	}
	return &r.Failures[0], nil
}
