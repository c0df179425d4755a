package api

import (
	"context"

	"kith/internal/social"
)

// Groups is about groups: what there is, who comes in, who does what.
type Groups interface {
	Groups(ctx context.Context) ([]social.Group, error)
	Group(ctx context.Context, id string) (social.Group, error)
	GroupFeed(ctx context.Context, id, cursor string, limit int) (social.Feed, error)
	CreateGroup(ctx context.Context, group social.NewGroup) (social.Group, error)
	EditGroup(ctx context.Context, id string, edit social.GroupEdit) error
	InviteToGroup(ctx context.Context, group string, options social.GroupInvite) (social.Invite, error)
	AddToGroup(ctx context.Context, group, person string) error
	AnswerRequest(ctx context.Context, group, person string, yes bool) error
	Offers(ctx context.Context) ([]social.Offered, error)
	AnswerOffer(ctx context.Context, group string, yes bool) error
	PromoteInGroup(ctx context.Context, group, person string) error
	DemoteInGroup(ctx context.Context, group, person string) error
	RemoveFromGroup(ctx context.Context, group, person string) error
	LeaveGroup(ctx context.Context, group string) error
	HandOverGroup(ctx context.Context, group, person string) error
	CloseGroup(ctx context.Context, group string) error
}

// Audiences is about whom a post is for, and of whom the owner wants to read.
type Audiences interface {
	Audiences(ctx context.Context) ([]social.Audience, error)
	Lists(ctx context.Context) ([]social.FriendList, error)
	CreateList(ctx context.Context, name string, hue int, members []string) (social.FriendList, error)
	EditList(ctx context.Context, id, name string, hue int, members []string) (social.FriendList, error)
	DeleteList(ctx context.Context, id string) error
	Mute(ctx context.Context, person string, on bool) error
	Block(ctx context.Context, person string, on bool) error
	Hidden(ctx context.Context) ([]social.Person, error)
}
