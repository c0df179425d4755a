package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/content"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/space"
)

func TestFilesAreTheOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.SkipNow() // has no such modes
	}
	path := filepath.Join(t.TempDir(), "kith.db")
	db := openAt(t, path)
	if err := db.Put(t.Context(), "a", "b", 1); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s%s: %v, %v", path, suffix, info.Mode(), err)
		}
	}
}

func TestOpenRefusesWhatIsNotOurs(t *testing.T) {
	run := func(path string, statements ...string) {
		c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range statements {
			if err := (&conn{Conn: c}).script(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		make func(path string)
		want error
		text string
	}{
		"newer": {func(path string) {
			openAt(t, path).Close()
			run(path, "PRAGMA user_version = 1000")
		}, ErrNewer, "version is 1000"},
		"another program's":         {func(path string) { run(path, "CREATE TABLE bookmarks (url)") }, ErrCorrupt, "another program"},
		"another program's, marked": {func(path string) { run(path, "PRAGMA application_id = 7") }, ErrCorrupt, "another program"},
		"no database": {func(path string) {
			os.WriteFile(path, []byte(strings.Repeat("this is a letter ", 1000)), 0o600)
		}, ErrCorrupt, ""},
		"a folder": {func(path string) { os.Mkdir(path, 0o700) }, nil, "directory"},
	}
	for name, test := range tests {
		path := filepath.Join(t.TempDir(), "kith.db")
		test.make(path)
		db, err := Open(t.Context(), path, Options{})
		if err == nil {
			db.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want %v", name, err, test.want)
		}
	}
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder", "kith.db"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(cancelled, filepath.Join(t.TempDir(), "kith.db"), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
}

// A step that fails in its middle leaves the version before it, and the step after a repair goes on from there.
func TestMigrationsAreWholeOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kith.db")
	openAt(t, path).Close()
	start, err := migrations(scripts)
	if err != nil {
		t.Fatal(err)
	}
	c, err := openConn(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	good := "CREATE TABLE more (a); ALTER TABLE people ADD COLUMN b INTEGER; INSERT INTO more VALUES (1)"
	state := func() string {
		t.Helper()
		version, err := c.integer("PRAGMA user_version")
		if err != nil {
			t.Fatal(err)
		}
		tables, err := c.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'more'")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(int(version)-len(start), tables)
	}
	for _, bad := range []string{good + "; SELECT nothing FROM nowhere", good + "; nonsense", good + "; INSERT INTO logs (no) VALUES (1)"} {
		if err := c.migrate(append(start[:len(start):len(start)], bad)); err == nil {
			t.Errorf("%s: went through", bad)
		}
		if got := state(); got != "0 0" {
			t.Errorf("version and tables after a failed step: %s", got)
		}
	}
	if err := c.migrate(append(start[:len(start):len(start)], good, "DROP TABLE more")); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != "2 0" {
		t.Errorf("version and tables: %s", got)
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	for name, files := range map[string][]string{"a gap": {"sql/001-a.sql", "sql/003-b.sql"}, "twice": {"sql/001-a.sql", "sql/001-b.sql"}, "no number": {"sql/a.sql"}} {
		from := fstest.MapFS{}
		for _, file := range files {
			from[file] = &fstest.MapFile{}
		}
		if _, err := migrations(from); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The numbers of kinds and lanes stand in the SQL as they are.
func TestNumbersInTheSQL(t *testing.T) {
	if content.KindCard != 1 || content.KindPost != 2 || content.KindComment != 3 || content.KindReaction != 4 ||
		content.KindAbout != 8 || content.KindAsking != 9 || space.Group != 3 || space.Chat != 4 {
		t.Error("the kinds of content have other numbers than in the SQL")
	}
	if oplog.Control != 1 || Original != 3 {
		t.Error("lanes or classes have other numbers than in the SQL")
	}
}

func TestClosed(t *testing.T) {
	db := openTest(t)
	inside, goOn := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		err := db.Update(context.Background(), func(tx ingest.Tx) error {
			close(inside)
			<-goOn
			return tx.PutRecord("a", "b", 1)
		})
		if err != nil {
			t.Errorf("a transaction that was under way: %v", err)
		}
	})
	<-inside
	wait.Go(func() {
		if err := db.Put(context.Background(), "a", "c", 1); !errors.Is(err, ErrClosed) {
			t.Errorf("a transaction that waited: %v", err)
		}
	})
	wait.Go(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	time.Sleep(20 * time.Millisecond)
	close(goOn)
	wait.Wait()
	if err := db.Put(t.Context(), "a", "d", 1); !errors.Is(err, ErrClosed) {
		t.Errorf("Put after Close = %v", err)
	}
	if _, err := db.Get(t.Context(), "a", "b", new(int)); !errors.Is(err, ErrClosed) {
		t.Errorf("Get after Close = %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, err := os.Stat(db.path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the write-ahead log is left over: %v", err)
	}
	db = openAt(t, db.path)
	if found, err := db.Get(t.Context(), "a", "b", new(int)); !found || err != nil {
		t.Errorf("what was written is gone: %v", err)
	}
}

func TestContexts(t *testing.T) {
	db := openTest(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the caller left")
	inside, goOn := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		db.Update(context.Background(), func(ingest.Tx) error {
			close(inside)
			<-goOn
			return nil
		})
	})
	<-inside
	wait.Go(func() {
		if err := db.Put(ctx, "a", "b", 1); !errors.Is(err, why) {
			t.Errorf("waiting for the writer: %v", err)
		}
	})
	time.Sleep(10 * time.Millisecond)
	cancel(why)
	time.Sleep(10 * time.Millisecond)
	close(goOn)
	wait.Wait()

	ctx, cancel = context.WithCancelCause(t.Context())
	defer cancel(nil)
	err := db.Update(ctx, func(tx ingest.Tx) error {
		if err := tx.PutRecord("a", "b", 1); err != nil {
			return err
		}
		cancel(why)
		return nil
	})
	if !errors.Is(err, why) {
		t.Errorf("cancelled before the commit: %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	defer cancel(nil)
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	err = db.view(ctx, func(r *reader) error { // a query that takes for ever
		return r.c.run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
	})
	if !errors.Is(err, why) {
		t.Errorf("cancelled while reading: %v", err)
	}
	if found, err := db.Get(t.Context(), "a", "b", new(int)); found || err != nil {
		t.Errorf("Get = %v, %v; want nothing", found, err)
	}
	if err := db.Put(t.Context(), "a", "b", 1); err != nil {
		t.Error(err)
	}
}

// Readers see one moment each, while one writes.
func TestReadersSeeOneMoment(t *testing.T) {
	db := openTest(t)
	space := newRoom(t)
	ada := space.author()
	id := ada.head.Log.ID()
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for ctx.Err() == nil {
				err := db.View(ctx, func(r ingest.Reader) error {
					record, found, err := r.Log(id)
					if err != nil || !found {
						return err
					}
					lamport, err := r.Lamport(space.id)
					if err != nil {
						return err
					}
					_, above, err := r.Entry(id, record.Head.Seq+1)
					if lamport != record.Head.Lamport || len(record.Held) != 1 || record.Held[0].Last != record.Head.Seq || above {
						t.Errorf("record %+v, Lamport time %d, and an entry above it: %v", record, lamport, above)
					}
					return err
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for range 150 {
		put(t, db, ada.write(content.Post{Text: "text"}))
	}
	stop()
	wait.Wait()
}

// Another program that holds on to the file is an error of its own, and no more.
func TestLockedByAnotherProgram(t *testing.T) {
	db := openTest(t)
	other, err := openConn(db.path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.run("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	c := <-db.writing
	c.SetBusyTimeout(10 * time.Millisecond)
	db.writing <- c
	if err := db.Put(t.Context(), "a", "b", 1); !errors.Is(err, ErrLocked) {
		t.Errorf("Put = %v, want ErrLocked", err)
	}
	if err := other.run("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := db.Put(t.Context(), "a", "b", 1); err != nil {
		t.Error(err)
	}
}
