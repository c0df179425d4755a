package web_test

import (
	"context"

	"kith/internal/social"
)

// Save puts a post aside.
func (h *home) Save(_ context.Context, post string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Save"); err != nil {
		return err
	}
	for _, p := range h.posts {
		if p.ID == post {
			p.Saved = on
			return nil
		}
	}
	return problem(social.CodeNotFound, "There is no such post.")
}

// Saved lists the posts that were put aside.
func (h *home) Saved(_ context.Context, _ string, _ int) (feed social.Feed, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if p.Saved {
			feed.Posts = append(feed.Posts, *p)
		}
	}
	return feed, h.fail["Saved"]
}

// OnThisDay makes memories of the last post.
func (h *home) OnThisDay(context.Context) (list []social.Memory, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.posts); n > 0 && h.posts[n-1].ID == "winter" {
		post := *h.posts[n-1]
		post.At = h.now().AddDate(-2, 0, 0)
		list = append(list, social.Memory{Year: post.At.Year(), Ago: 2, Count: 1, Posts: []social.Post{post}})
	}
	return list, h.fail["OnThisDay"]
}

// MemoriesToday is OnThisDay without the posts.
func (h *home) MemoriesToday(ctx context.Context) ([]social.Memory, error) {
	list, err := h.OnThisDay(ctx)
	for i := range list {
		list[i].Posts = nil
	}
	return list, err
}

// Photos lists the photos of the posts.
func (h *home) Photos(_ context.Context, person, _ string, _ int) (page social.PhotoPage, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if person != "" && p.Author.ID != person {
			continue
		}
		for i, photo := range p.Photos {
			page.Photos = append(page.Photos, social.PostedPhoto{Photo: photo, Post: p.ID, Number: i + 1, Of: len(p.Photos), Author: p.Author, At: p.At})
		}
	}
	return page, h.fail["Photos"]
}
