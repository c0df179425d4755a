package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/api"
	"kith/internal/api/apitest"
	"kith/internal/social"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a server on a real listener before a home in memory, and a client.
type fixture struct {
	t       *testing.T
	home    *apitest.Home
	gate    *access.Gate
	client  *api.Client
	host    string
	token   string
	stopped atomic.Bool
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, home: new(apitest.Home), token: api.NewToken()}
	gate, err := access.New(t.Context(), new(accesstest.Memory))
	if err != nil {
		t.Fatal(err)
	}
	f.gate = gate
	server := httptest.NewUnstartedServer(nil)
	f.host = server.Listener.Addr().String()
	server.Config.Handler, err = api.New(api.Config{
		Home: f.home, Gate: gate, Log: slog.New(slog.DiscardHandler), Token: f.token,
		Hosts: []string{f.host}, Page: "http://" + f.host, Stop: func() { f.stopped.Store(true) },
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	f.client = api.NewClient(api.Endpoint{Page: "http://" + f.host, Token: f.token})
	t.Cleanup(f.client.Close)
	return f
}

func started(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t)
	if _, err := f.client.Begin(t.Context(), social.Setup{Name: "Bo"}); err != nil {
		t.Fatal(err)
	}
	return f
}

// code returns the code of a social.Error.
func code(err error) string {
	var known *social.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return fmt.Sprint(err)
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestFirstRun(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	if _, err := f.client.Feed(ctx, "", 0); code(err) != social.CodeNotStarted {
		t.Errorf("the feed before the first run: %v", err)
	}
	if _, err := f.client.Begin(ctx, social.Setup{Name: " "}); code(err) != social.CodeBadInput {
		t.Errorf("without a name: %v", err)
	}
	me := must(f.client.Begin(ctx, social.Setup{Name: "Bo", Reach: social.ReachInternet, Picture: strings.NewReader("a face")}))(t)
	if me.Name != "Bo" || me.Reach != social.ReachInternet || me.Picture == "" || string(f.home.Photo("me")) != "a face" {
		t.Errorf("profile %+v", me)
	}
	if _, err := f.client.Begin(ctx, social.Setup{Name: "Bo"}); code(err) != social.CodeNotAllowed {
		t.Errorf("twice: %v", err)
	}
	if got := must(f.client.Profile(ctx))(t); got != me {
		t.Errorf("Profile = %+v, want %+v", got, me)
	}
}

func TestReachIsTheHomeNetworkUnlessSaid(t *testing.T) {
	f := started(t)
	if p := must(f.client.Profile(t.Context()))(t); p.Reach != social.ReachHome {
		t.Errorf("reach %q", p.Reach)
	}
}

func TestPostsCommentsReactions(t *testing.T) {
	f := started(t)
	ctx := t.Context()
	large := bytes.Repeat([]byte("x"), 3<<20)
	f.home.Draft = "being written on the page"
	p := must(f.client.Publish(ctx, "Two photos", []api.PhotoFile{
		{Alt: "A “bridge”\r\nin the evening", Content: strings.NewReader("photo a")},
		{Content: bytes.NewReader(large)},
	}))(t)
	if p.Text != "Two photos" || len(p.Photos) != 2 || p.Photos[0].Alt != "A “bridge”\r\nin the evening" || p.Photos[1].Alt != "" {
		t.Errorf("published %+v", p)
	}
	if string(f.home.Photo(p.Photos[0].ID)) != "photo a" || !bytes.Equal(f.home.Photo(p.Photos[1].ID), large) {
		t.Error("a photo did not arrive as it was sent")
	}
	if f.home.Draft == "" {
		t.Error("posting from the command line took the draft of the page away")
	}
	c := must(f.client.Comment(ctx, p.ID, "Lovely"))(t)
	for _, target := range []string{p.ID, c.ID} {
		if err := f.client.React(ctx, target, "❤️"); err != nil {
			t.Fatal(err)
		}
	}
	got := must(f.client.Post(ctx, p.ID))(t)
	if len(got.Comments) != 1 || len(got.Reactions) != 1 || got.Reactions[0].Emoji != "❤️" || len(got.Comments[0].Reactions) != 1 {
		t.Errorf("Post = %+v", got)
	}
	if got := must(f.client.CommentByID(ctx, c.ID))(t); got.Text != "Lovely" || got.Post != p.ID {
		t.Errorf("CommentByID = %+v", got)
	}
	if err := f.client.React(ctx, p.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := f.client.Delete(ctx, c.ID); err != nil {
		t.Fatal(err)
	}
	if got := must(f.client.Post(ctx, p.ID))(t); len(got.Comments) != 0 || len(got.Reactions) != 0 {
		t.Errorf("Post = %+v", got)
	}
	if err := f.client.Delete(ctx, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.Post(ctx, p.ID); code(err) != social.CodeNotFound {
		t.Errorf("a deleted post: %v", err)
	}
	if _, err := f.client.Comment(ctx, p.ID, "?"); code(err) != social.CodeNotFound {
		t.Errorf("a comment on a deleted post: %v", err)
	}
	if _, err := f.client.Post(ctx, "../status"); code(err) != social.CodeNotFound {
		t.Errorf("an ID that is a path: %v", err)
	}
}

func TestEditAndTrash(t *testing.T) {
	f := started(t)
	ctx := t.Context()
	p := must(f.client.Publish(ctx, "one", nil))(t)
	if err := f.client.Edit(ctx, p.ID, social.Edit{Text: "two"}); err != nil {
		t.Fatal(err)
	}
	if got := must(f.client.Post(ctx, p.ID))(t); got.Text != "two" || got.Edited.IsZero() {
		t.Errorf("Post = %+v", got)
	}
	if got := must(f.client.Versions(ctx, p.ID))(t); len(got.Versions) != 2 || got.Versions[1].Text != "one" {
		t.Errorf("Versions = %+v", got)
	}
	theirs := f.home.Receive(apitest.Ada, "from Ada")
	if err := f.client.Edit(ctx, theirs.ID, social.Edit{Text: "mine"}); code(err) != social.CodeNotAllowed {
		t.Errorf("editing what is not one's own: %v", err)
	}
	if err := f.client.Delete(ctx, p.ID); err != nil {
		t.Fatal(err)
	}
	if got := must(f.client.Trash(ctx))(t); len(got) != 1 || got[0].Text != "two" {
		t.Errorf("Trash = %+v", got)
	}
	again := must(f.client.Restore(ctx, p.ID))(t)
	if got := must(f.client.Post(ctx, again.Post))(t); got.ID != again.ID || got.Text != "two" {
		t.Errorf("restored as %+v", got)
	}
	if _, err := f.client.Restore(ctx, p.ID); code(err) != social.CodeNotFound {
		t.Errorf("restored twice: %v", err)
	}
	if err := f.client.DeleteTrashed(ctx, p.ID); code(err) != social.CodeNotFound {
		t.Errorf("deleted from the trash after it left: %v", err)
	}
	if err := f.client.DeleteForGood(ctx, again.ID); err != nil {
		t.Fatal(err)
	}
	if got := must(f.client.EmptyTrash(ctx))(t); got.Deleted != 0 {
		t.Errorf("%d in the trash after deleting for good", got.Deleted)
	}
}

func TestFeedByPages(t *testing.T) {
	f := started(t)
	ctx := t.Context()
	for i := range 25 {
		must(f.client.Publish(ctx, strconv.Itoa(i), nil))(t)
	}
	f.home.Receive(apitest.Ada, "from Ada")
	var texts []string
	for cursor := ""; ; {
		page := must(f.client.Feed(ctx, cursor, 10))(t)
		for _, p := range page.Posts {
			texts = append(texts, p.Text)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if len(texts) != 26 || texts[0] != "from Ada" || texts[25] != "0" {
		t.Errorf("the feed is %q", texts)
	}
	if page := must(f.client.Feed(ctx, "", 0))(t); len(page.Posts) != 20 {
		t.Errorf("%d posts by default", len(page.Posts))
	}
	if page := must(f.client.Wall(ctx, apitest.Ada.ID, "", 0))(t); len(page.Posts) != 1 || page.Posts[0].Text != "from Ada" {
		t.Errorf("Ada's wall: %+v", page)
	}
	for _, limit := range []int{-1, 101} {
		if _, err := f.client.Feed(ctx, "", limit); code(err) != social.CodeBadInput {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestFriendsAndInvites(t *testing.T) {
	f := started(t)
	ctx := t.Context()
	i := must(f.client.Invite(ctx, social.InviteOptions{LetIn: true, Label: "for Ada", For: 1500 * time.Millisecond}))(t)
	if !i.LetIn || i.Label != "for Ada" || i.Expires.Sub(i.Created) != 2*time.Second {
		t.Errorf("invite %+v", i)
	}
	if i := must(f.client.Invite(ctx, social.InviteOptions{}))(t); i.Expires.Sub(i.Created) != 7*24*time.Hour {
		t.Errorf("invite %+v", i)
	}
	f.home.Knock(i.ID, apitest.Ada)
	if list := must(f.client.Invites(ctx))(t); len(list) != 2 || list[0].State != social.InviteAsking || list[0].Who.Name != "Ada" {
		t.Errorf("invites %+v", list)
	}
	if err := f.client.AnswerInvite(ctx, i.ID, false); err != nil {
		t.Fatal(err)
	}
	if list := must(f.client.Invites(ctx))(t); list[0].State != social.InviteRefused {
		t.Errorf("invites %+v", list)
	}
	if err := f.client.RevokeInvite(ctx, i.ID); err != nil {
		t.Fatal(err)
	}
	if err := f.client.RevokeInvite(ctx, "nothing"); code(err) != social.CodeNotFound {
		t.Errorf("revoking nothing: %v", err)
	}

	if g := must(f.client.Inspect(ctx, "Hello, kith1abc"))(t); g.Inviter.Name != "Ada" || g.Code != "kith1abc" {
		t.Errorf("greeting %+v", g)
	}
	a := must(f.client.Accept(ctx, "kith1abc"))(t)
	f.home.Settle(a.ID, social.AcceptanceFailed, "Somebody else was quicker.")
	if list := must(f.client.Acceptances(ctx))(t); len(list) != 1 || list[0].Detail != "Somebody else was quicker." {
		t.Errorf("acceptances %+v", list)
	}
	if err := f.client.DropAcceptance(ctx, a.ID); err != nil {
		t.Fatal(err)
	}

	f.home.Befriend(apitest.Ada)
	if list := must(f.client.Friends(ctx))(t); len(list) != 1 || list[0].Name != "Ada" {
		t.Errorf("friends %+v", list)
	}
	if p := must(f.client.Person(ctx, apitest.Ada.ID))(t); p.Name != "Ada" {
		t.Errorf("person %+v", p)
	}
	if err := f.client.Unfriend(ctx, apitest.Ada.ID); err != nil {
		t.Fatal(err)
	}
	if s := must(f.client.Status(ctx))(t); s.Friends != 0 || s.Name != "Bo" {
		t.Errorf("status %+v", s)
	}
}

func TestPageLinkSignsInOnce(t *testing.T) {
	f := newFixture(t) // the page is needed for the first run, so this works before it
	link := must(f.client.PageLink(t.Context()))(t)
	token, ok := strings.CutPrefix(link.Link, "http://"+f.host+"/signin#")
	if !ok || link.Page != f.client.Page() || link.Page != "http://"+f.host+"/" {
		t.Fatalf("link %+v", link)
	}
	if _, err := f.gate.SignInToken(t.Context(), token, ""); err != nil {
		t.Error(err)
	}
	if _, err := f.gate.SignInToken(t.Context(), token, ""); !errors.Is(err, access.ErrToken) {
		t.Errorf("twice: %v", err)
	}
}

func TestPasswordResetEndsSessions(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	secret := must(f.gate.SignInToken(ctx, must(f.gate.OneTimeToken(ctx))(t), ""))(t)
	if err := f.client.ResetPassword(ctx, "short"); code(err) != social.CodeBadInput || !strings.Contains(err.(*social.Error).Message, "ten characters") {
		t.Errorf("a short password: %v", err)
	}
	must(f.gate.Check(ctx, secret))(t)
	if err := f.client.ResetPassword(ctx, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.gate.Check(ctx, secret); !errors.Is(err, access.ErrNoSession) {
		t.Errorf("the session after a reset: %v", err)
	}
	must(f.gate.SignInPassword(ctx, "correct horse battery", ""))(t)
	if err := f.client.ResetPassword(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if has := must(f.gate.HasPassword(ctx))(t); has {
		t.Error("the password was not removed")
	}
}

func TestStop(t *testing.T) {
	f := newFixture(t)
	if err := f.client.Stop(t.Context()); err != nil || !f.stopped.Load() {
		t.Errorf("stopped %v, %v", f.stopped.Load(), err)
	}
}

func TestEvents(t *testing.T) {
	f := started(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := must(f.client.Events(ctx))(t)
	if f.home.Listeners() != 1 {
		t.Fatal("Events returned before the subscription stood")
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		p, err := f.client.Publish(ctx, "Hello", nil)
		if err == nil {
			_, err = f.client.Comment(ctx, p.ID, "Hello to you")
		}
		if err != nil {
			t.Error(err)
		}
	})
	var kinds []string
	for len(kinds) < 2 {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	if want := []string{social.EventPost, social.EventComment}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("events %q, want %q", kinds, want)
	}
	writing.Wait()
	events.Close()
	for deadline := time.Now().Add(10 * time.Second); f.home.Listeners() != 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("closing the stream did not end the subscription")
		}
	}

	events = must(f.client.Events(ctx))(t)
	defer events.Close()
	cancel()
	for range 2 {
		if _, err := events.Next(); !errors.Is(err, context.Canceled) {
			t.Errorf("after cancel: %v", err)
		}
	}
}

// TestOnlyTheOwnerGetsIn asks for every route in every wrong way.
func TestOnlyTheOwnerGetsIn(t *testing.T) {
	f := started(t)
	post := must(f.client.Publish(t.Context(), "private words", nil))(t)
	f.home.Fail = func(method string) error {
		t.Errorf("%s was reached", method)
		return nil
	}
	good := "Bearer " + f.token
	for _, tc := range []struct {
		name   string
		host   string
		header http.Header
		want   int
	}{
		{"no token", f.host, http.Header{}, 401},
		{"empty token", f.host, http.Header{"Authorization": {"Bearer "}}, 401},
		{"wrong token", f.host, http.Header{"Authorization": {"Bearer " + api.NewToken()}}, 401},
		{"part of the token", f.host, http.Header{"Authorization": {good[:len(good)-1]}}, 401},
		{"more than the token", f.host, http.Header{"Authorization": {good + "A"}}, 401},
		{"another scheme", f.host, http.Header{"Authorization": {"Basic " + f.token}}, 401},
		{"the token in a cookie", f.host, http.Header{"Cookie": {"token=" + f.token}}, 401},
		{"a host that was rebound", "evil.example", http.Header{"Authorization": {good}}, 421},
		{"another name of this machine", "localhost:" + f.host[strings.LastIndexByte(f.host, ':')+1:], http.Header{"Authorization": {good}}, 421},
		{"all interfaces", "0.0.0.0:" + f.host[strings.LastIndexByte(f.host, ':')+1:], http.Header{"Authorization": {good}}, 421},
		{"a page elsewhere", f.host, http.Header{"Authorization": {good}, "Origin": {"https://evil.example"}}, 403},
		{"a page of another port", f.host, http.Header{"Authorization": {good}, "Origin": {"http://127.0.0.1:1"}}, 403},
		{"a page without an origin", f.host, http.Header{"Authorization": {good}, "Origin": {"null"}}, 403},
		{"a browser", f.host, http.Header{"Authorization": {good}, "Sec-Fetch-Site": {"same-origin"}}, 403},
	} {
		for _, target := range []string{"GET status", "GET feed", "GET posts/" + post.ID, "DELETE entries/" + post.ID, "POST stop", "POST page",
			"PUT password", "GET events", "POST posts", "GET nothing", "OPTIONS feed"} {
			method, path, _ := strings.Cut(target, " ")
			r, _ := http.NewRequestWithContext(t.Context(), method, "http://"+f.host+api.Prefix+path, nil)
			r.Host, r.Header = tc.host, tc.header
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != tc.want || strings.Contains(string(body), "private words") || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s, %s: %s %q, want %d", tc.name, target, resp.Status, body, tc.want)
			}
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if f.stopped.Load() {
		t.Error("the home was stopped")
	}
}

// TestHostileBodies sends what our client never would, with the right token.
func TestHostileBodies(t *testing.T) {
	f := started(t)
	form := func(parts ...string) string {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString("--x\r\nContent-Disposition: form-data; " + p + "\r\n")
		}
		return b.String() + "--x--\r\n"
	}
	const isForm = `multipart/form-data; boundary=x`
	many := make([]string, 200)
	for i := range many {
		many[i] = `name="text"` + "\r\n\r\nagain"
	}
	photos := make([]string, 21)
	for i := range photos {
		photos[i] = `name="photo"; filename="a"` + "\r\n\r\nx"
	}
	for _, tc := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"no body", "POST", "invites", "", "", 422},
		{"not JSON", "POST", "invites", "", "{", 422},
		{"an unknown field", "POST", "invites", "", `{"let_in":true,"admin":true}`, 422},
		{"two values", "POST", "invites", "", `{} {}`, 422},
		{"another type", "POST", "invites", "", `{"seconds":"soon"}`, 422},
		{"before the beginning", "POST", "invites", "", `{"seconds":-1}`, 422},
		{"past the end of time", "POST", "invites", "", `{"seconds":9223372036854775807}`, 422},
		{"too large", "POST", "greeting", "", `{"code":"` + strings.Repeat("x", 2<<20) + `"}`, 413},
		{"deep", "POST", "greeting", "", strings.Repeat("[", 1<<19), 422},
		{"JSON as a form", "POST", "posts", "application/json", `{"text":"x"}`, 422},
		{"no boundary", "POST", "posts", "multipart/form-data", form(), 422},
		{"a form that is cut off", "POST", "posts", isForm, form(`name="text"` + "\r\n\r\nhello")[:60], 422},
		{"an unknown field", "POST", "posts", isForm, form(`name="audience"` + "\r\n\r\neveryone"), 422},
		{"a file with another name", "POST", "posts", isForm, form(`name="text"; filename="a"` + "\r\n\r\nx"), 422},
		{"many fields", "POST", "posts", isForm, form(many...), 413},
		{"many photos", "POST", "posts", isForm, form(photos...), 413},
		{"a long text", "POST", "posts", isForm, form(`name="text"` + "\r\n\r\n" + strings.Repeat("x", 2<<20)), 413},
		{"two faces", "POST", "begin", isForm, form(`name="picture"; filename="a"`+"\r\n\r\nx", `name="picture"; filename="a"`+"\r\n\r\nx"), 422},
		{"a method of another time", "PATCH", "feed", "", "", 404},
		{"a path that there is not", "GET", "keys", "", "", 404},
		{"a limit that is no number", "GET", "feed?limit=many", "", "", 422},
	} {
		r, _ := http.NewRequestWithContext(t.Context(), tc.method, "http://"+f.host+api.Prefix+tc.path, strings.NewReader(tc.body))
		r.Header.Set("Authorization", "Bearer "+f.token)
		r.Header.Set("Content-Type", tc.kind)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if resp.Body.Close(); resp.StatusCode != tc.want {
			t.Errorf("%s: %s, want %d", tc.name, resp.Status, tc.want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if page := must(f.client.Feed(t.Context(), "", 0))(t); len(page.Posts) != 0 {
		t.Errorf("something was published: %+v", page.Posts)
	}
}

func TestAnEarlyRefusalReachesTheClient(t *testing.T) {
	f := started(t)
	f.home.Fail = func(method string) error {
		if method == "AddPhoto" {
			return &social.Error{Code: social.CodeBadInput, Message: "This is not a picture."}
		}
		return nil
	}
	photo := api.PhotoFile{Content: bytes.NewReader(make([]byte, 8<<20))}
	for range 20 {
		_, err := f.client.Publish(t.Context(), "", []api.PhotoFile{{Content: strings.NewReader("no picture")}, photo, photo})
		if code(err) != social.CodeBadInput {
			t.Fatalf("%v, want the refusal", err)
		}
	}
}

func TestAPhotoThatCannotBeReadPublishesNothing(t *testing.T) {
	f := started(t)
	broken := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(errors.New("the disk is gone")))
	if _, err := f.client.Publish(t.Context(), "text", []api.PhotoFile{{Content: broken}}); err == nil {
		t.Error("no error")
	}
	if page := must(f.client.Feed(t.Context(), "", 0))(t); len(page.Posts) != 0 {
		t.Errorf("half a post was published: %+v", page.Posts)
	}
}

func TestWhatIsNotForPeopleStaysInside(t *testing.T) {
	var log bytes.Buffer
	home := &apitest.Home{Fail: func(string) error { return errors.New("sqlite: secret/path/kith.db is locked") }}
	server, err := api.New(api.Config{Home: home, Gate: must(access.New(t.Context(), new(accesstest.Memory)))(t),
		Log: slog.New(slog.NewTextHandler(&log, nil)), Token: "t", Hosts: []string{"h"}, Page: "http://h", Stop: func() {}})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "http://h"+api.Prefix+"status", nil)
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	var answer api.Failure
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 500 || answer.Error.Code != social.CodeInternal ||
		answer.Error.Message == "" || strings.Contains(w.Body.String(), "sqlite") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "secret/path/kith.db is locked") {
		t.Errorf("the log does not say why: %s", log.String())
	}
}

// TestEveryCodeHasAnOutcome reads the codes from the source of package social, so that a new one can't be forgotten.
func TestEveryCodeHasAnOutcome(t *testing.T) {
	folder := filepath.Join("..", "social")
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if !strings.HasPrefix(name.Name, "Code") || i >= len(spec.Values) {
					continue
				}
				value, _ := strconv.Unquote(spec.Values[i].(*ast.BasicLit).Value)
				e := &social.Error{Code: value}
				codes++
				if internal := value == social.CodeInternal; (api.Status(e) == 500) != internal || (api.ExitCode(e) == api.ExitTrouble) != internal {
					t.Errorf("%s has no outcome of its own: status %d, exit code %d", name, api.Status(e), api.ExitCode(e))
				}
			}
			return true
		})
	}
	if codes < 15 {
		t.Errorf("only %d codes were found", codes)
	}
}

func TestExitCode(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{fmt.Errorf("asking: %w", api.ErrNotRunning), 3},
		{fmt.Errorf("asking: %w", &social.Error{Code: social.CodeExpired}), 6},
		{&social.Error{Code: social.CodeUnreachable}, 7},
		{&social.Error{Code: "of a later version"}, 1},
		{fmt.Errorf("asking: %w", context.Canceled), 130},
	} {
		if got := api.ExitCode(tc.err); got != tc.want {
			t.Errorf("%v: %d, want %d", tc.err, got, tc.want)
		}
	}
}

func TestEndpointFile(t *testing.T) {
	folder := t.TempDir()
	if _, err := api.Open(folder); !errors.Is(err, api.ErrNotRunning) {
		t.Errorf("an empty folder: %v", err)
	}
	want := api.Endpoint{Page: "http://127.0.0.1:7480", Token: api.NewToken(), PID: 17}
	for range 2 { // the second replaces the first
		if err := api.WriteEndpoint(folder, want); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(api.ReadEndpoint(folder))(t); got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
	info := must(os.Stat(filepath.Join(folder, api.EndpointFile)))(t)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if files := must(os.ReadDir(folder))(t); len(files) != 1 {
		t.Errorf("left over: %v", files)
	}
	for _, bad := range []string{"", "{}", "{", `{"page":"http://127.0.0.1:1"}`, strings.Repeat(" ", 1<<20) + "{}"} {
		os.WriteFile(filepath.Join(folder, api.EndpointFile), []byte(bad), 0o600)
		if _, err := api.Open(folder); err == nil || errors.Is(err, api.ErrNotRunning) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	for range 2 { // the second finds nothing, which is no error
		if err := api.RemoveEndpoint(folder); err != nil {
			t.Error(err)
		}
	}
}

func TestNotRunning(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	gone := l.Addr().String()
	l.Close()
	f := newFixture(t) // another home, with another token, on a port that was ours
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMisdirectedRequest)
	}))
	defer refusing.Close()
	for name, page := range map[string]string{"nobody": "http://" + gone, "another home": "http://" + f.host, "a program": refusing.URL} {
		c := api.NewClient(api.Endpoint{Page: page, Token: api.NewToken()})
		if _, err := c.Status(t.Context()); !errors.Is(err, api.ErrNotRunning) {
			t.Errorf("%s answers: %v", name, err)
		}
		c.Close()
	}
}

// TestSomethingElseAnswers: whatever it says, the client reports it and does not believe it.
func TestSomethingElseAnswers(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a page":     func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>hello") },
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://example.invalid/", 302) },
		"bad JSON": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"name":`)
		},
		"an error that is none": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(418); io.WriteString(w, "{}") },
		"an end": func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			conn.Close()
		},
	} {
		server := httptest.NewServer(handler)
		c := api.NewClient(api.Endpoint{Page: server.URL, Token: "t"})
		if _, err := c.Status(t.Context()); code(err) != social.CodeInternal || err.(*social.Error).Message == "" {
			t.Errorf("%s: %v", name, err)
		}
		events, err := c.Events(t.Context())
		if err == nil {
			_, err = events.Next()
			events.Close()
		}
		if code(err) != social.CodeInternal {
			t.Errorf("%s as events: %v", name, err)
		}
		c.Close()
		server.Close()
	}
}
