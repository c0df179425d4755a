package social

import (
	"context"
	"slices"
	"strings"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
)

// maxInChat bounds how many people a chat can be begun with.
const maxInChat = 100

// StartChat begins a chat with friends, who are in it at once. With one friend there is one chat: it is found again. With several,
// each call makes a new one; the name may be empty.
func (h *Home) StartChat(ctx context.Context, friends []string, name string) (Chat, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Chat{}, explain("begin a chat", err)
	}
	ids, err := h.chatWith(ctx, friends)
	if err != nil {
		return Chat{}, err
	}
	if name = strings.TrimSpace(name); name != "" {
		if name, err = cleanName(name); err != nil {
			return Chat{}, err
		}
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	all, err := h.conversations(ctx)
	if err != nil {
		return Chat{}, explain("begin a chat", err)
	}
	me := h.node.Person()
	create := space.NewCreate(space.Chat, me, space.HistoryAll)
	create.Invite = space.Writer
	if len(ids) == 1 && name == "" {
		create.Invite = space.OwnerRole // see otherOf
		for _, c := range all {
			if c.pair && c.other == ids[0] && c.main.Role(me) != 0 && c.main.Role(c.other) != 0 && !c.main.Closed {
				return h.Chat(ctx, c.id())
			}
		}
	}
	if len(all) >= maxChats {
		return Chat{}, fail(CodeTooLarge, "There are very many chats on this computer already, so no further one was made.", nil)
	}
	var id key.SpaceID
	err = h.publishing(ctx, "begin a chat", func(w *ingest.Writing) error {
		if id, err = w.Create(create); err != nil {
			return err
		}
		for _, person := range ids {
			if err := addMember(w, id, person, space.Writer); err != nil {
				return err
			}
		}
		items := []content.Item{p.card()}
		if name != "" {
			items = append(items, content.About{Name: name})
		}
		if _, err := w.Items(id, items...); err != nil {
			return err
		}
		if err := h.share(w, recordsSpaces, id.String(), &spaceRecord{Owner: me}); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsJoined, id.String(), &joinedRecord{Since: h.now(), Carded: true})
	})
	if err != nil {
		return Chat{}, err
	}
	for _, person := range ids {
		h.teller.about(person)
	}
	h.feed.tell(Event{Kind: EventChat, ID: id.String()})
	return h.Chat(ctx, id.String())
}

// chatWith reads whom a chat is to be with.
func (h *Home) chatWith(ctx context.Context, friends []string) ([]key.PersonID, error) {
	var ids []key.PersonID
	for _, text := range friends {
		id, err := h.personID(text)
		if err != nil {
			return nil, err
		}
		if err := h.mayChatWith(ctx, id); err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) == 0:
		return nil, fail(CodeBadInput, "Choose at least one friend to talk to.", nil)
	case len(ids) > maxInChat:
		return nil, fail(CodeTooLarge, "This is more people than a chat can begin with. A group is made for that.", nil)
	}
	return ids, nil
}

func (h *Home) mayChatWith(ctx context.Context, id key.PersonID) error {
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return explain("begin a chat", err)
	}
	friend, err := h.isFriend(ctx, id)
	switch {
	case err != nil:
		return explain("begin a chat", err)
	case hidden.blocked(id):
		return fail(CodeNotAllowed, "You blocked this person. Take the block back on their page to talk to them.", nil)
	case !friend:
		return fail(CodeNotAllowed, "Chats are with friends. Invite them first, or accept their invite.", nil)
	}
	return nil
}

// AddToChat brings friends into a chat with several people. They read what was said before, too.
func (h *Home) AddToChat(ctx context.Context, chat string, friends []string) error {
	c, err := h.manyChat(ctx, chat)
	if err != nil {
		return err
	}
	ids, err := h.chatWith(ctx, friends)
	if err != nil {
		return err
	}
	err = h.changeGroup(ctx, c.main.ID, "add somebody to a chat", func(w *ingest.Writing) error {
		for _, person := range ids {
			if err := addMember(w, c.main.ID, person, space.Writer); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, person := range ids {
		h.teller.about(person)
	}
	h.feed.tell(Event{Kind: EventChat, ID: chat})
	return nil
}

// manyChat finds a chat with several people that the owner is in.
func (h *Home) manyChat(ctx context.Context, chat string) (*conversation, error) {
	c, err := h.conversation(ctx, chat)
	if err != nil {
		return nil, err
	}
	switch {
	case c.pair:
		return nil, fail(CodeNotAllowed, "This chat is between the two of you. To talk with more people, begin a new one.", nil)
	case c.main.Role(h.node.Person()) == 0:
		return nil, errChatLeft
	case c.main.Closed:
		return nil, errChatClosed
	}
	return c, nil
}

var (
	errChatLeft   = fail(CodeNotAllowed, "You are no longer in this chat. What you have of it stays on this computer.", nil)
	errChatClosed = fail(CodeNotAllowed, "This chat is over: everybody keeps what they have, and nobody writes there any more.", nil)
)

// RenameChat gives a chat with several people a name, for everybody in it.
func (h *Home) RenameChat(ctx context.Context, chat, name string) error {
	c, err := h.manyChat(ctx, chat)
	if err != nil {
		return err
	}
	if name, err = cleanName(name); err != nil {
		return fail(CodeBadInput, "Give the chat a name of up to 60 characters. It is unchanged.", err)
	}
	err = h.changeGroup(ctx, c.main.ID, "rename a chat", func(w *ingest.Writing) error {
		_, err := w.Items(c.main.ID, content.About{Name: name})
		return err
	})
	if err == nil {
		h.feed.tell(Event{Kind: EventChat, ID: chat})
	}
	return err
}

// LeaveChat ends the owner's part in a chat with several people. If it was theirs, it is handed to somebody else in it.
func (h *Home) LeaveChat(ctx context.Context, chat string) error {
	c, err := h.manyChat(ctx, chat)
	if err != nil {
		return err
	}
	id, me := c.main.ID, h.node.Person()
	record, err := h.joinedRecord(ctx, id)
	if err != nil {
		return explain("leave a chat", err)
	}
	record.State, record.Carded = spaceLeft, false
	err = h.changeGroup(ctx, id, "leave a chat", func(w *ingest.Writing) error {
		if c.main.Role(me) == space.OwnerRole {
			heir := slices.IndexFunc(c.main.Members(), func(m space.Member) bool { return m.Person != me })
			if heir < 0 {
				return closeSpace(w, id)
			}
			if err := h.handOver(w, id, c.main.Members()[heir].Person); err != nil {
				return err
			}
		}
		if err := h.leave(w, id); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsJoined, id.String(), record)
	})
	if err == nil {
		h.feed.tell(Event{Kind: EventChat, ID: chat})
	}
	return err
}
