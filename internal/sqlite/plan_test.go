package sqlite

import (
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
)

// The queries that run often find their rows through an index, in the order in which they are wanted.
func TestQueriesUseTheirIndexes(t *testing.T) {
	db := openTest(t)
	c := <-db.reading
	defer func() { db.reading <- c }()
	for query, want := range map[string]string{
		feedTop:  "SCAN i USING INDEX items_feed",
		feedNext: "SEARCH i USING INDEX items_feed (at<?)",
		wallTop:  "SEARCH i USING INDEX items_wall (author=?)",
		wallNext: "SEARCH i USING INDEX items_wall (author=? AND at<?)",

		newsItems:      "SCAN n USING COVERING INDEX news_at",
		newsTalked:     "SEARCH talks USING COVERING INDEX talks_parent (parent=? AND at<?)",
		newsOwn:        "SEARCH e USING COVERING INDEX entries_id (id=?)",
		spaceTop:       "SEARCH i USING INDEX items_space (space=?)",
		spaceNext:      "SEARCH i USING INDEX items_space (space=? AND at<?)",
		messagesTop:    "SEARCH i USING INDEX items_later (kind=? AND space=?)",
		messagesBefore: "SEARCH i USING INDEX items_later (kind=? AND space=? AND at<?)",
		timersTop:      "SEARCH i USING INDEX items_wordless (space=?)",
		fadedTop:       "SEARCH f USING COVERING INDEX fading_until (until<?)",

		aboutItems: "SEARCH i USING INDEX items_about (space=?)",
		askItems:   "SEARCH i USING INDEX items_asking (space=?)",

		taggedTop + taggedEnd: "SEARCH t USING PRIMARY KEY (tag=?)",
		taggedNext:            "SEARCH t USING PRIMARY KEY (tag=? AND (at,entry)<",

		itemColumns + "WHERE i.kind = 3 AND i.parent = ? AND i.space = ? AND i.parent_id = ? ORDER BY i.at DESC, i.entry DESC LIMIT ?":                             "SEARCH i USING INDEX items_comments (parent=? AND space=?)",
		itemColumns + "WHERE i.kind >= 10 AND i.kind = ? AND i.space = ? AND i.older IS NOT 1 ORDER BY i.at DESC, i.entry DESC LIMIT ?":                            "SEARCH i USING INDEX items_later (kind=? AND space=?)",
		itemColumns + "WHERE i.kind >= 10 AND i.kind = ? AND i.parent = ? AND i.parent_id = ? AND i.space = ? AND i.older IS NOT 1 ORDER BY i.at, i.entry LIMIT ?": "SEARCH i USING INDEX items_under (parent=? AND space=? AND kind=?)",
		"SELECT entry FROM items WHERE kind >= 10 AND parent = ? AND space = ? AND parent_id = ?":                                                                  "SEARCH items USING INDEX items_under (parent=? AND space=? AND kind>?)",
		"SELECT entry FROM items WHERE kind = ? AND kind >= 10 AND older = 0 AND parent IS ? AND space = ? AND author = ? AND parent_id IS ?":                      "SEARCH items USING INDEX items_",
		"SELECT count(*) FROM items WHERE kind = 3 AND parent = ? AND space = ?":                                                                                   "SEARCH items USING COVERING INDEX items_comments (parent=? AND space=?)",
		"SELECT author FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ?":                                                                       "SEARCH items USING COVERING INDEX items_reactions (parent=? AND space=?)",
		"SELECT entry FROM items WHERE kind = 4 AND older = 0 AND parent = ? AND space = ? AND author = ? AND parent_id = ?":                                       "SEARCH items USING INDEX items_reactions (parent=? AND space=? AND author=?)",
		"SELECT entry FROM items WHERE kind = 1 AND older = 0 AND author = ? AND space = ?":                                                                        "SEARCH items USING COVERING INDEX items_cards (author=? AND space=?)",
		"SELECT no, log, seq, header FROM entries WHERE id = ?":                                                                                                    "SEARCH entries USING INDEX entries_id (id=?)",
		selectSegment + "WHERE log = ? AND first <= ? ORDER BY first DESC LIMIT 1":                                                                                 "SEARCH segments USING PRIMARY KEY (log=? AND first<?)",
		selectSegment + "WHERE log = ? AND lamport < ? ORDER BY lamport DESC LIMIT 1":                                                                              "SEARCH segments USING INDEX segments_runs (log=? AND lamport<?)",
		selectSegment + "WHERE log = ? AND lamport > ? ORDER BY lamport LIMIT 1":                                                                                   "SEARCH segments USING INDEX segments_runs (log=? AND lamport>?)",
		"SELECT blob FROM files WHERE want IS NOT NULL ORDER BY want DESC, entry DESC, photo, class":                                                               "INDEX files_want",
		"SELECT id FROM logs WHERE space = ? AND head > 0":                                                                                                         "SEARCH logs USING INDEX logs_space (space=?)",
		"SELECT ref FROM blobs WHERE unused < ? ORDER BY unused LIMIT ?":                                                                                           "SEARCH blobs USING INDEX blobs_unused (unused<?)",
	} {
		var plan []string
		err := c.each("EXPLAIN QUERY PLAN "+query, func(row *sqlite.Stmt) error {
			plan = append(plan, row.ColumnText(3))
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		text := strings.Join(plan, "; ")
		if !strings.Contains(text, want) || strings.Contains(text, "TEMP B-TREE") && !strings.Contains(query, "want") {
			t.Errorf("%s\n\truns as %s\n\twant    %s", query, text, want)
		}
	}
}
