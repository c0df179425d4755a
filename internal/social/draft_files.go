package social

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"

	"kith/internal/blob"
	"kith/internal/content"
)

const (
	// MaxFile, in bytes, of a file beside a post. It is longer than any film from a phone that one sends to friends, and short
	// enough that who asks for it over a slow line gets it within a night.
	MaxFile = 4 << 30
	// maxBeside, in bytes, of what stands beside an unfinished post, so that the register in which the devices agree on it has
	// room.
	maxBeside = 4 << 10
)

// draftFile is a file of the draft that is encrypted and on disk already.
type draftFile struct {
	ID string `json:"id"`
	content.Attachment
}

func (f *draftFile) show() File {
	return File{Name: plainName(f.Name), Type: f.File.Type, Size: f.File.Size, Path: f.ID, Here: true, Asked: !f.Carried()}
}

func (d *draftRecord) file(id string) (draftFile, bool) {
	for _, file := range d.Files {
		if file.ID == id {
			return file, true
		}
	}
	return draftFile{}, false
}

// keepFiles keeps those of the draft's files that are named, and lists the encrypted files of the others.
func (d *draftRecord) keepFiles(ids []string) (dropped []blob.Ref) {
	var kept []draftFile
	for _, id := range ids {
		if file, ok := d.file(id); ok && !slices.ContainsFunc(kept, func(f draftFile) bool { return f.ID == id }) {
			kept = append(kept, file)
		}
	}
	for _, file := range d.Files {
		if !slices.Contains(ids, file.ID) {
			dropped = append(dropped, content.Post{Files: []content.Attachment{file.Attachment}}.Refs()...)
		}
	}
	d.Files = kept
	return dropped
}

// Upload is a file to put into the draft.
type Upload struct {
	Name string
	Type string // media type, as the browser says
	Size int64  // in bytes; it has to be known, and true
	Data io.Reader
}

// AddFile encrypts a file as it comes, without holding it in memory, and puts it into the draft. It goes to others as it is, with
// everything that is in it.
func (h *Home) AddFile(ctx context.Context, file Upload) (File, error) {
	if _, err := h.me(); err != nil {
		return File{}, err
	}
	if file.Size > MaxFile {
		return File{}, fail(CodeTooLarge, "This file is larger than 4 GB, which is more than kith sends. Your text is safe; a smaller one, or one in parts, can go.", nil)
	}
	if file.Size <= 0 {
		return File{}, fail(CodeBadInput, "There is nothing in this file. Your text is safe.", nil)
	}
	if d, err := h.draft(ctx); err != nil {
		return File{}, explain("keep a file", err)
	} else if err := d.roomForFile(); err != nil {
		return File{}, err
	}
	batch := h.node.Blobs().NewBatch()
	sealed, err := batch.Seal(ctx, file.Data, file.Size)
	if err != nil {
		err = errors.Join(err, batch.Discard())
		if errors.Is(err, blob.ErrLength) {
			return File{}, fail(CodeBadInput, "The file did not arrive whole. Your text is safe; please add the file again.", err)
		}
		return File{}, explain("keep a file", err)
	}
	secret, err := sealed.Key.MarshalBinary()
	if err == nil {
		err = batch.Commit(ctx)
	}
	if err != nil {
		return File{}, explain("keep a file", errors.Join(err, batch.Discard()))
	}
	ref := sealed.Manifest.Ref()
	if err := h.db.MarkBlob(ctx, ref, true); err != nil {
		return File{}, explain("keep a file", err)
	}
	next := draftFile{ID: newID(), Attachment: content.Attachment{
		Name: fileName(file.Name), File: content.File{Ref: ref, Key: secret, Size: file.Size, Type: mediaType(file.Type)},
	}}
	if err := h.addToDraft(ctx, next); err != nil {
		return File{}, errors.Join(err, h.node.DropFiles(ctx, []blob.Ref{ref}))
	}
	return next.show(), nil
}

func (h *Home) addToDraft(ctx context.Context, file draftFile) error {
	h.drafting.Lock()
	defer h.drafting.Unlock()
	d, err := h.draft(ctx)
	if err != nil {
		return explain("keep a file", err)
	}
	if err := d.roomForFile(); err != nil {
		return err
	}
	d.Files = append(d.Files, file)
	return explain("keep a file", h.db.Put(ctx, recordsHome, recordDraft, d))
}

func (d *draftRecord) roomForFile() error {
	if len(d.Files) >= content.MaxFiles || len(d.Files)+len(d.Photos) >= content.MaxPhotos {
		return fail(CodeTooLarge, "A post holds up to 10 files, and 20 photos and files together. This one is full; the others can go into a second post.", nil)
	}
	return nil
}

// newID names something in the draft.
func newID() string {
	var id [8]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}

// fileName is a file's name as it can stand in a post: without a folder, without control characters, short enough. What is cut is cut in
// front of the ending, which says what the file is.
func fileName(name string) string {
	name = strings.ReplaceAll(cleanLine(name), "\\", "/")
	name = strings.TrimLeft(path.Base("/"+name), "/.")
	if name == "" {
		return "file"
	}
	if ending := path.Ext(name); len(name) > content.MaxFileName {
		if len(ending) > 16 {
			ending = ""
		}
		name = strings.ToValidUTF8(name[:content.MaxFileName-len(ending)], "") + ending
	}
	return name
}

// mediaType is what a browser says of a file, as far as it can stand in a post.
func mediaType(said string) string {
	said, _, _ = strings.Cut(said, ";")
	said = strings.ToLower(strings.TrimSpace(said))
	kind, of, ok := strings.Cut(said, "/")
	if !ok || kind == "" || of == "" || len(said) > content.MaxType || strings.Trim(kind+of, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return "application/octet-stream"
	}
	return said
}

// fits tells whether what stands beside a draft is short enough to be kept. It may be longer than a post takes.
func (b *Beside) fits() bool {
	size := len(b.Feeling) + len(b.Place) + len(b.Note)
	if b.Poll != nil {
		for _, option := range b.Poll.Options {
			size += len(option) + 8
		}
	}
	return size <= maxBeside
}

func (b *Beside) same(other *Beside) bool { return reflect.DeepEqual(b, other) }

// restAgain encrypts the files of a post in the trash under new keys, so that what the other homes were asked to erase stays
// erased.
func (h *Home) restAgain(ctx context.Context, rest *content.Post) (_ *content.Post, err error) {
	if rest == nil || len(rest.Files) == 0 {
		return rest, nil
	}
	batch := h.node.Blobs().NewBatch()
	defer func() {
		if err != nil {
			err = errors.Join(err, batch.Discard())
		}
	}()
	again := *rest
	again.Files = slices.Clone(rest.Files)
	var refs []blob.Ref
	for i := range again.Files {
		file := &again.Files[i]
		file.Poster = nil
		opened, err := h.openBlob(ctx, &file.File)
		if err != nil {
			return nil, err
		}
		sealed, err := batch.Seal(ctx, opened, opened.Size())
		if err != nil {
			return nil, err
		}
		if file.File.Key, err = sealed.Key.MarshalBinary(); err != nil {
			return nil, err
		}
		file.File.Ref = sealed.Manifest.Ref()
		refs = append(refs, file.File.Ref)
	}
	if err := batch.Commit(ctx); err != nil {
		return nil, err
	}
	return &again, h.db.MarkBlobs(ctx, refs, true)
}
