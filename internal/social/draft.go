package social

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"kith/internal/blob"
	"kith/internal/content"
	"kith/internal/media"
)

// maxTo bounds the name of an audience in a draft: the ID of a space, or ToOnlyMe.
const maxTo = 128

// draftRecord is the unfinished post as it is kept.
type draftRecord struct {
	Text   string       `json:"text"`
	Photos []draftPhoto `json:"photos,omitempty"`
	Files  []draftFile  `json:"files,omitempty"`
	To     string       `json:"to,omitempty"`
	Beside
}

// draftPhoto is a photo that has been prepared and is on disk already.
type draftPhoto struct {
	ID string `json:"id"`
	content.Photo
}

func (d *draftRecord) photo(id string) (draftPhoto, bool) {
	for _, photo := range d.Photos {
		if photo.ID == id {
			return photo, true
		}
	}
	return draftPhoto{}, false
}

// without is the draft less the photos and files of a post.
func (d *draftRecord) without(post *NewPost) *draftRecord {
	rest := &draftRecord{Text: d.Text, To: d.To, Beside: d.Beside}
	for _, photo := range d.Photos {
		if !slices.ContainsFunc(post.Photos, func(p NewPhoto) bool { return p.ID == photo.ID }) {
			rest.Photos = append(rest.Photos, photo)
		}
	}
	for _, file := range d.Files {
		if !slices.Contains(post.Files, file.ID) {
			rest.Files = append(rest.Files, file)
		}
	}
	return rest
}

func (h *Home) draft(ctx context.Context) (*draftRecord, error) {
	var d draftRecord
	_, err := h.db.Get(ctx, recordsHome, recordDraft, &d)
	return &d, err
}

// Draft is the unfinished post.
func (h *Home) Draft(ctx context.Context) (Draft, error) {
	if _, err := h.me(); err != nil {
		return Draft{}, err
	}
	d, err := h.draft(ctx)
	if err != nil {
		return Draft{}, explain("read the draft", err)
	}
	shown := Draft{Text: d.Text, To: d.To, Beside: d.Beside}
	for i := range d.Files {
		shown.Files = append(shown.Files, d.Files[i].show())
	}
	for _, photo := range d.Photos {
		shown.Photos = append(shown.Photos, showPhoto("draft."+photo.ID, &photo.Photo, true))
	}
	return shown, nil
}

// SaveDraft keeps the text, and of the photos those that are named, in their order. It is on disk when it returns.
func (h *Home) SaveDraft(ctx context.Context, edit DraftEdit) error {
	if _, err := h.me(); err != nil {
		return err
	}
	if len(edit.Text) > 4*content.MaxText {
		return checkLength(edit.Text, content.MaxText)
	}
	if !edit.fits() {
		return fail(CodeTooLarge, "What stands beside your post is far too long to keep. Your text is safe as it was saved last; shorten the feeling, the place, the note or the answers.", nil)
	}
	if len(edit.To) > maxTo {
		return errNoAudience
	}
	h.drafting.Lock()
	defer h.drafting.Unlock()
	d, err := h.draft(ctx)
	if err != nil {
		return explain("keep the draft", err)
	}
	before := d.Photos
	dropped := d.keepFiles(edit.Files)
	d.Text, d.To, d.Beside, d.Photos = edit.Text, edit.To, edit.Beside, nil
	for _, kept := range edit.Photos {
		i := slices.IndexFunc(before, func(p draftPhoto) bool { return p.ID == kept.ID })
		if i < 0 {
			continue // dropped in another tab meanwhile
		}
		photo := before[i]
		if photo.Alt = kept.Alt; len(photo.Alt) > content.MaxAlt {
			return fail(CodeTooLarge, "The description of a photo is too long. A sentence or two is best.", nil)
		}
		d.Photos = append(d.Photos, photo)
		before = slices.Delete(slices.Clone(before), i, i+1)
	}
	if err := h.db.Put(ctx, recordsHome, recordDraft, d); err != nil {
		return explain("keep the draft", err)
	}
	h.shareDraft()
	return explain("drop photos", errors.Join(h.dropPhotos(ctx, before), h.node.DropFiles(ctx, dropped)))
}

