package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/sqlite"
)

// Threads of which the owner wants to hear nothing more, and posts that they do not want to see: both for them alone, on all
// their devices. Nobody is told.
const (
	recordsQuiet  = "quiet-threads" // by the post's ID
	recordsUnseen = "hidden-posts"  // by the post's ID
)

type quietRecord struct {
	Since time.Time `json:"since"`
}

// quietThreads is the posts of which no news are wanted.
func (h *Home) quietThreads(ctx context.Context) (map[string]bool, error) {
	return h.idsOf(ctx, recordsQuiet)
}

func (h *Home) idsOf(ctx context.Context, collection string) (map[string]bool, error) {
	records, err := h.db.List(ctx, sqlite.Shared(collection))
	ids := make(map[string]bool, len(records))
	for _, record := range records {
		ids[record.ID] = true
	}
	return ids, err
}

// MuteThread has no more news of a post, or has them again. The post and its comments stay to be read.
func (h *Home) MuteThread(ctx context.Context, post string, on bool) error {
	return h.quieten(ctx, recordsQuiet, post, on)
}

// HidePost keeps a post out of the owner's sight, or brings it back.
func (h *Home) HidePost(ctx context.Context, post string, on bool) error {
	return h.quieten(ctx, recordsUnseen, post, on)
}

func (h *Home) quieten(ctx context.Context, collection, post string, on bool) error {
	if on {
		item, err := h.item(ctx, post)
		if err != nil {
			return err
		}
		if _, ok := item.Content.(content.Post); !ok {
			return errNoPost
		}
		if collection == recordsUnseen && item.Author == h.node.Person() {
			return fail(CodeBadInput, "This is your own post. If it should go, delete it.", nil)
		}
	} else if _, err := h.me(); err != nil {
		return err
	}
	ids, err := h.idsOf(ctx, collection)
	if err != nil || ids[post] == on {
		return explain("hide a post", err)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if on {
			return h.share(w, collection, post, &quietRecord{Since: h.now()})
		}
		return h.unshare(w, collection, post)
	})
	if err != nil {
		return explain("hide a post", err)
	}
	h.tellQuiet(collection, post)
	return nil
}

// tellQuiet tells the pages that a post is to be seen otherwise.
func (h *Home) tellQuiet(collection, post string) {
	if collection == recordsUnseen {
		h.feed.tell(Event{Kind: EventHidden, ID: post})
	} else {
		h.feed.tell(Event{Kind: EventChanged, ID: post})
	}
	h.feed.tell(Event{Kind: EventNews})
}

// QuietPosts lists the posts that the owner hid, and those whose threads they muted, the newest first. Posts that are gone
// are left out.
func (h *Home) QuietPosts(ctx context.Context) (hidden, muted []Post, err error) {
	if _, err := h.me(); err != nil {
		return nil, nil, err
	}
	for collection, list := range map[string]*[]Post{recordsUnseen: &hidden, recordsQuiet: &muted} {
		ids, err := h.idsOf(ctx, collection)
		if err != nil {
			return nil, nil, explain("list what you hide", err)
		}
		var items []sqlite.Item
		for id := range ids {
			if item, err := h.item(ctx, id); err == nil {
				items = append(items, item)
			}
		}
		slices.SortFunc(items, func(a, b sqlite.Item) int { return b.At.Compare(a.At) })
		if *list, err = h.showPosts(ctx, items, 0); err != nil {
			return nil, nil, explain("list what you hide", err)
		}
	}
	return hidden, muted, nil
}

// newsRegister follows what another device of the owner's wrote about any of this.
func (h *Home) newsRegister(collection, id string) {
	switch collection {
	case recordsSeen, recordsWants, recordsDay, recordsFeedSeen:
		h.feed.tell(Event{Kind: EventNews})
	case recordsVerified:
		h.feed.tell(Event{Kind: EventPerson, ID: id})
	case recordsQuiet, recordsUnseen:
		h.tellQuiet(collection, id)
	}
}
