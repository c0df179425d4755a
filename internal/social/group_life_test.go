package social_test

import (
	"slices"
	"testing"

	"kith/internal/social"
)

// club is a group of Ada, Ben and Cleo, who are friends of one another; Ben is an admin.
func clubOfThree(t *testing.T, group social.NewGroup) (ada, ben, cleo *house, id string) {
	t.Helper()
	ada, ben, cleo = newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	befriend(t, ben, cleo)
	g := ada.makes(group)
	ada.adds(g.ID, ben)
	ada.adds(g.ID, cleo)
	must(t, ada.PromoteInGroup(t.Context(), g.ID, ben.id()))
	agree(t, g.ID, "Ada owner, Ben admin, Cleo member", ada, ben, cleo)
	return ada, ben, cleo, g.ID
}

// agree waits until all homes say the same of who is what in a group.
func agree(t *testing.T, group, roles string, houses ...*house) {
	t.Helper()
	for _, h := range houses {
		eventually(t, h.name+" sees "+roles+" and not "+h.roles(group), func() bool { return h.roles(group) == roles })
	}
}

func TestTheLifeOfAGroup(t *testing.T) {
	ada, ben, cleo, club := clubOfThree(t, social.NewGroup{Name: "Garden club"})
	ben.saysTo(club, "before")
	eventually(t, "Cleo reads it", func() bool { return slices.Contains(cleo.posts(club), "Ben: before") })

	// An admin may not touch the owner, and a member nobody.
	wantCode(t, ben.RemoveFromGroup(t.Context(), club, ada.id()), social.CodeNotAllowed)
	wantCode(t, cleo.RemoveFromGroup(t.Context(), club, ben.id()), social.CodeNotAllowed)
	wantCode(t, cleo.PromoteInGroup(t.Context(), club, cleo.id()), social.CodeNotAllowed)
	must(t, ben.EditGroup(t.Context(), club, social.GroupEdit{Name: "Gardeners"}))
	eventually(t, "an admin gives it another name", func() bool { return cleo.whole(club).Name == "Gardeners" })

	// A demotion loses no post, and nothing of what was said as an admin.
	must(t, ada.DemoteInGroup(t.Context(), club, ben.id()))
	agree(t, club, "Ada owner, Ben member, Cleo member", ada, ben, cleo)
	wantCode(t, ben.EditGroup(t.Context(), club, social.GroupEdit{Name: "Mine"}), social.CodeNotAllowed)
	ben.saysTo(club, "after")
	eventually(t, "Cleo reads both", func() bool {
		posts := cleo.posts(club)
		return slices.Contains(posts, "Ben: before") && slices.Contains(posts, "Ben: after") && cleo.whole(club).Name == "Gardeners"
	})

	must(t, ada.HandOverGroup(t.Context(), club, cleo.id()))
	agree(t, club, "Cleo owner, Ada admin, Ben member", ada, ben, cleo)
	wantCode(t, ada.CloseGroup(t.Context(), club), social.CodeNotAllowed)
	wantCode(t, ada.RemoveFromGroup(t.Context(), club, cleo.id()), social.CodeNotAllowed)
	ada.saysTo(club, "it is hers now")
	must(t, ada.LeaveGroup(t.Context(), club))
	agree(t, club, "Cleo owner, Ben member", ben, cleo)
	if g := ada.whole(club); g.State != social.GroupLeft {
		t.Errorf("Ada's group is %+v", g)
	}
	// Who left can be brought back.
	must(t, cleo.AddToGroup(t.Context(), club, ada.id()))
	agree(t, club, "Cleo owner, Ada member, Ben member", ada, ben, cleo)
	ada.saysTo(club, "hello again")
	eventually(t, "Ben reads what she says", func() bool { return slices.Contains(ben.posts(club), "Ada: hello again") })

	must(t, cleo.CloseGroup(t.Context(), club))
	for _, h := range []*house{ada, ben, cleo} {
		eventually(t, h.name+" hears that it is closed", func() bool { return h.whole(club).State == social.GroupClosed })
		_, err := h.Publish(t.Context(), social.NewPost{Text: "too late", To: club})
		wantCode(t, err, social.CodeNotAllowed)
		if !slices.Contains(h.posts(club), "Ada: it is hers now") {
			t.Errorf("%s has lost what was there", h.name)
		}
	}
}

