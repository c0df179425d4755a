package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/api"
	"kith/internal/social"
)

type feedCmd struct {
	Of     string `placeholder:"FRIEND" xor:"where" help:"Only what is on this friend's wall; “me” for your own."`
	Group  string `placeholder:"GROUP" xor:"where" help:"Only what is in this group."`
	Limit  int    `short:"n" default:"20" help:"How many posts, 100 at most."`
	Cursor string `placeholder:"CURSOR" help:"Go on from here: the “next” of an answer in JSON."`
	Follow bool   `short:"f" help:"Go on showing posts and comments as they come, newest last."`
	JSON   bool   `name:"json" help:"Print JSON: one object with “posts” and “next”; with --follow one line for each thing that comes."`
}

func (*feedCmd) Help() string {
	return `Each post is shown with the first characters of its ID, which other commands take.

Examples:

    kith feed
    kith feed --of Ada -n 5
    kith feed --group "Garden club"
    kith feed --follow
    kith feed --json | jq -r '.posts[].text'`
}

func (c *feedCmd) Run(a *app) error {
	if c.Limit < 1 {
		return usagef("the number of posts (-n) is at least 1")
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	from, err := c.source(a.ctx, client)
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(a, client, from)
	}
	feed, err := c.read(a.ctx, client, from)
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
		p.printf("Nothing here so far. kith post writes something, kith invite makes a friend.\n")
	case feed.Next != "":
		p.printf("%s\n", p.dim("There is more: kith feed --cursor "+feed.Next))
	default:
		p.printf("%s\n", p.dim("You are all caught up."))
	}
	return p.err
}

// source is where posts are read: everywhere, on a person's wall, or in a group.
type source struct{ person, group string }

// has tells whether a post belongs there.
func (s source) has(post social.Post) bool {
	inGroup := post.Audience.Kind == social.AudienceGroup
	switch {
	case s.group != "":
		return post.Audience.Space == s.group
	case s.person != "":
		return post.Author.ID == s.person && !inGroup
	}
	return !post.Author.Muted
}

// source finds where is to be read.
func (c *feedCmd) source(ctx context.Context, client *api.Client) (source, error) {
	if c.Group != "" {
		group, err := findGroup(ctx, client, c.Group)
		return source{group: group.ID}, err
	}
	switch c.Of {
	case "":
		return source{}, nil
	case "me":
		me, err := client.Profile(ctx)
		return source{person: me.ID}, err
	}
	friends, err := client.Friends(ctx)
	if err != nil {
		return source{}, err
	}
	p, err := findPerson(friends, c.Of)
	return source{person: p.ID}, err
}

func (c *feedCmd) read(ctx context.Context, client *api.Client, from source) (social.Feed, error) {
	switch {
	case from.group != "":
		return client.GroupFeed(ctx, from.group, c.Cursor, c.Limit)
	case from.person != "":
		return client.Wall(ctx, from.person, c.Cursor, c.Limit)
	}
	return client.Feed(ctx, c.Cursor, c.Limit)
}

// followed is a line of "kith feed --follow --json".
type followed struct {
	Kind    string          `json:"kind"` // social.EventPost or social.EventComment
	Post    *social.Post    `json:"post,omitempty"`
	Comment *social.Comment `json:"comment,omitempty"`
}

// follow shows the newest posts with the newest last, and then what comes.
func (c *feedCmd) follow(a *app, client *api.Client, from source) error {
	events, err := client.Events(a.ctx) // first, so that nothing is missed in between
	if err != nil {
		return err
	}
	defer events.Close()
	feed, err := c.read(a.ctx, client, from)
	if err != nil {
		return err
	}
	p := a.printer()
	seen := make(map[string]bool) // a post is told of again when its photos arrive, or it reaches another home
	show := func(post social.Post) error {
		if seen[post.ID] {
			return nil
		}
		seen[post.ID] = true
		if c.JSON {
			return a.writeJSON(followed{Kind: social.EventPost, Post: &post})
		}
		p.post(post)
		return p.err
	}
	for _, post := range slices.Backward(feed.Posts) {
		if err := show(post); err != nil {
			return err
		}
	}
	for {
		e, err := events.Next()
		if err != nil {
			return err
		}
		switch e.Kind {
		case social.EventPost:
			if seen[e.ID] {
				continue
			}
			post, err := client.Post(a.ctx, e.ID)
			if isNoSuch(err) || err == nil && !from.has(post) {
				continue
			}
			if err != nil {
				return err
			}
			if err := show(post); err != nil {
				return err
			}
		case social.EventComment:
			if err := c.showComment(a, client, p, e, from); err != nil {
				return err
			}
		}
	}
}

