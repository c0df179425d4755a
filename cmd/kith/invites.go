package main

import (
	"context"
	"fmt"

	"kith/internal/api"
	"kith/internal/social"
)

type invitesCmd struct {
	List     invitesListCmd     `cmd:"" default:"withargs" help:"List the invites that you made, and those of others that you accepted."`
	Yes      invitesYesCmd      `cmd:"" help:"Let in who used an invite: you become friends."`
	No       invitesNoCmd       `cmd:"" help:"Don't let in who used an invite."`
	TakeBack invitesTakeBackCmd `cmd:"" help:"Take back an invite that nobody used."`
	Drop     invitesDropCmd     `cmd:"" help:"Give up on an invite of somebody else's that you accepted."`
}

func (*invitesCmd) Help() string {
	return `Examples:

    kith invites
    kith invites yes 3f9a2c1b
    kith invites take-back 3f9a2c1b`
}

type invitesListCmd struct {
	JSON bool `name:"json" help:"Print JSON: an object with “invites” and “accepted”."`
}

func (c *invitesListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	invites, err := client.Invites(a.ctx)
	if err != nil {
		return err
	}
	accepted, err := client.Acceptances(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(map[string]any{"invites": orEmpty(invites), "accepted": orEmpty(accepted)})
	}
	p := a.printer()
	if len(invites)+len(accepted) == 0 {
		p.printf("No invites so far. kith invite makes one.\n")
	}
	for _, i := range invites {
		title := "An invite"
		if i.Label != "" {
			title = "For " + clean(i.Label)
		}
		p.printf("%s %s\n", p.bold(title), p.dim("· made "+p.when(i.Created)+" · "+short(i.ID)))
		p.paragraph("  ", p.inviteState(i))
		if i.Warning != "" {
			p.paragraph("  ", i.Warning)
		}
	}
	for _, acc := range accepted {
		p.printf("%s %s\n", p.bold("From "+clean(acc.Inviter.Name)), p.dim("· accepted "+p.when(acc.Since)+" · "+short(acc.ID)))
		p.paragraph("  ", acceptanceState(acc))
	}
	return p.err
}

// inviteState says what became of an invite, and what can be done.
func (p *printer) inviteState(i social.Invite) string {
	who := "Somebody"
	if i.Who != nil {
		who = i.Who.Name
	}
	if i.Group != nil && i.State == social.InviteOpen {
		return "It leads into " + i.Group.Name + ". " + usedBy(i.Joined) + " It runs out " + p.when(i.Expires) + "."
	}
	switch i.State {
	case social.InviteOpen:
		return "Nobody used it so far. It runs out " + p.when(i.Expires) + "."
	case social.InviteAsking:
		return who + " used it and waits for your answer: kith invites yes " + short(i.ID) + ", or no."
	case social.InviteAccepted:
		if i.Group != nil {
			return who + " used it, and is in " + i.Group.Name + "."
		}
		return who + " used it. You are friends."
	case social.InviteRefused:
		return who + " used it, and you said no."
	case social.InviteRevoked:
		return "You took it back."
	case social.InviteExpired:
		return "It ran out before anybody used it."
	}
	return i.State
}

// usedBy says how many people used an invite.
func usedBy(n int) string {
	switch n {
	case 0:
		return "Nobody used it so far."
	case 1:
		return "1 person used it so far."
	}
	return number(n) + " people used it so far."
}

// acceptanceState says what became of somebody else's invite.
func acceptanceState(a social.Acceptance) string {
	if a.Detail != "" {
		return a.Detail
	}
	switch a.State {
	case social.AcceptanceTrying:
		return "Their home can't be reached right now. kith keeps trying; you need not do anything."
	case social.AcceptanceWaiting:
		return a.Inviter.Name + " was asked and has not answered so far."
	case social.AcceptanceDone:
		return "You and " + a.Inviter.Name + " are friends."
	case social.AcceptanceFailed:
		return "The invite could not be used."
	}
	return a.State
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// withInvite does something to an invite that a person named.
func (a *app) withInvite(id string, do func(context.Context, *api.Client, social.Invite) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	invites, err := client.Invites(a.ctx)
	if err != nil {
		return err
	}
	invite, err := findByID(invites, func(i social.Invite) string { return i.ID }, id, "invite of yours")
	if err != nil {
		return err
	}
	return do(a.ctx, client, invite)
}

type invitesYesCmd struct {
	Invite string `arg:"" help:"The ID of the invite, or its first characters."`
}

func (c *invitesYesCmd) Run(a *app) error {
	return a.withInvite(c.Invite, func(ctx context.Context, client *api.Client, i social.Invite) error {
		if err := client.AnswerInvite(ctx, i.ID, true); err != nil {
			return err
		}
		_, err := fmt.Fprintf(a.stdout, "You and %s are friends now.\n", whoOf(i))
		return err
	})
}

type invitesNoCmd struct {
	Invite string `arg:"" help:"The ID of the invite, or its first characters."`
}

func (c *invitesNoCmd) Run(a *app) error {
	return a.withInvite(c.Invite, func(ctx context.Context, client *api.Client, i social.Invite) error {
		if err := client.AnswerInvite(ctx, i.ID, false); err != nil {
			return err
		}
		_, err := fmt.Fprintf(a.stdout, "%s was not let in. The invite can't be used again.\n", whoOf(i))
		return err
	})
}

func whoOf(i social.Invite) string {
	if i.Who == nil {
		return "they"
	}
	return clean(i.Who.Name)
}

type invitesTakeBackCmd struct {
	Invite string `arg:"" help:"The ID of the invite, or its first characters."`
}

func (c *invitesTakeBackCmd) Run(a *app) error {
	return a.withInvite(c.Invite, func(ctx context.Context, client *api.Client, i social.Invite) error {
		if err := client.RevokeInvite(ctx, i.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(a.stdout, "Took the invite back. It can't be used any more.")
		return err
	})
}

type invitesDropCmd struct {
	Invite string `arg:"" help:"The ID of the accepted invite, or its first characters."`
}

func (c *invitesDropCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	accepted, err := client.Acceptances(a.ctx)
	if err != nil {
		return err
	}
	acc, err := findByID(accepted, func(a social.Acceptance) string { return a.ID }, c.Invite, "accepted invite")
	if err != nil {
		return err
	}
	if err := client.DropAcceptance(a.ctx, acc.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "Gave up on it.")
	return err
}
