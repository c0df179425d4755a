package web_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kith/internal/social"
)

// inChat opens the page of a chat.
func inChat(t *testing.T, h *home, id string) (*site, *tab) {
	t.Helper()
	s := open(t, h, nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/chat/" + id)
	p.do(chromedp.Evaluate[chromedp.Void]("window.steady = true"))
	return s, p
}

func TestSendingAndHearing(t *testing.T) {
	s, p := inChat(t, talkative(time.Now), "with-ben")
	p.click("#chat-text")
	p.keys("one")
	p.do(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierShift)))
	p.keys("two")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector(".message-mine:last-child[data-message] .message-text")?.textContent === "one\ntwo"`)
	p.until(`document.querySelectorAll("[data-pending]").length === 0 && document.getElementById("chat-text").value === ""`)
	if got := ask[string](p, `document.querySelector(".message-mine:last-child .message-state-words").textContent`); got != "Sent. It arrives when their home is on" {
		t.Errorf("its state is %q", got)
	}
	s.others(func(h *home) {
		c, _ := h.findChat("with-ben")
		c.messages[len(c.messages)-1].Read = []string{"Ben"}
		h.hear(c, "heard", "ben", "three", 0)
	})
	p.until(`document.querySelector("#message-heard .message-text")?.textContent === "three"`)
	p.until(`document.getElementById("news").textContent === "Ben: three"`)
	p.until(`[...document.querySelectorAll(".message-state-words")].at(-1).textContent === "Read"`)
	// What is in sight is told as read, and the count at the menu goes.
	p.until(`!document.querySelector("#chat-count .badge")`)
	// Somebody unsends, another one edits.
	s.others(func(h *home) { h.unsend("b2") })
	p.until(`!document.getElementById("message-b2")`)
	if err := s.home.Edit(t.Context(), "heard", social.Edit{Text: "four"}); err != nil {
		t.Fatal(err)
	}
	p.until(`document.querySelector("#message-heard .message-text").textContent === "four"`)
	if !ask[bool](p, "window.steady === true") {
		t.Error("the page was loaded again")
	}
	p.clean()
}

// Five sent at once arrive once each and in order, also when the home does not answer at first.
func TestNothingTypedIsLost(t *testing.T) {
	s, p := inChat(t, talkative(time.Now), "with-tom")
	p.click("#chat-text")
	for i := range 5 {
		p.keys(fmt.Sprint("word ", i))
		p.do(chromedp.KeyEvent(kb.Enter))
	}
	p.until(`document.querySelectorAll("[data-message]").length === 5 && !document.querySelector("[data-pending]")`)
	if got := ask[string](p, `[...document.querySelectorAll(".message-text")].map((e) => e.textContent).join()`); got != "word 0,word 1,word 2,word 3,word 4" {
		t.Errorf("they came as %s", got)
	}
	s.turn(false)
	p.keys("into the dark")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector("[data-pending] .message-state-failed")?.textContent.startsWith("Not sent.")`)
	s.turn(true)
	p.click("[data-pending] .quiet-link")
	p.until(`document.querySelectorAll("[data-message]").length === 6 && !document.querySelector("[data-pending]")`)
	p.click("#chat-text")
	p.keys("half a thought")
	p.do(chromedp.Reload())
	p.until(`document.getElementById("chat-text")?.value === "half a thought"`)
}

func TestOlderMessagesLoad(t *testing.T) {
	h := talkative(time.Now)
	long := h.addChat("long", "", "ayse")
	for i := range 130 {
		h.hear(long, fmt.Sprint("l", i), []string{"ayse", "me"}[i%2], fmt.Sprint("message ", i), time.Duration(400-i)*time.Hour)
	}
	s, p := inChat(t, h, "long")
	p.until(`(() => { const t = document.getElementById("talk"); return t.scrollHeight - t.scrollTop - t.clientHeight < 70 })()`)
	p.until(`(document.getElementById("talk").scrollTop = 0, document.querySelectorAll("[data-message]").length === 130)`)
	if got := ask[bool](p, `[...document.querySelectorAll("[data-message]")].every((e, i) => e.id === "message-l" + i)`); !got {
		t.Error("they are out of order, or twice there")
	}
	if got := ask[bool](p, `new Set([...document.querySelectorAll("#talk-list > li")].map((e) => e.id)).size === document.querySelectorAll("#talk-list > li").length`); !got {
		t.Error("a day is there twice")
	}
	// What is being read stays where it is when something comes in.
	ask[bool](p, `(document.getElementById("message-l60").scrollIntoView({ block: "center" }), true)`)
	before := ask[float64](p, `document.getElementById("message-l60").getBoundingClientRect().top`)
	s.others(func(h *home) {
		c, _ := h.findChat("long")
		h.hear(c, "new", "ayse", "are you there?", 0)
	})
	p.until(`document.getElementById("message-new") && !document.querySelector("[data-talk-fresh]").hidden`)
	if after := ask[float64](p, `document.getElementById("message-l60").getBoundingClientRect().top`); after < before-1 || after > before+1 {
		t.Errorf("what was read moved from %v to %v", before, after)
	}
	if got := ask[int](p, `document.querySelectorAll("[data-message]").length`); got != 131 {
		t.Errorf("%d messages are on the page, want 131", got)
	}
	p.clean()
}

func TestAnswerReactAndPlay(t *testing.T) {
	_, p := inChat(t, talkative(time.Now), "with-ben")
	p.until(`document.getElementById("message-b7")`)
	ask[bool](p, `(document.querySelector("#message-b7 summary").click(), true)`)
	p.click(`#message-b7 [aria-label="Hooray"]`)
	p.until(`document.querySelector("#message-b7 .reaction.mine")`)
	ask[bool](p, `(document.querySelector("#message-b7 .message-menu").open = true)`)
	p.click(`#message-b7 [data-reply]`)
	p.until(`document.activeElement.id === "chat-text" && !document.querySelector("[data-chat-reply]").hidden`)
	p.keys("I will")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.querySelector(".message-mine:last-child[data-message] .message-quote")?.textContent.includes("See you!")`)
	if !ask[bool](p, `document.querySelector("[data-chat-reply]").hidden`) {
		t.Error("the next message would answer, too")
	}
	p.clean()
}
