package service

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// systemd makes a unit. What it takes away is what kith does without: it needs the network, its own folder and nothing else.
//
//   - AF_NETLINK stays, because the network library reads the addresses of interfaces by it.
//   - MemoryDenyWriteExecute is fine: the SQLite that kith uses is translated to Go and makes no code at run time.
//   - A unit of the user has no ProtectSystem and the like: they need a user namespace there, which many systems forbid to
//     ordinary users, and then the unit would not start at all. The user's own rights bound it as they bound kith in a
//     terminal.
func systemd(kind Kind, d Description) (Plan, error) {
	if strings.ContainsAny(d.Program, `"'\`) {
		return Plan{}, fmt.Errorf("service: systemd starts no program whose path has quotes or backslashes in it, such as %s; put kith elsewhere", d.Program)
	}
	p := Plan{Kind: kind, Name: "kith-" + mark(d.Folder) + ".service"}
	system := kind == SystemdSystem
	scope := []string{"systemctl", "--user"}
	if system {
		if d.User == "" || d.User == "root" {
			return Plan{}, errors.New("service: a service of the system runs under the name of the folder's owner, who is not root")
		}
		scope = []string{"systemctl"}
		p.File = filepath.Join("/etc/systemd/system", p.Name)
	} else {
		if d.Config == "" {
			return Plan{}, errors.New("service: the folder of the user's settings is not known")
		}
		p.File = filepath.Join(d.Config, "systemd", "user", p.Name)
	}
	target := "default.target"
	if system {
		target = "multi-user.target"
	}
	p.Mode = 0o644
	p.Traces = []string{filepath.Join(filepath.Dir(p.File), target+".wants", p.Name)} // "disable" does that, where systemd runs
	ctl := func(lenient bool, args ...string) Step {
		return Step{Command: append(append([]string(nil), scope...), args...), Lenient: lenient}
	}
	p.Install = []Step{ctl(false, "daemon-reload"), ctl(false, "enable", p.Name), ctl(false, "restart", p.Name)}
	p.Uninstall = []Step{ctl(true, "disable", "--now", p.Name)}
	p.Reload = []Step{ctl(true, "daemon-reload"), ctl(true, "reset-failed", p.Name)}
	p.Status = append(append([]string(nil), scope...), "is-active", p.Name)

	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line("# Made by kith service install; kith service uninstall removes it.")
	line("[Unit]")
	line("Description=kith, the home in ", strings.ReplaceAll(d.Folder, "%", "%%"))
	if system {
		line("Wants=network-online.target")
		line("After=network-online.target")
		line("RequiresMountsFor=", unitPath(d.Folder))
	}
	line("")
	line("[Service]")
	line("Type=exec")
	command := []string{unitWord(d.Program, true)}
	for _, arg := range arguments(kind, d) {
		command = append(command, unitWord(arg, false))
	}
	line("ExecStart=", strings.Join(command, " "))
	line("Restart=on-failure")
	line("RestartSec=5")
	line("TimeoutStopSec=15")
	line("UMask=0077")
	if system {
		line("User=", d.User)
		for _, s := range []string{
			"ProtectSystem=strict", "ProtectHome=read-only", "PrivateTmp=yes", "PrivateDevices=yes", "ProtectClock=yes",
			"ProtectHostname=yes", "ProtectKernelLogs=yes", "ProtectKernelModules=yes", "ProtectKernelTunables=yes",
			"ProtectControlGroups=yes", "CapabilityBoundingSet=",
		} {
			line(s)
		}
		line("ReadWritePaths=", unitPath(d.Folder))
	}
	for _, s := range []string{
		"NoNewPrivileges=yes", "LockPersonality=yes", "MemoryDenyWriteExecute=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes",
		"RestrictNamespaces=yes", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
		"SystemCallArchitectures=native", "SystemCallFilter=@system-service",
	} {
		line(s)
	}
	line("")
	line("[Install]")
	line("WantedBy=", target)
	p.Text = b.String()
	return p, nil
}

// unitWord writes a word of a command line as systemd.service(5) has it: in quotes, with escapes, and with the signs doubled that
// stand for something. The first word, the program, knows no variables.
func unitWord(s string, program bool) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(s)
	if !program {
		s = strings.ReplaceAll(s, "$", "$$")
	}
	return `"` + s + `"`
}

// unitPath writes a path in a list of paths.
func unitPath(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(s) + `"`
}
