package web

import (
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/calendar"
	"kith/internal/social"
)

// eventForm is where an event is made or changed.
type eventForm struct {
	Shell
	Post      string // the ID of the event that is changed; empty while one is made
	Event     social.EventEdit
	StartDate string
	StartTime string
	EndDate   string
	EndTime   string
	To        string
	Audiences []social.Audience
	Zones     []string
	Asks      []askChoice // who can be asked especially; empty where the audience is not settled
	Cover     string      // the address of the cover that there is
	Back      string
}

// askChoice is somebody who can be asked especially.
type askChoice struct {
	Person social.Person
	Asked  bool
}

func (eventForm) template() string { return "event-form" }

// commonZones are offered while a zone is typed; every other one can be typed as well.
var commonZones = []string{
	"Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Vienna", "Europe/Zurich", "Europe/Amsterdam", "Europe/Warsaw",
	"Europe/Stockholm", "Europe/Athens", "Europe/Istanbul", "Europe/Lisbon", "Europe/Kyiv", "America/New_York", "America/Chicago", "America/Denver",
	"America/Los_Angeles", "America/Toronto", "America/Mexico_City", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Africa/Cairo", "Africa/Lagos",
	"Africa/Nairobi", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Bangkok", "Asia/Shanghai", "Asia/Tokyo", "Asia/Seoul",
	"Australia/Sydney", "Australia/Perth", "Pacific/Auckland", "UTC",
}

// zoneHere is the zone of the clock here by its name. Where the system does not tell, scripts put in what the browser knows.
func zoneHere() string {
	name := time.Local.String()
	if _, known := calendar.Zone(name); known {
		return name
	}
	if link, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(link, "zoneinfo/"); ok {
			if _, known := calendar.Zone(name); known {
				return name
			}
		}
	}
	return "UTC"
}

func (s *Server) eventForm(w http.ResponseWriter, r *http.Request, status int, v eventForm) error {
	title := "Make an event"
	v.Back = "/calendar"
	if v.Post != "" {
		title, v.Back = "Change the event", "/post/"+v.Post
	}
	shell, err := s.shell(r, title, navEvents)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell, v.Zones = shell, commonZones
	if v.Post == "" {
		if v.Audiences, err = s.home.Audiences(r.Context()); err != nil {
			return err
		}
	}
	return s.page(w, status, v)
}

// asks lists who of a group can be asked especially.
func (s *Server) asks(r *http.Request, group string, asked []string) []askChoice {
	if group == "" {
		return nil
	}
	g, err := s.home.Group(r.Context(), group)
	if err != nil {
		return nil // it is no group: nobody is asked especially there
	}
	var list []askChoice
	for _, m := range g.Members {
		if !m.Me {
			list = append(list, askChoice{m.Person, slices.Contains(asked, m.ID)})
		}
	}
	return list
}

func (s *Server) getNewEvent(w http.ResponseWriter, r *http.Request) error {
	day := s.now().AddDate(0, 0, 1)
	if asked, err := time.Parse(time.DateOnly, r.URL.Query().Get("day")); err == nil {
		day = asked
	}
	to := r.URL.Query().Get("to")
	v := eventForm{StartDate: day.Format(time.DateOnly), StartTime: "18:00", To: to, Asks: s.asks(r, to, nil)}
	v.Event.Zone = zoneHere()
	return s.eventForm(w, r, http.StatusOK, v)
}

// readEvent reads an event out of a form.
func readEvent(r *http.Request) (eventForm, error) {
	values, cover, err := readPortrait(r)
	v := eventForm{
		To: values.Get("to"), StartDate: values.Get("start-date"), StartTime: values.Get("start-time"), EndDate: values.Get("end-date"), EndTime: values.Get("end-time"),
	}
	e := &v.Event
	e.Title, e.Place, e.Text = strings.TrimSpace(values.Get("title")), strings.TrimSpace(values.Get("place")), unixLines(values.Get("text"))
	e.Zone, e.Days, e.Asked = strings.TrimSpace(values.Get("zone")), values.Get("days") != "", values["asked"]
	e.RemoveCover = values.Get("remove-picture") != ""
	if cover != nil {
		e.Cover = cover
	}
	e.Start, e.End = v.StartDate, v.EndDate
	if !e.Days {
		e.Start += "T" + v.StartTime
		switch {
		case v.EndTime != "" && v.EndDate != "":
			e.End = v.EndDate + "T" + v.EndTime
		case v.EndTime != "":
			e.End = v.StartDate + "T" + v.EndTime
		default:
			e.End = ""
		}
	}
	return v, err
}

func (s *Server) postNewEvent(w http.ResponseWriter, r *http.Request) error {
	v, err := readEvent(r)
	var post social.Post
	if err == nil {
		post, err = s.home.CreateEvent(r.Context(), v.To, v.Event)
	}
	if err != nil {
		v.Asks = s.asks(r, v.To, v.Event.Asked)
		return s.eventAgain(w, r, v, err)
	}
	http.Redirect(w, r, "/post/"+url.PathEscape(post.ID)+"?said=event-made", http.StatusSeeOther)
	return nil
}

