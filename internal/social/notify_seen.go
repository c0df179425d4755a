package social

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/sqlite"
)

// What the owner has seen, on all their devices. Every device writes marks of its own and reads those of all: something was
// seen if it was on any of them. So no mark is lost, whatever order they arrive in, and none has to be taken back.
const (
	recordsSeen     = "seen"      // by device and space ("device/space"), or "device/here" for what is no entry
	recordsFeedSeen = "feed-seen" // by device
	recordsDay      = "day"       // one record, of the same name: the day on which the summary was put away last
)

// seenHere takes the place of the space for news that are not entries.
const seenHere = "here"

// maxOnes bounds the marks of single news in a record: they fit into an entry twice.
const maxOnes = 400

// seenRecord is what was seen of a space on one device.
type seenRecord struct {
	Upto map[string]uint64 `json:"upto,omitempty"` // by log: everything up to this number
	Ones []string          `json:"ones,omitempty"` // beyond that, the newest last
}

// feedSeenRecord is how far the feed was read on one device.
type feedSeenRecord struct {
	At time.Time `json:"at"` // of the newest post that was there to be read
}

// dayRecord is a day at this home, "2006-01-02".
type dayRecord struct {
	Day string `json:"day"`
}

// newsMark is how a piece of news is told apart from others, on every device.
type newsMark struct {
	space string // or seenHere
	log   string
	seq   uint64
	id    string
}

// markOf is the mark of an entry.
func markOf(item *sqlite.Item) newsMark {
	return newsMark{space: item.Space.String(), log: item.Log.String(), seq: item.Seq, id: item.ID.String()[:16]}
}

// markHere is the mark of what is no entry.
func markHere(name string) newsMark { return newsMark{space: seenHere, id: shortName(name)} }

// seenMarks is what was seen on any device, by space.
type seenMarks map[string]*seenSpace

type seenSpace struct {
	upto map[string]uint64
	ones map[string]bool
}

func (s seenMarks) has(mark newsMark) bool {
	space := s[mark.space]
	return space != nil && (space.ones[mark.id] || mark.log != "" && mark.seq <= space.upto[mark.log])
}

func (h *Home) newsSeen(ctx context.Context) (seenMarks, error) {
	records, err := recordsByID[seenRecord](ctx, h.db, sqlite.Shared(recordsSeen))
	if err != nil {
		return nil, err
	}
	seen := make(seenMarks)
	for id, record := range records {
		_, name, _ := strings.Cut(id, "/")
		space := seen[name]
		if space == nil {
			space = &seenSpace{make(map[string]uint64), make(map[string]bool)}
			seen[name] = space
		}
		for log, seq := range record.Upto {
			space.upto[log] = max(space.upto[log], seq)
		}
		for _, one := range record.Ones {
			space.ones[one] = true
		}
	}
	return seen, nil
}

// MarkNews marks news as seen on all of the owner's devices. IDs that are not among the news any more are passed over.
func (h *Home) MarkNews(ctx context.Context, ids ...string) error {
	return h.markNews(ctx, func(n *News) bool { return slices.Contains(ids, n.ID) }, false)
}

// MarkPostNews marks the news about a post as seen: the owner is reading it.
func (h *Home) MarkPostNews(ctx context.Context, post string) error {
	return h.markNews(ctx, func(n *News) bool { return n.Post != "" && n.Post == post }, false)
}

// MarkAllNews marks everything as seen that there is now.
func (h *Home) MarkAllNews(ctx context.Context) error {
	return h.markNews(ctx, func(*News) bool { return true }, true)
}

