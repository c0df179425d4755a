package main

type saveCmd struct {
	Post string `arg:"" help:"The post: the ID that kith feed shows, or the first characters of it, or “latest” for the newest post."`
	Undo bool   `help:"Take it out again."`
}

func (*saveCmd) Help() string {
	return `What you save is the same on all your computers. Nobody is told.

Examples:

    kith save latest
    kith saved
    kith save 3f9a2c1b --undo`
}

func (c *saveCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	to, err := findEntry(a.ctx, client, c.Post)
	if err != nil {
		return err
	}
	if err := client.Save(a.ctx, to.post, !c.Undo); err != nil {
		return err
	}
	p := a.printer()
	if c.Undo {
		p.printf("It is no longer among your saved posts.\n")
	} else {
		p.printf("It is with your saved posts: kith saved.\n")
	}
	return p.err
}

type savedCmd struct {
	Limit  int    `short:"n" default:"20" help:"How many posts, 50 at most."`
	Cursor string `placeholder:"CURSOR" help:"Go on from here: the “next” of an answer in JSON."`
	JSON   bool   `name:"json" help:"Print JSON: one object with “posts” and “next”."`
}

func (c *savedCmd) Run(a *app) error {
	if c.Limit < 1 {
		return usagef("the number of posts (-n) is at least 1")
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	feed, err := client.Saved(a.ctx, c.Cursor, c.Limit)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(feed)
	}
	p := a.printer()
	for _, post := range feed.Posts {
		p.post(post)
	}
	switch {
	case len(feed.Posts) == 0:
		p.printf("Nothing saved so far. kith save puts a post aside.\n")
	case feed.Next != "":
		p.printf("%s\n", p.dim("There is more: kith saved --cursor "+feed.Next))
	}
	return p.err
}
