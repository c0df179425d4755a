package web_test

import (
	"context"
	"io"
	"slices"
	"strings"

	"kith/internal/social"
)

// Conversations, polls, tags and files of the home in memory.

func (h *home) Answer(ctx context.Context, n social.NewComment) (social.Comment, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Comment"); err != nil {
		return social.Comment{}, err
	}
	if strings.TrimSpace(n.Text) == "" && len(n.Photos) == 0 {
		return social.Comment{}, problem(social.CodeBadInput, "There is nothing in this comment yet.")
	}
	return h.answer(n, "me")
}

// answer adds somebody's comment to another one.
func (h *home) answer(n social.NewComment, who string) (social.Comment, error) {
	p, err := h.find(n.Post)
	if err != nil {
		return social.Comment{}, err
	}
	c := social.Comment{ID: h.id("c"), Post: n.Post, Author: h.people[who], At: h.now(), Text: n.Text, Mentions: h.mentions(n.Text)}
	if who == "me" {
		c.Delivery = h.delivered()
	}
	for _, other := range p.Comments {
		if n.Answers != "" && other.ID == n.Answers {
			author := h.people[other.Author.ID]
			c.Answers, c.Whom, c.Root = other.ID, &author, other.ID
			if other.Root != "" {
				c.Root = other.Root
			}
		}
	}
	for _, photo := range n.Photos {
		held, ok := h.held[photo.ID]
		if !ok {
			return social.Comment{}, problem(social.CodeNotFound, "One of the photos is no longer there.")
		}
		held.Alt = photo.Alt
		c.Photos = append(c.Photos, held)
	}
	p.Comments = append(p.Comments, c)
	h.tell(social.EventComment, c.ID, n.Post)
	return h.fullComment(&c, p.Author.Me), nil
}

func (h *home) mentions(text string) (list []social.Mention) {
	for _, id := range h.friends {
		if p := h.people[id]; strings.Contains(text, "@"+p.Name) {
			list = append(list, social.Mention{Person: p.ID, Name: p.Name})
		}
	}
	return list
}

func (h *home) HoldPhoto(_ context.Context, r io.Reader) (social.Photo, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("HoldPhoto"); err != nil {
		return social.Photo{}, err
	}
	photo, err := h.addPicture(r)
	if err == nil {
		h.held[photo.ID] = photo
	}
	return photo, err
}

func (h *home) Mentionable(context.Context, string, string) ([]social.Person, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []social.Person
	for _, id := range h.friends {
		list = append(list, h.people[id])
	}
	return list, h.fail["Mentionable"]
}

func (h *home) Tagged(_ context.Context, tag, _ string, limit int) (social.Feed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var feed social.Feed
	for _, p := range h.posts {
		if slices.Contains(strings.Fields(strings.ToLower(p.Text)), "#"+tag) && len(feed.Posts) < limit {
			feed.Posts = append(feed.Posts, h.full(p))
		}
	}
	return feed, h.fail["Tagged"]
}

func (h *home) Vote(_ context.Context, post string, choices []int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Vote"); err != nil {
		return err
	}
	return h.vote(post, "me", choices)
}

// vote sets somebody's vote.
func (h *home) vote(post, who string, choices []int) error {
	p, err := h.find(post)
	if err != nil {
		return err
	}
	if p.Poll == nil {
		return problem(social.CodeNotFound, "There is no poll here.")
	}
	voters := make(map[string]bool)
	poll := p.Poll
	for i := range poll.Options {
		o := &poll.Options[i]
		o.Faces = slices.DeleteFunc(o.Faces, func(p social.Person) bool { return p.ID == who })
		if slices.Contains(choices, i) {
			o.Faces = append(o.Faces, h.people[who])
		}
		o.Count, o.Names, o.Mine = len(o.Faces), nil, false
		for _, p := range o.Faces {
			o.Names, o.Mine, voters[p.ID] = append(o.Names, p.Name), o.Mine || p.Me, true
		}
	}
	poll.Voters, poll.Voted = len(voters), voters["me"]
	h.tell(social.EventChanged, post, "")
	return nil
}

func (h *home) AddFile(_ context.Context, f social.Upload) (social.File, error) {
	content, err := io.ReadAll(f.Data)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		err = h.changing("AddFile")
	}
	if err != nil {
		return social.File{}, err
	}
	file := social.File{Name: f.Name, Type: f.Type, Size: int64(len(content)), Path: h.id("f"), Here: true}
	h.draft.Files = append(h.draft.Files, file)
	return file, nil
}

// filesOf are those files of the draft that are named.
func (h *home) filesOf(ids []string) (files []social.File) {
	for _, file := range h.draft.Files {
		if slices.Contains(ids, file.Path) {
			files = append(files, file)
		}
	}
	return files
}

// pollOf is a new poll.
func pollOf(n *social.NewPoll) *social.Poll {
	if n == nil {
		return nil
	}
	poll := &social.Poll{Several: n.Several, Until: n.Until}
	for _, option := range n.Options {
		if option != "" {
			poll.Options = append(poll.Options, social.PollOption{Text: option})
		}
	}
	return poll
}
