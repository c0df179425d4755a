package sqlite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kith/internal/content"
	"kith/internal/ingest"
)

// Rows that move between pages, because others come between them, grow, or go, leave nothing behind on the page where
// they were: erased in any order, none is left on the disk.
func TestNothingIsLeftOnPagesThatWereSplitOrJoined(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	space := newRoom(t)
	ada := space.author()
	dice := rand.New(rand.NewPCG(11, 12))
	const posts = 900
	secret := func(n int) string { return fmt.Sprintf("<canary %04d>", n) }
	var runs []written
	for n := range posts {
		runs = append(runs, ada.write(content.Post{Text: secret(n) + strings.Repeat(" la", dice.IntN(300))}))
	}
	update(t, db, func(tx ingest.Tx) error { // without payloads, as they may come
		for _, w := range runs {
			if err := tx.Append(w.author, append(w.entries[:0:0], w.entries[0].WithoutPayload()), false); err != nil {
				return err
			}
		}
		return nil
	})
	for some := range slices.Chunk(dice.Perm(posts), 30) { // rows grow, and items come in between
		update(t, db, func(tx ingest.Tx) error {
			for _, n := range some {
				if filled, err := tx.Fill(runs[n].entries[0], false); err != nil || !filled {
					t.Errorf("post %d is filled: %v, %v", n, filled, err)
					return err
				}
				if n%10 == 0 {
					if err := tx.PutRecord("drafts", fmt.Sprint(dice.IntN(50)), runs[n].items[0].(content.Post).Text); err != nil {
						return err
					}
				}
				err := tx.Project(ingest.Item{Entry: &runs[n].entries[0], Author: ada.person, Content: runs[n].items[0]})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	left := func(erased func(n int) bool) (list []string) {
		var all []byte
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, raw...)
		}
		for n, w := range runs {
			payload := w.entries[0].Payload()
			if erased(n) && (bytes.Contains(all, []byte(secret(n))) || bytes.Contains(all, payload[8:40]) || bytes.Contains(all, payload[len(payload)-24:])) {
				list = append(list, secret(n))
			}
		}
		return list
	}
	if n := len(left(func(int) bool { return true })); n != posts {
		t.Fatalf("%d of %d are on the disk in the first place", n, posts)
	}
	var ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprint(i))
	}
	if err := db.Shred(t.Context(), "drafts", ids...); err != nil {
		t.Fatal(err)
	}
	erased := make(map[int]bool)
	order := dice.Perm(posts)
	for _, size := range []int{posts / 2, posts - posts/2} { // half of them, and then the rest
		for some := range slices.Chunk(order[:size], 30) {
			update(t, db, func(tx ingest.Tx) error {
				for _, n := range some {
					erased[n] = true
					if _, _, err := tx.Erase(space.id, ada.head.Log.ID(), uint64(n+1)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		order = order[size:]
		var list []string
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if list = left(func(n int) bool { return erased[n] }); len(list) == 0 {
				break
			}
		}
		if len(list) > 0 {
			t.Errorf("of %d erased, %d are left: %v", len(erased), len(list), list)
		}
	}
}
