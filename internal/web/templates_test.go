package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// allPages and allParts are every struct that a template draws. The tests below see to it that none is missing here.
var (
	allPages = []view{
		searchPage{}, savedPage{}, dayPage{}, photosPage{},
		bareFailure{}, calendarPage{}, checkPage{}, confirmPage{}, chatsPage{}, chatPage{}, newChatPage{}, chatAboutPage{}, editPage{}, eventForm{}, failure{}, filePage{}, friendsPage{}, groupForm{}, groupInvitePage{}, groupPage{}, groupPeoplePage{},
		groupsPage{}, hiddenPage{}, historyPage{}, homePage{}, listPage{}, listsPage{}, invitePage{}, joinPage{}, madeInvitePage{},
		newsPage{}, newsWishesPage{}, privacyPage{}, safetyPage{},
		devicesPage{}, helpPage{}, leavePage{}, linkPage{}, linkingPage{}, removePage{}, returnPage{},
		mePage{}, backupPage{}, phonePage{}, pairingPage{}, thisPhonePage{}, personPage{}, photoView{}, postPage{}, recoveryPage{}, settingsPage{}, signInPage{}, tagPage{}, trashPage{}, welcomePage{}, wordsPage{},
	}
	allParts = []view{
		audience{}, chatCount{}, chatHead{}, chatList{}, talkView{}, calendarBoard{}, coming{}, commentView{}, composer{}, confirmation{}, door{}, draftPhoto{}, feedView{}, fileCard{}, first{}, friendsBoard{}, groupHeader{}, groupPeople{},
		groupsBoard{}, madeInvite{},
		draftFile{}, heldPhoto{}, mentionable{},
		bell{}, newsList{}, summaryView{},
		deviceBoard{}, linkCard{}, linkingCard{}, noticeBoard{},
		searchFound{}, personHeader{}, postView{}, reminder{}, reminders{}, saying{}, street{}, trouble{},
	}
)

func parsed(t *testing.T) (*views, template.FuncMap) {
	t.Helper()
	a, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{assets: a, now: time.Now}
	words := s.words()
	v, err := newViews(words, a)
	if err != nil {
		t.Fatal(err)
	}
	return v, words
}

func TestEveryPageHasItsStruct(t *testing.T) {
	v, _ := parsed(t)
	var named []string
	for _, page := range allPages {
		named = append(named, page.template())
	}
	slices.Sort(named)
	if files := sortedKeys(v.pages); !slices.Equal(named, files) {
		t.Errorf("structs draw %q, files are %q", named, files)
	}
}

// TestTemplatesFitTheirStructs checks every field, method and function that a template names, in every branch of it.
func TestTemplatesFitTheirStructs(t *testing.T) {
	v, words := parsed(t)
	for _, page := range allPages {
		t.Run(page.template(), func(t *testing.T) {
			c := newChecker(v.pages[page.template()], words)
			c.template("page", reflect.TypeOf(page))
			c.report(t)
		})
	}
	for _, part := range allParts {
		t.Run(part.template(), func(t *testing.T) {
			c := newChecker(v.parts, words)
			c.template(part.template(), reflect.TypeOf(part))
			c.report(t)
		})
	}
}

