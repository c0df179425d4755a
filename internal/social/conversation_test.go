package social_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

func (h *house) post(id string) social.Post {
	h.t.Helper()
	post, err := h.Post(h.t.Context(), id)
	must(h.t, err)
	return post
}

// seen waits for a post of somebody else's, and for what is to hold of it.
func (h *house) seen(id, what string, holds func(social.Post) bool) {
	h.t.Helper()
	eventually(h.t, what, func() bool {
		post, err := h.Post(h.t.Context(), id)
		return err == nil && holds(post)
	})
}

func TestCommentsAnswerComments(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	post, other := ada.says("what to plant?"), ada.says("another post")
	ben.seen(post.ID, "the post", func(social.Post) bool { return true })
	first, err := ben.Comment(t.Context(), post.ID, "beans")
	must(t, err)
	held, err := ben.HoldPhoto(t.Context(), bytes.NewReader(noisyPhoto(t, 3)))
	must(t, err)
	if _, err := ben.Picture(t.Context(), strings.TrimPrefix(held.Thumb, "/picture/")); err != nil {
		t.Errorf("the picture of a comment that is being written: %v", err)
	}
	second, err := ben.Answer(t.Context(), social.NewComment{Post: post.ID, Answers: first.ID, Photos: []social.NewPhoto{{ID: held.ID, Alt: "these"}}})
	must(t, err)
	ada.seen(post.ID, "both comments", func(p social.Post) bool { return len(p.Comments) == 2 })
	third, err := ada.Answer(t.Context(), social.NewComment{Post: post.ID, Answers: second.ID, Text: "@Ben those!"})
	must(t, err)
	if third.Whom == nil || third.Whom.Name != "Ben" || third.Answers != second.ID || third.Root != first.ID {
		t.Errorf("the third comment answers %+v", third)
	}
	ben.seen(post.ID, "the answer to the answer", func(p social.Post) bool {
		if len(p.Comments) != 3 {
			return false
		}
		one, two, three := p.Comments[0], p.Comments[1], p.Comments[2]
		return one.Whom == nil && two.Answers == first.ID && two.Root == first.ID && len(two.Photos) == 1 && two.Photos[0].Alt == "these" &&
			three.Root == first.ID && len(three.Mentions) == 1 && three.Mentions[0].Me
	})
	eventually(t, "Ada's home fetches the comment's picture", func() bool {
		c, err := ada.CommentByID(t.Context(), second.ID)
		must(t, err)
		p, err := ada.Picture(t.Context(), strings.TrimPrefix(c.Photos[0].Screen, "/picture/"))
		if err == nil {
			p.Content.Close()
		}
		return err == nil
	})
	for name, c := range map[string]struct {
		comment social.NewComment
		code    string
	}{
		"of another post":      {social.NewComment{Post: other.ID, Answers: first.ID, Text: "x"}, social.CodeNotFound},
		"of the post itself":   {social.NewComment{Post: post.ID, Answers: post.ID, Text: "x"}, social.CodeNotFound},
		"of nothing":           {social.NewComment{Post: post.ID, Answers: strings.Repeat("0", 64), Text: "x"}, social.CodeNotFound},
		"with nothing in it":   {social.NewComment{Post: post.ID, Answers: first.ID}, social.CodeBadInput},
		"a photo used already": {social.NewComment{Post: post.ID, Photos: []social.NewPhoto{{ID: held.ID}}}, social.CodeNotFound},
		"five photos":          {social.NewComment{Post: post.ID, Photos: make([]social.NewPhoto, 5)}, social.CodeTooLarge},
	} {
		if _, err := ada.Answer(t.Context(), c.comment); code(err) != c.code {
			t.Errorf("an answer %s: %v", name, err)
		}
	}
	// What was answered goes; the answers stay, and answer nobody.
	must(t, ben.Delete(t.Context(), first.ID))
	ada.seen(post.ID, "the answers alone", func(p social.Post) bool {
		return len(p.Comments) == 2 && p.Comments[0].Whom == nil && p.Comments[1].Root == second.ID
	})
	// A comment of a picture comes back out of the trash with it.
	must(t, ben.Delete(t.Context(), second.ID))
	again, _, err := ben.Restore(t.Context(), second.ID)
	must(t, err)
	if c, err := ben.CommentByID(t.Context(), again); err != nil || len(c.Photos) != 1 || c.Photos[0].Alt != "these" {
		t.Errorf("restored as %+v, %v", c, err)
	}
}

