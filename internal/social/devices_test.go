package social_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/social"
)

// newEmptyHouse is a home that has not begun.
func newEmptyHouse(t *testing.T, name string) *house {
	t.Helper()
	h := &house{t: t, name: name, dir: t.TempDir(), now: time.Now, at: []string{"/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1"}}
	h.on()
	t.Cleanup(h.off)
	return h
}

// asks waits until a new device shows its number on both sides, and gives the link.
func asks(t *testing.T, old, fresh *house, id string) social.Link {
	t.Helper()
	var link social.Link
	eventually(t, fresh.name+" asks to be linked", func() bool {
		var err error
		link, err = old.LinkByID(t.Context(), id)
		must(t, err)
		linking, err := fresh.Linking(t.Context())
		must(t, err)
		return link.State == social.LinkAsking && linking.State == social.LinkingWaiting
	})
	linking, err := fresh.Linking(t.Context())
	must(t, err)
	if link.Number == "" || link.Number != linking.Number || len(link.Number) != 6 {
		t.Fatalf("the numbers are %q and %q", link.Number, linking.Number)
	}
	return link
}

// linkTo makes an empty home a further device of another's person.
func linkTo(t *testing.T, old *house, name string) *house {
	t.Helper()
	fresh := newEmptyHouse(t, name)
	link, err := old.Link(t.Context())
	must(t, err)
	_, err = fresh.JoinDevice(t.Context(), social.JoinOptions{Code: link.Code, Name: name})
	must(t, err)
	asks(t, old, fresh, link.ID)
	must(t, old.AnswerLink(t.Context(), link.ID, true))
	eventually(t, name+" is linked", func() bool {
		if linking, err := fresh.Linking(t.Context()); err != nil || linking.State == social.LinkingFailed {
			t.Fatal(err, linking)
		}
		started, err := fresh.Started(t.Context())
		must(t, err)
		return started
	})
	return fresh
}

func (h *house) reads(text string) bool { return slices.Contains(h.texts(), text) }

func (h *house) devices() map[string]social.Device {
	h.t.Helper()
	list, err := h.Devices(h.t.Context())
	must(h.t, err)
	byName := make(map[string]social.Device)
	for _, d := range list {
		byName[d.Name] = d
	}
	return byName
}

func code(err error) string {
	var told *social.Error
	if !errors.As(err, &told) {
		return ""
	}
	return told.Code
}

func TestALinkedDeviceIsTheSamePerson(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	ada.says("from the desk")
	ben.says("from Ben")
	eventually(t, "Ada reads Ben", func() bool { return ada.reads("Ben: from Ben") })

	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop has everything", func() bool {
		_, err := laptop.Audiences(t.Context()) // for the composer, which is there before the wall is
		must(t, err)
		return laptop.reads("Ada: from the desk") && laptop.reads("Ben: from Ben") && laptop.hasFriend("Ben")
	})
	eventually(t, "the desk tells of it", func() bool {
		notices, err := ada.Notices(t.Context())
		must(t, err)
		return len(notices) == 1 && strings.Contains(notices[0].Text, "“Laptop” is now one of your computers")
	})
	eventually(t, "both know both devices", func() bool {
		return len(laptop.devices()) == 2 && len(ada.devices()) == 2 && ada.devices()["Laptop"].Online
	})

	var post social.Post
	eventually(t, "the laptop can post", func() bool {
		var err error
		post, err = laptop.Publish(t.Context(), social.NewPost{Text: "from the sofa"})
		return err == nil
	})
	if post.Author.Name != "Ada" {
		t.Errorf("the laptop posts as %q", post.Author.Name)
	}
	eventually(t, "Ben reads the laptop", func() bool { return ben.reads("Ada: from the sofa") })
	eventually(t, "the desk reads the laptop", func() bool { return ada.reads("Ada: from the sofa") })

	// With the desk off, Ben and the laptop find each other.
	ada.off()
	ben.says("are you there?")
	eventually(t, "the laptop reads Ben without the desk", func() bool { return laptop.reads("Ben: are you there?") })
	laptop.says("yes, on the laptop")
	eventually(t, "Ben reads the laptop without the desk", func() bool { return ben.reads("Ada: yes, on the laptop") })
	ada.on()
	eventually(t, "the desk catches up", func() bool {
		return ada.reads("Ben: are you there?") && ada.reads("Ada: yes, on the laptop")
	})
}

