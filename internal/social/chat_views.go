package social

import (
	"io"
	"time"
)

// Chat is a conversation with one friend, or with several people.
type Chat struct {
	ID     string   `json:"id"`
	Spaces []string `json:"spaces"` // the IDs under which its events come; the first one is ID
	Name   string   `json:"name"`
	// Pair: it is with one other person, whoever of the two began it.
	Pair    bool      `json:"pair,omitempty"`
	With    []Person  `json:"with"` // everybody in it but the owner, by name
	State   string    `json:"state"`
	Since   time.Time `json:"since,omitzero"` // when it was made
	Last    *Message  `json:"last,omitempty"`
	Unread  int       `json:"unread,omitempty"`  // at most MaxUnread
	Fades   int64     `json:"fades,omitempty"`   // seconds after which new messages disappear; 0: they stay
	Members []Joined  `json:"members,omitempty"` // of a Chat that was asked for by its ID, if it is no Pair
}

// The states of a Chat.
const (
	ChatOpen   = "open"
	ChatLeft   = "left" // the owner is not in it any more
	ChatClosed = "closed"
	ChatAlone  = "alone" // nobody else is in it any more
)

// MaxUnread is up to where unread messages are counted.
const MaxUnread = 999

// Joined is somebody in a chat with several people, and who brought them in.
type Joined struct {
	Person
	By *Person   `json:"by,omitempty"` // nil for who made the chat
	At time.Time `json:"at,omitzero"`
}

// Message is one message of a chat.
type Message struct {
	ID        string     `json:"id"`
	Chat      string     `json:"chat"` // the space that it is in, one of Chat.Spaces
	Author    Person     `json:"author"`
	At        time.Time  `json:"at"`
	Edited    time.Time  `json:"edited,omitzero"`
	Text      string     `json:"text"`
	Photos    []Photo    `json:"photos,omitempty"`
	Files     []File     `json:"files,omitempty"`
	Reply     *Quote     `json:"reply,omitempty"`
	Reactions []Reaction `json:"reactions,omitempty"`
	Delivery  Delivery   `json:"delivery"`             // of the owner's own
	Read      []string   `json:"read,omitempty"`       // of the owner's own: names of those who have read it
	Fades     int64      `json:"fades,omitempty"`      // seconds after At; with Sets, what was set
	Sets      bool       `json:"sets,omitempty"`       // it says for how long messages stay, and nothing else
	New       bool       `json:"new,omitempty"`        // the owner has not read it
	Place     string     `json:"place"`                // to read on from here
	CanEdit   bool       `json:"can_edit,omitempty"`   //
	CanUnsend bool       `json:"can_unsend,omitempty"` //
}

// Quote is what a message answers, as far as it is there.
type Quote struct {
	ID     string `json:"id"`
	Author string `json:"author,omitempty"` // a name; empty where the message is gone
	Text   string `json:"text,omitempty"`
	Photo  bool   `json:"photo,omitempty"`
	File   string `json:"file,omitempty"` // the name of the first file
}

// Talk is a page of a chat, the oldest message first.
type Talk struct {
	Messages []Message `json:"messages"`
	Before   string    `json:"before,omitempty"` // place to ask for older ones; empty: there are none
}

// NewMessage is a message to send.
type NewMessage struct {
	Text  string         `json:"text"`
	Reply string         `json:"reply,omitempty"` // the ID of the message that it answers
	Files []PreparedFile `json:"-"`
}

// NewFile is a file to go into a message.
type NewFile struct {
	Name    string
	Type    string // media type, as far as it is known
	Lasting int64  // milliseconds, of a voice note
	Wave    []byte // its loudness over time
	Content io.Reader
}

// ChatChoices is what the owner wants of all chats.
type ChatChoices struct {
	// Quiet: nobody is told what the owner has read, and the owner is not told what others have read.
	Quiet bool `json:"quiet"`
}
