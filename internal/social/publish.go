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

// Publish puts a post where it is to go: onto the owner's wall, to one of their lists of friends, into a group. In the same
// step the draft is gone, or with KeepDraft the post's photos and files leave it: either both happen or neither.
func (h *Home) Publish(ctx context.Context, post NewPost) (Post, error) {
	p, err := h.profile(ctx)
	if err != nil {
		return Post{}, explain("publish", err)
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
	item, err := h.compose(ctx, to, draft, &post)
	if err != nil {
		return Post{}, err
	}
	var id oplog.EntryID
	err = h.publishSoon(ctx, func(w *ingest.Writing) error {
		entries, err := w.Items(to, item)
		if err != nil {
			return err
		}
		id = entries[0].ID()
		return h.sent(w, draft, &post)
	})
	if err != nil {
		return Post{}, explain("publish", err)
	}
	return h.Post(ctx, id.String())
}

// sent takes out of the draft what was published.
func (h *Home) sent(w *ingest.Writing, draft *draftRecord, post *NewPost) error {
	if post.KeepDraft {
		return w.Tx().PutRecord(recordsHome, recordDraft, draft.without(post))
	}
	if err := w.Tx().DeleteRecord(recordsHome, recordDraft); err != nil {
		return err
	}
	return h.forgetUnsent(w)
}

// compose makes the item of a post, of what is written in it and of the draft's photos and files.
func (h *Home) compose(ctx context.Context, to key.SpaceID, draft *draftRecord, post *NewPost) (content.Post, error) {
	item := content.Post{
		Text: cleanText(post.Text), Feeling: cleanLine(post.Feeling), Place: cleanLine(post.Place), Note: cleanLine(post.Note),
	}
	if err := checkLength(item.Text, content.MaxText); err != nil {
		return item, err
	}
	if len(item.Feeling) > content.MaxFeeling || len(item.Place) > content.MaxSpot || len(item.Note) > content.MaxWarning {
		return item, fail(CodeTooLarge, "The feeling, the place and the note have room for a line each. Your draft is safe; shorten what is too long.", nil)
	}
	if len(post.Photos)+len(post.Files) > content.MaxPhotos {
		return item, fail(CodeTooLarge, "A post holds up to 20 photos and files. Take some out, or make two posts of it.", nil)
	}
	for _, chosen := range post.Photos {
		photo, ok := draft.photo(chosen.ID)
		if !ok {
			return item, fail(CodeNotFound, "One of the photos is no longer in your draft. Your text is safe; please add the photo again.", nil)
		}
		if photo.Alt = cleanText(chosen.Alt); len(photo.Alt) > content.MaxAlt {
			return item, fail(CodeTooLarge, "The description of a photo is too long. A sentence or two is best.", nil)
		}
		item.Photos = append(item.Photos, photo.Photo)
	}
	for _, id := range post.Files {
		file, ok := draft.file(id)
		if !ok {
			return item, fail(CodeNotFound, "One of the files is no longer in your draft. Your text is safe; please add the file again.", nil)
		}
		item.Files = append(item.Files, file.Attachment)
	}
	if len(item.Files) > content.MaxFiles {
		return item, fail(CodeTooLarge, "A post holds up to 10 files. Take some out, or make two posts of it.", nil)
	}
	var err error
	if item.Poll, err = post.Poll.filled(h.now()); err != nil {
		return item, err
	}
	if item.Poll != nil && item.Text == "" {
		return item, fail(CodeBadInput, "Your poll has answers and no question. Write the question as the text of your post. Your draft is safe.", nil)
	}
	if item.Text == "" && len(item.Photos) == 0 && len(item.Files) == 0 {
		return item, fail(CodeBadInput, "There is nothing in this post yet. Write something or add a photo.", nil)
	}
	item.Mentions, err = h.mentions(ctx, to, item.Text, post.Mentions)
	return item, explain("publish", err)
}

// cleanLine is cleanText for what stands in one line.
func cleanLine(text string) string { return strings.Join(strings.Fields(cleanText(text)), " ") }

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
