package social_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

// evening is an event of the tests, on a day to come.
func evening(title string) social.EventEdit {
	day := time.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	return social.EventEdit{Title: title, Text: "Bring a lamp.", Place: "The meadow", Start: day + "T18:30", End: day + "T21:00", Zone: "Europe/Berlin"}
}

func (h *house) event(id string) *social.Gathering {
	post, err := h.Post(h.t.Context(), id)
	if err != nil {
		return &social.Gathering{}
	}
	return post.Event
}

func names(answers []social.EventAnswer) (list []string) {
	for _, a := range answers {
		list = append(list, a.Person.Name)
	}
	slices.Sort(list)
	return list
}

// An event in a group: made, answered, changed, commented, cancelled; and everybody sees the same.
func TestAnEventInAGroup(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	ada.adds(club.ID, ben)
	ada.adds(club.ID, cleo)
	edit := evening("Harvest")
	edit.Asked = []string{cleo.me}
	made, err := ben.CreateEvent(t.Context(), club.ID, edit)
	must(t, err)
	if made.Event == nil || made.Event.Coming != 1 || made.Event.Mine.Answer != social.AnswerGoing || made.Audience.Name != "Garden club" {
		t.Fatalf("made %+v", made)
	}
	for _, h := range []*house{ada, cleo} {
		eventually(t, h.name+" sees the event in the feed and the calendar", func() bool {
			feed, err := h.GroupFeed(t.Context(), club.ID, "", 10)
			must(t, err)
			list, err := h.Calendar(t.Context(), club.ID, time.Now(), time.Now().AddDate(0, 1, 0))
			must(t, err)
			return len(feed.Posts) == 1 && feed.Posts[0].Event != nil && feed.Posts[0].Event.Title == "Harvest" && len(list) == 1 && list[0].ID == made.ID
		})
	}
	if e := cleo.event(made.ID); !e.AskedMe || e.MayChange || !e.MayAnswer || e.Start.Format("15:04 MST") != made.Event.Start.Format("15:04 MST") {
		t.Errorf("Cleo sees %+v", e)
	}
	must(t, cleo.AnswerEvent(t.Context(), made.ID, social.AnswerMaybe, 0, ""))
	must(t, cleo.AnswerEvent(t.Context(), made.ID, social.AnswerGoing, 2, "a bit late"))
	must(t, ada.AnswerEvent(t.Context(), made.ID, social.AnswerNo, 3, "away"))
	for _, h := range []*house{ada, ben, cleo} {
		eventually(t, h.name+" sees who comes", func() bool {
			e := h.event(made.ID)
			return slices.Equal(names(e.Going), []string{"Ben", "Cleo"}) && slices.Equal(names(e.No), []string{"Ada"}) && e.Coming == 4 && len(e.Maybe) == 0 && e.No[0].Guests == 0
		})
	}
	// A member who did not make it can't change it, the admin can.
	if err := cleo.ChangeEvent(t.Context(), made.ID, edit); code(err) != social.CodeNotAllowed {
		t.Errorf("Cleo changes it: %v", err)
	}
	edit.Place, edit.Start = "The barn", strings.Replace(edit.Start, "18:30", "19:00", 1)
	must(t, ada.ChangeEvent(t.Context(), made.ID, edit))
	eventually(t, "Cleo sees what has changed since her answer", func() bool {
		e := cleo.event(made.ID)
		return e.Place == "The barn" && len(e.Changes) == 1 && len(e.Changes[0].Words) == 2 && e.Changes[0].By.Name == "Ada"
	})
	must(t, ada.ChangeEvent(t.Context(), made.ID, edit)) // nothing new
	news, err := cleo.EventChangesSince(t.Context(), time.Now().Add(-time.Hour))
	must(t, err)
	if len(news) != 1 || news[0].ID != made.ID {
		t.Errorf("Cleo is told of %+v", news)
	}
	if news, err := ada.EventChangesSince(t.Context(), time.Now().Add(-time.Hour)); err != nil || len(news) != 0 {
		t.Errorf("Ada is told of what she did: %+v, %v", news, err)
	}
	if _, err := cleo.Comment(t.Context(), made.ID, "I bring soup"); err != nil {
		t.Fatal(err)
	}
	must(t, ben.CancelEvent(t.Context(), made.ID, true))
	for _, h := range []*house{ada, ben, cleo} {
		eventually(t, h.name+" sees that it is cancelled", func() bool {
			p, err := h.Post(t.Context(), made.ID)
			return err == nil && p.Event.Canceled && len(p.Event.Changes) == 2 && len(p.Comments) == 1
		})
	}
	must(t, ben.CancelEvent(t.Context(), made.ID, false))
	must(t, ben.Delete(t.Context(), made.ID))
	for _, h := range []*house{ada, ben, cleo} {
		eventually(t, h.name+" has nothing left of it", func() bool {
			list, err := h.Calendar(t.Context(), "", time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0))
			_, gone := h.Post(t.Context(), made.ID)
			return err == nil && len(list) == 0 && code(gone) == social.CodeNotFound
		})
	}
}