// dropPhotos deletes the files of photos that are no longer in the draft.
func (h *Home) dropPhotos(ctx context.Context, photos []draftPhoto) error {
	var refs []blob.Ref
	for _, photo := range photos {
		refs = append(refs, photo.Thumb.Ref, photo.Screen.Ref)
	}
	return h.node.DropFiles(ctx, refs)
}

// AddPhoto prepares a picture, puts it into the draft and keeps both. The picture is made anew from its pixels, so that
// nothing of what a camera adds, such as the place, leaves this computer.
func (h *Home) AddPhoto(ctx context.Context, r io.Reader) (Photo, error) {
	if _, err := h.me(); err != nil {
		return Photo{}, err
	}
	prepared, err := media.Prepare(ctx, r, media.UploadLimits)
	if err != nil {
		return Photo{}, explainPicture(err)
	}
	photo, err := h.storePhoto(ctx, prepared)
	if err != nil {
		return Photo{}, explain("keep a photo", err)
	}
	h.drafting.Lock()
	defer h.drafting.Unlock()
	d, err := h.draft(ctx)
	if err != nil {
		return Photo{}, explain("keep a photo", err)
	}
	if len(d.Photos)+len(d.Files) >= content.MaxPhotos {
		err := fail(CodeTooLarge, "A post holds up to 20 photos, and this one is full.", nil)
		return Photo{}, errors.Join(err, h.dropPhotos(ctx, []draftPhoto{photo}))
	}
	d.Photos = append(d.Photos, photo)
	if err := h.db.Put(ctx, recordsHome, recordDraft, d); err != nil {
		return Photo{}, explain("keep a photo", err)
	}
	return showPhoto("draft."+photo.ID, &photo.Photo, true), nil
}

// storePhoto encrypts the renditions of a picture and writes them to disk, all in one go.
func (h *Home) storePhoto(ctx context.Context, p media.Renditions) (_ draftPhoto, err error) {
	batch := h.node.Blobs().NewBatch()
	defer func() {
		if err != nil {
			err = errors.Join(err, batch.Discard())
		}
	}()
	thumb, err := seal(ctx, batch, p.Thumb)
	if err != nil {
		return draftPhoto{}, err
	}
	screen, err := seal(ctx, batch, p.Screen)
	if err != nil {
		return draftPhoto{}, err
	}
	if err := batch.Commit(ctx); err != nil {
		return draftPhoto{}, err
	}
	for _, ref := range []blob.Ref{thumb.Ref, screen.Ref} {
		if err := h.db.MarkBlob(ctx, ref, true); err != nil {
			return draftPhoto{}, err
		}
	}
	var tone uint32
	if _, err := fmt.Sscanf(p.Tone, "#%06x", &tone); err != nil {
		return draftPhoto{}, fmt.Errorf("tone %q: %w", p.Tone, err)
	}
	var id [8]byte
	rand.Read(id[:])
	return draftPhoto{
		ID: hex.EncodeToString(id[:]),
		Photo: content.Photo{
			Width: p.Screen.Width, Height: p.Screen.Height, Thumb: thumb, Screen: screen, Tone: tone,
		},
	}, nil
}

func seal(ctx context.Context, batch *blob.Batch, r media.Rendition) (content.File, error) {
	sealed, err := batch.Seal(ctx, bytes.NewReader(r.Data), int64(len(r.Data)))
	if err != nil {
		return content.File{}, fmt.Errorf("encrypt a picture: %w", err)
	}
	secret, err := sealed.Key.MarshalBinary()
	if err != nil {
		return content.File{}, err
	}
	return content.File{Ref: sealed.Manifest.Ref(), Key: secret, Size: int64(len(r.Data)), Type: r.Type}, nil
}
