package calendar

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Entry is something in a calendar that other programs read.
type Entry struct {
	UID      string // unlike any other in the world, and the same for ever
	Title    string
	Text     string
	Place    string
	Link     string    // an address where more is to be read; may be empty
	Start    time.Time // of whole days: midnight UTC of the first
	End      time.Time // zero: it is not said; of whole days: midnight UTC after the last
	Days     bool      // whole days, wherever one is
	Yearly   bool      // it comes again every year on that day; only with Days
	Canceled bool
	Changed  time.Time // when it was last changed
	Version  int       // how often it was changed
}

// product names the program that writes calendars, as RFC 5545 asks for.
const product = "-//kith//kith//EN"

// foldAt is how many bytes a line has at most, without its end.
const foldAt = 75

// WriteICS writes a calendar in the format of RFC 5545. Times are written in UTC, which every program shows as the right
// local time wherever it runs, without knowing the zone of the event. name is what programs call the calendar; empty for
// a single event that is handed over.
func WriteICS(name string, entries []Entry) []byte {
	w := new(icsWriter)
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", product)
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	if name != "" {
		w.line("NAME", escape(name))         // RFC 7986
		w.line("X-WR-CALNAME", escape(name)) // what was there before it
		w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
		w.line("X-PUBLISHED-TTL", "PT1H")
	}
	for i := range entries {
		w.entry(&entries[i])
	}
	w.line("END", "VCALENDAR")
	return []byte(w.String())
}

type icsWriter struct{ strings.Builder }

func (w *icsWriter) entry(e *Entry) {
	w.line("BEGIN", "VEVENT")
	w.line("UID", escape(e.UID))
	w.line("DTSTAMP", inUTC(e.Changed))
	w.line("LAST-MODIFIED", inUTC(e.Changed))
	if e.Version > 0 {
		w.line("SEQUENCE", strconv.Itoa(e.Version))
	}
	if e.Days {
		w.line("DTSTART;VALUE=DATE", e.Start.Format("20060102"))
		end := e.End
		if end.IsZero() {
			end = e.Start.AddDate(0, 0, 1)
		}
		w.line("DTEND;VALUE=DATE", end.Format("20060102"))
		w.line("TRANSP", "TRANSPARENT")
	} else {
		w.line("DTSTART", inUTC(e.Start))
		if !e.End.IsZero() {
			w.line("DTEND", inUTC(e.End))
		}
	}
	if e.Yearly {
		w.line("RRULE", yearly(e.Start))
	}
	w.line("SUMMARY", escape(e.Title))
	if e.Text != "" {
		w.line("DESCRIPTION", escape(e.Text))
	}
	if e.Place != "" {
		w.line("LOCATION", escape(e.Place))
	}
	if e.Link != "" {
		w.line("URL", e.Link)
	}
	if e.Canceled {
		w.line("STATUS", "CANCELLED")
	} else {
		w.line("STATUS", "CONFIRMED")
	}
	w.line("END", "VEVENT")
}

// yearly is the rule of what comes every year. By itself, 29 February would come every fourth year; it is kept on the last
// day of the month.
func yearly(day time.Time) string {
	if day.Month() == time.February && day.Day() == 29 {
		return "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
	}
	return "FREQ=YEARLY"
}

func inUTC(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escape writes a text as RFC 5545, section 3.3.11, wants it. Control characters are left out: nothing can be said with
// them, and a line break that is not escaped would begin another property.
func escape(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		switch {
		case r == '\n' || r == '\r':
			b.WriteString(`\n`)
		case r == '\\' || r == ';' || r == ',':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// line writes a property, folded into lines of at most foldAt bytes; no character is cut in two.
func (w *icsWriter) line(name, value string) {
	text := name + ":" + value
	room := foldAt
	for len(text) > room {
		end := room
		for !utf8.RuneStart(text[end]) {
			end--
		}
		w.WriteString(text[:end])
		w.WriteString("\r\n ")
		text, room = text[end:], foldAt-1
	}
	w.WriteString(text)
	w.WriteString("\r\n")
}
