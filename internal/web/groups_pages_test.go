package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kith/internal/social"
)

// Everything about groups works by forms alone.
func TestGroupPages(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	page := s.page("/groups")
	if got := len(page.all(".person-line")); got != 2 {
		t.Errorf("%d groups are listed", got)
	}
	page = s.page("/groups/club")
	if got := page.one(".group-name").text(); got != "Garden club" {
		t.Errorf("the group is called %q", got)
	}
	if got := page.one("#composer .audience .chip").text(); got != "Seen by: Garden club" {
		t.Errorf("the composer says %q", got)
	}
	if got := page.one("#composer input[name=to]").value("value"); got != "club" {
		t.Errorf("the post would go to %q", got)
	}
	if got := len(page.all(".post")); got != 1 {
		t.Errorf("%d posts are in the group", got)
	}
	r := s.post("/publish", url.Values{"text": {"On Sunday?"}, "to": {"club"}, "from": {"group"}, "do": {"publish"}})
	if r.header.Get("Location") != "/groups/club?said=posted" || s.home.posts[0].Audience.Space != "club" {
		t.Errorf("after posting: %q, for %+v", r.header.Get("Location"), s.home.posts[0].Audience)
	}
	// The chip on the first page leads to the group; what is for friends leads nowhere.
	if got := s.page("/").one("#post-seeds a.chip-group").value("href"); got != "/groups/club" {
		t.Errorf("the chip leads to %q", got)
	}
	if len(s.page("/groups/class").all("#composer")) != 0 {
		t.Error("there is a composer where only admins post")
	}
	r = s.post("/groups/new", url.Values{"name": {" Rowers "}, "about": {"Bring oars."}, "posts": {"admins"}, "invites": {"everyone"}, "history": {"joining"}})
	made := s.home.circles.groups[2]
	if r.header.Get("Location") != "/groups/"+made.ID+"/people?said=group-made" || made.Name != "Rowers" || made.Posts != "admins" || made.Invites != "everyone" || made.History != "joining" {
		t.Errorf("made %+v, on to %q", made, r.header.Get("Location"))
	}
	if r := s.post("/groups/new", url.Values{"about": {"What I typed stays"}}); r.status != http.StatusUnprocessableEntity || parse(t, r.body).one("#about").text() != "What I typed stays" {
		t.Errorf("a group without a name: status %d", r.status)
	}
	r = s.post("/groups/club/invite", url.Values{"mode": {"approval"}, "label": {"the notice board"}, "days": {"30"}})
	if page := s.page(r.header.Get("Location")); !strings.Contains(page.one(".note").text(), "waits until somebody who may lets them in") {
		t.Errorf("the invite says %q", page.one(".note").text())
	}
	if r := s.post("/groups/club/add", url.Values{"person": {"tom"}}); r.header.Get("Location") != "/groups/club/people?said=added" {
		t.Errorf("adding: status %d", r.status)
	}
	s.page("/groups/club/people").one("#member-tom")
}

func TestLifeOfAGroupByForms(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	for _, step := range []struct{ path, question, after, says string }{
		{"/groups/club/people/ayse/promote", "Make Ayşe an admin?", "/groups/club/people?said=promoted", "Admin"},
		{"/groups/club/people/ayse/demote", "Make Ayşe an ordinary member again?", "/groups/club/people?said=demoted", ""},
		{"/groups/club/people/ilse/remove", "Take Grandma Ilse out of Garden club?", "/groups/club/people?said=removed", ""},
		{"/groups/club/people/ben/hand-over", "Hand Garden club over to Ben?", "/groups/club/people?said=handed-over", "Owner"},
		{"/groups/club/end/leave", "Leave Garden club?", "/groups/club?said=left", ""},
	} {
		question := s.page(step.path)
		if got := question.one("#confirm-question").text(); got != step.question {
			t.Errorf("%s asks %q", step.path, got)
		}
		s.home.calls = nil
		if r := s.post(step.path, nil); r.header.Get("Location") != step.after || len(s.home.calls) != 1 {
			t.Errorf("%s: status %d, to %q, called %q", step.path, r.status, r.header.Get("Location"), s.home.calls)
		}
	}
	page := s.page("/groups/club")
	if got := page.one(".group-note").text(); !strings.Contains(got, "What you have stays on this computer") || len(page.all("#composer")) != 0 {
		t.Errorf("after leaving: %q", got)
	}
	for _, path := range []string{"/groups/class/people/jonas/remove", "/groups/class/end/close", "/groups/club/end/leave"} {
		if r := s.get(path); r.status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
	for _, path := range []string{"/groups/nowhere", "/groups/class/people/nobody/remove", "/groups/class/people/tom/dance", "/groups/class/end/dance", "/lists/none"} {
		if r := s.get(path); r.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, r.status)
		}
	}
}

