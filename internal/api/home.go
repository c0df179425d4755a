package api

import (
	"context"
	"io"

	"kith/internal/social"
)

// Home is what the server needs of the running home; *social.Home is one.
type Home interface {
	Reader
	Walls
	Author
	Editor
	Trash
	Door
	Friendship
	Devices
	Groups
	Audiences
	Chats
	Searcher
	Rememberer
	Newsreader
	Safekeeper
	Keeper
}

// Keeper makes a copy of the whole home.
type Keeper interface {
	Backup(ctx context.Context, options social.BackupOptions, w io.Writer) error
}

// Reader tells how the home is.
type Reader interface {
	Started(ctx context.Context) (bool, error)
	Begin(ctx context.Context, setup social.Setup) error
	Profile(ctx context.Context) (social.Profile, error)
	Status(ctx context.Context) (social.Status, error)
	Subscribe(ctx context.Context) <-chan social.Event
}

// Walls shows what there is to read.
type Walls interface {
	Feed(ctx context.Context, cursor string, limit int) (social.Feed, error)
	Wall(ctx context.Context, person, cursor string, limit int) (social.Feed, error)
	Post(ctx context.Context, id string) (social.Post, error)
	CommentByID(ctx context.Context, id string) (social.Comment, error)
}

// Author writes.
type Author interface {
	AddPhoto(ctx context.Context, r io.Reader) (social.Photo, error)
	Publish(ctx context.Context, post social.NewPost) (social.Post, error)
	Comment(ctx context.Context, post, text string) (social.Comment, error)
	React(ctx context.Context, target, emoji string) error
	Delete(ctx context.Context, id string) error
}

// Editor changes what was written.
type Editor interface {
	Edit(ctx context.Context, id string, edit social.Edit) error
	Versions(ctx context.Context, id string) (social.History, error)
}

// Trash is what the owner deleted and can still post again.
type Trash interface {
	DeleteForGood(ctx context.Context, id string) error
	Trash(ctx context.Context) ([]social.Trashed, error)
	Restore(ctx context.Context, id string) (again, post string, err error)
	DeleteTrashed(ctx context.Context, id string) error
	EmptyTrash(ctx context.Context) (int, error)
}

// Door is about invites, made and received.
type Door interface {
	Invite(ctx context.Context, options social.InviteOptions) (social.Invite, error)
	Invites(ctx context.Context) ([]social.Invite, error)
	RevokeInvite(ctx context.Context, id string) error
	AnswerInvite(ctx context.Context, id string, yes bool) error
	Inspect(ctx context.Context, code string) (social.Greeting, error)
	Accept(ctx context.Context, code string) (social.Acceptance, error)
}

// Friendship is about friends, and about those whose invite was accepted and who are not friends so far.
type Friendship interface {
	Friends(ctx context.Context) ([]social.Person, error)
	Person(ctx context.Context, id string) (social.Person, error)
	Unfriend(ctx context.Context, person string) error
	Acceptances(ctx context.Context) ([]social.Acceptance, error)
	DropAcceptance(ctx context.Context, id string) error
}

// Devices is about the owner's own devices: linking, removing, and coming back after all were lost.
type Devices interface {
	Devices(ctx context.Context) ([]social.Device, error)
	RenameDevice(ctx context.Context, id, name string) error
	RemoveDevice(ctx context.Context, id, words string) error
	LeaveDevices(ctx context.Context) error
	Linker
	Returner
}

// Linker is about linking a further device, on either side.
type Linker interface {
	Link(ctx context.Context) (social.Link, error)
	Links(ctx context.Context) ([]social.Link, error)
	AnswerLink(ctx context.Context, id string, same bool) error
	JoinDevice(ctx context.Context, options social.JoinOptions) (social.Linking, error)
	Linking(ctx context.Context) (social.Linking, error)
	StopLinking(ctx context.Context) error
}

// Returner is about coming back with the recovery words, and helping a friend to.
type Returner interface {
	Recover(ctx context.Context, options social.RecoverOptions) error
	Help(ctx context.Context, person string) (social.Help, error)
	Notices(ctx context.Context) ([]social.Notice, error)
	DropNotice(ctx context.Context, id string) error
}

// Gate is what the server needs of the way into the page; *access.Gate is one.
type Gate interface {
	OneTimeToken(ctx context.Context) (string, error)
	ResetPassword(ctx context.Context, new string) error
}
