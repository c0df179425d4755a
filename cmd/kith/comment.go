package main

type commentCmd struct {
	Post string   `arg:"" help:"The post: the ID that kith feed shows, or the first characters of it, or “latest”."`
	Text []string `arg:"" optional:"" help:"What to write. If not given, or “-”, it is read from the standard input."`
	JSON bool     `name:"json" help:"Print the comment as JSON."`
}

func (*commentCmd) Help() string {
	return `Whoever sees the post sees the comment.

Examples:

    kith comment latest "Lovely!"
    kith comment 3f9a2c1b "When was that?"`
}

func (c *commentCmd) Run(a *app) error {
	text, err := a.text(c.Text, false)
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	on, err := findEntry(a.ctx, client, c.Post)
	if err != nil {
		return err
	}
	comment, err := client.Comment(a.ctx, on.post, text)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(comment)
	}
	p := a.printer()
	p.printf("Commented %s on what %s wrote.\n", p.bold(short(comment.ID)), clean(on.author.Name))
	return p.err
}
