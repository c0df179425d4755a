package main

import (
	"strings"

	"kith/internal/social"
)

type privacyCmd struct {
	JSON bool `name:"json" help:"Print it as JSON."`
}

func (*privacyCmd) Help() string {
	return `Who is in each circle of yours and what they see, what everybody sees of your profile, and which computers are you.

Examples:

    kith privacy
    kith privacy --json | jq -r '.circles[].name'`
}

func (c *privacyCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	privacy, err := client.Privacy(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(privacy)
	}
	p := a.printer()
	shows := []string{"your name"}
	if privacy.Profile.Picture != "" {
		shows = append(shows, "your picture")
	}
	if privacy.Profile.About != "" {
		shows = append(shows, "what you wrote about yourself")
	}
	p.paragraph("", "Everybody with whom you share something sees "+strings.Join(shows, ", ")+". Their homes know your home's address while they connect to it, and when it is on.")
	for _, circle := range privacy.Circles {
		p.printf("\n%s %s\n", p.bold(clean(circle.Name)), p.dim("· "+circleKind(circle)))
		p.paragraph("  ", "They see: "+circleSees(circle))
		var names []string
		for _, person := range circle.With {
			name := clean(person.Name)
			if person.Role != social.RoleMember {
				name += " (" + person.Role + ")"
			}
			if person.Verified {
				name += " ✓"
			}
			names = append(names, name)
		}
		if len(names) == 0 {
			names = []string{"nobody but you"}
		}
		p.paragraph("  ", "In it: "+strings.Join(names, ", "))
	}
	p.printf("\n%s\n", p.bold("Your computers"))
	for _, d := range privacy.Devices {
		state := "last on " + p.when(d.LastSeen)
		switch {
		case d.Removed:
			continue
		case d.This:
			state = "this one"
		case d.Online:
			state = "on now"
		case d.LastSeen.IsZero():
			state = "not met so far"
		}
		p.printf("  %s %s\n", clean(d.Name), p.dim("· "+state))
	}
	return p.err
}

func circleKind(c social.Circle) string {
	switch {
	case c.Chat:
		return "chat"
	case c.Kind == social.AudienceList:
		return "list of friends"
	case c.Kind == social.AudienceGroup:
		return "group"
	case c.Kind == social.AudienceOnlyMe:
		return "your own computers"
	}
	return "your wall"
}

func circleSees(c social.Circle) string {
	switch {
	case c.Chat:
		return "the messages of this chat, and who is in it."
	case c.Kind == social.AudienceList:
		return "what you post to this list, and who else is on it; not its name."
	case c.Kind == social.AudienceGroup:
		return "what you write in this group, and that you are in it."
	case c.Kind == social.AudienceOnlyMe:
		return "nothing: only your own computers hold it."
	}
	return "what you post to your friends, every comment and reaction under it, and one another."
}

type verifyCmd struct {
	Friend string `arg:"" help:"The friend: a name, or the beginning of one."`
	Same   bool   `xor:"mark" help:"You met, and the number is the same: mark it."`
	Undo   bool   `xor:"mark" help:"Take the mark back."`
	JSON   bool   `name:"json" help:"Print it as JSON."`
}

func (*verifyCmd) Help() string {
	return `Shows the safety number with a friend. Compare it face to face: if both homes show the same, nobody stands between you.

Examples:

    kith verify Ada
    kith verify Ada --same`
}

func (c *verifyCmd) Run(a *app) error {
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
	if c.Same || c.Undo {
		if err := client.Verify(a.ctx, friend.ID, c.Same); err != nil {
			return err
		}
	}
	safety, err := client.Safety(a.ctx, friend.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(safety)
	}
	p := a.printer()
	p.printf("Safety number with %s\n\n", p.bold(clean(safety.Person.Name)))
	for i := 0; i < len(safety.Groups); i += 4 {
		p.printf("    %s\n", strings.Join(safety.Groups[i:min(i+4, len(safety.Groups))], "  "))
	}
	p.printf("\n")
	switch {
	case safety.Twin != nil:
		p.paragraph("", "You verified another "+clean(safety.Twin.Name)+". This is not that identity: compare the number before you trust it.")
	case !safety.Verified.IsZero():
		p.printf("Verified in person %s.\n", p.when(safety.Verified))
	default:
		p.paragraph("", "Compare it face to face. If it is the same on both sides, say so with --same.")
	}
	return p.err
}
