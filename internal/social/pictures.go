package social

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/oplog"
)

// picturePath is where pages find pictures. After it comes an ID: "face.PERSON", "group.SPACE", "asking.SPACE-PERSON",
// "draft.PHOTO.SIZE", "held.PHOTO.SIZE", "trash.ENTRY.NUMBER.SIZE" or "ENTRY.NUMBER.SIZE", where the size is "thumb" or "screen"; or
// "ENTRY.NUMBER.poster" for the picture that stands for a film.
const picturePath = "/picture/"

const (
	sizeThumb  = "thumb"
	sizeScreen = "screen"
	sizePoster = "poster"
)

func facePath(id key.PersonID) string { return picturePath + "face." + id.String() }

func photoID(entry oplog.EntryID, i int) string { return entry.String() + "." + strconv.Itoa(i) }

func showPhoto(id string, p *content.Photo, here bool) Photo {
	return Photo{
		ID: strings.TrimPrefix(strings.TrimPrefix(id, "draft."), "held."), Alt: p.Alt, Width: p.Width, Height: p.Height,
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
	if kind == "held" {
		photo, size, _ := strings.Cut(rest, ".")
		return h.heldPicture(ctx, photo, size)
	}
	if kind == "trash" {
		return h.trashPicture(ctx, rest)
	}
	number, size, _ := strings.Cut(rest, ".")
	item, err := h.item(ctx, kind)
	if err != nil {
		return Picture{}, errNoPicture
	}
	photos, files := content.MediaOf(item.Content)
	i, err := strconv.Atoi(number)
	if size == sizePoster && err == nil && i >= 0 && i < len(files) && files[i].Poster != nil {
		return h.checkedPicture(ctx, files[i].Poster, media.ScreenLimits, item.At)
	}
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
	return h.checkedPicture(ctx, &file, limits, modified)
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }
