package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"kith/internal/blob"
	"kith/internal/node"
	"kith/internal/sqlite"
)

const (
	format = 1

	headName     = "kith-backup.json"
	endName      = "kith-end.json"
	databaseName = "kith.db"
	settingsName = "kith.toml"
	keysDir      = "keys"
	blobsDir     = "blobs"

	// scratch is how the folder begins, in the folder of the home, in which the copy of the database is made.
	scratch = ".kith-backup-"

	// maxSmall bounds the small files: settings, keys, and what this package writes itself.
	maxSmall = 1 << 20

	// MinPassphrase is the least number of characters (Unicode code points) of a passphrase.
	MinPassphrase = 10
)

// Options say how a backup is made.
type Options struct {
	Passphrase string // encrypts it; "": it is not encrypted
	Originals  bool   // with the photos as they came from the camera, where they were kept
	Now        func() time.Time

	work int // of scrypt, as a power of two; 0: as age has it
}

// Source is the home that a backup is made of. It may be running.
type Source struct {
	Dir   string // its folder
	DB    *sqlite.DB
	Blobs *blob.Store
}

// head is the first file of a backup.
type head struct {
	Format    int       `json:"format"`
	Made      time.Time `json:"made"`
	Originals bool      `json:"originals"`
}

// end is the last one.
type end struct {
	Files  int    `json:"files"`
	SHA256 string `json:"sha256"`
}

// Write writes a backup to w. Nothing is written before the database has been copied, which is most of what can fail.
// After an error w holds a part that Restore refuses.
func Write(ctx context.Context, w io.Writer, from Source, options Options) (err error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if err := Tidy(from.Dir); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(from.Dir, scratch+"*") // mode 0700
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied := filepath.Join(dir, databaseName)
	if err := from.DB.Snapshot(ctx, copied, map[string]string{node.MetaMark: node.MarkOfBackup}); err != nil {
		return err
	}
	skip := make(map[blob.Ref]bool)
	if !options.Originals {
		err := from.DB.Originals(ctx, func(ref blob.Ref) error { skip[ref] = true; return nil })
		if err != nil {
			return err
		}
	}
	closeAll := func() error { return nil }
	if options.Passphrase != "" {
		recipient, err := age.NewScryptRecipient(options.Passphrase)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		if options.work > 0 {
			recipient.SetWorkFactor(options.work)
		}
		sealed, err := age.Encrypt(w, recipient)
		if err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		w, closeAll = sealed, sealed.Close
	}
	a := &archive{ctx: ctx, tar: tar.NewWriter(w), hash: sha256.New(), made: options.Now().UTC().Truncate(time.Second)}
	if err := a.home(from, copied, options, skip); err != nil {
		return err
	}
	return errors.Join(a.tar.Close(), closeAll())
}

// Tidy removes from a home's folder what a backup left that could not finish, because the computer went off: a copy of the
// database, with what has been deleted since.
func Tidy(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), scratch) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
	}
	return nil
}

// archive is a backup that is being written.
type archive struct {
	ctx   context.Context
	tar   *tar.Writer
	hash  hash.Hash
	files int
	made  time.Time
}

// home writes the files of a home, in the order that the package comment gives.
func (a *archive) home(from Source, copied string, options Options, skip map[blob.Ref]bool) error {
	if err := a.json(headName, head{Format: format, Made: a.made, Originals: options.Originals}); err != nil {
		return err
	}
	if err := a.file(databaseName, copied); err != nil {
		return err
	}
	if err := a.file(settingsName, filepath.Join(from.Dir, settingsName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	keys, err := os.ReadDir(filepath.Join(from.Dir, keysDir))
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, k := range keys {
		if !k.Type().IsRegular() || !keyName.MatchString(k.Name()) {
			continue
		}
		err := a.file(path.Join(keysDir, k.Name()), filepath.Join(from.Dir, keysDir, k.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the recovery words go when they were checked
			return err
		}
	}
	if err := a.blobs(from.Blobs, skip); err != nil {
		return err
	}
	sum := hex.EncodeToString(a.hash.Sum(nil))
	return a.json(endName, end{Files: a.files, SHA256: sum})
}

// blobs writes the whole blobs. One that is deleted meanwhile is left out.
func (a *archive) blobs(store *blob.Store, skip map[blob.Ref]bool) error {
	var refs []blob.Ref
	for info, err := range store.List(a.ctx) {
		if err != nil {
			return err
		}
		if info.Whole && !skip[info.Ref] {
			refs = append(refs, info.Ref)
		}
	}
	slices.SortFunc(refs, func(x, y blob.Ref) int { return slices.Compare(x[:], y[:]) })
	for _, ref := range refs {
		f, size, err := store.OpenFile(ref)
		if errors.Is(err, blob.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		name := ref.String()
		err = a.add(path.Join(blobsDir, name[:2], name), size, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) json(name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	return a.add(name, int64(len(text)), bytes.NewReader(text))
}

func (a *archive) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return a.add(name, info.Size(), f)
}

// add writes one file.
func (a *archive) add(name string, size int64, content io.Reader) error {
	if err := context.Cause(a.ctx); err != nil {
		return err
	}
	err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.made, Format: tar.FormatPAX})
	if err != nil {
		return fmt.Errorf("backup: writing %s: %w", name, err)
	}
	fmt.Fprintf(a.hash, "%s %d\n", name, size)
	_, err = io.CopyN(io.MultiWriter(a.tar, a.hash), content, size)
	if errors.Is(err, io.EOF) {
		err = errChanged
	}
	if err != nil {
		return fmt.Errorf("backup: writing %s: %w", name, err)
	}
	a.files++
	return nil
}
