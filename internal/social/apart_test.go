package social_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kith/internal/social"
)

func TestWhoWasOffCatchesUp(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	ben.off()
	for i := range 30 {
		ada.says(fmt.Sprint("while you were away ", i))
	}
	ben.on()
	eventually(t, "Ben has all thirty, newest first", func() bool {
		texts := ben.texts()
		return len(texts) == 30 && texts[0] == "Ada: while you were away 29" && texts[29] == "Ada: while you were away 0"
	})
	ada.off()
	ada.on()
	ada.says("and I am back as well")
	eventually(t, "Ben hears of Ada after her restart", func() bool {
		return slices.Contains(ben.texts(), "Ada: and I am back as well")
	})
}

// What Ada posted while Cleo was off reaches Cleo from Ben when Ada is off.
func TestAFriendHandsItOn(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	befriend(t, ben, cleo)
	ada.says("all three of us")
	eventually(t, "everybody has it", func() bool {
		return slices.Contains(ben.texts(), "Ada: all three of us") && slices.Contains(cleo.texts(), "Ada: all three of us")
	})
	cleo.off()
	post := ada.says("only Ben is here to hear this")
	eventually(t, "Ben has it", func() bool { return slices.Contains(ben.texts(), "Ada: only Ben is here to hear this") })
	ada.off()
	cleo.on()
	eventually(t, "Cleo has it from Ben", func() bool { return slices.Contains(cleo.texts(), "Ada: only Ben is here to hear this") })

	if _, err := cleo.Comment(t.Context(), post.ID, "got it through Ben"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Ben reads Cleo's comment on Ada's wall", func() bool { return commented(t, ben, post.ID, "got it through Ben") })
	cleo.off()
	ada.on()
	eventually(t, "Ada has Cleo's comment from Ben", func() bool { return commented(t, ada, post.ID, "got it through Ben") })
}

func commented(t *testing.T, h *house, post, text string) bool {
	t.Helper()
	p, err := h.Post(t.Context(), post)
	must(t, err)
	return slices.ContainsFunc(p.Comments, func(c social.Comment) bool { return c.Text == text })
}

// Cleo becomes a member of Ada's wall while Ben is off. When Ada is off and Ben meets Cleo, what Ada signed is enough:
// Ben takes Cleo's comment on Ada's wall.
func TestANewFriendMeetsAnOldOne(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ben, cleo)
	post := ada.says("who is here?")
	eventually(t, "Ben has the post", func() bool { return slices.Contains(ben.texts(), "Ada: who is here?") })
	ben.off()
	befriend(t, ada, cleo)
	eventually(t, "Cleo has the post", func() bool { return slices.Contains(cleo.texts(), "Ada: who is here?") })
	ada.off()
	if _, err := cleo.Comment(t.Context(), post.ID, "me, since today"); err != nil {
		t.Fatal(err)
	}
	ben.on()
	eventually(t, "Ben reads Cleo's comment on Ada's wall", func() bool { return commented(t, ben, post.ID, "me, since today") })
}

func personID(t *testing.T, h *house, name string) string {
	t.Helper()
	friends, err := h.Friends(t.Context())
	must(t, err)
	for _, friend := range friends {
		if friend.Name == name {
			return friend.ID
		}
	}
	t.Fatalf("%s has no friend %s", h.name, name)
	return ""
}

func TestUnfriend(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	ada.says("for friends")
	eventually(t, "Ben reads it", func() bool { return slices.Contains(ben.texts(), "Ada: for friends") })
	must(t, ada.Unfriend(t.Context(), personID(t, ada, "Ben")))
	eventually(t, "the friendship has ended on both sides", func() bool { return !ada.hasFriend("Ben") && !ben.hasFriend("Ada") })
	ada.says("not for Ben any more")
	ben.says("not for Ada any more")

	befriend(t, ada, ben)
	ada.says("friends again")
	eventually(t, "Ben reads what is written after they made up", func() bool { return slices.Contains(ben.texts(), "Ada: friends again") })
	eventually(t, "Ada reads Ben again", func() bool { return slices.Contains(ada.texts(), "Ben: not for Ada any more") })
	ada.says("and it goes on")
	post := ben.says("both ways")
	if _, err := ben.Comment(t.Context(), post.ID, "as before"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both ways", func() bool {
		return slices.Contains(ben.texts(), "Ada: and it goes on") && slices.Contains(ada.texts(), "Ben: both ways")
	})
}

// An old copy of a folder that is started again neither loses a post nor contradicts what was written since: it goes on
// in new logs, and gets back from a friend what it lacks.
func TestAnOldCopyOfTheFolder(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	ada.says("before the copy")
	eventually(t, "Ben has it", func() bool { return len(ben.texts()) == 1 })
	ada.off()
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(copied, os.DirFS(ada.dir)))
	ada.on()
	ada.says("after the copy")
	eventually(t, "Ben has that too", func() bool { return len(ben.texts()) == 2 })
	ada.off()
	ada.dir = copied
	ada.on()
	if !ada.node.Restored {
		t.Error("the home did not notice that its folder was copied")
	}
	ada.says("from the copy")
	all := []string{"Ada: from the copy", "Ada: after the copy", "Ada: before the copy"}
	eventually(t, "both have all three", func() bool {
		return sameTexts(ada.texts(), all) && sameTexts(ben.texts(), all)
	})
}

// sameTexts compares without regard to order: what is written within a second has none that a reader would mind.
func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
