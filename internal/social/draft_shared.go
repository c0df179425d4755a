package social

import (
	"context"
	"time"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/sqlite"
)

// unsentPause gathers what is typed, so that the text goes to the owner's other devices once in a while and not with
// every key.
const unsentPause = 5 * time.Second

// unsentRecord is the text of the unfinished post and what stands beside it, as the owner's devices agree on it. Photos and files stay on the device where
// they were added, until they are posted.
type unsentRecord struct {
	Text string       `json:"text"`
	By   key.DeviceID `json:"by"`
	Beside
}

// shareDraft has the draft's text written into the own space soon.
func (h *Home) shareDraft() {
	if !h.unsent.CompareAndSwap(false, true) {
		return
	}
	h.later(func(ctx context.Context) error {
		select {
		case <-time.After(unsentPause):
		case <-ctx.Done():
			return nil
		}
		h.drafting.Lock()
		defer h.drafting.Unlock()
		h.unsent.Store(false)
		d, err := h.draft(ctx)
		if err != nil {
			return err
		}
		var before unsentRecord
		if _, err := h.shared(ctx, recordsUnsent, recordsUnsent, &before); err != nil || before.Text == d.Text && before.same(&d.Beside) {
			return err
		}
		return h.shareNow(ctx, recordsUnsent, recordsUnsent, &unsentRecord{Text: d.Text, By: h.node.Device().ID(), Beside: d.Beside})
	})
}

// forgetUnsent drops the shared text, in the transaction that publishes it.
func (h *Home) forgetUnsent(w *ingest.Writing) error {
	var before unsentRecord
	if found, err := w.Tx().Record(sqlite.Shared(recordsUnsent), recordsUnsent, &before); err != nil || !found {
		return err
	}
	return h.unshare(w, recordsUnsent, recordsUnsent)
}

// takeDraft takes the text that was typed, or posted, on another device, unless something newer is being typed here.
func (h *Home) takeDraft(ctx context.Context) error {
	h.drafting.Lock()
	defer h.drafting.Unlock()
	if h.unsent.Load() {
		return nil // it is about to be shared in its turn
	}
	var theirs unsentRecord
	found, err := h.shared(ctx, recordsUnsent, recordsUnsent, &theirs)
	if err != nil || found && theirs.By == h.node.Device().ID() {
		return err
	}
	d, err := h.draft(ctx)
	if err != nil || d.Text == theirs.Text && d.same(&theirs.Beside) {
		return err
	}
	d.Text, d.Beside = theirs.Text, theirs.Beside
	return h.db.Put(ctx, recordsHome, recordDraft, d)
}
