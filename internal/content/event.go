package content

import (
	"fmt"
	"strings"

	"kith/internal/blob"
	"kith/internal/key"
	"kith/internal/oplog"
)

const (
	// MaxTitle, in bytes, of an event: a line.
	MaxTitle = 400
	// MaxWhere, in bytes, of the place of an event.
	MaxWhere = 400
	// MaxZone of the name of a time zone: the longest of today have half of it.
	MaxZone = 64
	// MaxAsked is how many people an event can ask especially.
	MaxAsked = 200
	// MaxGuests that somebody brings along.
	MaxGuests = 99
	// MaxNote, in bytes, beside an answer.
	MaxNote = 1000
	// minWhen and maxWhen bound the minutes of an event: the years 1900 to 2200.
	minWhen, maxWhen = -36_816_480, 120_973_440
	// maxSpan, in minutes, of an event: a year and a day.
	maxSpan = 366 * 24 * 60
)

// Event is something that takes place. Times are what a clock on the wall there shows: minutes since 1970-01-01 00:00,
// as if every day had 24 hours, and the name of the zone in which the clock stands. So an event stays at eight in the
// evening whatever is decided about summer time before it comes.
//
// A change is a whole event again that names the first one (Of). Of those of its author, and in groups of admins, the
// newest by Lamport time counts, ties by EntryID.
type Event struct {
	Of       oplog.EntryID `cbor:"1,keyasint,omitzero"`
	Title    string        `cbor:"2,keyasint,omitempty"` // one line, 1 to MaxTitle bytes
	Text     string        `cbor:"3,keyasint,omitempty"`
	Start    int64         `cbor:"4,keyasint"`
	End      int64         `cbor:"5,keyasint,omitempty"` // after Start; 0: it is not said. Of an event of whole days: midnight after the last
	Zone     string        `cbor:"6,keyasint,omitempty"` // of the IANA database; none for an event of whole days
	Days     bool          `cbor:"7,keyasint,omitempty"` // whole days: Start and End are midnights, wherever one is
	Place    string        `cbor:"8,keyasint,omitempty"` // one line
	Photos   []Photo       `cbor:"9,keyasint,omitempty"` // at most one: the cover
	Asked    [][]byte      `cbor:"10,keyasint,omitempty"`
	Canceled bool          `cbor:"11,keyasint,omitempty"`
}

// The answers to an event.
const (
	AnswerNone  = 0 // withdrawn
	AnswerGoing = 1
	AnswerMaybe = 2
	AnswerNo    = 3
)

// Answer is what somebody says to an event. The newest of a person counts.
type Answer struct {
	Event  oplog.EntryID `cbor:"1,keyasint,omitzero"`
	Answer uint          `cbor:"2,keyasint,omitempty"`
	Guests uint          `cbor:"3,keyasint,omitempty"` // whom they bring along; 0 unless they are going or maybe
	Note   string        `cbor:"4,keyasint,omitempty"`
}

// Kind is KindEvent.
func (Event) Kind() Kind { return KindEvent }

// Kind is KindAnswer.
func (Answer) Kind() Kind { return KindAnswer }

// Media is the cover.
func (e Event) Media() ([]Photo, []Attachment) { return e.Photos, nil }

// Refs lists the files of the cover.
func (e Event) Refs() []blob.Ref { return refs(e.Media()) }

// Refs is empty.
func (Answer) Refs() []blob.Ref { return nil }

// Asks tells whether somebody is asked especially.
func (e Event) Asks(person key.PersonID) bool {
	for _, asked := range e.Asked {
		if string(asked) == string(person[:]) {
			return true
		}
	}
	return false
}

func (e Event) check() error {
	const day = 24 * 60
	if strings.TrimSpace(e.Title) == "" || strings.ContainsAny(e.Title, "\n\r") || strings.ContainsAny(e.Place, "\n\r") {
		return fmt.Errorf("%w: an event without a title, or with one of several lines", ErrMalformed)
	}
	if e.Start < minWhen || e.Start > maxWhen || e.End != 0 && (e.End <= e.Start || e.End-e.Start > maxSpan) {
		return fmt.Errorf("%w: an event from %d to %d", ErrMalformed, e.Start, e.End)
	}
	if e.Days && (e.Zone != "" || e.Start%day != 0 || e.End%day != 0) || !e.Days && e.Zone == "" {
		return fmt.Errorf("%w: an event of whole days with a zone or hours, or one without either", ErrMalformed)
	}
	if strings.Trim(e.Zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_/") != "" {
		return fmt.Errorf("%w: a zone called %q", ErrMalformed, e.Zone)
	}
	if len(e.Photos) > 1 || len(e.Asked) > MaxAsked {
		return fmt.Errorf("%w: an event with %d covers that asks %d people", ErrMalformed, len(e.Photos), len(e.Asked))
	}
	for _, asked := range e.Asked {
		if len(asked) != len(key.PersonID{}) {
			return fmt.Errorf("%w: an event that asks somebody with an ID of %d bytes", ErrMalformed, len(asked))
		}
	}
	return firstError(checkText("title", e.Title, MaxTitle), checkText("text", e.Text, MaxText), checkText("place", e.Place, MaxWhere),
		checkText("zone", e.Zone, MaxZone), checkMedia(e.Media()))
}

func (a Answer) check() error {
	if a.Event.IsZero() || a.Answer > AnswerNo || a.Guests > MaxGuests || a.Guests > 0 && a.Answer != AnswerGoing && a.Answer != AnswerMaybe {
		return fmt.Errorf("%w: an answer %d with %d guests", ErrMalformed, a.Answer, a.Guests)
	}
	return checkText("note", a.Note, MaxNote)
}

func (e Event) under() oplog.EntryID { return e.Of }

func (a Answer) under() oplog.EntryID { return a.Event }

// divide puts the title on the first line of the text, and what is said of the event below.
func (e Event) divide() (string, oplog.EntryID, Event) {
	rest := e
	rest.Of, rest.Title, rest.Text = oplog.EntryID{}, "", ""
	if e.Text == "" {
		return e.Title, e.Of, rest
	}
	return e.Title + "\n" + e.Text, e.Of, rest
}

func (e Event) join(text string, under oplog.EntryID) Event {
	e.Of = under
	e.Title, e.Text, _ = strings.Cut(text, "\n")
	return e
}

func (a Answer) divide() (string, oplog.EntryID, Answer) {
	rest := a
	rest.Event, rest.Note = oplog.EntryID{}, ""
	return a.Note, a.Event, rest
}

func (a Answer) join(text string, under oplog.EntryID) Answer {
	a.Event, a.Note = under, text
	return a
}
