package main

import (
	"context"
	"fmt"

	"kith/internal/api"
	"kith/internal/social"
)

type deviceCmd struct {
	List   deviceListCmd   `cmd:"" default:"withargs" help:"List your computers, and a new one that waits to be let in."`
	Link   deviceLinkCmd   `cmd:"" help:"Make a code that links a further computer of yours."`
	Yes    deviceYesCmd    `cmd:"" help:"Let in the new computer: both show the same number."`
	No     deviceNoCmd     `cmd:"" help:"Refuse the new computer: the numbers differ. Also takes a code back."`
	Join   deviceJoinCmd   `cmd:"" help:"On the new computer: use the code."`
	Rename deviceRenameCmd `cmd:"" help:"Give one of your computers another name."`
	Remove deviceRemoveCmd `cmd:"" help:"Shut out one of your computers."`
	Leave  deviceLeaveCmd  `cmd:"" help:"Take this computer out of yours."`
}

func (*deviceCmd) Help() string {
	return `Several computers can be you: each reads and writes as you, and has everything. The first one makes a code, the new one, in which kith
has not been set up, uses it; both then show a number, and you say on the first one whether it is the same.

Examples:

    kith device link                        on the first computer
    kith device join kith-device1-...       on the new one
    kith device yes                         on the first one again
    kith devices
    kith device remove Laptop`
}

type deviceListCmd struct {
	JSON bool `name:"json" help:"Print JSON: an object with “devices” and “links”."`
}

func (c *deviceListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	devices, err := client.Devices(a.ctx)
	if err != nil {
		return err
	}
	links, err := client.Links(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(map[string]any{"devices": orEmpty(devices), "links": orEmpty(links)})
	}
	p := a.printer()
	for _, d := range devices {
		p.printf("%s %s %s\n", p.window(d.Online), p.bold(clean(d.Name)), p.dim("· "+p.deviceState(d)+" · "+short(d.ID)))
	}
	for _, l := range links {
		if l.State == social.LinkAsking {
			p.paragraph("", linkState(l))
		}
		if l.Warning != "" {
			p.paragraph("", l.Warning)
		}
	}
	return p.err
}

// deviceState says how it is with a computer.
func (p *printer) deviceState(d social.Device) string {
	switch {
	case d.Left:
		return "has left"
	case d.Removed:
		return "removed"
	case d.This:
		return "this one · since " + p.when(d.Added)
	case d.Online:
		return "on now · since " + p.when(d.Added)
	case d.LastSeen.IsZero():
		return "not seen from here so far · since " + p.when(d.Added)
	}
	return "last seen " + p.when(d.LastSeen) + " · since " + p.when(d.Added)
}

// linkState says what became of a code, and what can be done.
func linkState(l social.Link) string {
	switch l.State {
	case social.LinkOpen:
		return "No computer came so far."
	case social.LinkAsking:
		return fmt.Sprintf("“%s” waits to be let in, and shows a number. Is it %s? Then: kith device yes. If not: kith device no.", clean(l.Device), l.Number)
	case social.LinkDone:
		return "“" + clean(l.Device) + "” is one of your computers now."
	case social.LinkRefused:
		return "It was refused, or the code was taken back."
	case social.LinkExpired:
		return "The code ran out."
	}
	return l.State
}

type deviceLinkCmd struct {
	Code bool `help:"Print only the code."`
	JSON bool `name:"json" help:"Print the link as JSON."`
}

func (c *deviceLinkCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	events, err := client.Events(a.ctx)
	if err != nil {
		return err
	}
	defer events.Close()
	link, err := client.Link(a.ctx)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return a.writeJSON(link)
	case c.Code:
		_, err := fmt.Fprintln(a.stdout, link.Code)
		return err
	}
	p := a.printer()
	p.paragraph("", "On the new computer, start kith in an empty folder, and on its first page choose “I already use kith on another computer”, or type:")
	p.printf("\n    kith device join %s\n\n", link.Code)
	p.paragraph("", "The code works once, for a quarter of an hour. Give it to nobody: whoever uses it, and whom you then let in, is you.")
	if p.err != nil || !a.asks() {
		return p.err
	}
	return c.wait(a, client, events, link.ID)
}

// wait shows the number when the new computer comes, and asks.
func (c *deviceLinkCmd) wait(a *app, client *api.Client, events *api.EventStream, id string) error {
	for {
		links, err := client.Links(a.ctx)
		if err != nil {
			return err
		}
		link, err := findByID(links, func(l social.Link) string { return l.ID }, id, "code")
		if err != nil {
			return err
		}
		if link.State != social.LinkOpen && link.State != social.LinkAsking {
			_, err := fmt.Fprintln(a.stdout, linkState(link))
			return err
		}
		if link.State == social.LinkAsking {
			if a.confirm(fmt.Sprintf("“%s” came. Does it show the number %s?", clean(link.Device), link.Number)) != nil {
				return client.AnswerLink(a.ctx, id, false)
			}
			if err := client.AnswerLink(a.ctx, id, true); err != nil {
				return err
			}
			continue
		}
		for {
			e, err := events.Next()
			if err != nil {
				return err
			}
			if e.Kind == social.EventDevices {
				break
			}
		}
	}
}

type deviceYesCmd struct{}

func (*deviceYesCmd) Run(a *app) error { return a.answerLink(true) }

type deviceNoCmd struct{}

func (*deviceNoCmd) Run(a *app) error { return a.answerLink(false) }

