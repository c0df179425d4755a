package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestWhoSeesWhat(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	page := s.page("/privacy")
	circles := page.all(".circle")
	if len(circles) != 2+len(s.home.circles.lists)+len(s.home.circles.groups) {
		t.Errorf("%d circles", len(circles))
	}
	first := circles[0].text()
	for _, words := range []string{"What you post to your friends", "Grandma Ilse", "Your friends"} {
		if !strings.Contains(first, words) {
			t.Errorf("of friends it says %q, without %q", first, words)
		}
	}
	if last := circles[len(circles)-1].text(); !strings.Contains(last, "Nobody but you") {
		t.Errorf("of oneself it says %q", last)
	}
	for _, link := range page.all(".circle-head a") {
		if r := s.get(link.value("href")); r.status != http.StatusOK {
			t.Errorf("%s: status %d", link.value("href"), r.status)
		}
	}
	if !strings.Contains(s.page("/settings").text(), "Who sees what") {
		t.Error("the settings do not lead there")
	}
}

func TestSafetyNumberPage(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	if got := s.page("/people/ben").one("a[href=/people/ben/safety]").text(); got != "Safety number" {
		t.Errorf("the person's page says %q", got)
	}
	page := s.page("/people/ben/safety")
	if got := len(page.all(".safety li")); got != 12 || page.one(".safety").text() == "" {
		t.Errorf("%d groups of digits", got)
	}
	if r := s.get(page.one(".safety-qr").value("src")); r.status != http.StatusOK || r.header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture: status %d", r.status)
	}
	if r := s.post("/people/ben/verify", url.Values{"on": {"yes"}}); r.header.Get("Location") != "/people/ben?said=verified" {
		t.Errorf("after verifying: %q", r.header.Get("Location"))
	}
	if got := s.page("/people/ben").one(".verified").text(); got != "Verified in person" {
		t.Errorf("the mark says %q", got)
	}
	s.post("/people/ben/verify", url.Values{"on": {"no"}})
	if len(s.page("/people/ben").all(".verified")) != 0 {
		t.Error("the mark is still there")
	}
	if got := s.page("/people/jonas/safety").one(".trouble-title").text(); got != "You verified another Ben" {
		t.Errorf("of a twin it says %q", got)
	}
	if r := s.get("/people/nobody/safety"); r.status != http.StatusNotFound {
		t.Errorf("nobody: status %d", r.status)
	}
}
