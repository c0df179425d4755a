package social_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kith/internal/social"
)

// news writes the news of a kind as "who did: quote", with a star where they are unread; all kinds for "".
func (h *house) news(kind string) []string {
	h.t.Helper()
	list, err := h.News(h.t.Context())
	must(h.t, err)
	var lines []string
	for _, n := range list {
		if kind != "" && n.Kind != kind {
			continue
		}
		var names []string
		for _, p := range n.People {
			names = append(names, p.Name)
		}
		line := fmt.Sprintf("%s(%d) %s", strings.Join(names, ","), n.Count, n.Did)
		if n.Quote != "" {
			line += ": " + n.Quote
		}
		if n.Unread {
			line = "*" + line
		}
		lines = append(lines, line)
	}
	return lines
}

// hears waits until the news of a kind are these.
func (h *house) hears(kind string, want ...string) {
	h.t.Helper()
	var got []string
	defer func() {
		if h.t.Failed() {
			h.t.Logf("%s hears %q", h.name, got)
		}
	}()
	eventually(h.t, fmt.Sprintf("%s hears %q", h.name, want), func() bool {
		got = h.news(kind)
		return slices.Equal(got, want)
	})
}

func (h *house) unread() int {
	h.t.Helper()
	n, err := h.UnreadNews(h.t.Context())
	must(h.t, err)
	return n
}

func (h *house) comments(post, text string) social.Comment {
	h.t.Helper()
	var comment social.Comment
	eventually(h.t, h.name+" comments", func() bool {
		var err error
		comment, err = h.Comment(h.t.Context(), post, text)
		return err == nil
	})
	return comment
}

func (h *house) reacts(target string) {
	h.t.Helper()
	eventually(h.t, h.name+" reacts", func() bool { return h.React(h.t.Context(), target, "❤️") == nil })
}

func TestNewsOfAnswers(t *testing.T) {
	ada, ben, cleo := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo")
	befriend(t, ada, ben)
	befriend(t, ada, cleo)
	post := ada.says("the boat is ready")
	ben.comments(post.ID, "at last")
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: at last")
	eventually(t, "Cleo reads what Ben said", func() bool { return commented(t, cleo, post.ID, "at last") })
	cleo.comments(post.ID, "congratulations")
	ada.hears(social.NewsComment, "*Cleo,Ben(2) commented on your post: congratulations")
	ben.hears(social.NewsThread, "*Cleo(1) also commented on a post: congratulations")
	if lines := cleo.news(social.NewsThread); len(lines) > 0 {
		t.Errorf("Cleo hears of what stood there before she came: %q", lines)
	}
	ben.reacts(post.ID)
	cleo.reacts(post.ID)
	ada.hears(social.NewsReaction, "*Cleo,Ben(2) reacted to your post: the boat is ready")

	// A reaction that is taken back is no news, nor is what one does oneself.
	must(t, ben.React(t.Context(), post.ID, ""))
	ada.hears(social.NewsReaction, "*Cleo(1) reacted to your post: the boat is ready")
	mine := ada.comments(post.ID, "thank you")
	ada.hears(social.NewsComment, "*Cleo,Ben(2) commented on your post: congratulations")
	ben.reacts(mine.ID)
	eventually(t, "Ada hears of the reaction to her comment", func() bool {
		return slices.Contains(ada.news(social.NewsReaction), "*Ben(1) reacted to your comment: thank you")
	})

	// A muted thread is quiet, and comes back as it was.
	must(t, ada.MuteThread(t.Context(), post.ID, true))
	ada.hears(social.NewsComment)
	ada.hears(social.NewsReaction)
	must(t, ada.MuteThread(t.Context(), post.ID, false))
	ada.hears(social.NewsComment, "*Cleo,Ben(2) commented on your post: congratulations")

	// Of whom one mutes or blocks nothing is told.
	must(t, ada.Mute(t.Context(), cleo.me, true))
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: at last")
	must(t, ada.Mute(t.Context(), cleo.me, false))

	// What is erased leaves no news.
	comments, err := ada.Post(t.Context(), post.ID)
	must(t, err)
	must(t, ada.Delete(t.Context(), comments.Comments[1].ID))
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: at last")
	must(t, ada.Delete(t.Context(), post.ID))
	ada.hears(social.NewsComment)
	ada.hears(social.NewsReaction)
	ben.hears(social.NewsThread)
}

