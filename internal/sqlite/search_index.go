package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/terms"
)

// foundBy is what an item is found by.
type foundBy struct {
	texts  []string
	photos bool
}

// searchable says which kinds of items are found by their words, and by which. Adding a kind is a line here.
var searchable = map[content.Kind]func(item content.Item, edit *content.Edit) foundBy{
	content.KindCard:    cardFoundBy,
	content.KindPost:    postFoundBy,
	content.KindComment: commentFoundBy,
}

func cardFoundBy(item content.Item, _ *content.Edit) foundBy {
	card, _ := item.(content.Card)
	return foundBy{texts: []string{card.Name, card.About}}
}

func postFoundBy(item content.Item, edit *content.Edit) foundBy {
	post, _ := item.(content.Post)
	text, photos := post.Text, post.Shown()
	if edit != nil {
		if revised, left, ok := edit.Revise(post); ok {
			text, photos = revised, left
		}
	}
	by := foundBy{texts: []string{text}, photos: len(photos) > 0}
	for _, photo := range photos {
		by.texts = append(by.texts, photo.Alt)
	}
	return by
}

func commentFoundBy(item content.Item, edit *content.Edit) foundBy {
	comment, _ := item.(content.Comment)
	if edit != nil && edit.Text != "" {
		return foundBy{texts: []string{edit.Text}}
	}
	return foundBy{texts: []string{comment.Text}}
}

const (
	// The number of a document, see the table.
	docKindBits, docSecondBits = 48, 4
	// maxCachedTerms bounds the numbers of terms that are kept in memory: some 3 MB, most of what people write with.
	maxCachedTerms = 1 << 15
)

// docFloor is the first number of the documents of a kind and a second.
func docFloor(kind content.Kind, second int64) int64 {
	return int64(kind)<<docKindBits | max(0, min(second, maxSeconds))<<docSecondBits
}

// document is what is in the index of an item.
type document struct {
	photos        bool
	author, space int64
	terms         []int64
}

// encode writes a document as the table has it.
func (d *document) encode() []byte {
	flags := uint64(0)
	if d.photos {
		flags = 1
	}
	out := binary.AppendUvarint(nil, flags)
	out = binary.AppendUvarint(out, uint64(d.author))
	out = binary.AppendUvarint(out, uint64(d.space))
	for _, no := range d.terms {
		out = binary.AppendUvarint(out, uint64(no))
	}
	return out
}

func decodeDocument(raw []byte) (d document, err error) {
	var numbers []int64
	for len(raw) > 0 {
		n, size := binary.Uvarint(raw)
		if size <= 0 {
			return d, fmt.Errorf("%w: a document of the index", ErrCorrupt)
		}
		numbers, raw = append(numbers, int64(n)), raw[size:]
	}
	if len(numbers) < 3 {
		return d, fmt.Errorf("%w: a document of the index with %d numbers", ErrCorrupt, len(numbers))
	}
	return document{photos: numbers[0] == 1, author: numbers[1], space: numbers[2], terms: numbers[3:]}, nil
}

// words writes a document as the postings take it.
func (d *document) words() string {
	var b strings.Builder
	for _, no := range d.terms {
		b.WriteString(strconv.FormatInt(no, 10))
		b.WriteByte(' ')
	}
	b.WriteString(authorWord(d.author) + " " + spaceWord(d.space))
	if d.photos {
		b.WriteString(" " + photoWord)
	}
	return b.String()
}

const photoWord = "p"

func authorWord(no int64) string { return "a" + strconv.FormatInt(no, 10) }
func spaceWord(no int64) string  { return "s" + strconv.FormatInt(no, 10) }

// indexLater notes that the words of an item are to be put into the index; of an edit, those of what it edits.
func (tx *Tx) indexLater(r *itemRow) error {
	if r.kind == content.KindEdit {
		p, found, err := tx.locate(*r.body.parent)
		if err != nil || !found || p.log.author != r.author || p.log.space != r.space {
			return err
		}
		return tx.indexAgain(p.no)
	}
	if searchable[r.kind] == nil || r.older {
		return nil
	}
	return tx.indexAgain(r.entry)
}

// indexAgain notes that the words of an entry's item changed. What is none is passed over later.
func (tx *Tx) indexAgain(entry int64) error {
	tx.unindexed = true
	return tx.c.run("INSERT OR IGNORE INTO unindexed (entry) VALUES (?)", entry)
}

// unindex takes an item out of the index, so that nothing of it is left there; of an edit, what it edits, which is put in
// again later as it is without.
func (tx *Tx) unindex(r *itemRow) error {
	if r.kind == content.KindEdit {
		p, found, err := tx.locate(*r.body.parent)
		if err != nil || !found || p.log.author != r.author || p.log.space != r.space {
			return err
		}
		if err := tx.dropDocument(p.no); err != nil {
			return err
		}
		return tx.indexAgain(p.no)
	}
	if searchable[r.kind] == nil {
		return nil
	}
	if err := tx.c.run("DELETE FROM unindexed WHERE entry = ?", r.entry); err != nil {
		return err
	}
	return tx.dropDocument(r.entry)
}