func (s *Server) eventAgain(w http.ResponseWriter, r *http.Request, v eventForm, err error) error {
	if v.Notice = explain(err); v.Notice.Status == http.StatusInternalServerError {
		return err
	}
	return s.eventForm(w, r, v.Notice.Status, v)
}

// event finds the event that a request names.
func (s *Server) event(r *http.Request) (social.Post, error) {
	post, err := s.home.Post(r.Context(), r.PathValue("id"))
	if err == nil && post.Event == nil {
		err = errNoPage
	}
	return post, err
}

func (s *Server) getChangeEvent(w http.ResponseWriter, r *http.Request) error {
	post, err := s.event(r)
	if err != nil {
		return err
	}
	if !post.Event.MayChange {
		return errNotForYou
	}
	e := post.Event
	v := eventForm{Post: post.ID, To: post.Audience.Space, StartDate: e.Start.Format(time.DateOnly)}
	v.Event = social.EventEdit{Title: e.Title, Text: post.Text, Place: e.Place, Zone: e.Zone, Days: e.Days}
	if v.Event.Zone == "" {
		v.Event.Zone = zoneHere()
	}
	if !e.Days {
		v.StartTime = e.Start.Format("15:04")
	}
	if !e.End.IsZero() {
		v.EndDate = e.End.Format(time.DateOnly)
		if !e.Days {
			v.EndTime = e.End.Format("15:04")
		}
	}
	for _, asked := range e.Asked {
		v.Event.Asked = append(v.Event.Asked, asked.ID)
	}
	if len(post.Photos) > 0 {
		v.Cover = post.Photos[0].Thumb
	}
	v.Asks = s.asks(r, post.Audience.Space, v.Event.Asked)
	return s.eventForm(w, r, http.StatusOK, v)
}

func (s *Server) postChangeEvent(w http.ResponseWriter, r *http.Request) error {
	v, err := readEvent(r)
	v.Post = r.PathValue("id")
	if err == nil {
		err = s.home.ChangeEvent(r.Context(), v.Post, v.Event)
	}
	if err != nil {
		return s.eventAgain(w, r, v, err)
	}
	http.Redirect(w, r, ownPath("/post/"+url.PathEscape(v.Post)+"?said=event-changed"), http.StatusSeeOther)
	return nil
}

func (s *Server) getCancelEvent(w http.ResponseWriter, r *http.Request) error {
	post, err := s.event(r)
	if err != nil {
		return err
	}
	if !post.Event.MayChange {
		return errNotForYou
	}
	c := confirmation{
		Question: "Cancel " + post.Event.Title + "?", Detail: "Everybody who can see it sees that it does not take place; those who answered are told. It stays to be read, and you can take this back.",
		Action: "/post/" + post.ID + "/cancel", Button: "Cancel the event", No: "No, it takes place", Back: "/post/" + post.ID,
	}
	if post.Event.Canceled {
		c.Question, c.Detail, c.Button, c.No = "Does "+post.Event.Title+" take place after all?", "Everybody who can see it sees that.", "Yes, it does", "No, it stays cancelled"
	}
	return s.confirm(w, r, c)
}

func (s *Server) postCancelEvent(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	post, err := s.event(r)
	if err != nil {
		return err
	}
	if err := s.home.CancelEvent(r.Context(), post.ID, !post.Event.Canceled); err != nil {
		return err
	}
	return s.done(w, r, "/post/"+post.ID, "event-changed")
}

// postAnswerEvent says whether the owner comes. Guests and note are kept if the form does not bring them.
func (s *Server) postAnswerEvent(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	post, err := s.event(r)
	if err != nil {
		return err
	}
	mine := post.Event.Mine
	guests, note := mine.Guests, mine.Note
	if values.Has("guests") {
		if guests, err = strconv.Atoi(values.Get("guests")); err != nil && values.Get("guests") != "" {
			guests = -1
		}
		note = unixLines(values.Get("note"))
	}
	answer := mine.Answer
	if values.Has("answer") {
		answer = values.Get("answer")
	}
	if err := s.home.AnswerEvent(r.Context(), post.ID, answer, guests, note); err != nil {
		return err
	}
	if wantsPart(r) {
		return s.postPart(w, r, http.StatusOK, post.ID)
	}
	http.Redirect(w, r, ownPath("/post/"+url.PathEscape(post.ID)), http.StatusSeeOther)
	return nil
}

// postRemind sets when the owner is reminded.
func (s *Server) postRemind(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	minutes, err := strconv.Atoi(values.Get("before"))
	if err != nil {
		return errFormBroken
	}
	id := r.PathValue("id")
	if err := s.home.Remind(r.Context(), id, minutes); err != nil {
		return err
	}
	return s.done(w, r, ownPath("/post/"+url.PathEscape(id)), "reminder")
}

// getEventFile hands an event over to another program's calendar.
func (s *Server) getEventFile(w http.ResponseWriter, r *http.Request) error {
	name, ics, err := s.home.EventFile(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return sendCalendar(w, mime.FormatMediaType("attachment", map[string]string{"filename": name}), ics)
}

func sendCalendar(w http.ResponseWriter, disposition string, ics []byte) error {
	h := w.Header()
	h.Set("Content-Security-Policy", picturePolicy)
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", disposition)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(ics)))
	_, _ = w.Write(ics) // whoever asked may have gone; there is nobody left to tell
	return nil
}
