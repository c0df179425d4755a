package main

import (
	"os"

	"kith/internal/social"
)

type beginCmd struct {
	Name     string `required:"" help:"Your name, as your friends know you."`
	Picture  string `type:"existingfile" placeholder:"FILE" help:"A picture of you."`
	Internet bool   `help:"Let friends reach this home over the internet too, not in the home network only."`
	JSON     bool   `name:"json" help:"Print the profile as JSON."`
}

func (*beginCmd) Help() string {
	return `The page asks the same when it is opened for the first time. This is for homes without a browser.

Example:

    kith begin --name Ada --picture me.jpg --internet`
}

func (c *beginCmd) Run(a *app) error {
	setup := social.Setup{Name: c.Name, Reach: social.ReachHome}
	if c.Internet {
		setup.Reach = social.ReachInternet
	}
	if c.Picture != "" {
		f, err := os.Open(c.Picture)
		if err != nil {
			return usagef("the picture %s can't be read: %w", c.Picture, err)
		}
		defer f.Close()
		setup.Picture = f
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	profile, err := client.Begin(a.ctx, setup)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(profile)
	}
	p := a.printer()
	p.printf("Welcome, %s. kith invite makes a message to send to your first friend.\n", clean(profile.Name))
	return p.err
}
