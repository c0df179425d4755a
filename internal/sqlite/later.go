package sqlite

import (
	"context"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// ItemQuery asks for a page of items of one kind, which is 10 or later.
type ItemQuery struct {
	Kind   content.Kind
	Space  key.SpaceID   // zero: everywhere
	Under  oplog.EntryID // zero: whatever they hang under; needs Space
	After  Cursor        // where the page before ended
	Limit  int           // at least 1
	Oldest bool          // the oldest first, instead of the newest
}

// ItemPage is a page of items. Next is zero where there are no more.
type ItemPage struct {
	Items []Item
	Next  Cursor
}

// Items reads a page of items. Of those of which only the newest of an author counts, the others are left out.
func (db *DB) Items(ctx context.Context, query ItemQuery) (page ItemPage, err error) {
	limit := int64(max(query.Limit, 1))
	err = db.view(ctx, func(r *reader) error {
		where, args := "WHERE i.kind >= 10 AND i.kind = ?", []any{int64(query.Kind)}
		if !query.Under.IsZero() {
			where += " AND i.parent = ? AND i.parent_id = ?"
			args = append(args, prefix(query.Under), query.Under[:])
		}
		if !query.Space.IsZero() {
			space, err := r.spaceNo(query.Space)
			if err != nil || space == 0 {
				return err
			}
			where += " AND i.space = ?"
			args = append(args, space)
		}
		where += " AND i.older IS NOT 1"
		beyond, order := "<", " ORDER BY i.at DESC, i.entry DESC LIMIT ?"
		if query.Oldest {
			beyond, order = ">", " ORDER BY i.at, i.entry LIMIT ?"
		}
		if !query.After.IsZero() {
			where += " AND (i.at, i.entry) " + beyond + " (?, ?)"
			args = append(args, query.After.at, query.After.entry)
		}
		rows, err := r.items(itemColumns+where+order, append(args, limit+1)...) // one more tells whether there is a following page
		if err != nil {
			return err
		}
		if len(rows) > int(limit) {
			rows = rows[:limit]
			last := rows[limit-1]
			page.Next = Cursor{last.at, last.entry}
		}
		page.Items, err = r.finish(rows)
		return err
	})
	return page, err
}
