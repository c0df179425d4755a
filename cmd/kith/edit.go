package main

import (
	"kith/internal/social"
)

type editCmd struct {
	Entry string   `arg:"" help:"The post or comment: its ID, or the first characters of it, or “latest” for the newest post."`
	Text  []string `arg:"" optional:"" help:"The new text. If not given, or “-”, it is read from the standard input."`
	Alt   []string `sep:"none" placeholder:"WORDS" help:"Describes a photo of the post anew: the first --alt the first photo, and so on."`
}

func (*editCmd) Help() string {
	return `You can change what you wrote yourself. Whoever can read it sees that it was edited, and can read the earlier versions. To take
words back for good, delete the post instead.

Examples:

    kith edit latest "Home at last!"
    kith edit 3f9a2c1b < better.txt`
}

func (c *editCmd) Run(a *app) error {
	text, err := a.text(c.Text, false)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	e, err := findEntry(a.ctx, client, c.Entry)
	if err != nil {
		return err
	}
	edit := social.Edit{Text: text}
	if len(c.Alt) > 0 {
		post, err := client.Post(a.ctx, e.id)
		if err != nil {
			return err
		}
		if len(c.Alt) > len(post.Photos) {
			return usagef("there are more descriptions (--alt) than photos in the post")
		}
		for i, photo := range post.Photos {
			if i < len(c.Alt) {
				photo.Alt = c.Alt[i]
			}
			edit.Photos = append(edit.Photos, social.NewPhoto{ID: photo.ID, Alt: photo.Alt})
		}
	}
	if err := client.Edit(a.ctx, e.id, edit); err != nil {
		return err
	}
	p := a.printer()
	p.printf("Changed %s.\n", p.bold(short(e.id)))
	return p.err
}

type historyCmd struct {
	Entry string `arg:"" help:"The post or comment: its ID, or the first characters of it, or “latest” for the newest post."`
	JSON  bool   `name:"json" help:"Print the versions as JSON, the newest first."`
}

func (c *historyCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	e, err := findEntry(a.ctx, client, c.Entry)
	if err != nil {
		return err
	}
	history, err := client.Versions(a.ctx, e.id)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(history)
	}
	p := a.printer()
	for i, v := range history.Versions {
		title := "Now"
		switch {
		case len(history.Versions) == 1:
			title = "Never changed"
		case i == len(history.Versions)-1:
			title = "At first"
		case i > 0:
			title = "Before"
		}
		p.printf("%s %s\n", p.bold(title), p.dim("· "+p.when(v.At)))
		p.paragraph("  ", v.Text)
		for _, photo := range v.Photos {
			if photo.Alt != "" {
				p.paragraph("  ", "[photo: "+photo.Alt+"]")
			}
		}
	}
	return p.err
}
