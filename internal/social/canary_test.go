package social_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/oplog"
	"kith/internal/seal"
	"kith/internal/social"
	"kith/internal/sqlite"
)

// erasedWithin is how long every home has, once it has heard of an erase, to lose the last byte.
const erasedWithin = time.Minute

// noisyPhoto is a picture that compresses badly, so that its pieces are like no other bytes.
func noisyPhoto(t *testing.T, seed uint64) []byte {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 9))
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(dice.IntN(256)), uint8(dice.IntN(256)), uint8(x), 255})
		}
	}
	var out bytes.Buffer
	must(t, jpeg.Encode(&out, img, nil))
	return out.Bytes()
}

func (h *house) addsPhoto(alt string, seed uint64) social.NewPhoto {
	h.t.Helper()
	photo, err := h.AddPhoto(h.t.Context(), bytes.NewReader(noisyPhoto(h.t, seed)))
	must(h.t, err)
	return social.NewPhoto{ID: photo.ID, Alt: alt}
}

// canaries are byte strings that are nowhere else, by what they are.
type canaries map[string][]byte

// add takes from an entry what an erase has to take away: salt, ciphertext, its whole payload.
func (c canaries) add(t *testing.T, h *house, name, id string) {
	t.Helper()
	item := h.find(id)
	var entry oplog.Verified
	log, err := h.node.DB().Runs(t.Context(), item.Log, oplog.Range{First: item.Seq, Last: item.Seq}, 1)
	must(t, err)
	if len(log) != 1 {
		t.Fatalf("%d runs hold %s", len(log), name)
	}
	raw := log[0].Entries[item.Seq-log[0].First]
	entry, err = oplog.FromStore(log[0].Log, raw, nil)
	must(t, err)
	epoch, err := h.node.Gate().Key(t.Context(), item.Space, entry.Header().Epoch)
	must(t, err)
	if _, _, err := seal.OpenPayload(epoch, item.Space, entry.Header(), entry.Payload()); err != nil {
		t.Fatalf("%s is not what it should be: %v", name, err)
	}
	// The payload is an array: suite, refs, salt, commitment, ciphertext. Refs are 34 bytes each.
	p := entry.Payload()
	salt := bytes.Index(p, []byte{0x58, 0x20}) // the first byte string of 32 bytes that is no ref
	for range len(item.Content.Refs()) {
		salt += 34
	}
	c[name+", salt"] = p[salt+2 : salt+34]
	c[name+", commitment"] = p[salt+36 : salt+68]
	for i, part := 0, p[salt+72:]; len(part) >= 32; i, part = i+1, part[32:] {
		c[fmt.Sprintf("%s, ciphertext %d", name, i)] = part[:32]
		if i == 20 {
			break
		}
	}
	if post, ok := item.Content.(content.Post); ok {
		c.addFiles(t, h, name, post)
	}
}

func (c canaries) addFiles(t *testing.T, h *house, name string, post content.Post) {
	t.Helper()
	for i := range post.Photos {
		for what, file := range map[string]content.File{"thumb": post.Photos[i].Thumb, "screen": post.Photos[i].Screen} {
			c[fmt.Sprintf("%s, key of %s %d", name, what, i)] = file.Key
			piece, err := h.node.Blobs().ReadPiece(t.Context(), file.Ref, 0, nil)
			must(t, err)
			for at := 0; at+48 <= len(piece); at += max(len(piece)/5, 1) {
				c[fmt.Sprintf("%s, %s %d at %d", name, what, i, at)] = slices.Clone(piece[at : at+48])
			}
		}
	}
}

func (h *house) find(id string) sqlite.Item {
	h.t.Helper()
	raw := make([]byte, 32)
	if _, err := fmt.Sscanf(id, "%x", &raw); err != nil {
		h.t.Fatal(err)
	}
	item, found, err := h.node.DB().Item(h.t.Context(), oplog.EntryID(raw))
	must(h.t, err)
	if !found {
		h.t.Fatalf("%s has no item %s", h.name, id)
	}
	return item
}

