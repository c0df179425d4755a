package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// recordsReminders holds, by the event's ID, when the owner is to be reminded of it; their devices agree on it.
const recordsReminders = "reminders"

// remindRecord is a reminder.
type remindRecord struct {
	Before int       `json:"before"`        // minutes
	Seen   time.Time `json:"seen,omitzero"` // for which beginning it was put away
}

// maxRemind is how long before an event one can be reminded: four weeks, in minutes.
const maxRemind = 28 * 24 * 60

func (h *Home) reminderOf(ctx context.Context, event oplog.EntryID) (int, error) {
	var r remindRecord
	_, err := h.shared(ctx, recordsReminders, event.String(), &r)
	return r.Before, err
}

// Remind has the owner reminded some minutes before an event; 0: not at all.
func (h *Home) Remind(ctx context.Context, id string, before int) error {
	p, _, err := h.eventAt(ctx, id)
	if err != nil {
		return err
	}
	if before < 0 || before > maxRemind {
		return fail(CodeBadInput, "A reminder comes at most four weeks before. Nothing was changed.", nil)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if before == 0 {
			return h.unshare(w, recordsReminders, p.root.ID.String())
		}
		return h.share(w, recordsReminders, p.root.ID.String(), &remindRecord{Before: before})
	})
	if err != nil {
		return explain("remind", err)
	}
	h.tellEvent(p.root.ID)
	return nil
}

// Reminders lists the events of which the owner is to be reminded now, the next first.
func (h *Home) Reminders(ctx context.Context) ([]Reminder, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := recordsByID[remindRecord](ctx, h.db, sqlite.Shared(recordsReminders))
	if err != nil || len(records) == 0 {
		return nil, explain("look for reminders", err)
	}
	plans, states, err := h.allPlans(ctx)
	if err != nil {
		return nil, explain("look for reminders", err)
	}
	now := h.now()
	var due []*plan
	for _, p := range plans {
		r := records[p.root.ID.String()]
		if r == nil || p.now.Canceled {
			continue
		}
		begins := beginsHere(&p.now, now.Location())
		if !r.Seen.Equal(begins) && !now.Before(begins.Add(-time.Duration(r.Before)*time.Minute)) && now.Before(eventOver(&p.now, now.Location())) {
			due = append(due, p)
		}
	}
	lines, err := h.upcomingOf(ctx, due, states)
	if err != nil {
		return nil, explain("look for reminders", err)
	}
	var list []Reminder
	for _, line := range lines {
		list = append(list, Reminder{line, records[line.ID].Before})
	}
	slices.SortFunc(list, func(a, b Reminder) int { return a.Start.Compare(b.Start) })
	return list, nil
}

// DropReminder puts a reminder away, on all of the owner's devices. If the event is put off, it comes again.
func (h *Home) DropReminder(ctx context.Context, id string) error {
	p, _, err := h.eventAt(ctx, id)
	if err != nil {
		return err
	}
	var r remindRecord
	found, err := h.shared(ctx, recordsReminders, p.root.ID.String(), &r)
	if err != nil || !found {
		return explain("put a reminder away", err)
	}
	r.Seen = beginsHere(&p.now, h.now().Location())
	if err := h.shareNow(ctx, recordsReminders, p.root.ID.String(), &r); err != nil {
		return explain("put a reminder away", err)
	}
	h.tellEvent(p.root.ID)
	return nil
}

// eventChanged follows an event that came or went, or what hangs under one.
func (h *Home) eventChanged(id, of oplog.EntryID) {
	h.forgetEvents()
	if of.IsZero() {
		h.feed.tell(Event{Kind: EventPost, ID: id.String()})
		h.feed.tell(Event{Kind: EventCalendar, ID: id.String()})
		return
	}
	h.tellEvent(of)
}

// tellEvent tells the pages that an event, and with it the calendar, is to be drawn again.
func (h *Home) tellEvent(id oplog.EntryID) {
	h.feed.tell(Event{Kind: EventChanged, ID: id.String()})
	h.feed.tell(Event{Kind: EventCalendar, ID: id.String()})
}
