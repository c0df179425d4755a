package social

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/sqlite"
)

// recordsSaved are posts that the owner put aside, by the post's ID: for them alone, on all their devices.
const recordsSaved = "saved-posts"

type savedRecord struct {
	Since time.Time `json:"since"`
}

// Save puts a post aside, or takes it out again. Nobody is told.
func (h *Home) Save(ctx context.Context, post string, on bool) error {
	if on {
		item, err := h.item(ctx, post)
		if err != nil {
			return err
		}
		if _, ok := item.Content.(content.Post); !ok {
			return errNoPost
		}
	} else if _, err := h.me(); err != nil {
		return err
	}
	ids, err := h.idsOf(ctx, recordsSaved)
	if err != nil || ids[post] == on {
		return explain("save a post", err)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if on {
			return h.share(w, recordsSaved, post, &savedRecord{Since: h.now()})
		}
		return h.unshare(w, recordsSaved, post)
	})
	if err != nil {
		return explain("save a post", err)
	}
	h.feed.tell(Event{Kind: EventChanged, ID: post})
	return nil
}

// Saved lists the posts that the owner put aside, the last one first. cursor is Next of the page before. Posts that are
// gone, or not to be seen any more, are left out.
func (h *Home) Saved(ctx context.Context, cursor string, limit int) (Feed, error) {
	if _, err := h.me(); err != nil {
		return Feed{}, err
	}
	if limit <= 0 {
		limit = feedPage
	}
	limit = min(limit, maxFeedPage)
	records, err := h.db.List(ctx, sqlite.Shared(recordsSaved))
	if err != nil {
		return Feed{}, explain("list what you saved", err)
	}
	type saved struct {
		id    string
		since time.Time
	}
	list := make([]saved, len(records))
	for i, record := range records {
		var r savedRecord
		if err := json.Unmarshal(record.Value, &r); err != nil {
			return Feed{}, explain("list what you saved", err)
		}
		list[i] = saved{record.ID, r.Since}
	}
	slices.SortFunc(list, func(a, b saved) int { return cmp.Or(b.since.Compare(a.since), cmp.Compare(a.id, b.id)) })
	if cursor != "" {
		at := slices.IndexFunc(list, func(s saved) bool { return s.id == cursor })
		if at < 0 {
			return Feed{}, fail(CodeBadInput, "This page of what you saved does not exist any more. Go back to the first one.", nil)
		}
		list = list[at+1:]
	}
	var feed Feed
	var items []sqlite.Item
	for i, s := range list {
		if len(items) == limit {
			feed.Next = list[i-1].id
			break
		}
		item, err := h.item(ctx, s.id)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return Feed{}, err
		}
		items = append(items, item)
	}
	feed.Posts, err = h.showPosts(ctx, items, openComments)
	if err != nil {
		return Feed{}, explain("list what you saved", err)
	}
	return feed, nil
}

// isNotFound tells whether an error says that there is no such thing, or none that the owner gets to see.
func isNotFound(err error) bool {
	var told *Error
	return errors.As(err, &told) && told.Code == CodeNotFound
}
