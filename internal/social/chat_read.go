package social

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

const (
	// talkPage is how many messages a page has where the caller does not say, and maxTalkPage how many it has at most.
	talkPage, maxTalkPage = 40, 400
	// quotedText is how many characters of what it answers are shown with a message.
	quotedText = 140
)

// Talk reads the messages of a chat right before a place (Message.Place or Talk.Before), and without one the newest.
func (h *Home) Talk(ctx context.Context, chat, before string, limit int) (Talk, error) {
	c, err := h.conversation(ctx, chat)
	if err != nil {
		return Talk{}, err
	}
	if limit <= 0 {
		limit = talkPage
	}
	messages, more, err := h.messages(ctx, c, before, min(limit, maxTalkPage))
	if err != nil {
		return Talk{}, explain("read a chat", err)
	}
	talk := Talk{Messages: messages}
	if more && len(messages) > 0 {
		talk.Before = messages[0].Place
	}
	return talk, nil
}

// Message is one message.
func (h *Home) Message(ctx context.Context, id string) (Message, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return Message{}, errNoMessage
	}
	if _, ok := item.Content.(content.Message); !ok {
		return Message{}, errNoMessage
	}
	c, err := h.conversation(ctx, item.Space.String())
	if err != nil {
		return Message{}, err
	}
	place, _, err := h.db.PlaceOf(ctx, item.ID)
	if err != nil {
		return Message{}, explain("read a message", err)
	}
	shown, err := h.showMessages(ctx, c, []sqlite.Message{{Item: item, Place: place}})
	if err != nil || len(shown) == 0 {
		return Message{}, explain("read a message", err)
	}
	return shown[0], nil
}

var errNoMessage = fail(CodeNotFound, "This message is not here any more. Its author may have unsent it, or it was there for a time only.", nil)

// messages reads up to limit messages before a place, and tells whether there are older ones.
func (h *Home) messages(ctx context.Context, c *conversation, before string, limit int) (list []Message, more bool, err error) {
	from, err := sqlite.ParseCursor(before)
	if err != nil {
		return nil, false, fail(CodeBadInput, "This place in the chat does not exist. Go back to the newest messages.", err)
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, false, err
	}
	var kept []sqlite.Message
	for range maxFeedLooks {
		want := limit - len(kept) + 1 // one more tells whether there are older ones
		found, err := h.db.Messages(ctx, c.spaces(), from, want)
		if err != nil {
			return nil, false, err
		}
		whole := len(found) < want
		if len(found) > 0 {
			from = found[0].Place
		}
		found = slices.DeleteFunc(found, func(m sqlite.Message) bool {
			message, ok := m.Content.(content.Message)
			return !ok || hidden.blocked(m.Author) || faded(&m.Item, message, h.now())
		})
		kept = slices.Insert(kept, 0, found...)
		if whole || len(kept) > limit {
			break
		}
	}
	if more = len(kept) > limit; more {
		kept = kept[len(kept)-limit:]
	}
	list, err = h.showMessages(ctx, c, kept)
	return list, more, err
}

// faded tells whether the time of a message is over.
func faded(item *sqlite.Item, m content.Message, now time.Time) bool {
	return m.Fades > 0 && !m.Sets && !item.At.Add(time.Duration(m.Fades)*time.Second).After(now)
}

// showMessages makes views of messages, in few queries for all of them.
func (h *Home) showMessages(ctx context.Context, c *conversation, messages []sqlite.Message) ([]Message, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	items := make([]sqlite.Item, len(messages))
	for i := range messages {
		items[i] = messages[i].Item
	}
	v, err := h.gather(ctx, items)
	if err != nil {
		return nil, err
	}
	readers, err := h.readers(ctx, c)
	if err != nil {
		return nil, err
	}
	unread, err := h.unread(ctx, c)
	if err != nil {
		return nil, err
	}
	fresh := make(map[sqlite.Cursor]bool, len(unread))
	for _, u := range unread {
		fresh[u.Place] = true
	}
	list := make([]Message, 0, len(messages))
	for i := range messages {
		item := &items[i]
		body, ok := item.Content.(content.Message)
		if !ok {
			continue
		}
		edit, edited := v.edit(item.ID)
		mine := item.Author == v.me
		m := Message{
			ID: item.ID.String(), Chat: item.Space.String(), Author: v.people[item.Author], At: item.At, Edited: edited, Text: messageAs(body, &edit),
			Reactions: v.reactionsTo(item.ID), Delivery: v.delivery[item.ID], Fades: int64(body.Fades), Sets: body.Sets,
			Place: messages[i].Place.String(), New: fresh[messages[i].Place], CanEdit: mine && !body.Sets && body.Text != "", CanUnsend: mine && !body.Sets,
		}
		m.Photos = v.photos(item.ID, content.Post{Photos: body.Photos}.Shown())
		m.Files = showFiles(item.ID, body.Files, v.here)
		if mine {
			m.Read = readers.of(item)
		}
		if !body.Reply.IsZero() {
			if m.Reply, err = h.quote(ctx, c, body.Reply); err != nil {
				return nil, err
			}
		}
		list = append(list, m)
	}
	return list, nil
}

// messageAs is a message's text as an edit has it.
func messageAs(m content.Message, edit *content.Edit) string {
	if edit.Text != "" && !m.Sets {
		return edit.Text
	}
	return m.Text
}

// quote is what a message answers: a message of the same chat, if it can still be read.
func (h *Home) quote(ctx context.Context, c *conversation, id oplog.EntryID) (*Quote, error) {
	gone := &Quote{ID: id.String()}
	item, err := h.item(ctx, id.String())
	if err != nil {
		return gone, nil // erased, or by somebody whom the owner blocked
	}
	m, ok := item.Content.(content.Message)
	if !ok || !slices.Contains(c.spaces(), item.Space) {
		return gone, nil
	}
	edits, err := h.db.Edits(ctx, []oplog.EntryID{id})
	if err != nil {
		return nil, err
	}
	people, err := h.people(ctx, []key.PersonID{item.Author})
	if err != nil {
		return nil, err
	}
	edit, _ := edits[id].Content.(content.Edit)
	q := &Quote{ID: id.String(), Author: people[item.Author].Name, Text: strings.Join(strings.Fields(messageAs(m, &edit)), " "), Photo: len(m.Photos) > 0}
	if runes := []rune(q.Text); len(runes) > quotedText {
		q.Text = string(runes[:quotedText]) + "…"
	}
	if len(m.Files) > 0 {
		q.File = m.Files[0].Name
	}
	return q, nil
}

// entryID reads the ID of an entry as pages use it.
func entryID(text string) (id oplog.EntryID, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(id) {
		return id, false
	}
	return oplog.EntryID(raw), true
}
