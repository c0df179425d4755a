package sqlite

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
)

const (
	// orderBits are the bits of an item's order in the feed that come from its Lamport time: it tells apart what
	// one person wrote within a second, and 8,192 operations of a space in one second do not happen.
	orderBits = 13
	// maxSeconds is in the year 2514. The order fits into six bytes up to then.
	maxSeconds = 1<<34 - 1
)

// order is where an item stands in the feed: by the time that its author gave, though not later than when it was
// received, so that a clock that is ahead pins nothing to the top; then by Lamport time.
func order(authored, received int64, lamport uint64) int64 {
	seconds := max(0, min(authored, received, maxSeconds))
	return seconds<<orderBits | int64(lamport&(1<<orderBits-1))
}

// shownAt is the time that an item is shown with.
func shownAt(order int64) time.Time { return time.Unix(order>>orderBits, 0) }

// errNotHeld is a fault of the caller.
var errNotHeld = errors.New("sqlite: the entry is not held")

// Project writes a decrypted item into the read models. The same item twice changes nothing; nor does one whose
// entry was erased.
func (tx *Tx) Project(item ingest.Item) error {
	b, ok, err := bodyOf(item.Content)
	if err != nil || !ok {
		return err
	}
	header := item.Entry.Header()
	l, err := tx.logByID(header.Log)
	if err != nil {
		return err
	}
	if l == nil {
		return fmt.Errorf("%w: %d of log %v", errNotHeld, header.Seq, header.Log)
	}
	no, err := tx.toProject(l, header.Seq)
	if err != nil || no == 0 {
		return err
	}
	author, err := tx.ensurePerson(item.Author)
	if err != nil {
		return err
	}
	row := itemRow{
		entry: no, kind: item.Content.Kind(), space: l.space, author: author, body: b,
		at: order(header.Time, tx.received, header.Lamport),
	}
	if row.replaces() {
		if row.older, err = tx.replace(&row, rank{header.Lamport, item.Entry.ID()}); err != nil {
			return err
		}
	}
	inserted, err := tx.insertItem(&row)
	if err != nil || !inserted {
		return err
	}
	if err := tx.indexLater(&row); err != nil {
		return err
	}
	if row.kind == content.KindRegister {
		if row.older {
			return nil
		}
		return tx.applyRegister(row.body)
	}
	if err := tx.putTags(&row); err != nil {
		return err
	}
	note := answer{row.entry, row.space, row.author, row.at, prefix(item.Entry.ID()), row.body.parent, item.Content}
	if err := tx.noteNews(&note); err != nil {
		return err
	}
	if message, ok := item.Content.(content.Message); ok {
		if err := tx.putFading(no, row.at, message); err != nil {
			return err
		}
	}
	return tx.putMedia(no, row.at, item.Content)
}

// toProject finds the number of an entry that is to be projected; 0 where it was erased.
func (tx *Tx) toProject(l *logName, seq uint64) (int64, error) {
	if open := tx.open[l.no]; open != nil {
		for i := len(open.segments) - 1; i >= 0; i-- {
			if s := &open.segments[i]; s.covers(seq) {
				if tx.erased[s.number(seq)] {
					return 0, nil
				}
				return s.number(seq), nil
			}
		}
	}
	no, err := tx.number(l.no, seq)
	if err != nil {
		return 0, err
	}
	if no == 0 {
		return 0, fmt.Errorf("%w: %d of log %v", errNotHeld, seq, l.log)
	}
	erased, err := tx.c.integer("SELECT erased FROM entries WHERE no = ?", no)
	if err != nil || erased != 0 {
		return 0, err
	}
	return no, nil
}

// itemRow is a row of items.
type itemRow struct {
	entry         int64
	kind          content.Kind
	space, author int64
	at            int64
	older         bool
	body          body
}

// replaces tells whether of such items only the newest counts: of cards, one for each person and space; of registers, one
// for each person and name; of others, one for each person and target.
func (r *itemRow) replaces() bool { return content.Replaces(r.kind) }

func (r *itemRow) parentPrefix() any {
	if r.body.parent == nil {
		return nil
	}
	return prefix(*r.body.parent)
}

func (r *itemRow) parentID() []byte {
	if r.body.parent == nil {
		return nil
	}
	return r.body.parent[:]
}

