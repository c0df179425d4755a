package content

import (
	"fmt"

	"kith/internal/blob"
	"kith/internal/oplog"
)

// Edit puts new words in the place of what its author wrote before, in a post or comment of theirs in the same space.
// Of several the newest by Lamport time counts, ties by EntryID; the earlier versions stay to be read. An edit of what
// somebody else wrote counts for nothing.
type Edit struct {
	Target oplog.EntryID `cbor:"1,keyasint"`
	Text   string        `cbor:"2,keyasint,omitempty"`
	// Photos are those of the post's photos that are still shown, in this order. None of them leaves all as they were
	// in the post. In the edit of a comment they mean nothing.
	Photos []PhotoEdit `cbor:"3,keyasint,omitempty"`
	// Mentions are those of the new text.
	Mentions []Mention `cbor:"4,keyasint,omitempty"`
}

// PhotoEdit names a photo of the edited post and describes it anew. The file stays the one in the post.
type PhotoEdit struct {
	Photo int    `cbor:"1,keyasint"` // its place in the post as first written, from 0
	Alt   string `cbor:"2,keyasint,omitempty"`
}

// ShownPhoto is a photo of a post as an edit shows it.
type ShownPhoto struct {
	Number int // its place in the post as first written, from 0
	Photo
}

// Shown lists a post's photos with their places.
func (p Post) Shown() []ShownPhoto {
	var shown []ShownPhoto
	for i, photo := range p.Photos {
		shown = append(shown, ShownPhoto{i, photo})
	}
	return shown
}

// Revise gives a post's words and photos as the edit has them; false if nothing would be left of the post, so that
// the edit counts for nothing. Photos that the post does not have are passed over.
func (e Edit) Revise(p Post) (text string, photos []ShownPhoto, ok bool) {
	if len(e.Photos) == 0 {
		photos = p.Shown()
	}
	for _, edit := range e.Photos {
		if edit.Photo < len(p.Photos) {
			photo := p.Photos[edit.Photo]
			photo.Alt = edit.Alt
			photos = append(photos, ShownPhoto{edit.Photo, photo})
		}
	}
	return e.Text, photos, e.Text != "" || len(photos) > 0 || len(p.Files) > 0
}

// Kind is KindEdit.
func (Edit) Kind() Kind { return KindEdit }

// Refs is empty: the photos are those of the post, whose entry names them.
func (Edit) Refs() []blob.Ref { return nil }

func (e Edit) check() error {
	if e.Target.IsZero() || e.Text == "" && len(e.Photos) == 0 {
		return fmt.Errorf("%w: an edit of nothing, or with nothing in it", ErrMalformed)
	}
	if len(e.Photos) > MaxPhotos {
		return fmt.Errorf("%w: an edit with %d photos", ErrMalformed, len(e.Photos))
	}
	var seen [MaxPhotos]bool
	for _, photo := range e.Photos {
		if photo.Photo < 0 || photo.Photo >= MaxPhotos || seen[photo.Photo] {
			return fmt.Errorf("%w: an edit with photo %d, or with one twice", ErrMalformed, photo.Photo)
		}
		seen[photo.Photo] = true
		if err := checkText("alt", photo.Alt, MaxAlt); err != nil {
			return err
		}
	}
	return firstError(checkText("text", e.Text, MaxText), checkMentions(e.Mentions))
}
