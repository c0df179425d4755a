package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/oplog"
)

// Item is something that a person wrote, as the read models have it.
type Item struct {
	ID     oplog.EntryID
	Log    oplog.LogID
	In     oplog.Log // the log in full
	Seq    uint64
	Space  key.SpaceID
	Author key.PersonID
	At     time.Time // when it was written, as far as its author's clock can be believed; whole seconds
	// Received is when this home could first read it; whole seconds. It is never before At.
	Received time.Time
	Content  content.Item
}

// Cursor is a place in a feed. The zero value is the top.
type Cursor struct{ at, entry int64 }

// ErrCursor says that a text is no cursor.
var ErrCursor = errors.New("sqlite: not a cursor")

// IsZero tells whether the cursor is at the top.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// String writes the cursor in characters that are safe in a URL; "" for the top.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(c.at))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, uint64(c.entry)))
}

// ParseCursor reads what String wrote, and nothing else; the error is ErrCursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != 16 {
		return Cursor{}, fmt.Errorf("%w: %.64q", ErrCursor, s)
	}
	c := Cursor{int64(binary.BigEndian.Uint64(raw)), int64(binary.BigEndian.Uint64(raw[8:]))}
	if c.String() != s {
		return Cursor{}, fmt.Errorf("%w: %.64q", ErrCursor, s)
	}
	return c, nil
}

// FeedQuery asks for a page of posts, newest first.
type FeedQuery struct {
	Author key.PersonID // zero: everyone; otherwise what they posted outside of groups and chats
	Space  key.SpaceID  // zero: everywhere; otherwise what was posted there, by everyone
	After  Cursor       // where the page before ended
	Limit  int
	With   Class // Screen: only those with photos; Attached: only those with files. Needs Space
}

// FeedPage is a page of posts.
type FeedPage struct {
	Posts []Item
	Next  Cursor // where the following page begins; zero where there is none
}

// A cross join is one that SQLite does not turn around.
const (
	columnsOfItem = "SELECT i.entry, i.kind, i.space, i.author, i.at, i.text, i.extra, i.parent_id, e.log, e.seq, e.header, i.received "
	itemColumns   = columnsOfItem + "FROM items AS i CROSS JOIN entries AS e ON e.no = i.entry "

	// inFeed is what feeds consist of: posts and events. The indexes of feeds say the same in the same words.
	inFeed = "i.kind IN (2, 11) AND i.parent IS NULL "

	itemByID = columnsOfItem + "FROM entries AS e CROSS JOIN items AS i ON i.entry = e.no WHERE e.id = ?"
	feedTop  = itemColumns + "WHERE " + inFeed + "ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	feedNext = itemColumns + "WHERE " + inFeed + "AND (i.at, i.entry) < (?, ?) ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	onWalls  = "i.space NOT IN (SELECT no FROM spaces WHERE kind IN (3, 4)) "
	wallTop  = itemColumns + "WHERE " + inFeed + "AND i.author = ? AND " + onWalls + "ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	wallNext = itemColumns + "WHERE " + inFeed + "AND i.author = ? AND (i.at, i.entry) < (?, ?) AND " + onWalls + "ORDER BY i.at DESC, i.entry DESC LIMIT ?"

	withPhotos = "AND EXISTS (SELECT 1 FROM files AS f WHERE f.entry = i.entry AND f.class = 2) "
	withFiles  = "AND EXISTS (SELECT 1 FROM files AS f WHERE f.entry = i.entry AND f.class IN (4, 6)) "
	ofSpace    = itemColumns + "WHERE " + inFeed + "AND i.space = ? "
	behind     = "AND (i.at, i.entry) < (?, ?) "
	newestOnes = "ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	photosTop  = ofSpace + withPhotos + newestOnes
	photosNext = ofSpace + behind + withPhotos + newestOnes
	filesTop   = ofSpace + withFiles + newestOnes
	filesNext  = ofSpace + behind + withFiles + newestOnes

	spaceTop  = itemColumns + "WHERE " + inFeed + "AND i.space = ? ORDER BY i.at DESC, i.entry DESC LIMIT ?"
	spaceNext = itemColumns + "WHERE " + inFeed + "AND i.space = ? AND (i.at, i.entry) < (?, ?) ORDER BY i.at DESC, i.entry DESC LIMIT ?"
)

