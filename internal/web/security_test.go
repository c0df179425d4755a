package web_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"kith/internal/web"
)

// examples fill in the wildcards of the table of routes.
var examples = strings.NewReplacer("{id}", "tulips", "{number}", "1", "{person}", "ben", "{act}", "remove", "{secret}", "none.ics", "{$}", "", "/{version}/{file...}", "/0/kith.css")

// concrete turns a pattern into a method and a path that is there in the sample home.
func concrete(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	switch {
	case strings.Contains(path, "/groups/"), strings.Contains(path, "/group"):
		path = strings.ReplaceAll(path, "{id}", "club")
		path = strings.ReplaceAll(path, "/end/{act}", "/end/leave")
	case strings.Contains(path, "/people/"), strings.Contains(path, "/person/"), strings.Contains(path, "/wall/"):
		path = strings.ReplaceAll(path, "{id}", "ben")
	case strings.Contains(path, "/comment/"):
		path = strings.ReplaceAll(path, "{id}", "c0001")
	}
	return method, examples.Replace(path)
}

// needed are headers that every reply carries.
var needed = map[string]string{
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"X-Frame-Options":              "DENY",
}

func checkHeaders(t *testing.T, r reply) {
	t.Helper()
	for name, want := range needed {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	policy := r.header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("the policy %q lacks %s", policy, directive)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("the policy %q is loose", policy)
	}
	if !strings.Contains(policy, "sandbox") && !strings.Contains(policy, "require-trusted-types-for 'script'; trusted-types kith") {
		t.Errorf("the policy %q does not ask for trusted types", policy)
	}
	if !strings.Contains(r.header.Get("Permissions-Policy"), "camera=()") {
		t.Error("there is no permissions policy")
	}
	if r.header.Get("Cache-Control") == "" {
		t.Error("there is no word on caching")
	}
}

func TestEveryRouteIsGuarded(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	for _, pattern := range s.server.Patterns() {
		method, path := concrete(pattern)
		t.Run(pattern, func(t *testing.T) {
			s.t = t
			stranger := s.visitor()
			if path == "/events" {
				method = http.MethodHead // the stream itself would not end
			}
			form := url.Values(nil)
			if method == http.MethodPost {
				form = url.Values{"text": {"x"}}
			}
			// Somebody not signed in gets the door, and nothing of what is behind it.
			open := strings.HasPrefix(path, "/static/") || path == "/signin" || path == "/kith.webmanifest" || strings.HasPrefix(path, "/calendar/none")
			r := s.do(stranger, s.request(method, path, form))
			checkHeaders(t, r)
			if !open && r.status != http.StatusUnauthorized {
				t.Errorf("for a stranger: status %d", r.status)
			}
			for _, secret := range []string{"Nora", "Ben", "tulips don", "KITH1"} {
				if strings.Contains(r.body, secret) {
					t.Errorf("a stranger reads %q", secret)
				}
			}
			// The owner gets the same headers.
			if path != "/signout" {
				checkHeaders(t, s.do(s.client, s.request(method, path, form)))
			}
			// Another host name gets nothing, signed in or not.
			for _, host := range []string{"evil.example", "evil.example:80", "localhost", "127.0.0.1", "127.0.0.1:1", "kith.localhost", "0.0.0.0:80", "[::1]:80", strings.Replace(s.host, "127.0.0.1", "localhost", 1), s.host + "0"} {
				request := s.request(method, path, form)
				request.Host = host
				r := s.do(s.client, request)
				checkHeaders(t, r)
				if r.status != http.StatusMisdirectedRequest || len(r.body) > 100 || r.header.Get("Set-Cookie") != "" {
					t.Errorf("host %q: status %d, %d bytes", host, r.status, len(r.body))
				}
			}
		})
	}
}

func TestBothHostsAnswer(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	request := s.request(http.MethodGet, "/signin", nil)
	request.Host = "kith.localhost:" + s.host[strings.LastIndex(s.host, ":")+1:]
	if r := s.do(s.visitor(), request); r.status != http.StatusOK {
		t.Errorf("kith.localhost: status %d", r.status)
	}
}