// seen tells which canaries are in any file of a home's folder. Names of files count too.
func (c canaries) seen(t *testing.T, h *house) map[string]string {
	t.Helper()
	where := make(map[string]string)
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // gone since it was listed
		}
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		for name, canary := range c {
			if bytes.Contains(raw, canary) || bytes.Contains([]byte(path), canary) {
				where[name] = filepath.Base(path)
			}
		}
		return err
	})
	must(t, err)
	return where
}

// mustSee fails unless every canary is found: a search that finds nothing before proves nothing after.
func (c canaries) mustSee(t *testing.T, h *house, but ...string) {
	t.Helper()
	seen := c.seen(t, h)
	for name := range c {
		if _, ok := seen[name]; !ok && !slices.Contains(but, name) {
			t.Errorf("%s: %s is not found before the erase", h.name, name)
		}
	}
}

// mustVanish waits until nothing is found at a home.
func (c canaries) mustVanish(t *testing.T, h *house) {
	t.Helper()
	deadline := time.Now().Add(erasedWithin)
	for {
		seen := c.seen(t, h)
		if len(seen) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s still has %d of %d: %v", h.name, len(seen), len(c), seen)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// An erased post, its photo, its edit and its comment leave no byte on any holder's disk: text, salt, ciphertext, keys and
// pieces of files; at the author's, at homes that are on, at one that was off and comes back, at one that hears of the
// erase before the post, and in the write-ahead log.
func TestAnEraseLeavesNothing(t *testing.T) {
	const text, earlier, alt, said, typed = "canary-mauve-heron-71", "canary-first-words-38", "canary-alt-ibis-52", "canary-comment-stork-9", "canary-draft-crane-4"
	ada, ben, cleo, dan := newHouse(t, "Ada"), newHouse(t, "Ben"), newHouse(t, "Cleo"), newHouse(t, "Dan")
	for _, friend := range []*house{ben, cleo, dan} {
		befriend(t, ada, friend)
	}
	befriend(t, ben, dan)
	for i := range 60 { // neighbours on the pages of the database
		ada.says(fmt.Sprint("before, number ", i))
	}
	dan.off() // it will hear of the erase together with the post
	photo := ada.addsPhoto(alt, 1)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: earlier, Photos: []social.NewPhoto{photo}})
	must(t, err)
	must(t, ada.Edit(t.Context(), post.ID, social.Edit{Text: text}))
	must(t, ada.SaveDraft(t.Context(), social.DraftEdit{Text: typed}))
	eventually(t, "Ben and Cleo have the post, its edit and its photo", func() bool {
		return has(ben, post.ID, text) && has(cleo, post.ID, text)
	})
	comment, err := ben.Comment(t.Context(), post.ID, said)
	must(t, err)
	eventually(t, "the comment is everywhere", func() bool { return commented(t, ada, post.ID, said) && commented(t, cleo, post.ID, said) })
	for i := range 60 {
		_, err := ada.Publish(t.Context(), social.NewPost{Text: fmt.Sprint("after, number ", i), KeepDraft: true})
		must(t, err)
	}
	eventually(t, "the rest is everywhere", func() bool { return len(ben.texts()) == 50 && len(cleo.texts()) == 50 })

	c := canaries{"text": []byte(text), "earlier text": []byte(earlier), "alt": []byte(alt), "comment's text": []byte(said)}
	c.add(t, ada, "post", post.ID)
	c.add(t, ada, "comment", comment.ID)
	versions, err := ada.node.DB().Versions(t.Context(), ada.find(post.ID).ID)
	must(t, err)
	c.add(t, ada, "edit", versions[0].ID.String())
	if len(c) < 30 {
		t.Fatalf("only %d canaries", len(c))
	}
	for _, h := range []*house{ada, ben, cleo} {
		c.mustSee(t, h)
	}

	cleo.off() // it has everything, and hears of the erase when it comes back
	c.mustSee(t, cleo)
	must(t, ada.DeleteForGood(t.Context(), post.ID))
	c.mustVanish(t, ada)
	c.mustVanish(t, ben)
	cleo.on()
	c.mustVanish(t, cleo)
	// Dan never had it, and gets the log with the erased entry now, newest first.
	dan.on()
	eventually(t, "Dan has what was posted since", func() bool {
		texts := dan.texts()
		return len(texts) == 50 && texts[0] == "Ada: after, number 59"
	})
	c.mustVanish(t, dan)
	for _, h := range []*house{ada, ben, cleo, dan} {
		if h.has(post.ID) {
			t.Errorf("%s still shows the post", h.name)
		}
		h.off()
		if seen := c.seen(t, h); len(seen) != 0 {
			t.Errorf("%s, switched off, has %v", h.name, seen)
		}
	}
	// What was not erased is still there.
	if seen := (canaries{"draft": []byte(typed)}).seen(t, ada); len(seen) == 0 {
		t.Error("the draft is gone as well")
	}
}

