package social_test

import (
	"strings"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/social"
)

func TestEditsReachFriendsWithTheirHistory(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	one, two := ada.addsPhoto("first", 1), ada.addsPhoto("second", 2)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "th post", Photos: []social.NewPhoto{one, two}})
	must(t, err)
	eventually(t, "Ben has the post", func() bool { return has(ben, post.ID, "th post") })
	comment, err := ben.Comment(t.Context(), post.ID, "nice")
	must(t, err)
	eventually(t, "Ada has the comment", func() bool { return commented(t, ada, post.ID, "nice") })

	events := ben.Subscribe(t.Context())
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "the post"}))
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "the post", Photos: []social.NewPhoto{
		{ID: post.Photos[1].ID, Alt: "second, described"}, {ID: post.Photos[0].ID, Alt: "first"},
	}}))
	eventually(t, "Ben sees the newest version", func() bool {
		p, err := ben.Post(t.Context(), post.ID)
		must(t, err)
		return p.Text == "the post" && !p.Edited.IsZero() && len(p.Photos) == 2 && p.Photos[0].Alt == "second, described" &&
			p.Photos[0].Screen == post.Photos[1].Screen && p.Photos[1].Alt == "first"
	})
	told := false
	for deadline := time.After(20 * time.Second); !told; {
		select {
		case e := <-events:
			told = e.Kind == social.EventChanged && e.ID == post.ID
		case <-deadline:
			t.Fatal("Ben's pages are not told")
		}
	}
	must(t, ben.Edit(t.Context(), comment.ID, social.Edit{Text: "very nice"}))
	eventually(t, "Ada sees the better comment", func() bool { return commented(t, ada, post.ID, "very nice") })

	history, err := ben.Versions(t.Context(), post.ID)
	must(t, err)
	var texts []string
	for _, v := range history.Versions {
		texts = append(texts, v.Text+" ("+v.Photos[0].Alt+")")
	}
	if got := strings.Join(texts, "; "); got != "the post (second, described); the post (first); th post (first)" || history.Author.Name != "Ada" {
		t.Errorf("Ben's history of the post: %s", got)
	}
	if history, err = ada.Versions(t.Context(), comment.ID); err != nil || len(history.Versions) != 2 || !history.Comment || history.Post != post.ID ||
		history.Versions[1].Text != "nice" {
		t.Errorf("Ada's history of the comment: %+v, %v", history, err)
	}

	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"somebody else's post":    {ben.Edit(t.Context(), post.ID, social.Edit{Text: "mine now"}), social.CodeNotAllowed},
		"somebody else's comment": {ada.Edit(t.Context(), comment.ID, social.Edit{Text: "mine now"}), social.CodeNotAllowed},
		"nothing left":            {ben.Edit(t.Context(), comment.ID, social.Edit{Text: " \n"}), social.CodeBadInput},
		"too long":                {ada.Edit(t.Context(), post.ID, social.Edit{Text: strings.Repeat("a", content.MaxText+1)}), social.CodeTooLarge},
		"another post's photo":    {ada.Edit(t.Context(), post.ID, social.Edit{Photos: []social.NewPhoto{{ID: "x.7"}}}), social.CodeNotFound},
		"no such post":            {ada.Edit(t.Context(), strings.Repeat("00", 32), social.Edit{Text: "x"}), social.CodeNotFound},
	} {
		if code(c.err) != c.code {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	// The same words once more are no edit; the words taken away leave the photos.
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: "the post "}))
	if history, err = ada.Versions(t.Context(), post.ID); err != nil || len(history.Versions) != 3 {
		t.Errorf("%d versions, %v", len(history.Versions), err)
	}
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{}))
	p, err := ada.Post(t.Context(), post.ID)
	if err != nil || p.Text != "" || len(p.Photos) != 2 || p.Photos[0].Alt != "second, described" {
		t.Errorf("without words the post is %+v, %v", p, err)
	}
}

