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

const (
	messagesTop    = itemColumns + "WHERE i.kind >= 10 AND i.kind = 13 AND i.space = ? ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	messagesBefore = itemColumns + "WHERE i.kind >= 10 AND i.kind = 13 AND i.space = ? AND (i.at, i.entry) < (?, ?) ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	timersTop      = itemColumns + "WHERE i.kind = 13 AND i.text = '' AND i.space = ? ORDER BY i.at DESC, i.entry DESC LIMIT ? OFFSET ?"
	fadedTop       = columnsOfItem + "FROM fading AS f CROSS JOIN items AS i ON i.entry = f.entry CROSS JOIN entries AS e ON e.no = i.entry " +
		"WHERE f.until <= ? ORDER BY f.until LIMIT ?"
)

// timersPage is how many messages without words are looked at at once for one that sets the time.
const timersPage = 20

// Message is a message of a chat, with its place in the order.
type Message struct {
	Item
	Place Cursor
}

// Messages reads up to limit messages of several spaces that are shown as one chat, those right before a place; the zero
// Cursor reads the newest. They come with the oldest first.
func (db *DB) Messages(ctx context.Context, spaces []key.SpaceID, before Cursor, limit int) (list []Message, err error) {
	err = db.view(ctx, func(r *reader) error {
		var rows []foundItem
		for _, space := range spaces {
			no, err := r.spaceNo(space)
			if err != nil {
				return err
			}
			if no == 0 {
				continue
			}
			query, args := messagesTop, []any{no}
			if !before.IsZero() {
				query, args = messagesBefore, append(args, before.at, before.entry)
			}
			found, err := r.items(query, append(args, int64(max(limit, 1)))...)
			if err != nil {
				return err
			}
			rows = append(rows, found...)
		}
		slices.SortFunc(rows, func(a, b foundItem) int { return a.place().compare(b.place()) })
		rows = rows[max(0, len(rows)-max(limit, 1)):]
		items, err := r.finish(rows)
		for i := range items {
			list = append(list, Message{items[i], rows[i].place()})
		}
		return err
	})
	return list, err
}

func (f *foundItem) place() Cursor { return Cursor{f.at, f.entry} }

func (c Cursor) compare(other Cursor) int {
	if c.at != other.at {
		return int(max(-1, min(1, c.at-other.at)))
	}
	return int(max(-1, min(1, c.entry-other.entry)))
}

// Before tells whether a place comes before another one.
func (c Cursor) Before(other Cursor) bool { return c.compare(other) < 0 }

// TimeSet reads the newest message of the spaces that sets for how long messages stay; false if there is none.
func (db *DB) TimeSet(ctx context.Context, spaces []key.SpaceID) (newest Message, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		for _, space := range spaces {
			no, err := r.spaceNo(space)
			if err != nil {
				return err
			}
			for offset, more := 0, no != 0; more; offset += timersPage {
				rows, err := r.items(timersTop, no, int64(timersPage), int64(offset))
				if err != nil {
					return err
				}
				more = len(rows) == timersPage
				i := slices.IndexFunc(rows, func(f foundItem) bool {
					m, ok := f.Content.(content.Message)
					return ok && m.Sets
				})
				if i < 0 {
					continue
				}
				more = false
				if place := rows[i].place(); !found || newest.Place.Before(place) {
					items, err := r.finish(rows[i : i+1])
					if err != nil {
						return err
					}
					newest, found = Message{items[0], place}, true
				}
			}
		}
		return nil
	})
	return newest, found, err
}

// Unread is a message that is beyond what was read in its log.
type Unread struct {
	Author key.PersonID
	Log    oplog.LogID
	Seq    uint64
	Place  Cursor
}

