package social

import (
	"context"
	"errors"
	"io"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/media"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

const (
	recordsHeld = "held-photos" // pictures that were prepared for comments which are still being written, by the ID of the picture
	// heldFor is how long such a picture waits for its comment.
	heldFor = 7 * 24 * time.Hour
	// maxHeld of them at once: somebody who adds pictures and sends nothing fills no disk.
	maxHeld = 100
	// maxThread bounds how far up a comment's answers are followed.
	maxThread = 500
)

// NewComment is a comment to write.
type NewComment struct {
	Post     string     `json:"post"`
	Text     string     `json:"text"`
	Answers  string     `json:"answers,omitempty"`  // the ID of another comment under the same post
	Photos   []NewPhoto `json:"photos,omitempty"`   // as HoldPhoto named them
	Mentions []string   `json:"mentions,omitempty"` // IDs of people who were picked, which tells those apart who have one name
}

// heldPhoto is a picture that waits for its comment.
type heldPhoto struct {
	draftPhoto
	Since time.Time `json:"since"`
}

// Comment writes under a post.
func (h *Home) Comment(ctx context.Context, post, text string) (Comment, error) {
	return h.Answer(ctx, NewComment{Post: post, Text: text})
}

// Answer writes under a post, or answers another comment there, with pictures where there are any.
func (h *Home) Answer(ctx context.Context, next NewComment) (Comment, error) {
	text := cleanText(next.Text)
	if text == "" && len(next.Photos) == 0 {
		return Comment{}, fail(CodeBadInput, "Write something first.", nil)
	}
	if err := checkLength(text, content.MaxText); err != nil {
		return Comment{}, err
	}
	if len(next.Photos) > content.MaxCommentPhotos {
		return Comment{}, fail(CodeTooLarge, "A comment holds up to 4 photos. Your text is safe; take some out, or write a second one.", nil)
	}
	target, err := h.item(ctx, next.Post)
	if err != nil {
		return Comment{}, err
	}
	if !isHead(&target) {
		return Comment{}, errNoPost
	}
	item := content.Comment{Post: target.ID, Text: text}
	if next.Answers != "" {
		other, err := h.item(ctx, next.Answers)
		comment, ok := other.Content.(content.Comment)
		if err != nil || !ok || comment.Post != target.ID {
			return Comment{}, fail(CodeNotFound, "The comment that you answer is not there any more. Your text is safe: send it as a comment of its own.", err)
		}
		item.Answers = other.ID
	}
	if item.Mentions, err = h.mentions(ctx, target.Space, text, next.Mentions); err != nil {
		return Comment{}, explain("comment", err)
	}
	h.drafting.Lock()
	defer h.drafting.Unlock()
	for _, chosen := range next.Photos {
		photo, err := h.held(ctx, chosen)
		if err != nil {
			return Comment{}, err
		}
		item.Photos = append(item.Photos, photo)
	}
	id, err := h.writeComment(ctx, target, item, next.Photos)
	if err != nil {
		return Comment{}, explain("comment", err)
	}
	return h.CommentByID(ctx, id.String())
}

func (h *Home) held(ctx context.Context, chosen NewPhoto) (content.Photo, error) {
	var held heldPhoto
	found, err := h.db.Get(ctx, recordsHeld, chosen.ID, &held)
	if err != nil {
		return content.Photo{}, explain("comment", err)
	}
	if !found {
		return content.Photo{}, fail(CodeNotFound, "One of the photos is no longer there. Your text is safe; please add the photo again.", nil)
	}
	if held.Alt = cleanText(chosen.Alt); len(held.Alt) > content.MaxAlt {
		return content.Photo{}, fail(CodeTooLarge, "The description of a photo is too long. A sentence or two is best.", nil)
	}
	return held.Photo, nil
}

func (h *Home) writeComment(ctx context.Context, post sqlite.Item, item content.Comment, used []NewPhoto) (id oplog.EntryID, err error) {
	err = h.publishSoon(ctx, func(w *ingest.Writing) error {
		entries, err := w.Items(post.Space, item)
		if err != nil {
			return err
		}
		id = entries[0].ID()
		for _, photo := range used {
			if err := w.Tx().DeleteRecord(recordsHeld, photo.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// HoldPhoto prepares a picture for a comment that is being written, as AddPhoto does for a post. It waits for a week.
func (h *Home) HoldPhoto(ctx context.Context, r io.Reader) (Photo, error) {
	if _, err := h.me(); err != nil {
		return Photo{}, err
	}
	prepared, err := media.Prepare(ctx, r, media.UploadLimits)
	if err != nil {
		return Photo{}, explainPicture(err)
	}
	h.drafting.Lock()
	defer h.drafting.Unlock()
	all, err := listRecords[heldPhoto](ctx, h.db, recordsHeld)
	if err != nil {
		return Photo{}, explain("keep a photo", err)
	}
	if len(all) >= maxHeld {
		return Photo{}, fail(CodeBusy, "There are many photos already that were added to comments and not sent. Send some of them first; your text is safe.", nil)
	}
	photo, err := h.storePhoto(ctx, prepared)
	if err != nil {
		return Photo{}, explain("keep a photo", err)
	}
	if err := h.db.Put(ctx, recordsHeld, photo.ID, heldPhoto{photo, h.now()}); err != nil {
		return Photo{}, explain("keep a photo", errors.Join(err, h.dropPhotos(ctx, []draftPhoto{photo})))
	}
	return showPhoto("held."+photo.ID, &photo.Photo, true), nil
}

// dropHeld deletes the pictures whose comments were never sent.
func (h *Home) dropHeld(ctx context.Context) error {
	h.drafting.Lock()
	defer h.drafting.Unlock()
	all, err := recordsByID[heldPhoto](ctx, h.db, recordsHeld)
	if err != nil {
		return err
	}
	for id, held := range all {
		if h.now().Sub(held.Since) < heldFor {
			continue
		}
		if err := h.db.Delete(ctx, recordsHeld, id); err != nil {
			return err
		}
		if err := h.dropPhotos(ctx, []draftPhoto{held.draftPhoto}); err != nil {
			return err
		}
	}
	return nil
}

// heldRefs names the files of pictures that wait for their comments.
func (h *Home) heldRefs(ctx context.Context) (refs []blob.Ref, err error) {
	all, err := listRecords[heldPhoto](ctx, h.db, recordsHeld)
	for _, held := range all {
		refs = append(refs, held.Thumb.Ref, held.Screen.Ref)
	}
	return refs, err
}

// heldPicture opens a rendition of a picture that waits for its comment, named "PHOTO.SIZE".
func (h *Home) heldPicture(ctx context.Context, id, size string) (Picture, error) {
	var held heldPhoto
	if found, err := h.db.Get(ctx, recordsHeld, id, &held); err != nil || !found {
		return Picture{}, errNoPicture
	}
	return h.filePicture(ctx, &held.Photo, size, held.Since)
}

// answered reads the comments that others among items answer and that are not among them, so that it can be said whom
// they answer.
func (v *view) answered(ctx context.Context, items []sqlite.Item, hidden hiddenPeople) error {
	v.comments = make(map[oplog.EntryID]sqlite.Item)
	for _, item := range items {
		if _, ok := item.Content.(content.Comment); ok {
			v.comments[item.ID] = item
		}
	}
	for _, item := range items {
		comment, _ := item.Content.(content.Comment)
		for range maxThread {
			if comment.Answers.IsZero() {
				break
			}
			other, here := v.comments[comment.Answers]
			if !here {
				var err error
				if other, here, err = v.h.db.Item(ctx, comment.Answers); err != nil {
					return err
				}
				if !here || other.Space != item.Space || hidden.blocked(other.Author) {
					break
				}
				v.comments[other.ID] = other
			}
			var ok bool
			if comment, ok = other.Content.(content.Comment); !ok {
				break
			}
		}
	}
	return nil
}

// thread finds what a comment answers: whom, and at the end of all answers the comment that the conversation began with. A
// comment under another post is none of it.
func (v *view) thread(c content.Comment) (answers, root oplog.EntryID, whom *Person) {
	at := c
	for range maxThread {
		other, here := v.comments[at.Answers]
		up, ok := other.Content.(content.Comment)
		if at.Answers.IsZero() || !here || !ok || up.Post != c.Post {
			break
		}
		if whom == nil {
			person := v.people[other.Author]
			answers, whom = other.ID, &person
		}
		root, at = other.ID, up
	}
	return answers, root, whom
}
