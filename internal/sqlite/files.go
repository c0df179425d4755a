package sqlite

import (
	"kith/internal/blob"
	"kith/internal/content"

	"zombiezen.com/go/sqlite"
)

// Class tells the renditions of a photo apart, and an attached file from its poster.
type Class int64

// The classes. Thumbs, screens and posters are fetched by every home, originals and large files on demand.
const (
	Thumb    Class = 1
	Screen   Class = 2
	Original Class = 3
	Attached Class = 4 // at most content.MaxCarried bytes
	Poster   Class = 5
	Large    Class = 6 // an attached file that is longer
)

// onDemand tells whether files of the class stay where they are until somebody wants to see them.
func (c Class) onDemand() bool { return c == Original || c == Large }

// putMedia notes the files of an item.
func (tx *Tx) putMedia(entry, at int64, item content.Item) error {
	photos, files := content.MediaOf(item)
	for i := range files {
		file, class := &files[i], Attached
		if !file.Carried() {
			class = Large
		}
		if err := tx.putFile(entry, at, i, class, &file.File); err != nil {
			return err
		}
		if file.Poster != nil {
			if err := tx.putFile(entry, at, i, Poster, file.Poster); err != nil {
				return err
			}
		}
	}
	for i := range photos {
		photo := &photos[i]
		if err := tx.putFile(entry, at, i, Thumb, &photo.Thumb); err != nil {
			return err
		}
		if err := tx.putFile(entry, at, i, Screen, &photo.Screen); err != nil {
			return err
		}
		if photo.Original != nil {
			if err := tx.putFile(entry, at, i, Original, photo.Original); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) putFile(entry, at int64, number int, class Class, file *content.File) error {
	no, here, err := tx.ensureBlob(file.Ref)
	if err != nil {
		return err
	}
	if err := tx.c.run("UPDATE blobs SET unused = NULL WHERE no = ? AND unused IS NOT NULL", no); err != nil {
		return err
	}
	var want any
	if !here && !class.onDemand() {
		want = at
	}
	return tx.c.run("INSERT INTO files (entry, photo, class, blob, size, want) VALUES (?, ?, ?, ?, ?, ?)",
		entry, int64(number), int64(class), no, file.Size, want)
}

// ensureBlob gives a file a number, and tells whether it is here.
func (tx *Tx) ensureBlob(ref blob.Ref) (no int64, here bool, err error) {
	found, err := tx.c.one("SELECT no, here FROM blobs WHERE ref = ?", func(row *sqlite.Stmt) {
		no, here = row.ColumnInt64(0), row.ColumnBool(1)
	}, ref[:])
	if err != nil || found {
		return no, here, err
	}
	if err := tx.c.run("INSERT INTO blobs (ref, here, unused) VALUES (?, 0, ?)", ref[:], tx.received); err != nil {
		return 0, false, err
	}
	return tx.c.LastInsertRowID(), false, nil
}

// dropFiles takes back what putMedia noted, and lists the blobs that no post names any more.
func (tx *Tx) dropFiles(entry int64) (unused []blob.Ref, err error) {
	var blobs []int64
	err = tx.c.each("SELECT DISTINCT blob FROM files WHERE entry = ?", func(row *sqlite.Stmt) error {
		blobs = append(blobs, row.ColumnInt64(0))
		return nil
	}, entry)
	if err != nil || len(blobs) == 0 {
		return nil, err
	}
	if err := tx.c.run("DELETE FROM files WHERE entry = ?", entry); err != nil {
		return nil, err
	}
	for _, no := range blobs {
		var ref blob.Ref
		var bad error
		free, err := tx.c.one("SELECT ref FROM blobs WHERE no = ? AND NOT EXISTS (SELECT 1 FROM files WHERE blob = blobs.no)",
			func(row *sqlite.Stmt) { bad = columnID(row, 0, ref[:]) }, no)
		if err != nil {
			return nil, err
		}
		if bad != nil {
			return nil, bad
		}
		if !free {
			continue
		}
		if err := tx.c.run("UPDATE blobs SET unused = ? WHERE no = ?", tx.received, no); err != nil {
			return nil, err
		}
		unused = append(unused, ref)
	}
	return unused, nil
}
