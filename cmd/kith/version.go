package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set when a release is built.
var version string

// versionText says which kith this is: the release, or the commit it was built from, or that nobody knows.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "development " + s.Value[:12]
			}
		}
	}
	return "development"
}

// versionLine is what "kith version" prints.
func versionLine() string {
	return fmt.Sprintf("kith %s, %s, %s/%s", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

type versionCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *versionCmd) Run(a *app) error {
	if c.JSON {
		return a.writeJSON(map[string]string{"version": versionText(), "go": runtime.Version(), "system": runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintln(a.stdout, versionLine())
	return err
}
