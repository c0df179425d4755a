package social_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"kith/internal/social"
)

// wantCode checks that an error is one that a person is told, with the code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var told *social.Error
	if !errors.As(err, &told) || told.Code != code {
		t.Fatalf("error is %v, and should be %q", err, code)
	}
	if told.Message == "" || !strings.HasSuffix(told.Message, ".") {
		t.Errorf("%q has no sentence for a person: %q", code, told.Message)
	}
}

func (h *house) invites(options social.InviteOptions) social.Invite {
	h.t.Helper()
	invite, err := h.Invite(h.t.Context(), options)
	must(h.t, err)
	return invite
}

func (h *house) inviteState(id string) string {
	h.t.Helper()
	invites, err := h.Invites(h.t.Context())
	must(h.t, err)
	for _, invite := range invites {
		if invite.ID == id {
			return invite.State
		}
	}
	h.t.Fatalf("%s has no invite %s", h.name, id)
	return ""
}

func (h *house) acceptance() social.Acceptance {
	h.t.Helper()
	list, err := h.Acceptances(h.t.Context())
	must(h.t, err)
	if len(list) == 0 {
		return social.Acceptance{}
	}
	return list[0]
}

func (h *house) accepts(text string) {
	h.t.Helper()
	_, err := h.Accept(h.t.Context(), text)
	must(h.t, err)
}

func TestTheInviterSaysYes(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	invite := ada.invites(social.InviteOptions{Label: "for Ben"})
	greeting, err := ben.Inspect(t.Context(), invite.Link)
	must(t, err)
	if greeting.Inviter.Name != "Ada" {
		t.Errorf("the invite is from %q", greeting.Inviter.Name)
	}
	ben.accepts(invite.Link)
	eventually(t, "Ada is asked", func() bool { return ada.inviteState(invite.ID) == social.InviteAsking })
	eventually(t, "Ben waits", func() bool { return ben.acceptance().State == social.AcceptanceWaiting })
	if ada.hasFriend("Ben") || ben.hasFriend("Ada") {
		t.Fatal("friends before Ada said yes")
	}
	invites, err := ada.Invites(t.Context())
	must(t, err)
	if who := invites[0].Who; who == nil || who.Name != "Ben" {
		t.Errorf("Ada is asked about %v", who)
	}
	must(t, ada.AnswerInvite(t.Context(), invite.ID, true))
	eventually(t, "both are friends", func() bool { return ada.hasFriend("Ben") && ben.hasFriend("Ada") })
	if state := ben.acceptance().State; state != social.AcceptanceDone {
		t.Errorf("Ben's acceptance is %q", state)
	}
	must(t, ada.AnswerInvite(t.Context(), invite.ID, true)) // saying yes twice changes nothing
}

func TestTheInviterSaysNo(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	invite := ada.invites(social.InviteOptions{})
	ben.accepts(invite.Code)
	eventually(t, "Ada is asked", func() bool { return ada.inviteState(invite.ID) == social.InviteAsking })
	must(t, ada.AnswerInvite(t.Context(), invite.ID, false))
	eventually(t, "Ben hears of it", func() bool { return ben.acceptance().State == social.AcceptanceFailed })
	if ada.hasFriend("Ben") || ben.hasFriend("Ada") {
		t.Error("friends all the same")
	}
	wantCode(t, ada.AnswerInvite(t.Context(), invite.ID, true), social.CodeBadInput)
}

func TestAnInviteWorksOnce(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	invite := ada.invites(social.InviteOptions{LetIn: true})
	ben.accepts(invite.Code)
	eventually(t, "Ben is in", func() bool { return ada.hasFriend("Ben") })
	_, err := cleo.Inspect(t.Context(), invite.Code)
	wantCode(t, err, social.CodeUsed)
	cleo.accepts(invite.Code)
	eventually(t, "Cleo is turned away", func() bool { return cleo.acceptance().State == social.AcceptanceFailed })
	invites, err := ada.Invites(t.Context())
	must(t, err)
	if invites[0].Warning == "" {
		t.Error("Ada is not warned that somebody else came with the invite")
	}
	if ada.hasFriend("Cleo") || cleo.hasFriend("Ada") {
		t.Error("Cleo got in")
	}
}

func TestExactlyOneOfManyGetsIn(t *testing.T) {
	ada := newHouse(t, "Ada")
	guests := []*house{newHouse(t, "Ben"), newHouse(t, "Cleo"), newHouse(t, "Dan")}
	invite := ada.invites(social.InviteOptions{LetIn: true})
	var race sync.WaitGroup
	for _, guest := range guests {
		race.Go(func() { guest.accepts(invite.Code) })
	}
	race.Wait()
	eventually(t, "each has an answer", func() bool {
		for _, guest := range guests {
			if state := guest.acceptance().State; state != social.AcceptanceDone && state != social.AcceptanceFailed {
				return false
			}
		}
		return true
	})
	friends, err := ada.Friends(t.Context())
	must(t, err)
	if len(friends) != 1 {
		t.Errorf("%d of three got in on one invite", len(friends))
	}
}

