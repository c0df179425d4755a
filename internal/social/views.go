package social

import "time"

// Person is somebody as a page shows them: never a key, only a name and a face.
type Person struct {
	ID       string    `json:"id"`                 // opaque, stable, URL-safe
	Name     string    `json:"name"`               // "Someone" until their card has arrived
	Picture  string    `json:"picture,omitempty"`  // URL path of a small square picture, or empty
	Me       bool      `json:"me,omitempty"`       // the owner of this home
	Friend   bool      `json:"friend,omitempty"`   // each is on the other's wall
	Online   bool      `json:"online"`             // their home is connected to ours at this moment
	LastSeen time.Time `json:"last_seen,omitzero"` // when their home was last connected; zero if never
	About    string    `json:"about,omitempty"`    // a line or two that they wrote of themselves
	Birthday string    `json:"birthday,omitempty"` // "1988-02-29", or "--02-29" without the year; empty: they do not say it
	Muted    bool      `json:"muted,omitempty"`    // the owner does not want their posts in the feed
	Blocked  bool      `json:"blocked,omitempty"`  // the owner wants to see nothing of them at all
	Verified bool      `json:"verified,omitempty"` // the owner compared the safety number with them in person
}

// Audience says who can see something; a page shows it as a named, coloured chip.
type Audience struct {
	Space  string `json:"space"`         // opaque ID of the space
	Name   string `json:"name"`          // "Friends", "Friends of Ada", "Only me", "Family", "Garden club"
	Kind   string `json:"kind"`          // AudienceFriends, …
	People int    `json:"people"`        // how many can read it, the owner included
	Hue    int    `json:"hue,omitempty"` // of an AudienceList of the owner's: 1 to Hues
}

// The kinds of Audience.
const (
	AudienceFriends = "friends"
	AudienceOnlyMe  = "only-me"
	AudienceList    = "list" // one of somebody's lists of friends; only its owner knows its name
	AudienceGroup   = "group"
	AudienceChat    = "chat"
)

// Photo is a picture in a post or a draft.
type Photo struct {
	ID     string `json:"id"`
	Alt    string `json:"alt"`   // the author's description, possibly empty
	Width  int    `json:"width"` // pixels of the screen-size rendition
	Height int    `json:"height"`
	Thumb  string `json:"thumb"`          // URL path, at most 480 px on the longer side
	Screen string `json:"screen"`         // URL path, at most 2048 px on the longer side
	Tone   string `json:"tone,omitempty"` // average colour, "#rrggbb", shown until the picture is there
	Here   bool   `json:"here"`           // the screen-size rendition is on this machine already
}

// Reaction is one emoji under a post or comment, with who chose it.
type Reaction struct {
	Emoji  string   `json:"emoji"`
	Count  int      `json:"count"`
	People []string `json:"people"` // names, for the tooltip and the screen reader; at most 50
	Mine   bool     `json:"mine,omitempty"`
}

// Comment is an answer under a post.
type Comment struct {
	ID        string     `json:"id"`
	Post      string     `json:"post"`
	Author    Person     `json:"author"`
	At        time.Time  `json:"at"`
	Edited    time.Time  `json:"edited,omitzero"` // when its author last changed it; zero if never
	Text      string     `json:"text"`
	Mentions  []Mention  `json:"mentions,omitempty"`
	Photos    []Photo    `json:"photos,omitempty"`
	Answers   string     `json:"answers,omitempty"` // the ID of the comment that it answers, as far as that is here
	Whom      *Person    `json:"whom,omitempty"`    // whose comment that is
	Root      string     `json:"root,omitempty"`    // the comment with which the conversation began
	Reactions []Reaction `json:"reactions,omitempty"`
	CanEdit   bool       `json:"can_edit,omitempty"`
	CanDelete bool       `json:"can_delete,omitempty"`
	Delivery  Delivery   `json:"delivery"`
}

// Delivery says truthfully where an entry of ours is: on how many of the other homes.
// For entries of others it is the zero value.
type Delivery struct {
	State string `json:"state,omitempty"` // DeliveryHere, DeliverySome, DeliveryAll
	Have  int    `json:"have"`            // other people's homes that hold it
	Of    int    `json:"of"`              // other people's homes that are to hold it
}

// The states of Delivery.
const (
	DeliveryHere = "here" // on this computer only; nobody else is to have it, or nobody was reachable yet
	DeliverySome = "some" // at some of the other homes
	DeliveryAll  = "all"  // at every other home
)

