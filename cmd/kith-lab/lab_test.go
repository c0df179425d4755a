package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain lets the test binary be what the program starts again: a verb comes first there, and a flag of the tests
// here.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// limit is how long one tiny measurement may take on the slowest of machines.
const limit = 5 * time.Minute

// measure runs a verb in a folder of its own and reads the line that it ends with. Nothing may be left behind.
func measure(t *testing.T, args ...string) map[string]any {
	t.Helper()
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	code := Main(ctx, append(args, "--dir", dir), strings.NewReader(""), &stdout, &stderr)
	if code != exitDone {
		t.Fatalf("kith-lab %s: exit code %d\n%s", strings.Join(args, " "), code, stderr.String())
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if children := children(t); len(children) > 0 {
		t.Errorf("processes left behind: %v", children)
	}
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	var figures map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &figures); err != nil || len(lines) != 1 {
		t.Fatalf("standard output is not one line of JSON (%v): %q", err, stdout.String())
	}
	if stderr.Len() == 0 {
		t.Error("nothing was said of what was going on")
	}
	return figures
}

// above checks that figures are there and greater than zero.
func above(t *testing.T, figures map[string]any, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if value, ok := figures[key].(float64); !ok || value <= 0 {
			t.Errorf("%s is %v", key, figures[key])
		}
	}
	t.Log(slices.Sorted(maps.Keys(figures)))
}

// equal checks figures that are known beforehand.
func equal(t *testing.T, figures map[string]any, want map[string]float64) {
	t.Helper()
	for key, value := range want {
		if figures[key] != value {
			t.Errorf("%s is %v and not %v", key, figures[key], value)
		}
	}
}

func TestLatency(t *testing.T) {
	f := measure(t, "latency", "--posts", "5", "--warm-up", "1", "--gap", "1ms")
	equal(t, f, map[string]float64{"posts": 5})
	above(t, f, "p50_ms", "p99_ms", "max_ms", "publish_p50_ms", "publish_p99_ms", "page_p50_ms", "commit_p50_ms", "commit_p99_ms", "of_two_commits")
	if f["p50_ms"].(float64) > f["p99_ms"].(float64) || f["p50_ms"].(float64) > f["page_p50_ms"].(float64) {
		t.Errorf("the figures contradict one another: %v", f)
	}
	for _, key := range []string{"synchronous", "filesystem"} {
		if text, ok := f[key].(string); !ok || text == "" {
			t.Errorf("%s is %v", key, f[key])
		}
	}
}

func TestSync(t *testing.T) {
	profiles := t.TempDir()
	f := measure(t, "sync", "--entries", "600", "--authors", "6", "--repeat", "2", "--profile", profiles)
	equal(t, f, map[string]float64{"entries": 600, "authors": 6, "repeat": 2})
	above(t, f, "runs", "first50_s", "all_s", "entries_per_s", "sqlite_rows_per_s", "of_sqlite", "wire_bytes_per_entry",
		"disk_bytes_per_entry", "disk_bytes_per_entry_alone", "processors")
	if f["first50_s"].(float64) > f["all_s"].(float64) {
		t.Errorf("the newest came later than everything: %v", f)
	}
	// A post of 120 characters, padded and encrypted, and what proves it.
	if wire := f["wire_bytes_per_entry"].(float64); wire < characters || wire > 2000 {
		t.Errorf("%v bytes an entry", wire)
	}
	for _, name := range []string{"source-1", "source-2", "receiver-1", "receiver-2"} {
		for _, kind := range []string{"cpu", "heap"} {
			if info, err := os.Stat(filepath.Join(profiles, name+"."+kind+".pprof")); err != nil || info.Size() == 0 {
				t.Errorf("no profile of %s: %v", name, err)
			}
		}
	}
}

