package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kith/internal/social"
)

// others does something as if it had come from another home.
func (s *site) others(do func(h *home)) {
	s.home.mu.Lock()
	defer s.home.mu.Unlock()
	do(s.home)
}

// arrive puts somebody's new post at the top, as if it had just come in.
func (h *home) arrive(id, who, text string, scenes ...string) {
	h.post(id, who, 0, text, scenes...)
	last := len(h.posts) - 1
	h.posts = append([]*social.Post{h.posts[last]}, h.posts[:last]...)
	h.tell(social.EventPost, id, "")
}

// steady marks the page, so that a test can tell that it was not loaded again.
func (p *tab) steady() func() {
	p.do(chromedp.Evaluate[chromedp.Void]("window.steady = true"))
	return func() {
		p.t.Helper()
		if !ask[bool](p, "window.steady === true") {
			p.t.Error("the page was loaded again")
		}
		p.clean()
	}
}

func TestPostsComeInLive(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()

	s.others(func(h *home) {
		h.arrive("fresh", "ben", "Wind at last", "sea: Sails")
	})
	p.until(`document.querySelector("[data-feed] > [data-post]")?.id === "post-fresh"`)
	if got := ask[string](p, `document.querySelector("#post-fresh .post-text").textContent`); got != "Wind at last" {
		t.Errorf("the post says %q", got)
	}
	p.until(`document.getElementById("news").textContent === "New post by Ben"`)

	s.others(func(h *home) {
		h.say("fresh", "ilse", 0, "Take care, child.")
		h.like("fresh", "❤️", "ilse")
	})
	p.until(`document.querySelector("#post-fresh .comment-text")?.textContent === "Take care, child."`)
	p.until(`document.querySelector("#post-fresh .reaction .unseen")?.textContent === "Love: Grandma Ilse"`)

	s.others(func(h *home) {
		p := h.people["tom"]
		p.Online = true
		h.people["tom"] = p
		h.tell(social.EventPerson, "tom", "")
	})
	p.until(`document.querySelector("#window-tom .window.lit")`)

	s.others(func(h *home) {
		if err := h.remove("fresh"); err != nil {
			t.Error(err)
		}
	})
	p.until(`!document.getElementById("post-fresh")`)
	stayed()
}

func TestWhatIsReadStaysInPlace(t *testing.T) {
	s := open(t, overfull(time.Now), nil)
	p := startBrowser(t).tab()
	p.look(1280, 800, "light")
	p.enter(s)
	stayed := p.steady()
	p.until(`document.getElementById("post-sail")`)
	ask[bool](p, `(document.getElementById("post-sail").scrollIntoView(), true)`)
	before := ask[float64](p, `document.getElementById("post-sail").getBoundingClientRect().top`)

	s.others(func(h *home) { h.arrive("fresh", "ben", "Something new far above", "sea") })
	p.until(`document.getElementById("post-fresh")`)
	p.until(`document.querySelector("[data-fresh]:not([hidden])")?.textContent.trim() === "1 new post"`)
	if after := ask[float64](p, `document.getElementById("post-sail").getBoundingClientRect().top`); after < before-1 || after > before+1 {
		t.Errorf("the post that was being read moved from %v to %v", before, after)
	}
	s.others(func(h *home) { h.arrive("fresher", "ayse", "And another one") })
	p.until(`document.querySelector("[data-fresh]").textContent.trim() === "2 new posts"`)
	p.click("[data-fresh]")
	p.until(`scrollY === 0 && document.querySelector("[data-fresh]").hidden`)
	if got := ask[string](p, `document.activeElement.id`); got != "post-fresher" {
		t.Errorf("after the click the focus is on %q", got)
	}
	stayed()
}

func TestTypingIsNeverTouched(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.click("#answer-text-sail")
	p.keys("I was just about to")
	s.others(func(h *home) {
		h.say("sail", "tom", 0, "Can I come too?")
		h.arrive("fresh", "ayse", "Something above")
	})
	p.until(`document.querySelector("#post-sail .comment:last-child .comment-text").textContent === "Can I come too?"`)
	p.until(`document.getElementById("post-fresh")`)
	p.keys(" say so")
	if got := ask[string](p, `document.activeElement.value`); got != "I was just about to say so" {
		t.Fatalf("the comment being written is %q", got)
	}
	stayed()
	// A reload does not lose it either; sending it empties the field.
	p.do(chromedp.Reload())
	p.until(`document.getElementById("answer-text-sail")?.value === "I was just about to say so"`)
	sent := p.steady()
	p.click("#answer-text-sail")
	p.keys(kb.End)
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.until(`document.querySelector("#post-sail .comment:last-child .comment-text").textContent === "I was just about to say so"`)
	if got := ask[string](p, `document.getElementById("answer-text-sail").value`); got != "" {
		t.Errorf("after sending, the field holds %q", got)
	}
	sent()
}

