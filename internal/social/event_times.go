package social

import (
	"time"

	"kith/internal/calendar"
	"kith/internal/content"
)

// unsaidEnd is how long an event is taken to last whose end is not said.
const unsaidEnd = 3 * time.Hour

// eventStart is when an event begins, in its zone; of whole days midnight UTC.
func eventStart(e *content.Event) time.Time {
	if e.Days {
		return calendar.Date(e.Start)
	}
	zone, _ := calendar.Zone(e.Zone)
	return calendar.Moment(e.Start, zone)
}

// eventEnd is when it ends, as it is shown: of whole days midnight UTC of the last day; zero where it is not said.
func eventEnd(e *content.Event) time.Time {
	switch {
	case e.End == 0:
		return time.Time{}
	case e.Days:
		return calendar.Date(e.End).AddDate(0, 0, -1)
	}
	zone, _ := calendar.Zone(e.Zone)
	return calendar.Moment(e.End, zone)
}

// eventOver is from when on an event is over. Whole days are those of the clock here.
func eventOver(e *content.Event, here *time.Location) time.Time {
	start, end := eventStart(e), eventEnd(e)
	if e.Days {
		if end.IsZero() {
			end = start
		}
		return time.Date(end.Year(), end.Month(), end.Day()+1, 0, 0, 0, 0, here)
	}
	if end.IsZero() {
		return start.Add(unsaidEnd)
	}
	return end
}

var (
	errEventTime  = fail(CodeBadInput, "This day and time can't be read. Write it as in 2026-05-01 and 18:30. Nothing was changed.", nil)
	errEventOrder = fail(CodeBadInput, "It would end before it begins. Change one of the two times; nothing else is lost.", nil)
	errEventZone  = fail(CodeBadInput, "This time zone is not known here. Zones are called as in Europe/Berlin. Nothing was changed.", nil)
)

// readTimes reads the times of an edit into an event.
func readTimes(e *content.Event, edit *EventEdit) error {
	layout := "2006-01-02T15:04"
	e.Zone, e.Days = edit.Zone, edit.Days
	if edit.Days {
		layout, e.Zone = time.DateOnly, ""
	} else if _, known := calendar.Zone(edit.Zone); !known {
		return errEventZone
	}
	start, err := time.Parse(layout, edit.Start)
	if err != nil {
		return errEventTime
	}
	e.Start, e.End = calendar.Wall(start), 0
	if edit.End == "" {
		return nil
	}
	end, err := time.Parse(layout, edit.End)
	if err != nil {
		return errEventTime
	}
	if edit.Days {
		end = end.AddDate(0, 0, 1)
	}
	if e.End = calendar.Wall(end); e.End <= e.Start {
		return errEventOrder
	}
	return nil
}
