package web

import (
	"context"
	"time"

	"kith/internal/social"
)

// Planner is the events, and the calendar.
type Planner interface {
	CreateEvent(ctx context.Context, to string, event social.EventEdit) (social.Post, error)
	ChangeEvent(ctx context.Context, id string, event social.EventEdit) error
	CancelEvent(ctx context.Context, id string, on bool) error
	AnswerEvent(ctx context.Context, id, answer string, guests int, note string) error
	Calendar(ctx context.Context, in string, from, to time.Time) ([]social.Upcoming, error)
	EventFile(ctx context.Context, id string) (name string, ics []byte, err error)
	CalendarFeeder
	Reminding
}

// CalendarFeeder is the calendar that other programs read.
type CalendarFeeder interface {
	CalendarFeed(ctx context.Context) (social.CalendarFeed, error)
	OpenCalendarFeed(ctx context.Context) (social.CalendarFeed, error)
	CloseCalendarFeed(ctx context.Context) error
	ReadCalendarFeed(ctx context.Context, secret string) ([]byte, error)
}

// Reminding is the reminders of events.
type Reminding interface {
	Remind(ctx context.Context, id string, minutes int) error
	Reminders(ctx context.Context) ([]social.Reminder, error)
	DropReminder(ctx context.Context, id string) error
}
