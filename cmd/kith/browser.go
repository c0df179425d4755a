package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// doorFile is the name of the page, in the folder of a home, that leads the browser to the home's page.
const doorFile = "open-kith.html"

// door leads to a link at once. It says where it leads for browsers that don't follow.
var door = template.Must(template.New("door").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={{.}}">
<title>kith</title>
<p><a href="{{.}}">Open your page</a>
</html>
`))

// openBrowser opens a link that signs in. The link is not an argument of the browser, which every user of this computer
// could read in the list of processes: the browser opens a file that only the owner can read, and that leads on. The file
// stays until the home stops; after two minutes what it holds opens nothing any more.
func openBrowser(ctx context.Context, dir, link string, env func(string) string) error {
	path := filepath.Join(dir, doorFile)
	closeDoor(dir)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = door.Execute(f, link)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	command := append(browserCommand(env), path)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...) // it outlives this program
	standAlone(cmd)
	if err := cmd.Start(); err != nil {
		closeDoor(dir)
		return fmt.Errorf("no browser could be started: %w", err)
	}
	return cmd.Process.Release()
}

// closeDoor removes the file, if it is there.
func closeDoor(dir string) {
	os.Remove(filepath.Join(dir, doorFile))
}

// browserCommand is what opens a file in the browser, without the file. BROWSER, if set, names a program.
func browserCommand(env func(string) string) []string {
	if browser := env("BROWSER"); browser != "" {
		return []string{browser}
	}
	switch runtime.GOOS {
	case "darwin":
		return []string{"open"}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	return []string{"xdg-open"}
}
