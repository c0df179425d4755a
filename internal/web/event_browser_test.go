package web_test

import (
	"fmt"
	"testing"
	"time"

	"kith/internal/social"
)

// Every page of events is looked at, narrow and wide, light and dark.
func TestPagesOfEventsFit(t *testing.T) {
	h := family(time.Now)
	h.season()
	h.shelve("tulips", 0, "holiday.mov", "video/quicktime", nil, "Ben", "Ayşe")
	s := open(t, h, nil)
	s.post("/settings/calendar", nil)
	s.post("/post/harvest/remind", map[string][]string{"before": {"10080"}})
	s.post("/post/harvest/answer", map[string][]string{"answer": {"going"}})
	p := startBrowser(t).tab()
	p.enter(s)
	for _, page := range []struct{ name, path string }{
		{"calendar", "/calendar"}, {"calendar-month", "/calendar?month"}, {"calendar-past", "/calendar?past"}, {"event", "/post/harvest"}, {"event-own", "/post/dinner"},
		{"event-off", "/post/regatta"}, {"event-new", "/calendar/new"}, {"event-change", "/post/dinner/change"}, {"home-events", "/"}, {"file", "/file/tulips/0/where"}, {"me-birthday", "/me"},
	} {
		for _, width := range []int64{360, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				if testing.Short() && (width == 360) == (scheme == "dark") {
					continue
				}
				t.Run(fmt.Sprintf("%s-%d-%s", page.name, width, scheme), func(t *testing.T) {
					p.t = t
					p.look(width, 900, scheme)
					p.visit(s.url + page.path)
					p.fits(fmt.Sprintf("%s-%d-%s", page.name, width, scheme), width, true)
				})
			}
		}
	}
}

// Who answers on one page is seen on the other, and what changes there is seen here, without a reload.
func TestEventsAreLive(t *testing.T) {
	h := family(time.Now)
	h.season()
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/post/dinner")
	h.mu.Lock()
	h.attends("dinner", "ilse", social.AnswerGoing, 1, "with cake")
	h.tell(social.EventChanged, "dinner", "")
	h.mu.Unlock()
	p.until(`document.querySelector(".event-who").textContent.includes("with cake")`)
	p.click(`.event-answer button[value="maybe"]`)
	p.until(`document.querySelector(".event-answer .chosen").textContent.includes("Maybe")`)
	if err := h.CancelEvent(t.Context(), "dinner", true); err != nil {
		t.Fatal(err)
	}
	p.until(`!!document.querySelector(".event-canceled") && !document.querySelector(".event-answer")`)
	p.clean()
}
