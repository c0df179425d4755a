package social

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// recordsWants is of what the owner wants to hear: by the ID of a group or a person, or "kind/" and a kind of news.
const recordsWants = "news-wants"

const wantsOfKind = "kind/"

// wantRecord is how much.
type wantRecord struct {
	Want   string    `json:"want"` // WantAll, …
	Person bool      `json:"person,omitempty"`
	Since  time.Time `json:"since"`
}

// newsKinds can be switched off. The first of each stands for all of them.
var newsKinds = [][]string{
	{NewsComment, NewsThread}, {NewsReaction}, {NewsMention}, {NewsFriend, NewsAsk, NewsOffer, NewsRequest, NewsJoined},
}

// newsWants is of what the owner wants to hear.
type newsWants struct {
	off    map[string]bool // kinds
	places map[string]*wantRecord
}

func (h *Home) newsWants(ctx context.Context) (*newsWants, error) {
	records, err := recordsByID[wantRecord](ctx, h.db, sqlite.Shared(recordsWants))
	if err != nil {
		return nil, err
	}
	w := &newsWants{off: make(map[string]bool), places: make(map[string]*wantRecord)}
	for id, record := range records {
		kind, isKind := strings.CutPrefix(id, wantsOfKind)
		if !isKind {
			w.places[id] = record
			continue
		}
		for _, kinds := range newsKinds {
			if kinds[0] == kind && record.Want == WantNothing {
				for _, k := range kinds {
					w.off[k] = true
				}
			}
		}
	}
	return w, nil
}

// kind tells whether news of a kind are wanted.
func (w *newsWants) kind(kind string) bool { return !w.off[kind] }

// place tells how much is wanted of a space: of a group, or of somebody's wall and lists. Of the owner's own everything that
// concerns them is.
func (w *newsWants) place(state *space.State, me key.PersonID) string {
	id := state.ID.String()
	switch state.Create.Kind {
	case space.Group, space.Chat:
	default:
		if state.Create.Owner == me {
			return WantAnswers
		}
		id = state.Create.Owner.String()
	}
	if record := w.places[id]; record != nil {
		return record.Want
	}
	return WantAnswers
}

// NewsWishes tells of what the owner wants to hear: of which kinds, and how much of each group and each friend.
func (h *Home) NewsWishes(ctx context.Context) (NewsWishes, error) {
	wants, err := h.newsWants(ctx)
	if err != nil {
		return NewsWishes{}, explain("look what you want to hear of", err)
	}
	var wishes NewsWishes
	for _, kinds := range newsKinds {
		wishes.Kinds = append(wishes.Kinds, NewsKind{Kind: kinds[0], On: wants.kind(kinds[0])})
	}
	add := func(place NewsPlace) {
		place.Want = WantAnswers
		if record := wants.places[place.ID]; record != nil {
			place.Want = record.Want
		}
		wishes.Places = append(wishes.Places, place)
	}
	groups, err := h.Groups(ctx)
	if err != nil {
		return NewsWishes{}, err
	}
	for i := range groups {
		if groups[i].State == GroupIn {
			add(NewsPlace{ID: groups[i].ID, Name: groups[i].Name})
		}
	}
	friends, err := h.Friends(ctx)
	if err != nil {
		return NewsWishes{}, err
	}
	for i := range friends {
		add(NewsPlace{ID: friends[i].ID, Name: friends[i].Name, Person: true})
	}
	return wishes, nil
}

// WantNewsKind switches a kind of news on or off.
func (h *Home) WantNewsKind(ctx context.Context, kind string, on bool) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if !slices.ContainsFunc(newsKinds, func(kinds []string) bool { return kinds[0] == kind }) {
		return fail(CodeBadInput, "There is no such kind of news. Nothing was changed.", nil)
	}
	want := WantNothing
	if on {
		want = WantAll
	}
	return h.want(ctx, wantsOfKind+kind, &wantRecord{Want: want, Since: h.now()})
}

// WantNewsOf says how much the owner wants to hear of a group or a person.
func (h *Home) WantNewsOf(ctx context.Context, place, want string) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if !slices.Contains([]string{WantAll, WantAnswers, WantNothing}, want) {
		return fail(CodeBadInput, "Choose everything, only answers to you, or nothing. Nothing was changed.", nil)
	}
	wishes, err := h.NewsWishes(ctx)
	if err != nil {
		return err
	}
	for _, known := range wishes.Places {
		if known.ID != place {
			continue
		}
		if known.Want == want {
			return nil
		}
		return h.want(ctx, place, &wantRecord{Want: want, Person: known.Person, Since: h.now()})
	}
	return fail(CodeNotFound, "You are in no such group, and have no such friend. Nothing was changed.", nil)
}

func (h *Home) want(ctx context.Context, id string, record *wantRecord) error {
	if err := h.shareNow(ctx, recordsWants, id, record); err != nil {
		return explain("change what you hear of", err)
	}
	h.feed.tell(Event{Kind: EventNews})
	return nil
}
