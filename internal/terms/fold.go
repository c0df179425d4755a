package terms

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Version is that of the rules. Terms made by another version cannot be compared with those of this one: an index has to
// be made anew.
const Version = 1

// maxRunes of a term: what is longer is no word that anybody types, and is cut.
const maxRunes = 40

// letters that do not come apart by Unicode's rules, and that people type without their strokes and ligatures.
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ł", "l", "þ", "th", "ŧ", "t", "ĸ", "k", "ŋ", "n", "ς", "σ")

// accents are the marks that are dropped: those of Latin, Greek and Cyrillic letters, and the vowel signs that Hebrew and
// Arabic are written without; and what changes the look of an emoji. In other scripts marks are part of the spelling.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1}, {Lo: 0x0591, Hi: 0x05c7, Stride: 1}, {Lo: 0x0610, Hi: 0x061a, Stride: 1},
	{Lo: 0x0640, Hi: 0x0640, Stride: 1}, {Lo: 0x064b, Hi: 0x065f, Stride: 1}, {Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x1ab0, Hi: 0x1aff, Stride: 1}, {Lo: 0x1dc0, Hi: 0x1dff, Stride: 1}, {Lo: 0x20d0, Hi: 0x20ff, Stride: 1},
	{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xfe20, Hi: 0xfe2f, Stride: 1},
}, R32: []unicode.Range32{{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}}}

// fold gives a word in the form in which words are compared. It gives "" where nothing is left.
func fold(word string) string {
	if plain(word) {
		return short(word)
	}
	parts := norm.NFKD.String(strings.ToLower(word))
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(accents, r) {
			return -1
		}
		return r
	}, parts)
	// Lower case again: what came apart may have brought capitals ("㎈" has none, "Ⓐ" has).
	folded := strings.Map(hiragana, letters.Replace(strings.ToLower(norm.NFC.String(bare))))
	return short(folded)
}

// plain tells whether a word is as it is compared already, which most are.
func plain(word string) bool {
	for i := range len(word) {
		if c := word[i]; c >= 0x80 || 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return true
}

// hiragana gives for a character of katakana the one of the same sound.
func hiragana(r rune) rune {
	if r >= 'ァ' && r <= 'ヶ' {
		return r - ('ァ' - 'ぁ')
	}
	return r
}

func short(term string) string {
	if len(term) <= maxRunes {
		return term
	}
	n := 0
	for i := range term {
		if n == maxRunes {
			return term[:i]
		}
		n++
	}
	return term
}
