package main

import "fmt"

type deleteCmd struct {
	Entry string `arg:"" help:"The post or comment: its ID, or the first characters of it, or “latest” for the newest post."`
	Good  bool   `name:"for-good" help:"Don't keep it in the trash: it is nowhere afterwards."`
	Yes   bool   `short:"y" help:"Don't ask."`
}

func (*deleteCmd) Help() string {
	return `You can delete what you wrote, and take down comments under your own posts. Your friends' homes are asked to delete it too. A home
that is off does so when it is on again. What you wrote yourself stays in your trash for 30 days, on this computer alone; see kith
trash.

Examples:

    kith delete 3f9a2c1b
    kith delete latest --for-good`
}

func (c *deleteCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	e, err := findEntry(a.ctx, client, c.Entry)
	if err != nil {
		return err
	}
	what := "post"
	if e.comment {
		what = "comment"
	}
	if !c.Yes {
		p := a.printer()
		p.w = a.stderr
		p.paragraph("  ", e.text)
		if err := a.confirm(fmt.Sprintf("Delete this %s of %s?", what, clean(e.author.Name))); err != nil {
			return err
		}
	}
	p := a.printer()
	if c.Good {
		if err := client.DeleteForGood(a.ctx, e.id); err != nil {
			return err
		}
		p.printf("Deleted the %s for good.\n", what)
		return p.err
	}
	if err := client.Delete(a.ctx, e.id); err != nil {
		return err
	}
	if e.author.Me {
		p.printf("Deleted the %s. It is in your trash for 30 days: kith trash.\n", what)
	} else {
		p.printf("Took down the %s.\n", what)
	}
	return p.err
}
