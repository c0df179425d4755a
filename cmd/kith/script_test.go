package main

import (
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long a script waits for something that happens by itself. Homes on one machine need well under a second;
// the rest is for machines that are busy with other tests.
const patience = 60 * time.Second

// shortScripts are run where there is not time for all: they come to most of the code.
var shortScripts = []string{"two-homes", "groups"}

// TestScripts runs real processes, each with a real home, as a person would from a shell.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		files = slices.DeleteFunc(files, func(file string) bool {
			return !slices.Contains(shortScripts, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		})
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			// Homes of a test talk to one another on this machine only, and open no browser.
			env.Setenv("KITH_LISTEN", "127.0.0.1:0")
			env.Setenv("KITH_PAGE", "127.0.0.1:0")
			env.Setenv("KITH_NO_BROWSER", "1")
			env.Setenv("NO_COLOR", "1")
			return drawPhoto(filepath.Join(env.WorkDir, "photo.jpg"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"eventually": eventually,
			"exits":      exits,
		},
	})
}

// eventually PATTERN COMMAND... runs a command again and again until it succeeds and prints something that matches.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually pattern command [arguments]")
	}
	pattern, err := regexp.Compile("(?s)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("waited in vain for %s: %v", args[0], err)
		}
	}
}

// exits CODE COMMAND... runs a command that has to end with an exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%q ended with %d, want %d", args[1:], got, want)
	}
}

// drawPhoto writes a picture such as a camera makes.
func drawPhoto(path string) error {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{R: uint8(x / 3), G: uint8(y / 2), B: uint8((x + y) / 5), A: 255})
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(jpeg.Encode(f, img, nil), f.Close())
}