// What one device changes of what is the person's, the other one has too.
func TestDevicesAgree(t *testing.T) {
	ada := newHouse(t, "Ada")
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop can write", func() bool {
		return laptop.EditProfile(t.Context(), social.ProfileEdit{Name: "Ada L.", About: "on two computers"}) == nil
	})
	eventually(t, "the desk has the new name", func() bool {
		p, err := ada.Profile(t.Context())
		must(t, err)
		return p.Name == "Ada L." && p.About == "on two computers"
	})

	// A friend made on the desk is one on the laptop, and unfriended there is none on the desk.
	ben := newHouse(t, "Ben")
	invite, err := ada.Invite(t.Context(), social.InviteOptions{LetIn: true, Label: "for Ben"})
	must(t, err)
	eventually(t, "the laptop lists the invite", func() bool {
		list, err := laptop.Invites(t.Context())
		must(t, err)
		return len(list) == 1 && list[0].Label == "for Ben"
	})
	_, err = ben.Accept(t.Context(), invite.Message)
	must(t, err)
	eventually(t, "Ben is a friend on both", func() bool { return ada.hasFriend("Ben") && laptop.hasFriend("Ben") })
	ben.says("hello to both")
	eventually(t, "Ada reads Ben", func() bool { return ada.reads("Ben: hello to both") })
	eventually(t, "the laptop reads Ben", func() bool { return laptop.reads("Ben: hello to both") })
	friends, err := laptop.Friends(t.Context())
	must(t, err)
	must(t, laptop.Unfriend(t.Context(), friends[0].ID))
	eventually(t, "Ben is a friend on neither", func() bool {
		return !ada.hasFriend("Ben") && !laptop.hasFriend("Ben") && !ben.hasFriend("Ada L.")
	})

	// The text of the draft follows, and goes when it is posted.
	must(t, ada.SaveDraft(t.Context(), social.DraftEdit{Text: "half a thought"}))
	eventually(t, "the laptop has the draft", func() bool {
		d, err := laptop.Draft(t.Context())
		must(t, err)
		return d.Text == "half a thought"
	})
	_, err = laptop.Publish(t.Context(), social.NewPost{Text: "half a thought, and the other half"})
	must(t, err)
	eventually(t, "the desk has no draft", func() bool {
		d, err := ada.Draft(t.Context())
		must(t, err)
		return d.Text == ""
	})
}

// A yes that is said on another device than the one that was asked is carried out there.
func TestAnInviteIsAnsweredOnTheOtherDevice(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	laptop := linkTo(t, ada, "Laptop")
	invite, err := ada.Invite(t.Context(), social.InviteOptions{})
	must(t, err)
	_, err = ben.Accept(t.Context(), invite.Message)
	must(t, err)
	eventually(t, "the laptop hears of Ben", func() bool {
		list, err := laptop.Invites(t.Context())
		must(t, err)
		return len(list) == 1 && list[0].State == social.InviteAsking
	})
	must(t, laptop.AnswerInvite(t.Context(), invite.ID, true))
	eventually(t, "Ben is a friend", func() bool { return ben.hasFriend("Ada") && ada.hasFriend("Ben") && laptop.hasFriend("Ben") })
}

