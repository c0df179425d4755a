package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kith/internal/p2p"
	"kith/internal/social"
	"kith/internal/village"
)

const (
	// settleLook is how often the homes are asked whether everything has arrived, and settleTime how long nothing may
	// change any more until it has.
	settleLook = 50 * time.Millisecond
	settleTime = 400 * time.Millisecond
	// settleLimit is how long it may take in all, on a slow and busy machine.
	settleLimit = 2 * time.Minute
)

type demoCmd struct {
	Once bool   `help:"Set the village up, check that every home holds everything, print what there is, and end."`
	Keep string `placeholder:"FOLDER" help:"Keep the homes in this folder. If not given, nothing is left behind."`
}

func (*demoCmd) Help() string {
	return `Four homes, each a real one with a folder, keys and a page of its own, become friends by real invites and tell each other
of the last days. Open their pages side by side and write something: it appears on the others. While you watch, now and
then somebody else does. Nothing leaves this computer. Ctrl-C ends it.

With --once, the homes are stopped when everything has arrived, and their folders are read back from disk. The last
line is JSON; the exit code is 1 if anything is missing or differs.

Examples:

    kith demo
    kith demo --keep ~/kith-demo
    kith demo --once`
}

// hamlet is the village's homes while they run.
type hamlet struct {
	a      *app
	dir    string
	names  []string
	homes  []*running
	street *village.Street
	unlock []func() error
}

func (c *demoCmd) Run(a *app) (err error) {
	begun := time.Now()
	v, err := newHamlet(a, c.Keep)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, v.close())
		if c.Keep == "" {
			err = errors.Join(err, os.RemoveAll(v.dir))
		}
	}()
	if err := v.build(); err != nil {
		return err
	}
	if c.Once {
		return v.survey(begun)
	}
	return v.show()
}

