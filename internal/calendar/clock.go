package calendar

import (
	"time"
	_ "time/tzdata" // many computers have no data of time zones, or old ones
)

const minute = 60

// Zone finds a time zone by its name in the IANA database; false for one that this version does not know.
func Zone(name string) (*time.Location, bool) {
	if name == "" || name == "Local" {
		return time.UTC, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, false
	}
	return zone, true
}

// Wall is what a clock on the wall shows at a moment, in the zone that the moment is in: minutes since 1970-01-01 00:00,
// as if every day had 24 hours.
func Wall(t time.Time) int64 {
	_, offset := t.Zone()
	return floor(t.Unix()+int64(offset), minute)
}

// Moment is when a clock on the wall of a zone shows these minutes. Where it shows them twice, it is the first time; where
// it jumps over them, as much later as it jumps (RFC 5545, section 3.3.5).
func Moment(wall int64, zone *time.Location) time.Time {
	const longest = 26 * time.Hour // no zone is further from UTC, and nowhere do clocks change twice in that time
	asUTC := time.Unix(wall*minute, 0).UTC()
	_, before := asUTC.Add(-longest).In(zone).Zone()
	_, after := asUTC.Add(longest).In(zone).Zone()
	first := asUTC.Add(-time.Duration(before) * time.Second).In(zone)
	if Wall(first) == wall {
		return first
	}
	if second := asUTC.Add(-time.Duration(after) * time.Second).In(zone); Wall(second) == wall {
		return second
	}
	return first
}

// Date is the day on which wall minutes are, at midnight UTC.
func Date(wall int64) time.Time {
	return time.Unix(floor(wall, 24*60)*24*60*minute, 0).UTC()
}

// floor divides towards the past, so that the minutes before 1970 are as long as the others.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Month is a month as a page shows it: weeks of seven days from Monday on, each a midnight UTC; the first and the last
// week are filled up with days of the months beside it.
func Month(year int, month time.Month) [][7]time.Time {
	day := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	behind := day.AddDate(0, 1, 0)
	day = day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	var weeks [][7]time.Time
	for day.Before(behind) {
		var week [7]time.Time
		for i := range week {
			week[i] = day
			day = day.AddDate(0, 0, 1)
		}
		weeks = append(weeks, week)
	}
	return weeks
}
