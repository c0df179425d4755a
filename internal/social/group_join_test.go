package social_test

import (
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
)

func (h *house) groupInvite(group, mode string) social.Invite {
	h.t.Helper()
	invite, err := h.InviteToGroup(h.t.Context(), group, social.GroupInvite{Mode: mode})
	must(h.t, err)
	return invite
}

func (h *house) isIn(group string) bool {
	h.t.Helper()
	g, err := h.Group(h.t.Context(), group)
	return err == nil && g.State == social.GroupIn
}

func TestAnInviteForOneIntoAGroup(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	club := ada.makes(social.NewGroup{Name: "Garden club", About: "Be kind."})
	ada.saysTo(club.ID, "seeds are here")
	invite := ada.groupInvite(club.ID, social.InviteOnce)
	if invite.Group == nil || invite.Group.Name != "Garden club" || !invite.LetIn {
		t.Fatalf("the invite leads to %+v", invite.Group)
	}
	greeting, err := ben.Inspect(t.Context(), invite.Message)
	must(t, err)
	if g := greeting.Group; greeting.Inviter.Name != "Ada" || g == nil || g.Name != "Garden club" || g.About != "Be kind." || g.People != 1 {
		t.Fatalf("Ben is told of %+v by %q", greeting.Group, greeting.Inviter.Name)
	}
	if groups, err := ben.Groups(t.Context()); err != nil || len(groups) != 0 {
		t.Errorf("looking is not joining: %+v, %v", groups, err)
	}
	ben.accepts(invite.Message)
	eventually(t, "Ben reads what is there", func() bool { return slices.Contains(ben.posts(club.ID), "Ada: seeds are here") })
	eventually(t, "Ben has shown his name", func() bool { return ada.roles(club.ID) == "Ada owner, Ben member" })
	if ada.hasFriend("Ben") || ben.hasFriend("Ada") {
		t.Error("they are friends by an invite into a group")
	}
	if a := ben.acceptance(); a.State != social.AcceptanceDone || a.Group == nil || a.Group.Name != "Garden club" {
		t.Errorf("Ben's acceptance is %+v", a)
	}
	_, err = cleo.Inspect(t.Context(), invite.Code)
	wantCode(t, err, social.CodeUsed)
	cleo.accepts(invite.Code)
	eventually(t, "Cleo is turned away", func() bool { return cleo.acceptance().State == social.AcceptanceFailed })
	if cleo.isIn(club.ID) || ada.roles(club.ID) != "Ada owner, Ben member" {
		t.Error("Cleo got in")
	}
	_, err = ben.InviteToGroup(t.Context(), club.ID, social.GroupInvite{})
	wantCode(t, err, social.CodeNotAllowed)
	// Friendship and membership are different things: an invite from a friend into a group works.
	befriend(t, ada, cleo)
	second := ada.groupInvite(club.ID, "")
	cleo.accepts(second.Code)
	eventually(t, "Cleo is in", func() bool { return cleo.isIn(club.ID) })
}

func TestAnInviteForFriendsIntoAGroup(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	invite := ada.groupInvite(club.ID, social.InviteFriends)
	cleo.accepts(invite.Code)
	eventually(t, "Cleo, who is none, is told so", func() bool {
		a := cleo.acceptance()
		return a.State == social.AcceptanceFailed && a.Detail != ""
	})
	ben.accepts(invite.Code)
	eventually(t, "Ben, who is a friend, is in", func() bool { return ben.isIn(club.ID) })
	befriend(t, ada, cleo)
	must(t, cleo.DropAcceptance(t.Context(), invite.ID))
	cleo.accepts(invite.Code)
	eventually(t, "Cleo, who is a friend now, is in", func() bool { return cleo.isIn(club.ID) })
	must(t, ada.RevokeInvite(t.Context(), invite.ID))
	dora := newHouse(t, "Dora")
	dora.accepts(invite.Code)
	eventually(t, "nobody comes in by an invite that was taken back", func() bool { return dora.acceptance().State == social.AcceptanceFailed })
}

