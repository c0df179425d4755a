package main

import (
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type groupInviteCmd struct {
	Group string   `arg:"" help:"The group."`
	Mode  string   `enum:"once,approval,friends" default:"once" help:"once: for one person, who is in at once. approval: for many, each of whom waits for a yes. friends: for your friends, who are in at once."`
	Label string   `short:"l" placeholder:"WORDS" help:"A note for yourself of whom it is for."`
	For   lifetime `placeholder:"TIME" help:"How long it lasts, such as 30m, 12h or 7d. If not given, 7 days."`
	Code  bool     `xor:"form" help:"Print the code alone."`
	JSON  bool     `name:"json" xor:"form" help:"Print the invite as JSON."`
}

func (c *groupInviteCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		invite, err := client.InviteToGroup(a.ctx, g.ID, social.GroupInvite{Mode: c.Mode, Label: c.Label, For: c.For.duration()})
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			return a.writeJSON(invite)
		case c.Code:
			return a.say("%s", invite.Code)
		}
		return a.say("%s", strings.TrimRight(invite.Message, "\n"))
	})
}

type groupAddCmd struct {
	Group  string `arg:"" help:"The group."`
	Friend string `arg:"" help:"The friend."`
}

func (c *groupAddCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		friends, err := client.Friends(a.ctx)
		if err != nil {
			return err
		}
		friend, err := findPerson(friends, c.Friend)
		if err != nil {
			return err
		}
		if err := client.AddToGroup(a.ctx, g.ID, friend.ID); err != nil {
			return err
		}
		return a.say("%s is added to %s. Their home asks them whether they want to be there.", clean(friend.Name), clean(g.Name))
	})
}

// answerOffer answers a group that a friend added the owner to.
func (a *app) answerOffer(name string, yes bool) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	offers, err := client.Offers(a.ctx)
	if err != nil {
		return err
	}
	o, err := named(offers, func(o social.Offered) (string, string) { return o.Group.ID, o.Group.Name }, name, "offer of a group", "kith groups")
	if err != nil {
		return err
	}
	if err := client.AnswerOffer(a.ctx, o.Group.ID, yes); err != nil {
		return err
	}
	if yes {
		return a.say("You said yes to %s. It is here as soon as a home of it is on.", clean(o.Group.Name))
	}
	return a.say("You said no to %s. Nothing of it comes to this computer.", clean(o.Group.Name))
}

type groupJoinCmd struct {
	Group string `arg:"" help:"The group that a friend added you to."`
}

func (c *groupJoinCmd) Run(a *app) error { return a.answerOffer(c.Group, true) }

type groupDeclineCmd struct {
	Group string `arg:"" help:"The group that a friend added you to."`
}

func (c *groupDeclineCmd) Run(a *app) error { return a.answerOffer(c.Group, false) }

type groupRequestsCmd struct {
	Group string `arg:"" help:"The group."`
	JSON  bool   `name:"json" help:"Print JSON: a list of requests."`
}

func (c *groupRequestsCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		g, err := client.Group(a.ctx, g.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.writeJSON(orEmpty(g.Requests))
		}
		p := a.printer()
		if len(g.Requests) == 0 {
			p.printf("Nobody asks to join %s.\n", clean(g.Name))
		}
		for _, r := range g.Requests {
			p.printf("%s %s\n", p.bold(clean(r.Person.Name)), p.dim("· with an invite of "+clean(r.By.Name)+" · "+p.when(r.Since)+" · "+short(r.Person.ID)))
		}
		return p.err
	})
}

// answerRequest answers somebody who asks to join.
func (a *app) answerRequest(group, person string, yes bool) error {
	return a.inGroup(group, func(client *api.Client, g social.Group) error {
		g, err := client.Group(a.ctx, g.ID)
		if err != nil {
			return err
		}
		r, err := named(g.Requests, func(r social.Request) (string, string) { return r.Person.ID, r.Person.Name }, person, "request of", "kith group requests")
		if err != nil {
			return err
		}
		if err := client.AnswerRequest(a.ctx, g.ID, r.Person.ID, yes); err != nil {
			return err
		}
		if yes {
			return a.say("%s is let into %s.", clean(r.Person.Name), clean(g.Name))
		}
		return a.say("%s was not let in.", clean(r.Person.Name))
	})
}

type groupApproveCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"Who asks to join."`
}

func (c *groupApproveCmd) Run(a *app) error { return a.answerRequest(c.Group, c.Person, true) }

type groupRefuseCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"Who asks to join."`
}

func (c *groupRefuseCmd) Run(a *app) error { return a.answerRequest(c.Group, c.Person, false) }
