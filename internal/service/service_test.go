package service

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

var plans = []struct {
	golden string
	kind   Kind
	d      Description
}{
	{"systemd-user.service", SystemdUser, Description{Program: "/usr/local/bin/kith", Folder: "/home/ada/kith", Config: "/home/ada/.config"}},
	{"systemd-user-odd.service", SystemdUser, Description{Program: `/opt/my 100% $HOME/kith`, Folder: `/home/ada/50% of $HOME's "kith" \ home`, Config: "/home/ada/.config"}},
	{"systemd-system.service", SystemdSystem, Description{Program: "/usr/local/bin/kith", Folder: "/srv/my home/kith", User: "ada"}},
	{"launchd.plist", Launchd, Description{Program: "/Applications/kith", Folder: "/home/ada/Kith & <Co>", Home: "/home/ada"}},
	{"task.xml", Scheduler, Description{Program: `C:\Program Files\kith\kith.exe`, Folder: `C:\Users\Ada & Bo\my kith\`, User: `PC\ada`}},
}

func TestGolden(t *testing.T) {
	for _, c := range plans {
		p, err := For(c.kind, c.d)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", c.golden)
		if *update {
			if err := os.WriteFile(path, []byte(p.Text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Text; got != strings.ReplaceAll(string(want), "\r\n", "\n") {
			t.Errorf("%s differs; go test -update writes it anew:\n%s", c.golden, got)
		}
	}
}

// systemd itself reads the units, where it is installed.
func TestSystemdReadsTheUnits(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (on Debian: apt install systemd)")
	}
	dir := filepath.Join(t.TempDir(), `a "folder" of 100% $HOME \ odd names`)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "a program of 100% $HOME")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil { // verify looks whether it can be started
		t.Fatal(err)
	}
	for _, kind := range []Kind{SystemdUser, SystemdSystem} {
		p, err := For(kind, Description{Program: program, Folder: dir, Config: t.TempDir(), User: "daemon"})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), p.Name)
		if err := os.WriteFile(path, []byte(p.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"verify", "--man=no"}
		if kind == SystemdUser {
			args = append(args, "--user")
		}
		command := exec.CommandContext(t.Context(), tool, append(args, path)...)
		command.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
		out, err := command.CombinedOutput()
		text := string(out)
		if err != nil && !strings.Contains(text, p.Name) {
			t.Logf("systemd-analyze can't work here: %s", text)
			continue
		}
		// Whatever it has to say about other units of this machine is not about ours.
		for line := range strings.Lines(text) {
			if strings.Contains(line, p.Name) || strings.Contains(line, path) {
				t.Errorf("%s: %s", kind, line)
			}
		}
		if err != nil && strings.Contains(text, p.Name) {
			t.Errorf("%s: %v\n%s\n%s", kind, err, text, p.Text)
		}
	}
}

func TestTheXMLIsWellFormed(t *testing.T) {
	for _, c := range plans {
		if c.kind != Launchd && c.kind != Scheduler {
			continue
		}
		p, err := For(c.kind, c.d)
		if err != nil {
			t.Fatal(err)
		}
		d, folder := xml.NewDecoder(strings.NewReader(p.Text)), false
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", c.golden, err)
			}
			if text, ok := token.(xml.CharData); ok && string(text) == c.d.Folder {
				folder = true
			}
		}
		if !folder {
			t.Errorf("%s does not hold the folder as it is", c.golden)
		}
	}
}

// parse reads a command line as CommandLineToArgvW does.
func parse(line string) (words []string) {
	var word strings.Builder
	quoted, any, slashes := false, false, 0
	flush := func() { word.WriteString(strings.Repeat(`\`, slashes)); slashes = 0 }
	for _, r := range line {
		switch {
		case r == '\\':
			slashes++
			any = true
		case r == '"':
			word.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 1 {
				word.WriteByte('"')
			} else {
				quoted = !quoted
			}
			slashes, any = 0, true
		case r == ' ' && !quoted:
			flush()
			if any {
				words = append(words, word.String())
			}
			word.Reset()
			any = false
		default:
			flush()
			word.WriteRune(r)
			any = true
		}
	}
	flush()
	if any {
		words = append(words, word.String())
	}
	return words
}

func TestWordsOnWindows(t *testing.T) {
	for _, word := range []string{`plain`, `with space`, `C:\ends in one\`, `C:\ends in two\\`, `a "quote"`, `a \"both\"`, ``, `\\server\share`} {
		got := parse("kith " + windowsWord(word) + " next")
		if len(got) != 3 || got[1] != word || got[2] != "next" {
			t.Errorf("%q becomes %q", word, got)
		}
	}
}

func TestNames(t *testing.T) {
	seen := make(map[string]bool)
	fit := regexp.MustCompile(`^[a-z0-9-]+$`)
	for _, folder := range []string{"/home/ada/kith", "/home/bo/kith", "/home/ada/Kith", "/", "/家", `C:\Users\ada\kith`, "/" + strings.Repeat("long", 100), "/home/a/../b"} {
		m := mark(folder)
		if seen[m] || !fit.MatchString(m) || len(m) > 40 {
			t.Errorf("%q is called %q", folder, m)
		}
		seen[m] = true
	}
	if again := mark("/home/ada/kith"); !seen[again] {
		t.Error("a folder has two names")
	}
}

func TestWhatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		kind Kind
		d    Description
	}{
		"a line break":      {SystemdUser, Description{Program: "/kith", Folder: "/home/a\nExecStartPre=/bin/evil", Config: "/c"}},
		"a quoted program":  {SystemdUser, Description{Program: `/opt/"my"/kith`, Folder: "/f", Config: "/c"}},
		"no folder":         {SystemdUser, Description{Program: "/kith", Config: "/c"}},
		"root":              {SystemdSystem, Description{Program: "/kith", Folder: "/srv/kith", User: "root"}},
		"no user":           {SystemdSystem, Description{Program: "/kith", Folder: "/f"}},
		"no configuration":  {SystemdUser, Description{Program: "/kith", Folder: "/f"}},
		"no home directory": {Launchd, Description{Program: "/kith", Folder: "/f"}},
		"an unknown kind":   {"inittab", Description{Program: "/kith", Folder: "/f"}},
	} {
		if p, err := For(c.kind, c.d); err == nil {
			t.Errorf("%s: %s", name, p.Text)
		}
	}
	for _, c := range []struct {
		goos   string
		system bool
	}{{"plan9", false}, {"darwin", true}, {"windows", true}, {"freebsd", true}} {
		if kind, err := KindFor(c.goos, c.system); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%+v: %s", c, kind)
		}
	}
	if kind, err := KindFor(runtime.GOOS, false); err != nil || kind == "" {
		t.Errorf("here: %s, %v", kind, err)
	}
}
