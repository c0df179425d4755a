package main

import (
	"errors"
	"fmt"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type acceptCmd struct {
	Code []string `arg:"" optional:"" help:"The invite: its code, its link, or the whole message. If not given, or “-”, it is read from the standard input."`
	Yes  bool     `short:"y" help:"Don't show who invites and ask first."`
	Wait bool     `short:"w" help:"Wait until you are friends, or until it is clear that it won't be."`
	JSON bool     `name:"json" help:"Print what became of it as JSON."`
}

func (*acceptCmd) Help() string {
	return `An invite leads to a friendship or into a group. Friends: each of you sees what the other one posts, and the friends of either can see that you are. If the home of who
invites you can't be reached, kith keeps trying for as long as the invite lasts.

Examples:

    kith accept kith1-...
    kith accept --wait < message.txt`
}

func (c *acceptCmd) Run(a *app) error {
	code, err := a.text(c.Code, false)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if !c.Yes && a.asks() {
		if err := c.introduce(a, client, code); err != nil {
			return err
		}
	}
	var events *api.EventStream
	if c.Wait { // from before, so that nothing is missed in between
		if events, err = client.Events(a.ctx); err != nil {
			return err
		}
		defer events.Close()
	}
	accepted, err := client.Accept(a.ctx, code)
	if err != nil {
		return err
	}
	if c.Wait {
		if accepted, err = c.wait(a, client, events, accepted); err != nil {
			return err
		}
	}
	if c.JSON {
		if err := a.writeJSON(accepted); err != nil {
			return err
		}
	}
	if accepted.State == social.AcceptanceFailed {
		return &social.Error{Code: social.CodeRefused, Message: acceptanceState(accepted)}
	}
	if c.JSON {
		return nil
	}
	p := a.printer()
	p.paragraph("", acceptanceState(accepted))
	return p.err
}

// introduce shows who invites, and asks.
func (c *acceptCmd) introduce(a *app, client *api.Client, code string) error {
	greeting, err := client.Inspect(a.ctx, code)
	var told *social.Error
	if errors.As(err, &told) && told.Code == social.CodeUnreachable {
		fmt.Fprintln(a.stderr, clean(told.Message))
		return a.confirm("Accept it unseen, so that kith keeps trying?")
	}
	if err != nil {
		return err
	}
	if g := greeting.Group; g != nil {
		if g.About != "" {
			fmt.Fprintln(a.stderr, clean(g.About))
		}
		return a.confirm(fmt.Sprintf("%s invites you to %s (%s in it). Join?", clean(greeting.Inviter.Name), clean(g.Name), count(g.People, "member")))
	}
	return a.confirm(fmt.Sprintf("%s invites you. Become friends?", clean(greeting.Inviter.Name)))
}

// wait follows the events until the acceptance has come to an end.
func (c *acceptCmd) wait(a *app, client *api.Client, events *api.EventStream, accepted social.Acceptance) (social.Acceptance, error) {
	last := ""
	// ended looks how it stands, and tells a person when that has changed.
	ended := func() (bool, error) {
		list, err := client.Acceptances(a.ctx)
		if err != nil {
			return false, err
		}
		now, err := findByID(list, func(a social.Acceptance) string { return a.ID }, accepted.ID, "accepted invite")
		if err != nil {
			return false, err
		}
		accepted = now
		if state := acceptanceState(now); !strings.EqualFold(state, last) && now.State != social.AcceptanceDone && now.State != social.AcceptanceFailed {
			fmt.Fprintln(a.stderr, clean(state))
			last = state
		}
		return now.State == social.AcceptanceDone || now.State == social.AcceptanceFailed, nil
	}
	for {
		if done, err := ended(); done || err != nil {
			return accepted, err
		}
		for { // until something happens that may have changed it
			e, err := events.Next()
			if err != nil {
				return accepted, err
			}
			if e.Kind == social.EventInvites || e.Kind == social.EventFriends {
				break
			}
		}
	}
}