// newHamlet makes the folder for the homes.
func newHamlet(a *app, keep string) (*hamlet, error) {
	v := &hamlet{a: a}
	var err error
	if keep == "" {
		v.dir, err = os.MkdirTemp("", "kith-demo-")
	} else if v.dir, err = filepath.Abs(keep); err == nil {
		if entries, readErr := os.ReadDir(v.dir); readErr == nil && len(entries) > 0 {
			return nil, usagef("the folder %s is not empty: name a new one, or run kith in one of the homes in it", keep)
		}
		err = os.MkdirAll(v.dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("the folder for the demo can't be made: %w", err)
	}
	return v, nil
}

// build opens the homes, befriends them and writes the village's past.
func (v *hamlet) build() error {
	clock := &village.Clock{}
	v.street = &village.Street{Clock: clock, Progress: v.progress}
	for _, resident := range village.Residents() {
		if err := v.open(resident.Name, clock.Now); err != nil {
			return err
		}
	}
	v.progress("the homes are on")
	if err := v.street.MoveIn(v.a.ctx); err != nil {
		return err
	}
	if err := v.street.Befriend(v.a.ctx); err != nil {
		return err
	}
	if err := v.street.Found(v.a.ctx); err != nil {
		return err
	}
	if _, err := v.street.Play(v.a.ctx); err != nil {
		return err
	}
	return v.settle()
}

func (v *hamlet) progress(line string) { fmt.Fprintln(v.a.stderr, "·", line) }

// open starts one home on loopback.
func (v *hamlet) open(name string, now func() time.Time) error {
	dir := filepath.Join(v.dir, strings.ToLower(strings.Fields(name)[0]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder of a home can't be made: %w", err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	v.unlock = append(v.unlock, unlock)
	s := settings{
		dir: dir, page: fmt.Sprintf("127.0.0.1:%d", standardPort), now: now,
		listen: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"},
	}
	handler := slog.NewTextHandler(v.a.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	libraryLog.Do(func() { p2p.LibraryLog(handler) })
	log := slog.New(handler).With("home", name)
	r, err := start(v.a.ctx, v.a.open, s, log)
	if err != nil {
		return err
	}
	v.names, v.homes = append(v.names, name), append(v.homes, r)
	v.street.Homes = append(v.street.Homes, r.home.people)
	return nil
}

// settle waits until every home holds as much as the others, every picture has come, and nothing moves any more.
func (v *hamlet) settle() error {
	ctx, cancel := context.WithTimeoutCause(v.a.ctx, settleLimit, errors.New("the homes did not come to hold the same in time"))
	defer cancel()
	var last []social.Status
	since := time.Now()
	for {
		now, err := v.statuses(ctx)
		if err != nil {
			return err
		}
		if !sameFigures(last, now) {
			last, since = now, time.Now()
		}
		if evenFigures(now) && time.Since(since) >= settleTime {
			v.progress("everything has arrived everywhere")
			return nil
		}
		select {
		case <-time.After(settleLook):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (v *hamlet) statuses(ctx context.Context) ([]social.Status, error) {
	var list []social.Status
	for _, r := range v.homes {
		status, err := r.home.people.Status(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, status)
	}
	return list, nil
}

func sameFigures(a, b []social.Status) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Entries-a[i].Own != b[i].Entries-b[i].Own || a[i].Blobs != b[i].Blobs {
			return false
		}
	}
	return true
}

func evenFigures(list []social.Status) bool {
	for _, s := range list {
		if s.Entries-s.Own != list[0].Entries-list[0].Own || s.Blobs != list[0].Blobs || s.Wanted != 0 || s.Friends != len(list)-1 {
			return false
		}
	}
	return true
}

// show tells where the pages are, opens the first, and lets the village live until it is interrupted.
func (v *hamlet) show() error {
	p := v.a.printer()
	p.printf("\n%s\n\n", p.bold("The village is awake. Each home has a page of its own:"))
	for i, r := range v.homes {
		p.printf("  %s %s %s\n", p.window(true), pad(v.names[i], 18), v.a.freshLink(r))
	}
	p.printf("\n  Open them side by side in one browser; each link signs in once, within two minutes.\n  Ctrl-C ends the demo.\n")
	if v.a.wantsBrowser() {
		if err := v.a.openPage(v.homes[0], v.homes[0].dir); err != nil {
			p.printf("  No browser could be started here; open one of the links.\n")
		}
	}
	if p.err != nil {
		return p.err
	}
	return v.street.Live(v.a.ctx)
}

// close stops the homes.
func (v *hamlet) close() error {
	var errs []error
	for _, r := range v.homes {
		errs = append(errs, r.close())
	}
	for _, unlock := range v.unlock {
		errs = append(errs, unlock())
	}
	v.homes, v.unlock = nil, nil
	return errors.Join(errs...)
}

// surveyed is the last line of demo --once.
type surveyed struct {
	Homes   int     `json:"homes"`
	Agree   bool    `json:"agree"`
	Entries int     `json:"entries"`
	Blobs   int     `json:"blobs"`
	Seconds float64 `json:"seconds"`
}

// survey stops the homes, reads their folders back from disk and compares them.
func (v *hamlet) survey(begun time.Time) error {
	dirs := make([]string, len(v.homes))
	for i, r := range v.homes {
		dirs[i] = r.dir
	}
	names := v.names
	if err := v.close(); err != nil {
		return err
	}
	if v.a.beforeSurvey != nil {
		if err := v.a.beforeSurvey(dirs); err != nil {
			return err
		}
	}
	var holdings []*village.Holding
	for i, dir := range dirs {
		holding, err := village.Survey(v.a.ctx, dir)
		if err != nil {
			return fmt.Errorf("reading %s's home back: %w", names[i], err)
		}
		holdings = append(holdings, holding)
	}
	seconds := time.Since(begun).Seconds()
	entries, blobs, differences := village.Agree(names, holdings)
	if err := surveyTable(v.a.stdout, names, holdings, seconds); err != nil {
		return err
	}
	result := surveyed{Homes: len(names), Agree: len(differences) == 0, Entries: entries, Blobs: blobs, Seconds: seconds}
	if err := json.NewEncoder(v.a.stdout).Encode(result); err != nil {
		return err
	}
	if len(differences) > 0 {
		return fmt.Errorf("the homes do not hold the same: %s", strings.Join(differences, "; "))
	}
	return nil
}

func surveyTable(w io.Writer, names []string, holdings []*village.Holding, seconds float64) error {
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	line("%-18s %8s %9s %8s\n", "home", "entries", "pictures", "seconds")
	for i, h := range holdings {
		line("%-18s %8d %9d %8.1f\n", names[i], len(h.Entries), len(h.Blobs), seconds)
	}
	return err
}

// wantsBrowser tells whether a browser is to be opened.
func (a *app) wantsBrowser() bool {
	s, err := settingsOf(a.flags, a.env)
	return err == nil && !s.noBrowser
}
