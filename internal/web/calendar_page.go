package web

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"kith/internal/calendar"
	"kith/internal/social"
)

const (
	// agendaDays is how far ahead the list of what is coming looks, and pastDays how far back that of what was.
	agendaDays = 366
	pastDays   = 2 * 366
	// railDays is how far ahead the rail looks, and railLines how many lines it has.
	railDays  = 30
	railLines = 5
)

// calendarPage is the events, as a list or as a month.
type calendarPage struct {
	Shell
	Board calendarBoard
	Feed  social.CalendarFeed
	Link  string // of the calendar for other programs
	Way   string // "", "month" or "past"
}

func (calendarPage) template() string { return "calendar" }

// calendarBoard is the part of it that changes.
type calendarBoard struct {
	Lines  []upcomingLine
	Month  *monthView
	Past   bool
	Group  string // the ID of the group whose events these are; empty: everybody's
	Source string
}

func (calendarBoard) template() string { return "calendar-board" }

// monthView is a month as a table.
type monthView struct {
	Name           string
	Weeks          [][7]dayView
	Before, Behind string // the months beside it, as the query names them
}

// weekday is the head of a column.
type weekday struct{ Short, Long string }

// Days are the days of a week.
func (*monthView) Days() (days []weekday) {
	for i := range 7 {
		long := time.Weekday((i + 1) % 7).String()
		days = append(days, weekday{long[:2], long})
	}
	return days
}

// dayView is a day of a month.
type dayView struct {
	Number int
	Date   string // "2026-03-14"
	Words  string // "Saturday, 14 March"
	Within bool   // of the month
	Today  bool
	Lines  []upcomingLine
}

func (s *Server) calendarBoard(r *http.Request, group string) (calendarBoard, error) {
	now := s.now()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	query := r.URL.Query()
	v := calendarBoard{Group: group, Past: query.Has("past"), Source: "/fragment/calendar?"}
	if group != "" {
		v.Source += "in=" + group + "&"
	}
	if month, err := time.ParseInLocation("2006-01", query.Get("month"), now.Location()); err == nil || query.Has("month") {
		if err != nil {
			month = today
		}
		v.Source += "month=" + month.Format("2006-01")
		v.Month, err = s.month(r, group, month.Year(), month.Month(), today)
		return v, err
	}
	from, to := today, today.AddDate(0, 0, agendaDays)
	if v.Past {
		from, to = today.AddDate(0, 0, -pastDays), now
		v.Source += "past"
	}
	list, err := s.home.Calendar(r.Context(), group, from, to)
	if err != nil {
		return v, err
	}
	for _, u := range list {
		over := u.End
		if over.IsZero() {
			over = u.Start
		}
		if v.Past {
			if u.Person == nil && over.Before(now) {
				v.Lines = append([]upcomingLine{newUpcomingLine(u, now)}, v.Lines...)
			}
			continue
		}
		v.Lines = append(v.Lines, newUpcomingLine(u, now))
	}
	return v, nil
}

func (s *Server) month(r *http.Request, group string, year int, month time.Month, today time.Time) (*monthView, error) {
	weeks := calendar.Month(year, month)
	here := today.Location()
	inHere := func(day time.Time) time.Time { return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, here) }
	from, to := inHere(weeks[0][0]), inHere(weeks[len(weeks)-1][6]).AddDate(0, 0, 1)
	list, err := s.home.Calendar(r.Context(), group, from, to)
	if err != nil {
		return nil, err
	}
	first := time.Date(year, month, 1, 0, 0, 0, 0, here)
	v := &monthView{Name: first.Format("January 2006"), Before: first.AddDate(0, -1, 0).Format("2006-01"), Behind: first.AddDate(0, 1, 0).Format("2006-01")}
	for _, week := range weeks {
		var row [7]dayView
		for i, day := range week {
			begins := inHere(day)
			d := dayView{Number: day.Day(), Date: day.Format(time.DateOnly), Words: day.Format("Monday, 2 January"), Within: day.Month() == month, Today: sameDay(begins, today)}
			for _, u := range list {
				if onDay(&u, begins) {
					d.Lines = append(d.Lines, newUpcomingLine(u, s.now()))
				}
			}
			row[i] = d
		}
		v.Weeks = append(v.Weeks, row)
	}
	return v, nil
}

