package main

import (
	"context"
	"fmt"

	"kith/internal/api"
	"kith/internal/social"
)

type trashCmd struct {
	List    trashListCmd    `cmd:"" default:"withargs" help:"List what you deleted in the last 30 days."`
	Restore trashRestoreCmd `cmd:"" help:"Post it again, as a new post or comment."`
	Delete  trashDeleteCmd  `cmd:"" help:"Delete something in the trash for good."`
	Empty   trashEmptyCmd   `cmd:"" help:"Delete everything in the trash for good."`
}

func (*trashCmd) Help() string {
	return `What you delete is kept for 30 days, on this computer alone, and then goes for good by itself.

Examples:

    kith trash
    kith trash restore 3f9a2c1b
    kith trash empty`
}

type trashListCmd struct {
	JSON bool `name:"json" help:"Print a list as JSON."`
}

func (c *trashListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	list, err := client.Trash(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(orEmpty(list))
	}
	p := a.printer()
	if len(list) == 0 {
		p.printf("The trash is empty.\n")
	}
	for _, t := range list {
		what := "A post"
		if t.Comment {
			what = "A comment"
		}
		p.printf("%s %s\n", p.bold(what), p.dim("· deleted "+p.when(t.Deleted)+" · here until "+t.Until.Local().Format("2 January")+" · "+short(t.ID)))
		if t.Text != "" {
			p.paragraph("  ", t.Text)
		}
		if n := len(t.Photos); n > 0 {
			p.printf("  [%s]\n", count(n, "photo"))
		}
	}
	return p.err
}

// withTrashed does something to what a person named of the trash.
func (a *app) withTrashed(id string, do func(context.Context, *api.Client, social.Trashed) error) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	list, err := client.Trash(a.ctx)
	if err != nil {
		return err
	}
	t, err := findByID(list, func(t social.Trashed) string { return t.ID }, id, "thing in the trash")
	if err != nil {
		return err
	}
	return do(a.ctx, client, t)
}

type trashRestoreCmd struct {
	ID string `arg:"" help:"What to post again: the ID that kith trash shows, or the first characters of it."`
}

func (c *trashRestoreCmd) Run(a *app) error {
	return a.withTrashed(c.ID, func(ctx context.Context, client *api.Client, t social.Trashed) error {
		again, err := client.Restore(ctx, t.ID)
		if err != nil {
			return err
		}
		p := a.printer()
		p.printf("Posted again as %s. Comments and reactions that were there do not come back.\n", p.bold(short(again.ID)))
		return p.err
	})
}

type trashDeleteCmd struct {
	ID  string `arg:"" help:"What to delete for good: the ID that kith trash shows, or the first characters of it."`
	Yes bool   `short:"y" help:"Don't ask."`
}

func (c *trashDeleteCmd) Run(a *app) error {
	return a.withTrashed(c.ID, func(ctx context.Context, client *api.Client, t social.Trashed) error {
		if !c.Yes {
			if err := a.confirm("Delete it for good? Nobody can bring it back."); err != nil {
				return err
			}
		}
		if err := client.DeleteTrashed(ctx, t.ID); err != nil {
			return err
		}
		p := a.printer()
		p.printf("It is gone for good.\n")
		return p.err
	})
}

type trashEmptyCmd struct {
	Yes bool `short:"y" help:"Don't ask."`
}

func (c *trashEmptyCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if !c.Yes {
		list, err := client.Trash(a.ctx)
		if err != nil {
			return err
		}
		if len(list) > 0 {
			if err := a.confirm(fmt.Sprintf("Delete %s for good? Nobody can bring them back.", count(len(list), "thing"))); err != nil {
				return err
			}
		}
	}
	emptied, err := client.EmptyTrash(a.ctx)
	if err != nil {
		return err
	}
	p := a.printer()
	p.printf("The trash is empty. %s went for good.\n", count(emptied.Deleted, "thing"))
	return p.err
}
