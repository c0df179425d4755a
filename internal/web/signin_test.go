package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func atNoon() time.Time { return noon }

const password = "four words of mine"

func TestSignInByToken(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	client, token := s.visitor(), s.token()
	// Opening the address uses nothing up: a scanner of links may do that.
	page := s.do(client, s.request(http.MethodGet, "/signin?token="+token, nil))
	if got := parse(t, page.body).one("form[data-token] input[name=token]").value("value"); got != token {
		t.Errorf("the form holds %q", got)
	}
	if !strings.Contains(page.header.Get("Cache-Control"), "no-store") {
		t.Error("the page with the token may be kept")
	}
	for _, c := range []struct {
		status int
		what   string
	}{{http.StatusSeeOther, "the first time"}, {http.StatusSeeOther, "again, signed in"}} {
		if r := s.do(client, s.request(http.MethodPost, "/signin", url.Values{"token": {token}})); r.status != c.status {
			t.Errorf("%s: status %d, want %d", c.what, r.status, c.status)
		}
	}
	r := s.do(s.visitor(), s.request(http.MethodPost, "/signin", url.Values{"token": {token}}))
	if r.status != http.StatusForbidden || !strings.Contains(r.body, "works once") {
		t.Errorf("again, by somebody else: status %d", r.status)
	}
}

func TestSigningInAgainReplacesTheSession(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for range 3 {
		s.signIn(s.client)
	}
	sessions, err := s.gate.Sessions(t.Context())
	if err != nil || len(sessions) != 1 {
		t.Errorf("one browser has %d sessions, %v", len(sessions), err)
	}
}

func TestSignInByPassword(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	stranger := s.visitor()
	if r := s.do(stranger, s.request(http.MethodGet, "/signin", nil)); strings.Contains(r.body, `type="password"`) || !strings.Contains(r.body, "kith open") {
		t.Error("without a password, the page asks for one or does not say what to do")
	}
	if r := s.post("/settings/password", url.Values{"new": {password}, "again": {password}}); r.status != http.StatusSeeOther {
		t.Fatalf("setting a password: status %d", r.status)
	}
	// The page somebody wanted is where they get.
	page := s.do(stranger, s.request(http.MethodGet, "/people/ben?x=1", nil))
	if page.status != http.StatusUnauthorized {
		t.Fatalf("a page for a stranger: status %d", page.status)
	}
	next := parse(t, page.body).one("input[name=next]").value("value")
	if next != "/people/ben?x=1" {
		t.Errorf("next is %q", next)
	}
	if r := s.do(stranger, s.request(http.MethodPost, "/signin", url.Values{"password": {"wrong wrong wrong"}, "next": {next}})); r.status != http.StatusForbidden || parse(t, r.body).one("input[name=next]").value("value") != next {
		t.Errorf("a wrong password: status %d", r.status)
	}
	r := s.do(stranger, s.request(http.MethodPost, "/signin", url.Values{"password": {password}, "next": {next}}))
	if r.status != http.StatusSeeOther || r.header.Get("Location") != next {
		t.Errorf("the password: status %d to %q", r.status, r.header.Get("Location"))
	}
	if r := s.do(s.visitor(), s.request(http.MethodPost, "/signin", url.Values{"password": {password}, "next": {"//evil.example/"}})); r.header.Get("Location") != "/" {
		t.Errorf("an address elsewhere leads to %q", r.header.Get("Location"))
	}
}

func TestTheCookieIsRenewed(t *testing.T) {
	now := noon
	s := open(t, family(atNoon), func() time.Time { return now })
	visit := func(dest string) string {
		request := s.request(http.MethodGet, "/friends", nil)
		request.Header.Set("Sec-Fetch-Dest", dest)
		return s.do(s.client, request).header.Get("Set-Cookie")
	}
	if got := visit("document"); got != "" {
		t.Errorf("on the first day: %q", got)
	}
	for range 4 { // a year, coming by every three months
		now = now.Add(89 * 24 * time.Hour)
		if got := visit("empty"); got != "" {
			t.Errorf("with a fragment: %q", got)
		}
		if got := visit("document"); !strings.Contains(got, "Max-Age=") || !strings.Contains(got, "HttpOnly") {
			t.Errorf("with a page: %q", got)
		}
	}
	now = now.Add(91 * 24 * time.Hour)
	if r := s.get("/friends"); r.status != http.StatusUnauthorized {
		t.Errorf("after too long: status %d", r.status)
	}
}

