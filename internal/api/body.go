package api

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"kith/internal/social"
)

const (
	maxJSON = 1 << 20 // bytes of a body of JSON; the longest thing in one is the text of a comment

	// The bounds of a form with photos. Package social and the preparing of pictures have their own, tighter ones;
	// these only keep a broken client from sending without an end.
	maxPhoto  = 64 << 20 // bytes of one photo as it comes from a camera
	maxPhotos = 20       // photos of a post
	maxText   = 1 << 20  // bytes of any other field
	maxParts  = 2*maxPhotos + 8
)

var (
	errBroken = &social.Error{Code: social.CodeBadInput,
		Message: "The request didn't arrive in one piece. Nothing was changed; please try again."}
	errTooMuch = &social.Error{Code: social.CodeTooLarge,
		Message: "That is more than fits into one request. Nothing was changed."}
)

// readJSON reads a body that is exactly one value of the right shape.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
	}
	return broken(err)
}

// broken tells a body that is too large from one that can't be read.
func broken(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return &social.Error{Code: errTooMuch.Code, Message: errTooMuch.Message, Err: err}
	}
	return &social.Error{Code: errBroken.Code, Message: errBroken.Message, Err: err}
}

// readParts reads a multipart form as it arrives, without storing it: value is called for each plain field, file for each
// file. Their errors are returned as they are.
//
// When something fails, the rest of the form is read and thrown away. A client that is still sending reads the answer only
// when it is done.
func readParts(w http.ResponseWriter, r *http.Request, value func(name, text string) error, file func(name string, r io.Reader) error) (err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPhotos*maxPhoto+maxJSON)
	defer func() {
		if err != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	}()
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return errBroken
	}
	form := multipart.NewReader(r.Body, params["boundary"])
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if part.FileName() != "" {
			if err := file(part.FormName(), &bounded{part, maxPhoto}); err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxText+1))
		if err != nil {
			return broken(err)
		}
		if len(text) > maxText {
			return errTooMuch
		}
		if err := value(part.FormName(), string(text)); err != nil {
			return err
		}
	}
	return errTooMuch
}

// bounded reads at most left bytes and fails if there are more: a photo that is cut off would look broken.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooMuch
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errTooMuch
	}
	return n, err
}
