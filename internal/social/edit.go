package social

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// Edit is new words for one's own post or comment.
type Edit struct {
	Text string `json:"text"`
	// Photos are those of the post that stay in sight, by Photo.ID, in this order and with these descriptions. Empty
	// leaves them as they are.
	Photos []NewPhoto `json:"photos,omitempty"`
	// Mentions are as in NewPost.
	Mentions []string `json:"mentions,omitempty"`
}

// History is every version of a post or comment that can still be read.
type History struct {
	ID       string    `json:"id"`
	Post     string    `json:"post"`              // the post itself, or the one that the comment hangs under
	Comment  bool      `json:"comment,omitempty"` // it is a comment's
	Author   Person    `json:"author"`
	Versions []Version `json:"versions"` // the newest first; the last one is as it was first written
}

// Version is a post or comment as it was for a while.
type Version struct {
	At     time.Time `json:"at"`
	Text   string    `json:"text"`
	Photos []Photo   `json:"photos,omitempty"`
}

var errNotYourWords = fail(CodeNotAllowed, "Only who wrote this can change it. Nothing was changed.", nil)

// Edit puts new words in the place of one's own post, comment or message. The earlier versions stay to be read.
func (h *Home) Edit(ctx context.Context, id string, edit Edit) error {
	item, err := h.item(ctx, id)
	if err != nil {
		return err
	}
	me, err := h.me()
	if err != nil {
		return err
	}
	if item.Author != me {
		return errNotYourWords
	}
	edits, err := h.db.Edits(ctx, []oplog.EntryID{item.ID})
	if err != nil {
		return explain("edit", err)
	}
	before, _ := edits[item.ID].Content.(content.Edit)
	next := content.Edit{Target: item.ID, Text: cleanText(edit.Text)}
	if err := checkLength(next.Text, content.MaxText); err != nil {
		return err
	}
	switch body := item.Content.(type) {
	case content.Post:
		text, photos := postAs(body, &before)
		if next.Photos, err = photoEdits(body, photos, edit.Photos); err != nil {
			return err
		}
		if next.Text == "" && len(next.Photos) == 0 {
			for _, photo := range photos {
				next.Photos = append(next.Photos, content.PhotoEdit{Photo: photo.Number, Alt: photo.Alt})
			}
		}
		if body.Poll != nil && next.Text == "" {
			return fail(CodeBadInput, "The question of your poll would be gone. Write it as the text of your post. It is unchanged.", nil)
		}
		after, shown, ok := next.Revise(body)
		if !ok || next.Text == "" && len(next.Photos) == 0 {
			return fail(CodeBadInput, "There would be nothing left of this post. Write something, or delete it instead. It is unchanged.", nil)
		}
		if after == text && slices.EqualFunc(shown, photos, sameShown) {
			return nil
		}
	case content.Comment:
		if next.Text == "" {
			return fail(CodeBadInput, "There would be nothing left of this comment. Write something, or delete it instead. It is unchanged.", nil)
		}
		if next.Text == commentAs(body, &before) {
			return nil
		}
	case content.Message:
		if next.Text == "" || body.Sets {
			return fail(CodeBadInput, "There would be nothing left of this message. Write something, or unsend it instead. It is unchanged.", nil)
		}
		if next.Text == messageAs(body, &before) {
			return nil
		}
	default:
		return errNoPost
	}
	if next.Mentions, err = h.mentions(ctx, item.Space, next.Text, edit.Mentions); err != nil {
		return explain("edit", err)
	}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		_, err := w.Items(item.Space, next)
		return err
	})
	return explain("edit", err)
}

func sameShown(a, b content.ShownPhoto) bool { return a.Number == b.Number && a.Alt == b.Alt }

