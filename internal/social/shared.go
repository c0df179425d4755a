package social

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// The records that a person's devices agree on. They are registers in the person's own space, which only these devices
// read; the store shows them as records, so that they are read like any other. All of them are written by share and
// unshare, and by nothing else.
const (
	recordsProfile = "profile" // one record, of the same name
	recordsFriends = "friends" // by PersonID
	recordsFaces   = "faces"   // by PersonID
	recordsInvites = "invites" // by the invite's ID
	recordsSpaces  = "spaces"  // by SpaceID: every space that the owner is in, so that a new device awaits them
	// recordsJoined: by SpaceID, see joined.go
	recordsMuted     = "muted"    // by PersonID: whose posts are not in the feed
	recordsBlocked   = "blocked"  // by PersonID: of whom nothing is shown
	recordsDevices   = "devices"  // by DeviceID: what a device is called
	recordsUnsent    = "draft"    // one record: the text of the unfinished post
	recordsRead      = "read"     // by SpaceID: how far the owner has read a chat
	recordsChats     = "chats"    // one record: what the owner wants of chats
	recordsConfirmed = "recovery" // one record: whether the recovery words are safe
)

const (
	recordOwn = "own" // in recordsHome: the owner's own space
	// recordsUnshared holds what is to be written into the own space as soon as it is here, on a device that has just
	// been linked.
	recordsUnshared = "unshared"
)

// spaceRecord is a space that the owner is in, and whose it is.
type spaceRecord struct {
	Owner key.PersonID `json:"owner"`
}

// unsharedRecord is a register that could not be written so far.
type unsharedRecord struct {
	Collection string          `json:"collection"`
	ID         string          `json:"id"`
	Value      json.RawMessage `json:"value,omitempty"`
}

// shared reads a record that the devices agree on.
func (h *Home) shared(ctx context.Context, collection, id string, value any) (bool, error) {
	return h.db.Get(ctx, sqlite.Shared(collection), id, value)
}

// share writes a record that the devices agree on, in the transaction in which everything that belongs to it is written.
func (h *Home) share(w *ingest.Writing, collection, id string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("record %s of %s: %w", id, collection, err)
	}
	return h.putRegister(w, content.Register{Collection: collection, ID: id, Value: raw})
}

// unshare drops one.
func (h *Home) unshare(w *ingest.Writing, collection, id string) error {
	return h.putRegister(w, content.Register{Collection: collection, ID: id})
}

// shareNow is share in a transaction of its own.
func (h *Home) shareNow(ctx context.Context, collection, id string, value any) error {
	return h.node.Gate().Publish(ctx, func(w *ingest.Writing) error { return h.share(w, collection, id, value) })
}

func (h *Home) putRegister(w *ingest.Writing, r content.Register) error {
	own, err := h.ownSpace(w)
	if err != nil {
		return err
	}
	if len(r.Value) <= content.MaxValue {
		_, err = w.Items(own, r)
		if err == nil || !errors.Is(err, ingest.ErrUnknownSpace) && !errors.Is(err, ingest.ErrNoKey) {
			return err
		}
		// This device has just been linked: the own space, or its key, is still on the way. Nothing was written.
		later := unsharedRecord{Collection: r.Collection, ID: r.ID, Value: r.Value}
		if err := w.Tx().PutRecord(recordsUnshared, r.Collection+"/"+r.ID, &later); err != nil {
			return err
		}
	}
	// What is too long for an entry stays on this device.
	if len(r.Value) == 0 {
		return w.Tx().DeleteRecord(sqlite.Shared(r.Collection), r.ID)
	}
	return w.Tx().PutRecord(sqlite.Shared(r.Collection), r.ID, json.RawMessage(r.Value))
}

// ownSpace is the owner's own space, which is made where there is none so far.
func (h *Home) ownSpace(w *ingest.Writing) (key.SpaceID, error) {
	var own key.SpaceID
	found, err := w.Tx().Record(recordsHome, recordOwn, &own)
	if err != nil || found {
		return own, err
	}
	own, err = w.Create(space.NewCreate(space.Own, w.Me(), space.HistoryAll))
	if err != nil {
		return own, err
	}
	return own, w.Tx().PutRecord(recordsHome, recordOwn, own)
}

