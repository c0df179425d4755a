package main

type reactCmd struct {
	Entry    string `arg:"" help:"The post or comment: its ID, or the first characters of it, or “latest” for the newest post."`
	Emoji    string `arg:"" optional:"" help:"The emoji."`
	TakeBack bool   `help:"Take your reaction back."`
}

func (*reactCmd) Help() string {
	return `You have one reaction to each post or comment; another one takes its place.

Examples:

    kith react latest ❤️
    kith react 3f9a2c1b --take-back`
}

func (c *reactCmd) Run(a *app) error {
	if (c.Emoji == "") != c.TakeBack {
		return usagef("give an emoji, or --take-back")
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	to, err := findEntry(a.ctx, client, c.Entry)
	if err != nil {
		return err
	}
	if err := client.React(a.ctx, to.id, c.Emoji); err != nil {
		return err
	}
	p := a.printer()
	if c.TakeBack {
		p.printf("Took your reaction to what %s wrote back.\n", clean(to.author.Name))
	} else {
		p.printf("Reacted to what %s wrote: %s\n", clean(to.author.Name), clean(c.Emoji))
	}
	return p.err
}
