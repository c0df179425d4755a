package social

import (
	"context"
	"slices"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

// Delete asks every home to erase one's own post or comment, and keeps it in this home's own trash for TrashDays. What
// somebody else wrote on one's own wall is taken down: that goes nowhere.
//
// What hangs under a post goes with it. A message of a chat is unsent: it does not go into the trash.
func (h *Home) Delete(ctx context.Context, id string) error { return h.delete(ctx, id, false) }

// DeleteForGood is Delete without the trash: it is nowhere afterwards, at once here, and elsewhere as soon as the other
// homes hear of it.
func (h *Home) DeleteForGood(ctx context.Context, id string) error { return h.delete(ctx, id, true) }

func (h *Home) delete(ctx context.Context, id string, forGood bool) error {
	me, err := h.me()
	if err != nil {
		return err
	}
	item, err := h.item(ctx, id)
	if err != nil {
		return err
	}
	state, err := h.node.Gate().State(ctx, item.Space)
	if err != nil {
		return explain("delete", err)
	}
	switch item.Content.(type) {
	case content.Post, content.Comment:
	case content.Message:
		if item.Author != me { // nobody unsends what somebody else said
			return errNotYours
		}
		forGood = true
	default:
		if !isEvent(&item) {
			return errNoPost
		}
		forGood = true // an event that was is not made again
	}
	if !mayErase(state, me, item.Author) {
		return errNotYours
	}
	targets, err := h.targets(ctx, item, state, me)
	if err != nil {
		return explain("delete", err)
	}
	var kept *trashRecord
	if item.Author == me && !forGood {
		if kept, err = h.forTrash(ctx, item); err != nil {
			return explain("delete", err)
		}
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if kept != nil {
			if err := w.Tx().PutRecord(recordsTrash, item.ID.String(), kept); err != nil {
				return err
			}
		}
		for some := range slices.Chunk(targets, space.MaxTargets) {
			if _, err := w.Operate(item.Space, &space.Erase{Targets: some}); err != nil {
				return err
			}
		}
		state, err := w.State(item.Space)
		if err != nil {
			return err
		}
		record, _, err := w.Tx().Log(item.Log)
		if err == nil && !state.Erased(item.Author, record.Log, item.Seq, item.ID) {
			err = errNotYours
		}
		return err
	})
	h.forgetEvents()
	return explain("delete", err)
}

var errNotYours = fail(CodeNotAllowed, "Only its author, whose wall it is on, or in a group an admin can delete this. Nothing was changed.", nil)

// targets lists what an erase of an item names: the item, and what hangs under it as far as it is one's own to erase. The
// rest goes too, at whoever holds the item as erased; what is named goes also where the item itself never was.
func (h *Home) targets(ctx context.Context, item sqlite.Item, state *space.State, me key.PersonID) ([]space.Target, error) {
	var comments []sqlite.Item
	if isHead(&item) {
		var err error
		if comments, err = h.db.Comments(ctx, item.ID, maxComments); err != nil {
			return nil, err
		}
	}
	var targets []space.Target
	for _, gone := range append([]sqlite.Item{item}, comments...) {
		if !mayErase(state, me, gone.Author) {
			continue
		}
		targets = append(targets, target(gone))
		edits, err := h.db.Versions(ctx, gone.ID)
		if err != nil {
			return nil, err
		}
		for _, edit := range edits {
			targets = append(targets, target(edit))
		}
	}
	return targets, nil
}

// target names an item's entry for an erase.
func target(item sqlite.Item) space.Target {
	return space.Target{Log: item.Log, Seq: item.Seq, ID: item.ID}
}

// Taken tells the author of a comment that somebody took it down. Only the author is told.
type Taken struct {
	ID   string    `json:"id"`   // the comment's, which is gone
	Post string    `json:"post"` // the post that it stood under
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
}

// takenRecord is a Taken as it is kept, until its author has seen enough of it.
type takenRecord struct {
	Post string       `json:"post"`
	By   key.PersonID `json:"by"`
	At   time.Time    `json:"at"`
}

// noteTaken keeps a note of the owner's comments that others erased, unless the post has gone with them.
func (h *Home) noteTaken(ctx context.Context, erased []ingest.Erased) error {
	gone := make(map[oplog.EntryID]bool, len(erased))
	for i := range erased {
		gone[erased[i].ID] = true
	}
	me := h.node.Person()
	for i := range erased {
		e := &erased[i]
		if e.Kind != content.KindComment || e.Author != me || e.By.IsZero() || e.By == me || gone[e.Parent] {
			continue
		}
		note := takenRecord{Post: e.Parent.String(), By: e.By, At: h.now()}
		if err := h.db.Put(ctx, recordsTaken, e.ID.String(), note); err != nil {
			return err
		}
		h.feed.tell(Event{Kind: EventChanged, ID: note.Post})
	}
	return nil
}

// DismissTaken drops the note that a comment was taken down.
func (h *Home) DismissTaken(ctx context.Context, id string) error {
	if _, err := h.me(); err != nil {
		return err
	}
	var note takenRecord
	found, err := h.db.Get(ctx, recordsTaken, id, &note)
	if err != nil || !found {
		return explain("drop a note", err)
	}
	if err := h.db.Delete(ctx, recordsTaken, id); err != nil {
		return explain("drop a note", err)
	}
	h.feed.tell(Event{Kind: EventChanged, ID: note.Post})
	return nil
}

// taken reads the notes that belong to posts.
func (h *Home) taken(ctx context.Context, posts []oplog.EntryID) (map[string][]Taken, error) {
	all, err := recordsByID[takenRecord](ctx, h.db, recordsTaken)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	notes := make(map[string][]Taken)
	for id, note := range all {
		if !slices.ContainsFunc(posts, func(p oplog.EntryID) bool { return p.String() == note.Post }) {
			continue
		}
		people, err := h.people(ctx, []key.PersonID{note.By})
		if err != nil {
			return nil, err
		}
		notes[note.Post] = append(notes[note.Post], Taken{ID: id, Post: note.Post, By: people[note.By], At: note.At})
	}
	for _, list := range notes {
		slices.SortFunc(list, func(a, b Taken) int { return a.At.Compare(b.At) })
	}
	return notes, nil
}
