package web_test

import (
	"context"
	"slices"
	"time"

	"kith/internal/calendar"
	"kith/internal/social"
)

// Events and the calendar of the home in memory. An event is a post with Event.

// plans is what the home in memory keeps beside them.
type plans struct {
	feed   social.CalendarFeed
	remind map[string]int
	put    map[string]bool
	made   int
}

// meets makes an event of a new post, in so many hours.
func (h *home) meets(id, author string, audience social.Audience, in, lasting time.Duration, title, place string) *social.Post {
	p := h.post(id, author, 3*time.Hour, "")
	p.Audience = audience
	start := h.now().Add(in)
	p.Event = &social.Gathering{Title: title, Place: place, Start: start, Zone: "UTC", MayChange: author == "me", MayAnswer: true}
	if lasting > 0 {
		p.Event.End = start.Add(lasting)
	}
	return p
}

// attends has somebody answer.
func (h *home) attends(id, person, answer string, guests int, note string) {
	p, err := h.find(id)
	if err != nil {
		panic(err)
	}
	e := p.Event
	not := func(list []social.EventAnswer) []social.EventAnswer {
		return slices.DeleteFunc(list, func(a social.EventAnswer) bool { return a.Person.ID == person })
	}
	e.Going, e.Maybe, e.No = not(e.Going), not(e.Maybe), not(e.No)
	a := social.EventAnswer{Person: h.people[person], Answer: answer, Guests: guests, Note: note, At: h.now()}
	switch answer {
	case social.AnswerGoing:
		e.Going = append(e.Going, a)
	case social.AnswerMaybe:
		e.Maybe = append(e.Maybe, a)
	case social.AnswerNo:
		e.No = append(e.No, a)
	}
	e.Coming = 0
	for _, a := range e.Going {
		e.Coming += 1 + a.Guests
	}
	if person == "me" {
		e.Mine = a
	}
}

// season fills the calendar of the sample family.
func (h *home) season() {
	friends := h.audience()
	club := social.Audience{Space: "club", Name: "Garden club", Kind: social.AudienceGroup, People: 5}
	harvest := h.meets("harvest", "ben", club, 26*time.Hour, 3*time.Hour, "Apple harvest", "The orchard behind the school")
	h.attends("harvest", "ben", social.AnswerGoing, 0, "")
	h.attends("harvest", "ilse", social.AnswerGoing, 2, "I bring cake.")
	h.attends("harvest", "ayse", social.AnswerMaybe, 0, "")
	h.attends("harvest", "tom", social.AnswerNo, 0, "Working, sadly")
	harvest.Text = "Baskets are there. Wear something that may get stained."
	dinner := h.meets("dinner", "me", friends, 5*24*time.Hour, 0, "Dinner on the roof", "At ours")
	h.attends("dinner", "me", social.AnswerGoing, 0, "")
	dinner.Event.Changes = []social.EventChange{{By: h.people["me"], At: h.now().Add(-time.Hour), Words: []string{"The place is At ours."}}}
	off := h.meets("regatta", "tom", friends, 9*24*time.Hour, 48*time.Hour, "Regatta", "The lake")
	off.Event.Canceled = true
	ben := h.people["ben"]
	ben.Birthday = "1988-03-18"
	h.people["ben"] = ben
}

func (h *home) CreateEvent(_ context.Context, to string, e social.EventEdit) (social.Post, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("CreateEvent"); err != nil {
		return social.Post{}, err
	}
	if e.Title == "" {
		return social.Post{}, problem(social.CodeBadInput, "Give the event a title. Nothing else is lost.")
	}
	layout := "2006-01-02T15:04"
	if e.Days {
		layout = time.DateOnly
	}
	start, err := time.Parse(layout, e.Start)
	if err != nil {
		return social.Post{}, problem(social.CodeBadInput, "This day and time can't be read.")
	}
	audience := h.audience()
	for _, a := range h.audiences() {
		if a.Space == to {
			audience = a
		}
	}
	p := h.meets(h.id("e"), "me", audience, 0, 0, e.Title, e.Place)
	p.Event.Start, p.Event.Days, p.Text, p.At = start, e.Days, e.Text, h.now()
	h.attends(p.ID, "me", social.AnswerGoing, 0, "")
	h.tell(social.EventPost, p.ID, "")
	h.tell(social.EventCalendar, p.ID, "")
	return *p, nil
}

// changeEvent does something to an event and tells the pages.
func (h *home) changeEvent(name, id string, change func(*social.Post) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing(name); err != nil {
		return err
	}
	p, err := h.find(id)
	if err == nil && p.Event == nil {
		err = problem(social.CodeNotFound, "This event is not here any more.")
	}
	if err == nil {
		err = change(p)
	}
	if err == nil {
		h.tell(social.EventChanged, id, "")
		h.tell(social.EventCalendar, id, "")
	}
	return err
}

