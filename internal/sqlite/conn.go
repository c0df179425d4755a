package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
)

const (
	// busyTimeout is how long to wait for another process. Within this one nobody ever waits for a lock of the
	// file, except a checkpoint for the last reader of an old state.
	busyTimeout = 5 * time.Second
	// writerCache and readerCache are in KiB. They bound what a busy home keeps in memory beside the operating
	// system's own cache of the file; a first sync is no faster with four times as much.
	writerCache = 8 << 10
	readerCache = 2 << 10
	// checkpointPages is after how many pages of 4 KiB in the write-ahead log a commit copies them into the
	// database file itself, because the checkpointer does not keep up. A quarter of it makes a first sync 5 % slower.
	checkpointPages = 4000
	// journalLimit, in bytes, is what the write-ahead log shrinks back to after one large transaction.
	journalLimit = 16 << 20
)

// conn is one connection. One goroutine at a time uses it.
type conn struct {
	*sqlite.Conn
	ends        <-chan struct{} // of the transaction under way: when it is given up
	interrupted bool            // a transaction was given up while statements were running
}

// openConn opens the file with the settings that every connection needs: pragmas are not in the file.
func openConn(path string, writer bool) (*conn, error) {
	flags, cache := sqlite.OpenReadOnly, readerCache
	if writer {
		flags, cache = sqlite.OpenReadWrite|sqlite.OpenCreate, writerCache
	}
	raw, err := sqlite.OpenConn(path, flags)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw}
	c.SetBusyTimeout(busyTimeout)
	pragmas := []string{
		"foreign_keys = ON",
		fmt.Sprintf("cache_size = -%d", cache),
		"temp_store = MEMORY",
	}
	if writer {
		pragmas = append(pragmas,
			"journal_mode = WAL",
			"synchronous = FULL",
			"secure_delete = ON", // what was erased is overwritten, not only unlinked
			fmt.Sprintf("wal_autocheckpoint = %d", checkpointPages),
			fmt.Sprintf("journal_size_limit = %d", journalLimit),
		)
	}
	for _, pragma := range pragmas {
		if err := c.run("PRAGMA " + pragma); err != nil {
			c.Close()
			return nil, err
		}
	}
	if err := c.checkSettings(writer); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// checkSettings reads back what matters: SQLite passes over a pragma that it does not know or cannot follow.
func (c *conn) checkSettings(writer bool) error {
	want := map[string]string{"foreign_keys": "1"}
	if writer {
		want["journal_mode"], want["synchronous"], want["secure_delete"] = "wal", "2", "1"
	}
	for name, value := range want {
		var got string
		err := c.each("PRAGMA "+name, func(row *sqlite.Stmt) error { got = row.ColumnText(0); return nil })
		if err != nil {
			return err
		}
		if got != value {
			return fmt.Errorf("sqlite: pragma %s is %s and not %s", name, got, value)
		}
	}
	return nil
}

// bind sets the parameters of a statement: int64, string and []byte; nil and a nil []byte are null.
func bind(stmt *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch arg := arg.(type) {
		case nil:
			stmt.BindNull(i + 1)
		case int64:
			stmt.BindInt64(i+1, arg)
		case string:
			stmt.BindText(i+1, arg)
		case []byte:
			bindBytes(stmt, i+1, arg)
		default:
			return fmt.Errorf("sqlite: a parameter of type %T", arg) // a fault of this package
		}
	}
	return nil
}

func bindBytes(stmt *sqlite.Stmt, param int, value []byte) {
	if value == nil {
		stmt.BindNull(param)
		return
	}
	stmt.BindBytes(param, value)
}

// run executes a statement that gives no rows, or none of interest. Statements are prepared once.
func (c *conn) run(query string, args ...any) error {
	stmt, err := c.Prepare(query)
	if err != nil {
		return err
	}
	if err := bind(stmt, args); err != nil {
		return err
	}
	for {
		if row, err := stmt.Step(); err != nil || !row {
			return err
		}
	}
}

// each calls do for every row. do must not run the same query.
func (c *conn) each(query string, do func(row *sqlite.Stmt) error, args ...any) error {
	stmt, err := c.Prepare(query)
	if err != nil {
		return err
	}
	if err := bind(stmt, args); err != nil {
		return err
	}
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return err
		}
		if err := do(stmt); err != nil {
			_ = stmt.Reset() // it repeats the error of the last step, and that was none
			return err
		}
	}
}

// one calls do for the first row and tells whether there was one.
func (c *conn) one(query string, do func(row *sqlite.Stmt), args ...any) (bool, error) {
	stmt, err := c.Prepare(query)
	if err != nil {
		return false, err
	}
	if err := bind(stmt, args); err != nil {
		return false, err
	}
	row, err := stmt.Step()
	if err != nil || !row {
		return false, err
	}
	do(stmt)
	return true, stmt.Reset()
}

// integer gives the first column of the first row, and 0 where there is none.
func (c *conn) integer(query string, args ...any) (n int64, err error) {
	_, err = c.one(query, func(row *sqlite.Stmt) { n = row.ColumnInt64(0) }, args...)
	return n, err
}

// begin starts a transaction that ends early when ctx does. One that could not be rolled back before, because the
// disk failed, is rolled back now.
func (c *conn) begin(ctx context.Context, how string) error {
	if err := c.rollback(); err != nil {
		return err
	}
	c.ends = ctx.Done()
	c.SetInterrupt(c.ends)
	return c.run(how)
}

// rollback ends a transaction, whatever state it is in.
func (c *conn) rollback() error {
	select {
	case <-c.ends:
		c.interrupted = true
	default:
	}
	c.ends = nil
	c.SetInterrupt(nil)
	if c.AutocommitEnabled() {
		return nil // SQLite has rolled back by itself
	}
	return c.run("ROLLBACK")
}

// mend gives a connection that works, in place of one that was interrupted. SQLite forgets an interrupt when no statement
// runs any more; but one that hits the index of words can leave a statement of that running for good, and everything on
// the connection fails from then on.
func (db *DB) mend(c *conn, writer bool) *conn {
	if !c.interrupted {
		return c
	}
	if c.run("SELECT 1") == nil {
		c.interrupted = false
		return c
	}
	fresh, err := openConn(db.path, writer)
	if err != nil {
		return c // its next user is told, and then it is tried again
	}
	_ = c.Close() // nothing of it is needed
	return fresh
}

// columnBytes gives a copy of a column's bytes; nil for null.
func columnBytes(row *sqlite.Stmt, col int) []byte {
	if row.ColumnIsNull(col) {
		return nil
	}
	out := make([]byte, row.ColumnLen(col))
	row.ColumnBytes(col, out)
	return out
}

// columnID fills an identifier of fixed length, and fails where the column has another.
func columnID(row *sqlite.Stmt, col int, id []byte) error {
	if n := row.ColumnLen(col); n != len(id) {
		return fmt.Errorf("%w: %s of %d bytes, not %d", ErrCorrupt, row.ColumnName(col), n, len(id))
	}
	row.ColumnBytes(col, id)
	return nil
}
