package sqlite

import (
	"context"
	"math"
	"time"
)

const (
	photosPage   = itemColumns + "WHERE i.kind = 2 AND i.extra IS NOT NULL AND (i.at, i.entry) < (?, ?) ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	photosOfPage = itemColumns + "WHERE i.kind = 2 AND i.extra IS NOT NULL AND i.author = ? AND (i.at, i.entry) < (?, ?) ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	postsBetween = itemColumns + "WHERE i.kind = 2 AND i.at >= ? AND i.at < ? ORDER BY i.at DESC, i.entry DESC LIMIT ?"
)

// Pictured reads a page of the posts that have photos, or something else beside their text, wherever they were posted. Of
// the query it takes Author, After and Limit.
func (db *DB) Pictured(ctx context.Context, query FeedQuery) (page FeedPage, err error) {
	limit := int64(max(query.Limit, 1))
	err = db.view(ctx, func(r *reader) error {
		at, entry := query.After.at, query.After.entry
		if query.After.IsZero() {
			at, entry = math.MaxInt64, math.MaxInt64
		}
		text, args := photosPage, []any{at, entry, limit + 1} // one more tells whether there is a following page
		if !query.Author.IsZero() {
			author, err := r.personNo(query.Author)
			if err != nil || author == 0 {
				return err
			}
			text, args = photosOfPage, append([]any{author}, args...)
		}
		rows, err := r.items(text, args...)
		if err != nil {
			return err
		}
		if len(rows) > int(limit) {
			rows = rows[:limit]
			page.Next = Cursor{rows[limit-1].at, rows[limit-1].entry}
		}
		page.Posts, err = r.finish(rows)
		return err
	})
	return page, err
}

// Span is a time: To itself is left out.
type Span struct{ From, To time.Time }

// PostsWithin reads up to limit posts of each of some times, newest first.
func (db *DB) PostsWithin(ctx context.Context, spans []Span, limit int) (posts [][]Item, err error) {
	posts = make([][]Item, len(spans))
	err = db.view(ctx, func(r *reader) error {
		for i, span := range spans {
			rows, err := r.items(postsBetween, order(span.From.Unix(), maxSeconds, 0), order(span.To.Unix(), maxSeconds, 0), int64(limit))
			if err != nil {
				return err
			}
			if posts[i], err = r.finish(rows); err != nil {
				return err
			}
		}
		return nil
	})
	return posts, err
}

// FirstPost is when the oldest post was written; zero where there is none.
func (db *DB) FirstPost(ctx context.Context) (first time.Time, err error) {
	err = db.view(ctx, func(r *reader) error {
		at, err := r.c.integer("SELECT at FROM items WHERE kind = 2 ORDER BY at LIMIT 1")
		if err == nil && at != 0 {
			first = shownAt(at)
		}
		return err
	})
	return first, err
}
