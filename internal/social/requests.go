package social

import (
	"context"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// asking is somebody who asks to join a group, as its members know it.
type asking struct {
	content.Asking
	id oplog.EntryID
	by key.PersonID // whose invite they came with
	at time.Time
}

// maxRequests bounds the list of those who ask to join.
const maxRequests = 200

// newestAskings gives, for every person who ever asked to join a group, the newest word on it: their request, or a no.
func (h *Home) newestAskings(ctx context.Context, state *space.State) (map[key.PersonID]asking, error) {
	items, err := h.db.Askings(ctx, state.ID)
	if err != nil {
		return nil, err
	}
	newest := make(map[key.PersonID]asking)
	for i := range items {
		item := &items[i]
		word, ok := item.Content.(content.Asking)
		if !ok || word.Answered && !mayAt(state, item, state.Create.Invite) {
			continue
		}
		if _, newer := newest[word.Person]; !newer {
			newest[word.Person] = asking{word, item.ID, item.Author, item.At}
		}
	}
	return newest, nil
}

// asking lists who asks to join a group and has no answer, first come first.
func (h *Home) asking(ctx context.Context, state *space.State) ([]asking, error) {
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return nil, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	var list []asking
	for person, word := range newest {
		if word.Answered || state.Role(person) != 0 || hidden.blocked(person) {
			continue
		}
		if identity, err := h.node.Gate().Person(ctx, person); err != nil {
			return nil, err
		} else if identity != nil { // else they cannot be let in so far: it is on its way
			list = append(list, word)
		}
	}
	slices.SortFunc(list, func(a, b asking) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return slices.Compare(a.Person[:], b.Person[:])
	})
	return list[:min(len(list), maxRequests)], nil
}

func (h *Home) requests(ctx context.Context, state *space.State) ([]Request, error) {
	words, err := h.asking(ctx, state)
	if err != nil {
		return nil, err
	}
	var ids []key.PersonID
	for _, word := range words {
		ids = append(ids, word.by, word.Person)
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Request, 0, len(words))
	for _, word := range words {
		person := people[word.Person]
		if person.Name == unnamed {
			person.Name = word.Name
		}
		if person.Picture == "" && len(word.Picture) > 0 {
			person.Picture = picturePath + "asking." + state.ID.String() + "-" + word.Person.String()
		}
		list = append(list, Request{Person: person, By: people[word.by], Since: word.at})
	}
	return list, nil
}

// Requests lists who asks to join any of the groups in which the owner may answer, by the ID of the group.
func (h *Home) Requests(ctx context.Context) (map[string][]Request, error) {
	groups, err := h.Groups(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]Request)
	for _, group := range groups {
		if group.Waiting == 0 {
			continue
		}
		state, err := h.groupState(ctx, group.ID)
		if err != nil {
			return nil, err
		}
		if all[group.ID], err = h.requests(ctx, state); err != nil {
			return nil, explain("list requests", err)
		}
	}
	return all, nil
}

// AnswerRequest says yes or no to somebody who asks to join a group. Anybody may who may bring people in; the first yes
// counts, and a no only as long as nobody has said yes.
func (h *Home) AnswerRequest(ctx context.Context, group, person string, yes bool) error {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return err
	}
	id, err := h.personID(person)
	if err != nil {
		return err
	}
	switch {
	case state.Closed:
		return errClosed
	case state.Role(h.node.Person()) < state.Create.Invite || state.Role(h.node.Person()) == 0:
		return fail(CodeNotAllowed, "Only those who may bring people into this group can answer.", nil)
	case state.Role(id) != 0 && yes:
		return nil
	case state.Role(id) != 0:
		return fail(CodeBadInput, "Somebody else has let them in already. You can take them out again on the group's page.", nil)
	}
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return explain("answer a request", err)
	}
	word, asked := newest[id]
	if !asked || word.Answered && !yes {
		return fail(CodeNotFound, "This person does not ask to join any more. Perhaps somebody else has answered them.", nil)
	}
	err = h.changeGroup(ctx, state.ID, "answer a request", func(w *ingest.Writing) error {
		if yes {
			if err := addMember(w, state.ID, id, space.Writer); err != nil {
				return err
			}
		}
		return settle(w, state.ID, word)
	})
	if err != nil {
		return err
	}
	h.teller.about(id)
	if !yes {
		h.teller.everybody() // their home is hardly connected: it is looked for first
		return nil
	}
	return explain("look for them", h.node.LookFor(ctx, id, word.Places))
}

// settle writes down that somebody who asked to join has their answer. Where their home was seen is kept for those who are to
// bring it.
func settle(w *ingest.Writing, id key.SpaceID, word asking) error {
	_, err := w.Items(id, content.Asking{Person: word.Person, Name: word.Name, Places: word.Places, Answered: true})
	return err
}

// askFor writes down, for all who may answer, that somebody wants to join a group.
func (h *Home) askFor(ctx context.Context, w *ingest.Writing, id key.SpaceID, person key.PersonID, card []byte) error {
	item, err := content.Decode(card)
	if err != nil {
		return err
	}
	c, ok := item.(content.Card)
	if !ok {
		return content.ErrMalformed
	}
	places, err := h.node.PlacesOf(ctx, person, content.MaxPlaces)
	if err != nil {
		return err
	}
	if _, err := w.Operate(id, &space.Ask{Person: person}); err != nil {
		return err
	}
	_, err = w.Items(id, content.Asking{Person: person, Name: c.Name, Picture: c.Picture, Places: places})
	return err
}

// askingPicture opens the face of somebody who asks to join a group; their ID comes after that of the group.
func (h *Home) askingPicture(ctx context.Context, text string) (Picture, error) {
	group, person, _ := strings.Cut(text, "-")
	state, err := h.groupState(ctx, group)
	if err != nil {
		return Picture{}, errNoPicture
	}
	id, err := h.personID(person)
	if err != nil {
		return Picture{}, errNoPicture
	}
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return Picture{}, explain("open a picture", err)
	}
	return h.smallPicture(newest[id].Picture)
}