// insertItem tells whether the row is new.
func (tx *Tx) insertItem(r *itemRow) (bool, error) {
	stmt, err := tx.c.Prepare(`INSERT OR IGNORE INTO items
		(entry, kind, space, author, at, received, older, parent, parent_id, text, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return false, err
	}
	stmt.BindInt64(1, r.entry)
	stmt.BindInt64(2, int64(r.kind))
	stmt.BindInt64(3, r.space)
	stmt.BindInt64(4, r.author)
	stmt.BindInt64(5, r.at)
	stmt.BindInt64(6, tx.received)
	if r.replaces() {
		stmt.BindBool(7, r.older)
	}
	if r.body.parent != nil {
		stmt.BindInt64(8, prefix(*r.body.parent))
		stmt.BindBytes(9, r.body.parent[:])
	}
	stmt.BindText(10, r.body.text)
	bindBytes(stmt, 11, r.body.extra)
	if _, err := stmt.Step(); err != nil {
		return false, err
	}
	return tx.c.Changes() > 0, nil
}

// rank decides which of two items of a person is the newer: the same for everybody, whatever order they came in.
type rank struct {
	lamport uint64
	id      oplog.EntryID
}

func (r rank) compare(other rank) int {
	return cmp.Or(cmp.Compare(r.lamport, other.lamport), bytes.Compare(r.id[:], other.id[:]))
}

// rankOf reads the rank of a stored item.
func (r *reader) rankOf(entry int64) (rank, error) {
	v, err := r.entryByNo(entry)
	if err != nil {
		return rank{}, err
	}
	return rank{v.Header().Lamport, v.ID()}, nil
}

// entryByNo reads an entry.
func (r *reader) entryByNo(no int64) (oplog.Verified, error) {
	log, err := r.c.integer("SELECT log FROM entries WHERE no = ?", no)
	if err != nil {
		return oplog.Verified{}, err
	}
	l, err := r.logByNo(log)
	if err != nil {
		return oplog.Verified{}, err
	}
	return r.entry(no, l)
}

// replace makes room for an item of which only the newest counts. It tells whether a newer one is there already.
func (tx *Tx) replace(r *itemRow, mine rank) (older bool, err error) {
	var current int64
	switch r.kind {
	case content.KindCard:
		current, err = tx.c.integer("SELECT entry FROM items WHERE kind = 1 AND older = 0 AND author = ? AND space = ?", r.author, r.space)
	case content.KindEdit:
		current, err = tx.c.integer(editInForce, r.parentPrefix(), r.space, r.author, r.parentID())
	case content.KindRegister:
		current, err = tx.currentRegister(r)
	case content.KindReaction:
		current, err = tx.c.integer(`SELECT entry FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ? AND author = ?
			AND parent_id = ?`, r.parentPrefix(), r.space, r.author, r.parentID())
	default:
		current, err = tx.c.integer(`SELECT entry FROM items WHERE kind = ? AND kind >= 10 AND older = 0 AND parent IS ? AND space = ?
			AND author = ? AND parent_id IS ?`, int64(r.kind), r.parentPrefix(), r.space, r.author, r.parentID())
	}
	if err != nil || current == 0 || current == r.entry {
		return false, err
	}
	theirs, err := tx.rankOf(current)
	if err != nil || mine.compare(theirs) < 0 {
		return true, err
	}
	if indexes(r.kind) {
		if err := tx.unindex(&itemRow{entry: current, kind: r.kind}); err != nil {
			return false, err
		}
	}
	return false, tx.c.run("UPDATE items SET older = 1 WHERE entry = ?", current)
}

// restore lets the newest of the older items of a person count, after the one that counted was erased.
func (tx *Tx) restore(r *itemRow) error {
	if r.kind == content.KindRegister {
		return tx.restoreRegister(r)
	}
	var candidates []int64
	err := tx.c.each(`SELECT entry FROM items WHERE older = 1 AND author = ? AND kind = ? AND space = ?
		AND parent IS ? AND parent_id IS ?`, func(row *sqlite.Stmt) error {
		candidates = append(candidates, row.ColumnInt64(0))
		return nil
	}, r.author, int64(r.kind), r.space, r.parentPrefix(), r.parentID())
	if err != nil {
		return err
	}
	best, err := tx.newest(candidates)
	if err != nil || best == 0 {
		return err
	}
	if indexes(r.kind) {
		if err := tx.indexAgain(best); err != nil {
			return err
		}
	}
	return tx.c.run("UPDATE items SET older = 0 WHERE entry = ?", best)
}

// newest picks the entry with the highest rank; 0 if there is none.
func (tx *Tx) newest(candidates []int64) (best int64, err error) {
	var top rank
	for _, entry := range candidates {
		rank, err := tx.rankOf(entry)
		if err != nil {
			return 0, err
		}
		if best == 0 || rank.compare(top) > 0 {
			best, top = entry, rank
		}
	}
	return best, nil
}
