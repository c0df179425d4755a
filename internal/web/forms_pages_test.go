package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
	"kith/internal/web"
)

func TestComposeWithoutScripts(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	sea, cake := string(jpegOf(paintings()["face-ben"])), string(jpegOf(paintings()["face-ilse"]))
	r := s.postParts("/publish", part{"text", "", "One\r\ntwo"}, part{"photo", "sea.jpg", sea}, part{"photo", "cake.jpg", cake}, part{"do", "", "add"})
	if r.header.Get("Location") != "/#composer" {
		t.Fatalf("adding: status %d to %q", r.status, r.header.Get("Location"))
	}
	draft := s.home.draft
	if draft.Text != "One\ntwo" || len(draft.Photos) != 2 {
		t.Fatalf("the draft is %+v", draft)
	}
	first, second := draft.Photos[0].ID, draft.Photos[1].ID
	keep := []part{{"text", "", "One"}, {"photo-id", "", first}, {"photo-alt", "", "Ben"}, {"photo-id", "", second}, {"photo-alt", "", ""}}
	s.postParts("/publish", append(slices.Clone(keep), part{"do", "", "later:" + first})...)
	if got := s.home.draft.Photos; got[0].ID != second || got[1].Alt != "Ben" {
		t.Fatalf("after moving: %+v", got)
	}
	s.postParts("/publish", append(slices.Clone(keep), part{"do", "", "earlier:" + first})...) // is the first already
	if got := s.home.draft.Photos; got[0].ID != first {
		t.Fatalf("after moving too far: %+v", got)
	}
	// A broken file keeps the post from being published; everything else is kept.
	r = s.postParts("/publish", append(slices.Clone(keep), part{"photo", "broken.jpg", "nothing"}, part{"do", "", "publish"})...)
	page := parse(t, r.body)
	if r.status != http.StatusUnprocessableEntity || !strings.Contains(page.one(".composer .trouble").text(), "broken.jpg") {
		t.Fatalf("with a broken photo: status %d", r.status)
	}
	if got := page.one("#composer-text").text(); got != "One" || len(page.all("[data-draft-photo]")) != 2 {
		t.Errorf("the composer holds %q and %d photos", got, len(page.all("[data-draft-photo]")))
	}
	s.postParts("/publish", append(slices.Clone(keep), part{"do", "", "remove:" + second})...)
	if got := s.home.draft.Photos; len(got) != 1 || got[0].ID != first {
		t.Fatalf("after taking one out: %+v", got)
	}
	r = s.postParts("/publish", part{"text", "", "Done"}, part{"photo-id", "", first}, part{"photo-alt", "", "Ben"}, part{"photo", "more.jpg", cake}, part{"do", "", "publish"})
	if r.header.Get("Location") != "/?said=published" {
		t.Fatalf("publishing: status %d", r.status)
	}
	post := s.home.posts[0]
	if post.Text != "Done" || len(post.Photos) != 2 || post.Photos[0].Alt != "Ben" || s.home.draft.Text != "" {
		t.Errorf("published: %+v; draft: %+v", post, s.home.draft)
	}
	if r := s.postParts("/publish", part{"text", "", "x"}, part{"do", "", "nonsense"}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown button: status %d", r.status)
	}
}

func TestTypedTextStaysOnErrors(t *testing.T) {
	const typed = "What I typed & <b>more</b>"
	for name, c := range map[string]struct {
		fail, path, field string
		form              url.Values
		more              map[string]string
	}{
		"a post":       {"Publish", "/publish", "#composer-text", url.Values{"text": {typed}}, nil},
		"a comment":    {"Comment", "/post/sail/comments", "#answer-text-sail", url.Values{"text": {typed}}, nil},
		"a profile":    {"EditProfile", "/me", "#name", url.Values{"name": {typed}, "about": {typed}}, nil},
		"an invite":    {"Invite", "/invite", "#label", url.Values{"label": {typed}}, nil},
		"a code":       {"Inspect", "/join", "#code", url.Values{"code": {typed}}, nil},
		"a code again": {"Accept", "/join/accept", "#code", url.Values{"code": {typed}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, family(atNoon), atNoon)
			s.home.fail[c.fail] = problem(social.CodeBusy, "One thing at a time. What you typed is safe.")
			s.home.greetings[typed] = social.Greeting{Code: typed}
			r := s.post(c.path, c.form)
			page := parse(t, r.body)
			if r.status != http.StatusTooManyRequests || !strings.Contains(page.text(), "One thing at a time.") {
				t.Fatalf("status %d", r.status)
			}
			got := page.one(c.field).text()
			if v, ok := page.one(c.field).attr("value"); ok {
				got = v
			}
			if got != typed {
				t.Errorf("the field holds %q", got)
			}
		})
	}
}