// onDay tells whether something is, at least in part, on the day that begins here at a moment.
func onDay(u *social.Upcoming, begins time.Time) bool {
	ends := begins.AddDate(0, 0, 1)
	start, end := u.Start, u.End
	if u.Days {
		start = time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, begins.Location())
		if end.IsZero() {
			end = u.Start
		}
		end = time.Date(end.Year(), end.Month(), end.Day()+1, 0, 0, 0, 0, begins.Location())
	} else if end.IsZero() {
		end = start.Add(time.Minute)
	}
	return start.Before(ends) && end.After(begins)
}

func (s *Server) getCalendar(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "Events", navEvents)
	if err != nil {
		return err
	}
	v := calendarPage{Shell: shell}
	switch {
	case r.URL.Query().Has("month"):
		v.Way = "month"
	case r.URL.Query().Has("past"):
		v.Way = "past"
	}
	if v.Board, err = s.calendarBoard(r, ""); err != nil {
		return err
	}
	if v.Feed, err = s.home.CalendarFeed(r.Context()); err != nil {
		return err
	}
	if v.Feed.Secret != "" {
		v.Link = "webcal://" + r.Host + "/calendar/" + v.Feed.Secret + ".ics"
	}
	return s.page(w, http.StatusOK, v)
}

func (s *Server) getCalendarFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.calendarBoard(r, r.URL.Query().Get("in"))
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// coming is what is beside every page: the next events and birthdays.
type coming struct {
	Lines []upcomingLine
}

func (coming) template() string { return "coming" }

func (s *Server) coming(r *http.Request) (coming, error) {
	now := s.now()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	list, err := s.home.Calendar(r.Context(), "", today, today.AddDate(0, 0, railDays))
	if err != nil {
		return coming{}, err
	}
	var v coming
	for _, u := range list {
		if u.Mine == social.AnswerNo || u.Person == nil && !u.Days && u.Start.Before(now.Add(-24*time.Hour)) {
			continue
		}
		if len(v.Lines) < railLines {
			v.Lines = append(v.Lines, newUpcomingLine(u, now))
		}
	}
	return v, nil
}

func (s *Server) getComingFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.coming(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

// reminders are the events of which the owner is to be reminded now.
type reminders struct {
	Lines []upcomingLine
}

func (reminders) template() string { return "reminders" }

func (s *Server) reminders(r *http.Request) (reminders, error) {
	due, err := s.home.Reminders(r.Context())
	if err != nil {
		return reminders{}, err
	}
	var v reminders
	for _, one := range due {
		v.Lines = append(v.Lines, newUpcomingLine(one.Upcoming, s.now()))
	}
	return v, nil
}

func (s *Server) getRemindersFragment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.reminders(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, v)
}

func (s *Server) postDropReminder(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.DropReminder(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/", "put-away")
}

// postOpenFeed lets other programs read the calendar, under a new address.
func (s *Server) postOpenFeed(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if _, err := s.home.OpenCalendarFeed(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/calendar?said=calendar-open#other-programs", http.StatusSeeOther)
	return nil
}

func (s *Server) postCloseFeed(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	if err := s.home.CloseCalendarFeed(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/calendar?said=calendar-closed#other-programs", http.StatusSeeOther)
	return nil
}

const (
	// feedsAMinute bounds how often the calendar is read by programs, and missesAMinute how often with a secret that is
	// none, by all of them together.
	feedsAMinute  = 60
	missesAMinute = 20
)

// turnstile lets a number of things happen in each minute.
type turnstile struct {
	mu     sync.Mutex
	minute time.Time
	reads  int
	misses int
}

// pass tells whether one more read may happen.
func (t *turnstile) pass(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(t.minute) {
		t.minute, t.reads, t.misses = minute, 0, 0
	}
	t.reads++
	return t.reads <= feedsAMinute && t.misses < missesAMinute
}

func (t *turnstile) miss() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.misses++
}

// getCalendarFeed is read by other programs, which have no session: the secret in the address is all that they show.
func (s *Server) getCalendarFeed(w http.ResponseWriter, r *http.Request) error {
	if !s.feedGate.pass(s.now()) {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusTooManyRequests, "One moment, please.")
		return nil
	}
	secret, ok := strings.CutSuffix(r.PathValue("secret"), ".ics")
	var ics []byte
	var err error
	if ok {
		ics, err = s.home.ReadCalendarFeed(r.Context(), secret)
	}
	if !ok || err != nil {
		s.feedGate.miss()
		refuse(w, http.StatusNotFound, "There is no calendar at this address.")
		return nil
	}
	return sendCalendar(w, "inline; filename=kith.ics", ics)
}
