package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

const (
	// maxLine bounds a line between two processes: fifty invites with their messages.
	maxLine = 1 << 20
	// stopWithin is how long a process may take to close its homes before it is ended.
	stopWithin = 10 * time.Second
)

// errSilent says that the other process ended before it answered.
var errSilent = errors.New("the other process has ended")

// line is a talk with another process, in lines of JSON.
type line struct {
	out   *json.Encoder
	heard chan []byte // closed when the other side has no more to say
}

// newLine reads from in until that ends or ctx does, and then calls ended.
func newLine(ctx context.Context, in io.Reader, out io.Writer, ended func()) *line {
	l := &line{out: json.NewEncoder(out), heard: make(chan []byte)}
	go func() {
		defer ended()
		defer close(l.heard)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			select {
			case l.heard <- slices.Clone(scanner.Bytes()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

// tell sends a value.
func (l *line) tell(v any) error { return l.out.Encode(v) }

// hear waits for a value.
func (l *line) hear(ctx context.Context, v any) error {
	select {
	case raw, ok := <-l.heard:
		if !ok {
			return errSilent
		}
		if err := json.Unmarshal(raw, v); err != nil {
			return fmt.Errorf("what the other process said: %w", err)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// child is a process that was started here.
type child struct {
	*line
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	stop  context.CancelFunc
}

// again starts this program once more, with a verb for its own use. Whoever calls it calls end.
func (l *lab) again(ctx context.Context, verb string, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	c := &child{name: verb, cmd: exec.CommandContext(ctx, self, append([]string{verb}, args...)...), stop: stop}
	c.cmd.Stderr = l.stderr
	c.cmd.WaitDelay = time.Second
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", verb, err)
	}
	c.stdin, c.line = in, newLine(ctx, out, in, func() {})
	return c, nil
}

// end lets the process close its homes and waits for it; a process that takes too long is killed.
func (c *child) end() error {
	_ = c.stdin.Close() // that it is closed already is as good
	late := time.AfterFunc(stopWithin, c.stop)
	for range c.heard { // Wait must not be called while the output is being read
	}
	err := c.cmd.Wait()
	c.stop()
	if !late.Stop() {
		err = errors.Join(err, fmt.Errorf("it did not end within %v", stopWithin))
	}
	if err != nil {
		return fmt.Errorf("process %s: %w", c.name, err)
	}
	return nil
}

// parent is the process that started this one. The context ends when it has no more to say.
func (l *lab) parent() (context.Context, *line) {
	ctx, cancel := context.WithCancel(l.ctx)
	return ctx, newLine(ctx, l.stdin, l.stdout, cancel)
}
