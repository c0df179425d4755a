package social

import (
	"context"

	"kith/internal/canon"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/space"
)

// greetPlace adds to a greeting whereto the invite leads. What was told is kept, so that the page can show the picture.
func (h *Home) greetPlace(ctx context.Context, greeting *Greeting, place *invite.Place) error {
	ref, _, err := refOf(place)
	if err != nil {
		return err
	}
	greeting.Group = ref
	record, err := h.joinedRecord(ctx, mustSpaceID(ref.ID))
	if err != nil {
		return err
	}
	if record.Place, err = canon.Marshal(place); err != nil {
		return err
	}
	if record.Since.IsZero() && record.State == "" {
		record.State = spaceShown
	}
	return h.keepHeard(ctx, mustSpaceID(ref.ID), record)
}

// heardSpace takes an answer to an acceptance that leads into a space. From the first of them on this home expects the
// space, so that any member's home can bring it. The meeting lock is held.
func (h *Home) heardSpace(ctx context.Context, id string, answer *invite.Answer) error {
	if answer.Place == nil {
		return invite.ErrProtocol
	}
	ref, create, err := refOf(answer.Place)
	if err != nil {
		return err
	}
	if create.Kind != space.Group && create.Kind != space.Chat {
		return invite.ErrProtocol
	}
	var accepted acceptanceRecord
	found, err := h.db.Get(ctx, recordsAcceptances, id, &accepted)
	if err != nil || !found {
		return err
	}
	sid := mustSpaceID(ref.ID)
	record, err := h.joinedRecord(ctx, sid)
	if err != nil {
		return err
	}
	if record.Place, err = canon.Marshal(answer.Place); err != nil {
		return err
	}
	fresh := accepted.Group == nil || record.State != "" && record.State != spaceAsking
	accepted.Group, accepted.Card, accepted.Asked = ref, answer.Who.Card, true
	accepted.State, record.State = AcceptanceWaiting, spaceAsking
	if answer.State == invite.Done {
		accepted.State, record.State = AcceptanceDone, ""
	} else if !fresh {
		return nil // heard before
	}
	record.By = answer.Who.Person
	if record.Since.IsZero() {
		record.Since = h.now()
	}
	err = h.await(ctx, sid, answer.Who.Person, record, func(w *ingest.Writing) error {
		if err := h.share(w, recordsFaces, answer.Who.Person.String(), answer.Who.Card); err != nil {
			return err
		}
		return w.Tx().PutRecord(recordsAcceptances, id, &accepted)
	})
	if err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventInvites, ID: id})
	h.later(h.followSpaces) // the space may be here already, from before
	return nil
}

// followAcceptances ends those that led into a group which the owner is in by now: another member's home may have brought
// it. The meeting lock is held.
func (h *Home) followAcceptances(ctx context.Context) error {
	records, err := recordsByID[acceptanceRecord](ctx, h.db, recordsAcceptances)
	if err != nil {
		return err
	}
	for id, record := range records {
		if !record.underWay() || record.Group == nil {
			continue
		}
		state, err := h.node.Gate().State(ctx, mustSpaceID(record.Group.ID))
		if err != nil || state.Role(h.node.Person()) == 0 {
			continue
		}
		if err := h.setAcceptance(ctx, id, AcceptanceDone); err != nil {
			return err
		}
	}
	return nil
}

// spaceDetail says how it stands with an invite into a group.
func (r *acceptanceRecord) spaceDetail() string {
	name := "the group"
	if r.Group != nil {
		name = "“" + r.Group.Name + "”"
	}
	switch r.State {
	case AcceptanceWaiting:
		return "You asked to join " + name + ". Somebody in it has to say yes; the answer comes by itself."
	case AcceptanceDone:
		return "You are in " + name + "."
	}
	return ""
}

// mustSpaceID reads the ID of a space that this home wrote itself. A damaged one is that of no space.
func mustSpaceID(text string) key.SpaceID {
	id, err := key.ParseSpaceID(text)
	if err != nil {
		return key.SpaceID{}
	}
	return id
}
