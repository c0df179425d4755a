package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"kith/internal/social"
	"kith/internal/web/qr"
)

// What a form may bring. Package media has limits of its own for what a picture may be once it is decoded.
const (
	// maxForm bounds the text of a form. The longest post is far shorter, even when every byte of it is escaped.
	maxForm = 512 << 10

	// maxPhoto bounds one photo as it comes from a camera or a scanner.
	maxPhoto = 64 << 20

	// maxPhotos is how many photos a post can have.
	maxPhotos = 20

	// maxPortrait bounds a picture of a person. It is held in memory while the form is read.
	maxPortrait = 24 << 20

	// maxPortraitForm bounds a form with such a picture. Somewhat larger ones are read to their end, so that what was
	// typed is not lost with them.
	maxPortraitForm = 2*maxPortrait + maxForm

	// maxPublish bounds the composer's form, without JavaScript: all photos come at once, and are not kept in memory.
	maxPublish = maxPhotos*maxPhoto + social.MaxFile + maxForm

	// maxJoin bounds the form that takes an invite or a picture of one.
	maxJoin = qr.MaxBytes + maxForm

	// maxParts bounds the fields of a form with files: each photo of a draft brings three.
	maxParts = 4*maxPhotos + 80

	// typedText is how many bytes of a text are handed back on a page that could not take it.
	typedText = 64 << 10
)

// readForm reads a form without files.
func readForm(r *http.Request) (url.Values, error) {
	return readFiles(r, func(url.Values, string, *multipart.Part) error { return errFormBroken })
}

// readFiles reads a form, and hands its files to each as they come, so that they need not fit into memory. A file is
// good until each returns. The table of routes bounds the whole. Fields that stand before a file in the form are in values
// already when each is called. With an error come the values that were read before it.
func readFiles(r *http.Request, each func(values url.Values, field string, file *multipart.Part) error) (url.Values, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // one that makes no sense is treated as no file
	if kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return r.PostForm, formError(err)
		}
		return r.PostForm, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, formError(err)
	}
	values, room := make(url.Values), int64(maxForm)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return values, formError(err)
		}
		if part.FileName() != "" {
			if err := each(values, part.FormName(), part); err != nil {
				return values, formError(err)
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return values, formError(err)
		}
		if room -= int64(len(text)); room < 0 {
			return values, errFormTooBig
		}
		values.Add(part.FormName(), string(text))
	}
	return values, errFormTooBig
}

// formError tells a form that is too large from one that did not arrive whole. Errors of ours pass.
func formError(err error) error {
	var large *http.MaxBytesError
	var ours *social.Error
	switch {
	case errors.As(err, &large):
		return errFormTooBig
	case errors.As(err, &ours):
		return err
	default:
		return &social.Error{Code: errFormBroken.Code, Message: errFormBroken.Message, Err: err}
	}
}

// What a file over its limit reads as.
var (
	errPhotoTooBig    = &social.Error{Code: social.CodeTooLarge, Message: "This picture is larger than 64 MB. Please take a smaller one."}
	errPortraitTooBig = &social.Error{Code: social.CodeTooLarge, Message: "This picture is larger than 24 MB. Please take a smaller one. What you typed is still here."}
)

// bounded reads at most a number of bytes and then fails, where io.LimitReader would make a file look complete that
// isn't.
type bounded struct {
	r    io.Reader
	left int64 // below 0: there was more
	err  error // what it fails with
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.err
	}
	return n, err
}

// addPhoto adds one photo to the draft.
func (s *Server) addPhoto(r *http.Request, file io.Reader) (social.Photo, error) {
	b := &bounded{file, maxPhoto, errPhotoTooBig}
	photo, err := s.home.AddPhoto(r.Context(), b)
	if err != nil && b.left < 0 {
		return social.Photo{}, errPhotoTooBig // whatever that looked like to whoever read it
	}
	return photo, err
}

// readPortrait reads a form with at most one picture, in the field "picture". picture is nil if none was chosen. A picture
// that is too large does not keep the rest of the form from being read.
func readPortrait(r *http.Request) (values url.Values, picture io.Reader, err error) {
	var refused error
	values, err = readFiles(r, func(_ url.Values, field string, file *multipart.Part) error {
		if field != "picture" || picture != nil {
			return errFormBroken
		}
		content, err := io.ReadAll(&bounded{file, maxPortrait, errPortraitTooBig})
		if errors.Is(err, errPortraitTooBig) {
			refused = err
			_, err = io.Copy(io.Discard, file)
			return err
		}
		if len(content) > 0 {
			picture = bytes.NewReader(content)
		}
		return err
	})
	if err == nil {
		err = refused
	}
	return values, picture, err
}
