package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/terms"
)

// searched gives the texts that a search finds, of all pages.
func searched(t testing.TB, db *DB, query Search, typed string) (texts []string) {
	t.Helper()
	q := terms.Parse(typed)
	query.Words = q.Words()
	query.Limit = cmpOr(query.Limit, 50)
	for range 1000 {
		page, err := db.Search(context.Background(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			b, _, err := bodyOf(item.Content)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, b.text)
		}
		if query.After = page.Next; page.Next == 0 {
			return texts
		}
	}
	t.Fatal("a search without an end")
	return nil
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

func TestSearch(t *testing.T) {
	db := openTest(t)
	here, there := newRoom(t), newRoom(t)
	ada, ben := here.author(), there.author()
	post := ada.write(content.Post{Text: "The lake was calm"})
	put(t, db, post,
		ada.write(content.Post{Text: "Crème brûlée at the Lake", Photos: []content.Photo{photo(1)}}),
		ben.write(content.Post{Text: "東京都に行く"}),
		ada.write(content.Comment{Post: post.entries[0].ID(), Text: "a calm comment"}),
		ada.write(content.Card{Name: "Ada Lovelace", About: "counts"}),
	)
	const posts = content.KindPost
	for _, c := range []struct {
		query Search
		typed string
		want  string
	}{
		{Search{Kind: posts}, "lake", "Crème brûlée at the Lake|The lake was calm"},
		{Search{Kind: posts}, "LAK", "Crème brûlée at the Lake|The lake was calm"},
		{Search{Kind: posts}, "lak ", ""},
		{Search{Kind: posts}, "calm lake", "The lake was calm"},
		{Search{Kind: posts}, "creme brulee", "Crème brûlée at the Lake"},
		{Search{Kind: posts}, "京都", "東京都に行く"},
		{Search{Kind: posts}, "都", "東京都に行く"},
		{Search{Kind: posts}, "comment", ""},
		{Search{Kind: content.KindComment}, "calm", "a calm comment"},
		{Search{Kind: content.KindCard}, "love", "Ada Lovelace"},
		{Search{Kind: content.KindCard}, "counts ", "Ada Lovelace"},
		{Search{Kind: posts, Photos: true}, "lake", "Crème brûlée at the Lake"},
		{Search{Kind: posts, Photos: true}, "photo ", "Crème brûlée at the Lake"}, // the words that describe it
		{Search{Kind: posts, Author: ben.person}, "", "東京都に行く"},
		{Search{Kind: posts, Author: ben.person}, "lake", ""},
		{Search{Kind: posts, Space: here.id}, "", "Crème brûlée at the Lake|The lake was calm"},
		{Search{Kind: posts, Space: newRoom(t).id}, "lake", ""},
		{Search{Kind: posts}, "", ""},
		{Search{Kind: posts}, "lake xyzzy", ""},
		{Search{Kind: posts, To: time.Unix(1_700_000_060, 0)}, "lake", "The lake was calm"},
		{Search{Kind: posts, From: time.Unix(1_700_000_060, 0)}, "lake", "Crème brûlée at the Lake"},
		{Search{Kind: posts, Limit: 1}, "lake", "Crème brûlée at the Lake|The lake was calm"},
	} {
		if got := strings.Join(searched(t, db, c.query, c.typed), "|"); got != c.want {
			t.Errorf("%q %+v finds %q, want %q", c.typed, c.query, got, c.want)
		}
	}
}

func TestSearchFollowsCardsAndEdits(t *testing.T) {
	db := openTest(t)
	room := newRoom(t)
	ada, mallory := room.author(), room.author()
	post := ada.write(content.Post{Text: "the first words"})
	id := post.entries[0].ID()
	comment := ada.write(content.Comment{Post: id, Text: "an answer"})
	put(t, db, post, comment, ada.write(content.Card{Name: "Old Name"}))
	finds := func(kind content.Kind, typed, want string) {
		t.Helper()
		if got := strings.Join(searched(t, db, Search{Kind: kind}, typed), "|"); got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	finds(content.KindPost, "first", "the first words")
	edit := ada.write(content.Edit{Target: id, Text: "better ones"})
	put(t, db, edit, mallory.write(content.Edit{Target: id, Text: "forged words"}), ada.write(content.Card{Name: "New Name"}),
		ada.write(content.Edit{Target: comment.entries[0].ID(), Text: "a reply"}))
	finds(content.KindPost, "first", "")
	finds(content.KindPost, "forged", "")
	finds(content.KindPost, "better", "the first words") // as it was first written; what it is now, the edit says
	finds(content.KindComment, "answer", "")
	finds(content.KindComment, "reply", "an answer")
	finds(content.KindCard, "old", "")
	finds(content.KindCard, "new", "New Name")
	update(t, db, func(tx ingest.Tx) error {
		_, _, err := tx.Erase(room.id, ada.head.Log.ID(), edit.entries[0].Seq())
		return err
	})
	finds(content.KindPost, "better", "")
	finds(content.KindPost, "first", "the first words")
	update(t, db, func(tx ingest.Tx) error { // the newer card
		_, _, err := tx.Erase(room.id, ada.head.Log.ID(), edit.entries[0].Seq()+1)
		return err
	})
	finds(content.KindCard, "old", "Old Name")
	checkIndex(t, db)
}

// An edit may come before what it edits.
func TestSearchFindsWhatWasEditedBeforeItCame(t *testing.T) {
	db := openTest(t)
	ada := newRoom(t).author()
	post := ada.write(content.Post{Text: "the first words"})
	put(t, db, ada.write(content.Edit{Target: post.entries[0].ID(), Text: "better ones"}))
	searched(t, db, Search{Kind: content.KindPost}, "better") // everything is in the index that can be
	put(t, db, post)
	if got := searched(t, db, Search{Kind: content.KindPost}, "better"); len(got) != 1 {
		t.Errorf("it finds %q", got)
	}
	if got := searched(t, db, Search{Kind: content.KindPost}, "first"); len(got) != 0 {
		t.Errorf("it finds %q", got)
	}
}

// Many in one second are all found, once.
func TestSearchOfMuchInOneSecond(t *testing.T) {
	db := openTest(t)
	ada := newRoom(t).author()
	const posts = 900
	for n := range posts {
		ada.clock = time.Unix(1_700_000_000, 0)
		put(t, db, ada.write(content.Post{Text: fmt.Sprintf("burst %d", n)}))
	}
	for db.indexer.waiting.Load() {
		if _, err := db.indexSome(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	found := searched(t, db, Search{Kind: content.KindPost, Limit: 37}, "burst ")
	slices.Sort(found)
	if n := len(slices.Compact(found)); n != posts || len(found) != posts {
		t.Errorf("%d found, %d different, of %d", len(found), n, posts)
	}
}

// checkIndex holds the index against the items, and has FTS5 look through its tables.
func checkIndex(t testing.TB, db *DB) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = db.indexSome(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	err := db.update(context.Background(), func(tx *Tx) error {
		if err := tx.c.run("INSERT INTO postings (postings, rank) VALUES ('integrity-check', 0)"); err != nil {
			return err
		}
		uses := make(map[int64]int64)
		documents := int64(0)
		err := tx.c.each("SELECT terms FROM documents", func(row *sqlite.Stmt) error {
			d, err := decodeDocument(columnBytes(row, 0))
			for _, no := range d.terms {
				uses[no]++
			}
			documents++
			return err
		})
		if err != nil {
			return err
		}
		items, err := tx.c.integer("SELECT count(*) FROM items WHERE kind IN (1, 2, 3) AND coalesce(older, 0) = 0")
		if err != nil {
			return err
		}
		if items != documents {
			t.Errorf("%d items and %d documents", items, documents)
		}
		known := 0
		err = tx.c.each("SELECT no, uses FROM terms", func(row *sqlite.Stmt) error {
			known++
			if no := row.ColumnInt64(0); uses[no] != row.ColumnInt64(1) {
				t.Errorf("term %d is in %d documents, and counted %d times", no, uses[no], row.ColumnInt64(1))
			}
			return nil
		})
		if known != len(uses) {
			t.Errorf("%d terms, of which %d are used", known, len(uses))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is written, edited, erased and cut off, in any order, with the index now up to date and now behind: a search
// finds what reading everything finds.
func TestSearchFindsWhatReadingFinds(t *testing.T) {
	vocabulary := strings.Fields("lake lakes lantern calm storm Été ete 東京都 京都 🎉 rain rainy raining home homes")
	for seed := range uint64(4) {
		dice := rand.New(rand.NewPCG(seed, 77))
		db := openAt(t, filepath.Join(t.TempDir(), "kith.db"))
		room := newRoom(t)
		authors := []*author{room.author(), room.author()}
		text := func() string {
			var words []string
			for range 1 + dice.IntN(5) {
				words = append(words, vocabulary[dice.IntN(len(vocabulary))])
			}
			return strings.Join(words, " ")
		}
		type piece struct {
			id     oplog.EntryID
			by     *author
			seq    uint64
			text   string
			edits  []string // as they come to count, one after the other
			gone   bool
			edited []uint64
		}
		var pieces []*piece
		for range 400 {
			a := authors[dice.IntN(2)]
			switch n := dice.IntN(10); {
			case n < 5 || len(pieces) == 0:
				p := &piece{by: a, text: text()}
				w := a.write(content.Post{Text: p.text})
				p.id, p.seq = w.entries[0].ID(), w.entries[0].Seq()
				put(t, db, w)
				pieces = append(pieces, p)
			case n < 7:
				p := pieces[dice.IntN(len(pieces))]
				if p.gone {
					continue
				}
				words := text()
				w := p.by.write(content.Edit{Target: p.id, Text: words})
				put(t, db, w)
				p.edits, p.edited = append(p.edits, words), append(p.edited, w.entries[0].Seq())
			case n == 7: // the newest edit goes
				p := pieces[dice.IntN(len(pieces))]
				if len(p.edits) == 0 || p.gone {
					continue
				}
				last := len(p.edits) - 1
				update(t, db, func(tx ingest.Tx) error {
					_, _, err := tx.Erase(room.id, p.by.head.Log.ID(), p.edited[last])
					return err
				})
				p.edits, p.edited = p.edits[:last], p.edited[:last]
			case n == 8:
				p := pieces[dice.IntN(len(pieces))]
				update(t, db, func(tx ingest.Tx) error {
					_, _, err := tx.Erase(room.id, p.by.head.Log.ID(), p.seq)
					return err
				})
				p.gone = true
			default:
				if _, err := db.indexSome(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		checkIndex(t, db)
		for _, typed := range []string{"lake", "lak", "calm storm", "ete", "東京", "京", "🎉", "rain ", "rain", "home rain", "l"} {
			q := terms.Parse(typed)
			var want []string
			for _, p := range pieces {
				now := p.text
				if n := len(p.edits); n > 0 {
					now = p.edits[n-1]
				}
				list := slices.Collect(terms.Of(now))
				if !p.gone && !slices.ContainsFunc(q.Words(), func(w terms.Word) bool {
					return !slices.ContainsFunc(list, func(t terms.Term) bool {
						return t.Text == w.Text || w.Prefix && len(w.Text) >= leastPrefix && strings.HasPrefix(t.Text, w.Text)
					})
				}) {
					want = append(want, p.text)
				}
			}
			got := searched(t, db, Search{Kind: content.KindPost, Limit: 7}, typed)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("seed %d: %q finds %d, want %d", seed, typed, len(got), len(want))
			}
		}
	}
}

// Nothing of the words of what was erased is on the disk, and nothing says that its terms were together.
func TestErasedWordsAreGoneFromTheIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	room := newRoom(t)
	ada := room.author()
	const posts = 600
	secret := func(n int) string { return fmt.Sprintf("canaryword%04d", n*7919%posts) }
	for n := range posts {
		put(t, db, ada.write(content.Post{Text: "lake calm " + secret(n)}))
		if n%50 == 0 {
			if _, err := db.indexSome(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkIndex(t, db)
	erased := func(n int) bool { return n%3 != 0 }
	update(t, db, func(tx ingest.Tx) error {
		for n := range posts {
			if erased(n) {
				if _, _, err := tx.Erase(room.id, ada.head.Log.ID(), uint64(n+1)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	checkIndex(t, db)
	if found := searched(t, db, Search{Kind: content.KindPost}, "lake "); len(found) != posts/3 {
		t.Errorf("%d of %d are found", len(found), posts/3)
	}
	var left []string
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var all []byte
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, raw...)
		}
		left = left[:0]
		for n := range posts {
			if erased(n) && bytes.Contains(all, []byte(secret(n))) {
				left = append(left, secret(n))
			} else if !erased(n) && !bytes.Contains(all, []byte(secret(n))) {
				t.Fatalf("%s is not on the disk", secret(n))
			}
		}
		if len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("%d are left: %.3q", len(left), left)
	}
}

// An index that was made by other rules is made anew.
func TestTheIndexIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	put(t, db, newRoom(t).author().write(content.Post{Text: "the lake"}))
	checkIndex(t, db)
	if err := db.SetMeta(t.Context(), metaTerms, "0"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path)
	if got := searched(t, db, Search{Kind: content.KindPost}, "lake"); len(got) != 1 {
		t.Errorf("it finds %q", got)
	}
	checkIndex(t, db)
}

// What was written is put into the index without anybody searching.
func TestTheIndexFollowsByItself(t *testing.T) {
	db := openTest(t)
	put(t, db, newRoom(t).author().write(content.Post{Text: "the lake"}))
	for deadline := time.Now().Add(30 * time.Second); db.indexer.waiting.Load(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not")
		}
	}
}
