package main

import (
	"net"
	"strings"

	"kith/internal/social"
)

type statusCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (*statusCmd) Help() string {
	return `Exits with 3 if no home is running in the folder, which makes it fit for scripts.

Example:

    kith status --json | jq .online`
}

func (c *statusCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	s, err := client.Status(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(s)
	}
	p := a.printer()
	p.status(s)
	return p.err
}

func (p *printer) status(s social.Status) {
	title := "A new home, not set up yet"
	if s.Name != "" {
		title = clean(s.Name) + "'s home"
	}
	p.printf("%s %s %s\n", p.window(true), p.bold(title), p.dim("· running since "+p.when(s.Since)))
	line := func(name, text string) {
		p.printf("  %s %s\n", p.dim(pad(name, 10)), text)
	}
	line("Page", clean(s.Page))
	line("Folder", clean(s.Folder))
	friends := count(s.Friends, "friend")
	if s.Friends > 0 {
		friends += ", " + number(s.Online) + " on now"
	}
	line("Friends", friends)
	keeps := number(s.Entries) + " entries, " + count(s.Blobs, "file") + ", " + size(s.DiskBytes)
	if s.Wanted > 0 {
		keeps += "; " + number(s.Wanted) + " more on their way"
	}
	line("Keeps", keeps)
	reach := "in the home network only"
	if s.Reach == social.ReachInternet {
		reach = "over the internet too"
	}
	line("Reached", reach)
	for _, address := range s.Addresses {
		line("", clean(plainAddress(address)))
	}
	line("Version", clean(s.Version))
}

// plainAddress writes a multiaddr as people write addresses: "192.168.1.5:7481 (tcp)". What it does not know stays as it
// is.
func plainAddress(multiaddr string) string {
	parts := strings.Split(multiaddr, "/")
	if len(parts) < 5 || parts[1] != "ip4" && parts[1] != "ip6" || strings.Contains(multiaddr, "p2p-circuit") {
		return multiaddr
	}
	kind := parts[3]
	if len(parts) > 5 && strings.HasPrefix(parts[5], "quic") {
		kind = "quic"
	}
	return net.JoinHostPort(parts[2], parts[4]) + " (" + kind + ")"
}
