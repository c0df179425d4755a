package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitInterrupt = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	code := Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Main runs the program with arguments (without its name) and returns the exit code. It ends soon after ctx does. It
// starts the executable that it runs in again, which must hand its arguments to Main as well.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	l := &lab{ctx: ctx, stdin: stdin, stdout: stdout, stderr: &shared{to: stderr}}
	return l.report(l.run(args))
}

// lab is what every verb works with.
type lab struct {
	ctx            context.Context
	stdin          io.Reader
	stdout, stderr io.Writer
	begun          time.Time
}

// shared lets several write to one writer: here standard error, to which the processes that are started write as well.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

// cli is the command line.
type cli struct {
	Latency   latencyCmd   `cmd:"" help:"From a call to publish until a friend's store finds the post."`
	Sync      syncCmd      `cmd:"" help:"A member fetches a large space for the first time."`
	Feed      feedCmd      `cmd:"" help:"Pages of a home that holds a million posts: feed, walls, a thread, searches, posting."`
	Footprint footprintCmd `cmd:"" help:"Size of the program, time to start, memory idle and with friends."`
	Fold      foldCmd      `cmd:"" help:"Hold the rule of who may do what against sets of operations that conflict."`
	Rotate    rotateCmd    `cmd:"" help:"Change the key of a space, and of a person."`
	Sim       simCmd       `cmd:"" help:"Villages of real homes on a fake clock, with everything that goes wrong."`

	Friend  friendCmd  `cmd:"" hidden:"" help:"Play the friend of latency."`
	Source  sourceCmd  `cmd:"" hidden:"" help:"Play the home that sync fetches from."`
	Receive receiveCmd `cmd:"" hidden:"" help:"Play the home that fetches in sync."`
	Homes   homesCmd   `cmd:"" hidden:"" help:"Play many friends' homes for footprint."`
}

const description = "kith-lab measures kith on this machine. Progress goes to standard error; the last line on standard output is " +
	"the result, as JSON."

// errUsage says that the arguments can't be understood.
var errUsage = errors.New("try kith-lab --help")

func (l *lab) run(args []string) error {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("kith-lab"),
		kong.Description(description),
		kong.Writers(l.stdout, l.stderr),
		kong.Exit(func(int) { helped = true }),
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	verb, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", err, errUsage)
	}
	l.begun = time.Now()
	return verb.Run(l)
}

// report tells what went wrong and returns the exit code.
func (l *lab) report(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled) && l.ctx.Err() != nil:
		return exitInterrupt
	}
	fmt.Fprintln(l.stderr, "kith-lab:", err)
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}

// progress tells whoever waits what is going on.
func (l *lab) progress(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintf(l.stderr, "%6.1fs  %s\n", time.Since(l.begun).Seconds(), strings.TrimSpace(line))
}

// result writes the line of JSON that ends a measurement.
func (l *lab) result(figures any) error { return json.NewEncoder(l.stdout).Encode(figures) }

// place is where a measurement makes its homes, and how long it may take.
type place struct {
	Dir     string        `placeholder:"FOLDER" type:"existingdir" help:"Make the homes in here, on the disk that is to be measured. If not given, where temporary files go."`
	Timeout time.Duration `default:"20m" help:"Give up after this time."`
}

// within calls do with a fresh folder, which is gone afterwards, and with a context that ends in time.
func (p *place) within(l *lab, do func(ctx context.Context, dir string) error) error {
	ctx, cancel := context.WithTimeoutCause(l.ctx, p.Timeout, fmt.Errorf("not done within %v", p.Timeout))
	defer cancel()
	dir, err := os.MkdirTemp(p.Dir, "kith-lab-")
	if err != nil {
		return fmt.Errorf("a folder for the homes can't be made: %w", err)
	}
	err = do(ctx, dir)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return errors.Join(err, os.RemoveAll(dir))
}
