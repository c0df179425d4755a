package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"
	"time"

	"kith/internal/social"
)

// Photos and the draft of the home in memory.

// addPicture keeps a picture in two sizes.
func (h *home) addPicture(r io.Reader) (social.Photo, error) {
	content, err := io.ReadAll(r)
	if err != nil {
		return social.Photo{}, err
	}
	decoded, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return social.Photo{}, problem(social.CodeBadInput, "This file isn’t a picture that kith can read. Your text and the other photos are safe.")
	}
	return h.keep(decoded), nil
}

// prepared is a picture in its two sizes. The paintings are prepared once for all tests.
type prepared struct {
	thumb, screen []byte
	size          image.Point
	tone          string
}

var preparations sync.Map // image.Image → prepared

func prepare(p image.Image) prepared {
	if known, ok := preparations.Load(p); ok {
		return known.(prepared)
	}
	screen, tone := scaled(p, 2048), meanColour(p)
	v := prepared{jpegOf(scaled(p, 480)), jpegOf(screen), screen.Bounds().Size(), fmt.Sprintf("#%02x%02x%02x", tone.R, tone.G, tone.B)}
	preparations.Store(p, v)
	return v
}

func (h *home) keep(p image.Image) social.Photo {
	id, v := h.id("x"), prepare(p)
	h.pictures[id+"t"] = picture{"image/jpeg", v.thumb}
	h.pictures[id+"s"] = picture{"image/jpeg", v.screen}
	return social.Photo{ID: id, Width: v.size.X, Height: v.size.Y, Here: true, Thumb: "/picture/" + id + "t", Screen: "/picture/" + id + "s", Tone: v.tone}
}

func (h *home) AddPhoto(ctx context.Context, r io.Reader) (social.Photo, error) {
	if h.slow != nil {
		select {
		case <-h.slow:
		case <-ctx.Done():
			return social.Photo{}, ctx.Err()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("AddPhoto"); err != nil {
		return social.Photo{}, err
	}
	if len(h.draft.Photos) >= 20 {
		return social.Photo{}, problem(social.CodeTooLarge, "A post has room for 20 photos. Yours has them; the others can go into a second post.")
	}
	photo, err := h.addPicture(r)
	if err != nil {
		return social.Photo{}, err
	}
	h.draft.Photos = append(h.draft.Photos, photo)
	return photo, nil
}

func (h *home) Draft(context.Context) (social.Draft, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return social.Draft{Text: h.draft.Text, To: h.draft.To, Photos: slices.Clone(h.draft.Photos), Files: slices.Clone(h.draft.Files), Beside: h.draft.Beside}, h.fail["Draft"]
}

func (h *home) SaveDraft(_ context.Context, e social.DraftEdit) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.changing("SaveDraft"); err != nil {
		return err
	}
	draft := social.Draft{Text: e.Text, To: e.To, Beside: e.Beside, Files: h.filesOf(e.Files)}
	for _, photo := range e.Photos {
		for _, known := range h.draft.Photos {
			if known.ID == photo.ID {
				known.Alt = photo.Alt
				draft.Photos = append(draft.Photos, known)
			}
		}
	}
	h.draft = draft
	return nil
}

// file is a picture being read.
type file struct{ *bytes.Reader }

func (file) Close() error { return nil }

func (h *home) Picture(_ context.Context, id string) (social.Picture, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.pictures[id]
	if !ok {
		return social.Picture{}, problem(social.CodeNotFound, "This picture is not here yet. It comes when a home that has it is on.")
	}
	return social.Picture{Type: p.kind, Modified: h.now().Add(-time.Hour), Content: file{bytes.NewReader(p.content)}}, h.fail["Picture"]
}
