package apitest

import (
	"context"
	"slices"
	"strings"

	"kith/internal/social"
)

// chat is a chat with its messages, the oldest first.
type chat struct {
	social.Chat
	messages []social.Message
}

func (h *Home) chat(id string) (*chat, error) {
	for _, c := range h.chats {
		if c.ID == id {
			return c, nil
		}
	}
	return nil, &social.Error{Code: social.CodeNotFound, Message: "There is no such chat here."}
}

// Hear puts a friend's message into the chat with them, and tells the listeners.
func (h *Home) Hear(author social.Person, text string) social.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := h.chatWith(author)
	c.Unread++
	return h.say(c, author, text)
}

func (h *Home) chatWith(person social.Person) *chat {
	for _, c := range h.chats {
		if c.Pair && c.With[0].ID == person.ID {
			return c
		}
	}
	id := h.newID()
	c := &chat{Chat: social.Chat{ID: id, Spaces: []string{id}, Name: person.Name, Pair: true, With: []social.Person{person}, State: social.ChatOpen}}
	h.chats = append(h.chats, c)
	return c
}

func (h *Home) say(c *chat, author social.Person, text string) social.Message {
	m := social.Message{ID: h.newID(), Chat: c.ID, Author: author, At: h.now(), Text: text}
	c.messages = append(c.messages, m)
	h.tell(social.Event{Kind: social.EventMessage, ID: m.ID, Post: c.ID})
	return m
}

// Chats lists the chats.
func (h *Home) Chats(context.Context) ([]social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []social.Chat
	for _, c := range h.chats {
		shown := c.Chat
		if n := len(c.messages); n > 0 {
			shown.Last = &c.messages[n-1]
		}
		list = append(list, shown)
	}
	return list, nil
}

// Chat is one of them.
func (h *Home) Chat(_ context.Context, id string) (social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.chat(id)
	if err != nil {
		return social.Chat{}, err
	}
	return c.Chat, nil
}

// Talk is the newest messages of a chat.
func (h *Home) Talk(_ context.Context, id, _ string, limit int) (social.Talk, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.chat(id)
	if err != nil {
		return social.Talk{}, err
	}
	if limit <= 0 {
		limit = len(c.messages)
	}
	return social.Talk{Messages: slices.Clone(c.messages[max(0, len(c.messages)-limit):])}, nil
}

// Message finds a message.
func (h *Home) Message(_ context.Context, id string) (social.Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.chats {
		for _, m := range c.messages {
			if m.ID == id {
				return m, nil
			}
		}
	}
	return social.Message{}, &social.Error{Code: social.CodeNotFound, Message: "There is no such message here."}
}

// StartChat begins a chat with the first of the friends.
func (h *Home) StartChat(_ context.Context, friends []string, _ string) (social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(friends) == 0 {
		return social.Chat{}, &social.Error{Code: social.CodeBadInput, Message: "Choose at least one friend to talk to."}
	}
	return h.chatWith(h.person(friends[0])).Chat, nil
}

// Send puts a message of the owner's into a chat.
func (h *Home) Send(_ context.Context, id string, message social.NewMessage) (social.Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.chat(id)
	if err != nil {
		return social.Message{}, err
	}
	text := strings.TrimSpace(message.Text)
	if text == "" {
		return social.Message{}, &social.Error{Code: social.CodeBadInput, Message: "There is nothing in this message yet."}
	}
	return h.say(c, h.profile.Person, text), nil
}

// ReadChat makes everything in a chat read.
func (h *Home) ReadChat(_ context.Context, id, _ string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.chat(id)
	if err == nil {
		c.Unread = 0
	}
	return err
}
