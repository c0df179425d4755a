package api

import (
	"context"

	"kith/internal/social"
)

// Chats is about chats.
type Chats interface {
	Chats(ctx context.Context) ([]social.Chat, error)
	Chat(ctx context.Context, id string) (social.Chat, error)
	Talk(ctx context.Context, chat, before string, limit int) (social.Talk, error)
	Message(ctx context.Context, id string) (social.Message, error)
	StartChat(ctx context.Context, friends []string, name string) (social.Chat, error)
	Send(ctx context.Context, chat string, message social.NewMessage) (social.Message, error)
	ReadChat(ctx context.Context, chat, upTo string) error
}
