package social

import "time"

// News is something that concerns the owner: what others did, folded by what it is about.
type News struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"` // NewsComment, …
	At     time.Time `json:"at"`   // of the newest of it
	Unread bool      `json:"unread,omitempty"`
	// People did it, the newest first, at most newsFaces; Count is how many there are. Without people, Did is a whole
	// sentence, and otherwise what follows their names.
	People []Person `json:"people,omitempty"`
	Count  int      `json:"count,omitempty"`
	Did    string   `json:"did"`
	Quote  string   `json:"quote,omitempty"` // the first words of what was said, or of what it was said to
	// Where it happened, as far as that is somewhere.
	Post    string `json:"post,omitempty"`
	Comment string `json:"comment,omitempty"`
	Group   string `json:"group,omitempty"`
	Person  string `json:"person,omitempty"`

	marks []newsMark
}

// The kinds of News.
const (
	NewsComment  = "comment"  // on a post of the owner's
	NewsThread   = "thread"   // on a post under which the owner commented before
	NewsReaction = "reaction" // to what the owner wrote
	NewsMention  = "mention"  // the owner is named
	NewsPost     = "post"     // in a place of which the owner wants to hear everything
	NewsAsk      = "ask"      // somebody used an invite of the owner's and waits for a yes
	NewsOffer    = "offer"    // a friend added the owner to a group
	NewsRequest  = "request"  // somebody asks to join a group in which the owner may answer
	NewsFriend   = "friend"   // somebody is a friend now
	NewsJoined   = "joined"   // the owner is in a group now
	NewsRemoved  = "removed"  // the owner was taken out of a group
	NewsTaken    = "taken"    // a comment of the owner's was taken down
	NewsNotice   = "notice"   // something that the owner should know; see Notice
)

// NewsWishes is of what the owner wants to hear.
type NewsWishes struct {
	Kinds  []NewsKind  `json:"kinds"`
	Places []NewsPlace `json:"places"`
}

// NewsKind is a kind of news that can be switched off.
type NewsKind struct {
	Kind string `json:"kind"` // NewsComment, …; it stands for those that belong to it
	On   bool   `json:"on"`
}

// NewsPlace is a group, or somebody's wall, of which the owner can hear more or less.
type NewsPlace struct {
	ID     string `json:"id"` // of the group or the person
	Name   string `json:"name"`
	Person bool   `json:"person,omitempty"` // it is somebody's wall
	Want   string `json:"want"`             // WantAll, WantAnswers or WantNothing
}

// What there is to hear of a place.
const (
	WantAll     = "all"     // every new post too
	WantAnswers = "answers" // answers to the owner, and where they are named
	WantNothing = "nothing"
)

// Summary is what happened in the last day, in figures: once a day, as long as the owner has not put it away.
type Summary struct {
	Since     time.Time `json:"since"`
	Posts     int       `json:"posts"`             // by others
	Authors   []string  `json:"authors,omitempty"` // the names of who wrote them, the newest first
	Comments  int       `json:"comments"`          // under what the owner wrote, and where they talk along
	Reactions int       `json:"reactions"`
	Others    int       `json:"others"` // other news
	Due       bool      `json:"due"`    // there is something to tell, and it was not put away today
}
