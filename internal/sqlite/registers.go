package sqlite

import (
	"encoding/json"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/space"
)

// Shared names the collection of records in which the registers of a collection are projected. What is written into
// such a collection directly holds until a register of that name arrives.
func Shared(collection string) string { return "mine/" + collection }

// OwnLamport is the greatest Lamport time of any entry held of a person's own spaces, taken together.
func (r *reader) OwnLamport(person key.PersonID) (uint64, error) {
	no, err := r.personNo(person)
	if err != nil || no == 0 {
		return 0, err
	}
	n, err := r.c.integer("SELECT coalesce(max(lamport), 0) FROM spaces WHERE kind = ? AND owner = ?", int64(space.Own), no)
	return uint64(n), err
}

// registerMark stands between the collection and the name in the text of a register's item; no collection has it.
const registerMark = "/"

func (b body) register() (content.Register, error) {
	collection, id, ok := strings.Cut(b.text, registerMark)
	if !ok {
		return content.Register{}, fmt.Errorf("%w: a register without a name", ErrCorrupt)
	}
	return content.Register{Collection: collection, ID: id, Value: b.extra}, nil
}

// applyRegister makes a record of the register that counts.
func (tx *Tx) applyRegister(b body) error {
	r, err := b.register()
	if err != nil {
		return err
	}
	if len(r.Value) == 0 {
		return tx.DeleteRecord(Shared(r.Collection), r.ID)
	}
	return tx.PutRecord(Shared(r.Collection), r.ID, json.RawMessage(r.Value))
}

// currentRegister is the one that counts of all of that name; 0 if there is none. A person may have come to two own
// spaces, by a recovery; they count as one.
func (tx *Tx) currentRegister(r *itemRow) (int64, error) {
	return tx.c.integer("SELECT entry FROM items WHERE kind = 6 AND text = ? AND author = ? AND older = 0", r.body.text, r.author)
}

// restoreRegister lets the newest of the older ones of a name count, after the one that counted was dropped.
func (tx *Tx) restoreRegister(r *itemRow) error {
	var candidates []int64
	err := tx.c.each("SELECT entry FROM items WHERE kind = 6 AND text = ? AND author = ? AND older = 1", func(row *sqlite.Stmt) error {
		candidates = append(candidates, row.ColumnInt64(0))
		return nil
	}, r.body.text, r.author)
	if err != nil {
		return err
	}
	best, err := tx.newest(candidates)
	if err != nil {
		return err
	}
	if best == 0 {
		gone, err := r.body.register()
		if err != nil {
			return err
		}
		return tx.DeleteRecord(Shared(gone.Collection), gone.ID)
	}
	if err := tx.c.run("UPDATE items SET older = 0 WHERE entry = ?", best); err != nil {
		return err
	}
	var b body
	var bad error
	_, err = tx.c.one("SELECT text, extra, parent_id FROM items WHERE entry = ?", func(row *sqlite.Stmt) { b, bad = scanBody(row, 0) }, best)
	if err == nil {
		err = bad
	}
	if err != nil {
		return err
	}
	return tx.applyRegister(b)
}