func (h *house) has(post string) bool {
	_, err := h.Post(h.t.Context(), post)
	return err == nil
}

// has tells whether a home shows a post with this text, and all of its photos are here.
func has(h *house, id, text string) bool {
	post, err := h.Post(h.t.Context(), id)
	return err == nil && post.Text == text && !slices.ContainsFunc(post.Photos, func(p social.Photo) bool { return !p.Here || !whole(h, p) })
}

func whole(h *house, p social.Photo) bool {
	for _, path := range []string{p.Thumb, p.Screen} {
		picture, err := h.Picture(h.t.Context(), path[len("/picture/"):])
		if err != nil {
			return false
		}
		if err := picture.Content.Close(); err != nil {
			return false
		}
	}
	return true
}

// What is in the author's trash is nowhere else, and nowhere at all once it is emptied. Posted again it is a new post,
// under new keys.
func TestTrashIsOnThisComputerAlone(t *testing.T) {
	const text, alt = "canary-trash-wren-17", "canary-trash-alt-3"
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	photo := ada.addsPhoto(alt, 2)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: text, Photos: []social.NewPhoto{photo}})
	must(t, err)
	eventually(t, "Ben has it", func() bool { return has(ben, post.ID, text) })
	c := canaries{"text": []byte(text), "alt": []byte(alt)}
	c.add(t, ada, "post", post.ID)
	c.mustSee(t, ben)
	must(t, ada.Delete(t.Context(), post.ID))
	c.mustVanish(t, ben)
	trash, err := ada.Trash(t.Context())
	must(t, err)
	if len(trash) != 1 || trash[0].Text != text || len(trash[0].Photos) != 1 || trash[0].Photos[0].Alt != alt || !whole(ada, trash[0].Photos[0]) {
		t.Fatalf("the trash is %+v", trash)
	}
	if seen := c.seen(t, ada); seen["text"] == "" {
		t.Error("the text is not in the trash")
	}
	ada.off() // its files survive what is deleted at a start
	ada.on()
	if trash, err = ada.Trash(t.Context()); err != nil || len(trash) != 1 || !whole(ada, trash[0].Photos[0]) {
		t.Fatalf("after a restart the trash is %+v, %v", trash, err)
	}

	again, where, err := ada.Restore(t.Context(), trash[0].ID)
	must(t, err)
	if again == post.ID || where != again {
		t.Errorf("restored as %s under %s", again, where)
	}
	eventually(t, "Ben has it again", func() bool { return has(ben, again, text) })
	if _, _, err := ada.Restore(t.Context(), trash[0].ID); code(err) != social.CodeNotFound {
		t.Errorf("restored twice: %v", err)
	}
	delete(c, "text")
	delete(c, "alt")
	c.mustVanish(t, ada) // the files of the old post, and their keys
	c.mustVanish(t, ben)

	must(t, ada.Delete(t.Context(), again))
	c = canaries{"text": []byte(text), "alt": []byte(alt)}
	c.mustVanish(t, ben)
	n, err := ada.EmptyTrash(t.Context())
	if err != nil || n != 1 {
		t.Errorf("%d emptied, %v", n, err)
	}
	c.mustVanish(t, ada)
	var left []blob.Info
	eventually(t, "no file is left", func() bool {
		left = nil
		for info, err := range ada.node.Blobs().List(context.Background()) {
			must(t, err)
			left = append(left, info)
		}
		return len(left) == 0
	})
}
