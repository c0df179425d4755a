package service

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
)

// Kind is a way of running in the background.
type Kind string

// The kinds. Their text is also what a running home is told of how it was started (the option --service).
const (
	SystemdUser   Kind = "systemd-user"
	SystemdSystem Kind = "systemd-system"
	Launchd       Kind = "launchd"
	Scheduler     Kind = "task-scheduler"
)

// ErrUnsupported is returned for a system that has none of the kinds.
var ErrUnsupported = errors.New("service: kith does not know how programs run in the background on this system")

// Description says what is to be run.
type Description struct {
	Program string // absolute path of kith
	Folder  string // absolute path of the home
	User    string // for SystemdSystem: the name of the user who owns the folder; for Scheduler: DOMAIN\name
	Home    string // for Launchd: the user's home directory
	Config  string // for SystemdUser: the user's folder of settings, ~/.config
}

// Step is a command to run.
type Step struct {
	Command []string
	// Lenient: that it fails is no trouble, such as ending what does not run.
	Lenient bool
}

// Plan is what there is to do for a service on one system.
type Plan struct {
	Kind Kind
	Name string // what the system calls it
	File string // absolute path of the file to write
	Once bool   // the file is not needed any more once Install was run
	Mode uint32 // of the file
	Text string // what is in the file

	Install   []Step   // after the file was written
	Uninstall []Step   // before the file is removed
	Traces    []string // files to remove besides, if they are still there
	Reload    []Step   // after the file was removed
	Status    []string
}

// KindFor is the kind on a system (a value of runtime.GOOS); system asks for one that runs without anybody signed in.
func KindFor(goos string, system bool) (Kind, error) {
	switch {
	case goos == "linux" && system:
		return SystemdSystem, nil
	case goos == "linux":
		return SystemdUser, nil
	case goos == "darwin" && !system:
		return Launchd, nil
	case goos == "windows" && !system:
		return Scheduler, nil
	case goos == "darwin", goos == "windows":
		return "", fmt.Errorf("%w without anybody signed in", ErrUnsupported)
	}
	return "", ErrUnsupported
}

// For makes the plan of a kind.
func For(kind Kind, d Description) (Plan, error) {
	for _, text := range []string{d.Program, d.Folder, d.User, d.Home, d.Config} {
		if strings.ContainsFunc(text, unicode.IsControl) {
			return Plan{}, fmt.Errorf("service: %q has a line break or another control character in it, which a service can't be given", text)
		}
	}
	if d.Program == "" || d.Folder == "" {
		return Plan{}, errors.New("service: a program and a folder are needed")
	}
	switch kind {
	case SystemdUser, SystemdSystem:
		return systemd(kind, d)
	case Launchd:
		return launchd(d)
	case Scheduler:
		return scheduler(d)
	}
	return Plan{}, ErrUnsupported
}

// mark is what tells the services of the homes on a machine apart: the last part of the folder's name as far as it can stand in
// any name, and digits of a hash of the whole.
func mark(folder string) string {
	hash := sha256.Sum256([]byte(folder))
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return -1
	}, filepath.Base(strings.ReplaceAll(folder, `\`, "/")))
	return base[:min(len(base), 20)] + "-" + hex.EncodeToString(hash[:4])
}

// arguments are what kith is started with.
func arguments(kind Kind, d Description) []string {
	return []string{"run", "--dir", d.Folder, "--no-browser", "--service", string(kind)}
}
