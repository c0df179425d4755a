package social

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/sqlite"
)

const (
	// recoveryQuestions is how many words are asked for: enough to tell that they were written down, few enough not to
	// be an examination.
	recoveryQuestions = 3
	// putOff is how long the reminder rests.
	putOff = 24 * time.Hour
)

// recoveryRecord is how far the recovery words are. Once they are confirmed, the file with them is gone.
type recoveryRecord struct {
	Confirmed bool      `json:"confirmed,omitempty"`
	PutOff    time.Time `json:"put_off,omitzero"`
	Ask       []int     `json:"ask,omitempty"`
}

func (h *Home) recovery(ctx context.Context) (recoveryRecord, error) {
	var r recoveryRecord
	if _, err := h.db.Get(ctx, recordsHome, recordRecovery, &r); err != nil || r.Confirmed {
		return r, err
	}
	_, err := h.shared(ctx, recordsConfirmed, recordsConfirmed, &r.Confirmed)
	return r, err
}

// wordsHere tells whether the words are still on this computer: not on one that was linked.
func (h *Home) wordsHere() bool {
	_, err := os.Stat(h.node.KeyFile(wordsFile))
	return err == nil
}

// Recovery says whether the owner is to be asked for the words now: after the first friend, until they are confirmed,
// unless it was put off.
func (h *Home) Recovery(ctx context.Context) (Recovery, error) {
	if _, err := h.me(); err != nil {
		return Recovery{}, err
	}
	r, err := h.recovery(ctx)
	if err != nil {
		return Recovery{}, explain("look at recovery", err)
	}
	friends, err := recordsByID[friendRecord](ctx, h.db, sqlite.Shared(recordsFriends))
	if err != nil {
		return Recovery{}, explain("look at friends", err)
	}
	back, returning, err := h.returning(ctx)
	if err != nil {
		return Recovery{}, explain("look at recovery", err)
	}
	return Recovery{
		Returning: returning && back.Remove,
		Confirmed: r.Confirmed,
		Due:       !r.Confirmed && len(friends) > 0 && !h.now().Before(r.PutOff) && h.wordsHere(),
	}, nil
}

// RecoveryWords are the words, as long as they have not been confirmed.
func (h *Home) RecoveryWords(ctx context.Context) ([]string, error) {
	words, err := h.words(ctx)
	if err != nil {
		return nil, err
	}
	return words.Reveal(), nil
}

func (h *Home) words(ctx context.Context) (key.Words, error) {
	if _, err := h.me(); err != nil {
		return key.Words{}, err
	}
	words, err := key.LoadWords(h.node.KeyFile(wordsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return key.Words{}, h.wordsGone(ctx)
	}
	if err != nil {
		return key.Words{}, explain("read the recovery words", err)
	}
	return words, nil
}

// wordsGone says where the words are, if not on this computer.
func (h *Home) wordsGone(ctx context.Context) error {
	r, err := h.recovery(ctx)
	if err != nil {
		return explain("look at recovery", err)
	}
	if !r.Confirmed {
		return fail(CodeGone, "Your recovery words are on the computer where you began. Open kith there to write them down.", nil)
	}
	return fail(CodeGone, "Your recovery words are no longer on this computer: you confirmed that you have them. They are where you wrote them down.", nil)
}

// RecoveryQuestions are the positions, from 0, of the words that ConfirmRecovery asks for. They stay the same until they
// are answered.
func (h *Home) RecoveryQuestions(ctx context.Context) ([]int, error) {
	if _, err := h.words(ctx); err != nil {
		return nil, err
	}
	r, err := h.recovery(ctx)
	if err != nil {
		return nil, explain("look at recovery", err)
	}
	if len(r.Ask) == 0 {
		r.Ask = rand.Perm(key.WordCount)[:recoveryQuestions]
		slices.Sort(r.Ask)
		if err := h.db.Put(ctx, recordsHome, recordRecovery, &r); err != nil {
			return nil, explain("look at recovery", err)
		}
	}
	return r.Ask, nil
}

// ConfirmRecovery checks the words that were asked for. If they are right the words leave this computer.
func (h *Home) ConfirmRecovery(ctx context.Context, answers map[int]string) error {
	words, err := h.words(ctx)
	if err != nil {
		return err
	}
	r, err := h.recovery(ctx)
	if err != nil {
		return explain("look at recovery", err)
	}
	if len(r.Ask) == 0 {
		return fail(CodeBadInput, "Look at your words first, then come back to this check.", nil)
	}
	list := words.Reveal()
	for _, position := range r.Ask {
		if !strings.EqualFold(strings.TrimSpace(answers[position]), list[position]) {
			return fail(CodeBadInput, "Not every word fits. Look at what you wrote down, and mind the order; your words have not changed.", nil)
		}
	}
	r = recoveryRecord{Confirmed: true}
	err = h.node.Gate().Publish(ctx, func(w *ingest.Writing) error {
		if err := w.Tx().PutRecord(recordsHome, recordRecovery, &r); err != nil {
			return err
		}
		return h.share(w, recordsConfirmed, recordsConfirmed, true)
	})
	if err != nil {
		return explain("confirm the recovery words", err)
	}
	if err := key.RemoveWords(h.node.KeyFile(wordsFile)); err != nil {
		return explain("remove the recovery words", err)
	}
	return nil
}

// PutOffRecovery lets the reminder rest for a day.
func (h *Home) PutOffRecovery(ctx context.Context) error {
	if _, err := h.me(); err != nil {
		return err
	}
	r, err := h.recovery(ctx)
	if err != nil {
		return explain("put off", err)
	}
	r.PutOff = h.now().Add(putOff)
	return explain("put off", h.db.Put(ctx, recordsHome, recordRecovery, &r))
}
