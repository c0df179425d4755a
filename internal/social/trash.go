package social

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/media"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

const (
	// TrashDays is how long what was deleted stays in the trash of the home on which it was deleted.
	TrashDays = 30
	// trashEvery is how often what has been there for that long is looked for.
	trashEvery = time.Hour
)

const (
	recordsTrash = "trash"
	recordsTaken = "taken-down"
)

// Trashed is one's own post or comment in the trash. It is on this computer alone.
type Trashed struct {
	ID      string    `json:"id"`
	Comment bool      `json:"comment,omitempty"`
	Post    string    `json:"post,omitempty"` // the post that a comment stood under
	Text    string    `json:"text"`
	Photos  []Photo   `json:"photos,omitempty"`
	At      time.Time `json:"at"`      // when it was written
	Deleted time.Time `json:"deleted"` // when it came here
	Until   time.Time `json:"until"`   // when it goes for good
}

// trashRecord is what is kept of something deleted: all that it takes to say it again.
type trashRecord struct {
	Post    string          `json:"post,omitempty"` // of a comment
	Answers string          `json:"answers,omitempty"`
	Space   string          `json:"space,omitempty"` // where a post was
	Text    string          `json:"text,omitempty"`
	Photos  []content.Photo `json:"photos,omitempty"`
	// Rest is what else there was in a post: files, a poll, a feeling, a place, a note. The votes are gone.
	Rest    *content.Post `json:"rest,omitempty"`
	At      time.Time     `json:"at"`
	Deleted time.Time     `json:"deleted"`
}

func (r *trashRecord) until() time.Time { return r.Deleted.AddDate(0, 0, TrashDays) }

// refs are the files that the record keeps from being deleted.
func (r *trashRecord) refs() []blob.Ref {
	return content.Post{Photos: r.Photos, Files: r.rest().Files}.Refs()
}

func (r *trashRecord) rest() content.Post {
	if r.Rest == nil {
		return content.Post{}
	}
	return *r.Rest
}

var errNotInTrash = fail(CodeNotFound, "This is not in your trash any more. What is there goes for good after 30 days.", nil)

// forTrash is a post or comment of the owner as it is shown now.
func (h *Home) forTrash(ctx context.Context, item sqlite.Item) (*trashRecord, error) {
	edits, err := h.db.Edits(ctx, []oplog.EntryID{item.ID})
	if err != nil {
		return nil, err
	}
	edit, _ := edits[item.ID].Content.(content.Edit)
	kept := &trashRecord{At: item.At, Deleted: h.now()}
	switch body := item.Content.(type) {
	case content.Post:
		text, photos := postAs(body, &edit)
		kept.Text, kept.Space = text, item.Space.String()
		kept.Rest = &content.Post{Files: body.Files, Poll: body.Poll, Feeling: body.Feeling, Place: body.Place, Note: body.Note}
		for _, photo := range photos {
			kept.Photos = append(kept.Photos, photo.Photo)
		}
	case content.Comment:
		kept.Text, kept.Post, kept.Photos = commentAs(body, &edit), body.Post.String(), body.Photos
		if !body.Answers.IsZero() {
			kept.Answers = body.Answers.String()
		}
	}
	return kept, nil
}

