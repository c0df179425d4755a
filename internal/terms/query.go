package terms

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxQuery, in bytes, is how much of what was typed is read.
	MaxQuery = 500
	// maxWords of a query: what is typed beyond them is passed over.
	maxWords = 24
)

// Word is a term that is looked for.
type Word struct {
	Text   string
	Prefix bool // terms that begin with it will do
}

func (w Word) finds(term string) bool {
	return term == w.Text || w.Prefix && strings.HasPrefix(term, w.Text)
}

// Query is what somebody looks for: clauses, all of which have to be in a text. The words of a clause have to follow one
// another there: they are a phrase in quotation marks, or a stretch of dense text. The zero value looks for nothing.
type Query struct {
	clauses [][]Word
}

// quotes of all kinds count as the one on the keyboard.
var quotes = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)

// Parse reads what was typed. Words stand for themselves. The last one stands for everything that begins with it, so that
// there is something to see while it is being typed, and so does one with an asterisk behind it. What is between
// quotation marks has to stand in a text in the same order. Anything can be typed; what makes no sense is passed over.
func Parse(typed string) Query {
	if len(typed) > MaxQuery {
		end := MaxQuery
		for end > 0 && !utf8.RuneStart(typed[end]) {
			end--
		}
		typed = typed[:end]
	}
	var q Query
	parts := strings.Split(quotes.Replace(strings.ToValidUTF8(typed, " ")), `"`)
	for i, part := range parts {
		q.read(part, i%2 == 1, i == len(parts)-1)
	}
	return q
}

// read adds the words of a part of what was typed.
func (q *Query) read(part string, quoted, last bool) {
	follows := false // the word before, so that this one belongs to its clause
	for s := range stretches(part) {
		if q.count() >= maxWords {
			return
		}
		words := wordsOf(part, s)
		if len(words) == 0 {
			continue
		}
		if end := len(words) - 1; s.class == letter {
			words[end].Prefix = strings.HasPrefix(part[s.end:], "*") || last && s.end == len(part)
		}
		if n := len(q.clauses); quoted && follows && s.class != dense {
			q.clauses[n-1] = append(q.clauses[n-1], words...)
		} else {
			q.clauses = append(q.clauses, words)
		}
		follows = s.class != dense // its last character stands alone in a text, and that may go on otherwise
	}
}

// wordsOf gives what finds a stretch: itself, or the pairs of a dense one; a single dense character begins some pair.
func wordsOf(text string, s stretch) []Word {
	if s.class != dense {
		if term := fold(text[s.start:s.end]); term != "" {
			return []Word{{Text: term}}
		}
		return nil
	}
	start, ends := s.start, characters(text, s)
	if len(ends) == 1 {
		return []Word{{Text: fold(text[s.start:s.end]), Prefix: true}}
	}
	var words []Word
	for i := range ends[1:] {
		words = append(words, Word{Text: fold(text[start:ends[i+1]])})
		start = ends[i]
	}
	return words
}

func (q *Query) count() (n int) {
	for _, clause := range q.clauses {
		n += len(clause)
	}
	return n
}

// Empty tells whether nothing is looked for.
func (q *Query) Empty() bool { return len(q.clauses) == 0 }

// Words lists what has to be among the terms of a text, each once. A text in which they all are need not be one that is
// looked for: Matches decides.
func (q *Query) Words() []Word {
	var words []Word
	for _, clause := range q.clauses {
		for _, word := range clause {
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words
}

// Matches tells whether all that is looked for is in texts that belong together, each clause in one of them.
func (q *Query) Matches(texts ...string) bool {
	all := make([][]Term, len(texts))
	for i, text := range texts {
		all[i] = slices.Collect(Of(text))
	}
	for _, clause := range q.clauses {
		if !slices.ContainsFunc(all, func(list []Term) bool { return next(list, clause) >= 0 }) {
			return false
		}
	}
	return true
}

// next finds where a clause begins in terms; -1 where it does not.
func next(list []Term, clause []Word) int {
	for i := range list {
		if len(list)-i < len(clause) {
			break
		}
		found := true
		for j := range clause {
			if !clause[j].finds(list[i+j].Text) {
				found = false
				break
			}
		}
		if found {
			return i
		}
	}
	return -1
}

// Span is a part of a text, in bytes.
type Span struct{ Start, End int }

// Marks tells which parts of a text are what is looked for, in their order, none touching another.
func (q *Query) Marks(text string) []Span {
	list := slices.Collect(Of(text))
	var spans []Span
	for _, clause := range q.clauses {
		for from := 0; ; {
			at := next(list[from:], clause)
			if at < 0 {
				break
			}
			at += from
			spans = append(spans, Span{list[at].Start, marked(text, list[at+len(clause)-1], clause[len(clause)-1])})
			from = at + 1
		}
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.Start - b.Start })
	var merged []Span
	for _, s := range spans {
		if n := len(merged); n > 0 && s.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// marked is where the mark on a term ends. Of a pair of which one character is looked for it is the first one; a word
// that only begins with what is looked for is marked as a whole.
func marked(text string, t Term, w Word) int {
	if r, size := utf8.DecodeRuneInString(text[t.Start:]); w.Prefix && classOf(r) == dense {
		end := t.Start + size
		for end < t.End {
			r, size := utf8.DecodeRuneInString(text[end:])
			if classOf(r) != mark {
				break
			}
			end += size
		}
		return end
	}
	return t.End
}

// Snippet gives the part of a text around what is looked for: up to limit bytes, from the beginning of a word to the end
// of one. It is the text itself where that is short enough.
func (q *Query) Snippet(text string, limit int) Span {
	if len(text) <= limit {
		return Span{0, len(text)}
	}
	start := 0
	if marks := q.Marks(text); len(marks) > 0 && marks[0].End > limit*2/3 {
		start = min(marks[0].Start-limit/3, len(text)-limit)
	}
	start = max(start, 0)
	end := min(start+limit, len(text))
	for start > 0 && !utf8.RuneStart(text[start]) {
		start--
	}
	for end > start && end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	if start > 0 {
		if space := strings.IndexAny(text[start:end], " \n"); space >= 0 && space < limit/4 {
			start += space + 1
		}
	}
	if end < len(text) {
		if space := strings.LastIndexAny(text[start:end], " \n"); space > limit/2 {
			end = start + space
		}
	}
	return Span{start, end}
}