func TestFootprint(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "kith"+exe)
	// Not as it is released, so that what other tests have compiled is used.
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "kith/cmd/kith")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f := measure(t, "footprint", "--binary", binary, "--starts", "2", "--friends", "3", "--posts", "1", "--settle", "100ms")
	equal(t, f, map[string]float64{"friends": 3})
	above(t, f, "binary_mb", "ready_ms", "ready_max_ms", "befriend_s")
	for _, key := range []string{"cpu_idle_percent", "cpu_50_friends_restarted_percent"} {
		if value, ok := f[key]; !ok || value != nil && value.(float64) < 0 {
			t.Errorf("%s is %v", key, value)
		}
	}
	for _, key := range []string{"rss_idle_mb", "rss_50_friends_mb", "rss_50_friends_restarted_mb"} {
		value, ok := f[key]
		if mb, known := value.(float64); !ok || known != (memory(0, "VmRSS") != nil) || known && mb <= 0 {
			t.Errorf("%s is %v", key, value)
		}
	}
}

func TestFold(t *testing.T) {
	f := measure(t, "fold", "--sets", "1000")
	equal(t, f, map[string]float64{"sets": 1000, "divergences": 0, "oracle_mismatches": 0, "senior_changes": 0, "first_bad_set": -1})
	above(t, f, "operations", "conflicts", "mutual_removals", "adds_against_removals", "void_operations", "refused_entries", "seeded_mistakes")
	if f["seeded_mistakes"] != f["seeded_mistakes_noticed"] {
		t.Errorf("of %v mistakes %v are noticed", f["seeded_mistakes"], f["seeded_mistakes_noticed"])
	}
}

func TestRotate(t *testing.T) {
	f := measure(t, "rotate", "--members", "20", "--devices", "2", "--repeat", "3")
	equal(t, f, map[string]float64{"members": 20, "devices": 2, "repeat": 3})
	above(t, f, "entry_bytes", "wrap_bytes", "bytes_total", "bytes_per_member", "person_key_bytes")
	if each := f["bytes_per_member"].(float64); each < 1168 || each > 1400 {
		t.Errorf("%v bytes a member", each)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{}, {"nothing"}, {"sync", "--entries", "many"}, {"sync", "--entries", "49"}, {"sync", "--longest", "257"},
		{"sync", "--repeat", "0"}, {"sync", "--authors", "0"}, {"latency", "--posts", "0"}, {"footprint", "--friends", "0"}, {"fold", "--sets", "0"}, {"rotate", "--members", "1501"},
	} {
		var stdout, stderr bytes.Buffer
		if code := Main(t.Context(), args, strings.NewReader(""), &stdout, &stderr); code != exitUsage || stderr.Len() == 0 {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	if code := Main(t.Context(), []string{"--help"}, strings.NewReader(""), &stdout, &stderr); code != exitDone {
		t.Errorf("--help: exit code %d", code)
	}
	for _, verb := range []string{"latency", "sync", "footprint", "fold", "rotate"} {
		if !strings.Contains(stdout.String(), verb) {
			t.Errorf("--help does not name %s", verb)
		}
	}
	if strings.Contains(stdout.String(), "receive") {
		t.Error("--help shows what is for the program's own use")
	}
}

// A measurement that takes too long ends, and leaves neither a folder nor a process.
func TestTimeout(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	code := Main(t.Context(), []string{"latency", "--dir", dir, "--gap", "1h", "--timeout", "2s"}, strings.NewReader(""), &stdout, &stderr)
	if code != exitFailed || !strings.Contains(stderr.String(), "not done within 2s") || stdout.Len() > 0 {
		t.Errorf("exit code %d\n%s%s", code, stdout.String(), stderr.String())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if children := children(t); len(children) > 0 {
		t.Errorf("processes left behind: %v", children)
	}
}

// A process that plays another home ends when the one that started it is gone.
func TestChildEndsWithItsParent(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for _, args := range [][]string{
		{"friend", "--home", t.TempDir()},
		{"source", "--home", t.TempDir()},
		{"receive", "--home", t.TempDir()},
		{"homes", "--folder", t.TempDir(), "--count", "1", "--posts", "0"},
	} {
		cmd := exec.CommandContext(ctx, self, args...)
		cmd.Stdin = strings.NewReader("") // has ended
		_ = cmd.Run()                     // it may call that an error: nobody told it what to do
		if ctx.Err() != nil {
			t.Fatalf("%s did not end", args[0])
		}
	}
}

// children lists the processes that this one started and that have not ended, where the system tells.
func children(t *testing.T) []string {
	t.Helper()
	var list []string
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		ids, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		list = append(list, strings.Fields(string(ids))...)
	}
	return list
}
