package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"kith/internal/social"
)

func TestRich(t *testing.T) {
	link := func(address, shown string) string {
		return `<a href="` + address + `" title="` + address + `" rel="noopener noreferrer nofollow" target="_blank">` + shown + `</a>`
	}
	for name, c := range map[string]struct{ text, want string }{
		"plain":                    {"Hello there", "Hello there"},
		"escaped":                  {`<b>"&'</b>`, "&lt;b&gt;&#34;&amp;&#39;&lt;/b&gt;"},
		"lines":                    {"a\n\nb", "a\n\nb"},
		"a link":                   {"see https://example.org now", "see " + link("https://example.org", "example.org") + " now"},
		"without www":              {"http://www.example.org/a", link("http://www.example.org/a", "example.org/a")},
		"at the end of a sentence": {"(https://example.org/a_(b).)", "(" + link("https://example.org/a_(b)", "example.org/a_(b)") + ".)"},
		"in brackets":              {"[https://example.org/]!", "[" + link("https://example.org/", "example.org/") + "]!"},
		"with a query":             {"https://e.org/?a=1&b=2", link("https://e.org/?a=1&amp;b=2", "e.org/?a=1&amp;b=2")},
		"two":                      {"http://a.org,http://b.org", link("http://a.org,http://b.org", "a.org,http://b.org")},
		"in quotes":                {`"https://e.org"`, "&#34;" + link("https://e.org", "e.org") + "&#34;"},
		"inside a word":            {"xhttps://example.org", "xhttps://example.org"},
		"no host":                  {"https:///nothing http:// https://", "https:///nothing http:// https://"},
		"another kind":             {"javascript://example.org/%0aalert(1) ftp://e.org", "javascript://example.org/%0aalert(1) ftp://e.org"},
		"a user name":              {"https://bank.example@evil.example/", "https://bank.example@evil.example/"},
		"a hidden turn":            {"https://e.org/\u202egnp.exe", link("https://e.org/", "e.org/") + "\u202egnp.exe"},
		"long":                     {"https://example.org/" + strings.Repeat("a", 60), link("https://example.org/"+strings.Repeat("a", 60), "example.org/"+strings.Repeat("a", 35)+"…")},
		"bold and italic":          {"**a** *b*", "<strong>a</strong> <em>b</em>"},
		"code":                     {"`<b>`", "<code>&lt;b&gt;</code>"},
		"lists":                    {"a\n- b\n- c\n2. d\n> e\n> f", "a<ul><li>b</li><li>c</li></ul><ol start=\"2\"><li>d</li></ol><blockquote>e\nf</blockquote>"},
		"a block of code":          {"```\n<b>\n```", "<pre><code>&lt;b&gt;</code></pre>"},
		"a tag":                    {"#Über", `<a class="tag" href="/tag/%C3%BCber">#Über</a>`},
		"a link with words":        {"[my bank](https://evil.example/a)", `<a href="https://evil.example/a" title="https://evil.example/a" rel="noopener noreferrer nofollow" target="_blank">my bank</a> <span class="host">(evil.example)</span>`},
		"nobody is mentioned":      {"@Ada", "@Ada"},
		"tags in it":               {"https://e.org/<script>", link("https://e.org/", "e.org/") + "&lt;script&gt;"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(rich(c.text, nil)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// checkRich holds, for any text, that what comes out shows that very text and holds nothing but safe links.
func checkRich(t interface{ Fatalf(string, ...any) }, text string) {
	out := string(rich(text, []social.Mention{{Person: "x", Name: "Ada <b>"}}))
	nodes, err := html.ParseFragment(strings.NewReader(out), nil)
	if err != nil {
		t.Fatalf("parsing %q: %v", out, err)
	}
	for _, root := range nodes {
		for node := range root.Descendants() {
			if node.Type != html.ElementNode || node.Data == "html" || node.Data == "head" || node.Data == "body" {
				continue
			}
			if !slices.Contains([]string{"a", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "span"}, node.Data) {
				t.Fatalf("%q holds <%s>", out, node.Data)
			}
			for _, a := range node.Attr {
				switch a.Key {
				case "href":
					if strings.HasPrefix(a.Val, "/tag/") && !strings.ContainsAny(a.Val[5:], "/?#<>\"'") || a.Val == "/people/x" {
						continue
					}
					if u, err := url.Parse(a.Val); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
						t.Fatalf("%q links to %q", out, a.Val)
					}
				case "title", "rel", "target", "class", "start":
				default:
					t.Fatalf("%q holds a link with %s", out, a.Key)
				}
			}
		}
	}
}

func TestRichIsInert(t *testing.T) {
	words := rapid.SampledFrom([]string{"http://", "https://", "www.", "example.org", "<script>", "</a>", `"`, "'", "&", "&lt;", "javascript:", "@", "(", ")", " ", "\n", "\x00", "\u202e", "ü", "\xff", "onclick=", "<", ">", ".", "**", "*", "_", "`", "```", "\n- ", "\n1. ", "\n> ", "#", "#tag", "@Ada <b>", "[", "](https://", "[a](http://e.org)"})
	rapid.Check(t, func(t *rapid.T) {
		checkRich(t, strings.Join(rapid.SliceOf(words).Draw(t, "words"), ""))
		checkRich(t, rapid.String().Draw(t, "text"))
	})
}

func FuzzRich(f *testing.F) {
	f.Add("Look: https://example.org/a_(b)?c=d&e=f#g, <b>http://x</b>")
	f.Add("https://\xff\x00\"><script>")
	f.Fuzz(func(t *testing.T, text string) { checkRich(t, text) })
}

func TestCut(t *testing.T) {
	if got := cut("short"); got != "short" {
		t.Errorf("got %q", got)
	}
	words := strings.Repeat("word ", 300)
	if got := cut(words); len(got) > longText+5 || !strings.HasSuffix(got, "word …") {
		t.Errorf("got %d bytes ending in %q", len(got), got[len(got)-12:])
	}
	one := strings.Repeat("ü", 800)
	if got := cut(one); !strings.HasSuffix(got, "ü …") || len(got) > longText+5 {
		t.Errorf("a word without end: got %d bytes ending in %q", len(got), got[len(got)-12:])
	}
}