func TestEventsThatMakeNoSense(t *testing.T) {
	ada := newHouse(t, "Ada")
	for name, change := range map[string]func(*social.EventEdit){
		"no title":        func(e *social.EventEdit) { e.Title = " \n " },
		"no day":          func(e *social.EventEdit) { e.Start = "soon" },
		"no such day":     func(e *social.EventEdit) { e.Start = "2026-02-30T10:00" },
		"before it began": func(e *social.EventEdit) { e.End = "2020-01-01T10:00" },
		"nowhere":         func(e *social.EventEdit) { e.Zone = "Mars/Olympus" },
		"a stranger":      func(e *social.EventEdit) { e.Asked = []string{strings.Repeat("0a", 32)} },
		"no person":       func(e *social.EventEdit) { e.Asked = []string{"x"} },
		"a long title":    func(e *social.EventEdit) { e.Title = strings.Repeat("x", 401) },
		"centuries":       func(e *social.EventEdit) { e.Start, e.End = "9999-01-01T10:00", "" },
	} {
		edit := evening("Harvest")
		change(&edit)
		if _, err := ada.CreateEvent(t.Context(), "", edit); code(err) == "" || code(err) == social.CodeInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
	made, err := ada.CreateEvent(t.Context(), "", evening("Harvest"))
	must(t, err)
	for _, guests := range []int{-1, 100} {
		if err := ada.AnswerEvent(t.Context(), made.ID, social.AnswerGoing, guests, ""); code(err) != social.CodeBadInput {
			t.Errorf("%d guests: %v", guests, err)
		}
	}
	if err := ada.AnswerEvent(t.Context(), made.ID, "perhaps", 0, ""); code(err) != social.CodeBadInput {
		t.Errorf("perhaps: %v", err)
	}
	post := ada.says("no event")
	if err := ada.AnswerEvent(t.Context(), post.ID, social.AnswerGoing, 0, ""); code(err) != social.CodeNotFound {
		t.Errorf("an answer to a post: %v", err)
	}
}

// Birthdays come with the cards of friends, and are in the calendar and in what other programs read of it.
func TestBirthdaysAndTheCalendarForOthers(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	if err := ben.EditProfile(t.Context(), social.ProfileEdit{Name: "Ben", Birthday: "1988-02-30"}); code(err) != social.CodeBadInput {
		t.Errorf("30 February: %v", err)
	}
	must(t, ben.EditProfile(t.Context(), social.ProfileEdit{Name: "Ben", Birthday: "1988-02-29"}))
	from := time.Date(2026, 2, 1, 0, 0, 0, 0, time.Local)
	eventually(t, "Ben's birthday is in Ada's calendar", func() bool {
		list, err := ada.Calendar(t.Context(), "", from, from.AddDate(0, 1, 0))
		return err == nil && len(list) == 1 && list[0].Person.Name == "Ben" && list[0].Age == 38 && list[0].Start.Day() == 28
	})
	made, err := ada.CreateEvent(t.Context(), "", evening("Harvest"))
	must(t, err)
	if _, err := ada.ReadCalendarFeed(t.Context(), ""); code(err) != social.CodeNotFound {
		t.Errorf("a calendar that nobody opened: %v", err)
	}
	feed, err := ada.OpenCalendarFeed(t.Context())
	must(t, err)
	ics, err := ada.ReadCalendarFeed(t.Context(), feed.Secret)
	must(t, err)
	for _, want := range []string{"SUMMARY:Harvest", "SUMMARY:Ben’s birthday", "DTSTART;VALUE=DATE:19880229", "BYMONTHDAY=-1", "UID:" + made.ID[:20]} {
		if !strings.Contains(string(ics), want) {
			t.Errorf("it lacks %q:\n%s", want, ics)
		}
	}
	next, err := ada.OpenCalendarFeed(t.Context())
	must(t, err)
	if _, err := ada.ReadCalendarFeed(t.Context(), feed.Secret); code(err) != social.CodeNotFound {
		t.Errorf("the secret from before: %v", err)
	}
	must(t, ada.CloseCalendarFeed(t.Context()))
	if _, err := ada.ReadCalendarFeed(t.Context(), next.Secret); code(err) != social.CodeNotFound {
		t.Errorf("the closed calendar: %v", err)
	}
}

// A reminder comes in time, is put away on purpose, and comes again if the event is put off.
func TestReminders(t *testing.T) {
	ada := newHouse(t, "Ada")
	made, err := ada.CreateEvent(t.Context(), "", evening("Harvest"))
	must(t, err)
	must(t, ada.Remind(t.Context(), made.ID, 60))
	due := func() int {
		list, err := ada.Reminders(t.Context())
		must(t, err)
		return len(list)
	}
	if due() != 0 {
		t.Error("reminded nine days before")
	}
	must(t, ada.Remind(t.Context(), made.ID, 14*24*60))
	if due() != 1 || ada.event(made.ID).Remind != 14*24*60 {
		t.Error("not reminded")
	}
	must(t, ada.DropReminder(t.Context(), made.ID))
	if due() != 0 {
		t.Error("reminded again")
	}
	later := evening("Harvest")
	later.Start, later.End = strings.Replace(later.Start, "18:30", "19:30", 1), ""
	must(t, ada.ChangeEvent(t.Context(), made.ID, later))
	if due() != 1 {
		t.Error("not reminded of the new time")
	}
	must(t, ada.CancelEvent(t.Context(), made.ID, true))
	if due() != 0 {
		t.Error("reminded of what does not take place")
	}
	if err := ada.Remind(t.Context(), made.ID, -1); code(err) != social.CodeBadInput {
		t.Errorf("reminded before: %v", err)
	}
}