func TestMentions(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben Brook"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ben, cleo)
	who, err := ada.Mentionable(t.Context(), "", "")
	must(t, err)
	if len(who) != 1 || who[0].Name != "Ben Brook" {
		t.Fatalf("Ada can mention %+v", who)
	}
	names := func(m []social.Mention) string {
		var list []string
		for _, one := range m {
			list = append(list, one.Name)
		}
		return strings.Join(list, "|")
	}
	for text, want := range map[string]string{
		"hi @Ben Brook!":               "Ben Brook",
		"hi @ben, @Ben Brook and @Ben": "ben|Ben Brook|Ben",
		"mail ben@Ben or @Benjamin":    "",
		"@Cleo cannot see this, nor I": "",
		"@Ada is who writes":           "",
	} {
		post, err := ada.Publish(t.Context(), social.NewPost{Text: text})
		must(t, err)
		if got := names(post.Mentions); got != want {
			t.Errorf("%q mentions %q, want %q", text, got, want)
		}
	}
	// An edit mentions anew, and the trash gives it back.
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "hello @Ben"})
	must(t, err)
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "hello everybody"}))
	if got := ada.post(post.ID).Mentions; len(got) != 0 {
		t.Errorf("after the edit: %+v", got)
	}
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "hello @Ben Brook"}))
	if got := names(ada.post(post.ID).Mentions); got != "Ben Brook" {
		t.Errorf("after the second edit: %+v", got)
	}
	ben.seen(post.ID, "the mention", func(p social.Post) bool { return len(p.Mentions) == 1 && p.Mentions[0].Me })
	must(t, ada.Delete(t.Context(), post.ID))
	again, _, err := ada.Restore(t.Context(), post.ID)
	must(t, err)
	if got := names(ada.post(again).Mentions); got != "Ben Brook" {
		t.Errorf("restored with %+v", got)
	}
}

func TestPolls(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "When?", Beside: social.Beside{
		Poll: &social.NewPoll{Options: []string{" Friday ", "", "Saturday"}}, Feeling: "curious", Place: "the lake", Note: "rowing"}})
	must(t, err)
	if p := post.Poll; p == nil || len(p.Options) != 2 || p.Options[0].Text != "Friday" || post.Feeling != "curious" || post.Place != "the lake" || post.Note != "rowing" {
		t.Fatalf("%+v", post)
	}
	ben.seen(post.ID, "the poll", func(p social.Post) bool { return p.Poll != nil && p.Note == "rowing" })
	events := ada.Subscribe(t.Context())
	must(t, ben.Vote(t.Context(), post.ID, []int{0}))
	must(t, ada.Vote(t.Context(), post.ID, []int{0}))
	must(t, ben.Vote(t.Context(), post.ID, []int{1}))
	for _, h := range []*house{ada, ben} {
		h.seen(post.ID, "the newest votes", func(p social.Post) bool {
			return p.Poll.Voters == 2 && p.Poll.Options[0].Count == 1 && p.Poll.Options[1].Count == 1 && p.Poll.Options[1].Names[0] == "Ben"
		})
	}
	for told := false; !told; {
		select {
		case e := <-events:
			told = e.Kind == social.EventChanged && e.ID == post.ID
		case <-time.After(20 * time.Second):
			t.Fatal("Ada's pages are not told")
		}
	}
	must(t, ben.Vote(t.Context(), post.ID, nil))
	ada.seen(post.ID, "the vote taken back", func(p social.Post) bool { return p.Poll.Voters == 1 && p.Poll.Options[1].Count == 0 })
	for name, err := range map[string]error{
		"two of one":  ben.Vote(t.Context(), post.ID, []int{0, 1}),
		"none of it":  ben.Vote(t.Context(), post.ID, []int{2}),
		"below zero":  ben.Vote(t.Context(), post.ID, []int{-1}),
		"no question": publishes(ada, "", &social.NewPoll{Options: []string{"a", "b"}}),
		"one answer":  publishes(ada, "q", &social.NewPoll{Options: []string{"a", " "}}),
		"same twice":  publishes(ada, "q", &social.NewPoll{Options: []string{"a", "a "}}),
		"over":        publishes(ada, "q", &social.NewPoll{Options: []string{"a", "b"}, Until: ada.now().Add(-time.Minute)}),
		"edited away": ada.Edit(t.Context(), post.ID, social.Edit{}),
	} {
		if code(err) != social.CodeBadInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "When, friends?"}))
	if p := ada.post(post.ID); p.Poll == nil || p.Poll.Voters != 1 || p.Feeling != "curious" {
		t.Errorf("an edit lost something: %+v", p)
	}
	// A poll ends.
	short, err := ada.Publish(t.Context(), social.NewPost{Text: "Now?", Beside: social.Beside{Poll: &social.NewPoll{
		Options: []string{"yes", "no"}, Until: ada.now().Add(time.Hour)}}})
	must(t, err)
	must(t, ada.Vote(t.Context(), short.ID, []int{0}))
	at := ada.now()
	ada.off()
	ada.now = func() time.Time { return at.Add(2 * time.Hour) }
	ada.on()
	if err := ada.Vote(t.Context(), short.ID, []int{1}); code(err) != social.CodeExpired {
		t.Errorf("a late vote: %v", err)
	}
	if p := ada.post(short.ID).Poll; !p.Ended || p.Options[0].Count != 1 {
		t.Errorf("after the end: %+v", p)
	}
}

func publishes(h *house, text string, poll *social.NewPoll) error {
	_, err := h.Publish(h.t.Context(), social.NewPost{Text: text, Beside: social.Beside{Poll: poll}})
	return err
}