func TestARemovedPersonIsTold(t *testing.T) {
	ada, ben, cleo, club := clubOfThree(t, social.NewGroup{Name: "Garden club"})
	ada.saysTo(club, "for all of us")
	eventually(t, "Cleo reads it", func() bool { return slices.Contains(cleo.posts(club), "Ada: for all of us") })
	// Ben, whom Cleo knows as an admin, takes her out while she is off, and Ada's home tells her.
	cleo.off()
	must(t, ben.RemoveFromGroup(t.Context(), club, cleo.id()))
	agree(t, club, "Ada owner, Ben admin", ada, ben)
	ben.off()
	ada.saysTo(club, "for the two of us")
	cleo.on()
	eventually(t, "Cleo is told", func() bool { return cleo.whole(club).State == social.GroupRemoved })
	if posts := cleo.posts(club); !slices.Contains(posts, "Ada: for all of us") || slices.Contains(posts, "Ada: for the two of us") {
		t.Errorf("Cleo has %q", posts)
	}
	_, err := cleo.Publish(t.Context(), social.NewPost{Text: "why?", To: club})
	wantCode(t, err, social.CodeNotAllowed)
	// She can come back, and then reads what she missed.
	must(t, ada.AddToGroup(t.Context(), club, cleo.id()))
	eventually(t, "Cleo is back", func() bool { return slices.Contains(cleo.posts(club), "Ada: for the two of us") })
}

// TestWhatARemovedPersonWroteMeanwhile removes somebody on the other side of a partition who goes on writing.
func TestWhatARemovedPersonWroteMeanwhile(t *testing.T) {
	ada, ben, cleo, club := clubOfThree(t, social.NewGroup{Name: "Garden club"})
	cleo.saysTo(club, "early")
	eventually(t, "Ada has it", func() bool { return slices.Contains(ada.posts(club), "Cleo: early") })
	ada.off()
	cleo.saysTo(club, "late")
	eventually(t, "Ben has what she wrote while Ada was off", func() bool { return slices.Contains(ben.posts(club), "Cleo: late") })
	ben.off()
	cleo.off()
	ada.on()
	must(t, ada.RemoveFromGroup(t.Context(), club, cleo.id()))
	ben.on()
	agree(t, club, "Ada owner, Ben admin", ada, ben)
	for _, h := range []*house{ada, ben} {
		eventually(t, h.name+" has what she wrote before, and nothing else", func() bool {
			posts := h.posts(club)
			return slices.Contains(posts, "Cleo: early") && !slices.Contains(posts, "Cleo: late")
		})
	}
}

// TestTwoAdminsAtOnce lets two admins do opposite things on the two sides of a partition. Whichever side is heard first,
// everybody ends with the same.
func TestTwoAdminsAtOnce(t *testing.T) {
	for name, adaFirst := range map[string]bool{"the owner is heard first": true, "the admin is heard first": false} {
		t.Run(name, func(t *testing.T) {
			ada, ben, cleo, club := clubOfThree(t, social.NewGroup{Name: "Garden club"})
			dora := newHouse(t, "Dora")
			befriend(t, ben, dora)
			for _, h := range []*house{ada, ben, cleo} {
				h.off()
			}
			// Ben alone: makes Cleo an admin, brings in Dora, gives it a name.
			ben.on()
			must(t, ben.PromoteInGroup(t.Context(), club, cleo.id()))
			must(t, ben.AddToGroup(t.Context(), club, dora.id()))
			must(t, ben.EditGroup(t.Context(), club, social.GroupEdit{Name: "Ben's club"}))
			ben.off()
			// Ada alone: takes Ben out, and gives it another name.
			ada.on()
			must(t, ada.RemoveFromGroup(t.Context(), club, ben.id()))
			must(t, ada.EditGroup(t.Context(), club, social.GroupEdit{Name: "Ada's club"}))
			ada.off()
			// The senior's removal holds on every side, and with it goes what Ben did meanwhile.
			first, second := ada, ben
			if !adaFirst {
				first, second = ben, ada
			}
			first.on()
			cleo.on()
			if adaFirst {
				agree(t, club, "Ada owner, Cleo member", cleo)
			} else {
				eventually(t, "Cleo hears of Ben's side first", func() bool { return cleo.whole(club).Role == social.RoleAdmin })
			}
			second.on()
			agree(t, club, "Ada owner, Cleo member", ada, cleo)
			for _, h := range []*house{ada, cleo} {
				eventually(t, h.name+" calls it Ada's club", func() bool { return h.whole(club).Name == "Ada's club" })
			}
			eventually(t, "Ben is told", func() bool { return ben.whole(club).State == social.GroupRemoved })
			if g := cleo.whole(club); g.MayManage || g.Role != social.RoleMember {
				t.Errorf("Cleo's part in it is %+v", g)
			}
		})
	}
}

