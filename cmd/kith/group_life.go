package main

import (
	"fmt"

	"kith/internal/api"
	"kith/internal/social"
)

type groupRemoveCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"Who is to go."`
	Yes    bool   `short:"y" help:"Don't ask."`
}

func (c *groupRemoveCmd) Run(a *app) error {
	return a.withMember(c.Group, c.Person, unless(c.Yes, "Take %s out of %s?"), func(client *api.Client, g social.Group, m social.Member) error {
		if err := client.RemoveFromGroup(a.ctx, g.ID, m.ID); err != nil {
			return err
		}
		return a.say("%s is out of %s. What they have they keep; they get nothing new.", clean(m.Name), clean(g.Name))
	})
}

// unless is a question, or none for who said so.
func unless(yes bool, question string) string {
	if yes {
		return ""
	}
	return question
}

type groupPromoteCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"The member."`
}

func (c *groupPromoteCmd) Run(a *app) error {
	return a.withMember(c.Group, c.Person, "", func(client *api.Client, g social.Group, m social.Member) error {
		if err := client.PromoteInGroup(a.ctx, g.ID, m.ID); err != nil {
			return err
		}
		return a.say("%s is an admin of %s now.", clean(m.Name), clean(g.Name))
	})
}

type groupDemoteCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"The admin."`
}

func (c *groupDemoteCmd) Run(a *app) error {
	return a.withMember(c.Group, c.Person, "", func(client *api.Client, g social.Group, m social.Member) error {
		if err := client.DemoteInGroup(a.ctx, g.ID, m.ID); err != nil {
			return err
		}
		return a.say("%s is an ordinary member of %s again.", clean(m.Name), clean(g.Name))
	})
}

type groupHandOverCmd struct {
	Group  string `arg:"" help:"The group."`
	Person string `arg:"" help:"Whose it is to be."`
	Yes    bool   `short:"y" help:"Don't ask."`
}

func (c *groupHandOverCmd) Run(a *app) error {
	question := "Make %s the owner of %s, for good? You stay as an admin."
	return a.withMember(c.Group, c.Person, unless(c.Yes, question), func(client *api.Client, g social.Group, m social.Member) error {
		if err := client.HandOverGroup(a.ctx, g.ID, m.ID); err != nil {
			return err
		}
		return a.say("%s belongs to %s now. You are an admin of it.", clean(g.Name), clean(m.Name))
	})
}

type groupLeaveCmd struct {
	Group string `arg:"" help:"The group."`
	Yes   bool   `short:"y" help:"Don't ask."`
}

func (c *groupLeaveCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		if !c.Yes {
			if err := a.confirm(fmt.Sprintf("Leave %s?", clean(g.Name))); err != nil {
				return err
			}
		}
		if err := client.LeaveGroup(a.ctx, g.ID); err != nil {
			return err
		}
		return a.say("You have left %s. What you have of it stays on this computer.", clean(g.Name))
	})
}

type groupCloseCmd struct {
	Group string `arg:"" help:"The group."`
	Yes   bool   `short:"y" help:"Don't ask."`
}

func (c *groupCloseCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		if !c.Yes {
			if err := a.confirm(fmt.Sprintf("Close %s for everybody, for good?", clean(g.Name))); err != nil {
				return err
			}
		}
		if err := client.CloseGroup(a.ctx, g.ID); err != nil {
			return err
		}
		return a.say("%s is closed. Everybody keeps what they have.", clean(g.Name))
	})
}
