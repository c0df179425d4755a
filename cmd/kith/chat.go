package main

import (
	"context"
	"strings"

	"kith/internal/api"
	"kith/internal/social"
)

type chatCmd struct {
	With   string   `arg:"" optional:"" help:"A friend, or the name of a chat: as it is, or how it begins. If not given, the chats are listed."`
	Text   []string `arg:"" optional:"" help:"What to send; “-” reads it from the standard input. If not given, the last messages are shown."`
	Limit  int      `short:"n" default:"20" help:"How many messages to show, 400 at most."`
	Follow bool     `short:"f" help:"Go on showing messages as they come."`
	JSON   bool     `name:"json" help:"Print JSON; with --follow one line for each message."`
}

func (*chatCmd) Help() string {
	return `What is shown counts as read. A chat with a friend begins with the first message.

Examples:

    kith chat
    kith chat Ben
    kith chat Ben "I am on my way"
    kith chat "Sunday hike" --follow
    date | kith chat Ben -`
}

func (c *chatCmd) Run(a *app) error {
	if c.Limit < 1 {
		return usagef("the number of messages (-n) is at least 1")
	}
	if c.Follow && (c.With == "" || len(c.Text) > 0) {
		return usagef("--follow shows one chat as it goes on: give its name and nothing to send")
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	defer client.Close()
	if c.With == "" {
		return c.list(a, client)
	}
	if len(c.Text) > 0 {
		return c.send(a, client)
	}
	chat, err := findChat(a.ctx, client, c.With, false)
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(a, client, chat)
	}
	talk, err := client.Talk(a.ctx, chat.ID, "", c.Limit)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := a.writeJSON(talk); err != nil {
			return err
		}
		return client.ReadChat(a.ctx, chat.ID, "")
	}
	p := a.printer()
	for _, m := range talk.Messages {
		p.message(m)
	}
	if len(talk.Messages) == 0 {
		p.printf("Nothing has been said so far.\n")
	}
	if p.err != nil {
		return p.err
	}
	return client.ReadChat(a.ctx, chat.ID, "")
}

// list shows the chats.
func (c *chatCmd) list(a *app, client *api.Client) error {
	chats, err := client.Chats(a.ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(orEmpty(chats))
	}
	p := a.printer()
	for _, chat := range chats {
		unread := ""
		if chat.Unread > 0 {
			unread = " · " + number(chat.Unread) + " unread"
		}
		p.printf("%s%s\n", p.bold(clean(chat.Name)), p.dim(unread+" · "+short(chat.ID)))
		if chat.Last != nil {
			p.paragraph("  ", clean(chat.Last.Author.Name)+": "+messageWords(*chat.Last))
		}
	}
	if len(chats) == 0 {
		p.printf("No chats so far. kith chat FRIEND \"hello\" begins one.\n")
	}
	return p.err
}

// send puts a message into a chat, which begins with it if need be.
func (c *chatCmd) send(a *app, client *api.Client) error {
	text, err := a.text(c.Text, false)
	if err != nil {
		return err
	}
	chat, err := findChat(a.ctx, client, c.With, true)
	if err != nil {
		return err
	}
	m, err := client.Send(a.ctx, chat.ID, social.NewMessage{Text: text})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.writeJSON(m)
	}
	p := a.printer()
	p.printf("Sent to %s.\n", clean(chat.Name))
	return p.err
}

// findChat finds a chat by its name or ID. One with a friend is made where there is none, if begin says so.
func findChat(ctx context.Context, client *api.Client, name string, begin bool) (social.Chat, error) {
	chats, err := client.Chats(ctx)
	if err != nil {
		return social.Chat{}, err
	}
	chat, err := named(chats, func(c social.Chat) (string, string) { return c.ID, c.Name }, name, "chat", "kith chat")
	if err == nil || !begin {
		return chat, err
	}
	friends, friendsErr := client.Friends(ctx)
	if friendsErr != nil {
		return social.Chat{}, friendsErr
	}
	friend, friendErr := findPerson(friends, name)
	if friendErr != nil {
		return social.Chat{}, err // of the chat: it says where to look
	}
	return client.StartChat(ctx, []string{friend.ID}, "")
}

// follow shows the last messages of a chat, and then what comes.
func (c *chatCmd) follow(a *app, client *api.Client, chat social.Chat) error {
	events, err := client.Events(a.ctx) // first, so that nothing is missed in between
	if err != nil {
		return err
	}
	defer events.Close()
	p := a.printer()
	seen := make(map[string]bool)
	show := func() error {
		talk, err := client.Talk(a.ctx, chat.ID, "", c.Limit)
		if err != nil {
			return err
		}
		fresh := false
		for _, m := range talk.Messages {
			if seen[m.ID] {
				continue
			}
			seen[m.ID], fresh = true, true
			if c.JSON {
				if err := a.writeJSON(m); err != nil {
					return err
				}
				continue
			}
			p.message(m)
		}
		if p.err != nil || !fresh {
			return p.err
		}
		return client.ReadChat(a.ctx, chat.ID, "")
	}
	if err := show(); err != nil {
		return err
	}
	for {
		e, err := events.Next()
		if err != nil {
			return err
		}
		if e.Kind != social.EventMessage || seen[e.ID] {
			continue
		}
		if err := show(); err != nil {
			return err
		}
	}
}

// message shows one message.
func (p *printer) message(m social.Message) {
	when := m.At.Local().Format("2 Jan 15:04")
	if !m.Edited.IsZero() {
		when += " · edited"
	}
	if m.Reply != nil && m.Reply.Author != "" {
		when += " · to " + clean(m.Reply.Author) + ": " + clean(m.Reply.Text)
	}
	p.printf("%s %s\n", p.bold(clean(m.Author.Name)), p.dim("· "+when))
	p.paragraph("  ", messageWords(m))
}

// messageWords is what a message says, in words.
func messageWords(m social.Message) string {
	var parts []string
	switch {
	case m.Sets && m.Fades == 0:
		parts = append(parts, "[new messages stay]")
	case m.Sets:
		parts = append(parts, "[new messages disappear after "+number(int(m.Fades))+" seconds]")
	}
	if m.Text != "" {
		parts = append(parts, clean(m.Text))
	}
	for range m.Photos {
		parts = append(parts, "[photo]")
	}
	for _, f := range m.Files {
		parts = append(parts, "["+clean(f.Name)+"]")
	}
	return strings.Join(parts, " ")
}
