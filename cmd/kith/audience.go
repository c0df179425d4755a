package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type audienceCmd struct {
	List   audienceListCmd   `cmd:"" default:"withargs" help:"List whom a post can be for: friends, your lists of them, your groups."`
	Create audienceCreateCmd `cmd:"" help:"Make a list of friends."`
	Add    audienceAddCmd    `cmd:"" help:"Put friends on a list."`
	Remove audienceRemoveCmd `cmd:"" help:"Take friends off a list."`
	Rename audienceRenameCmd `cmd:"" help:"Give a list another name."`
	Delete audienceDeleteCmd `cmd:"" help:"Delete a list. Nobody stops being your friend."`
}

func (*audienceCmd) Help() string {
	return `Only you see what a list is called. Those on it see one another there.

Examples:

    kith audience create Family Ilse Tom
    kith post --to Family "For the family only"
    kith audience add Family Ayse`
}

type audienceListCmd struct {
	JSON bool `name:"json" help:"Print JSON: an object with “audiences” and “lists”."`
}

func (c *audienceListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	audiences, err := client.Audiences(a.ctx)
	if err != nil {
		return err
	}
	lists, err := client.Lists(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(map[string]any{"audiences": orEmpty(audiences), "lists": orEmpty(lists)})
	}
	p := a.printer()
	for _, one := range audiences {
		p.printf("%s %s\n", p.bold(readers(one)), p.dim("· "+short(one.Space)))
		for _, list := range lists {
			if list.ID == one.Space && len(list.Members) > 0 {
				p.paragraph("  ", namesOf(list.Members))
			}
		}
	}
	return p.err
}

