package social

import (
	"context"
	"slices"
	"sync"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/node"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// eventBuffer is how many events a slow page may lag behind before it loses the oldest; a page that lost some draws
// itself anew.
const eventBuffer = 256

// listeners passes events on to the pages that are open.
type listeners struct {
	mu     sync.Mutex
	open   map[chan Event]bool
	closed bool
	before func() // called before every event; nil for nothing
}

// Subscribe gives the home's events until ctx ends; then the channel is closed. A reader that is too slow loses the
// oldest events and never holds up the home.
func (h *Home) Subscribe(ctx context.Context) <-chan Event {
	events := make(chan Event, eventBuffer)
	l := &h.feed
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		close(events)
		return events
	}
	if l.open == nil {
		l.open = make(map[chan Event]bool)
	}
	l.open[events] = true
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.open[events] {
			delete(l.open, events)
			close(events)
		}
	})
	return events
}

func (l *listeners) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for events := range l.open {
		close(events)
	}
	l.open = nil
}

func (l *listeners) tell(event Event) {
	if l.before != nil {
		l.before()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for events := range l.open {
		for sent := false; !sent; {
			select {
			case events <- event:
				sent = true
			default:
				select {
				case <-events:
				default:
				}
			}
		}
	}
}

// changed turns what the node tells into events. It runs in the node's goroutine and must not wait.
func (h *Home) changed(c node.Change) {
	for _, item := range c.Items {
		switch it := item.Content.(type) {
		case content.Post:
			h.feed.tell(Event{Kind: EventPost, ID: item.ID.String()})
		case content.Event:
			h.eventChanged(item.ID, it.Of)
		case content.Answer:
			h.eventChanged(it.Event, it.Event)
		case content.Comment:
			h.feed.tell(Event{Kind: EventComment, ID: item.ID.String(), Post: it.Post.String()})
		case content.Message:
			h.heardMessage(item.ID.String(), item.Space.String(), it)
		case content.Receipt:
			h.feed.tell(Event{Kind: EventChat, ID: item.Space.String()})
		case content.Reaction:
			h.later(func(ctx context.Context) error { return h.tellReaction(ctx, it.Target) })
		case content.Vote:
			h.feed.tell(Event{Kind: EventChanged, ID: it.Poll.String()})
		case content.Edit:
			h.later(func(ctx context.Context) error { return h.tellEdit(ctx, it.Target) })
		case content.Register:
			if !c.Own {
				h.registerChanged(it)
			}
		case content.Card:
			h.feed.tell(Event{Kind: EventPerson, ID: item.Author.String()})
		case content.About, content.Asking:
			h.feed.tell(Event{Kind: EventGroups, ID: item.Space.String()})
			h.feed.tell(Event{Kind: EventChat, ID: item.Space.String()})
			h.waiters.wakeAll()
		}
	}
	for _, gone := range c.Erased {
		switch gone.Kind {
		case content.KindPost:
			h.feed.tell(Event{Kind: EventDeleted, ID: gone.ID.String()})
		case content.KindEvent, content.KindAnswer:
			if gone.Parent.IsZero() {
				h.feed.tell(Event{Kind: EventDeleted, ID: gone.ID.String()})
			}
			h.eventChanged(gone.ID, gone.Parent)
		case content.KindComment:
			h.feed.tell(Event{Kind: EventDeleted, ID: gone.ID.String(), Post: gone.Parent.String()})
		case content.KindVote:
			h.feed.tell(Event{Kind: EventChanged, ID: gone.Parent.String()})
		case content.KindMessage:
			h.feed.tell(Event{Kind: EventMessage, ID: gone.ID.String()})
		case content.KindReaction:
			h.later(func(ctx context.Context) error { return h.tellReaction(ctx, gone.Parent) })
		case content.KindEdit:
			h.later(func(ctx context.Context) error { return h.tellEdit(ctx, gone.Parent) })
		}
	}
	if len(c.Erased) > 0 && !c.Own {
		h.later(func(ctx context.Context) error { return h.noteTaken(ctx, c.Erased) })
	}
	for _, person := range c.Presence {
		h.feed.tell(Event{Kind: EventPerson, ID: person.String()})
		h.knocker.now()
		h.teller.about(person)
		h.later(func(ctx context.Context) error { return h.askAround(ctx, person) })
	}
	for _, peer := range c.Unwelcome {
		h.later(func(ctx context.Context) error { return h.askWhatBecame(ctx, peer) })
	}
	if slices.Contains(c.People, h.node.Person()) {
		h.feed.tell(Event{Kind: EventDevices})
		h.later(h.noticeDevices)
		h.later(h.tendKeys)
	}
	for _, person := range c.Recovered {
		h.later(func(ctx context.Context) error { return h.noticeRecovered(ctx, person) })
	}
	if len(c.Spaces) > 0 {
		h.feed.tell(Event{Kind: EventFriends})
		h.feed.tell(Event{Kind: EventGroups})
		h.feed.tell(Event{Kind: EventChat})
		h.waiters.wakeAll()
		h.teller.everybody()
		h.later(h.followFriends)
		h.later(h.shareLate)
		h.later(h.followSpaces)
	}
	if len(c.People) > 0 {
		h.feed.tell(Event{Kind: EventGroups}) // somebody who asks to join can be answered now
	}
	if len(c.Blobs) > 0 {
		h.later(func(ctx context.Context) error { return h.tellBlobs(ctx, c.Blobs) })
	}
	if len(c.Reached) > 0 {
		h.later(func(ctx context.Context) error { return h.tellReachedChats(ctx, c.Reached) })
	}
	if len(c.Reached) > 0 && h.reaching.CompareAndSwap(false, true) {
		h.later(h.tellReached)
	}
}

// tellReaction tells that the reactions to a post or comment changed.
func (h *Home) tellReaction(ctx context.Context, target oplog.EntryID) error {
	item, found, err := h.db.Item(ctx, target)
	if err != nil || !found {
		return err // it is still to come, and brings its reactions
	}
	event := Event{Kind: EventReaction, ID: target.String(), Post: target.String()}
	switch it := item.Content.(type) {
	case content.Comment:
		event.Post = it.Post.String()
	case content.Message:
		h.tellMessage(&item)
		return nil
	}
	h.feed.tell(event)
	return nil
}

// tellBlobs tells of which posts pictures have arrived.
func (h *Home) tellBlobs(ctx context.Context, refs []blob.Ref) error {
	for _, ref := range refs {
		posts, err := h.db.BlobPosts(ctx, ref)
		if err != nil {
			return err
		}
		for _, post := range posts {
			if err := h.tellFile(ctx, post); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	// reachedPause gathers what other homes say that they hold, so that a post is drawn anew once and not for each.
	reachedPause = 200 * time.Millisecond
	// reachedPosts is how many of the owner's newest posts may still be on the way on an open page.
	reachedPosts = 10
)

// tellReached tells that the owner's newest posts may be at more homes than before.
func (h *Home) tellReached(ctx context.Context) error {
	select {
	case <-time.After(reachedPause):
	case <-ctx.Done():
		return nil
	}
	h.reaching.Store(false)
	page, err := h.db.Feed(ctx, sqlite.FeedQuery{Author: h.node.Person(), Limit: reachedPosts})
	if err != nil {
		return err
	}
	for _, item := range page.Posts {
		h.feed.tell(Event{Kind: EventChanged, ID: item.ID.String()})
	}
	return nil
}

// later runs something that may wait, outside of the node's goroutine. It is ended and waited for by Close.
func (h *Home) later(do func(context.Context) error) {
	if h.life.Err() != nil {
		return
	}
	h.tasks.Go(func() error {
		if err := do(h.life); err != nil && h.life.Err() == nil {
			h.log.Warn("a change was not followed", "err", err)
		}
		return nil
	})
}