func (h *Home) markNews(ctx context.Context, which func(*News) bool, all bool) error {
	h.marking.Lock()
	defer h.marking.Unlock()
	list, err := h.News(ctx)
	if err != nil {
		return err
	}
	bySpace := make(map[string][]newsMark)
	for i := range list {
		if list[i].Unread && which(&list[i]) {
			for _, mark := range list[i].marks {
				bySpace[mark.space] = append(bySpace[mark.space], mark)
			}
		}
	}
	if len(bySpace) == 0 {
		return nil
	}
	changed := make(map[string]*seenRecord)
	for name, marks := range bySpace {
		id := h.node.Device().ID().String() + "/" + name
		record := &seenRecord{}
		if _, err := h.shared(ctx, recordsSeen, id, record); err != nil {
			return explain("mark news", err)
		}
		record.mark(marks, all)
		changed[id] = record
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		for id, record := range changed {
			if err := h.share(w, recordsSeen, id, record); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return explain("mark news", err)
	}
	h.feed.tell(Event{Kind: EventNews})
	return nil
}

// mark adds marks to a record: one by one, or, with all, as the end of each log up to which everything was seen.
func (r *seenRecord) mark(marks []newsMark, all bool) {
	for _, mark := range marks {
		if all && mark.log != "" {
			if r.Upto == nil {
				r.Upto = make(map[string]uint64)
			}
			r.Upto[mark.log] = max(r.Upto[mark.log], mark.seq)
		} else if !slices.Contains(r.Ones, mark.id) {
			r.Ones = append(r.Ones, mark.id)
		}
	}
	if all && marks[0].log != "" {
		r.Ones = nil // all of them lie before the ends
	}
	r.Ones = r.Ones[max(0, len(r.Ones)-maxOnes):]
}

// FeedSeen is when the newest post was written that the owner had before them on any device; zero if never.
func (h *Home) FeedSeen(ctx context.Context) (time.Time, error) {
	records, err := recordsByID[feedSeenRecord](ctx, h.db, sqlite.Shared(recordsFeedSeen))
	if err != nil {
		return time.Time{}, explain("look how far the feed was read", err)
	}
	var seen time.Time
	for _, record := range records {
		if record.At.After(seen) {
			seen = record.At
		}
	}
	return seen, nil
}

// MarkFeed tells that the owner has the feed before them, from this post on. It says so to their other devices, unless that
// is nothing new.
func (h *Home) MarkFeed(ctx context.Context, post string) error {
	item, err := h.item(ctx, post)
	if err != nil {
		return err
	}
	if _, ok := item.Content.(content.Post); !ok {
		return errNoPost
	}
	h.marking.Lock()
	defer h.marking.Unlock()
	if seen, err := h.FeedSeen(ctx); err != nil || !item.At.After(seen) {
		return err
	}
	err = h.shareNow(ctx, recordsFeedSeen, h.node.Device().ID().String(), &feedSeenRecord{At: item.At})
	return explain("mark how far the feed was read", err)
}

// summaryDay is what the summary looks back on, summaryPosts how many posts it counts at most.
const (
	summaryDay   = 24 * time.Hour
	summaryPosts = maxFeedPage
)

// Summary tells in figures what happened in the last day.
func (h *Home) Summary(ctx context.Context) (Summary, error) {
	s := Summary{Since: h.now().Add(-summaryDay)}
	list, err := h.News(ctx)
	if err != nil {
		return s, err
	}
	for i := range list {
		if list[i].At.Before(s.Since) {
			continue
		}
		switch list[i].Kind {
		case NewsComment, NewsThread, NewsMention:
			s.Comments += len(list[i].marks)
		case NewsReaction:
			s.Reactions += len(list[i].marks)
		case NewsPost, NewsNotice: // the one is counted below, the other stands there
		default:
			s.Others++
		}
	}
	see, err := h.sight(ctx)
	if err != nil {
		return s, explain("look back on the day", err)
	}
	page, err := h.db.Feed(ctx, sqlite.FeedQuery{Limit: summaryPosts})
	if err != nil {
		return s, explain("look back on the day", err)
	}
	posts, err := see.filter(ctx, page.Posts, true)
	if err != nil {
		return s, explain("look back on the day", err)
	}
	var authors []key.PersonID
	for i := range posts {
		if posts[i].Author == see.me || posts[i].At.Before(s.Since) {
			continue
		}
		s.Posts++
		if !slices.Contains(authors, posts[i].Author) {
			authors = append(authors, posts[i].Author)
		}
	}
	people, err := h.people(ctx, slices.Clone(authors))
	if err != nil {
		return s, explain("look back on the day", err)
	}
	for _, author := range authors {
		s.Authors = append(s.Authors, people[author].Name)
	}
	var day dayRecord
	if _, err := h.shared(ctx, recordsDay, recordsDay, &day); err != nil {
		return s, explain("look back on the day", err)
	}
	s.Due = s.Posts+s.Comments+s.Reactions+s.Others > 0 && day.Day != h.today()
	return s, nil
}

func (h *Home) today() string { return h.now().Local().Format("2006-01-02") }

// PutAwaySummary has the summary come again tomorrow, on every device.
func (h *Home) PutAwaySummary(ctx context.Context) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if err := h.shareNow(ctx, recordsDay, recordsDay, &dayRecord{Day: h.today()}); err != nil {
		return explain("put the summary away", err)
	}
	h.feed.tell(Event{Kind: EventNews})
	return nil
}
