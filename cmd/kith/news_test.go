package main

import (
	"strings"
	"testing"

	"kith/internal/api"
	"kith/internal/api/apitest"
	"kith/internal/social"
)

func TestNewsVerbs(t *testing.T) {
	f := started(t)
	has(t, f.ok("news"), "Nothing so far")
	f.home.Befriend(apitest.Ada)
	f.home.Tell(social.News{ID: "one", Kind: social.NewsComment, People: []social.Person{apitest.Ada, {Name: "Cy\x1b[2J"}}, Count: 4,
		Did: "commented on your post", Quote: "What a wind!", Post: "3f9a2c1b" + strings.Repeat("0", 56)})
	f.home.Tell(social.News{ID: "two", Kind: social.NewsNotice, Did: "“Laptop” is now one of your computers."})
	out := f.ok("news")
	has(t, out, "Since yesterday: 2 comments.", "● Ada, Cy", "and 2 others commented on your post", "3f9a2c1b", "What a wind!", "● “Laptop” is now")
	if strings.Contains(out, "\x1b") {
		t.Error("a name reaches the terminal as it is")
	}
	has(t, f.ok("news", "seen"), "You have seen everything")
	has(t, f.ok("news"), "You have seen everything. kith news --all")
	has(t, f.ok("news", "--all"), "commented on your post")
	if list := decode[[]social.News](f, "news"); len(list) != 2 || list[0].Unread {
		t.Errorf("news %+v", list)
	}
	has(t, f.ok("news", "want"), "comment", "Ada")
	f.ok("news", "want", "reaction", "nothing")
	f.ok("news", "want", "ada", "all")
	if wishes := decode[social.NewsWishes](f, "news", "want"); wishes.Kinds[1].On || wishes.Places[0].Want != social.WantAll {
		t.Errorf("wishes %+v", wishes)
	}
	has(t, f.fails(api.ExitUsage, "news", "want", "Ada"), "all, answers or nothing")
	f.fails(api.ExitUsage, "news", "want", "Ada", "much")
	f.fails(api.ExitNotFound, "news", "want", "Nobody", "all")
}

func TestHideAndQuiet(t *testing.T) {
	f := started(t)
	post := f.home.Receive(apitest.Ada, "a swan")
	has(t, f.ok("hide", post.ID[:8]), "Nobody is told")
	has(t, f.ok("quiet", post.ID[:8]), "hear nothing more")
	has(t, f.ok("hide", "--undo", post.ID[:8]), "see it again")
	has(t, f.ok("quiet", "--undo", post.ID[:8]), "hear of it again")
	f.fails(api.ExitNotFound, "hide", "ffffffff")
}