func TestLinkingThatFails(t *testing.T) {
	ada := newHouse(t, "Ada")
	clock := time.Now()
	ada.off()
	ada.now = func() time.Time { return clock }
	ada.on()
	join := func(h *house, text string) string {
		t.Helper()
		_, err := h.JoinDevice(t.Context(), social.JoinOptions{Code: text})
		return code(err)
	}
	fails := func(h *house, part string) {
		t.Helper()
		eventually(t, "the linking fails", func() bool {
			l, err := h.Linking(t.Context())
			must(t, err)
			return l.State == social.LinkingFailed && strings.Contains(l.Detail, part)
		})
		if started, _ := h.Started(t.Context()); started {
			t.Error("a refused home has begun")
		}
		if n := len(ada.devices()); n != 1 {
			t.Errorf("Ada has %d devices", n)
		}
	}
	fresh := newEmptyHouse(t, "Fresh")
	link, err := ada.Link(t.Context())
	must(t, err)
	invite, err := ada.Invite(t.Context(), social.InviteOptions{})
	must(t, err)

	t.Run("not a code", func(t *testing.T) {
		for name, text := range map[string]string{
			"nothing": "", "chatter": "hello", "an invite": invite.Message, "garbled": link.Code[:len(link.Code)-4],
			"an invite under another name": strings.Replace(invite.Code, "kith1-", "kith-device1-", 1),
		} {
			if got := join(fresh, text); got != social.CodeBadInput {
				t.Errorf("%s: %q", name, got)
			}
		}
		if _, err := ada.Inspect(t.Context(), link.Code); code(err) != social.CodeBadInput || !strings.Contains(err.(*social.Error).Message, "links a computer") {
			t.Errorf("a device's code as an invite: %v", err)
		}
		if got := join(newHouse(t, "Begun"), link.Code); got != social.CodeBadInput {
			t.Errorf("a home that has begun: %q", got)
		}
	})
	t.Run("refused", func(t *testing.T) {
		if got := join(fresh, link.Link); got != "" {
			t.Fatal(got)
		}
		asks(t, ada, fresh, link.ID)
		must(t, ada.AnswerLink(t.Context(), link.ID, false))
		fails(fresh, "somebody said no")
		if err := ada.AnswerLink(t.Context(), link.ID, true); code(err) != social.CodeBadInput {
			t.Errorf("a yes after the no: %v", err)
		}
	})
	t.Run("used by another", func(t *testing.T) {
		link, err := ada.Link(t.Context())
		must(t, err)
		join(fresh, link.Code)
		asks(t, ada, fresh, link.ID)
		second := newEmptyHouse(t, "Second")
		join(second, link.Code)
		fails(second, "used by another computer")
		shown, err := ada.LinkByID(t.Context(), link.ID)
		must(t, err)
		if shown.Warning == "" || shown.State != social.LinkAsking || shown.Device == "Second" {
			t.Errorf("Ada is shown %+v", shown)
		}
	})
	t.Run("taken back by a newer one", func(t *testing.T) {
		first, err := ada.Link(t.Context())
		must(t, err)
		_, err = ada.Link(t.Context())
		must(t, err)
		join(fresh, first.Code)
		fails(fresh, "took the code back")
	})
	t.Run("expired", func(t *testing.T) {
		link, err := ada.Link(t.Context())
		must(t, err)
		clock = clock.Add(16 * time.Minute)
		join(fresh, link.Code) // whose clock is behind
		fails(fresh, "run out")
		fresh.off()
		fresh.now = func() time.Time { return clock }
		fresh.on()
		if got := join(fresh, link.Code); got != social.CodeExpired {
			t.Errorf("a code that has run out: %q", got)
		}
	})
}

// Either side may be switched off halfway.
func TestLinkingGoesOnAfterARestart(t *testing.T) {
	ada := newHouse(t, "Ada")
	ada.says("before")
	fresh := newEmptyHouse(t, "Laptop")
	link, err := ada.Link(t.Context())
	must(t, err)
	ada.off()
	_, err = fresh.JoinDevice(t.Context(), social.JoinOptions{Code: link.Code, Name: "Laptop"})
	must(t, err)
	time.Sleep(50 * time.Millisecond)
	ada.on()
	number := asks(t, ada, fresh, link.ID).Number
	fresh.off()
	ada.off()
	ada.on()
	fresh.on()
	if again := asks(t, ada, fresh, link.ID).Number; again != number {
		t.Errorf("the number was %s and is %s", number, again)
	}
	fresh.off()
	must(t, ada.AnswerLink(t.Context(), link.ID, true))
	ada.off()
	fresh.on()
	ada.on()
	eventually(t, "the laptop is linked", func() bool {
		started, err := fresh.Started(t.Context())
		must(t, err)
		return started && fresh.reads("Ada: before")
	})
}

