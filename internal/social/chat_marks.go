package social

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/replicate"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// How far the owner has read is a place in each log of others, and not a time: a message that was written earlier and comes
// later, because its author's home was off, is as unread as any other. Their own devices agree on it by a register; the
// others in the chat are told by a receipt, unless the owner wants it otherwise.

// readRecord is how far the owner has read a space: by the ID of a log, in hexadecimal, the number of the entry.
type readRecord struct {
	Logs map[string]uint64 `json:"logs"`
}

// maxUnreadLook bounds how many unread messages are looked at.
const maxUnreadLook = 5000

func (h *Home) readMarks(ctx context.Context, id key.SpaceID) (map[oplog.LogID]uint64, error) {
	var record readRecord
	if _, err := h.shared(ctx, recordsRead, id.String(), &record); err != nil {
		return nil, err
	}
	marks := make(map[oplog.LogID]uint64, len(record.Logs))
	for text, seq := range record.Logs {
		if raw, err := hex.DecodeString(text); err == nil && len(raw) == len(oplog.LogID{}) {
			marks[oplog.LogID(raw)] = seq
		}
	}
	return marks, nil
}

// unread lists the messages of a chat that the owner has not read: of others, since the owner is in it, and of nobody whom
// they blocked.
func (h *Home) unread(ctx context.Context, c *conversation) ([]sqlite.Unread, error) {
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	me := h.node.Person()
	var list []sqlite.Unread
	for _, state := range c.states {
		marks, err := h.readMarks(ctx, state.ID)
		if err != nil {
			return nil, err
		}
		since, err := h.entered(ctx, state, me)
		if err != nil {
			return nil, err
		}
		more, err := h.db.Unread(ctx, state.ID, me, marks, since, h.now(), maxUnreadLook)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return slices.DeleteFunc(list, func(u sqlite.Unread) bool { return hidden.blocked(u.Author) }), nil
}

// UnreadChats counts the messages that the owner has not read, in all chats together; at most MaxUnread.
func (h *Home) UnreadChats(ctx context.Context) (int, error) {
	all, err := h.conversations(ctx)
	if err != nil {
		return 0, explain("count messages", err)
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return 0, explain("count messages", err)
	}
	n := 0
	for _, c := range all {
		if c.pair && hidden.blocked(c.other) {
			continue
		}
		unread, err := h.unread(ctx, c)
		if err != nil {
			return 0, explain("count messages", err)
		}
		n += len(unread)
	}
	return min(n, MaxUnread), nil
}

// ReadChat notes that the owner has read a chat up to a message, given by its ID; up to the newest if that is empty.
func (h *Home) ReadChat(ctx context.Context, chat, upTo string) error {
	c, err := h.conversation(ctx, chat)
	if err != nil {
		return err
	}
	unread, err := h.unread(ctx, c)
	if err != nil || len(unread) == 0 {
		return explain("note what was read", err)
	}
	if upTo != "" {
		id, ok := entryID(upTo)
		if !ok {
			return errNoMessage
		}
		place, found, err := h.db.PlaceOf(ctx, id)
		if err != nil || !found {
			return explain("note what was read", err) // it was unsent meanwhile
		}
		unread = slices.DeleteFunc(unread, func(u sqlite.Unread) bool { return place.Before(u.Place) })
	}
	choices, err := h.ChatChoices(ctx)
	if err != nil {
		return err
	}
	for _, state := range c.states {
		if err := h.readSpace(ctx, state, unread, choices.Quiet); err != nil {
			return explain("note what was read", err)
		}
	}
	h.feed.tell(Event{Kind: EventChat, ID: c.id()})
	return nil
}

// readSpace raises the marks of a space to what was read of it.
func (h *Home) readSpace(ctx context.Context, state *space.State, read []sqlite.Unread, quiet bool) error {
	logs, err := h.db.Logs(ctx, state.ID)
	if err != nil {
		return err
	}
	here := make(map[oplog.LogID]bool, len(logs))
	for _, record := range logs {
		here[record.Log.ID()] = record.Author != h.node.Person()
	}
	marks, err := h.readMarks(ctx, state.ID)
	if err != nil {
		return err
	}
	raised := false
	for _, u := range read {
		if here[u.Log] && u.Seq > marks[u.Log] {
			marks[u.Log], raised = u.Seq, true
		}
	}
	if !raised {
		return nil
	}
	record, receipt := readRecord{Logs: make(map[string]uint64)}, content.Receipt{}
	for log, seq := range marks {
		record.Logs[hex.EncodeToString(log[:])] = seq
		receipt.Read = append(receipt.Read, content.Mark{Log: bytes.Clone(log[:]), Seq: seq})
	}
	slices.SortFunc(receipt.Read, func(a, b content.Mark) int { return bytes.Compare(a.Log, b.Log) })
	tell := !quiet && len(receipt.Read) <= content.MaxMarks && !state.Closed && state.Role(h.node.Person()) != 0
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if tell {
			if _, err := w.Items(state.ID, receipt); err != nil {
				return err
			}
		}
		return h.share(w, recordsRead, state.ID.String(), &record)
	})
	if tell && errors.Is(err, ingest.ErrNoKey) { // nobody can be told now
		return h.shareNow(ctx, recordsRead, state.ID.String(), &record)
	}
	return err
}

// readers is how far the others in a chat said that they have read.
type readers struct {
	people map[key.PersonID]Person
	marks  map[key.PersonID]map[oplog.LogID]uint64
	order  []key.PersonID
}

// readers reads the newest receipts of those who are in a chat; nobody's where the owner does not tell either.
func (h *Home) readers(ctx context.Context, c *conversation) (*readers, error) {
	r := &readers{marks: make(map[key.PersonID]map[oplog.LogID]uint64)}
	choices, err := h.ChatChoices(ctx)
	if err != nil || choices.Quiet {
		return r, err
	}
	hidden, err := h.hiddenPeople(ctx)
	if err != nil {
		return nil, err
	}
	for _, state := range c.states {
		page, err := h.db.Items(ctx, sqlite.ItemQuery{Kind: content.KindReceipt, Space: state.ID, Limit: space.MaxMembers})
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			receipt, ok := item.Content.(content.Receipt)
			if !ok || item.Author == h.node.Person() || state.Role(item.Author) == 0 || hidden.blocked(item.Author) {
				continue
			}
			if r.marks[item.Author] == nil {
				r.marks[item.Author] = make(map[oplog.LogID]uint64)
				r.order = append(r.order, item.Author)
			}
			for _, mark := range receipt.Read {
				r.marks[item.Author][oplog.LogID(mark.Log)] = mark.Seq
			}
		}
	}
	slices.SortFunc(r.order, func(a, b key.PersonID) int { return bytes.Compare(a[:], b[:]) })
	r.people, err = h.people(ctx, slices.Clone(r.order))
	return r, err
}

// of lists the names of those who have read a message.
func (r *readers) of(item *sqlite.Item) (names []string) {
	for _, person := range r.order {
		if r.marks[person][item.Log] >= item.Seq {
			names = append(names, r.people[person].Name)
		}
	}
	return names
}

// ChatChoices is what the owner wants of all chats.
func (h *Home) ChatChoices(ctx context.Context) (ChatChoices, error) {
	var choices ChatChoices
	_, err := h.shared(ctx, recordsChats, recordsChats, &choices)
	return choices, explain("read your choices", err)
}

// ChooseChats changes it, on all of the owner's devices.
func (h *Home) ChooseChats(ctx context.Context, choices ChatChoices) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if err := h.shareNow(ctx, recordsChats, recordsChats, &choices); err != nil {
		return explain("keep your choices", err)
	}
	h.feed.tell(Event{Kind: EventChat})
	return nil
}

// tellMessage tells that a message is to be drawn again.
func (h *Home) tellMessage(item *sqlite.Item) {
	h.feed.tell(Event{Kind: EventMessage, ID: item.ID.String(), Post: item.Space.String()})
}

// tellFile tells that a picture or file of a post or message has arrived.
func (h *Home) tellFile(ctx context.Context, id oplog.EntryID) error {
	item, found, err := h.db.Item(ctx, id)
	if err != nil {
		return err
	}
	if _, ok := item.Content.(content.Message); found && ok {
		h.tellMessage(&item)
		return nil
	}
	h.feed.tell(Event{Kind: EventChanged, ID: id.String()})
	return nil
}

// tellReachedChats tells of which chats messages of the owner's have arrived at another home.
func (h *Home) tellReachedChats(ctx context.Context, reached []replicate.Held) error {
	chats := make(map[key.SpaceID]bool)
	err := h.db.View(ctx, func(r ingest.Reader) error {
		for _, held := range reached {
			record, known, err := r.Log(held.Log)
			if err != nil {
				return err
			}
			if known && record.Log.Lane == oplog.Content {
				chats[record.Log.Space] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id := range chats {
		state, err := h.node.Gate().State(ctx, id)
		if err == nil && state.Create.Kind == space.Chat {
			h.feed.tell(Event{Kind: EventChat, ID: id.String()})
		}
	}
	return nil
}