func TestNewsAreCountedOnceOnAllDevices(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	first, second := ada.says("the boat is ready"), ada.says("who rows?")
	ben.comments(first.ID, "at last")
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: at last")
	must(t, ada.MarkAllNews(t.Context()))
	ada.hears(social.NewsComment, "Ben(1) commented on your post: at last")

	laptop := linkTo(t, ada, "Laptop")
	laptop.hears(social.NewsComment, "Ben(1) commented on your post: at last")
	ben.comments(second.ID, "I do")
	ben.comments(first.ID, "she looks fine")
	both := []string{"*Ben(1) commented on your post: she looks fine", "*Ben(1) commented on your post: I do", "Ben(1) commented on your post: at last"}
	for _, device := range []*house{ada, laptop} {
		eventually(t, device.name+" hears of both", func() bool {
			lines := device.news(social.NewsComment)
			slices.Sort(lines)
			return slices.Equal(lines, both[:2:2]) || slices.Equal(lines, sorted(both))
		})
	}

	// Reading on one device clears it on the other: a single post first, and with both devices apart nothing is lost.
	must(t, laptop.MarkPostNews(t.Context(), second.ID))
	eventually(t, "the desk knows that it was read on the laptop", func() bool {
		return slices.Contains(ada.news(social.NewsComment), "Ben(1) commented on your post: I do")
	})
	laptop.off()
	must(t, ada.MarkPostNews(t.Context(), first.ID))
	ada.off()
	laptop.on()
	must(t, laptop.MarkAllNews(t.Context()))
	ada.on()
	for _, device := range []*house{ada, laptop} {
		eventually(t, device.name+" has read everything", func() bool {
			for _, line := range device.news(social.NewsComment) {
				if strings.HasPrefix(line, "*") {
					return false
				}
			}
			return len(device.news(social.NewsComment)) > 0
		})
	}
	ben.comments(second.ID, "at six?")
	for _, device := range []*house{ada, laptop} {
		eventually(t, device.name+" hears of the new one alone", func() bool {
			lines := device.news(social.NewsComment)
			return len(lines) > 0 && lines[0] == "*Ben(1) commented on your post: at six?" && !strings.HasPrefix(lines[1], "*")
		})
	}
	must(t, ada.MarkAllNews(t.Context()))
	eventually(t, "the count is nought on the laptop", func() bool { return laptop.unread() == 0 })
	// Marking what is marked writes nothing.
	before := entries(t, ada)
	must(t, ada.MarkAllNews(t.Context()))
	must(t, ada.MarkPostNews(t.Context(), second.ID))
	if after := entries(t, ada); after != before {
		t.Errorf("%d entries after marking nothing, %d before", after, before)
	}
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return lines
}

func entries(t *testing.T, h *house) int {
	t.Helper()
	status, err := h.Status(t.Context())
	must(t, err)
	return status.Entries
}

