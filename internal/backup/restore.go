package backup

import (
	"archive/tar"
	"bufio"
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
	"regexp"
	"time"

	"filippo.io/age"

	"kith/internal/blob"
	"kith/internal/sqlite"
)

const (
	// Unfinished is the folder, in the folder of a home, in which a restored home is put together. A folder that has it
	// holds no home: restoring was cut short.
	Unfinished = ".kith-restore"

	ageMagic = "age-encryption.org/"

	// maxWork bounds the memory that a file can make us take for its passphrase: 1 KiB × 2^maxWork.
	maxWork = 20

	// markBatch is how many files are noted as missing in one transaction.
	markBatch = 500
)

var (
	keyName  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	blobName = regexp.MustCompile(`^blobs/([0-9a-f]{2})/([0-9a-f]{64})$`)
)

// Restored says what came of a backup.
type Restored struct {
	Made      time.Time `json:"made"`
	Originals bool      `json:"originals"` // whether the photos as they came from the camera were to be in it
	Pictures  int       `json:"pictures"`  // encrypted files that are here
	Damaged   int       `json:"damaged"`   // of those in the backup, which were damaged when it was made; they come from friends' homes
	Bytes     int64     `json:"bytes"`
}

// Encrypted tells whether a passphrase is needed for a backup. It reads its beginning and leaves the rest.
func Encrypted(r *bufio.Reader) bool {
	begin, _ := r.Peek(len(ageMagic)) // a shorter file is none of ours, which Restore says
	return string(begin) == ageMagic
}

// Restore makes a home of a backup in a folder, which exists and may hold nothing but what ignore names. The caller holds the
// folder's lock. Everything is read and verified before the first file gets its place; after an error the folder is as it was.
func Restore(ctx context.Context, r io.Reader, dir, passphrase string, ignore ...string) (_ Restored, err error) {
	work := filepath.Join(dir, Unfinished)
	if err := os.RemoveAll(work); err != nil { // of an attempt that was cut short
		return Restored{}, fmt.Errorf("backup: %w", err)
	}
	if err := requireEmpty(dir, ignore); err != nil {
		return Restored{}, err
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		return Restored{}, fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	buffered := bufio.NewReaderSize(r, 64<<10)
	archive, err := decrypt(buffered, passphrase)
	if err != nil {
		return Restored{}, err
	}
	x := &extraction{ctx: ctx, dir: work, hash: sha256.New()}
	if err := x.all(archive); err != nil {
		return Restored{}, err
	}
	result := Restored{Made: x.head.Made, Originals: x.head.Originals, Bytes: x.bytes}
	if err := check(ctx, work, &result); err != nil {
		return Restored{}, err
	}
	return result, settle(work, dir)
}

// requireEmpty returns ErrNotEmpty if there is anything in a folder but what is to be ignored.
func requireEmpty(dir string, ignore []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
next:
	for _, e := range entries {
		for _, name := range ignore {
			if e.Name() == name {
				continue next
			}
		}
		return fmt.Errorf("%w: %s is in it", ErrNotEmpty, e.Name())
	}
	return nil
}

// decrypt returns the archive inside a backup.
func decrypt(r *bufio.Reader, passphrase string) (io.Reader, error) {
	if !Encrypted(r) {
		return r, nil
	}
	if passphrase == "" {
		return nil, ErrPassphraseNeeded
	}
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	identity.SetMaxWorkFactor(maxWork)
	archive, err := age.Decrypt(r, identity)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrPassphrase
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return archive, nil
}

// extraction is a backup that is being read.
type extraction struct {
	ctx   context.Context
	dir   string
	hash  hash.Hash
	head  head
	files int
	bytes int64
}

// all puts every file of an archive into the folder, and returns nil only if the archive is whole.
func (x *extraction) all(r io.Reader) error {
	archive := tar.NewReader(r)
	for {
		if err := context.Cause(x.ctx); err != nil {
			return err
		}
		h, err := archive.Next()
		if err != nil {
			return x.unreadable(err)
		}
		if x.files == 0 && h.Name != headName {
			return ErrNotABackup
		}
		if h.Name == endName {
			return x.finish(r, archive, h)
		}
		if err := x.one(archive, h); err != nil {
			return err
		}
	}
}

// unreadable says what it means that the archive can't be read on.
func (x *extraction) unreadable(err error) error {
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk), x.ctx.Err() != nil:
		return err
	case x.files == 0:
		return fmt.Errorf("%w: %w", ErrNotABackup, err)
	}
	return fmt.Errorf("%w: after %d files: %w", ErrDamaged, x.files, err)
}

