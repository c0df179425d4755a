package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"kith/internal/api"
	"kith/internal/service"
	"kith/internal/social"
)

type serviceCmd struct {
	Install   serviceInstallCmd   `cmd:"" help:"Start the home by itself from now on, and now."`
	Uninstall serviceUninstallCmd `cmd:"" help:"Don't start it by itself any more. The home itself is left alone."`
	Status    serviceStatusCmd    `cmd:"" help:"Say whether it is started by itself, and whether it runs."`
}

func (*serviceCmd) Help() string {
	return `On Linux this makes a unit of systemd: one of yours, which runs while you are signed in (and always, after loginctl enable-linger), or
with --system one of the computer, which runs from its start on. On macOS it makes a LaunchAgent, on Windows a task at logon.
Whatever is made is for the one folder; a further home gets a service of its own.

Examples:

    kith service install
    kith service status
    sudo kith service install --system --dir /home/ada/kith`
}

type serviceInstallCmd struct {
	System bool `help:"Linux: run it from the start of the computer on, as the owner of the folder. Needs root."`
	Print  bool `help:"Print what would be installed, and change nothing."`
}

type serviceUninstallCmd struct {
	System bool `help:"The one that was installed with --system."`
}

type serviceStatusCmd struct {
	System bool `help:"The one that was installed with --system."`
	JSON   bool `name:"json" help:"Print JSON."`
}

// machine is what services are installed on.
type machine struct {
	goos    string
	program func() (string, error) // absolute path of this kith
	owner   func(folder string, kind service.Kind) (string, error)
	home    func() (string, error)
	config  func() (string, error)
	run     func(ctx context.Context, command []string) (output string, err error)
}

func thisMachine() machine {
	return machine{goos: runtime.GOOS, program: thisProgram, owner: ownerOf, home: os.UserHomeDir, config: os.UserConfigDir, run: runTool}
}

// thisProgram is where kith lies on the disk, for a service to start it.
func thisProgram() (string, error) {
	path, err := os.Executable()
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", err
	}
	if strings.Contains(filepath.ToSlash(path), "/go-build") {
		return "", usagef("this kith was started by go run and is gone when it ends: build it with go build -o kith ./cmd/kith, put it where it is to stay, and install it from there")
	}
	return path, nil
}

// ownerOf names the user whose home it is.
func ownerOf(folder string, kind service.Kind) (string, error) {
	if kind != service.SystemdSystem {
		me, err := user.Current()
		if err != nil {
			return "", err
		}
		return me.Username, nil
	}
	info, err := os.Stat(folder)
	if err != nil {
		return "", err
	}
	id, ok := ownerID(info)
	if !ok {
		return "", errors.New("the owner of the folder is not known")
	}
	owner, err := user.LookupId(id)
	if err != nil {
		return "", err
	}
	if owner.Uid == "0" {
		return "", usagef("the folder %s belongs to root, and a home does not run as root: give it to the user whose it is, by chown -R", folder)
	}
	return owner.Username, nil
}

// runTool runs a tool of the system.
func runTool(ctx context.Context, command []string) (string, error) {
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// plan makes the plan for the folder.
func (a *app) plan(system bool) (service.Plan, string, error) {
	folder, err := a.folder()
	if err != nil {
		return service.Plan{}, "", err
	}
	m := a.machine
	kind, err := service.KindFor(m.goos, system)
	if err != nil {
		return service.Plan{}, "", usagef("%w; start kith there by what the system has for that: kith run --no-browser --dir %s", err, folder)
	}
	d := service.Description{Folder: folder}
	if d.Program, err = m.program(); err != nil {
		return service.Plan{}, "", err
	}
	switch kind {
	case service.SystemdUser:
		d.Config, err = m.config()
	case service.Launchd:
		d.Home, err = m.home()
	default:
		d.User, err = m.owner(folder, kind)
	}
	if err != nil {
		return service.Plan{}, "", err
	}
	p, err := service.For(kind, d)
	return p, folder, err
}

func (c *serviceInstallCmd) Run(a *app) error {
	plan, folder, err := a.plan(c.System)
	if err != nil {
		return err
	}
	if c.Print {
		_, err := fmt.Fprintf(a.stdout, "# %s\n%s", plan.File, plan.Text)
		return err
	}
	if err := a.freeForService(folder, plan.Kind); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the folder of the home can't be made: %w", err)
	}
	if err := writeService(plan); err != nil {
		if errors.Is(err, fs.ErrPermission) && c.System {
			return usagef("a service of the computer is installed by root: sudo kith service install --system --dir %q (%w)", folder, err)
		}
		return err
	}
	if plan.Once {
		defer os.Remove(plan.File)
	}
	if err := a.runSteps(plan.Install); err != nil {
		_ = a.removeService(plan) // as far as it was there; the first trouble is the one to tell
		return fmt.Errorf("%w\nNothing was installed. %s", err, adviceFor(plan.Kind, folder))
	}
	p := a.printer()
	p.printf("Your home in %s is on, and starts by itself from now on (%s).\n", clean(folder), plan.Name)
	switch plan.Kind {
	case service.SystemdUser:
		p.printf("It runs while you are signed in. To keep it on without: loginctl enable-linger\n")
	case service.Scheduler:
		p.printf("It runs while you are signed in, in a window of its own that can be minimized.\n")
	}
	p.printf("kith open opens its page; kith service uninstall undoes this.\n")
	return p.err
}

