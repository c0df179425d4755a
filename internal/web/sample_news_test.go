package web_test

import (
	"context"
	"slices"
	"time"

	"kith/internal/social"
)

// sampleNews is the news of the home in memory.
type sampleNews struct {
	list     []social.News
	wishes   social.NewsWishes
	summary  social.Summary
	feedSeen time.Time
}

func (h *home) News(context.Context) ([]social.News, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.news.list), h.fail["News"]
}

func (h *home) UnreadNews(context.Context) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, news := range h.news.list {
		if news.Unread {
			n++
		}
	}
	return n, h.fail["UnreadNews"]
}

// arrives adds news at the top, as when somebody answers.
func (h *home) arrives(news social.News) {
	h.mu.Lock()
	defer h.mu.Unlock()
	news.Unread = true
	h.news.list = append([]social.News{news}, h.news.list...)
	h.tell(social.EventNews, "", "")
}

func (h *home) mark(method string, which func(*social.News) bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing(method); err != nil {
		return err
	}
	for i := range h.news.list {
		if which(&h.news.list[i]) {
			h.news.list[i].Unread = false
		}
	}
	h.tell(social.EventNews, "", "")
	return nil
}

func (h *home) MarkNews(_ context.Context, ids ...string) error {
	return h.mark("MarkNews", func(n *social.News) bool { return slices.Contains(ids, n.ID) })
}

func (h *home) MarkPostNews(_ context.Context, post string) error {
	return h.mark("MarkPostNews", func(n *social.News) bool { return n.Post == post })
}

func (h *home) MarkAllNews(context.Context) error {
	return h.mark("MarkAllNews", func(*social.News) bool { return true })
}

func (h *home) NewsWishes(context.Context) (social.NewsWishes, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return social.NewsWishes{Kinds: slices.Clone(h.news.wishes.Kinds), Places: slices.Clone(h.news.wishes.Places)}, h.fail["NewsWishes"]
}

func (h *home) WantNewsKind(_ context.Context, kind string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("WantNewsKind"); err != nil {
		return err
	}
	for i := range h.news.wishes.Kinds {
		if h.news.wishes.Kinds[i].Kind == kind {
			h.news.wishes.Kinds[i].On = on
		}
	}
	return nil
}

func (h *home) WantNewsOf(_ context.Context, place, want string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("WantNewsOf"); err != nil {
		return err
	}
	for i := range h.news.wishes.Places {
		if h.news.wishes.Places[i].ID == place {
			h.news.wishes.Places[i].Want = want
		}
	}
	return nil
}

func (h *home) Summary(context.Context) (social.Summary, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.news.summary, h.fail["Summary"]
}

func (h *home) PutAwaySummary(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("PutAwaySummary"); err != nil {
		return err
	}
	h.news.summary.Due = false
	h.tell(social.EventNews, "", "")
	return nil
}

func (h *home) FeedSeen(context.Context) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.news.feedSeen, h.fail["FeedSeen"]
}

func (h *home) MarkFeed(_ context.Context, post string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("MarkFeed"); err != nil {
		return err
	}
	p, err := h.find(post)
	if err == nil {
		h.news.feedSeen = p.At
	}
	return err
}

func (h *home) MuteThread(_ context.Context, post string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("MuteThread"); err != nil {
		return err
	}
	p, err := h.find(post)
	if err == nil {
		p.Quiet = on
		h.tell(social.EventChanged, post, "")
	}
	return err
}

func (h *home) HidePost(_ context.Context, post string, on bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("HidePost"); err != nil {
		return err
	}
	p, err := h.find(post)
	if err == nil {
		p.Hidden = on
		h.tell(social.EventHidden, post, "")
	}
	return err
}

func (h *home) QuietPosts(context.Context) (hidden, muted []social.Post, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range h.posts {
		if p.Hidden {
			hidden = append(hidden, *p)
		}
		if p.Quiet {
			muted = append(muted, *p)
		}
	}
	return hidden, muted, h.fail["QuietPosts"]
}

// busyFamily is the sample family with much to tell.
func busyFamily(now func() time.Time) *home {
	h := family(now)
	ben, at := h.people["ben"], now()
	var others []social.Person
	for _, id := range h.friends {
		others = append(others, h.people[id])
	}
	h.posts[1].Hidden, h.posts[2].Quiet = true, true
	h.news = sampleNews{
		list: []social.News{
			{ID: "n1", Kind: social.NewsComment, At: at.Add(-3 * time.Minute), Unread: true, People: others[:min(3, len(others))], Count: 5, Did: "commented on your post", Quote: "What a wind! Who held the camera?", Post: "sail"},
			{ID: "n2", Kind: social.NewsReaction, At: at.Add(-50 * time.Minute), Unread: true, People: []social.Person{ben}, Count: 1, Did: "reacted to your comment", Quote: "I bring the soup", Post: "tulips", Comment: "c1"},
			{ID: "n3", Kind: social.NewsNotice, At: at.Add(-2 * time.Hour), Unread: true, Did: "Ben came back with their recovery words, on another computer. If you did not expect that, ask them in person whether it was them."},
			{ID: "n4", Kind: social.NewsFriend, At: at.Add(-26 * time.Hour), People: []social.Person{ben}, Count: 1, Did: "and you are friends now", Person: "ben"},
			{ID: "n5", Kind: social.NewsRequest, At: at.Add(-30 * time.Hour), People: []social.Person{ben}, Count: 1, Did: "asks to join a group", Group: "club"},
			{ID: "n6", Kind: social.NewsThread, At: at.Add(-40 * time.Hour), People: others[:min(2, len(others))], Count: 2, Did: "also commented on a post", Quote: "العربية و English together, and a very long word: Donaudampfschifffahrtsgesellschaftskapitän", Post: "sail"},
		},
		wishes: social.NewsWishes{
			Kinds: []social.NewsKind{{Kind: social.NewsComment, On: true}, {Kind: social.NewsReaction}, {Kind: social.NewsMention, On: true}, {Kind: social.NewsFriend, On: true}},
			Places: []social.NewsPlace{{ID: "club", Name: "Garden club", Want: social.WantAll}, {ID: "class", Name: "Parents of class 4b at the school by the old mill", Want: social.WantNothing},
				{ID: "ben", Name: ben.Name, Person: true, Want: social.WantAnswers}},
		},
		summary:  social.Summary{Due: true, Since: at.Add(-24 * time.Hour), Posts: 4, Authors: []string{"Ben", "Grandma"}, Comments: 5, Reactions: 1},
		feedSeen: h.posts[2].At,
	}
	return h
}
