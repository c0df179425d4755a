package web

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kith/internal/social"
)

// Filer is the files that stand beside what people write.
type Filer interface {
	OpenFile(ctx context.Context, item string, number int) (social.OpenFile, error)
	FileState(ctx context.Context, item string, number int) (social.FileState, error)
	WantFile(ctx context.Context, item string, number int) error
}

// filePolicy is the policy of a file that is opened by itself. Whatever it is, nothing in it runs; sound and film may play.
const filePolicy = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox; frame-ancestors 'none'"

// shownTypes are the kinds of file that a browser may show by itself. All others it is told to save: what somebody sent
// could be a page, or anything else that acts. PDF is not among them, because browsers refuse to show one in a sandbox.
var shownTypes = append([]string{
	"audio/aac", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav", "audio/webm", "audio/x-m4a", "audio/x-wav",
	"video/mp4", "video/ogg", "video/quicktime", "video/webm",
}, pictureTypes...)

// shownType is the media type under which a file may be shown; false if it is to be saved.
func shownType(said string) (string, bool) {
	kind, _, err := mime.ParseMediaType(said)
	if err != nil || !slices.Contains(shownTypes, kind) {
		return "application/octet-stream", false
	}
	return kind, true
}

// fileNumber reads which file of an item is meant.
func fileNumber(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 0 {
		return 0, errNoPage
	}
	return n, nil
}

// getFile sends a file, or a part of it. What comes under an address never changes, so the browser may keep it. One that
// is not here leads to the page that says so. With "save" in the query it is always saved.
func (s *Server) getFile(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	number, err := fileNumber(r)
	if err != nil {
		return err
	}
	file, err := s.home.OpenFile(r.Context(), id, number)
	var known *social.Error
	if errors.As(err, &known) && known.Code == social.CodeUnreachable {
		http.Redirect(w, r, "/file/"+url.PathEscape(id)+"/"+strconv.Itoa(number)+"/where", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Content.Close()
	kind, shown := shownType(file.Type)
	disposition := "inline"
	if !shown || r.URL.Query().Has("save") {
		disposition = "attachment"
	}
	h := w.Header()
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": file.Name}))
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	if !strings.ContainsAny(id, "\"\\") {
		h.Set("ETag", `"`+id+"."+strconv.Itoa(number)+`"`)
	}
	http.ServeContent(w, r, "", file.Modified, file.Content)
	return nil
}

// filePage is about one file: where it is, and how to get it.
type filePage struct {
	Shell
	Card fileCard
}

func (filePage) template() string { return "file" }

// fileCard is the part of it that changes.
type fileCard struct {
	State social.FileState
}

func (fileCard) template() string { return "file-card" }

// Names lists who may have the file.
func (f fileCard) Names() string { return names(f.State.From, len(f.State.From)) }

func (s *Server) fileCard(r *http.Request) (fileCard, error) {
	number, err := fileNumber(r)
	if err != nil {
		return fileCard{}, err
	}
	state, err := s.home.FileState(r.Context(), r.PathValue("id"), number)
	return fileCard{state}, err
}

func (s *Server) getFileWhere(w http.ResponseWriter, r *http.Request) error {
	shell, err := s.shell(r, "", "")
	if err != nil {
		return err
	}
	card, err := s.fileCard(r)
	if err != nil {
		return err
	}
	shell.Title = card.State.Name
	return s.page(w, http.StatusOK, filePage{shell, card})
}

func (s *Server) getFileFragment(w http.ResponseWriter, r *http.Request) error {
	card, err := s.fileCard(r)
	if err != nil {
		return err
	}
	return s.part(w, http.StatusOK, card)
}

// postFileWant asks for a file that comes only to who asks for it.
func (s *Server) postFileWant(w http.ResponseWriter, r *http.Request) error {
	if _, err := readForm(r); err != nil {
		return err
	}
	number, err := fileNumber(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := s.home.WantFile(r.Context(), id, number); err != nil {
		return err
	}
	return s.done(w, r, "/file/"+url.PathEscape(id)+"/"+strconv.Itoa(number)+"/where", "file-wanted")
}
