package apitest

import (
	"context"

	"kith/internal/social"
)

// Save puts a post aside, or takes it out again.
func (h *Home) Save(ctx context.Context, post string, on bool) error {
	err := h.enter(ctx, "Save")
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	p := h.post(post)
	if p == nil {
		return notFound("post")
	}
	p.Saved = on
	return nil
}

// Saved lists the posts that were put aside.
func (h *Home) Saved(ctx context.Context, _ string, _ int) (feed social.Feed, err error) {
	err = h.enter(ctx, "Saved")
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if p.Saved {
			feed.Posts = append(feed.Posts, p)
		}
	}
	return feed, err
}

// OnThisDay has nothing.
func (h *Home) OnThisDay(ctx context.Context) ([]social.Memory, error) {
	err := h.enter(ctx, "OnThisDay")
	defer h.mu.Unlock()
	return nil, err
}

// Photos lists the photos of the posts.
func (h *Home) Photos(ctx context.Context, person, _ string, _ int) (page social.PhotoPage, err error) {
	err = h.enter(ctx, "Photos")
	defer h.mu.Unlock()
	for _, p := range h.posts {
		for i, photo := range p.Photos {
			if person == "" || p.Author.ID == person {
				page.Photos = append(page.Photos, social.PostedPhoto{Photo: photo, Post: p.ID, Number: i + 1, Of: len(p.Photos), Author: p.Author, At: p.At})
			}
		}
	}
	return page, err
}
