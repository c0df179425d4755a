package social

import (
	"context"
	"time"

	"kith/internal/canon"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/invite"
	"kith/internal/key"
	"kith/internal/sqlite"
)

const (
	// recordsJoined holds, by SpaceID, what the owner decided of a group or list: all their devices agree on it.
	recordsJoined = "joined"
	// recordsHeard holds, by SpaceID, what this device alone heard or did of one.
	recordsHeard = "heard"
)

// joinedRecord is what is kept of a group or audience beside its entries: what the owner decided, which is shared among
// their devices, and over it what this device heard. One is read by Home.joinedRecord and written by decide, or by
// keepHeard where nothing was decided.
type joinedRecord struct {
	State string       `json:"state,omitempty"`
	At    time.Time    `json:"at,omitzero"` // when it was decided; tells decisions apart, and is no reason for anything
	Since time.Time    `json:"since,omitzero"`
	By    key.PersonID `json:"by,omitzero"` // who offered it, or whose invite led there
	// Place is what they told of it (an invite.Place, encoded by canon), until the space itself is here.
	Place []byte `json:"place,omitempty"`
	// Name and Hue are of a list of the owner's. OnlyMe is the list that stays empty.
	Name   string `json:"name,omitempty"`
	Hue    int    `json:"hue,omitempty"`
	OnlyMe bool   `json:"only_me,omitempty"`

	// Carded tells that this device has seen to it that the owner's card is there.
	Carded bool `json:"-"`
	// untouched tells that this device has kept nothing of the space so far.
	untouched bool
}

// The states of a joinedRecord. The empty one: the owner is in it, or wants to be. Offered and shown are heard, the others
// decided.
const (
	spaceOffered  = "offered"  // a friend's home told that the owner was let in; they have not answered
	spaceShown    = "shown"    // the owner looked at an invite that leads there, no more
	spaceDeclined = "declined" // they said no
	spaceAsking   = "asking"   // they asked to join
	spaceRefused  = "refused"  // those who may said no
	spaceLeft     = "left"
	spaceDeleted  = "deleted" // a list that its owner gave up
)

// heardRecord is the part of a joinedRecord that is this device's own.
type heardRecord struct {
	// State is spaceOffered, spaceShown or empty. It counts as long as the last decision is the one that was made at Over:
	// an answer that was given on another device ends an offer here.
	State  string       `json:"state,omitempty"`
	Over   time.Time    `json:"over,omitzero"`
	Since  time.Time    `json:"since,omitzero"`
	By     key.PersonID `json:"by,omitzero"`
	Place  []byte       `json:"place,omitempty"`
	Carded bool         `json:"carded,omitempty"`
}

func heardOf(r *joinedRecord) *heardRecord {
	heard := &heardRecord{Over: r.At, Since: r.Since, By: r.By, Place: r.Place, Carded: r.Carded}
	if r.State == spaceOffered || r.State == spaceShown {
		heard.State = r.State
	}
	return heard
}

// hear lays what this device heard over what was decided.
func (r *joinedRecord) hear(heard *heardRecord) {
	if r.untouched = heard == nil; r.untouched {
		return
	}
	r.Carded = heard.Carded
	if len(heard.Place) > 0 {
		r.Place = heard.Place
	}
	if heard.State != "" && heard.Over.Equal(r.At) {
		r.State, r.By, r.Since = heard.State, heard.By, heard.Since
	}
	if r.Since.IsZero() {
		r.Since = heard.Since
	}
}

// joinedRecord reads what is kept of a space; a fresh one where there is nothing.
func (h *Home) joinedRecord(ctx context.Context, id key.SpaceID) (*joinedRecord, error) {
	record := &joinedRecord{}
	if _, err := h.shared(ctx, recordsJoined, id.String(), record); err != nil {
		return nil, err
	}
	heard := &heardRecord{}
	found, err := h.db.Get(ctx, recordsHeard, id.String(), heard)
	if !found {
		heard = nil
	}
	record.hear(heard)
	return record, err
}

// joinedRecords reads what is kept of all spaces, by SpaceID.
func (h *Home) joinedRecords(ctx context.Context) (map[string]*joinedRecord, error) {
	records, err := recordsByID[joinedRecord](ctx, h.db, sqlite.Shared(recordsJoined))
	if err != nil {
		return nil, err
	}
	heard, err := recordsByID[heardRecord](ctx, h.db, recordsHeard)
	if err != nil {
		return nil, err
	}
	for id := range heard {
		if records[id] == nil {
			records[id] = &joinedRecord{}
		}
	}
	for id, record := range records {
		record.hear(heard[id])
	}
	return records, nil
}

// keepHeard keeps what this device heard of a space, or did there.
func (h *Home) keepHeard(ctx context.Context, id key.SpaceID, record *joinedRecord) error {
	return h.db.Put(ctx, recordsHeard, id.String(), heardOf(record))
}

// decide keeps what the owner decided of a space, for all their devices.
func (h *Home) decide(w *ingest.Writing, id key.SpaceID, record *joinedRecord) error {
	record.At = h.now()
	shared := *record
	shared.Place = smallPlace(record.Place)
	if err := h.share(w, recordsJoined, id.String(), &shared); err != nil {
		return err
	}
	return w.Tx().PutRecord(recordsHeard, id.String(), heardOf(record))
}

// smallPlace is a place without its picture, which would leave too little room in a register.
func smallPlace(raw []byte) []byte {
	create, about, people, err := (&joinedRecord{Place: raw}).place()
	if err != nil {
		return nil
	}
	var told *content.About
	if about.Name != "" {
		about.Picture, told = nil, &about
	}
	place, err := invite.NewPlace(create, told, people)
	if err != nil {
		return nil
	}
	small, err := canon.Marshal(place)
	if err != nil {
		return nil
	}
	return small
}

// joinedElsewhere follows what another device of the owner's decided of a space: what is on its way there is awaited here, too.
func (h *Home) joinedElsewhere(ctx context.Context, text string) error {
	h.feed.tell(Event{Kind: EventGroups, ID: text})
	id, err := key.ParseSpaceID(text)
	if err != nil {
		return nil // a device that writes nonsense
	}
	record, err := h.joinedRecord(ctx, id)
	if err != nil {
		return err
	}
	if record.State != "" && record.State != spaceAsking || record.By.IsZero() {
		return nil
	}
	return h.node.Expect(ctx, id, record.By)
}
