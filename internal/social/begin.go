package social

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"kith/internal/content"
	"kith/internal/identity"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/media"
	"kith/internal/space"
)

// wordsFile holds the recovery words until their owner has shown that they have them.
const wordsFile = "words"

// Begin finishes the first run: it makes the person, their identity, their wall and their card, all or nothing.
// Calling it again on a home that has begun is a bad-input error.
func (h *Home) Begin(ctx context.Context, setup Setup) error {
	h.meeting.Lock()
	defer h.meeting.Unlock()
	if !h.node.Person().IsZero() {
		return fail(CodeBadInput, "This home is set up already. To change your name or picture, edit your profile.", nil)
	}
	profile := &profileRecord{}
	var err error
	if profile.Name, err = cleanName(setup.Name); err != nil {
		return err
	}
	if err := checkReach(setup.Reach); err != nil {
		return err
	}
	if setup.Picture != nil {
		if profile.Picture, err = portrait(ctx, setup.Picture); err != nil {
			return err
		}
	}
	if err := h.begin(ctx, profile); err != nil {
		return explain("begin", err)
	}
	return explain("open the network", h.node.SetReach(ctx, networkReach(setup.Reach)))
}

func (h *Home) begin(ctx context.Context, profile *profileRecord) error {
	path := h.node.KeyFile(wordsFile)
	words, err := key.LoadWords(path)
	if errors.Is(err, os.ErrNotExist) {
		words = key.NewWords()
		err = key.SaveWords(path, words)
	}
	if err != nil {
		return err
	}
	root := words.Root()
	entries, _, err := identity.Begin(root, h.node.Device(), h.now())
	if err != nil {
		return err
	}
	return h.node.Become(ctx, root.Person(), func(w *ingest.Writing) error {
		if err := w.Identity(entries); err != nil {
			return err
		}
		wall, err := w.Create(space.NewCreate(space.Wall, root.Person(), space.HistoryAll))
		if err != nil {
			return err
		}
		profile.Wall = wall
		if _, err := w.Items(wall, profile.card()); err != nil {
			return err
		}
		return h.shareBeginning(w, profile)
	})
}

// cleanName makes a name fit to be shown: no control characters, no white space around, not empty, not too long.
func cleanName(name string) (string, error) {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name))
	switch {
	case name == "" || !utf8.ValidString(name):
		return "", fail(CodeBadInput, "Write your name, as your friends know you.", nil)
	case utf8.RuneCountInString(name) > MaxName || len(name) > content.MaxName:
		return "", fail(CodeTooLarge, "This name is too long. Up to 60 characters fit.", nil)
	}
	return name, nil
}

// MaxName is the length of a name in characters.
const MaxName = 60

// portrait prepares a profile picture.
func portrait(ctx context.Context, r io.Reader) ([]byte, error) {
	picture, err := media.Portrait(ctx, r, media.UploadLimits)
	if err != nil {
		return nil, explainPicture(err)
	}
	return picture.Data, nil
}
