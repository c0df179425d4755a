package apitest

import (
	"context"
	"slices"

	"kith/internal/social"
)

// Tell adds news that were not seen.
func (h *Home) Tell(news social.News) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news.Unread = true
	h.news = append([]social.News{news}, h.news...)
	h.tell(social.Event{Kind: social.EventNews})
}

// News lists news.
func (h *Home) News(ctx context.Context) ([]social.News, error) {
	err := h.enter(ctx, "News")
	defer h.mu.Unlock()
	return slices.Clone(h.news), err
}

// MarkNews marks news as seen.
func (h *Home) MarkNews(ctx context.Context, ids ...string) error {
	err := h.enter(ctx, "MarkNews")
	defer h.mu.Unlock()
	for i := range h.news {
		if err == nil && slices.Contains(ids, h.news[i].ID) {
			h.news[i].Unread = false
		}
	}
	return err
}

// MarkAllNews marks all of them.
func (h *Home) MarkAllNews(ctx context.Context) error {
	err := h.enter(ctx, "MarkAllNews")
	defer h.mu.Unlock()
	for i := range h.news {
		h.news[i].Unread = h.news[i].Unread && err != nil
	}
	return err
}

// NewsWishes tells what was wished.
func (h *Home) NewsWishes(ctx context.Context) (social.NewsWishes, error) {
	err := h.enter(ctx, "NewsWishes")
	defer h.mu.Unlock()
	var wishes social.NewsWishes
	for _, kind := range []string{social.NewsComment, social.NewsReaction, social.NewsMention, social.NewsFriend} {
		wishes.Kinds = append(wishes.Kinds, social.NewsKind{Kind: kind, On: !h.unwanted[kind]})
	}
	for _, friend := range h.friends {
		want := h.wants[friend.ID]
		if want == "" {
			want = social.WantAnswers
		}
		wishes.Places = append(wishes.Places, social.NewsPlace{ID: friend.ID, Name: friend.Name, Person: true, Want: want})
	}
	return wishes, err
}

// WantNewsKind wishes.
func (h *Home) WantNewsKind(ctx context.Context, kind string, on bool) error {
	err := h.enter(ctx, "WantNewsKind")
	defer h.mu.Unlock()
	if h.unwanted == nil {
		h.unwanted = make(map[string]bool)
	}
	h.unwanted[kind] = !on
	return err
}

// WantNewsOf wishes.
func (h *Home) WantNewsOf(ctx context.Context, place, want string) error {
	err := h.enter(ctx, "WantNewsOf")
	defer h.mu.Unlock()
	if h.wants == nil {
		h.wants = make(map[string]string)
	}
	h.wants[place] = want
	return err
}

// Summary counts the posts of others.
func (h *Home) Summary(ctx context.Context) (social.Summary, error) {
	err := h.enter(ctx, "Summary")
	defer h.mu.Unlock()
	s := social.Summary{Comments: len(h.news), Due: len(h.news) > 0}
	for i := range h.posts {
		if !h.posts[i].Author.Me {
			s.Posts++
		}
	}
	return s, err
}

// MuteThread mutes a thread.
func (h *Home) MuteThread(ctx context.Context, post string, on bool) error {
	return h.quieten(ctx, "MuteThread", post, func(p *social.Post) { p.Quiet = on })
}

// HidePost hides a post.
func (h *Home) HidePost(ctx context.Context, post string, on bool) error {
	return h.quieten(ctx, "HidePost", post, func(p *social.Post) { p.Hidden = on })
}

func (h *Home) quieten(ctx context.Context, method, post string, change func(*social.Post)) error {
	err := h.enter(ctx, method)
	defer h.mu.Unlock()
	if err != nil {
		return err
	}
	for i := range h.posts {
		if h.posts[i].ID == post {
			change(&h.posts[i])
			return nil
		}
	}
	return notFound("post")
}

// QuietPosts lists what was muted and hidden.
func (h *Home) QuietPosts(ctx context.Context) (hidden, muted []social.Post, err error) {
	err = h.enter(ctx, "QuietPosts")
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if p.Hidden {
			hidden = append(hidden, p)
		}
		if p.Quiet {
			muted = append(muted, p)
		}
	}
	return hidden, muted, err
}
