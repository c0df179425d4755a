package main

import (
	"context"
	"fmt"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type groupsCmd struct {
	JSON bool `name:"json" help:"Print JSON: an object with “groups” and “offers”."`
}

func (*groupsCmd) Help() string {
	return `Lists your groups, and those that a friend added you to and that wait for your answer.

Examples:

    kith groups
    kith groups --json | jq -r '.groups[] | select(.waiting > 0) | .name'`
}

func (c *groupsCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	groups, err := client.Groups(a.ctx)
	if err != nil {
		return err
	}
	offers, err := client.Offers(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(map[string]any{"groups": orEmpty(groups), "offers": orEmpty(offers)})
	}
	p := a.printer()
	if len(groups)+len(offers) == 0 {
		p.printf("No groups so far. kith group create makes one.\n")
	}
	for _, o := range offers {
		p.printf("%s %s\n", p.bold(clean(o.By.Name)+" invites you to "+clean(o.Group.Name)), p.dim("· "+short(o.Group.ID)))
		p.paragraph("  ", "kith group join "+short(o.Group.ID)+", or kith group decline "+short(o.Group.ID))
	}
	for _, g := range groups {
		p.printf("%s %s\n", p.bold(clean(g.Name)), p.dim("· "+groupState(g)+" · "+short(g.ID)))
		if g.Waiting > 0 {
			p.paragraph("  ", peopleWord(g.Waiting)+" to join: kith group requests "+short(g.ID))
		}
	}
	return p.err
}

// peopleWord says how many people ask.
func peopleWord(n int) string {
	if n == 1 {
		return "1 person asks"
	}
	return number(n) + " people ask"
}

// groupState says in a few words how it stands with a group.
func groupState(g social.Group) string {
	switch g.State {
	case social.GroupComing:
		return "on its way"
	case social.GroupClosed:
		return "closed"
	case social.GroupLeft:
		return "you left"
	case social.GroupRemoved:
		return "you are no longer in it"
	}
	people := number(g.People) + " people"
	if g.People == 1 {
		people = "1 person"
	}
	switch g.Role {
	case social.RoleOwner:
		return people + ", yours"
	case social.RoleAdmin:
		return people + ", you are an admin"
	}
	return people
}

type groupCmd struct {
	Create   groupCreateCmd   `cmd:"" help:"Make a group."`
	Show     groupShowCmd     `cmd:"" help:"Show a group and who is in it."`
	Rename   groupRenameCmd   `cmd:"" help:"Change the name of a group, or its rules."`
	Invite   groupInviteCmd   `cmd:"" help:"Make an invite into a group, to send to somebody."`
	Add      groupAddCmd      `cmd:"" help:"Add a friend. Their home asks them."`
	Join     groupJoinCmd     `cmd:"" help:"Say yes to a friend who added you to a group."`
	Decline  groupDeclineCmd  `cmd:"" help:"Say no to it."`
	Requests groupRequestsCmd `cmd:"" help:"List who asks to join."`
	Approve  groupApproveCmd  `cmd:"" help:"Let in who asks to join."`
	Refuse   groupRefuseCmd   `cmd:"" help:"Don't let in who asks to join."`
	Remove   groupRemoveCmd   `cmd:"" help:"Take somebody out."`
	Promote  groupPromoteCmd  `cmd:"" help:"Make a member an admin."`
	Demote   groupDemoteCmd   `cmd:"" help:"Make an admin a member."`
	HandOver groupHandOverCmd `cmd:"" help:"Make somebody else the owner, for good."`
	Leave    groupLeaveCmd    `cmd:"" help:"Leave a group."`
	Close    groupCloseCmd    `cmd:"" help:"Close a group for everybody, for good."`
}

func (*groupCmd) Help() string {
	return `A group is named by its name, or by the first characters of its ID; people likewise.

Examples:

    kith group create "Garden club" --about "Be kind to slugs."
    kith group add "Garden club" Ben
    kith group invite "Garden club" --mode approval
    kith group approve "Garden club" Cleo
    kith post --to "Garden club" "The seeds are here"`
}

// findGroup finds a group by name or ID, or by how either begins.
func findGroup(ctx context.Context, c *api.Client, name string) (social.Group, error) {
	groups, err := c.Groups(ctx)
	if err != nil {
		return social.Group{}, err
	}
	return named(groups, func(g social.Group) (string, string) { return g.ID, g.Name }, name, "group", "kith groups")
}

// named finds the one of a list that a person means by a name or an ID, or by how either begins.
func named[T any](list []T, of func(T) (id, name string), given, thing, lists string) (T, error) {
	var none T
	for _, matches := range []func(id, name string) bool{
		func(id, _ string) bool { return id == given },
		func(_, name string) bool { return strings.EqualFold(name, given) },
		func(id, name string) bool {
			return len(name) >= len(given) && strings.EqualFold(name[:len(given)], given) ||
				len(given) >= leastPrefix && strings.HasPrefix(id, given)
		},
	} {
		var found []T
		for _, item := range list {
			if id, name := of(item); given != "" && matches(id, name) {
				found = append(found, item)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			var ids []string
			for _, item := range found {
				id, name := of(item)
				ids = append(ids, clean(name)+" ("+short(id)+")")
			}
			return none, usagef("%q can be %s: give the ID instead", given, strings.Join(ids, " or "))
		}
	}
	return none, &social.Error{Code: social.CodeNotFound, Message: fmt.Sprintf("There is no %s %q. %s lists them.", thing, given, lists)}
}

// inGroup does something to a group that a person named.
func (a *app) inGroup(name string, do func(*api.Client, social.Group) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	group, err := findGroup(a.ctx, client, name)
	if err != nil {
		return err
	}
	return do(client, group)
}

// withMember does something to a member of a group, after a question if there is one.
func (a *app) withMember(group, person, question string, do func(c *api.Client, g social.Group, m social.Member) error) error {
	return a.inGroup(group, func(c *api.Client, g social.Group) error {
		whole, err := c.Group(a.ctx, g.ID)
		if err != nil {
			return err
		}
		m, err := named(whole.Members, func(m social.Member) (string, string) { return m.ID, m.Name }, person, "member", "kith group show")
		if err != nil {
			return err
		}
		if question != "" {
			if err := a.confirm(fmt.Sprintf(question, clean(m.Name), clean(g.Name))); err != nil {
				return err
			}
		}
		return do(c, whole, m)
	})
}

func (a *app) say(format string, args ...any) error {
	p := a.printer()
	p.printf(format+"\n", args...)
	return p.err
}

type groupCreateCmd struct {
	Name    string `arg:"" help:"What it is called."`
	About   string `placeholder:"WORDS" help:"What it is for, and its rules."`
	Posts   string `enum:"everyone,admins" default:"everyone" help:"Who may post: everyone or admins. Everybody comments."`
	Invites string `enum:"everyone,admins" default:"admins" help:"Who may bring people in: everyone or admins."`
	History string `enum:"all,joining" default:"all" help:"What newcomers read: all, or what comes after their joining."`
	JSON    bool   `name:"json" help:"Print the group as JSON."`
}

func (c *groupCreateCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	g, err := client.CreateGroup(a.ctx, social.NewGroup{Name: c.Name, About: c.About, Posts: c.Posts, Invites: c.Invites, History: c.History})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(g)
	}
	return a.say("Made %s. kith group add brings in a friend, kith group invite somebody else.", clean(g.Name))
}

type groupShowCmd struct {
	Group string `arg:"" help:"The group."`
	JSON  bool   `name:"json" help:"Print the group as JSON, with members and requests."`
}

func (c *groupShowCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		if g.State == social.GroupComing {
			if c.JSON {
				return a.writeJSON(g)
			}
			return a.say("%s is on its way: it comes as soon as you are let in and a home of it is on.", clean(g.Name))
		}
		g, err := client.Group(a.ctx, g.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.writeJSON(g)
		}
		p := a.printer()
		p.printf("%s %s\n", p.bold(clean(g.Name)), p.dim("· "+groupState(g)+" · "+short(g.ID)))
		if g.State == social.GroupRemoved {
			p.paragraph("  ", "You are no longer in "+g.Name+". What you have stays on this computer.")
		}
		if g.About != "" {
			p.paragraph("  ", g.About)
		}
		for _, m := range g.Members {
			role := ""
			if m.Role != social.RoleMember {
				role = " · " + m.Role
			}
			p.printf("%s %s%s\n", p.window(m.Online), clean(m.Name), p.dim(role+" · "+short(m.ID)))
		}
		for _, r := range g.Requests {
			p.printf("%s\n", p.dim(clean(r.Person.Name)+" asks to join, with an invite of "+clean(r.By.Name)+" · "+short(r.Person.ID)))
		}
		return p.err
	})
}

type groupRenameCmd struct {
	Group string  `arg:"" help:"The group."`
	Name  string  `arg:"" optional:"" help:"The new name. If not given, it stays."`
	About *string `placeholder:"WORDS" help:"What it is for, and its rules. If not given, they stay."`
}

func (c *groupRenameCmd) Run(a *app) error {
	return a.inGroup(c.Group, func(client *api.Client, g social.Group) error {
		edit := social.GroupEdit{Name: g.Name, About: g.About}
		if c.Name != "" {
			edit.Name = c.Name
		}
		if c.About != nil {
			edit.About = *c.About
		}
		if err := client.EditGroup(a.ctx, g.ID, edit); err != nil {
			return err
		}
		return a.say("%s says so from now on.", clean(edit.Name))
	})
}
