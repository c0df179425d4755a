package web_test

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/social"
)

// Chats of the home in memory.

// chats is what is said between the owner and others.
type chats struct {
	all    []*sampleChat
	quiet  bool
	staged []social.NewFile // what PrepareFile was given, in order
}

// sampleChat is a chat with its messages, the oldest first.
type sampleChat struct {
	social.Chat
	messages []*social.Message
	read     int // how many of the messages were read
}

// addChat makes a chat with people.
func (h *home) addChat(id, name string, people ...string) *sampleChat {
	c := &sampleChat{Chat: social.Chat{ID: id, Spaces: []string{id}, Name: name, Pair: name == "", State: social.ChatOpen, Since: h.now()}}
	for i, p := range people {
		person := h.people[p]
		c.With = append(c.With, person)
		if name == "" {
			c.Name = person.Name
			continue
		}
		by := h.people[people[0]]
		j := social.Joined{Person: person, At: h.now().Add(-72 * time.Hour)}
		if i > 0 {
			j.By = &by
		}
		c.Members = append(c.Members, j)
	}
	h.chats.all = append(h.chats.all, c)
	return c
}

// hear puts a message into a chat, some time ago.
func (h *home) hear(c *sampleChat, id, who, text string, ago time.Duration) *social.Message {
	m := &social.Message{ID: id, Chat: c.ID, Author: h.people[who], At: h.now().Add(-ago), Text: text, Place: strconv.Itoa(len(c.messages))}
	if who == "me" {
		m.Author, m.CanEdit, m.CanUnsend = h.people["me"], true, true
		m.Delivery = social.Delivery{State: social.DeliveryAll, Have: len(c.With), Of: len(c.With)}
		c.read = len(c.messages) + 1
	}
	c.messages = append(c.messages, m)
	h.tell(social.EventMessage, id, c.ID)
	return m
}

func (h *home) findChat(id string) (*sampleChat, error) {
	for _, c := range h.chats.all {
		if slices.Contains(c.Spaces, id) {
			return c, nil
		}
	}
	return nil, problem(social.CodeNotFound, "There is no such chat here.")
}

func (h *home) findMessage(id string) (*sampleChat, int) {
	for _, c := range h.chats.all {
		for i, m := range c.messages {
			if m.ID == id {
				return c, i
			}
		}
	}
	return nil, 0
}

// unreadOf counts what others wrote since the owner read.
func (c *sampleChat) unread() (n int) {
	for _, m := range c.messages[c.read:] {
		if !m.Author.Me {
			n++
		}
	}
	return n
}

func (h *home) showChat(c *sampleChat, members bool) social.Chat {
	chat := c.Chat
	chat.Unread = c.unread()
	for i := range chat.With {
		chat.With[i] = h.people[chat.With[i].ID]
	}
	if n := len(c.messages); n > 0 {
		last := *c.messages[n-1]
		chat.Last = &last
	}
	if !members {
		chat.Members = nil
	}
	return chat
}

func (h *home) Chats(context.Context) ([]social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []social.Chat
	for _, c := range h.chats.all {
		list = append(list, h.showChat(c, false))
	}
	at := func(c social.Chat) time.Time {
		if c.Last != nil {
			return c.Last.At
		}
		return c.Since
	}
	slices.SortStableFunc(list, func(a, b social.Chat) int { return at(b).Compare(at(a)) })
	return list, h.fail["Chats"]
}

func (h *home) Chat(_ context.Context, id string) (social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.findChat(id)
	if err != nil {
		return social.Chat{}, err
	}
	return h.showChat(c, true), h.fail["Chat"]
}

func (c *sampleChat) show(i int) social.Message {
	m := *c.messages[i]
	m.New = i >= c.read && !m.Author.Me
	return m
}

