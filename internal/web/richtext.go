package web

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"kith/internal/markup"
	"kith/internal/social"
)

// This file is the only place where text that people wrote becomes HTML. It walks the tree that package markup makes of a
// text; every letter is escaped, and nothing but a handful of elements comes out. Line breaks stay because the style sheet
// keeps them.

// shownLink is how many characters of a link are shown. The whole is in its tooltip.
const shownLink = 48

// rich is a text with its formatting, its links, and the people who are mentioned in it.
func rich(text string, mentions []social.Mention) template.HTML {
	w := writer{people: make(map[string]social.Mention)}
	var names []string
	for _, m := range mentions {
		w.people[m.Name] = m
		names = append(names, m.Name)
	}
	w.Grow(len(text) + len(text)/8)
	blocks := markup.Parse(text, names)
	for i := range blocks {
		w.block(&blocks[i])
	}
	return template.HTML(w.String()) //nolint:gosec // every byte of the text went through HTMLEscape
}

// writer writes a tree as HTML.
type writer struct {
	strings.Builder
	people map[string]social.Mention // by the name in the text
}

func (w *writer) text(text string) { template.HTMLEscape(&w.Builder, []byte(text)) }

func (w *writer) block(b *markup.Block) {
	lines := func(before, after, between string) {
		for i, line := range b.Lines {
			if i > 0 {
				w.WriteString(between)
			}
			w.WriteString(before)
			w.spans(line)
			w.WriteString(after)
		}
	}
	switch b.Kind {
	case markup.List:
		w.WriteString("<ul>")
		lines("<li>", "</li>", "")
		w.WriteString("</ul>")
	case markup.Numbers:
		w.WriteString(`<ol start="` + strconv.Itoa(b.Start) + `">`)
		lines("<li>", "</li>", "")
		w.WriteString("</ol>")
	case markup.Quotation:
		w.WriteString("<blockquote>")
		lines("", "", "\n")
		w.WriteString("</blockquote>")
	case markup.Code:
		w.WriteString("<pre><code>")
		w.text(b.Text)
		w.WriteString("</code></pre>")
	default:
		lines("", "", "\n")
	}
}

func (w *writer) spans(spans []markup.Span) {
	for _, span := range spans {
		switch span.Kind {
		case markup.Bold:
			w.WriteString("<strong>")
			w.spans(span.Inside)
			w.WriteString("</strong>")
		case markup.Italic:
			w.WriteString("<em>")
			w.spans(span.Inside)
			w.WriteString("</em>")
		case markup.Mono:
			w.WriteString("<code>")
			w.text(span.Text)
			w.WriteString("</code>")
		case markup.Link:
			w.link(span)
		case markup.Tag:
			w.WriteString(`<a class="tag" href="/tag/`)
			w.text(url.PathEscape(span.Target))
			w.WriteString(`">`)
			w.text(span.Text)
			w.WriteString("</a>")
		case markup.Mention:
			w.mention(span)
		default:
			w.text(span.Text)
		}
	}
}

func (w *writer) mention(span markup.Span) {
	who := w.people[span.Text]
	class := "mention"
	if who.Me {
		class = "mention me"
	}
	w.WriteString(`<a class="` + class + `" href="/people/`)
	w.text(url.PathEscape(who.Person))
	w.WriteString(`">@`)
	w.text(span.Text)
	w.WriteString("</a>")
}

// link writes a link. The other site learns nothing of this page from it, and can't reach back into it. Where it has words of
// its own, its host stands behind them, so that they cannot say another one.
func (w *writer) link(span markup.Span) {
	_, shown, _ := strings.Cut(span.Target, "://")
	shown = strings.TrimPrefix(shown, "www.")
	if utf8.RuneCountInString(shown) > shownLink {
		shown = string([]rune(shown)[:shownLink-1]) + "…"
	}
	host := ""
	if span.Text != span.Target {
		if u, err := url.Parse(span.Target); err == nil {
			shown, host = span.Text, u.Hostname()
		}
	}
	w.WriteString(`<a href="`)
	w.text(span.Target)
	w.WriteString(`" title="`)
	w.text(span.Target)
	w.WriteString(`" rel="noopener noreferrer nofollow" target="_blank">`)
	w.text(shown)
	w.WriteString(`</a>`)
	if host != "" {
		w.WriteString(` <span class="host">(`)
		w.text(host)
		w.WriteString(`)</span>`)
	}
}
