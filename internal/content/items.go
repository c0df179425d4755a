package content

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"kith/internal/blob"
	"kith/internal/calendar"
	"kith/internal/oplog"
)

// The limits of items. Each is checked by the writer and by every reader.
const (
	// MaxText is in bytes: some 5,000 to 16,000 characters, the longest that anybody reads in a feed.
	MaxText = 16 << 10
	// MaxName, in bytes, holds 60 characters of any script.
	MaxName = 240
	// MaxAbout, in bytes, holds a few lines.
	MaxAbout = 2000
	// MaxPicture is the face on a card: a square JPEG of 160 px.
	MaxPicture = 16 << 10
	// MaxPhotos in a post.
	MaxPhotos = 20
	// MaxAlt, in bytes, of a photo's description. Twenty of them fit into an entry beside the text.
	MaxAlt = 1000
	// MaxCommentPhotos in a comment.
	MaxCommentPhotos = 4
	// MaxFeeling, MaxSpot and MaxWarning, in bytes, of what stands beside a post: a line each.
	MaxFeeling, MaxSpot, MaxWarning = 160, 240, 400
	// MaxEmoji, in bytes: the longest joined emoji sequences are below this.
	MaxEmoji = 48
	// MaxType of a media type such as "image/jpeg".
	MaxType = 64
	// MaxPixels on a side of a picture.
	MaxPixels = 1 << 15
	// MaxFile, in bytes, of one encrypted file: no blob is longer.
	MaxFile = blob.MaxSize
)

// Card is how a person appears in a space: everybody writes one there first. The newest counts.
type Card struct {
	Name    string `cbor:"1,keyasint"`
	About   string `cbor:"2,keyasint,omitempty"`
	Picture []byte `cbor:"3,keyasint,omitempty"` // a JPEG of 160 × 160 px, or nothing
	// Birthday is "YYYY-MM-DD", or "--MM-DD" without the year, or nothing.
	Birthday string `cbor:"4,keyasint,omitempty"`
}

// File is an encrypted file: where it is and how to open it.
type File struct {
	Ref  blob.Ref `cbor:"1,keyasint"`
	Key  []byte   `cbor:"2,keyasint"` // blob.KeySize bytes
	Size int64    `cbor:"3,keyasint"` // of the plaintext, in bytes
	Type string   `cbor:"4,keyasint"` // media type
}

// Photo is a picture in a post. Thumb and Screen go to every member; Original only to who asks.
type Photo struct {
	Alt      string `cbor:"1,keyasint,omitempty"`
	Width    int    `cbor:"2,keyasint"` // of Screen, in pixels
	Height   int    `cbor:"3,keyasint"`
	Thumb    File   `cbor:"4,keyasint"`
	Screen   File   `cbor:"5,keyasint"`
	Original *File  `cbor:"6,keyasint,omitempty"`
	Tone     uint32 `cbor:"7,keyasint,omitempty"` // average colour, 0xrrggbb
}

// Post is what somebody shares: on a wall, with a list of friends, in a group.
type Post struct {
	Text     string       `cbor:"1,keyasint,omitempty"`
	Photos   []Photo      `cbor:"2,keyasint,omitempty"`
	Files    []Attachment `cbor:"3,keyasint,omitempty"`
	Mentions []Mention    `cbor:"4,keyasint,omitempty"`
	Poll     *Poll        `cbor:"5,keyasint,omitempty"` // its question is the text
	Feeling  string       `cbor:"6,keyasint,omitempty"` // "tired and happy"
	Place    string       `cbor:"7,keyasint,omitempty"` // "at the lake", in the author's words
	Note     string       `cbor:"8,keyasint,omitempty"` // what to know before one opens the post, which is folded behind it
	Meant    int64        `cbor:"9,keyasint,omitempty"` // of a post that was planned and comes late: when it was to come, in seconds since 1970
}

// Comment answers a post in the same space.
type Comment struct {
	Post     oplog.EntryID `cbor:"1,keyasint,omitzero"`
	Text     string        `cbor:"2,keyasint,omitempty"`
	Answers  oplog.EntryID `cbor:"3,keyasint,omitzero"` // another comment under the same post; zero for none
	Photos   []Photo       `cbor:"4,keyasint,omitempty"`
	Mentions []Mention     `cbor:"5,keyasint,omitempty"`
}

// Reaction is one person's emoji under a post or comment. The newest of a person for a target counts; an empty
// one withdraws.
type Reaction struct {
	Target oplog.EntryID `cbor:"1,keyasint"`
	Emoji  string        `cbor:"2,keyasint,omitempty"`
}

