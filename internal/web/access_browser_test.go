package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"kith/internal/web"
)

// inspect looks through a page for what keeps people out: controls without a name, pictures without words, the same name
// for two elements, text that hardly stands out from what is behind it, and targets too small for a thumb.
const inspect = `(() => {
	const found = [];
	const seen = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !e.closest(".unseen, [aria-hidden=true], [inert]");
	const name = (e) => (e.getAttribute("aria-label") || [...(e.labels ?? [])].map((l) => l.textContent).join(" ") || e.alt || e.textContent + [...e.querySelectorAll("img")].map((i) => i.alt).join(" ") || e.title || "").trim();
	const what = (e) => "<" + e.localName + (e.id ? "#" + e.id : "") + (e.className.baseVal ?? e.className ? "." + String(e.className.baseVal ?? e.className).replaceAll(" ", ".") : "") + ">";

	const ids = new Set();
	for (const e of document.querySelectorAll("[id]")) {
		if (ids.has(e.id)) found.push("two elements are called " + e.id);
		ids.add(e.id);
	}
	for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, summary, select")) {
		if (seen(e) && !name(e)) found.push(what(e) + " has no name");
	}
	for (const e of document.querySelectorAll("img")) {
		if (!e.hasAttribute("alt")) found.push(what(e) + " has no words");
	}
	for (const e of document.querySelectorAll("[aria-labelledby], [for]")) {
		const id = e.getAttribute("aria-labelledby") ?? e.getAttribute("for");
		if (!document.getElementById(id)) found.push(what(e) + " names " + id + ", which is not there");
	}
	if (!document.querySelector("main h1, main .confirm-question")) found.push("there is no heading");
	if (document.querySelectorAll("main").length !== 1) found.push("there is not one main part");

	// Colours are given as oklch() and the like; a canvas knows what they are on the screen.
	const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgba = (colour) => {
		pen.clearRect(0, 0, 1, 1);
		pen.fillStyle = colour;
		pen.fillRect(0, 0, 1, 1);
		return [...pen.getImageData(0, 0, 1, 1).data];
	};
	const over = ([r, g, b, a], under) => [r, g, b].map((v, i) => (v * a + under[i] * (255 - a)) / 255).concat(255);
	const behind = (e) => {
		const layers = [];
		for (; e; e = e.parentElement) {
			const style = getComputedStyle(e);
			const gradient = style.backgroundImage.match(/(oklch|rgb|oklab|color)\([^()]*\)/);
			if (gradient) layers.push(rgba(gradient[0]));
			layers.push(rgba(style.backgroundColor));
			if (layers.at(-1)[3] === 255 || gradient) break;
		}
		return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 255]);
	};
	const light = (c) => {
		const [r, g, b] = c.map((v) => (v /= 255, v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const told = new Set();
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.data.trim() || !seen(e) || e.closest(".photo-more, .lightbox, .missing, svg, noscript, [disabled]")) continue;
		const style = getComputedStyle(e);
		const ground = behind(e);
		const a = light(over(rgba(style.color), ground)), b = light(ground);
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
		// The dimmed letters of a dark window are a picture; the name stands below.
		if (contrast < (large ? 3 : 4.5) && !e.closest(".face")) {
			const key = what(e) + " stands out by " + contrast.toFixed(2);
			if (!told.has(key)) found.push(key + " (" + texts.currentNode.data.trim().slice(0, 30) + ")");
			told.add(key);
		}
	}
	for (const e of document.querySelectorAll(".button, .icon-button, .rail-link, .reaction, .react-open, .field, .segment, .choice")) {
		const { width, height } = e.getBoundingClientRect();
		if (seen(e) && (width < 24 || height < 24)) found.push(what(e) + " is " + width + " by " + height);
	}
	return found;
})()`

// accessible reports what inspect finds.
func (p *tab) accessible() {
	p.t.Helper()
	for _, what := range ask[[]string](p, inspect) {
		p.t.Error(what)
	}
}