func TestAnInviteRunsOut(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	unused := ada.invites(social.InviteOptions{For: time.Hour})
	waiting := ada.invites(social.InviteOptions{For: time.Hour})
	ben.accepts(waiting.Code)
	eventually(t, "Ada is asked", func() bool { return ada.inviteState(waiting.ID) == social.InviteAsking })
	eventually(t, "Ben knows that he waits", func() bool { return ben.acceptance().State == social.AcceptanceWaiting })
	later := func() time.Time { return time.Now().Add(2 * time.Hour) }
	ada.off()
	ben.off()
	ada.now, ben.now = later, later
	ada.on()
	ben.on()
	eventually(t, "Ben hears that it ran out while he waited", func() bool {
		return ben.acceptance().State == social.AcceptanceFailed && strings.Contains(ben.acceptance().Detail, "before they said yes")
	})
	if state := ada.inviteState(waiting.ID); state != social.InviteExpired {
		t.Errorf("Ada's invite is %q", state)
	}
	wantCode(t, ada.AnswerInvite(t.Context(), waiting.ID, true), social.CodeExpired)
	_, err := ben.Accept(t.Context(), unused.Code)
	wantCode(t, err, social.CodeExpired)
}

func TestInvitesThatLeadNowhere(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	invite := ada.invites(social.InviteOptions{})
	_, err := ada.Accept(t.Context(), invite.Code)
	wantCode(t, err, social.CodeOwnInvite)
	_, err = ben.Accept(t.Context(), "hello, how are you?")
	wantCode(t, err, social.CodeBadInput)
	_, err = ben.Accept(t.Context(), invite.Code[:len(invite.Code)-9])
	wantCode(t, err, social.CodeBadInput)
	garbled := strings.Replace(invite.Code, invite.Code[40:43], "AAA", 1)
	_, err = ben.Accept(t.Context(), garbled)
	wantCode(t, err, social.CodeBadInput)

	must(t, ada.RevokeInvite(t.Context(), invite.ID))
	_, err = ben.Inspect(t.Context(), invite.Code)
	wantCode(t, err, social.CodeRevoked)
	ben.accepts(invite.Code)
	eventually(t, "Ben hears that it was taken back", func() bool { return ben.acceptance().State == social.AcceptanceFailed })

	befriend(t, ada, ben)
	second := ada.invites(social.InviteOptions{})
	_, err = ben.Accept(t.Context(), second.Code)
	wantCode(t, err, social.CodeAlreadyFriends)
	wantCode(t, ada.RevokeInvite(t.Context(), "nonsense"), social.CodeNotFound)
}

func TestBothInviteEachOtherAtOnce(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	fromAda, fromBen := ada.invites(social.InviteOptions{}), ben.invites(social.InviteOptions{})
	var both sync.WaitGroup
	both.Go(func() { ben.accepts(fromAda.Code) })
	both.Go(func() { ada.accepts(fromBen.Code) })
	both.Wait()
	eventually(t, "one friendship, without a yes from either", func() bool { return ada.hasFriend("Ben") && ben.hasFriend("Ada") })
	eventually(t, "both invites are spent", func() bool {
		return ada.inviteState(fromAda.ID) == social.InviteAccepted && ben.inviteState(fromBen.ID) == social.InviteAccepted
	})
	eventually(t, "both acceptances are done", func() bool {
		return ada.acceptance().State == social.AcceptanceDone && ben.acceptance().State == social.AcceptanceDone
	})
	ada.says("one wall each")
	eventually(t, "Ben reads it", func() bool { return len(ben.texts()) == 1 })
}

func TestTheInviterIsOff(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	invite := ada.invites(social.InviteOptions{LetIn: true})
	ada.off()
	_, err := ben.Inspect(t.Context(), invite.Code)
	wantCode(t, err, social.CodeUnreachable)
	ben.accepts(invite.Code)
	eventually(t, "Ben is told that kith keeps trying", func() bool {
		a := ben.acceptance()
		return a.State == social.AcceptanceTrying && strings.Contains(a.Detail, "keeps trying")
	})
	ben.off() // the acceptance is kept
	ben.on()
	ada.on()
	eventually(t, "they are friends after all", func() bool { return ada.hasFriend("Ben") && ben.hasFriend("Ada") })
}

func TestARestartInTheMiddleOfAnInvite(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	invite := ada.invites(social.InviteOptions{})
	ben.accepts(invite.Code)
	eventually(t, "Ada is asked", func() bool { return ada.inviteState(invite.ID) == social.InviteAsking })
	ben.off()
	ada.off()
	ada.on()
	must(t, ada.AnswerInvite(t.Context(), invite.ID, true)) // while Ben is off
	ada.off()
	ben.on()
	ada.on()
	eventually(t, "they are friends", func() bool { return ada.hasFriend("Ben") && ben.hasFriend("Ada") })
	ben.says("that took a while")
	eventually(t, "and read each other", func() bool { return len(ada.texts()) == 1 })
}
