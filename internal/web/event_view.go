package web

import (
	"strconv"
	"time"

	"kith/internal/calendar"
	"kith/internal/social"
)

// eventView is what a card shows of an event, above the comments.
type eventView struct {
	Post    string
	Whole   bool
	Event   social.Gathering
	Month   string // "Mar"
	Day     int
	When    string // in the zone of the event
	Here    string // the same by the clock here, where that is another; empty otherwise
	Title   string
	Text    string
	Coming  string
	Asked   string // who is asked especially, in words
	Others  int    // how many are, beside the owner
	Last    *social.EventChange
	Faces   []social.Person // of some who come
	Lists   []eventList
	Choices []answerChoice
	Reminds []remindChoice
}

// answerChoice is an answer that can be given.
type answerChoice struct {
	Answer, Word string
	Mine         bool
}

// remindChoice is a time before an event.
type remindChoice struct {
	Minutes int
	Word    string
	Chosen  bool
}

// shownFaces of those who come.
const shownFaces = 6

var remindTimes = []remindChoice{
	{0, "Not at all", false}, {15, "15 minutes before", false}, {60, "An hour before", false}, {180, "3 hours before", false},
	{24 * 60, "A day before", false}, {7 * 24 * 60, "A week before", false},
}

func newEventView(post social.Post, whole bool) *eventView {
	if post.Event == nil {
		return nil
	}
	e := *post.Event
	v := &eventView{
		Post: post.ID, Whole: whole, Event: e, Month: e.Start.Format("Jan"), Day: e.Start.Day(), When: eventWhen(e.Start, e.End, e.Days), Title: e.Title, Text: post.Text,
		Coming: count(e.Coming, "person comes", "people come"),
		Choices: []answerChoice{
			{social.AnswerGoing, "Going", e.Mine.Answer == social.AnswerGoing},
			{social.AnswerMaybe, "Maybe", e.Mine.Answer == social.AnswerMaybe},
			{social.AnswerNo, "Can’t go", e.Mine.Answer == social.AnswerNo},
		},
	}
	var asked []string
	for _, person := range e.Asked {
		if asked = append(asked, person.Name); !person.Me {
			v.Others++
		}
	}
	if len(asked) > 0 {
		v.Asked = names(asked, len(asked))
	}
	if len(e.Changes) > 0 {
		v.Last = &e.Changes[0]
	}
	for _, a := range e.Going[:min(len(e.Going), shownFaces)] {
		v.Faces = append(v.Faces, a.Person)
	}
	for _, list := range []eventList{{"Going", e.Going}, {"Maybe", e.Maybe}, {"Can’t go", e.No}} {
		if len(list.Answers) > 0 {
			v.Lists = append(v.Lists, list)
		}
	}
	if !e.Days {
		zone, _ := calendar.Zone(e.Zone)
		if local := e.Start.Local(); calendar.Wall(local) != calendar.Wall(e.Start.In(zone)) {
			v.Here = local.Format("Monday, 2 January, 15:04")
		}
	}
	known := false
	for _, c := range remindTimes {
		c.Chosen = c.Minutes == e.Remind
		known = known || c.Chosen
		v.Reminds = append(v.Reminds, c)
	}
	if !known {
		v.Reminds = append(v.Reminds, remindChoice{e.Remind, count(e.Remind, "minute", "minutes") + " before", true})
	}
	return v
}

// ZoneWords names the zone of an event as people say it: the city.
func (v *eventView) ZoneWords() string { return v.Event.Zone }

// eventWhen says when something is, in the zone that its times are in.
func eventWhen(start, end time.Time, days bool) string {
	const day = "Monday, 2 January 2006"
	switch {
	case days && (end.IsZero() || end.Equal(start)):
		return start.Format(day) + ", all day"
	case days:
		return start.Format("Monday, 2 January") + " to " + end.Format(day)
	case end.IsZero():
		return start.Format(day + ", 15:04")
	case end.Year() == start.Year() && end.YearDay() == start.YearDay():
		return start.Format(day+", 15:04") + " to " + end.Format("15:04")
	}
	return start.Format("Monday, 2 January, 15:04") + " to " + end.Format(day+", 15:04")
}

// upcomingLine is a line of a calendar.
type upcomingLine struct {
	social.Upcoming
	Month string
	Day   int
	When  string
	Words string // "Ben becomes 38", the title of an event
	Link  string
}

func newUpcomingLine(u social.Upcoming, now time.Time) upcomingLine {
	local := u.Start
	if !u.Days {
		local = u.Start.In(now.Location())
	}
	l := upcomingLine{Upcoming: u, Month: local.Format("Jan"), Day: local.Day(), Words: u.Title, Link: "/post/" + u.ID}
	switch {
	case u.Person != nil:
		l.Link = "/people/" + u.Person.ID
		l.Words = u.Person.Name + "’s birthday"
		if u.Person.Me {
			l.Words = "Your birthday"
		}
		l.When = local.Format("Monday, 2 January")
		if u.Age > 0 {
			l.When += ", " + strconv.Itoa(u.Age)
		}
		if sameDay(local, now) {
			l.When = "Today"
		}
	case u.Days:
		l.When = eventWhen(u.Start, u.End, true)
	default:
		l.When = local.Format("Monday, 2 January, 15:04")
		if sameDay(local, now) {
			l.When = "Today, " + local.Format("15:04")
		}
	}
	return l
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// eventList is those who gave one answer.
type eventList struct {
	Word    string
	Answers []social.EventAnswer
}
