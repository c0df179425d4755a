package main

import (
	"context"
	"slices"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type newsCmd struct {
	List newsListCmd `cmd:"" default:"withargs" help:"List what concerns you: answers, reactions, mentions, who came."`
	Seen newsSeenCmd `cmd:"" help:"Mark everything as seen, on all your computers."`
	Want newsWantCmd `cmd:"" help:"Say of what you want to hear; without a word after it, list it."`
}

func (*newsCmd) Help() string {
	return `What you have not seen is marked with ●. Reading it here or on a page clears it on all your computers.

Examples:

    kith news
    kith news seen
    kith news want
    kith news want reaction nothing
    kith news want "Garden club" all
    kith news --json | jq -r '.[].did'`
}

type newsListCmd struct {
	All  bool `short:"a" help:"Also what you have seen."`
	JSON bool `name:"json" help:"Print a list as JSON, with what you have seen."`
}

func (c *newsListCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	list, err := client.News(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(orEmpty(list))
	}
	summary, err := client.Summary(a.ctx)
	if err != nil {
		return err
	}
	p := a.printer()
	if words := summaryWords(summary); words != "" {
		p.paragraph("", "Since yesterday: "+words+".")
		p.printf("\n")
	}
	shown := 0
	for _, n := range list {
		if !n.Unread && !c.All {
			continue
		}
		shown++
		sign := " "
		if n.Unread {
			sign = p.lit("●")
		}
		p.printf("%s %s %s\n", sign, newsSentence(p, n), p.dim("· "+p.when(n.At)+newsPlace(n)))
		if n.Quote != "" {
			p.paragraph("    ", n.Quote)
		}
	}
	switch {
	case shown > 0:
	case len(list) == 0:
		p.printf("Nothing so far. When somebody answers you, it stands here.\n")
	default:
		p.printf("You have seen everything. kith news --all shows it again.\n")
	}
	return p.err
}

// newsSentence says who did what.
func newsSentence(p *printer, n social.News) string {
	if len(n.People) == 0 {
		return clean(n.Did)
	}
	var names []string
	for _, person := range n.People {
		names = append(names, p.bold(clean(person.Name)))
	}
	if others := n.Count - len(names); others > 0 {
		names = append(names, count(others, "other"))
	}
	who := strings.Join(names, ", ")
	if last := len(names) - 1; last > 0 {
		who = strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return who + " " + clean(n.Did)
}

// newsPlace names where it happened, for other commands.
func newsPlace(n social.News) string {
	switch {
	case n.Comment != "":
		return " · " + short(n.Comment)
	case n.Post != "":
		return " · " + short(n.Post)
	}
	return ""
}

func summaryWords(s social.Summary) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{s.Posts, "new post"}, {s.Comments, "comment"}, {s.Reactions, "reaction"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

type newsSeenCmd struct{}

func (c *newsSeenCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.MarkNews(a.ctx); err != nil {
		return err
	}
	p := a.printer()
	p.printf("You have seen everything.\n")
	return p.err
}

type newsWantCmd struct {
	Of   string `arg:"" optional:"" help:"A kind of news (comment, reaction, mention, friend), a group or a friend."`
	Want string `arg:"" optional:"" enum:"all,answers,nothing," default:"" help:"“all”: every new post too. “answers”: answers to you, and mentions. “nothing”."`
	JSON bool   `name:"json" help:"Print what you hear of as JSON."`
}

func (c *newsWantCmd) Run(a *app) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	wishes, err := client.NewsWishes(a.ctx)
	if err != nil {
		return err
	}
	if c.Of == "" {
		return c.list(a, wishes)
	}
	if c.Want == "" {
		return usagef("say how much you want to hear: all, answers or nothing")
	}
	if slices.ContainsFunc(wishes.Kinds, func(k social.NewsKind) bool { return k.Kind == c.Of }) {
		err = client.WantNewsKind(a.ctx, c.Of, c.Want != social.WantNothing)
	} else {
		err = c.wantOf(a.ctx, client, wishes)
	}
	if err != nil {
		return err
	}
	p := a.printer()
	p.printf("That is how it is from now on, on all your computers.\n")
	return p.err
}

func (c *newsWantCmd) wantOf(ctx context.Context, client *api.Client, wishes social.NewsWishes) error {
	var people []social.Person
	for _, place := range wishes.Places {
		people = append(people, social.Person{ID: place.ID, Name: place.Name})
	}
	place, err := findPerson(people, c.Of)
	if err != nil {
		return err
	}
	return client.WantNewsOf(ctx, place.ID, c.Want)
}

func (c *newsWantCmd) list(a *app, wishes social.NewsWishes) error {
	if c.JSON {
		return a.writeJSON(wishes)
	}
	p := a.printer()
	for _, kind := range wishes.Kinds {
		state := social.WantNothing
		if kind.On {
			state = social.WantAll
		}
		p.printf("%s %s\n", pad(kind.Kind, 24), state)
	}
	for _, place := range wishes.Places {
		p.printf("%s %s\n", pad(clean(place.Name), 24), place.Want)
	}
	return p.err
}

type hidePostCmd struct {
	Post string `arg:"" help:"The post: the ID that kith feed shows, or the first characters of it."`
	Undo bool   `help:"Show it again."`
}

func (c *hidePostCmd) Run(a *app) error {
	return a.quieten(c.Post, func(client *api.Client, post string) error { return client.HidePost(a.ctx, post, !c.Undo) },
		c.Undo, "You see it again.", "You don't see it any more. Nobody is told.")
}

type quietCmd struct {
	Post string `arg:"" help:"The post: the ID that kith feed shows, or the first characters of it."`
	Undo bool   `help:"Hear of it again."`
}

func (c *quietCmd) Run(a *app) error {
	return a.quieten(c.Post, func(client *api.Client, post string) error { return client.MuteThread(a.ctx, post, !c.Undo) },
		c.Undo, "You hear of it again.", "You hear nothing more of it. Nobody is told.")
}

// quieten does something about a post that may be hidden already.
func (a *app) quieten(id string, do func(*api.Client, string) error, undo bool, undone, done string) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	var post string
	if quiet, err := client.QuietPosts(a.ctx); err != nil {
		return err
	} else if one, err := findByID(append(quiet.Hidden, quiet.Muted...), func(p social.Post) string { return p.ID }, id, "post"); err == nil {
		post = one.ID
	} else {
		e, err := findEntry(a.ctx, client, id)
		if err != nil {
			return err
		}
		post = e.post
	}
	if err := do(client, post); err != nil {
		return err
	}
	words := done
	if undo {
		words = undone
	}
	p := a.printer()
	p.printf("%s\n", words)
	return p.err
}
