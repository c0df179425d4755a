package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kith/internal/calendar"
)

// birthFields are the three fields in which a birthday is said.
type birthFields struct {
	Day, Month, Year int // 0 where it is not said
}

func birthOf(text string) birthFields {
	b, _ := calendar.ParseBirthday(text)
	return birthFields{b.Day, int(b.Month), b.Year}
}

// namedMonth is a month to choose.
type namedMonth struct {
	Number int
	Name   string
}

// Days are the days to choose from.
func (birthFields) Days() (days []int) {
	for day := range 31 {
		days = append(days, day+1)
	}
	return days
}

// Months are the months to choose from.
func (birthFields) Months() (months []namedMonth) {
	for m := time.January; m <= time.December; m++ {
		months = append(months, namedMonth{int(m), m.String()})
	}
	return months
}

// readBirth puts the three fields together as calendar.Birthday writes them. What makes no sense is handed on as it is, so
// that it is refused in words.
func readBirth(values url.Values) string {
	day, month, year := values.Get("birth-day"), values.Get("birth-month"), strings.TrimSpace(values.Get("birth-year"))
	if day == "" && month == "" && year == "" {
		return ""
	}
	d, errDay := strconv.Atoi(day)
	m, errMonth := strconv.Atoi(month)
	if errDay != nil || errMonth != nil {
		return "?"
	}
	if year == "" {
		return fmt.Sprintf("--%02d-%02d", m, d)
	}
	return fmt.Sprintf("%s-%02d-%02d", year, m, d)
}