func TestTooManyPasswords(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	s.post("/settings/password", url.Values{"new": {password}, "again": {password}})
	for range 50 {
		if r := s.do(s.visitor(), s.request(http.MethodPost, "/signin", url.Values{"password": {"wrong wrong wrong"}})); r.status == http.StatusTooManyRequests {
			if !strings.Contains(r.body, "The next try is possible in") || !strings.Contains(r.body, "kith open") {
				t.Error("the page does not say when, or what helps")
			}
			return
		}
	}
	t.Error("fifty wrong passwords were let pass")
}

func TestSignOut(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	r := s.post("/signout", nil)
	if r.status != http.StatusSeeOther || !strings.Contains(r.header.Get("Clear-Site-Data"), "storage") {
		t.Errorf("status %d, %q", r.status, r.header.Get("Clear-Site-Data"))
	}
	if r := s.get("/"); r.status != http.StatusUnauthorized {
		t.Errorf("afterwards: status %d", r.status)
	}
	sessions, err := s.gate.Sessions(t.Context())
	if err != nil || len(sessions) != 0 {
		t.Errorf("%d sessions are left, %v", len(sessions), err)
	}
}

func TestWhatWasTypedComesBackToTheSignedOut(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	if err := s.gate.EndAll(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	r := s.post("/publish", url.Values{"text": {"A long story\nthat must not be lost </textarea>"}})
	if r.status != http.StatusUnauthorized {
		t.Fatalf("status %d", r.status)
	}
	if got := parse(t, r.body).one("#typed").text(); got != "A long story that must not be lost </textarea>" {
		t.Errorf("the page gives back %q", got)
	}
	if len(s.home.calls) != 0 {
		t.Errorf("these were called: %q", s.home.calls)
	}
}

func TestSessionsInTheSettings(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	other := s.visitor()
	s.signIn(other)
	page := s.page("/settings")
	lines := page.all("form[action=/settings/sessions/end] button")
	if len(lines) != 3 { // this one, the other one, all others
		t.Fatalf("%d buttons", len(lines))
	}
	if n := len(page.all(".chip-here")); n != 1 {
		t.Errorf("%d sessions are this one", n)
	}
	if r := s.post("/settings/sessions/end", url.Values{"id": {"others"}}); r.status != http.StatusSeeOther {
		t.Errorf("ending the others: status %d", r.status)
	}
	if r := s.do(other, s.request(http.MethodGet, "/", nil)); r.status != http.StatusUnauthorized {
		t.Errorf("the other one, afterwards: status %d", r.status)
	}
	if r := s.get("/settings"); r.status != http.StatusOK {
		t.Errorf("this one, afterwards: status %d", r.status)
	}
	sessions, err := s.gate.Sessions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := s.post("/settings/sessions/end", url.Values{"id": {sessions[0].ID}}); r.header.Get("Location") != "/signin" {
		t.Errorf("ending this one leads to %q", r.header.Get("Location"))
	}
}

func TestPasswordForm(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for name, c := range map[string]struct {
		form   url.Values
		status int
		says   string
	}{
		"differing": {url.Values{"new": {password}, "again": {password + "!"}}, http.StatusUnprocessableEntity, "differ"},
		"short":     {url.Values{"new": {"short"}, "again": {"short"}}, http.StatusUnprocessableEntity, "at least ten"},
	} {
		if r := s.post("/settings/password", c.form); r.status != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%s: status %d", name, r.status)
		}
	}
	s.post("/settings/password", url.Values{"new": {password}, "again": {password}})
	if r := s.post("/settings/password", url.Values{"old": {"not the old one"}, "new": {"another one of mine"}, "again": {"another one of mine"}}); r.status != http.StatusForbidden {
		t.Errorf("with a wrong old one: status %d", r.status)
	}
	if r := s.post("/settings/password", url.Values{"old": {password}, "new": {"another one of mine"}, "again": {"another one of mine"}}); r.status != http.StatusSeeOther {
		t.Errorf("with the old one: status %d", r.status)
	}
}
