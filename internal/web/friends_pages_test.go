package web_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kith/internal/social"
	"kith/internal/web/qr"
)

func TestInviteAndItsCode(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	r := s.post("/invite", url.Values{"label": {" Rosa "}, "days": {"30"}, "let-in": {"yes"}})
	made := r.header.Get("Location")
	invite := s.home.invites[0]
	if !strings.HasPrefix(made, "/invite/") || invite.Label != "Rosa" || !invite.LetIn || !invite.Expires.Equal(noon.AddDate(0, 0, 30)) {
		t.Fatalf("to %q: %+v", made, invite)
	}
	page := s.page(made)
	if got := page.one("#message").text(); !strings.Contains(got, invite.Code) {
		t.Errorf("the message is %q", got)
	}
	picture := s.get(page.one(".qr img").value("src"))
	if code, err := qr.Decode([]byte(picture.body)); err != nil || code != invite.Code {
		t.Errorf("the picture says %q, %v", code, err)
	}
	if picture.header.Get("Cache-Control") != "no-store" {
		t.Error("the picture of the code may be kept")
	}
	// The other side reads it out of a picture, and sees who invites.
	s.home.greetings[invite.Code] = social.Greeting{Code: invite.Code, Inviter: social.Person{ID: "z", Name: "Zoë", Online: true}, Expires: noon.AddDate(0, 0, 3)}
	r = s.postParts("/join", part{"code", "", ""}, part{"picture", "photo.png", picture.body})
	greeting := parse(t, r.body)
	if got := greeting.one("h1").text(); r.status != http.StatusOK || got != "Zoë invites you" {
		t.Fatalf("status %d, %q", r.status, got)
	}
	if got := greeting.one("form[action=/join/accept] input").value("value"); got != invite.Code {
		t.Errorf("the form holds %q", got)
	}
	if !strings.Contains(greeting.one(".promises").text(), "Their friends see you on their wall") {
		t.Error("it is not said who sees whom")
	}
	if r := s.post("/join/accept", url.Values{"code": {invite.Code}}); r.header.Get("Location") != "/friends?said=accepted" {
		t.Errorf("accepting: status %d", r.status)
	}
	if got := s.page("/friends").one("[data-key=joining]").text(); !strings.Contains(got, "You said yes to Zoë") || !strings.Contains(got, "As soon as they say yes") {
		t.Errorf("the friends page says %q", got)
	}
	// Taking it back ends it.
	if r := s.get(made + "/revoke"); r.status != http.StatusOK || invite.State != social.InviteOpen {
		t.Errorf("the question: status %d", r.status)
	}
	s.post(made+"/revoke", nil)
	if got := s.page(made).one(".made").text(); !strings.Contains(got, "You took this invite back") {
		t.Errorf("afterwards: %q", got)
	}
	if r := s.get(made + "/qr.png"); r.status != http.StatusGone {
		t.Errorf("its picture, afterwards: status %d", r.status)
	}
}

func TestJoinTroubles(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	var plain bytes.Buffer
	if err := png.Encode(&plain, image.NewGray(image.Rect(0, 0, 300, 300))); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		parts  []part
		status int
		says   string
	}{
		"nothing":         {[]part{{"code", "", "  "}}, 422, "Paste the message"},
		"no picture":      {[]part{{"picture", "a.txt", "hello"}}, 422, "isn’t a picture"},
		"no code in it":   {[]part{{"picture", "a.png", plain.String()}}, 422, "no QR code"},
		"garbled":         {[]part{{"code", "", "KITH1-garbled"}}, 422, "no whole invite"},
		"far too long":    {[]part{{"code", "", strings.Repeat("x", 20_000)}}, 413, "longer than any invite"},
		"a large picture": {[]part{{"picture", "a.png", strings.Repeat("x", qr.MaxBytes+1)}}, 413, "too large"},
	} {
		r := s.postParts("/join", c.parts...)
		if r.status != c.status || !strings.Contains(parse(t, r.body).one(".trouble").text(), c.says) {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	// A home that is off is no obstacle: one can say yes all the same.
	s.home.fail["Inspect"] = problem(social.CodeUnreachable, "Their home is not on right now.")
	r := s.postParts("/join", part{"code", "", "KITH1-X"})
	if got := parse(t, r.body).one("form[action=/join/accept] input").value("value"); r.status != http.StatusServiceUnavailable || got != "KITH1-X" {
		t.Errorf("unreachable: status %d, %q", r.status, got)
	}
	// A link fills the field and does nothing else.
	s.home.calls = nil
	if got := s.page("/join?code=KITH1-Y").one("#code").text(); got != "KITH1-Y" || len(s.home.calls) != 0 {
		t.Errorf("the field holds %q, called were %q", got, s.home.calls)
	}
}

func TestFriendsAndTheDoor(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	page := s.page("/friends")
	if got := page.one("[data-key=joining]").text(); !strings.Contains(got, "kith keeps trying for 2 days more") || !strings.Contains(got, "Ask Mikkel for a new one.") {
		t.Errorf("on the way: %q", got)
	}
	if got := page.one("[data-key=open]").text(); !strings.Contains(got, "For Uncle Rolf") || !strings.Contains(got, "works for 40 minutes more") || !strings.Contains(got, "A second computer tried") {
		t.Errorf("invites that are out: %q", got)
	}
	asks := page.one("#at-the-door")
	if got := asks.one(".ask-title").text(); got != "Rosa is at the door" {
		t.Errorf("at the door: %q", got)
	}
	answer := asks.one("form").value("action")
	if r := s.post(answer, url.Values{"answer": {"perhaps"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is none: status %d", r.status)
	}
	if r := s.post(answer, url.Values{"answer": {"yes"}}); r.header.Get("Location") != "/friends?said=let-in" {
		t.Errorf("yes: status %d", r.status)
	}
	page = s.page("/friends?said=let-in")
	page.one("#friend-rosa")
	if len(page.all(".ask")) != 0 || !strings.Contains(page.one(".said").text(), "You let them in") {
		t.Error("after the yes, the page does not say so")
	}
	if len(s.page("/friends?said=%3Cb%3Enonsense").all(".said")) != 0 {
		t.Error("a link can put words on the page")
	}
	s.post("/people/rosa/unfriend", nil)
	if got := s.page("/people/rosa").one(".person").text(); !strings.Contains(got, "not friends now") {
		t.Errorf("after unfriending: %q", got)
	}
	if r := s.get("/people/rosa/unfriend"); r.status != http.StatusNotFound {
		t.Errorf("unfriending twice: status %d", r.status)
	}
	s.post("/acceptance/acc0/drop", nil)
	if len(s.page("/friends").all("#joining-acc0")) != 0 {
		t.Error("a dropped one is still listed")
	}
}
