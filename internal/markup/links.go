package markup

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// linkLength returns how many bytes at the start of a text are a link, 0 if none: http:// or https:// and what follows it
// up to a space.
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
