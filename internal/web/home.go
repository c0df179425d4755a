package web

import (
	"context"
	"io"
	"time"

	"kith/internal/access"
	"kith/internal/social"
)

// Home is all that the pages ask of the running home. Every method may be called by many goroutines. Failures that
// a person can be told about are of type *social.Error.
type Home interface {
	Starter
	Profiler
	Reader
	Writer
	Editor
	Trasher
	Drafter
	Attacher
	Conversation
	Voter
	Befriender
	Inviter
	Joiner
	Recoverer
	DeviceKeeper
	Linker
	Returner
	Watcher
	Grouper
	Governor
	Lister
	Hider
	Chatter
	Searcher
	Rememberer
	Newsreader
	Quieter
	Safekeeper
	Keeper
	Filer
	Planner
}

// Keeper makes a copy of the whole home.
type Keeper interface {
	Backup(ctx context.Context, options social.BackupOptions, w io.Writer) error
}

// Starter is the first run.
type Starter interface {
	Started(ctx context.Context) (bool, error)
	Begin(ctx context.Context, setup social.Setup) error
}

// Profiler is the owner and the home itself.
type Profiler interface {
	Profile(ctx context.Context) (social.Profile, error)
	EditProfile(ctx context.Context, edit social.ProfileEdit) error
	SetReach(ctx context.Context, reach string) error
	Status(ctx context.Context) (social.Status, error)
}

// Reader is what there is to read.
type Reader interface {
	Feed(ctx context.Context, cursor string, limit int) (social.Feed, error)
	Wall(ctx context.Context, person, cursor string, limit int) (social.Feed, error)
	Post(ctx context.Context, id string) (social.Post, error)
	CommentByID(ctx context.Context, id string) (social.Comment, error)
	Person(ctx context.Context, id string) (social.Person, error)
	Audience(ctx context.Context) (social.Audience, error)
	Picture(ctx context.Context, id string) (social.Picture, error)
}

// Writer is what the owner says.
type Writer interface {
	Publish(ctx context.Context, post social.NewPost) (social.Post, error)
	Comment(ctx context.Context, post, text string) (social.Comment, error)
	React(ctx context.Context, target, emoji string) error
	Delete(ctx context.Context, id string) error
}

// Editor changes what the owner said.
type Editor interface {
	Edit(ctx context.Context, id string, edit social.Edit) error
	Versions(ctx context.Context, id string) (social.History, error)
}

// Trasher deletes for good, and keeps what was deleted otherwise.
type Trasher interface {
	DeleteForGood(ctx context.Context, id string) error
	Trash(ctx context.Context) ([]social.Trashed, error)
	Restore(ctx context.Context, id string) (again, post string, err error)
	DeleteTrashed(ctx context.Context, id string) error
	EmptyTrash(ctx context.Context) (int, error)
	DismissTaken(ctx context.Context, id string) error
}

// Drafter is the unfinished post.
type Drafter interface {
	AddPhoto(ctx context.Context, r io.Reader) (social.Photo, error)
	Draft(ctx context.Context) (social.Draft, error)
	SaveDraft(ctx context.Context, edit social.DraftEdit) error
}

// Befriender is the friends that there are.
type Befriender interface {
	Friends(ctx context.Context) ([]social.Person, error)
	Unfriend(ctx context.Context, person string) error
}

// Inviter is the invites that the owner made.
type Inviter interface {
	Invite(ctx context.Context, options social.InviteOptions) (social.Invite, error)
	Invites(ctx context.Context) ([]social.Invite, error)
	RevokeInvite(ctx context.Context, id string) error
	AnswerInvite(ctx context.Context, id string, yes bool) error
}

// Joiner is the invites that others made and the owner uses.
type Joiner interface {
	Inspect(ctx context.Context, code string) (social.Greeting, error)
	Accept(ctx context.Context, code string) (social.Acceptance, error)
	Acceptances(ctx context.Context) ([]social.Acceptance, error)
	DropAcceptance(ctx context.Context, id string) error
}

// Recoverer is the recovery words.
type Recoverer interface {
	Recovery(ctx context.Context) (social.Recovery, error)
	RecoveryWords(ctx context.Context) ([]string, error)
	RecoveryQuestions(ctx context.Context) ([]int, error)
	ConfirmRecovery(ctx context.Context, answers map[int]string) error
	PutOffRecovery(ctx context.Context) error
}

// DeviceKeeper is the owner's own computers.
type DeviceKeeper interface {
	Devices(ctx context.Context) ([]social.Device, error)
	RenameDevice(ctx context.Context, id, name string) error
	RemoveDevice(ctx context.Context, id, words string) error
	LeaveDevices(ctx context.Context) error
}

// Linker is linking a further one, on either side.
type Linker interface {
	Link(ctx context.Context) (social.Link, error)
	Links(ctx context.Context) ([]social.Link, error)
	AnswerLink(ctx context.Context, id string, same bool) error
	JoinDevice(ctx context.Context, options social.JoinOptions) (social.Linking, error)
	Linking(ctx context.Context) (social.Linking, error)
	StopLinking(ctx context.Context) error
}

// Returner is coming back with the recovery words, and what one should know of others who did.
type Returner interface {
	Recover(ctx context.Context, options social.RecoverOptions) error
	Help(ctx context.Context, person string) (social.Help, error)
	Notices(ctx context.Context) ([]social.Notice, error)
	DropNotice(ctx context.Context, id string) error
}

// Watcher tells what changes. The channel is closed when ctx ends.
type Watcher interface {
	Subscribe(ctx context.Context) <-chan social.Event
}

// Gate is all that the pages ask of package access.
type Gate interface {
	Doorkeeper
	SessionList
	PasswordKeeper
}

// Doorkeeper lets a browser in. The strings that it returns and takes as session are secrets.
type Doorkeeper interface {
	SignInToken(ctx context.Context, token, userAgent string) (session string, err error)
	SignInPassword(ctx context.Context, password, userAgent string) (session string, err error)
	Check(ctx context.Context, session string) (access.Session, error)
	Pair(ctx context.Context, token, password string, askPassword bool, userAgent string) (session string, err error)
}

// SessionList is the browsers that are signed in.
type SessionList interface {
	Sessions(ctx context.Context) ([]access.Session, error)
	End(ctx context.Context, id string) error
	EndAll(ctx context.Context, except string) error
}

// PasswordKeeper is the password, where there is one.
type PasswordKeeper interface {
	HasPassword(ctx context.Context) (bool, error)
	SetPassword(ctx context.Context, old, new string) error
}

// Clock tells the time; it is a field of Config so that a test can stop it.
type Clock func() time.Time
