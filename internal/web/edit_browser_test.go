package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"kith/internal/social"
)

// edited is the sample home with an edited post and comment, a full trash, and a note that a comment was taken down.
func edited(now func() time.Time) *home {
	h := family(now)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if p.ID == "sail" {
			p.Edited = now().Add(-time.Hour)
			p.Taken = []social.Taken{{ID: "c9", Post: "sail", By: h.people["ben"], At: now().Add(-time.Hour)}}
			h.versions = map[string][]social.Version{"sail": {
				{At: now().Add(-2 * time.Hour), Text: "We sailed to the iland.", Photos: p.Photos},
				{At: now().Add(-3 * time.Hour), Text: strings.Repeat("long words, ", 60), Photos: p.Photos},
			}}
		}
	}
	for i, text := range []string{"Something that I should not have said.", "A comment of mine."} {
		h.trash = append(h.trash, social.Trashed{ID: fmt.Sprint("gone", i), Text: text, Comment: i > 0, Post: "sail",
			At: now().Add(-50 * time.Hour), Deleted: now().Add(-time.Hour), Until: now().AddDate(0, 0, 30)})
	}
	h.trash[0].Photos = h.posts[0].Photos
	return h
}

// Every page of editing and deleting fits, narrow and wide, in the light and in the dark.
func TestPagesOfEditingFit(t *testing.T) {
	s := open(t, edited(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	for _, path := range []string{"/post/tulips/edit", "/comment/" + s.home.posts[0].Comments[2].ID + "/edit", "/post/sail", "/post/sail/history", "/trash",
		"/trash/gone0/delete", "/post/tulips/delete", "/"} {
		for _, look := range []struct {
			width  int64
			scheme string
		}{{360, "light"}, {360, "dark"}, {1280, "light"}, {1280, "dark"}} {
			name := strings.ReplaceAll(strings.Trim(path, "/"), "/", "-")
			t.Run(fmt.Sprintf("%s/%d/%s", name, look.width, look.scheme), func(t *testing.T) {
				p.t = t
				defer func() { p.t = s.t.(*testing.T) }()
				p.look(look.width, 800, look.scheme)
				p.visit(s.url + path)
				p.fits(fmt.Sprintf("edit-%s-%d-%s", name, look.width, look.scheme), look.width, path != "/")
			})
		}
	}
}

// With and without scripts: a post is edited, says so, live on another open page, and shows its earlier words.
func TestEditAndHistory(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprint("scripts ", scripts), func(t *testing.T) {
			s := open(t, family(time.Now), nil)
			b := startBrowser(t)
			p, other := b.tab(), b.tab()
			p.enter(s)
			other.visit(s.url + "/")
			p.scripts(scripts)
			p.visit(s.url + "/post/tulips")
			before := ask[string](p, `document.querySelector("#post-tulips .post-text").textContent`)
			p.click("#post-tulips .post-edit")
			p.until(`location.pathname === "/post/tulips/edit" && document.readyState === "complete"`)
			p.write("#text", "And yellow ones.")
			p.click(".edit .primary")
			p.until(`location.pathname === "/post/tulips" && document.querySelector("#post-tulips .post-text").textContent.includes("And yellow ones.")`)
			other.until(`document.querySelector("#post-tulips .post-text").textContent.includes("And yellow ones.")`)
			other.until(`document.querySelector("#post-tulips .edited")`)
			p.click("#post-tulips .edited")
			p.until(`document.querySelectorAll(".version").length === 2`)
			if got := ask[string](p, `document.querySelectorAll(".version-text")[1].textContent`); got != before {
				t.Errorf("at first it was %q, the history says %q", before, got)
			}
		})
	}
}

