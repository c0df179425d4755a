package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"

	"kith/internal/oplog"
)

// Fork is the proof that a log has two branches: two entries for one place, or neighbours of which the later one
// names another before it. Their payloads are left out.
type Fork struct {
	Log          oplog.Log
	Ours, Theirs oplog.Verified
}

// PutEvidence keeps two entries that contradict each other. One proof is enough for a log: further ones are dropped.
func (tx *Tx) PutEvidence(log oplog.Log, ours, theirs oplog.Verified) error {
	if ours.IsZero() || theirs.IsZero() || ours.Log() != log || theirs.Log() != log || !contradict(&ours, &theirs) {
		return fmt.Errorf("sqlite: entries %v and %v are no evidence of a fork of %v", ours.ID(), theirs.ID(), log)
	}
	id := log.ID()
	return tx.c.run(`INSERT OR IGNORE INTO evidence
		(log, space, device, incarnation, lane, ours, ours_signature, theirs, theirs_signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id[:], log.Space[:], log.Device[:], log.Incarnation[:], int64(log.Lane),
		ours.Raw().Header, signatureBytes(&ours), theirs.Raw().Header, signatureBytes(&theirs))
}

// contradict tells whether two entries of a log cannot be of one branch.
func contradict(a, b *oplog.Verified) bool {
	switch {
	case a.Seq() == b.Seq():
		return a.ID() != b.ID()
	case a.Seq()+1 == b.Seq():
		return b.Header().Prev != a.ID()
	case b.Seq()+1 == a.Seq():
		return a.Header().Prev != b.ID()
	}
	return false
}

// Forks lists the proofs that are kept.
func (db *DB) Forks(ctx context.Context) (list []Fork, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each(`SELECT space, device, incarnation, lane, ours, ours_signature, theirs, theirs_signature FROM evidence`,
			func(row *sqlite.Stmt) (err error) {
				f := Fork{Log: oplog.Log{Lane: oplog.Lane(row.ColumnInt64(3))}}
				for col, id := range [][]byte{f.Log.Space[:], f.Log.Device[:], f.Log.Incarnation[:]} {
					if err := columnID(row, col, id); err != nil {
						return err
					}
				}
				if f.Ours, err = scanBranch(row, 4, f.Log); err != nil {
					return err
				}
				f.Theirs, err = scanBranch(row, 6, f.Log)
				list = append(list, f)
				return err
			})
	})
	return list, err
}

// scanBranch reads a header and its signature.
func scanBranch(row *sqlite.Stmt, col int, log oplog.Log) (oplog.Verified, error) {
	signature, err := columnSignature(row, col+1)
	if err != nil {
		return oplog.Verified{}, err
	}
	v, err := oplog.FromStore(log, oplog.Raw{Header: columnBytes(row, col)}, signature)
	if err != nil {
		return oplog.Verified{}, fmt.Errorf("%w: evidence of a fork of %v: %w", ErrCorrupt, log, err)
	}
	return v, nil
}

func signatureBytes(v *oplog.Verified) []byte {
	if s := v.Signature(); s != nil {
		return s[:]
	}
	return nil
}

// Forked tells whether a proof is kept that the log has two branches.
func (r *reader) Forked(log oplog.LogID) (bool, error) {
	return r.c.one("SELECT 1 FROM evidence WHERE log = ?", func(*sqlite.Stmt) {}, log[:])
}
