package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"kith/internal/ingest"
	"kith/internal/oplog"
)

// What a transaction names, and reads back by whatever way, is unknown again when it does not commit: the numbers are
// given to others then.
func TestNamesOfATransactionThatFailsAreForgotten(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "kith.db"))
	lost, kept := newRoom(t).author().newLog(oplog.Control), newRoom(t).author().newLog(oplog.Control)
	first, second := lost.operate(oplog.KindControl, "lost"), kept.operate(oplog.KindControl, "kept")
	err := db.Update(context.Background(), func(tx ingest.Tx) error {
		if err := tx.Append(first.author, first.entries, false); err != nil {
			return err
		}
		// Each of these reads the names of what was just written.
		if _, err := tx.Logs(lost.id); err != nil {
			return err
		}
		if _, err := tx.Lane(lost.id); err != nil {
			return err
		}
		if _, _, found, err := tx.Locate(first.entries[0].ID()); err != nil || !found {
			t.Errorf("in the transaction: %v, %v", found, err)
		}
		return errRollback
	})
	if !errors.Is(err, errRollback) {
		t.Fatal(err)
	}
	update(t, db, func(tx ingest.Tx) error { return tx.Append(second.author, second.entries, false) })
	absent := func(r ingest.Reader) error {
		if _, found, err := r.Log(lost.head.Log.ID()); found || err != nil {
			t.Errorf("the log that was not committed: %v, %v", found, err)
		}
		if _, found, err := r.Entry(lost.head.Log.ID(), 1); found || err != nil {
			t.Errorf("its entry: %v, %v", found, err)
		}
		got, found, err := r.Entry(kept.head.Log.ID(), 1)
		if err != nil || !found || !sameEntry(got, second.entries[0]) {
			t.Errorf("the log that was: %v, %v", found, err)
		}
		return nil
	}
	view(t, db, absent)
	update(t, db, func(tx ingest.Tx) error { return absent(tx) })
	update(t, db, func(tx ingest.Tx) error { return tx.Append(first.author, first.entries, false) })
	view(t, db, func(r ingest.Reader) error {
		for _, w := range []written{first, second} {
			log := w.entries[0].Header().Log
			if got, found, err := r.Entry(log, 1); err != nil || !found || !sameEntry(got, w.entries[0]) {
				t.Errorf("entry of log %v: %v, %v", log, found, err)
			}
			if record, found, err := r.Log(log); err != nil || !found || record.Head.Seq != 1 || record.Log != w.entries[0].Log() {
				t.Errorf("log %v: %+v, %v, %v", log, record, found, err)
			}
		}
		return nil
	})
}
