package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kith/internal/access"
	"kith/internal/api"
	"kith/internal/api/apitest"
	"kith/internal/social"
)

func TestFirstRun(t *testing.T) {
	f := newFixture(t)
	f.start()
	has(t, f.ok("status"), "A new home, not set up yet")
	has(t, f.fails(api.ExitNotAllowed, "feed"), "not set up yet")
	has(t, f.fails(api.ExitUsage, "begin"), "--name", "kith begin --help")
	has(t, f.fails(api.ExitUsage, "begin", "--name", " "), "A name is needed")
	face := file(t, "face.png", "a face")
	has(t, f.ok("begin", "--name", "Bo", "--picture", face, "--internet"), "Welcome, Bo.", "kith invite")
	if string(f.home.Photo("me")) != "a face" {
		t.Error("the picture did not arrive")
	}
	has(t, f.ok("status"), "Bo's home", "over the internet too")
	has(t, f.fails(api.ExitNotAllowed, "begin", "--name", "Bo"), "set up already")
}

func TestPostAndRead(t *testing.T) {
	f := started(t)
	has(t, f.ok("feed"), "Nothing here so far")
	out := f.ok("post", "Home", "at", "last")
	id := regexp.MustCompile(`Posted ([0-9a-f]{8}) for Friends \(only you so far\)\.`).FindStringSubmatch(out)
	if id == nil {
		t.Fatalf("posting said %q", out)
	}
	has(t, f.ok("comment", id[1], "Welcome!"), "on what Bo wrote")
	f.ok("react", id[1], "❤️")
	photo := file(t, "a, cat.jpg", "photo bytes")
	f.ok("post", "--photo", photo, "--alt", "The cat, asleep", "--photo", photo)
	feed := f.ok("feed")
	has(t, feed, "Home at last", id[1], "Welcome!", "❤️", "[photo: The cat, asleep]", "[a photo]", "caught up")
	if strings.Contains(feed, "\x1b") {
		t.Error("a pipe gets escape sequences")
	}
	posts := decode[social.Feed](f, "feed").Posts
	if len(posts) != 2 || posts[1].Text != "Home at last" || posts[0].Photos[0].Alt != "The cat, asleep" || posts[0].Photos[1].Alt != "" {
		t.Fatalf("feed %+v", posts)
	}
	if string(f.home.Photo(posts[0].Photos[0].ID)) != "photo bytes" {
		t.Error("the photo did not arrive")
	}

	f.ok("react", id[1], "--take-back")
	f.ok("delete", id[1], "--yes")
	f.fails(api.ExitNotFound, "comment", id[1], "?")
	if posts := decode[social.Feed](f, "feed").Posts; len(posts) != 1 {
		t.Errorf("after deleting: %+v", posts)
	}
}

func TestEditAndTrash(t *testing.T) {
	f := started(t)
	has(t, f.ok("trash"), "The trash is empty")
	f.ok("post", "th post")
	has(t, f.ok("history", "latest"), "Never changed", "th post")
	has(t, f.ok("edit", "latest", "the", "post"), "Changed ")
	has(t, f.ok("feed"), "the post", "edited")
	has(t, f.ok("history", "latest"), "Now", "the post", "At first", "th post")
	if v := decode[social.History](f, "history", "latest").Versions; len(v) != 2 || v[1].Text != "th post" {
		t.Errorf("versions %+v", v)
	}
	f.ok("comment", "latest", "a comment")
	if r := f.kithReading("a better comment\n", "edit", decode[social.Feed](f, "feed").Posts[0].Comments[0].ID); r.code != 0 {
		t.Fatal(r.err)
	}
	has(t, f.ok("feed"), "a better comment")
	f.home.Receive(apitest.Ada, "from Ada")
	has(t, f.fails(api.ExitNotAllowed, "edit", "latest", "mine"), "Only who wrote")
	f.fails(api.ExitNotFound, "edit", "ffffffff", "x")

	id := decode[social.Feed](f, "feed").Posts[1].ID
	has(t, f.ok("delete", id, "-y"), "in your trash")
	has(t, f.ok("trash"), "A post", "the post", short(id))
	has(t, f.ok("trash", "restore", short(id)), "Posted again")
	has(t, f.ok("feed"), "the post")
	f.fails(api.ExitNotFound, "trash", "restore", short(id))
	f.ok("delete", "latest", "-y")
	trash := decode[[]social.Trashed](f, "trash")
	if len(trash) != 1 || trash[0].Text != "the post" {
		t.Fatalf("trash %+v", trash)
	}
	has(t, f.ok("trash", "delete", trash[0].ID), "gone for good")
	f.ok("post", "another")
	has(t, f.ok("delete", "latest", "--for-good", "-y"), "for good")
	has(t, f.ok("trash"), "The trash is empty")
	f.ok("post", "one more")
	f.ok("delete", "latest", "-y")
	has(t, f.ok("trash", "empty"), "1 thing went for good")
	has(t, f.ok("trash"), "The trash is empty")
}

