package main

import (
	"fmt"
	"slices"
	"strings"

	"kith/internal/social"
)

type friendsCmd struct {
	JSON bool `name:"json" help:"Print JSON: a list of people."`
}

func (*friendsCmd) Help() string {
	return `A friend's home that is on is a lit window.

Example:

    kith friends --json | jq -r '.[] | select(.online) | .name'`
}

func (c *friendsCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	friends, err := client.Friends(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		if friends == nil {
			friends = []social.Person{}
		}
		return a.writeJSON(friends)
	}
	p := a.printer()
	if len(friends) == 0 {
		p.printf("No friends here so far. kith invite makes a message to send to one.\n")
		return p.err
	}
	slices.SortStableFunc(friends, func(x, y social.Person) int {
		if x.Online != y.Online {
			if x.Online {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name))
	})
	longest := 0
	for _, f := range friends {
		longest = max(longest, columnsOf(clean(f.Name)))
	}
	for _, f := range friends {
		seen := "on now"
		switch {
		case f.Online:
		case f.LastSeen.IsZero():
			seen = "not seen so far"
		default:
			seen = "last on " + p.when(f.LastSeen)
		}
		p.printf("%s %s  %s\n", p.window(f.Online), p.bold(pad(clean(f.Name), longest)), p.dim(seen+" · "+short(f.ID)))
	}
	return p.err
}

type unfriendCmd struct {
	Friend string `arg:"" help:"The friend: the name, or the ID, or how either begins."`
	Yes    bool   `short:"y" help:"Don't ask."`
}

func (*unfriendCmd) Help() string {
	return `From then on neither of you gets what the other one posts. They keep what they already have.

Example:

    kith unfriend Mallory`
}

func (c *unfriendCmd) Run(a *app) error {
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
	name := clean(friend.Name)
	if !c.Yes {
		if err := a.confirm(fmt.Sprintf("End your friendship with %s?", name)); err != nil {
			return err
		}
	}
	if err := client.Unfriend(a.ctx, friend.ID); err != nil {
		return err
	}
	p := a.printer()
	p.printf("You and %s are no longer friends. What they already have they keep; they get nothing new.\n", name)
	return p.err
}
