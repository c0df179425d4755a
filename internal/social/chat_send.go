package social

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/media"
	"kith/internal/oplog"
)

// PreparedFile is a file that is encrypted and on disk, to be sent with a message.
type PreparedFile struct {
	Name  string
	photo *content.Photo
	file  *content.Attachment
}

// pictureKinds are the media types that are sent as photos, made anew from their pixels.
var pictureKinds = []string{"image/jpeg", "image/png", "image/webp", "image/gif"}

// PrepareFile encrypts a file for a message. A picture becomes a photo. Nothing refers to it until the message is sent; what is
// not sent is gone after a while.
func (h *Home) PrepareFile(ctx context.Context, f NewFile) (PreparedFile, error) {
	if _, err := h.me(); err != nil {
		return PreparedFile{}, err
	}
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(f.Type)), ";")
	if slices.Contains(pictureKinds, kind) {
		prepared, err := media.Prepare(ctx, f.Content, media.UploadLimits)
		if err != nil {
			return PreparedFile{}, explainPicture(err)
		}
		photo, err := h.storePhoto(ctx, prepared)
		if err != nil {
			return PreparedFile{}, explain("keep a photo", err)
		}
		return PreparedFile{Name: f.Name, photo: &photo.Photo}, nil
	}
	raw, err := io.ReadAll(io.LimitReader(f.Content, content.MaxCarried+1))
	if err != nil {
		return PreparedFile{}, fail(CodeBadInput, "This file did not arrive whole. Nothing was sent; please try again.", err)
	}
	if len(raw) > content.MaxCarried {
		return PreparedFile{}, fail(CodeTooLarge, "A file in a chat can have up to 8 MB, because every home in the chat keeps a copy. Nothing was sent.", nil)
	}
	if len(raw) == 0 {
		return PreparedFile{}, fail(CodeBadInput, "This file is empty. Nothing was sent.", nil)
	}
	attachment := &content.Attachment{Name: cleanFileName(f.Name), Lasting: min(max(f.Lasting, 0), content.MaxLasting)}
	if len(f.Wave) > 0 {
		attachment.Wave = f.Wave[:min(len(f.Wave), content.MaxWave)]
	}
	if kind == "" || len(kind) > content.MaxType || !utf8.ValidString(kind) {
		kind = "application/octet-stream"
	}
	batch := h.node.Blobs().NewBatch()
	attachment.File, err = seal(ctx, batch, media.Rendition{Data: raw, Type: kind})
	if err != nil {
		return PreparedFile{}, explain("keep a file", errors.Join(err, batch.Discard()))
	}
	if err := batch.Commit(ctx); err != nil {
		return PreparedFile{}, explain("keep a file", err)
	}
	if err := h.db.MarkBlob(ctx, attachment.File.Ref, true); err != nil {
		return PreparedFile{}, explain("keep a file", err)
	}
	return PreparedFile{Name: attachment.Name, file: attachment}, nil
}

// cleanFileName makes a file's name fit to be kept: without a folder and without what no file system takes.
func cleanFileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), "\\", "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == 0x7f {
			return -1
		}
		return r
	}, name))
	if name == "" || name == "." || name == ".." {
		return "file"
	}
	if len(name) <= content.MaxFileName {
		return name
	}
	end := path.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	cut := content.MaxFileName - len(end)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + end
}

// Send puts a message into a chat. When it returns, the message is on this computer's disk.
func (h *Home) Send(ctx context.Context, chat string, message NewMessage) (Message, error) {
	c, err := h.conversation(ctx, chat)
	if err != nil {
		return Message{}, err
	}
	if err := h.maySpeak(c); err != nil {
		return Message{}, err
	}
	item := content.Message{Text: cleanText(message.Text)}
	if len(item.Text) > content.MaxText {
		return Message{}, fail(CodeTooLarge, "This is longer than one message can hold. It is still here: shorten it, or make two of it.", nil)
	}
	for _, f := range message.Files {
		switch {
		case f.photo != nil:
			item.Photos = append(item.Photos, *f.photo)
		case f.file != nil:
			item.Files = append(item.Files, *f.file)
		}
	}
	if len(item.Files) > content.MaxFiles || len(item.Photos)+len(item.Files) > content.MaxPhotos {
		return Message{}, fail(CodeTooLarge, "A message holds up to 10 files, and 20 with its photos. Nothing was sent; make two messages of it.", nil)
	}
	if item.Text == "" && len(item.Photos)+len(item.Files) == 0 {
		return Message{}, fail(CodeBadInput, "There is nothing in this message yet.", nil)
	}
	if message.Reply != "" {
		if id, ok := entryID(message.Reply); ok {
			item.Reply = id
		}
	}
	fades, err := h.fadesAfter(ctx, c)
	if err != nil {
		return Message{}, explain("send a message", err)
	}
	item.Fades = uint64(fades)
	id, err := h.speak(ctx, c, item)
	if err != nil {
		return Message{}, err
	}
	return h.Message(ctx, id.String())
}

// maySpeak tells whether new messages can go into a chat.
func (h *Home) maySpeak(c *conversation) error {
	switch {
	case c.main.Role(h.node.Person()) == 0:
		return errChatLeft
	case c.main.Closed:
		return errChatClosed
	case c.pair && c.main.Role(c.other) == 0:
		return fail(CodeNotAllowed, "They are no longer in this chat. Begin a new one on their page, if you are friends.", nil)
	}
	return nil
}

func (h *Home) speak(ctx context.Context, c *conversation, item content.Message) (oplog.EntryID, error) {
	var id oplog.EntryID
	err := h.publishing(ctx, "send a message", func(w *ingest.Writing) error {
		entries, err := w.Items(c.main.ID, item)
		if err == nil {
			id = entries[0].ID()
		}
		return err
	})
	return id, err
}

// heardMessage follows a message that came, or was sent from here. It runs in the node's goroutine.
func (h *Home) heardMessage(id string, space string, m content.Message) {
	h.feed.tell(Event{Kind: EventMessage, ID: id, Post: space})
	if m.Fades > 0 {
		select {
		case h.fading <- struct{}{}:
		default:
		}
	}
}