// shareLate writes what could not be shared when it was written, once the own space is here.
func (h *Home) shareLate(ctx context.Context) error {
	waiting, err := recordsByID[unsharedRecord](ctx, h.db, recordsUnshared)
	if err != nil || len(waiting) == 0 {
		return err
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		own, err := h.ownSpace(w)
		if err != nil {
			return err
		}
		for id, r := range waiting {
			if _, err := w.Items(own, content.Register{Collection: r.Collection, ID: r.ID, Value: r.Value}); err != nil {
				return err
			}
			if err := w.Tx().DeleteRecord(recordsUnshared, id); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ingest.ErrUnknownSpace) || errors.Is(err, ingest.ErrNoKey) {
		return nil
	}
	return err
}

// adopt moves, in a home that was begun before there were own spaces, what its devices are to agree on into one.
func (h *Home) adopt(ctx context.Context) error {
	var own key.SpaceID
	if found, err := h.db.Get(ctx, recordsHome, recordOwn, &own); found || err != nil {
		return err
	}
	var profile profileRecord
	if found, err := h.db.Get(ctx, recordsHome, recordsProfile, &profile); !found || err != nil {
		return err
	}
	old := make(map[string][]sqlite.Record)
	for _, collection := range []string{recordsFriends, recordsFaces, recordsInvites} {
		list, err := h.db.List(ctx, collection)
		if err != nil {
			return err
		}
		old[collection] = list
	}
	return h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if err := h.shareBeginning(w, &profile); err != nil {
			return err
		}
		if err := w.Tx().DeleteRecord(recordsHome, recordsProfile); err != nil {
			return err
		}
		for collection, list := range old {
			for _, record := range list {
				if err := h.share(w, collection, record.ID, record.Value); err != nil {
					return err
				}
				if err := w.Tx().DeleteRecord(collection, record.ID); err != nil {
					return err
				}
				if collection != recordsFriends {
					continue
				}
				var friend friendRecord
				if err := json.Unmarshal(record.Value, &friend); err != nil {
					return err
				}
				person, err := key.ParsePersonID(record.ID)
				if err != nil {
					return err
				}
				if err := h.share(w, recordsSpaces, friend.Wall.String(), &spaceRecord{Owner: person}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// shareBeginning writes what every own space begins with.
func (h *Home) shareBeginning(w *ingest.Writing, profile *profileRecord) error {
	if err := h.share(w, recordsProfile, recordsProfile, profile); err != nil {
		return err
	}
	if err := h.share(w, recordsSpaces, profile.Wall.String(), &spaceRecord{Owner: w.Me()}); err != nil {
		return err
	}
	return h.share(w, recordsDevices, h.node.Device().ID().String(), &deviceRecord{Name: machineName()})
}

// awaitSpaces expects the spaces that the owner is in and that are not here.
func (h *Home) awaitSpaces(ctx context.Context) error {
	records, err := recordsByID[spaceRecord](ctx, h.db, sqlite.Shared(recordsSpaces))
	if err != nil {
		return err
	}
	for text, record := range records {
		id, err := key.ParseSpaceID(text)
		if err != nil {
			return err
		}
		if err := h.node.Expect(ctx, id, record.Owner); err != nil {
			return err
		}
	}
	return nil
}

// registerChanged follows what another device of the owner wrote into the own space.
func (h *Home) registerChanged(r content.Register) {
	switch r.Collection {
	case recordsProfile:
		h.feed.tell(Event{Kind: EventPerson, ID: h.node.Person().String()})
	case recordsFriends:
		h.feed.tell(Event{Kind: EventFriends, ID: r.ID})
		h.later(h.followFriends)
	case recordsInvites:
		h.waiters.wake(r.ID)
		h.feed.tell(Event{Kind: EventInvites, ID: r.ID})
		h.later(func(ctx context.Context) error { return h.letInLate(ctx, r.ID) })
	case recordsSpaces:
		h.later(h.awaitSpaces)
	case recordsJoined:
		h.later(func(ctx context.Context) error { return h.joinedElsewhere(ctx, r.ID) })
	case recordsMuted, recordsBlocked:
		h.feed.tell(Event{Kind: EventPerson, ID: r.ID})
	case recordsReminders:
		h.feed.tell(Event{Kind: EventCalendar, ID: r.ID})
	case recordsDevices:
		h.feed.tell(Event{Kind: EventDevices, ID: r.ID})
	case recordsRead, recordsChats:
		h.feed.tell(Event{Kind: EventChat})
	case recordsUnsent:
		h.later(h.takeDraft)
	case recordsSaved:
		h.feed.tell(Event{Kind: EventChanged, ID: r.ID})
	default:
		h.newsRegister(r.Collection, r.ID)
	}
}

// letInLate carries out, on the device that made an invite, the yes that was said on another one.
func (h *Home) letInLate(ctx context.Context, id string) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	record, err := h.inviteRecord(ctx, id)
	var told *Error
	if errors.As(err, &told) && told.Code == CodeNotFound {
		return nil
	}
	if err != nil || record.stateAt(h.now()) != InviteAsking || !record.LetIn {
		return err
	}
	person, err := h.node.Gate().Person(ctx, record.Who)
	if err != nil || person == nil {
		return err // it is another device that they came to
	}
	return h.befriend(ctx, record.Who, record.Wall, record.Card, record, "")
}
