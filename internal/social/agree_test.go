package social_test

import (
	"slices"
	"testing"

	"kith/internal/social"
)

// person finds somebody among those whom a home hides; nil if they are not hidden.
func (h *house) hides(id string) *social.Person {
	h.t.Helper()
	list, err := h.Hidden(h.t.Context())
	must(h.t, err)
	for _, p := range list {
		if p.ID == id {
			return &p
		}
	}
	return nil
}

func (h *house) lists() map[string]social.FriendList {
	h.t.Helper()
	list, err := h.Lists(h.t.Context())
	must(h.t, err)
	byName := make(map[string]social.FriendList)
	for _, l := range list {
		byName[l.Name] = l
	}
	return byName
}

// TestDevicesAgreeOnWhomTheyHide mutes on one device and blocks on the other while they cannot hear each other: both hold.
func TestDevicesAgreeOnWhomTheyHide(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	must(t, ada.Mute(t.Context(), ben.id(), true))
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "a device that is linked later hides whom the first one does", func() bool {
		p := laptop.hides(ben.id())
		return p != nil && p.Muted && !p.Blocked
	})
	ben.says("a little loud")
	eventually(t, "the laptop has what Ben says on his wall, and not in the feed", func() bool {
		wall, err := laptop.Wall(t.Context(), ben.id(), "", 10)
		return err == nil && len(wall.Posts) == 1 && !laptop.reads("Ben: a little loud")
	})
	must(t, laptop.Mute(t.Context(), ben.id(), false))
	eventually(t, "the desk shows Ben again", func() bool { return ada.hides(ben.id()) == nil && ada.reads("Ben: a little loud") })

	ada.off()
	must(t, laptop.Mute(t.Context(), cleo.id(), true))
	laptop.off()
	ada.on()
	must(t, ada.Block(t.Context(), cleo.id(), true))
	laptop.on()
	for _, h := range []*house{ada, laptop} {
		eventually(t, h.name+" has both", func() bool {
			p := h.hides(cleo.id())
			return p != nil && p.Muted && p.Blocked && !h.hasFriend("Cleo")
		})
	}
	must(t, laptop.Block(t.Context(), cleo.id(), false))
	eventually(t, "the desk keeps only the mute", func() bool { p := ada.hides(cleo.id()); return p != nil && p.Muted && !p.Blocked })
}

// TestDevicesAgreeOnLists changes lists of friends on either device.
func TestDevicesAgreeOnLists(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	family, err := ada.CreateList(t.Context(), "Family", 3, []string{ben.id()})
	must(t, err)
	ada.saysTo(social.ToOnlyMe, "a note to myself")
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop has the list as it is", func() bool {
		l := laptop.lists()["Family"]
		return l.Hue == 3 && len(l.Members) == 1 && l.Members[0].Name == "Ben"
	})
	eventually(t, "the laptop knows who can read the note", func() bool {
		feed, err := laptop.Feed(t.Context(), "", 10)
		must(t, err)
		return len(feed.Posts) == 1 && feed.Posts[0].Audience.Kind == social.AudienceOnlyMe
	})
	// The list that nobody is on is one for both.
	note := laptop.saysTo(social.ToOnlyMe, "another one")
	eventually(t, "both notes are in one place", func() bool {
		feed, err := ada.Feed(t.Context(), "", 10)
		must(t, err)
		return len(feed.Posts) == 2 && feed.Posts[0].Audience.Space == feed.Posts[1].Audience.Space && note.Audience.Space == feed.Posts[0].Audience.Space
	})
	_, err = laptop.EditList(t.Context(), family.ID, "Kin", 5, []string{ben.id()})
	must(t, err)
	eventually(t, "the desk has the new name and colour", func() bool { return ada.lists()["Kin"].Hue == 5 && len(ada.lists()) == 1 })
	laptop.saysTo(family.ID, "from the sofa, for kin")
	eventually(t, "Ben reads it", func() bool { return ben.reads("Ada: from the sofa, for kin") })
	eventually(t, "the desk shows for whom it was", func() bool {
		feed, err := ada.Feed(t.Context(), "", 10)
		must(t, err)
		i := slices.IndexFunc(feed.Posts, func(p social.Post) bool { return p.Text == "from the sofa, for kin" })
		return i >= 0 && feed.Posts[i].Audience.Name == "Kin"
	})
	must(t, ada.DeleteList(t.Context(), family.ID))
	eventually(t, "it is gone on the laptop", func() bool { return len(laptop.lists()) == 0 })
}

