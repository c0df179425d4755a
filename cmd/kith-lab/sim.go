package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// simCmd lets villages of real homes live on a fake clock: internal/simulation, which lives in tests, because the fake
// clock and keys that follow from a seed are to be had in tests alone. So it needs the go tool and the source.
type simCmd struct {
	Safety   uint64        `default:"300" help:"How many seeds whose entries couriers carry."`
	Liveness uint64        `default:"80" help:"How many seeds with sync sessions over lines that break."`
	First    uint64        `default:"1" help:"The first seed."`
	Seed     uint64        `help:"Live this seed alone, and print what happens in it."`
	Kind     string        `enum:",safety,liveness" default:"" help:"With --seed: of which kind (safety or liveness); both if not given."`
	Mistake  string        `help:"Live with a mistake that is built in, by name; \"all\" for each in turn, until it is noticed."`
	Limit    time.Duration `help:"Begin no further seed after this time, for each kind."`
	Workers  int           `help:"Processes at a time; as many as there are processors if not given."`
}

// simulated is what one process counted; see report in internal/simulation.
type simulated struct {
	Seeds      int            `json:"seeds"`
	Checked    map[string]int `json:"checked"`
	Failed     map[string]int `json:"failed"`
	Events     map[string]int `json:"events"`
	EventSeeds map[string]int `json:"event_seeds"`
	Healing    []float64      `json:"healing"`
	Failures   []simFailure   `json:"failures"`
}

type simFailure struct {
	Kind     string `json:"kind"`
	Seed     uint64 `json:"seed"`
	Property string `json:"property"`
	What     string `json:"what"`
}

// errSimFailed ends the command when a seed failed. What failed has been told.
var errSimFailed = errors.New("the simulation found something that must not be")

func (c *simCmd) Run(l *lab) error {
	if c.Workers < 1 {
		c.Workers = runtime.NumCPU()
	}
	dir, err := os.MkdirTemp(memoryFolder(), "kith-sim-")
	if err != nil {
		return fmt.Errorf("a folder for the homes can't be made: %w", err)
	}
	defer os.RemoveAll(dir)
	if c.Mistake == "all" {
		return c.mistakes(l, dir)
	}
	program, err := buildSimulation(l, dir, c.Mistake != "")
	if err != nil {
		return err
	}
	s := &simulator{lab: l, dir: dir, program: program, mistake: c.Mistake}
	if c.Seed != 0 {
		return c.replay(s)
	}
	begun := time.Now()
	safety, err := s.run(l.ctx, "safety", c.First, c.Safety, c)
	if err != nil {
		return err
	}
	liveness, err := s.run(l.ctx, "liveness", c.First, c.Liveness, c)
	if err != nil {
		return err
	}
	return l.tellSimulated([]*simulated{safety, liveness}, time.Since(begun))
}

// replay lives one seed and prints its trace.
func (c *simCmd) replay(s *simulator) error {
	kinds := []string{"safety", "liveness"}
	if c.Kind != "" {
		kinds = []string{c.Kind}
	}
	var all []*simulated
	for _, kind := range kinds {
		fmt.Fprintf(s.lab.stdout, "seed %d, %s\n", c.Seed, kind)
		r, err := s.live(s.lab.ctx, 0, kind, "-sim.first", fmt.Sprint(c.Seed), "-sim.seeds", "1", "-sim.trace")
		if err != nil {
			return err
		}
		all = append(all, r)
	}
	return s.lab.tellSimulated(all, 0)
}

// memoryFolder is where homes are made: in memory where that is to be had, so that the disk does not decide how many
// seeds can be lived.
func memoryFolder() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// buildSimulation builds the tests of internal/simulation, with all mistakes in them if that is asked for.
func buildSimulation(l *lab, dir string, mistaken bool) (string, error) {
	root, err := moduleRoot(l.ctx)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "simulation.test")
	args := []string{"test", "-c", "-o", program}
	if mistaken {
		overlay, err := writeMistakes(root, dir)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay", overlay)
	}
	build := exec.CommandContext(l.ctx, "go", append(args, "./internal/simulation")...)
	build.Dir, build.Stdout, build.Stderr = root, l.stderr, l.stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("the simulation can't be built: %w", err)
	}
	return program, nil
}

// moduleRoot finds the source that this program was started in.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	if path, dir, ok := strings.Cut(strings.TrimSpace(string(out)), " "); err == nil && ok && path == "kith" {
		return dir, nil
	}
	return "", errors.Join(errors.New("this needs the go tool, and to be run in the source of kith"), err)
}

// simulator runs processes that live seeds.
type simulator struct {
	lab     *lab
	dir     string
	program string
	mistake string
}

