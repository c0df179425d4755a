package web_test

import (
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

// One person in front of two computers: the old one shows the code and asks, the new one shows its number, both without a
// reload.
func TestLinkingInTheBrowser(t *testing.T) {
	old, fresh := open(t, family(time.Now), nil), open(t, newHome(time.Now), nil)
	b := startBrowser(t)
	desk, laptop := b.tab(), b.tab()
	desk.enter(old)
	desk.visit(old.url + "/devices")
	desk.click("form[action='/link'] button")
	desk.until(`document.getElementById("device-code")?.value.startsWith("kith-device1-")`)
	code := ask[string](desk, `document.getElementById("device-code").value`)
	id := strings.TrimPrefix(ask[string](desk, "location.pathname"), "/link/")
	stayed := desk.steady()

	laptop.enter(fresh)
	laptop.visit(fresh.url + "/welcome")
	laptop.click(".other-ways a")
	laptop.until("location.pathname === '/welcome/link' && document.readyState === 'complete'")
	laptop.visit(fresh.url + "/welcome/link#" + code) // as the link of the code does
	laptop.until(`document.getElementById("code").value.startsWith("kith-device1-") && location.hash === ""`)
	laptop.click("form[data-join] .huge")
	laptop.until(`document.getElementById("linking-card")?.textContent.includes("Looking for")`)
	waits := laptop.steady()

	fresh.home.comesTo(social.Linking{State: social.LinkingWaiting, Number: "120450"})
	old.home.comes(id, "Laptop", "120450")
	laptop.until(`document.querySelector("#linking-card .number")?.textContent === "120 450"`)
	desk.until(`document.querySelector("#link-card .number")?.textContent === "120 450"`)
	laptop.accessible()
	desk.accessible()
	stayed()
	desk.click("#link-card button[value=yes]")
	desk.until(`location.pathname === "/devices" && document.getElementById("device-board").textContent.includes("Laptop")`)

	fresh.others(func(h *home) {
		h.me = social.Person{ID: "me", Name: "Nora", Me: true, Online: true}
		h.people["me"], h.started = h.me, true
	})
	fresh.home.comesTo(social.Linking{State: social.LinkingDone})
	laptop.until(`document.querySelector("#linking-card a[href='/']")`)
	waits()
	laptop.click("#linking-card a[href='/']")
	laptop.until(`location.pathname === "/" && document.querySelector(".rail")`)
	laptop.clean()
	desk.clean()
}

func TestComingBackInTheBrowser(t *testing.T) {
	s := open(t, newHome(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	p.visit(s.url + "/welcome")
	p.click(".other-ways a:last-child")
	p.until("location.pathname === '/welcome/return' && document.readyState === 'complete'")
	p.write("#words", "wrong words")
	p.write("#help", "kith-help1-abc")
	p.click(".huge")
	p.until(`document.querySelector(".trouble") && document.readyState === "complete"`)
	if got := ask[string](p, `document.getElementById("words").value + document.getElementById("help").value`); got != "kith-help1-abc" {
		t.Errorf("the form holds %q", got)
	}
	p.accessible()
	p.write("#words", "right words")
	p.click(".huge")
	p.until(`location.pathname === "/" && document.querySelector(".said")?.textContent.includes("Welcome back")`)
	// What happens by itself appears without a reload, and can be put away.
	stayed := p.steady()
	s.others(func(h *home) {
		h.own.notices = []social.Notice{{ID: "n1", At: time.Now(), Text: "“Laptop” is now one of your computers."}}
		h.tell(social.EventNotices, "", "")
	})
	p.until(`document.querySelector("#notice-n1")`)
	p.click("#notice-n1 button")
	p.until(`!document.querySelector("#notice-n1")`)
	stayed()
}
