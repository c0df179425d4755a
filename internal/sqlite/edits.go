package sqlite

import (
	"context"
	"slices"

	"zombiezen.com/go/sqlite"

	"kith/internal/ingest"
	"kith/internal/key"
	"kith/internal/oplog"
)

// maxVersions bounds how many versions of a post or comment are listed: nobody reads more, and an author may write
// any number.
const maxVersions = 200

const editInForce = `SELECT entry FROM items WHERE kind = 5 AND older = 0 AND parent = ? AND space = ? AND author = ?
	AND parent_id = ?`

// Edits reads the edit that counts for each of the targets: the newest by the target's own author in its space. Targets
// that are not here or were never edited are left out.
func (db *DB) Edits(ctx context.Context, targets []oplog.EntryID) (map[oplog.EntryID]Item, error) {
	edits := make(map[oplog.EntryID]Item)
	err := db.view(ctx, func(r *reader) error {
		for _, target := range targets {
			list, err := r.edits(target, "AND i.older = 0", 1)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				edits[target] = list[0].Item
			}
		}
		return nil
	})
	return edits, err
}

// Versions lists the edits of a post or comment by its author, the one that counts first.
func (db *DB) Versions(ctx context.Context, target oplog.EntryID) (list []Item, err error) {
	err = db.view(ctx, func(r *reader) error {
		found, err := r.edits(target, "", maxVersions)
		if err != nil {
			return err
		}
		ranks := make(map[int64]rank, len(found))
		for i := range found {
			if ranks[found[i].entry], err = r.rankOf(found[i].entry); err != nil {
				return err
			}
		}
		slices.SortFunc(found, func(a, b foundItem) int { return ranks[b.entry].compare(ranks[a.entry]) })
		for i := range found {
			list = append(list, found[i].Item)
		}
		return nil
	})
	return list, err
}

// edits reads edits of a target by its author.
func (r *reader) edits(target oplog.EntryID, which string, limit int) ([]foundItem, error) {
	any, err := r.c.integer("SELECT 1 FROM items WHERE kind = 5 AND parent = ? LIMIT 1", prefix(target))
	if err != nil || any == 0 {
		return nil, err
	}
	p, found, err := r.locate(target)
	if err != nil || !found {
		return nil, err
	}
	rows, err := r.items(itemColumns+`WHERE i.kind = 5 AND i.parent = ? AND i.space = ? AND i.author = ? AND i.parent_id = ? `+which+`
		ORDER BY i.at DESC, i.entry DESC LIMIT ?`, prefix(target), p.log.space, p.log.author, target[:], int64(limit))
	if err != nil {
		return nil, err
	}
	items, err := r.finish(rows)
	for i := range items {
		rows[i].Item = items[i]
	}
	return rows, err
}

// Under lists where those items stand that hang under an entry in its space: comments, reactions, edits and the like,
// whoever wrote them.
func (r *reader) Under(space key.SpaceID, id oplog.EntryID) ([]ingest.Place, error) {
	no, err := r.spaceNo(space)
	if err != nil || no == 0 {
		return nil, err
	}
	var entries, authors []int64
	each := func(query string, do func(*sqlite.Stmt), args ...any) error {
		return r.c.each(query, func(row *sqlite.Stmt) error { do(row); return nil }, args...)
	}
	note := func(row *sqlite.Stmt) { entries = append(entries, row.ColumnInt64(0)) }
	for _, query := range []string{
		"SELECT entry FROM items WHERE kind = 3 AND parent = ? AND space = ? AND parent_id = ?",
		"SELECT entry FROM items WHERE kind = 5 AND parent = ? AND space = ? AND parent_id = ?",
		"SELECT entry FROM items WHERE kind >= 10 AND parent = ? AND space = ? AND parent_id = ?",
	} {
		if err := each(query, note, prefix(id), no, id[:]); err != nil {
			return nil, err
		}
	}
	err = each("SELECT entry, author FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ? AND parent_id = ?", func(row *sqlite.Stmt) {
		note(row)
		authors = append(authors, row.ColumnInt64(1))
	}, prefix(id), no, id[:])
	if err != nil {
		return nil, err
	}
	for _, author := range authors {
		err := each(`SELECT entry FROM items WHERE older = 1 AND author = ? AND kind = 4 AND space = ? AND parent = ? AND parent_id = ?`,
			note, author, no, prefix(id), id[:])
		if err != nil {
			return nil, err
		}
	}
	places := make([]ingest.Place, 0, len(entries))
	for _, entry := range entries {
		var place ingest.Place
		var log int64
		_, err := r.c.one("SELECT log, seq FROM entries WHERE no = ?", func(row *sqlite.Stmt) {
			log, place.Seq = row.ColumnInt64(0), uint64(row.ColumnInt64(1))
		}, entry)
		if err != nil {
			return nil, err
		}
		l, err := r.logByNo(log)
		if err != nil {
			return nil, err
		}
		place.Log = l.id
		places = append(places, place)
	}
	return places, nil
}

// IsErased tells whether an entry of the space is held whose payload was erased.
func (r *reader) IsErased(space key.SpaceID, id oplog.EntryID) (bool, error) {
	p, found, err := r.locate(id)
	if err != nil || !found || p.log.log.Space != space {
		return false, err
	}
	erased, err := r.c.integer("SELECT erased FROM entries WHERE no = ?", p.no)
	return erased != 0, err
}