// run shares seeds among processes.
func (s *simulator) run(ctx context.Context, kind string, first, seeds uint64, c *simCmd) (*simulated, error) {
	s.lab.progress("%d %s seeds", seeds, kind)
	group, ctx := errgroup.WithContext(ctx)
	parts := make([]*simulated, c.Workers)
	for i := range parts {
		n := seeds / uint64(c.Workers)
		if uint64(i) < seeds%uint64(c.Workers) {
			n++
		}
		if n == 0 {
			continue
		}
		group.Go(func() (err error) {
			parts[i], err = s.live(ctx, i, kind, "-sim.first", fmt.Sprint(first+uint64(i)), "-sim.seeds", fmt.Sprint(n),
				"-sim.stride", fmt.Sprint(c.Workers), "-sim.limit", c.Limit.String())
			return err
		})
	}
	err := group.Wait()
	return merge(parts), err
}

// live runs one process and reads what it counted.
func (s *simulator) live(ctx context.Context, worker int, kind string, args ...string) (*simulated, error) {
	place := filepath.Join(s.dir, fmt.Sprint("worker-", worker))
	if err := os.MkdirAll(place, 0o700); err != nil {
		return nil, err
	}
	at := filepath.Join(place, "seed")
	args = append([]string{"-test.run", "^TestSimulation$", "-test.timeout", "0", "-sim.kind", kind, "-sim.at", at}, args...)
	cmd := exec.CommandContext(ctx, s.program, args...)
	// One processor each: the same seed then takes its turns as alike as can be, and the workers share the machine.
	cmd.Env = append(os.Environ(), "TMPDIR="+place, "GOMAXPROCS=1", mistakeVariable+"="+s.mistake)
	var out, trouble bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&trouble)
	failed := cmd.Run()
	var result *simulated
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case bytes.HasPrefix(line, []byte("{")):
			result = new(simulated)
			if err := json.Unmarshal(line, result); err != nil {
				return nil, err
			}
		case slices.Contains(args, "-sim.trace") && !bytes.HasPrefix(line, []byte("PASS")):
			fmt.Fprintf(s.lab.stdout, "%s\n", line)
		}
	}
	if result != nil {
		return result, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// The process died, which is as bad as a property that does not hold.
	seed, _ := os.ReadFile(at)
	var number uint64
	_, _ = fmt.Sscan(string(seed), &number)
	what := fmt.Sprintf("the process died (%v): %s", failed, firstLines(out.String()+trouble.String(), 12))
	return &simulated{Seeds: 1, Failed: map[string]int{}, Failures: []simFailure{{kind, number, "the process lives", what}}}, nil
}

func firstLines(text string, n int) string {
	lines := strings.SplitN(strings.TrimSpace(text), "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// merge adds up what several processes counted.
func merge(parts []*simulated) *simulated {
	sum := &simulated{Checked: map[string]int{}, Failed: map[string]int{}, Events: map[string]int{}, EventSeeds: map[string]int{}}
	for _, part := range parts {
		if part == nil {
			continue
		}
		sum.Seeds += part.Seeds
		for _, counts := range [][2]map[string]int{
			{sum.Checked, part.Checked}, {sum.Failed, part.Failed}, {sum.Events, part.Events}, {sum.EventSeeds, part.EventSeeds},
		} {
			for name, n := range counts[1] {
				counts[0][name] += n
			}
		}
		sum.Healing = append(sum.Healing, part.Healing...)
		sum.Failures = append(sum.Failures, part.Failures...)
	}
	return sum
}

// tellSimulated prints the tables, what failed with how to see it again, and the count.
func (l *lab) tellSimulated(all []*simulated, took time.Duration) error {
	sum := merge(all)
	fmt.Fprintf(l.stdout, "\n%-62s %8s %8s\n", "what happened", "times", "seeds")
	for _, kind := range slices.Sorted(maps.Keys(sum.Events)) {
		fmt.Fprintf(l.stdout, "  %-60s %8d %8d\n", kind, sum.Events[kind], sum.EventSeeds[kind])
	}
	fmt.Fprintf(l.stdout, "\n%-62s %8s %8s\n", "what has to hold", "checked", "failed")
	for _, property := range slices.Sorted(maps.Keys(sum.Checked)) {
		fmt.Fprintf(l.stdout, "  %-60s %8d %8d\n", property, sum.Checked[property], sum.Failed[property])
	}
	if n := len(sum.Healing); n > 0 {
		slices.Sort(sum.Healing)
		fmt.Fprintf(l.stdout, "\nhealing, in seconds of the fake clock: median %.1f, most %.1f\n", sum.Healing[n/2], sum.Healing[n-1])
	}
	if took > 0 {
		fmt.Fprintf(l.stdout, "%d seeds in %.0f s\n", sum.Seeds, took.Seconds())
	}
	bad := make(map[string]bool)
	for _, f := range sum.Failures {
		bad[fmt.Sprint(f.Kind, f.Seed)] = true
		fmt.Fprintf(l.stdout, "\nFAILED: %s\n  %s\n  see it again: go run ./cmd/kith-lab sim --kind %s --seed %d\n", f.Property, f.What, f.Kind, f.Seed)
	}
	fmt.Fprintf(l.stdout, "\n%d passed, %d failed\n", sum.Seeds-len(bad), len(bad))
	if len(bad) > 0 {
		return errSimFailed
	}
	return nil
}
