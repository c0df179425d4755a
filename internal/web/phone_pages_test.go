package web_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// caller is a phone on the home network: its browser keeps cookies and, as always over plain HTTP from another address than
// loopback, sends no Sec-Fetch headers.
type caller struct {
	s      *site
	client *http.Client
}

func (s *site) caller() *caller { return &caller{s, s.visitor()} }

func (c *caller) ask(method, path string, form url.Values, change func(*http.Request)) reply {
	c.s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(c.s.t.Context(), method, "http://"+c.s.door.Host()+path, body)
	if err != nil {
		c.s.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+c.s.door.Host())
	}
	if change != nil {
		change(r)
	}
	defer c.client.CloseIdleConnections()
	return c.s.do(c.client, r)
}

func (c *caller) get(path string) reply { return c.ask(http.MethodGet, path, nil, nil) }

func (c *caller) post(path string, form url.Values) reply {
	if form == nil {
		form = url.Values{}
	}
	return c.ask(http.MethodPost, path, form, nil)
}

// paired is a phone that is signed in.
func (s *site) paired(name string) *caller {
	s.t.Helper()
	c := s.caller()
	token := s.pairingToken(name)
	if r := c.post("/signin", url.Values{"token": {token}}); r.status != http.StatusSeeOther || r.header.Get("Location") != "/" {
		s.t.Fatalf("pairing: status %d\n%s", r.status, r.body)
	}
	return c
}

func TestPhoneIsPairedReadsAndWrites(t *testing.T) {
	s := open(t, family(time.Now), nil)
	s.page("/settings").one("a[href=/phone]")
	if s.door.Host() != "" {
		t.Fatal("the door is open without having been asked")
	}
	s.post("/phone", url.Values{"on": {"yes"}})
	stranger := s.caller()
	if r := stranger.get("/"); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "phones that were paired") || strings.Contains(r.body, "kith open") || strings.Contains(r.body, "Ayşe") {
		t.Errorf("a stranger: status %d\n%s", r.status, r.body)
	}
	p := s.paired("Ada’s phone")
	if r := p.get("/"); r.status != http.StatusOK || !strings.Contains(r.body, `id="composer"`) {
		t.Errorf("home: status %d", r.status)
	}
	if r := p.post("/publish", url.Values{"text": {"written on the phone"}}); r.status != http.StatusSeeOther {
		t.Errorf("posting: status %d", r.status)
	}
	if !strings.Contains(s.get("/").body, "written on the phone") {
		t.Error("the post is not on the computer's page")
	}
	if r := p.get("/settings"); r.status != http.StatusSeeOther || r.header.Get("Location") != "/this-phone" {
		t.Errorf("settings: status %d, %v", r.status, r.header)
	}
	if r := p.get("/this-phone"); r.status != http.StatusOK || !strings.Contains(r.body, "Ada’s phone") {
		t.Errorf("this phone: status %d", r.status)
	}
	page := s.page("/phone")
	if text := page.one("ul.lines").text(); !strings.Contains(text, "Ada’s phone") || !strings.Contains(text, "Chrome") {
		t.Errorf("listed: %s", text)
	}
	if !strings.Contains(s.page("/settings").text(), "Ada’s phone") {
		t.Error("the sessions don't name it")
	}

	s.post("/phone/remove", url.Values{"id": {page.one("button[name=id]").value("value")}})
	if r := p.get("/"); r.status != http.StatusUnauthorized {
		t.Errorf("a removed phone: status %d", r.status)
	}
	if r := p.post("/publish", url.Values{"text": {"too late"}}); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "too late") {
		t.Errorf("what a removed phone was writing: status %d", r.status)
	}
}

