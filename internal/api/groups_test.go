package api_test

import (
	"testing"

	"kith/internal/api/apitest"
	"kith/internal/social"
)

// What the command line does about groups and audiences reaches the home, and what the home says comes back.
func TestGroupsAndAudiences(t *testing.T) {
	f := newFixture(t)
	ctx, c := t.Context(), f.client
	must(c.Begin(ctx, social.Setup{Name: "Ben", Reach: social.ReachHome}))(t)
	f.home.Befriend(apitest.Ada)
	friend := must(c.Friends(ctx))(t)[0]
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	g := must(c.CreateGroup(ctx, social.NewGroup{Name: "Garden club", About: "Be kind.", Posts: social.ForAdmins, Invites: social.ForEveryone, History: social.HistoryJoining}))(t)
	if g.Posts != social.ForAdmins || g.Invites != social.ForEveryone || g.History != social.HistoryJoining || g.About != "Be kind." {
		t.Errorf("made %+v", g)
	}
	do(c.AddToGroup(ctx, g.ID, friend.ID))
	do(c.PromoteInGroup(ctx, g.ID, friend.ID))
	do(c.EditGroup(ctx, g.ID, social.GroupEdit{Name: "Gardeners", About: "Be kinder."}))
	f.home.Request(g.ID, social.Request{Person: social.Person{ID: "cy", Name: "Cy"}})
	f.home.Request(g.ID, social.Request{Person: social.Person{ID: "dee", Name: "Dee"}})
	do(c.AnswerRequest(ctx, g.ID, "cy", true))
	do(c.AnswerRequest(ctx, g.ID, "dee", false))
	g = must(c.Group(ctx, g.ID))(t)
	if g.Name != "Gardeners" || g.About != "Be kinder." || len(g.Members) != 3 || g.Members[1].Role != social.RoleAdmin || len(g.Requests) != 0 {
		t.Errorf("the group is %+v", g)
	}
	invite := must(c.InviteToGroup(ctx, g.ID, social.GroupInvite{Mode: social.InviteApproval, Label: "the board"}))(t)
	if invite.Group == nil || invite.Group.Name != "Gardeners" || invite.Mode != social.InviteApproval || invite.Label != "the board" {
		t.Errorf("invited by %+v", invite)
	}
	post := must(c.PublishTo(ctx, g.ID, "hello", nil))(t)
	if feed := must(c.GroupFeed(ctx, g.ID, "", 5))(t); post.Audience.Space != g.ID || len(feed.Posts) != 1 || feed.Posts[0].ID != post.ID {
		t.Errorf("posted %+v, read %+v", post, feed)
	}
	do(c.DemoteInGroup(ctx, g.ID, friend.ID))
	do(c.RemoveFromGroup(ctx, g.ID, "cy"))
	do(c.HandOverGroup(ctx, g.ID, friend.ID))
	if g = must(c.Group(ctx, g.ID))(t); len(g.Members) != 2 || g.Members[1].Role != social.RoleOwner {
		t.Errorf("the group is %+v", g)
	}
	do(c.LeaveGroup(ctx, g.ID))
	do(c.CloseGroup(ctx, g.ID))
	f.home.Offer(social.Offered{Group: social.GroupRef{ID: "choir", Name: "Choir"}, By: friend})
	if offers := must(c.Offers(ctx))(t); len(offers) != 1 || offers[0].Group.Name != "Choir" {
		t.Errorf("offered %+v", offers)
	}
	do(c.AnswerOffer(ctx, "choir", true))
	if groups := must(c.Groups(ctx))(t); len(groups) != 2 {
		t.Errorf("groups: %+v", groups)
	}

	list := must(c.CreateList(ctx, "Family", 3, []string{friend.ID}))(t)
	list = must(c.EditList(ctx, list.ID, "Kin", 0, nil))(t)
	if list.Name != "Kin" || list.Hue != 3 || len(list.Members) != 0 {
		t.Errorf("the list is %+v", list)
	}
	if audiences := must(c.Audiences(ctx))(t); len(audiences) != 3 || audiences[1].Name != "Kin" {
		t.Errorf("audiences: %+v", audiences)
	}
	do(c.DeleteList(ctx, list.ID))
	do(c.Mute(ctx, friend.ID, true))
	do(c.Block(ctx, friend.ID, true))
	do(c.Mute(ctx, friend.ID, false))
	if hidden := must(c.Hidden(ctx))(t); len(hidden) != 1 || !hidden[0].Blocked || hidden[0].Muted {
		t.Errorf("hidden: %+v", hidden)
	}
	wantNotFound := func(err error) {
		t.Helper()
		if err == nil {
			t.Error("something that is not there was found")
		}
	}
	_, err := c.Group(ctx, "nowhere")
	wantNotFound(err)
	wantNotFound(c.AnswerOffer(ctx, "nowhere", true))
	wantNotFound(c.RemoveFromGroup(ctx, g.ID, "nobody"))
}