// Post is a post with what hangs under it.
type Post struct {
	ID           string     `json:"id"`
	Author       Person     `json:"author"`
	At           time.Time  `json:"at"`
	Edited       time.Time  `json:"edited,omitzero"` // when its author last changed it; zero if never
	Text         string     `json:"text"`
	Mentions     []Mention  `json:"mentions,omitempty"`
	Photos       []Photo    `json:"photos,omitempty"`
	Files        []File     `json:"files,omitempty"`
	Poll         *Poll      `json:"poll,omitempty"`
	Feeling      string     `json:"feeling,omitempty"`
	Place        string     `json:"place,omitempty"`
	Note         string     `json:"note,omitempty"` // what to know before one opens the post, which is folded behind it
	Meant        time.Time  `json:"meant,omitzero"` // of a post that was planned and came late: when it was to come
	Audience     Audience   `json:"audience"`
	Reactions    []Reaction `json:"reactions,omitempty"`
	Comments     []Comment  `json:"comments,omitempty"` // oldest first; in a feed only the last two
	CommentCount int        `json:"comment_count"`
	Quiet        bool       `json:"quiet,omitempty"`  // the owner wants no news of it
	Hidden       bool       `json:"hidden,omitempty"` // the owner does not want to see it
	Saved        bool       `json:"saved,omitempty"`  // the owner put it aside
	CanEdit      bool       `json:"can_edit,omitempty"`
	CanDelete    bool       `json:"can_delete,omitempty"`
	Taken        []Taken    `json:"taken,omitempty"` // comments of the owner's that others took down
	Delivery     Delivery   `json:"delivery"`
	Event        *Gathering `json:"event,omitempty"` // what it is an event of; nil: it is none
}

// Feed is a page of posts, newest first.
type Feed struct {
	Posts []Post `json:"posts"`
	Next  string `json:"next,omitempty"` // cursor of the following page; empty: all caught up
}

// Profile is what the owner says of themselves, and the settings of the first run.
type Profile struct {
	Person
	Reach string `json:"reach"` // ReachHome or ReachInternet
}

// Where friends can reach this home.
const (
	ReachHome     = "home"     // the home network only
	ReachInternet = "internet" // over the internet too
)

// Draft is an unfinished post. It is on disk after every change, so that neither a reload nor a
// crash loses a word.
type Draft struct {
	Text   string  `json:"text"`
	Photos []Photo `json:"photos,omitempty"`
	Files  []File  `json:"files,omitempty"` // their Path is no address but the ID by which NewPost and DraftEdit name them
	To     string  `json:"to,omitempty"`    // who is to see it, as in NewPost
	Beside
}

// Invite is an invitation that the owner made.
type Invite struct {
	ID      string    `json:"id"`
	Code    string    `json:"code"`            // the text to paste
	Link    string    `json:"link"`            // opens the receiver's own page on the standard port
	Message string    `json:"message"`         // the whole message to send, in plain words
	Label   string    `json:"label,omitempty"` // the owner's note of whom it is for
	LetIn   bool      `json:"let_in"`          // the holder becomes a friend without another question
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	State   string    `json:"state"`             // InviteOpen, …
	Who     *Person   `json:"who,omitempty"`     // who used it
	Warning string    `json:"warning,omitempty"` // e.g. that a second machine tried to use it
	Group   *GroupRef `json:"group,omitempty"`   // where it leads, if not to a friendship
	Mode    string    `json:"mode,omitempty"`    // of an invite into a group: InviteOnce, …
	Joined  int       `json:"joined,omitempty"`  // how many came in by an invite into a group
}

// The states of an Invite.
const (
	InviteOpen     = "open"   // nobody used it yet
	InviteAsking   = "asking" // somebody did; they wait for the owner's yes
	InviteAccepted = "accepted"
	InviteRefused  = "refused"
	InviteRevoked  = "revoked"
	InviteExpired  = "expired"
)

// Greeting is what one sees of an invite before accepting it.
type Greeting struct {
	Code    string    `json:"code"`
	Inviter Person    `json:"inviter"`
	Expires time.Time `json:"expires"`
	LetIn   bool      `json:"let_in"`
	Group   *GroupRef `json:"group,omitempty"` // where it leads, if not to a friendship
}

// Acceptance is somebody else's invite that the owner accepted and what became of it.
type Acceptance struct {
	ID      string    `json:"id"`
	Inviter Person    `json:"inviter"`
	Since   time.Time `json:"since"`
	Expires time.Time `json:"expires"`
	State   string    `json:"state"`            // AcceptanceTrying, …
	Detail  string    `json:"detail,omitempty"` // a sentence for the owner
	Group   *GroupRef `json:"group,omitempty"`  // where it leads, if not to a friendship
}

// The states of an Acceptance.
const (
	AcceptanceTrying  = "trying"  // their home is not reachable now; kith keeps trying
	AcceptanceWaiting = "waiting" // they were asked and have not said yes so far
	AcceptanceDone    = "done"
	AcceptanceFailed  = "failed" // Detail says why: used, expired, revoked, refused
)