func TestReactAndShowAll(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.click("#post-plain .react-open")
	p.click(`#post-plain .react-choice[aria-label="Hooray"]`)
	p.until(`[...document.querySelectorAll("#post-plain .reaction .unseen")].some((e) => e.textContent === "Hooray: Nora")`)
	p.click(`#post-plain .reaction.mine`)
	p.until(`!document.querySelector("#post-plain .reaction.mine")`)

	p.click("#post-sail [data-comments]")
	p.until(`document.querySelectorAll("#post-sail .comment").length === 3`)
	// What was opened stays open when something changes.
	s.others(func(h *home) { h.like("sail", "🎉", "pedro") })
	p.until(`[...document.querySelectorAll("#post-sail .reaction .unseen")].some((e) => e.textContent === "Hooray: Pedro")`)
	if got := ask[int](p, `document.querySelectorAll("#post-sail .comment").length`); got != 3 {
		t.Errorf("%d comments are open after a change, want 3", got)
	}
	stayed()
}

func TestDeleteInADialog(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.click("#post-tulips .post-delete")
	p.until(`document.querySelector("dialog[open] [data-no]") === document.activeElement`)
	p.keys(kb.Escape)
	p.until(`!document.querySelector("dialog[open]") && document.getElementById("post-tulips")`)
	p.click("#post-tulips .post-delete")
	p.until(`document.querySelector("dialog[open]")`)
	p.click("dialog .danger")
	p.until(`!document.querySelector("dialog[open]") && !document.getElementById("post-tulips")`)
	stayed()
	if r := s.get("/post/tulips"); r.status != 404 {
		t.Errorf("the post is still there: status %d", r.status)
	}
}

func TestTabsShareOneStream(t *testing.T) {
	s := open(t, family(time.Now), nil)
	b := startBrowser(t)
	first := b.tab()
	first.enter(s)
	tabs := []*tab{first}
	for range 7 { // more than the connections that a browser opens to a host
		p := b.tab()
		p.visit(s.url + "/")
		tabs = append(tabs, p)
	}
	wait(t, "one stream is open", func() bool { return s.streams.Load() == 1 })
	s.others(func(h *home) { h.arrive("fresh", "ben", "To everybody at once") })
	for _, p := range tabs {
		p.until(`document.getElementById("post-fresh")`)
	}
	if got := s.streams.Load(); got != 1 {
		t.Errorf("%d streams are open, want 1", got)
	}
	// The tab that reads the stream goes; another one takes over and nothing is missed.
	first.do(chromedp.Navigate("about:blank"))
	s.others(func(h *home) { h.arrive("fresher", "ayse", "While they were changing places") })
	for _, p := range tabs[1:] {
		p.until(`document.getElementById("post-fresher")`)
		p.clean()
	}
	wait(t, "one stream is open again", func() bool { return s.streams.Load() == 1 })
}

func TestCatchingUpAfterAPause(t *testing.T) {
	for _, missed := range []int{3, 700} { // fewer and more than the hub keeps
		t.Run(fmt.Sprint(missed), func(t *testing.T) {
			s := open(t, family(time.Now), nil)
			p := startBrowser(t).tab()
			p.enter(s)
			stayed := p.steady()
			wait(t, "the stream is open", func() bool { return s.streams.Load() == 1 })
			s.turn(false)
			s.others(func(h *home) {
				h.arrive("fresh", "ben", "You were away")
				if err := h.remove("cake"); err != nil {
					t.Error(err)
				}
				h.say("sail", "tom", 0, "Where are you?")
			})
			for range missed {
				s.others(func(h *home) { h.tell(social.EventPerson, "ben", "") })
			}
			time.Sleep(100 * time.Millisecond) // long enough for anything to arrive that should not
			if ask[bool](p, `document.getElementById("post-fresh") !== null`) {
				t.Fatal("the pause is none: the post came in")
			}
			s.turn(true)
			p.until(`document.getElementById("post-fresh") && !document.getElementById("post-cake")`)
			p.until(`document.querySelector("#post-sail .comment:last-child .comment-text").textContent === "Where are you?"`)
			stayed()
		})
	}
}