// What would outlast a phone's session is done at the computer. Every route is looked at, so that a new one is thought of.
func TestWhatAPhoneDoesNotGet(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := s.paired("phone")
	calls := len(s.home.calls)
	sensitive := []string{"/backup", "/devices", "/link", "/phone", "/recovery", "/settings/", "/welcome"}
	for _, pattern := range s.server.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{id}", "x", "{$}", "").Replace(path)
		if !slices.ContainsFunc(sensitive, func(prefix string) bool {
			return path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
		}) {
			continue
		}
		var r reply
		if method == http.MethodPost {
			r = p.post(path, url.Values{"plain": {"yes"}, "on": {"no"}, "passphrase": {"four words of mine"}, "again": {"four words of mine"}})
		} else {
			r = p.get(path)
		}
		if r.status != http.StatusForbidden || !strings.Contains(r.body, "at the computer of this home") {
			t.Errorf("%s: status %d", pattern, r.status)
		}
	}
	if len(s.home.calls) != calls {
		t.Errorf("something was done: %q", s.home.calls[calls:])
	}
	if r := p.get("//settings/../backup"); r.status == http.StatusOK {
		t.Errorf("by a detour: status %d", r.status)
	}
	for _, word := range s.home.words {
		if strings.Contains(p.get("/").body, ">"+word+"<") {
			t.Errorf("the page shows %s", word)
		}
	}
}

// Each door has its own secrets and its own tokens.
func TestTheTwoDoorsAreApart(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := s.paired("phone")
	u, _ := url.Parse("http://" + s.door.Host())
	cookies := p.client.Jar.Cookies(u)
	if len(cookies) != 1 {
		t.Fatalf("cookies: %v", cookies)
	}
	r := s.request(http.MethodGet, "/", nil)
	r.AddCookie(cookies[0])
	if got := s.do(s.visitor(), r); got.status != http.StatusUnauthorized {
		t.Errorf("a phone's secret at the computer's door: status %d", got.status)
	}
	home, _ := url.Parse(s.url)
	if got := s.caller().ask(http.MethodGet, "/", nil, func(r *http.Request) { r.AddCookie(s.client.Jar.Cookies(home)[0]) }); got.status != http.StatusUnauthorized {
		t.Errorf("the computer's secret at the phones' door: status %d", got.status)
	}
	if got := s.caller().post("/signin", url.Values{"token": {s.token()}}); got.status != http.StatusForbidden || !strings.Contains(got.body, "On my phone") {
		t.Errorf("a token of kith open at the phones' door: status %d", got.status)
	}
	if got := s.do(s.visitor(), s.request(http.MethodPost, "/signin", url.Values{"token": {s.pairingToken("x")}})); got.status != http.StatusForbidden {
		t.Errorf("a pairing at the computer's door: status %d", got.status)
	}
	s.post("/settings/password", url.Values{"new": {password}, "again": {password}})
	if got := s.caller().post("/signin", url.Values{"password": {password}}); got.status != http.StatusForbidden {
		t.Errorf("the password alone at the phones' door: status %d", got.status)
	}
}

func TestPairingAsksForThePassword(t *testing.T) {
	s := open(t, family(time.Now), nil)
	if r := s.post("/phone", url.Values{"ask": {"yes"}}); r.status != http.StatusUnprocessableEntity || !strings.Contains(r.body, "No password is set") {
		t.Errorf("without a password: status %d", r.status)
	}
	s.post("/settings/password", url.Values{"new": {password}, "again": {password}})
	if r := s.post("/phone", url.Values{"ask": {"yes"}}); r.status != http.StatusSeeOther {
		t.Fatalf("status %d", r.status)
	}
	token, p := s.pairingToken("phone"), s.caller()
	if r := p.get("/signin"); !strings.Contains(r.body, `id="pairing-password"`) {
		t.Error("the password is not asked for")
	}
	r := p.post("/signin", url.Values{"token": {token}, "password": {"wrong wrong wrong"}})
	if r.status != http.StatusForbidden || parse(t, r.body).one("input[name=token]").value("value") != token {
		t.Errorf("the wrong password: status %d", r.status)
	}
	if r := p.post("/signin", url.Values{"token": {token}, "password": {password}}); r.status != http.StatusSeeOther {
		t.Errorf("the right one: status %d", r.status)
	}
}

