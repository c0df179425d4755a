package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"kith/internal/social"
)

// hostile are texts that have run as code somewhere, each calling pwn() if it runs here. %d is filled in with its number.
var hostile = []string{
	`<script>pwn(%d)</script>`,
	`"><script>pwn(%d)</script>`,
	`'><img src=x onerror=pwn(%d)>`,
	`<img src="x" onerror="pwn(%d)">`,
	`<svg onload=pwn(%d)>`,
	`<svg><animate onbegin=pwn(%d) attributeName=x>`,
	`<body onload=pwn(%d)>`,
	`<iframe srcdoc="<script>parent.pwn(%d)</script>">`,
	`<a href="javascript:pwn(%d)">x</a>`,
	`javascript:pwn(%d)`,
	`</textarea><script>pwn(%d)</script>`,
	`</title><script>pwn(%d)</script>`,
	`</style><script>pwn(%d)</script>`,
	`<!--><script>pwn(%d)</script>`,
	`<details open ontoggle=pwn(%d)>`,
	`<input autofocus onfocus=pwn(%d)>`,
	`" autofocus onfocus="pwn(%d)`,
	`' onmouseover='pwn(%d)`,
	`" onload="pwn(%d)" x="`,
	"`${pwn(%d)}`",
	`{{pwn(%d)}}`,
	`\u003cscript\u003epwn(%d)\u003c/script\u003e`,
	`&lt;script&gt;pwn(%d)&lt;/script&gt;`,
	`&#60;img src=x onerror=pwn(%d)&#62;`,
	`https://e.org/"onmouseover="pwn(%d)`,
	`https://e.org/<script>pwn(%d)</script>`,
	`http://javascript:pwn(%d)`,
	`data:text/html,<script>pwn(%d)</script>`,
	`<math><mtext></p><img src=x onerror=pwn(%d)>`,
	`<template><script>pwn(%d)</script></template>`,
	`<form action=javascript:pwn(%d)><button>x`,
	`<style>@import 'javascript:pwn(%d)'</style>`,
	`<link rel=stylesheet href=javascript:pwn(%d)>`,
	`<meta http-equiv=refresh content="0;url=javascript:pwn(%d)">`,
	`<base href="javascript:pwn(%d)//">`,
	`<object data="javascript:pwn(%d)">`,
	"\x00<scr\x00ipt>pwn(%d)</script>",
	"<script\n>pwn(%d)</script\n>",
	`<noscript><p title="</noscript><img src=x onerror=pwn(%d)>">`,
	`]]><script>pwn(%d)</script>`,
	"\u202e<script>pwn(%d)</script>",
	"\u2028pwn(%d)//",
}

// nasty makes a home in which every text that somebody else can set is hostile.
func nasty(variant int) *home {
	h := emptyHome(time.Now)
	n := variant
	text := func() string {
		n++
		return fmt.Sprintf(hostile[n%len(hostile)], n)
	}
	evil := social.Person{ID: "evil", Name: text(), About: text(), Picture: "/picture/" + url.PathEscape(text()), Friend: true, Online: true}
	h.people["evil"] = evil
	h.friends = []string{"evil"}
	h.words[0] = text()
	h.draft = social.Draft{Text: text(), Photos: []social.Photo{{ID: "ph", Alt: text(), Width: 10, Height: 10, Thumb: "/picture/x", Screen: "/picture/y", Tone: text()}}}
	for i := range 3 {
		p := h.post(fmt.Sprintf("p%d", i), "evil", time.Duration(i)*time.Minute, text())
		p.Audience = social.Audience{Name: text(), Kind: text(), People: 3}
		for range 5 {
			p.Photos = append(p.Photos, social.Photo{ID: text(), Alt: text(), Width: 10, Height: 10, Thumb: "/picture/" + url.PathEscape(text()), Screen: "/picture/" + url.PathEscape(text()), Tone: text(), Here: i == 0})
		}
		c := h.say(p.ID, "evil", 0, text())
		h.reactions[p.ID] = map[string][]string{text(): {"evil"}, text(): {"evil", "me"}}
		h.reactions[c] = map[string][]string{text(): {"evil"}}
	}
	for i, state := range []string{social.InviteOpen, social.InviteAsking, social.InviteRefused} {
		invite := h.newInvite(text(), false, time.Now().Add(time.Hour))
		invite.ID, invite.State, invite.Who, invite.Warning, invite.Message, invite.Link, invite.Code = fmt.Sprintf("i%d", i), state, &evil, text(), text(), text(), text()
		h.invites = append(h.invites, invite)
	}
	h.acceptances = []social.Acceptance{{ID: "a0", Inviter: evil, State: social.AcceptanceFailed, Detail: text(), Expires: time.Now()}}
	h.greetings["KITH"] = social.Greeting{Code: "KITH" + text(), Inviter: evil, Expires: time.Now().Add(time.Hour)}
	return h
}

