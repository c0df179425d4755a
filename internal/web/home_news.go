package web

import (
	"context"
	"time"

	"kith/internal/social"
)

// Newsreader is what concerns the owner, and how much of it they have seen.
type Newsreader interface {
	News(ctx context.Context) ([]social.News, error)
	UnreadNews(ctx context.Context) (int, error)
	MarkNews(ctx context.Context, ids ...string) error
	MarkPostNews(ctx context.Context, post string) error
	MarkAllNews(ctx context.Context) error
	NewsWishes(ctx context.Context) (social.NewsWishes, error)
	WantNewsKind(ctx context.Context, kind string, on bool) error
	WantNewsOf(ctx context.Context, place, want string) error
	Summary(ctx context.Context) (social.Summary, error)
	PutAwaySummary(ctx context.Context) error
	FeedSeen(ctx context.Context) (time.Time, error)
	MarkFeed(ctx context.Context, post string) error
}

// Quieter keeps posts out of sight, or out of the news.
type Quieter interface {
	MuteThread(ctx context.Context, post string, on bool) error
	HidePost(ctx context.Context, post string, on bool) error
	QuietPosts(ctx context.Context) (hidden, muted []social.Post, err error)
}
