package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

func TestLinkingWithoutScripts(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	r := s.post("/link", nil)
	where := r.header.Get("Location")
	if !strings.HasPrefix(where, "/link/link") {
		t.Fatalf("a code: status %d to %q", r.status, where)
	}
	r = s.get(where)
	page := parse(t, r.body)
	if !strings.Contains(page.one("#device-code").text(), "kith-device1-") || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page shows %q, %q", page.one("#device-code").text(), r.header.Get("Cache-Control"))
	}
	if qr := s.get(where + "/qr.png"); qr.status != http.StatusOK || qr.header.Get("Content-Type") != "image/png" || qr.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the picture: status %d, %q", qr.status, qr.header)
	}
	s.home.comes(strings.TrimPrefix(where, "/link/"), "Tablet", "042917")
	if got := parse(t, s.get(where).body).one(".number").text(); got != "042 917" {
		t.Errorf("the number is %q", got)
	}
	if qr := s.get(where + "/qr.png"); qr.status != http.StatusGone {
		t.Errorf("the picture of a used code: status %d", qr.status)
	}
	if r := s.post(where+"/answer", url.Values{"same": {"perhaps"}}); r.status != http.StatusUnprocessableEntity && r.status != http.StatusBadRequest {
		t.Errorf("neither yes nor no: status %d", r.status)
	}
	if r := s.post(where+"/answer", url.Values{"same": {"yes"}}); r.header.Get("Location") != "/devices?said=linked" {
		t.Errorf("yes: status %d", r.status)
	}
	if got := parse(t, s.get("/devices").body).one("#device-board").text(); !strings.Contains(got, "Tablet") {
		t.Errorf("the list: %q", got)
	}
}

func TestDevicesWithoutScripts(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	if r := s.post("/devices/laptop/rename", url.Values{"name": {"<b>Travel</b>"}}); r.header.Get("Location") != "/devices?said=renamed" {
		t.Fatalf("renaming: status %d", r.status)
	}
	page := parse(t, s.get("/devices").body)
	if got := page.one("#device-laptop bdi").text(); got != "<b>Travel</b>" {
		t.Errorf("it is called %q", got)
	}
	if len(page.all("a[href=/devices/desk/remove]")) != 0 {
		t.Error("this computer can be removed from itself")
	}
	if r := s.post("/devices/laptop/rename", url.Values{"name": {"  "}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("no name: status %d", r.status)
	}
	// A younger one goes by itself, an older one with the words.
	if page := parse(t, s.get("/devices/laptop/remove").body); len(page.all("#words")) != 0 {
		t.Error("words are asked for where none are needed")
	}
	if r := s.post("/devices/laptop/remove", nil); r.header.Get("Location") != "/devices?said=device-removed" {
		t.Errorf("removing: status %d", r.status)
	}
	r := s.post("/devices/old/remove", url.Values{"words": {"wrong words"}})
	if page := parse(t, r.body); r.status != http.StatusUnprocessableEntity || strings.Contains(page.one("#words").text(), "wrong") {
		t.Errorf("wrong words: status %d", r.status)
	}
	if r := s.post("/devices/old/remove", url.Values{"words": {"right words"}}); r.header.Get("Location") != "/devices?said=device-removed" {
		t.Errorf("the right words: status %d", r.status)
	}
	for _, gone := range []string{"laptop", "desk", "nonsense"} {
		if r := s.get("/devices/" + gone + "/remove"); r.status != http.StatusNotFound {
			t.Errorf("%s can be removed: status %d", gone, r.status)
		}
	}
	// A notice stays until it is put away.
	if len(parse(t, s.get("/friends").body).all("#notice-n1")) != 1 {
		t.Error("the notice is not shown")
	}
	s.post("/notices/n1/drop", nil)
	if len(parse(t, s.get("/friends").body).all("#notice-n1")) != 0 {
		t.Error("the notice was not put away")
	}
	// A friend who comes back, and coming back oneself.
	if r := s.post("/people/ben/help", nil); !strings.Contains(parse(t, r.body).one("#help-code").text(), "kith-help1-") || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("help: status %d", r.status)
	}
	if r := s.post("/devices/find", url.Values{"help": {" kith-help1-x "}}); r.header.Get("Location") != "/devices?said=friend-found" || s.home.own.helped[0] != "kith-help1-x" {
		t.Errorf("finding a friend: status %d, %q", r.status, s.home.own.helped)
	}
}