// TestHostileTextIsInert puts code into every field, opens every page in a real browser, moves over and clicks what there
// is, and has the same come in live. Nothing may run, and the content security policy must have had nothing to stop.
func TestHostileTextIsInert(t *testing.T) {
	b := startBrowser(t)
	step := 6
	if testing.Short() {
		step = 2 * step
	}
	for variant := 0; variant < len(hostile); variant += step {
		t.Run(fmt.Sprint(variant), func(t *testing.T) {
			s := open(t, nasty(variant), nil)
			p := b.tab()
			p.t = t
			p.enter(s)
			p.watch()
			paths := []string{
				"/", "/post/p0", "/post/p0/photo/1", "/people/evil", "/people/evil/unfriend", "/friends", "/invite", "/invite/i0", "/invite/i1", "/invite/i2",
				"/me", "/settings", "/recovery/words", "/post/p1/delete", "/?said=" + url.QueryEscape(hostile[variant]), "/join?code=" + url.QueryEscape(fmt.Sprintf(hostile[variant], 1)),
				"/signin?token=" + url.QueryEscape(hostile[variant]), "/" + url.PathEscape(hostile[variant]),
			}
			for _, path := range paths {
				p.visit(s.url + path)
				p.harmless(path)
				if path == "/" {
					// What comes in live is drawn by the scripts.
					s.others(func(h *home) {
						h.arrive("live", "evil", fmt.Sprintf(hostile[variant], 999))
						h.say("live", "evil", 0, fmt.Sprintf(hostile[(variant+1)%len(hostile)], 999))
						h.tell(social.EventPerson, fmt.Sprintf(hostile[variant], 1), "")
						h.tell(fmt.Sprintf(hostile[variant], 1), `"]`, `x"] *`)
					})
					p.until(`document.getElementById("post-live")`)
					p.click("#post-p0 .photo")
					p.until(`document.querySelector(".lightbox[open]")`)
					p.harmless("the lightbox")
					s.others(func(h *home) {
						if err := h.remove("live"); err != nil {
							t.Error(err)
						}
					})
				}
			}
			p.visit(s.url + "/join#" + url.PathEscape(fmt.Sprintf(hostile[variant], 7)))
			p.harmless("the link of an invite")
			p.visit(s.url + "/join#KITH")
			p.click("[data-join] .primary")
			p.until(`document.querySelector(".greeting")`)
			p.harmless("the greeting")
		})
	}
}

// watch has every page of a tab note when pwn is called, from before its own scripts run.
func (p *tab) watch() {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: "window.pwn = (n) => { window.pwned = n }"})
	if err != nil {
		p.t.Fatal(err)
	}
}

// harmless holds that nothing ran in a page, and that nothing in it could.
func (p *tab) harmless(where string) {
	p.t.Helper()
	found := ask[[]string](p, `(() => {
		const found = [];
		if (window.pwned) found.push("code ran: " + window.pwned);
		for (const e of document.querySelectorAll("*")) {
			for (const a of e.attributes) if (a.name.startsWith("on") || a.name === "style") found.push("<" + e.localName + " " + a.name + ">");
			for (const n of ["href", "src", "action", "formaction", "data"]) {
				const v = e.getAttribute(n);
				if (v && /^\s*(javascript|data|vbscript):/i.test(v)) found.push(n + "=" + v);
			}
			if (e.localName === "script" && !e.src) found.push("a script inside");
			for (const n of ["mouseover", "focus", "toggle", "error", "load"]) e.dispatchEvent(new Event(n));
		}
		return found;
	})()`)
	for _, what := range found {
		p.t.Errorf("%s: %s", where, what)
	}
	for _, trouble := range p.noted() {
		if strings.Contains(trouble, "Content Security Policy") || strings.Contains(trouble, "Trusted") || strings.Contains(trouble, "pwn") {
			p.t.Errorf("%s: %s", where, trouble)
		}
	}
	p.mu.Lock()
	p.troubles = nil
	p.mu.Unlock()
}

// TestThePolicyHolds tries from inside the page what a hole in our escaping would let somebody do. The browser must refuse.
func TestThePolicyHolds(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	for name, attempt := range map[string]string{
		"HTML from a string":      `document.body.innerHTML = "<b>x</b>"`,
		"parsing a document":      `new DOMParser().parseFromString("<b>x</b>", "text/html")`,
		"a second policy":         `trustedTypes.createPolicy("another", { createHTML: (s) => s })`,
		"the same policy again":   `trustedTypes.createPolicy("kith", { createHTML: (s) => s })`,
		"code from a string":      `setTimeout("window.pwned = 1", 0)`,
		"the address of a script": `document.createElement("script").src = "https://evil.example/x.js"`,
	} {
		if ask[bool](p, `(() => { try { `+attempt+`; return true } catch { return false } })()`) {
			t.Errorf("%s is let through", name)
		}
	}
	if got := ask[string](p, `(() => { const i = document.createElement("div"); i.setAttribute("style", "color: red"); document.body.append(i); return getComputedStyle(i).color })()`); got == "rgb(255, 0, 0)" {
		t.Error("a style inside HTML is let through")
	}
	if ask[bool](p, `fetch("https://example.org/").then(() => true, () => false)`) {
		t.Error("requests to elsewhere are let through")
	}
	if ask[bool](p, `new Promise((done) => { const f = document.createElement("form"); f.action = "https://evil.example/"; f.method = "post"; document.body.append(f);
		addEventListener("securitypolicyviolation", (e) => e.effectiveDirective === "form-action" && done(false)); f.submit(); setTimeout(() => done(true), 2000) })`) {
		t.Error("forms to elsewhere are let through")
	}
}
