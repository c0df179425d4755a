package social_test

import (
	"slices"
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
