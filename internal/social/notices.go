package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/key"
)

// recordsNotices holds what happened by itself and was not put away so far, on this device.
const recordsNotices = "notices"

// recordKnown, in recordsHome, lists the devices of the owner's that this home has told of.
const recordKnown = "known-devices"

// maxNotices that are kept: the newest.
const maxNotices = 20

type noticeRecord struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Notices lists what happened by itself, the newest first.
func (h *Home) Notices(ctx context.Context) ([]Notice, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	records, err := recordsByID[noticeRecord](ctx, h.db, recordsNotices)
	if err != nil {
		return nil, explain("list notices", err)
	}
	list := make([]Notice, 0, len(records))
	for id, record := range records {
		list = append(list, Notice{ID: id, At: record.At, Text: record.Text})
	}
	slices.SortFunc(list, func(a, b Notice) int { return b.At.Compare(a.At) })
	return list, nil
}

// DropNotice puts a notice away.
func (h *Home) DropNotice(ctx context.Context, id string) error {
	if err := h.db.Delete(ctx, recordsNotices, id); err != nil {
		return explain("put a notice away", err)
	}
	h.feed.tell(Event{Kind: EventNotices})
	return nil
}

// notice tells the owner of something. The same again, under the same ID, replaces what was told.
func (h *Home) notice(ctx context.Context, id, text string) error {
	if err := h.db.Put(ctx, recordsNotices, id, &noticeRecord{At: h.now(), Text: text}); err != nil {
		return err
	}
	list, err := h.Notices(ctx)
	if err != nil {
		return err
	}
	for _, old := range list[min(len(list), maxNotices):] {
		if err := h.db.Delete(ctx, recordsNotices, old.ID); err != nil {
			return err
		}
	}
	h.feed.tell(Event{Kind: EventNotices})
	return nil
}

// noticeDevices tells of devices of the owner's that came or went since it was last looked.
func (h *Home) noticeDevices(ctx context.Context) error {
	h.noticing.Lock()
	defer h.noticing.Unlock()
	list, err := h.Devices(ctx)
	if err != nil {
		return err
	}
	var known map[string]bool // ID to whether it was removed
	found, err := h.db.Get(ctx, recordsHome, recordKnown, &known)
	if err != nil {
		return err
	}
	now := make(map[string]bool, len(list))
	for _, d := range list {
		now[d.ID] = d.Removed
		removed, was := known[d.ID]
		switch {
		case !found || d.This && !d.Removed:
		case d.Removed && !(was && removed) && d.Left && !d.This:
			err = h.notice(ctx, "removed-"+d.ID, "“"+d.Name+"” has left: it is no longer one of your computers.")
		case d.Removed && !(was && removed) && d.Left: // the owner did that here
		case d.Removed && !(was && removed) && d.This:
			err = h.notice(ctx, "removed-"+d.ID, "This computer was removed from your devices. What is here can still be read; nothing new arrives, and nothing can be written.")
		case d.Removed && !(was && removed):
			err = h.notice(ctx, "removed-"+d.ID, "“"+d.Name+"” was removed from your computers.")
		case !d.Removed && !was:
			err = h.notice(ctx, "added-"+d.ID, "“"+d.Name+"” is now one of your computers: it reads and writes as you. If you did not link it, remove it at once, under Settings, Devices.")
		}
		if err != nil {
			return err
		}
	}
	return h.db.Put(ctx, recordsHome, recordKnown, now)
}

// noticeRecovered tells that somebody came back with their recovery words.
func (h *Home) noticeRecovered(ctx context.Context, id key.PersonID) error {
	if id == h.node.Person() {
		return nil // told as a new device
	}
	if friend, err := h.isFriend(ctx, id); err != nil || !friend {
		return err
	}
	people, err := h.people(ctx, []key.PersonID{id})
	if err != nil {
		return err
	}
	return h.notice(ctx, "recovered-"+id.String(), people[id].Name+" came back with their recovery words, on another computer. If you did not expect that, ask them in person whether it was them.")
}