// TestTheInspectorFindsMistakes spoils a page on purpose: a look that finds nothing anywhere is worth nothing.
func TestTheInspectorFindsMistakes(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	for want, spoil := range map[string]string{
		"has no name":             `document.querySelector(".post-delete").removeAttribute("aria-label"); document.querySelector(".post-delete").removeAttribute("title")`,
		"has no words":            `document.querySelector(".photo img").removeAttribute("alt")`,
		"two elements are called": `document.querySelector(".post-text").id = "composer-text"`,
		"which is not there":      `document.querySelector(".post").setAttribute("aria-labelledby", "nobody")`,
		"there is no heading":     `document.querySelectorAll("main h1").forEach((e) => e.remove())`,
		"stands out by":           `const sheet = new CSSStyleSheet(); sheet.replaceSync(".post-when a { color: oklch(0.8 0.02 60) }"); document.adoptedStyleSheets.push(sheet)`,
		" by 1":                   `const sheet = new CSSStyleSheet(); sheet.replaceSync(".icon-button { width: 10px; height: 10px }"); document.adoptedStyleSheets.push(sheet)`,
	} {
		p.visit(s.url + "/")
		if found := ask[[]string](p, inspect); len(found) != 0 {
			t.Fatalf("unspoiled, the page has %q", found)
		}
		ask[bool](p, `(() => { `+spoil+`; return true })()`)
		if found := strings.Join(ask[[]string](p, inspect), "\n"); !strings.Contains(found, want) {
			t.Errorf("want %q, found %q", want, found)
		}
	}
}

// TestByKeyboard goes through the page without a mouse.
func TestByKeyboard(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	stayed := p.steady()
	focus := func() string {
		return ask[string](p, `(() => { const e = document.activeElement; return e.getAttribute("aria-label") || e.textContent.trim().replace(/\s+/g, " ") || e.id })()`)
	}
	p.keys(kb.Tab)
	if got := focus(); got != "Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	p.keys(kb.Enter)
	p.until(`document.activeElement.id === "main"`)
	p.keys(kb.Tab)
	if got := ask[string](p, `document.activeElement.id`); got != "composer-text" {
		t.Errorf("after skipping, the next stop is %q", got)
	}
	// A reaction by keys alone: open, choose, and the focus is back where it was.
	ask[bool](p, `(document.querySelector("#post-plain .react-open").focus(), true)`)
	p.keys(kb.Enter)
	p.until(`document.querySelector("#post-plain .react").open`)
	p.keys(kb.Escape)
	p.until(`!document.querySelector("#post-plain .react").open`)
	p.keys(kb.Enter)
	p.keys(kb.Tab)
	p.keys(kb.Enter)
	p.until(`[...document.querySelectorAll("#post-plain .reaction .unseen")].some((e) => e.textContent === "Love: Nora")`)
	p.until(`document.activeElement.matches("#post-plain .react-open")`)
	if outline := ask[string](p, `getComputedStyle(document.activeElement).outlineStyle + " " + getComputedStyle(document.activeElement).outlineWidth`); outline != "solid 2px" {
		t.Errorf("the focus is drawn as %q", outline)
	}
	// A photo: open, close, and the focus is back on it.
	ask[bool](p, `(document.querySelector("#post-sail .photo").focus(), true)`)
	p.keys(kb.Enter)
	p.until(`document.querySelector(".lightbox[open]")`)
	p.keys(kb.Escape)
	p.until(`document.activeElement.matches("#post-sail .photo")`)
	stayed()
}

// TestTimesAgree compares the words that the server has for a moment with those that the scripts have.
func TestTimesAgree(t *testing.T) {
	s := open(t, family(time.Now), nil)
	p := startBrowser(t).tab()
	p.enter(s)
	now := time.Date(2026, time.March, 14, 12, 30, 15, 0, time.Local)
	var moments []int64
	var want []string
	for _, passed := range []time.Duration{0, -time.Hour, 59 * time.Second, time.Minute, 61 * time.Minute, 5 * time.Hour, 7 * time.Hour, 12 * time.Hour, 13 * time.Hour,
		24 * time.Hour, 36 * time.Hour, 37 * time.Hour, 49 * time.Hour, 6 * 24 * time.Hour, 7 * 24 * time.Hour, 72 * 24 * time.Hour, 74 * 24 * time.Hour, 400 * 24 * time.Hour} {
		then := now.Add(-passed)
		moments = append(moments, then.UnixMilli())
		want = append(want, web.Ago(then, now))
	}
	input, err := json.Marshal(moments)
	if err != nil {
		t.Fatal(err)
	}
	got := ask[[]string](p, fmt.Sprintf(`import(%q).then(({ ago }) => %s.map((m) => ago(new Date(m), new Date(%d))))`, s.server.Static("js/time.js"), input, now.UnixMilli()))
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v: the server says %q, the script %q", time.UnixMilli(moments[i]), want[i], got[i])
		}
	}
}