// answerLink answers the one computer that waits; there is one code at a time.
func (a *app) answerLink(same bool) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	links, err := client.Links(a.ctx)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.State != social.LinkAsking && (same || l.State != social.LinkOpen) {
			continue
		}
		if err := client.AnswerLink(a.ctx, l.ID, same); err != nil {
			return err
		}
		words := "“" + clean(l.Device) + "” is one of your computers now."
		if !same {
			words = "Refused. The code can't be used any more."
		}
		_, err := fmt.Fprintln(a.stdout, words)
		return err
	}
	return &social.Error{Code: social.CodeNotFound, Message: "No computer is waiting to be let in."}
}

type deviceJoinCmd struct {
	Code     []string `arg:"" optional:"" help:"The code that the other computer shows. If not given, or “-”, it is read from the standard input."`
	Name     string   `help:"What this computer is to be called."`
	Internet bool     `help:"Reach, and be reached, over the internet too, not in the home network only."`
	Wait     bool     `short:"w" help:"Wait until this computer is linked, or until it is clear that it won't be."`
	JSON     bool     `name:"json" help:"Print how far it came as JSON."`
}

func (c *deviceJoinCmd) Run(a *app) error {
	code, err := a.text(c.Code, false)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	events, err := client.Events(a.ctx) // from before, so that nothing is missed in between
	if err != nil {
		return err
	}
	defer events.Close()
	options := social.JoinOptions{Code: code, Name: c.Name, Reach: social.ReachHome}
	if c.Internet {
		options.Reach = social.ReachInternet
	}
	linking, err := client.JoinDevice(a.ctx, options)
	if err != nil {
		return err
	}
	if c.Wait || a.asks() {
		if linking, err = c.wait(a, client, events); err != nil {
			return err
		}
	}
	if c.JSON {
		if err := a.writeJSON(linking); err != nil {
			return err
		}
	}
	if linking.State == social.LinkingFailed {
		return &social.Error{Code: social.CodeRefused, Message: linking.Detail}
	}
	if c.JSON {
		return nil
	}
	p := a.printer()
	p.paragraph("", linking.Detail)
	return p.err
}

// wait follows the events until the linking has come to an end, and shows the number to a person.
func (c *deviceJoinCmd) wait(a *app, client *api.Client, events *api.EventStream) (social.Linking, error) {
	shown := ""
	for {
		linking, err := client.Linking(a.ctx)
		if err != nil || linking.State == social.LinkingDone || linking.State == social.LinkingFailed || linking.State == "" {
			return linking, err
		}
		if linking.Number != "" && linking.Number != shown {
			shown = linking.Number
			fmt.Fprintf(a.stderr, "The number here is %s. Look at your other computer: if it is the same there, say so there.\n", shown)
		}
		for {
			e, err := events.Next()
			if err != nil {
				return linking, err
			}
			if e.Kind == social.EventDevices {
				break
			}
		}
	}
}

// withDevice does something to a computer that a person named: by its name, its ID or the first characters of it.
func (a *app) withDevice(name string, do func(context.Context, *api.Client, social.Device) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	devices, err := client.Devices(a.ctx)
	if err != nil {
		return err
	}
	var named []social.Device
	for _, d := range devices {
		if d.Name == name && !d.Removed {
			named = append(named, d)
		}
	}
	if len(named) == 1 {
		return do(a.ctx, client, named[0])
	}
	d, err := findByID(devices, func(d social.Device) string { return d.ID }, name, "computer of yours")
	if err != nil {
		return err
	}
	return do(a.ctx, client, d)
}

type deviceRenameCmd struct {
	Device string `arg:"" help:"Its name, or its ID or the first characters of it."`
	Name   string `arg:"" help:"The new name."`
}

func (c *deviceRenameCmd) Run(a *app) error {
	return a.withDevice(c.Device, func(ctx context.Context, client *api.Client, d social.Device) error {
		return client.RenameDevice(ctx, d.ID, c.Name)
	})
}

type deviceRemoveCmd struct {
	Device string `arg:"" help:"Its name, or its ID or the first characters of it."`
	Words  bool   `help:"Use the recovery words, which are asked for: for a computer that is older than this one."`
	Yes    bool   `short:"y" help:"Don't ask first."`
}

func (*deviceRemoveCmd) Help() string {
	return `What it has written up to now stays. What it writes from now on counts nowhere, and it can read nothing that is written after your next
post. What is on its disk stays there.`
}

func (c *deviceRemoveCmd) Run(a *app) error {
	return a.withDevice(c.Device, func(ctx context.Context, client *api.Client, d social.Device) error {
		if !c.Yes {
			if err := a.confirm("Remove “" + clean(d.Name) + "” from your computers? It cannot come back under the same name and keys."); err != nil {
				return err
			}
		}
		words := ""
		if c.Words {
			var err error
			if words, err = a.readSecret("Recovery words: "); err != nil {
				return err
			}
		}
		if err := client.RemoveDevice(ctx, d.ID, words); err != nil {
			return err
		}
		_, err := fmt.Fprintf(a.stdout, "Removed “%s”.\n", clean(d.Name))
		return err
	})
}

type deviceLeaveCmd struct {
	Yes bool `short:"y" help:"Don't ask first."`
}

func (*deviceLeaveCmd) Help() string {
	return `What you wrote here stays, and what is here can still be read. Nobody can write as you here any more, and nothing new arrives. Your other
computers go on as before. To use this computer again, link it anew from an empty folder.`
}

func (c *deviceLeaveCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if !c.Yes {
		if err := a.confirm("Take this computer out of yours? Nobody can write as you here any more."); err != nil {
			return err
		}
	}
	if err := client.LeaveDevices(a.ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "This computer is no longer one of yours. What is here can still be read.")
	return err
}