// TestTheCheckerFindsMistakes breaks templates on purpose: a check that can't fail checks nothing.
func TestTheCheckerFindsMistakes(t *testing.T) {
	_, words := parsed(t)
	for name, text := range map[string]string{
		"a field that is not there":       `{{.Nonsense}}`,
		"one in a branch not taken":       `{{if .Trouble.Message}}{{.Nonsense}}{{end}}`,
		"one of a list":                   `{{range .Photos}}{{.Photo.Nonsense}}{{end}}`,
		"one of what with names":          `{{with .Audience}}{{.Nonsense}}{{end}}`,
		"one of a variable":               `{{$a := .Audience}}{{$a.Nonsense}}`,
		"one in a template that it calls": `{{define "other"}}{{.Nonsense}}{{end}}{{template "other" .Trouble}}`,
		"a template that is not there":    `{{template "nonsense" .}}`,
		"a word of the wrong kind":        `{{ago .Max}}`,
		"a word with too much":            `{{initial .Trouble.Title .Max}}`,
		"a list that is none":             `{{range .Max}}{{.Nonsense}}{{end}}`,
		"things that differ in kind":      `{{if eq .Max "one"}}{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			set, err := template.New("").Funcs(words).Parse(`{{define "it"}}` + strings.Replace(text, `{{define "other"}}{{.Nonsense}}{{end}}`, "", 1) + `{{end}}` +
				`{{define "other"}}{{.Nonsense}}{{end}}`)
			if err != nil {
				t.Fatal(err)
			}
			c := newChecker(set, words)
			c.template("it", reflect.TypeOf(composer{}))
			if len(c.problems) == 0 {
				t.Error("nothing was found")
			}
		})
	}
}

// TestTemplatesHoldNoCode looks for what the content security policy would stop: scripts, styles and handlers inside HTML.
func TestTemplatesHoldNoCode(t *testing.T) {
	eachFile(t, "templates", func(name, text string) {
		tokens := html.NewTokenizer(strings.NewReader(text))
		for {
			kind := tokens.Next()
			if kind == html.ErrorToken {
				break
			}
			token := tokens.Token()
			if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
				continue
			}
			if token.Data == "style" || token.Data == "base" || token.Data == "iframe" || token.Data == "object" {
				t.Errorf("%s holds <%s>", name, token.Data)
			}
			for _, a := range token.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "http") {
					t.Errorf("%s holds <%s %s=%q>", name, token.Data, a.Key, a.Val)
				}
			}
			if src := slices.IndexFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "src" }); token.Data == "script" && src < 0 {
				t.Errorf("%s holds a script inside", name)
			}
		}
	})
}

// htmlSinks are the ways in which a script can make HTML or code of a text.
var htmlSinks = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTMLUnsafe|srcdoc|\beval\b|new Function|createPolicy|importScripts|new (Shared)?Worker`)

// TestScriptsMakeHTMLInOnePlace holds that only js/trusted.js parses HTML, and that nothing is fetched from elsewhere.
func TestScriptsMakeHTMLInOnePlace(t *testing.T) {
	found := false
	eachFile(t, "js", func(name, text string) {
		if name == "js/trusted.js" {
			found = htmlSinks.MatchString(text)
			return
		}
		if sink := htmlSinks.FindString(text); sink != "" {
			t.Errorf("%s uses %s", name, sink)
		}
		if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""), "://") {
			t.Errorf("%s names an address elsewhere", name)
		}
		if strings.Contains(text, ".style.") || strings.Contains(text, `"style"`) {
			t.Errorf("%s sets styles; classes and attributes do", name)
		}
	})
	if !found {
		t.Error("js/trusted.js has nothing to do with HTML: does this test still look at the right thing?")
	}
}

// TestOnlyRichTextMakesTrustedHTML holds that no other file turns a string into HTML that is not escaped.
func TestOnlyRichTextMakesTrustedHTML(t *testing.T) {
	_, words := parsed(t)
	trusted := map[reflect.Type]bool{}
	for _, v := range []any{template.HTML(""), template.HTMLAttr(""), template.JS(""), template.JSStr(""), template.CSS(""), template.URL(""), template.Srcset("")} {
		trusted[reflect.TypeOf(v)] = true
	}
	for name, word := range words {
		if out := reflect.TypeOf(word).Out(0); trusted[out] && !slices.Contains([]string{"rich", "teaser", "told", "hint"}, name) {
			t.Errorf("%s returns %v, which is not escaped", name, out)
		}
	}
	seen := map[reflect.Type]bool{}
	var look func(path string, typ reflect.Type)
	look = func(path string, typ reflect.Type) {
		if trusted[typ] {
			t.Errorf("%s is of type %v, which is not escaped", path, typ)
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				look(path+"."+typ.Field(i).Name, typ.Field(i).Type)
			}
		case reflect.Slice, reflect.Pointer, reflect.Array, reflect.Map:
			look(path, typ.Elem())
		}
	}
	for _, v := range slices.Concat(allPages, allParts) {
		look(fmt.Sprintf("%T", v), reflect.TypeOf(v))
	}
}

// TestIconsAreDrawn holds that every icon and emoji that is named has a drawing.
func TestIconsAreDrawn(t *testing.T) {
	sprite, err := fs.ReadFile(files, "templates/parts/sprite.html")
	if err != nil {
		t.Fatal(err)
	}
	drawn := func(where, id string) {
		if !strings.Contains(string(sprite), `id="`+id+`"`) {
			t.Errorf("%s names %s, which is not drawn", where, id)
		}
	}
	named := regexp.MustCompile(`\{\{template "icon" "(\w+)"\}\}|icon\("(\w+)"\)|button\("(\w+)", `)
	for _, folder := range []string{"templates", "js"} {
		eachFile(t, folder, func(name, text string) {
			for _, m := range named.FindAllStringSubmatch(text, -1) {
				drawn(name, "i-"+m[1]+m[2]+m[3])
			}
		})
	}
	for _, e := range emoji {
		drawn("emoji", "e-"+e.Name)
	}
}

// eachFile reads the embedded files of a folder.
func eachFile(t *testing.T, folder string, look func(name, text string)) {
	t.Helper()
	n := 0
	err := fs.WalkDir(files, folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		look(name, string(text))
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatalf("no files in %s", folder)
	}
}