// Trash lists what is in the trash, what was deleted last first.
func (h *Home) Trash(ctx context.Context) ([]Trashed, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	all, err := recordsByID[trashRecord](ctx, h.db, recordsTrash)
	if err != nil {
		return nil, explain("read the trash", err)
	}
	list := make([]Trashed, 0, len(all))
	for id, r := range all {
		t := Trashed{ID: id, Comment: r.Post != "", Post: r.Post, Text: r.Text, At: r.At, Deleted: r.Deleted, Until: r.until()}
		for i := range r.Photos {
			t.Photos = append(t.Photos, showPhoto(trashPhoto(id, i), &r.Photos[i], true))
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Trashed) int {
		if c := b.Deleted.Compare(a.Deleted); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list, nil
}

func (h *Home) trashed(ctx context.Context, id string) (*trashRecord, error) {
	if _, err := h.me(); err != nil {
		return nil, err
	}
	var r trashRecord
	found, err := h.db.Get(ctx, recordsTrash, id, &r)
	if err != nil {
		return nil, explain("read the trash", err)
	}
	if !found {
		return nil, errNotInTrash
	}
	return &r, nil
}

// Restore posts again what is in the trash, as a new post or comment, where it was, and takes it out of there. It gives the ID of
// the new one, and of the post that it is or hangs under.
func (h *Home) Restore(ctx context.Context, id string) (again, post string, err error) {
	h.trashing.Lock()
	defer h.trashing.Unlock()
	r, err := h.trashed(ctx, id)
	if err != nil {
		return "", "", err
	}
	where, err := h.whereAgain(ctx, r)
	if err != nil {
		return "", "", err
	}
	mentions, err := h.mentions(ctx, where.Space, r.Text, nil)
	if err != nil {
		return "", "", explain("restore", err)
	}
	fresh := &trashRecord{Rest: r.Rest}
	if fresh.Photos, err = h.sealAgain(ctx, r.Photos); err != nil {
		return "", "", explain("restore", err)
	}
	if fresh.Rest, err = h.restAgain(ctx, r.Rest); err != nil {
		return "", "", explain("restore", errors.Join(err, h.node.DropFiles(ctx, content.Post{Photos: fresh.Photos}.Refs())))
	}
	var item content.Item
	if r.Post != "" {
		comment := content.Comment{Post: where.ID, Text: r.Text, Photos: fresh.Photos, Mentions: mentions}
		if other, err := h.item(ctx, r.Answers); err == nil && other.Space == where.Space {
			comment.Answers = other.ID
		}
		item = comment
	} else {
		again := fresh.rest()
		again.Text, again.Photos, again.Mentions = r.Text, fresh.Photos, mentions
		item = again
	}
	written, err := h.sayAgain(ctx, id, where, item)
	if err != nil {
		return "", "", explain("restore", errors.Join(err, h.node.DropFiles(ctx, fresh.refs())))
	}
	if err := h.node.DropFiles(ctx, r.refs()); err != nil {
		return "", "", explain("restore", err)
	}
	if r.Post != "" {
		return written.String(), r.Post, nil
	}
	return written.String(), written.String(), nil
}

// whereAgain finds where something in the trash goes back to: whoever could see it then, or can now, and nobody else.
func (h *Home) whereAgain(ctx context.Context, r *trashRecord) (sqlite.Item, error) {
	if r.Post != "" {
		target, err := h.item(ctx, r.Post)
		if err != nil {
			return target, fail(CodeGone, "The post that this comment stood under is gone, so it cannot go back there. It stays in your trash; copy its words if you want them.", err)
		}
		return target, nil
	}
	profile, err := h.profile(ctx)
	if err != nil {
		return sqlite.Item{}, explain("restore", err)
	}
	space, err := h.target(ctx, profile, r.Space)
	if err != nil {
		return sqlite.Item{}, fail(CodeGone, "Those who could see this post are not together any more, or you can no longer post there. It stays in your trash; copy its words if you want to show them to others.", err)
	}
	return sqlite.Item{Space: space}, nil
}

// sayAgain writes an item and takes it out of the trash, in one step.
func (h *Home) sayAgain(ctx context.Context, id string, where sqlite.Item, item content.Item) (written oplog.EntryID, err error) {
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		entries, err := w.Items(where.Space, item)
		if err != nil {
			return err
		}
		written = entries[0].ID()
		return w.Tx().DeleteRecord(recordsTrash, id)
	})
	return written, err
}

// sealAgain encrypts photos of the trash under new keys, so that what the other homes were asked to erase stays erased.
func (h *Home) sealAgain(ctx context.Context, photos []content.Photo) (_ []content.Photo, err error) {
	batch := h.node.Blobs().NewBatch()
	defer func() {
		if err != nil {
			err = errors.Join(err, batch.Discard())
		}
	}()
	fresh := slices.Clone(photos)
	var refs []blob.Ref
	for i := range fresh {
		photo := &fresh[i]
		photo.Original = nil
		for _, file := range []*content.File{&photo.Thumb, &photo.Screen} {
			size := sizeScreen
			if file == &photo.Thumb {
				size = sizeThumb
			}
			opened, err := h.filePicture(ctx, &photos[i], size, h.now())
			if err != nil {
				return nil, err
			}
			data, err := io.ReadAll(opened.Content)
			if err := errors.Join(err, opened.Content.Close()); err != nil {
				return nil, err
			}
			if *file, err = seal(ctx, batch, media.Rendition{Data: data, Type: file.Type}); err != nil {
				return nil, err
			}
			refs = append(refs, file.Ref)
		}
	}
	if err := batch.Commit(ctx); err != nil {
		return nil, err
	}
	return fresh, h.db.MarkBlobs(ctx, refs, true)
}

