package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

// News are read, marked and chosen by forms alone.
func TestNewsPages(t *testing.T) {
	s := open(t, busyFamily(atNoon), atNoon)
	page := s.page("/")
	for _, id := range []string{"#bell-top", "#bell-rail"} {
		if bell := page.one(id); bell.value("data-bell") != "3" || bell.value("href") != "/news" || bell.value("aria-label") != "News, 3 not seen" {
			t.Errorf("%s shows %q, %q", id, bell.value("data-bell"), bell.value("aria-label"))
		}
	}
	page = s.page("/news")
	if got := page.one("#news-n1 .news-did").text(); !strings.HasSuffix(got, " and 2 others commented on your post") || strings.Contains(got, "  ") {
		t.Errorf("it says %q", got)
	}
	for id, where := range map[string]string{"n1": "/post/sail", "n2": "/post/tulips#comment-c1", "n4": "/people/ben", "n5": "/groups/club/people"} {
		if got := page.one("#news-" + id + " .news-did a").value("href"); got != where {
			t.Errorf("%s leads to %q", id, got)
		}
	}
	if len(page.all("#news-n3 a")) != 0 || len(page.all(".news-line.unread")) != 3 {
		t.Error("a notice leads somewhere, or not three are new")
	}
	if len(page.all("[data-tell-me]")) != 1 {
		t.Error("there is no way to ask for the browser's messages")
	}
	if r := s.post("/news/seen", url.Values{"id": {"n1"}}); r.header.Get("Location") != "/news" {
		t.Errorf("marking one leads to %q", r.header.Get("Location"))
	}
	if got := s.page("/news").one("#bell-rail").value("data-bell"); got != "2" {
		t.Errorf("then the bell shows %q", got)
	}
	s.post("/news/seen", url.Values{"post": {"tulips"}})
	s.post("/news/seen", nil)
	page = s.page("/news")
	if len(page.all(".news-line.unread")) != 0 || len(page.all("#news-list .caught-up")) != 1 || page.one("#bell-top").value("aria-label") != "News" {
		t.Error("something is new after everything was seen")
	}
	if !slices.Equal(s.home.calls, []string{"MarkNews", "MarkPostNews", "MarkAllNews"}) {
		t.Errorf("called %q", s.home.calls)
	}
	if r := s.get("/news/seen"); r.status != http.StatusMethodNotAllowed {
		t.Errorf("marking by GET: status %d", r.status)
	}
}

func TestTheSummaryComesOnceADay(t *testing.T) {
	s := open(t, busyFamily(atNoon), atNoon)
	if got := s.page("/").one("#summary").text(); !strings.Contains(got, "4 new posts by Ben and Grandma, 5 comments for you and 1 reaction to what you wrote.") {
		t.Errorf("it says %q", got)
	}
	if r := s.post("/news/summary", nil); r.header.Get("Location") != "/?said=summary-away" {
		t.Errorf("putting it away leads to %q", r.header.Get("Location"))
	}
	if len(s.page("/").all(".summary")) != 0 {
		t.Error("it is still there")
	}
}

func TestWhatOneHearsOf(t *testing.T) {
	s := open(t, busyFamily(atNoon), atNoon)
	page := s.page("/news/wishes")
	if _, on := page.one("input[name=reaction]").attr("checked"); on {
		t.Error("what is off is ticked")
	}
	if got := page.one("#wish-club option[selected]").value("value"); got != "all" {
		t.Errorf("of the club everything is wanted, the page says %q", got)
	}
	if r := s.post("/news/kinds", url.Values{"comment": {"on"}, "reaction": {"on"}, "friend": {"on"}}); r.header.Get("Location") != "/news/wishes?said=wishes" {
		t.Errorf("it leads to %q", r.header.Get("Location"))
	}
	s.post("/news/places", url.Values{"club": {"nothing"}, "ben": {"answers"}, "stranger": {"all"}})
	want := []social.NewsKind{{Kind: social.NewsComment, On: true}, {Kind: social.NewsReaction, On: true}, {Kind: social.NewsMention}, {Kind: social.NewsFriend, On: true}}
	if got := s.home.news.wishes; !slices.Equal(got.Kinds, want) || got.Places[0].Want != social.WantNothing || got.Places[1].Want != social.WantNothing || got.Places[2].Want != social.WantAnswers {
		t.Errorf("the wishes are %+v", got)
	}
	if !slices.Equal(s.home.calls, []string{"WantNewsKind", "WantNewsKind", "WantNewsOf"}) { // what stays as it is is not written again
		t.Errorf("called %q", s.home.calls)
	}
}