// Kind is KindCard.
func (Card) Kind() Kind { return KindCard }

// Kind is KindPost.
func (Post) Kind() Kind { return KindPost }

// Kind is KindComment.
func (Comment) Kind() Kind { return KindComment }

// Kind is KindReaction.
func (Reaction) Kind() Kind { return KindReaction }

// Refs is empty: the picture is inside the card, so that a face never has to be fetched.
func (Card) Refs() []blob.Ref { return nil }

// Refs lists every file of every photo, and every attached file.
func (p Post) Refs() []blob.Ref { return refs(p.Media()) }

// Media is the post's photos and files.
func (p Post) Media() ([]Photo, []Attachment) { return p.Photos, p.Files }

// Refs lists every file of every photo.
func (c Comment) Refs() []blob.Ref { return refs(c.Media()) }

// Media is the comment's photos.
func (c Comment) Media() ([]Photo, []Attachment) { return c.Photos, nil }

// Refs is empty.
func (Reaction) Refs() []blob.Ref { return nil }

func (c Card) check() error {
	if c.Name == "" || len(c.Picture) > MaxPicture {
		return fmt.Errorf("%w: a card with a name of %d and a picture of %d bytes", ErrMalformed, len(c.Name), len(c.Picture))
	}
	if _, ok := calendar.ParseBirthday(c.Birthday); !ok {
		return fmt.Errorf("%w: a birthday on %q", ErrMalformed, c.Birthday)
	}
	return firstError(checkText("name", c.Name, MaxName), checkText("about", c.About, MaxAbout))
}

func (p Post) check() error {
	if p.Text == "" && len(p.Photos) == 0 && len(p.Files) == 0 {
		return fmt.Errorf("%w: a post with nothing in it", ErrMalformed)
	}
	if p.Poll != nil {
		if p.Text == "" {
			return fmt.Errorf("%w: a poll without a question", ErrMalformed)
		}
		if err := p.Poll.check(); err != nil {
			return err
		}
	}
	if p.Meant < 0 || p.Meant > MaxUntil {
		return fmt.Errorf("%w: a post that was to come at %d", ErrMalformed, p.Meant)
	}
	return firstError(checkText("text", p.Text, MaxText), checkMedia(p.Media()), checkMentions(p.Mentions),
		checkText("feeling", p.Feeling, MaxFeeling), checkText("place", p.Place, MaxSpot), checkText("note", p.Note, MaxWarning))
}

func (p *Photo) check() error {
	if p.Width < 1 || p.Height < 1 || p.Width > MaxPixels || p.Height > MaxPixels || p.Tone > 0xffffff {
		return fmt.Errorf("%w: a photo of %d × %d px", ErrMalformed, p.Width, p.Height)
	}
	err := firstError(checkText("alt", p.Alt, MaxAlt), p.Thumb.check(), p.Screen.check())
	if err == nil && p.Original != nil {
		err = p.Original.check()
	}
	return err
}

func (f *File) check() error {
	if len(f.Key) != blob.KeySize || f.Size < 0 || f.Size > MaxFile {
		return fmt.Errorf("%w: a file of %d bytes with a key of %d", ErrMalformed, f.Size, len(f.Key))
	}
	if f.Ref.IsZero() || bytes.Count(f.Key, []byte{0}) == blob.KeySize {
		return fmt.Errorf("%w: a file that is nowhere or that nothing opens", ErrMalformed)
	}
	return checkText("type", f.Type, MaxType)
}

func (c Comment) check() error {
	if c.Text == "" && len(c.Photos) == 0 || c.Post.IsZero() {
		return fmt.Errorf("%w: a comment with nothing in it, or without a post", ErrMalformed)
	}
	if len(c.Photos) > MaxCommentPhotos || c.Answers == c.Post {
		return fmt.Errorf("%w: a comment with %d photos, or one that answers its post as a comment", ErrMalformed, len(c.Photos))
	}
	return firstError(checkText("text", c.Text, MaxText), checkMedia(c.Media()), checkMentions(c.Mentions))
}

func (r Reaction) check() error {
	if r.Target.IsZero() {
		return fmt.Errorf("%w: a reaction to nothing", ErrMalformed)
	}
	return checkText("emoji", r.Emoji, MaxEmoji)
}

func checkText(what, s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("%w: %s of %d bytes, at most %d", ErrMalformed, what, len(s), limit)
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("%w: %s is not UTF-8", ErrMalformed, what)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
