package terms

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func cutUp(text string) []string {
	var list []string
	for term := range Of(text) {
		list = append(list, term.Text)
	}
	return list
}

func TestTextsAreCutIntoTerms(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		" ,.!—…\n\t":              "",
		"The lake was calm.":      "the lake was calm",
		"Crème Brûlée, ÅNGSTRÖM":  "creme brulee angstrom",
		"Cre\u0300me":             "creme",
		"Straße STRASSE":          "strasse strasse",
		"Łódź Ærø smørrebrød":     "lodz aero smorrebrod",
		"ΟΔΥΣΣΕΥΣ Οδυσσεύς":       "οδυσσευσ οδυσσευσ",
		"ещё Ёлка йод":            "еще елка иод",
		"שָׁלוֹם":                 "שלום",
		"مُحَمَّد":                "محمد",
		"हिन्दी":                  "हिन्दी",
		"don't l'été":             "don t l ete",
		"2026-07-14 10:30":        "2026 07 14 10 30",
		"m² ﬁne Ⅻ ＡＢＣ１":           "m2 fine xii abc1",
		"mp3 kith_lab":            "mp3 kith lab",
		"東":                       "東",
		"東京都":                     "東京 京都 都",
		"東京 2020年に":               "東京 京 2020 年に に",
		"カタカナ ｶﾀｶﾅ":               "かた たか かな な かた たか かな な",
		"が か":                     "が か",
		"ガ":                       "が",
		"コーヒー":                    "こーひー ひー",
		"안녕하세요":                   "안녕 녕하 하세 세요 요",
		"สวัสดี":                  "สวั วัส สดี ดี",
		"party🎉🎂now ❤️ 👍🏽":        "party 🎉 🎂 now ❤ 👍",
		"\u0301lonely mark":       "lonely mark",
		strings.Repeat("x", 100):  strings.Repeat("x", maxRunes),
		strings.Repeat("é", 100):  strings.Repeat("e", maxRunes),
		strings.Repeat("ш", 100):  strings.Repeat("ш", maxRunes),
		"mixed日本語text":            "mixed 日本 本語 語 text",
		"https://example.org/a?b": "https example org a b",
	} {
		if got := strings.Join(cutUp(text), " "); got != want {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

func TestTermsTellWhereTheyStand(t *testing.T) {
	text := "Ünder 東京都! 👍🏽 Zé"
	var parts []string
	for term := range Of(text) {
		parts = append(parts, text[term.Start:term.End])
	}
	if got := strings.Join(parts, "|"); got != "Ünder|東京|京都|都|👍🏽|Zé" {
		t.Errorf("terms stand at %q", got)
	}
}

func TestWhatIsFound(t *testing.T) {
	for _, c := range []struct {
		typed, text string
		want        bool
	}{
		{"lake", "The LAKE was calm", true},
		{"lak", "The lake was calm", true},
		{"lak ", "The lake was calm", false},
		{"lak calm", "The lake was calm", false},
		{"lak* calm", "The lake was calm", true},
		{"lake calm", "calm as a lake", true},
		{"lake storm", "calm as a lake", false},
		{"creme", "Crème brûlée", true},
		{"CRÈME bru", "creme brulee", true},
		{`"lake was"`, "the lake was calm", true},
		{`"was lake"`, "the lake was calm", false},
		{`"the lake was cal`, "the lake was calm", true}, // still being typed
		{`"lake wa"`, "the lake was calm", false},
		{"«lake was»", "the lake was calm", true},
		{"京都", "東京都に行く", true},
		{"東都", "東京都に行く", false},
		{"東京都", "東京と京都", false}, // both pairs are there, and not in one stretch
		{"都", "東京都", true},
		{"京", "東京都", true},
		{"東京 行く", "東京都に行く", true},
		{`"2020年に"`, "東京2020年に", true},
		{"カナ", "ひらかな", true},
		{"안녕", "안녕하세요", true},
		{"สวัส", "สวัสดี", true},
		{"❤", "with ❤️", true},
		{"two texts", "two", false},
	} {
		q := Parse(c.typed)
		if got := q.Matches(c.text); got != c.want {
			t.Errorf("%q in %q: %v, want %v", c.typed, c.text, got, c.want)
		}
		if marks := q.Marks(c.text); c.want && len(marks) == 0 {
			t.Errorf("%q in %q is not marked", c.typed, c.text)
		}
	}
	q := Parse("two texts")
	if !q.Matches("two", "texts") {
		t.Error("words that are in two texts that belong together are not found")
	}
}

// Whatever is looked for is found by its words first, and then held against the text. Neither may lose what the other has.
func TestTheWordsOfAQueryAreAmongTheTermsOfWhatItMatches(t *testing.T) {
	texts := []string{"The lake was calm", "東京都に行く", "Crème brûlée 👍🏽!", "안녕하세요 kith", "สวัสดี 2026"}
	for _, text := range texts {
		list := cutUp(text)
		for from := range text {
			for to := range text[from:] {
				typed := text[from : from+to]
				if q := Parse(typed); q.Matches(text) {
					for _, word := range q.Words() {
						if !slices.ContainsFunc(list, word.finds) {
							t.Fatalf("%q matches %q, which lacks the word %q", typed, text, word.Text)
						}
					}
				}
			}
		}
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct{ typed, text, want string }{
		{"lake", "Lake by lake", "[Lake] by [lake]"},
		{"lak", "lakes and lanterns", "[lakes] and lanterns"},
		{`"wet shoes"`, "wet shoes, shoes wet", "[wet shoes], shoes wet"},
		{"京都", "東京都", "東[京都]"},
		{"京", "東京都京", "東[京]都[京]"},
		{"東京都", "東京都だ", "[東京都]だ"},
		{"a b", "b a", "[b] [a]"},
		{"", "nothing", "nothing"},
	} {
		q := Parse(c.typed)
		var b strings.Builder
		at := 0
		for _, s := range q.Marks(c.text) {
			b.WriteString(c.text[at:s.Start] + "[" + c.text[s.Start:s.End] + "]")
			at = s.End
		}
		if got := b.String() + c.text[at:]; got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.typed, c.text, got, c.want)
		}
	}
}

func TestSnippetsHoldWhatIsLookedFor(t *testing.T) {
	long := strings.Repeat("many words before ", 40) + "the needle" + strings.Repeat(" and many behind", 40)
	q := Parse("needle ")
	s := q.Snippet(long, 200)
	if got := long[s.Start:s.End]; !strings.Contains(got, "needle") || len(got) > 200 || strings.HasPrefix(got, " ") {
		t.Errorf("the snippet is %q", got)
	}
	dense := strings.Repeat("東", 500) + "京" + strings.Repeat("都", 500)
	q = Parse("東京")
	s = q.Snippet(dense, 200)
	if got := dense[s.Start:s.End]; !strings.Contains(got, "東京") || !utf8.ValidString(got) {
		t.Errorf("the snippet is %q", got)
	}
}

// Anything can be typed, and anything can be in a text.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"lake", `"wet shoes`, "東京都", "\xff\xfe", "👍🏽", "a\u0301", "“”", "*", `""""`, "ｶﾞ", "\u0e33"} {
		f.Add(s, "The lake 東京都 👍🏽")
		f.Add("lake", s)
	}
	f.Fuzz(func(t *testing.T, typed, text string) {
		q := Parse(typed)
		if n := q.count(); n > 2*MaxQuery {
			t.Errorf("%d words", n)
		}
		for _, word := range q.Words() {
			if word.Text == "" {
				t.Errorf("%q looks for an empty word", typed)
			}
		}
		at := 0
		for _, s := range q.Marks(text) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) {
				t.Errorf("%q marks %v of %q", typed, s, text)
			}
			at = s.End
		}
		for _, limit := range []int{1, 10, 200} {
			if s := q.Snippet(text, limit); s.Start < 0 || s.End > len(text) || s.Start > s.End {
				t.Errorf("%q gives %v of %q", typed, s, text)
			}
		}
		for term := range Of(text) {
			if term.Text == "" || term.End > len(text) || utf8.RuneCountInString(term.Text) > maxRunes {
				t.Errorf("%q has the term %v", text, term)
			}
		}
	})
}