func namesOf(people []social.Person) string {
	var names []string
	for _, p := range people {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// findAudience finds whom a post is to be for.
func findAudience(ctx context.Context, c *api.Client, name string) (social.Audience, error) {
	audiences, err := c.Audiences(ctx)
	if err != nil {
		return social.Audience{}, err
	}
	audience, err := named(audiences, func(a social.Audience) (string, string) { return a.Space, a.Name }, name, "audience", "kith audience")
	if isNoSuch(err) {
		// A group that the owner may not post to: the home says why.
		if group, groupErr := findGroup(ctx, c, name); groupErr == nil {
			return social.Audience{Space: group.ID, Name: group.Name, Kind: social.AudienceGroup}, nil
		}
	}
	return audience, err
}

// friendsNamed finds friends by their names.
func friendsNamed(ctx context.Context, c *api.Client, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	friends, err := c.Friends(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range names {
		friend, err := findPerson(friends, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, friend.ID)
	}
	return ids, nil
}

// onList does something to a list of friends that a person named.
func (a *app) onList(name string, do func(*api.Client, social.FriendList) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	lists, err := client.Lists(a.ctx)
	if err != nil {
		return err
	}
	list, err := named(lists, func(l social.FriendList) (string, string) { return l.ID, l.Name }, name, "list of friends", "kith audience")
	if err != nil {
		return err
	}
	return do(client, list)
}

func membersOf(list social.FriendList) []string {
	var ids []string
	for _, m := range list.Members {
		ids = append(ids, m.ID)
	}
	return ids
}

// showList says who is on a list.
func (a *app) showList(list social.FriendList) error {
	on := "nobody so far"
	if len(list.Members) > 0 {
		on = namesOf(list.Members)
	}
	return a.say("%s: %s.", clean(list.Name), clean(on))
}

type audienceCreateCmd struct {
	Name    string   `arg:"" help:"What you call it."`
	Friends []string `arg:"" optional:"" help:"Who is on it."`
	Colour  int      `placeholder:"1-6" help:"Its colour, from 1 to 6. If not given, one is chosen."`
	JSON    bool     `name:"json" help:"Print the list as JSON."`
}

func (c *audienceCreateCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	members, err := friendsNamed(a.ctx, client, c.Friends)
	if err != nil {
		return err
	}
	list, err := client.CreateList(a.ctx, c.Name, c.Colour, members)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(list)
	}
	return a.showList(list)
}

type audienceAddCmd struct {
	List    string   `arg:"" help:"The list."`
	Friends []string `arg:"" help:"Who comes onto it."`
}

func (c *audienceAddCmd) Run(a *app) error {
	return a.onList(c.List, func(client *api.Client, list social.FriendList) error {
		more, err := friendsNamed(a.ctx, client, c.Friends)
		if err != nil {
			return err
		}
		list, err = client.EditList(a.ctx, list.ID, list.Name, 0, append(membersOf(list), more...))
		if err != nil {
			return err
		}
		return a.showList(list)
	})
}

type audienceRemoveCmd struct {
	List    string   `arg:"" help:"The list."`
	Friends []string `arg:"" help:"Who goes off it."`
}

func (c *audienceRemoveCmd) Run(a *app) error {
	return a.onList(c.List, func(client *api.Client, list social.FriendList) error {
		members := membersOf(list)
		for _, name := range c.Friends {
			friend, err := named(list.Members, func(p social.Person) (string, string) { return p.ID, p.Name }, name, "friend on this list called", "kith audience")
			if err != nil {
				return err
			}
			members = slices.DeleteFunc(members, func(id string) bool { return id == friend.ID })
		}
		list, err := client.EditList(a.ctx, list.ID, list.Name, 0, members)
		if err != nil {
			return err
		}
		return a.showList(list)
	})
}

type audienceRenameCmd struct {
	List string `arg:"" help:"The list."`
	Name string `arg:"" help:"The new name."`
}

func (c *audienceRenameCmd) Run(a *app) error {
	return a.onList(c.List, func(client *api.Client, list social.FriendList) error {
		list, err := client.EditList(a.ctx, list.ID, c.Name, 0, membersOf(list))
		if err != nil {
			return err
		}
		return a.showList(list)
	})
}

type audienceDeleteCmd struct {
	List string `arg:"" help:"The list."`
	Yes  bool   `short:"y" help:"Don't ask."`
}

func (c *audienceDeleteCmd) Run(a *app) error {
	return a.onList(c.List, func(client *api.Client, list social.FriendList) error {
		if !c.Yes {
			if err := a.confirm(fmt.Sprintf("Delete the list %s?", clean(list.Name))); err != nil {
				return err
			}
		}
		if err := client.DeleteList(a.ctx, list.ID); err != nil {
			return err
		}
		return a.say("The list %s is gone. Everybody on it is your friend as before.", clean(list.Name))
	})
}

type hideCmd struct {
	Person string `arg:"" optional:"" help:"A friend, or the ID of somebody. Without, those are listed whom you muted or blocked."`
	Block  bool   `xor:"what" help:"Block: end the friendship, and see nothing of them any more, anywhere."`
	Undo   bool   `help:"Take it back."`
	JSON   bool   `name:"json" help:"Print the list as JSON."`
}

func (*hideCmd) Help() string {
	return `Muted people's posts stay out of your feed; everything else is as before. Of blocked people you see nothing. Nobody is told.

Examples:

    kith mute Ben
    kith mute Mallory --block
    kith mute Ben --undo
    kith mute`
}

func (c *hideCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	hidden, err := client.Hidden(a.ctx)
	if err != nil {
		return err
	}
	if c.Person == "" {
		return c.list(a, hidden)
	}
	person, err := c.find(a.ctx, client, hidden)
	if err != nil {
		return err
	}
	name := clean(person.Name)
	switch {
	case c.Undo:
		if person.Blocked {
			err = client.Block(a.ctx, person.ID, false)
		}
		if err == nil && person.Muted {
			err = client.Mute(a.ctx, person.ID, false)
		}
		if err != nil {
			return err
		}
		return a.say("You see again what %s writes where you both are.", name)
	case c.Block:
		if err := client.Block(a.ctx, person.ID, true); err != nil {
			return err
		}
		return a.say("You see nothing of %s any more.", name)
	}
	if err := client.Mute(a.ctx, person.ID, true); err != nil {
		return err
	}
	return a.say("The posts of %s stay out of your feed.", name)
}

func (c *hideCmd) list(a *app, hidden []social.Person) error {
	if c.JSON {
		return a.writeJSON(orEmpty(hidden))
	}
	p := a.printer()
	if len(hidden) == 0 {
		p.printf("Nobody is muted or blocked.\n")
	}
	for _, one := range hidden {
		what := "muted"
		if one.Blocked {
			what = "blocked"
		}
		p.printf("%s %s\n", p.bold(clean(one.Name)), p.dim("· "+what+" · "+short(one.ID)))
	}
	return p.err
}

// find finds whom a person means: somebody hidden, a friend, or anybody known by their ID.
func (c *hideCmd) find(ctx context.Context, client *api.Client, hidden []social.Person) (social.Person, error) {
	friends, err := client.Friends(ctx)
	if err != nil {
		return social.Person{}, err
	}
	known := slices.Clone(hidden)
	for _, f := range friends {
		if !slices.ContainsFunc(known, func(p social.Person) bool { return p.ID == f.ID }) {
			known = append(known, f)
		}
	}
	person, err := findPerson(known, c.Person)
	if isNoSuch(err) {
		if byID, idErr := client.Person(ctx, c.Person); idErr == nil {
			return byID, nil
		}
	}
	return person, err
}
