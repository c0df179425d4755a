package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"kith/internal/api"
	"kith/internal/social"
)

func main() {
	ctx, stop := signalled()
	code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}

// signalled returns a context that ends with Ctrl-C or SIGTERM. The second of them ends the program at once.
func signalled() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Main runs kith with arguments (without the name of the program) and returns the exit code. It ends soon after ctx does.
// env looks up an environment variable. Main uses no other input or output than the ones given, and may run several
// times in one process.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	return program{open: openHome, machine: thisMachine()}.main(ctx, args, stdin, stdout, stderr, env)
}

// program is kith with a way to open homes.
type program struct {
	open         opener
	beforeSurvey func(dirs []string) error
	machine      machine
}

func (p program) main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	a := &app{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, env: env, open: p.open, beforeSurvey: p.beforeSurvey, machine: p.machine}
	return a.report(a.run(args))
}

// app is what every verb works with.
type app struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	open           opener            // of the home that the verb run starts
	flags          options           // as given; see settings for what counts in the end
	model          *kong.Application // of the command line, for completions

	machine machine // where services are installed

	beforeSurvey func(dirs []string) error // a test's chance to do damage before demo --once reads the homes back
}

// run understands the arguments and runs the verb.
func (a *app) run(args []string) error {
	verb, err := a.parse(args)
	if verb == nil {
		return err
	}
	return verb.Run(a)
}

// parse understands the arguments. It returns nil if they asked for help, which was given.
func (a *app) parse(args []string) (*kong.Context, error) {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("kith"),
		kong.Description(description),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(int) { helped = true }), // after --help; the parser goes on, and its complaints don't count
		kong.Help(a.help),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.ExplicitGroups(groups),
		kong.Vars{"version": versionLine()},
	)
	if err != nil {
		return nil, err
	}
	verb, err := parser.Parse(args)
	if helped {
		return nil, nil
	}
	if err != nil {
		return nil, usage(err)
	}
	a.flags, a.model = c.options, parser.Model
	return verb, nil
}

// report tells a person what went wrong and returns the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return api.ExitDone
	}
	var told *social.Error
	var wrong *usageError
	switch {
	case errors.Is(err, context.Canceled) && a.ctx.Err() != nil:
		return api.ExitInterrupt // by the person, who knows
	case errors.As(err, &wrong):
		fmt.Fprintln(a.stderr, "kith:", clean(wrong.Error()))
		if wrong.hint != "" {
			fmt.Fprintln(a.stderr, wrong.hint)
		}
		return api.ExitUsage
	case errors.Is(err, api.ErrNotRunning):
		folder, folderErr := a.folder()
		if folderErr != nil {
			folder = "this folder"
		}
		fmt.Fprintf(a.stderr, "kith: No home is running in %s.\nStart it there by running kith, or name another folder with --dir.\n", clean(folder))
	case errors.As(err, &told):
		fmt.Fprintln(a.stderr, "kith:", clean(told.Message))
	default:
		fmt.Fprintln(a.stderr, "kith:", clean(err.Error()))
	}
	return api.ExitCode(err)
}

// usageError says that the command can't be understood or that something given to it can't be used.
type usageError struct {
	err  error
	hint string // what to try, or ""
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage makes a usageError of what the parser says. A verb that there is not looks to the parser like an argument of the
// verb run, which it takes for granted; here it becomes what the person meant.
func usage(err error) error {
	hint := "Try: kith --help"
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil {
		return &usageError{err, hint}
	}
	verb := parse.Context.Selected()
	if verb == nil || verb.Name == "run" {
		if given, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok {
			err = fmt.Errorf("there is no command “%s”", given)
			if near := nearest(given, parse.Context.Model.Children); near != "" {
				hint = "Did you mean: kith " + near
			}
		}
		return &usageError{err, hint}
	}
	return &usageError{err, "Try: " + verb.FullPath() + " --help"}
}

// nearest returns the verb that differs least from what was given, or "" if none is similar.
func nearest(given string, verbs []*kong.Node) string {
	best, least := "", 3 // two slips are a slip, three are another word
	for _, v := range verbs {
		d := distance(given, v.Name)
		if strings.HasPrefix(v.Name, given) {
			d = 1
		}
		if !v.Hidden && d < least {
			best, least = v.Name, d
		}
	}
	return best
}

// distance is how many letters have to be changed, added or left out to get from a to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// usagef makes a usageError of a sentence.
func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), ""}
}

// folder returns the folder of the home, from the flag, the environment, or where the command is run.
func (a *app) folder() (string, error) { return folderOf(a.flags, a.env) }

// client returns a client for the home that runs in the folder. The caller closes it.
func (a *app) client() (*api.Client, error) {
	folder, err := a.folder()
	if err != nil {
		return nil, err
	}
	return api.Open(folder)
}
