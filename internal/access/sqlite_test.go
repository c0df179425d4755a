package access_test

import (
	"path/filepath"
	"testing"

	"kith/internal/access"
	"kith/internal/access/accesstest"
	"kith/internal/sqlite"
)

// TestSQLite puts the store of a real home to the test, closing and opening it again before each look.
func TestSQLite(t *testing.T) {
	paths := make(map[access.Store]string)
	openAt := func(t *testing.T, path string) access.Store {
		t.Helper()
		db, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		paths[db] = path
		return db
	}
	accesstest.TestStore(t,
		func(t *testing.T) access.Store { return openAt(t, filepath.Join(t.TempDir(), "kith.db")) },
		func(t *testing.T, s access.Store) access.Store {
			if err := s.(*sqlite.DB).Close(); err != nil {
				t.Fatal(err)
			}
			return openAt(t, paths[s])
		})
}