func TestTagsFindPosts(t *testing.T) {
	ada := newHouse(t, "Ada")
	one, two, three := ada.says("the #Garden in #may"), ada.says("no tag"), ada.says("`#garden` is code")
	found := func(tag string) string {
		feed, err := ada.Tagged(t.Context(), tag, "", 10)
		must(t, err)
		var ids []string
		for _, post := range feed.Posts {
			ids = append(ids, post.ID)
		}
		return strings.Join(ids, " ")
	}
	if got := found("#gArden"); got != one.ID {
		t.Errorf("found %q of %q", got, one.ID)
	}
	must(t, ada.Edit(t.Context(), two.ID, social.Edit{Text: "now #garden and #garden"}))
	must(t, ada.Edit(t.Context(), one.ID, social.Edit{Text: "the garden in #may"}))
	if got := found("garden"); got != two.ID {
		t.Errorf("after edits: %q of %q", got, two.ID)
	}
	if got := found("may"); got != one.ID {
		t.Errorf("a tag that stayed: %q of %q", got, one.ID)
	}
	must(t, ada.Delete(t.Context(), two.ID))
	must(t, ada.Delete(t.Context(), three.ID))
	if got := found("garden"); got != "" {
		t.Errorf("after the delete: %q", got)
	}
	for n := range 7 {
		ada.says("post #many " + strings.Repeat("!", n))
	}
	seen, cursor := 0, ""
	for range 10 {
		feed, err := ada.Tagged(t.Context(), "many", cursor, 3)
		must(t, err)
		seen += len(feed.Posts)
		if cursor = feed.Next; cursor == "" {
			break
		}
	}
	if seen != 7 || cursor != "" {
		t.Errorf("%d posts on pages", seen)
	}
}

func TestFilesTravelWithPosts(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	words := strings.Repeat("a line of the minutes\n", 20_000)
	file, err := ada.AddFile(t.Context(), social.Upload{Name: `C:\docs/../minutes.txt`, Type: "text/plain; charset=utf-8", Size: int64(len(words)), Data: strings.NewReader(words)})
	must(t, err)
	if file.Name != "minutes.txt" || file.Type != "text/plain" {
		t.Errorf("%+v", file)
	}
	if _, err := ada.AddFile(t.Context(), social.Upload{Name: "short", Size: 100, Data: strings.NewReader("less")}); code(err) != social.CodeBadInput {
		t.Errorf("a file that is cut short: %v", err)
	}
	if _, err := ada.AddFile(t.Context(), social.Upload{Name: "huge", Size: social.MaxFile + 1, Data: strings.NewReader("less")}); code(err) != social.CodeTooLarge {
		t.Errorf("a file that is too large: %v", err)
	}
	draft, err := ada.Draft(t.Context())
	if err != nil || len(draft.Files) != 1 {
		t.Fatalf("%+v, %v", draft, err)
	}
	must(t, ada.SaveDraft(t.Context(), social.DraftEdit{Text: "see", Files: []string{draft.Files[0].Path}, Beside: social.Beside{Note: "dull"}}))
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "see", Files: []string{file.Path}})
	must(t, err)
	if len(post.Files) != 1 || post.Files[0].Size != int64(len(words)) {
		t.Fatalf("%+v", post.Files)
	}
	if d, err := ada.Draft(t.Context()); err != nil || len(d.Files) != 0 || d.Note != "" {
		t.Errorf("the draft is %+v, %v", d, err)
	}
	eventually(t, "Ben reads the file", func() bool {
		opened, err := ben.OpenFile(t.Context(), post.ID, 0)
		if err != nil {
			return false
		}
		defer opened.Content.Close()
		got, err := io.ReadAll(opened.Content)
		return err == nil && string(got) == words
	})
	// Out of the trash it comes with its file; for those who could see it, and nobody else.
	must(t, ada.Delete(t.Context(), post.ID))
	again, _, err := ada.Restore(t.Context(), post.ID)
	must(t, err)
	if p := ada.post(again); len(p.Files) != 1 || !p.Files[0].Here {
		t.Errorf("restored with %+v", p.Files)
	}
	private, err := ada.Publish(t.Context(), social.NewPost{Text: "for me", To: social.ToOnlyMe})
	must(t, err)
	must(t, ada.Delete(t.Context(), private.ID))
	again, _, err = ada.Restore(t.Context(), private.ID)
	must(t, err)
	if p := ada.post(again); p.Audience.Space != private.Audience.Space {
		t.Errorf("restored for %+v", p.Audience)
	}
	// A file that leaves the draft leaves the disk.
	before := len(ada.files())
	gone, err := ada.AddFile(t.Context(), social.Upload{Name: "a", Size: 4, Data: strings.NewReader("gone")})
	must(t, err)
	if _, err := ada.Publish(t.Context(), social.NewPost{Text: "x", Files: []string{gone.Path, "other"}}); code(err) != social.CodeNotFound {
		t.Errorf("a file that is not in the draft: %v", err)
	}
	must(t, ada.SaveDraft(t.Context(), social.DraftEdit{}))
	if after := len(ada.files()); after != before {
		t.Errorf("%d files, and %d after the draft was emptied", before, after)
	}
}
