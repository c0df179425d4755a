package social_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/social"
)

// attaches publishes a post with a file in a space.
func (h *house) attaches(space, name string, plain []byte) (id string) {
	h.t.Helper()
	sealed, err := h.node.Blobs().Seal(h.t.Context(), bytes.NewReader(plain), int64(len(plain)))
	must(h.t, err)
	must(h.t, h.node.DB().MarkBlob(h.t.Context(), sealed.Manifest.Ref(), true))
	secret, err := sealed.Key.MarshalBinary()
	must(h.t, err)
	to, err := key.ParseSpaceID(space)
	must(h.t, err)
	must(h.t, h.node.Gate().Publish(h.t.Context(), func(w *ingest.Writing) error {
		entries, err := w.Items(to, content.Post{Text: "see", Files: []content.Attachment{{
			Name: name, File: content.File{Ref: sealed.Manifest.Ref(), Key: secret, Size: int64(len(plain)), Type: "video/mp4"},
		}}})
		if err == nil {
			id = entries[0].ID().String()
		}
		return err
	}))
	return id
}

// A small file goes to everybody by itself, a large one to who asks for it; then it can be read from any place on.
func TestFilesGoToWhoHasPartInThem(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	club := ada.makes(social.NewGroup{Name: "Film club"})
	ada.adds(club.ID, ben)
	small, large := bytes.Repeat([]byte("small "), 1000), bytes.Repeat([]byte("0123456789abcdef"), content.MaxCarried/16+1)
	note := ada.attaches(club.ID, "note\u202egnp.exe", small)
	film := ada.attaches(club.ID, "film.mp4", large)
	eventually(t, "the small file is at Ben's", func() bool {
		state, err := ben.FileState(t.Context(), note, 0)
		return err == nil && state.Here
	})
	if state, err := ben.FileState(t.Context(), note, 0); err != nil || state.Name != "note_gnp.exe" || state.By.Name != "Ada" {
		t.Errorf("Ben sees %+v, %v", state, err)
	}
	eventually(t, "Ben hears of the large file", func() bool {
		state, err := ben.FileState(t.Context(), film, 0)
		return err == nil && slices.Equal(state.From, []string{"Ada"})
	})
	state, err := ben.FileState(t.Context(), film, 0)
	must(t, err)
	if state.Here || state.Coming || !state.Asked {
		t.Errorf("nobody asked for it, and it is %+v", state)
	}
	if _, err := ben.OpenFile(t.Context(), film, 0); code(err) != social.CodeUnreachable {
		t.Errorf("opening what is not here: %v", err)
	}
	must(t, ben.WantFile(t.Context(), film, 0))
	eventually(t, "the large file is at Ben's", func() bool {
		state, err := ben.FileState(t.Context(), film, 0)
		return err == nil && state.Here && !state.Coming
	})
	open, err := ben.OpenFile(t.Context(), film, 0)
	must(t, err)
	defer open.Content.Close()
	_, err = open.Content.Seek(int64(len(large))-6, io.SeekStart)
	must(t, err)
	if rest, err := io.ReadAll(open.Content); err != nil || string(rest) != "abcdef" || open.Size != int64(len(large)) {
		t.Errorf("it ends in %q, %v, with %d bytes", rest, err, open.Size)
	}
	for _, number := range []int{-1, 1, 1 << 40} {
		if _, err := ben.OpenFile(t.Context(), film, number); code(err) != social.CodeNotFound {
			t.Errorf("file %d: %v", number, err)
		}
	}
	must(t, ada.Delete(t.Context(), film))
	eventually(t, "it is gone with its post", func() bool {
		_, err := ben.OpenFile(t.Context(), film, 0)
		return code(err) == social.CodeNotFound
	})
}