func TestFriendsLightUpLive(t *testing.T) {
	s := open(t, emptyHome(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.until(`document.querySelector(".first h2") && document.querySelector("#audience .chip-only-me")`)
	s.others(func(h *home) {
		h.people["ben"] = social.Person{ID: "ben", Name: "Ben"}
		ben := h.people["ben"]
		asking := h.newInvite("Ben", false, time.Now().Add(time.Hour))
		asking.State, asking.Who = social.InviteAsking, &ben
		h.invites = append(h.invites, asking)
		h.tell(social.EventInvites, asking.ID, "")
	})
	p.until(`document.querySelector(".ask-title")?.textContent === "Ben is at the door"`)
	p.click(`.ask button[value="yes"]`)
	p.until(`document.querySelector("#window-ben .window.lit")`)
	p.until(`!document.querySelector(".ask") && !document.querySelector(".first h2")`)
	p.until(`document.querySelector("#audience option[data-kind=friends]:checked")`)
	stayed()
}

func TestSignedOutIsSaid(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	p.click("#answer-text-sail")
	p.keys("Not lost")
	if err := s.gate.EndAll(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	p.click("#answer-sail .primary")
	p.until(`document.getElementById("bar")?.textContent.includes("signed out")`)
	if got := ask[string](p, `document.getElementById("answer-text-sail").value`); got != "Not lost" {
		t.Errorf("the comment is %q", got)
	}
	stayed()
}

func TestEndlessScroll(t *testing.T) {
	s := open(t, overfull(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	all := len(s.home.posts)
	p.until(fmt.Sprintf(`(scrollTo({ top: document.body.scrollHeight, behavior: "instant" }), document.querySelectorAll("[data-feed] > [data-post]").length === %d)`, all))
	if got := ask[string](p, `document.querySelector("[data-feed-end]").textContent.trim()`); got != "You are all caught up" {
		t.Errorf("at the end it says %q", got)
	}
	if ids := ask[int](p, `new Set([...document.querySelectorAll("[data-post]")].map((e) => e.id)).size`); ids != all {
		t.Errorf("%d different posts, want %d", ids, all)
	}
	// Reading a post and coming back leads to where one was.
	p.click("#post-old20 .post-when a")
	p.until(`location.pathname === "/post/old20" && document.readyState === "complete"`)
	ask[bool](p, `(history.back(), true)`)
	p.until(`location.pathname === "/" && document.getElementById("post-old20")`)
	p.until(`(() => { const { top, bottom } = document.getElementById("post-old20").getBoundingClientRect(); return bottom > 0 && top < innerHeight })()`)
	p.clean()
}

// TestThePageIsAsAReload does all sorts of things to a home while its page is open, and compares the page with a reload.
func TestThePageIsAsAReload(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	s.others(func(h *home) {
		h.arrive("a", "ben", "One", "sea: Sails", "hills", "cake")
		h.arrive("b", "ilse", "Two")
		h.say("cake", "ben", 0, "Comes in late")
		h.like("cake", "🎉", "ben", "me")
		h.like("sail", "", "ilse")
		if err := h.remove("plain"); err != nil {
			t.Error(err)
		}
		mine, err := h.find("tulips")
		if err != nil {
			t.Fatal(err)
		}
		mine.Delivery = social.Delivery{State: social.DeliveryAll, Have: 6, Of: 6}
		h.tell(social.EventChanged, "tulips", "")
		tom := h.people["tom"]
		tom.Online, tom.Name = true, "Tom the Second"
		h.people["tom"] = tom
		h.tell(social.EventPerson, "tom", "")
		h.people["rosa"] = social.Person{ID: "rosa", Name: "Rosa"}
		h.befriend("rosa")
	})
	p.until(`document.querySelector("#window-rosa .lit") && document.querySelector("#window-tom bdi").textContent === "Tom the Second"`)
	p.until(`document.querySelectorAll("#post-cake .comment").length === 2 && document.querySelector("#post-cake .comments-all") === null`)
	p.until(`document.querySelector("#post-tulips .delivery-all") && !document.getElementById("post-plain") && document.getElementById("post-a")`)
	// What the page shows, without what only is there because it is open.
	const shown = `[...document.querySelectorAll("[data-feed], #street, #at-the-door, #first")].map((e) => {
		const copy = e.cloneNode(true);
		copy.querySelectorAll(".arrived").forEach((c) => c.classList.remove("arrived"));
		copy.querySelectorAll("time").forEach((c) => c.replaceChildren());
		copy.querySelectorAll("[class='']").forEach((c) => c.removeAttribute("class"));
		return copy.outerHTML.replace(/\s+/g, " ").replace(/> </g, "><");
	})`
	p.until(`document.querySelector("#post-cake .comment bdi").textContent === "Tom the Second"`) // names in posts follow
	before := ask[[]string](p, shown)
	stayed()
	p.do(chromedp.Reload())
	p.until(`document.readyState === "complete"`)
	for i, after := range ask[[]string](p, shown) {
		if before[i] != after {
			at := 0
			for at < min(len(after), len(before[i])) && after[at] == before[i][at] {
				at++
			}
			t.Errorf("the page had\n%.300s\na reload has\n%.300s", before[i][max(0, at-100):], after[max(0, at-100):])
		}
	}
}
