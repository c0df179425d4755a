package api_test

import (
	"testing"

	"kith/internal/api/apitest"
	"kith/internal/social"
)

// News, wishes and what was hidden go to the home and come back.
func TestNews(t *testing.T) {
	f := newFixture(t)
	ctx, c := t.Context(), f.client
	must(c.Begin(ctx, social.Setup{Name: "Ben", Reach: social.ReachHome}))(t)
	f.home.Befriend(apitest.Ada)
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	unread := func(want ...bool) {
		t.Helper()
		list := must(c.News(ctx))(t)
		if len(list) != len(want) {
			t.Fatalf("news %+v", list)
		}
		for i := range list {
			if list[i].Unread != want[i] {
				t.Errorf("news %+v", list)
			}
		}
	}
	f.home.Tell(social.News{ID: "one", Kind: social.NewsComment, People: []social.Person{apitest.Ada}, Count: 1, Did: "commented on your post"})
	f.home.Tell(social.News{ID: "two", Kind: social.NewsFriend, Did: "is here"})
	unread(true, true)
	do(c.MarkNews(ctx, "one"))
	unread(true, false)
	do(c.MarkNews(ctx))
	unread(false, false)

	friend := must(c.Friends(ctx))(t)[0]
	do(c.WantNewsKind(ctx, social.NewsReaction, false))
	do(c.WantNewsOf(ctx, friend.ID, social.WantAll))
	wishes := must(c.NewsWishes(ctx))(t)
	if len(wishes.Kinds) != 4 || wishes.Kinds[1].On || !wishes.Kinds[0].On || len(wishes.Places) != 1 || wishes.Places[0].Want != social.WantAll {
		t.Errorf("wishes %+v", wishes)
	}
	if summary := must(c.Summary(ctx))(t); !summary.Due || summary.Comments != 2 {
		t.Errorf("summary %+v", summary)
	}

	post := f.home.Receive(apitest.Ada, "a swan")
	do(c.MuteThread(ctx, post.ID, true))
	do(c.HidePost(ctx, post.ID, true))
	quiet := must(c.QuietPosts(ctx))(t)
	if len(quiet.Hidden) != 1 || len(quiet.Muted) != 1 || !quiet.Hidden[0].Quiet {
		t.Errorf("quiet %+v", quiet)
	}
	do(c.MuteThread(ctx, post.ID, false))
	do(c.HidePost(ctx, post.ID, false))
	if quiet = must(c.QuietPosts(ctx))(t); len(quiet.Hidden)+len(quiet.Muted) != 0 {
		t.Errorf("quiet %+v", quiet)
	}
	if err := c.HidePost(ctx, "nothing", true); code(err) != social.CodeNotFound {
		t.Errorf("no post: %v", err)
	}
}
