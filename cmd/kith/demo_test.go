package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"kith/internal/api"
	"kith/internal/ingest"
	"kith/internal/oplog"
	"kith/internal/sqlite"
)

// runDemo runs kith demo --once and reads its last line.
func runDemo(t *testing.T, beforeSurvey func([]string) error) (code int, result surveyed, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := program{open: openHome, beforeSurvey: beforeSurvey}
	code = p.main(t.Context(), []string{"demo", "--once"}, strings.NewReader(""), &out, &errs, func(string) string { return "" })
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &result); err != nil {
		t.Fatalf("the last line is no JSON: %v\n%s\n%s", err, out.String(), errs.String())
	}
	return code, result, errs.String()
}

func TestDemoOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("the demo with a dropped entry goes the same way, and painting is slow under the race detector")
	}
	code, result, stderr := runDemo(t, nil)
	if code != api.ExitDone || !result.Agree || result.Homes != 4 || result.Entries < 60 || result.Blobs < 20 {
		t.Errorf("code %d, %+v\n%s", code, result, stderr)
	}
}

// With one entry dropped from one home's disk, the demo says so and ends with 1.
func TestDemoOnceNoticesADroppedEntry(t *testing.T) {
	code, result, stderr := runDemo(t, func(dirs []string) error {
		return dropNewestEntry(t.Context(), filepath.Join(dirs[2], "kith.db"))
	})
	if code != api.ExitTrouble || result.Agree || !strings.Contains(stderr, "lacks 1 entries") {
		t.Errorf("code %d, %+v\n%s", code, result, stderr)
	}
}

// dropNewestEntry takes the last entry of one content log out of a store.
func dropNewestEntry(ctx context.Context, path string) (err error) {
	db, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	spaces, err := db.Spaces(ctx)
	if err != nil {
		return err
	}
	logs, err := db.Logs(ctx, spaces[0].ID)
	if err != nil {
		return err
	}
	for _, record := range logs {
		if record.Log.Lane == oplog.Content && record.Head.Seq > 1 {
			return db.Update(ctx, func(tx ingest.Tx) error {
				_, err := tx.Truncate(record.Log.Space, record.Log.ID(), record.Head.Seq-1)
				return err
			})
		}
	}
	return errors.New("there is no content to drop")
}