// Unread lists, in no particular order, the messages of a space beyond marks, by log, that were not written by me nor before
// a time; those that set the time of the chat are left out, and those that have faded by now. It reads no more than about
// limit of them.
func (db *DB) Unread(ctx context.Context, space key.SpaceID, me key.PersonID, marks map[oplog.LogID]uint64, since, now time.Time, limit int) (list []Unread, err error) {
	err = db.view(ctx, func(r *reader) error {
		no, err := r.spaceNo(space)
		if err != nil || no == 0 {
			return err
		}
		var logs []int64
		err = r.c.each("SELECT no FROM logs WHERE space = ? AND lane = ?", func(row *sqlite.Stmt) error {
			logs = append(logs, row.ColumnInt64(0))
			return nil
		}, no, int64(oplog.Content))
		if err != nil {
			return err
		}
		for _, log := range logs {
			l, err := r.logByNo(log)
			if err != nil {
				return err
			}
			if l.person == me {
				continue
			}
			more, err := r.unreadIn(l, marks[l.id], since, now, limit-len(list))
			if err != nil {
				return err
			}
			if list = append(list, more...); len(list) >= limit {
				break
			}
		}
		return nil
	})
	return list, err
}

// unreadIn lists the messages of a log beyond a mark.
func (r *reader) unreadIn(l *logName, mark uint64, since, now time.Time, limit int) (list []Unread, err error) {
	from := mark + 1
	if s, found, err := r.segmentAt(l.no, from); err != nil {
		return nil, err
	} else if found {
		from = s.first
	}
	var pieces []segment
	err = r.c.each(selectSegment+"WHERE log = ? AND first >= ? ORDER BY first", func(row *sqlite.Stmt) error {
		pieces = append(pieces, scanSegment(row, l.no))
		return nil
	}, l.no, int64(from))
	if err != nil {
		return nil, err
	}
	for _, s := range pieces {
		first := max(s.first, mark+1)
		err := r.c.each(`SELECT i.entry, i.at, i.text, i.extra, i.parent_id FROM items AS i LEFT JOIN fading AS f ON f.entry = i.entry
			WHERE i.entry BETWEEN ? AND ? AND i.kind = 13 AND i.at >= ? AND (f.until IS NULL OR f.until > ?)`, func(row *sqlite.Stmt) error {
			entry, at := row.ColumnInt64(0), row.ColumnInt64(1)
			if row.ColumnLen(2) == 0 {
				b, err := scanBody(row, 2)
				if err != nil {
					return err
				}
				item, err := b.item(content.KindMessage)
				if err != nil {
					return err
				}
				if m, ok := item.(content.Message); !ok || m.Sets {
					return nil
				}
			}
			list = append(list, Unread{l.person, l.id, s.first + uint64(entry-s.entry), Cursor{at, entry}})
			return nil
		}, s.number(first), s.number(s.last()), order(since.Unix(), since.Unix(), 0), now.Unix())
		if err != nil || len(list) >= limit {
			return list, err
		}
	}
	return list, nil
}

// putFading notes when a message is to be gone.
func (tx *Tx) putFading(entry, at int64, m content.Message) error {
	if m.Fades == 0 || m.Sets {
		return nil
	}
	return tx.c.run("INSERT OR IGNORE INTO fading (entry, until) VALUES (?, ?)", entry, shownAt(at).Unix()+int64(m.Fades))
}

// Faded lists up to limit messages that are to be gone by a time, the longest overdue first.
func (db *DB) Faded(ctx context.Context, by time.Time, limit int) (list []Item, err error) {
	err = db.view(ctx, func(r *reader) error {
		rows, err := r.items(fadedTop, by.Unix(), int64(max(limit, 1)))
		if err != nil {
			return err
		}
		list, err = r.finish(rows)
		return err
	})
	return list, err
}

// NextFading tells when the next message is to be gone; false if none is.
func (db *DB) NextFading(ctx context.Context) (at time.Time, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		found, err = r.c.one("SELECT until FROM fading ORDER BY until LIMIT 1", func(row *sqlite.Stmt) { at = time.Unix(row.ColumnInt64(0), 0) })
		return err
	})
	return at, found, err
}

// PlaceOf tells where an item stands in the order; false where it is not here.
func (db *DB) PlaceOf(ctx context.Context, id oplog.EntryID) (place Cursor, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		p, held, err := r.locate(id)
		if err != nil || !held {
			return err
		}
		found, err = r.c.one("SELECT at, entry FROM items WHERE entry = ?", func(row *sqlite.Stmt) {
			place = Cursor{row.ColumnInt64(0), row.ColumnInt64(1)}
		}, p.no)
		return err
	})
	return place, found, err
}
