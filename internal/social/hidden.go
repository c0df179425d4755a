package social

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// hiddenRecord says, in recordsMuted and recordsBlocked, that the owner does not want to see something of a person. It
// concerns nobody else: nothing of it is told. There are two of them, so that a mute on one device and a block on another
// are both kept.
type hiddenRecord struct {
	Since time.Time `json:"since"`
}

// hiddenPeople is whom the owner muted or blocked, by the person's ID.
type hiddenPeople struct{ mutes, blocks map[string]*hiddenRecord }

func (p hiddenPeople) blocked(id key.PersonID) bool { return p.blocks[id.String()] != nil }

func (p hiddenPeople) muted(id key.PersonID) bool { return p.mutes[id.String()] != nil }

// anyBlocked tells whether there is anybody of whom nothing is to be seen.
func (p hiddenPeople) anyBlocked() bool { return len(p.blocks) > 0 }

func (h *Home) hiddenPeople(ctx context.Context) (p hiddenPeople, err error) {
	if p.mutes, err = recordsByID[hiddenRecord](ctx, h.db, sqlite.Shared(recordsMuted)); err != nil {
		return p, err
	}
	p.blocks, err = recordsByID[hiddenRecord](ctx, h.db, sqlite.Shared(recordsBlocked))
	return p, err
}

// Mute keeps somebody's posts out of the owner's feed, or lets them in again. Their wall and the groups show them as
// before, and nobody is told.
func (h *Home) Mute(ctx context.Context, person string, on bool) error {
	return h.hide(ctx, recordsMuted, person, on)
}

// Block ends a friendship, if there is one, and hides everything that somebody writes: also in groups that both are in.
// Taking a block back shows it again, and makes nobody friends.
func (h *Home) Block(ctx context.Context, person string, on bool) error {
	if err := h.hide(ctx, recordsBlocked, person, on); err != nil || !on {
		return err
	}
	id, err := h.personID(person)
	if err != nil {
		return err
	}
	friend, err := h.isFriend(ctx, id)
	if err != nil {
		return explain("block somebody", err)
	}
	if !friend {
		return nil
	}
	return h.Unfriend(ctx, person)
}

// hide puts a person into one of the two collections, or takes them out of it.
func (h *Home) hide(ctx context.Context, collection, person string, on bool) error {
	me, err := h.me()
	if err != nil {
		return err
	}
	id, err := h.personID(person)
	if err != nil {
		return err
	}
	if id == me {
		return fail(CodeBadInput, "This is you. You can delete what you wrote, and nobody else is troubled by it.", nil)
	}
	if identity, err := h.node.Gate().Person(ctx, id); err != nil || identity == nil {
		return errNoPerson
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	var record hiddenRecord
	if is, err := h.shared(ctx, collection, id.String(), &record); err != nil || is == on {
		return explain("hide somebody", err)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if on {
			return h.share(w, collection, id.String(), &hiddenRecord{Since: h.now()})
		}
		return h.unshare(w, collection, id.String())
	})
	if err != nil {
		return explain("hide somebody", err)
	}
	h.feed.tell(Event{Kind: EventPerson, ID: id.String()})
	return nil
}

// Hidden lists whom the owner muted or blocked, by name.
func (h *Home) Hidden(ctx context.Context) ([]Person, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, explain("list whom you hide", err)
	}
	var ids []key.PersonID
	for _, collection := range []map[string]*hiddenRecord{records.mutes, records.blocks} {
		for text := range collection {
			if id, err := key.ParsePersonID(text); err == nil && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return nil, explain("list whom you hide", err)
	}
	list := make([]Person, 0, len(people))
	for _, person := range people {
		list = append(list, person)
	}
	slices.SortFunc(list, func(a, b Person) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

// sight decides which items the owner gets to see: not those of whom they blocked, in the feed not those of whom they
// muted, and no post by somebody who may not post where it is. This last is decided by the state of now and not when an
// item arrives, so that every home shows the same, whatever came first.
type sight struct {
	h      *Home
	hidden hiddenPeople
	posts  map[string]bool // hidden ones, by ID
	me     key.PersonID
	states map[key.SpaceID]*space.State
}

func (h *Home) sight(ctx context.Context) (*sight, error) {
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := h.idsOf(ctx, recordsUnseen)
	return &sight{h: h, hidden: hidden, posts: posts, me: h.node.Person(), states: make(map[key.SpaceID]*space.State)}, err
}

// hiddenPost tells whether the owner hid a post.
func (s *sight) hiddenPost(id string) bool { return len(s.posts) > 0 && s.posts[id] }

// state reads a space once.
func (s *sight) state(ctx context.Context, id key.SpaceID) (*space.State, error) {
	if state := s.states[id]; state != nil {
		return state, nil
	}
	state, err := s.h.node.Gate().State(ctx, id)
	if err != nil {
		return nil, err
	}
	s.states[id] = state
	return state, nil
}

// sees tells whether an item is to be shown at all.
func (s *sight) sees(ctx context.Context, item *sqlite.Item) (bool, error) {
	if s.hidden.blocked(item.Author) {
		return false, nil
	}
	if m, ok := item.Content.(content.Message); ok {
		return !faded(item, m, s.h.now()), nil
	}
	if item.Content.Kind() != content.KindPost && !isEvent(item) {
		return true, nil
	}
	state, err := s.state(ctx, item.Space)
	if err != nil {
		return false, err
	}
	publish := state.Create.Publish
	return publish <= state.Create.Post || mayAt(state, item, publish), nil
}

// filter keeps what is to be shown, without posts that the owner hid. quiet leaves out whom the owner muted, too.
func (s *sight) filter(ctx context.Context, items []sqlite.Item, quiet bool) ([]sqlite.Item, error) {
	kept := make([]sqlite.Item, 0, len(items))
	for i := range items {
		sees, err := s.sees(ctx, &items[i])
		if err != nil {
			return nil, err
		}
		if sees && !s.hiddenPost(items[i].ID.String()) && !(quiet && s.hidden.muted(items[i].Author)) {
			kept = append(kept, items[i])
		}
	}
	return kept, nil
}