func TestARemovedDevice(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop posts", func() bool {
		_, err := laptop.Publish(t.Context(), social.NewPost{Text: "while I could"})
		return err == nil
	})
	eventually(t, "all read it", func() bool { return ada.reads("Ada: while I could") && ben.reads("Ada: while I could") })
	if err := laptop.RemoveDevice(t.Context(), thisDevice(t, ada), ""); code(err) != social.CodeNotAllowed {
		t.Errorf("a younger device removes an older one: %v", err)
	}

	// A thief keeps the laptop off the network and writes on.
	ada.off()
	ben.off()
	laptop.says("written by a thief")
	laptop.off()
	ada.on()
	must(t, ada.RemoveDevice(t.Context(), ada.devices()["Laptop"].ID, ""))
	ada.says("after the removal")
	ben.on()
	eventually(t, "Ben reads on", func() bool { return ben.reads("Ada: after the removal") })
	laptop.on()
	eventually(t, "the laptop hears of it", func() bool {
		status, err := laptop.Status(t.Context())
		must(t, err)
		return status.Removed
	})
	if err := laptop.RenameDevice(t.Context(), thisDevice(t, laptop), "Mine now"); code(err) != social.CodeNotAllowed {
		t.Errorf("a removed device writes: %v", err)
	}
	if !laptop.reads("Ada: while I could") {
		t.Error("the laptop has lost what it had")
	}
	ben.says("still friends")
	eventually(t, "Ada reads Ben", func() bool { return ada.reads("Ben: still friends") })
	for _, h := range []*house{ada, ben} {
		if h.reads("Ada: written by a thief") {
			t.Errorf("%s reads the thief", h.name)
		}
		if !h.reads("Ada: while I could") {
			t.Errorf("%s has lost what was written before", h.name)
		}
	}
	if laptop.reads("Ada: after the removal") || laptop.reads("Ben: still friends") {
		t.Error("the laptop reads on")
	}
	if d := ada.devices()["Laptop"]; !d.Removed || d.Online {
		t.Errorf("the list shows %+v", d)
	}
}

// With the recovery words a younger device removes an older one: the first may have been the one that was stolen.
func TestTheWordsRemoveAnOlderDevice(t *testing.T) {
	ada, eve := newHouse(t, "Ada"), newHouse(t, "Eve")
	laptop := linkTo(t, ada, "Laptop")
	eventually(t, "the laptop has what the desk wrote", func() bool { return laptop.EditProfile(t.Context(), social.ProfileEdit{Name: "Ada"}) == nil })
	desk := thisDevice(t, ada)
	for name, words := range map[string]string{"somebody else's": eve.words(), "garbled": "one two three"} {
		if err := laptop.RemoveDevice(t.Context(), desk, words); code(err) != social.CodeBadInput {
			t.Errorf("with %s words: %v", name, err)
		}
	}
	if err := laptop.RemoveDevice(t.Context(), thisDevice(t, laptop), ada.words()); code(err) != social.CodeBadInput {
		t.Errorf("itself: %v", err)
	}
	must(t, laptop.RemoveDevice(t.Context(), desk, ada.words()))
	eventually(t, "the desk hears of it", func() bool {
		s, err := ada.Status(t.Context())
		must(t, err)
		return s.Removed
	})
	laptop.says("alone now")
	if _, err := ada.Publish(t.Context(), social.NewPost{Text: "by the thief"}); code(err) != social.CodeNotAllowed {
		t.Errorf("the desk writes: %v", err)
	}
}

// thisDevice is the ID of the device that a home is.
func thisDevice(t *testing.T, h *house) string {
	list, err := h.Devices(t.Context())
	must(t, err)
	for _, d := range list {
		if d.This {
			return d.ID
		}
	}
	t.Fatal("no device is this one")
	return ""
}