func (h *home) Talk(_ context.Context, id, before string, limit int) (social.Talk, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := h.findChat(id)
	if err != nil {
		return social.Talk{}, err
	}
	end := len(c.messages)
	if before != "" {
		if end, err = strconv.Atoi(before); err != nil || end < 0 || end > len(c.messages) {
			return social.Talk{}, problem(social.CodeBadInput, "This place in the chat does not exist.")
		}
	}
	first := max(0, end-limit)
	var talk social.Talk
	for i := first; i < end; i++ {
		talk.Messages = append(talk.Messages, c.show(i))
	}
	if first > 0 {
		talk.Before = strconv.Itoa(first)
	}
	return talk, h.fail["Talk"]
}

func (h *home) Message(_ context.Context, id string) (social.Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, i := h.findMessage(id)
	if c == nil {
		return social.Message{}, problem(social.CodeNotFound, "This message is not here any more.")
	}
	return c.show(i), h.fail["Message"]
}

func (h *home) StartChat(_ context.Context, friends []string, name string) (social.Chat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("StartChat"); err != nil {
		return social.Chat{}, err
	}
	if len(friends) == 0 {
		return social.Chat{}, problem(social.CodeBadInput, "Choose at least one friend to talk to.")
	}
	for _, f := range friends {
		if !slices.Contains(h.friends, f) {
			return social.Chat{}, problem(social.CodeNotAllowed, "Chats are with friends.")
		}
	}
	for _, c := range h.chats.all {
		if len(friends) == 1 && c.Pair && c.With[0].ID == friends[0] {
			return h.showChat(c, false), nil
		}
	}
	if name == "" && len(friends) > 1 {
		name = "Several"
	}
	return h.showChat(h.addChat(h.id("chat"), name, friends...), false), nil
}

func (h *home) changeChat(method, id string, change func(*sampleChat)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing(method); err != nil {
		return err
	}
	c, err := h.findChat(id)
	if err == nil {
		change(c)
		h.tell(social.EventChat, id, "")
	}
	return err
}

func (h *home) AddToChat(_ context.Context, id string, friends []string) error {
	return h.changeChat("AddToChat", id, func(c *sampleChat) {
		for _, f := range friends {
			me := h.me
			c.With = append(c.With, h.people[f])
			c.Members = append(c.Members, social.Joined{Person: h.people[f], By: &me, At: h.now()})
		}
	})
}

func (h *home) RenameChat(_ context.Context, id, name string) error {
	return h.changeChat("RenameChat", id, func(c *sampleChat) { c.Name = name })
}

func (h *home) LeaveChat(_ context.Context, id string) error {
	return h.changeChat("LeaveChat", id, func(c *sampleChat) { c.State = social.ChatLeft })
}

func (h *home) PrepareFile(_ context.Context, f social.NewFile) (social.PreparedFile, error) {
	raw, err := io.ReadAll(f.Content)
	if err != nil {
		return social.PreparedFile{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f.Content = strings.NewReader(string(raw))
	h.chats.staged = append(h.chats.staged, f)
	return social.PreparedFile{Name: f.Name}, h.changing("PrepareFile")
}

func (h *home) Send(_ context.Context, id string, message social.NewMessage) (social.Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("Send"); err != nil {
		return social.Message{}, err
	}
	c, err := h.findChat(id)
	if err != nil {
		return social.Message{}, err
	}
	if strings.TrimSpace(message.Text) == "" && len(message.Files) == 0 {
		return social.Message{}, problem(social.CodeBadInput, "There is nothing in this message yet.")
	}
	m := h.hear(c, h.id("message"), "me", strings.TrimSpace(message.Text), 0)
	m.Delivery = social.Delivery{State: social.DeliveryHere, Of: len(c.With)}
	for i, f := range message.Files {
		staged := h.chats.staged[len(h.chats.staged)-len(message.Files)+i]
		m.Files = append(m.Files, social.File{Name: f.Name, Type: staged.Type, Size: 1000, Path: "/file/" + m.ID + "/" + strconv.Itoa(i), Here: true, Lasting: staged.Lasting, Wave: staged.Wave})
	}
	if other, at := h.findMessage(message.Reply); other != nil {
		q := other.messages[at]
		m.Reply = &social.Quote{ID: q.ID, Author: q.Author.Name, Text: q.Text}
	}
	return *m, nil
}

func (h *home) SetChatTimer(_ context.Context, id string, stay time.Duration) error {
	return h.changeChat("SetChatTimer", id, func(c *sampleChat) { c.Fades = int64(stay / time.Second) })
}

func (h *home) ReadChat(_ context.Context, id, upTo string) error {
	return h.changeChat("ReadChat", id, func(c *sampleChat) {
		for i, m := range c.messages {
			if upTo == "" || m.ID == upTo {
				c.read = max(c.read, i+1)
			}
		}
	})
}

func (h *home) UnreadChats(context.Context) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.chats.all {
		n += c.unread()
	}
	return n, h.fail["UnreadChats"]
}

func (h *home) ChatChoices(context.Context) (social.ChatChoices, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return social.ChatChoices{Quiet: h.chats.quiet}, nil
}

func (h *home) ChooseChats(_ context.Context, choices social.ChatChoices) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.chats.quiet = choices.Quiet
	return h.changing("ChooseChats")
}

