package main

import (
	"context"
	"strings"
	"time"

	"kith/internal/api"
	"kith/internal/social"
)

type searchCmd struct {
	Words  []string `arg:"" optional:"" help:"What to look for. Words in quotation marks have to stand side by side; the last word may be unfinished."`
	From   string   `placeholder:"FRIEND" help:"Only what this friend wrote; “me” for your own."`
	In     string   `placeholder:"GROUP" help:"Only what was written in this group."`
	Since  string   `placeholder:"DAY" help:"Only what was written on this day (2026-07-14) or later."`
	Until  string   `placeholder:"DAY" help:"Only what was written on this day or before."`
	Photos bool     `help:"Only posts with photos."`
	Limit  int      `short:"n" default:"10" help:"How many posts, and how many comments, 50 at most."`
	JSON   bool     `name:"json" help:"Print JSON: one object with “people”, “posts” and “comments”."`
}

func (*searchCmd) Help() string {
	return `Everything on this computer that you can read is looked through; nothing of what you look for leaves it. Accents and
capitals do not matter.

Examples:

    kith search lake
    kith search '"wet shoes"' --from Ada
    kith search --from me --photos --since 2026-01-01
    kith search 東京 --json | jq -r '.posts.items[].id'`
}

func (c *searchCmd) Run(a *app) error {
	if c.Limit < 1 || c.Limit > 50 {
		return usagef("the number of things to show (-n) is from 1 to 50")
	}
	query := social.SearchQuery{Text: strings.Join(c.Words, " "), Photos: c.Photos, Limit: c.Limit}
	var err error
	if query.Since, err = day(c.Since, 0); err != nil {
		return err
	}
	if query.Until, err = day(c.Until, 1); err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := c.where(a.ctx, client, &query); err != nil {
		return err
	}
	result, err := client.Search(a.ctx, query)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(result)
	}
	p := a.printer()
	for _, person := range result.People {
		p.printf("%s %s %s\n", p.window(person.Online), p.bold(clean(person.Name)), p.dim("· "+short(person.ID)))
	}
	if len(result.People) > 0 {
		p.printf("\n")
	}
	for _, page := range []social.FoundPage{result.Posts, result.Comments} {
		for _, found := range page.Items {
			p.found(found)
		}
		if page.Next != "" {
			p.printf("%s\n\n", p.dim("There are older ones: more words, --until or -n show them."))
		}
	}
	if len(result.People)+len(result.Posts.Items)+len(result.Comments.Items) == 0 {
		p.printf("Nothing found. Fewer words, or only the beginning of one, find more.\n")
	}
	if result.Partial {
		p.printf("%s\n", p.dim("These words are so frequent that not everything was looked through."))
	}
	return p.err
}

// where finds whom and where is meant.
func (c *searchCmd) where(ctx context.Context, client *api.Client, query *social.SearchQuery) error {
	if c.In != "" {
		group, err := findGroup(ctx, client, c.In)
		if err != nil {
			return err
		}
		query.In = group.ID
	}
	switch c.From {
	case "":
		return nil
	case "me":
		me, err := client.Profile(ctx)
		query.Who = me.ID
		return err
	}
	friends, err := client.Friends(ctx)
	if err != nil {
		return err
	}
	p, err := findPerson(friends, c.From)
	query.Who = p.ID
	return err
}

// day reads a day, and gives the midnight with which it begins here, or one that many days later.
func day(text string, later int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return t, usagef("%q is no day: write it like 2026-07-14", text)
	}
	return t.AddDate(0, 0, later), nil
}

// found writes something that was found.
func (p *printer) found(f social.Found) {
	what := "post"
	if f.Kind == social.FoundComment {
		what = "comment"
	}
	p.printf("%s %s\n", p.bold(clean(f.Author.Name)), p.dim("· "+what+" · "+clean(f.Audience.Name)+" · "+p.when(f.At)+" · "+short(f.ID)))
	var text strings.Builder
	for _, piece := range f.Text {
		text.WriteString(piece.Text)
	}
	if text.Len() > 0 {
		p.paragraph("  ", text.String())
	}
	if f.Photos > 0 {
		p.printf("  [%s]\n", count(f.Photos, "photo"))
	}
	p.printf("\n")
}