// DeleteTrashed deletes something in the trash for good.
func (h *Home) DeleteTrashed(ctx context.Context, id string) error {
	h.trashing.Lock()
	defer h.trashing.Unlock()
	r, err := h.trashed(ctx, id)
	if err != nil {
		return err
	}
	return explain("delete for good", h.dropTrashed(ctx, map[string]*trashRecord{id: r}))
}

// EmptyTrash deletes for good what is in the trash, and tells how much that was.
func (h *Home) EmptyTrash(ctx context.Context) (int, error) {
	if _, err := h.me(); err != nil {
		return 0, err
	}
	h.trashing.Lock()
	defer h.trashing.Unlock()
	all, err := recordsByID[trashRecord](ctx, h.db, recordsTrash)
	if err == nil {
		err = h.dropTrashed(ctx, all)
	}
	return len(all), explain("empty the trash", err)
}

func (h *Home) dropTrashed(ctx context.Context, gone map[string]*trashRecord) error {
	if len(gone) == 0 {
		return nil
	}
	var ids []string
	var refs []blob.Ref
	for id, r := range gone {
		ids, refs = append(ids, id), append(refs, r.refs()...)
	}
	if err := h.db.Shred(ctx, recordsTrash, ids...); err != nil {
		return err
	}
	return h.node.DropFiles(ctx, refs)
}

// tidyTrash empties the trash of what has been there for long enough, and drops old notes, now and then.
func (h *Home) tidyTrash(ctx context.Context) error {
	ticker := time.NewTicker(trashEvery)
	defer ticker.Stop()
	for {
		if err := h.tidyOnce(ctx); err != nil && ctx.Err() == nil {
			h.log.Warn("the trash was not emptied", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (h *Home) tidyOnce(ctx context.Context) error {
	h.trashing.Lock()
	defer h.trashing.Unlock()
	all, err := recordsByID[trashRecord](ctx, h.db, recordsTrash)
	if err != nil {
		return err
	}
	if err := h.dropHeld(ctx); err != nil {
		return err
	}
	now := h.now()
	for id, r := range all {
		if now.Before(r.until()) {
			delete(all, id)
		}
	}
	if err := h.dropTrashed(ctx, all); err != nil {
		return err
	}
	notes, err := recordsByID[takenRecord](ctx, h.db, recordsTaken)
	if err != nil {
		return err
	}
	for id, note := range notes {
		if !now.Before(note.At.AddDate(0, 0, TrashDays)) {
			if err := h.db.Delete(ctx, recordsTaken, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// keptFiles names the files that stay although no post names them: those of the draft and of the trash.
func (h *Home) keptFiles(ctx context.Context) (map[blob.Ref]bool, error) {
	kept := make(map[blob.Ref]bool)
	d, err := h.draft(ctx)
	if err != nil {
		return nil, err
	}
	for _, photo := range d.Photos {
		for _, ref := range (content.Post{Photos: []content.Photo{photo.Photo}}).Refs() {
			kept[ref] = true
		}
	}
	for i := range d.Files {
		for _, ref := range (content.Post{Files: []content.Attachment{d.Files[i].Attachment}}).Refs() {
			kept[ref] = true
		}
	}
	held, err := h.heldRefs(ctx)
	if err != nil {
		return nil, err
	}
	for _, ref := range held {
		kept[ref] = true
	}
	trash, err := listRecords[trashRecord](ctx, h.db, recordsTrash)
	if err != nil {
		return nil, err
	}
	for _, r := range trash {
		for _, ref := range r.refs() {
			kept[ref] = true
		}
	}
	return kept, nil
}

func trashPhoto(id string, i int) string { return fmt.Sprintf("trash.%s.%d", id, i) }

// trashPicture opens a rendition of a photo in the trash, named "ID.NUMBER.SIZE".
func (h *Home) trashPicture(ctx context.Context, name string) (Picture, error) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 {
		return Picture{}, errNoPicture
	}
	if raw, err := hex.DecodeString(parts[0]); err != nil || len(raw) != len(oplog.EntryID{}) {
		return Picture{}, errNoPicture
	}
	r, err := h.trashed(ctx, parts[0])
	if err != nil {
		return Picture{}, errNoPicture
	}
	i, err := strconv.Atoi(parts[1])
	if err != nil || i < 0 || i >= len(r.Photos) {
		return Picture{}, errNoPicture
	}
	return h.filePicture(ctx, &r.Photos[i], parts[2], r.At)
}
