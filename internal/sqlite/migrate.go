package sqlite

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// applicationID marks a database as ours in the file's header: "kith".
const applicationID = 0x6b697468

//go:embed sql/*.sql
var scripts embed.FS

// migrations reads the scripts in the order of their numbers: 001-start.sql makes version 1, and so on.
func migrations(from fs.FS) ([]string, error) {
	names, err := fs.Glob(from, "sql/*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]string, len(names))
	for i, name := range names { // Glob sorts them
		if prefix := fmt.Sprintf("sql/%03d-", i+1); !strings.HasPrefix(name, prefix) {
			return nil, fmt.Errorf("sqlite: migration %s should begin with %s", name, prefix)
		}
		script, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		list[i] = string(script)
	}
	return list, nil
}

// migrate brings the database to the newest version, one transaction a step, so that a crash leaves it at the
// version before or after.
func (c *conn) migrate(scripts []string) error {
	app, err := c.integer("PRAGMA application_id")
	if err != nil {
		return err
	}
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return err
	}
	tables, err := c.integer("SELECT count(*) FROM sqlite_schema")
	if err != nil {
		return err
	}
	if app != applicationID && (app != 0 || version != 0 || tables != 0) {
		return fmt.Errorf("%w: it is a database of another program", ErrCorrupt)
	}
	if version > int64(len(scripts)) {
		return fmt.Errorf("%w: its version is %d, and this one knows up to %d", ErrNewer, version, len(scripts))
	}
	for ; version < int64(len(scripts)); version++ {
		if err := c.upgrade(scripts[version], version+1); err != nil {
			return fmt.Errorf("sqlite: upgrade to version %d: %w", version+1, err)
		}
	}
	return nil
}

func (c *conn) upgrade(script string, version int64) error {
	if err := c.run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := c.script(script)
	if err == nil {
		err = c.script(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
	}
	if err == nil {
		err = c.run("COMMIT")
	}
	if err != nil {
		if again := c.rollback(); again != nil {
			return fmt.Errorf("%w; and then %w", err, again)
		}
	}
	return err
}

// script runs statements that are needed once.
func (c *conn) script(script string) error {
	for {
		script = strings.TrimSpace(script)
		if script == "" {
			return nil
		}
		stmt, rest, err := c.PrepareTransient(script)
		if err != nil {
			return err
		}
		_, err = stmt.Step()
		if again := stmt.Finalize(); err == nil {
			err = again
		}
		if err != nil {
			return err
		}
		script = script[len(script)-rest:]
	}
}
