package social_test

import (
	"strings"
	"testing"

	"kith/internal/social"
)

// words are the recovery words of a home.
func (h *house) words() string {
	h.t.Helper()
	words, err := h.RecoveryWords(h.t.Context())
	must(h.t, err)
	return strings.Join(words, " ")
}

// helpFor makes the code by which a friend helps somebody back.
func (h *house) helpFor(name string) string {
	h.t.Helper()
	friends, err := h.Friends(h.t.Context())
	must(h.t, err)
	for _, f := range friends {
		if f.Name == name {
			help, err := h.Help(h.t.Context(), f.ID)
			must(h.t, err)
			return help.Code
		}
	}
	h.t.Fatalf("%s has no friend %s", h.name, name)
	return ""
}

// Everything is lost but the words and two friends, one of whom helps.
func TestRecoveryFromTheWords(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	laptop := linkTo(t, ada, "Laptop")
	post := ada.says("before the fire")
	ben.says("from Ben")
	cleoPost := cleo.says("from Cleo")
	eventually(t, "all have read it", func() bool {
		return ben.reads("Ada: before the fire") && cleo.reads("Ada: before the fire") && ada.reads("Cleo: from Cleo")
	})
	eventually(t, "the laptop posts", func() bool {
		_, err := laptop.Publish(t.Context(), social.NewPost{Text: "on the laptop"})
		return err == nil
	})
	_, err := ada.Comment(t.Context(), cleoPost.ID, "a comment of Ada's")
	must(t, err)
	eventually(t, "it has spread", func() bool {
		p, err := cleo.Post(t.Context(), cleoPost.ID)
		must(t, err)
		return ben.reads("Ada: on the laptop") && p.CommentCount == 1
	})
	words := ada.words()
	ada.off()
	laptop.off()

	back := newEmptyHouse(t, "Back")
	must(t, back.Recover(t.Context(), social.RecoverOptions{Words: strings.ToUpper(words), Help: "Here: " + ben.helpFor("Ada"), Name: "New"}))
	profile, err := back.Profile(t.Context())
	must(t, err)
	if profile.Name != "Ada" || profile.ID != post.Author.ID {
		t.Errorf("came back as %+v", profile)
	}
	eventually(t, "the wall is back", func() bool {
		return back.reads("Ada: before the fire") && back.reads("Ada: on the laptop") && back.reads("Ben: from Ben")
	})
	// Cleo's home is nowhere to be found on this network; her code leads there.
	must(t, back.Recover(t.Context(), social.RecoverOptions{Help: cleo.helpFor("Ada")}))
	eventually(t, "both friends are found again", func() bool {
		return back.hasFriend("Ben") && back.hasFriend("Cleo") && back.reads("Cleo: from Cleo")
	})
	eventually(t, "the earlier devices are removed", func() bool {
		removed := 0
		for _, d := range back.devices() {
			if d.Removed {
				removed++
			}
		}
		list, err := back.Devices(t.Context())
		must(t, err)
		r, err := back.Recovery(t.Context())
		must(t, err)
		return len(list) == 3 && list[1].Removed && list[2].Removed && !r.Returning && r.Confirmed && removed > 0
	})
	eventually(t, "the friends are told", func() bool {
		notices, err := cleo.Notices(t.Context())
		must(t, err)
		return len(notices) == 1 && strings.Contains(notices[0].Text, "Ada came back")
	})
	back.says("I am back")
	eventually(t, "both read on", func() bool { return ben.reads("Ada: I am back") && cleo.reads("Ada: I am back") })
	eventually(t, "the earlier comment is still there", func() bool {
		p, err := cleo.Post(t.Context(), cleoPost.ID)
		must(t, err)
		return p.CommentCount == 1 && cleo.reads("Ada: on the laptop") && ben.reads("Ada: before the fire")
	})

	// Whoever found the old computer gets nothing new, and hears why.
	ada.on()
	eventually(t, "the old computer hears of it", func() bool {
		s, err := ada.Status(t.Context())
		must(t, err)
		return s.Removed
	})
	if _, err := ada.Publish(t.Context(), social.NewPost{Text: "by the finder"}); code(err) != social.CodeNotAllowed {
		t.Errorf("the finder posts: %v", err)
	}
	if ada.reads("Ada: I am back") || ben.reads("Ada: by the finder") {
		t.Error("the finder reads or writes on")
	}
}

// Who comes back while an earlier device is still theirs, and keeps it, has both, and both agree.
func TestRecoveryBesideAnEarlierDevice(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	back := newEmptyHouse(t, "Back")
	must(t, back.Recover(t.Context(), social.RecoverOptions{Words: ada.words(), Help: ben.helpFor("Ada"), Name: "New", KeepDevices: true}))
	eventually(t, "both are there", func() bool { return len(ada.devices()) == 2 && len(back.devices()) == 2 && back.hasFriend("Ben") })
	eventually(t, "the new one can write", func() bool {
		return back.EditProfile(t.Context(), social.ProfileEdit{Name: "Ada the Second"}) == nil
	})
	eventually(t, "the new one changes the name on both", func() bool {
		p, err := ada.Profile(t.Context())
		must(t, err)
		return p.Name == "Ada the Second"
	})
	must(t, ada.EditProfile(t.Context(), social.ProfileEdit{Name: "Ada the Third"}))
	eventually(t, "the earlier one changes the name on both", func() bool {
		p, err := back.Profile(t.Context())
		must(t, err)
		return p.Name == "Ada the Third"
	})
	if r, err := back.Recovery(t.Context()); err != nil || r.Returning {
		t.Errorf("%v: the earlier device is to be removed", err)
	}
}

func TestRecoveryThatFails(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	words, help := ada.words(), ben.helpFor("Ada")
	back := newEmptyHouse(t, "Back")
	try := func(words, help string) error {
		t.Helper()
		err := back.Recover(t.Context(), social.RecoverOptions{Words: words, Help: help})
		if started, _ := back.Started(t.Context()); started {
			t.Fatal("a recovery that failed has begun a home")
		}
		return err
	}
	list := strings.Fields(words)
	list[0], list[1] = list[1], list[0]
	for name, c := range map[string]struct{ words, help, code, part string }{
		"too few":            {strings.Join(strings.Fields(words)[:11], " "), help, social.CodeBadInput, "twelve"},
		"no word":            {strings.Replace(words, strings.Fields(words)[3], "xyzzy", 1), help, social.CodeBadInput, "word number"},
		"an invite instead":  {words, "kith1-abc", social.CodeBadInput, "kith-help1-"},
		"garbled":            {words, help[:len(help)-3], social.CodeBadInput, "incomplete"},
		"of another person":  {ben.words(), help, social.CodeBadInput, "different people"},
		"of nobody's friend": {newHouse(t, "Eve").words(), "", social.CodeUnreachable, "No friend"},
	} {
		err := try(c.words, c.help)
		if code(err) != c.code || !strings.Contains(err.(*social.Error).Message, c.part) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(err.Error(), strings.Join(strings.Fields(words)[5:7], " ")) { // one alone may be in any sentence
			t.Errorf("%s: the error holds the words", name)
		}
	}
	if err := ada.Recover(t.Context(), social.RecoverOptions{Words: words, Help: help}); code(err) != social.CodeBadInput {
		t.Errorf("a home that has begun: %v", err)
	}
	ben.off()
	if err := try(words, help); code(err) != social.CodeUnreachable {
		t.Errorf("the friend is off: %v", err)
	}
}
