package village

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/oplog"
	"kith/internal/space"
	"kith/internal/sqlite"
)

const (
	// surveyBatch is how many bytes of entries are read in one go, and surveyPosts how many posts.
	surveyBatch = 4 << 20
	surveyPosts = 50
)

// Holding is what a home's folder holds.
type Holding struct {
	Entries map[oplog.EntryID]bool // with payloads that have the hash that their headers say
	Blobs   map[blob.Ref]bool      // thumbnails and screen-size pictures of posts, every byte of them checked
	Missing map[blob.Ref]bool      // those that posts name and that are not here in full
}

// Survey reads the folder of a home that is not running.
func Survey(ctx context.Context, dir string) (_ *Holding, err error) {
	db, err := sqlite.Open(ctx, filepath.Join(dir, "kith.db"), sqlite.Options{Check: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := blob.OpenStore(filepath.Join(dir, "blobs"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h := &Holding{
		Entries: make(map[oplog.EntryID]bool), Blobs: make(map[blob.Ref]bool), Missing: make(map[blob.Ref]bool),
	}
	if err := h.readEntries(ctx, db); err != nil {
		return nil, err
	}
	return h, h.readBlobs(ctx, db, store)
}

func (h *Holding) readEntries(ctx context.Context, db *sqlite.DB) error {
	spaces, err := db.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, s := range spaces {
		if s.Kind == space.Own {
			continue // for the resident's own devices alone
		}
		logs, err := db.Logs(ctx, s.ID)
		if err != nil {
			return err
		}
		for _, record := range logs {
			if err := h.readLog(ctx, db, record.Log.ID()); err != nil {
				return fmt.Errorf("log %v: %w", record.Log.ID(), err)
			}
		}
	}
	return nil
}

func (h *Holding) readLog(ctx context.Context, db *sqlite.DB, log oplog.LogID) error {
	within := oplog.Range{First: 1, Last: math.MaxInt64}
	for within.Last > 0 { // newest first
		runs, err := db.Runs(ctx, log, within, surveyBatch)
		if err != nil || len(runs) == 0 {
			return err
		}
		for i := range runs {
			entries, err := oplog.Verify(&runs[i], oplog.EntryID{})
			if err != nil {
				return err
			}
			for j := range entries {
				h.Entries[entries[j].ID()] = true
			}
		}
		within.Last = runs[len(runs)-1].First - 1
	}
	return nil
}

// readBlobs checks every thumbnail and screen-size picture that a post names.
func (h *Holding) readBlobs(ctx context.Context, db *sqlite.DB, store *blob.Store) error {
	for query := (sqlite.FeedQuery{Limit: surveyPosts}); ; {
		page, err := db.Feed(ctx, query)
		if err != nil {
			return err
		}
		for _, item := range page.Posts {
			post, ok := item.Content.(content.Post)
			if !ok {
				continue
			}
			for _, photo := range post.Photos {
				for _, ref := range []blob.Ref{photo.Thumb.Ref, photo.Screen.Ref} {
					if err := h.readBlob(ctx, store, ref); err != nil {
						return err
					}
				}
			}
		}
		if page.Next.IsZero() {
			return nil
		}
		query.After = page.Next
	}
}

func (h *Holding) readBlob(ctx context.Context, store *blob.Store, ref blob.Ref) error {
	_, held, err := store.Verify(ctx, ref)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, blob.ErrCorrupt):
		h.Missing[ref] = true
	case err != nil:
		return err
	case held.Full():
		h.Blobs[ref] = true
	default:
		h.Missing[ref] = true
	}
	return nil
}

// Agree compares the holdings of several homes. The differences say, for each home, how many of all the entries and
// pictures it lacks; there are none if all homes hold the same and nothing is missing.
func Agree(names []string, holdings []*Holding) (entries, blobs int, differences []string) {
	allEntries, allBlobs := make(map[oplog.EntryID]bool), make(map[blob.Ref]bool)
	for _, h := range holdings {
		for id := range h.Entries {
			allEntries[id] = true
		}
		for ref := range h.Blobs {
			allBlobs[ref] = true
		}
		for ref := range h.Missing {
			allBlobs[ref] = true
		}
	}
	for i, h := range holdings {
		if lacks := len(allEntries) - len(h.Entries); lacks > 0 {
			differences = append(differences, fmt.Sprintf("%s lacks %d entries", names[i], lacks))
		}
		if lacks := len(allBlobs) - len(h.Blobs); lacks > 0 {
			differences = append(differences, fmt.Sprintf("%s lacks %d pictures", names[i], lacks))
		}
	}
	return len(allEntries), len(allBlobs), differences
}
