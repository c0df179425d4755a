package markup

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxTag, in bytes, of a tag without its "#": what is longer is no tag.
	MaxTag = 100
	// MaxTags are counted of one text; it can be found by no more of them.
	MaxTags = 30
)

// tagAt reads a tag at the beginning of a text: "#", a letter, and letters, marks, digits or "_". It is folded so that #Garden and
// #garden are one.
func tagAt(text string) (tag string, size int) {
	end := 1
	letters := false
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		letters = letters || unicode.IsLetter(r)
		end += n
	}
	if !letters || end-1 > MaxTag {
		return "", 0
	}
	return FoldTag(text[1:end]), end
}

// FoldTag is how a tag is compared, without its "#".
func FoldTag(tag string) string { return strings.ToLower(tag) }

// Tags lists the folded tags of a text, each once, in their order, at most MaxTags.
func Tags(text string) (tags []string) {
	if !strings.Contains(text, "#") {
		return nil
	}
	Each(Parse(text, nil), func(s Span) {
		if s.Kind == Tag && len(tags) < MaxTags && !slices.Contains(tags, s.Target) {
			tags = append(tags, s.Target)
		}
	})
	return tags
}