func TestAnswersAtTheDoorOfAGroup(t *testing.T) {
	s := open(t, crowded(atNoon), atNoon)
	door := s.page("/").one("#at-the-door")
	if got := door.one("#offer-offered .ask-title").text(); got != "Ben invites you to Neighbours of the lower street" {
		t.Errorf("the offer says %q", got)
	}
	if got := door.one("#ask-big-askera .ask-title").text(); !strings.HasPrefix(got, "Zoë asks to join The society") {
		t.Errorf("the request says %q", got)
	}
	if r := s.post("/offers/offered", url.Values{"answer": {"perhaps"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("an answer that is none: status %d", r.status)
	}
	s.post("/offers/offered", url.Values{"answer": {"yes"}})
	s.post("/groups/big/requests/askera", url.Values{"answer": {"yes"}})
	s.post("/groups/big/requests/askerc", url.Values{"answer": {"no"}})
	door = s.page("/").one("#at-the-door")
	if len(door.all("#offer-offered")) != 0 || len(door.all("#ask-big-askera")) != 0 || len(door.all("#ask-big-askerb")) != 1 {
		t.Error("the door is not as it should be afterwards")
	}
	if got := s.page("/groups/gone").one(".group-note").text(); got != "You are no longer in Book circle. What you have stays on this computer." {
		t.Errorf("somebody who was taken out reads %q", got)
	}
}

func TestListsOfFriends(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	if got := s.page("/lists").one("#list-kin .person-line-seen").text(); got != "Grandma Ilse and Tom" {
		t.Errorf("on the list are %q", got)
	}
	r := s.post("/lists/new", url.Values{"name": {"Work"}, "hue": {"6"}, "member": {"ayse", "pedro"}})
	if l := s.home.circles.lists[2]; r.header.Get("Location") != "/lists?said=list-kept" || l.Name != "Work" || l.Hue != 6 || len(l.Members) != 2 {
		t.Errorf("made %+v", l)
	}
	page := s.page("/lists/kin")
	var on []string
	for _, box := range page.all("input[name=member]") {
		if _, checked := box.attr("checked"); checked {
			on = append(on, box.value("value"))
		}
	}
	if strings.Join(on, " ") != "ilse tom" {
		t.Errorf("ticked are %q", on)
	}
	if r := s.post("/lists/new", url.Values{"name": {""}, "member": {"tom"}}); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a list without a name: status %d", r.status)
	}
	s.post("/lists/kin/delete", nil)
	if len(s.page("/lists").all("#list-kin")) != 0 {
		t.Error("a deleted list is there")
	}
	// Whom the unfinished post is for is kept with it; who is no more to be had gives way to nobody else.
	s.post("/draft", url.Values{"text": {"for the boat"}, "to": {"boat"}})
	if got := s.page("/").one("#composer option[selected]").text(); got != "The boat" {
		t.Errorf("after a reload the post is for %q", got)
	}
	s.post("/lists/boat/delete", nil)
	if got := s.page("/").one("#composer option[selected]").text(); got != "Only me" {
		t.Errorf("when the list is gone, the post is for %q", got)
	}
}

func TestMuteAndBlock(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	if r := s.post("/people/ben/mute", url.Values{"on": {"yes"}}); r.header.Get("Location") != "/people/ben?said=muted" {
		t.Errorf("muting: status %d", r.status)
	}
	if _, muted := s.page("/post/sail").one(".post").attr("data-muted"); !muted {
		t.Error("an open page can't know that Ben is muted")
	}
	if got := s.page("/people/tom/block").one(".confirmation").text(); !strings.Contains(got, "You stop being friends") {
		t.Errorf("the question is %q", got)
	}
	s.post("/people/tom/block", nil)
	page := s.page("/hidden")
	if got := page.one("#hidden-tom").text(); !strings.Contains(got, "you see nothing of them") || len(page.all("#hidden-ben")) != 1 {
		t.Errorf("hidden: %q", got)
	}
	s.post("/people/tom/block", url.Values{"on": {"no"}, "from": {"list"}})
	s.post("/people/ben/mute", url.Values{"on": {"no"}, "from": {"list"}})
	if len(s.page("/hidden").all(".person-line")) != 0 {
		t.Error("somebody is hidden still")
	}
}

func TestAGreetingIntoAGroup(t *testing.T) {
	s := open(t, gardeners(atNoon), atNoon)
	s.home.greetings["KITH1-G"] = social.Greeting{
		Code: "KITH1-G", Inviter: social.Person{ID: "z", Name: "Zoë"}, Expires: noon.AddDate(0, 0, 3),
		Group: &social.GroupRef{ID: "choir", Name: "Choir", About: "We sing on Tuesdays.", People: 23},
	}
	page := parse(t, s.postParts("/join", part{"code", "", "KITH1-G"}).body)
	if got := page.one("h1").text(); got != "Zoë invites you to Choir" {
		t.Errorf("the page says %q", got)
	}
	if got := page.one(".greeting").text(); !strings.Contains(got, "23 people are in this group") || !strings.Contains(got, "We sing on Tuesdays") || !strings.Contains(got, "Ask to join") {
		t.Errorf("the page says %q", got)
	}
}
