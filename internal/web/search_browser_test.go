package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kith/internal/social"
)

func TestSearchPage(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	page := parse(t, s.get("/search?q=cellar").body)
	if got := page.one("mark").text(); !strings.EqualFold(got, "cellar") {
		t.Errorf("marked is %q", got)
	}
	if got, _ := page.one("#search-words").attr("value"); got != "cellar" {
		t.Errorf("the box holds %q", got)
	}
	page = parse(t, s.get("/search?q=xyzzy&photos=yes&since=2026-01-01&until=nonsense").body)
	if got := page.one(".search-none-title").text(); !strings.Contains(got, "xyzzy") {
		t.Errorf("nothing found is said as %q", got)
	}
	if len(page.all(".search-none a")) != 1 {
		t.Error("there is no way to look everywhere")
	}
	s.others(func(h *home) {
		h.fail["Search"] = &social.Error{Code: social.CodeBadInput, Message: "Say what to look for."}
	})
	if r := s.get("/search?q=%E2%80%A6"); r.status != 200 || !strings.Contains(r.body, "Say what to look for.") {
		t.Errorf("what can't be looked for: status %d", r.status)
	}
}

func TestSearchInTheBrowser(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/friends")
	p.until(`document.documentElement.dataset.scripts === ""`)
	p.keys("/")
	p.until(`location.pathname === "/search" && document.activeElement.id === "search-words"`)
	p.until(`document.documentElement.dataset.scripts === ""`)
	p.keys("cella")
	p.until(`document.querySelector("#search-found mark")?.textContent.toLowerCase() === "cella"`)
	p.until(`location.search === "?q=cella"`)
	p.until(`document.getElementById("news").textContent.includes("found")`)
	p.keys("rxyzzy")
	p.until(`document.querySelector(".search-none-title")`)
	ask[bool](p, `(document.getElementById("search-words").value = "a", document.getElementById("search-words").dispatchEvent(new Event("input", { bubbles: true })), true)`)
	p.until(`document.querySelectorAll("[data-hit]").length > 1`)
	p.keys(kb.ArrowDown) // down
	p.until(`document.activeElement === document.querySelectorAll("[data-hit]")[0]`)
	p.keys(kb.ArrowDown)
	p.until(`document.activeElement === document.querySelectorAll("[data-hit]")[1]`)
	p.keys(kb.ArrowUp) // up
	p.keys(kb.ArrowUp)
	p.until(`document.activeElement.id === "search-words"`)
	p.clean()
}
