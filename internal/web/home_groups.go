package web

import (
	"context"

	"kith/internal/social"
)

// Grouper is the groups that there are, and who comes in.
type Grouper interface {
	Groups(ctx context.Context) ([]social.Group, error)
	Group(ctx context.Context, id string) (social.Group, error)
	GroupFeed(ctx context.Context, id, cursor string, limit int) (social.Feed, error)
	CreateGroup(ctx context.Context, group social.NewGroup) (social.Group, error)
	EditGroup(ctx context.Context, id string, edit social.GroupEdit) error
	InviteToGroup(ctx context.Context, group string, options social.GroupInvite) (social.Invite, error)
	AddToGroup(ctx context.Context, group, person string) error
	Requests(ctx context.Context) (map[string][]social.Request, error)
	AnswerRequest(ctx context.Context, group, person string, yes bool) error
	Offers(ctx context.Context) ([]social.Offered, error)
	AnswerOffer(ctx context.Context, group string, yes bool) error
}

// Governor is who does what in a group.
type Governor interface {
	PromoteInGroup(ctx context.Context, group, person string) error
	DemoteInGroup(ctx context.Context, group, person string) error
	RemoveFromGroup(ctx context.Context, group, person string) error
	LeaveGroup(ctx context.Context, group string) error
	HandOverGroup(ctx context.Context, group, person string) error
	CloseGroup(ctx context.Context, group string) error
}

// Lister is the owner's lists of friends, and whom a post can be for.
type Lister interface {
	Audiences(ctx context.Context) ([]social.Audience, error)
	Lists(ctx context.Context) ([]social.FriendList, error)
	List(ctx context.Context, id string) (social.FriendList, error)
	CreateList(ctx context.Context, name string, hue int, members []string) (social.FriendList, error)
	EditList(ctx context.Context, id, name string, hue int, members []string) (social.FriendList, error)
	DeleteList(ctx context.Context, id string) error
}

// Hider is whom the owner does not want to read.
type Hider interface {
	Mute(ctx context.Context, person string, on bool) error
	Block(ctx context.Context, person string, on bool) error
	Hidden(ctx context.Context) ([]social.Person, error)
}
