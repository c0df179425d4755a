package sqlite

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"sync"

	"zombiezen.com/go/sqlite"

	"kith/internal/key"
	"kith/internal/oplog"
)

// maxNames bounds each of the maps from numbers to names that are kept in memory: some 4 MB for the logs, of
// which a person with 300 friends has some ten thousand. A map that is full begins anew.
const maxNames = 1 << 14

// logName is a log with the numbers of what it belongs to. It never changes.
type logName struct {
	no, space, author int64
	id                oplog.LogID
	log               oplog.Log
	person            key.PersonID // the author
}

// names remembers which number stands for whom. Numbers are never given again, so that what is committed holds for
// every reader, whatever moment they see.
type names struct {
	people index[key.PersonID, key.PersonID]
	spaces index[key.SpaceID, key.SpaceID]
	logs   index[oplog.LogID, *logName]
}

// noNames stands for what a reader has named: nothing.
var noNames = newNames(0)

// known is where a name that was read is kept: for everybody where it is committed, and within the transaction where it
// may be that transaction's own, which may not come to commit and would leave a number that is given again.
func (r *reader) known() *names {
	if r.fresh == noNames {
		return r.db.names
	}
	return r.fresh
}

func newNames(limit int) *names {
	return &names{
		people: newIndex[key.PersonID, key.PersonID](limit),
		spaces: newIndex[key.SpaceID, key.SpaceID](limit),
		logs:   newIndex[oplog.LogID, *logName](limit),
	}
}

// adopt takes over what a transaction has named, once it is committed.
func (n *names) adopt(fresh *names) {
	n.people.adopt(&fresh.people)
	n.spaces.adopt(&fresh.spaces)
	n.logs.adopt(&fresh.logs)
}

// index maps identifiers to numbers, and back to a value that holds the identifier.
type index[ID comparable, V any] struct {
	mu      *sync.RWMutex
	limit   int // 0: none
	numbers map[ID]int64
	values  map[int64]V
}

func newIndex[ID comparable, V any](limit int) index[ID, V] {
	return index[ID, V]{new(sync.RWMutex), limit, make(map[ID]int64), make(map[int64]V)}
}

func (x *index[ID, V]) number(id ID) (int64, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	no, ok := x.numbers[id]
	return no, ok
}

func (x *index[ID, V]) value(no int64) (V, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	v, ok := x.values[no]
	return v, ok
}

func (x *index[ID, V]) put(id ID, no int64, v V) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.limit > 0 && len(x.values) >= x.limit {
		clear(x.numbers)
		clear(x.values)
	}
	x.numbers[id], x.values[no] = no, v
}

func (x *index[ID, V]) adopt(fresh *index[ID, V]) {
	for id, no := range fresh.numbers {
		x.put(id, no, fresh.values[no])
	}
}

// personNo finds a person's number; 0 for somebody unknown.
func (r *reader) personNo(id key.PersonID) (int64, error) {
	return lookUp(r, (*names).ofPeople, "SELECT no FROM people WHERE id = ?", id, id[:])
}

// personID finds who has the number.
func (r *reader) personID(no int64) (id key.PersonID, err error) {
	return lookBack(r, (*names).ofPeople, "SELECT id FROM people WHERE no = ?", no,
		func(raw []byte) key.PersonID { return key.PersonID(raw) })
}

// spaceNo finds a space's number; 0 for one that is unknown.
func (r *reader) spaceNo(id key.SpaceID) (int64, error) {
	return lookUp(r, (*names).ofSpaces, "SELECT no FROM spaces WHERE id = ?", id, id[:])
}

// spaceID finds the space that has the number.
func (r *reader) spaceID(no int64) (id key.SpaceID, err error) {
	return lookBack(r, (*names).ofSpaces, "SELECT id FROM spaces WHERE no = ?", no,
		func(raw []byte) key.SpaceID { return key.SpaceID(raw) })
}

func (n *names) ofPeople() *index[key.PersonID, key.PersonID] { return &n.people }
func (n *names) ofSpaces() *index[key.SpaceID, key.SpaceID]   { return &n.spaces }

func lookUp[ID comparable](r *reader, of func(*names) *index[ID, ID], query string, id ID, raw []byte) (int64, error) {
	for _, n := range [...]*names{r.fresh, r.db.names} {
		if no, ok := of(n).number(id); ok {
			return no, nil
		}
	}
	no, err := r.c.integer(query, raw)
	if err == nil && no != 0 {
		of(r.known()).put(id, no, id)
	}
	return no, err
}

func lookBack[ID comparable](r *reader, of func(*names) *index[ID, ID], query string, no int64, parse func([]byte) ID) (id ID, err error) {
	for _, n := range [...]*names{r.fresh, r.db.names} {
		if id, ok := of(n).value(no); ok {
			return id, nil
		}
	}
	var raw [key.IDSize]byte
	var bad error
	found, err := r.c.one(query, func(row *sqlite.Stmt) { bad = columnID(row, 0, raw[:]) }, no)
	if err == nil && !found {
		bad = fmt.Errorf("%w: nothing has the number %d", ErrCorrupt, no)
	}
	if err := cmp.Or(err, bad); err != nil {
		return id, err
	}
	id = parse(raw[:])
	of(r.known()).put(id, no, id)
	return id, nil
}

