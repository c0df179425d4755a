package social

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// friendRecord is a friendship: the owner has them on the owner's wall, and they have the owner on theirs.
type friendRecord struct {
	Wall   key.SpaceID `json:"wall"`
	Card   []byte      `json:"card,omitempty"` // as they handed it over; their wall brings newer ones
	Since  time.Time   `json:"since"`
	Carded bool        `json:"carded,omitempty"` // the owner's card is on their wall
	// Add made them a member of the owner's wall. Where it is not here, on another device of the owner's, the friendship is
	// still on its way, and has not ended.
	Add oplog.EntryID `json:"add"`
}

// befriend makes somebody a friend whose identity is known: a member of the owner's wall, from whom the owner expects
// their wall. The invite of the owner's that was used, and the acceptance of theirs that came through, end with it; either
// may be absent. Another acceptance that is under way goes on until it has spent their invite too. The meeting lock is
// held.
func (h *Home) befriend(ctx context.Context, person key.PersonID, wall key.SpaceID, card []byte, used *inviteRecord, accepted string) error {
	p, err := h.profile(ctx)
	if err != nil {
		return err
	}
	invites, err := listRecords[inviteRecord](ctx, h.db, sqlite.Shared(recordsInvites))
	if err != nil {
		return err
	}
	acceptances, err := recordsByID[acceptanceRecord](ctx, h.db, recordsAcceptances)
	if err != nil {
		return err
	}
	if err := h.node.Meet(ctx, person); err != nil {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		add, err := addNew(w, p.Wall, person)
		if err != nil {
			return err
		}
		if err := w.Tx().AwaitSpace(wall, person); err != nil {
			return err
		}
		for _, record := range invites {
			if used != nil && record.id() == used.id() || record.Who == person && record.State == InviteAsking {
				record.Who, record.Wall, record.Card, record.State = person, wall, card, InviteAccepted
				if err := h.share(w, recordsInvites, record.id(), record); err != nil {
					return err
				}
			}
		}
		if record := acceptances[accepted]; record != nil {
			record.State, record.Card = AcceptanceDone, card
			if err := w.Tx().PutRecord(recordsAcceptances, accepted, record); err != nil {
				return err
			}
		}
		if err := h.share(w, recordsSpaces, wall.String(), &spaceRecord{Owner: person}); err != nil {
			return err
		}
		return h.share(w, recordsFriends, person.String(), &friendRecord{Wall: wall, Card: card, Since: h.now(), Add: add})
	})
	if err != nil {
		return err
	}
	if err := h.node.Await(ctx, wall, person); err != nil {
		return err
	}
	for _, record := range invites {
		h.inviteChanged(record)
	}
	h.feed.tell(Event{Kind: EventInvites})
	h.feed.tell(Event{Kind: EventFriends, ID: person.String()})
	h.later(func(ctx context.Context) error { return h.noticeTwin(ctx, person) })
	return nil
}

// addNew makes somebody a member of the owner's wall, and tells by which entry; zero if they were one for long, and not by
// this friendship.
func addNew(w *ingest.Writing, wall key.SpaceID, person key.PersonID) (oplog.EntryID, error) {
	before, err := w.State(wall)
	if err != nil || before.Role(person) != 0 {
		return oplog.EntryID{}, err
	}
	if err := addMember(w, wall, person, space.Writer); err != nil {
		return oplog.EntryID{}, err
	}
	after, err := w.State(wall)
	if err != nil {
		return oplog.EntryID{}, err
	}
	add, _ := after.GrantOf(person)
	return add, nil
}

// isFriend tells whether somebody is a friend.
func (h *Home) isFriend(ctx context.Context, person key.PersonID) (bool, error) {
	var record friendRecord
	return h.shared(ctx, recordsFriends, person.String(), &record)
}

