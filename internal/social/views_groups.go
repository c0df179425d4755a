package social

import (
	"io"
	"time"
)

// GroupRef names a group to somebody who may not be in it: what its members say of it, as a home that is in it told.
type GroupRef struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	About   string `json:"about,omitempty"`   // its rules
	Picture string `json:"picture,omitempty"` // URL path, or empty
	People  int    `json:"people,omitempty"`  // how many are in it; 0: not known
}

// Group is a group as its page shows it.
type Group struct {
	GroupRef
	State   string `json:"state"`          // GroupIn, …
	Role    string `json:"role,omitempty"` // the owner's: RoleOwner, …; empty: not a member
	Owner   Person `json:"owner"`          // whose group it is
	Posts   string `json:"posts"`          // who may post: ForEveryone or ForAdmins
	Invites string `json:"invites"`        // who may bring people in: ForEveryone or ForAdmins
	History string `json:"history"`        // what newcomers read: HistoryAll or HistoryJoining
	MayPost bool   `json:"may_post,omitempty"`
	// MayInvite: the owner of this home may bring people in, and say yes or no to who asks.
	MayInvite bool `json:"may_invite,omitempty"`
	// MayManage: they may change what the group says of itself, and other people's part in it.
	MayManage bool      `json:"may_manage,omitempty"`
	Waiting   int       `json:"waiting,omitempty"` // how many ask to join; only for who may answer
	Since     time.Time `json:"since,omitzero"`    // when this home came to know it
	// Members and Requests are of a Group that was asked for by its ID.
	Members  []Member  `json:"members,omitempty"` // the owner first, then admins, then by name
	Requests []Request `json:"requests,omitempty"`
}

// The states of a Group.
const (
	GroupIn      = "in"
	GroupComing  = "coming" // let in, or the owner said yes; it has not arrived so far
	GroupClosed  = "closed" // nobody writes there any more
	GroupLeft    = "left"
	GroupRemoved = "removed"
)

// What somebody is in a group.
const (
	RoleOwner  = "owner"
	RoleAdmin  = "admin"
	RoleMember = "member"
)

// Who may do something in a group.
const (
	ForEveryone = "everyone"
	ForAdmins   = "admins"
)

// What newcomers may read of the time before them.
const (
	HistoryAll     = "all"
	HistoryJoining = "joining"
)

// Member is somebody in a group, and what the owner of this home may do about them.
type Member struct {
	Person
	Role       string `json:"role"`
	MayPromote bool   `json:"may_promote,omitempty"`
	MayDemote  bool   `json:"may_demote,omitempty"`
	MayRemove  bool   `json:"may_remove,omitempty"`
	MayHandTo  bool   `json:"may_hand_to,omitempty"` // the group can be handed over to them
}

// Request is somebody who asks to join a group.
type Request struct {
	Person Person    `json:"person"`
	By     Person    `json:"by"` // whose invite they came with
	Since  time.Time `json:"since"`
}

// NewGroup says how a group is to be made. Who may post, who may invite and what newcomers read stay as they are chosen
// here. The empty text is ForEveryone, ForAdmins and HistoryAll.
type NewGroup struct {
	Name    string
	About   string
	Picture io.Reader // nil for none
	Posts   string
	Invites string
	History string
}

// GroupEdit replaces what a group says of itself.
type GroupEdit struct {
	Name          string
	About         string
	Picture       io.Reader // a new picture; nil keeps the one there is
	RemovePicture bool      // take the picture away; ignored when Picture is given
}

// The modes of an invite into a group.
const (
	InviteOnce     = "once"     // one use; whoever uses it comes in
	InviteApproval = "approval" // many uses; each waits for the yes of somebody who may say it
	InviteFriends  = "friends"  // many uses; friends of who made it come in, others are refused
)

// GroupInvite says how an invite into a group is to be made.
type GroupInvite struct {
	Mode  string        // "": InviteOnce
	Label string        // a note of whom it is for; may be empty
	For   time.Duration // how long it lasts; 0 means seven days
}

// Offered is a group that a friend added the owner to, before the owner said yes or no.
type Offered struct {
	Group GroupRef  `json:"group"`
	By    Person    `json:"by"`
	Since time.Time `json:"since"`
}

// FriendList is one of the owner's lists of friends: an audience to post to. Its name and colour stay on the owner's own
// computers.
type FriendList struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Hue     int      `json:"hue"` // 1 to Hues
	Members []Person `json:"members"`
}

// Hues is how many colours a list of friends can have.
const Hues = 6
