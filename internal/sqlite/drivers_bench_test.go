package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"
)

// The benchmarks of this file settled which interface to SQLite the package is written on. They write and read the
// same tables, a simple form of ours, through both; the README has the figures.
//
//	go test ./internal/sqlite -run '^$' -bench Driver

const benchSchema = `
CREATE TABLE logs (no INTEGER PRIMARY KEY, head INTEGER NOT NULL, head_id BLOB NOT NULL);
CREATE TABLE entries (no INTEGER PRIMARY KEY, log INTEGER NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL, header BLOB NOT NULL, payload BLOB, signature BLOB);
CREATE INDEX entries_id ON entries (id);
CREATE UNIQUE INDEX entries_place ON entries (log, seq);
CREATE TABLE items (entry INTEGER PRIMARY KEY, kind INTEGER NOT NULL, author INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX items_at ON items (at) WHERE kind = 2;
CREATE INDEX items_author ON items (author, at) WHERE kind = 2;`

const (
	benchEntry = `INSERT INTO entries (no, log, seq, id, header, payload, signature) VALUES (?, ?, ?, ?, ?, ?, ?)`
	benchLog   = `UPDATE logs SET head = ?, head_id = ? WHERE no = ?`
	benchItem  = `INSERT INTO items (entry, kind, author, at, text) VALUES (?, 2, ?, ?, ?)`
	benchFeed  = `SELECT entry, author, at, text FROM items WHERE kind = 2 ORDER BY at DESC LIMIT 50`
)

var benchPragmas = []string{"journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "cache_size = -8000"}

// driver is the least that both sides have in common.
type driver interface {
	exec(query string, args ...any) error // prepared once, and kept
	feed() (int, error)
	close() error
}

type zombiezenDriver struct{ conn *sqlite.Conn }

func openZombiezen(path string) (driver, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	return &zombiezenDriver{conn}, nil
}

func (d *zombiezenDriver) exec(query string, args ...any) error {
	stmt, err := d.conn.Prepare(query)
	if err != nil {
		return err
	}
	for i, arg := range args {
		switch arg := arg.(type) {
		case int64:
			stmt.BindInt64(i+1, arg)
		case string:
			stmt.BindText(i+1, arg)
		case []byte:
			stmt.BindBytes(i+1, arg)
		}
	}
	for {
		if row, err := stmt.Step(); err != nil || !row {
			return err
		}
	}
}

func (d *zombiezenDriver) feed() (n int, err error) {
	stmt, err := d.conn.Prepare(benchFeed)
	if err != nil {
		return 0, err
	}
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return n, err
		}
		if stmt.ColumnInt64(0) != 0 && stmt.ColumnInt64(1) >= 0 && stmt.ColumnInt64(2) != 0 && stmt.ColumnText(3) != "" {
			n++
		}
	}
}

func (d *zombiezenDriver) close() error { return d.conn.Close() }

type databaseSQLDriver struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func openDatabaseSQL(path string) (driver, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &databaseSQLDriver{db, conn, map[string]*sql.Stmt{}}, nil
}

func (d *databaseSQLDriver) prepare(query string) (stmt *sql.Stmt, err error) {
	stmt = d.stmts[query]
	if stmt == nil {
		if stmt, err = d.conn.PrepareContext(context.Background(), query); err == nil {
			d.stmts[query] = stmt
		}
	}
	return stmt, err
}

func (d *databaseSQLDriver) exec(query string, args ...any) error {
	stmt, err := d.prepare(query)
	if err != nil {
		return err
	}
	_, err = stmt.Exec(args...)
	return err
}

func (d *databaseSQLDriver) feed() (n int, err error) {
	stmt, err := d.prepare(benchFeed)
	if err != nil {
		return 0, err
	}
	rows, err := stmt.Query()
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var entry, author, at int64
		var text string
		if err := rows.Scan(&entry, &author, &at, &text); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

func (d *databaseSQLDriver) close() error {
	for _, stmt := range d.stmts {
		stmt.Close()
	}
	d.conn.Close()
	return d.db.Close()
}

// driverBench writes posts of 120 characters by 300 authors.
type driverBench struct {
	driver
	random *rand.Rand
	no     int64
	seqs   [300]int64
	text   string
	header []byte
	body   []byte
	sig    []byte
}

func newDriverBench(b *testing.B, open func(string) (driver, error)) *driverBench {
	d, err := open(filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.close() })
	bench := &driverBench{driver: d, random: rand.New(rand.NewPCG(1, 2)), header: make([]byte, 124), body: make([]byte, 250), sig: make([]byte, 64)}
	for range 12 {
		bench.text += "ten letter"
	}
	for _, pragma := range benchPragmas {
		bench.must(b, "PRAGMA "+pragma)
	}
	for statement := range splitStatements(benchSchema) {
		bench.must(b, statement)
	}
	bench.must(b, "BEGIN")
	for i := range bench.seqs {
		bench.must(b, "INSERT INTO logs VALUES (?, 0, x'')", int64(i))
	}
	bench.must(b, "COMMIT")
	return bench
}

func splitStatements(schema string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for start := 0; start < len(schema); {
			end := start
			for schema[end] != ';' {
				end++
			}
			if !yield(schema[start:end]) {
				return
			}
			start = end + 1
		}
	}
}

func (d *driverBench) must(b *testing.B, query string, args ...any) {
	b.Helper()
	if err := d.exec(query, args...); err != nil {
		b.Fatalf("%s: %v", query, err)
	}
}

func (d *driverBench) write(b *testing.B, entries int) {
	d.must(b, "BEGIN IMMEDIATE")
	for range entries {
		log := d.random.IntN(len(d.seqs))
		d.no++
		d.seqs[log]++
		for i := 0; i+8 <= len(d.body); i += 8 {
			binary.LittleEndian.PutUint64(d.body[i:], d.random.Uint64())
		}
		copy(d.header[84:], d.body[:40])
		id := int64(d.random.Uint64()) >> 16
		d.must(b, benchEntry, d.no, int64(log), d.seqs[log], id, d.header, d.body, d.sig)
		d.must(b, benchItem, d.no, int64(log), 1_700_000_000<<13+d.no*3+int64(d.random.IntN(1000)), d.text)
		d.must(b, benchLog, d.seqs[log], d.header[:32], int64(log))
	}
	d.must(b, "COMMIT")
}

func benchDrivers(b *testing.B, do func(*testing.B, *driverBench)) {
	for _, side := range []struct {
		name string
		open func(string) (driver, error)
	}{{"zombiezen", openZombiezen}, {"database-sql", openDatabaseSQL}} {
		b.Run(side.name, func(b *testing.B) { do(b, newDriverBench(b, side.open)) })
	}
}

func BenchmarkDriverCommit(b *testing.B) {
	benchDrivers(b, func(b *testing.B, d *driverBench) {
		for b.Loop() {
			d.write(b, 1)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

func BenchmarkDriverBatch(b *testing.B) {
	benchDrivers(b, func(b *testing.B, d *driverBench) {
		for b.Loop() {
			d.write(b, 1000)
		}
		b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

func BenchmarkDriverFeed(b *testing.B) {
	const posts = 1_000_000
	benchDrivers(b, func(b *testing.B, d *driverBench) {
		for range posts / 10_000 {
			d.write(b, 10_000)
		}
		var times []time.Duration
		for b.Loop() {
			start := time.Now()
			n, err := d.feed()
			if n != 50 || err != nil {
				b.Fatalf("%d posts, %v", n, err)
			}
			times = append(times, time.Since(start))
		}
		report(b, times)
	})
}
