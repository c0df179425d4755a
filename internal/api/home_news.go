package api

import (
	"context"

	"kith/internal/social"
)

// Newsreader is about what concerns the owner, and what they want to hear and see nothing of.
type Newsreader interface {
	News(ctx context.Context) ([]social.News, error)
	MarkNews(ctx context.Context, ids ...string) error
	MarkAllNews(ctx context.Context) error
	NewsWishes(ctx context.Context) (social.NewsWishes, error)
	WantNewsKind(ctx context.Context, kind string, on bool) error
	WantNewsOf(ctx context.Context, place, want string) error
	Summary(ctx context.Context) (social.Summary, error)
	MuteThread(ctx context.Context, post string, on bool) error
	HidePost(ctx context.Context, post string, on bool) error
	QuietPosts(ctx context.Context) (hidden, muted []social.Post, err error)
}
