package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"kith/internal/blob"
	"kith/internal/key"
	"kith/internal/oplog"
)

// WantedBlob is a file that belongs here and is not.
type WantedBlob struct {
	Ref    blob.Ref
	Class  Class
	Size   int64         // of the plaintext, in bytes, as its author says
	Spaces []key.SpaceID // whose members may have it
}

// WantedBlobs lists files that are to be here and are not, those of the newest items first, each once.
func (db *DB) WantedBlobs(ctx context.Context, limit int) (list []WantedBlob, err error) {
	err = db.view(ctx, func(r *reader) error {
		var blobs []int64
		seen := make(map[int64]bool)
		err := r.c.each(`SELECT f.blob, b.ref, f.class, f.size FROM files AS f CROSS JOIN blobs AS b ON b.no = f.blob
			WHERE f.want IS NOT NULL ORDER BY f.want DESC, f.entry DESC, f.photo, f.class`, func(row *sqlite.Stmt) error {
			no := row.ColumnInt64(0)
			if seen[no] {
				return nil
			}
			if len(list) == limit {
				return errEnough
			}
			seen[no] = true
			want := WantedBlob{Class: Class(row.ColumnInt64(2)), Size: row.ColumnInt64(3)}
			err := columnID(row, 1, want.Ref[:])
			blobs, list = append(blobs, no), append(list, want)
			return err
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		for i, no := range blobs {
			if list[i].Spaces, err = r.blobSpaces(no); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// MarkBlob notes that a whole blob is here, or is not any more. It may be noted before any post names the blob.
func (tx *Tx) MarkBlob(ref blob.Ref, here bool) error {
	no, _, err := tx.ensureBlob(ref)
	if err != nil {
		return err
	}
	present := int64(0)
	if here {
		present = 1
	}
	if err := tx.c.run("UPDATE blobs SET here = ? WHERE no = ?", present, no); err != nil {
		return err
	}
	if here {
		return tx.c.run("UPDATE files SET want = NULL WHERE blob = ? AND want IS NOT NULL", no)
	}
	return tx.c.run(`UPDATE files SET want = (SELECT at FROM items WHERE items.entry = files.entry)
		WHERE blob = ? AND class NOT IN (3, 6)`, no)
}

// MarkBlob notes that whole blobs are here, or are not any more.
func (db *DB) MarkBlob(ctx context.Context, ref blob.Ref, here bool) error {
	return db.MarkBlobs(ctx, []blob.Ref{ref}, here)
}

// WantBlob asks for a file that is fetched on demand only; it makes no difference if the file is here.
func (db *DB) WantBlob(ctx context.Context, ref blob.Ref) error {
	return db.update(ctx, func(tx *Tx) error {
		return tx.c.run(`UPDATE files SET want = (SELECT at FROM items WHERE items.entry = files.entry)
			WHERE blob = (SELECT no FROM blobs WHERE ref = ? AND here = 0)`, ref[:])
	})
}

// BlobComing tells whether a blob is not here and is to be fetched.
func (db *DB) BlobComing(ctx context.Context, ref blob.Ref) (coming bool, err error) {
	err = db.view(ctx, func(r *reader) error {
		n, err := r.c.integer("SELECT count(*) FROM blobs AS b CROSS JOIN files AS f ON f.blob = b.no WHERE b.ref = ? AND f.want IS NOT NULL", ref[:])
		coming = n > 0
		return err
	})
	return coming, err
}

// MarkBlobs notes the same of several in one step.
func (db *DB) MarkBlobs(ctx context.Context, refs []blob.Ref, here bool) error {
	return db.update(ctx, func(tx *Tx) error {
		for _, ref := range refs {
			if err := tx.MarkBlob(ref, here); err != nil {
				return err
			}
		}
		return nil
	})
}

// BlobHere tells which of the blobs are whole here.
func (db *DB) BlobHere(ctx context.Context, refs []blob.Ref) (map[blob.Ref]bool, error) {
	here := make(map[blob.Ref]bool, len(refs))
	err := db.view(ctx, func(r *reader) error {
		for _, ref := range refs {
			n, err := r.c.integer("SELECT here FROM blobs WHERE ref = ?", ref[:])
			if err != nil {
				return err
			}
			here[ref] = n != 0
		}
		return nil
	})
	return here, err
}

// BlobSpaces lists the spaces in which a post names the blob: their members may have it.
func (db *DB) BlobSpaces(ctx context.Context, ref blob.Ref) (spaces []key.SpaceID, err error) {
	err = db.view(ctx, func(r *reader) error {
		no, err := r.c.integer("SELECT no FROM blobs WHERE ref = ?", ref[:])
		if err != nil || no == 0 {
			return err
		}
		spaces, err = r.blobSpaces(no)
		return err
	})
	return spaces, err
}

func (r *reader) blobSpaces(blob int64) (spaces []key.SpaceID, err error) {
	var numbers []int64
	err = r.c.each("SELECT DISTINCT i.space FROM files AS f CROSS JOIN items AS i ON i.entry = f.entry WHERE f.blob = ?",
		func(row *sqlite.Stmt) error {
			numbers = append(numbers, row.ColumnInt64(0))
			return nil
		}, blob)
	for _, no := range numbers {
		if err != nil {
			return nil, err
		}
		var id key.SpaceID
		id, err = r.spaceID(no)
		spaces = append(spaces, id)
	}
	return spaces, err
}

// BlobPosts lists the posts that name the blob.
func (db *DB) BlobPosts(ctx context.Context, ref blob.Ref) (posts []oplog.EntryID, err error) {
	err = db.view(ctx, func(r *reader) error {
		var entries []int64
		err := r.c.each("SELECT DISTINCT f.entry FROM blobs AS b CROSS JOIN files AS f ON f.blob = b.no WHERE b.ref = ?",
			func(row *sqlite.Stmt) error {
				entries = append(entries, row.ColumnInt64(0))
				return nil
			}, ref[:])
		for _, no := range entries {
			if err != nil {
				return err
			}
			var v oplog.Verified
			v, err = r.entryByNo(no)
			posts = append(posts, v.ID())
		}
		return err
	})
	return posts, err
}

// UnusedBlobs lists up to limit blobs that no post has named since a time before the given one. Whether a draft
// does, the caller knows.
func (db *DB) UnusedBlobs(ctx context.Context, before time.Time, limit int) (refs []blob.Ref, err error) {
	err = db.view(ctx, func(r *reader) error {
		return r.c.each("SELECT ref FROM blobs WHERE unused < ? ORDER BY unused LIMIT ?", func(row *sqlite.Stmt) error {
			var ref blob.Ref
			err := columnID(row, 0, ref[:])
			refs = append(refs, ref)
			return err
		}, before.Unix(), int64(limit))
	})
	return refs, err
}

// ForgetBlobs drops what is known of blobs, but for those that a post names, and gives back those that it dropped.
// Their files may be deleted then: a post that comes to name one after that wants it anew.
func (db *DB) ForgetBlobs(ctx context.Context, refs []blob.Ref) (dropped []blob.Ref, err error) {
	err = db.update(ctx, func(tx *Tx) error {
		for _, ref := range refs {
			if err := tx.c.run("DELETE FROM blobs WHERE ref = ? AND unused IS NOT NULL", ref[:]); err != nil {
				return err
			}
			if tx.c.Changes() > 0 {
				dropped = append(dropped, ref)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("forget blobs: %w", err)
	}
	return dropped, nil
}

// UnknownBlobs tells which of the blobs the store knows nothing of: neither does a post name them, nor were they noted.
func (db *DB) UnknownBlobs(ctx context.Context, refs []blob.Ref) (unknown []blob.Ref, err error) {
	err = db.view(ctx, func(r *reader) error {
		for _, ref := range refs {
			no, err := r.c.integer("SELECT no FROM blobs WHERE ref = ?", ref[:])
			if err != nil {
				return err
			}
			if no == 0 {
				unknown = append(unknown, ref)
			}
		}
		return nil
	})
	return unknown, err
}