// The dialog of deleting has three answers: no, into the trash, and for good.
func TestTrashAndForGood(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.click("#post-tulips .post-delete")
	p.until(`document.querySelector("dialog[open] [data-no]") === document.activeElement`)
	p.keys(kb.Tab + kb.Tab + kb.Enter) // past "Delete for good"
	p.until(`!document.querySelector("dialog[open]") && !document.getElementById("post-tulips")`)
	stayed()
	if calls := strings.Join(s.home.calls, " "); !strings.HasSuffix(calls, " Delete") && calls != "Delete" {
		t.Errorf("the home was asked for %s", calls)
	}
	p.visit(s.url + "/trash")
	p.until(`document.querySelectorAll(".trashed").length === 1`)
	p.click(".trashed form .button")
	p.until(`location.pathname.startsWith("/post/p") && document.querySelector(".said")`)
	again := strings.TrimPrefix(ask[string](p, "location.pathname"), "/post/")
	p.click("#post-" + again + " .post-delete")
	p.until(`document.querySelector("dialog[open]")`)
	p.click(`dialog [value="for-good"]`)
	p.until(`location.pathname === "/"`)
	p.visit(s.url + "/trash")
	p.until(`document.querySelector(".nothing") && !document.querySelector(".trashed")`)
	if r := s.get("/post/" + again); r.status != http.StatusNotFound {
		t.Errorf("the post is still there: status %d", r.status)
	}
}

// Whose comment was taken down sees a note, until they have seen it.
func TestTakenDownIsTold(t *testing.T) {
	s := open(t, edited(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.until(`document.querySelector("#post-sail .taken")?.textContent.includes("Ben took down your comment")`)
	p.click("#post-sail .taken button")
	p.until(`!document.querySelector("#post-sail .taken")`)
	stayed()
}

func TestEditingWithoutScripts(t *testing.T) {
	s := open(t, edited(atNoon), atNoon)
	if r := s.get("/post/sail/edit"); r.status != http.StatusForbidden {
		t.Errorf("somebody else's post: status %d", r.status)
	}
	if r := s.get("/post/nowhere/history"); r.status != http.StatusNotFound {
		t.Errorf("a post that is not there: status %d", r.status)
	}
	page := s.page("/post/tulips/edit")
	if got := len(page.all("[name=photo]")); got == 0 || got != len(page.all("[name=alt]")) {
		t.Errorf("%d photos to describe", got)
	}
	r := s.post("/comment/"+s.home.posts[0].Comments[2].ID+"/edit", url.Values{"text": {"  "}})
	page = parse(t, r.body)
	if r.status != http.StatusUnprocessableEntity || page.one(".trouble-title").text() == "" {
		t.Errorf("nothing left: status %d", r.status)
	}
	r = s.post("/comment/"+s.home.posts[0].Comments[2].ID+"/edit", url.Values{"text": {"better\r\nwords"}})
	if r.header.Get("Location") != "/post/sail?said=edited" || s.home.posts[0].Comments[2].Text != "better\nwords" {
		t.Errorf("editing a comment: status %d, %q", r.status, s.home.posts[0].Comments[2].Text)
	}
	history := s.page("/comment/" + s.home.posts[0].Comments[2].ID + "/history")
	if got := history.all(".version"); len(got) != 2 || history.one("h1").text() != "Versions of your comment" {
		t.Errorf("%d versions of %q", len(got), history.one("h1").text())
	}
	if r := s.post("/trash/gone0/restore", nil); !strings.HasSuffix(r.header.Get("Location"), "?said=restored") {
		t.Errorf("restoring: status %d", r.status)
	}
	if r := s.post("/trash/gone0/restore", nil); r.status != http.StatusNotFound {
		t.Errorf("restoring twice: status %d", r.status)
	}
	if r := s.post("/trash/gone1/delete", nil); r.header.Get("Location") != "/trash?said=deleted-for-good" {
		t.Errorf("deleting for good: status %d", r.status)
	}
	if r := s.post("/trash/empty", nil); r.header.Get("Location") != "/trash?said=emptied" {
		t.Errorf("emptying: status %d", r.status)
	}
	if r := s.post("/comment/c9/seen", url.Values{"post": {"sail"}}); r.header.Get("Location") != "/post/sail" || len(s.home.posts[0].Taken) != 0 {
		t.Errorf("seen: status %d", r.status)
	}
}
