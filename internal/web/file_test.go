package web_test

import (
	"net/http"
	"strings"
	"testing"
)

// shelves is the family with files of all kinds beside the post "tulips".
func shelves(t *testing.T) *site {
	h := family(atNoon)
	h.shelve("tulips", 0, "plan – Straße.pdf", "application/pdf", []byte("%PDF-1.7 …"))
	h.shelve("tulips", 1, "page.html", "text/html; charset=utf-8", []byte("<script>alert(1)</script>"))
	h.shelve("tulips", 2, "drawing.svg", "image/svg+xml", []byte("<svg onload='alert(1)'/>"))
	h.shelve("tulips", 3, "film.mp4", "video/mp4", []byte(strings.Repeat("0123456789", 1000)))
	h.shelve("tulips", 4, "holiday.mov", "video/quicktime", nil, "Ben", "Ayşe")
	h.shelve("tulips", 5, "a\"b; c.txt", "bad type\r\nX-Evil: 1", []byte("plain"))
	return open(t, h, atNoon)
}

func TestFilesAreServedSafely(t *testing.T) {
	s := shelves(t)
	for path, want := range map[string]struct{ kind, disposition string }{
		"/file/tulips/0":      {"application/octet-stream", "attachment; filename*=utf-8''plan%20%E2%80%93%20Stra%C3%9Fe.pdf"},
		"/file/tulips/1":      {"application/octet-stream", "attachment; filename=page.html"},
		"/file/tulips/2":      {"application/octet-stream", "attachment; filename=drawing.svg"},
		"/file/tulips/3":      {"video/mp4", "inline; filename=film.mp4"},
		"/file/tulips/3?save": {"video/mp4", "attachment; filename=film.mp4"},
		"/file/tulips/5":      {"application/octet-stream", `attachment; filename="a\"b; c.txt"`},
	} {
		r := s.get(path)
		checkHeaders(t, r)
		if r.status != http.StatusOK || r.header.Get("Content-Type") != want.kind || r.header.Get("Content-Disposition") != want.disposition {
			t.Errorf("%s: status %d, %q, %q", path, r.status, r.header.Get("Content-Type"), r.header.Get("Content-Disposition"))
		}
		if policy := r.header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox;") || strings.Contains(policy, "script-src") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if r.header.Get("X-Evil") != "" {
			t.Errorf("%s: a header of the author's", path)
		}
	}
	for _, path := range []string{"/file/tulips/6", "/file/tulips/-1", "/file/tulips/x", "/file/nothing/0", "/file/tulips/99999999999999999999"} {
		if r := s.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
}

func TestFilesComeInParts(t *testing.T) {
	s := shelves(t)
	for ask, want := range map[string]struct {
		status int
		body   string
	}{
		"bytes=0-9": {http.StatusPartialContent, "0123456789"}, "bytes=9995-": {http.StatusPartialContent, "56789"},
		"bytes=-3": {http.StatusPartialContent, "789"}, "bytes=20000-": {http.StatusRequestedRangeNotSatisfiable, ""},
	} {
		r := s.request(http.MethodGet, "/file/tulips/3", nil)
		r.Header.Set("Range", ask)
		got := s.do(s.client, r)
		if got.status != want.status || want.body != "" && got.body != want.body {
			t.Errorf("%s: status %d, %.40q", ask, got.status, got.body)
		}
	}
}

func TestALargeFileIsAskedFor(t *testing.T) {
	s := shelves(t)
	r := s.get("/file/tulips/4")
	if r.status != http.StatusSeeOther || r.header.Get("Location") != "/file/tulips/4/where" {
		t.Fatalf("status %d to %q", r.status, r.header.Get("Location"))
	}
	page := s.page("/file/tulips/4/where")
	if words := page.one("#file-card").text(); !strings.Contains(words, "holiday.mov") || !strings.Contains(words, "Ben and Ayşe") {
		t.Errorf("the page says %q", words)
	}
	if r := s.post("/file/tulips/4/want", nil); r.status != http.StatusSeeOther {
		t.Fatalf("asking for it: status %d", r.status)
	}
	if words := s.page("/file/tulips/4/where").one("#file-card").text(); !strings.Contains(words, "Fetching it from Ben and Ayşe") {
		t.Errorf("the page says %q", words)
	}
}
