package web

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"

	"kith/internal/social"
)

// Attacher puts files into the draft.
type Attacher interface {
	AddFile(ctx context.Context, file social.Upload) (social.File, error)
}

// draftFile is a file in the composer.
type draftFile struct {
	File social.File
}

func (draftFile) template() string { return "draft-file" }

// postDraftFile adds a file to the draft. The body is the file itself; its name is in the query, and its type in the header.
func (s *Server) postDraftFile(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength < 0 {
		return errFormBroken
	}
	file, err := s.home.AddFile(r.Context(), social.Upload{
		Name: r.URL.Query().Get("name"), Type: r.Header.Get("Content-Type"), Size: r.ContentLength, Data: r.Body,
	})
	if err != nil {
		return err
	}
	return s.part(w, http.StatusCreated, draftFile{file})
}

// addFile adds a file of the composer's form, whose length is known only when it has been read: without JavaScript it goes through a
// file of its own, which is deleted right after.
func (s *Server) addFile(r *http.Request, name, kind string, data io.Reader) (social.File, error) {
	spool, err := os.CreateTemp("", "kith-upload-")
	if err != nil {
		return social.File{}, err
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	size, err := io.Copy(spool, &bounded{data, social.MaxFile, errFileTooBig})
	if err != nil {
		return social.File{}, err
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return social.File{}, err
	}
	return s.home.AddFile(r.Context(), social.Upload{Name: name, Type: kind, Size: size, Data: spool})
}

var errFileTooBig = &social.Error{Code: social.CodeTooLarge, Message: "This file is larger than 4 GB, which is more than kith sends. Your text is safe; a smaller one can go."}

// attachedFile is a file under a post: a film, a sound, or a line that leads to it.
type attachedFile struct {
	social.File
	Film, Sound bool // what a browser may play here
	Tall        bool // a film that is higher than wide
}

func newAttachedFiles(files []social.File) (shown []attachedFile) {
	for _, file := range files {
		kind, playable := shownType(file.Type)
		f := attachedFile{File: file, Tall: file.Height > file.Width}
		family, _, _ := mime.ParseMediaType(kind)
		if playable && file.Here {
			f.Film = len(family) > 6 && family[:6] == "video/"
			f.Sound = len(family) > 6 && family[:6] == "audio/"
		}
		shown = append(shown, f)
	}
	return shown
}

// filesOf reads which files of the draft a form names.
func filesOf(values url.Values) []string { return values["file-id"] }
