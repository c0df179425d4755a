package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// metaNewsFor names the fact whose home this is, as far as news go.
const metaNewsFor = "news-for"

// News is an item that concerns the owner of this home: an answer to what they wrote, or one in which they are named.
type News struct {
	Item
	// Target is what the item hangs under, if that is here.
	Target *Item
	// Talked: the owner had commented on the same post before.
	Talked bool
	// Named: the owner is named in the item.
	Named bool
}

const (
	newsItems = columnsOfItem + `FROM news AS n CROSS JOIN items AS i ON i.entry = n.entry CROSS JOIN entries AS e ON e.no = i.entry
		WHERE i.older IS NOT 1 AND (i.kind <> 4 OR i.text <> '') ORDER BY n.at DESC, n.entry DESC LIMIT ?`
	newsTalked = "SELECT 1 FROM talks WHERE parent = ? AND at <= ? LIMIT 1"
	newsOwn    = "SELECT 1 FROM entries AS e CROSS JOIN items AS i ON i.entry = e.no WHERE e.id = ? AND i.author = ? LIMIT 1"

	// rebuildBatch is how many items are looked at in one go when news are looked for anew, which bounds memory.
	rebuildBatch = 500
)

// News reads what concerns the owner, the newest first: at most limit. What was withdrawn is left out.
func (db *DB) News(ctx context.Context, limit int) (list []News, err error) {
	err = db.view(ctx, func(r *reader) error {
		rows, err := r.items(newsItems, int64(limit))
		if err != nil {
			return err
		}
		ats := make([]int64, len(rows))
		for i := range rows {
			ats[i] = rows[i].at
		}
		items, err := r.finish(rows)
		if err != nil {
			return err
		}
		owner, err := r.newsFor()
		if err != nil {
			return err
		}
		targets := make(map[oplog.EntryID]*Item)
		for i := range items {
			news := News{Item: items[i], Named: content.Names(items[i].Content, owner)}
			under, hangs := content.Under(items[i].Content)
			if hangs {
				target, known := targets[under]
				if !known {
					found, here, err := r.item(under)
					if err != nil {
						return err
					}
					if here {
						target = &found
					}
					targets[under] = target
				}
				if target != nil && target.Space == items[i].Space {
					news.Target = target
				}
				talked, err := r.c.integer(newsTalked, prefix(under), ats[i])
				if err != nil {
					return err
				}
				news.Talked = talked != 0
			}
			list = append(list, news)
		}
		return nil
	})
	return list, err
}

// KeepNewsFor tells whose home this is. From then on every transaction notes what concerns them; what was here before is
// looked through, once.
func (db *DB) KeepNewsFor(ctx context.Context, owner key.PersonID) error {
	if known, err := db.Meta(ctx, metaNewsFor); err != nil || known == owner.String() {
		return err
	}
	before := db.newsFor.Load()
	err := db.update(ctx, func(tx *Tx) error {
		no, err := tx.ensurePerson(owner)
		if err != nil {
			return err
		}
		for _, query := range []string{"DELETE FROM news", "DELETE FROM talks"} {
			if err := tx.c.run(query); err != nil {
				return err
			}
		}
		if err := tx.c.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", metaNewsFor, owner.String()); err != nil {
			return err
		}
		db.newsFor.Store(no) // nobody else can write before this transaction is over
		return tx.findNews()
	})
	if err != nil {
		db.newsFor.Store(before)
	}
	return err
}

// loadNewsFor reads whose home this is, when the database is opened.
func (db *DB) loadNewsFor(c *conn) error {
	var text string
	found, err := c.one("SELECT value FROM meta WHERE name = ?", func(row *sqlite.Stmt) { text = row.ColumnText(0) }, metaNewsFor)
	if err != nil || !found {
		return err
	}
	owner, err := key.ParsePersonID(text)
	if err != nil {
		return errors.Join(ErrCorrupt, err)
	}
	no, err := c.integer("SELECT no FROM people WHERE id = ?", owner[:])
	db.newsFor.Store(no)
	return err
}

// newsFor is whose home this is; zero if that is not known.
func (r *reader) newsFor() (key.PersonID, error) {
	if no := r.db.newsFor.Load(); no != 0 {
		return r.personID(no)
	}
	return key.PersonID{}, nil
}

// answer is what noteNews needs to know of an item.
type answer struct {
	entry, space, author, at, prefix int64
	parent                           *oplog.EntryID
	content                          content.Item
}

// findNews looks through everything that is here.
func (tx *Tx) findNews() error {
	last := int64(0)
	for {
		rows, err := tx.items(itemColumns+"WHERE i.entry > ? AND i.kind <> 6 ORDER BY i.entry LIMIT ?", last, int64(rebuildBatch))
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			row := &rows[i]
			last = row.entry
			a := answer{entry: row.entry, space: row.space, author: row.author, at: row.at, prefix: prefix(row.ID), content: row.Content}
			if under, hangs := content.Under(row.Content); hangs {
				a.parent = &under
			}
			if err := tx.noteNews(&a); err != nil {
				return err
			}
		}
	}
}

// noteNews notes an item if it concerns the owner; and if it is theirs, what already answers it, because things come in any
// order.
func (tx *Tx) noteNews(a *answer) error {
	owner := tx.db.newsFor.Load()
	if owner == 0 {
		return nil
	}
	if a.author == owner {
		return tx.noteOwn(a, owner)
	}
	concerns, err := tx.concerns(a, owner)
	if err != nil || !concerns {
		return err
	}
	return tx.c.run("INSERT OR IGNORE INTO news (entry, at) VALUES (?, ?)", a.entry, a.at)
}

func (tx *Tx) concerns(a *answer, owner int64) (bool, error) {
	person, err := tx.personID(owner)
	if err != nil || content.Names(a.content, person) {
		return err == nil, err
	}
	kind := a.content.Kind()
	if a.parent == nil || kind != content.KindComment && kind != content.KindReaction {
		return false, nil
	}
	own, err := tx.c.integer(newsOwn, prefix(*a.parent), owner)
	if err != nil || own != 0 || kind == content.KindReaction {
		return own != 0, err
	}
	talked, err := tx.c.integer(newsTalked, prefix(*a.parent), a.at)
	return talked != 0, err
}

// noteOwn notes what answers something of the owner's own, and where they talk along.
func (tx *Tx) noteOwn(a *answer, owner int64) error {
	const (
		comments  = "INSERT OR IGNORE INTO news (entry, at) SELECT entry, at FROM items WHERE kind = 3 AND parent = ? AND space = ? AND author <> ?"
		reactions = "INSERT OR IGNORE INTO news (entry, at) SELECT entry, at FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ? AND author <> ?"
	)
	switch a.content.Kind() {
	case content.KindPost:
		if err := tx.c.run(comments, a.prefix, a.space, owner); err != nil {
			return err
		}
	case content.KindComment:
		if err := tx.c.run("INSERT OR IGNORE INTO talks (entry, parent, at) VALUES (?, ?, ?)", a.entry, prefix(*a.parent), a.at); err != nil {
			return err
		}
		if err := tx.c.run(comments+" AND at >= ?", prefix(*a.parent), a.space, owner, a.at); err != nil {
			return err
		}
	default:
		return nil
	}
	return tx.c.run(reactions, a.prefix, a.space, owner)
}

// dropNews forgets an item that goes.
func (tx *Tx) dropNews(entry int64) error {
	if err := tx.c.run("DELETE FROM news WHERE entry = ?", entry); err != nil {
		return err
	}
	return tx.c.run("DELETE FROM talks WHERE entry = ?", entry)
}
