package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"sync"
)

const (
	// partialDir holds blobs of which pieces are missing. It is apart from the whole ones so that "is it here?"
	// is one look at a name, and so that a scan for unfinished work need not pass 100,000 finished files.
	partialDir = "partial"
	// tempDir holds files that are being sealed. Whatever is in it when a store is opened is left over from a
	// crash and removed.
	tempDir = "tmp"

	dirMode  = 0o700
	fileMode = 0o600

	// lockStripes is how many blobs can be changed at the same time, unless two fall on one stripe.
	lockStripes = 64
)

// Store is a folder of blobs. It verifies what it takes in and what it gives out, and needs no keys.
//
// # Layout
//
//	ab/<ref>        a whole blob; ab are the first two digits of the ref
//	partial/<ref>   a blob of which pieces are missing
//	tmp/<random>    a blob that is being sealed
//
// One file holds a blob: manifest, the bitmap of held pieces, then the ciphertext (see the comment on
// header for the bytes). Thought of for 100,000 photos on the SD card of a small computer, that is 200,000
// blobs of mostly one or two pieces: a file for each piece, or a manifest and a bitmap beside each
// blob, would double or triple the number of inodes and the synchronisations for each photo; one large file
// for many blobs would have to be rewritten to erase one of them. With 256 folders there are some 800 files
// in each. Names are lowercase hexadecimal digits, which every file system takes.
//
// # What survives
//
// A file gets its final name only after its bytes are on the disk (written, fsync, rename, fsync of the
// folder), so a blob that [Batch.Commit], [Store.Seal] or [Store.PutPiece] reported as whole survives kill -9
// and the loss of power as far as the disk keeps what it acknowledged. Pieces of a partial blob are not synchronised
// one by one: every piece is verified again whenever it is read, so the worst that a crash can do to them is
// that they are fetched again.
//
// A piece that fails its verification is never given out. It is marked as missing, a whole blob becomes a
// partial one, and the caller gets [ErrCorrupt]; a blob whose manifest is damaged is removed.
//
// A Store is safe for concurrent use. Reading takes no lock. One process at a time may have the folder open.
type Store struct {
	root  *os.Root
	locks [lockStripes]sync.Mutex // by the first byte of the ref; held while a blob's file is changed
}

// OpenStore opens the folder dir, making it if it does not exist, and removes what a crash left in tmp.
// Nothing that the store does reaches outside the folder, whatever symbolic links are in it.
func OpenStore(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	s := &Store{root: root}
	if err := s.prepare(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	return s, nil
}

func (s *Store) prepare() error {
	if err := s.root.RemoveAll(tempDir); err != nil {
		return err
	}
	for _, d := range []string{tempDir, partialDir} {
		if err := s.root.Mkdir(d, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return s.syncDir(".")
}

// Close releases the folder. Readers and batches of the store must not be used afterwards.
func (s *Store) Close() error { return s.root.Close() }

func shardOf(ref Ref) string     { return ref.String()[:2] }
func wholePath(ref Ref) string   { return path.Join(shardOf(ref), ref.String()) }
func partialPath(ref Ref) string { return path.Join(partialDir, ref.String()) }

func (s *Store) lock(ref Ref) *sync.Mutex {
	mu := &s.locks[int(ref[0])%lockStripes]
	mu.Lock()
	return mu
}

// Whole reports whether every piece of a blob is held and the blob is on the disk for good.
func (s *Store) Whole(ref Ref) (bool, error) {
	_, err := s.root.Lstat(wholePath(ref))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, fmt.Errorf("look for blob %s: %w", ref, err)
}

// Manifest returns the manifest of a blob, or [ErrNotFound].
func (s *Store) Manifest(ref Ref) (Manifest, error) {
	m, _, err := s.Held(ref)
	return m, err
}

// Held returns the manifest of a blob and which of its pieces are here, or [ErrNotFound].
func (s *Store) Held(ref Ref) (Manifest, Bitmap, error) {
	f, err := s.open(ref, os.O_RDONLY)
	if err != nil {
		return Manifest{}, Bitmap{}, err
	}
	defer f.Close()
	return f.manifest, f.held, nil
}

// PutManifest takes in the manifest with the given ref, so that its pieces can follow. It reserves no space.
// [ErrManifest] if raw is not that manifest. A manifest that is already here is left alone.
func (s *Store) PutManifest(ctx context.Context, ref Ref, raw []byte) (Manifest, error) {
	if err := context.Cause(ctx); err != nil {
		return Manifest{}, err
	}
	m, err := parseManifestOf(ref, raw)
	if err != nil {
		return Manifest{}, err
	}
	defer s.lock(ref).Unlock()
	f, err := s.open(ref, os.O_RDONLY)
	if err == nil {
		return m, f.Close()
	}
	// A damaged file was removed by open, so the manifest may be written as if none had been here.
	if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCorrupt) {
		return Manifest{}, err
	}
	if err := s.createPartial(m); err != nil {
		return Manifest{}, fmt.Errorf("put manifest of blob %s: %w", ref, err)
	}
	return m, nil
}

// createPartial writes a file with a manifest and no pieces. The name appears with the content: a crash
// leaves either a whole header or nothing.
func (s *Store) createPartial(m Manifest) error {
	f, name, err := s.createTemp()
	if err != nil {
		return err
	}
	_, err = f.Write(encodeHeader(m, NewBitmap(m.Pieces())))
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, s.root.Remove(name))
	}
	if err := s.root.Rename(name, partialPath(m.ref)); err != nil {
		return errors.Join(err, s.root.Remove(name))
	}
	return nil
}

// PutPiece takes in piece i of a blob whose manifest is here, and reports whether the blob is whole and on
// the disk for good with it. [ErrPiece] if data is not that piece, [ErrNotFound] if the manifest is
// not here. A piece that is already here is left alone. To take in many small blobs use a [Batch].
func (s *Store) PutPiece(ctx context.Context, ref Ref, i int, data []byte) (whole bool, err error) {
	full, err := s.putPiece(ctx, ref, i, data)
	if err != nil || !full {
		return false, err
	}
	b := s.NewBatch()
	b.finish[ref] = struct{}{}
	if err := b.Commit(ctx); err != nil {
		return false, err
	}
	return true, nil
}

// putPiece is PutPiece without making a full blob whole; it reports whether every piece is there.
func (s *Store) putPiece(ctx context.Context, ref Ref, i int, data []byte) (full bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	defer s.lock(ref).Unlock()
	f, err := s.open(ref, os.O_RDWR)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.manifest.Verify(i, data); err != nil {
		return false, fmt.Errorf("put piece of blob %s: %w", ref, err)
	}
	if !f.held.Has(i) {
		if err := f.writePiece(i, data); err != nil {
			return false, fmt.Errorf("put piece %d of blob %s: %w", i, ref, err)
		}
	}
	return f.held.Full(), nil
}

// ReadPiece returns piece i of a blob, verified, in buf if that has the capacity. [ErrNotFound] and
// [ErrMissing] if it is not here, [ErrCorrupt] if the disk changed it.
func (s *Store) ReadPiece(ctx context.Context, ref Ref, i int, buf []byte) ([]byte, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	f, err := s.open(ref, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	data, err := f.readPiece(i, buf)
	err = errors.Join(err, f.Close())
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrMissing) && f.whole:
		return s.recheck(ref, i, buf)
	}
	return nil, fmt.Errorf("read piece %d of blob %s: %w", i, ref, err)
}

// recheck reads a piece again under the blob's lock, where nobody can be writing it, and takes it out of the
// store if it is damaged indeed.
func (s *Store) recheck(ref Ref, i int, buf []byte) (_ []byte, err error) {
	defer s.lock(ref).Unlock()
	f, err := s.open(ref, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err := f.readPiece(i, buf)
	if err == nil {
		return data, nil
	}
	damaged := errors.Is(err, ErrCorrupt)
	err = fmt.Errorf("read piece %d of blob %s: %w", i, ref, err)
	if damaged {
		err = errors.Join(err, f.drop(i))
	}
	// A file with a piece missing must not be among the whole ones.
	if f.whole && !f.held.Full() {
		err = errors.Join(err, s.root.Rename(wholePath(ref), partialPath(ref)))
	}
	return nil, err
}

// Verify reads every held piece of a blob and takes out the damaged ones. It returns which pieces are good.
// [ErrNotFound] if the blob is not here, [ErrCorrupt] if anything was damaged.
func (s *Store) Verify(ctx context.Context, ref Ref) (Manifest, Bitmap, error) {
	m, held, err := s.Held(ref)
	if err != nil {
		return Manifest{}, Bitmap{}, err
	}
	var buf []byte
	var damage error
	for i := range m.Pieces() {
		if !held.Has(i) {
			continue
		}
		data, err := s.ReadPiece(ctx, ref, i, buf)
		switch {
		case err == nil:
			buf = data
		case errors.Is(err, ErrCorrupt), errors.Is(err, ErrMissing):
			held.Set(i, false)
			damage = errors.Join(damage, err)
		default:
			return Manifest{}, Bitmap{}, err
		}
	}
	return m, held, damage
}

// Delete removes blobs, whole or partial, from the disk for good. Unknown refs are no error.
func (s *Store) Delete(ctx context.Context, refs ...Ref) error {
	touched := make(map[string]struct{})
	for _, ref := range refs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := s.remove(ref, touched); err != nil {
			return fmt.Errorf("delete blob %s: %w", ref, err)
		}
	}
	return s.syncDirs(touched)
}

// remove unlinks a blob's files and adds their folders to touched.
func (s *Store) remove(ref Ref, touched map[string]struct{}) error {
	defer s.lock(ref).Unlock()
	for _, name := range []string{wholePath(ref), partialPath(ref)} {
		switch err := s.root.Remove(name); {
		case err == nil:
			touched[path.Dir(name)] = struct{}{}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// Info describes one blob in a store.
type Info struct {
	Ref   Ref
	Bytes int64 // of its file on the disk; a file system may take less for a partial blob
	Whole bool
}

// List iterates over the blobs in no particular order, whole ones first. It reads folder by folder, 200,000
// blobs take about a second on a warm cache. Blobs that come and go meanwhile may be listed or not. After
// an error the iteration ends.
func (s *Store) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for b := range 256 {
			if !s.listDir(ctx, fmt.Sprintf("%02x", b), true, yield) {
				return
			}
		}
		s.listDir(ctx, partialDir, false, yield)
	}
}

// listDir yields what is in one folder and reports whether to go on.
func (s *Store) listDir(ctx context.Context, dir string, whole bool, yield func(Info, error) bool) bool {
	if err := context.Cause(ctx); err != nil {
		yield(Info{}, err)
		return false
	}
	entries, err := s.readDir(dir)
	if err != nil {
		yield(Info{}, fmt.Errorf("list blobs: %w", err))
		return false
	}
	for _, e := range entries {
		ref, err := ParseRef(e.Name())
		if err != nil {
			continue // not ours: a file manager's thumbnail cache, a backup program's note
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted or finished since
		}
		if err != nil {
			yield(Info{}, fmt.Errorf("list blobs: %w", err))
			return false
		}
		if !yield(Info{Ref: ref, Bytes: info.Size(), Whole: whole}, nil) {
			return false
		}
	}
	return true
}

func (s *Store) readDir(dir string) ([]fs.DirEntry, error) {
	d, err := s.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadDir(-1)
}
