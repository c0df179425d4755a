package web_test

import (
	"testing"
	"time"

	"kith/internal/social"
)

// What arrives while a page is open shows on the bell, in the title of the tab and on its icon, and goes when it was seen:
// on this page or elsewhere.
func TestTheBellIsLive(t *testing.T) {
	h := family(time.Now)
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/friends")
	p.until(`document.title === "Friends · kith" && !document.querySelector(".bell-number")`)
	h.arrives(social.News{ID: "one", Kind: social.NewsComment, At: time.Now(), People: []social.Person{h.people["ben"]}, Count: 1, Did: "commented on your post", Post: "tulips"})
	p.until(`document.title === "(1) Friends · kith" && document.querySelector("#bell-rail .bell-number").textContent === "1"`)
	p.until(`document.querySelector("link[rel=icon]").href.endsWith("/icons/kith-news.svg")`)
	p.until(`document.getElementById("news").textContent.includes("news")`)

	p.visit(s.url + "/news")
	h.arrives(social.News{ID: "two", Kind: social.NewsFriend, At: time.Now(), People: []social.Person{h.people["ben"]}, Count: 1, Did: "and you are friends now", Person: "ben"})
	p.until(`document.querySelectorAll("#news-list .unread").length === 2`)
	if asked := ask[bool](p, `!document.querySelector("[data-tell-me]").hidden && Notification.permission === "default"`); !asked {
		t.Error("the browser's messages were asked for by themselves, or can't be")
	}
	p.click("#news-two button")
	p.until(`document.querySelectorAll("#news-list .unread").length === 1 && document.title === "(1) News · kith"`)

	// Who reads the post has seen the news about it.
	p.visit(s.url + "/post/tulips")
	p.until(`document.title === "A post by Nora · kith" && document.querySelector("link[rel=icon]").href.endsWith("/icons/kith.svg")`)
}

// A post that is hidden leaves the open feed, here and on other pages that are open.
func TestAHiddenPostLeavesTheFeed(t *testing.T) {
	h := family(time.Now)
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/")
	p.click("#post-cake .post-menu > summary")
	p.click("#post-cake form[action$='/hide'] button")
	p.until(`!document.getElementById("post-cake") && document.getElementById("post-sail")`)
	if err := h.HidePost(t.Context(), "cake", false); err != nil {
		t.Fatal(err)
	}
	p.until(`document.getElementById("post-cake")`)
	p.clean()
}
