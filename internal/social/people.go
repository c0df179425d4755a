package social

import (
	"context"
	"errors"
	"slices"

	"kith/internal/content"
	"kith/internal/key"
)

// unnamed is shown for somebody whose card has not arrived.
const unnamed = "Someone"

// personID reads the ID of a person as pages use it.
func (h *Home) personID(text string) (key.PersonID, error) {
	id, err := key.ParsePersonID(text)
	if err != nil {
		return id, errNoPerson
	}
	return id, nil
}

var errNoPerson = fail(CodeNotFound, "This person is not known on this computer.", nil)

// Person is somebody whom this home knows: the owner, a friend, or somebody on a friend's wall or in a group of
// the owner's.
func (h *Home) Person(ctx context.Context, text string) (Person, error) {
	if _, err := h.me(); err != nil {
		return Person{}, err
	}
	id, err := h.personID(text)
	if err != nil {
		return Person{}, err
	}
	identity, err := h.node.Gate().Person(ctx, id)
	if err != nil {
		return Person{}, explain("find a person", err)
	}
	if identity == nil {
		return Person{}, errNoPerson
	}
	people, err := h.people(ctx, []key.PersonID{id})
	if err != nil {
		return Person{}, explain("find a person", err)
	}
	return people[id], nil
}

// people makes views of people, by the newest card that is here of each.
func (h *Home) people(ctx context.Context, ids []key.PersonID) (map[key.PersonID]Person, error) {
	slices.SortFunc(ids, func(a, b key.PersonID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	cards, err := h.db.Cards(ctx, ids)
	if err != nil {
		return nil, err
	}
	seen, err := h.db.LastSeen(ctx, ids)
	if err != nil {
		return nil, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	people := make(map[key.PersonID]Person, len(ids))
	for _, id := range ids {
		p := Person{ID: id.String(), Name: unnamed, Me: id == h.node.Person(), LastSeen: seen[id]}
		card, ok := cards[id]
		if !ok {
			if card, ok, err = h.metCard(ctx, id); err != nil {
				return nil, err
			}
		}
		if !ok && p.Me { // linked a moment ago, and the card is on its way
			if mine, err := h.profile(ctx); err == nil {
				card, ok = mine.card(), true
			}
		}
		if ok {
			p.Name, p.About, p.Birthday = card.Name, card.About, card.Birthday
			if len(card.Picture) > 0 {
				p.Picture = facePath(id)
			}
		}
		p.Muted, p.Blocked = hidden.muted(id), hidden.blocked(id)
		if p.Verified, err = h.shared(ctx, recordsVerified, id.String(), &verifiedRecord{}); err != nil {
			return nil, err
		}
		p.Online = p.Me || h.node.Online(id)
		if !p.Me {
			if p.Friend, err = h.isFriend(ctx, id); err != nil {
				return nil, err
			}
		}
		people[id] = p
	}
	return people, nil
}

// metCard is the card of somebody of whom nothing has arrived yet, as they showed it when we met.
func (h *Home) metCard(ctx context.Context, id key.PersonID) (content.Card, bool, error) {
	raw, err := h.face(ctx, id)
	if err != nil {
		return content.Card{}, false, err
	}
	if raw == nil {
		var record friendRecord
		if _, err := h.shared(ctx, recordsFriends, id.String(), &record); err != nil {
			return content.Card{}, false, err
		}
		raw = record.Card
	}
	if raw == nil {
		return content.Card{}, false, nil
	}
	item, err := content.Decode(raw)
	if errors.Is(err, content.ErrMalformed) {
		return content.Card{}, false, nil
	}
	card, ok := item.(content.Card)
	return card, ok, err
}
