package web

import (
	"context"
	"time"

	"kith/internal/social"
)

// Chatter is the chats of the owner.
type Chatter interface {
	Chats(ctx context.Context) ([]social.Chat, error)
	Chat(ctx context.Context, id string) (social.Chat, error)
	Talk(ctx context.Context, chat, before string, limit int) (social.Talk, error)
	Message(ctx context.Context, id string) (social.Message, error)
	StartChat(ctx context.Context, friends []string, name string) (social.Chat, error)
	AddToChat(ctx context.Context, chat string, friends []string) error
	RenameChat(ctx context.Context, chat, name string) error
	LeaveChat(ctx context.Context, chat string) error
	PrepareFile(ctx context.Context, f social.NewFile) (social.PreparedFile, error)
	Send(ctx context.Context, chat string, message social.NewMessage) (social.Message, error)
	SetChatTimer(ctx context.Context, chat string, stay time.Duration) error
	ReadChat(ctx context.Context, chat, upTo string) error
	UnreadChats(ctx context.Context) (int, error)
	ChatChoices(ctx context.Context) (social.ChatChoices, error)
	ChooseChats(ctx context.Context, choices social.ChatChoices) error
}
