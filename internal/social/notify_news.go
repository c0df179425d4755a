package social

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/sqlite"
)

const (
	// maxNews that are looked at: the newest answers. They fold into fewer.
	maxNews = 300
	// newsAge is how long news are listed, and comingAge how long it is told that somebody came.
	newsAge   = 90 * 24 * time.Hour
	comingAge = 30 * 24 * time.Hour
	// newsFaces of people are shown with news.
	newsFaces = 3
	// quoteLength of what news quote, in characters.
	quoteLength = 90
)

// newsroom keeps the news as they were last read, until anything changes.
type newsroom struct {
	mu         sync.Mutex
	generation uint64 // counts changes
	known      uint64 // the generation of list
	list       []News
}

// stale tells the room that something changed.
func (n *newsroom) stale() {
	n.mu.Lock()
	n.generation++
	n.mu.Unlock()
}

func (n *newsroom) read() (list []News, fresh bool, generation uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.list, n.list != nil && n.known == n.generation, n.generation
}

func (n *newsroom) keep(list []News, generation uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list, n.known = list, generation
}

// oneNews is a piece of news before it is folded.
type oneNews struct {
	News
	about  string // what it is folded by, besides the kind
	mark   newsMark
	author key.PersonID
}

// News lists what concerns the owner, what they have not seen first, then the newest first.
func (h *Home) News(ctx context.Context) ([]News, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	list, fresh, generation := h.newsroom.read()
	if fresh {
		return slices.Clone(list), nil
	}
	list, err := h.gatherNews(ctx)
	if err != nil {
		return nil, explain("look for news", err)
	}
	h.newsroom.keep(list, generation)
	return slices.Clone(list), nil
}

// UnreadNews is how much of the news the owner has not seen.
func (h *Home) UnreadNews(ctx context.Context) (int, error) {
	list, err := h.News(ctx)
	n := 0
	for i := range list {
		if list[i].Unread {
			n++
		}
	}
	return n, err
}

