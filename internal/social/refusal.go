package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// Whoever asked to join a group hears a yes from whichever member's home brings them the space. A no they hear from the
// home of anybody who may answer: an offer that says no, to a home that asked.

// refuseFor is for how long it is tried to tell somebody of a no: whoever's home was not on in that time has forgotten it.
const refuseFor = 30 * 24 * time.Hour

// refusal is a no to be told to somebody who asked to join; nil if there is none, if they were told, or if it is not for
// the owner of this home to tell.
func (h *Home) refusal(ctx context.Context, person key.PersonID, state *space.State) (*invite.Offer, error) {
	me := state.Role(h.node.Person())
	if me == 0 || me < state.Create.Invite || !state.Asked(person) {
		return nil, nil
	}
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return nil, err
	}
	word, asked := newest[person]
	if !asked || !word.Answered || h.now().Sub(word.at) > refuseFor {
		return nil, nil
	}
	var told toldRecord
	if _, err := h.db.Get(ctx, recordsTold, toldID(person, state.ID), &told); err != nil {
		return nil, err
	}
	if slices.Equal(told.Of, toldOf([]oplog.EntryID{word.id}).Of) {
		return nil, nil
	}
	return &invite.Offer{Space: state.ID, No: true}, nil
}

// toldRefusal notes that somebody's home took the no.
func (h *Home) toldRefusal(ctx context.Context, person key.PersonID, state *space.State) error {
	newest, err := h.newestAskings(ctx, state)
	if err != nil {
		return err
	}
	word, asked := newest[person]
	if !asked || !word.Answered || state.Role(person) != 0 {
		return nil // a no of theirs to an offer; or something has changed since
	}
	return h.db.Put(ctx, recordsTold, toldID(person, state.ID), toldOf([]oplog.EntryID{word.id}))
}

// refused takes a no to a group that the owner asked to join, and tells whether they did. It proves nothing, and needs to
// prove nothing: it says so on the page, and should somebody let them in all the same, they are in.
func (h *Home) refused(ctx context.Context, id key.SpaceID) (bool, error) {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if h.node.Person().IsZero() {
		return false, nil
	}
	if _, err := h.node.Gate().State(ctx, id); err == nil {
		return false, nil // it is here: they are, or were, in it
	}
	record, err := h.joinedRecord(ctx, id)
	if err != nil || record.State != spaceAsking && record.State != spaceRefused {
		return false, err
	}
	if record.State == spaceAsking {
		record.State = spaceRefused
		err := h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return h.decide(w, id, record) })
		if err != nil {
			return true, err
		}
	}
	h.feed.tell(Event{Kind: EventGroups, ID: id.String()})
	return true, h.endAsking(ctx, id)
}

// endAsking ends the acceptances of invites into a group whose people said no. The meeting lock is held.
func (h *Home) endAsking(ctx context.Context, id key.SpaceID) error {
	records, err := recordsByID[acceptanceRecord](ctx, h.db, recordsAcceptances)
	if err != nil {
		return err
	}
	for of, record := range records {
		if record.underWay() && record.Group != nil && record.Group.ID == id.String() {
			why := fail(CodeRefused, "The people of “"+record.Group.Name+"” said no this time. Nothing else has changed; if you did not expect it, ask one of them in person.", nil)
			if err := h.endAcceptance(ctx, of, why); err != nil {
				return err
			}
		}
	}
	return nil
}
