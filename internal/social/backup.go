package social

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"kith/internal/backup"
)

// BackupOptions say how a backup is made.
type BackupOptions struct {
	Passphrase string `json:"passphrase"` // encrypts the file; "" only with Plain
	Plain      bool   `json:"plain"`      // the owner wants it unencrypted, private keys and all
	Originals  bool   `json:"originals"`  // with the photos as they came from the camera, where they were kept
}

// MinPassphrase is the least number of characters of a backup's passphrase.
const MinPassphrase = backup.MinPassphrase

// Check returns an Error if no backup can be made by these options.
func (o BackupOptions) Check() error {
	switch {
	case o.Plain && o.Passphrase != "":
		return fail(CodeBadInput, "A backup is either encrypted with a passphrase or not at all. Leave one of the two out.", nil)
	case !o.Plain && utf8.RuneCountInString(o.Passphrase) < MinPassphrase:
		return fail(CodeBadInput, fmt.Sprintf("A passphrase needs at least %d characters. Four words that only you would put together are a good one. No backup was made.", MinPassphrase), nil)
	}
	return nil
}

// Backup writes a backup of this home to w while the home goes on. Nothing is written before the database was copied; after
// an error that comes later, w holds a part that can't be restored.
func (h *Home) Backup(ctx context.Context, options BackupOptions, w io.Writer) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if err := options.Check(); err != nil {
		return err
	}
	h.copying.Lock()
	defer h.copying.Unlock()
	from := backup.Source{Dir: h.cfg.Folder, DB: h.db, Blobs: h.node.Blobs()}
	err := backup.Write(ctx, w, from, backup.Options{Passphrase: options.Passphrase, Originals: options.Originals, Now: h.now})
	return explain("make a backup", err)
}

// ExplainRestore turns an error of package backup into one that a person can be told.
func ExplainRestore(err error) error {
	const untouched = " Nothing was put into the folder."
	switch {
	case err == nil:
		return nil
	case errors.Is(err, backup.ErrNotEmpty):
		return fail(CodeNotAllowed, "There is something in this folder already, and a home is restored into an empty one only. Nothing was changed. Make a new folder, or name one with --dir.", err)
	case errors.Is(err, backup.ErrNewer):
		return fail(CodeBadInput, "A newer kith made this backup. The file is fine; restore it with that version or a later one."+untouched, err)
	case errors.Is(err, backup.ErrPassphraseNeeded):
		return fail(CodeBadInput, "This backup is encrypted, and no passphrase was given."+untouched, err)
	case errors.Is(err, backup.ErrPassphrase):
		return fail(CodeBadInput, "This is not the passphrase of this backup. Capitals and spaces count."+untouched, err)
	case errors.Is(err, backup.ErrNotABackup):
		return fail(CodeBadInput, "This file is not a backup of kith, or its beginning is missing."+untouched, err)
	case errors.Is(err, backup.ErrDamaged):
		return fail(CodeBadInput, "This backup is damaged or not complete: perhaps it was not copied to its end. Use another one, or copy it once more."+untouched, err)
	}
	return explain("restore a backup", err)
}
