package social_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"kith/internal/oplog"
	"kith/internal/social"
	"kith/internal/space"
)

// Bits that the disk flips in what Ben stores of Ada's wall and his own, posts and operations alike, and in a photo, are
// noticed, served to nobody, and made good from Ada's home. The same the other way round. Left alone are the statements
// that spaces begin with, and identities: without those a home does not know whom to ask.
func TestADamagedHomeHealsFromAFriend(t *testing.T) {
	ada, ben := newHouse(t, "Ada"), newHouse(t, "Ben")
	befriend(t, ada, ben)
	photo := ada.addsPhoto("a photo", 5)
	post, err := ada.Publish(t.Context(), social.NewPost{Text: "with a photo", Photos: []social.NewPhoto{photo}})
	must(t, err)
	for i := range 20 {
		ada.says(fmt.Sprint("post number ", i))
	}
	eventually(t, "Ben has everything", func() bool { return len(ben.texts()) == 21 && has(ben, post.ID, "with a photo") })
	for _, h := range []*house{ben, ada} {
		t.Run(h.name, func(t *testing.T) {
			before := h.payloads(t)
			screen := h.screenOf(t, post.ID)
			h.off()
			flipped := h.flip(t, before)
			if flipped < 10 {
				t.Fatalf("only %d of %d payloads are damaged", flipped, len(before))
			}
			flipFile(t, h, screen)
			h.on()
			eventually(t, h.name+" has it all again", func() bool {
				h.Post(t.Context(), post.ID) // nobody looks at what is not shown
				after := h.payloads(t)
				return len(after) == len(before) && !slices.ContainsFunc(keys(before), func(id oplog.EntryID) bool {
					return !bytes.Equal(before[id], after[id])
				}) && has(h, post.ID, "with a photo")
			})
			must(t, h.node.DB().Check(t.Context()))
		})
	}
	ada.says("and on it goes")
	eventually(t, "Ben hears of what is new", func() bool { return slices.Contains(ben.texts(), "Ada: and on it goes") })
}

func keys(m map[oplog.EntryID][]byte) (list []oplog.EntryID) {
	for id := range m {
		list = append(list, id)
	}
	return list
}

// payloads reads every payload of the spaces that friends share, by entry, but for the statements with which they begin.
func (h *house) payloads(t *testing.T) map[oplog.EntryID][]byte {
	t.Helper()
	all := make(map[oplog.EntryID][]byte)
	spaces, err := h.node.DB().Spaces(t.Context())
	must(t, err)
	for _, s := range spaces {
		if s.Kind == space.Own {
			continue // a friend does not have it
		}
		logs, err := h.node.DB().Logs(t.Context(), s.ID)
		must(t, err)
		for _, record := range logs {
			runs, err := h.node.DB().Runs(t.Context(), record.Log.ID(), oplog.Range{First: 1, Last: record.Head.Seq}, 1<<30)
			must(t, err)
			for _, run := range runs {
				for i := range run.Entries {
					v, err := oplog.FromStore(run.Log, run.Entries[i], nil)
					must(t, err)
					if op, err := space.Decode(v.Payload()); err == nil {
						if _, ok := op.(*space.Create); ok {
							continue
						}
					}
					if v.Payload() != nil {
						all[v.ID()] = v.Payload()
					}
				}
			}
		}
	}
	return all
}

// flip flips a bit in payloads in the database file, wherever one stands there in one piece.
func (h *house) flip(t *testing.T, payloads map[oplog.EntryID][]byte) (flipped int) {
	t.Helper()
	path := filepath.Join(h.dir, "kith.db")
	raw, err := os.ReadFile(path)
	must(t, err)
	for _, payload := range payloads {
		if at := bytes.Index(raw, payload); at >= 0 {
			raw[at+len(payload)/2] ^= 0x10
			flipped++
		}
	}
	must(t, os.WriteFile(path, raw, 0o600))
	return flipped
}

func (h *house) screenOf(t *testing.T, post string) string {
	t.Helper()
	refs := h.find(post).Content.Refs()
	return refs[1].String()
}

// flipFile flips a bit in an encrypted file.
func flipFile(t *testing.T, h *house, ref string) {
	t.Helper()
	path := filepath.Join(h.dir, "blobs", ref[:2], ref)
	raw, err := os.ReadFile(path)
	must(t, err)
	raw[len(raw)-100] ^= 1
	must(t, os.WriteFile(path, raw, 0o600))
}
