package main

import (
	"fmt"

	"kith/internal/access"
)

type passwordCmd struct {
	Remove bool `help:"Remove the password. The page is then opened by kith open only."`
}

func (*passwordCmd) Help() string {
	return `With a password the page can be opened in any browser on this computer; without one it is opened by kith open. The one that was
set before is not asked for: who can use this folder owns the home. All browsers are signed out. Without a terminal the new
password is read as a line from the standard input.

Examples:

    kith password
    kith password --remove`
}

func (c *passwordCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if c.Remove {
		if err := client.ResetPassword(a.ctx, ""); err != nil {
			return err
		}
		_, err := fmt.Fprintln(a.stdout, "The page has no password now, and all browsers are signed out. kith open signs you in.")
		return err
	}
	if _, err := client.Status(a.ctx); err != nil {
		return err // before anybody thinks of a password in vain
	}
	new, err := a.readSecret(fmt.Sprintf("New password (at least %d characters): ", access.MinPassword))
	if err != nil {
		return err
	}
	if new == "" {
		return usagef("no password was given; nothing was changed (--remove removes the one that is set)")
	}
	if a.asks() {
		again, err := a.readSecret("Once more: ")
		if err != nil {
			return err
		}
		if again != new {
			return usagef("the two are not the same; nothing was changed")
		}
	}
	if err := client.ResetPassword(a.ctx, new); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "The password is set, and all browsers are signed out.")
	return err
}
