package main

import (
	"fmt"

	"kith/internal/social"
)

type recoverCmd struct {
	HelpCode    string `name:"code" placeholder:"CODE" help:"The code of a friend who helps. Without it, a friend's home is looked for on the home network."`
	Name        string `help:"What this computer is to be called."`
	Internet    bool   `help:"Reach, and be reached, over the internet too, not in the home network only."`
	KeepDevices bool   `help:"Let your earlier computers stay. Otherwise they are removed once everything has been found again."`
	JSON        bool   `name:"json" help:"Print the profile as JSON."`
}

func (*recoverCmd) Help() string {
	return `For when all your computers are lost, in a folder in which kith has not been set up. The recovery words are asked for, or read from the
standard input. A friend's home gives back who you are; ask them for a code:

    kith help-back NAME                       at the friend's
    kith recover --code kith-help1-...        at yours

Your wall, your friends and what you wrote come back from your friends' homes, as far as one of them has it. What only your own
computers had, such as the draft and your notes on invites, does not. Further friends are found with a code of theirs, by the same command.`
}

func (c *recoverCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	options := social.RecoverOptions{Help: c.HelpCode, Name: c.Name, Reach: social.ReachHome, KeepDevices: c.KeepDevices}
	if c.Internet {
		options.Reach = social.ReachInternet
	}
	if status, err := client.Status(a.ctx); err != nil {
		return err
	} else if status.Name == "" { // otherwise it is a further friend's code, and the words are not needed again
		if options.Words, err = a.readSecret("Recovery words: "); err != nil {
			return err
		}
	}
	profile, err := client.Recover(a.ctx, options)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(profile)
	}
	p := a.printer()
	p.paragraph("", fmt.Sprintf("Welcome back, %s. What you wrote comes back from your friends' homes in the next minutes.", clean(profile.Name)))
	return p.err
}

type helpBackCmd struct {
	Friend string `arg:"" help:"The friend: the name, or the ID, or how either begins."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

func (*helpBackCmd) Help() string {
	return `Makes a code for a friend who lost all their computers and comes back with their recovery words. It tells where your home is, and is
worth nothing without the words.`
}

func (c *helpBackCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	friends, err := client.Friends(a.ctx)
	if err != nil {
		return err
	}
	friend, err := findPerson(friends, c.Friend)
	if err != nil {
		return err
	}
	help, err := client.Help(a.ctx, friend.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(help)
	}
	_, err = fmt.Fprintln(a.stdout, help.Code)
	return err
}
