package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// part is a field or a file of a form.
type part struct{ name, file, content string }

// postParts sends a form with files.
func (s *site) postParts(path string, parts ...part) reply {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range parts {
		var w io.Writer
		var err error
		if p.file != "" {
			w, err = form.CreateFormFile(p.name, p.file)
		} else {
			w, err = form.CreateFormField(p.name)
		}
		if err == nil {
			_, err = io.WriteString(w, p.content)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	form.Close()
	request := s.request(http.MethodPost, path, nil)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Body, request.ContentLength = io.NopCloser(&body), int64(body.Len())
	return s.do(s.client, request)
}

func TestFirstRun(t *testing.T) {
	s := open(t, newHome(atNoon), atNoon)
	if r := s.get("/friends"); r.header.Get("Location") != "/welcome" {
		t.Errorf("before the first run, a page leads to %q", r.header.Get("Location"))
	}
	r := s.postParts("/welcome", part{"name", "", "  "}, part{"reach", "", "home"})
	page := parse(t, r.body)
	if r.status != http.StatusUnprocessableEntity || page.one(".trouble-title").text() == "" {
		t.Errorf("without a name: status %d", r.status)
	}
	if _, checked := page.one("input[value=home]").attr("checked"); !checked {
		t.Error("the choice is lost")
	}
	r = s.postParts("/welcome", part{"name", "", "Nora"}, part{"picture", "nora.jpg", "not a picture"}, part{"reach", "", "home"})
	if got := parse(t, r.body).one("#name").value("value"); r.status != http.StatusUnprocessableEntity || got != "Nora" {
		t.Errorf("with a broken picture: status %d, the name is %q", r.status, got)
	}
	face := string(jpegOf(paintings()["face-me"]))
	if r := s.postParts("/welcome", part{"name", "", "Nora"}, part{"picture", "nora.jpg", face}, part{"reach", "", "home"}); r.header.Get("Location") != "/" {
		t.Fatalf("status %d to %q", r.status, r.header.Get("Location"))
	}
	home := s.page("/")
	home.one("#first h2")
	if src := home.one(".window.lit img").value("src"); s.get(src).status != http.StatusOK {
		t.Error("the picture is not there")
	}
	if r := s.get("/welcome"); r.header.Get("Location") != "/" {
		t.Error("the first run can be had twice")
	}
}

func TestFeedPage(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	page := s.page("/")
	posts := page.all("[data-feed] [data-post]")
	var order []string
	for _, post := range posts {
		order = append(order, post.value("data-post"))
	}
	if want := []string{"sail", "tulips", "cake", "plain", "winter"}; !slices.Equal(order, want) {
		t.Errorf("the posts are %q, want %q", order, want)
	}
	sail := page.one("#post-sail")
	if got := sail.one(".post-when").text(); got != "12 minutes ago" {
		t.Errorf("the time is %q", got)
	}
	if got := sail.one(".post-head .chip").text(); got != "Seen by: Friends of Ben" {
		t.Errorf("the chip says %q", got)
	}
	if got := sail.one(".comments-all").text(); got != "Show all 3 comments" {
		t.Errorf("there is %q", got)
	}
	if n := len(sail.all(".comment")); n != 2 {
		t.Errorf("%d comments are open, want the last 2", n)
	}
	if got := sail.all(".reaction .unseen")[0].text(); got != "Love: Nora, Grandma Ilse and Ayşe" {
		t.Errorf("who reacted: %q", got)
	}
	if len(sail.all(".post-delete")) != 0 {
		t.Error("somebody else's post can be deleted")
	}
	tulips := page.one("#post-tulips")
	tulips.one(".post-delete")
	if got := tulips.one(".post-foot .delivery").text(); got != "Arrived at 4 of 6 homes. It will reach the others when their homes are on." {
		t.Errorf("where it is: %q", got)
	}
	if n := len(tulips.all(".post-foot .delivery-windows .lit")); n != 4 {
		t.Errorf("%d windows are lit", n)
	}
	if got := tulips.one(".post-text a").value("rel"); got != "noopener noreferrer nofollow" {
		t.Errorf("the link is %q", got)
	}
	winter := page.one("#post-winter")
	if n := len(winter.all("a[data-photo] img")); n != 4 {
		t.Errorf("%d photos are seen, want 4", n)
	}
	if n := len(winter.all("a[data-photo]")); n != 6 {
		t.Errorf("%d photos can be looked at, want 6", n)
	}
	if got := winter.one(".photo-more").text(); got != "+2" {
		t.Errorf("the last photo says %q", got)
	}
	if got := page.one(".caught-up").text(); got != "You are all caught up" {
		t.Errorf("the end says %q", got)
	}
	if got := page.one("#composer .audience option[selected]").text(); got != "Friends" {
		t.Errorf("the composer says that it is for %q", got)
	}
	if got := page.one(".street-words").text(); got != "3 of 6 friends are at home" {
		t.Errorf("the street says %q", got)
	}
}

func TestPostFragments(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	for query, want := range map[string][]string{
		"":       {"Both pairs, Grandma.", "Next time I’m coming along."},
		"?all":   {"Did you wear the warm socks?", "Both pairs, Grandma.", "Next time I’m coming along."},
		"?whole": {"Did you wear the warm socks?", "Both pairs, Grandma.", "Next time I’m coming along."},
	} {
		var got []string
		post := parse(t, s.get("/fragment/post/sail"+query).body).one("#post-sail")
		for _, comment := range post.all(".comment-text") {
			got = append(got, comment.text())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: the comments are %q", query, got)
		}
	}
	if got := parse(t, s.get("/fragment/comment/c0001").body).one(".comment-text").text(); got == "" {
		t.Error("the comment is empty")
	}
	for _, path := range []string{"/fragment/post/nothing", "/fragment/comment/nothing", "/fragment/person/nobody", "/fragment/wall/nobody", "/fragment/invite/none"} {
		if r := s.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
}

func TestOlderPosts(t *testing.T) {
	s := open(t, overfull(atNoon), atNoon)
	seen := make(map[string]bool)
	path, pages := "/", 0
	for path != "" {
		page := s.page(path)
		for _, post := range page.all("[data-feed] [data-post]") {
			id := post.value("data-post")
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
		path, pages = "", pages+1
		if links := page.all("a.older"); len(links) == 1 {
			path = links[0].value("href")
			// The same as a fragment.
			if got := parse(t, s.get(links[0].value("data-older")).body).all("[data-post]"); len(got) == 0 {
				t.Error("the fragment with older posts is empty")
			}
		} else {
			page.one(".caught-up")
		}
	}
	if len(seen) != len(s.home.posts) || pages < 3 {
		t.Errorf("%d posts on %d pages, want %d", len(seen), pages, len(s.home.posts))
	}
	if got := len(parse(t, s.get("/fragment/feed?count=40").body).all("[data-post]")); got != 40 {
		t.Errorf("asked for 40, got %d", got)
	}
	if got := len(parse(t, s.get("/fragment/feed?count=99999").body).all("[data-post]")); got != len(s.home.posts) {
		t.Errorf("asked for all, got %d", got)
	}
}

func TestOnlyOnesOwnCanBeDeleted(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	if r := s.get("/post/sail/delete"); r.status != http.StatusForbidden {
		t.Errorf("somebody else's post: status %d", r.status)
	}
	comments := s.home.posts[0].Comments
	if r := s.get("/comment/" + comments[0].ID + "/delete"); r.status != http.StatusForbidden {
		t.Errorf("somebody else's comment: status %d", r.status)
	}
	own := "/comment/" + comments[2].ID + "/delete"
	if got := s.page(own).one("#confirm-question").text(); got != "Delete your comment?" {
		t.Errorf("the question is %q", got)
	}
	if r := s.post(own, nil); r.header.Get("Location") != "/post/sail?said=deleted" {
		t.Errorf("deleting: status %d", r.status)
	}
	mine := s.home.posts[1].Comments[0]
	if got := s.page("/comment/" + mine.ID + "/delete").one("#confirm-question").text(); got != "Take down this comment by Ayşe?" {
		t.Errorf("on the own wall, the question is %q", got)
	}
}

func TestPictures(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	src := s.home.posts[0].Photos[0].Thumb
	r := s.get(src)
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox") ||
		!strings.Contains(r.header.Get("Cache-Control"), "immutable") || !strings.Contains(r.header.Get("Cache-Control"), "private") {
		t.Errorf("status %d, %v", r.status, r.header)
	}
	request := s.request(http.MethodGet, src, nil)
	request.Header.Set("Range", "bytes=0-9")
	if part := s.do(s.client, request); part.status != http.StatusPartialContent || part.body != r.body[:10] {
		t.Errorf("a part: status %d, %d bytes", part.status, len(part.body))
	}
	request = s.request(http.MethodGet, src, nil)
	request.Header.Set("If-None-Match", r.header.Get("ETag"))
	if again := s.do(s.client, request); again.status != http.StatusNotModified {
		t.Errorf("asked again: status %d", again.status)
	}
	for _, kind := range []string{"text/html", "image/svg+xml", "application/pdf", ""} {
		s.home.pictures["odd"] = picture{kind, []byte("<script>alert(1)</script>")}
		if r := s.get("/picture/odd"); r.header.Get("Content-Type") != "application/octet-stream" || r.header.Get("Content-Disposition") != "attachment" {
			t.Errorf("%q is served as %q", kind, r.header.Get("Content-Type"))
		}
	}
	if r := s.get("/picture/not-here"); r.status != http.StatusNotFound {
		t.Errorf("a missing one: status %d", r.status)
	}
}

func TestStaticFiles(t *testing.T) {
	s := open(t, family(atNoon), atNoon)
	page := s.page("/")
	urls := []string{page.one("link[rel=stylesheet]").value("href"), page.one("script").value("src"), page.one("link[rel=icon]").value("href")}
	for _, link := range page.all("link[rel=modulepreload]") {
		urls = append(urls, link.value("href"))
	}
	for _, url := range urls {
		r := s.do(s.visitor(), s.request(http.MethodGet, url, nil))
		if r.status != http.StatusOK || !strings.Contains(r.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d", url, r.status)
		}
	}
	// Scripts import one another by names beside them, which is where they are.
	for _, url := range urls {
		for _, line := range strings.Split(s.get(url).body, "\n") {
			if _, name, ok := strings.Cut(line, ` from "./`); ok {
				s.server.Static("js/" + strings.TrimSuffix(name, `";`))
			}
		}
	}
	for _, path := range []string{"/static/0/kith.css", "/static//kith.css", strings.Replace(urls[0], "kith.css", "../go.mod", 1), strings.Replace(urls[0], "kith.css", "templates/pages/home.html", 1)} {
		if r := s.get(path); r.status == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}
