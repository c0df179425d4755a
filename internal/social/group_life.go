package social

import (
	"context"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
)

// inGroup finds a group that the owner of this home is in, and somebody who is in it too.
func (h *Home) inGroup(ctx context.Context, group, person string) (*space.State, key.PersonID, error) {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return nil, key.PersonID{}, err
	}
	id, err := h.personID(person)
	if err != nil {
		return nil, id, err
	}
	switch {
	case state.Role(h.node.Person()) == 0:
		return nil, id, fail(CodeNotAllowed, "You are no longer in this group. What you have of it stays on this computer.", nil)
	case state.Closed:
		return nil, id, errClosed
	case state.Role(id) == 0:
		return nil, id, fail(CodeNotFound, "This person is not in the group now. Perhaps somebody else has taken them out, or they left.", nil)
	}
	return state, id, nil
}

var errClosed = fail(CodeNotAllowed, "This group is closed: everybody keeps what they have, and nobody changes anything any more.", nil)

// PromoteInGroup makes a member an admin.
func (h *Home) PromoteInGroup(ctx context.Context, group, person string) error {
	return h.setGroupRole(ctx, group, person, space.Admin)
}

// DemoteInGroup makes an admin a member.
func (h *Home) DemoteInGroup(ctx context.Context, group, person string) error {
	return h.setGroupRole(ctx, group, person, space.Writer)
}

func (h *Home) setGroupRole(ctx context.Context, group, person string, role space.Role) error {
	state, id, err := h.inGroup(ctx, group, person)
	if err != nil {
		return err
	}
	if state.Role(id) == role {
		return nil
	}
	if !state.Governs(h.node.Person(), id) {
		return errNoEffect
	}
	return h.changeGroup(ctx, state.ID, "change a role", func(w *ingest.Writing) error {
		return setRole(w, state.ID, id, role)
	})
}

// RemoveFromGroup takes somebody out of a group. What they wrote there stays, and they keep what they have.
func (h *Home) RemoveFromGroup(ctx context.Context, group, person string) error {
	state, id, err := h.inGroup(ctx, group, person)
	if err != nil {
		return err
	}
	if id == h.node.Person() {
		return fail(CodeBadInput, "To go yourself, leave the group.", nil)
	}
	if !state.Governs(h.node.Person(), id) {
		return errNoEffect
	}
	err = h.changeGroup(ctx, state.ID, "remove somebody", func(w *ingest.Writing) error {
		return removeMember(w, state.ID, id)
	})
	if err == nil {
		h.teller.about(id)
	}
	return err
}

// LeaveGroup ends the owner's own membership. Whose the group is cannot leave it to nobody.
func (h *Home) LeaveGroup(ctx context.Context, group string) error {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return err
	}
	switch state.Role(h.node.Person()) {
	case 0:
		return fail(CodeNotFound, "You are not in this group any more.", nil)
	case space.OwnerRole:
		if !state.Closed {
			return fail(CodeNotAllowed, "This group is yours. Hand it over to somebody before you leave, or close it. Nothing was changed.", nil)
		}
	}
	record, err := h.joinedRecord(ctx, state.ID)
	if err != nil {
		return explain("leave a group", err)
	}
	record.State, record.Carded = spaceLeft, false
	return h.changeGroup(ctx, state.ID, "leave a group", func(w *ingest.Writing) error {
		if !state.Closed {
			if err := h.leave(w, state.ID); err != nil {
				return err
			}
		}
		return h.decide(w, state.ID, record)
	})
}

// HandOverGroup makes somebody else the owner of a group, for good. Who handed it over stays as an admin.
func (h *Home) HandOverGroup(ctx context.Context, group, person string) error {
	state, id, err := h.inGroup(ctx, group, person)
	if err != nil {
		return err
	}
	if state.Role(h.node.Person()) != space.OwnerRole || id == h.node.Person() {
		return fail(CodeNotAllowed, "Only whose group it is can hand it over, and to somebody else. Nothing was changed.", nil)
	}
	return h.changeGroup(ctx, state.ID, "hand a group over", func(w *ingest.Writing) error {
		return h.handOver(w, state.ID, id)
	})
}

// CloseGroup ends a group for everybody. What is there stays readable.
func (h *Home) CloseGroup(ctx context.Context, group string) error {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return err
	}
	if state.Role(h.node.Person()) != space.OwnerRole {
		return fail(CodeNotAllowed, "Only whose group it is can close it. Nothing was changed.", nil)
	}
	return h.changeGroup(ctx, state.ID, "close a group", func(w *ingest.Writing) error {
		return closeSpace(w, state.ID)
	})
}

// AddToGroup takes a friend into a group. Their home asks them whether they want to be in it.
func (h *Home) AddToGroup(ctx context.Context, group, person string) error {
	state, err := h.groupState(ctx, group)
	if err != nil {
		return err
	}
	id, err := h.personID(person)
	if err != nil {
		return err
	}
	role := state.Role(h.node.Person())
	switch {
	case state.Closed:
		return errClosed
	case role == 0 || role < state.Create.Invite:
		return fail(CodeNotAllowed, "In this group only admins bring people in. Ask one of them.", nil)
	case state.Role(id) != 0:
		return fail(CodeBadInput, "They are in this group already.", nil)
	}
	friend, err := h.isFriend(ctx, id)
	if err != nil {
		return explain("add somebody", err)
	}
	if !friend {
		return fail(CodeNotAllowed, "Only friends can be added like this. Send others an invite into the group.", nil)
	}
	words, err := h.newestAskings(ctx, state)
	if err != nil {
		return explain("add somebody", err)
	}
	err = h.changeGroup(ctx, state.ID, "add somebody", func(w *ingest.Writing) error {
		if err := addMember(w, state.ID, id, space.Writer); err != nil {
			return err
		}
		if word, asked := words[id]; asked && !word.Answered {
			return settle(w, state.ID, word)
		}
		return nil
	})
	if err == nil {
		h.teller.about(id)
	}
	return err
}
