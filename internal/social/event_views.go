package social

import (
	"io"
	"time"
)

// Gathering is what a post that is an event says of it.
type Gathering struct {
	Title    string    `json:"title"`
	Place    string    `json:"place,omitempty"`
	Start    time.Time `json:"start"`          // in the zone of the event; of whole days: midnight UTC of the first
	End      time.Time `json:"end,omitzero"`   // zero: it is not said; of whole days: midnight UTC of the last
	Zone     string    `json:"zone,omitempty"` // as IANA calls it; empty for whole days
	Days     bool      `json:"days,omitempty"` // whole days, wherever one is
	Canceled bool      `json:"canceled,omitempty"`
	Over     bool      `json:"over,omitempty"`
	Asked    []Person  `json:"asked,omitempty"` // who is asked especially
	AskedMe  bool      `json:"asked_me,omitempty"`

	Going   []EventAnswer `json:"going,omitempty"`
	Maybe   []EventAnswer `json:"maybe,omitempty"`
	No      []EventAnswer `json:"no,omitempty"`
	Coming  int           `json:"coming"`            // how many are going, their guests included
	Mine    EventAnswer   `json:"mine,omitzero"`     // the owner's
	Changes []EventChange `json:"changes,omitempty"` // the newest first
	// MayChange: the owner of this home may change or cancel it.
	MayChange bool `json:"may_change,omitempty"`
	// MayAnswer: they may say whether they come.
	MayAnswer bool `json:"may_answer,omitempty"`
	Remind    int  `json:"remind,omitempty"` // how many minutes before it the owner is reminded; 0: not at all
}

// EventAnswer is what somebody says to an event.
type EventAnswer struct {
	Person Person    `json:"person"`
	Answer string    `json:"answer"` // AnswerGoing, …; empty: none
	Guests int       `json:"guests,omitempty"`
	Note   string    `json:"note,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// The answers to an event.
const (
	AnswerGoing = "going"
	AnswerMaybe = "maybe"
	AnswerNo    = "no"
)

// EventChange is a change of an event, in words.
type EventChange struct {
	By    Person    `json:"by"`
	At    time.Time `json:"at"`
	Words []string  `json:"words"` // a sentence for each thing that changed
	// Since tells that it came after the owner's answer, which may have been to something else.
	Since bool `json:"since,omitempty"`
}

// EventEdit is an event as it is to be, or to be changed to.
type EventEdit struct {
	Title string
	Text  string
	Place string
	// Start and End are what a clock on the wall there shows: "2006-01-02T15:04", or "2006-01-02" for whole days, of which
	// End is the last. End may be empty.
	Start, End  string
	Zone        string // of the IANA database; ignored for whole days
	Days        bool
	Asked       []string  // the IDs of people
	Cover       io.Reader // a new cover; nil keeps the one there is
	RemoveCover bool      // take the cover away; ignored when Cover is given
}

// Upcoming is an event or a birthday in a calendar.
type Upcoming struct {
	ID       string    `json:"id,omitempty"` // the event's; empty for a birthday
	Title    string    `json:"title"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end,omitzero"`
	Days     bool      `json:"days,omitempty"`
	Place    string    `json:"place,omitempty"`
	Canceled bool      `json:"canceled,omitempty"`
	Mine     string    `json:"mine,omitempty"` // the owner's answer
	AskedMe  bool      `json:"asked_me,omitempty"`
	Changed  bool      `json:"changed,omitempty"` // since the owner answered
	Audience Audience  `json:"audience,omitzero"`
	Person   *Person   `json:"person,omitempty"` // of a birthday: whose
	Age      int       `json:"age,omitempty"`    // and how old they become; 0: they do not say
}

// Reminder is an event that the owner wanted to be reminded of, when the time has come.
type Reminder struct {
	Upcoming
	Before int `json:"before"` // minutes
}