func TestEveryCodeHasItsPage(t *testing.T) {
	want := map[string]int{
		social.CodeBadInput: 422, social.CodeNotFound: 404, social.CodeNotAllowed: 403, social.CodeNotStarted: 303, social.CodeGone: 410,
		social.CodeUnreachable: 503, social.CodeUsed: 409, social.CodeExpired: 410, social.CodeRevoked: 410, social.CodeRefused: 403,
		social.CodeOwnInvite: 409, social.CodeAlreadyFriends: 409, social.CodeTooLarge: 413, social.CodeBusy: 429, social.CodeInternal: 500,
	}
	s := open(t, family(atNoon), atNoon)
	for code, status := range want {
		if !slices.Contains(web.Codes(), code) {
			t.Errorf("%s has no status", code)
		}
		s.home.fail["Post"] = problem(code, "This happened. That is safe. Do this.")
		r := s.get("/post/sail")
		if r.status != status {
			t.Errorf("%s: status %d, want %d", code, r.status, status)
		}
		if status == http.StatusSeeOther {
			continue
		}
		page := parse(t, r.body)
		if page.one(".failure h1").text() == "" || !strings.Contains(page.one(".failure").text(), "This happened. That is safe. Do this.") {
			t.Errorf("%s: the page says %q", code, page.one(".failure").text())
		}
		page.one("nav[aria-label=Main]") // a way on
		// A script gets the same as a part.
		request := s.request(http.MethodGet, "/post/sail", nil)
		request.Header.Set("Kith-Part", "1")
		if r := s.do(s.client, request); r.status != status || strings.Contains(r.body, "<html") || !strings.Contains(r.body, "This happened.") {
			t.Errorf("%s as a part: status %d", code, r.status)
		}
	}
	s.home.fail["Post"] = errors.New("sqlite: disk I/O error at /home/nora/kith")
	if r := s.get("/post/sail"); r.status != http.StatusInternalServerError || strings.Contains(r.body, "sqlite") || strings.Contains(r.body, "/home/nora") {
		t.Errorf("an inner error: status %d, and its words are shown", r.status)
	}
	s.home.fail["Profile"] = errors.New("even the rails fail")
	if r := s.get("/"); r.status != http.StatusInternalServerError || parse(t, r.body).one("h1").text() == "" {
		t.Errorf("when nothing works: status %d", r.status)
	}
}

func TestProfileAndReach(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	face := string(jpegOf(paintings()["face-ilse"]))
	if r := s.postParts("/me", part{"picture", "me.jpg", face}, part{"name", "", "Nora B."}, part{"about", "", "New\r\nlines"}); r.header.Get("Location") != "/people/me?said=profile" {
		t.Fatalf("status %d", r.status)
	}
	if me := s.home.people["me"]; me.Name != "Nora B." || me.About != "New\nlines" || me.Picture == "" {
		t.Errorf("now %+v", me)
	}
	s.post("/me", url.Values{"name": {"Nora"}, "remove-picture": {"yes"}})
	if me := s.home.people["me"]; me.Picture != "" || me.About != "" {
		t.Errorf("now %+v", me)
	}
	// A picture that is too large takes nothing of the rest along.
	r := s.postParts("/me", part{"picture", "huge.jpg", strings.Repeat("x", 25<<20)}, part{"name", "", "Nora the Great"}, part{"about", "", "Words"})
	if page := parse(t, r.body); r.status != http.StatusRequestEntityTooLarge || page.one("#name").value("value") != "Nora the Great" || page.one("#about").text() != "Words" {
		t.Errorf("a huge picture: status %d", r.status)
	}
	s.post("/settings/reach", url.Values{"reach": {"home"}})
	if _, checked := s.page("/settings").one("input[value=home]").attr("checked"); !checked {
		t.Error("the reach did not change")
	}
}

func TestRecovery(t *testing.T) {
	h := family(atNoon)
	h.recovery.Due = true
	s := open(t, h, atNoon)
	s.page("/").one(".reminder")
	if n := len(s.page("/recovery/words").all(".words li")); n != 24 {
		t.Errorf("%d words", n)
	}
	if r := s.get("/recovery/words"); r.header.Get("Cache-Control") != "no-store" {
		t.Error("the words may be kept by the browser")
	}
	var fields []string
	for _, input := range s.page("/recovery/check").all("input[name=position]") {
		fields = append(fields, input.value("value"))
	}
	if !slices.Equal(fields, []string{"2", "11", "19"}) {
		t.Fatalf("asked for %q", fields)
	}
	wrong := url.Values{"position": fields, "word-2": {"candle"}, "word-11": {" Thimble "}, "word-19": {h.words[19]}}
	r := s.post("/recovery/check", wrong)
	if page := parse(t, r.body); r.status != http.StatusUnprocessableEntity || page.one("#word-2").value("value") != "candle" || !strings.Contains(page.text(), "Word number 12 is another one") {
		t.Errorf("a wrong word: status %d", r.status)
	}
	s.post("/recovery/later", nil)
	if len(s.page("/").all(".reminder")) != 0 {
		t.Error("put off, and still asked for")
	}
	right := url.Values{"position": fields, "word-2": {" " + strings.ToUpper(h.words[2])}, "word-11": {h.words[11]}, "word-19": {h.words[19]}}
	if r := s.post("/recovery/check", right); r.header.Get("Location") != "/?said=recovered" {
		t.Errorf("the right words: status %d", r.status)
	}
	if r := s.get("/recovery/words"); r.status != http.StatusGone {
		t.Errorf("the words, afterwards: status %d", r.status)
	}
	if r := s.post("/recovery/check", url.Values{"position": {"x"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a position that is none: status %d", r.status)
	}
}
