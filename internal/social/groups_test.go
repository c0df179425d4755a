package social_test

import (
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
)

// group makes a group.
func (h *house) makes(group social.NewGroup) social.Group {
	h.t.Helper()
	g, err := h.CreateGroup(h.t.Context(), group)
	must(h.t, err)
	return g
}

// group finds a group by its name; its State is empty where this home has none of that name.
func (h *house) group(name string) social.Group {
	h.t.Helper()
	groups, err := h.Groups(h.t.Context())
	must(h.t, err)
	for _, g := range groups {
		if g.Name == name {
			return g
		}
	}
	return social.Group{}
}

// whole is a group with its members.
func (h *house) whole(id string) social.Group {
	h.t.Helper()
	g, err := h.Group(h.t.Context(), id)
	must(h.t, err)
	return g
}

// roles says who is what in a group: "Ada owner, Ben member".
func (h *house) roles(id string) string {
	h.t.Helper()
	g, err := h.Group(h.t.Context(), id)
	if err != nil {
		return ""
	}
	var list []string
	for _, m := range g.Members {
		list = append(list, m.Name+" "+m.Role)
	}
	return strings.Join(list, ", ")
}

// id is the ID of whose home it is.
func (h *house) id() string { return h.me }

// posts lists what is in a group, newest first.
func (h *house) posts(group string) []string {
	h.t.Helper()
	feed, err := h.GroupFeed(h.t.Context(), group, "", 50)
	if err != nil {
		return nil
	}
	var texts []string
	for _, post := range feed.Posts {
		texts = append(texts, post.Author.Name+": "+post.Text)
	}
	return texts
}

func (h *house) saysTo(to, text string) social.Post {
	h.t.Helper()
	post, err := h.Publish(h.t.Context(), social.NewPost{Text: text, To: to})
	must(h.t, err)
	return post
}

// adds takes a friend into a group and waits until they have said yes.
func (h *house) adds(group string, friend *house) {
	h.t.Helper()
	must(h.t, h.AddToGroup(h.t.Context(), group, friend.id()))
	eventually(h.t, friend.name+" is asked", func() bool {
		offers, err := friend.Offers(h.t.Context())
		must(h.t, err)
		return slices.ContainsFunc(offers, func(o social.Offered) bool { return o.Group.ID == group })
	})
	must(h.t, friend.AnswerOffer(h.t.Context(), group, true))
	eventually(h.t, friend.name+" is in", func() bool {
		return strings.Contains(h.roles(group), friend.name) && strings.Contains(friend.roles(group), friend.name)
	})
}

