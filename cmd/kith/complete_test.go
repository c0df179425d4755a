package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// script returns the completions for a shell.
func script(t *testing.T, shell string) string {
	t.Helper()
	return newFixture(t).ok("completion", shell)
}

// TestBashCompletes asks bash what it would propose.
func TestBashCompletes(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash on this machine to ask")
	}
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "folder"), 0o700)
	os.WriteFile(filepath.Join(dir, "photo.jpg"), nil, 0o600)
	completions := filepath.Join(t.TempDir(), "kith.bash")
	if err := os.WriteFile(completions, []byte(script(t, "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		line string
		want []string // what is proposed, all of it; "+x": at least x
	}{
		{"kith in", []string{"invite", "invites"}},
		{"kith po", []string{"post"}},
		{"kith invites ", []string{"list", "yes", "no", "take-back", "drop"}},
		{"kith invites t", []string{"take-back"}},
		{"kith --dir x po", []string{"post"}},
		{"kith post --al", []string{"--alt"}},
		{"kith feed --", []string{"+--follow", "+--json", "+--of", "+--dir"}},
		{"kith --no", []string{"--no-browser"}},
		{"kith --br", []string{"--browser"}},
		{"kith --log-level ", []string{"debug", "info", "warn", "error"}},
		{"kith --log-level w", []string{"warn"}},
		{"kith post --photo ph", []string{"photo.jpg"}},
		{"kith post -p ph", []string{"photo.jpg"}},
		{"kith --dir fo", []string{"folder"}},
		{"kith --dir ph", nil},
		{"kith feed --of ", nil},
		{"kith friends in", nil},
	} {
		words := strings.Split(tc.line, " ")
		cmd := exec.Command(bash, "--norc", "-c", `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _kith; printf '%s\n' "${COMPREPLY[@]}"`,
			"bash", completions)
		cmd.Args = append(cmd.Args, words...)
		cmd.Dir = dir
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil || errs.Len() > 0 {
			t.Fatalf("%q: %v %s", tc.line, err, &errs)
		}
		got := strings.Fields(string(out))
		exact := true
		for _, w := range tc.want {
			if part, some := strings.CutPrefix(w, "+"); some {
				exact = false
				if !slices.Contains(got, part) {
					t.Errorf("%q proposes %q, without %q", tc.line, got, part)
				}
			}
		}
		if exact && !slices.Equal(got, tc.want) {
			t.Errorf("%q proposes %q, want %q", tc.line, got, tc.want)
		}
	}
}

// TestEveryShellKnowsEveryVerb looks for all verbs and flags in all scripts. Where the shell is there, it reads the script.
func TestEveryShellKnowsEveryVerb(t *testing.T) {
	f := newFixture(t)
	check := map[string][]string{"bash": {"-n"}, "zsh": {"-n"}, "fish": {"--no-execute"}}
	for shell, args := range check {
		text := f.ok("completion", shell)
		for _, word := range []string{"run", "open", "begin", "status", "password", "stop", "feed", "search", "post", "comment", "react", "edit", "history", "delete", "trash", "restore", "for-good", "friends",
			"invite", "invites", "take-back", "accept", "unfriend", "completion", "version", "take-back", "log-level", "follow", "photo"} {
			if !strings.Contains(text, word) {
				t.Errorf("%s does not know %q", shell, word)
			}
		}
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		if out, err := exec.Command(path, append(args, file(t, "script", text))...).CombinedOutput(); err != nil {
			t.Errorf("%s can't read its script: %v\n%s", shell, err, out)
		}
	}
	f.fails(2, "completion", "tcsh")
}
