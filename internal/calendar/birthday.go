package calendar

import (
	"fmt"
	"time"
)

// Birthday is the day on which somebody was born. Year is 0 where they do not say it.
type Birthday struct {
	Year  int
	Month time.Month
	Day   int
}

// firstYear of a birthday. Nobody alive was born before it.
const firstYear = 1880

// Valid tells whether there is such a day: with a year, in the calendar of that year; without, in that of a leap year.
func (b Birthday) Valid() bool {
	year := b.Year
	if year == 0 {
		year = 2000
	} else if year < firstYear || year > 9999 {
		return false
	}
	t := time.Date(year, b.Month, b.Day, 0, 0, 0, 0, time.UTC)
	return b.Month >= 1 && b.Month <= 12 && t.Month() == b.Month && t.Day() == b.Day
}

// IsZero tells that no day is said.
func (b Birthday) IsZero() bool { return b == Birthday{} }

// In is the day on which it is kept in a year, at midnight UTC: of 29 February the 28th where there is no 29th.
func (b Birthday) In(year int) time.Time {
	t := time.Date(year, b.Month, b.Day, 0, 0, 0, 0, time.UTC)
	if t.Month() != b.Month {
		t = t.AddDate(0, 0, -1)
	}
	return t
}

// Next is the next time that it is kept, on a day or after it, and the age then; 0 where the year is not said.
func (b Birthday) Next(day time.Time) (time.Time, int) {
	next := b.In(day.Year())
	if next.Before(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)) {
		next = b.In(day.Year() + 1)
	}
	age := 0
	if b.Year != 0 {
		age = max(0, next.Year()-b.Year)
	}
	return next, age
}

// String is "--MM-DD" or "YYYY-MM-DD", as RFC 6350 writes it; empty for the zero Birthday.
func (b Birthday) String() string {
	switch {
	case b.IsZero():
		return ""
	case b.Year == 0:
		return fmt.Sprintf("--%02d-%02d", b.Month, b.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", b.Year, b.Month, b.Day)
}

// ParseBirthday reads what String wrote; false for anything else. The empty text is the zero Birthday.
func ParseBirthday(text string) (Birthday, bool) {
	if text == "" {
		return Birthday{}, true
	}
	var b Birthday
	if t, err := time.Parse("--01-02", text); err == nil {
		b = Birthday{Month: t.Month(), Day: t.Day()}
	} else if text == "--02-29" {
		b = Birthday{Month: time.February, Day: 29}
	} else if t, err := time.Parse("2006-01-02", text); err == nil {
		b = Birthday{Year: t.Year(), Month: t.Month(), Day: t.Day()}
	}
	return b, !b.IsZero() && b.Valid() && b.String() == text
}
