package social

import (
	"context"
	"errors"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// Everything that changes who is in a space, and as what, is written here. Each function looks at what came of it in the
// same transaction: an operation that does not count, because its author may not, is not written at all.

// errNoEffect is what somebody is told who may not do this to that person.
var errNoEffect = fail(CodeNotAllowed, "This is not yours to change here: whoever made somebody an admin, or came before them, can. Nothing was changed.", nil)

// mayAt tells whether an item was its author's to write, where that takes a role.
func mayAt(state *space.State, item *sqlite.Item, role space.Role) bool {
	return state.Suffices(item.Author, item.In, item.Seq, role)
}

// mayErase tells whether somebody may ask every home to erase what an author wrote: the author, whose space it is, and in
// groups the admins, of those who are none.
func mayErase(state *space.State, by, author key.PersonID) bool {
	return by == author || state.Role(by) >= state.Power() && (state.Role(author) == 0 || state.Governs(by, author))
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
	add := &space.Add{Person: person, Role: role, Generation: who.Generation(), After: state.After(role, person)}
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
	remove := &space.Remove{Person: person, Cut: cut}
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
	return operate(w, id, &space.SetRole{Person: person, Role: role, Cut: cut, After: state.After(role, person)},
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
	return operate(w, id, &space.HandOver{Person: person, Cut: cut, After: state.After(space.OwnerRole, person, h.node.Person())},
		func(s *space.State) bool { return s.Role(person) == space.OwnerRole })
}

// closeSpace ends a space.
func closeSpace(w *ingest.Writing, id key.SpaceID) error {
	state, err := w.State(id)
	if err != nil || state.Closed {
		return err
	}
	return operate(w, id, &space.Close{}, func(s *space.State) bool { return s.Closed })
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

const (
	// keyWait is how long somebody waits at their page for a key that another home is about to hand over, and keyLook how
	// often it is looked for.
	keyWait = 5 * time.Second
	keyLook = 50 * time.Millisecond
)

// publishSoon runs write in one transaction. Where the key of the space has just changed, it waits a moment for the new one.
func (h *Home) publishSoon(ctx context.Context, write func(*ingest.Writing) error) error {
	deadline := time.Now().Add(keyWait)
	for {
		err := h.node.Gate().Publish(ctx, write)
		if !errors.Is(err, ingest.ErrNoKey) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(keyLook):
		case <-ctx.Done():
			return err
		}
	}
}

// publishing runs write in one transaction, and says what went wrong in words for a person.
func (h *Home) publishing(ctx context.Context, doing string, write func(*ingest.Writing) error) error {
	err := h.publishSoon(ctx, write)
	if errors.Is(err, ingest.ErrUnknownSpace) {
		return errNoSpace
	}
	return explain(doing, err)
}
