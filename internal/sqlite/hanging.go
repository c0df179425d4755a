package sqlite

import (
	"context"
	"slices"

	"kith/internal/content"
	"kith/internal/oplog"
)

// maxHanging bounds how many items of a kind are read that hang under one other: nobody shows more, and a hostile author
// may write any number.
const maxHanging = 2000

// Hanging reads, for each of the targets, the items of one kind, which is 10 or later, that hang under it in its space:
// those that count first, by Lamport time and then by entry ID. Of those of which only the newest of an author counts,
// the others are left out. Targets without any are left out, too.
func (db *DB) Hanging(ctx context.Context, kind content.Kind, targets []oplog.EntryID) (map[oplog.EntryID][]Item, error) {
	all := make(map[oplog.EntryID][]Item)
	err := db.view(ctx, func(r *reader) error {
		for _, target := range targets {
			space, err := r.spaceOf(target)
			if err != nil {
				return err
			}
			if space == 0 {
				continue
			}
			rows, err := r.items(itemColumns+`WHERE i.kind >= 10 AND i.parent = ? AND i.space = ? AND i.kind = ? AND i.parent_id = ? AND i.older IS NOT 1
				ORDER BY i.at DESC LIMIT ?`, prefix(target), space, int64(kind), target[:], int64(maxHanging))
			if err != nil || len(rows) == 0 {
				if err != nil {
					return err
				}
				continue
			}
			if all[target], err = r.ranked(rows); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// ranked finishes rows, those that count first.
func (r *reader) ranked(rows []foundItem) ([]Item, error) {
	if len(rows) > 1 {
		ranks := make(map[int64]rank, len(rows))
		for i := range rows {
			var err error
			if ranks[rows[i].entry], err = r.rankOf(rows[i].entry); err != nil {
				return nil, err
			}
		}
		slices.SortFunc(rows, func(a, b foundItem) int { return ranks[b.entry].compare(ranks[a.entry]) })
	}
	return r.finish(rows)
}
