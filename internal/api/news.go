package api

import (
	"context"
	"net/http"
	"net/url"

	"kith/internal/social"
)

type (
	seenNews struct {
		IDs []string `json:"ids,omitempty"` // none: all there are
	}
	newsWish struct {
		Want string `json:"want"`
	}
)

// QuietPosts is posts that the owner hid, and posts of which they want no news.
type QuietPosts struct {
	Hidden []social.Post `json:"hidden"`
	Muted  []social.Post `json:"muted"`
}

// newsRoutes is what the server answers to about news.
func (s *Server) newsRoutes() []route {
	return []route{
		{"GET news", read(s.Home.News)},
		{"POST news/seen", s.seenNews},
		{"GET news/summary", read(s.Home.Summary)},
		{"GET news/wishes", read(s.Home.NewsWishes)},
		{"PUT news/kinds/{id}", switched(s.Home.WantNewsKind)},
		{"PUT news/places/{id}", s.wantNewsOf},
		{"GET quiet", read(s.quietPosts)},
		{"PUT posts/{id}/quiet", switched(s.Home.MuteThread)},
		{"PUT posts/{id}/hidden", switched(s.Home.HidePost)},
	}
}

func (s *Server) seenNews(w http.ResponseWriter, r *http.Request) (any, error) {
	var body seenNews
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	if len(body.IDs) == 0 {
		return nil, s.Home.MarkAllNews(r.Context())
	}
	return nil, s.Home.MarkNews(r.Context(), body.IDs...)
}

func (s *Server) wantNewsOf(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newsWish
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.WantNewsOf(r.Context(), r.PathValue("id"), body.Want)
}

func (s *Server) quietPosts(ctx context.Context) (QuietPosts, error) {
	hidden, muted, err := s.Home.QuietPosts(ctx)
	return QuietPosts{hidden, muted}, err
}

// News returns what concerns the owner.
func (c *Client) News(ctx context.Context) ([]social.News, error) {
	return get[[]social.News](ctx, c, "news")
}

// MarkNews marks news as seen: all there are, if none are named.
func (c *Client) MarkNews(ctx context.Context, ids ...string) error {
	return c.do(ctx, http.MethodPost, "news/seen", seenNews{ids})
}

// Summary returns what happened in the last day.
func (c *Client) Summary(ctx context.Context) (social.Summary, error) {
	return get[social.Summary](ctx, c, "news/summary")
}

// NewsWishes returns of what the owner wants to hear.
func (c *Client) NewsWishes(ctx context.Context) (social.NewsWishes, error) {
	return get[social.NewsWishes](ctx, c, "news/wishes")
}

// WantNewsKind switches a kind of news on or off.
func (c *Client) WantNewsKind(ctx context.Context, kind string, on bool) error {
	return c.do(ctx, http.MethodPut, "news/kinds/"+url.PathEscape(kind), onOrOff{on})
}

// WantNewsOf says how much the owner wants to hear of a group or a friend.
func (c *Client) WantNewsOf(ctx context.Context, place, want string) error {
	return c.do(ctx, http.MethodPut, "news/places/"+url.PathEscape(place), newsWish{want})
}

// QuietPosts returns the posts that the owner hid, and those of which they want no news.
func (c *Client) QuietPosts(ctx context.Context) (QuietPosts, error) {
	return get[QuietPosts](ctx, c, "quiet")
}

// MuteThread has no more news of a post, or has them again.
func (c *Client) MuteThread(ctx context.Context, post string, on bool) error {
	return c.do(ctx, http.MethodPut, "posts/"+url.PathEscape(post)+"/quiet", onOrOff{on})
}

// HidePost keeps a post out of the owner's sight, or brings it back.
func (c *Client) HidePost(ctx context.Context, post string, on bool) error {
	return c.do(ctx, http.MethodPut, "posts/"+url.PathEscape(post)+"/hidden", onOrOff{on})
}
