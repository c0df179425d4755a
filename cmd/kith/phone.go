package main

import (
	"fmt"
	"strings"
	"time"

	"kith/internal/phone"
)

type phoneCmd struct {
	Status phoneStatusCmd `cmd:"" default:"withargs" help:"Say how it stands."`
	On     phoneOnCmd     `cmd:"" help:"Open the page to paired phones, on the network where this computer is now."`
	Off    phoneOffCmd    `cmd:"" help:"Shut it. Phones stay paired."`
	Pair   phonePairCmd   `cmd:"" help:"Make a code that pairs a phone."`
	List   phoneListCmd   `cmd:"" help:"List the paired phones."`
	Remove phoneRemoveCmd `cmd:"" help:"End the pairing of a phone, at once."`
}

func (*phoneCmd) Help() string {
	return `Phones and tablets in the same Wi-Fi then show the pages of this home. It is off until you switch it on. What passes through the Wi-Fi is not
encrypted: somebody who is in it and knows how could read along, and act as the phone until you remove it. So a phone can't get
at recovery words, computers, passwords and backups.

Examples:

    kith phone on
    kith phone pair "Ada's phone"
    kith phone list
    kith phone remove "Ada's phone"`
}

type phoneStatusCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *phoneStatusCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := client.Phone(a.ctx)
	if err != nil {
		return err
	}
	return a.tellPhone(s, c.JSON)
}

func (a *app) tellPhone(s phone.Status, json bool) error {
	if json {
		return a.writeJSON(s)
	}
	p := a.printer()
	switch {
	case s.Trouble != "":
		p.printf("%s\n", clean(s.Trouble))
	case s.On:
		p.printf("Paired phones reach this home at %s, in the network %s.\n", s.Address, s.Network)
	default:
		p.printf("It is off: no phone reaches this home. kith phone on changes that.\n")
	}
	if s.AskPassword {
		p.printf("Pairing asks for the password as well.\n")
	}
	return p.err
}

type phoneOnCmd struct {
	AskPassword bool `help:"Let pairing ask for the password of this home as well." xor:"ask"`
	NoPassword  bool `help:"Let the code alone pair a phone, as it is at first." xor:"ask"`
	JSON        bool `name:"json" help:"Print JSON."`
}

func (c *phoneOnCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	on, ask := true, c.AskPassword
	var change *bool
	if c.AskPassword || c.NoPassword {
		change = &ask
	}
	s, err := client.ChangePhone(a.ctx, &on, change)
	if err != nil {
		return err
	}
	return a.tellPhone(s, c.JSON)
}

type phoneOffCmd struct{}

func (c *phoneOffCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	off := false
	if _, err := client.ChangePhone(a.ctx, &off, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, "It is off: no phone reaches this home any more. Phones stay paired.")
	return err
}

type phonePairCmd struct {
	Name string `arg:"" optional:"" help:"What the phone is called in the list."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (c *phonePairCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	pairing, err := client.PairPhone(a.ctx, c.Name)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(pairing)
	}
	code, err := drawQR(pairing.Link)
	if err != nil {
		return err
	}
	p := a.printer()
	p.printf("%s\nPoint the camera of the phone at this, in the same Wi-Fi, or open there:\n  %s\n", code, clean(pairing.Link))
	p.printf("It works once, until %s. Whoever opens it first is signed in.\n", pairing.Expires.Local().Format(time.TimeOnly))
	return p.err
}

type phoneListCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *phoneListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	phones, err := client.Phones(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(orEmpty(phones))
	}
	p := a.printer()
	for _, phone := range phones {
		p.printf("%s %s\n", p.bold(clean(phone.Name)), p.dim("· last used "+p.when(phone.LastSeen)+" · paired "+p.when(phone.Paired)+" · "+short(phone.ID)))
	}
	if len(phones) == 0 {
		p.printf("No phone is paired. kith phone pair makes a code for one.\n")
	}
	return p.err
}

type phoneRemoveCmd struct {
	Phone string `arg:"" help:"Its name, or its ID."`
}

func (c *phoneRemoveCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	phones, err := client.Phones(a.ctx)
	if err != nil {
		return err
	}
	var named []phone.Phone
	for _, phone := range phones {
		if strings.EqualFold(phone.Name, c.Phone) {
			named = append(named, phone)
		}
	}
	if len(named) > 1 {
		return usagef("%d phones are called %q: give the ID instead, which kith phone list shows", len(named), c.Phone)
	}
	var found phone.Phone
	if len(named) == 1 {
		found = named[0]
	} else if found, err = findByID(phones, func(p phone.Phone) string { return p.ID }, c.Phone, "phone"); err != nil {
		return err
	}
	if err := client.RemovePhone(a.ctx, found.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s is removed, and can't get in any more.\n", clean(found.Name))
	return err
}
