package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func planned(t *testing.T) *site {
	h := family(atNoon)
	h.season()
	return open(t, h, atNoon)
}

func TestTheCalendarPages(t *testing.T) {
	s := planned(t)
	list := s.page("/calendar").one("#calendar-board").text()
	for _, want := range []string{"Apple harvest", "Dinner on the roof", "Regatta", "Cancelled", "Ben’s birthday", "You are going"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q: %s", want, list)
		}
	}
	month := s.page("/calendar?month=2026-03").one(".month")
	if days := len(month.all("td")); days != 42 {
		t.Errorf("March 2026 has %d days on the page", days)
	}
	if today := month.one(".today").text(); !strings.HasPrefix(today, "14") {
		t.Errorf("today is %q", today)
	}
	for _, path := range []string{"/calendar?month=", "/calendar?month=nonsense", "/calendar?month=2026-13", "/calendar?past", "/calendar?month=9999-12", "/calendar/new?day=x"} {
		if r := s.get(path); r.status != http.StatusOK {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
	if side := s.page("/").one("#coming").text(); !strings.Contains(side, "Apple harvest") {
		t.Errorf("beside the feed: %s", side)
	}
}

func TestAnEventByForms(t *testing.T) {
	s := planned(t)
	r := s.post("/calendar/new", url.Values{"title": {""}, "start-date": {"2026-05-01"}, "start-time": {"18:00"}, "zone": {"Europe/Berlin"}, "place": {"Here & there"}})
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, `value="Here &amp; there"`) {
		t.Errorf("without a title: status %d", r.status)
	}
	r = s.post("/calendar/new", url.Values{"title": {"Flea market"}, "start-date": {"2026-05-01"}, "days": {"yes"}, "to": {""}})
	if r.status != http.StatusSeeOther {
		t.Fatalf("status %d", r.status)
	}
	path := strings.TrimSuffix(r.header.Get("Location"), "?said=event-made")
	page := s.page(path)
	if when := page.one(".event").text(); !strings.Contains(when, "Friday, 1 May 2026, all day") {
		t.Errorf("it says %q", when)
	}
	if r := s.post("/post/harvest/answer", url.Values{"answer": {"going"}}); r.status != http.StatusSeeOther {
		t.Fatalf("answering: status %d", r.status)
	}
	if r := s.post("/post/harvest/answer", url.Values{"guests": {"2"}, "note": {"with ladders"}}); r.status != http.StatusSeeOther {
		t.Fatalf("bringing guests: status %d", r.status)
	}
	card := s.page("/post/harvest").one(".event").text()
	if !strings.Contains(card, "7 people come") || !strings.Contains(card, "with ladders") {
		t.Errorf("it says %q", card)
	}
	if r := s.post("/post/harvest/answer", url.Values{"guests": {"many"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("many guests: status %d", r.status)
	}
	// Who may not change an event is not asked to.
	if r := s.get("/post/harvest/change"); r.status != http.StatusForbidden {
		t.Errorf("changing somebody else's: status %d", r.status)
	}
	if r := s.post("/post/dinner/cancel", nil); r.status != http.StatusSeeOther {
		t.Errorf("cancelling: status %d", r.status)
	}
	if card := s.page("/post/dinner").one(".event").text(); !strings.Contains(card, "Cancelled") {
		t.Errorf("it says %q", card)
	}
	if r := s.get("/post/tulips/change"); r.status != http.StatusNotFound {
		t.Errorf("changing a post: status %d", r.status)
	}
	r = s.get("/post/harvest/event.ics")
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.Contains(r.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file: status %d, %v", r.status, r.header)
	}
}

func TestTheCalendarForOtherPrograms(t *testing.T) {
	s := planned(t)
	stranger := s.visitor()
	read := func(path string) reply { return s.do(stranger, s.request(http.MethodGet, path, nil)) }
	if r := read("/calendar/.ics"); r.status != http.StatusNotFound {
		t.Errorf("a calendar that nobody opened: status %d", r.status)
	}
	s.post("/settings/calendar", nil)
	if link := s.page("/calendar").one("#calendar-link").value("value"); link != "webcal://"+s.host+"/calendar/secret1.ics" {
		t.Errorf("the link is %q", link)
	}
	r := read("/calendar/secret1.ics")
	checkHeaders(t, r)
	if r.status != http.StatusOK || !strings.HasPrefix(r.body, "BEGIN:VCALENDAR") || r.header.Get("Set-Cookie") != "" {
		t.Errorf("status %d, %.40q", r.status, r.body)
	}
	for _, path := range []string{"/calendar/secret1", "/calendar/secret2.ics", "/calendar/SECRET1.ics", "/calendar/secret1.ics.ics"} {
		if r := read(path); r.status != http.StatusNotFound || strings.Contains(r.body, "VCALENDAR") {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
	s.post("/settings/calendar/close", nil)
	if r := read("/calendar/secret1.ics"); r.status != http.StatusNotFound {
		t.Errorf("after it was taken back: status %d", r.status)
	}
	// Whoever guesses is soon told to wait; the clock of this test stands still.
	for range 30 {
		r = read("/calendar/guess.ics")
	}
	if r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("after many guesses: status %d", r.status)
	}
}

func TestReminders(t *testing.T) {
	s := planned(t)
	if r := s.post("/post/harvest/remind", url.Values{"before": {"10080"}}); r.status != http.StatusSeeOther {
		t.Fatalf("status %d", r.status)
	}
	if words := s.page("/friends").one("#reminders").text(); !strings.Contains(words, "Apple harvest") {
		t.Errorf("the page reminds of %q", words)
	}
	s.post("/reminders/harvest/drop", nil)
	if words := s.page("/friends").one("#reminders").text(); words != "" {
		t.Errorf("the page still reminds of %q", words)
	}
}

func TestBirthdayInTheProfile(t *testing.T) {
	s := planned(t)
	s.post("/me", url.Values{"name": {"Nora"}, "birth-day": {"29"}, "birth-month": {"2"}, "birth-year": {""}})
	if s.home.me.Birthday != "--02-29" && s.home.people["me"].Birthday != "--02-29" {
		t.Errorf("it is %q", s.home.people["me"].Birthday)
	}
	if selected := s.page("/me").all("option[selected]"); len(selected) != 2 {
		t.Errorf("%d fields are filled in", len(selected))
	}
}