func TestHiddenAndQuietPosts(t *testing.T) {
	s := open(t, busyFamily(atNoon), atNoon)
	hidden, quiet := s.home.posts[1].ID, s.home.posts[2].ID
	page := s.page("/hidden")
	if len(page.all("form[action=/post/"+hidden+"/hide]")) != 1 || len(page.all("form[action=/post/"+quiet+"/quiet]")) != 1 {
		t.Error("the list does not show both")
	}
	if len(s.page("/").all("#post-"+hidden)) != 0 {
		t.Error("a hidden post is in the feed")
	}
	if got := s.page("/post/" + hidden).one(".post-hidden").text(); !strings.Contains(got, "You hid this post") {
		t.Errorf("its own page says %q", got)
	}
	if r := s.post("/post/"+hidden+"/hide", url.Values{"on": {"no"}, "from": {"list"}}); r.header.Get("Location") != "/hidden?said=post-shown" || s.home.posts[1].Hidden {
		t.Errorf("shown again: %q", r.header.Get("Location"))
	}
	if r := s.post("/post/"+quiet+"/quiet", url.Values{"on": {"no"}}); r.header.Get("Location") != "/post/"+quiet+"?said=thread-unmuted" || s.home.posts[2].Quiet {
		t.Errorf("heard of again: %q", r.header.Get("Location"))
	}
	if r := s.post("/post/"+quiet+"/hide", url.Values{"on": {"yes"}}); r.header.Get("Location") != "/?said=post-hidden" {
		t.Errorf("hidden: %q", r.header.Get("Location"))
	}
	if r := s.post("/post/nothing/hide", nil); r.status != http.StatusNotFound {
		t.Errorf("no post: status %d", r.status)
	}
}

// A line stands before the first post that was there when the owner was here last, on whichever page of the feed that is, and
// stays there while they read.
func TestTheLineInTheFeed(t *testing.T) {
	h := emptyHome(atNoon)
	h.people["ben"] = social.Person{ID: "ben", Name: "Ben", Friend: true}
	for i := range 15 {
		h.post(fmt.Sprintf("p%02d", i), "ben", time.Duration(i+1)*time.Minute, "one more")
	}
	s := open(t, h, atNoon)
	if len(s.page("/").all("#feed-line")) != 0 {
		t.Error("there is a line although nothing is known of what was seen")
	}
	next := func(page *node) *node {
		var before *node
		for child := range page.one(".feed").ChildNodes() {
			one := &node{t, child}
			if before != nil && one.is("article") {
				return one
			}
			if one.is("#feed-line") {
				before = one
			}
		}
		return nil
	}
	h.news.feedSeen = h.posts[3].At
	page := s.page("/")
	if line := next(page); line == nil || line.value("id") != "post-"+h.posts[3].ID {
		t.Fatal("the line is not before the first post that was seen")
	}
	src := page.one(".feed").value("data-src")
	if r := s.post("/feed/seen", url.Values{"post": {h.posts[0].ID}}); r.header.Get("Location") != "/" || !h.news.feedSeen.Equal(h.posts[0].At) {
		t.Errorf("marking leads to %q, up to %v", r.header.Get("Location"), h.news.feedSeen)
	}
	if line := next(parse(t, s.get(src).body)); line == nil || line.value("id") != "post-"+h.posts[3].ID {
		t.Error("the line moved while the page was open")
	}
	if len(s.page("/").all("#feed-line")) != 0 {
		t.Error("there is a line with nothing new above it")
	}
	h.news.feedSeen = h.posts[12].At // the first post of the second page
	page = s.page("/")
	if len(page.all("#feed-line")) != 0 {
		t.Error("the first page has the line already")
	}
	if line := next(s.page(page.one(".older").value("href"))); line == nil || line.value("id") != "post-"+h.posts[12].ID {
		t.Error("the second page does not begin with the line")
	}
}
