package sqlite

import (
	"context"
	"slices"

	"kith/internal/key"
)

const (
	aboutItems = itemColumns + "WHERE i.kind = 8 AND i.space = ?"
	askItems   = itemColumns + "WHERE i.kind = 9 AND i.space = ?"
)

// Abouts reads everything that was said of a space by those in it (content.About), the newest first. Newest is what has
// the greatest Lamport time, and among equals the greatest ID: the same for everybody. Who may speak for the space is for
// the caller to tell, by its state of now.
func (db *DB) Abouts(ctx context.Context, space key.SpaceID) ([]Item, error) {
	return db.notices(ctx, aboutItems, space)
}

// Askings reads everything on people who ask to join a space (content.Asking), the newest first in the same order.
func (db *DB) Askings(ctx context.Context, space key.SpaceID) ([]Item, error) {
	return db.notices(ctx, askItems, space)
}

func (db *DB) notices(ctx context.Context, query string, space key.SpaceID) (list []Item, err error) {
	err = db.view(ctx, func(r *reader) error {
		no, err := r.spaceNo(space)
		if err != nil || no == 0 {
			return err
		}
		rows, err := r.items(query, no)
		if err != nil {
			return err
		}
		ranks := make(map[int64]rank, len(rows))
		for i := range rows {
			v, err := r.entryByNo(rows[i].entry)
			if err != nil {
				return err
			}
			ranks[rows[i].entry] = rank{v.Header().Lamport, v.ID()}
		}
		slices.SortFunc(rows, func(a, b foundItem) int { return ranks[b.entry].compare(ranks[a.entry]) })
		list, err = r.finish(rows)
		return err
	})
	return list, err
}

// Writers lists everybody who has written anything in a space, in either lane.
func (db *DB) Writers(ctx context.Context, space key.SpaceID) (map[key.PersonID]bool, error) {
	logs, err := db.Logs(ctx, space)
	if err != nil {
		return nil, err
	}
	writers := make(map[key.PersonID]bool)
	for _, record := range logs {
		if record.Head.Seq > 0 {
			writers[record.Author] = true
		}
	}
	return writers, nil
}
