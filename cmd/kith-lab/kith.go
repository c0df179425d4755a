package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"kith/internal/api"
)

// lookClosely is how often a page that is about to answer is asked.
const lookClosely = time.Millisecond

// program is a running kith.
type program struct {
	cmd    *exec.Cmd
	client *api.Client
	exited chan error
	ended  bool
}

// startKith starts the program in a folder, which it makes, with further arguments, and waits until its page answers. It
// gives the time that took from the start of the process.
func (l *lab) startKith(ctx context.Context, binary, dir string, args ...string) (_ *program, took time.Duration, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, 0, err
	}
	page, err := freeAddress(ctx)
	if err != nil {
		return nil, 0, err
	}
	p := &program{exited: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, binary, append([]string{"--no-browser", "--dir", dir, "--page", page}, args...)...)
	p.cmd.Env = withoutSettings(os.Environ())
	p.cmd.Stderr = l.stderr
	start := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, err
	}
	go func() { p.exited <- p.cmd.Wait() }()
	if err := p.answers(ctx, "http://"+page+"/"); err != nil {
		return nil, 0, errors.Join(err, p.end())
	}
	took = time.Since(start)
	if p.client, err = api.Open(dir); err != nil {
		return nil, 0, errors.Join(err, p.end())
	}
	return p, took, nil
}

// freeAddress is one of loopback at which nothing listens at this moment.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// withoutSettings leaves out of an environment what would change how kith runs.
func withoutSettings(environment []string) []string {
	var rest []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "KITH_") {
			rest = append(rest, variable)
		}
	}
	return rest
}

// answers waits until a page is there.
func (p *program) answers(ctx context.Context, page string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("kith did not answer in time"))
	defer cancel()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
		if err != nil {
			return err
		}
		answer, err := client.Do(request)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode < http.StatusInternalServerError {
				return nil
			}
		}
		select {
		case <-time.After(lookClosely):
		case err := <-p.exited:
			p.exited <- err
			return fmt.Errorf("kith ended before it answered: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// memory of the process, in MB; see the function of that name.
func (p *program) memory(line string) *float64 { return memory(p.cmd.Process.Pid, line) }

// settle leaves the process alone for a time and tells how much of one processor it used in the second half of it, in percent;
// nil where the system does not tell.
func (p *program) settle(ctx context.Context, d time.Duration) (*float64, error) {
	if err := pause(ctx, d/2); err != nil {
		return nil, err
	}
	before, known := processorTime(p.cmd.Process.Pid)
	start := time.Now()
	if err := pause(ctx, d/2); err != nil || !known {
		return nil, err
	}
	after, known := processorTime(p.cmd.Process.Pid)
	if !known {
		return nil, nil
	}
	percent := round(100*(after-before).Seconds()/time.Since(start).Seconds(), 1)
	return &percent, nil
}

// end stops the program and waits for it. Calling it again does nothing.
func (p *program) end() error {
	if p == nil || p.ended {
		return nil
	}
	p.ended = true
	if p.client != nil {
		p.client.Close()
	}
	if err := interrupt(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, p.cmd.Process.Kill())
	}
	select {
	case err := <-p.exited:
		// Interrupted, as it was: some systems call that an error.
		var status *exec.ExitError
		if err != nil && !errors.As(err, &status) {
			return err
		}
		return nil
	case <-time.After(stopWithin):
		return errors.Join(fmt.Errorf("kith did not end within %v", stopWithin), p.cmd.Process.Kill())
	}
}