func TestOfWhatOneWantsToHear(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Rowing club"})
	ada.adds(club.ID, ben)
	ben.hears(social.NewsJoined, "*(0) You are in the group “Rowing club” now.")
	ada.hears(social.NewsFriend, "*Ben(1) and you are friends now")

	ada.saysTo(club.ID, "before you asked")
	eventually(t, "Ben has it", func() bool { return slices.Contains(ben.posts(club.ID), "Ada: before you asked") })
	ben.hears(social.NewsPost)
	must(t, ben.WantNewsOf(t.Context(), club.ID, social.WantAll))
	post := ada.saysTo(club.ID, "we row on Sunday")
	eventually(t, "Ben hears of every post", func() bool {
		return slices.Contains(ben.news(social.NewsPost), "*Ada(1) posted: we row on Sunday")
	})
	must(t, ben.WantNewsOf(t.Context(), ada.me, social.WantAll))
	ada.says("a swan")
	eventually(t, "Ben hears of every post of Ada's", func() bool {
		return slices.Contains(ben.news(social.NewsPost), "*Ada(1) posted: a swan")
	})

	ben.comments(post.ID, "count me in")
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: count me in")
	must(t, ada.WantNewsOf(t.Context(), club.ID, social.WantNothing))
	ada.hears(social.NewsComment)
	must(t, ada.WantNewsOf(t.Context(), club.ID, social.WantAnswers))
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: count me in")
	must(t, ada.WantNewsKind(t.Context(), social.NewsComment, false))
	ada.hears(social.NewsComment)
	must(t, ada.WantNewsKind(t.Context(), social.NewsComment, true))
	ada.hears(social.NewsComment, "*Ben(1) commented on your post: count me in")

	for name, err := range map[string]error{
		"a kind that there is not": ada.WantNewsKind(t.Context(), "nonsense", false),
		"a kind that is told":      ada.WantNewsKind(t.Context(), social.NewsNotice, false),
		"a wish that there is not": ada.WantNewsOf(t.Context(), club.ID, "much"),
	} {
		if code(err) != social.CodeBadInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ada.WantNewsOf(t.Context(), "nowhere", social.WantAll); code(err) != social.CodeNotFound {
		t.Errorf("a place that there is not: %v", err)
	}

	summary, err := ben.Summary(t.Context())
	must(t, err)
	if !summary.Due || summary.Posts != 3 || !slices.Equal(summary.Authors, []string{"Ada"}) {
		t.Errorf("the summary is %+v", summary)
	}
	must(t, ben.PutAwaySummary(t.Context()))
	if summary, err = ben.Summary(t.Context()); err != nil || summary.Due {
		t.Errorf("put away, it is %+v, %v", summary, err)
	}
}

func TestAHiddenPost(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	post := ada.says("a swan")
	eventually(t, "Ben reads it", func() bool { return ben.reads("Ada: a swan") })
	must(t, ben.MarkFeed(t.Context(), post.ID))
	laptop := linkTo(t, ben, "Laptop")
	eventually(t, "the laptop reads it", func() bool { return laptop.reads("Ada: a swan") })
	eventually(t, "the laptop knows how far the feed was read", func() bool {
		seen, err := laptop.FeedSeen(t.Context())
		must(t, err)
		return seen.Equal(post.At)
	})
	must(t, ben.HidePost(t.Context(), post.ID, true))
	must(t, ben.HidePost(t.Context(), post.ID, true)) // again is nothing
	for _, device := range []*house{ben, laptop} {
		eventually(t, "it is hidden on "+device.name, func() bool { return !device.reads("Ada: a swan") })
	}
	if !ada.reads("Ada: a swan") {
		t.Error("it is hidden from its author")
	}
	hidden, muted, err := laptop.QuietPosts(t.Context())
	must(t, err)
	if len(hidden) != 1 || hidden[0].ID != post.ID || len(muted) != 0 {
		t.Errorf("hidden are %v, muted %v", hidden, muted)
	}
	must(t, laptop.HidePost(t.Context(), post.ID, false))
	eventually(t, "it is back", func() bool { return ben.reads("Ada: a swan") })
	if err := ada.HidePost(t.Context(), post.ID, true); code(err) != social.CodeBadInput {
		t.Errorf("one's own post: %v", err)
	}
	if err := ada.HidePost(t.Context(), "nothing", true); code(err) != social.CodeNotFound {
		t.Errorf("no post: %v", err)
	}
	if err := ada.MarkFeed(t.Context(), "nothing"); code(err) != social.CodeNotFound {
		t.Errorf("no post: %v", err)
	}
}
