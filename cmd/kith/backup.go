package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kith/internal/api"
	"kith/internal/backup"
	"kith/internal/blob"
	"kith/internal/social"
	"kith/internal/sqlite"
)

type backupCmd struct {
	File         string `arg:"" help:"The file to make."`
	NoPassphrase bool   `help:"Don't encrypt it. Whoever gets the file can then read everything and write as you."`
	NoOriginals  bool   `help:"Leave out photos as they came from the camera, where they were kept."`
	Replace      bool   `help:"Replace the file if there is one already. It stays until the new one is whole."`
	JSON         bool   `name:"json" help:"Print JSON."`
}

func (*backupCmd) Help() string {
	return `Puts the whole home into one file: everything you and your friends wrote, the pictures, and your private keys. That is why it asks
for a passphrase, with which the file is encrypted; without a terminal it reads one as a line from the standard input. The home
may be running, and goes on meanwhile. kith restore makes a home of the file again.

Examples:

    kith backup /media/stick/kith-2026-11-22.age
    kith backup --replace --no-passphrase /mnt/encrypted/kith.tar`
}

// backedUp is what kith backup prints as JSON.
type backedUp struct {
	File      string `json:"file"`
	Bytes     int64  `json:"bytes"`
	Encrypted bool   `json:"encrypted"`
}

func (c *backupCmd) Run(a *app) error {
	if _, err := os.Lstat(c.File); err == nil && !c.Replace {
		return usagef("%s is there already: choose another name, or replace it with --replace", c.File)
	}
	folder, err := a.folder()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(folder, "kith.db")); err != nil {
		return usagef("there is no home in %s: run kith backup where one is, or name its folder with --dir", folder)
	}
	options := social.BackupOptions{Plain: c.NoPassphrase, Originals: !c.NoOriginals}
	if !c.NoPassphrase {
		if options.Passphrase, err = a.newPassphrase(); err != nil {
			return err
		}
	}
	if err := options.Check(); err != nil {
		return err
	}
	bytes, err := writeWhole(c.File, func(w io.Writer) error { return a.backup(folder, options, w) })
	if err != nil {
		return err
	}
	done := backedUp{File: c.File, Bytes: bytes, Encrypted: !options.Plain}
	if c.JSON {
		return a.writeJSON(done)
	}
	p := a.printer()
	p.printf("Your home is in %s (%s).\n", clean(c.File), size(bytes))
	if options.Plain {
		p.printf("It is not encrypted and holds your private keys: keep it where only you can read it.\n")
	} else {
		p.printf("Without the passphrase nobody can open it, and neither can you: keep that in a safe place as well.\n")
	}
	return p.err
}

// newPassphrase asks for a passphrase, twice if there is a person to ask.
func (a *app) newPassphrase() (string, error) {
	passphrase, err := a.readSecret(fmt.Sprintf("The backup holds your private keys. A passphrase for it (at least %d characters): ", social.MinPassphrase))
	if err != nil || !a.asks() {
		return passphrase, err
	}
	again, err := a.readSecret("Once more: ")
	if err == nil && again != passphrase {
		err = usagef("the two are not the same; no backup was made")
	}
	return passphrase, err
}

// backup writes a backup of the home in a folder: by the home itself if it runs, and from its files if not.
func (a *app) backup(folder string, options social.BackupOptions, w io.Writer) error {
	ctx, cancel := context.WithTimeout(a.ctx, startTime)
	defer cancel()
	for { // it may be about to start or to stop
		unlock, err := lockFolder(folder)
		if err == nil {
			return errors.Join(backupFiles(a.ctx, folder, options, w), unlock())
		}
		if !errors.Is(err, errLocked) {
			return err
		}
		client, err := api.Open(folder)
		if err == nil {
			err = client.Backup(a.ctx, options, w)
			client.Close()
		}
		if !errors.Is(err, api.ErrNotRunning) {
			return err
		}
		select {
		case <-time.After(lockInterval):
		case <-ctx.Done():
			if a.ctx.Err() != nil {
				return a.ctx.Err()
			}
			return fmt.Errorf("another process holds the lock of %s and does not answer; if it is stopping, try again", folder)
		}
	}
}

// backupFiles writes a backup of a home that is off. The folder is locked.
func backupFiles(ctx context.Context, folder string, options social.BackupOptions, w io.Writer) (err error) {
	db, err := sqlite.Open(ctx, filepath.Join(folder, "kith.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := blob.OpenStore(filepath.Join(folder, "blobs"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	return backup.Write(ctx, w, backup.Source{Dir: folder, DB: db, Blobs: blobs},
		backup.Options{Passphrase: options.Passphrase, Originals: options.Originals})
}

// writeWhole makes a file, mode 0600, that has its name only once it is whole and on the disk.
func writeWhole(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*") // mode 0600
	if err != nil {
		return 0, fmt.Errorf("the file can't be made there: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	info, statErr := f.Stat()
	if err := errors.Join(err, statErr, f.Close()); err != nil {
		return 0, err
	}
	return info.Size(), os.Rename(f.Name(), path)
}

// interrupted says that a backup was not restored to its end in a folder, which therefore holds no home.
func interrupted(dir string) error {
	_, err := os.Lstat(filepath.Join(dir, backup.Unfinished))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("restoring a backup into %s was cut short, so there is no whole home in it: "+
		"empty the folder and run kith restore again; the backup itself was not changed", dir)
}