// The owner of a wall takes down a comment. Its author is told, kindly, once; a post that goes with all of its comments is
// no such thing.
func TestACommentIsTakenDown(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	post, other := ada.says("a post"), ada.says("another")
	eventually(t, "Ben has both", func() bool { return has(ben, post.ID, "a post") && has(ben, other.ID, "another") })
	rude, err := ben.Comment(t.Context(), post.ID, "something rude")
	must(t, err)
	_, err = ben.Comment(t.Context(), other.ID, "something nice")
	must(t, err)
	eventually(t, "Ada has both comments", func() bool {
		return commented(t, ada, post.ID, "something rude") && commented(t, ada, other.ID, "something nice")
	})
	ben.off() // told all the same when it is back
	must(t, ada.Delete(t.Context(), rude.ID))
	must(t, ada.Delete(t.Context(), other.ID))
	if trash, err := ada.Trash(t.Context()); err != nil || len(trash) != 1 || trash[0].Text != "another" {
		t.Errorf("what others wrote is in the trash: %+v, %v", trash, err)
	}
	ben.on()
	eventually(t, "Ben is told", func() bool {
		p, err := ben.Post(t.Context(), post.ID)
		must(t, err)
		return len(p.Comments) == 0 && len(p.Taken) == 1 && p.Taken[0].By.Name == "Ada" && p.Taken[0].ID == rude.ID && !ben.has(other.ID)
	})
	if p, err := ada.Post(t.Context(), post.ID); err != nil || len(p.Taken) != 0 {
		t.Errorf("Ada is told of what she did herself: %+v, %v", p.Taken, err)
	}
	must(t, ben.DismissTaken(t.Context(), rude.ID))
	must(t, ben.DismissTaken(t.Context(), rude.ID))
	if p, err := ben.Post(t.Context(), post.ID); err != nil || len(p.Taken) != 0 {
		t.Errorf("still there: %+v, %v", p.Taken, err)
	}
	// What is not theirs stays.
	if err := ben.Delete(t.Context(), post.ID); code(err) != social.CodeNotAllowed {
		t.Errorf("Ben deletes Ada's post: %v", err)
	}
}

// What has been in the trash for thirty days goes for good by itself, and not before.
func TestTrashEmptiesItself(t *testing.T) {
	ada := newHouse(t, "Ada")
	at := time.Now()
	ada.off()
	ada.now = func() time.Time { return at }
	ada.on()
	photo := ada.addsPhoto("", 3)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "canary-old-owl", Photos: []social.NewPhoto{photo}})
	must(t, err)
	comment, err := ada.Comment(t.Context(), post.ID, "a comment of mine")
	must(t, err)
	must(t, ada.Delete(t.Context(), comment.ID))
	must(t, ada.Delete(t.Context(), post.ID))
	trash, err := ada.Trash(t.Context())
	if err != nil || len(trash) != 2 {
		t.Fatalf("%+v, %v", trash, err)
	}
	for _, item := range trash {
		if item.Comment {
			if _, _, err := ada.Restore(t.Context(), item.ID); code(err) != social.CodeGone {
				t.Errorf("a comment goes back under a post that is gone: %v", err)
			}
		}
	}
	restart := func(later time.Duration) int {
		ada.off()
		at = at.Add(later)
		ada.on()
		trash, err := ada.Trash(t.Context())
		must(t, err)
		return len(trash)
	}
	if n := restart(social.TrashDays*24*time.Hour - time.Hour); n != 2 {
		t.Errorf("%d left after less than 30 days", n)
	}
	restart(2 * time.Hour)
	c := canaries{"text": []byte("canary-old-owl")}
	c.mustVanish(t, ada)
	eventually(t, "the trash is empty", func() bool {
		trash, err := ada.Trash(t.Context())
		return err == nil && len(trash) == 0
	})
	eventually(t, "no file is left", func() bool {
		for _, err := range ada.node.Blobs().List(t.Context()) {
			must(t, err)
			return false
		}
		return true
	})
}