// Device is one of the owner's devices.
type Device struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	This      bool      `json:"this,omitempty"` // the one that this home is
	Online    bool      `json:"online"`
	Added     time.Time `json:"added,omitzero"`
	LastSeen  time.Time `json:"last_seen,omitzero"` // when it was last connected to this one
	Removed   bool      `json:"removed,omitempty"`
	Left      bool      `json:"left,omitempty"`       // of a removed one: it said so itself
	CanRemove bool      `json:"can_remove,omitempty"` // by this one, without the recovery words
}

// Link is a code that links a further device, on the device that made it.
type Link struct {
	ID      string    `json:"id"`
	Code    string    `json:"code,omitempty"` // the text to type or paste there, while it is open
	Link    string    `json:"link,omitempty"` // opens the new home's own page on the standard port
	Expires time.Time `json:"expires"`
	State   string    `json:"state"`             // LinkOpen, …
	Device  string    `json:"device,omitempty"`  // what the device that came is called
	Number  string    `json:"number,omitempty"`  // six digits to compare, while the device waits
	Warning string    `json:"warning,omitempty"` // that a second device came
}

// The states of a Link.
const (
	LinkOpen    = "open"   // nobody came so far
	LinkAsking  = "asking" // a device waits for the owner to compare the numbers
	LinkDone    = "done"
	LinkRefused = "refused" // the numbers differed, or it was taken back
	LinkExpired = "expired"
)

// Linking is how far an empty home has come to be a further device of somebody.
type Linking struct {
	State  string `json:"state"`            // LinkingTrying, …
	Number string `json:"number,omitempty"` // six digits to compare
	Detail string `json:"detail,omitempty"` // a sentence for the owner
}

// The states of a Linking.
const (
	LinkingTrying  = "trying"  // the other device is not reachable so far
	LinkingWaiting = "waiting" // the owner is to compare the numbers there
	LinkingDone    = "done"
	LinkingFailed  = "failed" // Detail says why
)

// Recovery says how far the recovery words are.
type Recovery struct {
	Due       bool `json:"due"`       // to be asked for now: a friend is there and it was not put off
	Confirmed bool `json:"confirmed"` // the owner showed that they have them; the words are off this disk
	// Returning tells that the owner has come back with the words and that not everything has been found again: the
	// earlier devices are removed when it has.
	Returning bool `json:"returning,omitempty"`
}

// Help is what a friend's home makes for somebody who comes back with their recovery words.
type Help struct {
	Person Person `json:"person"` // who comes back
	Code   string `json:"code"`
}

// Notice is something that happened by itself and that the owner should know. It stays until they put it away.
type Notice struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Status is the state of the home in figures and a few words.
type Status struct {
	Name      string    `json:"name"`
	Person    string    `json:"person"`
	Folder    string    `json:"folder"`
	Page      string    `json:"page"`
	Version   string    `json:"version"`
	Since     time.Time `json:"since"`
	Reach     string    `json:"reach"`
	Addresses []string  `json:"addresses"` // where other homes reach this one
	Friends   int       `json:"friends"`
	Online    int       `json:"online"`
	Entries   int       `json:"entries"`
	Own       int       `json:"own"`    // of the entries, those that only the owner's devices hold
	Blobs     int       `json:"blobs"`  // encrypted files held
	Wanted    int       `json:"wanted"` // encrypted files known of and not here yet
	DiskBytes int64     `json:"disk_bytes"`
	Removed   bool      `json:"removed,omitempty"` // this device was removed from the owner's; it can only be read
}

// Event tells a page that something changed. It carries no content: the page asks for what it shows.
type Event struct {
	Kind string `json:"kind"`           // EventPost, …
	ID   string `json:"id,omitempty"`   // the post, comment, person or invite
	Post string `json:"post,omitempty"` // for a comment or reaction: the post that it hangs under
}

// The kinds of Event.
const (
	EventPost     = "post"     // a new post; also when its photos arrived or its delivery changed
	EventComment  = "comment"  // a new comment
	EventReaction = "reaction" // reactions of ID (a post or comment) under Post changed
	EventDeleted  = "deleted"  // ID (a post or comment) is gone
	EventChanged  = "changed"  // ID (a post) is to be drawn again: photos arrived, delivery changed
	EventPerson   = "person"   // ID's name, picture or presence changed
	EventCalendar = "calendar" // ID (an event) came, changed or was answered
	EventNotices  = "notices"  // something happened by itself, or was put away
	EventFriends  = "friends"  // friends were made or ended
	EventDevices  = "devices"  // a device of the owner's was linked, removed or renamed, or asks to be linked
	EventInvites  = "invites"  // an invite, request or acceptance changed
	EventNews     = "news"     // news were seen, or other ones are wanted
	EventHidden   = "hidden"   // ID (a post) was hidden, or is to be seen again
	EventMessage  = "message"  // a message ID came into the chat Post, changed or went; Post is empty for one that went
	EventChat     = "chat"     // the chat ID changed: who is in it, its name, how far it was read or has arrived
	EventGroups   = "groups"   // a group or audience changed: who is in it, what it is called, who asks to join
)
