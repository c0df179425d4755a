package social_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"kith/internal/blob"
	"kith/internal/social"
)

// files lists the encrypted files on a home's disk.
func (h *house) files() map[blob.Ref]bool {
	h.t.Helper()
	all := make(map[blob.Ref]bool)
	for info, err := range h.node.Blobs().List(context.Background()) {
		must(h.t, err)
		all[info.Ref] = true
	}
	return all
}

// stray writes a file that nothing names, as a crash leaves it: known to the store or not.
func (h *house) stray(words string, known bool) blob.Ref {
	h.t.Helper()
	batch := h.node.Blobs().NewBatch()
	sealed, err := batch.Seal(h.t.Context(), bytes.NewReader([]byte(words)), int64(len(words)))
	must(h.t, err)
	must(h.t, batch.Commit(h.t.Context()))
	if known {
		must(h.t, h.node.DB().MarkBlob(h.t.Context(), sealed.Manifest.Ref(), true))
	}
	return sealed.Manifest.Ref()
}

// Files that nothing names any more are deleted at the next start; those of posts, of the draft and of the trash stay.
func TestUnusedFilesAreCollected(t *testing.T) {
	ada := newHouse(t, "Ada")
	posted, trashed, drafted := ada.addsPhoto("posted", 1), ada.addsPhoto("trashed", 2), ada.addsPhoto("drafted", 3)
	_, err := ada.Publish(t.Context(), social.NewPost{Photos: []social.NewPhoto{posted}, KeepDraft: true})
	must(t, err)
	gone, err := ada.Publish(t.Context(), social.NewPost{Photos: []social.NewPhoto{trashed}, KeepDraft: true})
	must(t, err)
	must(t, ada.Delete(t.Context(), gone.ID))
	kept := ada.files()
	if len(kept) != 6 {
		t.Fatalf("%d files of three photos", len(kept))
	}
	strays := []blob.Ref{ada.stray("known to the store", true), ada.stray("not even that", false)}
	if now := ada.files(); len(now) != 8 {
		t.Fatalf("%d files", len(now))
	}
	// The clock has seconds; what is from the second of the start is left to a later round.
	at := ada.now()
	ada.off()
	ada.now = func() time.Time { return at.Add(2 * time.Second) }
	ada.on()
	eventually(t, "the strays are gone", func() bool {
		now := ada.files()
		return !now[strays[0]] && !now[strays[1]]
	})
	now := ada.files()
	for ref := range kept {
		if !now[ref] {
			t.Errorf("%v is gone, and something names it", ref)
		}
	}
	draft, err := ada.Draft(t.Context())
	if err != nil || len(draft.Photos) != 1 || draft.Photos[0].ID != drafted.ID || !whole(ada, draft.Photos[0]) {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
	// What leaves the draft goes at once.
	must(t, ada.SaveDraft(t.Context(), social.DraftEdit{}))
	if left := ada.files(); len(left) != 4 {
		t.Errorf("%d files are left of two photos", len(left))
	}
}
