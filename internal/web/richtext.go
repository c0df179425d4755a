package web

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file is the only place where text that people wrote becomes HTML. Everything is escaped; links to web pages become
// links, and line breaks stay because the style sheet keeps them.

// shownLink is how many characters of a link are shown. The whole is in its tooltip.
const shownLink = 48

// rich is a text with its links.
func rich(text string) template.HTML {
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	for text != "" {
		start, end := findLink(text)
		if start < 0 {
			break
		}
		template.HTMLEscape(&b, []byte(text[:start]))
		writeLink(&b, text[start:end])
		text = text[end:]
	}
	template.HTMLEscape(&b, []byte(text))
	return template.HTML(b.String()) //nolint:gosec // every byte above went through HTMLEscape
}

// teaser is rich for a text that is cut short where it is long.
func teaser(text string) template.HTML { return rich(cut(text)) }

// findLink finds the first link in a text: http:// or https:// at the start of a word and what follows it up to
// a space. It returns -1 for start if there is none.
func findLink(text string) (start, end int) {
	for from := 0; from < len(text); {
		i := strings.Index(text[from:], "http")
		if i < 0 {
			return -1, -1
		}
		start = from + i
		if end = start + linkLength(text[start:]); end > start && startsWord(text[:start]) {
			return start, end
		}
		from = start + len("http")
	}
	return -1, -1
}

// startsWord reports whether a word may start after before.
func startsWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// linkLength returns how many bytes at the start of a text are a link, 0 if none.
func linkLength(text string) int {
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return 0
	}
	end := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune("<>\"`\\^{|}", r) || unicode.Is(unicode.Cf, r)
	})
	if end < 0 {
		end = len(text)
	}
	link := trimLink(text[:end])
	u, err := url.Parse(link)
	// An address with a user name in it is mostly there to look like another one.
	if err != nil || u.Hostname() == "" || u.User != nil {
		return 0
	}
	return len(link)
}

// trimLink takes off what belongs to the sentence around a link and not to the link.
func trimLink(link string) string {
	for link != "" {
		r, size := utf8.DecodeLastRuneInString(link)
		switch {
		case strings.ContainsRune(".,;:!?'’”»…*_", r):
		case r == ')' && strings.Count(link, ")") > strings.Count(link, "("):
		case r == ']' && strings.Count(link, "]") > strings.Count(link, "["):
		default:
			return link
		}
		link = link[:len(link)-size]
	}
	return link
}

// writeLink writes a link. The other site learns nothing of this page from it, and can't reach back into it.
func writeLink(b *strings.Builder, link string) {
	_, shown, _ := strings.Cut(link, "://")
	shown = strings.TrimPrefix(shown, "www.")
	if utf8.RuneCountInString(shown) > shownLink {
		shown = string([]rune(shown)[:shownLink-1]) + "…"
	}
	b.WriteString(`<a href="`)
	template.HTMLEscape(b, []byte(link))
	b.WriteString(`" title="`)
	template.HTMLEscape(b, []byte(link))
	b.WriteString(`" rel="noopener noreferrer nofollow" target="_blank">`)
	template.HTMLEscape(b, []byte(shown))
	b.WriteString(`</a>`)
}