func TestTextFromStandardInput(t *testing.T) {
	f := started(t)
	if r := f.kithReading("one\ntwo\n", "post"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := f.kithReading("three\n", "post", "-"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := f.kithReading("four\r\n", "comment", "latest"); r.code != 0 {
		t.Fatal(r.err)
	}
	if r := f.kithReading("", "post", "--photo", file(t, "a", "b")); r.code != 0 {
		t.Fatal(r.err)
	}
	posts := decode[social.Feed](f, "feed").Posts
	if posts[2].Text != "one\ntwo" || posts[1].Text != "three" || posts[1].Comments[0].Text != "four" || posts[0].Text != "" {
		t.Errorf("posts %+v", posts)
	}
	if r := f.kithReading(strings.Repeat("x", maxInput+1), "post"); r.code != api.ExitUsage {
		t.Errorf("an endless text: %+v", r)
	}
	if r := f.kithReading("", "post"); r.code != api.ExitUsage {
		t.Errorf("nothing at all: %+v", r)
	}
}

func TestPostRefusals(t *testing.T) {
	f := started(t)
	has(t, f.fails(api.ExitUsage, "post", "x", "--alt", "of nothing"), "more descriptions")
	f.fails(api.ExitUsage, "post", "x", "--photo", filepath.Join(f.dir, "no such file"))
	f.fails(api.ExitUsage, "post", "x", "--photo", f.dir)
	many := []string{"post", "x"}
	photo := file(t, "p", "p")
	for range 21 {
		many = append(many, "--photo", photo)
	}
	has(t, f.fails(api.ExitUsage, many...), "at most 20 photos")
	if posts := decode[social.Feed](f, "feed").Posts; len(posts) != 0 {
		t.Errorf("something was posted: %+v", posts)
	}
}

func TestFindingEntries(t *testing.T) {
	f := started(t)
	has(t, f.fails(api.ExitNotFound, "react", "latest", "👍"), "no post so far")
	old := decode[social.Post](f, "post", "old")
	for i := range 4 {
		if c := decode[social.Comment](f, "comment", old.ID, "comment"); i == 0 {
			f.ok("react", c.ID, "👍") // in full
			defer func() {
				got, err := f.home.CommentByID(t.Context(), c.ID)
				if err != nil || len(got.Reactions) != 1 || got.Reactions[0].Emoji != "❤️" {
					t.Errorf("the comment has %+v, %v", got.Reactions, err)
				}
			}()
			defer f.ok("react", strings.ToUpper(short(c.ID)), "❤️") // by its beginning, folded by then
		}
	}
	for range 120 { // more than is read at once
		f.home.Receive(apitest.Ada, "news")
	}
	f.ok("react", short(old.ID), "🎉")
	if p, err := f.home.Post(t.Context(), old.ID); err != nil || p.Reactions[0].Emoji != "🎉" {
		t.Errorf("the old post has %+v, %v", p.Reactions, err)
	}
	has(t, f.fails(api.ExitNotFound, "react", "ffffffffff", "🎉"), "ffffffffff", "kith feed")
	has(t, f.fails(api.ExitUsage, "react", "abc", "🎉"), "too short")
	has(t, f.fails(api.ExitUsage, "react", "latest"), "emoji")
	has(t, f.fails(api.ExitUsage, "react", "latest", "🎉", "--take-back"), "emoji")
	has(t, f.fails(api.ExitNotAllowed, "delete", "latest", "-y"), "Only who wrote")
}

func TestFeedOfOne(t *testing.T) {
	f := started(t)
	f.home.Befriend(apitest.Ada)
	f.home.Receive(apitest.Ada, "from Ada")
	f.ok("post", "from me")
	f.home.Receive(apitest.Ada, "again")
	if out := f.ok("feed", "--of", "ada"); !strings.Contains(out, "from Ada") || strings.Contains(out, "from me") {
		t.Errorf("Ada's: %s", out)
	}
	if out := f.ok("feed", "--of", "me"); !strings.Contains(out, "from me") || strings.Contains(out, "from Ada") {
		t.Errorf("mine: %s", out)
	}
	f.fails(api.ExitNotFound, "feed", "--of", "Eve")
	f.fails(api.ExitUsage, "feed", "-n", "0")
	first := decode[social.Feed](f, "feed", "-n", "2")
	has(t, f.ok("feed", "-n", "2"), "There is more: kith feed --cursor "+first.Next)
	if rest := decode[social.Feed](f, "feed", "--cursor", first.Next); len(rest.Posts) != 1 || rest.Posts[0].Text != "from Ada" {
		t.Errorf("the rest: %+v", rest)
	}
}

func TestFollow(t *testing.T) {
	f := started(t)
	f.ok("post", "before")
	type line struct {
		Kind    string
		Post    *social.Post
		Comment *social.Comment
	}
	for _, args := range [][]string{{"feed", "--follow", "--json"}, {"feed", "-f"}} {
		out := new(lockedBuffer)
		ended := make(chan int, 1)
		ctx, cancel := contextOf(t)
		go func() {
			ended <- Main(ctx, append([]string{"--dir", f.dir}, args...), strings.NewReader(""), out, out, f.getenv)
		}()
		f.wait("what there was", func() bool { return strings.Contains(out.String(), "before") })
		news := "news for " + strings.Join(args, " ")
		f.home.Receive(apitest.Ada, news+"\x1b[2J")
		answer := "at once, " + args[len(args)-1] // the second round lists the comment of the first
		f.ok("comment", "latest", answer)
		f.wait("the comment", func() bool { return strings.Contains(out.String(), answer) })
		text := out.String()
		if before, after := strings.Index(text, "before"), strings.Index(text, news); after < before {
			t.Errorf("the newest is not last: %s", text)
		}
		if strings.Contains(text, "\x1b") {
			t.Errorf("a friend controls the terminal: %q", text)
		}
		if strings.Count(text, news) != 1 {
			t.Errorf("shown again: %s", text)
		}
		if args[len(args)-1] == "--json" {
			var l line
			lines := strings.Split(strings.TrimSpace(text), "\n")
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &l); err != nil || l.Kind != social.EventComment || l.Comment.Text != answer {
				t.Errorf("the last line is %s: %v", lines[len(lines)-1], err)
			}
		}
		cancel()
		if code := <-ended; code != api.ExitInterrupt {
			t.Errorf("exit code %d: %s", code, out)
		}
	}
	f.wait("the subscriptions to end", func() bool { return f.home.Listeners() == 0 })
}

func TestFollowEndsWithTheHome(t *testing.T) {
	f := started(t)
	f.ok("post", "so far")
	var out, errs lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- Main(t.Context(), []string{"--dir", f.dir, "feed", "--follow"}, strings.NewReader(""), &out, &errs, f.getenv)
	}()
	f.wait("the feed so far", func() bool { return strings.Contains(out.String(), "so far") })
	f.stop()
	if code := <-ended; code != api.ExitTrouble || !strings.Contains(errs.String(), "stopped") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

func TestFriends(t *testing.T) {
	f := started(t)
	has(t, f.ok("friends"), "No friends here so far")
	if out := f.ok("friends", "--json"); out != "[]\n" {
		t.Errorf("no friends as JSON: %q", out)
	}
	f.home.Befriend(social.Person{ID: "bbbbbbbb1", Name: "Eve", LastSeen: time.Date(2026, 1, 2, 3, 4, 0, 0, time.Local)})
	f.home.Befriend(social.Person{ID: "aaaaaaaa1", Name: "Ada", Online: true})
	f.home.Befriend(social.Person{ID: "cccccccc1", Name: "Ada", LastSeen: time.Now()})
	out := f.ok("friends")
	has(t, out, "● Ada  on now · aaaaaaaa", "○ Eve  last on 2026-01-02 03:04 · bbbbbbbb")
	if !strings.HasPrefix(out, "●") {
		t.Errorf("who is on is not first:\n%s", out)
	}
	if list := decode[[]social.Person](f, "friends"); len(list) != 3 {
		t.Errorf("friends %+v", list)
	}
	has(t, f.fails(api.ExitUsage, "unfriend", "Ada"), "aaaaaaaa", "cccccccc")
	has(t, f.ok("unfriend", "aaaa"), "You and Ada are no longer friends")
	has(t, f.ok("unfriend", "ada"), "no longer friends")
	has(t, f.ok("unfriend", "E"), "Eve")
	has(t, f.fails(api.ExitNotFound, "unfriend", "Eve"), `"Eve"`)
}

func TestInvites(t *testing.T) {
	f := started(t)
	has(t, f.ok("invites"), "No invites so far")
	i := decode[social.Invite](f, "invite", "--label", "Ada", "--let-in", "--for", "3d")
	if i.Label != "Ada" || !i.LetIn || i.Expires.Sub(i.Created) != 72*time.Hour {
		t.Errorf("invite %+v", i)
	}
	if out := f.ok("invite"); !strings.HasPrefix(out, "Come over: kith1") {
		t.Errorf("the message: %q", out)
	}
	if out := f.ok("invite", "--code"); !regexp.MustCompile(`^kith1\w+\n$`).MatchString(out) {
		t.Errorf("the code: %q", out)
	}
	if out := f.ok("invite", "--link"); !strings.HasPrefix(out, "http://127.0.0.1:7480/join#") {
		t.Errorf("the link: %q", out)
	}
	has(t, f.ok("invite", "--qr"), "█▀", "▄")
	f.fails(api.ExitUsage, "invite", "--qr", "--json")
	for _, bad := range []string{"0d", "-1d", "d", "1w", "-5m", "0", "99999d"} {
		f.fails(api.ExitUsage, "invite", "--for="+bad)
	}

	f.home.Knock(i.ID, apitest.Ada)
	has(t, f.ok("invites"), "For Ada", "Ada used it and waits for your answer: kith invites yes "+short(i.ID), "Nobody used it so far")
	has(t, f.ok("invites", "yes", short(i.ID)), "You and Ada are friends now")
	other := decode[social.Invite](f, "invite")
	f.home.Knock(other.ID, apitest.Ada)
	has(t, f.ok("invites", "no", other.ID), "Ada was not let in")
	open := decode[social.Invite](f, "invite")
	has(t, f.ok("invites", "take-back", open.ID), "can't be used any more")
	f.fails(api.ExitNotFound, "invites", "take-back", "nothing")
	list := decode[struct{ Invites []social.Invite }](f, "invites")
	states := map[string]string{}
	for _, i := range list.Invites {
		states[i.ID] = i.State
	}
	if states[i.ID] != social.InviteAccepted || states[other.ID] != social.InviteRefused || states[open.ID] != social.InviteRevoked {
		t.Errorf("states %v", states)
	}
}

func TestAccept(t *testing.T) {
	f := started(t)
	has(t, f.fails(api.ExitUsage, "accept", "hello"), "no invite in this text")
	has(t, f.ok("accept", "Come", "over:", "kith1abc"), "keeps trying")
	r := f.kithReading("A message\nof several lines\nkith1def\n", "accept")
	if r.code != 0 {
		t.Fatal(r.err)
	}
	list := decode[struct{ Accepted []social.Acceptance }](f, "invites").Accepted
	if len(list) != 2 {
		t.Fatalf("accepted %+v", list)
	}
	has(t, f.ok("invites"), "From Ada", "keeps trying")
	has(t, f.ok("invites", "drop", list[0].ID), "Gave up")
	f.fails(api.ExitNotFound, "invites", "drop", list[0].ID)

	settle := func(state, detail string) result {
		ended := make(chan result, 1)
		go func() { ended <- f.kith("accept", "--wait", "kith1abc") }()
		f.wait("the acceptance", func() bool { return f.home.Listeners() == 1 })
		var id string
		f.wait("the acceptance", func() bool {
			all, _ := f.home.Acceptances(t.Context())
			id = all[len(all)-1].ID
			return all[len(all)-1].State == social.AcceptanceTrying && id != list[1].ID
		})
		f.home.Settle(id, social.AcceptanceWaiting, "")
		f.home.Settle(id, state, detail)
		r := <-ended
		f.wait("the subscription to end", func() bool { return f.home.Listeners() == 0 })
		f.ok("invites", "drop", id)
		return r
	}
	if r := settle(social.AcceptanceDone, ""); r.code != 0 || !strings.Contains(r.out, "You and Ada are friends.") {
		t.Errorf("done: %+v", r)
	}
	if r := settle(social.AcceptanceFailed, "Somebody else was quicker."); r.code != api.ExitInvite || !strings.Contains(r.err, "Somebody else was quicker.") {
		t.Errorf("failed: %+v", r)
	}
}

func TestEveryRefusalHasItsExitCode(t *testing.T) {
	f := started(t)
	for code, want := range map[string]int{
		social.CodeExpired: 6, social.CodeUnreachable: 7, social.CodeNotAllowed: 5, social.CodeTooLarge: 2, social.CodeInternal: 1,
	} {
		f.home.Fail = func(string) error { return &social.Error{Code: code, Message: "What happened: " + code} }
		has(t, f.fails(want, "accept", "kith1abc"), "kith: What happened: "+code)
		f.home.Fail = nil
	}
}

func TestStatus(t *testing.T) {
	f := started(t)
	f.home.Befriend(social.Person{ID: "a", Name: "Ada", Online: true})
	f.home.Befriend(social.Person{ID: "b", Name: "Eve"})
	has(t, f.ok("status"), "● Bo's home", "2 friends, 1 on now", "12.3 MB", "in the home network only")
	if s := decode[social.Status](f, "status"); s.Friends != 2 || s.DiskBytes != 12_345_678 {
		t.Errorf("status %+v", s)
	}
}

func TestPassword(t *testing.T) {
	f := started(t)
	token, _ := f.gate.OneTimeToken(t.Context())
	session, err := f.gate.SignInToken(t.Context(), token, "a browser")
	if err != nil {
		t.Fatal(err)
	}
	if r := f.kithReading("short\n", "password"); r.code != api.ExitUsage || !strings.Contains(r.err, "ten characters") {
		t.Errorf("a short one: %+v", r)
	}
	if r := f.kithReading("\n", "password"); r.code != api.ExitUsage {
		t.Errorf("an empty one: %+v", r)
	}
	if r := f.kithReading("", "password"); r.code != api.ExitUsage {
		t.Errorf("none: %+v", r)
	}
	if _, err := f.gate.Check(t.Context(), session); err != nil {
		t.Errorf("a refusal ended a session: %v", err)
	}
	if r := f.kithReading("correct horse battery\r\n", "password"); r.code != 0 {
		t.Fatal(r.err)
	}
	if _, err := f.gate.Check(t.Context(), session); err == nil {
		t.Error("a browser is still signed in")
	}
	if _, err := f.gate.SignInPassword(t.Context(), "correct horse battery", ""); err != nil {
		t.Error(err)
	}
	f.ok("password", "--remove")
	if _, err := f.gate.SignInPassword(t.Context(), "correct horse battery", ""); err != access.ErrNoPassword {
		t.Errorf("after removing it: %v", err)
	}
}

func TestNotRunning(t *testing.T) {
	f := newFixture(t)
	for _, args := range [][]string{{"status"}, {"feed"}, {"search", "x"}, {"post", "x"}, {"friends"}, {"invite"}, {"invites"}, {"accept", "x"},
		{"open"}, {"open", "--print"}, {"stop"}, {"password", "--remove"}, {"begin", "--name", "x"}, {"comment", "latest", "x"},
		{"react", "latest", "x"}, {"delete", "latest"}, {"edit", "latest", "x"}, {"history", "latest"}, {"trash"}, {"trash", "restore", "x"},
		{"trash", "delete", "x"}, {"trash", "empty"}, {"unfriend", "x"}, {"invites", "yes", "x"}, {"feed", "--follow"}} {
		has(t, f.fails(api.ExitNotRunning, args...), "No home is running in "+f.dir)
	}
	if files, _ := os.ReadDir(f.dir); len(files) != 0 {
		t.Errorf("asking left %v", files)
	}
}

func TestHelp(t *testing.T) {
	f := newFixture(t)
	has(t, f.ok("--help"), "kith post", "KITH_LOG_LEVEL", "Exit codes:", "--listen")
	for _, verb := range []string{"run", "open", "begin", "status", "password", "stop", "feed", "search", "post", "comment", "react", "edit", "history", "delete",
		"trash", "friends", "invite", "invites", "accept", "unfriend", "completion"} {
		long := f.ok(verb, "--help")
		if short := f.ok("help", verb); short != long {
			t.Errorf("kith help %s differs from kith %s --help", verb, verb)
		}
		has(t, long, "Usage: kith "+verb)
		if settings := strings.Contains(long, "--bootstrap"); settings != (verb == "run") {
			t.Errorf("kith %s --help shows the settings of a running home: %v", verb, settings)
		}
		for line := range strings.SplitSeq(long, "\n") {
			if columnsOf(line) > 80 && !strings.HasPrefix(line, "    ") {
				t.Errorf("kith %s --help has a long line: %s", verb, line)
			}
		}
	}
	has(t, f.fails(api.ExitUsage, "fred"), "no command “fred”", "kith feed")
	has(t, f.fails(api.ExitUsage, "status", "--jsn"), "--jsn", "kith status --help")
	has(t, f.ok("version"), "kith ", "go1.")
	if v := decode[map[string]string](f, "version"); v["version"] == "" || v["system"] == "" {
		t.Errorf("version %v", v)
	}
}
