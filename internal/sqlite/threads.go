package sqlite

import (
	"context"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Thread is what hangs under a post.
type Thread struct {
	Comments []Item // the newest ones, oldest first
	Count    int    // of all comments
}

// Reaction is what one person chose under a post or comment.
type Reaction struct {
	Person key.PersonID
	Emoji  string
	At     time.Time
}

// Comments reads the newest comments of a post, up to limit, oldest first. A limit below zero is none.
func (db *DB) Comments(ctx context.Context, post oplog.EntryID, limit int) (list []Item, err error) {
	err = db.view(ctx, func(r *reader) error {
		list, err = r.comments(post, limit)
		return err
	})
	return list, err
}

// Threads reads, for each of the posts, up to last comments and their number. Posts that are not here, and posts
// without comments, are left out. It is one moment of the store for all of them.
func (db *DB) Threads(ctx context.Context, posts []oplog.EntryID, last int) (map[oplog.EntryID]Thread, error) {
	threads := make(map[oplog.EntryID]Thread)
	err := db.view(ctx, func(r *reader) error {
		for _, post := range posts {
			space, err := r.spaceOf(post)
			if err != nil {
				return err
			}
			n, err := r.c.integer("SELECT count(*) FROM items WHERE kind = 3 AND parent = ? AND space = ?", prefix(post), space)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			comments, err := r.comments(post, last)
			if err != nil {
				return err
			}
			threads[post] = Thread{Comments: comments, Count: int(n)}
		}
		return nil
	})
	return threads, err
}

// comments leaves out what was written in another space than the post's.
func (r *reader) comments(post oplog.EntryID, limit int) ([]Item, error) {
	space, err := r.spaceOf(post)
	if err != nil || space == 0 {
		return nil, err
	}
	rows, err := r.items(itemColumns+`WHERE i.kind = 3 AND i.parent = ? AND i.space = ? AND i.parent_id = ?
		ORDER BY i.at DESC, i.entry DESC LIMIT ?`, prefix(post), space, post[:], int64(limit))
	if err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	return r.finish(rows)
}

// spaceOf finds the number of the space in which an item was written; 0 where it is not here.
func (r *reader) spaceOf(id oplog.EntryID) (int64, error) {
	p, found, err := r.locate(id)
	if err != nil || !found {
		return 0, err
	}
	return p.log.space, nil
}

// Reactions reads who chose what under each of the targets, first come first. Whoever withdrew is left out. What was
// written in another space than the target's does not count.
func (db *DB) Reactions(ctx context.Context, targets []oplog.EntryID) (map[oplog.EntryID][]Reaction, error) {
	all := make(map[oplog.EntryID][]Reaction)
	err := db.view(ctx, func(r *reader) error {
		for _, target := range targets {
			list, err := r.reactions(target)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				all[target] = list
			}
		}
		return nil
	})
	return all, err
}

func (r *reader) reactions(target oplog.EntryID) ([]Reaction, error) {
	any, err := r.c.integer("SELECT 1 FROM items WHERE kind = 4 AND older = 0 AND parent = ? LIMIT 1", prefix(target))
	if err != nil || any == 0 {
		return nil, err
	}
	space, err := r.spaceOf(target)
	if err != nil || space == 0 {
		return nil, err
	}
	type found struct {
		Reaction
		author, at int64
	}
	var rows []found
	err = r.c.each(`SELECT author, at, text FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ?
		AND parent_id = ? AND text <> ''`, func(row *sqlite.Stmt) error {
		rows = append(rows, found{Reaction{Emoji: row.ColumnText(2), At: shownAt(row.ColumnInt64(1))}, row.ColumnInt64(0), row.ColumnInt64(1)})
		return nil
	}, prefix(target), space, target[:])
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b found) int { return int(a.at - b.at) })
	list := make([]Reaction, len(rows))
	for i, f := range rows {
		if f.Person, err = r.personID(f.author); err != nil {
			return nil, err
		}
		list[i] = f.Reaction
	}
	return list, nil
}

// Cards reads the newest card of each of the people, whichever space they showed it in. People without one are left
// out.
func (db *DB) Cards(ctx context.Context, people []key.PersonID) (map[key.PersonID]content.Card, error) {
	cards := make(map[key.PersonID]content.Card)
	err := db.view(ctx, func(r *reader) error {
		for _, person := range people {
			card, found, err := r.card(person, "SELECT text, extra, parent_id FROM items WHERE kind = 1 AND older = 0 AND author = ? ORDER BY at DESC, entry DESC LIMIT 1")
			if err != nil {
				return err
			}
			if found {
				cards[person] = card
			}
		}
		return nil
	})
	return cards, err
}

// CardIn reads the card that a person shows in a space; false where they show none.
func (db *DB) CardIn(ctx context.Context, person key.PersonID, space key.SpaceID) (card content.Card, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		no, err := r.spaceNo(space)
		if err != nil || no == 0 {
			return err
		}
		card, found, err = r.card(person, "SELECT text, extra, parent_id FROM items WHERE kind = 1 AND older = 0 AND author = ? AND space = ?", no)
		return err
	})
	return card, found, err
}

func (r *reader) card(person key.PersonID, query string, args ...any) (content.Card, bool, error) {
	no, err := r.personNo(person)
	if err != nil || no == 0 {
		return content.Card{}, false, err
	}
	var b body
	var bad error
	found, err := r.c.one(query, func(row *sqlite.Stmt) { b, bad = scanBody(row, 0) }, append([]any{no}, args...)...)
	if err == nil {
		err = bad
	}
	if err != nil || !found {
		return content.Card{}, false, err
	}
	item, err := b.item(content.KindCard)
	card, _ := item.(content.Card)
	return card, err == nil, err
}