// freeForService returns an error if the home runs already and was not started by the service: two can't run at once.
func (a *app) freeForService(folder string, kind service.Kind) error {
	locked, err := isLocked(folder)
	if err != nil || !locked {
		return err
	}
	if e, err := api.ReadEndpoint(folder); err == nil && e.Service == string(kind) {
		return nil
	}
	return &social.Error{Code: social.CodeNotAllowed,
		Message: "The home is running already, and the service could not start it beside that. Stop it first (Ctrl-C where it runs, or kith stop), then install again. Nothing was changed."}
}

// writeService writes the file of a service, in one step.
func writeService(plan service.Plan) error {
	if err := os.MkdirAll(filepath.Dir(plan.File), 0o755); err != nil {
		return err
	}
	if _, err := writeWhole(plan.File, func(w io.Writer) error { _, err := io.WriteString(w, plan.Text); return err }); err != nil {
		return err
	}
	return os.Chmod(plan.File, fs.FileMode(plan.Mode))
}

// runSteps runs commands until one fails that must not.
func (a *app) runSteps(steps []service.Step) error {
	for _, step := range steps {
		out, err := a.machine.run(a.ctx, step.Command)
		if err == nil || step.Lenient {
			continue
		}
		if out != "" {
			out = ": " + clean(out)
		}
		return fmt.Errorf("%s did not work (%w)%s", strings.Join(step.Command, " "), err, out)
	}
	return a.ctx.Err()
}

// adviceFor says what to do where a service could not be installed.
func adviceFor(kind service.Kind, folder string) string {
	switch kind {
	case service.SystemdUser:
		return fmt.Sprintf("Where systemd keeps no session for you (in a container, or after su), use --system, or start it by hand: kith run --no-browser --dir %q", folder)
	case service.SystemdSystem:
		return "Where systemd does not run, use what starts programs there, with the command: kith run --no-browser --dir FOLDER"
	}
	return "Is kith in a place that you may start programs from?"
}

// removeService removes what Install made.
func (a *app) removeService(plan service.Plan) error {
	var errs []error
	errs = append(errs, a.runSteps(plan.Uninstall))
	for _, path := range append([]string{plan.File}, plan.Traces...) {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, a.runSteps(plan.Reload))...)
}

func (c *serviceUninstallCmd) Run(a *app) error {
	plan, folder, err := a.plan(c.System)
	if err != nil {
		return err
	}
	installed, _ := a.serviceState(plan)
	if !installed {
		_, err := fmt.Fprintf(a.stdout, "No service was installed for %s; there is nothing to undo.\n", clean(folder))
		return err
	}
	if err := a.removeService(plan); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return usagef("a service of the computer is removed by root: sudo kith service uninstall --system --dir %q (%w)", folder, err)
		}
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "The home in %s does not start by itself any more, and was stopped if the service had started it. Everything in it is as it was.\n", clean(folder))
	return err
}

// serviceState tells whether a service is installed, and whether the system says that it runs.
func (a *app) serviceState(plan service.Plan) (installed, active bool) {
	_, err := a.machine.run(a.ctx, plan.Status)
	if plan.Once {
		return err == nil, err == nil
	}
	_, statErr := os.Stat(plan.File)
	return statErr == nil, statErr == nil && err == nil
}

// serviceStatus is what kith service status prints as JSON.
type serviceStatus struct {
	Installed bool   `json:"installed"`
	Active    bool   `json:"active"` // the system says that it runs
	Running   bool   `json:"running"`
	By        string `json:"by"` // what started the home that runs: a kind of service, "hand", or "" if none runs
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	File      string `json:"file,omitempty"`
}

func (c *serviceStatusCmd) Run(a *app) error {
	plan, folder, err := a.plan(c.System)
	if err != nil {
		return err
	}
	s := serviceStatus{Kind: string(plan.Kind), Name: plan.Name}
	if s.Installed, s.Active = a.serviceState(plan); s.Installed && !plan.Once {
		s.File = plan.File
	}
	if s.Running, err = isLocked(folder); err != nil {
		return err
	}
	if s.Running {
		s.By = "hand"
		if e, err := api.ReadEndpoint(folder); err == nil && e.Service != "" {
			s.By = e.Service
		}
	}
	if c.JSON {
		return a.writeJSON(s)
	}
	p := a.printer()
	switch {
	case s.Installed:
		p.printf("The home in %s starts by itself (%s, %s).\n", clean(folder), plan.Kind, plan.Name)
	default:
		p.printf("The home in %s does not start by itself. kith service install changes that.\n", clean(folder))
	}
	switch {
	case !s.Running:
		p.printf("It is off now.\n")
	case s.By == "hand":
		p.printf("It is on now, started by hand.\n")
	default:
		p.printf("It is on now, started by the service.\n")
	}
	return p.err
}
