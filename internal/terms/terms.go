package terms

import (
	"iter"
	"unicode"
	"unicode/utf8"
)

// Term is a term of a text, and where in the text it stands.
type Term struct {
	Text       string
	Start, End int // in bytes
}

// class says what a character is to the cutting.
type class int

const (
	apart  class = iota // no part of any term: spaces, punctuation
	letter              // part of a word
	dense               // of a script that puts no spaces between words
	symbol              // a term by itself: emoji
	mark                // belongs to what stands before
)

// unspaced are the scripts whose words do not stand apart. Korean puts spaces between words; but what is attached to a
// word changes so much that people look for the stem, which pairs of characters find.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

func classOf(r rune) class {
	switch {
	case r < 0x80:
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return letter
		}
		return apart
	case r == utf8.RuneError:
		return apart // also what is not UTF-8
	case unicode.Is(unicode.M, r) || r == 'ー' || r >= 0x1f3fb && r <= 0x1f3ff:
		return mark // the Japanese sign for a long vowel and the tones of skin among them
	case unicode.In(r, unspaced...):
		return dense
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return letter
	case unicode.Is(unicode.So, r):
		return symbol
	}
	return apart
}

// stretch is a part of a text whose characters are of one class, with the marks that follow them.
type stretch struct {
	class      class
	start, end int
}

// stretches cuts a text into stretches of letters and of dense characters, and single symbols.
func stretches(text string) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		var now stretch
		for i, r := range text {
			c := classOf(r)
			if c == mark {
				if now.class == apart {
					continue
				}
				now.end = i + utf8.RuneLen(r)
				continue
			}
			if now.class != apart && (c != now.class || c == symbol) {
				if !yield(now) {
					return
				}
				now = stretch{}
			}
			if c == apart {
				continue
			}
			if now.class == apart {
				now = stretch{class: c, start: i}
			}
			now.end = i + utf8.RuneLen(r)
		}
		if now.class != apart {
			yield(now)
		}
	}
}

// characters cuts a stretch of dense text into its characters, each with its marks.
func characters(text string, s stretch) (ends []int) {
	for i, r := range text[s.start:s.end] {
		if classOf(r) != mark && i > 0 {
			ends = append(ends, s.start+i)
		}
	}
	return append(ends, s.end)
}

// Of gives the terms of a text, which is UTF-8, in its order. Of dense stretches come the pairs of neighbours, and the
// last character by itself.
func Of(text string) iter.Seq[Term] {
	return func(yield func(Term) bool) {
		for s := range stretches(text) {
			if s.class != dense {
				if term := fold(text[s.start:s.end]); term != "" && !yield(Term{term, s.start, s.end}) {
					return
				}
				continue
			}
			start, ends := s.start, characters(text, s)
			for i := range ends {
				end := ends[min(i+1, len(ends)-1)]
				if term := fold(text[start:end]); term != "" && !yield(Term{term, start, end}) {
					return
				}
				start = ends[i]
			}
		}
	}
}