// Friends lists the owner's friends by name, those whose homes are on first.
func (h *Home) Friends(ctx context.Context) ([]Person, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := recordsByID[friendRecord](ctx, h.db, sqlite.Shared(recordsFriends))
	if err != nil {
		return nil, explain("list friends", err)
	}
	var ids []key.PersonID
	for text := range records {
		id, err := key.ParsePersonID(text)
		if err != nil {
			return nil, explain("list friends", err)
		}
		ids = append(ids, id)
	}
	people, err := h.people(ctx, ids)
	if err != nil {
		return nil, explain("list friends", err)
	}
	list := make([]Person, 0, len(ids))
	for _, id := range ids {
		list = append(list, people[id])
	}
	slices.SortFunc(list, func(a, b Person) int {
		if a.Online != b.Online {
			if a.Online {
				return -1
			}
			return 1
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, nil
}

// Unfriend ends a friendship: they leave the owner's wall and lists, whose keys change with the next post, and the owner
// leaves theirs, which is how their home hears of it. Groups that both are in stay as they are.
func (h *Home) Unfriend(ctx context.Context, person string) error {
	id, err := h.personID(person)
	if err != nil {
		return err
	}
	h.meeting.Lock()
	defer h.meeting.Unlock()
	var record friendRecord
	found, err := h.shared(ctx, recordsFriends, id.String(), &record)
	if err != nil {
		return explain("unfriend", err)
	}
	if !found {
		return fail(CodeNotFound, "This person is not among your friends.", nil)
	}
	return explain("unfriend", h.unfriend(ctx, id, &record))
}

func (h *Home) unfriend(ctx context.Context, id key.PersonID, record *friendRecord) error {
	p, err := h.profile(ctx)
	if err != nil {
		return err
	}
	lists, err := h.sharedLists(ctx, id)
	if err != nil {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if err := removeMember(w, p.Wall, id); err != nil {
			return err
		}
		theirs, err := w.State(record.Wall)
		if err != nil && !errors.Is(err, ingest.ErrUnknownSpace) {
			return err
		}
		if theirs != nil && theirs.Role(h.node.Person()) != 0 {
			if err := h.leave(w, record.Wall); err != nil {
				return err
			}
		}
		for _, list := range lists {
			if err := list.end(w); err != nil {
				return err
			}
		}
		if err := h.unshare(w, recordsSpaces, record.Wall.String()); err != nil {
			return err
		}
		return h.unshare(w, recordsFriends, id.String())
	})
	if err != nil {
		return err
	}
	h.feed.tell(Event{Kind: EventFriends, ID: id.String()})
	return nil
}

// followFriends does, after something changed in a space, what friendship asks for: a friendship that the other side
// ended ends here too, and the owner's card goes onto a friend's wall once it can be written there.
func (h *Home) followFriends(ctx context.Context) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	p, err := h.profile(ctx)
	if errors.Is(err, errNotStarted) {
		return nil
	}
	if err != nil {
		return err
	}
	records, err := recordsByID[friendRecord](ctx, h.db, sqlite.Shared(recordsFriends))
	if err != nil {
		return err
	}
	for text, record := range records {
		person, err := key.ParsePersonID(text)
		if err != nil {
			return err
		}
		if here, err := h.isHere(ctx, record.Add); err != nil {
			return err
		} else if !here && !record.Add.IsZero() {
			continue
		}
		// The wall is looked at after the entry was found to be here, so that it counts.
		mine, err := h.node.Gate().State(ctx, p.Wall)
		if errors.Is(err, ingest.ErrUnknownSpace) {
			return nil // this device has just been linked
		}
		if err != nil {
			return err
		}
		if mine.Role(person) == 0 {
			if err := h.unfriend(ctx, person, record); err != nil {
				return err
			}
			continue
		}
		if err := h.showCard(ctx, p, text, record); err != nil {
			return err
		}
	}
	return nil
}

// isHere tells whether an entry has arrived.
func (h *Home) isHere(ctx context.Context, id oplog.EntryID) (here bool, err error) {
	err = h.db.View(ctx, func(r ingest.Reader) error {
		_, _, here, err = r.Locate(id)
		return err
	})
	return here, err
}

// showCard writes the owner's card onto a friend's wall, unless it is there or cannot be written yet.
func (h *Home) showCard(ctx context.Context, p *profileRecord, person string, record *friendRecord) error {
	if record.Carded {
		return nil
	}
	state, err := h.node.Gate().State(ctx, record.Wall)
	if errors.Is(err, ingest.ErrUnknownSpace) || err == nil && state.Role(h.node.Person()) == 0 {
		return nil // their wall, or the owner's name on it, has not arrived so far
	}
	if err != nil {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if _, err := w.Items(record.Wall, p.card()); err != nil {
			return err
		}
		record.Carded = true
		return h.share(w, recordsFriends, person, record)
	})
	if errors.Is(err, ingest.ErrNoKey) {
		return nil
	}
	return err
}

// face is the newest card known of somebody, encoded.
func (h *Home) face(ctx context.Context, id key.PersonID) ([]byte, error) {
	var card []byte
	_, err := h.shared(ctx, recordsFaces, id.String(), &card)
	return card, err
}

// keepFace remembers the card of somebody whom we met through an invite, before any wall brings it.
func (h *Home) keepFace(ctx context.Context, id key.PersonID, card []byte) error {
	if _, err := content.Decode(card); err != nil {
		return err
	}
	if known, err := h.face(ctx, id); err != nil || bytes.Equal(known, card) {
		return err
	}
	return h.shareNow(ctx, recordsFaces, id.String(), card)
}