// Feed reads a page of posts.
func (db *DB) Feed(ctx context.Context, query FeedQuery) (page FeedPage, err error) {
	limit := int64(max(query.Limit, 1))
	err = db.view(ctx, func(r *reader) error {
		var args []any
		text, following := feedTop, feedNext
		if !query.Author.IsZero() {
			author, err := r.personNo(query.Author)
			if err != nil || author == 0 {
				return err
			}
			text, following, args = wallTop, wallNext, append(args, author)
		}
		if !query.Space.IsZero() {
			space, err := r.spaceNo(query.Space)
			if err != nil || space == 0 {
				return err
			}
			text, following, args = spaceTop, spaceNext, []any{space}
			switch query.With {
			case Screen:
				text, following = photosTop, photosNext
			case Attached:
				text, following = filesTop, filesNext
			}
		}
		if !query.After.IsZero() {
			text = following
			args = append(args, query.After.at, query.After.entry)
		}
		rows, err := r.items(text, append(args, limit+1)...) // one more tells whether there is a following page
		if err != nil {
			return err
		}
		if len(rows) > int(limit) {
			rows = rows[:limit]
			last := rows[limit-1]
			page.Next = Cursor{last.at, last.entry}
		}
		page.Posts, err = r.finish(rows)
		return err
	})
	return page, err
}

// Item finds an item by its ID; false where it is not here, or was erased.
func (db *DB) Item(ctx context.Context, id oplog.EntryID) (item Item, found bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		item, found, err = r.item(id)
		return err
	})
	return item, found, err
}

func (r *reader) item(id oplog.EntryID) (Item, bool, error) {
	rows, err := r.items(itemByID, prefix(id))
	if err != nil {
		return Item{}, false, err
	}
	items, err := r.finish(rows)
	for _, item := range items {
		if item.ID == id {
			return item, err == nil, err
		}
	}
	return Item{}, false, err
}

// foundItem is an item whose numbers have not been replaced by names.
type foundItem struct {
	Item
	entry, at, log, space, author int64
}

// items reads rows of columnsOfItem.
func (r *reader) items(query string, args ...any) (rows []foundItem, err error) {
	var header [1024]byte // longer than any header
	err = r.c.each(query, func(row *sqlite.Stmt) error {
		f := foundItem{
			entry: row.ColumnInt64(0), space: row.ColumnInt64(2), author: row.ColumnInt64(3), at: row.ColumnInt64(4), log: row.ColumnInt64(8),
		}
		b, err := scanBody(row, 5)
		if err != nil {
			return err
		}
		f.Content, err = b.item(content.Kind(row.ColumnInt64(1)))
		f.ID = sha256.Sum256(header[:row.ColumnBytes(10, header[:])])
		f.At, f.Seq, f.Received = shownAt(f.at), uint64(row.ColumnInt64(9)), time.Unix(row.ColumnInt64(11), 0)
		rows = append(rows, f)
		return err
	}, args...)
	return rows, err
}

// finish replaces the numbers in rows by names.
func (r *reader) finish(rows []foundItem) ([]Item, error) {
	items := make([]Item, len(rows))
	for i := range rows {
		f := &rows[i]
		l, err := r.logByNo(f.log)
		if err != nil {
			return nil, err
		}
		f.Log, f.In, f.Space = l.id, l.log, l.log.Space
		if f.author == l.author {
			f.Author = l.person
		} else if f.Author, err = r.personID(f.author); err != nil {
			return nil, err
		}
		items[i] = f.Item
	}
	return items, nil
}
