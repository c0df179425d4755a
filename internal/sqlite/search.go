package sqlite

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/key"
	"kith/internal/terms"
)

const (
	// searchBudget is how long a search looks. Hardly any takes a hundredth of it; those for words that are frequent and
	// never stand together do, and give what they have found by then.
	searchBudget = time.Second
	// maxExpansions is for how many terms the beginning of one stands: those that are used most. maxCandidates bounds, in
	// the order of the alphabet, among how many they are looked for.
	maxExpansions, maxCandidates = 24, 4000
	// leastPrefix, in bytes, is how long the beginning of a term has to be to stand for others. One letter is a word by
	// itself; one character of a dense script is longer than that.
	leastPrefix = 2
)

// Search asks for items of one kind by their words, newest first. All that is given has to hold.
type Search struct {
	Kind     content.Kind
	Words    []terms.Word
	Author   key.PersonID // zero: anybody
	Space    key.SpaceID  // zero: anywhere
	Photos   bool         // only what has photos
	From, To time.Time    // To itself is left out; zero: any time
	After    int64        // Next of the page before; 0: from the newest on
	Limit    int
}

// SearchPage is what was found.
type SearchPage struct {
	Items []Item
	// Next is where the following page begins; 0 where there is none.
	Next int64
	// Partial: the time was over before everything was looked through. Older items may be missing.
	Partial bool
	// Behind: there is something new whose words are not in the index yet.
	Behind bool
}

// Search finds items whose terms have all of the words, in no order: that words stand beside one another is for the
// caller to look at. A word that stands for all terms with its beginning stands for those that are used most.
func (db *DB) Search(ctx context.Context, query Search) (page SearchPage, err error) {
	if db.indexer.waiting.Load() {
		// What somebody has just written they may look for. That this fails is no failure to search.
		if _, err := db.indexSome(ctx); err != nil && ctx.Err() != nil {
			return page, explain(ctx, err)
		}
		page.Behind = db.indexer.waiting.Load()
	}
	var docs []int64
	err = db.view(ctx, func(r *reader) (err error) {
		docs, err = r.search(ctx, &query, &page)
		return err
	})
	if err != nil || len(docs) == 0 {
		return page, err
	}
	// A transaction of its own: where the time was over, the other one's connection may be of no more use.
	err = db.view(ctx, func(r *reader) (err error) {
		page.Items, err = r.documentItems(docs)
		return err
	})
	return page, err
}

// search finds the documents of a page.
func (r *reader) search(ctx context.Context, query *Search, page *SearchPage) ([]int64, error) {
	match, any, err := r.match(query)
	if err != nil || !any {
		return nil, err
	}
	first, last := docFloor(query.Kind, 0), docFloor(query.Kind+1, 0)-1
	if !query.From.IsZero() {
		first = docFloor(query.Kind, query.From.Unix())
	}
	if !query.To.IsZero() {
		last = min(last, docFloor(query.Kind, query.To.Unix())-1)
	}
	if query.After != 0 {
		last = min(last, query.After-1)
	}
	limit := max(query.Limit, 1)
	docs, partial, err := r.documents(ctx, match, first, last, limit+1) // one more tells whether there is a following page
	if err != nil {
		return nil, err
	}
	page.Partial = partial
	if len(docs) > limit {
		docs = docs[:limit]
		page.Next = docs[limit-1]
	}
	return docs, nil
}

// documentItems reads the items of documents.
func (r *reader) documentItems(docs []int64) ([]Item, error) {
	var rows []foundItem
	for _, doc := range docs {
		more, err := r.items(itemColumns+"WHERE i.entry = (SELECT entry FROM documents WHERE doc = ?)", doc)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return r.finish(rows)
}

// documents gives the last documents of a range that match, newest first.
func (r *reader) documents(ctx context.Context, match string, first, last int64, limit int) (docs []int64, partial bool, err error) {
	within, cancel := context.WithTimeout(ctx, searchBudget)
	defer cancel()
	r.c.SetInterrupt(within.Done())
	defer r.c.SetInterrupt(ctx.Done())
	err = r.c.each("SELECT rowid FROM postings WHERE postings MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?",
		func(row *sqlite.Stmt) error {
			docs = append(docs, row.ColumnInt64(0))
			return nil
		}, match, first, last, int64(limit))
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		r.c.interrupted = true
		return docs, true, nil
	}
	return docs, false, err
}

// errNothing says that a word is in no document.
var errNothing = errors.New("sqlite: no such term")

// match writes a search as the postings understand it; false where nothing can match.
func (r *reader) match(query *Search) (text string, any bool, err error) {
	var parts []string
	for _, word := range query.Words {
		part, err := r.matchWord(word)
		if errors.Is(err, errNothing) {
			return "", false, nil
		}
		if err != nil {
			return "", false, err
		}
		parts = append(parts, part)
	}
	if !query.Author.IsZero() {
		no, err := r.personNo(query.Author)
		if err != nil || no == 0 {
			return "", false, err
		}
		parts = append(parts, authorWord(no))
	}
	if !query.Space.IsZero() {
		no, err := r.spaceNo(query.Space)
		if err != nil || no == 0 {
			return "", false, err
		}
		parts = append(parts, spaceWord(no))
	}
	if query.Photos {
		parts = append(parts, photoWord)
	}
	return strings.Join(parts, " AND "), len(parts) > 0, nil
}

// matchWord writes a word: the number of its term, or those of the terms that it stands for.
func (r *reader) matchWord(word terms.Word) (string, error) {
	if !word.Prefix || len(word.Text) < leastPrefix {
		no, err := r.c.integer("SELECT no FROM terms WHERE term = ?", word.Text)
		if err == nil && no == 0 {
			err = errNothing
		}
		return strconv.FormatInt(no, 10), err
	}
	type candidate struct{ no, uses int64 }
	var candidates []candidate
	err := r.c.each("SELECT no, uses FROM terms WHERE term >= ? AND term < ? ORDER BY term LIMIT ?", func(row *sqlite.Stmt) error {
		candidates = append(candidates, candidate{row.ColumnInt64(0), row.ColumnInt64(1)})
		return nil
	}, word.Text, word.Text+"\U0010ffff", int64(maxCandidates))
	if err != nil {
		return "", err
	}
	if len(candidates) == 0 {
		return "", errNothing
	}
	if len(candidates) > maxExpansions {
		rest := candidates[1:] // the first one may be the word itself
		slices.SortFunc(rest, func(a, b candidate) int { return cmp.Compare(b.uses, a.uses) })
		candidates = candidates[:maxExpansions]
	}
	var numbers []string
	for _, c := range candidates {
		numbers = append(numbers, strconv.FormatInt(c.no, 10))
	}
	return "(" + strings.Join(numbers, " OR ") + ")", nil
}
