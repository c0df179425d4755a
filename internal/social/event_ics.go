package social

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"kith/internal/calendar"
	"kith/internal/content"
	"kith/internal/sqlite"
)

const (
	// recordCalendar, in recordsHome, is the secret of the calendar that other programs read.
	recordCalendar = "calendar"
	// feedPast and feedAhead bound what that calendar has.
	feedPast  = 366 * 24 * time.Hour
	feedAhead = 10 * 366 * 24 * time.Hour
)

// calendarRecord is the calendar that other programs read.
type calendarRecord struct {
	Secret string    `json:"secret"` // 64 hexadecimal digits
	Since  time.Time `json:"since"`
}

// CalendarFeed is the calendar that other programs can read.
type CalendarFeed struct {
	Secret string    `json:"secret,omitempty"` // a part of its address; empty: there is none
	Since  time.Time `json:"since,omitzero"`
}

// CalendarFeed tells whether other programs can read the calendar, and under which secret.
func (h *Home) CalendarFeed(ctx context.Context) (CalendarFeed, error) {
	var r calendarRecord
	_, err := h.db.Get(ctx, recordsHome, recordCalendar, &r)
	return CalendarFeed(r), explain("look at the calendar", err)
}

// OpenCalendarFeed lets other programs read the calendar under a new secret. One from before is good for nothing any more.
func (h *Home) OpenCalendarFeed(ctx context.Context) (CalendarFeed, error) {
	if _, err := h.me(); err != nil {
		return CalendarFeed{}, err
	}
	var secret [32]byte
	rand.Read(secret[:])
	r := calendarRecord{Secret: hex.EncodeToString(secret[:]), Since: h.now()}
	if err := h.db.Put(ctx, recordsHome, recordCalendar, &r); err != nil {
		return CalendarFeed{}, explain("open the calendar", err)
	}
	return CalendarFeed(r), nil
}

// CloseCalendarFeed takes the secret back: nobody reads the calendar with it any more.
func (h *Home) CloseCalendarFeed(ctx context.Context) error {
	if _, err := h.me(); err != nil {
		return err
	}
	return explain("close the calendar", h.db.Delete(ctx, recordsHome, recordCalendar))
}

var errNoCalendar = fail(CodeNotFound, "There is no calendar at this address.", nil)

// ReadCalendarFeed is the calendar as other programs read it, in the format of RFC 5545. The secret is compared in a time
// that does not depend on it.
func (h *Home) ReadCalendarFeed(ctx context.Context, secret string) ([]byte, error) {
	var r calendarRecord
	if found, err := h.db.Get(ctx, recordsHome, recordCalendar, &r); err != nil || !found || r.Secret == "" {
		return nil, errNoCalendar
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(r.Secret)) != 1 {
		return nil, errNoCalendar
	}
	plans, _, err := h.allPlans(ctx)
	if err != nil {
		return nil, explain("read the calendar", err)
	}
	now := h.now()
	var entries []calendar.Entry
	for _, p := range plans {
		mine := p.of(h.node.Person())
		said := content.Answer{}
		if mine != nil {
			said = mine.Content.(content.Answer)
		}
		over := eventOver(&p.now, now.Location())
		if said.Answer == content.AnswerNo || over.Before(now.Add(-feedPast)) || over.After(now.Add(feedAhead)) {
			continue
		}
		entries = append(entries, h.entry(p))
	}
	birthdays, err := h.birthdayEntries(ctx)
	if err != nil {
		return nil, explain("read the calendar", err)
	}
	return calendar.WriteICS("kith", append(entries, birthdays...)), nil
}

// EventFile is one event in the format of RFC 5545, and a name for the file.
func (h *Home) EventFile(ctx context.Context, id string) (name string, ics []byte, err error) {
	p, _, err := h.eventAt(ctx, id)
	if err != nil {
		return "", nil, err
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, plainName(p.now.Title))
	return name + ".ics", calendar.WriteICS("", []calendar.Entry{h.entry(p)}), nil
}

// entry is an event as other programs read it.
func (h *Home) entry(p *plan) calendar.Entry {
	e := &p.now
	entry := calendar.Entry{
		UID: p.root.ID.String() + "@kith", Title: e.Title, Text: e.Text, Place: e.Place, Start: eventStart(e), End: eventEnd(e), Days: e.Days,
		Canceled: e.Canceled, Changed: p.root.At, Version: len(p.changes),
	}
	if len(p.changes) > 0 {
		entry.Changed = p.changes[0].At
	}
	if e.Days && !entry.End.IsZero() {
		entry.End = entry.End.AddDate(0, 0, 1)
	}
	if h.cfg.Page != "" {
		entry.Link = strings.TrimSuffix(h.cfg.Page, "/") + "/post/" + p.root.ID.String()
	}
	return entry
}

// birthdayEntries are the birthdays of friends as other programs read them.
func (h *Home) birthdayEntries(ctx context.Context) ([]calendar.Entry, error) {
	friends, err := h.Friends(ctx)
	if err != nil {
		return nil, err
	}
	var entries []calendar.Entry
	for _, friend := range friends {
		born, ok := calendar.ParseBirthday(friend.Birthday)
		if !ok || born.IsZero() {
			continue
		}
		year := born.Year
		if year == 0 {
			year = leapYear // in which there is every day
		}
		entries = append(entries, calendar.Entry{
			UID: "birthday-" + friend.ID + "@kith", Title: friend.Name + "’s birthday", Start: born.In(year), Days: true, Yearly: true, Changed: h.cfg.Since,
		})
	}
	return entries, nil
}

// leapYear stands in for a year that is not said.
const leapYear = 2000

// eventCache is what eventItems keeps.
type eventCache struct {
	mu    sync.Mutex
	known bool
	items []sqlite.Item
}
