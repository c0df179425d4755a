package social

import (
	"context"
	"slices"
	"strings"

	"kith/internal/content"
	"kith/internal/markup"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// Tagged is the posts whose text has a tag, with or without its "#", those first that were written or edited last.
func (h *Home) Tagged(ctx context.Context, tag, cursor string, limit int) (Feed, error) {
	if _, err := h.me(); err != nil {
		return Feed{}, err
	}
	if limit <= 0 {
		limit = feedPage
	}
	limit = min(limit, maxFeedPage)
	after, err := sqlite.ParseCursor(cursor)
	if err != nil {
		return Feed{}, fail(CodeBadInput, "This page does not exist. Go back to the newest posts.", err)
	}
	tag = markup.FoldTag(strings.TrimPrefix(tag, "#"))
	see, err := h.sight(ctx)
	if err != nil {
		return Feed{}, explain("look for a tag", err)
	}
	var items []sqlite.Item
	for range maxFeedLooks {
		page, err := h.db.Tagged(ctx, tag, after, limit-len(items))
		if err != nil {
			return Feed{}, explain("look for a tag", err)
		}
		seen, err := see.filter(ctx, page.Posts, true)
		if err != nil {
			return Feed{}, explain("look for a tag", err)
		}
		if seen, err = h.stillTagged(ctx, seen, tag); err != nil {
			return Feed{}, explain("look for a tag", err)
		}
		for _, item := range seen {
			if !slices.ContainsFunc(items, func(other sqlite.Item) bool { return other.ID == item.ID }) {
				items = append(items, item)
			}
		}
		if after = page.Next; after.IsZero() || len(items) >= limit {
			break
		}
	}
	posts, err := h.showPosts(ctx, items, openComments)
	if err != nil {
		return Feed{}, explain("look for a tag", err)
	}
	return Feed{Posts: posts, Next: after.String()}, nil
}

// stillTagged leaves out posts that were edited and lost the tag.
func (h *Home) stillTagged(ctx context.Context, posts []sqlite.Item, tag string) ([]sqlite.Item, error) {
	ids := make([]oplog.EntryID, len(posts))
	for i := range posts {
		ids[i] = posts[i].ID
	}
	edits, err := h.db.Edits(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(posts, func(item sqlite.Item) bool {
		body, ok := item.Content.(content.Post)
		edit, _ := edits[item.ID].Content.(content.Edit)
		text, _ := postAs(body, &edit)
		return !ok || !slices.Contains(markup.Tags(text), tag)
	}), nil
}