func TestAnInviteWithApproval(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	ada.adds(club.ID, ben)
	must(t, ada.PromoteInGroup(t.Context(), club.ID, ben.id()))
	eventually(t, "Ben is an admin", func() bool { return ben.whole(club.ID).MayInvite })
	invite := ada.groupInvite(club.ID, social.InviteApproval)
	cleo.accepts(invite.Code)
	waiting := func(h *house) []social.Request { return h.whole(club.ID).Requests }
	eventually(t, "Ada is asked", func() bool { return len(waiting(ada)) == 1 })
	eventually(t, "Ben is asked, whose invite it is not", func() bool {
		r := waiting(ben)
		return len(r) == 1 && r[0].Person.Name == "Cleo" && r[0].By.Name == "Ada" && ben.group("Garden club").Waiting == 1
	})
	eventually(t, "Cleo waits", func() bool { return cleo.acceptance().State == social.AcceptanceWaiting })
	if g := cleo.group("Garden club"); g.State != social.GroupComing {
		t.Errorf("Cleo's group is %+v", g)
	}
	if _, err := cleo.Publish(t.Context(), social.NewPost{Text: "let me in", To: club.ID}); err == nil {
		t.Error("Cleo posts before she is in")
	}
	// Ada's home goes off. Ben says yes, and nobody waits for who made the group or the invite.
	ada.off()
	must(t, ben.AnswerRequest(t.Context(), club.ID, cleo.id(), true))
	eventually(t, "Cleo is in, by Ben's home", func() bool { return cleo.isIn(club.ID) })
	ben.saysTo(club.ID, "welcome")
	eventually(t, "Cleo reads along", func() bool { return slices.Contains(cleo.posts(club.ID), "Ben: welcome") })
	cleo.saysTo(club.ID, "thank you")
	eventually(t, "Ben reads what she says", func() bool { return slices.Contains(ben.posts(club.ID), "Cleo: thank you") })
	eventually(t, "her acceptance is done", func() bool { return cleo.acceptance().State == social.AcceptanceDone })
	ada.on()
	eventually(t, "Ada hears of all of it", func() bool {
		return ada.roles(club.ID) == "Ada owner, Ben admin, Cleo member" && slices.Contains(ada.posts(club.ID), "Cleo: thank you")
	})
	if r := waiting(ada); len(r) != 0 {
		t.Errorf("Ada is asked still: %+v", r)
	}
	wantCode(t, ada.AnswerRequest(t.Context(), club.ID, cleo.id(), false), social.CodeBadInput)
}

func TestARequestIsDeclined(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	invite := ada.groupInvite(club.ID, social.InviteApproval)
	ben.accepts(invite.Code)
	eventually(t, "Ada is asked", func() bool { return len(ada.whole(club.ID).Requests) == 1 })
	must(t, ada.AnswerRequest(t.Context(), club.ID, ben.id(), false))
	eventually(t, "Ben is told", func() bool { return ben.acceptance().State == social.AcceptanceFailed })
	if len(ada.whole(club.ID).Requests) != 0 || ben.isIn(club.ID) {
		t.Error("the no did not hold")
	}
	wantCode(t, ada.AnswerRequest(t.Context(), club.ID, ben.id(), false), social.CodeNotFound)
	// Another invite asks anew, and a yes after the no holds.
	again := ada.groupInvite(club.ID, social.InviteApproval)
	ben.accepts(again.Code)
	eventually(t, "Ada is asked anew", func() bool { return len(ada.whole(club.ID).Requests) == 1 })
	must(t, ada.AnswerRequest(t.Context(), club.ID, ben.id(), true))
	eventually(t, "Ben is in", func() bool { return ben.isIn(club.ID) })
}

// TestANoFromAnotherAdmin lets an admin refuse whom Cleo has never met, while the home of who invited her is off.
func TestANoFromAnotherAdmin(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Garden club"})
	ada.adds(club.ID, ben)
	must(t, ada.PromoteInGroup(t.Context(), club.ID, ben.id()))
	cleo.accepts(ada.groupInvite(club.ID, social.InviteApproval).Code)
	eventually(t, "Ben is asked", func() bool { return len(ben.whole(club.ID).Requests) == 1 })
	eventually(t, "Cleo waits", func() bool { return cleo.group("Garden club").State == social.GroupComing })
	ada.off()
	must(t, ben.AnswerRequest(t.Context(), club.ID, cleo.id(), false))
	eventually(t, "Cleo is told, by Ben's home", func() bool {
		a := cleo.acceptance()
		return a.State == social.AcceptanceFailed && strings.Contains(a.Detail, "said no this time")
	})
	if g := cleo.group("Garden club"); g.State != "" {
		t.Errorf("Cleo still waits for %+v", g)
	}
	// Ada's home, which hears of the no later, tells the same and nothing else.
	ada.on()
	eventually(t, "Ada is asked no more", func() bool { return len(ada.whole(club.ID).Requests) == 0 })
	if a := cleo.acceptance(); a.State != social.AcceptanceFailed {
		t.Errorf("Cleo's acceptance is %+v", a)
	}
	// They think better of it: a yes after the no holds, and needs no new invite.
	must(t, ben.AnswerRequest(t.Context(), club.ID, cleo.id(), true))
	eventually(t, "Cleo is in", func() bool { return cleo.isIn(club.ID) })
	// Whoever was never asked for cannot be refused: a no to an offer is something else.
	if g := ben.group("Garden club"); g.State != social.GroupIn || g.Role != social.RoleAdmin {
		t.Errorf("Ben's group is %+v", g)
	}
}
