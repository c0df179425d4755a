package api

import (
	"context"
	"net/http"
	"net/url"

	"kith/internal/social"
)

// The bodies of requests about chats.
type (
	newChat struct {
		Friends []string `json:"friends"`
		Name    string   `json:"name,omitempty"`
	}
	readUpTo struct {
		UpTo string `json:"up_to,omitempty"` // the ID of a message; empty: all
	}
)

// chatRoutes is what the server answers to about chats.
func (s *Server) chatRoutes() []route {
	return []route{
		{"GET chats", read(s.Home.Chats)},
		{"POST chats", s.startChat},
		{"GET chats/{id}", readOne(s.Home.Chat)},
		{"GET chats/{id}/messages", s.talk},
		{"POST chats/{id}/messages", s.sendMessage},
		{"PUT chats/{id}/read", s.readChat},
		{"GET messages/{id}", readOne(s.Home.Message)},
	}
}

func (s *Server) startChat(w http.ResponseWriter, r *http.Request) (any, error) {
	var body newChat
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.StartChat(r.Context(), body.Friends, body.Name)
}

func (s *Server) talk(_ http.ResponseWriter, r *http.Request) (any, error) {
	cursor, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	return s.Home.Talk(r.Context(), r.PathValue("id"), cursor, limit)
}

func (s *Server) sendMessage(w http.ResponseWriter, r *http.Request) (any, error) {
	var body social.NewMessage
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return s.Home.Send(r.Context(), r.PathValue("id"), body)
}

func (s *Server) readChat(w http.ResponseWriter, r *http.Request) (any, error) {
	var body readUpTo
	if err := readJSON(w, r, &body); err != nil {
		return nil, err
	}
	return nil, s.Home.ReadChat(r.Context(), r.PathValue("id"), body.UpTo)
}

// Chats returns the chats, those with the newest messages first.
func (c *Client) Chats(ctx context.Context) ([]social.Chat, error) {
	return get[[]social.Chat](ctx, c, "chats")
}

// Chat returns a chat with those who are in it.
func (c *Client) Chat(ctx context.Context, id string) (social.Chat, error) {
	return get[social.Chat](ctx, c, chatPath(id, ""))
}

// Talk returns messages of a chat before a place ("" for the newest), the oldest first. A limit of 0 is the usual number.
func (c *Client) Talk(ctx context.Context, chat, before string, limit int) (social.Talk, error) {
	return get[social.Talk](ctx, c, chatPath(chat, "/messages")+pageQuery(before, limit))
}

// Message returns a message.
func (c *Client) Message(ctx context.Context, id string) (social.Message, error) {
	return get[social.Message](ctx, c, "messages/"+url.PathEscape(id))
}

// StartChat begins a chat with friends, or finds the one with a friend.
func (c *Client) StartChat(ctx context.Context, friends []string, name string) (social.Chat, error) {
	return ask[social.Chat](ctx, c, http.MethodPost, "chats", newChat{friends, name})
}

// Send puts a message into a chat. Files can be sent on its page.
func (c *Client) Send(ctx context.Context, chat string, message social.NewMessage) (social.Message, error) {
	return ask[social.Message](ctx, c, http.MethodPost, chatPath(chat, "/messages"), message)
}

// ReadChat notes that the owner has read a chat up to a message; "" for all of it.
func (c *Client) ReadChat(ctx context.Context, chat, upTo string) error {
	return c.do(ctx, http.MethodPut, chatPath(chat, "/read"), readUpTo{upTo})
}

func chatPath(id, below string) string { return "chats/" + url.PathEscape(id) + below }
