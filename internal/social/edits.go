package social

import (
	"io"
	"time"
)

// Setup is what the first run asks for.
type Setup struct {
	Name    string
	Picture io.Reader // an image file of any supported format; nil for none
	Reach   string    // ReachHome or ReachInternet
}

// ProfileEdit replaces what the owner says of themselves.
type ProfileEdit struct {
	Name          string
	About         string
	Birthday      string    // "1988-02-29", or "--02-29" without the year; empty: it is not said
	Picture       io.Reader // a new picture; nil keeps the one there is
	RemovePicture bool      // take the picture away; ignored when Picture is given
}

// NewPhoto names a photo of the draft (Photo.ID, as AddPhoto returned it) and describes it.
type NewPhoto struct {
	ID  string `json:"id"`
	Alt string `json:"alt"`
}

// NewPost is a post to publish. Its photos appear in the order given.
type NewPost struct {
	Text   string     `json:"text"`
	Photos []NewPhoto `json:"photos,omitempty"`
	Files  []string   `json:"files,omitempty"` // IDs as AddFile returned them
	Beside
	// Mentions are the IDs of people who were picked from a list, which tells those apart who have one name. Whoever else is
	// named after an "@" and can see the post is mentioned too.
	Mentions []string `json:"mentions,omitempty"`
	// To is who gets to see it: the Space of one of Home.Audiences. Empty: the owner's friends.
	To string `json:"to,omitempty"`
	// KeepDraft leaves in the draft what is not in this post: it was written elsewhere than in the composer.
	KeepDraft bool `json:"keep_draft,omitempty"`
}

// DraftEdit replaces the draft: its text, and which photos it keeps, in which order, with which
// descriptions. A photo that is left out is dropped.
type DraftEdit struct {
	Text   string     `json:"text"`
	Photos []NewPhoto `json:"photos,omitempty"`
	Files  []string   `json:"files,omitempty"` // those that it keeps
	To     string     `json:"to,omitempty"`    // as in NewPost
	Beside
}

// Beside is what a post can have beside its text and its files.
type Beside struct {
	Poll    *NewPoll `json:"poll,omitempty"`
	Feeling string   `json:"feeling,omitempty"` // "tired and happy"
	Place   string   `json:"place,omitempty"`   // "the lake", in one's own words
	Note    string   `json:"note,omitempty"`    // what to know before one opens the post, which is folded behind it
}

// InviteOptions says how an invite is to be made.
type InviteOptions struct {
	LetIn bool          // whoever uses it becomes a friend without another question
	Label string        // the owner's note of whom it is for; may be empty
	For   time.Duration // how long it lasts; 0 means seven days
}

// JoinOptions says how an empty home becomes a further device of somebody.
type JoinOptions struct {
	Code  string `json:"code"`            // as the other device shows it: the code, the link, or text around it
	Name  string `json:"name,omitempty"`  // what this computer is to be called; empty: as it calls itself
	Reach string `json:"reach,omitempty"` // ReachHome or ReachInternet; empty: ReachHome
}

// RecoverOptions says how somebody comes back with their recovery words, into an empty home.
type RecoverOptions struct {
	Words       string `json:"words"`
	Help        string `json:"help,omitempty"`         // a code that a friend made; empty: look on the home network
	Name        string `json:"name,omitempty"`         // what this computer is to be called
	Reach       string `json:"reach,omitempty"`        // ReachHome or ReachInternet; empty: ReachHome
	KeepDevices bool   `json:"keep_devices,omitempty"` // let the earlier devices stay; otherwise they are removed
}

// Picture is one rendition of a photo or a face, decrypted and ready to be served.
// The caller closes Content.
type Picture struct {
	Type     string // media type, such as "image/jpeg"
	Modified time.Time
	Content  io.ReadSeekCloser
}

// Error is what every method of Home returns when it fails for a reason that a person can be told.
// Message is that sentence: what happened, what is safe, what to do next. Err is the cause, for the
// log; it may be nil.
type Error struct {
	Code    string
	Message string
	Err     error
}

// Error gives the code, and the cause if there is one; it is meant for logs, not for people.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code
	}
	return e.Code + ": " + e.Err.Error()
}

// Unwrap returns the cause, so that errors.Is and errors.As see it.
func (e *Error) Unwrap() error { return e.Err }

// The codes of Error. Each has one HTTP status (in web and api) and one exit code (in cmd/kith).
const (
	CodeBadInput       = "bad-input"       // something given can't be used as it is
	CodeNotFound       = "not-found"       // no such post, person, invite, picture…
	CodeNotAllowed     = "not-allowed"     // it exists, and is not the owner's to change
	CodeNotStarted     = "not-started"     // the first run has not been finished
	CodeGone           = "gone"            // it was here and is no more
	CodeUnreachable    = "unreachable"     // another home that is needed for this is not on
	CodeUsed           = "used"            // the invite was used by somebody already
	CodeExpired        = "expired"         // the invite's time is over
	CodeRevoked        = "revoked"         // the inviter took the invite back
	CodeRefused        = "refused"         // the inviter said no
	CodeOwnInvite      = "own-invite"      // the invite is the owner's own
	CodeAlreadyFriends = "already-friends" // the inviter is a friend already
	CodeTooLarge       = "too-large"       // over a limit of size or number
	CodeBusy           = "busy"            // too much of this at once; trying again later helps
	CodeInternal       = "internal"        // a fault of this program or this computer
)