func TestWhatNewcomersRead(t *testing.T) {
	for _, history := range []string{social.HistoryAll, social.HistoryJoining} {
		t.Run(history, func(t *testing.T) {
			ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
			befriend(t, ada, ben)
			befriend(t, ada, cleo)
			befriend(t, ben, cleo)
			club := ada.makes(social.NewGroup{Name: "Garden club", History: history, Invites: social.ForEveryone}).ID
			ada.adds(club, ben)
			ada.saysTo(club, "before Cleo")
			eventually(t, "Ben reads it", func() bool { return slices.Contains(ben.posts(club), "Ada: before Cleo") })
			// Ada is off: Ben, a member, brings Cleo in, and hands her the key.
			ada.off()
			ben.adds(club, cleo)
			ben.saysTo(club, "after Cleo")
			eventually(t, "Cleo reads what comes after her", func() bool { return slices.Contains(cleo.posts(club), "Ben: after Cleo") })
			cleo.saysTo(club, "hello")
			eventually(t, "Ben reads what she writes", func() bool { return slices.Contains(ben.posts(club), "Cleo: hello") })
			ada.on()
			eventually(t, "Ada reads all of it", func() bool {
				posts := ada.posts(club)
				return slices.Contains(posts, "Ben: after Cleo") && slices.Contains(posts, "Cleo: hello")
			})
			ada.saysTo(club, "welcome")
			eventually(t, "Cleo reads Ada", func() bool { return slices.Contains(cleo.posts(club), "Ada: welcome") })
			if history == social.HistoryAll {
				eventually(t, "Cleo reads what came before her", func() bool { return slices.Contains(cleo.posts(club), "Ada: before Cleo") })
			} else if slices.Contains(cleo.posts(club), "Ada: before Cleo") {
				t.Error("Cleo reads what came before her")
			}
		})
	}
}

func TestAGroupInWhichAdminsPost(t *testing.T) {
	ada, ben, cleo, club := clubOfThree(t, social.NewGroup{Name: "News", Posts: social.ForAdmins})
	post := ben.saysTo(club, "an announcement")
	eventually(t, "Cleo reads it", func() bool { return slices.Contains(cleo.posts(club), "Ben: an announcement") })
	_, err := cleo.Publish(t.Context(), social.NewPost{Text: "me too", To: club})
	wantCode(t, err, social.CodeNotAllowed)
	if _, err := cleo.Comment(t.Context(), post.ID, "thank you"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ada reads Cleo's comment", func() bool {
		p, err := ada.Post(t.Context(), post.ID)
		return err == nil && len(p.Comments) == 1
	})
	must(t, ada.DemoteInGroup(t.Context(), club, ben.id()))
	agree(t, club, "Ada owner, Ben member, Cleo member", ada, ben, cleo)
	_, err = ben.Publish(t.Context(), social.NewPost{Text: "one more", To: club})
	wantCode(t, err, social.CodeNotAllowed)
	for _, h := range []*house{ada, ben, cleo} {
		if !slices.Contains(h.posts(club), "Ben: an announcement") {
			t.Errorf("%s has lost what Ben announced as an admin", h.name)
		}
	}
}
