package main

import (
	"testing"

	"kith/internal/api"
	"kith/internal/api/apitest"
	"kith/internal/social"
)

func TestSearch(t *testing.T) {
	f := started(t)
	f.ok("post", "the lake was calm")
	f.home.Befriend(apitest.Ada)
	f.home.Receive(apitest.Ada, "a lake of my own")
	has(t, f.ok("search", "lake"), "the lake was calm", "a lake of my own", apitest.Ada.Name)
	has(t, f.ok("search", "lake", "was"), "the lake was calm")
	has(t, f.ok("search", "stone"), "Nothing found")
	if got := decode[social.SearchResult](f, "search", "lake", "--from", apitest.Ada.Name).Posts.Items; len(got) != 1 || got[0].Author.ID != apitest.Ada.ID {
		t.Errorf("of Ada: %+v", got)
	}
	if got := decode[social.SearchResult](f, "search", "lake", "--from", "me").Posts.Items; len(got) != 1 || !got[0].Author.Me {
		t.Errorf("of mine: %+v", got)
	}
	has(t, f.ok("search", "lake", "--since", "2999-01-01"), "Nothing found")
	has(t, f.ok("search", "lake", "--until", "1999-01-01"), "Nothing found")
	f.fails(api.ExitUsage, "search")
	f.fails(api.ExitUsage, "search", "lake", "--since", "yesterday")
	f.fails(api.ExitUsage, "search", "lake", "-n", "0")
	f.fails(api.ExitNotFound, "search", "lake", "--from", "Nobody")
	f.fails(api.ExitNotFound, "search", "lake", "--in", "No such group")
}

func TestSaved(t *testing.T) {
	f := started(t)
	has(t, f.ok("saved"), "Nothing saved")
	f.ok("post", "one to keep")
	has(t, f.ok("save", "latest"), "with your saved posts")
	has(t, f.ok("saved"), "one to keep")
	if feed := decode[social.Feed](f, "saved"); len(feed.Posts) != 1 || !feed.Posts[0].Saved {
		t.Errorf("saved are %+v", feed)
	}
	has(t, f.ok("save", "latest", "--undo"), "no longer")
	has(t, f.ok("saved"), "Nothing saved")
	f.fails(api.ExitNotFound, "save", "ffffffff")
}
