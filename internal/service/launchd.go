package service

import (
	"encoding/xml"
	"errors"
	"path"
	"strings"
)

// launchd makes a LaunchAgent. launchctl is told by the old verbs load and unload: they need no number of the user and work on
// every macOS that Go runs on.
func launchd(d Description) (Plan, error) {
	if d.Home == "" {
		return Plan{}, errors.New("service: the home directory is not known")
	}
	name := "kith." + mark(d.Folder)
	p := Plan{Kind: Launchd, Name: name, File: path.Join(d.Home, "Library", "LaunchAgents", name+".plist"), Mode: 0o644}
	p.Install = []Step{
		{Command: []string{"launchctl", "unload", p.File}, Lenient: true},
		{Command: []string{"launchctl", "load", "-w", p.File}},
	}
	p.Uninstall = []Step{{Command: []string{"launchctl", "unload", "-w", p.File}, Lenient: true}}
	p.Status = []string{"launchctl", "list", name}

	var b strings.Builder
	b.WriteString(xml.Header)
	b.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` + "\n")
	b.WriteString("<!-- Made by kith service install; kith service uninstall removes it. -->\n")
	b.WriteString("<plist version=\"1.0\">\n<dict>\n")
	entry := func(key, value string) { b.WriteString("\t<key>" + key + "</key>\n\t" + value + "\n") }
	text := func(s string) string { return "<string>" + escapeXML(s) + "</string>" }
	entry("Label", text(name))
	program := "<array>\n\t\t" + text(d.Program) + "\n"
	for _, arg := range arguments(Launchd, d) {
		program += "\t\t" + text(arg) + "\n"
	}
	entry("ProgramArguments", program+"\t</array>")
	entry("WorkingDirectory", text(d.Folder))
	entry("RunAtLoad", "<true/>")
	// A home that was stopped by kith stop, or by signing out, stays off; one that failed is started again.
	entry("KeepAlive", "<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>")
	entry("ThrottleInterval", "<integer>10</integer>")
	entry("Umask", "<integer>63</integer>") // 0077
	entry("ProcessType", text("Background"))
	entry("StandardErrorPath", text(path.Join(d.Folder, "kith.log")))
	b.WriteString("</dict>\n</plist>\n")
	p.Text = b.String()
	return p, nil
}

func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