// forms lists every form of the table.
func (s *site) forms() (paths []string) {
	for _, pattern := range s.server.Patterns() {
		if method, path := concrete(pattern); method == http.MethodPost {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestOtherOriginsChangeNothing(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for _, path := range s.forms() {
		for name, headers := range map[string]map[string]string{
			"another site":            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "https://evil.example"},
			"another port":            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Origin": "http://127.0.0.1:9"},
			"a script of it":          {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty", "Origin": "http://127.0.0.1:9"},
			"an old browser":          {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
			"a sandboxed frame":       {"Sec-Fetch-Site": "", "Origin": "null"},
			"a name that looks alike": {"Sec-Fetch-Site": "", "Origin": "http://" + s.host + ".evil.example"},
		} {
			request := s.request(http.MethodPost, path, url.Values{"text": {"x"}, "name": {"x"}, "emoji": {"x"}, "code": {"x"}, "answer": {"yes"}, "token": {"x"}})
			for header, value := range headers {
				if request.Header.Del(header); value != "" {
					request.Header.Set(header, value)
				}
			}
			if r := s.do(s.client, request); r.status != http.StatusForbidden {
				t.Errorf("%s posts to %s: status %d", name, path, r.status)
			}
		}
	}
	if len(s.home.calls) != 0 {
		t.Errorf("these were called: %q", s.home.calls)
	}
	if r := s.get("/settings"); r.status != http.StatusOK {
		t.Errorf("afterwards the owner is signed out: status %d", r.status)
	}
}

func TestOtherOriginsReadNothing(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for _, path := range []string{"/", "/changes", "/fragment/feed", "/picture/x0001t", "/settings"} {
		for _, c := range []struct {
			site, mode, dest string
			status           int
		}{
			{"cross-site", "no-cors", "image", 403}, {"same-site", "cors", "empty", 403}, {"cross-site", "navigate", "iframe", 403},
			{"same-site", "no-cors", "script", 403}, {"cross-site", "navigate", "object", 403},
			{"same-origin", "no-cors", "image", 200}, {"none", "navigate", "document", 200}, {"cross-site", "navigate", "document", 200},
		} {
			request := s.request(http.MethodGet, path, nil)
			request.Header.Set("Sec-Fetch-Site", c.site)
			request.Header.Set("Sec-Fetch-Mode", c.mode)
			request.Header.Set("Sec-Fetch-Dest", c.dest)
			if r := s.do(s.client, request); r.status != c.status {
				t.Errorf("%s as %s %s %s: status %d, want %d", path, c.site, c.mode, c.dest, r.status, c.status)
			}
		}
	}
}

// TestNoGetChangesAnything reads every address there is, with tempting queries, and looks at what was called.
func TestNoGetChangesAnything(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	for _, pattern := range s.server.Patterns() {
		_, path := concrete(pattern)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if path == "/events" {
				method = http.MethodHead
			}
			s.do(s.client, s.request(method, path+"?text=x&do=publish&emoji=x&code=KITH1&token=x&id=others&answer=yes&name=x&reach=home&target=tulips&post=tulips", nil))
		}
	}
	if len(s.home.calls) != 0 {
		t.Errorf("a GET called %q", s.home.calls)
	}
	sessions, err := s.gate.Sessions(t.Context())
	if err != nil || len(sessions) != 1 {
		t.Errorf("there are %d sessions, %v", len(sessions), err)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
		if r := s.do(s.client, s.request(method, "/", nil)); r.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, r.status)
		}
	}
	if r := s.get("/publish"); r.status != http.StatusMethodNotAllowed || r.header.Get("Allow") != "POST" {
		t.Errorf("GET /publish: status %d, %q", r.status, r.header)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	long := strings.Repeat("x", web.MaxForm)
	for _, path := range s.forms() {
		switch path {
		case "/welcome", "/welcome/link", "/welcome/return", "/signout", "/draft/photos", "/draft/files", "/photos/held", "/post/tulips/delete", "/comment/c0001/delete", "/people/ben/unfriend", "/invite/tulips/revoke", "/acceptance/tulips/drop", "/recovery/later",
			"/lists/tulips/delete", "/groups/club/end/leave", "/groups/club/people/ben/remove":
			continue // takes no fields, or none any more
		}
		if r := s.post(path, url.Values{"text": {long}, "code": {long}}); r.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s takes %d bytes: status %d", path, len(long), r.status)
		}
	}
	// Many small fields are no way around it.
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := range 1000 {
		if err := form.WriteField(fmt.Sprintf("photo-id%d", i), "x"); err != nil {
			t.Fatal(err)
		}
	}
	form.Close()
	request := s.request(http.MethodPost, "/publish", nil)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Body = io.NopCloser(&body)
	if r := s.do(s.client, request); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a thousand fields: status %d", r.status)
	}
	if slices.Contains(s.home.calls, "Publish") {
		t.Error("something was published")
	}
}

// endless is a body that never ends.
type endless struct{ read atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read.Add(int64(len(p)))
	return len(p), nil
}

func TestEndlessFilesAreRefused(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	const boundary = "x"
	picture := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"a.jpg\"\r\n\r\n"
	for path, limit := range map[string]int64{"/draft/photos": web.MaxPhoto, "/me": web.MaxPortraitForm, "/join": web.MaxJoin} {
		body := new(endless)
		request := s.request(http.MethodPost, path, nil)
		request.Body, request.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(picture), body)), -1
		request.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
		request.Header.Set("Kith-Part", "1")
		// The server answers and hangs up while the file is still coming, so either is seen first.
		response, err := s.client.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: status %d", path, response.StatusCode)
			}
		}
		const buffers = 16 << 20 // what is under way between the two when the server hangs up
		if read := body.read.Load(); read > limit+buffers {
			t.Errorf("%s: %d bytes were taken", path, read)
		}
	}
}

func TestTheCookieIsHard(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	r := s.do(s.visitor(), s.request(http.MethodPost, "/signin", url.Values{"token": {s.token()}}))
	cookie := r.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	if strings.Contains(cookie, "Domain") {
		t.Errorf("the cookie %q goes to other hosts", cookie)
	}
}