func (h *home) ChangeEvent(_ context.Context, id string, e social.EventEdit) error {
	return h.changeEvent("ChangeEvent", id, func(p *social.Post) error {
		if e.Title == "" {
			return problem(social.CodeBadInput, "Give the event a title. Nothing else is lost.")
		}
		if e.Place != p.Event.Place {
			p.Event.Changes = append([]social.EventChange{{By: h.people["me"], At: h.now(), Words: []string{"The place is " + e.Place + "."}}}, p.Event.Changes...)
		}
		p.Event.Title, p.Event.Place, p.Text = e.Title, e.Place, e.Text
		return nil
	})
}

func (h *home) CancelEvent(_ context.Context, id string, on bool) error {
	return h.changeEvent("CancelEvent", id, func(p *social.Post) error {
		p.Event.Canceled = on
		return nil
	})
}

func (h *home) AnswerEvent(_ context.Context, id, answer string, guests int, note string) error {
	return h.changeEvent("AnswerEvent", id, func(*social.Post) error {
		if guests < 0 {
			return problem(social.CodeBadInput, "Up to 99 guests can be brought along. Nothing was changed.")
		}
		h.attends(id, "me", answer, guests, note)
		return nil
	})
}

func (h *home) Calendar(_ context.Context, in string, from, to time.Time) ([]social.Upcoming, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []social.Upcoming
	for _, p := range h.posts {
		e := p.Event
		if e == nil || in != "" && p.Audience.Space != in || !e.Start.Before(to) || e.Start.Before(from) {
			continue
		}
		list = append(list, social.Upcoming{ID: p.ID, Title: e.Title, Start: e.Start, End: e.End, Days: e.Days, Place: e.Place, Canceled: e.Canceled, Mine: e.Mine.Answer, Audience: p.Audience})
	}
	for _, id := range h.friends {
		person := h.people[id]
		born, _ := calendar.ParseBirthday(person.Birthday)
		if born.IsZero() || in != "" {
			continue
		}
		if next, age := born.Next(from); next.Before(to) {
			list = append(list, social.Upcoming{Title: person.Name, Start: next, Days: true, Person: &person, Age: age})
		}
	}
	slices.SortFunc(list, func(a, b social.Upcoming) int { return a.Start.Compare(b.Start) })
	return list, h.fail["Calendar"]
}

func (h *home) EventFile(_ context.Context, id string) (string, []byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, err := h.find(id)
	if err != nil || p.Event == nil {
		return "", nil, problem(social.CodeNotFound, "This event is not here any more.")
	}
	return p.Event.Title + ".ics", calendar.WriteICS("", []calendar.Entry{{UID: id, Title: p.Event.Title, Start: p.Event.Start}}), nil
}

func (h *home) CalendarFeed(context.Context) (social.CalendarFeed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.plans.feed, h.fail["CalendarFeed"]
}

func (h *home) OpenCalendarFeed(context.Context) (social.CalendarFeed, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("OpenCalendarFeed"); err != nil {
		return social.CalendarFeed{}, err
	}
	h.plans.made++
	h.plans.feed = social.CalendarFeed{Secret: "secret" + string(rune('0'+h.plans.made)), Since: h.now()}
	return h.plans.feed, nil
}

func (h *home) CloseCalendarFeed(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("CloseCalendarFeed"); err != nil {
		return err
	}
	h.plans.feed = social.CalendarFeed{}
	return nil
}

func (h *home) ReadCalendarFeed(_ context.Context, secret string) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.plans.feed.Secret == "" || secret != h.plans.feed.Secret {
		return nil, problem(social.CodeNotFound, "There is no calendar at this address.")
	}
	return calendar.WriteICS("kith", nil), nil
}

func (h *home) Remind(_ context.Context, id string, minutes int) error {
	return h.changeEvent("Remind", id, func(p *social.Post) error {
		if h.plans.remind == nil {
			h.plans.remind, h.plans.put = make(map[string]int), make(map[string]bool)
		}
		h.plans.remind[id] = minutes
		p.Event.Remind = minutes
		return nil
	})
}

func (h *home) Reminders(context.Context) ([]social.Reminder, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []social.Reminder
	for _, p := range h.posts {
		before := h.plans.remind[p.ID]
		if before == 0 || h.plans.put[p.ID] || h.now().Before(p.Event.Start.Add(-time.Duration(before)*time.Minute)) {
			continue
		}
		list = append(list, social.Reminder{Upcoming: social.Upcoming{ID: p.ID, Title: p.Event.Title, Start: p.Event.Start, Place: p.Event.Place}, Before: before})
	}
	return list, h.fail["Reminders"]
}

func (h *home) DropReminder(_ context.Context, id string) error {
	return h.changeEvent("DropReminder", id, func(*social.Post) error {
		h.plans.put[id] = true
		return nil
	})
}