// TestThisComputerLeaves goes through the question and its answer, and looks at what the pages say afterwards.
func TestThisComputerLeaves(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	if links := parse(t, s.get("/devices").body).all("a[href=/devices/leave]"); len(links) != 1 {
		t.Fatalf("the list leads %d times to the question", len(links))
	}
	if page := parse(t, s.get("/devices/leave").body); !strings.Contains(page.one("form.card").text(), "Nobody can write as you here any more") {
		t.Errorf("the question is %q", page.one("form.card").text())
	}
	s.home.fail["LeaveDevices"] = &social.Error{Code: social.CodeNotAllowed, Message: "Your recovery words are on this computer alone."}
	if r := s.post("/devices/leave", nil); r.status != http.StatusForbidden || !strings.Contains(parse(t, r.body).one(".trouble").text(), "recovery words") {
		t.Errorf("not before the words are safe: status %d", r.status)
	}
	delete(s.home.fail, "LeaveDevices")
	if r := s.post("/devices/leave", nil); r.header.Get("Location") != "/devices?said=device-left" {
		t.Fatalf("leaving: status %d to %q", r.status, r.header.Get("Location"))
	}
	page := parse(t, s.get("/devices").body)
	if got := page.one("#device-board").text(); !strings.Contains(got, "This computer has left") || len(page.all("a[href=/devices/leave]")) != 0 || len(page.all("form[action=/link]")) != 0 {
		t.Errorf("afterwards: %q", got)
	}
	if r := s.get("/devices/leave"); r.status != http.StatusNotFound {
		t.Errorf("it can leave twice: status %d", r.status)
	}
	alone := open(t, family(atNoon), atNoon)
	alone.home.own.list = alone.home.own.list[:1]
	if len(parse(t, alone.get("/devices").body).all("a[href=/devices/leave]")) != 0 {
		t.Error("the only computer is offered to leave")
	}
}

func TestTheFirstPageLinksOrBringsBack(t *testing.T) {
	s := open(t, newHome(time.Now), nil)
	links := parse(t, s.get("/welcome").body).all(".other-ways a")
	if len(links) != 2 {
		t.Fatalf("the first page has %d other ways", len(links))
	}
	r := s.postParts("/welcome/link", part{"code", "", "an <invite>"}, part{"name", "", "Laptop"}, part{"reach", "", "home"})
	page := parse(t, r.body)
	if r.status != http.StatusUnprocessableEntity || page.one("#code").text() != "an <invite>" || page.one(".trouble").text() == "" {
		t.Errorf("a wrong code: status %d", r.status)
	}
	r = s.postParts("/welcome/link", part{"code", "", "kith-device1-abc"}, part{"name", "", "Laptop"}, part{"reach", "", "home"})
	if r.header.Get("Location") != "/welcome/link" {
		t.Fatalf("a code: status %d", r.status)
	}
	s.home.comesTo(social.Linking{State: social.LinkingWaiting, Number: "123456"})
	page = parse(t, s.get("/welcome/link").body)
	if page.one(".number").text() != "123 456" || len(page.all("#code")) != 0 {
		t.Error("the number is not shown, or the form still is")
	}
	if r := s.post("/welcome/link/stop", nil); r.header.Get("Location") != "/welcome/link" || len(parse(t, s.get("/welcome/link").body).all("#code")) != 1 {
		t.Errorf("stopping: status %d", r.status)
	}
	r = s.post("/welcome/return", url.Values{"words": {"my secret words"}, "help": {"kith-help1-x"}, "reach": {"home"}})
	page = parse(t, r.body)
	if r.status != http.StatusUnprocessableEntity || strings.Contains(r.body, "my secret words") || page.one("#help").text() != "kith-help1-x" {
		t.Errorf("wrong words: status %d", r.status)
	}
	if r := s.post("/welcome/return", url.Values{"words": {"right words"}, "help": {"kith-help1-x"}, "reach": {"home"}}); r.header.Get("Location") != "/?said=returned" {
		t.Errorf("coming back: status %d", r.status)
	}
	for _, path := range []string{"/welcome/link", "/welcome/return"} {
		if r := s.get(path); r.header.Get("Location") != "/" {
			t.Errorf("%s after the beginning: status %d", path, r.status)
		}
		if r := s.post(path, url.Values{"words": {"right words"}}); r.header.Get("Location") != "/" {
			t.Errorf("%s is taken after the beginning: status %d", path, r.status)
		}
	}
}
