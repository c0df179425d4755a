package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kith/internal/api"
	"kith/internal/service"
)

// box is a computer on which services are installed, as far as the command line sees it.
type box struct {
	t      *testing.T
	goos   string
	config string
	ran    []string // the commands, in order
	fail   string   // a part of the command that fails
}

func (b *box) machine() machine {
	return machine{
		goos:    b.goos,
		program: func() (string, error) { return "/usr/local/bin/kith", nil },
		owner:   func(string, service.Kind) (string, error) { return "ada", nil },
		home:    func() (string, error) { return b.config, nil },
		config:  func() (string, error) { return b.config, nil },
		run: func(_ context.Context, command []string) (string, error) {
			text := strings.Join(command, " ")
			b.ran = append(b.ran, text)
			if b.fail != "" && strings.Contains(text, b.fail) {
				return "Failed to connect to bus", errors.New("exit status 1")
			}
			return "", nil
		},
	}
}

func (b *box) kith(f *fixture, args ...string) result {
	b.t.Helper()
	b.ran = nil
	var out, errs bytes.Buffer
	p := program{open: openHome, machine: b.machine()}
	code := p.main(b.t.Context(), append([]string{"--dir", f.dir}, args...), strings.NewReader(""), &out, &errs, f.getenv)
	return result{code, out.String(), errs.String()}
}

// files lists the files below the folder of settings.
func (b *box) files() (names []string) {
	b.t.Helper()
	err := filepath.WalkDir(b.config, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return names
}

func TestServiceThereAndAway(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		t.Run(goos, func(t *testing.T) {
			f, b := newFixture(t), &box{t: t, goos: goos, config: t.TempDir()}
			if r := b.kith(f, "service", "status"); r.code != 0 || goos != "windows" && !strings.Contains(r.out, "does not start by itself") {
				t.Fatalf("%+v", r)
			}
			if names, err := os.ReadDir(f.dir); err != nil || len(names) > 0 {
				t.Errorf("asking left %v, %v", names, err)
			}
			for range 2 { // twice is fine
				if r := b.kith(f, "service", "install"); r.code != 0 || !strings.Contains(r.out, "starts by itself from now on") {
					t.Fatalf("%+v", r)
				}
			}
			switch left := b.files(); {
			case goos == "windows" && len(left) > 0, goos != "windows" && len(left) != 1:
				t.Errorf("files: %v", left)
			case goos == "linux" && !slices.Equal(b.ran[:1], []string{"systemctl --user daemon-reload"}):
				t.Errorf("ran %q", b.ran)
			}
			if goos != "windows" {
				var s serviceStatus
				r := b.kith(f, "service", "status", "--json")
				if err := json.Unmarshal([]byte(r.out), &s); err != nil || !s.Installed || !s.Active || s.Running || s.File == "" {
					t.Errorf("status: %s, %v", r.out, err)
				}
			}
			if r := b.kith(f, "service", "uninstall"); r.code != 0 || !strings.Contains(r.out, "does not start by itself any more") {
				t.Fatalf("%+v", r)
			}
			if left := b.files(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
			if left, err := os.ReadDir(f.dir); err != nil || len(left) > 0 {
				t.Errorf("left in the home: %v, %v", left, err)
			}
			if goos != "windows" {
				if r := b.kith(f, "service", "uninstall"); r.code != 0 || !strings.Contains(r.out, "nothing to undo") {
					t.Errorf("again: %+v", r)
				}
			}
		})
	}
}

// Without systemd for the user, nothing is left, and what to do is said.
func TestServiceThatCannotBeInstalled(t *testing.T) {
	f, b := newFixture(t), &box{t: t, goos: "linux", config: t.TempDir(), fail: "daemon-reload"}
	r := b.kith(f, "service", "install")
	if r.code != api.ExitTrouble || !strings.Contains(r.err, "Failed to connect to bus") || !strings.Contains(r.err, "Nothing was installed") || !strings.Contains(r.err, "--system") {
		t.Errorf("%+v", r)
	}
	if left := b.files(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	b.goos = "plan9"
	if r := b.kith(f, "service", "install"); r.code != api.ExitUsage || !strings.Contains(r.err, "kith run --no-browser") {
		t.Errorf("%+v", r)
	}
}

func TestServiceIsNotInstalledBesideARunningHome(t *testing.T) {
	f, b := newFixture(t), &box{t: t, goos: "linux", config: t.TempDir()}
	f.start()
	if r := b.kith(f, "service", "install"); r.code != api.ExitNotAllowed || !strings.Contains(r.err, "Stop it first") || len(b.files()) > 0 {
		t.Errorf("%+v, %v", r, b.files())
	}
	if r := b.kith(f, "service", "status"); !strings.Contains(r.out, "started by hand") {
		t.Errorf("%+v", r)
	}
	f.stop()
	f.ended <- <-f.ended
	g := newFixture(t)
	g.start("--service", string(service.SystemdUser))
	if r := b.kith(g, "service", "install"); r.code != 0 || !slices.Contains(b.ran, "systemctl --user restart "+filepath.Base(b.files()[0])) {
		t.Errorf("over the service's own home: %+v, %q", r, b.ran)
	}
	if r := b.kith(g, "service", "status"); !strings.Contains(r.out, "started by the service") {
		t.Errorf("%+v", r)
	}
}

func TestServiceIsShownBeforehand(t *testing.T) {
	f, b := newFixture(t), &box{t: t, goos: "linux", config: t.TempDir()}
	r := b.kith(f, "service", "install", "--system", "--print")
	if r.code != 0 || !strings.Contains(r.out, "User=ada\n") || !strings.Contains(r.out, "# /etc/systemd/system/kith-") || len(b.ran) > 0 {
		t.Errorf("%+v, ran %q", r, b.ran)
	}
}
