package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"kith/internal/api"
	"kith/internal/p2p"
)

// startTime is how long a home that holds the lock may take until it answers.
const startTime = 10 * time.Second

// libraryLog is done before the first home of a process starts: what the network library has to say goes where kith's own
// log goes.
var libraryLog sync.Once

type runCmd struct{}

func (*runCmd) Help() string {
	return `The home runs until Ctrl-C, SIGTERM or kith stop. If it runs in this folder already, its page is opened instead.

Examples:

    kith
    kith --dir ~/kith --no-browser --log-level info
    kith --page 127.0.0.1:9000 --listen 7481`
}

func (c *runCmd) Run(a *app) error {
	s, err := settingsOf(a.flags, a.env)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("the folder of the home can't be made: %w", err)
	}
	unlock, err := lockFolder(s.dir)
	if errors.Is(err, errLocked) {
		return a.openRunning(s)
	}
	if err != nil {
		return err
	}
	if err := interrupted(s.dir); err != nil {
		return errors.Join(err, unlock())
	}
	return errors.Join(a.runHome(s), unlock())
}

// runHome runs the home in a folder that is locked, until the context ends or the home is asked to stop.
func (a *app) runHome(s settings) error {
	handler := slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: s.logLevel})
	log := slog.New(handler)
	libraryLog.Do(func() { p2p.LibraryLog(handler) })
	r, err := start(a.ctx, a.open, s, log)
	if err != nil {
		return err
	}
	p := a.printer()
	p.printf("%s %s\n", p.window(true), p.bold("Your home is on: "+r.page+"/"))
	p.printf("  It keeps everything in %s. Ctrl-C stops it.\n", clean(s.dir))
	if s.noBrowser {
		p.printf("  kith open signs a browser in.\n")
	} else if err := a.openPage(r, s.dir); err != nil {
		log.Debug("the page was not opened", "error", err)
		p.printf("  %s\n  Open this address in one; it works once, within two minutes:\n  %s\n", "No browser could be started here.", a.freshLink(r))
	}
	select {
	case <-a.ctx.Done():
	case <-r.stopped:
	}
	return r.close()
}

// openPage opens the page of the home in the browser, signed in.
func (a *app) openPage(r *running, dir string) error {
	token, err := r.home.gate.OneTimeToken(a.ctx)
	if err != nil {
		return err
	}
	return openBrowser(a.ctx, dir, api.SignInLink(r.page, token), a.env)
}

// freshLink returns an address that signs in, for a person to copy.
func (a *app) freshLink(r *running) string {
	token, err := r.home.gate.OneTimeToken(a.ctx)
	if err != nil {
		return r.page + "/" // the program is stopping
	}
	return api.SignInLink(r.page, token)
}

// openRunning opens the page of a home that another process runs. That process may have started a moment ago and
// not answer so far, or be about to stop.
func (a *app) openRunning(s settings) error {
	ctx, cancel := context.WithTimeout(a.ctx, startTime)
	defer cancel()
	for {
		err := a.showPage(ctx, s.dir, s.noBrowser, "This home is on already")
		if !errors.Is(err, api.ErrNotRunning) {
			return err
		}
		select {
		case <-time.After(lockInterval):
		case <-ctx.Done():
			if a.ctx.Err() != nil {
				return a.ctx.Err()
			}
			return fmt.Errorf("another process holds the lock of %s and does not answer; if it is stopping, try again", s.dir)
		}
	}
}

// showPage opens the page of the home that runs in a folder, or prints a link to it.
func (a *app) showPage(ctx context.Context, dir string, noBrowser bool, title string) error {
	client, err := api.Open(dir)
	if err != nil {
		return err
	}
	defer client.Close()
	link, err := client.PageLink(ctx)
	if err != nil {
		return err
	}
	p := a.printer()
	p.printf("%s %s\n", p.window(true), p.bold(title+": "+clean(link.Page)))
	if !noBrowser {
		err := openBrowser(ctx, dir, link.Link, a.env)
		if err == nil {
			return p.err
		}
		p.printf("  No browser could be started here.\n")
	}
	p.printf("  Open this address in a browser; it works once, within two minutes:\n  %s\n", clean(link.Link))
	return p.err
}