// showComment shows a comment that came.
func (c *feedCmd) showComment(a *app, client *api.Client, p *printer, e social.Event, from source) error {
	comment, err := client.CommentByID(a.ctx, e.ID)
	if isNoSuch(err) {
		return nil // deleted again
	}
	if err != nil {
		return err
	}
	post, err := client.Post(a.ctx, comment.Post)
	if isNoSuch(err) || err == nil && !from.has(post) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(followed{Kind: social.EventComment, Comment: &comment})
	}
	p.printf("%s %s\n", p.bold(clean(comment.Author.Name)), p.dim("on "+possessive(post.Author)+" post · "+p.when(comment.At)+" · "+short(comment.ID)))
	p.paragraph("  ", comment.Text)
	p.printf("\n")
	return p.err
}

// post writes a post with what hangs under it, and an empty line.
func (p *printer) post(post social.Post) {
	p.printf("%s %s\n", p.bold(clean(post.Author.Name)),
		p.dim("· "+clean(post.Audience.Name)+" · "+p.when(post.At)+edited(post.Edited)+" · "+short(post.ID)+delivery(post.Delivery)))
	if post.Text != "" {
		p.paragraph("  ", post.Text)
	}
	for _, photo := range post.Photos {
		alt := "a photo"
		if photo.Alt != "" {
			alt = "photo: " + photo.Alt
		}
		if !photo.Here {
			alt += " (on its way)"
		}
		p.paragraph("  ", "["+alt+"]")
	}
	if line := reactions(post.Reactions); line != "" {
		p.printf("  %s\n", line)
	}
	if hidden := post.CommentCount - len(post.Comments); hidden > 0 {
		p.printf("  %s\n", p.dim("… "+count(hidden, "earlier comment")))
	}
	for _, comment := range post.Comments {
		p.printf("    %s %s\n", p.bold(clean(comment.Author.Name)), p.dim("· "+p.when(comment.At)+edited(comment.Edited)+" · "+short(comment.ID)))
		p.paragraph("      ", comment.Text)
		if line := reactions(comment.Reactions); line != "" {
			p.printf("      %s\n", line)
		}
	}
	for _, taken := range post.Taken {
		p.paragraph("    ", taken.By.Name+" took down your comment. Only you see this.")
	}
	p.printf("\n")
}

// edited says that something is not as it was first written.
func edited(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " · edited"
}

// reactions says in a line who reacted how.
func reactions(list []social.Reaction) string {
	var parts []string
	for _, r := range list {
		part := clean(r.Emoji)
		if r.Count > 1 {
			part += " " + strconv.Itoa(r.Count)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "  ")
}

// delivery says where a post of one's own is, as long as that is worth saying.
func delivery(d social.Delivery) string {
	switch {
	case d.State == social.DeliveryHere && d.Of > 0:
		return " · on this computer so far"
	case d.State == social.DeliverySome:
		return " · on " + strconv.Itoa(d.Have) + " of " + strconv.Itoa(d.Of) + " homes"
	}
	return ""
}

// readers says who can see something: "Friends (4 people)".
func readers(a social.Audience) string {
	if a.People == 1 {
		return clean(a.Name) + " (only you so far)"
	}
	return clean(a.Name) + " (" + number(a.People) + " people)"
}

func possessive(p social.Person) string {
	if p.Me {
		return "your"
	}
	return clean(p.Name) + "'s"
}
