// Package calendar knows what wall clocks and calendars say: moments of events in their time zones, months as weeks of
// days, birthdays, and the iCalendar format (RFC 5545) in which other programs take them over.
//
// It is pure: it asks for the time of nobody, and the data of time zones is part of the program.
package calendar
