package social

import (
	"context"
	"errors"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
)

// Everything that changes who is in a space, and as what, is written here. Each function looks at what came of it in the
// same transaction: an operation that does not count, because its author may not, is not written at all.

// errNoEffect is what somebody is told who may not do this to that person.
var errNoEffect = fail(CodeNotAllowed, "This is not yours to change here: whoever made somebody an admin, or came before them, can. Nothing was changed.", nil)

// mayAt tells whether what somebody wrote at a place was theirs to write, where it takes a role.
func mayAt(state *space.State, by key.PersonID, _ oplog.LogID, _ uint64, role space.Role) bool {
	return state.Role(by) >= role
}

// publishRole is the least role whose posts are shown in a space.
func publishRole(create *space.Create) space.Role {
	switch create.Kind {
	case space.Wall, space.Audience, space.Own:
		return space.OwnerRole
	}
	return create.Post
}

// setPublish sets the least role whose posts are shown.
func setPublish(create *space.Create, role space.Role) { _ = role; _ = create }

// rules tells whether one member may change another one's part in the space.
func rules(state *space.State, me, person key.PersonID) bool {
	mine, theirs := state.Role(me), state.Role(person)
	return me != person && theirs != 0 && mine >= space.Admin && mine > theirs
}

// mayErase tells whether somebody may ask every home to erase what an author wrote: the author, whose space it is, and in
// groups the admins, of those who are none.
func mayErase(state *space.State, by, author key.PersonID) bool {
	mine := state.Role(by)
	return by == author || mine == space.OwnerRole || mine >= space.Admin && state.Role(author) < mine
}

// addMember makes somebody a member whose identity is here. Who is one already stays what they are.
func addMember(w *ingest.Writing, id key.SpaceID, person key.PersonID, role space.Role) error {
	state, err := w.State(id)
	if err != nil {
		return err
	}
	if state.Role(person) != 0 {
		return nil
	}
	who, err := w.Person(person)
	if err != nil {
		return err
	}
	if who == nil {
		return ingest.ErrUnknownAuthor
	}
	add := &space.Add{Person: person, Role: role, Generation: who.Generation(), Tenure: state.Entry}
	return operate(w, id, add, func(s *space.State) bool { return s.Role(person) != 0 })
}

// removeMember takes somebody out of a space. What they wrote, as far as it is here, stays.
func removeMember(w *ingest.Writing, id key.SpaceID, person key.PersonID) error {
	state, err := w.State(id)
	if err != nil || state.Role(person) == 0 {
		return err
	}
	cut, err := cutOf(w, id, person)
	if err != nil {
		return err
	}
	remove := &space.Remove{Person: person, Cut: cut, Tenure: state.Entry}
	return operate(w, id, remove, func(s *space.State) bool { return s.Role(person) == 0 })
}

// setRole promotes or demotes a member.
func setRole(w *ingest.Writing, id key.SpaceID, person key.PersonID, role space.Role) error {
	state, err := w.State(id)
	if err != nil || state.Role(person) == role {
		return err
	}
	cut, err := cutOf(w, id, person)
	if err != nil {
		return err
	}
	return operate(w, id, &space.SetRole{Person: person, Role: role, Cut: cut, Tenure: state.Entry},
		func(s *space.State) bool { return s.Role(person) == role })
}

// leave ends the owner's own membership.
func (h *Home) leave(w *ingest.Writing, id key.SpaceID) error {
	me := h.node.Person()
	cut, err := cutOf(w, id, me)
	if err != nil {
		return err
	}
	return operate(w, id, &space.Leave{Cut: cut}, func(s *space.State) bool { return s.Role(me) == 0 })
}

// handOver makes somebody else the owner of a space, and its owner an admin.
func (h *Home) handOver(w *ingest.Writing, id key.SpaceID, person key.PersonID) error {
	state, err := w.State(id)
	if err != nil {
		return err
	}
	cut, err := cutOf(w, id, h.node.Person())
	if err != nil {
		return err
	}
	return operate(w, id, &space.HandOver{Person: person, Cut: cut, Tenure: state.Entry},
		func(s *space.State) bool { return s.Role(person) == space.OwnerRole })
}

// closeSpace ends a space.
func closeSpace(w *ingest.Writing, id key.SpaceID) error {
	state, err := w.State(id)
	if err != nil || state.Closed {
		return err
	}
	return operate(w, id, &space.Close{Tenure: state.Entry}, func(s *space.State) bool { return s.Closed })
}

// operate writes an operation, and takes it back with the whole transaction if it came to nothing.
func operate(w *ingest.Writing, id key.SpaceID, op space.Operation, came func(*space.State) bool) error {
	if _, err := w.Operate(id, op); err != nil {
		return err
	}
	state, err := w.State(id)
	if err != nil {
		return err
	}
	if !came(state) {
		return errNoEffect
	}
	return nil
}

// cutOf is where the logs of a person in a space end, as far as they are here.
func cutOf(w *ingest.Writing, id key.SpaceID, person key.PersonID) ([]space.CutPoint, error) {
	logs, err := w.Tx().Logs(id)
	if err != nil {
		return nil, err
	}
	var cut []space.CutPoint
	for _, record := range logs {
		if record.Author == person && len(cut) < space.MaxCut {
			cut = append(cut, space.CutPoint{Log: record.Log.ID(), Seq: record.Head.Seq})
		}
	}
	return cut, nil
}

// publishing runs write in one transaction, and says what went wrong in words for a person.
func (h *Home) publishing(ctx context.Context, doing string, write func(*ingest.Writing) error) error {
	err := h.node.Gate().Publish(ctx, write)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return errNoSpace
	}
	return explain(doing, err)
}