// dropDocument takes the document of an entry out of the index, if there is one.
func (tx *Tx) dropDocument(entry int64) error {
	var doc int64
	var raw []byte
	found, err := tx.c.one("SELECT doc, terms FROM documents WHERE entry = ?", func(row *sqlite.Stmt) {
		doc, raw = row.ColumnInt64(0), columnBytes(row, 1)
	}, entry)
	if err != nil || !found {
		return err
	}
	d, err := decodeDocument(raw)
	if err != nil {
		return err
	}
	for _, no := range d.terms {
		tx.countTerm(no, -1)
	}
	if tx.freed == nil {
		tx.freed = make(map[int64]bool)
	}
	tx.freed[doc] = true
	if err := tx.c.run("INSERT INTO postings (postings, rowid, words) VALUES ('delete', ?, ?)", doc, d.words()); err != nil {
		return err
	}
	return tx.c.run("DELETE FROM documents WHERE doc = ?", doc)
}

// index puts an entry's item into the index as it is now, in place of what was there of it. What makes no sense in the
// store is left out: whoever reads it for another reason puts that in order.
func (tx *Tx) index(entry int64) error {
	if err := tx.dropDocument(entry); err != nil {
		return err
	}
	row, by, err := tx.toIndex(entry)
	if errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil || row == nil {
		return err
	}
	d := document{photos: by.photos, author: row.author, space: row.space}
	seen := make(map[int64]bool)
	for _, text := range by.texts {
		for term := range terms.Of(text) {
			no, err := tx.termNo(term.Text)
			if err != nil {
				return err
			}
			if !seen[no] {
				seen[no] = true
				d.terms = append(d.terms, no)
				tx.countTerm(no, 1)
			}
		}
	}
	slices.Sort(d.terms)
	doc, err := tx.freeDocument(docFloor(row.kind, row.at>>orderBits))
	if err != nil {
		return err
	}
	if err := tx.c.run("INSERT INTO documents (doc, entry, terms) VALUES (?, ?, ?)", doc, entry, d.encode()); err != nil {
		return err
	}
	return tx.c.run("INSERT INTO postings (rowid, words) VALUES (?, ?)", doc, d.words())
}

// toIndex reads what an entry's item is found by; nil where it is not to be found.
func (tx *Tx) toIndex(entry int64) (*itemRow, foundBy, error) {
	row := itemRow{entry: entry}
	found, err := tx.scanItem(&row)
	by := searchable[row.kind]
	if err != nil || !found || by == nil || row.older {
		return nil, foundBy{}, err
	}
	if row.at, err = tx.c.integer("SELECT at FROM items WHERE entry = ?", entry); err != nil {
		return nil, foundBy{}, err
	}
	item, err := row.body.item(row.kind)
	if err != nil {
		return nil, foundBy{}, err
	}
	edit, err := tx.editOf(entry)
	return &row, by(item, edit), err
}

// freeDocument finds a number that is free, from one on, and near it where there are few in one second. One that became
// free in this transaction is not given again: SQLite 3.49 loses one of the two changes where a row of an index with
// secure-delete and without details is taken out and put in again in one transaction.
func (tx *Tx) freeDocument(doc int64) (int64, error) {
	for span := int64(1); ; span *= 2 {
		taken, err := tx.c.integer("SELECT 1 FROM documents WHERE doc = ?", doc)
		if err != nil || taken == 0 && !tx.freed[doc] {
			return doc, err
		}
		doc += 1 + rand.Int64N(span)
	}
}

// editOf reads the edit that counts for an entry; nil where there is none.
func (tx *Tx) editOf(entry int64) (*content.Edit, error) {
	any, err := tx.c.integer("SELECT 1 FROM items WHERE kind = 5 AND parent = (SELECT id FROM entries WHERE no = ?) LIMIT 1", entry)
	if err != nil || any == 0 {
		return nil, err
	}
	v, err := tx.entryByNo(entry)
	if err != nil {
		return nil, err
	}
	found, err := tx.edits(v.ID(), "AND i.older = 0", 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	edit, _ := found[0].Content.(content.Edit)
	return &edit, nil
}

// termNo gives a term its number.
func (tx *Tx) termNo(term string) (int64, error) {
	if no, ok := tx.db.terms[term]; ok {
		return no, nil
	}
	no, err := tx.c.integer("SELECT no FROM terms WHERE term = ?", term)
	if err != nil {
		return 0, err
	}
	if no == 0 {
		if err := tx.c.run("INSERT INTO terms (term, uses) VALUES (?, 0)", term); err != nil {
			return 0, err
		}
		no = tx.c.LastInsertRowID()
	}
	if len(tx.db.terms) >= maxCachedTerms {
		clear(tx.db.terms)
	}
	tx.db.terms[term] = no
	return no, nil
}

// countTerm counts a use of a term that came or went; flushTerms writes it.
func (tx *Tx) countTerm(no, by int64) {
	if tx.uses == nil {
		tx.uses = make(map[int64]int64)
	}
	tx.uses[no] += by
}

// flushTerms writes how often terms are used, and drops those that are not any more.
func (tx *Tx) flushTerms() error {
	for _, no := range slices.Sorted(maps.Keys(tx.uses)) {
		by := tx.uses[no]
		if by != 0 {
			if err := tx.c.run("UPDATE terms SET uses = uses + ? WHERE no = ?", by, no); err != nil {
				return err
			}
		}
		if by > 0 {
			continue
		}
		err := tx.c.each("DELETE FROM terms WHERE no = ? AND uses <= 0 RETURNING term", func(row *sqlite.Stmt) error {
			delete(tx.db.terms, row.ColumnText(0))
			return nil
		}, no)
		if err != nil {
			return err
		}
	}
	return nil
}