const logColumns = "SELECT no, id, space, device, incarnation, lane, author FROM logs"

// logByID finds a log; nil for one that is unknown.
func (r *reader) logByID(id oplog.LogID) (*logName, error) {
	for _, logs := range [...]*index[oplog.LogID, *logName]{&r.fresh.logs, &r.db.names.logs} {
		if no, ok := logs.number(id); ok {
			if l, ok := logs.value(no); ok {
				return l, nil
			}
		}
	}
	return r.findLog(logColumns+" WHERE id = ?", id[:])
}

// logByNo finds the log that has the number.
func (r *reader) logByNo(no int64) (*logName, error) {
	for _, logs := range [...]*index[oplog.LogID, *logName]{&r.fresh.logs, &r.db.names.logs} {
		if l, ok := logs.value(no); ok {
			return l, nil
		}
	}
	l, err := r.findLog(logColumns+" WHERE no = ?", no)
	if err == nil && l == nil {
		err = fmt.Errorf("%w: no log has the number %d", ErrCorrupt, no)
	}
	return l, err
}

func (r *reader) findLog(query string, arg any) (l *logName, err error) {
	var bad error
	if _, err := r.c.one(query, func(row *sqlite.Stmt) { l, bad = scanLog(row) }, arg); err != nil {
		return nil, err
	}
	if bad != nil || l == nil {
		return nil, bad
	}
	return l, r.nameLog(l)
}

// scanLog reads logColumns.
func scanLog(row *sqlite.Stmt) (*logName, error) {
	l := &logName{no: row.ColumnInt64(0), space: row.ColumnInt64(2), author: row.ColumnInt64(6)}
	l.log.Lane = oplog.Lane(row.ColumnInt64(5))
	if err := columnID(row, 1, l.id[:]); err != nil {
		return nil, err
	}
	if err := columnID(row, 3, l.log.Device[:]); err != nil {
		return nil, err
	}
	err := columnID(row, 4, l.log.Incarnation[:])
	return l, err
}

// nameLog completes what scanLog read, checks it and keeps it.
func (r *reader) nameLog(l *logName) (err error) {
	if l.log.Space, err = r.spaceID(l.space); err != nil {
		return err
	}
	if l.person, err = r.personID(l.author); err != nil {
		return err
	}
	if l.log.ID() != l.id {
		return fmt.Errorf("%w: log %d is not the one that its ID says", ErrCorrupt, l.no)
	}
	r.known().logs.put(l.id, l.no, l)
	return nil
}

// ensurePerson gives a person a number.
func (tx *Tx) ensurePerson(id key.PersonID) (int64, error) {
	no, err := tx.personNo(id)
	if err != nil || no != 0 {
		return no, err
	}
	if err := tx.c.run("INSERT INTO people (id) VALUES (?)", id[:]); err != nil {
		return 0, err
	}
	no = tx.c.LastInsertRowID()
	tx.fresh.people.put(id, no, id)
	return no, nil
}

// ensureSpace gives a space a number.
func (tx *Tx) ensureSpace(id key.SpaceID) (int64, error) {
	no, err := tx.spaceNo(id)
	if err != nil || no != 0 {
		return no, err
	}
	if err := tx.c.run("INSERT INTO spaces (id) VALUES (?)", id[:]); err != nil {
		return 0, err
	}
	no = tx.c.LastInsertRowID()
	tx.fresh.spaces.put(id, no, id)
	return no, nil
}

// ensureLog gives a log a number.
func (tx *Tx) ensureLog(log oplog.Log, id oplog.LogID, person key.PersonID) (*logName, error) {
	l, err := tx.logByID(id)
	if err != nil || l != nil {
		return l, err
	}
	l = &logName{id: id, log: log, person: person}
	if l.space, err = tx.ensureSpace(log.Space); err != nil {
		return nil, err
	}
	if l.author, err = tx.ensurePerson(person); err != nil {
		return nil, err
	}
	err = tx.c.run(`INSERT INTO logs (id, space, device, incarnation, lane, author, head, head_id, head_lamport)
		VALUES (?, ?, ?, ?, ?, ?, 0, x'', 0)`, id[:], l.space, log.Device[:], log.Incarnation[:], int64(log.Lane), l.author)
	if err != nil {
		return nil, err
	}
	l.no = tx.c.LastInsertRowID()
	tx.fresh.logs.put(id, l.no, l)
	return l, nil
}

// prefix is the part of an entry's ID that is stored and indexed. Somebody who wants two entries of their own to
// share one has to try some 2^32, and gains nothing, since the whole ID is compared; to meet the one of
// another's entry it takes 2^64.
func prefix(id oplog.EntryID) int64 { return int64(binary.BigEndian.Uint64(id[:8])) }