// Without Sec-Fetch headers, host and origin are all there is to tell a page of somebody else's by.
func TestStrangersAtThePhonesDoor(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := s.paired("phone")
	for _, host := range []string{"evil.example", "evil.example:80", "127.0.0.2", "localhost", s.host, ""} {
		r := p.ask(http.MethodGet, "/", nil, func(r *http.Request) { r.Host = host })
		if host == "" {
			continue // the client puts the right one
		}
		if r.status != http.StatusMisdirectedRequest {
			t.Errorf("for host %q: status %d", host, r.status)
		}
	}
	if r := s.do(s.client, func() *http.Request { r := s.request(http.MethodGet, "/", nil); r.Host = s.door.Host(); return r }()); r.status != http.StatusMisdirectedRequest {
		t.Errorf("the phones' host at the computer's door: status %d", r.status)
	}
	for _, origin := range []string{"http://evil.example", "null", "http://127.0.0.2", s.url} {
		r := p.ask(http.MethodPost, "/publish", url.Values{"text": {"forged"}}, func(r *http.Request) { r.Header.Set("Origin", origin) })
		if r.status != http.StatusForbidden {
			t.Errorf("from origin %q: status %d", origin, r.status)
		}
	}
	if r := p.ask(http.MethodGet, "/api/v1/status", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }); r.status != http.StatusNotFound {
		t.Errorf("the command line's edge: status %d", r.status)
	}
	cookie := s.caller()
	r := cookie.post("/signin", url.Values{"token": {s.pairingToken("another")}})
	if c := r.header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || strings.Contains(c, "Secure") || strings.Contains(c, "Domain") {
		t.Errorf("the cookie: %s", c)
	}
}

func TestPairingIsShownOnce(t *testing.T) {
	s := open(t, family(time.Now), nil)
	if r := s.get("/phone/pairing"); r.status != http.StatusSeeOther || r.header.Get("Location") != "/phone" {
		t.Errorf("without one: status %d", r.status)
	}
	if r := s.post("/phone/pair", url.Values{"name": {"x"}}); r.status != http.StatusForbidden || !strings.Contains(r.body, "Switch it on first") {
		t.Errorf("while it is off: status %d", r.status)
	}
	token := s.pairingToken("phone")
	r := s.get("/phone/pairing")
	if r.status != http.StatusOK || !strings.Contains(r.body, token) || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, %v", r.status, r.header)
	}
	if qr := s.get("/phone/qr.png"); qr.status != http.StatusOK || qr.header.Get("Content-Type") != "image/png" || qr.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the code: status %d, %v", qr.status, qr.header)
	}
	if r := s.caller().post("/signin", url.Values{"token": {token}}); r.status != http.StatusSeeOther {
		t.Errorf("pairing: status %d", r.status)
	}
	if r := s.get("/phone/qr.png"); r.status != http.StatusGone {
		t.Errorf("the code afterwards: status %d", r.status)
	}
	if r := s.get("/phone/pairing"); r.status != http.StatusSeeOther {
		t.Errorf("the page afterwards: status %d", r.status)
	}
}

func TestManifest(t *testing.T) {
	s := open(t, family(time.Now), nil)
	r := s.do(s.visitor(), s.request(http.MethodGet, "/kith.webmanifest", nil))
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "application/manifest+json" || strings.Contains(r.body, "Ayşe") {
		t.Errorf("status %d, %v", r.status, r.header)
	}
	for _, icon := range []string{"icons/kith-192.png", "icons/kith-512.png", "icons/kith.svg"} {
		if !strings.Contains(r.body, s.server.Static(icon)) {
			t.Errorf("%s is not in %s", icon, r.body)
		}
	}
}

// A real browser, narrow as a phone, through the phones' door.
func TestPhoneInABrowser(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.look(360, 760, "light")
	token := s.pairingToken("Ada’s phone")
	p.visit("http://" + s.door.Host() + "/signin#" + token)
	p.until(`document.getElementById("composer") && location.pathname === "/" && !location.hash`)
	p.click("#composer-text")
	p.keys("from the sofa")
	p.until(`document.querySelector("[data-composer-state]").textContent === "Draft saved"`)
	p.fits("phone-home", 360, false)
	p.visit("http://" + s.door.Host() + "/settings")
	p.until(`location.pathname === "/this-phone"`)
	p.fits("phone-this", 360, true)
	p.visit("http://" + s.door.Host() + "/recovery")
	p.until(`document.body.textContent.includes("at the computer of this home")`)

	phones, err := s.door.Phones(t.Context())
	if err != nil || len(phones) != 1 {
		t.Fatalf("%v, %v", phones, err)
	}
	s.post("/phone/remove", url.Values{"id": {phones[0].ID}})
	p.visit("http://" + s.door.Host() + "/friends")
	p.until(`document.body.textContent.includes("phones that were paired")`)
	p.fits("phone-locked", 360, true)
}
