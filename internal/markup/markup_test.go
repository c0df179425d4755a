package markup

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// spell writes a tree in brackets.
func spell(blocks []Block) string {
	var b strings.Builder
	var spans func([]Span)
	spans = func(list []Span) {
		for _, s := range list {
			switch s.Kind {
			case Text:
				b.WriteString(s.Text)
			case Bold, Italic:
				b.WriteString(map[SpanKind]string{Bold: "<b ", Italic: "<i "}[s.Kind])
				spans(s.Inside)
				b.WriteString(">")
			case Mono:
				b.WriteString("<code " + s.Text + ">")
			case Link:
				b.WriteString("<a " + s.Target + " " + s.Text + ">")
			case Tag:
				b.WriteString("<tag " + s.Target + " " + s.Text + ">")
			case Mention:
				b.WriteString("<who " + s.Text + ">")
			}
		}
	}
	for i, block := range blocks {
		if i > 0 {
			b.WriteString("|")
		}
		b.WriteString([]string{"", "ul:", "ol:", "q:", "pre:" + block.Text}[block.Kind])
		if block.Kind == Numbers {
			fmt.Fprint(&b, block.Start, ":")
		}
		for j, line := range block.Lines {
			if j > 0 {
				b.WriteString("/")
			}
			spans(line)
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	names := []string{"Ada", "Ada Lovelace", "Zoë"}
	for text, want := range map[string]string{
		"":                                  "",
		"plain, 2 * 3 * 4 = 24":             "plain, 2 * 3 * 4 = 24",
		"two\nlines":                        "two/lines",
		"**bold** and *italic* _too_":       "<b bold> and <i italic> <i too>",
		"**bold with *italic* in it**":      "<b bold with <i italic> in it>",
		"*italic with **bold** in it*":      "<i italic with <b bold> in it>",
		"**open":                            "**open",
		"*open and **more*":                 "<i open and **more>",
		"snake_case_name and a*b*c":         "snake_case_name and a*b*c",
		"****":                              "****",
		"** no **":                          "** no **",
		"`**code**` stays":                  "<code **code**> stays",
		"``":                                "``",
		"a `tick":                           "a `tick",
		"- one\n- two *x*\nafter":           "ul:one/two <i x>|after",
		"-no list":                          "-no list",
		"- ":                                "- ",
		"3. three\n4) four":                 "ol:3:three/four",
		"1.no":                              "1.no",
		"1815. She was born":                "ol:1815:She was born",
		"99999. too many":                   "99999. too many",
		"> said\n>> twice":                  "q:said/> twice",
		"```\nx := *p\n# y\n```\nafter":     "pre:x := *p\n# y|after",
		"```go\nopen":                       "pre:open",
		"see https://e.org/a_b_c, yes":      "see <a https://e.org/a_b_c https://e.org/a_b_c>, yes",
		"**https://e.org**":                 "<b <a https://e.org https://e.org>>",
		"[our page](https://e.org/a) there": "<a https://e.org/a our page> there",
		"[wiki](https://e.org/a_(b))":       "<a https://e.org/a_(b) wiki>",
		"[bad](javascript:alert(1))":        "[bad](javascript:alert(1))",
		"[bad](https://u@e.org)":            "[bad](https://u@e.org)",
		"[bad]( https://e.org)":             "[bad]( <a https://e.org https://e.org>)",
		"#Garden and #2026 and #a1_b, a#b":  "<tag garden #Garden> and #2026 and <tag a1_b #a1_b>, a#b",
		"&#x27; #ÄRGER!":                    "&#x27; <tag ärger #ÄRGER>!",
		"@Ada Lovelace, @Ada and @Adam":     "<who Ada Lovelace>, <who Ada> and @Adam",
		"mail ada@Ada, hi @Zoë":             "mail ada@Ada, hi <who Zoë>",
		"@Nobody":                           "@Nobody",
		"**@Ada**":                          "<b <who Ada>>",
	} {
		if got := spell(Parse(text, names)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestTags(t *testing.T) {
	if got := Tags("#One `#code` **#two** #one\n- #three https://e.org/#four"); !reflect.DeepEqual(got, []string{"one", "two", "three"}) {
		t.Errorf("%v", got)
	}
	if got := Tags("#" + strings.Repeat("a", MaxTag)); len(got) != 1 {
		t.Errorf("the longest tag: %v", got)
	}
	if got := Tags("#" + strings.Repeat("a", MaxTag+1)); got != nil {
		t.Errorf("one that is longer: %v", got)
	}
	var many strings.Builder
	for i := range 2 * MaxTags {
		fmt.Fprintf(&many, "#t%d ", i)
	}
	if got := Tags(many.String()); len(got) != MaxTags {
		t.Errorf("%d tags", len(got))
	}
}

// letters are what of a text is shown, without marks.
func letters(blocks []Block) string {
	var b strings.Builder
	Each(blocks, func(s Span) { b.WriteString(s.Text) })
	for _, block := range blocks {
		b.WriteString(block.Text)
	}
	return b.String()
}

// Whatever is typed, no letter of it is lost, and none comes twice.
func TestNothingIsLost(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"**", "*", "_", "`", "```", "\n", "- ", "1. ", "> ", "a", "ß", " ", "#tag", "@Ada", "https://e.org/", "[x](", ")", "(", "]", "<b>", "\xff", "\u202e"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(pieces).Draw(t, "pieces"), "")
		blocks := Parse(text, []string{"Ada"})
		count := func(s string) int { return strings.Count(s, "ß") + strings.Count(s, "<b>") + strings.Count(s, "Ada") }
		lost := 0
		for _, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "```") {
				lost += count(line) // what stands behind the mark of code is its language
			}
		}
		if got, want := count(letters(blocks)), count(text); got > want || got < want-lost {
			t.Fatalf("%q has %d of them, the tree %d", text, want, got)
		}
	})
}

// A text that is all marks takes no more than its share of time.
func TestHostileTexts(t *testing.T) {
	start := time.Now()
	long := "**" + strings.Repeat("a", 2*maxEmphasis) + "**"
	if got := spell(Parse(long, nil)); got != long {
		t.Errorf("got %.40s", got)
	}
	for _, unit := range []string{"*", "**", "_a", "*a ", "**a ", "`", "[", "[a](https://", "@", "#a", "> ", "*a **b ", "http"} {
		Parse(strings.Repeat(unit, 16<<10/len(unit)), []string{"Ada"})
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