// one puts one file into the folder.
func (x *extraction) one(archive *tar.Reader, h *tar.Header) error {
	if h.Typeflag != tar.TypeReg || !allowed(h.Name, h.Size) {
		return fmt.Errorf("%w: there is no place for a file %q", ErrDamaged, h.Name)
	}
	fmt.Fprintf(x.hash, "%s %d\n", h.Name, h.Size)
	content := io.TeeReader(archive, x.hash)
	if h.Name == headName {
		if x.files != 0 {
			return fmt.Errorf("%w: it begins twice", ErrDamaged)
		}
		if err := json.NewDecoder(content).Decode(&x.head); err != nil {
			return fmt.Errorf("%w: %w", ErrNotABackup, err)
		}
		if x.head.Format > format {
			return ErrNewer
		}
		_, err := io.Copy(io.Discard, content)
		x.files++
		return err
	}
	target := filepath.Join(x.dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	f, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s is in it twice", ErrDamaged, h.Name)
	}
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = io.Copy(f, content)
	if err != nil {
		err = x.unreadable(err)
	} else {
		err = f.Sync()
	}
	x.files, x.bytes = x.files+1, x.bytes+h.Size
	return errors.Join(err, f.Close())
}

// allowed reports whether a file of this name and size has a place in a home.
func allowed(name string, size int64) bool {
	switch name {
	case databaseName:
		return true
	case headName, settingsName:
		return size <= maxSmall
	}
	if dir, file := path.Split(name); dir == keysDir+"/" {
		return keyName.MatchString(file) && size <= maxSmall
	}
	parts := blobName.FindStringSubmatch(name)
	return parts != nil && parts[1] == parts[2][:2]
}

// finish compares what was read with what the last file says, and sees that nothing follows.
func (x *extraction) finish(r io.Reader, archive *tar.Reader, h *tar.Header) error {
	var said end
	if h.Size > maxSmall || json.NewDecoder(archive).Decode(&said) != nil {
		return fmt.Errorf("%w: its end can't be read", ErrDamaged)
	}
	if said.Files != x.files || said.SHA256 != hex.EncodeToString(x.hash.Sum(nil)) {
		return fmt.Errorf("%w: its hash is another", ErrDamaged)
	}
	if _, err := archive.Next(); err != io.EOF {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	}
	// What age has encrypted is only whole when its last piece was.
	if rest, err := io.Copy(io.Discard, r); err != nil || rest > 0 {
		return fmt.Errorf("%w: something follows its end, or its end is missing", ErrDamaged)
	}
	return nil
}

// check looks through the home that was put together.
func check(ctx context.Context, dir string, result *Restored) (err error) {
	if _, err := os.Stat(filepath.Join(dir, keysDir, "device")); err != nil {
		return fmt.Errorf("%w: the key of the computer is missing", ErrDamaged)
	}
	path := filepath.Join(dir, databaseName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w: the database is missing", ErrDamaged)
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{Check: true})
	switch {
	case errors.Is(err, sqlite.ErrNewer):
		return fmt.Errorf("%w: %w", ErrNewer, err)
	case errors.Is(err, sqlite.ErrCorrupt):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	blobs, err := blob.OpenStore(filepath.Join(dir, blobsDir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	var refs []blob.Ref
	for info, err := range blobs.List(ctx) {
		if err != nil {
			return err
		}
		refs = append(refs, info.Ref)
	}
	for _, ref := range refs {
		_, _, err := blobs.Verify(ctx, ref)
		switch {
		case err == nil:
			result.Pictures++
		case errors.Is(err, blob.ErrCorrupt), errors.Is(err, blob.ErrNotFound):
			result.Damaged++
		default:
			return err
		}
	}
	return noteMissing(ctx, db, blobs)
}

// noteMissing takes back what the database says of files that are not here: they are fetched again from friends' homes.
func noteMissing(ctx context.Context, db *sqlite.DB, blobs *blob.Store) error {
	var refs []blob.Ref
	err := db.BlobsHere(ctx, func(ref blob.Ref) error {
		whole, err := blobs.Whole(ref)
		if err == nil && !whole {
			refs = append(refs, ref)
		}
		return err
	})
	if err != nil {
		return err
	}
	for len(refs) > 0 {
		n := min(len(refs), markBatch)
		if err := db.MarkBlobs(ctx, refs[:n], false); err != nil {
			return err
		}
		refs = refs[n:]
	}
	return nil
}

// settle moves what was put together to its place, the keys last: without them the folder is no home.
func settle(work, dir string) error {
	var settled []string
	for _, name := range []string{blobsDir, settingsName, databaseName, keysDir} {
		target := filepath.Join(dir, name)
		err := os.Rename(filepath.Join(work, name), target)
		if errors.Is(err, fs.ErrNotExist) && name == settingsName {
			continue
		}
		if err != nil {
			err = fmt.Errorf("backup: %w", err)
			for _, name := range settled {
				err = errors.Join(err, os.RemoveAll(name))
			}
			return err
		}
		settled = append(settled, target)
	}
	return nil
}
