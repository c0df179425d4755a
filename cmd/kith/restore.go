package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"kith/internal/backup"
	"kith/internal/social"
)

type restoreCmd struct {
	File string `arg:"" help:"A file that kith backup made."`
	JSON bool   `name:"json" help:"Print JSON."`
}

func (*restoreCmd) Help() string {
	return `Makes a home of a backup, in an empty folder, which is made if it is not there. The file is read and verified to its end before anything gets
its place. What you wrote after the backup was made comes back from your friends' homes when you start kith there.

The home that the backup was made of must stay off from then on: both are the same computer to everybody else.

Example:

    kith restore --dir ~/kith /media/stick/kith-2026-11-22.age`
}

func (c *restoreCmd) Run(a *app) (err error) {
	folder, err := a.folder()
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return usagef("the backup can't be read: %w", err)
	}
	defer f.Close()
	_, statErr := os.Stat(folder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the folder of the home can't be made: %w", err)
	}
	unlock, err := lockFolder(folder)
	if errors.Is(err, errLocked) {
		return usagef("a home is running in %s; a backup is restored into an empty folder", folder)
	}
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, unlock())
		if err == nil {
			return
		}
		if names, readErr := os.ReadDir(folder); readErr == nil && len(names) == 1 && names[0].Name() == lockFile {
			os.Remove(filepath.Join(folder, lockFile))
		}
		if os.IsNotExist(statErr) {
			os.Remove(folder) // stays if there is anything in it
		}
	}()
	r := bufio.NewReaderSize(f, 64<<10)
	passphrase := ""
	if backup.Encrypted(r) {
		if passphrase, err = a.readSecret("The passphrase of the backup: "); err != nil {
			return err
		}
	}
	ignore := []string{lockFile}
	if inside(folder, f) {
		ignore = append(ignore, filepath.Base(c.File))
	}
	restored, err := backup.Restore(a.ctx, r, folder, passphrase, ignore...)
	if err != nil {
		return social.ExplainRestore(err)
	}
	if c.JSON {
		return a.writeJSON(restored)
	}
	p := a.printer()
	p.printf("Your home of %s is in %s: %s, all verified.\n", p.when(restored.Made), clean(folder), count(restored.Pictures, "picture"))
	if restored.Damaged > 0 {
		p.printf("%s of the backup were damaged when it was made. They come again from your friends' homes.\n", count(restored.Damaged, "picture"))
	}
	p.printf("Start it by running kith there. Keep the home that the backup was made of off: to everybody else both are one computer.\n")
	return p.err
}

// inside tells whether a file is one of those right in a folder.
func inside(folder string, f *os.File) bool {
	info, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(folder, filepath.Base(f.Name())))
	return err == nil && os.SameFile(info, there)
}
