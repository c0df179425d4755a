package markup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxNesting of bold and italic within one another.
	maxNesting = 3
	// maxEmphasis, in bytes, of what is bold or italic: a mark that is closed later is none, so that a text full of open ones
	// takes no time that grows with its square.
	maxEmphasis = 1000
)

// parser reads one line.
type parser struct {
	names []string
	spans []Span
	plain strings.Builder
}

func parseLine(line string, names []string) []Span { return parseSpans(line, names, 0) }

func parseSpans(line string, names []string, depth int) []Span {
	p := parser{names: names}
	for at := 0; at < len(line); {
		span, size := p.special(line, at, depth)
		if size == 0 {
			_, size = utf8.DecodeRuneInString(line[at:])
			p.plain.WriteString(line[at : at+size])
			at += size
			continue
		}
		p.flush()
		p.spans = append(p.spans, span)
		at += size
	}
	p.flush()
	return p.spans
}

func (p *parser) flush() {
	if p.plain.Len() > 0 {
		p.spans = append(p.spans, Span{Kind: Text, Text: p.plain.String()})
		p.plain.Reset()
	}
}

// special reads what begins at a place of a line, if it is more than plain text, and tells its length.
func (p *parser) special(line string, at, depth int) (Span, int) {
	rest := line[at:]
	switch rest[0] {
	case '`':
		if end := strings.IndexByte(rest[1:], '`'); end > 0 {
			return Span{Kind: Mono, Text: rest[1 : 1+end]}, end + 2
		}
	case '*', '_':
		if depth < maxNesting {
			return p.emphasis(line, at, depth)
		}
	case 'h':
		if size := linkLength(rest); size > 0 && startsWord(line[:at]) {
			return Span{Kind: Link, Text: rest[:size], Target: rest[:size]}, size
		}
	case '[':
		return named(rest)
	case '#':
		if tag, size := tagAt(rest); size > 0 && startsWord(line[:at]) && !strings.HasSuffix(line[:at], "&") {
			return Span{Kind: Tag, Text: rest[:size], Target: tag}, size
		}
	case '@':
		if name := p.name(rest[1:]); name != "" && startsWord(line[:at]) {
			return Span{Kind: Mention, Text: name}, 1 + len(name)
		}
	}
	return Span{}, 0
}

// emphasis reads **bold**, *italic* and _italic_. A mark opens before a word and closes behind one, so that 2 * 3 * 4 and
// snake_case_names are what they are.
func (p *parser) emphasis(line string, at, depth int) (Span, int) {
	mark, kind := line[at:at+1], Italic
	if mark == "*" && strings.HasPrefix(line[at:], "**") {
		mark, kind = "**", Bold
	}
	inside := line[at+len(mark):]
	inside = inside[:min(len(inside), maxEmphasis)]
	first, _ := utf8.DecodeRuneInString(inside)
	if inside == "" || unicode.IsSpace(first) || !startsWord(line[:at]) {
		return Span{}, 0
	}
	for from := 0; ; {
		end := strings.Index(inside[from:], mark)
		if end < 0 {
			return Span{}, 0
		}
		end += from
		after := end + len(mark)
		if mark == "*" && strings.HasPrefix(inside[end:], "**") { // of bold within
			from = end + 2
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(inside[:end])
		behind := line[at+len(mark)+after:]
		next, _ := utf8.DecodeRuneInString(behind)
		if end == 0 || unicode.IsSpace(last) || behind != "" && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
			from = after
			continue
		}
		return Span{Kind: kind, Inside: parseSpans(inside[:end], p.names, depth+1)}, len(mark) + after
	}
}

// named reads [words](https://…).
func named(rest string) (Span, int) {
	words, behind, ok := strings.Cut(rest[1:], "](")
	if !ok || strings.TrimSpace(words) == "" || strings.ContainsAny(words, "[]") {
		return Span{}, 0
	}
	size := linkLength(behind)
	// A bracket at the end of the address may belong to it, or be the one that closes.
	for ; size > 0 && (size >= len(behind) || behind[size] != ')'); size-- {
		if behind[size-1] == ')' {
			size--
			break
		}
	}
	if size <= 0 || size >= len(behind) || behind[size] != ')' || linkLength(behind[:size]) != size {
		return Span{}, 0
	}
	return Span{Kind: Link, Text: words, Target: behind[:size]}, 1 + len(words) + 2 + size + 1
}

// name finds the longest of the names that a text begins with, as a whole word.
func (p *parser) name(text string) (longest string) {
	for _, name := range p.names {
		if len(name) > len(longest) && strings.HasPrefix(text, name) && endsWord(text[len(name):]) {
			longest = name
		}
	}
	return longest
}

// startsWord reports whether a word may start after before.
func startsWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// endsWord reports whether a word ends where rest begins.
func endsWord(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
