package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/markup"
	"kith/internal/oplog"
)

// putTags notes the tags of a post or edit.
func (tx *Tx) putTags(row *itemRow) error {
	if row.kind != content.KindPost && row.kind != content.KindEdit {
		return nil
	}
	for _, tag := range markup.Tags(row.body.text) {
		if err := tx.c.run("INSERT OR IGNORE INTO tags (tag, at, entry) VALUES (?, ?, ?)", tag, row.at, row.entry); err != nil {
			return err
		}
	}
	return nil
}

// dropTags takes back what putTags noted.
func (tx *Tx) dropTags(entry int64) error {
	return tx.c.run("DELETE FROM tags WHERE entry = ?", entry)
}

const (
	taggedTop  = "SELECT t.at, t.entry, i.kind, i.parent_id FROM tags AS t CROSS JOIN items AS i ON i.entry = t.entry WHERE t.tag = ? AND i.older IS NOT 1 "
	taggedEnd  = "ORDER BY t.at DESC, t.entry DESC LIMIT ?"
	taggedNext = taggedTop + "AND (t.at, t.entry) < (?, ?) " + taggedEnd
)

// Tagged reads a page of posts whose text has a tag, folded and without its "#", those first that were written or edited last. A
// post is listed by its own text, and again by an edit that counts; whoever reads the page looks whether what is shown of it has the
// tag. Comments are left out.
func (db *DB) Tagged(ctx context.Context, tag string, after Cursor, limit int) (page FeedPage, err error) {
	err = db.view(ctx, func(r *reader) error {
		query, args := taggedTop+taggedEnd, []any{tag}
		if !after.IsZero() {
			query, args = taggedNext, append(args, after.at, after.entry)
		}
		type place struct {
			Cursor
			kind content.Kind
			post oplog.EntryID // of an edit
		}
		var places []place
		err := r.c.each(query, func(row *sqlite.Stmt) (err error) {
			p := place{Cursor{row.ColumnInt64(0), row.ColumnInt64(1)}, content.Kind(row.ColumnInt64(2)), oplog.EntryID{}}
			if p.kind == content.KindEdit {
				err = columnID(row, 3, p.post[:])
			}
			places = append(places, p)
			return err
		}, append(args, int64(max(limit, 1)+1))...)
		if err != nil {
			return err
		}
		if len(places) > max(limit, 1) {
			places = places[:max(limit, 1)]
			page.Next = places[len(places)-1].Cursor
		}
		for _, p := range places {
			if p.kind == content.KindEdit {
				post, found, err := r.item(p.post)
				if err != nil {
					return err
				}
				if found && post.Content.Kind() == content.KindPost {
					page.Posts = append(page.Posts, post)
				}
				continue
			}
			rows, err := r.items(itemColumns+"WHERE i.entry = ?", p.entry)
			if err != nil {
				return err
			}
			posts, err := r.finish(rows)
			if err != nil {
				return err
			}
			page.Posts = append(page.Posts, posts...)
		}
		return nil
	})
	return page, err
}
