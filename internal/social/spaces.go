package social

import (
	"context"
	"errors"
	"slices"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// errNoSpace is for addresses that lead to no group or list.
var errNoSpace = fail(CodeNotFound, "There is no such group here. Perhaps it has not arrived so far.", nil)

// spaceID reads the ID of a space as pages use it.
func (h *Home) spaceID(text string) (key.SpaceID, error) {
	id, err := key.ParseSpaceID(text)
	if err != nil {
		return id, errNoSpace
	}
	return id, nil
}

// spacesOf lists the groups and audiences that are here, with their states.
func (h *Home) spacesOf(ctx context.Context, kinds ...space.Kind) ([]*space.State, error) {
	held, err := h.db.Spaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []*space.State
	for _, one := range held {
		for _, kind := range kinds {
			if one.Kind != kind {
				continue
			}
			state, err := h.node.Gate().State(ctx, one.ID)
			if errors.Is(err, ingest.ErrUnknownSpace) {
				continue
			}
			if err != nil {
				return nil, err
			}
			list = append(list, state)
		}
	}
	return list, nil
}

// await expects a space from somebody, and keeps the record of it in the same step.
func (h *Home) await(ctx context.Context, id key.SpaceID, from key.PersonID, record *joinedRecord, also func(*ingest.Writing) error) error {
	err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if err := w.Tx().AwaitSpace(id, from); err != nil {
			return err
		}
		if also != nil {
			if err := also(w); err != nil {
				return err
			}
		}
		return h.decide(w, id, record)
	})
	if err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return h.node.Await(ctx, id, from)
}

// followSpaces does, after something changed in a space, what being in it asks for: the owner's card goes into every group
// and audience that they are in, once it can be written there, and what they waited for is theirs.
func (h *Home) followSpaces(ctx context.Context) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	p, err := h.profile(ctx)
	if errors.Is(err, errNotStarted) {
		return nil
	}
	if err != nil {
		return err
	}
	states, err := h.spacesOf(ctx, space.Group, space.Audience, space.Chat)
	if err != nil {
		return err
	}
	for _, state := range states {
		if err := h.followSpace(ctx, p, state); err != nil {
			return err
		}
	}
	if err := h.tellDevices(ctx, states); err != nil {
		return err
	}
	return h.followAcceptances(ctx)
}

// tellDevices lets the owner's other devices know of the groups and lists that they are in.
func (h *Home) tellDevices(ctx context.Context, states []*space.State) error {
	told, err := recordsByID[spaceRecord](ctx, h.db, sqlite.Shared(recordsSpaces))
	if err != nil {
		return err
	}
	states = slices.DeleteFunc(slices.Clone(states), func(s *space.State) bool {
		return told[s.ID.String()] != nil || s.Role(h.node.Person()) == 0
	})
	if len(states) == 0 {
		return nil
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		for _, s := range states {
			if err := h.share(w, recordsSpaces, s.ID.String(), &spaceRecord{Owner: s.Create.Owner}); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ingest.ErrRemoved) {
		return nil
	}
	return err
}

func (h *Home) followSpace(ctx context.Context, p *profileRecord, state *space.State) error {
	record, err := h.joinedRecord(ctx, state.ID)
	if err != nil {
		return err
	}
	if state.Role(h.node.Person()) == 0 {
		if !record.Carded {
			return nil
		}
		record.Carded = false // should they come back, their card does too
		return h.keepHeard(ctx, state.ID, record)
	}
	if record.State == spaceDeclined || record.State == spaceDeleted || state.Closed {
		return nil
	}
	if record.State == spaceLeft {
		if len(state.After(space.Reader, h.node.Person())) == 0 {
			return nil // they left on another device, and the operation that says so is on its way
		}
		record.State = "" // they were brought back
		err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return h.decide(w, state.ID, record) })
		if err != nil {
			return err
		}
	}
	if record.Carded {
		return nil
	}
	if record.untouched {
		// Another device of theirs may have shown it.
		writers, err := h.db.Writers(ctx, state.ID)
		if err != nil {
			return err
		}
		record.Carded = writers[h.node.Person()]
	}
	if record.Since.IsZero() {
		record.Since = h.now()
	}
	return h.showCardIn(ctx, p, state.ID, record)
}

// showCardIn writes the owner's card into a space, unless it is there or cannot be written yet.
func (h *Home) showCardIn(ctx context.Context, p *profileRecord, id key.SpaceID, record *joinedRecord) error {
	err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if !record.Carded {
			if _, err := w.Items(id, p.card()); err != nil {
				return err
			}
			record.Carded = true
		}
		return w.Tx().PutRecord(recordsHeard, id.String(), heardOf(record))
	})
	if errors.Is(err, ingest.ErrNoKey) {
		return nil // it follows when the key is here
	}
	if err == nil {
		h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	}
	return err
}

// refreshCards lets the owner's new card go into every group and audience. The meeting lock is held.
func (h *Home) refreshCards(ctx context.Context, p *profileRecord) error {
	states, err := h.spacesOf(ctx, space.Group, space.Audience, space.Chat)
	if err != nil {
		return err
	}
	for _, state := range states {
		record, err := h.joinedRecord(ctx, state.ID)
		if err != nil {
			return err
		}
		if record.Carded = false; state.Role(h.node.Person()) == 0 || state.Closed || record.OnlyMe {
			continue
		}
		if err := h.keepHeard(ctx, state.ID, record); err != nil {
			return err
		}
		if err := h.showCardIn(ctx, p, state.ID, record); err != nil {
			return err
		}
	}
	return nil
}

// audienceOf says who can see what is in a space. owner is the name of whose space it is.
func (h *Home) audienceOf(ctx context.Context, state *space.State, owner string) (Audience, error) {
	a := Audience{Space: state.ID.String(), Kind: AudienceFriends, Name: "Friends of " + owner, People: len(state.Members())}
	mine := state.Create.Owner == h.node.Person()
	switch state.Create.Kind {
	case space.Chat:
		var err error
		a.Kind = AudienceChat
		a.Name, err = h.chatName(ctx, state)
		return a, err
	case space.Group:
		about, err := h.aboutOf(ctx, state)
		a.Kind, a.Name = AudienceGroup, about.Name
		return a, err
	case space.Audience:
		a.Kind, a.Name = AudienceList, "Some friends of "+owner
		if !mine {
			return a, nil
		}
		record, err := h.joinedRecord(ctx, state.ID)
		a.Name, a.Hue = record.Name, record.Hue
		if record.OnlyMe {
			a.Kind, a.Name = AudienceOnlyMe, "Only me"
		}
		return a, err
	}
	if mine {
		a.Name = "Friends"
		if a.People == 1 {
			a.Kind, a.Name = AudienceOnlyMe, "Only me"
		}
	}
	return a, nil
}

// unnamedGroup is shown for a group whose name has not arrived.
const unnamedGroup = "A group"

// aboutOf is what a group says of itself: the newest word of somebody who may speak for it, or what was told of it before
// it was here.
func (h *Home) aboutOf(ctx context.Context, state *space.State) (content.About, error) {
	items, err := h.db.Abouts(ctx, state.ID)
	if err != nil {
		return content.About{}, err
	}
	for i := range items {
		about, ok := items[i].Content.(content.About)
		if ok && mayAt(state, &items[i], space.Admin) {
			return about, nil
		}
	}
	record, err := h.joinedRecord(ctx, state.ID)
	if err != nil {
		return content.About{}, err
	}
	if _, about, _, err := record.place(); err == nil && about.Name != "" {
		return about, nil
	}
	return content.About{Name: unnamedGroup}, nil
}