func TestAGroupOfFriends(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club", About: "Be kind to slugs."})
	if club.Role != social.RoleOwner || club.State != social.GroupIn || !club.MayPost || !club.MayInvite || !club.MayManage {
		t.Errorf("Ada's group: %+v", club)
	}
	before := ada.saysTo(club.ID, "seeds are here")
	if before.Audience.Kind != social.AudienceGroup || before.Audience.Name != "Garden club" || before.Audience.People != 1 {
		t.Errorf("the post is for %+v", before.Audience)
	}
	must(t, ada.AddToGroup(t.Context(), club.ID, ben.id()))
	eventually(t, "Ben is asked", func() bool {
		offers, err := ben.Offers(t.Context())
		must(t, err)
		return len(offers) == 1 && offers[0].Group.Name == "Garden club" && offers[0].By.Name == "Ada"
	})
	if g := ben.group("Garden club"); g.State != "" || len(ben.posts(club.ID)) > 0 {
		t.Fatalf("Ben has the group before he said yes: %+v", g)
	}
	must(t, ben.AnswerOffer(t.Context(), club.ID, true))
	eventually(t, "Ben reads what was there before", func() bool { return slices.Contains(ben.posts(club.ID), "Ada: seeds are here") })
	g := ben.whole(club.ID)
	if g.Name != "Garden club" || g.About != "Be kind to slugs." || g.Role != social.RoleMember || !g.MayPost || g.MayInvite || g.MayManage {
		t.Errorf("Ben's group: %+v", g)
	}
	answer := ben.saysTo(club.ID, "I bring a spade")
	eventually(t, "Ada reads it in the group and in her feed", func() bool {
		return slices.Contains(ada.posts(club.ID), "Ben: I bring a spade") && slices.Contains(ada.texts(), "Ben: I bring a spade")
	})
	if _, err := ben.Comment(t.Context(), before.ID, "lovely"); err != nil {
		t.Fatal(err)
	}
	must(t, ada.React(t.Context(), answer.ID, "🎉"))
	eventually(t, "comments and reactions arrive", func() bool {
		p, err := ada.Post(t.Context(), before.ID)
		must(t, err)
		q, err := ben.Post(t.Context(), answer.ID)
		must(t, err)
		return len(p.Comments) == 1 && len(q.Reactions) == 1 && q.Audience.Kind == social.AudienceGroup
	})
	wall, err := ada.Wall(t.Context(), ben.id(), "", 10)
	must(t, err)
	if len(wall.Posts) != 0 {
		t.Errorf("what Ben wrote in a group is on his wall: %+v", wall.Posts)
	}
	if err := ada.EditGroup(t.Context(), club.ID, social.GroupEdit{Name: "Gardeners", About: "All welcome."}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben sees the new name", func() bool { return ben.group("Gardeners").About == "All welcome." })
	wantCode(t, ben.EditGroup(t.Context(), club.ID, social.GroupEdit{Name: "Mine"}), social.CodeNotAllowed)
	wantCode(t, ada.LeaveGroup(t.Context(), club.ID), social.CodeNotAllowed)
	wantCode(t, ben.RemoveFromGroup(t.Context(), club.ID, ada.id()), social.CodeNotAllowed)
	wantCode(t, ben.CloseGroup(t.Context(), club.ID), social.CodeNotAllowed)
	// An admin of the group takes down what somebody else wrote there.
	must(t, ada.Delete(t.Context(), answer.ID))
	eventually(t, "it is gone at Ben's", func() bool { return !slices.Contains(ben.posts(club.ID), "Ben: I bring a spade") })
	must(t, ben.LeaveGroup(t.Context(), club.ID))
	eventually(t, "Ada hears that Ben left", func() bool { return ada.roles(club.ID) == "Ada owner" })
	if g := ben.whole(club.ID); g.State != social.GroupLeft || !slices.Contains(ben.posts(club.ID), "Ada: seeds are here") {
		t.Errorf("Ben's group after leaving: %+v", g)
	}
	_, err = ben.Publish(t.Context(), social.NewPost{Text: "still here", To: club.ID})
	wantCode(t, err, social.CodeNotAllowed)
}

func TestAFriendSaysNoToAGroup(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	must(t, ada.AddToGroup(t.Context(), club.ID, ben.id()))
	eventually(t, "Ben is asked", func() bool {
		offers, err := ben.Offers(t.Context())
		must(t, err)
		return len(offers) == 1
	})
	must(t, ben.AnswerOffer(t.Context(), club.ID, false))
	wantCode(t, ben.AnswerOffer(t.Context(), club.ID, true), social.CodeNotFound)
	eventually(t, "Ada's home takes him out again", func() bool { return ada.roles(club.ID) == "Ada owner" })
	if g := ben.group("Garden club"); g.State != "" {
		t.Errorf("Ben has the group all the same: %+v", g)
	}
}

func TestAListOfFriends(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	family, err := ada.CreateList(t.Context(), "Family", 3, []string{ben.id()})
	must(t, err)
	if len(family.Members) != 1 || family.Members[0].Name != "Ben" || family.Hue != 3 {
		t.Errorf("the list is %+v", family)
	}
	_, err = ada.CreateList(t.Context(), "family", 0, nil)
	wantCode(t, err, social.CodeBadInput)
	post := ada.saysTo(family.ID, "for the family")
	if post.Audience != (social.Audience{Space: family.ID, Name: "Family", Kind: social.AudienceList, People: 2, Hue: 3}) {
		t.Errorf("the post is for %+v", post.Audience)
	}
	everyone := ada.says("for everyone")
	secret := ada.saysTo(social.ToOnlyMe, "for nobody")
	if secret.Audience.Kind != social.AudienceOnlyMe {
		t.Errorf("the secret post is for %+v", secret.Audience)
	}
	eventually(t, "Ben reads both", func() bool {
		texts := ben.texts()
		return slices.Contains(texts, "Ada: for the family") && slices.Contains(texts, "Ada: for everyone")
	})
	theirs, err := ben.Post(t.Context(), post.ID)
	must(t, err)
	if a := theirs.Audience; a.Name != "Some friends of Ada" || a.Kind != social.AudienceList || a.Hue != 0 {
		t.Errorf("Ben is told that it is for %+v", a)
	}
	if _, err := ben.Comment(t.Context(), post.ID, "thank you"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ada reads his comment", func() bool {
		p, err := ada.Post(t.Context(), post.ID)
		must(t, err)
		return len(p.Comments) == 1
	})
	_, err = ben.Publish(t.Context(), social.NewPost{Text: "me too", To: family.ID})
	wantCode(t, err, social.CodeNotFound)
	eventually(t, "Cleo reads what is for her", func() bool { return slices.Contains(cleo.texts(), "Ada: for everyone") })
	family, err = ada.EditList(t.Context(), family.ID, "Kin", 0, []string{cleo.id()})
	must(t, err)
	if family.Name != "Kin" || len(family.Members) != 1 || family.Members[0].Name != "Cleo" {
		t.Errorf("the list is %+v", family)
	}
	later := ada.saysTo(family.ID, "for Cleo now")
	eventually(t, "Cleo reads it", func() bool { return slices.Contains(cleo.texts(), "Ada: for Cleo now") })
	must(t, ada.React(t.Context(), everyone.ID, "🎉"))
	eventually(t, "Ben has heard of what came after", func() bool {
		p, err := ben.Post(t.Context(), everyone.ID)
		must(t, err)
		return len(p.Reactions) == 1
	})
	if _, err := ben.Post(t.Context(), later.ID); err == nil || slices.Contains(ben.texts(), "Ada: for nobody") || slices.Contains(cleo.texts(), "Ada: for nobody") {
		t.Error("somebody reads what is not for them")
	}
	must(t, ada.DeleteList(t.Context(), family.ID))
	lists, err := ada.Lists(t.Context())
	must(t, err)
	if len(lists) != 0 {
		t.Errorf("lists left: %+v", lists)
	}
	_, err = ada.Publish(t.Context(), social.NewPost{Text: "too late", To: family.ID})
	wantCode(t, err, social.CodeNotAllowed)
}