// unsend drops a message; false where there is none of that ID.
func (h *home) unsend(id string) bool {
	c, i := h.findMessage(id)
	if c == nil {
		return false
	}
	c.messages = slices.Delete(c.messages, i, i+1)
	c.read = min(c.read, len(c.messages))
	h.tell(social.EventMessage, id, "")
	return true
}

// talkative is the family with its chats.
func talkative(now func() time.Time) *home {
	h := family(now)
	ben := h.addChat("with-ben", "", "ben")
	h.hear(ben, "b1", "me", "Is the boat dry?", 26*time.Hour)
	h.hear(ben, "b2", "ben", "As dry as a boat gets. I put the cover on before the rain came, and took the oars in. The rudder needs a drop of oil, though.", 25*time.Hour)
	h.hear(ben, "b3", "me", "I have some. Tomorrow at six?", 25*time.Hour-time.Minute)
	ben.messages[2].Read = []string{"Ben"}
	ben.messages[0].Reactions = []social.Reaction{{Emoji: "😂", Count: 1, People: []string{"Ben"}}}
	voice := h.hear(ben, "b4", "ben", "", 3*time.Hour)
	voice.Files = []social.File{{Name: "voice.webm", Type: "audio/webm", Size: 31000, Path: "/file/b4/0", Here: true, Lasting: 14200, Wave: []byte{
		20, 60, 110, 200, 255, 180, 90, 40, 70, 140, 220, 240, 160, 80, 30, 20, 90, 150, 210, 180, 120, 60, 40, 90, 160, 230, 200, 140, 70, 30, 50, 110, 190, 250, 210, 130, 60, 20, 30, 80, 140, 120, 60, 20,
	}}}
	answer := h.hear(ben, "b5", "me", "Ha! Bring the thermos, please. And have a look at https://example.org/tides first.", 2*time.Hour)
	answer.Reply = &social.Quote{ID: "b2", Author: "Ben", Text: "As dry as a boat gets. I put the cover on before the rain came, and took the oars in. The rudder needs a drop of oil, though."}
	answer.Edited = h.now().Add(-time.Hour)
	paper := h.hear(ben, "b6", "ben", "The form for the mooring, by the way", 20*time.Minute)
	paper.Files = []social.File{{Name: "mooring-2026-application.pdf", Type: "application/pdf", Size: 182000, Path: "/file/b6/0", Here: true}}
	h.hear(ben, "b7", "ben", "See you!", 19*time.Minute)
	kin := h.addChat("kin", "Grandma’s birthday", "ilse", "ben", "ayse", "tom")
	h.hear(kin, "k1", "ayse", "Who bakes?", 50*time.Hour)
	h.hear(kin, "k2", "tom", "Not me", 50*time.Hour-time.Minute)
	h.hear(kin, "k3", "me", "I do, if somebody does the shopping.", 49*time.Hour)
	kin.Fades = 7 * 24 * 60 * 60
	h.addChat("with-tom", "", "tom")
	return h
}