// photoEdits turns what a page or command says of a post's photos into what the entry says. Nothing said leaves them
// as they are.
func photoEdits(post content.Post, shown []content.ShownPhoto, chosen []NewPhoto) ([]content.PhotoEdit, error) {
	if len(chosen) == 0 {
		chosen = nil
		for _, photo := range shown {
			chosen = append(chosen, NewPhoto{ID: "." + strconv.Itoa(photo.Number), Alt: photo.Alt})
		}
	}
	var edits []content.PhotoEdit
	changed := len(chosen) != len(post.Photos)
	for i, photo := range chosen {
		_, number, _ := strings.Cut(photo.ID, ".")
		n, err := strconv.Atoi(number)
		twice := slices.ContainsFunc(edits, func(e content.PhotoEdit) bool { return e.Photo == n })
		if err != nil || n < 0 || n >= len(post.Photos) || twice {
			return nil, fail(CodeNotFound, "One of the photos is not in this post. Nothing was changed; an edit can describe photos anew and put them in another order.", nil)
		}
		alt := cleanText(photo.Alt)
		if len(alt) > content.MaxAlt {
			return nil, fail(CodeTooLarge, "The description of a photo is too long. A sentence or two is best. Nothing was changed.", nil)
		}
		changed = changed || n != i || alt != post.Photos[n].Alt
		edits = append(edits, content.PhotoEdit{Photo: n, Alt: alt})
	}
	if !changed {
		return nil, nil
	}
	return edits, nil
}

// postAs is a post's text and photos as an edit has them, or as first written, where there is none that counts.
func postAs(post content.Post, edit *content.Edit) (string, []content.ShownPhoto) {
	if !edit.Target.IsZero() {
		if text, photos, ok := edit.Revise(post); ok {
			return text, photos
		}
	}
	return post.Text, post.Shown()
}

// postEdited tells whether an edit counts for a post.
func postEdited(post content.Post, edit *content.Edit) bool {
	if edit.Target.IsZero() {
		return false
	}
	_, _, ok := edit.Revise(post)
	return ok
}

func commentAs(comment content.Comment, edit *content.Edit) string {
	if edit.Text != "" {
		return edit.Text
	}
	return comment.Text
}

// Versions lists every version of a post or comment, the newest first.
func (h *Home) Versions(ctx context.Context, id string) (History, error) {
	item, err := h.item(ctx, id)
	if err != nil {
		return History{}, err
	}
	history := History{ID: item.ID.String(), Post: item.ID.String()}
	if comment, ok := item.Content.(content.Comment); ok {
		history.Post, history.Comment = comment.Post.String(), true
	} else if _, ok := item.Content.(content.Post); !ok {
		return History{}, errNoPost
	}
	v, err := h.gather(ctx, []sqlite.Item{item})
	if err != nil {
		return History{}, explain("read earlier versions", err)
	}
	history.Author = v.people[item.Author]
	edits, err := h.db.Versions(ctx, item.ID)
	if err != nil {
		return History{}, explain("read earlier versions", err)
	}
	for _, version := range append(edits, item) {
		edit, _ := version.Content.(content.Edit)
		shown := Version{At: version.At}
		switch body := item.Content.(type) {
		case content.Post:
			if edit.Target == item.ID {
				if _, _, ok := edit.Revise(body); !ok {
					continue
				}
			}
			text, photos := postAs(body, &edit)
			shown.Text, shown.Photos = text, v.photos(item.ID, photos)
		case content.Comment:
			if edit.Target == item.ID && edit.Text == "" {
				continue
			}
			shown.Text, shown.Photos = commentAs(body, &edit), v.photos(item.ID, content.Post{Photos: body.Photos}.Shown())
		}
		history.Versions = append(history.Versions, shown)
	}
	return history, nil
}

// photos makes views of a post's photos.
func (v *view) photos(post oplog.EntryID, photos []content.ShownPhoto) (shown []Photo) {
	for i := range photos {
		photo := &photos[i]
		shown = append(shown, showPhoto(photoID(post, photo.Number), &photo.Photo, v.here[photo.Screen.Ref]))
	}
	return shown
}

// edit is the edit of an item that counts, and when it was made; zero if there is none.
func (v *view) edit(id oplog.EntryID) (content.Edit, time.Time) {
	item, found := v.edits[id]
	if !found {
		return content.Edit{}, time.Time{}
	}
	edit, _ := item.Content.(content.Edit)
	return edit, item.At
}

// tellEdit tells that a post, or the post that a comment hangs under, is to be drawn again.
func (h *Home) tellEdit(ctx context.Context, target oplog.EntryID) error {
	item, found, err := h.db.Item(ctx, target)
	if err != nil || !found {
		return err // it is still to come, or gone
	}
	post := target
	switch it := item.Content.(type) {
	case content.Comment:
		post = it.Post
	case content.Message:
		h.tellMessage(&item)
		return nil
	}
	h.feed.tell(Event{Kind: EventChanged, ID: post.String()})
	return nil
}
