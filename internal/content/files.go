package content

import (
	"fmt"

	"kith/internal/blob"
)

const (
	// MaxFiles of one item. Its photos and files together are at most MaxPhotos.
	MaxFiles = 10
	// MaxFileName, in bytes, is what file systems allow, and a little less.
	MaxFileName = 240
	// MaxLasting of a sound or a film, in milliseconds: a day.
	MaxLasting = 24 * 60 * 60 * 1000
	// MaxWave is how many bars of a voice note's loudness are kept.
	MaxWave = 64
	// MaxCarried, in bytes, is how large an attached file may be for every member's home to carry it. A larger one goes
	// to who asks for it.
	MaxCarried = 8 << 20
)

// Attachment is a file beside a text: a document, a film, a voice note. What it is, its media type says.
type Attachment struct {
	Name    string `cbor:"1,keyasint"` // without a folder, 1 to MaxFileName bytes
	File    File   `cbor:"2,keyasint"`
	Poster  *File  `cbor:"3,keyasint,omitempty"` // of a film: a picture within the limits of a screen size
	Width   int    `cbor:"4,keyasint,omitempty"` // of a film, in pixels; 0 where it is not known
	Height  int    `cbor:"5,keyasint,omitempty"`
	Lasting int64  `cbor:"6,keyasint,omitempty"` // of a film or sound, in milliseconds
	Wave    []byte `cbor:"7,keyasint,omitempty"` // of a voice note: its loudness over time, at most MaxWave bars
}

// Carried tells whether every member's home carries the file.
func (a *Attachment) Carried() bool { return a.File.Size <= MaxCarried }

// Bearing is an item to which pictures or files belong.
type Bearing interface {
	Item
	// Media lists them; the place of a photo or file in its list is its number.
	Media() ([]Photo, []Attachment)
}

// MediaOf lists what belongs to an item; nothing for most.
func MediaOf(item Item) ([]Photo, []Attachment) {
	if bearing, ok := item.(Bearing); ok {
		return bearing.Media()
	}
	return nil, nil
}

// refs lists every file of photos and attachments.
func refs(photos []Photo, files []Attachment) []blob.Ref {
	var refs []blob.Ref
	for i := range photos {
		refs = append(refs, photos[i].Thumb.Ref, photos[i].Screen.Ref)
		if photos[i].Original != nil {
			refs = append(refs, photos[i].Original.Ref)
		}
	}
	for i := range files {
		refs = append(refs, files[i].File.Ref)
		if files[i].Poster != nil {
			refs = append(refs, files[i].Poster.Ref)
		}
	}
	return refs
}

func checkMedia(photos []Photo, files []Attachment) error {
	if len(photos)+len(files) > MaxPhotos || len(files) > MaxFiles {
		return fmt.Errorf("%w: %d photos and %d files", ErrMalformed, len(photos), len(files))
	}
	for i := range photos {
		if err := photos[i].check(); err != nil {
			return err
		}
	}
	for i := range files {
		if err := files[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (a *Attachment) check() error {
	if a.Name == "" || len(a.Wave) > MaxWave || a.Lasting < 0 || a.Lasting > MaxLasting {
		return fmt.Errorf("%w: a file with a name of %d bytes that lasts %d ms", ErrMalformed, len(a.Name), a.Lasting)
	}
	if a.Width < 0 || a.Height < 0 || a.Width > MaxPixels || a.Height > MaxPixels {
		return fmt.Errorf("%w: a film of %d × %d px", ErrMalformed, a.Width, a.Height)
	}
	for _, r := range a.Name {
		if r < ' ' || r == '/' || r == '\\' || r == 0x7f {
			return fmt.Errorf("%w: a file's name with %q in it", ErrMalformed, r)
		}
	}
	err := firstError(checkText("name of a file", a.Name, MaxFileName), a.File.check())
	if err == nil && a.Poster != nil {
		err = a.Poster.check()
	}
	return err
}
