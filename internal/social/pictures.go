package social

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/oplog"
)

// picturePath is where pages find pictures. After it comes an ID: "face.PERSON", "group.SPACE", "asking.SPACE-PERSON",
// "draft.PHOTO.SIZE", "trash.ENTRY.NUMBER.SIZE" or "ENTRY.NUMBER.SIZE", where the size is "thumb" or "screen".
const picturePath = "/picture/"

const (
	sizeThumb  = "thumb"
	sizeScreen = "screen"
)

func facePath(id key.PersonID) string { return picturePath + "face." + id.String() }

func photoID(entry oplog.EntryID, i int) string { return entry.String() + "." + strconv.Itoa(i) }

func showPhoto(id string, p *content.Photo, here bool) Photo {
	return Photo{
		ID: strings.TrimPrefix(id, "draft."), Alt: p.Alt, Width: p.Width, Height: p.Height,
		Thumb: picturePath + id + "." + sizeThumb, Screen: picturePath + id + "." + sizeScreen,
		Tone: fmt.Sprintf("#%06x", p.Tone), Here: here,
	}
}

var errNoPicture = fail(CodeNotFound, "This picture is not here. It comes as soon as one of the homes that have it is on.", nil)

// Picture opens one rendition of a photo, or a face. The caller closes its Content.
func (h *Home) Picture(ctx context.Context, id string) (Picture, error) {
	if _, err := h.me(); err != nil {
		return Picture{}, err
	}
	kind, rest, _ := strings.Cut(id, ".")
	switch kind {
	case "face":
		return h.facePicture(ctx, rest)
	case "group":
		return h.groupPicture(ctx, rest)
	case "asking":
		return h.askingPicture(ctx, rest)
	case "draft":
		photo, size, _ := strings.Cut(rest, ".")
		d, err := h.draft(ctx)
		if err != nil {
			return Picture{}, explain("open a picture", err)
		}
		p, ok := d.photo(photo)
		if !ok {
			return Picture{}, errNoPicture
		}
		return h.filePicture(ctx, &p.Photo, size, h.cfg.Since)
	}
	if kind == "trash" {
		return h.trashPicture(ctx, rest)
	}
	number, size, _ := strings.Cut(rest, ".")
	item, err := h.item(ctx, kind)
	if err != nil {
		return Picture{}, errNoPicture
	}
	photos, _ := content.MediaOf(item.Content)
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(photos) {
		return Picture{}, errNoPicture
	}
	return h.filePicture(ctx, &photos[i], size, item.At)
}

func (h *Home) facePicture(ctx context.Context, person string) (Picture, error) {
	id, err := h.personID(person)
	if err != nil {
		return Picture{}, errNoPicture
	}
	cards, err := h.db.Cards(ctx, []key.PersonID{id})
	if err != nil {
		return Picture{}, explain("open a face", err)
	}
	card, ok := cards[id]
	if !ok {
		if card, _, err = h.metCard(ctx, id); err != nil {
			return Picture{}, explain("open a face", err)
		}
	}
	return h.smallPicture(card.Picture)
}

// smallPicture opens a face, or the picture of a group.
func (h *Home) smallPicture(raw []byte) (Picture, error) {
	if len(raw) == 0 {
		return Picture{}, errNoPicture
	}
	if _, err := media.Check(bytes.NewReader(raw), "image/jpeg", media.PortraitLimits); err != nil {
		return Picture{}, errNoPicture // its author sent something else
	}
	return Picture{Type: "image/jpeg", Modified: h.cfg.Since, Content: nopCloser{bytes.NewReader(raw)}}, nil
}

// filePicture opens an encrypted rendition that is here in full, and checks that it is the picture it claims to be: its
// author may be hostile.
func (h *Home) filePicture(ctx context.Context, p *content.Photo, size string, modified time.Time) (Picture, error) {
	var file content.File
	var limits media.Limits
	switch size {
	case sizeThumb:
		file, limits = p.Thumb, media.ThumbLimits
	case sizeScreen:
		file, limits = p.Screen, media.ScreenLimits
	default:
		return Picture{}, errNoPicture
	}
	manifest, held, err := h.node.Blobs().Held(file.Ref)
	if errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrCorrupt) || err == nil && !held.Full() {
		if err := h.node.LostFile(ctx, file.Ref); err != nil {
			return Picture{}, explain("fetch a picture again", err)
		}
		return Picture{}, errNoPicture
	}
	if err != nil {
		return Picture{}, explain("open a picture", err)
	}
	var secret blob.Key
	if err := secret.UnmarshalBinary(file.Key); err != nil {
		return Picture{}, errNoPicture
	}
	r, err := blob.Open(ctx, h.node.Blobs(), manifest, secret)
	if err != nil {
		return Picture{}, errNoPicture
	}
	if _, err := media.Check(r, file.Type, limits); err != nil {
		return Picture{}, errNoPicture
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Picture{}, explain("open a picture", err)
	}
	return Picture{Type: file.Type, Modified: modified, Content: nopCloser{r}}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }
