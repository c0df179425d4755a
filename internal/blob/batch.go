package blob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"

	"golang.org/x/sync/errgroup"
)

const (
	// syncsAtOnce is how many fsyncs a commit has under way. File systems with a journal join those that come
	// together into one commit of the journal.
	syncsAtOnce = 8
	// maxOpenFiles bounds the files that a batch keeps open for their fsync; further ones are synchronised at
	// once. 20 photos in two sizes are 40.
	maxOpenFiles = 64
)

// Batch makes several blobs durable together: the files of a post's photos, or the thumbnails that arrive
// with a run of posts. Their synchronisations run side by side, and each folder is synchronised once.
//
// A Batch is safe for concurrent use. It ends with Commit or Discard; Discard after Commit does nothing, so it
// can be deferred.
type Batch struct {
	s *Store

	mu     sync.Mutex
	ended  bool
	sealed []*sealedFile
	open   int
	finish map[Ref]struct{} // partial blobs that have all their pieces
}

// sealedFile is a blob in tmp. file is nil once it is synchronised and closed.
type sealedFile struct {
	name string
	ref  Ref
	file *os.File
}

// NewBatch returns an empty batch.
func (s *Store) NewBatch() *Batch { return &Batch{s: s, finish: make(map[Ref]struct{})} }

// Seal encrypts size bytes of src into the store; see the function [Seal]. The blob can be read after Commit.
func (b *Batch) Seal(ctx context.Context, src io.Reader, size int64) (Sealed, error) {
	b.mu.Lock()
	ended := b.ended
	b.mu.Unlock()
	if ended {
		return Sealed{}, ErrClosed
	}
	f, name, err := b.s.createTemp()
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	sealed, err := sealInto(ctx, f, src, size)
	if err == nil {
		err = b.keep(&sealedFile{name: name, ref: sealed.Manifest.ref, file: f})
	}
	if err != nil {
		return Sealed{}, errors.Join(err, f.Close(), b.s.root.Remove(name))
	}
	return sealed, nil
}

// keep adds a finished file to the batch.
func (b *Batch) keep(p *sealedFile) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return ErrClosed
	}
	if b.open >= maxOpenFiles {
		if err := p.file.Sync(); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		if err := p.file.Close(); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		p.file = nil
	} else {
		b.open++
	}
	b.sealed = append(b.sealed, p)
	return nil
}

// sealInto writes a blob's file. The header stands before the ciphertext and is known after it, but its
// length follows from the size.
func sealInto(ctx context.Context, f *os.File, src io.Reader, size int64) (Sealed, error) {
	if size < 0 || size > MaxFileSize {
		return Sealed{}, fmt.Errorf("seal: %w: %d bytes, at most %d", ErrTooLarge, size, MaxFileSize)
	}
	total := cipherSize(size)
	blank, err := newManifest(total, make([]byte, pieceCount(total)*RefSize))
	if err != nil {
		return Sealed{}, err
	}
	if _, err := f.Seek(headerLength(blank), io.SeekStart); err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	sealed, err := Seal(ctx, f, src, size)
	if err != nil {
		return Sealed{}, err
	}
	m := sealed.Manifest
	if _, err := f.WriteAt(encodeHeader(m, fullBitmap(m.Pieces())), 0); err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

// PutPiece is [Store.PutPiece], except that a full blob becomes whole at Commit.
func (b *Batch) PutPiece(ctx context.Context, ref Ref, i int, data []byte) (full bool, err error) {
	full, err = b.s.putPiece(ctx, ref, i, data)
	if err != nil || !full {
		return false, err
	}
	return true, b.Finish(ref)
}

// Finish makes a partial blob whole at Commit if it has all its pieces by then. It is for blobs that
// [Store.Held] shows as full although they are not whole, because a crash came between their last piece and
// their Commit.
func (b *Batch) Finish(ref Ref) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return ErrClosed
	}
	b.finish[ref] = struct{}{}
	return nil
}

// Commit puts the batch's blobs on the disk for good. When it returns nil, all of them are whole and survive
// a crash. After an error the sealed ones are gone, and the ones that were put in pieces may be partial or whole.
func (b *Batch) Commit(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return ErrClosed
	}
	b.ended = true
	if err := b.commit(ctx); err != nil {
		return fmt.Errorf("commit blobs: %w", errors.Join(err, b.undo()))
	}
	return nil
}

func (b *Batch) commit(ctx context.Context) error {
	if err := b.syncFiles(ctx); err != nil {
		return err
	}
	touched := make(map[string]struct{})
	for _, p := range b.sealed {
		if err := b.s.place(p.name, p.ref, touched); err != nil {
			return err
		}
	}
	for ref := range b.finish {
		if err := b.s.finish(ref, touched); err != nil {
			return err
		}
	}
	return b.s.syncDirs(touched)
}

// syncFiles synchronises the content of all files of the batch, several at a time.
func (b *Batch) syncFiles(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(syncsAtOnce)
	for _, p := range b.sealed {
		if p.file == nil {
			continue
		}
		g.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			f := p.file
			p.file = nil
			return errors.Join(f.Sync(), f.Close())
		})
	}
	for ref := range b.finish {
		g.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return b.s.syncFile(partialPath(ref))
		})
	}
	return g.Wait()
}

// undo removes what a failed commit left of the sealed blobs.
func (b *Batch) undo() error {
	var errs []error
	touched := make(map[string]struct{})
	for _, p := range b.sealed {
		if p.file != nil {
			errs = append(errs, p.file.Close())
			p.file = nil
		}
		if err := b.s.root.Remove(p.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		errs = append(errs, b.s.remove(p.ref, touched))
	}
	return errors.Join(errs...)
}

// Discard drops the sealed blobs of a batch that was not committed. Pieces that were put stay where they are.
func (b *Batch) Discard() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return nil
	}
	b.ended = true
	if err := b.undo(); err != nil {
		return fmt.Errorf("discard blobs: %w", err)
	}
	return nil
}

// Seal encrypts size bytes of src into the store; see the function [Seal]. When it returns, the blob is on
// the disk for good. To seal several use a [Batch].
func (s *Store) Seal(ctx context.Context, src io.Reader, size int64) (Sealed, error) {
	b := s.NewBatch()
	sealed, err := b.Seal(ctx, src, size)
	if err != nil {
		return Sealed{}, errors.Join(err, b.Discard())
	}
	if err := b.Commit(ctx); err != nil {
		return Sealed{}, err
	}
	return sealed, nil
}

// createTemp makes a new file in tmp and returns it with its path.
func (s *Store) createTemp() (*os.File, string, error) {
	var b [16]byte
	rand.Read(b[:])
	name := path.Join(tempDir, hex.EncodeToString(b[:]))
	f, err := s.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, fileMode)
	return f, name, err
}

// place gives a synchronised file its name among the whole blobs and adds the folder to touched.
func (s *Store) place(name string, ref Ref, touched map[string]struct{}) error {
	defer s.lock(ref).Unlock()
	return s.rename(name, ref, touched)
}

// finish moves a full partial blob among the whole ones. A blob that lost a piece since, was finished by
// another batch or was deleted stays as it is.
func (s *Store) finish(ref Ref, touched map[string]struct{}) error {
	defer s.lock(ref).Unlock()
	f, err := s.open(ref, os.O_RDONLY)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if f.whole || !f.held.Full() {
		return nil
	}
	return s.rename(partialPath(ref), ref, touched)
}

func (s *Store) rename(name string, ref Ref, touched map[string]struct{}) error {
	shard := shardOf(ref)
	err := s.root.Rename(name, wholePath(ref))
	if errors.Is(err, fs.ErrNotExist) {
		// The first blob of this folder.
		if err := s.root.Mkdir(shard, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		touched["."] = struct{}{}
		err = s.root.Rename(name, wholePath(ref))
	}
	if err != nil {
		return err
	}
	touched[shard] = struct{}{}
	return nil
}

// syncFile synchronises a file that is closed. A file that is gone needs no synchronisation.
func (s *Store) syncFile(name string) error {
	f, err := s.root.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDirs makes renames and removals in the given folders durable.
func (s *Store) syncDirs(dirs map[string]struct{}) error {
	var g errgroup.Group
	g.SetLimit(syncsAtOnce)
	for dir := range dirs {
		g.Go(func() error { return s.syncDir(dir) })
	}
	return g.Wait()
}
