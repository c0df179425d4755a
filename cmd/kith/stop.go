package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stopTime is how long a home may take to stop. It promises to need no more than two seconds.
const stopTime = 10 * time.Second

type stopCmd struct{}

func (*stopCmd) Help() string {
	return `Returns when the home has stopped. In the terminal where it runs, Ctrl-C does the same.`
}

func (c *stopCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	folder, err := a.folder()
	if err != nil {
		return err
	}
	if err := client.Stop(a.ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, stopTime)
	defer cancel()
	unlock, err := waitForLock(ctx, folder)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the home was asked to stop and still runs after %s", stopTime)
	}
	if err != nil {
		return err
	}
	if err := unlock(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "The home has stopped.")
	return err
}