// TestDevicesAgreeOnGroups joins, declines and leaves on one device what the other heard of as well.
func TestDevicesAgreeOnGroups(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	laptop := linkTo(t, ben, "Laptop")
	eventually(t, "the laptop knows Ada", func() bool { return laptop.hasFriend("Ada") })
	club := ada.makes(social.NewGroup{Name: "Garden club", About: "Be kind."})
	choir := ada.makes(social.NewGroup{Name: "Choir"})
	offered := func(h *house, id string) bool {
		offers, err := h.Offers(t.Context())
		must(t, err)
		return slices.ContainsFunc(offers, func(o social.Offered) bool { return o.Group.ID == id })
	}
	for _, id := range []string{club.ID, choir.ID} {
		must(t, ada.AddToGroup(t.Context(), id, ben.id()))
		eventually(t, "one of Ben's computers is asked", func() bool { return offered(ben, id) || offered(laptop, id) })
		asked := ben
		if !offered(ben, id) {
			asked = laptop
		}
		must(t, asked.AnswerOffer(t.Context(), id, id == club.ID))
	}
	for _, h := range []*house{ben, laptop} {
		eventually(t, h.name+" is in the club, and not in the choir", func() bool {
			return h.isIn(club.ID) && !offered(h, club.ID) && !offered(h, choir.ID) && h.group("Choir").State == ""
		})
	}
	eventually(t, "Ada's home takes Ben out of the choir", func() bool { return ada.roles(choir.ID) == "Ada owner" })
	for _, h := range []*house{ben, laptop} {
		eventually(t, h.name+" can post there", func() bool {
			_, err := h.Publish(t.Context(), social.NewPost{Text: "hello from " + h.name, To: club.ID})
			return err == nil
		})
	}
	eventually(t, "Ada reads both of Ben's computers", func() bool {
		posts := ada.posts(club.ID)
		return slices.Contains(posts, "Ben: hello from Ben") && slices.Contains(posts, "Ben: hello from Laptop")
	})
	must(t, laptop.LeaveGroup(t.Context(), club.ID))
	for _, h := range []*house{ben, laptop} {
		eventually(t, h.name+" has left", func() bool { return h.whole(club.ID).State == social.GroupLeft })
	}
	// Brought back, both are in again.
	must(t, ada.AddToGroup(t.Context(), club.ID, ben.id()))
	for _, h := range []*house{ben, laptop} {
		eventually(t, h.name+" is back", func() bool { return h.isIn(club.ID) })
	}
}

// TestARequestIsKnownOnBothDevices asks to join on one device; that one goes off, and the other hears the yes.
func TestARequestIsKnownOnBothDevices(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	laptop := linkTo(t, ben, "Laptop")
	club := ada.makes(social.NewGroup{Name: "Garden club", About: "Be kind."})
	ben.accepts(ada.groupInvite(club.ID, social.InviteApproval).Code)
	for _, h := range []*house{ben, laptop} {
		eventually(t, h.name+" shows the group as on its way", func() bool {
			g := h.group("Garden club")
			return g.State == social.GroupComing && g.About == "Be kind."
		})
	}
	must(t, ada.AnswerRequest(t.Context(), club.ID, ben.id(), true))
	eventually(t, "Ben is in", func() bool { return ben.isIn(club.ID) })
	eventually(t, "the laptop is in", func() bool { return laptop.isIn(club.ID) })
}
