package social

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/calendar"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

const (
	// maxEvents bounds how many events a calendar looks at, those made last.
	maxEvents = 5000
	// eventPage is how many are read at once.
	eventPage = 500
)

// eventItems are all events that are here, as they were first written. They are read once and kept until one comes or
// goes, so that a page with its calendar beside it costs no more than one without.
func (h *Home) eventItems(ctx context.Context) ([]sqlite.Item, error) {
	h.events.mu.Lock()
	defer h.events.mu.Unlock()
	if h.events.known {
		return h.events.items, nil
	}
	h.events.items = nil
	query := sqlite.ItemQuery{Kind: content.KindEvent, Limit: eventPage}
	for len(h.events.items) < maxEvents {
		page, err := h.db.Items(ctx, query)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			if isEvent(&page.Items[i]) {
				h.events.items = append(h.events.items, page.Items[i])
			}
		}
		if query.After = page.Next; query.After.IsZero() {
			break
		}
	}
	h.events.known = true
	return h.events.items, nil
}

// forgetEvents makes the next look at events read them again.
func (h *Home) forgetEvents() {
	h.events.mu.Lock()
	defer h.events.mu.Unlock()
	h.events.known = false
}

// allPlans reads how all events stand that the owner gets to see.
func (h *Home) allPlans(ctx context.Context) ([]*plan, map[key.SpaceID]*space.State, error) {
	items, err := h.eventItems(ctx)
	if err != nil || len(items) == 0 {
		return nil, nil, err
	}
	see, err := h.sight(ctx)
	if err != nil {
		return nil, nil, err
	}
	if items, err = see.filter(ctx, items, false); err != nil {
		return nil, nil, err
	}
	states := make(map[key.SpaceID]*space.State)
	for i := range items {
		if states[items[i].Space] == nil {
			if states[items[i].Space], err = h.node.Gate().State(ctx, items[i].Space); err != nil {
				return nil, nil, err
			}
		}
	}
	plans, err := h.plansOf(ctx, items, states)
	if err != nil {
		return nil, nil, err
	}
	list := make([]*plan, 0, len(plans))
	for i := range items {
		list = append(list, plans[items[i].ID])
	}
	return list, states, nil
}

// Calendar lists the events and birthdays between two moments, in the order in which they begin. in limits it to one
// group; empty: everywhere, and birthdays of friends.
func (h *Home) Calendar(ctx context.Context, in string, from, to time.Time) ([]Upcoming, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	plans, states, err := h.allPlans(ctx)
	if err != nil {
		return nil, explain("read the calendar", err)
	}
	here := h.now().Location()
	var within []*plan
	for _, p := range plans {
		if in != "" && p.root.Space.String() != in {
			continue
		}
		if beginsHere(&p.now, here).Before(to) && eventOver(&p.now, here).After(from) {
			within = append(within, p)
		}
	}
	list, err := h.upcomingOf(ctx, within, states)
	if err != nil {
		return nil, explain("read the calendar", err)
	}
	if in == "" {
		birthdays, err := h.birthdays(ctx, from, to)
		if err != nil {
			return nil, explain("read the calendar", err)
		}
		list = append(list, birthdays...)
	}
	slices.SortStableFunc(list, func(a, b Upcoming) int {
		if c := a.beginsHere(here).Compare(b.beginsHere(here)); c != 0 {
			return c
		}
		return strings.Compare(a.Title, b.Title)
	})
	return list, nil
}

// beginsHere is when an event begins, whole days by the clock here.
func beginsHere(e *content.Event, here *time.Location) time.Time {
	return onClock(eventStart(e), e.Days, here)
}

func (u *Upcoming) beginsHere(here *time.Location) time.Time { return onClock(u.Start, u.Days, here) }

func onClock(t time.Time, days bool, here *time.Location) time.Time {
	if !days {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, here)
}

// upcomingOf makes lines of a calendar.
func (h *Home) upcomingOf(ctx context.Context, plans []*plan, states map[key.SpaceID]*space.State) ([]Upcoming, error) {
	me := h.node.Person()
	audiences := make(map[key.SpaceID]Audience)
	list := make([]Upcoming, 0, len(plans))
	for _, p := range plans {
		id := p.root.Space
		if _, ok := audiences[id]; !ok {
			owner := states[id].Create.Owner
			people, err := h.people(ctx, []key.PersonID{owner})
			if err != nil {
				return nil, err
			}
			if audiences[id], err = h.audienceOf(ctx, states[id], people[owner].Name); err != nil {
				return nil, err
			}
		}
		e := &p.now
		u := Upcoming{
			ID: p.root.ID.String(), Title: e.Title, Start: eventStart(e), End: eventEnd(e), Days: e.Days, Place: e.Place, Canceled: e.Canceled,
			AskedMe: e.Asks(me), Audience: audiences[id],
		}
		if mine := p.of(me); mine != nil {
			u.Mine = answerNames[mine.Content.(content.Answer).Answer]
			u.Changed = u.Mine != "" && len(p.changes) > 0 && p.changes[0].Author != me && p.changes[0].At.After(mine.At)
		}
		list = append(list, u)
	}
	return list, nil
}

// birthdays lists those of friends, and the owner's, between two moments.
func (h *Home) birthdays(ctx context.Context, from, to time.Time) ([]Upcoming, error) {
	friends, err := h.Friends(ctx)
	if err != nil {
		return nil, err
	}
	profile, err := h.Profile(ctx)
	if err != nil {
		return nil, err
	}
	here := h.now().Location()
	var list []Upcoming
	for _, person := range append(friends, profile.Person) {
		born, ok := calendar.ParseBirthday(person.Birthday)
		if !ok || born.IsZero() {
			continue
		}
		for year := from.Year(); year <= to.Year(); year++ {
			day := born.In(year)
			if begins := onClock(day, true, here); !begins.Before(to) || !begins.AddDate(0, 0, 1).After(from) {
				continue
			}
			if year < born.Year {
				continue
			}
			u := Upcoming{Title: person.Name, Start: day, Days: true, Person: &person}
			if born.Year != 0 {
				u.Age = year - born.Year
			}
			list = append(list, u)
		}
	}
	return list, nil
}