func TestBlockAndMute(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	befriend(t, ben, cleo)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	ada.adds(club.ID, ben)
	ada.adds(club.ID, cleo)
	post := ada.saysTo(club.ID, "who comes?")
	onWall := cleo.says("on my wall")
	inGroup := cleo.saysTo(club.ID, "me!")
	eventually(t, "Ben reads all of it", func() bool {
		return slices.Contains(ben.texts(), "Ada: who comes?") && slices.Contains(ben.texts(), "Cleo: on my wall") && slices.Contains(ben.texts(), "Cleo: me!")
	})
	eventually(t, "Cleo reads what Ada asks", func() bool { return cleo.reads("Ada: who comes?") })
	if _, err := cleo.Comment(t.Context(), post.ID, "I bring cake"); err != nil {
		t.Fatal(err)
	}
	must(t, cleo.React(t.Context(), post.ID, "👍"))
	full := func() social.Post {
		p, err := ben.Post(t.Context(), post.ID)
		must(t, err)
		return p
	}
	eventually(t, "Ben sees Cleo's comment", func() bool { p := full(); return len(p.Comments) == 1 && len(p.Reactions) == 1 })

	must(t, ben.Mute(t.Context(), cleo.id(), true))
	if texts := ben.texts(); slices.Contains(texts, "Cleo: on my wall") || slices.Contains(texts, "Cleo: me!") {
		t.Errorf("muted Cleo is in the feed: %q", texts)
	}
	if !slices.Contains(ben.posts(club.ID), "Cleo: me!") || len(full().Comments) != 1 {
		t.Error("muted Cleo is gone from the group, too")
	}
	must(t, ben.Mute(t.Context(), cleo.id(), false))
	if !slices.Contains(ben.texts(), "Cleo: me!") {
		t.Error("Cleo is not back")
	}

	must(t, ben.Block(t.Context(), cleo.id(), true))
	if ben.hasFriend("Cleo") {
		t.Error("blocked Cleo is a friend")
	}
	if p := full(); len(p.Comments) != 0 || p.CommentCount != 0 || len(p.Reactions) != 0 {
		t.Errorf("what blocked Cleo wrote under a post is there: %+v", p)
	}
	if slices.Contains(ben.posts(club.ID), "Cleo: me!") || slices.Contains(ben.texts(), "Cleo: on my wall") {
		t.Error("what blocked Cleo posted is there")
	}
	for _, id := range []string{onWall.ID, inGroup.ID} {
		_, err := ben.Post(t.Context(), id)
		wantCode(t, err, social.CodeNotFound)
	}
	hidden, err := ben.Hidden(t.Context())
	must(t, err)
	if len(hidden) != 1 || hidden[0].Name != "Cleo" || !hidden[0].Blocked || hidden[0].Muted {
		t.Errorf("hidden: %+v", hidden)
	}
	eventually(t, "Cleo is no friend on her side either", func() bool { return !cleo.hasFriend("Ben") })
	invite := ben.invites(social.InviteOptions{LetIn: true})
	cleo.accepts(invite.Code)
	eventually(t, "a blocked person's use of an invite is refused", func() bool { return cleo.acceptance().State == social.AcceptanceFailed })
	must(t, ben.Block(t.Context(), cleo.id(), false))
	if p := full(); len(p.Comments) != 1 || len(p.Reactions) != 1 {
		t.Error("what Cleo wrote is not back")
	}
	wantCode(t, ben.Mute(t.Context(), ben.id(), true), social.CodeBadInput)
}
