package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"kith/internal/social"
	"kith/internal/web/qr"
)

const (
	// maxCode bounds a pasted invite. A whole message with the code in it is a few hundred bytes.
	maxCode = 16 << 10

	// maxReading is how many pictures are searched for a QR code at once. Each takes a processor and up to some
	// hundred megabytes for a moment.
	maxReading = 1
)

// joinPage is where somebody else's invite is used: first the code is given, then one sees who it is from.
type joinPage struct {
	Shell
	Code     string
	Greeting *social.Greeting // nil until the code was looked at
	Anyway   bool             // their home is off; saying yes is possible all the same
}

func (joinPage) template() string { return "join" }

// getJoin is where the link of an invite leads: /join#CODE, which a script puts into the field, or /join?code=CODE. It
// only fills the field. Looking at the invite dials the inviter's home, and no link may make this home do that.
func (s *Server) getJoin(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	return s.joinForm(w, r, http.StatusOK, joinPage{Code: code[:min(len(code), maxCode)]})
}

func (s *Server) joinForm(w http.ResponseWriter, r *http.Request, status int, v joinPage) error {
	title := "Use an invite"
	if v.Greeting != nil {
		title = v.Greeting.Inviter.Name + " invites you"
	}
	shell, err := s.shell(r, title, navFriends)
	if err != nil {
		return err
	}
	shell.Notice = v.Notice
	v.Shell = shell
	w.Header().Set("Cache-Control", "no-store") // the code is a secret while it works
	return s.page(w, status, v)
}

// joinAgain shows the form again with what was typed and what is wrong with it.
func (s *Server) joinAgain(w http.ResponseWriter, r *http.Request, code string, err error) error {
	t := explain(err)
	if t.Status == http.StatusInternalServerError {
		return err
	}
	v := joinPage{Code: code[:min(len(code), maxCode)]}
	v.Notice = t
	var told *social.Error
	v.Anyway = errors.As(err, &told) && told.Code == social.CodeUnreachable
	return s.joinForm(w, r, t.Status, v)
}

// postJoin looks at an invite: pasted, or in a picture of its QR code.
func (s *Server) postJoin(w http.ResponseWriter, r *http.Request) error {
	found := ""
	values, err := readFiles(r, func(_ url.Values, field string, file *multipart.Part) error {
		code, err := s.readQR(r, file)
		found = code
		return err
	})
	code := strings.TrimSpace(values.Get("code"))
	if err != nil {
		return s.joinAgain(w, r, code, err)
	}
	if found != "" {
		code = found
	}
	if code == "" {
		return s.joinAgain(w, r, "", &social.Error{Code: social.CodeBadInput, Message: "Paste the message or the code that you were sent, or choose a picture of the QR code."})
	}
	if len(code) > maxCode {
		return s.joinAgain(w, r, code, &social.Error{Code: social.CodeTooLarge, Message: "That is longer than any invite. Please paste only the message that you were sent."})
	}
	greeting, err := s.home.Inspect(r.Context(), code)
	if err != nil {
		return s.joinAgain(w, r, code, err)
	}
	return s.joinForm(w, r, http.StatusOK, joinPage{Code: greeting.Code, Greeting: &greeting})
}

// readQR finds the code in a picture.
func (s *Server) readQR(r *http.Request, file io.Reader) (string, error) {
	content, err := io.ReadAll(&bounded{file, qr.MaxBytes, qr.ErrTooLarge})
	if err == nil {
		select {
		case s.reading <- struct{}{}:
			defer func() { <-s.reading }()
		case <-r.Context().Done():
			return "", r.Context().Err()
		}
		var code string
		if code, err = qr.Decode(content); err == nil {
			return code, nil
		}
	}
	switch {
	case errors.Is(err, qr.ErrTooLarge):
		return "", &social.Error{Code: social.CodeTooLarge, Message: "This picture is too large to be searched. A screenshot, or a part of it with the QR code, works best."}
	case errors.Is(err, qr.ErrNoPicture):
		return "", &social.Error{Code: social.CodeBadInput, Message: "This file isn’t a picture that kith can read. A screenshot or a photo as JPEG, PNG, GIF or WebP works."}
	case errors.Is(err, qr.ErrNoCode):
		return "", &social.Error{Code: social.CodeBadInput, Message: "There is no QR code to be found in this picture. It helps when the code is sharp, straight and whole. Pasting the message works too."}
	default:
		return "", err
	}
}

// postAccept says yes to an invite. The rest goes on in the background.
func (s *Server) postAccept(w http.ResponseWriter, r *http.Request) error {
	values, err := readForm(r)
	if err != nil {
		return err
	}
	code := strings.TrimSpace(values.Get("code"))
	if _, err := s.home.Accept(r.Context(), code); err != nil {
		return s.joinAgain(w, r, code, err)
	}
	http.Redirect(w, r, "/friends?said=accepted", http.StatusSeeOther)
	return nil
}

// postDrop stops trying to use an invite, or takes it off the list.
func (s *Server) postDrop(w http.ResponseWriter, r *http.Request) error {
	if err := s.home.DropAcceptance(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/friends", "dropped")
}