func (h *Home) gatherNews(ctx context.Context) ([]News, error) {
	wants, err := h.newsWants(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := h.newsSeen(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]oneNews, 0, maxNews)
	for _, source := range []func(context.Context, *newsWants) ([]oneNews, error){h.answersNews, h.postsNews, h.comingNews, h.safetyNews} {
		some, err := source(ctx, wants)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	var people []key.PersonID
	for i := range all {
		if !all[i].author.IsZero() {
			people = append(people, all[i].author)
		}
	}
	known, err := h.people(ctx, people)
	if err != nil {
		return nil, err
	}
	oldest := h.now().Add(-newsAge)
	all = slices.DeleteFunc(all, func(one oneNews) bool {
		return one.At.Before(oldest) || known[one.author].Blocked || known[one.author].Muted
	})
	slices.SortStableFunc(all, func(a, b oneNews) int { return b.At.Compare(a.At) })
	return foldNews(all, known, seen), nil
}

// foldNews makes one of what is about the same. What was seen and what was not stay apart.
func foldNews(all []oneNews, people map[key.PersonID]Person, seen seenMarks) []News {
	folded := make([]News, 0, len(all))
	at := make(map[string]int)
	who := make(map[string]bool)
	for i := range all {
		one := &all[i]
		one.Unread = !seen.has(one.mark)
		name := one.Kind + " " + one.about
		if one.Unread {
			name += " unread"
		}
		n, there := at[name]
		if !there {
			n = len(folded)
			at[name] = n
			one.ID = shortName(name)
			folded = append(folded, one.News)
		}
		f := &folded[n]
		f.marks = append(f.marks, one.mark)
		if one.author.IsZero() || who[name+one.author.String()] {
			continue
		}
		who[name+one.author.String()] = true
		f.Count++
		if len(f.People) < newsFaces {
			f.People = append(f.People, people[one.author])
		}
	}
	slices.SortStableFunc(folded, func(a, b News) int {
		if a.Unread != b.Unread {
			return cmp.Compare(btoi(b.Unread), btoi(a.Unread))
		}
		return b.At.Compare(a.At)
	})
	return folded
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shortName names something in few characters.
func shortName(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// answersNews is what others said and chose about what the owner wrote, and where they are named.
func (h *Home) answersNews(ctx context.Context, wants *newsWants) ([]oneNews, error) {
	answers, err := h.db.News(ctx, maxNews)
	if err != nil {
		return nil, err
	}
	see, err := h.sight(ctx)
	if err != nil {
		return nil, err
	}
	quiet, err := h.quietThreads(ctx)
	if err != nil {
		return nil, err
	}
	var list []oneNews
	for i := range answers {
		a := &answers[i]
		one, ok := answerNews(a, see.me)
		if !ok || quiet[one.Post] || see.hiddenPost(one.Post) || !wants.kind(one.Kind) {
			continue
		}
		if sees, err := see.sees(ctx, &a.Item); err != nil {
			return nil, err
		} else if !sees {
			continue
		}
		state, err := see.state(ctx, a.Space)
		if err != nil {
			return nil, err
		}
		if wants.place(state, see.me) == WantNothing {
			continue
		}
		list = append(list, one)
	}
	return list, nil
}

// answerNews tells what an answer is to the owner; false if it is nothing any more.
func answerNews(a *sqlite.News, me key.PersonID) (oneNews, bool) {
	one := oneNews{author: a.Author, mark: markOf(&a.Item)}
	one.At = a.At
	one.about = a.ID.String()
	ofMine := a.Target != nil && a.Target.Author == me
	switch it := a.Content.(type) {
	case content.Comment:
		one.Post, one.Comment, one.Quote = it.Post.String(), a.ID.String(), quote(it.Text)
		switch {
		case a.Named:
			one.Kind, one.Did = NewsMention, "mentioned you in a comment"
		case ofMine:
			one.Kind, one.Did, one.about = NewsComment, "commented on your post", one.Post
		case a.Talked && a.Target != nil:
			one.Kind, one.Did, one.about = NewsThread, "also commented on a post", one.Post
		default:
			return one, false
		}
		return one, true
	case content.Reaction:
		if !ofMine || it.Emoji == "" {
			return one, false
		}
		one.Kind, one.about = NewsReaction, it.Target.String()
		switch target := a.Target.Content.(type) {
		case content.Post:
			one.Post, one.Did, one.Quote = it.Target.String(), "reacted to your post", quote(target.Text)
		case content.Comment:
			one.Post, one.Comment, one.Did, one.Quote = target.Post.String(), it.Target.String(), "reacted to your comment", quote(target.Text)
		default:
			return one, false
		}
		return one, true
	case content.Post:
		one.Kind, one.Did, one.Post, one.Quote = NewsMention, "mentioned you in a post", a.ID.String(), quote(it.Text)
		return one, a.Named
	case content.Edit:
		if !a.Named || a.Target == nil {
			return one, false
		}
		one.Kind, one.Did, one.Quote = NewsMention, "mentioned you", quote(it.Text)
		one.Post, one.about = it.Target.String(), it.Target.String()
		if comment, ok := a.Target.Content.(content.Comment); ok {
			one.Post, one.Comment = comment.Post.String(), it.Target.String()
		}
		return one, true
	}
	return one, false
}

// quote gives the first words of a text, in one line.
func quote(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= quoteLength {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:quoteLength])) + "…"
}

// postsNews is new posts in the places of which the owner wants to hear everything.
func (h *Home) postsNews(ctx context.Context, wants *newsWants) ([]oneNews, error) {
	see, err := h.sight(ctx)
	if err != nil {
		return nil, err
	}
	var list []oneNews
	for id, want := range wants.places {
		if want.Want != WantAll {
			continue
		}
		query := sqlite.FeedQuery{Limit: feedPage}
		if person, err := key.ParsePersonID(id); err == nil && want.Person {
			query.Author = person
		} else if space, err := key.ParseSpaceID(id); err == nil && !want.Person {
			query.Space = space
		} else {
			continue
		}
		page, err := h.db.Feed(ctx, query)
		if err != nil {
			return nil, err
		}
		posts, err := see.filter(ctx, page.Posts, true)
		if err != nil {
			return nil, err
		}
		for i := range posts {
			post := &posts[i]
			text, _ := post.Content.(content.Post)
			if post.Author == see.me || post.At.Before(want.Since.Truncate(time.Second)) {
				continue
			}
			one := oneNews{author: post.Author, mark: markOf(post), about: post.ID.String()}
			one.Kind, one.At, one.Did, one.Quote, one.Post = NewsPost, post.At, "posted", quote(text.Text), post.ID.String()
			if one.Quote == "" {
				one.Did = "posted a photo"
			}
			list = append(list, one)
		}
	}
	return list, nil
}
