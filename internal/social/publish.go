package social

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Publish puts a post where it is to go: onto the owner's wall, to one of their lists of friends, into a group. In the same step the draft is gone, or with KeepDraft the post's photos leave it:
// either both happen or neither.
func (h *Home) Publish(ctx context.Context, post NewPost) (Post, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Post{}, explain("publish", err)
	}
	item := content.Post{Text: cleanText(post.Text)}
	if err := checkLength(item.Text, content.MaxText); err != nil {
		return Post{}, err
	}
	if len(post.Photos) > content.MaxPhotos {
		return Post{}, fail(CodeTooLarge, "A post holds up to 20 photos. Take some out, or make two posts of it.", nil)
	}
	to, err := h.target(ctx, p, post.To)
	if err != nil {
		return Post{}, explain("publish", err)
	}
	h.drafting.Lock()
	defer h.drafting.Unlock()
	draft, err := h.draft(ctx)
	if err != nil {
		return Post{}, explain("publish", err)
	}
	for _, chosen := range post.Photos {
		photo, ok := draft.photo(chosen.ID)
		if !ok {
			return Post{}, fail(CodeNotFound, "One of the photos is no longer in your draft. Your text is safe; please add the photo again.", nil)
		}
		if photo.Alt = cleanText(chosen.Alt); len(photo.Alt) > content.MaxAlt {
			return Post{}, fail(CodeTooLarge, "The description of a photo is too long. A sentence or two is best.", nil)
		}
		item.Photos = append(item.Photos, photo.Photo)
	}
	if item.Text == "" && len(item.Photos) == 0 {
		return Post{}, fail(CodeBadInput, "There is nothing in this post yet. Write something or add a photo.", nil)
	}
	var id oplog.EntryID
	err = h.publishSoon(ctx, func(w *ingest.Writing) error {
		entries, err := w.Items(to, item)
		if err != nil {
			return err
		}
		id = entries[0].ID()
		if post.KeepDraft {
			return w.Tx().PutRecord(recordsHome, recordDraft, draft.without(post.Photos))
		}
		if err := w.Tx().DeleteRecord(recordsHome, recordDraft); err != nil {
			return err
		}
		return h.forgetUnsent(w)
	})
	if err != nil {
		return Post{}, explain("publish", err)
	}
	return h.Post(ctx, id.String())
}

// Comment writes under a post.
func (h *Home) Comment(ctx context.Context, post, text string) (Comment, error) {
	text = cleanText(text)
	if text == "" {
		return Comment{}, fail(CodeBadInput, "Write something first.", nil)
	}
	if err := checkLength(text, content.MaxText); err != nil {
		return Comment{}, err
	}
	target, err := h.item(ctx, post)
	if err != nil {
		return Comment{}, err
	}
	if !isHead(&target) {
		return Comment{}, errNoPost
	}
	id, err := h.write(ctx, target.Space, content.Comment{Post: target.ID, Text: text})
	if err != nil {
		return Comment{}, explain("comment", err)
	}
	return h.CommentByID(ctx, id.String())
}

// React puts one emoji under a post, comment or message, in place of the one before; an empty one takes it away.
func (h *Home) React(ctx context.Context, target, emoji string) error {
	if len(emoji) > content.MaxEmoji || strings.ContainsFunc(emoji, func(r rune) bool { return r <= ' ' }) || !utf8.ValidString(emoji) {
		return fail(CodeBadInput, "This is not an emoji. Choose one from the list.", nil)
	}
	item, err := h.item(ctx, target)
	if err != nil {
		return err
	}
	switch item.Content.(type) {
	case content.Post, content.Comment, content.Message:
	default:
		if isEvent(&item) {
			break
		}
		return errNoPost
	}
	_, err = h.write(ctx, item.Space, content.Reaction{Target: item.ID, Emoji: emoji})
	return explain("react", err)
}

// write puts one item into a space.
func (h *Home) write(ctx context.Context, id key.SpaceID, item content.Item) (oplog.EntryID, error) {
	var written oplog.EntryID
	err := h.publishSoon(ctx, func(w *ingest.Writing) error {
		entries, err := w.Items(id, item)
		if err == nil {
			written = entries[0].ID()
		}
		return err
	})
	return written, err
}

// cleanText drops what only a keyboard slip or a hostile paste puts into a text: white space around it, and control
// characters but for line breaks and tabs.
func cleanText(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return strings.TrimSpace(text)
}

func checkLength(text string, limit int) error {
	if len(text) > limit {
		return fail(CodeTooLarge, "This text is longer than one post or comment can hold. It is still here: shorten it, or make two of it.", errors.New("text too long"))
	}
	return nil
}

var errNoPost = fail(CodeNotFound, "This post is not here any more. Its author may have deleted it.", nil)
